/* world — what a judgement of diversion reads, as plain arrays: who may sell what where, what moved, what was counted,
 * which codes were seen. `trace try` fills it from files, `signal run` from the daemon's views; the engine is the same.
 *
 * Numbers of partners, products and so on are positions in the arrays here, TRACE_NONE is "none". Regions are GB/T 2260
 * codes as numbers (330106, 330100, 330000), REGION_NOWHERE unknown, REGION_ANYWHERE the whole country; a sales area is
 * written out as the regions it names. Quantities are thousandths of the base unit, amounts minor units, prices micro units.
 * Times are milliseconds, UTC; a day in `zone` ends TRACE_DAY_MS after it begins. Texts are borrowed. */
#ifndef TRACE_WORLD_H
#define TRACE_WORLD_H

#include "base/calendar.h"
#include "base/num.h"
#include "daemon/catalog/catalog.h"
#include "daemon/catalog/stage.h"
#include "daemon/ledger/kinds.h"

#define TRACE_NONE   UINT32_MAX
#define TRACE_DAY_MS INT64_C(86400000)

typedef int32_t trace_region;
enum { REGION_NOWHERE = 0, REGION_ANYWHERE = 1 };

typedef struct trace_partner {
    str id;
    uint32_t parent; /* TRACE_NONE */
    partner_kind kind;
    trace_region home;
    bool unreviewed; /* made from a word in a file: proves no chain */
} trace_partner;

typedef struct trace_stage {
    day_t from;
    stage stage;
} trace_stage;

typedef struct trace_product {
    str sku, brand, category;
    int64_t carton;              /* base units (thousandths) of the unit it is shipped in; 1000 when it has none */
    const trace_stage *timeline; /* by day */
    size_t stages;
} trace_product;

/* Where a partner may sell, and (trace_exemption) where it was allowed to beyond that. `products`: skus, brand:NAME,
 * category:NAME separated by ';', "" all. Both ends of a span are inside it; DAY_MIN, DAY_MAX: open. */
typedef struct trace_territory {
    uint32_t partner;
    trace_region region;
    str products, channels; /* channels "" : all */
    day_t from, to;
} trace_territory;

typedef struct trace_exemption {
    uint32_t partner;
    trace_region region;
    str products, customer; /* customer "": any */
    day_t from, to;
    int64_t quantity; /* NUM_NONE: unlimited */
    str reference;
} trace_exemption;

/* One line of a document as it is posted (ledger/posting.h): where it stands, its kind and sign. A transfer is two. */
typedef struct trace_line {
    uint32_t partner, product;
    uint32_t counterparty; /* partner on the other side, or the customer where it is a partner; TRACE_NONE */
    uint32_t customer;     /* index into customer[], TRACE_NONE */
    day_t day;
    trace_region region;      /* where the goods went */
    uint8_t source;           /* region_source */
    uint8_t kind;             /* flow_kind; FLOW_COUNT: a count at the end of its day */
    bool gift, promoted;      /* given with goods; sold under a promotion that allows its price */
    bool coded;               /* its codes stand as sightings of kind SEEN_SOLD or SEEN_SHIPPED */
    int64_t quantity, amount; /* signed as posted; amount NUM_NONE: no price known */
    int64_t floor;            /* floor price of one base unit that day for this partner and region, micro; NUM_NONE */
    str channel, document;    /* document: its number */
    uint32_t row;             /* of its file, 0 unknown */
} trace_line;

/* A code, a lot or bare goods seen somewhere. */
typedef enum trace_seen {
    SEEN_CONSUMER,
    SEEN_TERMINAL,
    SEEN_DEALER,
    SEEN_INSPECTOR,
    SEEN_ONLINE,
    SEEN_SOLD,    /* a sale line with codes: `by` sold it */
    SEEN_RECEIVED /* a receipt with codes: `by` got it */
} trace_seen;

enum {
    SIGHT_CARTON = 1,  /* the code is a carton or pallet, not a unit */
    SIGHT_UNKNOWN = 2, /* never commissioned */
    SIGHT_VOID = 4,
    SIGHT_LOCKED = 8,
    SIGHT_BARE = 16, /* no code (scraped, or bare goods): presence and price only */
    SIGHT_LOT = 32,  /* a lot: `suspects` are all it was shipped to */
};

typedef struct trace_sighting {
    uint64_t unit;     /* identity of the code, 0 none: equal for one code in any spelling */
    uint64_t carton;   /* the outermost container it went out in, 0 unknown */
    uint32_t holder;   /* last partner to whom it had been moved by then; TRACE_NONE nobody or unknown */
    uint32_t by;       /* partner that saw or sold it; TRACE_NONE */
    uint32_t product;  /* TRACE_NONE unknown */
    uint32_t customer; /* of a sale, as in trace_line */
    int64_t time;
    trace_region region;      /* where it was seen, or sent to */
    uint8_t source;           /* region_source */
    uint8_t kind;             /* trace_seen */
    uint8_t flags;            /* SIGHT_… */
    bool placed;              /* lat, lon are known */
    double lat, lon;          /* degrees */
    double blur_km;           /* how far off they may be: the centre of a region stands for a place in it */
    const uint32_t *suspects; /* SIGHT_LOT: partners, ascending */
    uint32_t suspect_count;
    int64_t quantity;  /* units it stands for, thousandths */
    int64_t price;     /* micro, of one base unit; NUM_NONE */
    int64_t floor;     /* as in trace_line */
    str code, channel; /* code: as people write it */
    str document;      /* the document that says so, "": a scan */
    str place, moved;  /* place, shop or platform; moved: the document that made `holder` its holder */
} trace_sighting;

/* A report (举报) or an offer found online, about a partner or about nobody in particular. */
typedef struct trace_report {
    uint32_t accused; /* TRACE_NONE: by its codes only, which stand as sightings */
    uint32_t reporter;
    uint32_t product;
    trace_region region;
    int64_t time, price, floor;
    bool online;
    str reference;
} trace_report;

typedef struct trace_world {
    const trace_partner *partner;
    const trace_product *product;
    const str *customer;              /* words of customers, each once */
    const trace_territory *territory; /* by partner */
    const trace_exemption *exemption; /* by partner */
    const trace_line *line;           /* by partner, day */
    const trace_sighting *sighting;   /* by time */
    const trace_report *report;       /* by time */
    size_t partners, products, customers, territories, exemptions, lines, sightings, reports;
    int zone;    /* minutes east of UTC */
    day_t as_of; /* judged as at the end of this day; what is later is not looked at */
} trace_world;

/** The order a world wants; whatever order they were read in, it is the same. */
void trace_order_lines(trace_line *line, size_t n);
void trace_order_sightings(trace_sighting *s, size_t n);

/* ---- who may sell where */

/** Is `in` the region `outer` or inside of it? */
bool trace_within(trace_region in, trace_region outer);
/** The province of a region (330000), REGION_NOWHERE of none. */
trace_region trace_province(trace_region r);
/** Does a list of products, as in a territory, hold this one? */
bool trace_lists(str products, const trace_product *p);
/** May the partner sell the product there on that day, by a row of its own or of a parent? A place that only partly lies in
 *  its territory (a province of which it has a city) is not outside. `channel` "": not known, any will do. */
bool trace_may_sell(const trace_world *w, uint32_t partner, uint32_t product, trace_region region, str channel,
                    day_t day);
/** Has the partner (or a parent) any territory for the product on that day? Without one nothing is outside. */
bool trace_has_territory(const trace_world *w, uint32_t partner, uint32_t product, day_t day);
/** Do both belong to one chain: the same tree below a retailer, or a partner and its own catalogued shop? */
bool trace_one_chain(const trace_world *w, uint32_t a, uint32_t b);
/** The exemption that covers it, TRACE_NONE. `customer` as its word, "" none: what is granted for one customer does not
 *  cover it; STR_NONE: a sighting, of which nobody knows the customer. `slack`: days after its end that still count. */
uint32_t trace_exempt(const trace_world *w, uint32_t partner, uint32_t product, trace_region region, str customer,
                      day_t day, int slack);
/** Slice of an array sorted by partner, whose elements begin with the partner. */
size_t trace_slice(const void *array, size_t n, size_t size, uint32_t partner, size_t *count);
stage trace_stage_at(const trace_product *p, day_t day);

#endif
