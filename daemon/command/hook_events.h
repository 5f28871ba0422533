/* hook_events — what a journal entry has to say to hooks: entry kind → events with their data. The types are a table; to add
 * one: a row here, a maker in hook_events.c's table of kinds. An event is a function of its entry and the books.
 *
 * `data` is for another system. The words are for people in a group: they come from the table with one id of our own in them,
 * so no partner's money, customers or accusations can get there. Of a case that no person let out the data names nobody. */
#ifndef COMMAND_HOOK_EVENTS_H
#define COMMAND_HOOK_EVENTS_H

#include "base/arena.h"
#include "daemon/outbox/queue.h"

/* enum, name, page below hooks.link, the house's own (never a partner's hook), words: %.*s is the id */
#define EVENT_TYPES(X)                                                                                                 \
    X(EVENT_CASE_ALERT, "case.alert", "/cases/", true, "案件 %.*s：新预警", "Case %.*s: a new alert")                  \
    X(EVENT_CASE_NOTIFIED, "case.notified", "/cases/", false, "案件 %.*s：已通知", "Case %.*s: notice given")          \
    X(EVENT_CASE_APPEALED, "case.appealed", "/cases/", false, "案件 %.*s：收到申诉", "Case %.*s: answered")            \
    X(EVENT_CASE_VERDICT, "case.verdict", "/cases/", false, "案件 %.*s：已裁决", "Case %.*s: decided")                 \
    X(EVENT_CASE_PENALISED, "case.penalised", "/cases/", false, "案件 %.*s：已处理", "Case %.*s: carried out")         \
    X(EVENT_CASE_COMPENSATED, "case.compensated", "/cases/", true, "案件 %.*s：已补偿", "Case %.*s: compensated")      \
    X(EVENT_CASE_CLOSED, "case.closed", "/cases/", false, "案件 %.*s：已关闭", "Case %.*s: closed")                    \
    X(EVENT_CASE_REOPENED, "case.reopened", "/cases/", false, "案件 %.*s：已重新打开", "Case %.*s: open again")        \
    X(EVENT_CASE_OVERDUE, "case.overdue", "/cases/", true, "案件 %.*s：已超时限",                                      \
      "Case %.*s: our deadline has passed")                                                                            \
    X(EVENT_SIGNAL, "signal.found", "/signals", true, "发现 %.*s 条新信号", "%.*s new signals")                        \
    X(EVENT_REPORT, "report.received", "/claims/", true, "举报 %.*s：请处理", "Report %.*s: please look")              \
    X(EVENT_INSPECTION_OPENED, "inspection.opened", "/inspections/", true, "稽查任务 %.*s：已下达",                    \
      "Inspection %.*s: to be done")                                                                                   \
    X(EVENT_INSPECTION_DONE, "inspection.done", "/inspections/", true, "稽查任务 %.*s：已完成",                        \
      "Inspection %.*s: done")                                                                                         \
    X(EVENT_EXEMPTION_REQUESTED, "exemption.requested", "/exemptions", true, "异地报备申请：%.*s 条待审批",            \
      "Exemptions asked for: %.*s")                                                                                    \
    X(EVENT_EXEMPTION_GRANTED, "exemption.granted", "/exemptions", false, "异地报备已批准：%.*s 条",                   \
      "Exemptions granted: %.*s")                                                                                      \
    X(EVENT_EXEMPTION_REFUSED, "exemption.refused", "/exemptions", false, "异地报备已拒绝：%.*s 条",                   \
      "Exemptions refused: %.*s")                                                                                      \
    X(EVENT_POLICY, "policy.applied", "/policies/", true, "返利政策 %.*s：已更新", "Policy %.*s: a new revision")      \
    X(EVENT_PERIOD_CLOSED, "period.closed", "/periods/", true, "期间 %.*s：已关闭", "Period %.*s: closed")             \
    X(EVENT_PERIOD_REOPENED, "period.reopened", "/periods/", true, "期间 %.*s：已重新打开", "Period %.*s: open again") \
    X(EVENT_STATEMENT_DRAFTED, "statement.drafted", "/statements", true, "期间 %.*s：对账单已生成",                    \
      "Period %.*s: statements drafted")                                                                               \
    X(EVENT_STATEMENT_SENT, "statement.sent", "/statements/", false, "对账单 %.*s：已发出", "Statement %.*s: sent")    \
    X(EVENT_STATEMENT_CONFIRMED, "statement.confirmed", "/statements/", false, "对账单 %.*s：已确认",                  \
      "Statement %.*s: confirmed")                                                                                     \
    X(EVENT_STATEMENT_DISPUTED, "statement.disputed", "/statements/", false, "对账单 %.*s：有异议",                    \
      "Statement %.*s: disputed")                                                                                      \
    X(EVENT_STATEMENT_ANSWERED, "statement.answered", "/statements/", false, "对账单 %.*s：异议已答复",                \
      "Statement %.*s: a dispute is answered")                                                                         \
    X(EVENT_STATEMENT_APPROVED, "statement.approved", "/statements/", true, "对账单 %.*s：已审批",                     \
      "Statement %.*s: approved")                                                                                      \
    X(EVENT_STATEMENT_PAID, "statement.paid", "/statements/", false, "对账单 %.*s：已入账", "Statement %.*s: paid")    \
    X(EVENT_STATEMENT_WITHDRAWN, "statement.withdrawn", "/statements/", false, "对账单 %.*s：已撤回",                  \
      "Statement %.*s: withdrawn")                                                                                     \
    X(EVENT_PAYOUT_REQUESTED, "payout.requested", "/payouts/", false, "兑付 %.*s：已申请", "Payout %.*s: asked for")   \
    X(EVENT_PAYOUT_CONFIRMED, "payout.confirmed", "/payouts/", false, "兑付 %.*s：已确认", "Payout %.*s: confirmed")   \
    X(EVENT_PAYOUT_ISSUED, "payout.issued", "/payouts/", false, "兑付 %.*s：已完成", "Payout %.*s: issued")            \
    X(EVENT_PAYOUT_REFUSED, "payout.refused", "/payouts/", false, "兑付 %.*s：已拒绝", "Payout %.*s: refused")         \
    X(EVENT_PAYOUT_VOIDED, "payout.voided", "/payouts/", false, "兑付 %.*s：已作废", "Payout %.*s: void")              \
    X(EVENT_ORDER_SUGGESTED, "order.suggested", "/orders/", false, "订单 %.*s：建议订货，请确认",                      \
      "Order %.*s: proposed, please look")                                                                             \
    X(EVENT_ORDER_CONFIRMED, "order.confirmed", "/orders/", false, "订单 %.*s：已确认", "Order %.*s: confirmed")       \
    X(EVENT_ORDER_CHANGED, "order.changed", "/orders/", false, "订单 %.*s：已修改", "Order %.*s: changed")             \
    X(EVENT_ORDER_REFUSED, "order.refused", "/orders/", false, "订单 %.*s：建议已被拒绝", "Order %.*s: refused")       \
    X(EVENT_ORDER_APPROVED, "order.approved", "/orders/", false, "订单 %.*s：已审批", "Order %.*s: approved")          \
    X(EVENT_ORDER_EXPORTED, "order.exported", "/orders/", true, "订单 %.*s：已导出到 ERP",                             \
      "Order %.*s: exported to the ERP")                                                                               \
    X(EVENT_ORDER_ACKNOWLEDGED, "order.acknowledged", "/orders/", false, "订单 %.*s：ERP 已接收",                      \
      "Order %.*s: the ERP has it")                                                                                    \
    X(EVENT_ORDER_OFFERED, "order.offered", "/orders/", false, "订单 %.*s：建议替代品，请答复",                        \
      "Order %.*s: another product is offered instead")                                                                \
    X(EVENT_ORDER_ANSWERED, "order.answered", "/orders/", false, "订单 %.*s：替代品已答复",                            \
      "Order %.*s: the offer is answered")                                                                             \
    X(EVENT_ORDER_SHORT, "order.short", "/orders/", false, "订单 %.*s：缺货，等待供应",                                \
      "Order %.*s: goods are short, it waits")                                                                         \
    X(EVENT_ORDER_SHIPPED, "order.shipped", "/orders/", false, "订单 %.*s：已发货", "Order %.*s: shipped")             \
    X(EVENT_ORDER_RECEIVED, "order.received", "/orders/", false, "订单 %.*s：已收货", "Order %.*s: received")          \
    X(EVENT_ORDER_CLOSED, "order.closed", "/orders/", false, "订单 %.*s：已关闭", "Order %.*s: closed")                \
    X(EVENT_ORDER_CANCELLED, "order.cancelled", "/orders/", false, "订单 %.*s：已取消", "Order %.*s: cancelled")       \
    X(EVENT_ORDER_REOPENED, "order.reopened", "/orders/", false, "订单 %.*s：已重新打开", "Order %.*s: open again")    \
    X(EVENT_APPROVAL_WAITING, "approval.waiting", "/approvals/", true, "审批 %.*s：待处理", "Approval %.*s: waiting")  \
    X(EVENT_APPROVAL_DECIDED, "approval.decided", "/approvals/", true, "审批 %.*s：已处理", "Approval %.*s: decided")  \
    X(EVENT_OVERSTOCK, "overstock.alarm", "/overstock", true, "压货预警：%.*s 个商品", "Overstock: %.*s products")     \
    X(EVENT_QUARANTINE, "quarantine.waiting", "/uploads/", true, "上传 %.*s：有数据待处理",                            \
      "Upload %.*s: lines wait to be mended")                                                                          \
    X(EVENT_AGENT_HELD, "agent.held", "/agents/", true, "代理程序 %.*s：已停用，待处理", "Agent %.*s: held")           \
    X(EVENT_AGENT_OFFLINE, "agent.offline", "/agents/", true, "代理程序 %.*s：长时间未连接",                           \
      "Agent %.*s: silent for too long")                                                                               \
    X(EVENT_TEST, "hook.test", "/", false, "测试消息%.*s", "A test message%.*s")

typedef enum event_type {
#define X(event, name, path, house, zh, en) event,
    EVENT_TYPES(X)
#undef X
        EVENT_TYPE_COUNT
} event_type;

const char *event_name(event_type type);
/** Is every piece of "case.*,statement.paid" a type, or does it begin one? ERR_USAGE names the first that is not. */
MUST_USE bool event_list_ok(str list, err *e);

typedef struct hook_event {
    event_type type;
    uint32_t partner; /* whom it concerns, 0 nobody; whom nothing is sent for has no event */
    uint32_t part;    /* of its entry */
    str subject;      /* id of our own */
    str data;         /* JSON */
} hook_event;

/** The events of an entry, in `a`, in an order that never changes. *shadow: what setting `mode` said before the entry (in
 *  shadow nothing is told), and after it. Whoever walks the journal keeps it, beginning with hook_shadow_after(). */
size_t hook_events(txn *t, const entry *en, bool *shadow, arena *a, hook_event **out);
bool hook_shadow_after(txn *t, uint64_t entry);
/** Does this kind of entry ever say something? */
bool hook_events_any(uint16_t kind);
/** May a hook have it: does it ask for it, is it its partner's? */
bool hook_event_for(txn *t, const hook *h, const hook_event *v);
/** The message of an event to a hook, in `a`. `now_ms`: entry time. */
void hook_event_message(txn *t, const hook *h, const hook_event *v, uint64_t seq, int64_t now_ms, arena *a,
                        message *out);

#endif
