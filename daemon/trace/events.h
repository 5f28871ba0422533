/* events — EPCIS events as views. An event is known by its hash, so one that comes twice, from two feeds, or spelt
 * differently is one. It holds unless the same event was sent with an error declaration, whichever came first; what it did
 * (packed, emptied, made void) is taken back then.
 *
 *   event     first 16 bytes of the hash → number u64, flags u8, feeds, EpcisEvent (packed)
 *   event_no  number u64 → those 16 bytes */
#ifndef TRACE_EVENTS_H
#define TRACE_EVENTS_H

#include "daemon/store/apply.h"
#include "daemon/store/store.h"
#include "daemon/trace/codes.h"
#include "proto/epcis.h"

enum { EVENT_KEY = 16, EVENT_FEEDS = 8 };

typedef struct trace_event {
    uint64_t no;
    uint8_t key[EVENT_KEY];
    bool seen, error, by_manufacturer; /* seen: without error declaration */
    str feed;                          /* partners whose feeds had it, separated by ; "" for the manufacturer's */
    const Entry__EpcisEvent *e;        /* in the arena */
} trace_event;

/** ref: a number with or without CODE_EVENT_REF. */
bool event_get(txn *t, uint64_t ref, arena *a, trace_event *out);
bool event_by_key(txn *t, const uint8_t k[static EVENT_KEY], arena *a, trace_event *out);
bool event_of_manufacturer(txn *t, uint64_t no);
static inline bool event_holds(const trace_event *x) {
    return x->seen && !x->error;
}

/* Parties of an event: a GLN or any id is a partner by alias (kind partner, as "(417)…", "(414)…" or its digits) or id. */
uint32_t event_party(txn *t, str id, day_t day);
/** Who gave and who has the goods after it, by source and destination lists; 0 unknown. */
void event_sides(txn *t, const Entry__EpcisEvent *e, uint32_t *from, uint32_t *to);
/** The partner at its bizLocation, else at its readPoint; 0 unknown. */
uint32_t event_place(txn *t, const Entry__EpcisEvent *e);

MUST_USE bool trace_events(txn *t, const entry *en, const Entry__Events *m, apply_result *r, err *e);

#endif
