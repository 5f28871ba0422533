/* series — the demand of a partner's products out of the books: what it and the places below it that do not report sold
 * for good, and what it passed on to partners that report themselves; of a partner that reports no sales at all what was
 * shipped to it. States are a cache: days after those looked at are posted, and when a day before them was touched
 * (ledger/demand_mark.h), or what is reckoned by changed, all of the partner is rebuilt from its days. Both end in the same.
 * Corrected are the days: without stock by what was counted and what flowed since (ledger/stock.h), promoted by the
 * catalogue's promotions of that flow, one-off sales by its table one_off; and seasons are taken out (seasons.h).
 *
 *   demand   partner u32, 0 u32 → through i32, stamp 8;  partner u32, product u32 → rules u8, the state as it lies in memory
 *            (the stamp tells one program from another) */
#ifndef REPLENISH_SERIES_H
#define REPLENISH_SERIES_H

#include "daemon/catalog/promotion.h"
#include "daemon/ledger/demand_mark.h"
#include "daemon/ledger/facts.h"
#include "daemon/replenish/rules.h"
#include "daemon/replenish/seasons.h"

typedef struct series {
    uint32_t product;
    const season_profile *season; /* of its category; NULL flat */
    const stock_rule *rule;
    demand_state state;
} series;

typedef struct series_set {
    uint32_t partner;
    series *v; /* in order of products; only those for which a policy holds */
    size_t n;
    bool sell_in; /* no sales are reported: demand is what was shipped to it */
    bool moved;   /* the cache is not as it should be: series_store() */
    bool rebuilt;
    day_t through;
    uint8_t stamp[8];
    uint32_t *member;  /* itself, and the places below that are part of it */
    demand_mark *mark; /* of each */
    size_t members;
    day_t touched; /* the first day of all of them that is another */
} series_set;

/* A sale that is not expected again. */
typedef struct one_off {
    uint32_t partner, product;
    day_t day;
    int64_t quantity; /* NUM_NONE: all of the day */
} one_off;

/* What all series are reckoned by, read once. */
typedef struct series_world {
    txn *t;
    facts f;
    const stock_rules *rules;
    promotions promotions;
    seasons seasons;
    one_off *one_off; /* by partner */
    size_t one_offs;
    int transit; /* days, setting stock.transit_days */
    arena a;
    day_t today; /* its own sales do not count yet */
} series_world;
void series_world_open(series_world *w, txn *t, const stock_rules *rules, day_t today);
void series_world_auto(series_world *w);

/** All series of a partner; in `a`. Reads only. */
void series_load(series_world *w, uint32_t partner_no, arena *a, series_set *out);
/** Keep what was loaded, and end its marks. */
void series_store(txn *t, const series_set *s);
/** The days of one series in order, for the notes of a history; in `a`. `one_offs` (may be NULL): sales taken out of it. */
size_t series_days(series_world *w, uint32_t partner_no, uint32_t product_no, arena *a, demand_day **out,
                   unsigned *one_offs);

/** What all partners of a list sold of each product group, fitted to its profile, as the rows of an entry; in `a`. */
size_t series_fit(series_world *w, const uint32_t *partner_no, size_t n, arena *a, Entry__SeasonRow ***out);

#endif
