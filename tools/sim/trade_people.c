/* Who is in the channel: partners with their towns, shops and habits, products, and who will divert what where. */
#include "tools/sim/trade.h"

#include <math.h>

const char *const trade_style_names[STYLE_COUNT] = {"honest", "bulk", "trickle", "straw", "cliff", "strip", "swap"};

enum { PACKS = 3, CATEGORIES = 4, STREAM_WEEKS_LEAST = 4, HISTORY_WEEKS = 10 };

static void make_product(trade *t, size_t i) {
    static const int64_t packs[PACKS] = {6, 12, 24};
    static const char *const categories[CATEGORIES] = {"白酒", "饮料", "乳品", "调味"};
    trade_product_of *p = &t->product[i];
    int64_t body = 690100000000LL + (int64_t)i * 37, sum = 0, digits = body;
    for (int k = 0; k < 12; k++, digits /= 10) sum += digits % 10 * (k % 2 == 0 ? 3 : 1);
    int64_t pack = packs[rand_of(t, PACKS)];
    int64_t list = 800 + (int64_t)rand_of(t, 9200);
    *p = (trade_product_of){.sku = trade_text(t, "SKU%02zu", i + 1),
                            .gtin = trade_text(t, "%lld%lld", (long long)body, (long long)((10 - sum % 10) % 10)),
                            .name = trade_text(t, "商品%zu", i + 1),
                            .brand = trade_text(t, "牌%zu", i % 3 + 1),
                            .category = categories[i % CATEGORIES],
                            .pack = pack,
                            .list = list,
                            .coded = (int64_t)(i * 100 / t->products) < t->knobs.coded,
                            .promo_from = -1,
                            .promo_to = -1,
                            .serial = 1000000};
    p->floor = p->list * 88 / 100;
    if (rand_chance(t, 0.5)) {
        p->promo_from = HISTORY_WEEKS + (int)rand_of(t, (size_t)t->weeks);
        p->promo_to = p->promo_from + 2;
    }
}

static trade_place town_in(trade *t, size_t province) {
    return (trade_place){province, rand_of(t, trade_provinces[province].cities)};
}

/* The nearer the likelier. */
static size_t other_province(trade *t, size_t home) {
    for (;;) {
        size_t to = rand_of(t, trade_province_count);
        if (to != home && rand_chance(t, 400 / (400 + trade_km(home, to)))) return to;
    }
}

static void make_shops(trade *t, trade_partner_of *p) {
    p->shops = p->chain ? CHAIN_SHOPS : 4 + rand_of(t, PARTNER_SHOPS - 4);
    for (size_t i = 0; i < p->shops; i++) {
        trade_shop *s = &p->shop[i];
        trade_place at = p->towns ? p->town[rand_of(t, p->towns)] : town_in(t, p->home.province);
        if (p->chain && i % 2) at = town_in(t, rand_of(t, trade_province_count));
        *s = (trade_shop){.name = trade_text(t, "%s店%zu", p->id, i + 1), .at = at, .moves_week = -1};
        if (p->chain) s->id = trade_text(t, "%s-S%zu", p->id, i + 1);
        else if (rand_chance(t, 0.01 * (double)t->knobs.noise / 100)) {
            s->moves_week = HISTORY_WEEKS + (int)rand_of(t, (size_t)t->weeks);
            s->moved_to = town_in(t, other_province(t, p->home.province));
        }
    }
}

static void make_stocks(trade *t, trade_partner_of *p) {
    p->stocks = 2 + rand_of(t, PARTNER_SKUS - 1);
    if (p->stocks > t->products) p->stocks = t->products;
    size_t first = rand_of(t, t->products);
    for (size_t i = 0; i < p->stocks; i++) {
        trade_stock *s = &p->stock[i];
        *s = (trade_stock){.product = (first + i * 5) % t->products, .weekly = 3 * exp(0.6 * rand_normal(t)) + 1};
        for (size_t k = 0; k < i; k++)
            if (p->stock[k].product == s->product) s->product = (s->product + 1) % t->products;
    }
}

static void make_partner(trade *t, size_t i) {
    trade_partner_of *p = &t->partner[i];
    double noise = (double)t->knobs.noise / 100;
    *p = (trade_partner_of){.id = trade_text(t, "P%05zu", i + 1), .name = trade_text(t, "经销商%zu", i + 1)};
    p->telling = rand_chance(t, 0.55) ? TELLS_SHIP_TO : rand_chance(t, 0.5) ? TELLS_CUSTOMER : TELLS_NOTHING;
    p->receipts = rand_chance(t, 0.4);
    p->codes = rand_chance(t, 0.25);
    p->counts = rand_chance(t, 0.75);
    p->opening = rand_chance(t, 0.7);
    p->count_every = rand_chance(t, 0.3) ? 1 : 4;
    p->grows_week = rand_chance(t, 0.06 * noise) ? HISTORY_WEEKS + (int)rand_of(t, 16) : -1;
    p->outage_week = rand_chance(t, 0.08 * noise) ? 2 + (int)rand_of(t, (size_t)t->weeks) : -1;
    p->weekday = 1 + (unsigned)rand_of(t, 5);
    p->chain = rand_chance(t, 0.02 * noise);
    p->home = town_in(t, rand_of(t, trade_province_count));
    if (!rand_chance(t, 0.3)) {
        p->towns = 1 + rand_of(t, 2);
        p->town[0] = p->home;
        p->town[1] = town_in(t, p->home.province);
    }
    if (!p->chain && i > 10 && rand_chance(t, 0.08)) { /* a second-level distributor in its parent's province */
        trade_partner_of *above = &t->partner[rand_of(t, i)];
        if (!above->sub && !above->chain) p->sub = true, p->parent = above, p->home = town_in(t, above->home.province);
        if (p->sub) p->towns = 1, p->town[0] = p->home;
    }
    if (!p->chain && rand_chance(t, 0.03 * noise)) {
        p->declared = true;
        p->declared_province = other_province(t, p->home.province);
        p->declared_from = HISTORY_WEEKS + (int)rand_of(t, 8);
        p->declared_to = p->declared_from + 4 + (int)rand_of(t, 6);
    }
    make_shops(t, p);
    make_stocks(t, p);
}

/* ---- who diverts */

static void shape(trade *t, trade_stream *s) {
    trade_stock *of = &s->partner->stock[s->stock];
    int left = t->weeks - HISTORY_WEEKS;
    s->from = HISTORY_WEEKS + (int)rand_of(t, (size_t)(left > 8 ? left - 7 : 1));
    s->weeks = STREAM_WEEKS_LEAST + (int)rand_of(t, 10);
    s->weekly = of->weekly * (0.5 + rand_unit(t)) + 1;
    s->reported = rand_chance(t, 0.4) && s->partner->telling != TELLS_NOTHING;
    s->lies = !s->reported && rand_chance(t, 0.3);
    switch (s->style) {
    case STYLE_BULK: s->weeks = 1 + (int)rand_of(t, 4), s->weekly = of->weekly * 4 + 8; break;
    case STYLE_TRICKLE: s->weeks = 10 + (int)rand_of(t, 10), s->weekly = of->weekly * 0.4 + 1; break;
    case STYLE_STRAW: s->reported = false, s->lies = true; break;
    case STYLE_CLIFF:
        s->reported = false, s->weeks = t->weeks, s->from = HISTORY_WEEKS, s->weekly = of->weekly * 5 + 6;
        break;
    case STYLE_STRIP: s->reported = false, s->lies = false; break;
    default: break;
    }
    s->buyer = trade_text(t, "%s%zu", s->style == STYLE_STRAW ? "恒通商贸" : "客户", rand_of(t, 100000));
    if (s->reported && s->style == STYLE_STRAW) s->reported = false;
}

static void add_stream(trade *t, trade_partner_of *p, size_t stock, trade_style style, trade_place to) {
    t->stream = arena_grown(&t->a, t->stream, t->streams, &t->stream_cap, sizeof *t->stream);
    trade_stream *s = &t->stream[t->streams++];
    *s = (trade_stream){.partner = p, .stock = stock, .style = style, .to = to, .first = DAY_MIN, .last = DAY_MIN};
    shape(t, s);
    p->cheats = rand_chance(t, 0.25);
}

static double carried(const trade *t) {
    double all = 0;
    for (size_t i = 0; i < t->partners; i++)
        for (size_t k = 0; k < t->partner[i].stocks; k++) all += t->partner[i].stock[k].weekly * t->weeks;
    return all;
}

static double diverted_by(const trade *t, const trade_stream *s) {
    int last = s->from + s->weeks < t->weeks ? s->from + s->weeks : t->weeks;
    double share = s->style == STYLE_CLIFF ? 1.0 / 13 : 1;
    return last > s->from ? s->weekly * (last - s->from) * share : 0;
}

static void make_streams(trade *t) {
    double wanted = carried(t) * (double)t->knobs.divert / 1000, done = 0;
    for (size_t tries = 0; done < wanted && tries < 20 * t->partners; tries++) {
        trade_partner_of *p = &t->partner[rand_of(t, t->partners)];
        bool taken = p->chain || p->declared;
        for (size_t k = 0; k < t->streams; k++) taken = taken || t->stream[k].partner == p;
        if (taken) continue;
        trade_style style = 1 + (trade_style)rand_of(t, STYLE_COUNT - 1);
        trade_place to = town_in(t, other_province(t, p->home.province));
        size_t stock = rand_of(t, p->stocks);
        if (style == STYLE_STRIP && !t->product[p->stock[stock].product].coded) style = STYLE_TRICKLE;
        add_stream(t, p, stock, style, to);
        done += diverted_by(t, &t->stream[t->streams - 1]);
        if (style != STYLE_SWAP) continue;
        trade_partner_of *q = &t->partner[rand_of(t, t->partners)];
        bool free_too = q != p && !q->chain && !q->declared && q->home.province != p->home.province;
        for (size_t k = 0; k < t->streams; k++) free_too = free_too && t->stream[k].partner != q;
        if (!free_too) continue;
        t->stream[t->streams - 1].to = q->home;
        add_stream(t, q, rand_of(t, q->stocks), STYLE_SWAP, p->home);
        done += diverted_by(t, &t->stream[t->streams - 1]);
    }
}

void trade_people(trade *t) {
    t->products = (size_t)t->knobs.products;
    t->partners = (size_t)t->knobs.partners;
    t->product = ARENA_NEW(&t->a, trade_product_of, t->products);
    t->partner = ARENA_NEW(&t->a, trade_partner_of, t->partners);
    for (size_t i = 0; i < t->products; i++) make_product(t, i);
    for (size_t i = 0; i < t->partners; i++) make_partner(t, i);
    if (t->knobs.divert) make_streams(t);
}
