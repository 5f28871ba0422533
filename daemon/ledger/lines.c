#include "daemon/ledger/lines.h"

#include "daemon/ledger/stock.h"
#include "daemon/store/store.h"

bool lines_meant(const lines_ask *q, const posted *x) {
    if (x->day < q->from || x->day > q->to) return false;
    return q->partner == 0 || partner_fact_of(q->f, x->partner)->reporter == q->partner;
}

/* A document stands under every partner and day it has lines of; it is taken once, at the first of those meant. */
static bool is_first(const lines_ask *q, const posting *p, uint32_t partner_no, day_t day) {
    for (uint32_t i = 0; i < p->rows; i++) {
        const posted *x = &p->row[i];
        bool earlier = x->partner < partner_no || (x->partner == partner_no && x->day < day);
        if (earlier && lines_meant(q, x)) return false;
    }
    return true;
}

static bool walk_partner(const lines_ask *q, uint32_t partner_no, lines_fn fn, void *arg) {
    AUTO(arena) a = {0};
    key prefix = {.n = 0}, start = {.n = 0};
    key_u32(&prefix, partner_no);
    key_u32(&start, partner_no);
    key_day(&start, q->from);
    arena_init(&a, SIZE_MAX);
    AUTO(kv_cursor) c = kv_from(q->f->t, TABLE_DOCUMENT_DAY, key_str(&prefix), key_str(&start));
    while (kv_next(&c)) {
        reader k = reader_of(str_skip(c.key, prefix.n));
        day_t day = read_day(&k);
        uint64_t no = read_be64(&k);
        posting x;
        if (day > q->to) return true;
        arena_reset(&a);
        if (posting_get(q->f->t, no, &a, &x) && is_first(q, &x, partner_no, day) && !fn(arg, no, &x)) return false;
    }
    return true;
}

void lines_walk(const lines_ask *q, lines_fn fn, void *arg) {
    bool more = true;
    txn *t = q->f->t;
    for (uint64_t no = 0; more && no < UINT32_MAX && (no = stock_partner(t, (uint32_t)no, true)) != 0; no++)
        if (q->partner == 0 || partner_fact_of(q->f, (uint32_t)no)->reporter == q->partner)
            more = walk_partner(q, (uint32_t)no, fn, arg);
}
