/* words — figures and lists of a policy file: one function a sort, each refusing with its line what is finer, coarser or
 * other than it may be. Numbers may be quoted or not. */
#ifndef REBATE_WORDS_H
#define REBATE_WORDS_H

#include "daemon/rebate/policy.h"
#include "formats/yaml.h"

MUST_USE bool node_money(const node *v, const char *what, int64_t *out, err *e); /* ≥ 0, fen */
/** "2.5%" → 25000; at most four decimals, the sign % is needed. */
MUST_USE bool node_percent(const node *v, const char *what, int64_t *out, err *e);
/** A word that is not empty, copied into the policy. */
MUST_USE bool node_word(policy *p, const node *v, const char *what, str *out, err *e);
/** A list of words, or one word alone. */
MUST_USE bool node_names(policy *p, const node *v, const char *what, names *out, err *e);
MUST_USE bool node_products(policy *p, const node *v, const char *what, product_scope *out, err *e);

/** Exactly one of rate, per_unit and lump among the entries of a map. */
MUST_USE bool node_term(const node *map, const char *what, term *out, err *e);

typedef enum from_kind { FROM_MEASURE, FROM_PERCENT, FROM_EITHER, FROM_COUNT } from_kind;
/** `bands`, `boundary` and `mode` of a mechanism. */
MUST_USE bool node_ladder(policy *p, const node *map, from_kind kind, ladder *out, err *e);

#endif
