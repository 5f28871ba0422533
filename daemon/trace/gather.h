/* gather — signals → cases: those of one partner, product group and destination within a window, scored by independent
 * evidence. A case is complete when a proof is in it, or two families of evidence about one product reach the score; signals
 * that make no case are left as they are. Cases that exist already (of an earlier run) keep their id and take what is new. */
#ifndef TRACE_GATHER_H
#define TRACE_GATHER_H

#include "daemon/trace/judge.h"

enum { CASE_ID_SIZE = 16 }; /* "C-" and 13 letters, NUL */

/* A case of an earlier run that may take further signals. */
typedef struct trace_known {
    str id, group;
    uint32_t partner;
    trace_region destination;
    int64_t first_event, last_event;
    bool closed; /* takes nothing more; only keeps its signals from opening another */
} trace_known;

typedef struct trace_case {
    str id; /* of a new one: from partner, group, destination and its first signal */
    uint32_t partner;
    str group;                /* sku, category or brand by rules.group_by */
    trace_region destination; /* province, REGION_NOWHERE */
    const uint32_t *product;  /* those with signals, in the order of their skus */
    size_t products;
    const uint32_t *signal; /* positions in the result, by time */
    size_t signals;
    int32_t score;     /* decibans: of each family its strongest signal, added up */
    uint32_t families; /* bit a family */
    bool proof;
    int64_t opened;      /* time of the signal that completed it */
    int64_t first_event; /* business time of its first signal's first evidence */
    int64_t last_event;
    int64_t quantity;         /* thousandths: the greatest that one family tells */
    const trace_known *known; /* NULL: new */
} trace_case;

typedef struct trace_cases {
    trace_case *one; /* by opened, then id */
    size_t n;
} trace_cases;

/** `known` in any order, n may be 0. */
void trace_gather(const trace_world *w, const trace_rules *r, const trace_result *s, const trace_known *known, size_t n,
                  arena *a, trace_cases *out);

#endif
