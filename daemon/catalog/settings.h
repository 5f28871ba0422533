/* settings — the settings that change results. They are journaled; what only this machine needs stands in the
 * configuration file instead. */
#ifndef CATALOG_SETTINGS_H
#define CATALOG_SETTINGS_H

#include "base/calendar.h"
#include "base/err.h"
#include "daemon/store/store.h"

typedef enum setting_type {
    SETTING_TYPE_CURRENCY, /* three letters */
    SETTING_TYPE_CHOICE,   /* one of choices "a|b" */
    SETTING_TYPE_RATE,     /* parts per million; written 13% or 0.13 */
    SETTING_TYPE_DAY,
    SETTING_TYPE_ZONE,     /* minutes east of UTC; written +08:00 */
    SETTING_TYPE_COUNT_OF, /* whole number */
    SETTING_TYPE_ID,
    SETTING_TYPE_STARTS, /* first day of fiscal months, 1 … 28; "calendar": 1 */
} setting_type;

/* enum, name, type, default, min, max, choices, unit, help */
#define SETTINGS(X)                                                                                                    \
    X(SETTING_CURRENCY, "currency", SETTING_TYPE_CURRENCY, "CNY", 0, 0, "", "", "Currency of lines that state none.")  \
    X(SETTING_TAX_BASIS, "amount.tax_basis", SETTING_TYPE_CHOICE, "incl", 0, 0, "incl|excl", "",                       \
      "Amounts are kept with (incl) or without (excl) VAT.")                                                           \
    X(SETTING_TAX_RATE, "tax.default_rate", SETTING_TYPE_RATE, "13%", 0, 1000000, "", "",                              \
      "VAT rate of products that state none.")                                                                         \
    X(SETTING_OLDEST, "accept.oldest", SETTING_TYPE_DAY, "2000-01-01", DAY_MIN, DAY_MAX, "", "",                       \
      "Lines dated before go to quarantine.")                                                                          \
    X(SETTING_ZONE, "time.zone", SETTING_TYPE_ZONE, "+08:00", -840, 840, "", "",                                       \
      "Zone in which a moment becomes a business day.")                                                                \
    X(SETTING_COMPANY, "company.default", SETTING_TYPE_ID, "main", 0, 0, "", "",                                       \
      "Selling company of shipments and payments that name none.")                                                     \
    X(SETTING_GOODS_MATCH, "goods.match_days", SETTING_TYPE_COUNT_OF, "45", 1, 365, "", "days",                        \
      "A receipt is looked for so long before and after its shipment.")                                                \
    X(SETTING_GOODS_UNSIGNED, "goods.unsigned_days", SETTING_TYPE_COUNT_OF, "3", 0, 90, "", "days",                    \
      "Days beyond the usual transit after which a shipment without receipt is unsigned.")                             \
    X(SETTING_BALANCE_PERMILLE, "balance.tolerance_permille", SETTING_TYPE_COUNT_OF, "10", 0, 1000, "", "per mille",   \
      "Gap of a mass balance that is let pass, of the goods there were to account for.")                               \
    X(SETTING_BALANCE_UNITS, "balance.tolerance_units", SETTING_TYPE_COUNT_OF, "1", 0, 1000000, "", "base units",      \
      "Gap of a mass balance that is always let pass.")                                                                \
    X(SETTING_BALANCE_TIMES, "balance.plausible_times", SETTING_TYPE_COUNT_OF, "5", 1, 100, "", "",                    \
      "A gap up to so many tolerances is plausible, beyond them doubtful.")                                            \
    X(SETTING_BALANCE_COUNT, "balance.count_days", SETTING_TYPE_COUNT_OF, "3", 0, 15, "", "days",                      \
      "A count so many days after the end of a period may still be the one of its end.")                               \
    X(SETTING_BALANCE_PARTNER, "balance.partner_days", SETTING_TYPE_COUNT_OF, "3", 0, 60, "", "days",                  \
      "A fresh gap is the partner's to explain for so long before staff see a grade.")                                 \
    X(SETTING_TRANSIT, "stock.transit_days", SETTING_TYPE_COUNT_OF, "3", 0, 90, "", "days",                            \
      "Usual days from a shipment to the assumed receipt.")                                                            \
    X(SETTING_FISCAL, "fiscal_month_starts", SETTING_TYPE_STARTS, "calendar", 1, 28, "", "",                           \
      "Day on which fiscal months begin (calendar: the 1st); rows of fiscal_month come first.")                        \
    X(SETTING_REMIND_DAYS, "duty.remind_days", SETTING_TYPE_COUNT_OF, "2", 0, 31, "", "working days",                  \
      "Partners are reminded so long before a report is due.")                                                         \
    X(SETTING_REMIND_HOUR, "duty.remind_hour", SETTING_TYPE_COUNT_OF, "9", 0, 23, "", "o'clock",                       \
      "Hour of the business day at which reminders go out.")                                                           \
    X(SETTING_ADJUST_LIMIT, "wallet.adjust_limit", SETTING_TYPE_COUNT_OF, "1000", 0, 1000000000, "",                   \
      "whole units of the currency",                                                                                   \
      "What one of finance adjusts of an account in a day; beyond it, it waits for a second person.")                  \
    X(SETTING_ADJUST_MANAGER, "wallet.adjust_limit_manager", SETTING_TYPE_COUNT_OF, "0", 0, 1000000000, "",            \
      "whole units of the currency", "The same for a channel manager.")                                                \
    X(SETTING_POLICY_ABOVE, "policy.approve_above", SETTING_TYPE_COUNT_OF, "10000", 0, 1000000000, "",                 \
      "whole units of the currency", "A policy that moves more money than that waits for a second person.")            \
    X(SETTING_ACCRUE_HOUR, "rebate.accrue_hour", SETTING_TYPE_COUNT_OF, "3", 0, 23, "", "o'clock",                     \
      "Hour of the business day at which what rebates have changed by is posted.")                                     \
    X(SETTING_ACCRUE_ON, "rebate.accrue_on", SETTING_TYPE_CHOICE, "actual", 0, 0, "actual|expected", "",               \
      "expected: periods that still run are posted on the band they are expected to end in (IFRS 15).")                \
    X(SETTING_CONFIRM_DAYS, "rebate.confirm_days", SETTING_TYPE_COUNT_OF, "10", 0, 365, "", "days",                    \
      "A statement that its partner neither confirms nor disputes for so long is confirmed (0: never).")               \
    X(SETTING_CASE_ANSWER, "case.answer_days", SETTING_TYPE_COUNT_OF, "10", 1, 365, "", "days",                        \
      "A partner has so long to answer the notice of a case.")                                                         \
    X(SETTING_CASE_OWN, "case.own_days", SETTING_TYPE_COUNT_OF, "20", 1, 365, "", "days",                              \
      "We have so long to decide a case, and to charge it; then what is held is free.")                                \
    X(SETTING_CASE_APPEAL, "case.appeal_days", SETTING_TYPE_COUNT_OF, "30", 1, 365, "", "days",                        \
      "A verdict can be appealed for so long; then its case closes.")                                                  \
    X(SETTING_JUDGE_HOUR, "signal.run_hour", SETTING_TYPE_COUNT_OF, "4", 0, 23, "", "o'clock",                         \
      "Hour of the business day at which diversion is judged.")                                                        \
    X(SETTING_GOODS_PRICE, "payout.goods_price", SETTING_TYPE_CHOICE, "dealer", 0, 0,                                  \
      "ex_works|dealer|wholesale|retail", "", "Price at which goods are given for a rebate.")                          \
    X(SETTING_PLAN_HOUR, "replenish.plan_hour", SETTING_TYPE_COUNT_OF, "5", 0, 23, "", "o'clock",                      \
      "Hour of the business day at which replenishment is planned.")                                                   \
    X(SETTING_CREDIT_HOURS, "credit.stale_hours", SETTING_TYPE_COUNT_OF, "72", 1, 8760, "", "hours",                   \
      "Figures of a partner's credit are too old after so long.")                                                      \
    X(SETTING_ORDER_AUTO, "order.approve_up_to", SETTING_TYPE_COUNT_OF, "10000", 0, 1000000000, "",                    \
      "whole units of the currency", "A confirmed order up to that is approved by itself when all checks pass.")       \
    X(SETTING_SHELF_SETTLE, "assortment.settle_days", SETTING_TYPE_COUNT_OF, "60", 0, 730, "", "days",                 \
      "A product is not judged at a partner before it has had it for so long.")                                        \
    X(SETTING_SHELF_COVER, "assortment.cover_days", SETTING_TYPE_COUNT_OF, "180", 1, 3650, "", "days",                 \
      "A C product whose stock lasts longer is proposed to be delisted.")                                              \
    X(SETTING_SHELF_GMROI, "assortment.gmroi_percent", SETTING_TYPE_COUNT_OF, "50", 0, 100000, "", "per cent",         \
      "A C product whose margin of a year is a smaller share of its stock is proposed to be delisted.")                \
    X(SETTING_SHELF_PEERS, "assortment.peer_percent", SETTING_TYPE_COUNT_OF, "50", 1, 100, "", "per cent",             \
      "A product that so many of the partners like it sell is proposed to be listed.")                                 \
    X(SETTING_TRANSFER_SLOW, "transfer.slow_days", SETTING_TYPE_COUNT_OF, "120", 1, 3650, "", "days",                  \
      "Stock that lasts longer is slow: another partner may be able to use it.")                                       \
    X(SETTING_TRANSFER_KEEP, "transfer.keep_days", SETTING_TYPE_COUNT_OF, "60", 0, 3650, "", "days",                   \
      "Who gives stock away keeps what it sells in so many days; who takes it gets no more than that.")                \
    X(SETTING_TRANSFER_NEED, "transfer.need_days", SETTING_TYPE_COUNT_OF, "30", 1, 3650, "", "days",                   \
      "A partner whose stock lasts no longer could use more.")                                                         \
    X(SETTING_TRANSFER_SILENCE, "transfer.silence_days", SETTING_TYPE_COUNT_OF, "60", 0, 730, "", "days",              \
      "A refused transfer is not proposed again for so long; an agreed one holds for so long.")                        \
    X(SETTING_OVERSTOCK_WINDOW, "overstock.window_days", SETTING_TYPE_COUNT_OF, "60", 7, 730, "", "days",              \
      "Sell-in and final sell-out are compared over so many days.")                                                    \
    X(SETTING_OVERSTOCK_RATIO, "overstock.ratio_percent", SETTING_TYPE_COUNT_OF, "150", 101, 100000, "", "per cent",   \
      "Sell-in of so many per cent of the final sell-out is far above it.")                                            \
    X(SETTING_OVERSTOCK_COVER, "overstock.cover_days", SETTING_TYPE_COUNT_OF, "90", 1, 3650, "", "days",               \
      "… and an alarm when the stock lasts so long, too.")                                                             \
    X(SETTING_OVERSTOCK_SETTLE, "overstock.settle_days", SETTING_TYPE_COUNT_OF, "14", 0, 730, "", "days",              \
      "A product is not judged before the partner has had it for so long.")                                            \
    X(SETTING_OVERSTOCK_HOUR, "overstock.run_hour", SETTING_TYPE_COUNT_OF, "5", 0, 23, "", "o'clock",                  \
      "Hour of the business day at which overstock is judged.")                                                        \
    X(SETTING_MODE, "mode", SETTING_TYPE_CHOICE, "live", 0, 0, "live|shadow", "",                                      \
      "shadow: everything is computed, nothing is sent out to partners.")

typedef enum setting_id {
#define X(id, name, type, otherwise, min, max, choices, unit, help) id,
    SETTINGS(X)
#undef X
        SETTING_COUNT
} setting_id;

typedef struct setting_fact {
    const char *name;
    setting_type type;
    const char *otherwise; /* the default */
    int64_t min, max;
    const char *choices, *unit, *help;
} setting_fact;
extern const setting_fact setting_facts[SETTING_COUNT];

bool setting_parse(str name, setting_id *out);
/** The value as text, in its canonical spelling; the default when never set. Borrowed. */
str setting_text(txn *t, setting_id id);
/** The same as a number: ppm, day, minutes or count; a choice gives its index. */
int64_t setting_number(txn *t, setting_id id);
/** Check a value: canonical text and number; ERR_DATA says what was wanted. */
MUST_USE bool setting_check(setting_id id, str value, buf *canonical, int64_t *number, err *e);
/** Journal entry that set it, 0: default. */
uint64_t setting_entry(txn *t, setting_id id);

#endif
