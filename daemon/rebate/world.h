/* world — what a policy is judged on, as plain arrays: the flows of partners, the timelines of products, counts,
 * targets, claims. `policy try` fills it from files, the daemon from its views; the engine is the same.
 * Arrays that belong to partners are sorted by partner number, and partner numbers follow the order of ids. Texts are
 * borrowed. Money in fen, quantities in thousandths. */
#ifndef REBATE_WORLD_H
#define REBATE_WORLD_H

#include "base/map.h"
#include "base/num.h"
#include "daemon/catalog/stage.h"
#include "daemon/ledger/kinds.h"
#include "daemon/rebate/period.h"

#define REBATE_NONE UINT32_MAX

typedef struct rebate_stage {
    day_t from;
    stage stage;
} rebate_stage;

typedef struct rebate_product {
    str sku, brand, category;
    rebate_stage *timeline; /* by day */
    size_t stages;
    int64_t list_price; /* for one base unit, micro; NUM_NONE: unknown */
    int64_t tax_rate;   /* ppm; NUM_NONE */
} rebate_product;

typedef struct rebate_partner {
    str id, kind, tier, region;
    uint32_t parent; /* REBATE_NONE */
} rebate_partner;

/* ROW_HISTORY: of before the partner's live date, a baseline and nothing else. ROW_OPENING: a volume so far of the policy
 * itself, in its scope whatever the product. */
enum { ROW_GIFT = 1, ROW_PAID_BY_REBATE = 2, ROW_HISTORY = 4, ROW_OPENING = 8 };
#define DAYS_UNPAID INT32_MIN

typedef struct rebate_row {                  /* a flow, or a sum of flows of which all else is equal */
    uint32_t partner, product, document, no; /* product, document may be REBATE_NONE; no: its row, the last tie-break */
    day_t day;                               /* of a return whose sale is known: the sale's */
    flow_kind kind;
    uint32_t flags;
    int32_t days_to_pay;
    int64_t quantity, amount; /* as booked: a return is negative. Amount NUM_NONE: not stated */
    int64_t tax_rate;         /* ppm; NUM_NONE: the product's */
} rebate_row;

typedef struct rebate_count {
    uint32_t partner, product;
    day_t day;
    int64_t quantity;
} rebate_count;

typedef struct rebate_target {
    uint32_t partner;
    str period;     /* label */
    int64_t target; /* as written, scale TARGET_SCALE */
} rebate_target;
enum { TARGET_SCALE = 4 };

typedef struct rebate_price { /* general rows of the price list, by product, kind, day */
    uint32_t product;
    str kind;
    day_t from, until; /* both belong to it */
    int64_t price;     /* for one base unit, micro */
} rebate_price;

typedef struct rebate_claim { /* an approved claim of an activity */
    uint32_t partner, product, document, no;
    day_t day;
    int64_t amount;
} rebate_claim;

typedef struct
    rebate_hold { /* verified_sell_out: what does not count, or not yet: sold on these days, the latest first */
    uint32_t partner, product; /* REBATE_NONE: any */
    day_t from, until;
    int64_t quantity; /* NUM_NONE: all */
    str document;     /* number, "" any */
    str by;           /* what holds it */
} rebate_hold;

typedef struct rebate_world {
    const rebate_partner *partner;
    const rebate_product *product;
    const rebate_row *row;     /* by partner */
    const rebate_count *count; /* by partner, product, day */
    const rebate_target *target;
    const rebate_price *price;
    const rebate_claim *claim; /* by partner */
    const rebate_hold *hold;   /* by partner */
    size_t partners, products, rows, counts, targets, prices, claims, holds;
    const str *document;
    const map *skus;                     /* → number of the product + 1 */
    bool partners_known, products_known; /* their attributes were given */
    bool prices_known;
} rebate_world;

/** A product's number by its sku; REBATE_NONE. */
uint32_t world_product(const rebate_world *w, str sku);
/** The stage of a product on a day: that of the last entry on or before it. */
stage world_stage(const rebate_world *w, uint32_t product, day_t day);
/** The price of the list on a day: of those that hold, the one that began last; NUM_NONE. */
int64_t world_price(const rebate_world *w, uint32_t item, str kind, day_t day);
/** The partners' slice of an array sorted by partner: first element and how many. `size`: of one element, whose first
 *  field is the partner. */
size_t world_slice(const void *array, size_t n, size_t size, uint32_t partner, size_t *count);

/** A return that names its sale takes that sale's day: rows sorted by partner are changed in place. `unknown` is called
 *  for a reference that names no sale of that partner and product (may be NULL). reference[i] belongs to row[i], as
 *  number of a document. */
void rebate_join_returns(rebate_row *row, const uint32_t *reference, size_t n,
                         void (*unknown)(void *arg, const rebate_row *row, uint32_t reference), void *arg);

#endif
