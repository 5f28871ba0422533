#include "daemon/ledger/reminders.h"

#include "daemon/catalog/partner.h"
#include "daemon/catalog/settings.h"
#include "daemon/outbox/outbox.h"
#include "proto/limits.h"

enum { HOUR_MS = 3600 * 1000, TYPES = 4, LOOKED_BACK = REMIND_BACK_DAYS + 2 * LIMIT_DUE_DAYS };

static const doc_type types[TYPES] = {TYPE_SALE, TYPE_STOCK, TYPE_RECEIPT, TYPE_PAYMENT};
static const char *const type_words[TYPES] = {"销售", "库存", "收货", "回款"};

int64_t reminders_hour_ms(txn *t, day_t day, int zone_min) {
    return ((int64_t)day * 24 + setting_number(t, SETTING_REMIND_HOUR)) * HOUR_MS - (int64_t)zone_min * 60000;
}

/* Reports that share a message. */
typedef struct message {
    bool missing;
    span_kind every;
    day_span span;
    day_t due;
    bool type[TYPES];
} message;

typedef struct reminder {
    const report_asker *q;
    arena *a;
    unsigned ahead; /* working days */
    uint32_t partner;
    str id;
    message *at; /* of the partner */
    size_t n, cap;
    Entry__Notice **out;
    size_t outs;
} reminder;

static const char *kind_of(bool missing) {
    return missing ? "report_missing" : "report_due";
}

/* Is the word one of the blank-separated ones? */
static bool has_word(str list, const char *word) {
    str piece;
    while (str_split(&list, ' ', &piece))
        if (str_is(piece, word)) return true;
    return false;
}

static bool posted_before(const reminder *r, bool missing, span_kind every, day_t day, doc_type type) {
    key prefix = outbox_key(r->partner);
    notice n;
    key_day(&prefix, day);
    key_textz(&prefix, str_of(kind_of(missing)));
    AUTO(kv_cursor) c = kv_from(r->q->t, TABLE_NOTICE, key_str(&prefix), STR_NONE);
    while (kv_next(&c))
        if (notice_decode(c.key, c.val, &n) && has_word(n.subject, span_kind_name(every)) &&
            has_word(n.subject, doc_type_name(type)))
            return true;
    return false;
}

static void add(reminder *r, const message *m, size_t type) {
    for (size_t i = 0; i < r->n; i++) {
        message *x = &r->at[i];
        if (x->missing != m->missing || x->every != m->every || x->span.to != m->span.to || x->due != m->due) continue;
        if (m->span.from < x->span.from) x->span.from = m->span.from;
        x->type[type] = true;
        return;
    }
    r->at = arena_grown(r->a, r->at, r->n, &r->cap, sizeof *r->at);
    r->at[r->n] = *m;
    r->at[r->n++].type[type] = true;
}

/* A period that is over: is a message about it due today, and wanted? The cheap questions first. */
static void look_at(reminder *r, const duty *row, day_span span, size_t type) {
    const fiscal_calendar *calendar = r->q->calendar;
    message m = {.every = row->every, .span = span, .due = working_days_after(calendar, span.to, row->due)};
    notice_state may;
    report_found found;
    m.missing = r->q->today > m.due;
    if (m.missing && r->q->today - m.due > REMIND_BACK_DAYS) return;
    if (!m.missing && r->q->today < working_days_before(calendar, m.due, r->ahead)) return;
    if (posted_before(r, m.missing, m.every, span.to, types[type])) return;
    (void)outbox_may_send(r->q->t, r->partner, span.to, &may);
    if (may == NOTICE_HISTORY) return;
    report_find(r->q, r->partner, types[type], span, &found);
    if (!found.in) add(r, &m, type);
}

static void look_at_partner(reminder *r) {
    AUTO(arena) scratch = {0};
    duties all;
    arena_init(&scratch, SIZE_MAX);
    duties_of(r->q->t, r->partner, &scratch, &all);
    r->n = 0;
    for (size_t i = 0; i < TYPES && all.n; i++)
        for (day_t d = r->q->today - LOOKED_BACK; d < r->q->today; d++) {
            const duty *row;
            day_span span;
            if (duty_ends(&all, r->q->calendar, types[i], d, &span, &row)) look_at(r, row, span, i);
        }
}

static char *text_of(const reminder *r, const buf *b) {
    str kept = arena_str(r->a, buf_str(b));
    ASSERT(kept.p != NULL);
    return (char *)(uintptr_t)kept.p;
}

static char *subject_of(const reminder *r, const message *m) {
    AUTO(buf) b = {0};
    buf_addz(&b, span_kind_name(m->every));
    for (size_t i = 0; i < TYPES; i++)
        if (m->type[i]) buf_printf(&b, " %s", doc_type_name(types[i]));
    return text_of(r, &b);
}

static void put_list(const message *m, const char *const words[], const char *between, buf *out) {
    bool any = false;
    for (size_t i = 0; i < TYPES; i++) {
        if (!m->type[i]) continue;
        if (any) buf_addz(out, between);
        buf_addz(out, words ? words[i] : doc_type_name(types[i]));
        any = true;
    }
}

static char *chinese(const reminder *r, const message *m) {
    AUTO(buf) b = {0};
    span_put(r->q->calendar, m->every, m->span.to, &b);
    buf_addz(&b, " 的");
    put_list(m, type_words, "、", &b);
    buf_addz(&b, m->missing ? "数据尚未收到，截止日为 " : "数据请于 ");
    day_put(&b, m->due);
    buf_addz(&b, m->missing ? "，请尽快报送；没有业务请零申报。" : " 前报送；没有业务请零申报。");
    return text_of(r, &b);
}

static char *english(const reminder *r, const message *m) {
    AUTO(buf) b = {0};
    put_list(m, NULL, ", ", &b);
    buf_addz(&b, " of ");
    span_put(r->q->calendar, m->every, m->span.to, &b);
    buf_addz(&b, m->missing ? " did not come; it was due on " : ": please report by ");
    day_put(&b, m->due);
    buf_addz(&b, ". If there was nothing, send a nil report.");
    return text_of(r, &b);
}

static void put_messages(reminder *r) {
    for (size_t i = 0; i < r->n && r->outs < REMIND_MESSAGES; i++) {
        const message *m = &r->at[i];
        AUTO(buf) id = {0};
        Entry__Notice *x = ARENA_NEW(r->a, Entry__Notice, 1);
        ASSERT(x != NULL);
        buf_add(&id, r->id);
        *x = (Entry__Notice)ENTRY__NOTICE__INIT;
        x->partner = text_of(r, &id);
        x->kind = (char *)(uintptr_t)kind_of(m->missing);
        x->subject = subject_of(r, m);
        x->day = m->span.to;
        x->zh = chinese(r, m);
        x->en = english(r, m);
        r->out[r->outs++] = x;
    }
}

bool reminders_due(const report_asker *q, arena *a, Entry__Notices *out) {
    reminder r = {.q = q, .a = a, .ahead = (unsigned)setting_number(q->t, SETTING_REMIND_DAYS)};
    r.out = ARENA_NEW(a, Entry__Notice *, REMIND_MESSAGES);
    ASSERT(r.out != NULL);
    while (r.outs < REMIND_MESSAGES && (r.partner = report_partner_next(q->t, r.partner)) != 0) {
        r.id = partner_id(q->t, r.partner);
        look_at_partner(&r);
        put_messages(&r);
    }
    out->notice = r.out;
    out->n_notice = r.outs;
    return r.outs > 0;
}
