/* status — how a home stands, read from its spool while another process may be at work in it. */
#ifndef AGENT_STATUS_H
#define AGENT_STATUS_H

#include "agent/home.h"
#include "agent/spool.h"
#include "base/json.h"

typedef struct standing {
    spool_state spool;
    int64_t oldest_ms; /* when the oldest waiting batch was spooled, 0: none waits */
    uint64_t waiting_batches, waiting_bytes, kept_bytes;
    uint64_t inbox_files;
    char why[400]; /* what is red; "": nothing */
} standing;

/** Judge a home at now_ms. max_age_ms: how long nothing may be committed while something waits. */
MUST_USE bool standing_of(const home *h, int64_t now_ms, int64_t max_age_ms, standing *out, err *e);
/** The members of an object that is open. */
void standing_json(json *j, const home *h, const standing *s, int64_t now_ms);
void standing_text(buf *out, const home *h, const standing *s, int64_t now_ms);

#endif
