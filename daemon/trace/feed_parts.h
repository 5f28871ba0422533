/* feed_parts — what the files that fill a world from the views share. Inside the room. */
#ifndef TRACE_FEED_PARTS_H
#define TRACE_FEED_PARTS_H

#include "daemon/catalog/promotion.h"
#include "daemon/ledger/contents.h"
#include "daemon/ledger/facts.h"
#include "daemon/trace/feed.h"

typedef struct feed {
    txn *t;
    arena *a;
    facts f;
    trace_world *w;
    promotions promotions;
    bool incl;                  /* tax basis of amounts */
    bool uncoded;               /* no code is known at all */
    const uint32_t *partner_no; /* number of each partner of the world */
    contents_cache kept;
    map partners, products; /* number → position */
    map customers;          /* word → position */
    str *customer;
    trace_line *line;
    trace_sighting *sighting;
    size_t customers_n, customer_cap, lines, line_cap, sightings, sighting_cap;
    day_t as_of;
} feed;

/** Position of a number; TRACE_NONE for 0 and what is not in the world. */
uint32_t feed_partner(const feed *f, uint32_t no);
uint32_t feed_product(const feed *f, uint32_t no);
/** A region of the catalogue as a code; an area and 0: REGION_NOWHERE. */
trace_region feed_region(feed *f, uint32_t no);
/** The floor price of one base unit on the kept tax basis, micro; NUM_NONE. */
int64_t feed_floor(feed *f, uint32_t product_no, uint32_t partner_no, str channel, day_t day);
/** Does the day count for the partner (its live date)? */
bool feed_counts(feed *f, uint32_t partner_no, day_t day);
/** The end of a business day. */
static inline int64_t feed_day_end(const feed *f, day_t day) {
    return ((int64_t)(day + 1) * 1440 - f->w->zone) * 60000 - 1;
}

/** feed_catalog.c: partners, products, territories, exemptions. */
MUST_USE bool feed_catalog(feed *f, trace_feed *out, err *e);
/** feed_lines.c: what is posted; with codes: what was sold and received. */
MUST_USE bool feed_lines(feed *f, err *e);
/** feed_codes.c: codes of a document's lines (their position in f->line by line of the content), scans, events, claims. */
void feed_document_codes(feed *f, uint64_t document_no, const uint32_t *at, uint32_t lines);
void feed_scans(feed *f);
void feed_events(feed *f);
void feed_claims(feed *f);

#endif
