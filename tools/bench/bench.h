/* bench — what every bench is given. A bench prints one JSON line on stdout; progress goes to stderr. */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include "tools/bench/centre.h"

typedef struct bench_options {
    uint64_t seed, lines;
    unsigned agents;
    double scale;  /* of a bench's usual size */
    bool peers;    /* run the peers beside it */
    centre centre; /* bin and dir are set */
} bench_options;

MUST_USE bool bench_ingest(bench_options *o, err *e);
MUST_USE bool bench_plan(bench_options *o, err *e);
MUST_USE bool bench_rebate(bench_options *o, err *e);
MUST_USE bool bench_trace(bench_options *o, err *e);
MUST_USE bool bench_storm(bench_options *o, err *e);

#endif
