/* policy simulate: a policy on real history, beside the one of its name in force.
 *
 * The policy is judged as if it had been in force from … to (its own `effective` without them), the one in force on the
 * days of its own that lie inside. Reads only, in the caller's snapshot; uploads go on.
 *
 * A cliff: in a partner's last period, the line that lacks least (in proportion) for its next band.
 *   jump      what the partner's rebate of that period grows by when what lacks is sold
 *   gain      jump ÷ what lacks: how much of each further yuan comes back
 *   months    what lacks ÷ its monthly volume in the span: how long its own territory would take to sell it
 *   gap       (dealer price there − dealer price here) ÷ here, for the region that pays best, product by product
 *             the greatest, looked for where what lacks is at most a fifth of W; no prices by region: 0
 *   incentive gain + gap: what is left when the goods go to that region at its price. More than 0, with months above what
 *             is left of the period, tempts to divert; `tempted` says so where what lacks is at most a fifth of W. */
#include "daemon/catalog/columns.h"
#include "daemon/catalog/price.h"
#include "daemon/catalog/rows.h"
#include "daemon/command/cells.h"
#include "daemon/command/rebate.h"
#include "daemon/rebate/plan.h"

enum { WHOLE = 1000000, TEMPTED_PART = 5, REGIONS_MAX = 64 };

typedef struct cliff {
    const rebate_line *line;                    /* NULL: none */
    int64_t jump, gain, months, gap, incentive; /* fen; ppm; thousandths; ppm; ppm */
    str there;
    bool tempted;
} cliff;

typedef struct simulation {
    call *c;
    books b;
    policy after, before;
    bool pays; /* there is a policy of that name in force */
    books_ask ask;
    arena a;
    books_result r;
    money m;
    cliff *cliff; /* by partner */
    rebate_row *row;
    size_t rows;
    str region[REGIONS_MAX]; /* with dealer prices of their own */
    size_t regions;
} simulation;

static bool span_option(simulation *s, err *e) {
    day_t from, to;
    TRY(call_day(s->c, "from", s->after.from, &from, e) && call_day(s->c, "to", s->after.to, &to, e));
    if (from > to) return err_set(e, ERR_USAGE, "--from is after --to");
    if (to > s->b.today) to = s->b.today;
    s->after.from = from;
    s->after.to = to;
    if (s->before.from < from) s->before.from = from;
    if (s->before.to > to) s->before.to = to;
    if (s->before.from > s->before.to) s->pays = false;
    return from <= to || err_set(e, ERR_DATA, "the policy begins after today: give --from and --to of the past");
}

/* ---- cliffs */

static bool lacks_less(const rebate_line *x, const rebate_line *than) {
    if (than == NULL || x->period != than->period) return than == NULL || x->period > than->period;
    return (__int128)x->to_next * than->climbed < (__int128)than->to_next * x->climbed;
}

static void find_cliffs(simulation *s) {
    for (const rebate_line *l = s->r.lines.first; l; l = l->next) {
        cliff *x = &s->cliff[l->partner];
        if (l->to_next != NUM_NONE && l->to_next > 0 && l->climbed > 0 && lacks_less(l, x->line)) x->line = l;
    }
}

/* A product of the policy that is in a stage on a day. */
static uint32_t some_product(const simulation *s, unsigned st, day_t day) {
    for (uint32_t i = 0; i < s->b.world.products; i++)
        if (plan_product_matches(&s->after.products, &s->b.world.product[i]) &&
            (st == STAGE_ANY || world_stage(&s->b.world, i, day) == (stage)st))
            return i;
    return REBATE_NONE;
}

/* What lacks, as a row on the last day of its period. */
static void suppose(simulation *s, uint32_t at, const rebate_line *l) {
    const policy *p = &s->after;
    day_t day = p->period == PERIOD_ONCE ? p->to : period_last(p->period, l->period);
    rebate_row row = {.partner = at,
                      .document = REBATE_NONE,
                      .day = day < p->to ? day : p->to,
                      .kind = p->basis == BASIS_PAYMENT   ? FLOW_PAYMENT
                              : p->basis == BASIS_SELL_IN ? FLOW_SELL_IN
                                                          : FLOW_SELL_OUT,
                      .days_to_pay = DAYS_UNPAID,
                      .tax_rate = 0};
    row.product = some_product(s, l->stage, row.day);
    if (p->measure == MEASURE_AMOUNT) {
        row.amount = l->to_next;
    } else {
        row.quantity = l->to_next;
        if (l->basis_quantity > 0) (void)mul_div(l->basis_amount, l->to_next, l->basis_quantity, &row.amount);
    }
    if (row.product != REBATE_NONE && p->measure != MEASURE_POINTS) s->row[s->rows++] = row;
}

/* Lines come by partner; *from moves on with them. */
static int64_t paid_in(const rebate_line **from, uint32_t at, int32_t period) {
    int64_t sum = 0;
    while (*from && (*from)->partner < at) *from = (*from)->next;
    for (const rebate_line *l = *from; l && l->partner == at; l = l->next)
        if (l->period == period) sum += l->amount;
    return sum;
}

/* ---- prices by region */

static void read_regions(simulation *s) {
    catalog_row row;
    AUTO(catalog_walk) w = catalog_rows(s->c->t, CATALOG_PRICE, NULL, 0);
    while (catalog_next(&w, &row) && s->regions < REGIONS_MAX) {
        str code = row.cell[PRICE_REGION];
        bool known = code.n == 0 || !str_is(row.cell[PRICE_KIND], price_kind_name(PRICE_DEALER));
        for (size_t i = 0; i < s->regions && !known; i++) known = str_eq(s->region[i], code);
        if (!known) s->region[s->regions++] = arena_str(&s->a, code);
    }
}

static int64_t price_in(const simulation *s, uint32_t item, uint32_t partner_no, uint32_t region_no) {
    price found;
    const price_query q = {.product_no = s->b.product_no[item],
                           .partner_no = partner_no,
                           .region_no = region_no,
                           .channel = STR(""),
                           .kind = PRICE_DEALER,
                           .day = s->after.to};
    return price_find(s->c->t, &q, &found) ? found.amount : NUM_NONE;
}

/* The region whose dealer prices are furthest above the partner's own. */
static void price_gap(simulation *s, uint32_t at, cliff *x) {
    uint32_t no = s->b.partner_no[at];
    for (uint32_t i = 0; i < s->b.world.products; i++) {
        if (!plan_product_matches(&s->after.products, &s->b.world.product[i])) continue;
        int64_t here = price_in(s, i, no, 0);
        for (size_t k = 0; here > 0 && here != NUM_NONE && k < s->regions; k++) {
            uint32_t region_no;
            int64_t gap;
            if (!resolve_region(s->c->t, 0, s->region[k], s->after.to, &region_no)) continue;
            int64_t there = price_in(s, i, 0, region_no);
            if (there == NUM_NONE || !mul_div(there - here, WHOLE, here, &gap) || gap <= x->gap) continue;
            x->gap = gap;
            x->there = s->region[k];
        }
    }
}

static bool weigh_cliffs(simulation *s, err *e) {
    books_result then;
    books_ask ask = s->ask;
    ask.row = s->row;
    ask.rows = s->rows;
    TRY(books_evaluate(&s->b, &s->after, &ask, &s->a, &then, e));
    const rebate_line *new = then.lines.first, *old = s->r.lines.first;
    int64_t months = month_of(s->after.to) - month_of(s->after.from) + 1;
    for (uint32_t at = 0; at < s->b.world.partners; at++) {
        cliff *x = &s->cliff[at];
        if (x->line == NULL) continue;
        const rebate_line *l = x->line;
        int64_t in_period = s->after.period == PERIOD_ONCE ? months : period_months(s->after.period);
        int64_t fen = s->after.measure == MEASURE_AMOUNT || l->basis_quantity <= 0 ? l->to_next : 0;
        if (fen == 0) (void)mul_div(l->basis_amount, l->to_next, l->basis_quantity, &fen);
        x->jump = paid_in(&new, at, l->period) - paid_in(&old, at, l->period);
        if (fen > 0) (void)mul_div(x->jump, WHOLE, fen, &x->gain);
        (void)mul_div(l->to_next, in_period * 1000, l->climbed, &x->months);
        bool close = l->to_next <= l->climbed / TEMPTED_PART;
        if (close) price_gap(s, at, x);
        x->incentive = x->gain + x->gap;
        x->tempted = x->incentive > 0 && x->jump > 0 && close;
    }
    return true;
}

/* ---- the answer */

static void cell_share(json *j, const char *name, int64_t ppm) {
    json_key(j, name);
    json_dec(j, ppm, RATE_SCALE, 0);
}

static const char *verdict_of(const money_row *x) {
    return x->after > x->before ? "wins" : x->after < x->before ? "loses" : "same";
}

static void put_cliff(json *j, const simulation *s, const cliff *x) {
    const rebate_line *l = x->line;
    bool fen = s->after.measure == MEASURE_AMOUNT;
    cell_text(j, "cliff", l ? l->band.p ? l->band : STR("0") : STR_NONE);
    json_key(j, "to_next");
    if (l) json_dec(j, l->to_next, policy_measure_scale(&s->after), fen ? FEN_SCALE : 0);
    else
        json_none(j);
    cell_fen(j, "jump", l ? x->jump : NUM_NONE);
    const int64_t shares[] = {x->gain, x->gap, x->incentive};
    const char *const names_of[] = {"gain", "price_gap", "incentive"};
    for (size_t i = 0; i < ARRAY_LEN(shares); i++) {
        if (l) cell_share(j, names_of[i], shares[i]);
        else
            json_key(j, names_of[i]), json_none(j);
    }
    cell_text(j, "region", x->there);
    cell_quantity(j, "months", l ? x->months : NUM_NONE);
    json_key(j, "tempted");
    json_bool(j, x->tempted);
}

static void put_partners(simulation *s) {
    static const char *const columns[] = {"partner",   "in_force", "simulated", "change", "verdict",
                                          "cliff",     "to_next",  "jump",      "gain",   "price_gap",
                                          "incentive", "region",   "months",    "tempted"};
    const cliff none = {.there = STR("")};
    answer_list(s->c, columns, ARRAY_LEN(columns));
    for (size_t i = 0, end; i < s->m.n && !answer_failed(s->c); i = end) {
        money_row sum = {.partner = s->m.v[i].partner};
        for (end = i; end < s->m.n && s->m.v[end].partner == sum.partner; end++)
            sum.before += s->m.v[end].before, sum.after += s->m.v[end].after;
        json *j = answer_row(s->c);
        cell_text(j, "partner", s->b.world.partner[sum.partner].id);
        cell_fen(j, "in_force", sum.before);
        cell_fen(j, "simulated", sum.after);
        cell_fen(j, "change", sum.after - sum.before);
        cell_text(j, "verdict", str_of(verdict_of(&sum)));
        const cliff *x = &s->cliff[sum.partner];
        put_cliff(j, s, x->line ? x : &none);
        answer_row_end(s->c);
    }
}

static void put_summary(simulation *s) {
    size_t wins = 0, loses = 0, cliffs = 0, tempted = 0;
    for (size_t i = 0, end; i < s->m.n; i = end) {
        int64_t change = 0;
        for (end = i; end < s->m.n && s->m.v[end].partner == s->m.v[i].partner; end++)
            change += s->m.v[end].after - s->m.v[end].before;
        wins += change > 0;
        loses += change < 0;
    }
    for (size_t i = 0; i < s->b.world.partners; i++) {
        cliffs += s->cliff[i].line != NULL && s->cliff[i].jump > 0;
        tempted += s->cliff[i].tempted;
    }
    json *j = answer_show(s->c);
    cell_text(j, "policy", s->after.name);
    put_day_cell(j, "from", s->after.from);
    put_day_cell(j, "to", s->after.to);
    cell_fen(j, "in_force", s->m.before);
    cell_fen(j, "cost", s->m.after);
    cell_fen(j, "change", s->m.after - s->m.before);
    cell_count(j, "winners", wins);
    cell_count(j, "losers", loses);
    cell_count(j, "cliffs", cliffs);
    cell_count(j, "tempted", tempted);
    cell_count(j, "foreign_left_out", s->r.foreign);
    answer_show_end(s->c);
}

static bool simulate(simulation *s, err *e) {
    TRY(books_of_call(s->c, &s->b, e) && span_option(s, e));
    TRY(money_compare(&s->b, s->pays ? &s->before : NULL, &s->after, &s->ask, &s->a, &s->m, e));
    TRY(books_evaluate(&s->b, &s->after, &s->ask, &s->a, &s->r, e));
    s->cliff = ARENA_NEW(&s->a, cliff, s->b.world.partners + 1);
    s->row = ARENA_NEW(&s->a, rebate_row, s->b.world.partners + 1);
    read_regions(s);
    find_cliffs(s);
    for (uint32_t at = 0; at < s->b.world.partners; at++)
        if (s->cliff[at].line) suppose(s, at, s->cliff[at].line);
    TRY(weigh_cliffs(s, e));
    if (call_flag(s->c, "summary")) put_summary(s);
    else
        put_partners(s);
    return true;
}

bool cmd_policy_simulate(call *c, err *e) {
    simulation s = {.c = c, .ask = BOOKS_ALL};
    policy_revision last;
    attachment file = call_file(c, 0);
    arena_init(&s.a, SIZE_MAX); /* as large as what the policy pays */
    bool ok = option_partner(c, &s.ask.partner, e) && authz(c, "read", s.ask.partner, e) &&
              (policy_parse(file.bytes, &s.after, e) || err_wrap(e, "%.*s", STR_ARG(file.name)));
    if (ok) s.pays = policy_latest(c->t, s.after.name, &last) && last.action != POLICY_WITHDRAWN;
    ok = ok && (!s.pays || policy_open(&last, &s.before, e)) && simulate(&s, e);
    books_auto(&s.b);
    policy_free(&s.after);
    policy_free(&s.before);
    arena_free(&s.a);
    return ok;
}
