/* lint — the weak places of a policy that is right as it stands: cliffs that tempt to buy ahead, bands nobody can reach,
 * keys without effect, a scope that matches nobody. */
#ifndef REBATE_LINT_H
#define REBATE_LINT_H

#include "daemon/rebate/policy.h"
#include "daemon/rebate/world.h"

typedef struct lint_finding {
    unsigned line;    /* of the file; 0: the policy as a whole */
    const char *code; /* cliff, unreachable_band, … (docs/rebates.md) */
    str text;
} lint_finding;

typedef struct lint_result {
    lint_finding *v;
    size_t n, cap;
} lint_result;

/** `w` may be empty: what it does not know is not looked at. Findings live in `a`. */
MUST_USE bool policy_lint(const policy *p, const rebate_world *w, arena *a, lint_result *out, err *e);

#endif
