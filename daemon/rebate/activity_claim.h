/* activity_claim — what a partner spent on an activity (display, promotion, market development) and wants to be paid a part
 * of: filed with evidence, approved or refused by a manager, paid by the mechanism `activity` of the policy it names. What
 * is approved never exceeds the mechanism's fixed budget of the partner and period.
 *
 *     filed ── approve ──▸ approved ── refuse (taken back) ──▸ refused;   filed ── refuse ──▸ refused, withdraw ──▸ withdrawn
 *
 *   activity      partner u32, number u64 → state u8, product u32, day i32, amount i64, approved i64, entry u64, time i64,
 *                 then texts: policy, what, evidence, file, digest, by, decided by, reason
 *   activity_no   number u64 → partner u32
 *
 * Amounts are fen. The evidence is a text, a file that the partner keeps (its name and BLAKE2b-256), or both. */
#ifndef REBATE_ACTIVITY_CLAIM_H
#define REBATE_ACTIVITY_CLAIM_H

#include "base/arena.h"
#include "base/calendar.h"
#include "daemon/store/apply.h"
#include "proto/journal.pb-c.h"

/* Numbers are stored. */
typedef enum activity_state {
    ACTIVITY_FILED = 1,
    ACTIVITY_APPROVED,
    ACTIVITY_REFUSED,
    ACTIVITY_WITHDRAWN,
    ACTIVITY_STATE_END
} activity_state;
typedef enum activity_act { ACTIVITY_APPROVE = 1, ACTIVITY_REFUSE, ACTIVITY_WITHDRAW } activity_act;

const char *activity_state_name(activity_state s); /* "filed" */
bool activity_state_parse(str s, activity_state *out);

typedef struct activity_claim {
    uint64_t number, entry;
    uint32_t partner, product; /* product 0: none named */
    activity_state state;
    day_t day;
    int64_t amount, approved; /* claimed; let through, 0 until then */
    int64_t time_ms;
    str policy, what, evidence, file, digest, by, decided_by, reason; /* digest: 32 bytes or none */
} activity_claim;

/** Texts are borrowed from t. */
bool activity_claim_get(txn *t, uint64_t number, activity_claim *out);
/** Claims of a partner (0: of all), by partner and number; in `a`, texts copied. */
size_t activity_claims(txn *t, uint32_t partner_no, arena *a, activity_claim **out);
/** How much of claims like this one may still be approved beside those that are; NUM_NONE: the policy sets no bound.
 *  ERR_CONFLICT: its policy pays no activity on that day. */
MUST_USE bool activity_left(txn *t, const activity_claim *c, int64_t *left, err *e);

/** KIND_ACTIVITY: r->number is its number. ERR_NOT_FOUND, ERR_DATA, ERR_CONFLICT. */
MUST_USE bool rebate_activity(txn *t, const entry *en, const Entry__Activity *m, apply_result *r, err *e);
/** KIND_ACTIVITY_STEP. ERR_CONFLICT: it is not in a state for it, or more than is left. */
MUST_USE bool rebate_activity_step(txn *t, const entry *en, const Entry__ActivityStep *m, apply_result *r, err *e);
bool activity_content(txn *t, uint32_t table, str stored_key, str val, buf *out);

#endif
