#include "daemon/rebate/redemption_due.h"

#include "base/num.h"
#include "daemon/catalog/price.h"
#include "daemon/catalog/product.h"
#include "daemon/catalog/settings.h"
#include "daemon/rebate/closing.h"
#include "daemon/rebate/statement.h"
#include "daemon/store/keys.h"
#include "proto/limits.h"

#include <stdlib.h>

/* ---- what is due */

typedef struct heap {
    due_payout of;
    int64_t all, asked; /* paid by statements: by all, by those of the period */
} heap;

typedef struct heaps {
    heap *at;
    size_t n, cap;
    arena *a;
} heaps;

static heap *heap_of(heaps *w, str company, uint32_t currency, payout_form form) {
    for (size_t i = 0; i < w->n; i++)
        if (w->at[i].of.form == form && w->at[i].of.currency == currency && str_eq(w->at[i].of.company, company))
            return &w->at[i];
    w->at = arena_grown(w->a, w->at, w->n, &w->cap, sizeof *w->at);
    w->at[w->n] = (heap){.of = {arena_str(w->a, company), currency, form, 0, DAY_MAX, DAY_MIN}};
    return &w->at[w->n++];
}

static void widen(txn *t, const statement_line *l, due_payout *to) {
    AUTO(buf) label = {0};
    day_t first, last;
    closing_label(&label, l->at.policy, l->at.period);
    if (!closing_days(t, buf_str(&label), &first, &last)) return;
    if (first < to->first) to->first = first;
    if (last > to->last) to->last = last;
}

static bool add_statements(txn *t, uint32_t partner_no, str label, heaps *w, err *e) {
    key k = {.n = 0};
    key_u32(&k, partner_no);
    for (AUTO(kv_cursor) c = kv_from(t, TABLE_STATEMENT, key_str(&k), STR_NONE); kv_next(&c);) {
        statement s;
        statement_line l;
        payout_form form;
        if (!statement_decode(c.key, c.val, &s)) return err_set(e, ERR_INTERNAL, "a statement cannot be decoded");
        for (AUTO(kv_cursor) x = statement_lines(t, s.number); kv_next(&x);) {
            if (!statement_line_decode(x.key, x.val, &s, &l) || l.state != LINE_PAID) continue;
            if (!redemption_form_parse(l.form, &form)) continue;
            heap *to = heap_of(w, s.company, s.currency, form);
            to->all += l.amount;
            if (label.n && !str_eq(label, s.period)) continue;
            to->asked += l.amount;
            widen(t, &l, &to->of);
        }
    }
    return txn_ok(t, e);
}

static int by_company(const void *x, const void *y) {
    const due_payout *a = x, *b = y;
    int d = str_cmp(a->company, b->company);
    if (d == 0) d = (a->currency > b->currency) - (a->currency < b->currency);
    return d ? d : (a->form > b->form) - (a->form < b->form);
}

bool redemption_due(txn *t, uint32_t partner_no, str label, arena *a, due_payouts *out, err *e) {
    heaps w = {.a = a};
    key k = {.n = 0};
    TRY(add_statements(t, partner_no, label, &w, e));
    key_u32(&k, partner_no);
    for (AUTO(kv_cursor) c = kv_from(t, TABLE_PAYOUT, key_str(&k), STR_NONE); kv_next(&c);) {
        redemption x;
        if (!redemption_decode(c.key, c.val, &x)) return err_set(e, ERR_INTERNAL, "a payout cannot be decoded");
        if (redemption_counts(x.state)) heap_of(&w, x.company, x.currency, x.form)->all -= x.amount;
    }
    *out = (due_payouts){.n = 0};
    for (size_t i = 0; i < w.n; i++) {
        out->at = arena_grown(a, out->at, out->n, &out->cap, sizeof *out->at);
        due_payout *to = &out->at[out->n++];
        *to = w.at[i].of;
        to->due = w.at[i].all < w.at[i].asked ? w.at[i].all : w.at[i].asked;
    }
    if (out->n) qsort(out->at, out->n, sizeof *out->at, by_company);
    return txn_ok(t, e);
}

/* ---- goods */

static bool unit_of(const product *p, str named, str *unit, int64_t *factor, err *e) {
    str rest = p->units, name;
    int64_t many;
    *unit = named.n ? named : p->base_unit;
    *factor = pow10_i64(QUANTITY_SCALE);
    if (named.n)
        return product_unit(p, named, factor) || err_set(e, ERR_NOT_FOUND, "product '%.*s' has no unit '%.*s'",
                                                         STR_ARG(p->sku), STR_ARG(str_take(named, LIMIT_ID)));
    while (product_unit_next(&rest, &name, &many))
        if (many > *factor) *factor = many, *unit = name;
    return true;
}

/* Minor units for one such unit, with VAT. */
static bool price_of(txn *t, const product *p, uint32_t partner_no, day_t day, int64_t factor, uint32_t rate,
                     int64_t *out, err *e) {
    price_query q = {.product_no = p->no, .partner_no = partner_no, .channel = STR(""), .day = day};
    price found;
    int64_t micro;
    (void)price_kind_parse(setting_text(t, SETTING_GOODS_PRICE), &q.kind);
    if (!price_find(t, &q, &found))
        return err_set(e, ERR_CONFLICT, "product '%.*s' has no %s price on that day (price list)", STR_ARG(p->sku),
                       price_kind_name(q.kind));
    bool fits = mul_div(found.amount, factor, pow10_i64(QUANTITY_SCALE), &micro);
    if (fits && !found.incl_tax) fits = mul_div(micro, pow10_i64(RATE_SCALE) + rate, pow10_i64(RATE_SCALE), &micro);
    return (fits && rescale(micro, MICRO_SCALE, 2, out) && *out > 0) ||
           err_set(e, ERR_CONFLICT, "product '%.*s': its price cannot be used", STR_ARG(p->sku));
}

static bool add_goods(txn *t, uint32_t partner_no, str sku, str unit, day_t day, int64_t left, redemption_line *out,
                      err *e) {
    product p;
    int64_t factor;
    if (!product_by_sku(t, sku, &p) || !product_at(t, p.no, ON_DAY(day), &p) || p.ended)
        return txn_ok(t, e) && err_set(e, ERR_NOT_FOUND, "product '%.*s': unknown", STR_ARG(str_take(sku, LIMIT_ID)));
    int64_t rate = p.tax_rate == NUM_NONE ? setting_number(t, SETTING_TAX_RATE) : p.tax_rate;
    *out = (redemption_line){.day = day, .rate = (uint32_t)rate, .sku = p.sku};
    TRY(unit_of(&p, unit, &out->unit, &factor, e));
    TRY(price_of(t, &p, partner_no, day, factor, out->rate, &out->price, e));
    out->quantity = (uint64_t)(left / out->price);
    out->amount = left / out->price * out->price;
    if (!mul_div(out->amount, rate, pow10_i64(RATE_SCALE) + rate, &out->tax)) out->tax = 0;
    return true;
}

bool redemption_goods(txn *t, uint32_t partner_no, str skus, str unit, int64_t amount, day_t day, arena *a,
                      redemption_line **out, size_t *n, int64_t *taken, err *e) {
    str sku;
    *out = ARENA_NEW(a, redemption_line, LIMIT_ARGS);
    ASSERT(*out != NULL);
    *n = 0;
    *taken = 0;
    while (str_split(&skus, ',', &sku)) {
        if (*n == LIMIT_ARGS) return err_set(e, ERR_USAGE, "at most %d products at once", LIMIT_ARGS);
        TRY(add_goods(t, partner_no, str_trim(sku), unit, day, amount - *taken, &(*out)[*n], e));
        *taken += (*out)[*n].amount;
        *n += (*out)[*n].amount > 0;
    }
    return true;
}
