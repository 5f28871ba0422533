/* rules — every rule of the judgement: can be switched, tuned, tried on history. The table is what `signal rules`, the
 * settings and docs/diversion.md walk; the engine reads the struct. All values are whole numbers: permille, days, counts,
 * decibans (−10 × log10 of a probability: 20 is 1 in 100). */
#ifndef TRACE_RULES_H
#define TRACE_RULES_H

#include "base/err.h"
#include "base/str.h"

/* Kinds of evidence: two different families, or a proof, make a case.
 * kind, name, family, what it says */
#define TRACE_KINDS(X)                                                                                                 \
    X(SIGNAL_SHIP_TO, "ship_to", FAMILY_REPORTED, "its own line states a ship-to outside its territory")               \
    X(SIGNAL_CUSTOMER_REGION, "customer_region", FAMILY_REPORTED, "it sold to a customer outside its territory")       \
    X(SIGNAL_CODE_SOLD, "code_sold", FAMILY_REPORTED, "its own line sells a code outside its territory")               \
    X(SIGNAL_CODE_TRADE, "code_trade", FAMILY_CODE, "the trade scanned its code outside its territory")                \
    X(SIGNAL_CODE_INSPECTED, "code_inspected", FAMILY_CODE, "an inspector found its code outside its territory")       \
    X(SIGNAL_CODE_ONLINE, "code_online", FAMILY_CODE, "its code was offered online from outside its territory")        \
    X(SIGNAL_OTHER_SELLER, "other_seller", FAMILY_HOLDER, "another partner sold or received the code it held")         \
    X(SIGNAL_SCAN_SHARE, "scan_share", FAMILY_CONSUMER, "more consumer scans elsewhere than travel and gifts explain") \
    X(SIGNAL_LOT, "lot", FAMILY_SCRAPED, "a lot shipped to it (and maybe others) seen outside its territory")          \
    X(SIGNAL_BALANCE, "balance", FAMILY_BALANCE, "more went out than it reports: opening + in − out − count")          \
    X(SIGNAL_COUNTS, "counts", FAMILY_COUNTS, "it sold or counted more than it ever had")                              \
    X(SIGNAL_PEAK, "peak", FAMILY_ORDERS, "orders above its own sell-out and its territory's habit")                   \
    X(SIGNAL_CLIFF, "cliff", FAMILY_ORDERS, "loading before the end of a rebate period")                               \
    X(SIGNAL_PRICE, "price", FAMILY_PRICE, "sold below the floor of the day, gifts and promotions taken out")          \
    X(SIGNAL_BUYER, "buyer", FAMILY_BUYER, "one buyer over several regions")                                           \
    X(SIGNAL_REPORT, "report", FAMILY_REPORT, "a harmed partner reported it")                                          \
    X(SIGNAL_OFFER, "offer", FAMILY_OFFER, "offered online from outside its territory or below the floor")             \
    X(SIGNAL_UNKNOWN_CODE, "unknown_code", FAMILY_NONE, "a code that was never commissioned")                          \
    X(SIGNAL_VOID_CODE, "void_code", FAMILY_NONE, "a code that was made void")                                         \
    X(SIGNAL_LOCKED_CODE, "locked_code", FAMILY_NONE, "a locked code on the move")                                     \
    X(SIGNAL_SCRAPED_CODE, "scraped_code", FAMILY_SCRAPED, "goods without their code where nobody else brought them")  \
    X(SIGNAL_CLONE, "clone", FAMILY_NONE, "one code in two places too far apart: counterfeit, not diversion")          \
    X(SIGNAL_PRESENCE, "presence", FAMILY_SCRAPED,                                                                     \
      "goods without codes beyond what supply explains; it is the likeliest source")                                   \
    X(SIGNAL_UNSOLD, "unsold", FAMILY_BALANCE, "more came in than its sell-out and its counts explain")

typedef enum trace_family {
    FAMILY_NONE, /* told, but no evidence of diversion */
    FAMILY_REPORTED,
    FAMILY_CODE,
    FAMILY_HOLDER,
    FAMILY_CONSUMER,
    FAMILY_BALANCE,
    FAMILY_COUNTS,
    FAMILY_ORDERS,
    FAMILY_PRICE,
    FAMILY_BUYER,
    FAMILY_REPORT,
    FAMILY_OFFER,
    FAMILY_SCRAPED, /* goods seen without a code of their own, or by their lot */
    FAMILY_COUNT
} trace_family;

typedef enum trace_kind {
#define X(kind, name, family, help) kind,
    TRACE_KINDS(X)
#undef X
        SIGNAL_KIND_COUNT
} trace_kind;

const char *trace_kind_name(trace_kind k);
const char *trace_kind_help(trace_kind k);
trace_family trace_kind_family(trace_kind k);
bool trace_kind_parse(str s, trace_kind *out);

typedef struct trace_rules {
    int64_t on[SIGNAL_KIND_COUNT]; /* 0: the rule is switched off */
#define TRACE_SETTINGS(X)                                                                                              \
    X(moved_days, 90, 0, 3660, "days in which goods may be seen where a customer of the partner moved to")             \
    X(exemption_slack_days, 30, 0, 365, "days after an exemption's end in which sightings still fall under it")        \
    X(typing_permille, 5, 0, 500, "lines whose region is a typing error, at least this many are allowed for")          \
    X(reported_documents, 3, 1, 100, "documents of its own with one destination that prove it")                        \
    X(reported_days, 2, 1, 100, "on at least so many days")                                                            \
    X(trade_codes, 2, 1, 100, "units of different cartons seen by the trade or inspectors that prove it")              \
    X(clone_kmh, 900, 1, 100000, "a code that travelled faster is cloned")                                             \
    X(clone_km, 50, 0, 20000, "places nearer than this are one place")                                                 \
    X(allowance_scans, 200, 1, 1000000, "scans a pair of regions needs before its own share is believed")              \
    X(allowance_lines, 500, 1, 1000000, "the same for lines")                                                          \
    X(scan_events, 3, 1, 1000, "consumer events abroad below which nothing is judged")                                 \
    X(scan_decibans, 25, 1, 300, "strength below which a share of scans says nothing")                                 \
    X(fdr_permille, 50, 1, 500, "false discovery rate of what is tested many times (Benjamini and Hochberg)")          \
    X(wilson_permille, 1645, 0, 5000, "z of Wilson bounds, in thousandths")                                            \
    X(balance_tolerance_permille, 20, 0, 1000, "of opening and receipts, that a count may be off")                     \
    X(balance_cartons, 1, 0, 1000, "cartons that a count may be off")                                                  \
    X(peak_arl_weeks, 500, 10, 100000, "average weeks between false alarms of one chart of orders")                    \
    X(peak_shift_permille, 1000, 100, 5000, "rise, in standard deviations, that the chart looks for")                  \
    X(peak_weeks, 8, 4, 200, "weeks of history a chart needs")                                                         \
    X(unsold_decibans, 20, 10, 300, "strength from which goods that came in and never went out are told")              \
    X(cliff_days, 5, 1, 31, "last days of a period in which loading is looked for")                                    \
    X(cliff_permille, 500, 1, 1000, "share of a period's orders in them")                                              \
    X(price_permille, 20, 0, 1000, "below the floor by at least this much")                                            \
    X(price_lines, 3, 1, 1000, "lines below the floor")                                                                \
    X(price_common_permille, 200, 1, 1000, "share of partners below the floor from which it is a promotion of all")    \
    X(buyer_regions, 3, 2, 100, "provinces of which partners sell to one buyer")                                       \
    X(source_permille, 600, 500, 999, "posterior share from which a partner is the source of goods without codes")     \
    X(lot_suspects, 20, 1, 100000, "partners a lot may have gone to before it points at nobody")                       \
    X(case_window_days, 60, 1, 3660, "days without a signal after which a further one is another case")                \
    X(case_decibans, 50, 1, 1000, "score below which two kinds of evidence are no case yet")                           \
    X(case_kind_decibans, 15, 1, 100, "strength below which a kind of evidence is none")                               \
    X(case_nowhere_decibans, 120, 1, 10000, "the same for a case whose destination nothing tells")                     \
    X(group_by, 1, 0, 2, "product group of a case: 0 sku, 1 category, 2 brand")                                        \
    X(inspection_permille, 500, 0, 999, "inspections that find diverted goods where there are some")
#define X(name, preset, least, most, help) int64_t name;
    TRACE_SETTINGS(X)
#undef X
} trace_rules;

typedef struct trace_setting {
    const char *name; /* "peak_arl_weeks", or a kind's name: 1 on, 0 off */
    size_t at;        /* of an int64_t in trace_rules */
    int64_t preset, least, most;
    const char *help;
} trace_setting;

extern const trace_setting trace_settings[];
extern const size_t trace_setting_count;

void trace_rules_default(trace_rules *out);
/** ERR_USAGE: no such setting, or out of range. */
MUST_USE bool trace_rules_set(trace_rules *r, str name, str value, err *e);
int64_t trace_rules_get(const trace_rules *r, const trace_setting *s);

#endif
