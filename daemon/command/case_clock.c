/* What moves cases without a person: an exemption granted late, and the calendar. */
#include "daemon/catalog/exemption.h"
#include "daemon/catalog/partner.h"
#include "daemon/catalog/settings.h"
#include "daemon/command/cases.h"
#include "daemon/ledger/wallet.h"
#include "daemon/store/store.h"
#include "daemon/trace/rules.h"
#include "proto/limits.h"

/* Ids of the cases that `wanted` picks; writes between the steps of a walk end it. */
static size_t pick(txn *t, bool (*wanted)(txn *t, const case_head *h, void *arg), void *arg, arena *a, str **out) {
    size_t n = 0, cap = 0;
    case_head h;
    *out = NULL;
    for (AUTO(kv_cursor) w = kv_from(t, TABLE_CASE, STR(""), STR_NONE); kv_next(&w);) {
        if (!case_decode(w.key, w.val, &h) || !wanted(t, &h, arg)) continue;
        *out = arena_grown(a, *out, n, &cap, sizeof **out);
        (*out)[n++] = arena_str(a, h.id);
    }
    return n;
}

static bool append(txn *t, int64_t now_ms, str who, const Entry__CaseStep *m, arena *a, err *e) {
    apply_result r = {.a = a};
    command_entry what = {KIND_CASE_STEP, now_ms, who, &m->base};
    return journal_append(t, &what, &r, NULL, e);
}

static char *z(str s, arena *a) {
    return (char *)(uintptr_t)arena_str(a, s.n ? s : STR("")).p;
}

/* ---- exemptions */

static bool is_seen(str kind) {
    trace_kind k;
    return trace_kind_parse(kind, &k) && trace_kind_family(k) != FAMILY_REPORTED;
}

/* A row that covers all of the destination without customer or bound; the finer ones wait for the next judgement. */
static bool covers(txn *t, const case_signal *s, uint32_t partner_no, int zone_min, exemption *by) {
    product of;
    exemption last;
    if (s->product == 0 || s->destination == 0 || !product_by_no(t, s->product, &of)) return false;
    exemption_use u = {.partner = partner_no,
                       .of = &of,
                       .region = s->destination,
                       .customer = STR(""),
                       .day = day_at(s->since, zone_min),
                       .seen = is_seen(s->kind)};
    if (!exemption_find(t, &u, by) || by->quantity != NUM_NONE) return false;
    u.day = day_at(s->time - 1, zone_min);
    return exemption_find(t, &u, &last) && last.quantity == NUM_NONE;
}

/* Every signal that says where; those that do not accuse nobody by themselves. */
static bool is_covered(txn *t, const case_head *h, int zone_min, arena *a, exemption *by) {
    case_signal *s;
    size_t n = case_signals(t, h->id, a, &s), placed = 0;
    for (size_t i = 0; i < n; i++) {
        if (s[i].destination == 0) continue;
        if (!covers(t, &s[i], h->partner, zone_min, by)) return false;
        placed++;
    }
    return placed > 0;
}

static bool open_of_partner(txn *t, const case_head *h, void *arg) {
    case_state to;
    (void)t;
    (void)arg;
    return case_step(h->state, DO_COVER, &to);
}

/* One notice to the partner when it was told of the case before. */
static void tell_cover(txn *t, int64_t now_ms, int zone_min, const case_head *h, Entry__CaseStep *m, str reference,
                       arena *a) {
    AUTO(buf) zh = {0};
    AUTO(buf) en = {0};
    AUTO(buf) subject = {0};
    if (!h->released) return;
    Entry__Notice *n = ARENA_NEW(a, Entry__Notice, 1);
    m->notice = ARENA_NEW(a, Entry__Notice *, 1);
    ASSERT(n != NULL && m->notice != NULL);
    entry__notice__init(n);
    buf_printf(&subject, "%.*s cover", STR_ARG(h->id));
    buf_printf(&zh, "案件 %.*s 撤销：已由异地报备 %.*s 覆盖。", STR_ARG(h->id), STR_ARG(reference));
    buf_printf(&en, "Case %.*s dismissed: exemption %.*s covers it.", STR_ARG(h->id), STR_ARG(reference));
    n->partner = z(partner_id(t, h->partner), a);
    n->kind = (char *)(uintptr_t) "case";
    n->subject = z(buf_str(&subject), a);
    n->day = day_at(now_ms, zone_min);
    n->zh = z(buf_str(&zh), a);
    n->en = z(buf_str(&en), a);
    m->notice[m->n_notice++] = n;
}

Entry__CaseStep case_cover_body(txn *t, int64_t now_ms, int zone_min, const case_head *h, str reference, arena *a) {
    AUTO(buf) text = {0};
    Entry__CaseStep m = case_step_body(h, DO_COVER);
    buf_printf(&text, "exemption %.*s covers it", STR_ARG(reference));
    m.text = z(buf_str(&text), a);
    tell_cover(t, now_ms, zone_min, h, &m, reference, a);
    return m;
}

bool cases_cover(txn *t, int64_t now_ms, str who, arena *a, size_t *n, err *e) {
    str *id;
    size_t open = pick(t, open_of_partner, NULL, a, &id);
    int zone_min = (int)setting_number(t, SETTING_ZONE);
    *n = 0;
    for (size_t i = 0; i < open; i++) {
        case_head h;
        exemption by;
        if (!case_get(t, id[i], &h) || !is_covered(t, &h, zone_min, a, &by)) continue;
        case_keep(&h, a);
        const Entry__CaseStep m = case_cover_body(t, now_ms, zone_min, &h, arena_str(a, by.reference), a);
        TRY(append(t, now_ms, who, &m, a, e));
        ++*n;
    }
    return txn_ok(t, e);
}

/* ---- the calendar */

typedef struct passing {
    day_t today, closes; /* closes: what was decided before it has had its time */
    int zone_min;
} passing;

static bool is_late(const case_head *h, const passing *p) {
    case_state to;
    return case_step(h->state, DO_RELEASE, &to) && h->own_due != DAY_MAX && h->own_due < p->today;
}

static bool is_over(const case_head *h, const passing *p) {
    if (h->state == CASE_PENALISED) return h->appeal_due < p->today;
    return h->state == CASE_DISMISSED && day_at(h->since_ms, p->zone_min) < p->closes;
}

static bool is_due(txn *t, const case_head *h, void *arg) {
    (void)t;
    return is_late(h, arg) || is_over(h, arg);
}

bool cases_pass(txn *t, int64_t now_ms, int zone_min, uint64_t *steps, err *e) {
    AUTO(arena) a = {0};
    str *id;
    passing p = {.today = day_at(now_ms, zone_min), .zone_min = zone_min};
    p.closes = p.today - (day_t)setting_number(t, SETTING_CASE_APPEAL);
    arena_init(&a, SIZE_MAX);
    size_t n = pick(t, is_due, &p, &a, &id);
    *steps = n;
    for (size_t i = 0; i < n; i++) {
        case_head h;
        if (!case_get(t, id[i], &h)) continue;
        case_keep(&h, &a);
        Entry__CaseStep m = case_step_body(&h, is_late(&h, &p) ? DO_RELEASE : DO_CLOSE);
        if (m.act == DO_RELEASE) m.text = (char *)(uintptr_t) "the manufacturer missed its deadline: nothing is held";
        TRY(append(t, now_ms, STR("system"), &m, &a, e));
    }
    return txn_ok(t, e);
}
