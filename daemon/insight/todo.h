/* todo — what waits for a person's decision today: one row a kind of thing, the most urgent first. Which kinds there are,
 * whose they are, how long one may wait and which command decides it stand in one table; daemon/command/todo.c looks for the
 * things themselves, each with the authority of who asks.
 *
 * Urgency: a thing that has a deadline is as urgent as its deadline, one without is as urgent as the day on which it will
 * have waited for `days`. A row stands where its most urgent thing does. */
#ifndef INSIGHT_TODO_H
#define INSIGHT_TODO_H

#include "base/calendar.h"
#include "base/num.h"

/* Bits of catalog/users.h: the order of user_roles[]. */
enum { TODO_CM = 2, TODO_AM = 4, TODO_FIN = 8, TODO_INSP = 16, TODO_OWNER = 128, TODO_CLERK = 256, TODO_ADMIN = 1 };
#define TODO_PARTNER (TODO_OWNER | TODO_CLERK)

/* enum, name, roles beside the admin, days that one may wait, command that decides it, words (en, zh) */
#define TODO_KINDS(X)                                                                                                  \
    X(TODO_APPROVAL, "approval", TODO_CM | TODO_AM | TODO_FIN | TODO_INSP, 2, "approval list",                         \
      "proposals that wait for a second person", "待复核的审批")                                                       \
    X(TODO_CASE_ALERT, "case_alert", TODO_CM | TODO_AM, 7, "case list --state alert",                                  \
      "alerts of diversion to look at: give notice or dismiss", "待核查的窜货预警")                                    \
    X(TODO_CASE_VERDICT, "case_verdict", TODO_CM | TODO_FIN, 10, "case list --open", "cases that wait for a verdict",  \
      "待裁决的窜货案件")                                                                                              \
    X(TODO_CASE_PENALTY, "case_penalty", TODO_CM | TODO_FIN, 10, "case list --state upheld",                           \
      "cases upheld and not charged yet", "已认定、待处罚的案件")                                                      \
    X(TODO_CASE_ANSWER, "case_answer", TODO_OWNER, 10, "case list", "notices of diversion to answer",                  \
      "待申诉答复的窜货通知")                                                                                          \
    X(TODO_REPORT, "report", TODO_CM | TODO_INSP, 5, "case claims", "reports of diverted goods in no case yet",        \
      "未立案的举报")                                                                                                  \
    X(TODO_INSPECTION, "inspection", TODO_CM | TODO_INSP, 7, "inspection list --state open", "inspections to be done", \
      "待完成的稽查任务")                                                                                              \
    X(TODO_EXEMPTION, "exemption", TODO_CM, 3, "exemption list --state requested", "cross-region sales asked for",     \
      "待批的异地报备")                                                                                                \
    X(TODO_ORDER_CONFIRM, "order_confirm", TODO_PARTNER, 3, "order list --state suggested",                            \
      "suggested orders to confirm, change or refuse", "待确认的建议订单")                                             \
    X(TODO_ORDER_APPROVE, "order_approve", TODO_CM | TODO_AM | TODO_FIN, 1, "order list --state confirmed",            \
      "orders to approve", "待审批的订单")                                                                             \
    X(TODO_ORDER_EXPORT, "order_export", TODO_CM | TODO_AM | TODO_FIN, 1, "order list --state approved",               \
      "approved orders to hand to the ERP", "待推送 ERP 的订单")                                                       \
    X(TODO_ORDER_RECEIVE, "order_receive", TODO_PARTNER, 7, "order list --state shipped", "shipped orders to receive", \
      "待签收的发货")                                                                                                  \
    X(TODO_STATEMENT_REVIEW, "statement_review", TODO_CM | TODO_AM, 5, "rebate statement list --state draft",          \
      "lines of statements to let out", "待发出的对账单明细")                                                          \
    X(TODO_STATEMENT_CONFIRM, "statement_confirm", TODO_OWNER, 10, "rebate statement list --state sent",               \
      "lines of statements to confirm or dispute", "待确认或提出异议的对账单明细")                                     \
    X(TODO_STATEMENT_DISPUTE, "statement_dispute", TODO_CM | TODO_AM | TODO_FIN, 5, "rebate dispute list",             \
      "disputes to answer", "待答复的对账异议")                                                                        \
    X(TODO_STATEMENT_APPROVE, "statement_approve", TODO_FIN, 5, "rebate statement list --state confirmed",             \
      "confirmed lines to approve", "待财务审批的对账单明细")                                                          \
    X(TODO_STATEMENT_PAY, "statement_pay", TODO_FIN, 5, "rebate statement list --state approved",                      \
      "approved lines to pay", "待入账的对账单明细")                                                                   \
    X(TODO_PAYOUT_CONFIRM, "payout_confirm", TODO_OWNER, 5, "payout list --state requested",                           \
      "payouts that want a confirmation or an invoice of yours", "待确认的兑付")                                       \
    X(TODO_PAYOUT_EXPORT, "payout_export", TODO_FIN, 5, "payout export", "payouts to hand to the ERP", "待导出的兑付") \
    X(TODO_ACTIVITY, "activity", TODO_CM | TODO_AM, 7, "rebate claim list --state filed",                              \
      "claims of activities to decide", "待审批的费用核销")                                                            \
    X(TODO_QUARANTINE, "quarantine", TODO_CM | TODO_AM | TODO_PARTNER, 2, "quarantine list",                           \
      "groups of lines that wait for a word", "待处理的隔离数据（组）")                                                \
    X(TODO_DUTY, "duty", TODO_CM | TODO_AM | TODO_PARTNER, 0, "report status --state missing",                         \
      "reports that are overdue", "逾期未报的数据")                                                                    \
    X(TODO_AGENT_HELD, "agent_held", TODO_CM | TODO_AM, 0, "agent list", "agents held until a person decides",         \
      "已停用、待处理的代理程序")                                                                                      \
    X(TODO_AGENT_SILENT, "agent_silent", TODO_CM | TODO_AM, 1, "agent list", "agents that are silent for too long",    \
      "长时间未连接的代理程序")                                                                                        \
    X(TODO_UPLOAD_HELD, "upload_held", TODO_ADMIN, 0, "status", "batches held aside because they stopped the daemon",  \
      "被隔离的上传批次")                                                                                              \
    X(TODO_CREDIT, "credit", TODO_FIN, 0, "credit list", "credits whose figures are too old", "过期未更新的信用数据")  \
    X(TODO_HOOK, "hook", TODO_ADMIN, 1, "hook list", "messages that could not be delivered", "未能送达的消息")

typedef enum todo_kind {
#define X(kind, name, roles, days, command, en, zh) kind,
    TODO_KINDS(X)
#undef X
        TODO_KIND_COUNT
} todo_kind;

typedef struct todo_fact {
    const char *name;
    uint32_t roles;
    int32_t days;
    const char *command, *en, *zh;
} todo_fact;
extern const todo_fact todo_facts[TODO_KIND_COUNT];

/** Is it for this role? The admin sees all that somebody of the house decides. */
bool todo_is_for(todo_kind k, uint32_t role);

typedef struct todo_row {
    todo_kind kind;
    uint64_t count;
    day_t oldest, due; /* since when the oldest waits, DAY_MAX: not known; the first deadline, DAY_MAX: none */
    day_t urgent;      /* see above */
    int64_t amount;    /* of those that have one, minor units of the default currency; NUM_NONE: none has */
} todo_row;

typedef struct todo {
    todo_row row[TODO_KIND_COUNT];
} todo;
void todo_init(todo *t);
/** One thing more (or `count` of them). since, due: DAY_MAX not known, none; amount: NUM_NONE none. */
void todo_add(todo *t, todo_kind k, uint64_t count, day_t since, day_t due, int64_t amount);
/** Rows with something in them, the most urgent first; how many. */
size_t todo_sorted(const todo *t, const todo_row *out[static TODO_KIND_COUNT]);
/** "overdue", "today", "soon" (within two days), "open". */
const char *todo_urgency(const todo_row *r, day_t today);

#endif
