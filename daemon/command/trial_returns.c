/* trial returns: what partners may send back of a new product's trial: what came since it began and was not sold. */
#include "daemon/catalog/cell.h"
#include "daemon/catalog/columns.h"
#include "daemon/catalog/partner.h"
#include "daemon/catalog/product.h"
#include "daemon/catalog/rows.h"
#include "daemon/command/cells.h"
#include "daemon/ledger/query.h"
#include "daemon/ledger/stock.h"

typedef struct trial_sums {
    int64_t came, back, sold, on_hand; /* on_hand NUM_NONE: never counted */
} trial_sums;

/* Flows of the partner and its places since the trial began. */
static bool read_sums(call *c, uint32_t partner_no, uint32_t product_no, day_t from, trial_sums *out, err *e) {
    AUTO(arena) a = {0};
    stock on_hand;
    flow_row *row;
    size_t n;
    day_t today = day_at(c->now_ms, c->zone_min);
    const flow_query q = {.by = {DIM_KIND},
                          .dims = 1,
                          .rollup = true,
                          .from = from,
                          .to = today,
                          .partner = partner_no,
                          .product = product_no};
    *out = (trial_sums){.on_hand = NUM_NONE};
    arena_init(&a, SIZE_MAX); /* bounded by the books of one partner */
    TRY(flow_query_run(c->t, &q, &a, &row, &n, e));
    for (size_t i = 0; i < n; i++) {
        int64_t v = row[i].quantity == NUM_NONE ? 0 : row[i].quantity;
        if (row[i].kind == FLOW_SELL_IN) out->came += v;
        if (row[i].kind == FLOW_RETURN_OUT) out->back -= v;
        if (row[i].kind == FLOW_SELL_OUT || row[i].kind == FLOW_RETURN || row[i].kind == FLOW_ONWARD) out->sold += v;
    }
    stock_of(c->t, partner_no, today, &a, &on_hand);
    for (size_t i = 0; i < on_hand.levels; i++)
        if (on_hand.level[i].product == product_no && on_hand.level[i].counted)
            out->on_hand = on_hand.level[i].quantity > 0 ? on_hand.level[i].quantity : 0;
    return txn_ok(c->t, e);
}

static void put_trial(call *c, const partner *p, const product *x, day_t from, const trial_sums *s) {
    int64_t unsold = s->came - s->back - s->sold;
    if (unsold < 0) unsold = 0;
    json *j = answer_row(c);
    cell_text(j, "partner", p->id);
    cell_text(j, "sku", x->sku);
    put_day_cell(j, "from", from);
    cell_quantity(j, "shipped", s->came);
    cell_quantity(j, "sold", s->sold);
    cell_quantity(j, "returned", s->back);
    cell_quantity(j, "on_hand", s->on_hand);
    cell_quantity(j, "returnable", s->on_hand != NUM_NONE && s->on_hand < unsold ? s->on_hand : unsold);
    cell_text(j, "unit", x->base_unit);
    answer_row_end(c);
}

bool cmd_trial_returns(call *c, err *e) {
    static const char *const columns[] = {"partner",  "sku",     "from",       "shipped", "sold",
                                          "returned", "on_hand", "returnable", "unit"};
    uint32_t only;
    catalog_row row;
    err unused;
    TRY(option_partner(c, &only, e));
    answer_list(c, columns, ARRAY_LEN(columns));
    AUTO(catalog_walk) w = catalog_rows(c->t, CATALOG_TRIAL, NULL, 0);
    while (catalog_next(&w, &row) && !answer_failed(c)) {
        partner p;
        product x;
        trial_sums s;
        day_t from;
        if (!partner_by_id(c->t, row.cell[TRIAL_PARTNER], &p) || !product_by_sku(c->t, row.cell[TRIAL_SKU], &x))
            continue;
        if ((only && p.no != only) || !authz(c, "read", p.no, &unused)) continue;
        if (!cell_as_day(row.cell[TRIAL_FROM], &from)) continue;
        TRY(read_sums(c, p.no, x.no, from, &s, e));
        put_trial(c, &p, &x, from, &s);
    }
    return txn_ok(c->t, e);
}
