/* assortment — should a partner keep a product, take it up, or give it up? One function of a few facts, and its reason in a
 * sentence. Nothing is proposed of what is not known.
 *
 *   delist   it has had the product for `settle_days` and: a product in decline sells nothing; or stock sells nothing; or it
 *            is of class C and its stock lasts `cover_days`, or earns less than `gmroi` of its stock in a year
 *   list     it may sell the product at home, `peers_least` partners like it answer for goods, and `peer_share` of them sell it
 * A product in its introduction is a matter of its trial: neither. */
#ifndef REPLENISH_ASSORTMENT_H
#define REPLENISH_ASSORTMENT_H

#include "daemon/catalog/stage.h"
#include "daemon/replenish/why.h"

enum { PEERS_LEAST = 3 };

typedef struct assortment_rules {
    int32_t settle_days, cover_days;
    double gmroi, peer_share;
} assortment_rules;

typedef struct assortment_facts {
    bool carried; /* sold in the span, or standing there */
    stage stage;
    char abc;            /* 0: its value is not known */
    int64_t stock, sold; /* stock NUM_NONE: not known */
    double cover, gmroi; /* not known: below 0, NAN */
    int32_t held_days;   /* since it first came in */
    int32_t span_days, age_days;
    bool permitted;          /* may be sold in the partner's home region */
    unsigned peers, selling; /* partners like it; those of them that sell it */
    double peer_week;        /* what the one in the middle of them sells a week, base units */
} assortment_facts;

/* enum, name of the proposal */
#define ASSORTMENT_VERDICTS(X)                                                                                         \
    X(SHELF_KEEP, "keep")                                                                                              \
    X(SHELF_EARLY, "keep")        /* too early to say */                                                               \
    X(SHELF_TRIAL, "keep")        /* in its introduction */                                                            \
    X(SHELF_RUN_DOWN, "delist")   /* in decline, sells nothing */                                                      \
    X(SHELF_STANDS, "delist")     /* sells nothing */                                                                  \
    X(SHELF_SLOW, "delist")       /* lasts too long */                                                                 \
    X(SHELF_LOW_RETURN, "delist") /* earns too little */                                                               \
    X(SHELF_PEERS_SELL, "list")                                                                                        \
    X(SHELF_NOTHING, "") /* not carried, not proposed */

typedef enum assortment_verdict {
#define X(verdict, name) verdict,
    ASSORTMENT_VERDICTS(X)
#undef X
        ASSORTMENT_VERDICT_COUNT
} assortment_verdict;

assortment_verdict assortment_judge(const assortment_rules *r, const assortment_facts *f);
const char *assortment_proposal(assortment_verdict v); /* "keep", "delist", "list", "" */
/** The reason, one sentence. */
void assortment_why(assortment_verdict v, const assortment_facts *f, language l, buf *out);

#endif
