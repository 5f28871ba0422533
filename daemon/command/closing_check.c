/* period check: what is in the way of closing a period, each with who can mend it and how. */
#include "daemon/catalog/partner.h"
#include "daemon/catalog/settings.h"
#include "daemon/catalog/waiting.h"
#include "daemon/command/accruals.h"
#include "daemon/command/cells.h"
#include "daemon/command/rebate.h"
#include "daemon/command/reports.h"
#include "daemon/ledger/document.h"
#include "daemon/ledger/goods.h"
#include "daemon/ledger/members.h"
#include "daemon/rebate/closing.h"
#include "daemon/rebate/statement.h"
#include "daemon/trace/custody.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

typedef struct finding {
    const char *kind;
    uint32_t partner;
    const char *subject;
    uint64_t count;
    int64_t amount; /* fen, NUM_NONE: not known */
    const char *owner;
} finding;

typedef struct checker {
    call *c;
    str label;
    day_t first, last;
    bool quiet; /* findings are only counted */
    uint64_t found;
} checker;

static void put_finding(checker *w, const finding *f, const char *fmt, ...) PRINTF_LIKE(3, 4);

static void put_finding(checker *w, const finding *f, const char *fmt, ...) {
    char text[400];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    w->found++;
    if (w->quiet) return;
    json *j = answer_row(w->c);
    cell_text(j, "kind", str_of(f->kind));
    cell_text(j, "partner", partner_id(w->c->t, f->partner));
    cell_text(j, "subject", str_of(f->subject));
    cell_count(j, "count", f->count);
    cell_fen(j, "amount", f->amount);
    cell_text(j, "owner", str_of(f->owner));
    cell_text(j, "hint", str_of(text));
    answer_row_end(w->c);
}

/* ---- reports */

typedef struct report_walk {
    checker *w;
    const report_asker *q;
} report_walk;

static bool put_missing(void *arg, const report_status *s) {
    report_walk *r = arg;
    AUTO(buf) span = {0};
    if (s->state != REPORT_MISSING || s->history) return true;
    span_put(r->q->calendar, s->every, s->span.to, &span);
    str id = partner_id(r->w->c->t, s->partner);
    bool stock = s->type == TYPE_STOCK;
    finding f = {
        stock ? "missing_count" : "missing_report", s->partner, doc_type_name(s->type), 1, NUM_NONE, "partner"};
    put_finding(r->w, &f, "%.*s sends %s of %s (channelctl report status --partner %.*s)", STR_ARG(id),
                stock ? "the stock count" : "the report", buf_z(&span), STR_ARG(id));
    return !answer_failed(r->w->c);
}

static void check_reports(checker *w) {
    fiscal_calendar calendar;
    report_asker q = report_asker_of(w->c, &calendar);
    report_walk r = {w, &q};
    for (uint32_t no = 0; (no = report_partner_next(w->c->t, no)) != 0 && !answer_failed(w->c);)
        report_each(&q, no, DOC_TYPE_COUNT, w->first, w->last, put_missing, &r);
}

/* ---- quarantine: what waits for one word of one partner, of documents of these days */

typedef struct heap {
    waiting_reason reason;
    str word;
    uint32_t partner;
    uint64_t lines;
    int64_t amount; /* micro */
} heap;

static void put_heap(checker *w, const heap *h) {
    AUTO(buf) subject = {0};
    int64_t fen;
    if (h->lines == 0) return;
    buf_printf(&subject, "%s %.*s", waiting_name(h->reason), STR_ARG(h->word));
    if (!rescale(h->amount, MICRO_SCALE, FEN_SCALE, &fen)) fen = NUM_NONE;
    str id = partner_id(w->c->t, h->partner);
    finding f = {"quarantine", h->partner, buf_z(&subject), h->lines, fen, "channel_manager"};
    put_finding(w, &f, "teach the word or ask the partner (channelctl quarantine list --partner %.*s)", STR_ARG(id));
}

static bool in_days(const checker *w, uint64_t no) {
    AUTO(arena) a = {0};
    document d;
    arena_init(&a, SIZE_MAX);
    return document_get(w->c->t, no, &a, &d) && d.date >= w->first && d.date <= w->last;
}

static void check_quarantine(checker *w) {
    heap sum = {.lines = 0};
    for (AUTO(kv_cursor) c = kv_from(w->c->t, TABLE_WAITING, STR(""), STR_NONE); kv_next(&c) && !answer_failed(w->c);) {
        reader r = reader_of(c.key), v = reader_of(c.val);
        waiting_reason reason = (waiting_reason)read_byte(&r);
        str word = read_textz(&r);
        uint32_t partner_no = read_be32(&r);
        uint64_t no = read_be64(&r);
        bool stands = reason == WAIT_CUSTOMER || reason == WAIT_REGION || reason == WAIT_REVIEW_PRODUCT ||
                      reason == WAIT_REVIEW_PARTNER;
        if (r.bad || no == 0 || stands || !in_days(w, no)) continue;
        if (sum.lines && (sum.reason != reason || sum.partner != partner_no || !str_eq(sum.word, word)))
            put_heap(w, &sum), sum.lines = 0;
        if (sum.lines == 0) sum = (heap){reason, arena_str(w->c->a, word), partner_no, 0, 0};
        sum.lines += read_varint(&v);
        (void)read_varint(&v);
        if (!add_i64(sum.amount, read_zigzag(&v), &sum.amount)) sum.amount = INT64_MAX;
    }
    put_heap(w, &sum);
}

/* ---- goods */

static bool check_goods(checker *w, err *e) {
    AUTO(facts) f = {0};
    AUTO(buf) from = {0};
    AUTO(buf) to = {0};
    uint32_t *no;
    facts_init(&f, w->c->t);
    day_put(&from, w->first);
    day_put(&to, w->last);
    size_t n = members_answering(&f, w->c->a, &no);
    for (size_t i = 0; i < n && !answer_failed(w->c); i++) {
        AUTO(arena) a = {0};
        uint64_t count[GOODS_STATE_COUNT] = {0};
        goods g;
        arena_init(&a, SIZE_MAX);
        TRY(goods_of(w->c->t, no[i], w->first, w->last, day_at(w->c->now_ms, w->c->zone_min), custody_around, &a, &g,
                     e));
        for (size_t k = 0; k < g.rows; k++) count[g.row[k].state]++;
        str id = partner_id(w->c->t, no[i]);
        const goods_state bad[] = {GOODS_UNSIGNED, GOODS_SHORT, GOODS_OVER, GOODS_UNMATCHED};
        for (size_t k = 0; k < ARRAY_LEN(bad); k++) {
            if (count[bad[k]] == 0) continue;
            bool partner_owes = bad[k] == GOODS_UNSIGNED;
            finding x = {"unmatched_shipment", no[i],    goods_state_name(bad[k]),
                         count[bad[k]],        NUM_NONE, partner_owes ? "partner" : "account_manager"};
            put_finding(w, &x, "%s (channelctl goods list --partner %.*s --from %s --to %s --state %s)",
                        partner_owes ? "the receipt is to be reported" : "clear it with the partner", STR_ARG(id),
                        buf_z(&from), buf_z(&to), goods_state_name(bad[k]));
        }
    }
    return true;
}

/* ---- counts that verified policies wait for */

static bool check_policy(checker *w, books *b, const in_force *x, err *e) {
    AUTO(arena) a = {0};
    books_result got = {.source = NULL};
    books_ask ask = BOOKS_ALL;
    period_kind kind;
    str name;
    arena_init(&a, SIZE_MAX);
    if (x->policy.basis != BASIS_VERIFIED || !closing_parse(w->label, &kind, &ask.first, &name)) return true;
    if (kind != x->policy.period || (kind == PERIOD_ONCE && !str_eq(name, x->policy.name))) return true;
    ask.last = ask.first;
    ask.until = b->today;
    TRY(books_evaluate(b, &x->policy, &ask, &a, &got, e));
    for (const rebate_note *n = got.lines.note; n && !answer_failed(w->c); n = n->next) {
        if (n->kind != NOTE_NO_COUNT || n->partner == REBATE_NONE || n->product == REBATE_NONE) continue;
        const rebate_partner *p = &b->world.partner[n->partner];
        str sku = arena_str(&a, b->world.product[n->product].sku);
        finding f = {"missing_count", b->partner_no[n->partner], sku.p, 1, NUM_NONE, "partner"};
        put_finding(w, &f, "policy %.*s waits for a stock count of it by %.*s", STR_ARG(x->policy.name),
                    STR_ARG(p->id));
    }
    return true;
}

static bool check_counts(checker *w, err *e) {
    AUTO(policies) all = {0};
    AUTO(books) b = {0};
    TRY(policies_in_force(w->c, STR_NONE, &all, e) && books_of_call(w->c, &b, e));
    for (size_t i = 0; i < all.n; i++) TRY(check_policy(w, &b, &all.v[i], e));
    return true;
}

/* ---- disputes */

static void check_disputes(checker *w) {
    for (AUTO(kv_cursor) c = kv_from(w->c->t, TABLE_STATEMENT, STR(""), STR_NONE);
         kv_next(&c) && !answer_failed(w->c);) {
        statement s;
        statement_line l;
        if (!statement_decode(c.key, c.val, &s) || !str_eq(s.period, w->label)) continue;
        for (AUTO(kv_cursor) k = statement_lines(w->c->t, s.number); kv_next(&k);) {
            if (!statement_line_decode(k.key, k.val, &s, &l) || l.state != LINE_DISPUTED) continue;
            str subject = arena_str(w->c->a, l.at.policy);
            finding f = {"open_dispute", s.partner, subject.p, 1, l.amount, "account_manager"};
            put_finding(w, &f, "channelctl rebate dispute answer %" PRIu64 " --line %u --reject|--accept", s.number,
                        (unsigned)l.line);
        }
    }
}

bool period_findings(call *c, str label, bool quiet, uint64_t *found, err *e) {
    static const char *const columns[] = {"kind", "partner", "subject", "count", "amount", "owner", "hint"};
    checker w = {.c = c, .label = label, .quiet = quiet};
    if (!closing_days(c->t, w.label, &w.first, &w.last))
        return err_set(e, ERR_NOT_FOUND, "period %.*s: no such policy", STR_ARG(w.label));
    if (!quiet) answer_list(c, columns, ARRAY_LEN(columns));
    if (w.last > day_at(c->now_ms, c->zone_min)) w.last = day_at(c->now_ms, c->zone_min);
    check_reports(&w);
    check_quarantine(&w);
    TRY(check_goods(&w, e) && check_counts(&w, e));
    check_disputes(&w);
    *found = w.found;
    return true;
}

bool cmd_period_check(call *c, err *e) {
    uint64_t found;
    str label;
    TRY(period_label(c, &label, e));
    TRY(authz(c, "read", 0, e) && period_findings(c, label, false, &found, e));
    answer_status(c, found ? STATUS_DIFFERS : 0);
    return true;
}
