/* figures — sums day by day of what a reader may see: of the whole channel, of provinces or of a brand from flow_total, whose cost
 * grows with the days, provinces and brands shown; of single partners from flow_day. Amounts are minor units of one currency,
 * quantities thousandths of base units. */
#ifndef INSIGHT_FIGURES_H
#define INSIGHT_FIGURES_H

#include "base/fiscal.h"
#include "daemon/ledger/facts.h"

/* What is summed. Net: returns count against it. enum, name, kinds of flows */
#define FIGURE_MEASURES(X)                                                                                             \
    X(FIGURE_SELL_IN, "sell_in", 1U << FLOW_SELL_IN | 1U << FLOW_RETURN_OUT)                                           \
    X(FIGURE_SELL_OUT, "sell_out", 1U << FLOW_SELL_OUT | 1U << FLOW_RETURN)                                            \
    X(FIGURE_PAYMENTS, "payments", 1U << FLOW_PAYMENT)
typedef enum figure_measure {
#define X(measure, name, kinds) measure,
    FIGURE_MEASURES(X)
#undef X
        FIGURE_MEASURE_COUNT
} figure_measure;
const char *figure_measure_name(figure_measure m);
bool figure_measure_parse(str s, figure_measure *out);

/* Whose and of what. A list of partners comes before provinces. */
typedef struct figure_scope {
    bool by_partner; /* only those listed, though none may be */
    uint32_t *partner;
    size_t partners;
    uint32_t *province; /* none listed: all */
    size_t provinces;
    uint32_t brand; /* 0: all */
    uint32_t currency;
    bool quantity; /* sums of base units instead of money */
} figure_scope;

typedef struct figure_days {
    day_t from;
    int64_t *v; /* a sum a day; in the arena */
    size_t n;
    bool any;    /* a flow was found */
    bool others; /* some of it is in another currency, or has no price: it is not in the sums */
} figure_days;

/** ERR_DATA: a sum is out of range. */
MUST_USE bool figure_read(txn *t, const figure_scope *s, figure_measure m, day_span span, arena *a, figure_days *out,
                          err *e);
int64_t figure_sum(const figure_days *d, day_span span);

/* The same, apart by what flow_total or the catalogue knows. */
typedef enum figure_by { FIGURE_BY_PARTNER, FIGURE_BY_PROVINCE, FIGURE_BY_BRAND, FIGURE_BY_PRODUCT } figure_by;
typedef struct figure_part {
    uint32_t no; /* partner, province (0: not known), brand or product (0: none) */
    int64_t now, before;
} figure_part;
/** Sums of two spans for each; in `a`, by number. By partner and by product only when s->by_partner. */
MUST_USE bool figure_parts(txn *t, const figure_scope *s, figure_measure m, figure_by by, day_span now, day_span before,
                           arena *a, figure_part **out, size_t *n, err *e);

#endif
