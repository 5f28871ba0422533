/* case_row — one case as `case list -o json` and `trace try -o json` write it, so that both are the same array. */
#ifndef TRACE_CASE_ROW_H
#define TRACE_CASE_ROW_H

#include "base/arena.h"
#include "base/json.h"
#include "base/num.h"

typedef struct case_row_signal {
    const char *kind;
    int64_t time_ms;
    str evidence;
} case_row_signal;

typedef struct case_row {
    str id, partner, destination, state;
    const str *skus;
    size_t sku_count;
    int32_t score; /* decibans */
    int64_t opened_ms, first_event_ms, quantity;
    const case_row_signal *signal;
    size_t signals;
} case_row;

/* What stands behind this, to the end of a reference, stays in the house: in whose shop goods were seen, in whose books. */
#define EVIDENCE_UNDISCLOSED " (undisclosed: "

/** References that are kept a line each as one line: "a; b". In `a`. */
str evidence_line(str lines, arena *a);
/** The same as the accused may read it. */
str evidence_told(str lines, arena *a);

/** Its keys into an object that is open. */
void case_row_put(json *j, const case_row *c, int zone_min);
extern const char *const case_row_columns[];
extern const size_t case_row_column_count;

#endif
