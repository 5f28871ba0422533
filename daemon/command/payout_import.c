/* Payouts to and from the ERP: payout export hands over what can be issued, payout import brings what became of it. */
#include "daemon/catalog/cell.h"
#include "daemon/catalog/partner.h"
#include "daemon/command/cells.h"
#include "daemon/command/file_table.h"
#include "daemon/command/payouts.h"
#include "daemon/store/keys.h"
#include "proto/limits.h"

#include <inttypes.h>

/* ---- export */

typedef struct exporting {
    uint64_t batch;
    str form;
    payout_steps ready; /* what is not in a batch and can be issued */
} exporting;

static bool add_ready(call *c, const redemption *r, void *arg, err *e) {
    exporting *w = arg;
    redemption_state to;
    (void)e;
    if (r->batch || (w->form.p && !str_is(w->form, policy_form_name(r->form)))) return true;
    if (redemption_step(r->form, r->state, REDEEM_EXPORT, &to))
        payout_steps_add(c, &w->ready, r->number, STR(""), DAY_MIN, STR(""));
    if (r->batch > w->batch) w->batch = r->batch;
    return true;
}

static bool last_batch(call *c, const redemption *r, void *arg, err *e) {
    exporting *w = arg;
    (void)c;
    (void)e;
    if (w->form.p && !str_is(w->form, policy_form_name(r->form))) return true;
    if (r->batch > w->batch) w->batch = r->batch;
    return true;
}

static void put_line(call *c, const redemption *r, uint32_t no, const redemption_line *l) {
    char code[4];
    json *j = answer_row(c);
    cell_id(j, "batch", r->batch);
    cell_id(j, "id", r->number);
    cell_id(j, "line", no);
    cell_text(j, "form", str_of(policy_form_name(r->form)));
    cell_text(j, "partner", partner_id(c->t, r->partner));
    cell_text(j, "company", r->company);
    cell_text(j, "invoice", l->number);
    if (l->day == DAY_MIN) cell_text(j, "date", STR_NONE);
    else
        put_day_cell(j, "date", l->day);
    cell_ppm(j, "tax_rate", l->rate);
    cell_text(j, "sku", l->sku);
    cell_text(j, "unit", l->unit);
    if (l->quantity) cell_count(j, "quantity", l->quantity), cell_money(j, "price", l->price, r->currency);
    else
        cell_text(j, "quantity", STR_NONE), cell_text(j, "price", STR_NONE);
    cell_money(j, "amount", l->amount, r->currency);
    cell_money(j, "tax", l->tax, r->currency);
    cell_text(j, "currency", currency_text(r->currency, code));
    cell_text(j, "confirmation", r->confirmation);
    answer_row_end(c);
}

/* Of a batch, in the order of numbers: partners come first in the table. */
static bool add_batch(call *c, const redemption *r, void *arg, err *e) {
    exporting *w = arg;
    (void)e;
    if (r->batch == w->batch) payout_steps_add(c, &w->ready, r->number, STR(""), DAY_MIN, STR(""));
    return true;
}

static bool put_batch(call *c, exporting *w, err *e) {
    w->ready = (payout_steps){.act = REDEEM_EXPORT};
    TRY(payouts_each(c, add_batch, w, e));
    for (size_t i = 0; i < w->ready.n && !answer_failed(c); i++) {
        redemption r;
        redemption_line l;
        if (!redemption_get(c->t, w->ready.payout[i], &r)) continue;
        for (AUTO(kv_cursor) k = redemption_lines(c->t, r.number); kv_next(&k);)
            if (redemption_line_decode(k.val, &l)) put_line(c, &r, get_be32(k.key.p + 8), &l);
    }
    return txn_ok(c->t, e);
}

bool cmd_payout_export(call *c, err *e) {
    static const char *const columns[] = {"batch",   "id",     "line",     "form",     "partner",     "company",
                                          "invoice", "date",   "tax_rate", "sku",      "unit",        "quantity",
                                          "price",   "amount", "tax",      "currency", "confirmation"};
    exporting w = {.form = call_option(c, "form"), .ready = {.act = REDEEM_EXPORT}};
    str named = call_option(c, "batch");
    payout_form form;
    TRY(authz(c, "write", 0, e));
    if (w.form.p && !redemption_form_parse(w.form, &form))
        return err_set(e, ERR_USAGE, "--form: credit_note, goods, cash or expense");
    if (named.p && !payout_number(named, &w.batch)) return err_set(e, ERR_USAGE, "--batch: wanted a number");
    if (named.p == NULL) {
        TRY(payouts_each(c, add_ready, &w, e));
        if (w.ready.n) TRY(payout_steps_append(c, &w.ready, &w.batch, e));
        else
            TRY(payouts_each(c, last_batch, &w, e));
    }
    answer_list(c, columns, ARRAY_LEN(columns));
    if (w.batch) TRY(put_batch(c, &w, e));
    return !named.p || w.ready.n || err_set(e, ERR_NOT_FOUND, "no batch %" PRIu64 " of payouts", w.batch);
}

/* ---- import */

enum { I_ID, I_BATCH, I_STATE, I_NUMBER, I_DATE, I_AMOUNT, I_REASON, I_COLUMNS };
static const file_column columns_of[I_COLUMNS] = {
    {"id", false},   {"batch", false},  {"state", true},   {"number", false},
    {"date", false}, {"amount", false}, {"reason", false},
};

/* What an ERP may call it. */
static const struct state_word {
    const char *word;
    redemption_act act;
} state_words[] = {
    {"confirmed", REDEEM_CONFIRM}, {"issued", REDEEM_ISSUE},  {"paid", REDEEM_ISSUE},    {"refused", REDEEM_REFUSE},
    {"已确认", REDEEM_CONFIRM},    {"已开具", REDEEM_ISSUE},  {"已开票", REDEEM_ISSUE},  {"已付款", REDEEM_ISSUE},
    {"已发货", REDEEM_ISSUE},      {"已拒绝", REDEEM_REFUSE}, {"已驳回", REDEEM_REFUSE},
};

typedef struct importing {
    call *c;
    file_table rows;
    map papers, seen; /* numbers of papers; payouts this file has changed */
    payout_steps steps[REDEEM_END];
    uint64_t total, done, same, bad;
    buf problems; /* JSON, one after the other */
    json j;
} importing;

static bool wrong(importing *w, const file_line *l, size_t column, str found, const char *wanted, const char *hint) {
    json *j = &w->j;
    w->bad++;
    if (w->bad > LIMIT_PROBLEMS) return true;
    json_open_object(j);
    json_key(j, "file"), json_z(j, l->file);
    json_key(j, "row"), json_uint(j, l->no);
    json_key(j, "column"), json_z(j, columns_of[column].name);
    json_key(j, "found"), json_str(j, found);
    json_key(j, "wanted"), json_z(j, wanted);
    json_key(j, "hint"), json_z(j, hint);
    json_end_object(j);
    return true;
}

static str state_text(const redemption *r) {
    return str_of(redemption_state_name(r->state));
}

typedef struct answer { /* a row that can be read */
    redemption_act act;
    str number, reason;
    day_t day;
    int64_t amount; /* NUM_NONE: not stated */
} answer;

/* Is it what is known already? */
static bool is_known(const redemption *r, const answer *a) {
    if (a->act == REDEEM_REFUSE) return r->state == REDEMPTION_REFUSED;
    if (a->act == REDEEM_CONFIRM) return r->state == REDEMPTION_CONFIRMED || r->state == REDEMPTION_ISSUED;
    return r->state == REDEMPTION_ISSUED && str_eq(r->document, a->number) && r->day == a->day;
}

/* One payout takes an answer, or is told why not. */
static bool take_answer(importing *w, const file_line *l, const redemption *r, const answer *a, bool alone) {
    redemption_state to;
    bool made;
    if (is_known(r, a)) return w->same++, true;
    if (!redemption_step(r->form, r->state, a->act, &to))
        return wrong(w, l, I_STATE, l->cell[I_STATE],
                     a->act == REDEEM_ISSUE && r->state == REDEMPTION_REQUESTED ? "first the partner's confirmation"
                                                                                : "a step from where it is",
                     arena_str(w->c->a, state_text(r)).p);
    if (a->act == REDEEM_ISSUE && a->number.n == 0)
        return wrong(w, l, I_NUMBER, STR(""), "the number of the paper", "each payout has one of its own");
    if (a->act == REDEEM_ISSUE && (r->form == PAYOUT_CREDIT_NOTE || alone)) {
        uint64_t *other = map_at(&w->papers, payout_paper_key(w->c, r->form, a->number), &made);
        if (!made && *other != r->number)
            return wrong(w, l, I_NUMBER, a->number, "a number of no other payout", "one paper pays one payout");
        *other = r->number;
    }
    AUTO(buf) id = {0};
    buf_printf(&id, "%" PRIu64, r->number);
    (void)map_at(&w->seen, arena_str(w->c->a, buf_str(&id)), &made);
    if (!made)
        return wrong(w, l, I_ID, buf_str(&id), "one answer for a payout in a file",
                     "push the later answer in another file");
    payout_steps_add(w->c, &w->steps[a->act], r->number, a->number, a->day, a->reason);
    w->done++;
    return true;
}

static bool read_answer(importing *w, const file_line *l, answer *a, bool *good) {
    bool exact;
    *a = (answer){.number = l->cell[I_NUMBER], .reason = l->cell[I_REASON], .day = DAY_MIN, .amount = NUM_NONE};
    *good = false;
    for (size_t i = 0; i < ARRAY_LEN(state_words); i++)
        if (str_is(l->cell[I_STATE], state_words[i].word)) a->act = state_words[i].act;
    if (a->act == 0) return wrong(w, l, I_STATE, l->cell[I_STATE], "confirmed, issued or refused", "");
    if (a->number.n > LIMIT_ID) return wrong(w, l, I_NUMBER, a->number, "at most 64 bytes", "");
    if (a->reason.n > LIMIT_TEXT) return wrong(w, l, I_REASON, a->reason, "at most 256 bytes", "");
    if (a->act == REDEEM_REFUSE && a->reason.n == 0) return wrong(w, l, I_REASON, STR(""), "why it was refused", "");
    if (l->cell[I_DATE].n && !cell_as_day(l->cell[I_DATE], &a->day))
        return wrong(w, l, I_DATE, l->cell[I_DATE], "a day like 2026-01-31", "");
    if (a->day > day_at(w->c->now_ms, w->c->zone_min) + LIMIT_AHEAD_DAYS)
        return wrong(w, l, I_DATE, l->cell[I_DATE], "a day that is over", "");
    if (a->act == REDEEM_ISSUE && a->day == DAY_MIN) return wrong(w, l, I_DATE, STR(""), "the day of the paper", "");
    if (l->cell[I_AMOUNT].n && (!dec_parse(l->cell[I_AMOUNT], 2, &a->amount, &exact) || !exact))
        return wrong(w, l, I_AMOUNT, l->cell[I_AMOUNT], "an amount like 120.50", "");
    *good = true;
    return true;
}

static const char *amount_text(call *c, int64_t amount) {
    AUTO(buf) b = {0};
    dec_put(&b, amount, 2, 2);
    return arena_str(c->a, buf_str(&b)).p;
}

static bool take_one(importing *w, const file_line *l, const answer *a) {
    redemption r;
    uint64_t no;
    if (!payout_number(l->cell[I_ID], &no) || !redemption_get(w->c->t, no, &r))
        return wrong(w, l, I_ID, l->cell[I_ID], "the number of a payout", "payout list shows them");
    if (a->amount != NUM_NONE && a->amount != r.amount)
        return wrong(w, l, I_AMOUNT, l->cell[I_AMOUNT], amount_text(w->c, r.amount),
                     "a payout is issued whole; refuse it and ask again");
    return take_answer(w, l, &r, a, true);
}

typedef struct members {
    uint64_t batch;
    uint64_t *at;
    size_t n, cap;
    int64_t sum;
} members;

static bool add_member(call *c, const redemption *r, void *arg, err *e) {
    members *m = arg;
    (void)e;
    if (r->batch != m->batch) return true;
    m->at = arena_grown(c->a, m->at, m->n, &m->cap, sizeof *m->at);
    m->at[m->n++] = r->number;
    m->sum += r->amount;
    return true;
}

static bool take_many(importing *w, const file_line *l, const answer *a, err *e) {
    members m = {.n = 0};
    if (payout_number(l->cell[I_BATCH], &m.batch)) TRY(payouts_each(w->c, add_member, &m, e));
    if (m.n == 0) return wrong(w, l, I_BATCH, l->cell[I_BATCH], "the number of a batch", "payout list shows them");
    if (a->amount != NUM_NONE && a->amount != m.sum)
        return wrong(w, l, I_AMOUNT, l->cell[I_AMOUNT], amount_text(w->c, m.sum), "answer its payouts one by one");
    for (size_t i = 0; i < m.n; i++) {
        redemption r;
        if (redemption_get(w->c->t, m.at[i], &r)) TRY(take_answer(w, l, &r, a, m.n == 1));
    }
    return true;
}

static bool take_row(importing *w, const file_line *l, err *e) {
    answer a;
    bool good;
    w->total++;
    if ((l->cell[I_ID].n > 0) == (l->cell[I_BATCH].n > 0))
        return wrong(w, l, I_ID, l->cell[I_ID], "an id or a batch, one of them", "");
    TRY(read_answer(w, l, &a, &good));
    if (!good) return true;
    return l->cell[I_ID].n ? take_one(w, l, &a) : take_many(w, l, &a, e);
}

static bool read_rows(importing *w, err *e) {
    attachment file = call_file(w->c, 0);
    TRY(file_table_open(&w->rows, &file, columns_of, I_COLUMNS, e));
    for (;;) {
        file_line l = {.no = 0};
        if (file_table_next(&w->rows, &l, e)) {
            if (l.no == 0) return true;
            TRY(take_row(w, &l, e));
            continue;
        }
        if (e->code != ERR_DATA || l.no == 0) return false;
        w->total++;
        (void)wrong(w, &l, I_STATE, STR(""), "cells under the columns of the first row", "");
    }
}

static void importing_auto(importing *w) {
    file_table_auto(&w->rows);
    map_free(&w->papers);
    map_free(&w->seen);
    buf_free(&w->problems);
}

bool cmd_payout_import(call *c, err *e) {
    AUTO(importing) w = {.c = c};
    static const struct count {
        const char *name;
        size_t at;
    } counts[] = {{"rows", offsetof(importing, total)},
                  {"done", offsetof(importing, done)},
                  {"same", offsetof(importing, same)},
                  {"bad", offsetof(importing, bad)}};
    TRY(authz(c, "write", 0, e) && payout_papers(c, &w.papers, e));
    w.j = json_into(&w.problems);
    json_open_array(&w.j);
    TRY(read_rows(&w, e));
    json_end_array(&w.j);
    for (redemption_act act = REDEEM_CONFIRM; act < REDEEM_END; act++) {
        w.steps[act].act = act;
        TRY(payout_steps_append(c, &w.steps[act], NULL, e));
    }
    json *j = answer_show(c);
    for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
        json_key(j, counts[i].name);
        json_uint(j, *(const uint64_t *)((const char *)&w + counts[i].at));
    }
    json_key(j, "problems");
    json_raw(j, buf_str(&w.problems));
    answer_show_end(c);
    if (w.bad) answer_status(c, STATUS_DIFFERS);
    return true;
}
