/* world — a small channel whose facts are known: a manufacturer, partners that report, their shops, products, and what
 * was sold, returned, given, received and counted on each day. The same seed and knobs make the same facts, whatever
 * dialects they are written in later. Quantities are whole base units, money is fen. */
#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include "base/arena.h"
#include "base/calendar.h"
#include "base/rng.h"
#include "proto/columns.h"

typedef struct sim_knobs {
    int64_t seed, partners, products, days;
    int64_t lines;                       /* of a sales document, on average */
    int64_t returns, gifts, corrections; /* per cent of sale lines, of sale lines, of sales documents */
    int64_t unknown_places;              /* per cent of shops that the catalogue does not know */
    day_t from;
    bool receipts, stock;
    bool monthly; /* the facts are monthly totals of a partner's products */
} sim_knobs;

typedef struct sim_district {
    const char *code, *name;
} sim_district;

enum { CITY_DISTRICTS = 4 };
typedef struct sim_city {
    const char *code, *name, *area, *area_name;
    sim_district district[CITY_DISTRICTS];
} sim_city;

extern const sim_city sim_cities[];
extern const size_t sim_city_count;

typedef struct sim_product {
    const char *sku, *gtin, *name, *brand, *category, *base_unit;
    int64_t case_size; /* base units in 箱 */
    int64_t list_price, floor_price;
} sim_product;

typedef struct sim_place {
    const char *id, *gln, *name; /* id is the GLN where the catalogue does not know the shop */
    const sim_district *district;
    bool known;
} sim_place;

typedef struct sim_partner {
    const char *id, *gln, *name, *kind, *tier, *parent;
    const sim_city *city;
    sim_place *place;
    size_t places;
    size_t index;
} sim_partner;

typedef struct sim_line {
    uint32_t product, place; /* place: NO_PLACE where the document is about the partner itself */
    int64_t quantity;        /* negative: came back */
    int64_t price, amount;   /* of a base unit, of the line */
    bool cased, gift;        /* written in 箱; given with goods, price 0 */
    bool total;              /* of a month: has no price of its own */
} sim_line;
#define NO_PLACE UINT32_MAX

typedef enum correction { CORRECT_AT_ONCE, CORRECTED_BY_VERSION, CORRECTED_LATER } correction;

/* What a document says; `wrong` is what was sent first where a correction follows. */
typedef struct sim_content {
    size_t first, count; /* in world.line */
} sim_content;

typedef struct sim_document {
    const sim_partner *partner;
    doc_type type;
    day_t day;
    const char *number; /* "": none */
    sim_content right, wrong;
    correction correction;
} sim_document;

typedef struct world {
    arena text;
    sim_knobs knobs;
    const char *maker, *maker_gln;
    sim_product *product;
    sim_partner *partner;
    size_t products, partners;
    sim_line *line;
    sim_document *doc; /* by partner, then day */
    size_t lines, line_cap, docs, doc_cap;
} world;

void world_make(world *w, const sim_knobs *k);
void world_free(world *w);
void world_auto(world *w);
/** For those who make worlds: a document without lines, and lines for the newest content. */
sim_document *add_document(world *w, const sim_partner *p, doc_type type, day_t day, const char *number);
void add_line(world *w, sim_content *c, sim_line l);

/** The sales of a partner and month become one document on the month's last day, a line a product: what was sold less
 *  what came back, and what it came to. Gifts are left out, and what came out as nothing or against the sign of its
 *  quantity; so is every other type of document. What is left every dialect can say. Used by world_make. */
void world_condense(world *w);
/** The kind of flow a line is ("sell_out", "return", "gift_out", "receipt"; "count" for a stock count). */
const char *line_kind(const sim_document *d, const sim_line *l);

/** The code and name under which a partner's own program knows a product. */
const char *own_code(world *w, const sim_partner *p, size_t product);
const char *own_name(world *w, size_t product);

#endif
