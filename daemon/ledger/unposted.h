/* unposted — lines that wait in quarantine, by who reported them and the product they are of: what a figure made of the
 * posted lines does not have yet. A line whose product is not known stands under product 0. Lines of documents in which
 * goods move or are counted; what is posted and would only be judged better does not wait here. */
#ifndef LEDGER_UNPOSTED_H
#define LEDGER_UNPOSTED_H

#include "base/arena.h"
#include "base/calendar.h"
#include "base/err.h"
#include "kv/kv.h"

typedef struct unposted_row {
    uint32_t partner; /* that answers for the reporter (partner_fact.reporter) */
    uint32_t product; /* 0: not known */
    uint64_t lines;
} unposted_row;

typedef struct unposted {
    unposted_row *row; /* by partner, then product */
    size_t rows;
} unposted;

/** Of one partner (0: of all), lines dated from … to. Everything lives in `a`. */
MUST_USE bool unposted_lines(txn *t, uint32_t partner_no, day_t from, day_t to, arena *a, unposted *out, err *e);
/** Of a partner and product; of all its products when product_no is UINT32_MAX. */
uint64_t unposted_count(const unposted *u, uint32_t partner_no, uint32_t product_no);

#endif
