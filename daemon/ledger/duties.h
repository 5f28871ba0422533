/* duties — what was owed and what came: the reports of a partner, period by period. Worked out from report_day
 * (reports.h) and the duties of the catalogue; nothing is stored, so late files and withdrawals change it by themselves.
 *
 * A period is *in* when
 *   · lines of its days came after its last day, or one of them is of the last day, or
 *   · it has lines and lines of a later day came: the partner has moved on, or
 *   · stock: there is a count of any of its days, or
 *   · every day of it is covered by nil reports and it has no lines (then it is `nil`).
 * It came with the first upload by which that was so. Lines that wait in quarantine are reported too: they are the
 * manufacturer's to mend. A sale is reported by documents of type sale or return. Lines make nil reports of their days
 * void; a nil report that came after them contradicts them and is named. */
#ifndef LEDGER_DUTIES_H
#define LEDGER_DUTIES_H

#include "daemon/catalog/duty.h"

typedef enum report_state { REPORT_NOT_DUE, REPORT_ON_TIME, REPORT_LATE, REPORT_MISSING, REPORT_NIL } report_state;
const char *report_state_name(report_state s);

/* What the questions below have in common. */
typedef struct report_asker {
    txn *t;
    const fiscal_calendar *calendar;
    day_t today;
    int zone_min;
    uint32_t currency; /* of the amounts */
} report_asker;

/* What came for a span. */
typedef struct report_found {
    uint64_t lines, waiting;
    int64_t amount;     /* posted, in the currency asked for */
    bool others;        /* there are amounts in another currency too */
    bool in, nil;       /* nil: in, and there was nothing */
    int64_t came_ms;    /* 0: not in */
    day_t reached;      /* last day of the span with lines; DAY_MIN none */
    day_t contradicted; /* first day with lines and a later nil report; DAY_MIN none */
} report_found;

typedef struct report_status {
    uint32_t partner;
    doc_type type;
    span_kind every;
    day_span span;
    day_t due;
    report_state state;
    int32_t days_late; /* late and nil: from due to when it came; missing: to today */
    bool history;      /* before the partner's live date: nobody is reminded */
    report_found found;
} report_status;

enum { REPORT_SPAN_MAX = 64 }; /* days of the longest period */

/** What came for a span of at most REPORT_SPAN_MAX days. */
void report_find(const report_asker *q, uint32_t partner_no, doc_type type, day_span span, report_found *out);

typedef bool (*report_fn)(void *arg, const report_status *s);
/** Every period owed by a partner whose last day lies from … to, in the order of types and days; `type` DOC_TYPE_COUNT:
 *  all. False stops. */
void report_each(const report_asker *q, uint32_t partner_no, doc_type type, day_t from, day_t to, report_fn fn,
                 void *arg);
/** The next partner (number > after) that is asked for at all: not ended, and owing something or reporting; 0: none. */
uint32_t report_partner_next(txn *t, uint32_t after);

/* ---- how much of the channel a figure rests on ----
 *
 * Of the partners that report (or owe the type by a row of their own) and are not freed by `never`:
 *   missing   a period that overlaps the span and has ended is not in; or none has ended and there are no lines
 *   nil       all that ended is nil, and no lines
 *   reported  the others
 * Periods are the duty's, without one fiscal months from the first day the partner ever reported. Days after today do not
 * count; an open beginning is that first day.
 *
 *   usual(p)     = mean of the net sales amounts of 3 fiscal months that are in and have lines: the last ones before
 *                  the month in which the span ends, of the 12 before it (fewer: of those there are)
 *   usual_amount = Σ usual(p), a month's worth, in the default currency
 *   share        = Σ usual(p) × periods in ÷ periods ended  /  Σ usual(p); parts per million, NUM_NONE without a usual
 */
typedef struct coverage {
    uint32_t partners, reported, nil, missing;
    uint32_t in_part; /* of the missing: those of whom one period at least is in; their share counts */
    int64_t usual_amount, share;
} coverage;

void coverage_of(const report_asker *q, doc_type type, day_t from, day_t to, coverage *out);
/** "38 of 50 partners, 84.2 % of the usual amount (2 nil, 10 missing, 3 of them in part)". */
void coverage_put(const coverage *c, buf *out);

#endif
