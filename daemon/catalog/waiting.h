/* waiting — why a document waits for the catalogue, and which words an entry teaches. The ledger keeps what waits under
 * (reason, word, partner, document) in TABLE_WAITING; after an entry has been applied it asks here which words to look
 * for. Numbers stand in keys: for ever. */
#ifndef CATALOG_WAITING_H
#define CATALOG_WAITING_H

#include "daemon/store/entry.h"

/* reason, number, name in lists and exports; the word it waits for is the word as sent */
#define WAITING_REASONS(X)                                                                                             \
    X(WAIT_PRODUCT, 1, "unknown_product")   /* a product code nobody knows */                                          \
    X(WAIT_UNIT, 2, "unknown_unit")         /* a unit that the product does not have */                                \
    X(WAIT_PARTNER, 3, "unknown_partner")   /* a counterparty that must be a partner */                                \
    X(WAIT_CUSTOMER, 4, "unknown_customer") /* posted as a plain customer; may turn out to be a partner */             \
    X(WAIT_PLACE, 5, "unknown_place")                                                                                  \
    X(WAIT_REGION, 6, "unknown_region")             /* posted with region unknown */                                   \
    X(WAIT_REVIEW_PRODUCT, 7, "unreviewed_product") /* posted to a product created as sent */                          \
    X(WAIT_REVIEW_PARTNER, 8, "unreviewed_partner") /* posted to a place created as sent */                            \
    X(WAIT_DATE, 9, "date_out_of_range")            /* older than accept.oldest, or ahead */                           \
    X(WAIT_OTHER, 10, "not_valid")                  /* only a corrected file mends it */

typedef enum waiting_reason {
#define X(reason, no, name) reason = no,
    WAITING_REASONS(X)
#undef X
} waiting_reason;

const char *waiting_name(waiting_reason r);
bool waiting_parse(str s, waiting_reason *out);

/** Called once a word that may have become known; word.p NULL: every word of that reason is to be looked at again. The
 *  same word may come twice. */
typedef void (*learnt_fn)(void *arg, waiting_reason reason, str word);
/** Which words does this entry (already applied) teach? Only kinds catalog and setting teach any. Whom an alias belongs
 *  to is left to the new judgement. */
void catalog_learnt(const entry *en, learnt_fn fn, void *arg);

#endif
