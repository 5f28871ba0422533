/* A week of a partner: what it orders, sells, diverts and counts, as rows of documents. */
#include "tools/sim/trade.h"

#include <math.h>

enum { CODES_A_LINE = 300, QUARTER_WEEKS = 13, LOT_LEAST = 60, LOT_MOST = 300 };

static const char *number(trade *t, const char *what) {
    return trade_text(t, "%s%08llu", what, (unsigned long long)++t->number);
}

/* ---- stock, carton by carton */

static void push(trade *t, trade_stock *s, uint32_t code, uint32_t lot, day_t day) {
    s->carton = arena_grown(&t->a, s->carton, s->n, &s->cap, sizeof *s->carton);
    s->carton[s->n++] = (trade_carton){code, lot, day};
}

/* The warehouse sends one lot after the other, as they were filled. */
static uint32_t next_lot(trade *t, trade_product_of *p) {
    if (p->lot_left-- > 0) return p->lot;
    p->lot_left = (int)LOT_LEAST + (int)rand_of(t, LOT_MOST - LOT_LEAST);
    return ++p->lot;
}

static size_t on_hand(const trade_stock *s) {
    return s->n - s->head;
}

static uint32_t new_code(trade *t, size_t of) {
    trade_product_of *p = &t->product[of];
    if (!p->coded) return 0;
    t->code = arena_grown(&t->a, t->code, t->codes, &t->code_cap, sizeof *t->code);
    t->code[t->codes] = (trade_code){of, p->serial};
    p->serial += (uint64_t)p->pack;
    return (uint32_t)t->codes++;
}

static const char *code_list(trade *t, const trade_carton *first, size_t n) {
    AUTO(buf) b = {0};
    for (size_t i = 0; i < n && i < CODES_A_LINE; i++) {
        if (first[i].code == 0) return "";
        buf_printf(&b, "%s%s", i ? ";" : "", trade_carton_code(t, first[i].code));
    }
    return arena_str(&t->a, buf_str(&b)).p;
}

/* A line of the shipment for each lot in it. */
static void ship(trade *t, const trade_partner_of *p, const trade_stock *s, size_t first, day_t day) {
    const char *shipment = number(t, "FH"), *receipt = number(t, "SH");
    for (size_t i = first, end; i < s->n; i = end) {
        for (end = i; end < s->n && s->carton[end].lot == s->carton[i].lot;) end++;
        trade_row row = {.type = TYPE_SHIPMENT,
                         .number = shipment,
                         .day = day,
                         .counterparty = p->id,
                         .product = s->product,
                         .quantity = (int64_t)(end - i),
                         .price = t->product[s->product].list * 80 / 100,
                         .batch = trade_text(t, "L%u", s->carton[i].lot),
                         .codes = code_list(t, s->carton + i, end - i)};
        trade_row_add(t, &row);
        if (!p->receipts) continue;
        row.type = TYPE_RECEIPT, row.reporter = p->id, row.counterparty = "", row.number = receipt;
        row.day = day + 1, row.codes = "", row.price = -1;
        trade_row_add(t, &row);
    }
}

static void receive(trade *t, trade_partner_of *p, trade_stock *s, int cartons, day_t day) {
    size_t first = s->n;
    if (cartons <= 0) return;
    for (int i = 0; i < cartons; i++) push(t, s, new_code(t, s->product), next_lot(t, &t->product[s->product]), day);
    ship(t, p, s, first, day);
}

/* ---- sales */

static void tell_where(trade *t, const trade_partner_of *p, trade_place at, trade_row *row) {
    if (p->telling == TELLS_SHIP_TO) {
        if (rand_chance(t, t->habits.typo)) {
            size_t wrong = rand_of(t, trade_province_count);
            at = (trade_place){wrong, rand_of(t, trade_provinces[wrong].cities)};
        }
        row->ship_to = trade_region_word(t, at);
    } else if (p->telling == TELLS_CUSTOMER) {
        row->customer_region = trade_region_word(t, at);
    }
}

static bool in_promotion(const trade_product_of *x, int week) {
    return x->promo_from >= 0 && week >= x->promo_from && week < x->promo_to;
}

static int64_t sale_price(trade *t, const trade_product_of *x, int week) {
    if (in_promotion(x, week)) return x->floor * 92 / 100;
    return x->floor * (101 + (int64_t)rand_of(t, 12)) / 100;
}

/* `count` cartons leave to a buyer; returns how many there were. */
static int sell(trade *t, trade_partner_of *p, trade_stock *s, int count, const char *buyer, trade_place at, day_t day,
                int week, const char *doc) {
    int n = count < (int)on_hand(s) ? count : (int)on_hand(s);
    trade_product_of *x = &t->product[s->product];
    if (n <= 0) return 0;
    trade_row row = {.type = TYPE_SALE,
                     .reporter = p->id,
                     .number = doc,
                     .day = day,
                     .customer = buyer,
                     .product = s->product,
                     .quantity = n,
                     .price = sale_price(t, x, week),
                     .codes = p->codes ? code_list(t, s->carton + s->head, (size_t)n) : ""};
    tell_where(t, p, at, &row);
    trade_row_add(t, &row);
    if (in_promotion(x, week) && n >= 10) {
        row.gift = true, row.quantity = n / 10, row.price = 0, row.codes = "", row.bottles = true;
        trade_row_add(t, &row);
        s->base_units_off += n / 10;
    }
    for (int i = 0; i < n; i++) trade_seen(t, p, s->product, &s->carton[s->head++], at, day, NULL);
    return n;
}

static double market(trade *t, const trade_partner_of *p, const trade_stock *s, int week) {
    double m = s->weekly * (1 + 0.2 * sin(2 * M_PI * (week + (int)p->weekday) / 26.0));
    if (p->grows_week >= 0 && week >= p->grows_week) m *= 1.6;
    if (in_promotion(&t->product[s->product], week)) m *= 1.8;
    return m * exp(0.25 * rand_normal(t) - 0.03);
}

static const trade_shop *shop_of(trade *t, const trade_partner_of *p) {
    return &p->shop[rand_of(t, p->shops)];
}

static void sell_week(trade *t, trade_partner_of *p, trade_stock *s, int week) {
    int want = rand_poisson(t, market(t, p, s, week)) + s->backlog;
    int parts = 1 + (int)rand_of(t, 3);
    s->backlog = 0;
    for (int i = 0; i < parts && want > 0; i++) {
        int n = i + 1 == parts ? want : 1 + (int)rand_of(t, (size_t)want);
        const trade_shop *to = shop_of(t, p);
        bool moved = to->moves_week >= 0 && week >= to->moves_week;
        if (moved && week > to->moves_week + 2) continue; /* it buys elsewhere now */
        day_t day = trade_day(t, week, 1 + (unsigned)rand_of(t, 6));
        int sold = sell(t, p, s, n, to->name, moved ? to->moved_to : to->at, day, week, number(t, "XS"));
        want -= n;
        if (sold < n) s->backlog += n - sold;
    }
}

/* The shops of a chain are served by its own warehouse. */
static void serve_chain(trade *t, trade_partner_of *p, trade_stock *s, int week) {
    int want = rand_poisson(t, market(t, p, s, week));
    for (size_t i = 0; i < p->shops && want > 0; i++) {
        int n = 1 + want / (int)p->shops;
        if (n > (int)on_hand(s)) n = (int)on_hand(s);
        if (n <= 0) return;
        trade_row row = {.type = TYPE_TRANSFER,
                         .reporter = p->id,
                         .number = number(t, "DB"),
                         .day = trade_day(t, week, 3),
                         .counterparty = p->shop[i].id,
                         .product = s->product,
                         .quantity = n,
                         .price = -1,
                         .codes = code_list(t, s->carton + s->head, (size_t)n)};
        trade_row_add(t, &row);
        for (int k = 0; k < n; k++) trade_seen(t, p, s->product, &s->carton[s->head++], p->shop[i].at, row.day, NULL);
        want -= n;
    }
}

/* ---- diversion */

static void sell_declared(trade *t, trade_partner_of *p, int week) {
    if (!p->declared || week < p->declared_from || week > p->declared_to || p->stocks == 0) return;
    trade_place to = {p->declared_province, rand_of(t, trade_provinces[p->declared_province].cities)};
    (void)sell(t, p, &p->stock[0], 2 + (int)rand_of(t, 5), "项目客户", to, trade_day(t, week, 5), week,
               number(t, "XS"));
}

static int diverted_in(trade *t, const trade_stream *x, int week) {
    if (week < x->from || week >= x->from + x->weeks) return 0;
    if (x->style == STYLE_CLIFF) return week % QUARTER_WEEKS == 0 ? (int)x->weekly : 0;
    return rand_poisson(t, x->weekly);
}

static void leave(trade *t, trade_stream *x, trade_stock *s, int n, day_t day) {
    if (x->first == DAY_MIN) x->first = day;
    x->last = day;
    x->cartons += n;
    for (int i = 0; i < n; i++) trade_seen(t, x->partner, s->product, &s->carton[s->head++], x->to, day, x);
}

static void divert(trade *t, trade_stream *x, int week) {
    trade_partner_of *p = x->partner;
    trade_stock *s = &p->stock[x->stock];
    trade_product_of *of = &t->product[s->product];
    int n = diverted_in(t, x, week);
    day_t day = trade_day(t, week, 2 + (unsigned)rand_of(t, 5));
    if (n > (int)on_hand(s)) n = (int)on_hand(s);
    if (n <= 0) return;
    trade_row row = {.type = TYPE_SALE,
                     .reporter = p->id,
                     .number = number(t, "XS"),
                     .day = day,
                     .customer = x->buyer,
                     .product = s->product,
                     .quantity = n,
                     .price = of->floor * (88 + (int64_t)rand_of(t, 12)) / 100,
                     .codes = p->codes && x->style != STYLE_STRIP ? code_list(t, s->carton + s->head, (size_t)n) : ""};
    if (x->reported || x->lies) {
        trade_place told = x->reported ? x->to : p->shop[0].at;
        if (p->telling == TELLS_SHIP_TO) row.ship_to = trade_region_word(t, told);
        if (p->telling == TELLS_CUSTOMER) row.customer_region = trade_region_word(t, told);
        trade_row_add(t, &row);
    }
    leave(t, x, s, n, day);
    if (x->reported) trade_points(t, x, 2, day);
}

/* ---- orders and counts */

static int ordered(trade *t, const trade_partner_of *p, const trade_stock *s, int week) {
    double level = s->weekly * 2.5;
    if (p->grows_week >= 0 && week >= p->grows_week) level *= 1.6;
    if (in_promotion(&t->product[s->product], week + 1)) level *= 1.8;
    for (size_t i = 0; i < t->streams; i++) {
        const trade_stream *x = &t->stream[i];
        if (x->partner != p || &p->stock[x->stock] != s || week + 1 < x->from || week >= x->from + x->weeks) continue;
        level += x->style == STYLE_CLIFF ? ((week + 1) % QUARTER_WEEKS == 0 ? x->weekly : 0) : x->weekly * 1.2;
    }
    int need = (int)(level + 0.5) + s->backlog - (int)on_hand(s);
    return need > 0 ? need : 0;
}

static void count(trade *t, trade_partner_of *p, int week, bool first) {
    const char *doc = number(t, "PD");
    day_t day = first ? t->knobs.from : trade_day(t, week, 7);
    for (size_t i = 0; i < p->stocks; i++) {
        trade_stock *s = &p->stock[i];
        const trade_product_of *of = &t->product[s->product];
        int64_t units = (int64_t)on_hand(s) * of->pack - s->base_units_off;
        bool diverted = false;
        for (size_t k = 0; k < t->streams; k++) {
            trade_stream *x = &t->stream[k];
            if (x->partner != p || x->stock != i || x->reported || x->lies || x->cartons == 0) continue;
            if (p->cheats) units += x->cartons * of->pack; /* what should be there */
            else if (x->last > day - 7 * p->count_every)
                trade_points(t, x, p->opening ? 2 : 0, day);
            diverted = true;
        }
        if (!diverted && !first) units += (int64_t)(t->habits.count_error * rand_normal(t) * (double)units);
        trade_row row = {.type = TYPE_STOCK,
                         .reporter = p->id,
                         .number = doc,
                         .day = day,
                         .product = s->product,
                         .quantity = units > 0 ? units : 0,
                         .bottles = true,
                         .price = -1};
        trade_row_add(t, &row);
    }
}

static void begin(trade *t, trade_partner_of *p) {
    for (size_t i = 0; i < p->stocks; i++) {
        trade_stock *s = &p->stock[i];
        receive(t, p, s, (int)(s->weekly * 2.5) + 1, t->knobs.from - 3);
    }
    if (p->counts && p->opening) count(t, p, 0, true);
}

void trade_week(trade *t, trade_partner_of *p, int week) {
    if (week == 0) begin(t, p);
    for (size_t i = 0; i < p->stocks; i++) {
        trade_stock *s = &p->stock[i];
        if (p->chain) serve_chain(t, p, s, week);
        else
            sell_week(t, p, s, week);
    }
    sell_declared(t, p, week);
    for (size_t i = 0; i < t->streams; i++)
        if (t->stream[i].partner == p) divert(t, &t->stream[i], week);
    for (size_t i = 0; i < p->stocks; i++) {
        bool out = p->outage_week >= 0 && (week == p->outage_week || week == p->outage_week + 1);
        if (!out) receive(t, p, &p->stock[i], ordered(t, p, &p->stock[i], week), trade_day(t, week, 6));
    }
    if (p->counts && week % p->count_every == p->count_every - 1) count(t, p, week, false);
}
