#include "daemon/rebate/books_rows.h"

#include "daemon/rebate/mechanism.h"
#include "daemon/rebate/plan.h"

_Static_assert(FLOW_OPENING < 16, "kinds of flow have their places");

enum { BEFORE, DURING, AFTER, HISTORY }; /* a row outside `effective` is another's baseline */

static uint8_t side_of(const loader *l, const rebate_row *row) {
    if (row->flags & ROW_HISTORY) return HISTORY;
    return row->day < l->p->from ? BEFORE : row->day > l->p->to ? AFTER : DURING;
}

static bool same(const fold_cell *x, const fold_cell *y) {
    return x->alike == y->alike && x->period == y->period && x->kind == y->kind && x->stage == y->stage &&
           x->side == y->side;
}

/* Where it stands, or may. A full table begins anew: what stood in it is not added to any more. */
static fold_cell *cell_of(fold *f, const fold_cell *x) {
    uint32_t small = (uint32_t)x->kind << 16 | (uint32_t)x->stage << 8 | x->side;
    uint32_t mix = x->alike * 2654435761U ^ (uint32_t)x->period * 2246822519U ^ small * 3266489917U;
    size_t at = (mix >> 16) % FOLD_CELLS;
    while (f->cell[at].used && !same(&f->cell[at], x)) at = (at + 1) % FOLD_CELLS;
    if (f->cell[at].used) return &f->cell[at];
    if (++f->used < FOLD_CELLS / 4 * 3) return &f->cell[at];
    memset(f->cell, 0, FOLD_CELLS * sizeof *f->cell);
    f->used = 1;
    f->known = NULL;
    return &f->cell[at];
}

static bool added(rebate_row *to, int64_t quantity, int64_t amount) {
    int64_t q, a;
    if (__builtin_add_overflow(to->quantity, quantity, &q) || __builtin_add_overflow(to->amount, amount, &a))
        return false;
    to->quantity = q;
    to->amount = a;
    return true;
}

/* A row without a stage is noted by its product. */
static uint32_t alike_of(const loader *l, const rebate_row *row, unsigned at) {
    if (row->product == REBATE_NONE || at == STAGE_NONE) return row->product;
    return l->fold.alike ? l->fold.alike[row->product] : 0;
}

size_t loader_fold(loader *l, const rebate_row *row, int32_t period, unsigned at) {
    fold_cell x = {.row = (uint32_t)l->rows,
                   .alike = alike_of(l, row, at),
                   .period = period,
                   .kind = (uint8_t)row->kind,
                   .stage = (uint8_t)at,
                   .side = side_of(l, row),
                   .used = true};
    if (l->detail || row->amount == NUM_NONE) {
        loader_add(l, row, NULL);
        return FOLD_CELLS;
    }
    fold_cell *c = cell_of(&l->fold, &x);
    if (!c->used || c->row < l->begin || !added(&l->row[c->row], row->quantity, row->amount)) {
        loader_add(l, row, NULL);
        *c = x;
    }
    return (size_t)(c - l->fold.cell);
}

/* ---- months of which the cell is known */

enum { KINDS = 16, KNOWN_MOST = 1 << 19 };

void fold_begin(loader *l, const uint32_t *alike) {
    fold *f = &l->fold;
    *f = (fold){.alike = alike, .first = month_of(l->from), .last = month_of(l->to)};
    f->cell = ARENA_NEW(l->a, fold_cell, FOLD_CELLS);
    size_t products = l->b->world.products, months = (size_t)((int64_t)f->last - f->first + 1);
    bool few = f->last >= f->first && products && months < KNOWN_MOST / KINDS / products;
    if (few && !l->by_document) f->known = ARENA_NEW(l->a, uint16_t, products * months * KINDS);
}

uint16_t *fold_known(const loader *l, uint32_t item, flow_kind kind) {
    const fold *f = &l->fold;
    if (f->known == NULL || !l->plain || item == REBATE_NONE) return NULL;
    return &f->known[(item * (size_t)KINDS + kind) * (size_t)(f->last - f->first + 1)];
}

bool fold_add(loader *l, uint16_t known, const flow_sum *s) {
    if (known < FOLD_FIRST || s->currency != l->b->currency || s->lines == s->unpriced) return false;
    const fold_cell *c = &l->fold.cell[known - FOLD_FIRST];
    return c->row >= l->begin && added(&l->row[c->row], s->quantity, s->amount);
}

/* ---- which products are alike */

static bool has_mechanism(const policy *p, const mechanism_kind *kind) {
    bool has = false;
    for (unsigned s = 0; s < POLICY_STAGES; s++)
        for (size_t i = 0; i < p->stage_count[s]; i++) has = has || p->stage[s][i].kind == kind;
    return has;
}

/* Does every product count by itself? */
static bool apart(const policy *p) {
    return p->measure == MEASURE_POINTS || has_mechanism(p, &mechanism_breadth);
}

static bool tells_apart(const policy *p) {
    return p->has_count_only || p->tax_excl || has_mechanism(p, &mechanism_mix);
}

/* What a policy looks at of a product, as bytes. */
static void sign(const policy *p, const rebate_product *x, buf *out) {
    if (p->has_count_only) buf_byte(out, (char)plan_product_matches(&p->count_only, x));
    if (p->tax_excl) buf_be64(out, (uint64_t)x->tax_rate);
    for (unsigned s = 0; s < POLICY_STAGES; s++)
        for (size_t i = 0; i < p->stage_count[s]; i++)
            if (p->stage[s][i].kind == &mechanism_mix)
                buf_byte(out, (char)plan_product_matches(&p->stage[s][i].group, x));
}

const uint32_t *fold_alike(const policy *const *p, size_t n, const rebate_world *w, arena *a) {
    AUTO(map) seen = {0};
    AUTO(buf) signature = {0};
    bool all_apart = false, told = false;
    for (size_t k = 0; k < n; k++) all_apart = all_apart || apart(p[k]), told = told || tells_apart(p[k]);
    if (!all_apart && !told) return NULL;
    uint32_t *alike = ARENA_NEW(a, uint32_t, w->products + 1);
    for (uint32_t i = 0; i < w->products; i++) {
        alike[i] = i;
        if (all_apart) continue;
        buf_clear(&signature);
        for (size_t k = 0; k < n; k++) sign(p[k], &w->product[i], &signature);
        bool created;
        uint64_t *first = map_at(&seen, arena_str(a, buf_str(&signature)), &created);
        if (created) *first = i;
        alike[i] = (uint32_t)*first;
    }
    return alike;
}
