#include "formats/scans.h"

#include "base/buf.h"
#include "base/calendar.h"
#include "formats/value.h"
#include "proto/limits.h"

bool scans_header(const table_row *row) {
    static const char *const wanted[] = {"time", "code", "kind", "region"};
    for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
        bool found = false;
        for (size_t k = 0; k < row->cells && !found; k++)
            found = str_ieq(str_trim(cell_clean(row->cell[k])), str_of(wanted[i]));
        if (!found) return false;
    }
    return true;
}

static bool fault(scan_fault *why, const char *column, str found, const char *wanted, const char *hint) {
    *why = (scan_fault){.column = column, .hint = hint, .found = found};
    (void)str_copy_z(str_of(wanted), why->wanted, sizeof why->wanted);
    return false;
}

/* "10:20", "10:20:31", "10:20:31.5" */
static bool clock_parse(str s, int64_t *ms) {
    str piece;
    int64_t part[3] = {0};
    size_t n = 0;
    for (; n < 3 && str_split(&s, ':', &piece); n++)
        if (!dec_parse(piece, n == 2 ? 3 : 0, &part[n], NULL)) return false;
    if (n < 2 || s.p != NULL || part[0] > 23 || part[1] > 59 || part[2] >= 60000 || part[0] < 0 || part[1] < 0 ||
        part[2] < 0)
        return false;
    *ms = part[0] * 3600000 + part[1] * 60000 + part[2];
    return true;
}

/* RFC 3339; a date and a time of day between a blank or T; a day of a spreadsheet with its fraction. */
static bool read_time(str s, int zone_min, int64_t *ms) {
    static const date_rule rule = {.order = DATE_YMD};
    const char *wanted, *hint;
    bool month_only;
    day_t day;
    int64_t clock = 0, serial;
    if (time_parse(s, zone_min, ms)) return true;
    if (dec_parse(s, 9, &serial, NULL) && serial > INT64_C(30000000000000) && serial < INT64_C(80000000000000)) {
        int64_t whole = serial / 1000000000, rest = serial % 1000000000;
        *ms = (whole - 25569) * 86400000 + (rest * 864 + 5000) / 10000 - (int64_t)zone_min * 60000;
        return true;
    }
    AUTO(buf) spaced = {0};
    size_t at = 0;
    while (at < s.n && s.p[at] >= '0' && s.p[at] <= '9') at++;
    if (at == s.n && (at == 14 || at == 12)) { /* 20260321102031 */
        buf_printf(&spaced, "%.8s %.2s:%.2s", s.p, s.p + 8, s.p + 10);
        if (at == 14) buf_printf(&spaced, ":%.2s", s.p + 12);
        s = buf_str(&spaced);
    }
    for (at = 0; at < s.n && s.p[at] != ' ' && s.p[at] != 'T';) at++;
    str rest = str_trim(str_skip(s, at + 1));
    if (!date_read(str_take(s, at), &rule, &day, &month_only, &wanted, &hint) || month_only) return false;
    if (rest.n && !clock_parse(rest, &clock)) return false;
    *ms = (int64_t)day * 86400000 + clock - (int64_t)zone_min * 60000;
    return true;
}

static bool degrees(str s, int64_t most, int32_t *out) {
    int64_t v;
    if (!dec_parse(s, 6, &v, NULL) || v > most * 1000000 || v < -most * 1000000) return false;
    *out = (int32_t)v;
    return true;
}

static bool read_place(const str *cell, scan_row *x, scan_fault *why) {
    str lat = cell[SCANS_LAT], lon = cell[SCANS_LON];
    if (lat.n + lon.n == 0) return true;
    if (!degrees(lat, 90, &x->lat))
        return fault(why, "lat", lat, "degrees from -90 to 90, beside lon", "write 30.274 or leave both empty");
    if (!degrees(lon, 180, &x->lon))
        return fault(why, "lon", lon, "degrees from -180 to 180, beside lat", "write 120.155 or leave both empty");
    x->placed = true;
    return true;
}

static bool read_code(str cell, scan_row *x, scan_fault *why) {
    code_read c;
    err e;
    AUTO(buf) said = {0};
    if (code_damaged(cell))
        return fault(why, "code", cell, "a whole code: the spreadsheet made it a number and lost its digits",
                     "format the column as text before filling it");
    if (!code_parse(cell, &c, &e))
        return fault(why, "code", cell, e.text, "correct it, or leave it empty and state the sku");
    x->code = c.key;
    code_warn(&said, &c);
    (void)str_copy_z(buf_str(&said), x->warning, sizeof x->warning);
    return true;
}

bool scan_read(const str cell[static SCANS_COLUMNS], int zone_min, scan_row *x, scan_fault *why) {
    static const int texts[] = {SCANS_REGION, SCANS_PLACE, SCANS_BY, SCANS_SKU};
    *x = (scan_row){.region = cell[SCANS_REGION],
                    .place = cell[SCANS_PLACE],
                    .by = cell[SCANS_BY],
                    .sku = cell[SCANS_SKU],
                    .price = NUM_NONE};
    if (!read_time(cell[SCANS_TIME], zone_min, &x->time_ms))
        return fault(why, "time", cell[SCANS_TIME], "a time", "write 2026-03-21 10:20:30 or 2026-03-21T10:20:30+08:00");
    if (!scan_kind_parse(cell[SCANS_KIND], &x->kind))
        return fault(why, "kind", cell[SCANS_KIND], "consumer, terminal, dealer, inspector or online",
                     "say who scanned");
    if (cell[SCANS_CODE].n && !read_code(cell[SCANS_CODE], x, why)) return false;
    if (x->code.n == 0 && x->sku.n == 0)
        return fault(why, "code", STR(""), "a code, or a sku where there is none", "fill in one of them");
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        if (cell[texts[i]].n > LIMIT_TEXT || !text_clean(cell[texts[i]]))
            return fault(why, "region", str_take(cell[texts[i]], 40), "texts of at most 256 bytes", "shorten it");
    if (cell[SCANS_PRICE].n && (!dec_parse(cell[SCANS_PRICE], MICRO_SCALE, &x->price, NULL) || x->price < 0))
        return fault(why, "price", cell[SCANS_PRICE], "a price, of one", "write 128.00");
    return read_place(cell, x, why);
}
