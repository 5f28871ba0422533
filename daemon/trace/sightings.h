/* sightings — scans: a code, a lot or bare goods seen somewhere, sent by a partner or the manufacturer. One that comes twice,
 * late or in another file, is one: it is known by what it says. Where it was is kept as stated and looked up when it is asked
 * for, so that a region or place learnt later counts.
 *
 *   sighting  day, digest → kind u8, time i64, key (length, bytes), region, place, person,
 *             sku, sender (texts), placed u8, lat i32, lon i32, price i64 */
#ifndef TRACE_SIGHTINGS_H
#define TRACE_SIGHTINGS_H

#include "base/calendar.h"
#include "daemon/store/apply.h"
#include "daemon/store/store.h"
#include "proto/code.h"
#include "proto/journal.pb-c.h"
#include "proto/scan.h"

enum { SIGHTING_ID = 16 };

typedef struct sighting {
    day_t day;
    uint8_t id[SIGHTING_ID];
    scan_kind kind;
    int64_t time_ms;
    code_key code;                          /* n 0: bare goods */
    str region, place, person, sku, sender; /* borrowed */
    bool placed;
    int32_t lat, lon; /* millionths of a degree */
    int64_t price;    /* micro units, NUM_NONE */
} sighting;

/** Sightings of a span of days, in the order of days: for (AUTO(kv_cursor) c = sightings_from(t, from); sighting_next(&c, to, &s);) */
kv_cursor sightings_from(txn *t, day_t from);
bool sighting_next(kv_cursor *c, day_t to, sighting *out);
/** Of one code. */
kv_cursor sightings_of(txn *t, const code_key *k);
bool sighting_of_next(kv_cursor *c, const code_key *k, sighting *out);

/* Where it was. */
typedef struct sighting_place {
    uint32_t region;  /* 0 unknown */
    bool nearest;     /* by coordinates: the centre nearest to them */
    uint32_t partner; /* the place, or who sent it when it is a terminal or dealer; 0 unknown */
} sighting_place;
sighting_place sighting_place_of(txn *t, const sighting *s);
/** The product: of its code, or by its sku. */
uint32_t sighting_product(txn *t, const sighting *s);

MUST_USE bool trace_scans(txn *t, const entry *en, const Entry__Scans *m, apply_result *r, err *e);

#endif
