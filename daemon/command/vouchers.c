/* rebate export: what was posted and paid as vouchers, by accounts that a file names. */
#include "daemon/rebate/vouchers.h"
#include "daemon/catalog/partner.h"
#include "daemon/command/accruals.h"
#include "daemon/command/catalog.h"
#include "daemon/command/cells.h"
#include "daemon/command/rebate.h"
#include "daemon/ledger/wallet.h"
#include "daemon/rebate/accounts.h"
#include "daemon/rebate/closing.h"
#include "daemon/rebate/redemption.h"
#include "daemon/rebate/statement.h"
#include "daemon/store/keys.h"
#include "proto/frame.h"
#include "proto/limits.h"

#include <inttypes.h>

enum { BODY_BYTES = 2 * LIMIT_FRAME_BYTES };

typedef struct paid_by { /* what a policy's revision says of its money */
    str policy;
    uint32_t revision;
    str company;
    payout_form form;
} paid_by;

typedef struct exporter {
    call *c;
    accounts accounts;
    paid_by *known;
    size_t n, cap;
    voucher_kind kind;
    str period;
    voucher_batch batch;
    bool writes; /* rows are answered, else only counted */
    uint64_t rows;
} exporter;

static void exporter_auto(exporter *w) {
    accounts_auto(&w->accounts);
}

/* ---- accounts: those of the batch, of the file, or the last ones */

static bool take_accounts(exporter *w, uint32_t revision, err *e) {
    str yaml;
    uint32_t no;
    if (!accounts_get(w->c->t, revision, &yaml, &no))
        return txn_ok(w->c->t, e) &&
               err_set(e, ERR_USAGE, "rebate export: -f ACCOUNTS.yaml, no accounts were used before");
    accounts_auto(&w->accounts);
    return accounts_parse(yaml, &w->accounts, e);
}

/* *changed: the file differs from what was used last. */
static bool choose_accounts(exporter *w, str *changed, err *e) {
    str last;
    uint32_t no;
    *changed = STR("");
    if (call_file_count(w->c) == 0) return take_accounts(w, 0, e);
    attachment file = call_file(w->c, 0);
    str yaml = arena_str(w->c->a, file.bytes);
    if (!accounts_parse(yaml, &w->accounts, e)) {
        err why = *e;
        return err_set(e, ERR_DATA, "%.*s: %s", STR_ARG(file.name), why.text);
    }
    if (!accounts_get(w->c->t, 0, &last, &no) || !str_eq(last, yaml)) *changed = yaml;
    return true;
}

static bool paid_by_of(exporter *w, str policy_name, uint32_t revision, paid_by *out, err *e) {
    AUTO(policy) p = {0};
    policy_revision r;
    for (size_t i = 0; i < w->n; i++)
        if (w->known[i].revision == revision && str_eq(w->known[i].policy, policy_name))
            return *out = w->known[i], true;
    if (!policy_revision_get(w->c->t, policy_name, revision, &r))
        return err_set(e, ERR_INTERNAL, "policy '%.*s' has no revision %u", STR_ARG(policy_name), revision);
    TRY(policy_open(&r, &p, e));
    w->known = arena_grown(w->c->a, w->known, w->n, &w->cap, sizeof *w->known);
    *out = w->known[w->n++] =
        (paid_by){arena_str(w->c->a, policy_name), revision, arena_str(w->c->a, p.company), p.payout};
    return true;
}

/* ---- vouchers */

typedef struct voucher {
    str partner, company, policy, form, period, reference;
    int64_t time_ms, amount;
} voucher;

static bool put_voucher(exporter *w, const voucher *v, err *e) {
    const account_row *a = accounts_find(&w->accounts, w->kind, v->form, v->policy, v->company);
    if (a == NULL)
        return err_set(e, ERR_DATA, "accounts: no row for %s, form %.*s, policy '%.*s', company '%.*s'",
                       voucher_kind_name(w->kind), STR_ARG(v->form), STR_ARG(v->policy), STR_ARG(v->company));
    w->rows++;
    if (!w->writes) return true;
    json *j = answer_row(w->c);
    cell_id(j, "batch", w->batch.number);
    cell_id(j, "voucher", w->rows);
    cell_text(j, "kind", str_of(voucher_kind_name(w->kind)));
    put_day_cell(j, "date", day_at(v->time_ms, w->c->zone_min));
    cell_text(j, "partner", v->partner);
    cell_text(j, "company", v->company);
    cell_text(j, "policy", v->policy);
    cell_text(j, "form", v->form);
    cell_text(j, "period", v->period);
    cell_text(j, "debit", a->debit);
    cell_text(j, "credit", a->credit);
    cell_fen(j, "amount", v->amount);
    cell_text(j, "currency", STR("CNY"));
    cell_text(j, "reference", v->reference);
    answer_row_end(w->c);
    return true;
}

static str text_at(const Entry__Accrual *m, uint32_t no) {
    return no < m->n_text ? str_of(m->text[no]) : STR("");
}

static bool put_accrued(exporter *w, const entry *en, err *e) {
    AUTO(arena) a = {0};
    AUTO(buf) reference = {0};
    bool back = w->kind == VOUCHER_REVERSAL;
    arena_init(&a, BODY_BYTES);
    const Entry__Accrual *m = (void *)message_unpack(&entry__accrual__descriptor, en->body, LIMIT_ENTRY_ROWS, &a, e);
    if (m == NULL) return false;
    buf_printf(&reference, "E%" PRIu64, en->seq);
    for (size_t i = 0; i < m->n_amount; i++) {
        if (!str_eq(text_at(m, m->posted[i]), w->period) || (m->amount[i] < 0) != back) continue;
        paid_by p = {0};
        TRY(paid_by_of(w, text_at(m, m->policy[i]), m->revision[i], &p, e));
        voucher v = {.partner = text_at(m, m->partner[i]),
                     .company = p.company,
                     .policy = p.policy,
                     .form = str_of(policy_form_name(p.form)),
                     .period = text_at(m, m->period[i]),
                     .reference = buf_str(&reference),
                     .time_ms = en->time_ms,
                     .amount = back ? -m->amount[i] : m->amount[i]};
        TRY(put_voucher(w, &v, e));
    }
    return true;
}

static bool walk_journal(exporter *w, err *e) {
    key start = {.n = 0};
    key_u64(&start, w->batch.from + 1);
    for (AUTO(kv_cursor) c = kv_from(w->c->t, TABLE_JOURNAL, STR(""), key_str(&start));
         kv_next(&c) && !answer_failed(w->c);) {
        entry en;
        uint64_t seq = get_be64(c.key.p);
        if (seq > w->batch.through) return true;
        if (!entry_decode(seq, c.val, &en)) return err_set(e, ERR_INTERNAL, "entry %" PRIu64 " cannot be read", seq);
        if (en.kind == KIND_ACCRUAL) TRY(put_accrued(w, &en, e));
    }
    return txn_ok(w->c->t, e);
}

static bool walk_statements(exporter *w, err *e) {
    for (AUTO(kv_cursor) c = kv_from(w->c->t, TABLE_STATEMENT, STR(""), STR_NONE); kv_next(&c);) {
        AUTO(buf) reference = {0};
        statement s;
        statement_line l;
        if (!statement_decode(c.key, c.val, &s) || !str_eq(s.period, w->period)) continue;
        buf_printf(&reference, "S%" PRIu64, s.number);
        for (AUTO(kv_cursor) k = statement_lines(w->c->t, s.number); kv_next(&k);) {
            if (!statement_line_decode(k.key, k.val, &s, &l) || l.state != LINE_PAID) continue;
            if (l.entry <= w->batch.from || l.entry > w->batch.through) continue;
            voucher v = {.partner = partner_id(w->c->t, s.partner),
                         .company = s.company,
                         .policy = l.at.policy,
                         .form = l.form,
                         .period = l.at.period,
                         .reference = buf_str(&reference),
                         .time_ms = l.since_ms,
                         .amount = l.amount};
            TRY(put_voucher(w, &v, e));
        }
    }
    return txn_ok(w->c->t, e);
}

/* ---- money that leaves wallets */

static bool has_left(const wallet_move *m, size_t n, str reference) {
    for (size_t i = 0; i < n; i++)
        if ((m[i].cause == CAUSE_PAYOUT || m[i].cause == CAUSE_ORDER) && str_eq(m[i].reference, reference)) return true;
    return false;
}

/* A payout is called P and its number, and has its own form; orders are set off. */
static payout_form form_of(const exporter *w, str reference) {
    redemption r;
    int64_t no;
    bool payout = reference.n > 1 && reference.p[0] == 'P' && dec_parse(str_skip(reference, 1), 0, &no, NULL);
    return payout && no > 0 && redemption_get(w->c->t, (uint64_t)no, &r) ? r.form : PAYOUT_OFFSET;
}

static bool put_left(exporter *w, const wallet_key *k, const wallet_move *m, err *e) {
    voucher v = {.partner = partner_id(w->c->t, k->partner),
                 .company = k->company,
                 .policy = STR(""),
                 .form = str_of(policy_form_name(form_of(w, m->reference))),
                 .period = w->period,
                 .reference = m->reference,
                 .time_ms = ((int64_t)m->day - day_of(1970, 1, 1)) * 86400000 - (int64_t)w->c->zone_min * 60000,
                 .amount = -m->amount};
    return put_voucher(w, &v, e);
}

/* Of the days of the period; a period of policies has none. */
static bool walk_wallets(exporter *w, err *e) {
    period_kind of;
    int32_t no;
    str name;
    wallet_key *k;
    if (!closing_parse(w->period, &of, &no, &name) || of == PERIOD_ONCE)
        return err_set(e, ERR_USAGE, "--period: of a redemption a month, a quarter, half a year or a year is wanted");
    size_t n = wallet_accounts(w->c->t, 0, w->c->a, &k);
    for (size_t i = 0; i < n; i++) {
        wallet_move *m;
        size_t moves = k[i].account == WALLET_REBATE ? wallet_moves(w->c->t, &k[i], w->c->a, &m) : 0;
        for (size_t x = 0; x < moves; x++) {
            bool out = m[x].cause == CAUSE_PAYOUT || m[x].cause == CAUSE_ORDER;
            bool back = m[x].cause == CAUSE_REVERSAL && has_left(m, moves, m[x].reference);
            if (m[x].entry <= w->batch.from || m[x].entry > w->batch.through || !(out || back)) continue;
            if (m[x].day < period_first(of, no) || m[x].day > period_last(of, no)) continue;
            TRY(put_left(w, &k[i], &m[x], e));
        }
    }
    return txn_ok(w->c->t, e);
}

static bool walk(exporter *w, bool writes, err *e) {
    w->writes = writes;
    w->rows = 0;
    if (w->kind == VOUCHER_REDEMPTION) return walk_wallets(w, e);
    return w->kind == VOUCHER_PAYOUT ? walk_statements(w, e) : walk_journal(w, e);
}

/* ---- batches */

/* What came since the last batch, as a new one; nothing came: the last one again. */
static bool cut(call *c, exporter *w, bool *any, err *e) {
    voucher_batch last = {.through = 0};
    Entry__Vouchers body = ENTRY__VOUCHERS__INIT;
    apply_result r = {.a = c->a};
    uint8_t hash[DIGEST_SIZE];
    int64_t time_ms;
    str changed;
    TRY(choose_accounts(w, &changed, e));
    *any = voucher_batch_last(c->t, call_option(c, "kind"), w->period, &last);
    w->batch.from = last.through;
    journal_head(c->t, &w->batch.through, &time_ms, hash);
    TRY(walk(w, false, e));
    if (w->rows == 0) {
        w->batch = last;
        return !*any || take_accounts(w, last.accounts, e);
    }
    *any = true;
    body.kind = (char *)(uintptr_t)voucher_kind_name(w->kind);
    body.period = (char *)(uintptr_t)arena_str(c->a, w->period).p;
    body.from = w->batch.from;
    body.through = w->batch.through;
    body.accounts = (char *)(uintptr_t)changed.p;
    command_entry what = {KIND_VOUCHERS, c->now_ms, call_actor(c), &body.base};
    TRY(journal_append(c->t, &what, &r, NULL, e));
    w->batch.number = r.number;
    return true;
}

static bool named_batch(call *c, str s, exporter *w, err *e) {
    int64_t no;
    bool exact;
    if (!dec_parse(s, 0, &no, &exact) || !exact || no < 1 || !voucher_batch_get(c->t, (uint64_t)no, &w->batch) ||
        !str_is(w->batch.kind, voucher_kind_name(w->kind)) || !str_eq(w->batch.period, w->period))
        return err_set(e, ERR_NOT_FOUND, "no batch '%.*s' of that kind and period", STR_ARG(str_take(s, LIMIT_ID)));
    return take_accounts(w, w->batch.accounts, e);
}

bool cmd_rebate_export(call *c, err *e) {
    static const char *const columns[] = {"batch", "voucher", "kind",  "date",   "partner", "company",  "policy",
                                          "form",  "period",  "debit", "credit", "amount",  "currency", "reference"};
    AUTO(exporter) w = {.c = c, .period = call_option(c, "period")};
    period_kind of;
    str name, batch = call_option(c, "batch");
    bool any = true;
    TRY(authz(c, "write", 0, e));
    if (!voucher_kind_parse(call_option(c, "kind"), &w.kind))
        return err_set(e, ERR_USAGE, "--kind: accrual, reversal, payout or redemption");
    if (!closing_parse(w.period, &of, NULL, &name))
        return err_set(e, ERR_USAGE, "--period: wanted one like 2026-01, 2026-Q1, 2026-H1, 2026 or once/POLICY");
    TRY(batch.p ? named_batch(c, batch, &w, e) : cut(c, &w, &any, e));
    answer_list(c, columns, ARRAY_LEN(columns));
    return !any || walk(&w, true, e);
}
