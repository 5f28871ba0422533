/* sources — goods without a code of their own: what the search for who sent them shares. See sources.c for the weighing,
 * signs.c for what partners' own figures say. */
#ifndef TRACE_SOURCES_H
#define TRACE_SOURCES_H

#include "daemon/trace/parts.h"

enum {
    AFTER_DAYS = 30, /* goods are seen up to so long after they are missed */
    BEFORE_DAYS = 7, /* and a little before: counts and orders have their rhythm */
    LOOK_DAYS = 120, /* what is older says nothing of now */
    FACTS_MOST = 32  /* of a cell at a time */
};
enum { BY_BALANCE, BY_ORDERS, BY_PRICE, BY_COUNT };

typedef struct fact {
    uint32_t product, at;
    trace_region to;
    int64_t time;
    bool cheap;
} fact;

typedef struct sign { /* a signal without a place */
    uint32_t product, partner;
    int64_t since, time;
    int by;
    int32_t strength;
    trace_region to; /* where stronger evidence places it, known from `placed` on */
    int64_t placed;
} sign;

typedef struct receiver { /* a partner that was shipped a product */
    uint32_t product, partner;
    int64_t since;
    bool balanced;
} receiver;

typedef struct sourcing {
    judging *j;
    fact *fact;
    sign *sign;
    receiver *to;
    size_t facts, fact_cap, signs, sign_cap, tos, to_cap;
    bool *coded;    /* by product: its sightings usually have codes */
    uint32_t *slot; /* by product: of its supply, TRACE_NONE */
    double *supply; /* slot × province: cartons */
    double *seen;   /* slot × province: facts, cut at CELL_CAP */
    size_t slots;
    double rate[2];         /* facts a carton: of products without codes, with codes */
    double usual[BY_COUNT]; /* share of streams that show it */
    int64_t begin, end;
    double scatter, cutoff; /* variance over mean of honest cells; greatest p that the false discovery rate allows */
} sourcing;

/* One partner as the source of what was seen up to a time. */
typedef struct sought {
    const fact *seen[FACTS_MOST];
    size_t n, lots;
    int64_t now;
    trace_region to;
    double mean, k; /* what supply explains up to now, what was seen that a lot does not explain */
    double excess;  /* of k over mean: a log likelihood ratio */
    bool beyond;    /* what the false discovery rate allows */
    size_t receivers;
} sought;

/* Signals that name no place, by product and partner, and how common they are. */
void signs_list(sourcing *x);
/** The strongest sign of each kind near in time to what was seen, 0 none, into `strength`; how long the times of its missing
 *  goods are together. */
double signs_near(const sourcing *x, const receiver *to, const sought *q, int32_t strength[static BY_COUNT]);
/** Is that in the time in which goods of it are missing? */
bool signs_cover(const sourcing *x, const receiver *to, const sought *q, int64_t time);
/** log of how much likelier these are of one that diverts. */
double signs_weigh(const sourcing *x, const receiver *to, const int32_t strength[static BY_COUNT]);

#endif
