/* Commands that move a case's money: penalise, compensate. What is owed is reckoned by the schedule, and only the difference to
 * what the case has moved already is posted. */
#include "daemon/catalog/partner.h"
#include "daemon/catalog/settings.h"
#include "daemon/command/cases.h"
#include "daemon/command/catalog.h"
#include "daemon/command/cells.h"
#include "daemon/ledger/wallet.h"
#include "daemon/trace/claims.h"
#include "proto/limits.h"

static char *z(str s) {
    return (char *)(uintptr_t)(s.n ? s.p : "");
}

/* ---- moves */

typedef struct moving {
    call *c;
    Entry__CaseStep *m;
    case_move *net; /* what the case has moved so far */
    size_t nets;
    str company;
    uint32_t currency;
} moving;

static bool begin_moves(call *c, const case_head *h, Entry__CaseStep *m, uint32_t currency, moving *out, err *e) {
    str company = call_option(c, "company");
    *out = (moving){.c = c, .m = m, .currency = currency};
    out->company = arena_str(c->a, company.p ? company : setting_text(c->t, SETTING_COMPANY));
    out->nets = case_money(c->t, h->id, c->a, &out->net);
    m->move = ARENA_NEW(c->a, Entry__WalletMove *, LIMIT_REPEATED);
    ASSERT(m->move != NULL);
    return (out->company.n && out->company.n <= LIMIT_ID) || err_set(e, ERR_USAGE, "--company: an id of a company");
}

static int64_t moved(const moving *w, uint32_t partner_no, wallet_account account) {
    int64_t sum = 0;
    for (size_t i = 0; i < w->nets; i++)
        if (w->net[i].partner == partner_no && w->net[i].account == account && w->net[i].currency == w->currency)
            sum += w->net[i].amount;
    return sum;
}

/* So that the account has been moved by `target` in all. */
static void move_to(moving *w, uint32_t partner_no, wallet_account account, wallet_cause cause, int64_t target) {
    char code[4];
    int64_t amount = target - moved(w, partner_no, account);
    if (amount == 0 || w->m->n_move == LIMIT_REPEATED) return;
    Entry__WalletMove *x = ARENA_NEW(w->c->a, Entry__WalletMove, 1);
    ASSERT(x != NULL);
    entry__wallet_move__init(x);
    x->partner = z(arena_str(w->c->a, partner_id(w->c->t, partner_no)));
    x->company = z(w->company);
    x->currency = z(arena_str(w->c->a, currency_text(w->currency, code)));
    x->account = account;
    x->cause = cause;
    x->amount = amount;
    x->day = day_at(w->c->now_ms, w->c->zone_min);
    w->m->move[w->m->n_move++] = x;
}

/* ---- penalise */

static void tell_penalty(call *c, const case_head *h, Entry__CaseStep *m, const case_cost *cost) {
    AUTO(buf) zh = {0};
    AUTO(buf) en = {0};
    AUTO(buf) sum = {0};
    char code[4];
    unsigned scale = currency_scale(currency_text(cost->currency, code));
    dec_put(&sum, cost->due.wallet + cost->due.buy_back + cost->due.deposit, scale, scale);
    if (cost->schedule == 0) {
        buf_printf(&zh, "案件 %.*s：警告。", STR_ARG(h->id));
        buf_printf(&en, "Case %.*s: a warning.", STR_ARG(h->id));
    } else {
        buf_printf(&zh, "案件 %.*s：依据合同条款 %.*s 扣款 %s。", STR_ARG(h->id), STR_ARG(cost->clause), buf_z(&sum));
        buf_printf(&en, "Case %.*s: %s charged by clause %.*s of the contract.", STR_ARG(h->id), buf_z(&sum),
                   STR_ARG(cost->clause));
    }
    case_tell(c, m, h->partner, h->id, buf_z(&zh), buf_z(&en));
}

static void put_penalty(call *c, json *j, const case_head *h, const case_cost *cost, bool posted) {
    char code[4];
    str currency = currency_text(cost->currency, code);
    unsigned scale = currency_scale(currency);
    const struct {
        const char *name;
        int64_t amount;
    } sums[] = {{"wallet", cost->due.wallet},
                {"buy_back", cost->due.buy_back},
                {"deposit", cost->due.deposit},
                {"compensation", cost->due.compensation}};
    cell_text(j, "case", h->id);
    cell_text(j, "partner", partner_id(c->t, h->partner));
    cell_text(j, "verdict", cost->schedule ? STR("penalty") : STR("warning"));
    cell_count(j, "offence", cost->due.offence);
    cell_text(j, "clause", cost->clause);
    cell_text(j, "contract", cost->contract);
    cell_count(j, "schedule", cost->schedule);
    for (size_t i = 0; i < ARRAY_LEN(sums); i++) {
        json_key(j, sums[i].name);
        json_dec(j, sums[i].amount, scale, scale);
    }
    cell_text(j, "currency", currency);
    cell_count(j, "no_exemption_days", cost->no_exemption_days);
    cell_text(j, "told", cost->told);
    json_key(j, "posted");
    json_bool(j, posted);
}

static bool post_penalty(call *c, const case_head *h, const case_cost *cost, err *e) {
    moving w;
    char code[4];
    Entry__CaseStep m = case_step_body(h, DO_PENALISE);
    TRY(begin_moves(c, h, &m, cost->currency, &w, e));
    TRY(case_text(c, "reason", false, &m.text, e));
    if (cost->schedule) {
        move_to(&w, h->partner, WALLET_REBATE, CAUSE_PENALTY, -(cost->due.wallet + cost->due.buy_back));
        move_to(&w, h->partner, WALLET_DEPOSIT, CAUSE_PENALTY, -cost->due.deposit);
    }
    m.schedule = cost->schedule;
    m.offence = cost->schedule ? cost->due.offence : 0;
    m.compensation = cost->due.compensation;
    m.currency = z(arena_str(c->a, currency_text(cost->currency, code)));
    m.clause = z(cost->clause);
    m.contract = z(cost->contract);
    m.told = z(cost->told);
    if (cost->no_exemption_days) m.no_exemptions = day_at(c->now_ms, c->zone_min) + (day_t)cost->no_exemption_days;
    tell_penalty(c, h, &m, cost);
    return command_append(c, KIND_CASE_STEP, &m.base, e);
}

bool cmd_case_penalise(call *c, err *e) {
    case_head h;
    case_cost cost;
    bool dry = call_flag(c, "dry-run");
    TRY(case_of_call(c, call_arg(c, 0), &h, e));
    if (!dry) TRY(case_may_step(c, &h, DO_PENALISE, e));
    TRY(case_disinterested(c, &h, e) && case_cost_of(c, &h, &cost, e));
    if (!dry) TRY(post_penalty(c, &h, &cost, e));
    json *j = answer_show(c);
    put_penalty(c, j, &h, &cost, !dry);
    answer_show_end(c);
    return true;
}

/* ---- compensate */

static bool may_be_harmed(call *c, const case_head *h, uint32_t partner_no, err *e) {
    uint32_t *reporter;
    size_t n = case_reporters(c->t, h->id, c->a, &reporter);
    for (size_t i = 0; i < n; i++)
        if (reporter[i] == partner_no) return true;
    bool kin = partner_within(c->t, partner_no, h->partner) || partner_within(c->t, h->partner, partner_no);
    if (!kin && case_sells_at(c->t, partner_no, h->destination, day_at(h->first_event, c->zone_min))) return true;
    return err_set(e, ERR_DATA, "--partner: '%.*s' neither reported case %.*s nor sells at its destination",
                   STR_ARG(partner_id(c->t, partner_no)), STR_ARG(h->id));
}

/* Those named, else those who reported it. */
static bool harmed_of(call *c, const case_head *h, uint32_t **out, size_t *n, err *e) {
    str list = call_option(c, "partner"), piece;
    if (list.p == NULL) {
        *n = case_reporters(c->t, h->id, c->a, out);
        return *n > 0 || err_set(e, ERR_USAGE, "case compensate: nobody reported it; --partner says who was harmed");
    }
    *out = ARENA_NEW(c->a, uint32_t, LIMIT_REPEATED);
    for (*n = 0; *n < LIMIT_REPEATED && str_split(&list, ',', &piece);) {
        partner p;
        if (!partner_by_id(c->t, str_trim(piece), &p))
            return err_set(e, ERR_NOT_FOUND, "partner '%.*s': unknown", STR_ARG(str_take(piece, LIMIT_ID)));
        TRY(may_be_harmed(c, h, p.no, e));
        for (size_t i = 0; i < *n; i++)
            if ((*out)[i] == p.no) return err_set(e, ERR_USAGE, "--partner: '%.*s' twice", STR_ARG(p.id));
        (*out)[(*n)++] = p.no;
    }
    return true;
}

static bool shares(call *c, moving *w, const case_head *h, const uint32_t *harmed, size_t n, err *e) {
    int64_t left = h->compensation_due - h->compensation, each = left / (int64_t)n, over = left % (int64_t)n;
    if (left <= 0)
        return err_set(e, ERR_CONFLICT, "case %.*s: by its schedule nothing more is due to anybody", STR_ARG(h->id));
    for (size_t i = 0; i < n; i++) {
        AUTO(buf) zh = {0};
        AUTO(buf) en = {0};
        char code[4];
        int64_t amount = each + ((int64_t)i < over);
        unsigned scale = currency_scale(currency_text(w->currency, code));
        move_to(w, harmed[i], WALLET_REBATE, CAUSE_COMPENSATION, moved(w, harmed[i], WALLET_REBATE) + amount);
        buf_addz(&zh, "窜货补偿 "), dec_put(&zh, amount, scale, scale), buf_addz(&zh, " 已入账。");
        buf_addz(&en, "Compensation for diverted goods: "), dec_put(&en, amount, scale, scale);
        case_tell(c, w->m, harmed[i], h->id, buf_z(&zh), buf_z(&en));
    }
    return true;
}

bool cmd_case_compensate(call *c, err *e) {
    moving w;
    case_head h;
    uint32_t *harmed;
    size_t n;
    TRY(case_of_call(c, call_arg(c, 0), &h, e) && case_may_step(c, &h, DO_COMPENSATE, e));
    TRY(case_disinterested(c, &h, e) && harmed_of(c, &h, &harmed, &n, e));
    Entry__CaseStep m = case_step_body(&h, DO_COMPENSATE);
    TRY(begin_moves(c, &h, &m, h.currency, &w, e) && shares(c, &w, &h, harmed, n, e));
    TRY(command_append(c, KIND_CASE_STEP, &m.base, e));
    answer_message(c, "case %.*s: %zu partners compensated", STR_ARG(h.id), n);
    return true;
}
