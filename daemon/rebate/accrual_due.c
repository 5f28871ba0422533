#include "daemon/rebate/accrual_due.h"

#include "base/map.h"
#include "daemon/ledger/live.h"
#include "daemon/rebate/books.h"
#include "daemon/rebate/closing.h"
#include "daemon/rebate/outlook.h"
#include "daemon/store/store.h"
#include "maths/exact.h"
#include "proto/limits.h"

/* ---- what a policy gives */

/* Periods of the policy that the label names; false: none of them. */
static bool ask_for(const policy *p, str label, books_ask *ask) {
    period_kind kind;
    int32_t no;
    str name;
    if (label.n == 0) return true;
    if (!closing_parse(label, &kind, &no, &name) || kind != p->period) return false;
    if (kind == PERIOD_ONCE) return str_eq(name, p->name);
    ask->first = ask->last = no;
    return true;
}

/* What is accrued also bears what minimum_payout carries on: it is owed, and settlement says when. */
static int64_t owed(const rebate_line *l) {
    return l->amount + l->carried;
}

/* What the whole period is expected to pay, in proportion to what was climbed of it; what cannot be expected is actual. */
static int64_t so_far(const rebate_line *now, const rebate_line *end) {
    int64_t share;
    if (end == NULL || now->climbed <= 0 || end->climbed <= 0) return owed(now);
    if (now->climbed >= end->climbed) return owed(end);
    return mul_div(owed(end), now->climbed, end->climbed, &share) ? share : owed(now);
}

typedef struct looking {
    books *b;
    const policy *p;
    arena *a;
    accrual_look *out;
    int32_t runs; /* the period that still runs, when it is posted as expected */
    bool expects;
    const rebate_line *end; /* its lines as expected, walked along */
} looking;

static bool add_line(void *arg, const rebate_line *l, err *e) {
    looking *w = arg;
    AUTO(buf) period = {0};
    accrual_look *out = w->out;
    uint32_t partner_no = w->b->partner_no[l->partner];
    day_t last = w->p->period == PERIOD_ONCE ? w->p->to : period_last(w->p->period, l->period);
    bool expected = w->expects && l->period == w->runs;
    int64_t amount = expected ? so_far(l, outlook_line(&w->end, l)) : owed(l);
    if (ledger_is_history(w->b->t, partner_no, last)) return true;
    if (amount > LIMIT_WALLET)
        return err_set(e, ERR_DATA, "policy '%.*s': a line is beyond 10^15 fen", STR_ARG(w->p->name));
    period_put(&period, w->p->period, l->period);
    out->v = arena_grown(w->a, out->v, out->n, &out->cap, sizeof *out->v);
    line_key at = {partner_no, out->policy, STR(""), l->stage, arena_str(w->a, str_of(l->mechanism))};
    bool same = out->n && str_eq(out->v[out->n - 1].at.period, buf_str(&period)); /* mostly the one before */
    at.period = same ? out->v[out->n - 1].at.period : arena_str(w->a, buf_str(&period));
    out->v[out->n++] = (accrual_line){at, amount, expected};
    return true;
}

static bool look(looking *w, const accrual_how *how, err *e) {
    AUTO(outlook) ahead = {.rows = 0};
    books_result unused, end = {.source = NULL};
    books_ask ask = BOOKS_ALL;
    day_t last;
    ask.until = w->b->today;
    if (!ask_for(w->p, how->label, &ask)) return true;
    w->expects =
        how->expected && outlook_runs(w->b, w->p, &w->runs, &last) && w->runs >= ask.first && w->runs <= ask.last;
    if (w->expects) {
        TRY(outlook_suppose(w->b, w->p, w->runs, 0, w->a, &ahead, e));
        TRY(outlook_evaluate(w->b, w->p, w->runs, 0, &ahead, OUTLOOK_EXPECTED, w->a, &end, e));
        w->end = end.lines.first;
    }
    ask.take = add_line;
    ask.arg = w;
    return books_evaluate(w->b, w->p, &ask, w->a, &unused, e);
}

bool accrual_look_at(books *b, const policy_revision *r, const accrual_how *how, arena *a, accrual_look *out, err *e) {
    AUTO(policy) p = {0};
    *out = (accrual_look){.policy = arena_str(a, r->name), .label = arena_str(a, how->label), .revision = r->revision};
    if (r->action == POLICY_WITHDRAWN) return true;
    TRY(policy_open(r, &p, e));
    return look(&(looking){.b = b, .p = &p, .a = a, .out = out}, how, e);
}

/* ---- what that differs by */

typedef struct item {
    line_key at;
    int64_t wanted, posted;
    bool expected, was_expected;
} item;

typedef struct work {
    txn *t;
    arena *a;
    map index; /* key of a line → item */
    item *item;
    size_t n, cap;
} work;

static item *item_of(work *w, const line_key *at, bool *new) {
    key k = accrual_key(at);
    uint64_t *no = map_find(&w->index, key_str(&k));
    *new = no == NULL;
    if (no) return &w->item[*no];
    w->item = arena_grown(w->a, w->item, w->n, &w->cap, sizeof *w->item);
    *map_at(&w->index, arena_str(w->a, key_str(&k)), NULL) = w->n;
    w->item[w->n] = (item){.at = *at};
    return &w->item[w->n++];
}

static bool add_wanted(work *w, const accrual_look *l, err *e) {
    for (size_t i = 0; i < l->n; i++) {
        bool new;
        item *it = item_of(w, &l->v[i].at, &new);
        it->expected = l->v[i].expected;
        if (!add_i64(it->wanted, l->v[i].wanted, &it->wanted) || it->wanted > LIMIT_WALLET)
            return err_set(e, ERR_DATA, "policy '%.*s': a line is beyond 10^15 fen", STR_ARG(l->policy));
    }
    return true;
}

static bool period_wanted(const accrual_look *l, str period) {
    AUTO(buf) own = {0};
    if (l->label.n == 0) return true;
    closing_label(&own, l->policy, period);
    return str_eq(l->label, buf_str(&own));
}

static bool add_posted(work *w, const accrual_look *l, err *e) {
    key prefix = {.n = 0};
    key_textz(&prefix, l->policy);
    for (AUTO(kv_cursor) c = kv_from(w->t, TABLE_ACCRUAL, key_str(&prefix), STR_NONE); kv_next(&c);) {
        accrual a;
        bool new;
        if (!accrual_decode(c.key, c.val, &a)) return err_set(e, ERR_INTERNAL, "accrual: a record cannot be decoded");
        if (!period_wanted(l, a.at.period)) continue;
        a.at.policy = l->policy;
        item *it = item_of(w, &a.at, &new);
        it->posted = accrual_posted(&a);
        it->was_expected = a.expected;
        if (!new) continue;
        it->at.period = arena_str(w->a, a.at.period);
        it->at.mechanism = arena_str(w->a, a.at.mechanism);
    }
    return txn_ok(w->t, e);
}

static void add_differences(work *w, const accrual_look *l, day_t today, accrual_rows *out) {
    AUTO(buf) own = {0};
    AUTO(buf) bearer = {0};
    for (size_t i = 0; i < w->n; i++) {
        const item *it = &w->item[i];
        if (it->wanted == it->posted && it->expected == it->was_expected) continue;
        buf_clear(&own);
        closing_label(&own, it->at.policy, it->at.period);
        closing_bearer(w->t, buf_str(&own), today, &bearer);
        out->at = arena_grown(w->a, out->at, out->n, &out->cap, sizeof *out->at);
        out->at[out->n++] = (accrual_row){.at = it->at,
                                          .revision = l->revision,
                                          .bearer = arena_str(w->a, buf_str(&bearer)),
                                          .amount = it->wanted - it->posted,
                                          .expected = it->expected};
    }
}

bool accrual_due(txn *t, const accrual_look *l, day_t today, arena *a, accrual_rows *out, err *e) {
    policy_revision now;
    work w = {.t = t, .a = a};
    if (!policy_latest(t, l->policy, &now) || now.revision != l->revision)
        return txn_ok(t, e) &&
               err_set(e, ERR_CONFLICT, "policy '%.*s' was changed meanwhile: try again", STR_ARG(l->policy));
    bool ok = add_wanted(&w, l, e) && add_posted(&w, l, e);
    if (ok) add_differences(&w, l, today, out);
    map_free(&w.index);
    return ok;
}
