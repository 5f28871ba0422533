/* rules — replenishment policies as people apply them: a YAML file (policy.h) with a name, the products and partners it is
 * for, and how suggestions of it behave; every revision stays. For a partner and product the policy that names the product
 * most closely holds, then the one that names the partner most closely, then the first by name.
 *
 *   stock_rule   name, 0, revision u32 → entry u64, time i64, withdrawn u8, then texts: by, reason, yaml */
#ifndef REPLENISH_RULES_H
#define REPLENISH_RULES_H

#include "daemon/catalog/catalog.h"
#include "daemon/replenish/policy.h"
#include "daemon/store/apply.h"
#include "proto/journal.pb-c.h"

typedef struct stock_rule {
    str name, title;
    str products, partners; /* lists of catalog/scope.h; "" all */
    replenish_policy policy;
    unsigned silence_days; /* a refused suggestion stays away for so long */
    int64_t tolerance;     /* ppm: a smaller change of the quantity changes nothing */
    int64_t budget;        /* micro of the currency, for all suggestions of a partner under it; NUM_NONE: none */
} stock_rule;

/** Read a file; texts are borrowed from `a`. ERR_CONFIG "line N: …". */
MUST_USE bool stock_rule_parse(str yaml, arena *a, stock_rule *out, err *e);

typedef struct stock_rule_revision {
    str name;
    uint32_t revision;
    uint64_t entry;
    int64_t time_ms;
    bool withdrawn;
    str by, reason, yaml;
} stock_rule_revision;
/* Texts are borrowed from t. */
bool stock_rule_get(txn *t, str name, uint32_t revision, stock_rule_revision *out);
bool stock_rule_latest(txn *t, str name, stock_rule_revision *out);
/** The last revision of the policy whose name follows `after`. */
bool stock_rule_next(txn *t, str after, stock_rule_revision *out);

/* All that are in force, read. */
typedef struct stock_rules {
    stock_rule *v;
    size_t n;
} stock_rules;
MUST_USE bool stock_rules_load(txn *t, arena *a, stock_rules *out, err *e);
/** The one that holds; NULL: none does. */
const stock_rule *stock_rules_for(txn *t, const stock_rules *r, uint32_t partner_no, const product *p);

/** KIND_STOCK_RULE. ERR_CONFLICT: the revision moved. */
MUST_USE bool replenish_rule(txn *t, const entry *en, const Entry__StockRule *m, apply_result *r, err *e);
bool stock_rule_content(uint32_t table, str stored_key, str val, buf *out);

#endif
