#include "daemon/ledger/exempted.h"

#include "daemon/catalog/partner.h"
#include "daemon/ledger/lines.h"

typedef struct counting {
    lines_ask ask;
    const exemption *of;
    int64_t quantity;
    uint64_t lines;
} counting;

static bool is_sale(const posted *x) {
    bool sold = x->kind == FLOW_SELL_OUT || x->kind == FLOW_ONWARD || x->kind == FLOW_RETURN;
    return sold && (x->source == REGION_STATED || x->source == REGION_CUSTOMER);
}

static bool count_posting(void *arg, uint64_t document, const posting *p) {
    counting *c = arg;
    facts *f = c->ask.f;
    (void)document;
    for (uint32_t i = 0; i < p->rows; i++) {
        const posted *x = &p->row[i];
        product of;
        if (!is_sale(x) || !lines_meant(&c->ask, x) || !product_by_no(f->t, x->product, &of)) continue;
        exemption_use u = {.partner = x->partner, .of = &of, .region = x->region, .day = x->day};
        u.customer = x->counterparty ? partner_id(f->t, x->counterparty) : customer_text(f, x->customer);
        if (!exemption_is_for(f->t, c->of, &u)) continue;
        (void)add_i64(c->quantity, x->quantity, &c->quantity); /* stored flows are far from the ends of their range */
        c->lines++;
    }
    return true;
}

int64_t exempted_quantity(facts *f, const exemption *x, uint64_t *lines) {
    partner p;
    counting c = {.ask = {f, 0, x->from, x->to}, .of = x};
    if (partner_by_id(f->t, x->partner, &p)) {
        c.ask.partner = partner_fact_of(f, p.no)->reporter;
        lines_walk(&c.ask, count_posting, &c);
    }
    if (lines) *lines = c.lines;
    return c.quantity;
}
