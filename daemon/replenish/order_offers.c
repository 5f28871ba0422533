/* Another product for one that is short: offered by staff, taken or not by the partner; only then does it stand in the order,
 * with all the checks of an approval where the order holds goods already. */
#include "daemon/catalog/product.h"
#include "daemon/replenish/order_work.h"

/* The line that another one stands in for, with enough of it to come. */
static bool base_of(const work *w, const order_line *l, size_t *out, err *e) {
    *out = work_line(w, l->instead);
    if (*out == SIZE_MAX) return work_refuse(w, "the product it stands in for is not in it", e);
    const order_line *base = &w->line[*out];
    return base->quantity - base->shipped >= l->offered ||
           work_refuse(w, "less than that is still to come of the product it stands in for", e);
}

bool order_do_offer(work *w, err *e) {
    if (w->m->n_line == 0) return work_refuse(w, "say what is offered", e);
    for (size_t i = 0; i < w->m->n_line; i++) {
        const Entry__OrderLine *m = w->m->line[i];
        product p, ordered;
        size_t base;
        if (!product_by_sku(w->t, str_of(m->sku), &p) || !product_by_sku(w->t, str_of(m->instead_of), &ordered))
            return err_set(e, ERR_NOT_FOUND, "product '%s' or '%s': unknown", m->sku, m->instead_of);
        order_line *l = &w->line[work_line(w, p.no)];
        if (l->offered) return work_refuse(w, "that product is offered already", e);
        if (m->quantity <= 0 || p.no == ordered.no) return work_refuse(w, "another product, and some of it", e);
        l->instead = ordered.no;
        l->offered = m->quantity;
        TRY(base_of(w, l, &base, e));
    }
    work_put_lines(w);
    return true;
}

/* Lines that wait for the partner's word and are meant: all of them when none is named. */
static bool is_meant(const work *w, size_t i) {
    return w->line[i].offered && (w->m->n_line == 0 || w->meant[i] != NUM_NONE);
}

static bool check(const work *w, err *e) {
    int64_t rest;
    if (!work_rest(w, &rest)) return work_refuse(w, "a line has no price", e);
    for (size_t i = 0; i < w->n; i++)
        if (is_meant(w, i)) TRY(work_check_line(w, &w->line[i], e));
    return work_check_credit(w, rest > w->o.wallet_used ? rest - w->o.wallet_used : 0, e);
}

/* What is in the order instead of what was. */
static bool exchange(work *w, err *e) {
    size_t any = 0, base;
    for (size_t i = 0; i < w->n; i++) {
        if (!is_meant(w, i)) continue;
        TRY(base_of(w, &w->line[i], &base, e));
        w->line[base].quantity -= w->line[i].offered;
        w->line[i].quantity += w->line[i].offered;
        any++;
    }
    return any || work_refuse(w, "nothing is offered instead", e);
}

bool order_do_accept(work *w, err *e) {
    order_line *before = ARENA_NEW(w->a, order_line, w->n), *after = w->line;
    bool holds = order_holds(w->o.state), ok;
    ASSERT(before != NULL);
    for (size_t i = 0; i < w->n; i++) before[i] = w->line[i];
    TRY(exchange(w, e));
    if (holds) { /* judged as if it held nothing yet; refused, it holds what it held */
        w->line = before;
        work_hold(w, false);
        w->line = after;
        ok = check(w, e);
        if (!ok) w->line = before;
        work_hold(w, true);
        TRY(ok);
    }
    for (size_t i = 0; i < w->n; i++)
        if (is_meant(w, i)) w->line[i].offered = 0;
    work_put_lines(w);
    return true;
}

bool order_do_decline(work *w, err *e) {
    size_t any = 0;
    for (size_t i = 0; i < w->n; i++) any += is_meant(w, i);
    if (any == 0) return work_refuse(w, "nothing is offered instead", e);
    for (size_t i = 0; i < w->n; i++)
        if (is_meant(w, i)) w->line[i].offered = 0;
    work_put_lines(w);
    return true;
}
