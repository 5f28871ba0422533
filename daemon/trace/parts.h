/* parts — inside the engine: one run, what its rules share, and a rule a file. */
#ifndef TRACE_PARTS_H
#define TRACE_PARTS_H

#include "base/buf.h"
#include "base/map.h"
#include "daemon/trace/judge.h"

enum { PROVINCES = 100, STRENGTH_MOST = 100 };

typedef struct judging {
    const trace_world *w;
    const trace_rules *r;
    arena *a;      /* of the result */
    arena scratch; /* of the run */
    trace_result *out;
    size_t signal_cap, learned_cap, used_cap;
    uint32_t *accused;                     /* by partner: who answers for what stands at it */
    uint32_t *head;                        /* by partner: the head of its chain, TRACE_NONE */
    uint8_t (*reach)[(PROVINCES + 7) / 8]; /* by partner: provinces in which its chain has shops */
    map cloned;                            /* units that are counterfeit */
    map balanced;             /* partner and product: a gap would show: it is counted, or its sales are known */
    struct moved_shop *moved; /* by partner */
    size_t moveds, moved_cap;
    uint32_t *by_product; /* positions of lines by partner, product, day */
} judging;

/* A fact that points away: of a stream of one partner, product and destination. */
typedef struct away {
    uint32_t partner, product;
    trace_region to;
    uint32_t at; /* position of its line or sighting */
    int64_t time;
    uint64_t unit;  /* what is counted once: a carton, a document */
    uint32_t n;     /* facts of all destinations up to then */
    uint32_t flags; /* of the rule */
} away;

typedef struct aways {
    away *v;
    size_t n, cap;
} aways;
void away_add(judging *j, aways *list, const away *x);
/** By partner, product, destination, time, position. */
void aways_sort(aways *list);
/** The run of one stream that begins at `from`: the position after it. */
size_t away_end(const aways *list, size_t from);

/* A customer of the partner that used to be inside its territory went to a province on a day: what is seen there for a while
 * was sold to it in good faith. */
typedef struct moved_shop {
    uint32_t partner;
    trace_region to;
    int64_t time;
} moved_shop;
void moved_add(judging *j, uint32_t partner, trace_region to, int64_t time);
bool moved_explains(const judging *j, uint32_t partner, trace_region to, int64_t time);

/* ---- signals */

trace_signal *signal_add(judging *j, trace_kind kind, uint32_t partner, uint32_t product, trace_region to, int64_t time,
                         int32_t strength);
void signal_evidence(judging *j, trace_signal *s, const char *fmt, ...) PRINTF_LIKE(3, 4);
void signal_by_line(judging *j, trace_signal *s, const trace_line *l);
void signal_by_sighting(judging *j, trace_signal *s, const trace_sighting *x);
void learned_add(judging *j, const char *what, trace_region from, trace_region to, double value, uint64_t seen,
                 uint64_t of);
void exemption_used(judging *j, uint32_t exemption, int64_t quantity, bool sighting);

/* ---- what rules ask */

/** End of a day as a time: what a document of that day says is known then. */
int64_t day_end(const judging *j, day_t d);
day_t day_of_time(const judging *j, int64_t time);
str line_customer(const judging *j, const trace_line *l);
bool is_sale(const trace_line *l);
/** Is that province among those of the partner's chain? */
bool chain_reaches(const judging *j, uint32_t partner, trace_region r);
unsigned province_of(trace_region r); /* 0 … PROVINCES − 1 */
/** Slice of w->line of one partner and product, as positions in j->by_product. */
uint32_t tally_key(const judging *j, uint32_t partner, uint32_t product);

/** What a line does to the stock where it stands, base units. `receipts`: the partner says itself what it receives. */
double line_effect(const trace_line *l, bool receipts);
void mark_balanced(judging *j, uint32_t partner, uint32_t product);
bool is_balanced(const judging *j, uint32_t partner, uint32_t product);

/* ---- rates learned from everybody else, with a prior for what was seldom seen */

typedef struct rates {
    map seen;     /* home and destination → count */
    map of;       /* home → count */
    double prior; /* share that goes to one foreign province when nothing is known */
    double believe;
} rates;
/** Of n facts of a partner of this home k point to `to`; k is capped so that one diverter does not teach its own rate. */
void rates_see(judging *j, rates *x, uint32_t home, trace_region to, double k);
void rates_of(judging *j, rates *x, uint32_t home, double n);
/** The share expected of a stream that itself has k of n. */
double rates_expect(const rates *x, uint32_t home, trace_region to, double k, double n);
void rates_free(rates *x);

/* ---- rules */

void judge_clones(judging *j);
void judge_reported(judging *j);
void judge_codes(judging *j);
void judge_scans(judging *j);
void judge_balance(judging *j);
void judge_unsold(judging *j); /* goods that came in and never went out */
void judge_orders(judging *j);
void judge_prices(judging *j);
void judge_buyers(judging *j);
void judge_sources(judging *j); /* goods without codes: after balance, orders and prices */
void judge_told(judging *j);    /* reports, offers, lots */

#endif
