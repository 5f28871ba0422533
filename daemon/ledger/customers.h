/* customers — what files say of a partner's customers beside the word they go by: name, kind, county, phone (a hash).
 *
 *   customer_card   partner u32, customer text → for each fact: business day (zigzag), text
 *
 * Of several lines that state a fact the one of the latest business day holds, of one day the greatest text: the same in
 * any order of arrival. It describes; no figure depends on it, and withdrawing a file leaves it. */
#ifndef LEDGER_CUSTOMERS_H
#define LEDGER_CUSTOMERS_H

#include "daemon/catalog/catalog.h"
#include "proto/batch.h"

typedef enum customer_fact {
    CUSTOMER_NAME,
    CUSTOMER_KIND,
    CUSTOMER_REGION,
    CUSTOMER_PHONE,
    CUSTOMER_FACTS
} customer_fact;

typedef struct customer_card {
    str fact[CUSTOMER_FACTS]; /* "" not stated; borrowed */
    day_t day[CUSTOMER_FACTS];
} customer_card;

/** False (and nothing stated) when no file said anything of it. */
bool customer_card_get(txn *t, uint32_t partner_no, str word, customer_card *out);
/** Note what the lines of one document of a batch say. In a write transaction. */
void customers_note(txn *t, uint32_t partner_no, const batch *b, uint32_t doc);

typedef struct customer {
    uint32_t no;    /* customer number */
    str word, kept; /* kept: the word it is merged with, itself when it is not */
    customer_card card;
    uint64_t lines;    /* posted, of its own word */
    int64_t amount;    /* minor units of `currency`; meaningless when mixed */
    uint32_t currency; /* 0 none yet */
    bool mixed;
    day_t first, last; /* business days of its lines; lines 0: none */
} customer;

/** All customers of a partner in the order of their words, with what was posted for them. Everything lives in `a`. */
MUST_USE bool customers_of(txn *t, uint32_t partner_no, arena *a, customer **out, size_t *n, err *e);

#endif
