/* rebate export: what was posted and paid as vouchers, by accounts that a file names. */
#include "daemon/rebate/vouchers.h"
#include "daemon/catalog/partner.h"
#include "daemon/command/accruals.h"
#include "daemon/command/catalog.h"
#include "daemon/command/cells.h"
#include "daemon/command/file_rows.h"
#include "daemon/command/rebate.h"
#include "daemon/rebate/closing.h"
#include "daemon/rebate/statement.h"
#include "daemon/store/keys.h"
#include "proto/frame.h"
#include "proto/limits.h"

#include <inttypes.h>

enum { ACCOUNTS_MAX = 4096, BODY_BYTES = 2 * LIMIT_FRAME_BYTES };

typedef struct account {             /* a row of the file */
    str kind, policy, debit, credit; /* policy "*": any without a row of its own */
} account;

typedef struct exporter {
    call *c;
    account *accounts;
    size_t n;
    voucher_kind kind;
    str period;
    voucher_batch batch;
    bool writes; /* rows are answered, else only counted */
    uint64_t rows;
} exporter;

/* ---- the file of accounts: kind,policy,debit,credit */

static bool read_accounts(call *c, exporter *w, err *e) {
    static const char *const columns[] = {"kind", "policy", "debit", "credit"};
    AUTO(file_rows) f = {.book = NULL};
    attachment file = call_file(c, 0);
    table_row row;
    w->accounts = ARENA_NEW(c->a, account, ACCOUNTS_MAX);
    ASSERT(w->accounts != NULL);
    TRY(file_rows_open(&f, &file, e) && file_rows_next(&f, &row, e));
    for (size_t i = 0; i < ARRAY_LEN(columns); i++)
        if (row.no == 0 || row.cells < ARRAY_LEN(columns) || !str_is(str_trim(row.cell[i]), columns[i]))
            return err_set(e, ERR_DATA, "%s, row 1: wanted the columns kind,policy,debit,credit", f.name);
    for (;;) {
        TRY(file_rows_next(&f, &row, e));
        if (row.no == 0) return true;
        if (row.cells < ARRAY_LEN(columns) || w->n == ACCOUNTS_MAX)
            return err_set(e, ERR_DATA, "%s, row %llu: wanted 4 cells, and at most %d rows", f.name,
                           (unsigned long long)row.no, ACCOUNTS_MAX);
        account *a = &w->accounts[w->n++];
        str *cells[] = {&a->kind, &a->policy, &a->debit, &a->credit};
        for (size_t i = 0; i < ARRAY_LEN(cells); i++) *cells[i] = arena_str(c->a, str_trim(row.cell[i]));
    }
}

static const account *account_of(const exporter *w, str policy_name) {
    const account *any = NULL;
    for (size_t i = 0; i < w->n; i++) {
        const account *a = &w->accounts[i];
        if (!str_is(a->kind, voucher_kind_name(w->kind))) continue;
        if (str_eq(a->policy, policy_name)) return a;
        if (str_is(a->policy, "*")) any = a;
    }
    return any;
}

/* ---- vouchers */

typedef struct voucher {
    str partner, policy, period, reference;
    int64_t time_ms, amount;
} voucher;

static bool put_voucher(exporter *w, const voucher *v, err *e) {
    const account *a = account_of(w, v->policy);
    if (a == NULL)
        return err_set(e, ERR_DATA, "accounts: no row for %s of policy '%.*s' (or *)", voucher_kind_name(w->kind),
                       STR_ARG(v->policy));
    w->rows++;
    if (!w->writes) return true;
    json *j = answer_row(w->c);
    cell_id(j, "batch", w->batch.number);
    cell_id(j, "voucher", w->rows);
    cell_text(j, "kind", str_of(voucher_kind_name(w->kind)));
    put_day_cell(j, "date", day_at(v->time_ms, w->c->zone_min));
    cell_text(j, "partner", v->partner);
    cell_text(j, "policy", v->policy);
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
        voucher v = {text_at(m, m->partner[i]),
                     text_at(m, m->policy[i]),
                     text_at(m, m->period[i]),
                     buf_str(&reference),
                     en->time_ms,
                     back ? -m->amount[i] : m->amount[i]};
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
            voucher v = {
                partner_id(w->c->t, s.partner), l.at.policy, l.at.period, buf_str(&reference), l.since_ms, l.amount};
            TRY(put_voucher(w, &v, e));
        }
    }
    return txn_ok(w->c->t, e);
}

static bool walk(exporter *w, bool writes, err *e) {
    w->writes = writes;
    w->rows = 0;
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
    *any = voucher_batch_last(c->t, call_option(c, "kind"), w->period, &last);
    w->batch.from = last.through;
    journal_head(c->t, &w->batch.through, &time_ms, hash);
    TRY(walk(w, false, e));
    if (w->rows == 0) {
        w->batch = last;
        return true;
    }
    *any = true;
    body.kind = (char *)(uintptr_t)voucher_kind_name(w->kind);
    body.period = (char *)(uintptr_t)arena_str(c->a, w->period).p;
    body.from = w->batch.from;
    body.through = w->batch.through;
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
    return true;
}

bool cmd_rebate_export(call *c, err *e) {
    static const char *const columns[] = {"batch",  "voucher", "kind",   "date",   "partner",  "policy",
                                          "period", "debit",   "credit", "amount", "currency", "reference"};
    exporter w = {.c = c, .period = call_option(c, "period")};
    period_kind of;
    str name, batch = call_option(c, "batch");
    bool any = true;
    TRY(authz(c, "write", 0, e));
    if (!voucher_kind_parse(call_option(c, "kind"), &w.kind))
        return err_set(e, ERR_USAGE, "--kind: accrual, reversal or payout");
    if (!closing_parse(w.period, &of, NULL, &name))
        return err_set(e, ERR_USAGE, "--period: wanted one like 2026-01, 2026-Q1, 2026-H1, 2026 or once/POLICY");
    TRY(read_accounts(c, &w, e));
    TRY(batch.p ? named_batch(c, batch, &w, e) : cut(c, &w, &any, e));
    answer_list(c, columns, ARRAY_LEN(columns));
    return !any || walk(&w, true, e);
}
