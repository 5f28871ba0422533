/* trials — trials of new products as they were opened and how they ended. What a terminal may order meanwhile is the row of
 * the catalogue's table `trial`.
 *
 *   trial   id → product u32, days i32 (from, to), target i64, entry u64, result u8, ended i32, then texts: by, note, regions,
 *           figures, figures in Chinese, reason; then terminals: partner u32, matched u32 each */
#ifndef REPLENISH_TRIALS_H
#define REPLENISH_TRIALS_H

#include "base/calendar.h"
#include "daemon/replenish/trial_rule.h"
#include "daemon/store/apply.h"
#include "proto/journal.pb-c.h"

typedef struct trial_run {
    str id;
    uint32_t product;
    day_t from, to;
    int64_t target; /* thousandths a week and terminal; 0 none */
    uint64_t entry;
    trial_result result; /* TRIAL_OPEN: not closed */
    day_t ended;
    str by, note, regions, figures, figures_zh, reason;
    str terminals; /* as stored */
} trial_run;
/* Texts are borrowed. */
bool trial_get(txn *t, str id, trial_run *out);
bool trial_decode(str stored_key, str val, trial_run *out);
size_t trial_terminals(const trial_run *x);
/** The i-th, and the one it is matched with (0: none). */
void trial_terminal_at(const trial_run *x, size_t i, uint32_t *partner_no, uint32_t *matched);

/** KIND_TRIAL. ERR_CONFLICT: the id is used. */
MUST_USE bool replenish_trial(txn *t, const entry *en, const Entry__Trial *m, apply_result *r, err *e);
/** KIND_TRIAL_END. ERR_CONFLICT: it is closed already. */
MUST_USE bool replenish_trial_end(txn *t, const entry *en, const Entry__TrialEnd *m, apply_result *r, err *e);
bool trial_content(txn *t, uint32_t table, str stored_key, str val, buf *out);

#endif
