#include "daemon/rebate/lint.h"

#include "daemon/rebate/mechanism.h"

#include <stdarg.h>
#include <stdio.h>

enum { FINDING_BYTES = 400 };

typedef struct linter {
    const policy *p;
    const rebate_world *w;
    arena *a;
    lint_result *out;
} linter;

PRINTF_LIKE(4, 5) static void find(linter *l, unsigned line, const char *code, const char *fmt, ...) {
    char text[FINDING_BYTES];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    if (l->out->n == l->out->cap) {
        lint_finding *more = ARENA_NEW(l->a, lint_finding, 2 * l->out->cap + 16);
        if (l->out->n) memcpy(more, l->out->v, l->out->n * sizeof *more);
        l->out->v = more;
        l->out->cap = 2 * l->out->cap + 16;
    }
    l->out->v[l->out->n++] = (lint_finding){line, code, arena_str(l->a, str_of(text))};
}

/* ---- ladders */

/* Retrospective: at a threshold the rate of all that climbed jumps. On amounts the jump can be told in money. */
static void lint_cliff(linter *l, const mechanism *m, const band *before, const band *b) {
    AUTO(buf) jump = {0};
    int64_t fen = 0;
    bool amounts = m->kind == &mechanism_bands && l->p->measure == MEASURE_AMOUNT && b->term.kind == TERM_RATE &&
                   (before == NULL || before->term.kind == TERM_RATE);
    int64_t step = b->term.v - (before ? before->term.v : 0);
    if (!amounts || step <= 0 || !mul_div(b->from, step, TERM_UNITS, &fen) || fen == 0) return;
    dec_put(&jump, fen, 2, 2);
    find(l, b->line, "cliff",
         "at %.*s the rebate jumps by %s for one more fen of sales; incremental bands have no cliff",
         STR_ARG(b->written), buf_z(&jump));
}

static void lint_bands(linter *l, const mechanism *m) {
    const ladder *d = &m->ladder;
    bool share = m->kind == &mechanism_mix;
    for (size_t i = 0; i < d->n; i++) {
        const band *b = &d->band[i], *before = i ? &b[-1] : NULL;
        if (!d->incremental) lint_cliff(l, m, before, b);
        if (share && (b->from > TERM_UNITS || (b->from == TERM_UNITS && d->above)))
            find(l, b->line, "unreachable_band", "a share of %.*s is never reached", STR_ARG(b->written));
        if (m->kind == &mechanism_breadth && l->p->products.skus.n && b->from > (int64_t)l->p->products.skus.n)
            find(l, b->line, "unreachable_band", "the scope holds %zu products, the band begins at %.*s",
                 l->p->products.skus.n, STR_ARG(b->written));
        if (before && b->term.kind == before->term.kind && b->term.v < before->term.v &&
            m->kind != &mechanism_early_payment)
            find(l, b->line, "falling_band", "the band from %.*s pays less than the one below it", STR_ARG(b->written));
        if (before && b->term.kind == before->term.kind && b->term.v == before->term.v && b->term.kind != TERM_LUMP)
            find(l, b->line, "same_band", "the band from %.*s pays what the one below it pays", STR_ARG(b->written));
    }
    if (d->n && d->band[0].from > 0 && (m->kind == &mechanism_early_payment))
        find(l, d->band[0].line, "gap", "days before %.*s earn nothing", STR_ARG(d->band[0].written));
}

static void lint_capped(linter *l, const mechanism *m) {
    const ladder *d = &m->ladder;
    bool amounts = m->kind == &mechanism_bands && l->p->measure == MEASURE_AMOUNT && !d->incremental;
    for (size_t i = 0; amounts && l->p->cap != NUM_NONE && i < d->n; i++) {
        int64_t earns;
        if (d->band[i].term.kind != TERM_RATE || !mul_div(d->band[i].from, d->band[i].term.v, TERM_UNITS, &earns))
            continue;
        if (earns > l->p->cap)
            find(l, d->band[i].line, "unreachable_band", "the cap is reached before the band from %.*s",
                 STR_ARG(d->band[i].written));
    }
}

static void lint_mechanisms(linter *l) {
    for (unsigned s = 0; s < POLICY_STAGES; s++)
        for (size_t i = 0; i < l->p->stage_count[s]; i++) {
            const mechanism *m = &l->p->stage[s][i];
            lint_bands(l, m);
            lint_capped(l, m);
            for (size_t k = 0; k < i; k++)
                if (m->kind == l->p->stage[s][k].kind && m->kind != &mechanism_personal)
                    find(l, m->line, "overlap", "%s has two mechanisms %s: the same sales earn twice",
                         policy_stage_name(s), m->kind->name);
        }
}

/* ---- keys, stages */

static void lint_stages(linter *l) {
    if (l->p->stage_count[STAGE_ANY]) return;
    for (unsigned s = STAGE_INTRODUCTION; s < STAGE_COUNT; s++)
        if (l->p->stage_count[s] == 0)
            find(l, 0, "gap", "stage %s is not named: its sales earn nothing", policy_stage_name(s));
}

static void lint_keys(linter *l) {
    const policy *p = l->p;
    bool sold = p->basis != BASIS_SELL_IN && p->basis != BASIS_PAYMENT;
    if (sold && p->value_at == VALUE_REPORTED && p->measure == MEASURE_AMOUNT)
        find(l, 0, "reported_prices",
             "sell-out is valued at the prices that partners report themselves; value_at: list or invoice is not "
             "theirs");
    if (p->basis == BASIS_SELL_OUT)
        find(l, 0, "unverified", "sell_out is what partners report; verified_sell_out is borne out by counts");
    if (p->shelf_months != NUM_NONE && p->basis != BASIS_SELL_IN)
        find(l, 0, "no_effect", "stock_cap acts on basis sell_in only");
    if (p->cap == NUM_NONE && p->budget == NUM_NONE)
        find(l, 0, "open_end", "neither cap nor budget bounds what is paid");
    if (p->guarantee != NUM_NONE && p->cap != NUM_NONE && p->guarantee > p->cap)
        find(l, 0, "no_effect", "guarantee is above cap: the cap holds");
}

/* ---- scope */

static void lint_scope(linter *l, const plan *pl) {
    size_t partners = 0, products = 0;
    for (uint32_t i = 0; i < l->w->partners; i++) partners += plan_earner(pl, i) != REBATE_NONE;
    for (size_t i = 0; i < l->w->products; i++) products += pl->product[i] & PRODUCT_IN_SCOPE;
    if (l->w->partners_known && partners == 0) find(l, 0, "empty_scope", "no partner is in scope");
    if (l->w->products_known && products == 0) find(l, 0, "empty_scope", "no product is in scope");
    for (size_t i = 0; l->w->products_known && i < l->p->products.skus.n; i++)
        if (world_product(l->w, l->p->products.skus.v[i]) == REBATE_NONE)
            find(l, 0, "unknown_id", "product '%.*s' of the scope is not known", STR_ARG(l->p->products.skus.v[i]));
    for (size_t i = 0; l->w->partners_known && i < l->p->partners.ids.n; i++) {
        bool known = false;
        for (size_t k = 0; k < l->w->partners && !known; k++)
            known = str_eq(l->w->partner[k].id, l->p->partners.ids.v[i]);
        if (!known)
            find(l, 0, "unknown_id", "partner '%.*s' of the scope is not known", STR_ARG(l->p->partners.ids.v[i]));
    }
}

bool policy_lint(const policy *p, const rebate_world *w, arena *a, lint_result *out, err *e) {
    linter l = {p, w, a, out};
    plan pl;
    *out = (lint_result){0};
    lint_keys(&l);
    lint_stages(&l);
    lint_mechanisms(&l);
    if (!w->partners_known && !w->products_known) return true;
    rebate_world known = *w; /* what was not given is not asked for */
    known.partners_known = known.products_known = known.prices_known = true;
    TRY(plan_make(p, &known, a, &pl, e));
    lint_scope(&l, &pl);
    return true;
}
