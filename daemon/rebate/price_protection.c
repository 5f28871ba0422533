#include "daemon/rebate/mechanism.h"

/* price_protection: a fall of a price, paid on the stock of that day: the last count on or before it.
 * ship_and_debit: what was sold under an agreement at less than its list price, the difference for each unit. */

static bool read_price(policy *p, const node *v, const char *before, const char *after, price_drop *out, err *e) {
    const node *sku = node_get(v, "sku"), *old = node_get(v, before), *new = node_get(v, after);
    if (!sku || !old || !new) return err_set(e, ERR_CONFIG, "line %u: wanted sku, %s and %s", v->line, before, after);
    out->limit = NUM_NONE;
    return node_word(p, sku, "sku", &out->sku, e) && node_number(old, before, PER_UNIT_SCALE, 0, &out->before, e) &&
           node_number(new, after, PER_UNIT_SCALE, 0, &out->after, e);
}

static bool list_of(policy *p, const node *v, const char *what, mechanism *m, err *e) {
    TRY(node_is(v, NODE_LIST, what, e));
    if (v->count > POLICY_LIST) return err_set(e, ERR_CONFIG, "line %u: %s: more than %d", v->line, what, POLICY_LIST);
    m->price = ARENA_NEW(&p->text, price_drop, v->count + 1);
    return true;
}

static const char *const drop_keys[] = {"drops", "price_kind"};

static bool read_drop(policy *p, const node *v, price_drop *out, err *e) {
    static const char *const keys[] = {"sku", "date", "from", "to"};
    TRY(node_keys(v, keys, ARRAY_LEN(keys), "a drop", e));
    const node *date = node_get(v, "date");
    if (date == NULL) return err_set(e, ERR_CONFIG, "line %u: a drop wants sku, date, from and to", v->line);
    TRY(node_day(date, "date", &out->date, e));
    out->until = out->date;
    return read_price(p, v, "from", "to", out, e);
}

static bool read_protection(policy *p, const node *v, mechanism *m, err *e) {
    const node *drops = node_get(v, "drops"), *kind = node_get(v, "price_kind");
    m->price_kind = STR("dealer");
    if (kind) TRY(node_word(p, kind, "price_kind", &m->price_kind, e));
    if (drops == NULL) return true;
    m->drops_listed = true;
    TRY(list_of(p, drops, "drops", m, e));
    for (const node *d = drops->first; d; d = d->next) TRY(read_drop(p, d, &m->price[m->prices++], e));
    return true;
}

static int64_t stock_on(const plan *pl, uint32_t who, uint32_t item, day_t day) {
    size_t n, from = world_slice(pl->w->count, pl->w->counts, sizeof *pl->w->count, who, &n);
    int64_t stock = 0;
    for (size_t i = from; i < from + n; i++)
        if (pl->w->count[i].product == item && pl->w->count[i].day <= day) stock = pl->w->count[i].quantity;
    return stock > 0 ? stock : 0;
}

static size_t room_for_drops(const plan *pl, const mechanism *m, uint32_t who) {
    (void)who;
    return pl->mechanism[m->no].drops;
}

static size_t gather_stock(const plan *pl, const mechanism *m, uint32_t who, part *out) {
    const plan_mechanism *pm = &pl->mechanism[m->no];
    size_t n = 0;
    for (size_t i = 0; i < pm->drops; i++) {
        const plan_drop *d = &pm->drop[i];
        int64_t stock = stock_on(pl, who, d->product, d->from);
        if (stock == 0) continue;
        out[n++] = (part){.product = d->product,
                          .document = REBATE_NONE,
                          .no = (uint32_t)i,
                          .day = d->from,
                          .drop = (uint32_t)i,
                          .quantity = stock};
    }
    return n;
}

static bool settle_prices(const line_facts *f, payout *out, err *e) {
    (void)e;
    out->den = part_den(f->plan);
    return true;
}

static bool part_of_protection(const line_facts *f, const payout *p, const part *x, wide *num) {
    (void)p;
    term saved = {TERM_PER_UNIT, f->plan->mechanism[f->m->no].drop[x->drop].saved};
    return part_by_term(f, &saved, x, num);
}

const mechanism_kind mechanism_price_protection = {.name = "price_protection",
                                                   .keys = drop_keys,
                                                   .key_count = ARRAY_LEN(drop_keys),
                                                   .read = read_protection,
                                                   .settle = settle_prices,
                                                   .part = part_of_protection,
                                                   .room = room_for_drops,
                                                   .gather = gather_stock};

/* ---- ship_and_debit */

static const char *const ship_keys[] = {"agreements"};

static bool read_agreement(policy *p, const node *v, price_drop *out, err *e) {
    static const char *const keys[] = {"sku", "from", "to", "list", "net", "limit"};
    TRY(node_keys(v, keys, ARRAY_LEN(keys), "an agreement", e));
    const node *from = node_get(v, "from"), *to = node_get(v, "to"), *limit = node_get(v, "limit");
    TRY(read_price(p, v, "list", "net", out, e));
    out->date = DAY_MIN, out->until = DAY_MAX;
    if (from) TRY(node_day(from, "from", &out->date, e));
    if (to) TRY(node_day(to, "to", &out->until, e));
    return limit == NULL || node_number(limit, "limit", QUANTITY_SCALE, 0, &out->limit, e);
}

static bool read_ship_and_debit(policy *p, const node *v, mechanism *m, err *e) {
    const node *list = node_get(v, "agreements");
    if (list == NULL) return err_set(e, ERR_CONFIG, "line %u: ship_and_debit wants agreements", v->line);
    TRY(list_of(p, list, "agreements", m, e));
    for (const node *d = list->first; d; d = d->next) TRY(read_agreement(p, d, &m->price[m->prices++], e));
    return true;
}

/* The agreement that a part falls under: the first of its product whose days hold it. */
static const plan_drop *agreement_of(const line_facts *f, const part *x) {
    const plan_mechanism *pm = &f->plan->mechanism[f->m->no];
    for (size_t i = 0; i < pm->drops; i++)
        if (pm->drop[i].product == x->product && pm->drop[i].from <= x->day && x->day <= pm->drop[i].until)
            return &pm->drop[i];
    return NULL;
}

/* Beyond an agreement's limit, what comes later in the period earns nothing. */
static wide within_limit(const line_facts *f, const plan_drop *d, const part *x) {
    wide before = 0;
    if (d->limit == NUM_NONE) return x->quantity;
    for (const part *o = f->own; o < x; o++)
        if (!o->unpaid && agreement_of(f, o) == d) before += o->quantity;
    wide after = before + x->quantity, limit = d->limit;
    return (after < limit ? after : limit) - (before < limit ? before : limit);
}

static bool part_of_agreement(const line_facts *f, const payout *p, const part *x, wide *num) {
    const plan_drop *d = agreement_of(f, x);
    (void)p;
    *num = 0;
    if (d == NULL) return true;
    part counted = *x;
    term saved = {TERM_PER_UNIT, d->saved};
    return wide_fits(within_limit(f, d, x), &counted.quantity) && part_by_term(f, &saved, &counted, num);
}

const mechanism_kind mechanism_ship_and_debit = {.name = "ship_and_debit",
                                                 .keys = ship_keys,
                                                 .key_count = ARRAY_LEN(ship_keys),
                                                 .read = read_ship_and_debit,
                                                 .settle = settle_prices,
                                                 .part = part_of_agreement};
