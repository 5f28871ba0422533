/* claims — reports of harmed partners (举报): goods seen where they should not be, with codes, photos, place and price. Who
 * reports is told to staff only; the accused never learns it. A claim is a signal for the engine, and decides nothing alone.
 *
 *   claim   number u64 → entry u64, time i64, reporter u32, accused u32, product u32, region u32, day i32, price i64, online u8,
 *           then texts: place, text, codes (a line each), case; digests of files */
#ifndef TRACE_CLAIMS_H
#define TRACE_CLAIMS_H

#include "base/arena.h"
#include "base/calendar.h"
#include "base/num.h"
#include "daemon/store/apply.h"
#include "proto/digest.h"
#include "proto/journal.pb-c.h"

typedef struct claim {
    uint64_t number, entry;
    int64_t time_ms;
    uint32_t reporter, accused, product, region; /* 0 not known (reporter never) */
    day_t day;
    int64_t price; /* micro, of a base unit; NUM_NONE not stated */
    bool online;
    str place, text, codes; /* borrowed; codes: a line each */
    str of;                 /* case that it is evidence of, "" none */
    const uint8_t *paper;
    size_t papers;
} claim;

bool claim_get(txn *t, uint64_t number, claim *out);
bool claim_decode(uint64_t number, str val, claim *out);
/** How evidence names a claim: "claim 12". */
str claim_reference(uint64_t number, arena *a);
/** The claim that a piece of evidence names ("report claim 12") is evidence of this case. Anything else: nothing done. */
void claim_joins(txn *t, str reference, str id);
/** Partners that reported what became a case, each once; in `a`. */
size_t case_reporters(txn *t, str id, arena *a, uint32_t **out);

/** KIND_CLAIM: r->number is its number. */
MUST_USE bool trace_claim(txn *t, const entry *en, const Entry__Claim *m, apply_result *r, err *e);
bool claim_content(txn *t, uint32_t table, str stored_key, str val, buf *out);

#endif
