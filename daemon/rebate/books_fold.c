#include "daemon/rebate/books_rows.h"

#include "daemon/rebate/mechanism.h"
#include "daemon/rebate/plan.h"

enum { BEFORE, DURING, AFTER, HISTORY }; /* a row outside `effective` is another's baseline */

static uint8_t side_of(const loader *l, const rebate_row *row) {
    if (row->flags & ROW_HISTORY) return HISTORY;
    return row->day < l->p->from ? BEFORE : row->day > l->p->to ? AFTER : DURING;
}

static fold_slot *slot_of(fold *f, const fold_slot *x) {
    uint32_t small = (uint32_t)x->kind << 16 | (uint32_t)x->stage << 8 | x->side;
    uint32_t mix = x->alike * 2654435761U ^ (uint32_t)x->period * 2246822519U ^ small * 3266489917U;
    return &f->slot[(mix >> 16) % ARRAY_LEN(f->slot)];
}

static bool same(const fold_slot *x, const fold_slot *y) {
    return x->used && x->alike == y->alike && x->period == y->period && x->kind == y->kind && x->stage == y->stage &&
           x->side == y->side;
}

static bool added(rebate_row *to, const rebate_row *row) {
    int64_t amount, quantity;
    if (!add_i64(to->amount, row->amount, &amount) || !add_i64(to->quantity, row->quantity, &quantity)) return false;
    to->amount = amount;
    to->quantity = quantity;
    return true;
}

/* A row without a stage is noted by its product. */
static uint32_t alike_of(const loader *l, const rebate_row *row, unsigned at) {
    if (row->product == REBATE_NONE || at == STAGE_NONE) return row->product;
    return l->fold.alike ? l->fold.alike[row->product] : 0;
}

void loader_fold(loader *l, const rebate_row *row, int32_t period, unsigned at) {
    fold_slot x = {.row = (uint32_t)l->rows,
                   .alike = alike_of(l, row, at),
                   .period = period,
                   .kind = (uint8_t)row->kind,
                   .stage = (uint8_t)at,
                   .side = side_of(l, row),
                   .used = true};
    if (l->detail || row->amount == NUM_NONE) {
        loader_add(l, row, NULL);
        return;
    }
    fold_slot *s = slot_of(&l->fold, &x);
    if (same(s, &x) && s->row >= l->begin && added(&l->row[s->row], row)) return;
    loader_add(l, row, NULL);
    *s = x;
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
