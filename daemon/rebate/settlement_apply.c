/* A settlement as an entry: packed in columns, and applied. */
#include "base/num.h"
#include "daemon/catalog/partner.h"
#include "daemon/rebate/closing.h"
#include "daemon/rebate/settlement.h"
#include "daemon/rebate/statement.h"
#include "daemon/rebate/texts.h"
#include "proto/limits.h"

enum { ROWS_BYTES = 8 * 1024 * 1024 };

size_t settlement_pack(txn *t, str label, bool interim, const due_row *row, size_t n, arena *a,
                       Entry__Settlement *out) {
    AUTO(texts) d = {.a = a};
    size_t i = 0, k = 0, room = n < LIMIT_ENTRY_ROWS ? n : LIMIT_ENTRY_ROWS;
    texts_init(&d, a);
    entry__settlement__init(out);
    uint32_t **columns[] = {&out->partner, &out->company,   &out->policy, &out->revision, &out->line_period,
                            &out->stage,   &out->mechanism, &out->form,   &out->expires,  &out->own_share};
    for (size_t c = 0; c < ARRAY_LEN(columns); c++) *columns[c] = ARENA_NEW(a, uint32_t, room + 1);
    out->amount = ARENA_NEW(a, int64_t, room + 1);
    ASSERT(out->amount != NULL);
    for (; i < n && k < room && texts_room(&d); i++) {
        if (row[i].held) continue;
        out->partner[k] = texts_add(&d, partner_id(t, row[i].at.partner));
        out->company[k] = texts_add(&d, row[i].company);
        out->policy[k] = texts_add(&d, row[i].at.policy);
        out->revision[k] = row[i].revision;
        out->line_period[k] = texts_add(&d, row[i].at.period);
        out->stage[k] = texts_add(&d, str_of(policy_stage_name(row[i].at.stage)));
        out->mechanism[k] = texts_add(&d, row[i].at.mechanism);
        out->form[k] = texts_add(&d, str_of(policy_form_name(row[i].form)));
        out->expires[k] = row[i].expires_days;
        out->own_share[k] = row[i].own_share;
        out->amount[k++] = row[i].amount;
    }
    out->n_partner = out->n_company = out->n_policy = out->n_revision = out->n_line_period = k;
    out->n_stage = out->n_mechanism = out->n_form = out->n_expires = out->n_own_share = out->n_amount = k;
    out->period = (char *)(uintptr_t)arena_str(a, label).p;
    out->interim = interim;
    out->engine = (char *)(uintptr_t)CHANNELD_VERSION;
    out->currency = (char *)(uintptr_t) "CNY"; /* the only one policies know */
    out->text = d.v;
    out->n_text = d.n;
    return i;
}

static bool columns_ok(const Entry__Settlement *m, err *e) {
    const size_t same[] = {m->n_partner, m->n_company,   m->n_policy, m->n_revision, m->n_line_period,
                           m->n_stage,   m->n_mechanism, m->n_form,   m->n_expires,  m->n_own_share};
    for (size_t i = 0; i < ARRAY_LEN(same); i++)
        if (same[i] != m->n_amount) return err_set(e, ERR_DATA, "settlement: columns of different lengths");
    period_kind kind;
    str name;
    return (m->n_amount && closing_parse(str_of(m->period), &kind, NULL, &name) && currency_ok(str_of(m->currency))) ||
           err_set(e, ERR_DATA, "settlement: a period, a currency and at least one line");
}

static bool line_of(txn *t, const Entry__Settlement *m, size_t i, statement_line *out, str *company, err *e) {
    partner p;
    accrual a;
    str id = texts_at(m->text, m->n_text, m->partner[i]);
    *out = (statement_line){.amount = m->amount[i], .revision = m->revision[i], .expires_days = m->expires[i]};
    out->own_share = m->own_share[i];
    out->at.policy = texts_at(m->text, m->n_text, m->policy[i]);
    out->at.period = texts_at(m->text, m->n_text, m->line_period[i]);
    out->at.mechanism = texts_at(m->text, m->n_text, m->mechanism[i]);
    out->form = texts_at(m->text, m->n_text, m->form[i]);
    *company = texts_at(m->text, m->n_text, m->company[i]);
    if (!partner_by_id(t, id, &p))
        return txn_ok(t, e) && err_set(e, ERR_NOT_FOUND, "partner '%.*s': unknown", STR_ARG(str_take(id, LIMIT_ID)));
    out->at.partner = p.no;
    if (!line_stage_parse(texts_at(m->text, m->n_text, m->stage[i]), &out->at.stage) || out->amount == 0 ||
        out->own_share > pow10_i64(RATE_SCALE) || out->amount > LIMIT_WALLET || out->amount < -LIMIT_WALLET ||
        company->n == 0 || company->n > LIMIT_ID)
        return err_set(e, ERR_DATA, "settlement: row %zu is no line of a statement", i + 1);
    if (out->at.policy.n > LIMIT_ID || out->at.period.n > LIMIT_ID || out->at.mechanism.n > LIMIT_ID ||
        !accrual_get(t, &out->at, &a))
        return txn_ok(t, e) && err_set(e, ERR_CONFLICT, "settlement: row %zu was never accrued", i + 1);
    return true;
}

bool rebate_settlement(txn *t, const entry *en, const Entry__Settlement *m, apply_result *r, err *e) {
    AUTO(arena) a = {0};
    TRY(columns_ok(m, e));
    if (!m->interim && !closing_is_closed(t, str_of(m->period)))
        return err_set(e, ERR_CONFLICT, "period %s is open", m->period);
    arena_init(&a, ROWS_BYTES);
    size_t n = m->n_amount;
    statement_line *line = ARENA_NEW(&a, statement_line, n);
    str *company = ARENA_NEW(&a, str, n);
    if (line == NULL || company == NULL) return err_set(e, ERR_DATA, "settlement: at most %d rows", LIMIT_ENTRY_ROWS);
    for (size_t i = 0; i < n; i++) TRY(line_of(t, m, i, &line[i], &company[i], e));
    r->number = 0;
    for (size_t from = 0, to; from < n; from = to) {
        for (to = from; to < n && line[to].at.partner == line[from].at.partner && str_eq(company[to], company[from]);)
            to++;
        statement s = {.entry = en->seq,
                       .time_ms = en->time_ms,
                       .partner = line[from].at.partner,
                       .currency = currency_no(str_of(m->currency)),
                       .interim = m->interim,
                       .period = str_of(m->period),
                       .company = company[from]};
        (void)statement_put(t, en, &s, line + from, to - from);
        for (size_t i = from; i < to; i++) accrual_settle(t, &line[i].at, line[i].amount);
        r->number++;
    }
    return txn_ok(t, e);
}
