/* kinds — the kinds of journal entries. Numbers are for ever; a changed meaning is a new row. */
#ifndef PROTO_KINDS_H
#define PROTO_KINDS_H

/* enum, number, name in exports, message of journal.proto */
#define ENTRY_KINDS(X)                                                                                                 \
    X(KIND_GENESIS, 1, "genesis", Genesis)                                                                             \
    X(KIND_DOCUMENT, 2, "document", Upload)                                                                            \
    X(KIND_UPLOAD_REFUSED, 3, "upload.refused", UploadRefused)                                                         \
    X(KIND_CATALOG, 4, "catalog", Catalog)                                                                             \
    X(KIND_SETTING, 5, "setting", Setting)                                                                             \
    X(KIND_USER, 6, "user", User)                                                                                      \
    X(KIND_AGENT_TOKEN, 7, "agent.token", AgentToken)                                                                  \
    X(KIND_AGENT_ENROLLED, 8, "agent.enrolled", AgentEnrolled)                                                         \
    X(KIND_AGENT_REVOKED, 9, "agent.revoked", AgentRevoked)                                                            \
    X(KIND_WITHDRAW, 10, "upload.withdraw", Withdraw)                                                                  \
    X(KIND_REPOST, 11, "document.repost", Repost)                                                                      \
    X(KIND_PERSON, 12, "person", Person)                                                                               \
    X(KIND_CLOCK, 13, "clock", Clock)                                                                                  \
    X(KIND_NOTICE, 14, "notice", Notices)                                                                              \
    X(KIND_NOTICE_READ, 15, "notice.read", NoticesRead)                                                                \
    X(KIND_ACCESS, 22, "access", Access)                                                                               \
    X(KIND_POLICY, 24, "policy", Policy)                                                                               \
    X(KIND_ACCRUAL, 25, "accrual", Accrual)                                                                            \
    X(KIND_PERIOD, 26, "period", Period)                                                                               \
    X(KIND_SETTLEMENT, 27, "settlement", Settlement)                                                                   \
    X(KIND_STEP, 28, "settlement.step", Step)                                                                          \
    X(KIND_VOUCHERS, 29, "vouchers", Vouchers)                                                                         \
    X(KIND_PROPOSAL, 30, "proposal", Proposal)                                                                         \
    X(KIND_DECISION, 31, "decision", Decision)                                                                         \
    X(KIND_WALLET, 32, "wallet", Wallet)                                                                               \
    X(KIND_PAYOUT, 33, "payout", Payout)                                                                               \
    X(KIND_PAYOUT_STEP, 34, "payout.step", PayoutStep)                                                                 \
    X(KIND_ACTIVITY, 36, "activity", Activity)                                                                         \
    X(KIND_ACTIVITY_STEP, 37, "activity.step", ActivityStep)                                                           \
    X(KIND_HOLD, 38, "hold", Hold)                                                                                     \
    X(KIND_SIGNALS, 44, "signals", Signals)                                                                            \
    X(KIND_CASE_STEP, 45, "case.step", CaseStep)                                                                       \
    X(KIND_CLAIM, 46, "claim", Claim)                                                                                  \
    X(KIND_PAPER, 47, "paper", Paper)                                                                                  \
    X(KIND_PENALTY, 48, "penalty", PenaltySchedule)                                                                    \
    X(KIND_TRACE_RULE, 49, "signal.rule", TraceRule)                                                                   \
    X(KIND_INSPECTION, 51, "inspection", Inspection)                                                                   \
    X(KIND_CODES, 40, "codes", Codes)                                                                                  \
    X(KIND_CODE_STATE, 41, "code.state", CodeState)                                                                    \
    X(KIND_EVENTS, 42, "epcis", Events)                                                                                \
    X(KIND_SCANS, 43, "scans", Scans)                                                                                  \
    X(KIND_HOOK, 52, "hook", Hook)                                                                                     \
    X(KIND_STOCK_RULE, 60, "replenish.policy", StockRule)                                                              \
    X(KIND_SUGGEST, 61, "replenish.plan", Suggest)                                                                     \
    X(KIND_ORDER, 62, "order", Order)                                                                                  \
    X(KIND_ORDER_STEP, 63, "order.step", OrderStep)                                                                    \
    X(KIND_SEASONS, 64, "forecast.seasons", Seasons)                                                                   \
    X(KIND_OVERSTOCK, 69, "overstock", Overstock)                                                                      \
    X(KIND_TRANSFER, 70, "transfer", Transfers)                                                                        \
    X(KIND_TRANSFER_STEP, 71, "transfer.step", TransferStep)                                                           \
    X(KIND_TRIAL, 72, "trial", Trial)                                                                                  \
    X(KIND_TRIAL_END, 73, "trial.end", TrialEnd)                                                                       \
    X(KIND_USER_ACCESS, 76, "user.access", UserAccess)                                                                 \
    X(KIND_TOKEN, 77, "token", Token)

typedef enum entry_kind {
#define X(kind, no, name, message) kind = no,
    ENTRY_KINDS(X)
#undef X
} entry_kind;

#endif
