/* What somebody did to lines of statements: looked at whole, then written. */
#include "base/num.h"
#include "daemon/catalog/partner.h"
#include "daemon/catalog/settings.h"
#include "daemon/ledger/wallet.h"
#include "daemon/outbox/outbox.h"
#include "daemon/rebate/statement.h"
#include "daemon/store/keys.h"
#include "proto/limits.h"

#include <inttypes.h>

enum { STEP_BYTES = 64 * 1024 * 1024 };

typedef struct picked { /* lines that take the step, texts copied */
    arena a;
    statement_line *line;
    statement *of; /* of each line */
    size_t n, cap;
} picked;

static void picked_auto(picked *p) {
    arena_free(&p->a);
}

static void add_line(picked *p, const statement *s, const statement_line *l) {
    if (p->n == p->cap) {
        p->cap = p->cap ? 2 * p->cap : 64;
        statement_line *line = ARENA_NEW(&p->a, statement_line, p->cap);
        statement *of = ARENA_NEW(&p->a, statement, p->cap);
        ASSERT(line != NULL && of != NULL);
        if (p->n) {
            memcpy(line, p->line, p->n * sizeof *line);
            memcpy(of, p->of, p->n * sizeof *of);
        }
        p->line = line;
        p->of = of;
    }
    statement_line *to = &p->line[p->n];
    statement *of = &p->of[p->n++];
    *to = *l;
    *of = *s;
    str *texts[] = {&to->at.policy, &to->at.period, &to->at.mechanism, &to->form,   &to->by,
                    &to->why,       &to->answer,    &to->life,         &of->period, &of->company};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) *texts[i] = arena_str(&p->a, *texts[i]);
}

static bool is_named(const uint32_t *line, size_t n, uint32_t no) {
    bool named = n == 0;
    for (size_t i = 0; i < n; i++) named = named || line[i] == no;
    return named;
}

/* Of one statement: every line that can take the act; those named must. */
static bool pick(txn *t, uint64_t number, statement_act act, const uint32_t *line, size_t lines, picked *out, err *e) {
    statement s;
    statement_line l;
    line_state to;
    size_t seen = 0;
    if (!statement_get(t, number, &s))
        return txn_ok(t, e) && err_set(e, ERR_NOT_FOUND, "no statement %" PRIu64, number);
    for (AUTO(kv_cursor) c = statement_lines(t, number); kv_next(&c);) {
        if (!statement_line_decode(c.key, c.val, &s, &l))
            return err_set(e, ERR_INTERNAL, "statement %" PRIu64 ": a line cannot be decoded", number);
        if (!is_named(line, lines, l.line)) continue;
        seen++;
        if (statement_step(l.state, act, &to)) add_line(out, &s, &l);
        else if (lines)
            return err_set(e, ERR_CONFLICT, "statement %" PRIu64 ", line %u is %s: it cannot be changed by %s", number,
                           (unsigned)l.line, line_state_name(l.state), statement_act_name(act));
    }
    if (seen < lines) return err_set(e, ERR_NOT_FOUND, "statement %" PRIu64 " has %u lines", number, (unsigned)s.lines);
    return txn_ok(t, e);
}

static day_t today_of(txn *t, int64_t time_ms) {
    return day_at(time_ms, (int)setting_number(t, SETTING_ZONE));
}

/* One move a statement and policy; lines of a statement stand policy by policy. */
static size_t moves_of(const picked *p, day_t today, arena *a, wallet_move **out) {
    size_t n = 0;
    *out = ARENA_NEW(a, wallet_move, p->n + 1);
    ASSERT(*out != NULL);
    for (size_t i = 0; i < p->n; i++) {
        const statement_line *l = &p->line[i];
        const statement *s = &p->of[i];
        bool same = i > 0 && p->line[i - 1].statement == l->statement && str_eq(p->line[i - 1].at.policy, l->at.policy);
        if (!same) {
            AUTO(buf) text = {0};
            if (n && (*out)[n - 1].amount == 0) n--;
            buf_printf(&text, "S%" PRIu64, l->statement);
            str reference = arena_str(a, buf_str(&text));
            buf_clear(&text);
            buf_printf(&text, "%.*s, %.*s", STR_ARG(l->at.policy), STR_ARG(s->period));
            (*out)[n++] = (wallet_move){.at = {l->at.partner, s->company, s->currency, WALLET_REBATE},
                                        .cause = CAUSE_SETTLEMENT,
                                        .day = today,
                                        .own_share = l->own_share,
                                        .expires = l->expires_days ? today + (day_t)l->expires_days : DAY_MAX,
                                        .reference = reference,
                                        .note = arena_str(a, buf_str(&text))};
        }
        (*out)[n - 1].amount += l->amount;
    }
    if (n && (*out)[n - 1].amount == 0) n--;
    return n;
}

static int64_t total_of(const picked *p) {
    int64_t sum = 0;
    for (size_t i = 0; i < p->n; i++) sum += p->line[i].amount;
    return sum;
}

bool statement_payable(txn *t, const uint64_t *number, size_t n, int64_t *total, size_t *moves, err *e) {
    AUTO(picked) p = {.n = 0};
    wallet_move *m;
    arena_init(&p.a, STEP_BYTES);
    for (size_t i = 0; i < n; i++) TRY(pick(t, number[i], ACT_PAY, NULL, 0, &p, e));
    *total = total_of(&p);
    *moves = moves_of(&p, 0, &p.a, &m);
    return true;
}

/* Two people: one approved, another pays. */
static bool by_another(const entry *en, const picked *p, err *e) {
    for (size_t i = 0; i < p->n; i++)
        if (str_eq(p->line[i].by, en->actor))
            return err_set(e, ERR_DENIED,
                           "statement %" PRIu64 ", line %u was approved by %.*s: another person must pay it (finance, "
                           "admin)",
                           p->line[i].statement, (unsigned)p->line[i].line, STR_ARG(en->actor));
    return true;
}

static bool pay(txn *t, const entry *en, const Entry__Step *m, picked *p, err *e) {
    wallet_move *moves;
    TRY(by_another(en, p, e));
    day_t today = today_of(t, en->time_ms);
    size_t n = moves_of(p, today, &p->a, &moves);
    if (total_of(p) != m->total)
        return err_set(e, ERR_CONFLICT, "what is to be paid has changed: look again, and pay again");
    if (n > LIMIT_ENTRY_ROWS) return err_set(e, ERR_DATA, "at most %d moves in one entry", LIMIT_ENTRY_ROWS);
    TRY(wallet_check(t, moves, n, today, e));
    wallet_post(t, en->seq, moves, n);
    return true;
}

static void move_on(txn *t, const entry *en, const Entry__Step *m, statement_line *l) {
    AUTO(buf) life = {0};
    statement_act act = (statement_act)m->act;
    line_life_add(&life, l->life, &(line_event){m->act, en->time_ms, en->actor, str_of(m->reason)});
    l->life = buf_str(&life);
    (void)statement_step(l->state, act, &l->state);
    l->since_ms = en->time_ms;
    l->entry = en->seq;
    l->by = en->actor;
    if (act == ACT_DISPUTE) l->why = str_of(m->reason), l->answer = STR("");
    else if (m->reason[0])
        l->answer = str_of(m->reason);
    if (l->state == LINE_WITHDRAWN) accrual_settle(t, &l->at, -l->amount);
    statement_line_put(t, l);
}

static const char *form_zh(int64_t amount) {
    return amount < 0 ? "应退" : "应得";
}

/* The partner is told what was let out to it, and by when it should answer. */
static void tell(txn *t, const entry *en, const Entry__Step *m, const statement *s, int64_t amount) {
    AUTO(buf) zh = {0};
    AUTO(buf) text = {0};
    AUTO(buf) subject = {0};
    AUTO(buf) sum = {0};
    AUTO(buf) by = {0};
    day_t today = today_of(t, en->time_ms);
    int64_t days = setting_number(t, SETTING_CONFIRM_DAYS);
    dec_put(&sum, amount, 2, 2);
    buf_printf(&subject, "S%" PRIu64, s->number);
    buf_printf(&zh, "返利对账单 %s（%.*s）%s %s 元，请确认或提出异议", buf_z(&subject), STR_ARG(s->period),
               form_zh(amount), buf_z(&sum));
    buf_printf(&text, "rebate statement %s (%.*s): %s to be confirmed or disputed", buf_z(&subject), STR_ARG(s->period),
               buf_z(&sum));
    if (days) {
        day_put(&by, today + (day_t)days);
        buf_printf(&zh, "；%s 后视为确认", buf_z(&by));
        buf_printf(&text, "; after %s it counts as confirmed", buf_z(&by));
    }
    if (m->act == ACT_REJECT) {
        buf_printf(&zh, "。异议答复：%s", m->reason);
        buf_printf(&text, ". Your dispute was answered: %s", m->reason);
    }
    (void)outbox_post(t, en->seq,
                      &(notice){.partner = s->partner,
                                .day = today,
                                .kind = STR("statement"),
                                .subject = buf_str(&subject),
                                .zh = buf_str(&zh),
                                .en = buf_str(&text)});
}

static void tell_all(txn *t, const entry *en, const Entry__Step *m, const picked *p) {
    for (size_t i = 0, to; i < p->n; i = to) {
        int64_t sum = 0;
        for (to = i; to < p->n && p->line[to].statement == p->line[i].statement; to++) sum += p->line[to].amount;
        tell(t, en, m, &p->of[i], sum);
    }
}

bool rebate_step(txn *t, const entry *en, const Entry__Step *m, apply_result *r, err *e) {
    AUTO(picked) p = {.n = 0};
    arena_init(&p.a, STEP_BYTES);
    if (m->act < ACT_REVIEW || m->act >= STATEMENT_ACT_END || m->n_statement == 0 || strlen(m->reason) > LIMIT_TEXT ||
        (m->n_line && m->n_statement != 1))
        return err_set(e, ERR_DATA, "a step is one of the known acts on statements, or on lines of one");
    for (size_t i = 0; i < m->n_statement; i++) {
        if (i && m->statement[i] <= m->statement[i - 1]) return err_set(e, ERR_DATA, "statements are not in order");
        TRY(pick(t, m->statement[i], (statement_act)m->act, m->line, m->n_line, &p, e));
    }
    if (p.n == 0)
        return err_set(e, ERR_CONFLICT, "%s: no line can take it (statement %" PRIu64 "%s)",
                       statement_act_name((statement_act)m->act), m->statement[0], m->n_statement > 1 ? ", …" : "");
    if (m->act == ACT_PAY) TRY(pay(t, en, m, &p, e));
    for (size_t i = 0; i < p.n; i++) move_on(t, en, m, &p.line[i]);
    if (m->act == ACT_REVIEW || m->act == ACT_REJECT) tell_all(t, en, m, &p);
    r->number = p.n;
    return txn_ok(t, e);
}
