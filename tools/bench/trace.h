/* trace — the made world of the trace bench, worked out from numbers alone: cartons of 20 units with scattered serials, shipped
 * to distributors, some handed on, and coded lines that sell units, most where they should be. */
#ifndef BENCH_TRACE_H
#define BENCH_TRACE_H

#include "base/calendar.h"
#include "base/err.h"
#include <stdint.h>

enum {
    TRACE_UNITS = 20, /* of a carton */
    TRACE_PARTNERS = 500,
    TRACE_SUBS = 100, /* sub-distributors: of the first so many partners, numbered behind them */
    TRACE_PRODUCTS = 50,
    TRACE_PROVINCES = 31,
    TRACE_DAYS = 300
};

typedef struct trace_shape {
    uint64_t seed, cartons, lines;
} trace_shape;

typedef struct trace_carton {
    unsigned product, partner; /* shipped to, from 0 */
    unsigned sub;              /* handed on to (TRACE_PARTNERS + …), 0: not */
    day_t shipped, handed;
} trace_carton;

typedef struct trace_sold {
    uint64_t serial;
    unsigned product, partner, province; /* from 0 */
    day_t day;
} trace_sold;

trace_carton trace_carton_at(const trace_shape *s, uint64_t no);
/** Twelve digits; every unit has its own, and no two that follow one another lie side by side. */
uint64_t trace_serial(uint64_t unit);
uint64_t trace_gtin(unsigned product); /* 14 digits */
trace_sold trace_sold_at(const trace_shape *s, uint64_t no);
void trace_code_text(unsigned product, uint64_t serial, char out[static 48]);

enum { VERDICT_FINE, VERDICT_UNKNOWN, VERDICT_OTHER, VERDICT_OUTSIDE, VERDICTS };

/** The same look-up and judgement as one set-based statement over the same rows. Counts by verdict, lines a second. */
MUST_USE bool trace_postgres(const trace_shape *s, const char *dir, uint64_t verdict[static VERDICTS],
                             double *lines_per_s, double *bytes_a_code, err *e);

#endif
