/* overview — what the commands of the first page share: todo, overview, trend, league, map. */
#ifndef COMMAND_OVERVIEW_H
#define COMMAND_OVERVIEW_H

#include "daemon/command/command.h"
#include "daemon/insight/compare.h"
#include "daemon/insight/figures.h"
#include "daemon/insight/reach.h"
#include "daemon/insight/targets.h"
#include "daemon/insight/todo.h"

/** What waits for a decision of the caller; of one partner's, or (0) of any. */
void todo_look(call *c, uint32_t only, todo *out);

/** Whose figures: what the caller may see, narrowed by --region, --brand, --partner; --in amount|quantity. `label` says it. */
MUST_USE bool overview_scope(call *c, figure_scope *s, str *label, err *e);

/* The period of --period (today, month, quarter, year or the name of a span; a month without) and what --against it is held. */
typedef struct overview_period {
    fiscal_calendar calendar;
    compared at;
    span_kind kind; /* SPAN_KIND_COUNT: any span of days */
    str label;
    day_t today;
    bool year; /* --against year */
} overview_period;
MUST_USE bool overview_period_of(call *c, overview_period *out, err *e);

/** The same as a list of partners. */
void overview_by_partner(call *c, figure_scope *s);

/** Whose targets of a measure count, in which order. In the call's arena. */
MUST_USE bool overview_target_ask(call *c, const figure_scope *s, figure_measure m, const overview_period *p,
                                  target_ask *out, err *e);
/** The target of a measure for a period, and what those who have one did of it. */
MUST_USE bool overview_target(call *c, const figure_scope *s, figure_measure m, const overview_period *p, int64_t total,
                              targets *out, int64_t *attained, err *e);

/* Cells they share. */
void cell_figure(json *j, const char *name, int64_t v, const figure_scope *s); /* in money or base units */
void cell_share(json *j, const char *name, int64_t ppm);                       /* "0.042"; NUM_NONE null */
str figure_unit(call *c, const figure_scope *s);                               /* "CNY", "base units" */

#endif
