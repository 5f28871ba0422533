/* Commands that read cases of diversion: case list, show; and who may see one. */
#include "daemon/command/cases.h"

#include "daemon/catalog/columns.h"
#include "daemon/catalog/partner.h"
#include "daemon/catalog/product.h"
#include "daemon/catalog/region.h"
#include "daemon/command/cells.h"
#include "daemon/command/period.h"
#include "daemon/ledger/wallet.h"
#include "daemon/store/store.h"
#include "daemon/trace/case_row.h"
#include "daemon/trace/claims.h"
#include "daemon/trace/papers.h"
#include "daemon/trace/tuning.h"
#include "proto/limits.h"

#include <inttypes.h>

bool case_visible(call *c, const case_head *h) {
    err unused;
    if (case_outward(c)) return h->released && authz(c, "read", h->partner, &unused);
    return authz(c, "read", h->partner, &unused) || authz_region(c, h->destination) ||
           (h->assignee.n && str_eq(h->assignee, c->who.name));
}

bool case_of_call(call *c, str id, case_head *out, err *e) {
    bool found = case_get(c->t, id, out);
    TRY(txn_ok(c->t, e));
    if (found && !case_visible(c, out)) found = false;
    if (found) return case_keep(out, c->a), true;
    if (case_outward(c) || c->who.scope.n) return authz(c, "read", 0, e);
    return err_set(e, ERR_NOT_FOUND, "no case '%.*s' (case list)", STR_ARG(str_take(id, LIMIT_ID)));
}

size_t case_products(call *c, const case_signal *s, size_t n, str **skus) {
    size_t count = 0;
    *skus = ARENA_NEW(c->a, str, n + 1);
    ASSERT(*skus != NULL);
    for (size_t i = 0; i < n; i++) {
        if (s[i].product == 0) continue;
        str sku = arena_str(c->a, product_sku(c->t, s[i].product));
        size_t at = 0;
        while (at < count && str_cmp((*skus)[at], sku) < 0) at++;
        if (at < count && str_eq((*skus)[at], sku)) continue;
        memmove(*skus + at + 1, *skus + at, (count - at) * sizeof sku);
        (*skus)[at] = sku;
        count++;
    }
    return count;
}

/* ---- list */

static bool is_open_until(const case_head *h, day_t *due, const char **whose) {
    *whose = h->state == CASE_NOTIFIED ? "partner" : "manufacturer";
    *due = h->state == CASE_NOTIFIED ? h->answer_due : h->own_due;
    if (h->state == CASE_PENALISED) *whose = "partner", *due = h->appeal_due;
    return *due != DAY_MAX && case_is_open(h->state);
}

static void put_due(json *j, const case_head *h) {
    const char *whose;
    day_t due;
    bool open = is_open_until(h, &due, &whose);
    if (open) put_day_cell(j, "due", due);
    else
        cell_text(j, "due", STR_NONE);
    cell_text(j, "waits_for", open ? str_of(whose) : STR_NONE);
}

static void put_money(json *j, const case_head *h, bool outward) {
    char code[4];
    unsigned scale = currency_scale(currency_text(h->currency, code));
    json_key(j, "penalty");
    json_dec(j, h->penalty, scale, scale);
    if (outward) return;
    json_key(j, "compensation");
    json_dec(j, h->compensation, scale, scale);
}

/* Only an inspection in vain makes a difference: the rules are read for those alone. */
static int32_t score_of(call *c, const case_head *h) {
    trace_rules rules;
    if (h->not_found == 0) return h->score;
    tuning_load(c->t, &rules);
    return case_score(h->score, h->not_found, &rules);
}

static void put_case(call *c, json *j, const case_head *h) {
    case_signal *s;
    size_t n = case_signals(c->t, h->id, c->a, &s);
    str *skus;
    case_row_signal *told = ARENA_NEW(c->a, case_row_signal, n + 1);
    ASSERT(told != NULL);
    for (size_t i = 0; i < n; i++)
        told[i] = (case_row_signal){s[i].kind.p, s[i].time,
                                    case_outward(c) ? evidence_told(s[i].evidence, c->a)
                                                    : evidence_line(s[i].evidence, c->a)};
    case_row row = {.id = h->id,
                    .partner = partner_id(c->t, h->partner),
                    .destination = region_code(c->t, h->destination),
                    .state = str_of(case_state_name(h->state)),
                    .score = score_of(c, h),
                    .opened_ms = h->opened_ms,
                    .first_event_ms = h->first_event,
                    .quantity = h->quantity,
                    .signal = told,
                    .signals = n};
    row.sku_count = case_products(c, s, n, &skus);
    row.skus = skus;
    case_row_put(j, &row, c->zone_min);
    put_due(j, h);
    if (!case_outward(c)) cell_text(j, "assignee", h->assignee);
    put_money(j, h, case_outward(c));
}

typedef struct case_filter {
    uint32_t partner, destination;
    case_state state; /* CASE_STATE_END: any */
    bool open, mine;
    day_t from, to; /* opened */
} case_filter;

static bool read_filter(call *c, case_filter *f, err *e) {
    str state = call_option(c, "state"), region = call_option(c, "region");
    *f = (case_filter){.state = CASE_STATE_END, .open = call_flag(c, "open"), .mine = call_flag(c, "mine")};
    TRY(option_partner(c, &f->partner, e));
    if (f->partner || case_outward(c)) TRY(authz(c, "read", f->partner, e));
    if (state.p && !case_state_parse(state, &f->state))
        return err_set(e, ERR_USAGE, "--state: no state '%.*s'", STR_ARG(str_take(state, 40)));
    if (region.p && !resolve_region(c->t, 0, region, day_at(c->now_ms, c->zone_min), &f->destination))
        return err_set(e, ERR_NOT_FOUND, "region '%.*s': unknown", STR_ARG(str_take(region, 60)));
    TRY(call_day(c, "from", DAY_MIN, &f->from, e) && call_day(c, "to", DAY_MAX, &f->to, e));
    return f->from <= f->to || err_set(e, ERR_USAGE, "--from lies after --to");
}

static bool passes(call *c, const case_filter *f, const case_head *h) {
    day_t opened = day_at(h->opened_ms, c->zone_min);
    if (f->partner && !partner_within(c->t, h->partner, f->partner)) return false;
    if (f->destination && !region_within(c->t, h->destination, f->destination)) return false;
    if (f->state != CASE_STATE_END && h->state != f->state) return false;
    if (f->open && !case_is_open(h->state)) return false;
    if (f->mine && !str_eq(h->assignee, c->who.name)) return false;
    return opened >= f->from && opened <= f->to;
}

bool cmd_case_list(call *c, err *e) {
    static const char *const inward[] = {"due", "waits_for", "assignee", "penalty", "compensation"};
    static const char *const outward[] = {"due", "waits_for", "penalty"};
    const char *columns[32];
    case_filter f;
    case_head h;
    size_t n = case_row_column_count, more = case_outward(c) ? ARRAY_LEN(outward) : ARRAY_LEN(inward);
    memcpy(columns, case_row_columns, n * sizeof *columns);
    memcpy(columns + n, case_outward(c) ? outward : inward, more * sizeof *columns);
    TRY(read_filter(c, &f, e));
    answer_list(c, columns, n + more);
    for (AUTO(kv_cursor) w = kv_from(c->t, TABLE_CASE, STR(""), STR_NONE); kv_next(&w) && !answer_failed(c);) {
        if (!case_decode(w.key, w.val, &h) || !passes(c, &f, &h) || !case_visible(c, &h)) continue;
        put_case(c, answer_row(c), &h);
        answer_row_end(c);
    }
    return txn_ok(c->t, e);
}

/* ---- show */

static void put_papers(call *c, json *j, const uint8_t *digest, size_t n) {
    json_key(j, "files");
    json_open_array(j);
    for (size_t i = 0; i < n; i++) {
        AUTO(buf) hex = {0};
        paper p;
        if (!paper_get(c->t, digest + i * DIGEST_SIZE, &p)) continue;
        hex_put(&hex, digest + i * DIGEST_SIZE, DIGEST_SIZE);
        json_open_object(j);
        cell_text(j, "name", p.name);
        cell_count(j, "bytes", p.size);
        cell_text(j, "digest", buf_str(&hex));
        json_end_object(j);
    }
    json_end_array(j);
}

static void put_moves(call *c, json *j, const case_step_record *s, uint32_t only) {
    json_key(j, "moves");
    json_open_array(j);
    for (size_t i = 0; i < s->moves; i++) {
        const case_move *m = &s->move[i];
        if (only && m->partner != only) continue;
        json_open_object(j);
        cell_text(j, "partner", partner_id(c->t, m->partner));
        cell_text(j, "account", str_of(wallet_account_name((wallet_account)m->account)));
        cell_text(j, "cause", str_of(wallet_cause_name((wallet_cause)m->cause)));
        cell_amount(j, m->amount, m->currency, "amount", "currency");
        json_end_object(j);
    }
    json_end_array(j);
}

/* The accused hears what was decided, and what it said itself; who of the manufacturer did it stays in the house. */
static void put_steps(call *c, json *j, const case_head *h) {
    case_step_record *s;
    size_t n = case_steps(c->t, h->id, c->a, &s);
    bool outward = case_outward(c);
    json_key(j, "steps");
    json_open_array(j);
    for (size_t i = 0; i < n; i++) {
        if (outward && s[i].inward) continue;
        json_open_object(j);
        cell_count(j, "step", s[i].step);
        cell_text(j, "act", str_of(case_act_name(s[i].act)));
        cell_time(j, "time", s[i].time_ms, c->zone_min);
        if (!outward) cell_text(j, "by", s[i].by);
        cell_text(j, "state", str_of(case_state_name(s[i].to)));
        cell_text(j, "text", s[i].text);
        cell_text(j, "told", s[i].told);
        put_papers(c, j, s[i].paper, s[i].papers);
        put_moves(c, j, &s[i], outward ? h->partner : 0);
        json_end_object(j);
    }
    json_end_array(j);
}

static void put_optional_day(json *j, const char *name, day_t d) {
    if (d == DAY_MAX || d == DAY_MIN) cell_text(j, name, STR_NONE);
    else
        put_day_cell(j, name, d);
}

static int64_t held_for(call *c, const case_head *h) {
    wallet_key *at;
    str reference = case_reference(h->id, c->a);
    size_t n = wallet_accounts(c->t, h->partner, c->a, &at);
    int64_t sum = 0;
    for (size_t i = 0; i < n; i++) sum += wallet_held_for(c->t, &at[i], reference);
    return sum;
}

bool cmd_case_show(call *c, err *e) {
    case_head h;
    TRY(case_of_call(c, call_arg(c, 0), &h, e));
    json *j = answer_show(c);
    put_case(c, j, &h);
    cell_text(j, "group", h.group);
    put_optional_day(j, "answer_due", h.answer_due);
    put_optional_day(j, "appeal_due", h.appeal_due);
    put_optional_day(j, "no_exemptions_until", h.no_exemptions);
    cell_text(j, "verdict", h.verdict);
    cell_count(j, "offence", h.offence);
    cell_text(j, "clause", h.clause);
    cell_text(j, "contract", h.contract);
    if (!case_outward(c)) {
        char code[4];
        unsigned scale = currency_scale(currency_text(h.currency, code));
        json_key(j, "held");
        json_dec(j, held_for(c, &h), scale, scale);
        json_key(j, "signals_score");
        json_dec(j, h.score, 1, 1);
        json_key(j, "inspections_score");
        json_dec(j, score_of(c, &h) - h.score, 1, 1);
        cell_count(j, "not_found", h.not_found);
        put_optional_day(j, "own_due", h.own_due);
    }
    put_steps(c, j, &h);
    answer_show_end(c);
    return txn_ok(c->t, e);
}
