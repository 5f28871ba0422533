/* trial_rule — a new product at chosen terminals beside terminals like them: who is like whom, what is measured, and what
 * follows from it. Pure.
 *
 *   rate     sold a week and terminal
 *   selling  share of the terminals that sold any
 *   repeat   of those that sold, the share that sold in two weeks and more and in at least half of the weeks since their first
 *   out      share of the days, of terminals whose stock is known, that ended with nothing
 *   lift     mean over the pairs of (sales of the category a week in the trial − before) − (the same of the matched terminal):
 *            what the product brought beyond what it took from its neighbours; 95 % interval by Student's t over the pairs
 *
 * A group of terminals passes when selling, repeat and rate reach their limits and the lift is not below 0 for certain.
 *
 *   too few terminals or weeks                        open
 *   all pass, and no region of enough terminals fails roll out
 *   some region of enough terminals passes            only in certain regions: those
 *   else: selling and repeat both too low             drop
 *         repeat too low, or the lift below 0         improve the product (they try it and do not come back; it takes from ours)
 *         selling or rate too low                     improve the marketing (who knows it comes back, too few know it) */
#ifndef REPLENISH_TRIAL_RULE_H
#define REPLENISH_TRIAL_RULE_H

#include "base/buf.h"
#include "daemon/replenish/why.h"

#define TRIAL_SELLING 0.6
#define TRIAL_REPEAT  0.5
enum { TRIAL_TERMINALS_LEAST = 3, TRIAL_WEEKS_LEAST = 4, TRIAL_REGIONS = 64 };

/* enum, number (stored), name, in Chinese */
#define TRIAL_RESULTS(X)                                                                                               \
    X(TRIAL_OPEN, 0, "open", "进行中")                                                                                 \
    X(TRIAL_DROP, 1, "drop", "放弃")                                                                                   \
    X(TRIAL_PRODUCT, 2, "improve_product", "改进产品")                                                                 \
    X(TRIAL_MARKETING, 3, "improve_marketing", "改进营销")                                                             \
    X(TRIAL_CERTAIN, 4, "certain_regions", "仅限部分区域")                                                             \
    X(TRIAL_ROLL_OUT, 5, "roll_out", "全面推广")
typedef enum trial_result {
#define X(result, no, name, zh) result = no,
    TRIAL_RESULTS(X)
#undef X
        TRIAL_RESULT_COUNT
} trial_result;
const char *trial_result_name(trial_result r, language l); /* LANGUAGE_EN: the word of the answers */
bool trial_result_parse(str s, trial_result *out);

/* One that may be matched. */
typedef struct trial_candidate {
    uint32_t partner, region; /* of the level looked at; 0 not known */
    str class;                /* its tier; "" none */
    double prior;             /* sales of the category a week before the trial */
    bool taken;
} trial_candidate;
/** The most alike that is not taken: the same region first, then the same class, then the nearest prior sales (by ratio), then
 *  the smallest number. It is taken then. NULL: none is left. */
trial_candidate *trial_match(const trial_candidate *of, trial_candidate *from, size_t n);

typedef struct trial_terminal {
    uint32_t region;
    double sold;                   /* of the product in the trial, base units */
    unsigned weeks, weeks_selling; /* since its first sale; those of them with a sale */
    int32_t days, days_out;        /* with a known stock; those that ended with nothing */
    bool matched;
    double before, during, match_before, match_during; /* the category, a week */
} trial_terminal;

typedef struct trial_figures {
    unsigned terminals, pairs;
    double weeks, rate, target;       /* target 0: none */
    double selling, repeat, out;      /* shares; repeat, out below 0: nothing to tell by */
    double lift, lift_low, lift_high; /* pairs < 2: NAN */
} trial_figures;
/** `region` 0: all. */
void trial_measure(const trial_terminal *v, size_t n, uint32_t region, double weeks, double target, trial_figures *out);
bool trial_passes(const trial_figures *f);

typedef struct trial_verdict {
    trial_result result;
    trial_figures all;
    uint32_t region[TRIAL_REGIONS]; /* that pass, when it is for certain ones only */
    size_t regions;
} trial_verdict;
void trial_judge(const trial_terminal *v, size_t n, double weeks, double target, trial_verdict *out);
/** The figures behind it, one sentence. */
void trial_why(const trial_figures *f, language l, buf *out);

#endif
