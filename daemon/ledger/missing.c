#include "daemon/ledger/missing.h"

#include <stdlib.h>

/* Everything by which two rows are the same line. */
typedef struct line_key {
    uint32_t product, partner, customer, counterparty, kind, currency;
    int64_t quantity, amount;
} line_key;

static int compare(uint64_t a, uint64_t b) {
    return (a > b) - (a < b);
}

static int by_key(const void *x, const void *y) {
    const line_key *a = x, *b = y;
    const int c[] = {compare(a->product, b->product),
                     compare(a->partner, b->partner),
                     compare(a->customer, b->customer),
                     compare(a->counterparty, b->counterparty),
                     compare(a->kind, b->kind),
                     compare(a->currency, b->currency),
                     compare((uint64_t)a->quantity, (uint64_t)b->quantity),
                     compare((uint64_t)a->amount, (uint64_t)b->amount)};
    for (size_t i = 0; i < ARRAY_LEN(c); i++)
        if (c[i]) return c[i];
    return 0;
}

static line_key *keys_of(const posting *p, arena *scratch) {
    line_key *k = ARENA_NEW(scratch, line_key, p->rows + 1);
    ASSERT(k != NULL);
    for (uint32_t i = 0; i < p->rows; i++) {
        const posted *r = &p->row[i];
        k[i] = (line_key){r->product, r->partner,  r->customer, r->counterparty,
                          r->kind,    r->currency, r->quantity, r->amount};
    }
    qsort(k, p->rows, sizeof *k, by_key);
    return k;
}

uint32_t missing_rows(const posting *old, const posting *now, arena *scratch, uint32_t *product_no) {
    const line_key *a = keys_of(old, scratch), *b = keys_of(now, scratch);
    uint32_t gone = 0;
    for (uint32_t i = 0, k = 0; i < old->rows; i++) {
        while (k < now->rows && by_key(&b[k], &a[i]) < 0) k++;
        if (k < now->rows && by_key(&b[k], &a[i]) == 0) {
            k++;
            continue;
        }
        if (gone++ == 0) *product_no = a[i].product;
    }
    return gone;
}
