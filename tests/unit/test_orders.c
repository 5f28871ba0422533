/* links: journal formats */
#include "base/rng.h"
#include "daemon/replenish/orders.h"
#include "tests/unit/books.h"

/* Orders at the level of apply: random interleavings of many orders, cancelled, shipped in parts, received in parts and
 * damaged, products exchanged for others, closed and reopened, with imports of the ERP between them. Beside them a model that
 * only adds up. Never oversold, never over the credit limit, nothing reserved twice. $CHANNELD_ROUNDS: how many interleavings
 * (10,000 among the long proofs). */

enum { ROUNDS = 200, ACTS = 40, ORDERS = 8, PARTNERS = 2, PRODUCTS = 2, SUPPLY = 100, LIMIT = 1200 };
static const int64_t prices[PRODUCTS] = {10, 15};
static const char *const partner_ids[PARTNERS] = {"D1", "D2"}, *const skus[PRODUCTS] = {"P1", "P2"};

typedef struct model_order {
    uint64_t number;
    unsigned partner;
    int64_t quantity[PRODUCTS], shipped[PRODUCTS], received[PRODUCTS], damaged[PRODUCTS]; /* whole units */
    int64_t offered[PRODUCTS]; /* instead of the other product */
} model_order;

typedef struct model {
    books w;
    txn *t;
    rng r;
    model_order order[ORDERS];
    size_t n;
    int64_t supply[PRODUCTS], balance[PARTNERS]; /* as the ERP said last */
    int64_t since[PRODUCTS], owed[PARTNERS];     /* shipped since then */
    uint32_t partner_no[PARTNERS], product_no[PRODUCTS];
    size_t approved, refused, exchanged, broken;
} model;

static bool append(model *m, entry_kind kind, const ProtobufCMessage *body, apply_result *r, err *e) {
    *r = (apply_result){.a = &m->w.a};
    m->w.now_ms += 1000;
    if (journal_append(m->t, &(command_entry){kind, m->w.now_ms, STR("user:root"), body}, r, NULL, e)) return true;
    err broken;
    if (!txn_ok(m->t, &broken)) fail_msg("%s", broken.text);
    return false;
}

static void import(model *m, const char *table, const char *const *cell, size_t cells) {
    AUTO(buf) row = {0};
    Entry__Catalog body = ENTRY__CATALOG__INIT;
    apply_result r;
    err e = {0};
    for (size_t i = 0; i < cells; i++) buf_text(&row, str_of(cell[i]));
    ProtobufCBinaryData bytes = {row.n, (uint8_t *)row.p};
    body.table = (char *)(uintptr_t)table;
    body.source = (char *)(uintptr_t) "erp";
    body.row = &bytes;
    body.n_row = 1;
    if (!append(m, KIND_CATALOG, &body.base, &r, &e)) fail_msg("%s: %s", table, e.text);
}

/* The ERP tells what it has now: what was shipped is gone from its stock and owed. */
static void erp_tells(model *m) {
    char number[2][32];
    AUTO(buf) now = {0};
    time_put(&now, m->w.now_ms, 480);
    for (unsigned i = 0; i < PRODUCTS; i++) {
        m->supply[i] -= m->since[i];
        m->since[i] = 0;
        snprintf(number[0], sizeof number[0], "%lld", (long long)m->supply[i]);
        import(m, "supply", (const char *const[]){skus[i], number[0], buf_z(&now)}, 3);
    }
    for (unsigned i = 0; i < PARTNERS; i++) {
        m->balance[i] += m->owed[i];
        m->owed[i] = 0;
        snprintf(number[0], sizeof number[0], "%d", LIMIT);
        snprintf(number[1], sizeof number[1], "%lld", (long long)m->balance[i]);
        import(m, "credit", (const char *const[]){partner_ids[i], "", "", number[0], number[1], "", buf_z(&now)}, 7);
    }
}

static void enter(model *m) {
    Entry__Order body = ENTRY__ORDER__INIT;
    Entry__OrderLine line[PRODUCTS], *lines[PRODUCTS];
    apply_result r;
    err e = {0};
    if (m->n == ORDERS) return;
    model_order *o = &m->order[m->n++];
    *o = (model_order){.partner = (unsigned)rng_below(&m->r, PARTNERS)};
    for (unsigned i = 0; i < PRODUCTS; i++) {
        o->quantity[i] = 1 + (int64_t)rng_below(&m->r, 60);
        entry__order_line__init(&line[i]);
        line[i].sku = (char *)(uintptr_t)skus[i];
        line[i].quantity = o->quantity[i] * 1000;
        line[i].price = prices[i] * 1000000LL;
        line[i].priced = true;
        lines[i] = &line[i];
    }
    body.partner = (char *)(uintptr_t)partner_ids[o->partner];
    body.company = (char *)(uintptr_t) "main";
    body.currency = (char *)(uintptr_t) "CNY";
    body.source = (char *)(uintptr_t) "phone";
    body.line = lines;
    body.n_line = PRODUCTS;
    if (!append(m, KIND_ORDER, &body.base, &r, &e)) fail_msg("%s", e.text);
    o->number = r.number;
}

/* What an act that went through did, as it was meant. */
static void note(model *m, model_order *o, const Entry__OrderStep *body, unsigned i) {
    bool named = body->n_line > 0;
    int64_t said = named ? body->line[0]->quantity / 1000 : 0;
    m->approved += body->act == ORDER_DO_APPROVE;
    if (body->act == ORDER_DO_CHANGE) o->quantity[i] = said;
    if (body->act == ORDER_DO_OFFER) o->offered[i] = said;
    for (unsigned k = 0; k < PRODUCTS; k++) {
        int64_t rest = o->quantity[k] - o->shipped[k], on_way = o->shipped[k] - o->received[k];
        switch (body->act) {
        case ORDER_DO_SHIP:
            rest = named ? (k == i ? said : 0) : rest;
            o->shipped[k] += rest;
            m->since[k] += rest;
            m->owed[o->partner] += rest * prices[k];
            break;
        case ORDER_DO_RECEIVE:
            o->received[k] += named ? (k == i ? said : 0) : on_way;
            o->damaged[k] += k == i && named ? body->line[0]->damaged / 1000 : 0;
            m->broken += k == i && named && body->line[0]->damaged;
            break;
        case ORDER_DO_ACCEPT:
            o->quantity[k] += o->offered[k];
            o->quantity[PRODUCTS - 1 - k] -= o->offered[k];
            m->exchanged += o->offered[k] > 0;
            o->offered[k] = 0;
            break;
        case ORDER_DO_DECLINE:
        case ORDER_DO_CANCEL:
        case ORDER_DO_CLOSE: o->offered[k] = 0; break;
        default: break;
        }
    }
}

/* Half of the acts fit the state, so that orders get far; the others are any. */
static order_act some_act(model *m, const model_order *o) {
    static const order_act any[] = {ORDER_DO_APPROVE, ORDER_DO_SHIP,    ORDER_DO_CHANGE, ORDER_DO_CANCEL,
                                    ORDER_DO_REOPEN,  ORDER_DO_RECEIVE, ORDER_DO_CLOSE,  ORDER_DO_OFFER,
                                    ORDER_DO_ACCEPT,  ORDER_DO_DECLINE};
    static const order_act next[ORDER_STATE_END][2] = {
        [ORDER_CONFIRMED] = {ORDER_DO_APPROVE, ORDER_DO_OFFER}, [ORDER_APPROVED] = {ORDER_DO_SHIP, ORDER_DO_ACCEPT},
        [ORDER_SHIPPED] = {ORDER_DO_RECEIVE, ORDER_DO_OFFER},   [ORDER_RECEIVED] = {ORDER_DO_SHIP, ORDER_DO_ACCEPT},
        [ORDER_CLOSED] = {ORDER_DO_REOPEN, ORDER_DO_REOPEN},    [ORDER_CANCELLED] = {ORDER_DO_REOPEN, ORDER_DO_REOPEN}};
    order now;
    if (rng_below(&m->r, 2) || !order_get(m->t, o->number, &now)) return any[rng_below(&m->r, ARRAY_LEN(any))];
    return next[now.state][rng_below(&m->r, 2)];
}

static void act(model *m) {
    Entry__OrderStep body = ENTRY__ORDER_STEP__INIT;
    Entry__OrderLine line = ENTRY__ORDER_LINE__INIT, *lines[] = {&line};
    apply_result r;
    err e = {0};
    if (m->n == 0) return;
    model_order *o = &m->order[rng_below(&m->r, m->n)];
    unsigned i = (unsigned)rng_below(&m->r, PRODUCTS);
    body.order = o->number;
    body.act = some_act(m, o);
    body.reason = (char *)(uintptr_t) "why not";
    line.sku = (char *)(uintptr_t)skus[i];
    line.quantity = 1000 * (1 + (int64_t)rng_below(&m->r, 40));
    bool some_of_it = rng_below(&m->r, 2), offers = body.act == ORDER_DO_OFFER;
    if (offers) line.instead_of = (char *)(uintptr_t)skus[PRODUCTS - 1 - i];
    if (body.act == ORDER_DO_RECEIVE) line.quantity = 1000 * (1 + (int64_t)rng_below(&m->r, 8));
    if (body.act == ORDER_DO_RECEIVE) line.damaged = 1000 * (int64_t)rng_below(&m->r, 3);
    if (line.damaged > line.quantity) line.damaged = line.quantity;
    if (offers || body.act == ORDER_DO_CHANGE ||
        (some_of_it && (body.act == ORDER_DO_SHIP || body.act == ORDER_DO_RECEIVE)))
        body.line = lines, body.n_line = 1;
    if (append(m, KIND_ORDER_STEP, &body.base, &r, &e)) note(m, o, &body, i);
    else
        m->refused++;
}

static uint64_t rows_of(txn *t, kv_table table, uint64_t number) {
    uint64_t n = 0;
    for (AUTO(kv_cursor) c = kv_from(t, table, STR(""), STR_NONE); kv_next(&c);)
        n += get_be64(c.key.p + c.key.n - 8) == number && get_be64(c.key.p + c.key.n - 16) == (uint64_t)CREDIT_OPEN;
    return n;
}

static void look(model *m) {
    int64_t held[PRODUCTS] = {0}, owed[PARTNERS] = {0};
    for (size_t i = 0; i < m->n; i++) {
        model_order *o = &m->order[i];
        order now;
        assert_true(order_get(m->t, o->number, &now));
        bool holds = order_holds(now.state);
        uint64_t open = 0;
        for (unsigned k = 0; k < PRODUCTS; k++) {
            order_line l;
            assert_true(order_line_get(m->t, o->number, m->product_no[k], &l));
            assert_int_equal(l.quantity, o->quantity[k] * 1000);
            assert_int_equal(l.shipped, o->shipped[k] * 1000);
            assert_int_equal(l.received, o->received[k] * 1000);
            assert_int_equal(l.damaged, o->damaged[k] * 1000);
            assert_int_equal(l.offered, o->offered[k] * 1000);
            assert_true(l.shipped <= l.quantity && l.received <= l.shipped && l.damaged <= l.received);
            if (!holds) continue;
            held[k] += o->quantity[k] - o->shipped[k];
            owed[o->partner] += (o->quantity[k] - o->shipped[k]) * prices[k];
            open += o->quantity[k] > o->shipped[k];
        }
        assert_int_equal(rows_of(m->t, TABLE_RESERVED, o->number), open); /* each line once, and none that ended */
        assert_int_equal(rows_of(m->t, TABLE_ORDER_CREDIT, o->number), open > 0);
    }
    for (unsigned k = 0; k < PRODUCTS; k++) {
        int64_t rest = m->supply[k] - m->since[k] - held[k];
        assert_true(rest >= 0);
        assert_int_equal(supply_free(m->t, m->product_no[k]), rest * 1000);
    }
    for (unsigned i = 0; i < PARTNERS; i++) {
        credit_figures f;
        int64_t rest = LIMIT - m->balance[i] - m->owed[i] - owed[i];
        credit_look(m->t, &(credit_key){m->partner_no[i], STR("main"), currency_no(STR("CNY"))}, m->w.now_ms, &f);
        assert_true(rest >= 0);
        assert_int_equal(f.available, rest * 100);
    }
}

static void numbers(model *m) {
    for (unsigned i = 0; i < PARTNERS; i++) {
        partner p;
        assert_true(partner_by_id(m->t, str_of(partner_ids[i]), &p));
        m->partner_no[i] = p.no;
    }
    for (unsigned i = 0; i < PRODUCTS; i++) {
        product p;
        assert_true(product_by_sku(m->t, str_of(skus[i]), &p));
        m->product_no[i] = p.no;
    }
}

static void never_oversold_never_over_the_limit(void **unused) {
    (void)unused;
    model *m = calloc(1, sizeof *m);
    const char *rounds = getenv("CHANNELD_ROUNDS");
    err e = {0};
    assert_non_null(m);
    books_open(&m->w);
    books_catalog(&m->w, "partner", "M,m,manufacturer\nD1,a,distributor,A,M\nD2,b,distributor,A,M\n");
    books_catalog(&m->w, "product", "P1,,p\nP2,,q\n");
    int64_t begin_ms = m->w.now_ms;
    for (uint64_t round = 0, n = rounds ? strtoull(rounds, NULL, 10) : ROUNDS; round < n; round++) {
        assert_true(txn_begin(m->w.db, TXN_WRITE, &m->t, &e));
        m->r = (rng){round + 1};
        m->n = 0;
        m->w.now_ms = begin_ms;
        for (unsigned i = 0; i < PRODUCTS; i++) m->supply[i] = SUPPLY, m->since[i] = 0;
        for (unsigned i = 0; i < PARTNERS; i++) m->balance[i] = 0, m->owed[i] = 0;
        numbers(m);
        erp_tells(m);
        for (unsigned i = 0; i < ACTS; i++) {
            uint64_t dice = rng_below(&m->r, 12);
            if (dice == 0) erp_tells(m);
            else if (dice < 4)
                enter(m);
            else
                act(m);
            look(m);
        }
        txn_abort(&m->t); /* the next one begins anew */
        arena_reset(&m->w.a);
    }
    print_message("%zu approved, %zu refused, %zu exchanged, %zu damaged\n", m->approved, m->refused, m->exchanged,
                  m->broken);
    assert_true(m->approved > 100 && m->refused > 100 && m->exchanged > 10 && m->broken > 10);
    books_close(&m->w);
    free(m);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(never_oversold_never_over_the_limit)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
