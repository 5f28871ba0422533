/* shelf — what became of each product at a partner (its places included) over a span of days: bought, sold, what stands
 * there, how long it has stood. Read from the flows and counts; assortment, transfers, the overstock alarm, promotions and
 * trials all ask here.
 *
 *   days of cover  stock ÷ what is sold a day                     turns  sold in a year ÷ mean stock
 *   GMROI          margin of a year ÷ mean stock at cost          a year: 365 days
 * Cost is the dealer price of the partner on the day of the sale (stock: on the last day); a price or an amount that is not
 * known makes what rests on it unknown, never a guess.
 *
 * Age: first in, first out. What stands is what came last, so the stock is laid upon the receipts from the last one back;
 * what no receipt covers is the opening, and at least as old as the first count. */
#ifndef REPLENISH_SHELF_H
#define REPLENISH_SHELF_H

#include "base/arena.h"
#include "base/fiscal.h"
#include "daemon/catalog/price.h"
#include "daemon/ledger/facts.h"

typedef struct shelf_layer { /* came in on a day; ascending */
    day_t day;
    int64_t quantity;
} shelf_layer;

enum { AGE_UNKNOWN = -1 };
typedef struct shelf_age {
    int32_t oldest, mean; /* days, AGE_UNKNOWN: nothing stands there, or nobody knows what */
    bool at_least;        /* part of it is older than the first count */
} shelf_age;
/** `counted`: day of the first count; layers before it count too, for what they brought may still stand there. */
shelf_age shelf_age_of(const shelf_layer *in, size_t n, int64_t stands, day_t counted, day_t at);

/* A change of stock on a day: ascending. */
typedef shelf_layer shelf_change;
/** Mean of the stock at the ends of the days from `from` to `to`, reckoned back from what stands at the end of `to`. A stock
 *  below 0 counts as 0. */
double shelf_mean_stock(const shelf_change *change, size_t n, int64_t stands, day_t from, day_t to);

/** Days of those that ended with nothing. */
int32_t shelf_out_days(const shelf_change *change, size_t n, int64_t stands, day_t from, day_t to);

enum { SHELF_WEEKS = 106 };

typedef struct shelf {
    uint32_t product;
    bool reports;                 /* a sale of it was ever reported */
    int64_t bought;               /* net sell-in: what was shipped to it less what it sent back */
    int64_t came;                 /* what came in, from whomever */
    int64_t sold;                 /* net, to whomever */
    int64_t final;                /* … to those who do not report */
    int64_t amount, cost;         /* of what was sold, minor units; NUM_NONE: not known of every line */
    int64_t stock;                /* at the end of the last day; NUM_NONE: never counted */
    double mean_stock;            /* thousandths; below 0: not known */
    double stock_value;           /* of the mean stock at cost, minor units; below 0: not known */
    int32_t known_days, out_days; /* of the span with a known stock; those that ended with nothing */
    shelf_age age;
    day_t first_in, last_in; /* of all days up to the last; DAY_MAX, DAY_MIN: none */
    double *week;            /* sold in each full week of the span */
    size_t weeks;
} shelf;

typedef struct shelf_world {
    txn *t;
    facts f;
    day_span span;
    bool incl;
    uint32_t currency;
    unsigned scale; /* of the currency */
    bool unpriced;  /* set: nobody asks for cost, margin and value; they stay unknown */
} shelf_world;
void shelf_world_open(shelf_world *w, txn *t, day_span span);
void shelf_world_auto(shelf_world *w);

/** In order of products; in `a`. Products that neither moved in the span nor stand there are left out. */
size_t shelves_of(shelf_world *w, uint32_t partner_no, arena *a, shelf **out);
/* What a partner sold net of a product in the span. */
typedef struct shelf_sale {
    uint32_t product;
    int64_t sold;
} shelf_sale;
/** The same without stock, prices and ages, for those it is compared with; in order of products, in `a`. */
size_t shelf_sales(shelf_world *w, uint32_t partner_no, arena *a, shelf_sale **out);
/** What a quantity costs at a kind of price on a day, minor units; NUM_NONE: no price. */
int64_t shelf_value(shelf_world *w, uint32_t partner_no, uint32_t product_no, price_kind kind, day_t day,
                    int64_t quantity);

/* Ratios; below 0: not known; of GMROI, which may be a loss: NAN. */
double shelf_cover_days(const shelf *s, int32_t days); /* nothing sold, but stock: 1e9 */
double shelf_turns(const shelf *s, int32_t days);
double shelf_gmroi(const shelf *s, int32_t days);
static inline int32_t span_days(day_span s) {
    return (int32_t)(s.to - s.from) + 1;
}

#endif
