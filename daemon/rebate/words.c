#include "daemon/rebate/words.h"

#include "proto/limits.h"

#include <stdio.h>

bool node_money(const node *v, const char *what, int64_t *out, err *e) {
    return node_number(v, what, 2, 0, out, e);
}

bool node_percent(const node *v, const char *what, int64_t *out, err *e) {
    bool exact;
    if (v->kind == NODE_TEXT && str_ends(v->text, STR("%")) &&
        dec_parse(str_take(v->text, v->text.n - 1), PERCENT_SCALE, out, &exact) && exact && *out >= 0)
        return true;
    return node_wanted(v, what, "a percentage like 2.5%, at most four decimals", e);
}

bool node_word(policy *p, const node *v, const char *what, str *out, err *e) {
    if (v->kind != NODE_TEXT || v->text.n == 0 || v->text.n > LIMIT_NAME)
        return node_wanted(v, what, "a short word", e);
    *out = arena_str(&p->text, v->text);
    return true;
}

bool node_names(policy *p, const node *v, const char *what, names *out, err *e) {
    size_t n = v->kind == NODE_LIST ? v->count : 1;
    if (n > POLICY_LIST) return err_set(e, ERR_CONFIG, "line %u: %s: more than %d", v->line, what, POLICY_LIST);
    *out = (names){ARENA_NEW(&p->text, str, n + 1), 0};
    if (v->kind == NODE_TEXT) return node_word(p, v, what, &out->v[out->n++], e);
    TRY(node_is(v, NODE_LIST, what, e));
    for (const node *x = v->first; x; x = x->next) TRY(node_word(p, x, what, &out->v[out->n++], e));
    return true;
}

bool node_products(policy *p, const node *v, const char *what, product_scope *out, err *e) {
    static const char *const keys[] = {"skus", "brands", "categories", "exclude"};
    TRY(node_keys(v, keys, ARRAY_LEN(keys), what, e));
    names *lists[] = {&out->skus, &out->brands, &out->categories, &out->exclude};
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        const node *list = node_get(v, keys[i]);
        if (list) TRY(node_names(p, list, keys[i], lists[i], e));
    }
    return true;
}

bool node_term(const node *map, const char *what, term *out, err *e) {
    const node *rate = node_get(map, "rate"), *unit = node_get(map, "per_unit"), *lump = node_get(map, "lump");
    if ((rate != NULL) + (unit != NULL) + (lump != NULL) != 1)
        return err_set(e, ERR_CONFIG, "line %u: %s wants exactly one of rate, per_unit and lump", map->line, what);
    *out = (term){rate ? TERM_RATE : unit ? TERM_PER_UNIT : TERM_LUMP, 0};
    if (rate) return node_percent(rate, "rate", &out->v, e);
    if (unit) return node_number(unit, "per_unit", PER_UNIT_SCALE, 0, &out->v, e);
    return node_money(lump, "lump", &out->v, e);
}

/* ---- ladders */

static bool read_threshold(const policy *p, const node *v, from_kind kind, const char *what, bool *percent,
                           int64_t *out, err *e) {
    bool marked = v->kind == NODE_TEXT && str_ends(v->text, STR("%"));
    *percent = kind == FROM_PERCENT || (kind == FROM_EITHER && marked);
    if (*percent) return node_percent(v, what, out, e);
    return node_number(v, what, kind == FROM_COUNT ? 0 : policy_measure_scale(p), 0, out, e);
}

static bool read_band(policy *p, const node *v, from_kind kind, ladder *l, err *e) {
    static const char *const keys[] = {"from", "to", "rate", "per_unit", "lump"};
    TRY(node_is(v, NODE_MAP, "a band", e) && node_keys(v, keys, ARRAY_LEN(keys), "a band", e));
    const node *from = node_get(v, "from");
    bool percent;
    band *b = &l->band[l->n];
    if (from == NULL) return err_set(e, ERR_CONFIG, "line %u: a band wants from", v->line);
    TRY(read_threshold(p, from, kind, "from", &percent, &b->from, e) && node_term(v, "a band", &b->term, e));
    if (l->n && percent != l->percent)
        return err_set(e, ERR_CONFIG, "line %u: from is '%.*s': percents and numbers do not stand in one ladder",
                       v->line, STR_ARG(from->text));
    if (l->n && b->from <= b[-1].from)
        return err_set(e, ERR_CONFIG, "line %u: from is '%.*s', wanted more than the band before (%.*s)", v->line,
                       STR_ARG(from->text), STR_ARG(b[-1].written));
    l->percent = percent;
    b->line = v->line;
    b->written = arena_str(&p->text, from->text);
    l->n++;
    return true;
}

/* A stated `to` closes no gap and leaves none: it is the next band's from. */
static bool check_to(const policy *p, const node *v, from_kind kind, const band *next, err *e) {
    const node *to = node_get(v, "to");
    bool percent;
    int64_t end;
    if (to == NULL) return true;
    TRY(read_threshold(p, to, kind, "to", &percent, &end, e));
    if (next == NULL) return err_set(e, ERR_CONFIG, "line %u: the last band is open: it has no to", v->line);
    return end == next->from || err_set(e, ERR_CONFIG, "line %u: to is '%.*s' and the next band begins at %.*s",
                                        v->line, STR_ARG(to->text), STR_ARG(next->written));
}

static bool read_bands(policy *p, const node *map, from_kind kind, ladder *out, err *e) {
    const node *bands = node_get(map, "bands");
    if (bands == NULL || bands->kind != NODE_LIST || bands->count == 0)
        return err_set(e, ERR_CONFIG, "line %u: wanted bands: a list of {from, rate | per_unit | lump}", map->line);
    out->band = ARENA_NEW(&p->text, band, bands->count);
    for (const node *b = bands->first; b; b = b->next) TRY(read_band(p, b, kind, out, e));
    size_t i = 0;
    for (const node *b = bands->first; b; b = b->next, i++)
        TRY(check_to(p, b, kind, i + 1 < out->n ? &out->band[i + 1] : NULL, e));
    return true;
}

bool node_ladder(policy *p, const node *map, from_kind kind, ladder *out, err *e) {
    static const char *const modes[] = {"retrospective", "incremental", NULL};
    static const char *const boundaries[] = {"at", "above", NULL};
    const node *mode = node_get(map, "mode"), *boundary = node_get(map, "boundary");
    unsigned chosen;
    TRY(read_bands(p, map, kind, out, e));
    if (mode) {
        TRY(node_choice(mode, "mode", modes, &chosen, e));
        out->incremental = chosen == 1;
    }
    if (boundary) {
        TRY(node_choice(boundary, "boundary", boundaries, &chosen, e));
        out->above = chosen == 1;
    }
    return true;
}
