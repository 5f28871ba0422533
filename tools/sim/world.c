#include "tools/sim/world.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { OPENING_CASES = 20, LOW_CASES = 8, COUNT_EVERY_DAYS = 7, PLACES_MIN = 3, PLACES_MAX = 8 };

static const char *text_of(world *w, const char *fmt, ...) PRINTF_LIKE(2, 3);
static const char *text_of(world *w, const char *fmt, ...) {
    char room[256];
    va_list args;
    va_start(args, fmt);
    vsnprintf(room, sizeof room, fmt, args);
    va_end(args);
    return arena_str(&w->text, str_of(room)).p;
}

/* A GS1 key of 13 digits: block 1 products, 2 partners, 3 shops. */
static const char *gs1_key(world *w, unsigned block, size_t no) {
    char digits[16];
    int sum = 0;
    snprintf(digits, sizeof digits, "699000%u%05zu", block, no % 100000);
    for (int i = 0; i < 12; i++) sum += (digits[i] - '0') * (i % 2 ? 3 : 1);
    return text_of(w, "%s%d", digits, (10 - sum % 10) % 10);
}

static bool chance(rng *r, int64_t per_cent) {
    return (int64_t)rng_below(r, 100) < per_cent;
}

/* --- who and what --- */

static const struct {
    const char *category, *name, *spec, *unit;
    int case_size, price;
} items[] = {
    {"饮用水", "天然水", "550ml", "瓶", 24, 200}, {"果汁", "橙汁", "1L", "瓶", 12, 980},
    {"茶饮", "茉莉花茶", "500ml", "瓶", 15, 400}, {"白酒", "浓香白酒", "500ml", "瓶", 6, 12800},
    {"乳品", "纯牛奶", "250ml", "盒", 16, 350},   {"碳酸饮料", "汽水", "330ml", "罐", 24, 300},
    {"饮用水", "纯净水", "1.5L", "瓶", 12, 400},  {"果汁", "苹果汁", "300ml", "瓶", 24, 450},
    {"茶饮", "乌龙茶", "500ml", "瓶", 15, 450},   {"白酒", "清香白酒", "500ml", "瓶", 6, 8800},
    {"啤酒", "啤酒", "500ml", "罐", 12, 600},     {"调味品", "酱油", "800ml", "瓶", 12, 1580},
};
static const char *const brands[] = {"清泉", "山泽", "果然", "云岭", "禾田", "江月"};

static void make_products(world *w) {
    w->products = (size_t)w->knobs.products;
    w->product = ARENA_NEW(&w->text, sim_product, w->products);
    for (size_t i = 0; i < w->products; i++) {
        size_t item = i % ARRAY_LEN(items), series = i / ARRAY_LEN(items);
        const char *brand = brands[series % ARRAY_LEN(brands)];
        series /= ARRAY_LEN(brands);
        w->product[i] = (sim_product){
            .sku = text_of(w, "P%04zu", i + 1),
            .gtin = gs1_key(w, 1, i + 1),
            .name = series ? text_of(w, "%s%s%zu号 %s", brand, items[item].name, series + 1, items[item].spec)
                           : text_of(w, "%s%s %s", brand, items[item].name, items[item].spec),
            .brand = brand,
            .category = items[item].category,
            .base_unit = items[item].unit,
            .case_size = items[item].case_size,
            .list_price = items[item].price,
            .floor_price = items[item].price * 3 / 4,
        };
    }
}

static void make_places(world *w, sim_partner *p, rng *r) {
    static const char *const streets[] = {"文苑", "中山路", "解放路", "人民路", "新华", "万达", "建设路", "朝阳"};
    _Static_assert(ARRAY_LEN(streets) == PLACES_MAX, "a street for each shop of a partner");
    p->places = PLACES_MIN + rng_below(r, PLACES_MAX - PLACES_MIN + 1);
    p->place = ARENA_NEW(&w->text, sim_place, p->places);
    for (size_t i = 0; i < p->places; i++) {
        sim_place *s = &p->place[i];
        s->district = &p->city->district[rng_below(r, CITY_DISTRICTS)];
        s->gln = gs1_key(w, 3, p->index * PLACES_MAX + i + 1);
        s->name = text_of(w, "%s%s店", s->district->name, streets[i]);
        s->known = !chance(r, w->knobs.unknown_places);
        s->id = s->known ? text_of(w, "%s-T%02zu", p->id, i + 1) : s->gln;
    }
}

static void make_partners(world *w, rng *r) {
    static const char *const words[] = {"恒信", "永昌", "盛达", "嘉禾", "同兴", "瑞丰", "广源", "泰和", "金桥", "顺意"};
    w->maker = "M";
    w->maker_gln = gs1_key(w, 2, 0);
    w->partners = (size_t)w->knobs.partners;
    w->partner = ARENA_NEW(&w->text, sim_partner, w->partners);
    for (size_t i = 0; i < w->partners; i++) {
        sim_partner *p = &w->partner[i];
        bool second_level = i % 5 == 4;
        size_t word = i / sim_city_count;
        p->index = i;
        p->city = &sim_cities[i % sim_city_count];
        p->id = text_of(w, "D%03zu", i + 1);
        p->gln = gs1_key(w, 2, i + 1);
        p->name = word < ARRAY_LEN(words) ? text_of(w, "%s%s商贸有限公司", p->city->name, words[word])
                                          : text_of(w, "%s第%zu商贸有限公司", p->city->name, word + 1);
        p->kind = second_level ? "sub_distributor" : "distributor";
        p->tier = second_level ? "B" : "A";
        p->parent = second_level ? w->partner[i - 1].id : w->maker;
        make_places(w, p, r);
    }
}

const char *own_code(world *w, const sim_partner *p, size_t product) {
    return text_of(w, "%c%02zu-%03zu", (char)('A' + p->index % 26), p->index % 100,
                   (product * 7 + 11) % 1000 + product / 1000 * 1000);
}

const char *own_name(world *w, size_t product) {
    const sim_product *p = &w->product[product];
    return text_of(w, "%s*%lld", p->name, (long long)p->case_size);
}

/* --- what happened --- */

static void *grown(void *list, size_t n, size_t *cap, size_t size) {
    if (n < *cap) return list;
    *cap = *cap ? 2 * *cap : 1024;
    list = reallocarray(list, *cap, size);
    ASSERT(list != NULL);
    return list;
}

void add_line(world *w, sim_content *c, sim_line l) {
    w->line = grown(w->line, w->lines, &w->line_cap, sizeof *w->line);
    if (!l.total) l.amount = l.quantity * l.price;
    w->line[w->lines++] = l;
    c->count++;
}

sim_document *add_document(world *w, const sim_partner *p, doc_type type, day_t day, const char *number) {
    w->doc = grown(w->doc, w->docs, &w->doc_cap, sizeof *w->doc);
    sim_document *d = &w->doc[w->docs++];
    *d = (sim_document){.partner = p, .type = type, .day = day, .number = number, .right = {.first = w->lines}};
    return d;
}

/* "XS2026050301": the first sale of that day. */
static const char *number_of(world *w, const char *prefix, day_t day, size_t nth) {
    civil c = civil_of(day);
    return text_of(w, "%s%04d%02u%02u%02zu", prefix, c.year, c.month, c.day, nth + 1);
}

static sim_line a_sale(const world *w, const sim_partner *p, rng *r, const int64_t *on_hand) {
    sim_line l = {.product = (uint32_t)rng_below(r, w->products)};
    l.place = (uint32_t)rng_below(r, p->places);
    const sim_product *product = &w->product[l.product];
    l.cased = chance(r, 40);
    l.quantity = l.cased ? product->case_size * (1 + (int64_t)rng_below(r, 5)) : 1 + (int64_t)rng_below(r, 24);
    l.price = product->list_price * (int64_t)(85 + rng_below(r, 16)) / 100;
    if (l.quantity > on_hand[l.product]) {
        l.quantity = on_hand[l.product];
        l.cased = false;
    }
    if (!chance(r, w->knobs.returns)) return l;
    l.quantity = -(1 + (int64_t)rng_below(r, 6));
    l.cased = false;
    return l;
}

/* Sent first, with a quantity that is off and sometimes a line that is not there in the end. */
static void make_wrong_content(world *w, sim_document *d, rng *r) {
    if (!chance(r, w->knobs.corrections)) return;
    d->correction = rng_below(r, 2) ? CORRECTED_BY_VERSION : CORRECTED_LATER;
    d->wrong = (sim_content){.first = w->lines};
    for (size_t i = 0; i < d->right.count; i++) add_line(w, &d->wrong, w->line[d->right.first + i]);
    sim_line *off = &w->line[d->wrong.first + rng_below(r, d->wrong.count)];
    off->quantity += off->quantity < 0 ? -1 : 1 + (int64_t)rng_below(r, 9);
    off->amount = off->quantity * off->price;
    off->cased = false;
    if (rng_below(r, 3) == 0) add_line(w, &d->wrong, w->line[d->right.first]);
}

static void make_sales(world *w, const sim_partner *p, day_t day, rng *r, int64_t *on_hand) {
    size_t n = chance(r, 8) ? 0 : chance(r, 25) ? 2 : 1;
    for (size_t k = 0; k < n; k++) {
        sim_document *d = add_document(w, p, TYPE_SALE, day, number_of(w, "XS", day, k));
        size_t wanted = 1 + rng_below(r, (uint64_t)(2 * w->knobs.lines - 1));
        for (size_t i = 0; i < wanted; i++) {
            sim_line l = a_sale(w, p, r, on_hand);
            bool with_gift = chance(r, w->knobs.gifts);
            if (l.quantity == 0) continue;
            add_line(w, &d->right, l);
            on_hand[l.product] -= l.quantity;
            if (!with_gift || l.quantity < 0 || on_hand[l.product] < 3) continue;
            sim_line gift = {
                .product = l.product, .place = l.place, .quantity = 1 + (int64_t)rng_below(r, 3), .gift = true};
            add_line(w, &d->right, gift);
            on_hand[l.product] -= gift.quantity;
        }
        if (d->right.count) {
            make_wrong_content(w, d, r);
        } else {
            w->docs--;
        }
    }
}

/* What is low comes in by the case; where receipts are not reported it comes in all the same. */
static void make_receipts(world *w, const sim_partner *p, day_t day, int64_t *on_hand) {
    sim_document *d = NULL;
    for (size_t i = 0; i < w->products; i++) {
        const sim_product *product = &w->product[i];
        if (on_hand[i] >= LOW_CASES * product->case_size) continue;
        sim_line l = {.product = (uint32_t)i,
                      .place = NO_PLACE,
                      .quantity = OPENING_CASES * product->case_size,
                      .price = product->list_price * 7 / 10,
                      .cased = true};
        on_hand[i] += l.quantity;
        if (!w->knobs.receipts) continue;
        if (d == NULL) d = add_document(w, p, TYPE_RECEIPT, day, number_of(w, "RK", day, 0));
        add_line(w, &d->right, l);
    }
}

static void make_count(world *w, const sim_partner *p, day_t day, const int64_t *on_hand) {
    if (!w->knobs.stock || (day - w->knobs.from) % COUNT_EVERY_DAYS != 0) return;
    sim_document *d = add_document(w, p, TYPE_STOCK, day, number_of(w, "PD", day, 0));
    for (size_t i = 0; i < w->products; i++)
        add_line(w, &d->right, (sim_line){.product = (uint32_t)i, .place = NO_PLACE, .quantity = on_hand[i]});
}

static void make_history(world *w, const sim_partner *p, rng *r) {
    int64_t *on_hand = ARENA_NEW(&w->text, int64_t, w->products);
    for (size_t i = 0; i < w->products; i++) on_hand[i] = OPENING_CASES * w->product[i].case_size;
    for (day_t day = w->knobs.from; day < w->knobs.from + w->knobs.days; day++) {
        make_sales(w, p, day, r, on_hand);
        make_receipts(w, p, day, on_hand);
        make_count(w, p, day, on_hand);
    }
}

void world_make(world *w, const sim_knobs *k) {
    rng r = {(uint64_t)k->seed};
    *w = (world){.knobs = *k};
    arena_init(&w->text, SIZE_MAX);
    make_products(w);
    make_partners(w, &r);
    for (size_t i = 0; i < w->partners; i++) make_history(w, &w->partner[i], &r);
    if (k->monthly) world_condense(w);
}

void world_free(world *w) {
    arena_free(&w->text);
    free(w->line);
    free(w->doc);
    *w = (world){0};
}

void world_auto(world *w) {
    world_free(w);
}

const char *line_kind(const sim_document *d, const sim_line *l) {
    if (d->type == TYPE_RECEIPT) return "receipt";
    if (d->type == TYPE_STOCK) return "count";
    return l->gift ? "gift_out" : l->quantity < 0 ? "return" : "sell_out";
}
