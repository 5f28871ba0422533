/* promotion — goods given with goods (10送1) and special prices (特价), dated, for some products at some partners; and to
 * which of them a line belongs. Nothing of it is stamped on lines: who asks gets what the table says now, so a promotion
 * that is corrected later binds afresh.
 *
 * A rule is written as people write it:
 *     10送1   10+1   买10赠1   buy 10 get 1     of what was bought: each full 10 base units of a product give 1 of it
 *     10箱送1瓶                                 units stand at their numbers
 *     10箱送1箱 P9                              what is given is another product
 *     特价 8.50   special 8.50   特价 96/箱     a price of one base unit, or of the unit named */
#ifndef CATALOG_PROMOTION_H
#define CATALOG_PROMOTION_H

#include "base/arena.h"
#include "base/map.h"
#include "daemon/catalog/catalog.h"

typedef enum promotion_kind { PROMOTION_BUY_GET, PROMOTION_SPECIAL } promotion_kind;

typedef struct promotion_rule {
    promotion_kind kind;
    int64_t buy, get;       /* thousandths of their units */
    str buy_unit, get_unit; /* "": the base unit */
    str gift;               /* sku of what is given, "": what was bought */
    int64_t price;          /* micro units of the currency for one price_unit */
    str price_unit;
} promotion_rule;

/** Read a rule; texts are borrowed from `s`. */
bool promotion_rule_parse(str s, promotion_rule *out);
extern const str promotion_rule_wanted; /* for messages: how a rule may be written */

typedef struct promotion {
    str id, title, rule_text;
    str products;   /* skus, brand:NAME, category:NAME; "" all */
    str partners;   /* ids (those below count too), tier:NAME; "" all */
    day_t from, to; /* both inside; DAY_MAX: open */
    bool sell_in;   /* binds the manufacturer's shipments instead of the partners' sales */
    promotion_rule rule;
    int64_t budget; /* micro units, NUM_NONE: none stated */
    uint32_t currency;
} promotion;

/* All promotions, and who was found to come under which. Texts live in the arena given. */
typedef struct promotions {
    txn *t;
    arena *a;
    promotion *row; /* by id */
    size_t rows;
    map scope; /* partner, product → the promotions that may bind */
} promotions;
void promotions_load(txn *t, arena *a, promotions *out);
void promotions_free(promotions *p);
void promotions_auto(promotions *p);

typedef struct promotion_line {
    uint32_t partner, product;
    day_t day;
    bool sell_in, gift;
    int64_t quantity, amount; /* thousandths of the base unit; minor units of `currency`, NUM_NONE no price */
    uint32_t currency;
} promotion_line;

typedef enum promotion_role {
    PROMOTION_NONE,
    PROMOTION_GIFT,   /* given under a rule like 10送1 */
    PROMOTION_PRICED, /* sold at the special price, or below it */
    PROMOTION_BOUGHT, /* bought while a rule like 10送1 held */
} promotion_role;

typedef struct promotion_bond {
    const promotion *of; /* NULL: none */
    promotion_role role;
    bool below; /* PRICED: cheaper than the special price by more than a minor unit */
} promotion_bond;

/** To which promotion a line belongs. Of several the one that names the product (then its brand or category), then the
 *  partner (then its tier), then the one that began last, then the one with the greatest id. A special price counts
 *  where the line's price is not above it. */
promotion_bond promotion_of(promotions *p, const promotion_line *l);

/** What a rule like 10送1 gives for a bought quantity of a product, in base units of what is given; whole steps only,
 *  towards zero. */
int64_t promotion_due(promotions *p, const promotion *x, uint32_t product_no, int64_t bought);
/** Why a gift belongs to none: a few words. */
const char *promotion_why_not(promotions *p, const promotion_line *gift);

#endif
