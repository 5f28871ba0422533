/* Who sees a carton and its units, where it belongs or abroad. */
#include "tools/sim/trade.h"

#include <math.h>
#include <stdlib.h>

static void add_scan(trade *t, day_t day, const char *code, const char *kind, trade_place at, const char *by,
                     const char *place, size_t product) {
    int64_t second = 8 * 3600 + (int64_t)rand_of(t, 12 * 3600);
    if (day >= t->knobs.from + t->knobs.days) return;
    t->scan = arena_grown(&t->a, t->scan, t->scans, &t->scan_cap, sizeof *t->scan);
    t->scan[t->scans++] = (trade_scan){.time = ((int64_t)day * 86400 + second - 8 * 3600) * 1000,
                                       .code = code,
                                       .kind = kind,
                                       .region = trade_region_word(t, at),
                                       .by = by,
                                       .place = place,
                                       .product = product,
                                       .price = -1};
}

void trade_points(trade *t, trade_stream *s, int points, day_t day) {
    s->point = arena_grown(&t->a, s->point, s->points, &s->point_cap, sizeof *s->point);
    s->point[s->points++] = (trade_point){day, points};
}

static int by_day(const void *x, const void *y) {
    const trade_point *a = x, *b = y;
    return (a->day > b->day) - (a->day < b->day);
}

day_t trade_evidence(trade_stream *s) {
    int sum = 0;
    if (s->points) qsort(s->point, s->points, sizeof *s->point, by_day);
    for (size_t i = 0; i < s->points; i++)
        if ((sum += s->point[i].points) >= 6) return s->point[i].day;
    return DAY_MIN;
}

static day_t scan_day(const trade_scan *s) {
    return day_at(s->time, 8 * 60);
}

static trade_place wandered(trade *t, trade_place at) {
    double u = rand_unit(t);
    trade_place to = at;
    if (u < t->habits.border) { /* next door */
        size_t best = at.province;
        for (int tries = 0; tries < 6; tries++) {
            size_t p = rand_of(t, trade_province_count);
            if (p != at.province && (best == at.province || trade_km(p, at.province) < trade_km(best, at.province)))
                best = p;
        }
        to = (trade_place){best, rand_of(t, trade_provinces[best].cities)};
    } else if (u < t->habits.border + t->habits.travel) {
        size_t p = rand_of(t, trade_province_count);
        to = (trade_place){p, rand_of(t, trade_provinces[p].cities)};
    }
    return to;
}

static day_t later(trade *t, day_t day, double mean) {
    return day + 1 + (day_t)(-mean * log(1 - rand_unit(t)));
}

static void consumer(trade *t, day_t day, uint32_t code, int64_t unit, trade_place to) {
    add_scan(t, day, trade_unit_code(t, code, unit), "consumer", to, "", "", SIZE_MAX);
}

/* Gifts: several units of one carton go far, together. */
static void gifts(trade *t, size_t product, uint32_t code, day_t day) {
    if (!rand_chance(t, t->habits.gift * (double)t->product[product].pack)) return;
    size_t p = rand_of(t, trade_province_count);
    trade_place to = {p, rand_of(t, trade_provinces[p].cities)};
    int64_t n = 2 + (int64_t)rand_of(t, 4);
    for (int64_t i = 0; i < n && i < t->product[product].pack; i++)
        if (rand_chance(t, fmin(1, 3 * t->habits.scan))) consumer(t, later(t, day, 6), code, i, to);
}

/* Goods without codes: what they are and what they cost is noted, at times the lot. Scraped ones have none. */
static void noted(trade *t, size_t product, const trade_carton *c, const char *kind, trade_place at, day_t day,
                  const trade_stream *stream) {
    const trade_product_of *of = &t->product[product];
    bool lot = rand_chance(t, t->habits.lots) && !(stream && stream->style == STYLE_STRIP);
    const char *code = lot ? trade_text(t, "(01)0%s(10)L%u", of->gtin, c->lot) : "";
    size_t before = t->scans;
    add_scan(t, day, code, kind, at, "", "批发市场", product);
    if (t->scans == before || rand_chance(t, 0.5)) return;
    t->scan[before].price = of->floor * (stream ? 85 + (int64_t)rand_of(t, 20) : 101 + (int64_t)rand_of(t, 25)) / 100;
}

static void bare(trade *t, size_t product, const trade_carton *c, trade_place at, day_t day, trade_stream *stream) {
    const trade_habits *h = &t->habits;
    size_t before = t->scans;
    if (rand_chance(t, h->noted * (stream ? h->inspector_abroad : h->inspector)))
        noted(t, product, c, "inspector", at, day + 2 + (day_t)rand_of(t, 10), stream);
    if (rand_chance(t, h->noted * h->terminal / 10))
        noted(t, product, c, "terminal", at, day + 1 + (day_t)rand_of(t, 3), stream);
    for (size_t i = before; stream && i < t->scans; i++) trade_points(t, stream, 3, scan_day(&t->scan[i]));
}

void trade_seen(trade *t, const trade_partner_of *from, size_t product, const trade_carton *c, trade_place at,
                day_t day, trade_stream *stream) {
    const trade_habits *h = &t->habits;
    uint32_t code = c->code;
    if (code == 0 || (stream && stream->style == STYLE_STRIP)) {
        bare(t, product, c, at, day, stream);
        return;
    }
    size_t before = t->scans;
    if (rand_chance(t, h->terminal))
        add_scan(t, day + 1 + (day_t)rand_of(t, 3), trade_carton_code(t, code), "terminal", at, "", "门店", SIZE_MAX);
    if (rand_chance(t, h->dealer) && !stream)
        add_scan(t, day, trade_carton_code(t, code), "dealer", at, from->id, "", SIZE_MAX);
    if (rand_chance(t, stream ? h->inspector_abroad : h->inspector)) {
        day_t seen = day + 2 + (day_t)rand_of(t, 10);
        const char *label = rand_chance(t, 0.5) ? trade_carton_code(t, code) : trade_unit_code(t, code, 0);
        add_scan(t, seen, label, "inspector", at, "", "市场", SIZE_MAX);
    }
    for (size_t i = before; stream && i < t->scans; i++) trade_points(t, stream, 3, scan_day(&t->scan[i]));
    for (int64_t i = 0; i < t->product[product].pack; i++) {
        if (!rand_chance(t, h->scan)) continue;
        trade_place to = wandered(t, at);
        size_t made = t->scans;
        consumer(t, later(t, day, 12), code, i, to);
        bool there = stream && to.province == at.province && t->scans > made;
        if (there) trade_points(t, stream, 1, scan_day(&t->scan[made]));
    }
    if (!stream) gifts(t, product, code, day);
}
