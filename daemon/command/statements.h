/* statements — what the commands about statements of rebates share. */
#ifndef COMMAND_STATEMENTS_H
#define COMMAND_STATEMENTS_H

#include "daemon/command/command.h"
#include "daemon/rebate/statement.h"

/** "12", or "S12" as wallet moves refer to it. ERR_USAGE. */
MUST_USE bool statement_number(str s, uint64_t *out, err *e);
/** The statement of a number as written, with the right to do the verb (command.h, authz) to its partner. */
MUST_USE bool statement_of_call(call *c, str number, const char *verb, statement *out, err *e);

typedef bool (*statement_fn)(call *c, const statement *s, void *arg, err *e);
/** Every statement that the caller may read, of --partner and --period where given. */
MUST_USE bool statements_each(call *c, statement_fn fn, void *arg, err *e);

/** Confirm in the partner's place, as of `now_ms`, what was sent to it more than rebate.confirm_days before; entries of at
 *  most LIMIT_ENTRY_ROWS statements. */
MUST_USE bool statements_lapse(txn *t, int64_t now_ms, int zone_min, uint64_t *lines, err *e);

#endif
