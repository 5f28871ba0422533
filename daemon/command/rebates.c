/* Commands about what partners earn: rebate evaluate, rebate explain. */
#include "daemon/catalog/catalog.h"
#include "daemon/command/cells.h"
#include "daemon/command/rebate.h"
#include "daemon/rebate/settlement.h"
#include "proto/limits.h"

enum { PAGE_ROWS = 100, PAGE_ROWS_MAX = 10000, RELEASES_MAX = 20 };

static void show_lines(call *c, const books *b, const policy *p, const books_result *r) {
    err unused;
    for (const rebate_line *l = r->lines.first; l && !answer_failed(c); l = l->next) {
        if (!authz(c, "read", b->partner_no[l->partner], &unused)) continue;
        line_cells(answer_row(c), b, p, l);
        answer_row_end(c);
    }
}

static bool evaluate(call *c, books *b, const policies *all, const books_ask *whose, err *e) {
    AUTO(arena) a = {0};
    size_t n = 0;
    arena_init(&a, SIZE_MAX); /* as large as what the policies pay */
    const policy **p = (const policy **)ARENA_NEW(&a, policy *, all->n + 1);
    books_ask *ask = ARENA_NEW(&a, books_ask, all->n + 1);
    books_result *r = ARENA_NEW(&a, books_result, all->n + 1);
    for (size_t i = 0; i < all->n; i++) {
        ask[n] = *whose;
        if (period_asked(c, &all->v[i].policy, &ask[n])) p[n++] = &all->v[i].policy;
    }
    TRY(books_evaluate_all(b, p, ask, n, &a, r, e));
    for (size_t i = 0; i < n; i++) show_lines(c, b, p[i], &r[i]);
    return true;
}

bool cmd_rebate_evaluate(call *c, err *e) {
    AUTO(policies) all = {0};
    AUTO(books) b = {0};
    books_ask whose = BOOKS_ALL;
    TRY(rebates_asked(c, &whose, &all, &b, e));
    answer_list(c, line_columns, line_column_count);
    return evaluate(c, &b, &all, &whose, e);
}

/* ---- explain */

static bool count_option(call *c, const char *name, size_t otherwise, size_t most, size_t *out, err *e) {
    int64_t v;
    bool exact;
    str s = call_option(c, name);
    *out = otherwise;
    if (s.p == NULL) return true;
    if (!dec_parse(s, 0, &v, &exact) || !exact || v < 1 || (uint64_t)v > most)
        return err_set(e, ERR_USAGE, "--%s: wanted a number from 1 to %zu, found '%.*s'", name, most,
                       STR_ARG(str_take(s, 40)));
    *out = (size_t)v;
    return true;
}

typedef struct explained {
    call *c;
    books b;
    in_force *of;
    books_ask ask;
    books_result r;
    arena a;
    int64_t sum;
    size_t rows, from, many; /* of the trace in all; the first to show, from 1; how many */
} explained;

static void put_line(json *j, const rebate_line *l) {
    json_open_object(j);
    cell_text(j, "stage", str_of(policy_stage_name(l->stage)));
    cell_text(j, "mechanism", str_of(l->mechanism));
    cell_text(j, "band", l->band);
    cell_fen(j, "basis_amount", l->basis_amount);
    cell_quantity(j, "basis_quantity", l->basis_quantity);
    cell_fen(j, "earned", l->earned);
    cell_fen(j, "amount", l->amount);
    cell_fen(j, "budget_cut", l->cut);
    cell_text(j, "why_nothing", l->none ? str_of(l->none) : STR_NONE);
    json_end_object(j);
}

static void put_row(json *j, const explained *x, const rebate_line *l, const rebate_trace *t) {
    const policy *p = &x->of->policy;
    const books_source *s = t->no < x->r.sources ? &x->r.source[t->no] : NULL;
    json_open_object(j);
    cell_text(j, "stage", str_of(policy_stage_name(l->stage)));
    cell_text(j, "mechanism", str_of(l->mechanism));
    put_day_cell(j, "date", t->day);
    cell_text(j, "document", s ? s->number : STR(""));
    cell_id(j, "id", s ? s->document : 0);
    json_key(j, "line");
    if (s && s->document) json_uint(j, s->line + 1);
    else
        json_none(j);
    cell_text(j, "sku", t->product == REBATE_NONE ? STR("") : x->b.world.product[t->product].sku);
    json_key(j, "basis");
    json_dec(j, t->basis, policy_measure_scale(p), p->measure == MEASURE_AMOUNT ? FEN_SCALE : 0);
    cell_fen(j, "amount", t->amount);
    json_end_object(j);
}

static void put_page(json *j, const explained *x) {
    size_t at = 0;
    json_key(j, "rows");
    json_open_array(j);
    for (const rebate_line *l = x->r.lines.first; l; l = l->next)
        for (size_t i = 0; i < l->traces; i++) {
            at++;
            if (at >= x->from && at < x->from + x->many) put_row(j, x, l, &l->trace[i]);
        }
    json_end_array(j);
}

/* ---- what waits for a count */

static const char *const note_words[] = {
    [NOTE_NO_STAGE] = "before the product's first stage: belongs to none",
    [NOTE_NO_AMOUNT] = "without amount: counts as 0.00",
    [NOTE_NO_TAX] = "without tax rate",
    [NOTE_NO_PRICE] = "without the price that value_at asks for: counts as 0.00",
    [NOTE_NO_COUNT] = "no later stock count bears it out: it waits",
    [NOTE_UNVERIFIED] = "reported sold beyond what went between the counts: waits for the next",
    [NOTE_SHELF] = "only filled the shelf: moves to the next period",
    [NOTE_HELD] = "held or taken away by a case: does not count",
    [NOTE_CARRIED] = "below the minimum payout: carried on",
    [NOTE_REBATED] = "paid out of the rebate account: does not count",
};

static void put_release(json *j, const explained *x, const rebate_note *w, int64_t fen) {
    AUTO(buf) zh = {0};
    AUTO(buf) en = {0};
    if (fen > 0) release_say(&x->of->policy, x->ask.first, w, fen, &zh, &en);
    cell_text(j, "zh", fen > 0 ? buf_str(&zh) : STR_NONE);
    cell_text(j, "en", fen > 0 ? buf_str(&en) : STR_NONE);
}

static bool put_waits(json *j, explained *x, err *e) {
    size_t n = 0;
    json_key(j, "waits");
    json_open_array(j);
    for (const rebate_note *w = x->r.lines.note; w; w = w->next) {
        bool count = w->kind == NOTE_NO_COUNT || w->kind == NOTE_UNVERIFIED;
        int64_t fen = 0;
        json_open_object(j);
        cell_text(j, "sku", w->product == REBATE_NONE ? STR("") : x->b.world.product[w->product].sku);
        cell_quantity(j, "quantity", w->quantity);
        cell_fen(j, "amount", w->no || w->kind == NOTE_CARRIED ? w->amount : NUM_NONE);
        cell_text(j, "why", str_of(note_words[w->kind]));
        cell_text(j, "by", w->kind == NOTE_NO_COUNT ? STR("") : w->by);
        cell_text(j, "missing", count ? release_missing(w) : STR_NONE);
        if (count && n++ < RELEASES_MAX) TRY(release_of(&x->b, &x->of->policy, &x->ask, w->product, x->sum, &fen, e));
        cell_fen(j, "releases", count ? fen : NUM_NONE);
        put_release(j, x, w, fen);
        json_end_object(j);
    }
    json_end_array(j);
    return true;
}

/* Of verified_sell_out: what was reported beside what counts bear out. */
static bool put_verified(json *j, explained *x, err *e) {
    AUTO(arena) a = {0};
    policy as_reported = x->of->policy;
    books_ask ask = x->ask;
    books_result r;
    int64_t reported = 0, verified = 0;
    arena_init(&a, SIZE_MAX);
    as_reported.basis = BASIS_SELL_OUT;
    ask.trace = false;
    TRY(books_evaluate(&x->b, &as_reported, &ask, &a, &r, e));
    for (const rebate_line *l = r.lines.first; l; l = l->next) (void)add_i64(reported, l->basis_amount, &reported);
    for (const rebate_line *l = x->r.lines.first; l; l = l->next) (void)add_i64(verified, l->basis_amount, &verified);
    cell_fen(j, "reported", reported);
    cell_fen(j, "verified", verified);
    cell_fen(j, "gap", reported - verified);
    cell_fen(j, "amount_reported", lines_sum(&r));
    return true;
}

/* What settlement will ask of the partner, as it stands now. */
static void put_conditions(json *j, explained *x) {
    const policy *p = &x->of->policy;
    standing now;
    day_t end = settlement_end(p, call_arg(x->c, 2));
    json_key(j, "conditions");
    json_open_array(j);
    if (p->conditions) standing_read(&x->b.facts, x->ask.partner, &x->a, &now);
    for (size_t i = 0; i < p->conditions; i++) {
        AUTO(buf) why = {0};
        const condition *one = &p->condition[i];
        bool met = condition_is_met(one, &now, end);
        if (!met) condition_why(one, &now, end, &why);
        json_open_object(j);
        cell_text(j, "condition", str_of(condition_name(one)));
        json_key(j, "days");
        if (one->kind == CONDITION_NO_OPEN_CASE) json_none(j);
        else
            json_int(j, one->days);
        json_key(j, "met");
        json_bool(j, met);
        cell_text(j, "unmet", one->forfeit ? STR("forfeit") : STR("hold"));
        cell_text(j, "why", buf_str(&why));
        json_end_object(j);
    }
    json_end_array(j);
}

static bool put_explained(explained *x, err *e) {
    call *c = x->c;
    const policy *p = &x->of->policy;
    json *j = answer_show(c);
    bool more = x->from + x->many <= x->rows;
    cell_text(j, "partner", x->b.world.partner[books_partner(&x->b, x->ask.partner)].id);
    cell_text(j, "policy", p->name);
    cell_text(j, "title", p->title);
    cell_count(j, "revision", x->of->revision.revision);
    cell_time(j, "known_from", x->of->revision.time_ms, c->zone_min);
    cell_text(j, "period", call_arg(c, 2));
    cell_fen(j, "amount", x->sum);
    if (p->basis == BASIS_VERIFIED) TRY(put_verified(j, x, e));
    cell_count(j, "rows_in_all", x->rows);
    cell_id(j, "next_row", more ? x->from + x->many : 0);
    json_key(j, "lines");
    json_open_array(j);
    for (const rebate_line *l = x->r.lines.first; l; l = l->next) put_line(j, l);
    json_end_array(j);
    put_page(j, x);
    TRY(put_waits(j, x, e));
    put_conditions(j, x);
    answer_show_end(c);
    return true;
}

static bool explain(explained *x, err *e) {
    uint32_t only = policy_is_alone(&x->of->policy) ? x->ask.partner : 0;
    TRY(books_open_one(x->c->t, day_at(x->c->now_ms, x->c->zone_min), only, &x->b, e));
    TRY(books_evaluate(&x->b, &x->of->policy, &x->ask, &x->a, &x->r, e));
    x->sum = lines_sum(&x->r);
    for (const rebate_line *l = x->r.lines.first; l; l = l->next) x->rows += l->traces;
    return put_explained(x, e);
}

bool cmd_rebate_explain(call *c, err *e) {
    AUTO(policies) all = {0};
    explained x = {.c = c, .ask = BOOKS_ALL};
    partner who;
    if (!partner_by_id(c->t, call_arg(c, 0), &who))
        return authz(c, "read", 0, e) &&
               err_set(e, ERR_NOT_FOUND, "unknown partner '%.*s'", STR_ARG(str_take(call_arg(c, 0), LIMIT_ID)));
    TRY(authz(c, "read", who.no, e) && policies_in_force(c, call_arg(c, 1), &all, e));
    TRY(count_option(c, "from-row", 1, INT32_MAX, &x.from, e) &&
        count_option(c, "rows", PAGE_ROWS, PAGE_ROWS_MAX, &x.many, e));
    x.of = &all.v[0];
    x.ask.partner = who.no;
    x.ask.trace = true;
    if (!period_parse(call_arg(c, 2), x.of->policy.period, &x.ask.first))
        return err_set(e, ERR_USAGE, "'%.*s' is no period of policy '%.*s'",
                       STR_ARG(str_take(call_arg(c, 2), LIMIT_ID)), STR_ARG(x.of->policy.name));
    x.ask.last = x.ask.first;
    arena_init(&x.a, SIZE_MAX); /* one partner's documents of a period */
    bool ok = explain(&x, e);
    books_auto(&x.b);
    arena_free(&x.a);
    return ok;
}
