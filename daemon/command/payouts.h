/* payouts — what the commands about payouts share. */
#ifndef COMMAND_PAYOUTS_H
#define COMMAND_PAYOUTS_H

#include "daemon/command/command.h"
#include "daemon/rebate/redemption.h"

/** "12", or "P12" as wallet moves refer to it; false: neither. */
bool payout_number(str s, uint64_t *out);
/** The payout of a number as written, with the right to do the verb (command.h, authz) to its partner. */
MUST_USE bool payout_of_call(call *c, str number, const char *verb, redemption *out, err *e);

typedef bool (*payout_fn)(call *c, const redemption *r, void *arg, err *e);
/** Every payout that the caller may read, of --partner where given; nothing may be written meanwhile. */
MUST_USE bool payouts_each(call *c, payout_fn fn, void *arg, err *e);

void cell_money(json *j, const char *name, int64_t v, uint32_t currency);
/** "0.13" */
void cell_ppm(json *j, const char *name, uint32_t rate);

/* Payouts that take one act, for one entry. */
typedef struct payout_steps {
    redemption_act act;
    uint64_t *payout; /* in any order */
    str *number, *reason;
    day_t *day;
    size_t n, cap[4];
} payout_steps;
void payout_steps_add(call *c, payout_steps *s, uint64_t payout, str number, day_t day, str reason);
/** Journal them, as many entries as it takes. *result (may be NULL): of the last. */
MUST_USE bool payout_steps_append(call *c, const payout_steps *s, uint64_t *result, err *e);

/** Numbers of the ERP's papers that payouts have; each stands for one payout of a form. Keys "form number". */
MUST_USE bool payout_papers(call *c, map *out, err *e);
str payout_paper_key(call *c, payout_form form, str number);

#endif
