/* scans.csv → sightings, as `scan import` reads it. */
#include "daemon/catalog/centres.h"
#include "daemon/catalog/region.h"
#include "formats/scans.h"
#include "tools/channelctl/trace_files.h"
#include <stdio.h>

static const file_column columns[SCANS_COLUMNS] = {
    [SCANS_TIME] = {"time", true},      [SCANS_CODE] = {"code", false}, [SCANS_KIND] = {"kind", true},
    [SCANS_REGION] = {"region", false}, [SCANS_LAT] = {"lat", false},   [SCANS_LON] = {"lon", false},
    [SCANS_PLACE] = {"place", false},   [SCANS_BY] = {"by", false},     [SCANS_SKU] = {"sku", false},
    [SCANS_PRICE] = {"price", false}};

static uint8_t seen_as(scan_kind k) {
    static const trace_seen as[SCAN_KIND_COUNT] = {[SCAN_CONSUMER] = SEEN_CONSUMER,
                                                   [SCAN_TERMINAL] = SEEN_TERMINAL,
                                                   [SCAN_DEALER] = SEEN_DEALER,
                                                   [SCAN_INSPECTOR] = SEEN_INSPECTOR,
                                                   [SCAN_ONLINE] = SEEN_ONLINE};
    return (uint8_t)as[k];
}

static void place_at(trace_sighting *s, int32_t lat, int32_t lon, double blur) {
    s->lat = lat / 1e6, s->lon = lon / 1e6;
    s->blur_km = blur;
    s->placed = true;
}

/* Where it was: what is stated, else the centre nearest to the coordinates; and where that is on the globe. */
static bool find_place(trace_files *f, const file_line *l, const scan_row *x, trace_sighting *s, err *e) {
    uint32_t no = 0;
    int32_t lat, lon;
    s->source = REGION_UNKNOWN;
    if (x->region.n) {
        s->region = trace_region_word(f, s->by == TRACE_NONE ? 0 : s->by + 1, x->region);
        s->source = REGION_STATED;
        if (s->region == REGION_NOWHERE) return file_cell_wrong(l, SCANS_REGION, "a region: code or name", e);
    } else if (x->placed && (no = region_nearest(f->t, x->lat, x->lon)) != 0) {
        s->region = trace_region_of(f, no);
        s->source = REGION_STATED;
    }
    if (x->placed) {
        place_at(s, x->lat, x->lon, 0);
    } else if (s->region != REGION_NOWHERE) {
        char code[8];
        (void)snprintf(code, sizeof code, "%06d", s->region % 1000000);
        if (region_centre(f->t, region_by_code(f->t, str_of(code)), &lat, &lon)) place_at(s, lat, lon, CENTRE_BLUR_KM);
    }
    return true;
}

static bool take_scan(trace_files *f, const file_line *l, err *e) {
    scan_row x;
    scan_fault why;
    if (!scan_read(l->cell, f->world.zone, &x, &why))
        return err_set(e, ERR_DATA, "%s row %llu: %s is '%.*s', wanted %s; %s", l->file, (unsigned long long)l->no,
                       why.column, STR_ARG(str_take(why.found, 60)), why.wanted, why.hint);
    trace_sighting s = {.time = x.time_ms,
                        .holder = TRACE_NONE,
                        .customer = TRACE_NONE,
                        .kind = seen_as(x.kind),
                        .by = trace_partner_word(f, x.by),
                        .product = trace_product_word(f, x.sku),
                        .quantity = 1000,
                        .price = x.price,
                        .floor = NUM_NONE,
                        .code = STR(""),
                        .place = arena_str(&f->a, x.place),
                        .channel = STR(""),
                        .document = STR(""),
                        .moved = STR("")};
    if (x.sku.n && s.product == TRACE_NONE) return file_cell_wrong(l, SCANS_SKU, "a sku of products.csv", e);
    TRY(find_place(f, l, &x, &s, e));
    if (x.code.n) custody_look(f, &x.code, &s);
    else
        s.flags |= SIGHT_BARE;
    if (s.price != NUM_NONE && s.product != TRACE_NONE)
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
