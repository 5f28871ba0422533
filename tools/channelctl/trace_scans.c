/* scans.csv → sightings. */
#include "tools/channelctl/trace_files.h"
#include <stdio.h>
#include <string.h>

enum { S_TIME, S_CODE, S_KIND, S_REGION, S_LAT, S_LON, S_PLACE, S_BY, S_SKU, S_PRICE };
static const file_column columns[] = {{"time", true}, {"code", false}, {"kind", true},   {"region", false},
                                      {"lat", false}, {"lon", false},  {"place", false}, {"by", false},
                                      {"sku", false}, {"price", false}};

static bool read_kind(const file_line *l, uint8_t *out, err *e) {
    static const char *const names[] = {"consumer", "terminal", "dealer", "inspector", "online"};
    for (uint8_t k = 0; k < ARRAY_LEN(names); k++)
        if (str_ieq(l->cell[S_KIND], str_of(names[k]))) return *out = k, true;
    return file_cell_wrong(l, S_KIND, "consumer, terminal, dealer, inspector or online", e);
}

/* 2026-03-04T12:00:00+08:00, the same without zone, or a day. */
static bool read_time(const trace_files *f, const file_line *l, int64_t *out, err *e) {
    char local[48];
    str t = l->cell[S_TIME];
    if (time_parse(t, f->world.zone, out)) return true;
    if (t.n == 16) (void)snprintf(local, sizeof local, "%.*s:00", STR_ARG(t));
    else
        (void)snprintf(local, sizeof local, "%.*s", STR_ARG(str_take(t, 30)));
    (void)strncat(local, "Z", 2);
    if (!time_parse(str_of(local), 0, out))
        return file_cell_wrong(l, S_TIME, "a time like 2026-03-04T12:00:00+08:00", e);
    *out -= (int64_t)f->world.zone * 60000;
    return true;
}

static bool read_degrees(const file_line *l, size_t at, int most, double *out, err *e) {
    int64_t v;
    if (dec_parse(l->cell[at], MICRO_SCALE, &v, NULL) && v >= -(int64_t)most * 1000000 && v <= (int64_t)most * 1000000)
        return *out = (double)v / 1e6, true;
    return file_cell_wrong(l, at, most == 90 ? "a latitude in degrees" : "a longitude in degrees", e);
}

static bool read_where(trace_files *f, const file_line *l, trace_sighting *s, err *e) {
    s->source = REGION_UNKNOWN;
    if (l->cell[S_LAT].n && l->cell[S_LON].n) {
        TRY(read_degrees(l, S_LAT, 90, &s->lat, e) && read_degrees(l, S_LON, 180, &s->lon, e));
        s->placed = true;
    }
    if (l->cell[S_REGION].n == 0) return true;
    s->region = trace_region_word(f, s->by == TRACE_NONE ? 0 : s->by + 1, l->cell[S_REGION]);
    s->source = REGION_STATED;
    return s->region != REGION_NOWHERE || file_cell_wrong(l, S_REGION, "a region: code or name", e);
}

static bool take_scan(trace_files *f, const file_line *l, err *e) {
    trace_sighting s = {.holder = TRACE_NONE,
                        .customer = TRACE_NONE,
                        .quantity = 1000,
                        .price = NUM_NONE,
                        .floor = NUM_NONE,
                        .channel = STR(""),
                        .document = STR(""),
                        .moved = STR("")};
    TRY(read_time(f, l, &s.time, e) && read_kind(l, &s.kind, e));
    s.by = trace_partner_word(f, l->cell[S_BY]);
    s.product = trace_product_word(f, l->cell[S_SKU]);
    if (l->cell[S_SKU].n && s.product == TRACE_NONE) return file_cell_wrong(l, S_SKU, "a sku of products.csv", e);
    if (l->cell[S_PRICE].n && !dec_parse(l->cell[S_PRICE], MICRO_SCALE, &s.price, NULL))
        return file_cell_wrong(l, S_PRICE, "a price", e);
    TRY(read_where(f, l, &s, e));
    s.place = arena_str(&f->a, l->cell[S_PLACE]);
    s.code = STR("");
    if (l->cell[S_CODE].n) custody_look(f, l->cell[S_CODE], &s);
    else
        s.flags |= SIGHT_BARE;
    if (s.price != NUM_NONE && s.product != TRACE_NONE && s.holder != TRACE_NONE)
        s.floor = trace_floor(f, s.product, s.holder, STR(""), day_at(s.time, f->world.zone));
    f->sighting = arena_grown(&f->a, f->sighting, f->sightings, &f->sighting_cap, sizeof *f->sighting);
    f->sighting[f->sightings++] = s;
    return true;
}

bool trace_scans_read(trace_files *f, err *e) {
    AUTO(buf) bytes = {0};
    AUTO(file_table) rows = {.n = 0};
    bool there;
    TRY(trace_file_bytes(f, "scans.csv", &bytes, &there, e));
    if (!there || str_trim(buf_str(&bytes)).n == 0) return true;
    attachment file = {STR("scans.csv"), buf_str(&bytes)};
    TRY(file_table_open(&rows, &file, columns, ARRAY_LEN(columns), e));
    return trace_table_read(f, &rows, take_scan, e);
}
