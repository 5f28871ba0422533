/* rebate — the figures of the rebate bench, the same for both sides. */
#ifndef BENCH_REBATE_H
#define BENCH_REBATE_H

#include "base/calendar.h"
#include "base/err.h"
#include "tools/bench/peers.h"

enum { PRODUCTS = 50, MONTHS = 12, QUARTERS = 4, STAGES = 2, POLICIES = 10, YEAR = 2026, BANDS = 3 };

typedef struct sold {
    day_t day;
    int64_t quantity, amount; /* thousandths, fen */
} sold;

/** What partner p sold of product k on the first or second (`which`) selling day of a month, all from 0. */
sold rebate_sold_at(unsigned p, unsigned k, unsigned month, unsigned which);
/** A tenth of the products are mature from the middle of June on; DAY_MAX: growth all the year. */
day_t rebate_changes_on(unsigned k);
/** Growth pays the band reached, thresholds in fen, rates in ppm; maturity pays MATURE_PPM flat. */
int64_t rebate_threshold(unsigned policy_no, unsigned b);
extern const int64_t rebate_ppm[BANDS];
enum { MATURE_PPM = 5000 };

typedef struct rebate_found { /* a line; by policy, partner, quarter, stage */
    uint32_t partner;
    uint8_t policy, quarter, stage;
    int64_t basis, band, amount; /* fen; band: its `from`, -1 none */
} rebate_found;

typedef struct rebate_peer {
    int runs;                                /* the best of so many */
    int64_t one_us, one_cpu_us, parallel_us; /* one core (server's processor time beside it); all workers it wants */
} rebate_peer;

/** PostgreSQL 15 in DIR/pg (rebate_peer.c says what it does); its lines are left in DIR/pg/lines. ERR_UNAVAILABLE: not
 *  installed. */
MUST_USE bool rebate_postgres(const char *dir, unsigned partners, rebate_peer *out, err *e);
/** Is each of n lines the same there? */
MUST_USE bool rebate_same(const char *dir, const rebate_found *found, size_t n, err *e);

#endif
