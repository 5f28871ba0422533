/* judge — the engine: a world and rules in, signals and what was learned out. Pure and exact to repeat: the same world in
 * any order of its rows gives the same signals, whatever was given out lives in the arena. No clock, no store. Floating point
 * is used for statistics only; what comes out are whole numbers. Every rule is described in docs/diversion.md. */
#ifndef TRACE_JUDGE_H
#define TRACE_JUDGE_H

#include "base/arena.h"
#include "daemon/trace/rules.h"
#include "daemon/trace/world.h"

enum { TRACE_ENGINE = 2 }; /* version, journaled with every result */

enum {
    SIGNAL_PROOF = 1,       /* enough by itself: a coded carton, a partner's own repeated statement */
    SIGNAL_FOR_CHILD = 2,   /* a partner below it sold the code without a recorded hand-over */
    SIGNAL_COUNTERFEIT = 4, /* of a cloned code: gathers into no case */
    SIGNAL_PLACED = 8,      /* its place was weighed against every other source: draws what names none */
};

typedef struct trace_signal {
    uint64_t key; /* of its content: kind, partner, product, destination and first evidence; stable between runs */
    trace_kind kind;
    uint32_t partner, product; /* partner TRACE_NONE: accuses nobody */
    trace_region destination;  /* province, REGION_NOWHERE: not known */
    int64_t time;              /* business time at which the evidence was complete */
    int64_t since;             /* business time of its first evidence */
    int32_t strength;          /* decibans */
    uint32_t flags;
    int64_t quantity;    /* goods seen or reckoned away, thousandths */
    const str *evidence; /* "sale S-104 row 7", "scan 2026-03-04T…" … at most LIMIT_SIGNAL_EVIDENCE */
    size_t evidences;
} trace_signal;

/* What the run learned from the world as a whole; journaled as results beside the signals. */
typedef struct trace_learned {
    const char *what;      /* "travel", "border", "typing", "peak" … */
    trace_region from, to; /* a pair of provinces; REGION_NOWHERE: all */
    int64_t value;         /* parts per million, or thousandths of what `what` measures */
    uint64_t seen, of;     /* counts behind it */
} trace_learned;

typedef struct trace_used { /* an exemption's use */
    uint32_t exemption;
    int64_t quantity;
    uint64_t sightings;
} trace_used;

typedef struct trace_result {
    trace_signal *signal; /* by time, then key */
    trace_learned *learned;
    trace_used *used;
    size_t signals, learneds, useds;
    uint64_t tested;  /* hypotheses under the false discovery rate */
    uint64_t dropped; /* signals beyond LIMIT_SIGNALS */
} trace_result;

void trace_judge(const trace_world *w, const trace_rules *r, arena *a, trace_result *out);

#endif
