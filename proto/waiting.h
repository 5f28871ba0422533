/* waiting — why a line waits in quarantine. Numbers stand in the daemon's keys and in receipts: for ever. */
#ifndef PROTO_WAITING_H
#define PROTO_WAITING_H

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

#endif
