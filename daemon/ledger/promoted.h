/* promoted — promotions and the books: to which promotion a posted line belongs, and what a promotion has been used for.
 * Worked out when asked, from the catalogue as it stands now.
 *
 * Sales, onward sales, returns and gifts given bind to promotions of sell_out; shipments, returns to the manufacturer and
 * the gifts sent with goods to promotions of sell_in. Receipts bind to none: they are the other end of a shipment.
 *
 * What a rule like 10送1 gives is due per document, customer and product, whole steps only: 10 bought twice by five is
 * nothing. (A file without document numbers is one document a day.) What was given is summed up per partner and product,
 * since gifts often stand in a document of their own: over-given is given − due, where that is more than 0.
 *
 * Cost: gifts at the dealer price of their day (else the product's list price); lines at a special price at what the
 * dealer price is above theirs. On the tax basis of the settings. */
#ifndef LEDGER_PROMOTED_H
#define LEDGER_PROMOTED_H

#include "daemon/catalog/promotion.h"
#include "daemon/ledger/facts.h"
#include "daemon/ledger/posting.h"

/** The line as promotion.h asks for it; false: a kind that no promotion binds. */
bool promotion_line_of(const posted *x, promotion_line *out);
/** To which promotion a posted line belongs, for all who judge it; role PROMOTION_NONE: to none. */
promotion_bond promotion_of_posted(promotions *p, const posted *x);

/* What a partner (with its places) did of one product under a promotion. */
typedef struct promotion_use {
    const promotion *of;
    uint32_t partner;                   /* that answers for the places */
    uint32_t product;                   /* given, or sold at the special price */
    int64_t bought, due, given, priced; /* thousandths of base units; bought NUM_NONE: products of several units */
    int64_t cost;                       /* minor units of the promotion's currency */
    uint32_t lines, below, unvalued;    /* lines bound; cheaper than the special price; without a dealer price */
} promotion_use;

typedef struct promotion_ask {
    const promotion *only; /* NULL: all */
    uint32_t partner;      /* 0: all; one that answers for itself */
    day_t from, to;        /* inclusive; DAY_MIN, DAY_MAX: open */
} promotion_ask;

/** By promotion, partner and product; in `a`. */
void promotion_uses(promotions *p, facts *f, const promotion_ask *ask, arena *a, promotion_use **out, size_t *n);

/** A partner's gifts, line by line. False stops the walk. */
typedef struct promotion_gift {
    const posted *line;
    uint64_t document;
    promotion_bond bond;
    const char *why_not; /* "" when it is bound */
} promotion_gift;
typedef bool (*promotion_gift_fn)(void *arg, const promotion_gift *g);
void promotion_gifts(promotions *p, facts *f, const promotion_ask *ask, promotion_gift_fn fn, void *arg);

static inline int64_t promotion_over(const promotion_use *u) {
    return u->given > u->due ? u->given - u->due : 0;
}

#endif
