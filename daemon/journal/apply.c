#include "daemon/journal/apply.h"

#include "daemon/catalog/apply.h"
#include "daemon/journal/proposal.h"
#include "daemon/ledger/coded.h"
#include "daemon/ledger/hold.h"
#include "daemon/ledger/ledger.h"
#include "daemon/ledger/wallet.h"
#include "daemon/outbox/hooks.h"
#include "daemon/outbox/outbox.h"
#include "daemon/rebate/accrual.h"
#include "daemon/rebate/activity_claim.h"
#include "daemon/rebate/closing.h"
#include "daemon/rebate/policies.h"
#include "daemon/rebate/redemption.h"
#include "daemon/rebate/settlement.h"
#include "daemon/rebate/statement.h"
#include "daemon/rebate/vouchers.h"
#include "daemon/replenish/orders.h"
#include "daemon/replenish/overstock.h"
#include "daemon/replenish/rules.h"
#include "daemon/replenish/seasons.h"
#include "daemon/replenish/suggestions.h"
#include "daemon/replenish/transfers.h"
#include "daemon/replenish/trials.h"
#include "daemon/trace/cases.h"
#include "daemon/trace/claims.h"
#include "daemon/trace/codes.h"
#include "daemon/trace/custody.h"
#include "daemon/trace/events.h"
#include "daemon/trace/inspections.h"
#include "daemon/trace/papers.h"
#include "daemon/trace/penalty.h"
#include "daemon/trace/sightings.h"
#include "daemon/trace/tuning.h"
#include "proto/frame.h"
#include "proto/kinds.h"
#include "proto/limits.h"

enum { BODY_BYTES = 2 * LIMIT_FRAME_BYTES, BIG_BODY_BYTES = 64 * 1024 * 1024 };

typedef bool (*applier)(txn *t, const entry *en, apply_result *r, err *e);

/* apply_NAME unpacks the body, of so many bytes in memory at most, and calls the room's applier. */
#define APPLIER(name, message, applies)     APPLIER_OF(name, message, applies, BODY_BYTES)
#define BIG_APPLIER(name, message, applies) APPLIER_OF(name, message, applies, BIG_BODY_BYTES)
#define APPLIER_OF(name, message, applies, most)                                                                       \
    static bool apply_##name(txn *t, const entry *en, apply_result *r, err *e) {                                       \
        AUTO(arena) a = {0};                                                                                           \
        arena_init(&a, most);                                                                                          \
        const void *body = message_unpack(&entry__##message##__descriptor, en->body, LIMIT_ENTRY_ROWS, &a, e);         \
        return body && applies(t, en, body, r, e);                                                                     \
    }
APPLIER(upload, upload, ledger_upload)
APPLIER(upload_refused, upload_refused, ledger_upload_refused)
APPLIER(withdraw, withdraw, ledger_withdraw)
APPLIER(repost, repost, ledger_repost)
APPLIER(hook, hook, outbox_hook)
APPLIER(wallet, wallet, ledger_wallet)
APPLIER(hold, hold, ledger_hold)
APPLIER(activity, activity, rebate_activity)
APPLIER(activity_step, activity_step, rebate_activity_step)
APPLIER(policy, policy, rebate_policy)
APPLIER(accrual, accrual, rebate_accrual)
APPLIER(period, period, rebate_period)
APPLIER(settlement, settlement, rebate_settlement)
APPLIER(step, step, rebate_step)
APPLIER(vouchers, vouchers, rebate_vouchers)
BIG_APPLIER(signals, signals, trace_signals)
APPLIER(case_step, case_step, trace_case_step)
APPLIER(claim, claim, trace_claim)
BIG_APPLIER(paper, paper, trace_paper)
APPLIER(penalty, penalty_schedule, trace_penalty)
APPLIER(trace_rule, trace_rule, trace_tune)
APPLIER(inspection, inspection, trace_inspection)
APPLIER(payout, payout, rebate_payout)
APPLIER(payout_step, payout_step, rebate_payout_step)
APPLIER(proposal, proposal, proposal_apply)
APPLIER(decision, decision, decision_apply)
APPLIER(stock_rule, stock_rule, replenish_rule)
BIG_APPLIER(suggest, suggest, replenish_take)
BIG_APPLIER(seasons, seasons, replenish_seasons)
BIG_APPLIER(order, order, replenish_order)
BIG_APPLIER(order_step, order_step, replenish_order_step)
BIG_APPLIER(overstock, overstock, replenish_overstock)
BIG_APPLIER(transfer, transfers, replenish_transfer)
APPLIER(transfer_step, transfer_step, replenish_transfer_step)
BIG_APPLIER(trial, trial, replenish_trial)
APPLIER(trial_end, trial_end, replenish_trial_end)
BIG_APPLIER(codes, codes, trace_codes)
APPLIER(code_state, code_state, trace_code_state)
BIG_APPLIER(events, events, trace_events)
BIG_APPLIER(scans, scans, trace_scans)

static bool learn(txn *t, const entry *en, apply_result *r, err *e) {
    (void)r;
    ledger_learn(t, en);
    return txn_ok(t, e);
}

static bool nothing(txn *t, const entry *en, apply_result *r, err *e) {
    (void)en;
    (void)r;
    return txn_ok(t, e);
}

enum { ROOMS_MAX = 2 };

static const struct kind_row {
    entry_kind kind;
    applier rooms[ROOMS_MAX];
} rows[] = {
    {KIND_GENESIS, {nothing}},
    {KIND_DOCUMENT, {apply_upload, trace_coded}},
    {KIND_UPLOAD_REFUSED, {apply_upload_refused}},
    {KIND_CATALOG, {catalog_apply, learn}},
    {KIND_SETTING, {catalog_apply, learn}},
    {KIND_USER, {catalog_apply}},
    {KIND_USER_ACCESS, {catalog_apply}},
    {KIND_TOKEN, {catalog_apply}},
    {KIND_AGENT_TOKEN, {catalog_apply}},
    {KIND_AGENT_ENROLLED, {catalog_apply}},
    {KIND_AGENT_REVOKED, {catalog_apply}},
    {KIND_WITHDRAW, {apply_withdraw, trace_coded}},
    {KIND_REPOST, {apply_repost, trace_coded}},
    {KIND_PERSON, {catalog_apply}},
    {KIND_ACCESS, {catalog_apply}},
    {KIND_CLOCK, {nothing}},
    {KIND_NOTICE, {outbox_apply}},
    {KIND_NOTICE_READ, {outbox_apply}},
    {KIND_HOOK, {apply_hook}},
    {KIND_PROPOSAL, {apply_proposal}},
    {KIND_DECISION, {apply_decision}},
    {KIND_WALLET, {apply_wallet}},
    {KIND_HOLD, {apply_hold}},
    {KIND_ACTIVITY, {apply_activity}},
    {KIND_ACTIVITY_STEP, {apply_activity_step}},
    {KIND_POLICY, {apply_policy}},
    {KIND_ACCRUAL, {apply_accrual}},
    {KIND_PERIOD, {apply_period}},
    {KIND_SETTLEMENT, {apply_settlement}},
    {KIND_STEP, {apply_step}},
    {KIND_VOUCHERS, {apply_vouchers}},
    {KIND_SIGNALS, {apply_signals}},
    {KIND_CASE_STEP, {apply_case_step}},
    {KIND_CLAIM, {apply_claim}},
    {KIND_PAPER, {apply_paper}},
    {KIND_PENALTY, {apply_penalty}},
    {KIND_TRACE_RULE, {apply_trace_rule}},
    {KIND_INSPECTION, {apply_inspection}},
    {KIND_CODES, {apply_codes}},
    {KIND_CODE_STATE, {apply_code_state}},
    {KIND_EVENTS, {apply_events}},
    {KIND_SCANS, {apply_scans}},
    {KIND_PAYOUT, {apply_payout}},
    {KIND_PAYOUT_STEP, {apply_payout_step}},
    {KIND_STOCK_RULE, {apply_stock_rule}},
    {KIND_SUGGEST, {apply_suggest}},
    {KIND_SEASONS, {apply_seasons}},
    {KIND_ORDER, {apply_order}},
    {KIND_ORDER_STEP, {apply_order_step}},
    {KIND_OVERSTOCK, {apply_overstock}},
    {KIND_TRANSFER, {apply_transfer}},
    {KIND_TRANSFER_STEP, {apply_transfer_step}},
    {KIND_TRIAL, {apply_trial}},
    {KIND_TRIAL_END, {apply_trial_end}},
};

static bool apply_rooms(const struct kind_row *row, txn *t, const entry *en, apply_result *r, err *e) {
    for (size_t k = 0; k < ROOMS_MAX && row->rooms[k]; k++) TRY(row->rooms[k](t, en, r, e));
    return true;
}

bool journal_apply(txn *t, const entry *en, apply_result *r, err *e) {
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if ((uint16_t)rows[i].kind != en->kind) continue;
        bool ok = apply_rooms(&rows[i], t, en, r, e);
        coded_free(r);
        return ok;
    }
    return err_set(e, ERR_DATA, "unknown kind of entry %u: written by a newer version", en->kind);
}
