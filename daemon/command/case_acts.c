/* Commands that move a case on: assign, comment, notify, appeal, verdict, close, reopen. */
#include "daemon/catalog/partner.h"
#include "daemon/catalog/product.h"
#include "daemon/catalog/region.h"
#include "daemon/catalog/settings.h"
#include "daemon/catalog/users.h"
#include "daemon/command/approvals.h"
#include "daemon/command/cases.h"
#include "daemon/command/catalog.h"
#include "daemon/ledger/wallet.h"
#include "daemon/outbox/outbox.h"
#include "daemon/trace/claims.h"
#include "proto/limits.h"

static char *z(str s) {
    return (char *)(uintptr_t)(s.n ? s.p : "");
}

static day_t today_of(const call *c) {
    return day_at(c->now_ms, c->zone_min);
}

static day_t days_on(const call *c, setting_id setting) {
    return today_of(c) + (day_t)setting_number(c->t, setting);
}

static bool begin(call *c, case_act act, case_head *h, err *e) {
    return case_of_call(c, call_arg(c, 0), h, e) && case_may_step(c, h, act, e);
}

static bool finish(call *c, const Entry__CaseStep *m, const char *what, err *e) {
    TRY(command_append(c, KIND_CASE_STEP, &m->base, e));
    answer_message(c, "case %s: %s", m->id, what);
    return true;
}

/* ---- among ourselves */

bool cmd_case_assign(call *c, err *e) {
    case_head h;
    user who;
    str name = call_arg(c, 1);
    TRY(begin(c, DO_ASSIGN, &h, e));
    if (!user_get(c->t, name, &who) || who.disabled || (user_role_bit(who.role) & ROLES_PARTNER))
        return err_set(e, ERR_NOT_FOUND, "user '%.*s': no person of ours", STR_ARG(str_take(name, LIMIT_ID)));
    Entry__CaseStep m = case_step_body(&h, DO_ASSIGN);
    m.assignee = z(arena_str(c->a, name));
    return finish(c, &m, "assigned", e);
}

bool cmd_case_comment(call *c, err *e) {
    case_head h;
    TRY(begin(c, DO_COMMENT, &h, e));
    Entry__CaseStep m = case_step_body(&h, DO_COMMENT);
    TRY(case_text(c, "text", true, &m.text, e) && case_papers(c, &m.paper, &m.n_paper, e));
    return finish(c, &m, "noted", e);
}

/* ---- the notice */

static void add_hold(call *c, Entry__CaseStep *m, const case_cost *cost, wallet_account account, int64_t amount) {
    char code[4];
    if (amount <= 0) return;
    Entry__CaseHold *h = ARENA_NEW(c->a, Entry__CaseHold, 1);
    ASSERT(h != NULL && m->hold != NULL);
    entry__case_hold__init(h);
    h->company = z(arena_str(c->a, setting_text(c->t, SETTING_COMPANY)));
    h->currency = z(arena_str(c->a, currency_text(cost->currency, code)));
    h->account = account;
    h->amount = amount;
    m->hold[m->n_hold++] = h;
}

/* No more than the goods could cost; without contract or schedule nothing. */
static bool put_holds(call *c, const case_head *h, Entry__CaseStep *m, err *e) {
    case_cost cost;
    int64_t all;
    TRY(case_cost_of(c, h, &cost, e));
    m->hold = ARENA_NEW(c->a, Entry__CaseHold *, 2);
    if (cost.schedule == 0 || !add_i64(cost.due.wallet, cost.due.buy_back, &all)) return true;
    add_hold(c, m, &cost, WALLET_REBATE, all);
    add_hold(c, m, &cost, WALLET_DEPOSIT, cost.due.deposit);
    return true;
}

static void goods_words(call *c, const case_head *h, buf *out) {
    case_signal *s;
    str *skus;
    size_t signals = case_signals(c->t, h->id, c->a, &s), n = case_products(c, s, signals, &skus);
    for (size_t i = 0; i < n && i < 5; i++) buf_printf(out, "%s%.*s", i ? ", " : "", STR_ARG(skus[i]));
    if (n > 5) buf_addz(out, ", …");
}

static void put_notice(call *c, const case_head *h, Entry__CaseStep *m) {
    AUTO(buf) goods = {0};
    AUTO(buf) due = {0};
    AUTO(buf) zh = {0};
    AUTO(buf) en = {0};
    str where = h->destination ? region_name(c->t, h->destination) : STR("?");
    goods_words(c, h, &goods);
    day_put(&due, m->due);
    buf_printf(&zh, "窜货案件 %.*s：商品 %.*s 出现在 %.*s。请在 %s 前查看并答复。", STR_ARG(h->id),
               STR_ARG(buf_str(&goods)), STR_ARG(where), buf_z(&due));
    buf_printf(&en, "Diversion case %.*s: goods %.*s found in %.*s. Please look at it and answer by %s.",
               STR_ARG(h->id), STR_ARG(buf_str(&goods)), STR_ARG(where), buf_z(&due));
    if (m->text[0]) buf_printf(&zh, "%s", m->text), buf_printf(&en, " %s", m->text);
    case_tell(c, m, h->partner, h->id, buf_z(&zh), buf_z(&en));
}

static bool may_tell(call *c, const case_head *h, err *e) {
    notice_state why;
    if (outbox_may_send(c->t, h->partner, day_at(h->first_event, c->zone_min), &why)) return true;
    return err_set(e, ERR_CONFLICT, "case %.*s: nothing is sent to %.*s, %s", STR_ARG(h->id),
                   STR_ARG(partner_id(c->t, h->partner)),
                   why == NOTICE_SHADOW ? "it is in shadow mode (onboarding)" : "the goods moved before its live date");
}

bool cmd_case_notify(call *c, err *e) {
    case_head h;
    TRY(begin(c, DO_NOTIFY, &h, e) && may_tell(c, &h, e));
    Entry__CaseStep m = case_step_body(&h, DO_NOTIFY);
    TRY(case_text(c, "text", false, &m.text, e));
    if (strlen(m.text) > LIMIT_NOTICE / 2)
        return err_set(e, ERR_USAGE, "--text: at most %d bytes go into a notice", LIMIT_NOTICE / 2);
    TRY(call_day(c, "answer-by", days_on(c, SETTING_CASE_ANSWER), &m.due, e));
    if (m.due < today_of(c)) return err_set(e, ERR_USAGE, "--answer-by: a day that is not over");
    m.own_due = m.due + (day_t)setting_number(c->t, SETTING_CASE_OWN);
    TRY(put_holds(c, &h, &m, e));
    case_goods_put(c, &h, &m);
    put_notice(c, &h, &m);
    return finish(c, &m, "the notice is out", e);
}

/* ---- the answer */

bool cmd_case_appeal(call *c, err *e) {
    case_head h;
    TRY(begin(c, DO_APPEAL, &h, e) && authz(c, "write", h.partner, e));
    Entry__CaseStep m = case_step_body(&h, DO_APPEAL);
    TRY(case_text(c, "text", true, &m.text, e) && case_papers(c, &m.paper, &m.n_paper, e));
    m.own_due = days_on(c, SETTING_CASE_OWN);
    return finish(c, &m, "answered", e);
}

/* ---- the verdict */

/* Those who reported it hear how it ended, and of whom only what they said themselves. */
static void tell_reporters(call *c, const case_head *h, Entry__CaseStep *m, bool upheld) {
    uint32_t *reporter;
    size_t n = case_reporters(c->t, h->id, c->a, &reporter);
    for (size_t i = 0; i < n; i++)
        case_tell(c, m, reporter[i], h->id, upheld ? "您的窜货举报经查属实。" : "您的窜货举报经查不成立。",
                  upheld ? "Your report of diversion was found to be right."
                         : "Your report of diversion was looked into and not upheld.");
}

static void tell_verdict(call *c, const case_head *h, Entry__CaseStep *m, bool upheld) {
    AUTO(buf) day = {0};
    AUTO(buf) zh = {0};
    AUTO(buf) en = {0};
    str why = str_take(str_of(m->text), LIMIT_NOTICE / 4);
    if (upheld) day_put(&day, m->appeal_due);
    buf_printf(&zh, "案件 %.*s %s：%.*s", STR_ARG(h->id), upheld ? "成立" : "不成立", STR_ARG(why));
    buf_printf(&en, "Case %.*s %s: %.*s", STR_ARG(h->id), upheld ? "upheld" : "dismissed", STR_ARG(why));
    if (upheld) {
        buf_printf(&zh, "。可在 %s 前申诉。", buf_z(&day));
        buf_printf(&en, ". It can be appealed until %s.", buf_z(&day));
    }
    if (h->released) case_tell(c, m, h->partner, h->id, buf_z(&zh), buf_z(&en));
    tell_reporters(c, h, m, upheld);
}

/* Until the partner's time is over an unanswered case is not upheld. */
static bool not_too_early(call *c, const case_head *h, case_act act, err *e) {
    AUTO(buf) day = {0};
    if (act != DO_UPHOLD || h->state != CASE_NOTIFIED || today_of(c) > h->answer_due) return true;
    day_put(&day, h->answer_due);
    return err_set(e, ERR_CONFLICT, "case %.*s: the partner may still answer, until %s", STR_ARG(h->id), buf_z(&day));
}

bool cmd_case_verdict(call *c, err *e) {
    AUTO(buf) what = {0};
    case_head h;
    bool uphold = call_flag(c, "uphold");
    case_act act = uphold ? DO_UPHOLD : DO_DISMISS;
    if (uphold == call_flag(c, "dismiss")) return err_set(e, ERR_USAGE, "case verdict: --uphold or --dismiss");
    TRY(case_of_call(c, call_arg(c, 0), &h, e) && case_may_step(c, &h, act, e));
    TRY(case_disinterested(c, &h, e) && not_too_early(c, &h, act, e));
    Entry__CaseStep m = case_step_body(&h, act);
    TRY(case_text(c, "reason", true, &m.text, e));
    if (uphold) {
        m.own_due = days_on(c, SETTING_CASE_OWN);
        m.appeal_due = days_on(c, SETTING_CASE_APPEAL);
        case_goods_put(c, &h, &m);
    }
    tell_verdict(c, &h, &m, uphold);
    buf_printf(&what, "case %.*s: %s, %.*s", STR_ARG(h.id), case_act_name(act), STR_ARG(str_take(str_of(m.text), 200)));
    return command_propose(c, KIND_CASE_STEP, &m.base,
                           &(stake){arena_str(c->a, buf_str(&what)).p, z(arena_str(c->a, partner_id(c->t, h.partner))),
                                    NUM_NONE, 0, ROLE_CHANNEL_MANAGER | ROLE_FINANCE},
                           e);
}

/* ---- the end, and anew */

bool cmd_case_close(call *c, err *e) {
    case_head h;
    TRY(begin(c, DO_CLOSE, &h, e));
    Entry__CaseStep m = case_step_body(&h, DO_CLOSE);
    TRY(case_text(c, "reason", false, &m.text, e));
    return finish(c, &m, "closed", e);
}

bool cmd_case_reopen(call *c, err *e) {
    case_head h;
    TRY(begin(c, DO_REOPEN, &h, e));
    Entry__CaseStep m = case_step_body(&h, DO_REOPEN);
    TRY(case_text(c, "reason", true, &m.text, e));
    return finish(c, &m, "open again", e);
}
