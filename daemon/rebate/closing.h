/* closing — periods of rebates that are closed. A settlement uses what closed periods bear; a difference that comes later
 * is borne by the next open period, as "late for" its own. Each kind of period is closed by its own label, policies by
 * month month by month; `once` is as long as its policy, so it is closed policy by policy: "once/spring-2026".
 *
 *   period   label → state u8, entry u64, time i64, times closed u32, then texts: by, reason */
#ifndef REBATE_CLOSING_H
#define REBATE_CLOSING_H

#include "daemon/rebate/policy.h"
#include "daemon/store/apply.h"
#include "proto/journal.pb-c.h"

enum { CLOSING_LABEL = 80 }; /* bytes of a label at most */

/* Numbers are stored. */
typedef enum closing_state { CLOSING_OPEN = 1, CLOSING_CLOSED } closing_state;

typedef struct closing { /* a period that was closed at least once */
    str label;
    closing_state state;
    uint64_t entry; /* that closed or reopened it last */
    int64_t time_ms;
    uint32_t times; /* closed so often */
    str by, reason;
} closing;

/** The label under which a policy's period is closed: its own, for `once` with the policy. */
void closing_label(buf *out, str of_policy, str period);
/** Is it a label at all? *kind, *no (may be NULL), *name, the policy ("" but for once). */
bool closing_parse(str label, period_kind *kind, int32_t *no, str *name);
/** Its first and last day; of a `once` those of its policy (false: no such policy). */
bool closing_days(txn *t, str label, day_t *first, day_t *last);
bool closing_get(txn *t, str label, closing *out); /* texts borrowed; false: never closed */
bool closing_is_closed(txn *t, str label);
/** The open period that bears a difference of the period `label`: itself, else the next open one of its kind; after a
 *  `once` the first open month from the month of `today`. */
void closing_bearer(txn *t, str label, day_t today, buf *out);

/** First day after every closed month, quarter, half year and year; DAY_MIN: none is closed. */
day_t closing_open_from(txn *t);

/** KIND_PERIOD. ERR_CONFLICT: it is so already. */
MUST_USE bool rebate_period(txn *t, const entry *en, const Entry__Period *m, apply_result *r, err *e);
bool closing_content(uint32_t table, str stored_key, str val, buf *out);
bool closing_decode(str stored_key, str val, closing *out);

#endif
