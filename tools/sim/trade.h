/* trade — a channel in which some partners divert (窜货) and the others live honestly, with everything that looks like it:
 * travellers and gifts, chains, declared sales, shops that move, typing errors, late and doubled uploads, promotions, new
 * shops, rebounds after stock-outs. Written as the files that would arrive; what really happened stands apart in truth.csv.
 * The same seed and knobs make the same world. Goods move in cartons; figures are cartons unless said otherwise. */
#ifndef SIM_TRADE_H
#define SIM_TRADE_H

#include "base/arena.h"
#include "base/calendar.h"
#include "base/err.h"
#include "base/rng.h"
#include "proto/columns.h"

typedef struct trade_knobs {
    int64_t seed, partners, products, days;
    int64_t divert;    /* permille of the volume that is diverted; 0: everybody is honest */
    int64_t scan_rate; /* permille of units that consumers scan; −1: by the seed */
    int64_t noise;     /* per cent of the usual honest noise */
    int64_t trade;     /* per cent of the usual scans by shops, dealers and inspectors */
    int64_t coded;     /* per cent of the products with codes */
    day_t from;
} trade_knobs;

/* ---- where */

enum { TRADE_CITIES = 4 };
typedef struct trade_city {
    const char *code, *name;
} trade_city;
typedef struct trade_province {
    const char *code, *name;
    double lat, lon; /* of its capital */
    trade_city city[TRADE_CITIES];
    size_t cities;
} trade_province;
extern const trade_province trade_provinces[];
extern const size_t trade_province_count;
double trade_km(size_t a, size_t b);

typedef struct trade_place {
    size_t province, city;
} trade_place;

/* ---- who */

typedef enum trade_style {
    STYLE_HONEST,
    STYLE_BULK,
    STYLE_TRICKLE,
    STYLE_STRAW,
    STYLE_CLIFF,
    STYLE_STRIP,
    STYLE_SWAP,
    STYLE_COUNT
} trade_style;
extern const char *const trade_style_names[STYLE_COUNT];

/* How a partner tells where goods went. */
typedef enum trade_telling { TELLS_SHIP_TO, TELLS_CUSTOMER, TELLS_NOTHING } trade_telling;

enum { PARTNER_SKUS = 4, PARTNER_SHOPS = 12, CHAIN_SHOPS = 8 };

typedef struct trade_shop {
    const char *name, *id; /* id: of a shop that is a partner of the catalogue, NULL */
    trade_place at;
    int moves_week; /* to moved_to; −1 never */
    trade_place moved_to;
} trade_shop;

typedef struct trade_carton {
    uint32_t code; /* number of its code; 0 none */
    uint32_t lot;
    day_t since;
} trade_carton;

typedef struct trade_stock { /* of a partner and product */
    size_t product;
    double weekly; /* cartons its own market takes */
    int base_units_off;
    trade_carton *carton; /* first in, first out */
    size_t head, n, cap;
    int backlog; /* what could not be delivered */
} trade_stock;

typedef struct trade_partner_of {
    const char *id, *name;
    trade_place home;
    trade_place town[2]; /* its territory, when it is not the province */
    size_t towns;        /* 0: the whole province */
    struct trade_partner_of *parent;
    bool chain, sub;
    trade_telling telling;
    bool receipts, codes, counts, opening, cheats; /* cheats: its counts hide what it diverted */
    int count_every;                               /* weeks */
    trade_shop shop[PARTNER_SHOPS];
    size_t shops;
    trade_stock stock[PARTNER_SKUS];
    size_t stocks;
    int grows_week; /* new shops from then on; −1 */
    int outage_week;
    bool declared; /* has a granted sale abroad */
    size_t declared_province;
    int declared_from, declared_to; /* weeks */
    unsigned weekday;
} trade_partner_of;

typedef struct trade_point { /* consumer scan 1, reported ship-to or count gap 2, trade or inspector scan 3 */
    day_t day;
    int points;
} trade_point;

typedef struct trade_stream { /* what really happened */
    trade_partner_of *partner;
    size_t stock; /* of the partner */
    trade_place to;
    trade_style style;
    bool reported;   /* its own files say where it went */
    bool lies;       /* they say it stayed */
    int from, weeks; /* of the world */
    double weekly;   /* cartons */
    const char *buyer;
    day_t first, last; /* DAY_MIN: never */
    trade_point *point;
    size_t points, point_cap;
    int64_t cartons;
} trade_stream;

typedef struct trade_product_of {
    const char *sku, *gtin, *name, *brand, *category;
    int64_t pack;        /* bottles a carton */
    int64_t list, floor; /* fen a bottle */
    bool coded;
    int promo_from, promo_to; /* weeks; −1 none */
    uint64_t serial;
    uint32_t lot; /* the one that leaves the warehouse now */
    int lot_left; /* cartons of it */
} trade_product_of;

/* ---- what arrives */

typedef struct trade_row {
    doc_type type;
    const char *reporter; /* NULL: the manufacturer */
    const char *number;
    day_t day, file_day; /* file_day: of the file it stands in; later when the upload is late */
    const char *counterparty, *customer, *place, *ship_to, *customer_region, *codes, *batch;
    size_t product;
    int64_t quantity;
    bool bottles, gift; /* bottles: not cartons */
    int64_t price;      /* fen a bottle; −1 none */
    bool doubled;       /* stands in two files */
} trade_row;

typedef struct trade_scan {
    int64_t time;
    const char *code, *kind, *region, *by, *place;
    size_t product;  /* SIZE_MAX: not stated */
    int64_t price;   /* fen, −1 */
    double lat, lon; /* 0, 0: not stated */
} trade_scan;

typedef struct trade_code {
    size_t product;
    uint64_t first; /* serials first … first + pack − 1 */
} trade_code;

/* Habits of this world, drawn from the seed. */
typedef struct trade_habits {
    double scan, travel, border, gift; /* chances of a unit */
    double terminal, dealer, inspector, inspector_abroad;
    double noted, lots; /* of goods without codes seen: are noted; by their lot */
    double typo, late, twice;
    int region_words;   /* 0 codes, 1 names, 2 both, 3 short codes */
    int code_form;      /* 0 SSCC cartons and (01)(21) units, 1 own codes, 2 Digital Link, 3 EPC URN */
    int files;          /* 0 a month, 1 a partner and quarter, 2 all in one */
    unsigned order[24]; /* of the columns */
    double count_error;
} trade_habits;

typedef struct trade {
    arena a;
    rng r;
    trade_knobs knobs;
    trade_habits habits;
    trade_product_of *product;
    trade_partner_of *partner;
    trade_stream *stream;
    trade_row *row;
    trade_scan *scan;
    trade_code *code; /* [0] unused */
    size_t partners, products, streams, rows, scans, codes;
    size_t stream_cap, row_cap, scan_cap, code_cap;
    int weeks;
    uint64_t number;
} trade;

void trade_make(trade *t, const trade_knobs *k);
MUST_USE bool trade_write(trade *t, const char *dir, err *e);
void trade_free(trade *t);
void trade_auto(trade *t);

/* inside */
double rand_unit(trade *t);
bool rand_chance(trade *t, double p);
size_t rand_of(trade *t, size_t n);
double rand_normal(trade *t);
int rand_poisson(trade *t, double mean);
const char *trade_text(trade *t, const char *fmt, ...) PRINTF_LIKE(2, 3);
/** A region as this world's files write it. */
const char *trade_region_word(trade *t, trade_place at);
day_t trade_day(const trade *t, int week, unsigned weekday);
/** Partners, products, streams of diversion; no goods have moved yet. */
void trade_people(trade *t);
/** One week of a partner: orders, sales, diversion, counts. */
void trade_week(trade *t, trade_partner_of *p, int week);
/** Sightings of a carton that lies at a place since a day. `stream` NULL: it is where it belongs. */
void trade_seen(trade *t, const trade_partner_of *from, size_t product, const trade_carton *c, trade_place at,
                day_t day, trade_stream *stream);
void trade_points(trade *t, trade_stream *s, int points, day_t day);
/** The day by which what arrived held enough (6) to see it; DAY_MIN: never. */
day_t trade_evidence(trade_stream *s);
const char *trade_carton_code(trade *t, uint32_t code);
const char *trade_unit_code(trade *t, uint32_t code, int64_t unit);
void trade_row_add(trade *t, const trade_row *row);

#endif
