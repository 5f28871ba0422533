/* Commands about sightings: scan import, scan push (agents), scan list. */
#include "formats/scans.h"
#include "daemon/catalog/partner.h"
#include "daemon/catalog/persons.h"
#include "daemon/catalog/product.h"
#include "daemon/catalog/region.h"
#include "daemon/command/cells.h"
#include "daemon/command/codes.h"
#include "daemon/command/file_table.h"
#include "daemon/command/problems.h"
#include "daemon/trace/sightings.h"
#include "proto/limits.h"
#include <inttypes.h>
#include <stdlib.h>

static const file_column scan_columns[SCANS_COLUMNS] = {
    [SCANS_TIME] = {"time|时间|扫码时间|扫描时间", true},
    [SCANS_CODE] = {"code|码|编码|扫码|码值", true},
    [SCANS_KIND] = {"kind|类型|扫码类型|扫码人类型", true},
    [SCANS_REGION] = {"region|地区|区域|扫码地区", true},
    [SCANS_LAT] = {"lat|纬度|latitude", false},
    [SCANS_LON] = {"lon|经度|lng|longitude", false},
    [SCANS_PLACE] = {"place|地点|门店|平台|店铺", false},
    [SCANS_BY] = {"by|扫码人|用户", false},
    [SCANS_SKU] = {"sku|商品编码|产品编码", false},
    [SCANS_PRICE] = {"price|价格|单价", false},
};

enum { CHUNK_BYTES = 128 * 1024, CHUNK_ARENA = 16 * 1024 * 1024, CHUNK_SCANS = 2048 };

typedef struct taker {
    call *c;
    problems p;
    str file, sender;
    uint64_t skip; /* rows before those of this call */
    uint64_t rows, added, repeated;
    arena a;
    Entry__Scan **scan;
    Entry__Person **person;
    size_t scans, persons, bytes;
} taker;

static void chunk_begin(taker *w) {
    arena_init(&w->a, CHUNK_ARENA);
    w->scan = ARENA_NEW(&w->a, Entry__Scan *, CHUNK_SCANS);
    w->person = ARENA_NEW(&w->a, Entry__Person *, CHUNK_SCANS);
    ASSERT(w->person != NULL);
    w->scans = w->persons = w->bytes = 0;
}

static char *kept(taker *w, str s) {
    return (char *)(uintptr_t)(s.n ? arena_str(&w->a, s).p : "");
}

static bool flush(taker *w, err *e) {
    Entry__Scans m = ENTRY__SCANS__INIT;
    AUTO(arena) a = {0};
    apply_result did = {.a = &a};
    if (w->scans == 0) return true;
    arena_init(&a, CHUNK_ARENA);
    m.scan = w->scan, m.n_scan = w->scans;
    m.person = w->person, m.n_person = w->persons;
    m.partner = kept(w, w->sender);
    m.file = kept(w, w->file);
    command_entry what = {KIND_SCANS, w->c->now_ms, call_actor(w->c), &m.base};
    TRY(journal_append(w->c->t, &what, &did, NULL, e));
    w->added += did.number;
    w->repeated += did.duplicate;
    arena_free(&w->a);
    chunk_begin(w);
    return true;
}

/* Who scanned is kept sealed, under a key of its own that `person erase` forgets. */
static char *seal(taker *w, str by) {
    char id[PERSON_ID];
    bool fresh;
    AUTO(buf) nonce = {0};
    AUTO(buf) sealed = {0};
    Entry__PersonData data = ENTRY__PERSON_DATA__INIT;
    if (by.n == 0) return kept(w, by);
    person_known_as(w->c->t, by, id, &fresh);
    char *text = kept(w, str_of(id));
    if (!fresh) return text;
    data.name = kept(w, by);
    data.note = (char *)(uintptr_t) "scanned a code";
    person_seal(w->c->t, str_of(id), &data, &nonce, &sealed);
    Entry__Person *p = arena_alloc(&w->a, sizeof *p);
    ASSERT(p != NULL);
    entry__person__init(p);
    p->id = text;
    p->nonce = (ProtobufCBinaryData){nonce.n, (uint8_t *)kept(w, buf_str(&nonce))};
    p->sealed = (ProtobufCBinaryData){sealed.n, (uint8_t *)kept(w, buf_str(&sealed))};
    w->person[w->persons++] = p;
    w->bytes += nonce.n + sealed.n + PERSON_ID;
    return text;
}

static bool take(taker *w, const scan_row *x, err *e) {
    Entry__Scan *s = arena_alloc(&w->a, sizeof *s);
    ASSERT(s != NULL);
    entry__scan__init(s);
    s->time_ms = x->time_ms;
    s->code = (ProtobufCBinaryData){x->code.n, (uint8_t *)kept(w, code_str(&x->code))};
    s->kind = x->kind;
    s->region = kept(w, x->region);
    s->placed = x->placed, s->lat = x->lat, s->lon = x->lon;
    s->place = kept(w, x->place);
    s->person = seal(w, x->by);
    s->sku = kept(w, x->sku);
    s->price = x->price;
    w->scan[w->scans++] = s;
    w->bytes += x->code.n + x->region.n + x->place.n + x->sku.n + 64;
    return (w->scans < CHUNK_SCANS && w->bytes < CHUNK_BYTES) || flush(w, e);
}

/* A place that is not known now may be learnt later: the scan is taken. */
static void doubt_region(taker *w, uint64_t row, const scan_row *x) {
    sighting s = {
        .day = day_at(x->time_ms, w->c->zone_min), .region = x->region, .place = x->place, .sender = w->sender};
    s.kind = x->kind;
    s.placed = x->placed, s.lat = x->lat, s.lon = x->lon;
    sighting_place at = sighting_place_of(w->c->t, &s);
    if (at.region && !(at.nearest && x->region.n)) return;
    if (at.region)
        problems_add(&w->p, false, w->file, row, "region", x->region, STR("a region"),
                     "it was taken; its coordinates say where it was");
    else
        problems_add(&w->p, false, w->file, row, "region", x->region, STR("a code, name or coordinates of a region"),
                     "it was taken; an alias of kind region makes it known");
}

static bool take_rows(taker *w, file_table *f, err *e) {
    for (size_t rows = 0;; rows++) {
        scan_row x;
        scan_fault why;
        file_line l;
        TRY(file_table_next(f, &l, e));
        if (l.no == 0) return flush(w, e);
        if (rows == LIMIT_IMPORT_ROWS)
            return err_set(e, ERR_DATA, "%s: more than %d rows; cut the file in two", f->rows.name, LIMIT_IMPORT_ROWS);
        uint64_t row = l.no + w->skip;
        w->rows++;
        bool ok = scan_read(l.cell, w->c->zone_min, &x, &why);
        if (ok && x.time_ms > w->c->now_ms + (int64_t)LIMIT_AHEAD_DAYS * 86400000) {
            why = (scan_fault){"time", "look at the clock of what sent it", l.cell[SCANS_TIME], "a time that has come"};
            ok = false;
        }
        if (!ok) {
            problems_add(&w->p, true, w->file, row, why.column, why.found, str_of(why.wanted), why.hint);
            continue;
        }
        if (x.warning[0])
            problems_add(&w->p, false, w->file, row, "code", l.cell[SCANS_CODE], str_of(x.warning),
                         "it was taken as it is");
        doubt_region(w, row, &x);
        TRY(take(w, &x, e));
    }
}

static bool take_file(taker *w, const attachment *file, err *e) {
    AUTO(file_table) f = {.n = 0};
    w->file = file->name;
    return file_table_open(&f, file, scan_columns, SCANS_COLUMNS, e) && take_rows(w, &f, e);
}

static void answer(taker *w) {
    json *j = answer_show(w->c);
    json_key(j, "rows"), json_uint(j, w->rows);
    json_key(j, "new"), json_uint(j, w->added);
    json_key(j, "repeated"), json_uint(j, w->repeated);
    json_key(j, "refused"), json_uint(j, w->p.refused);
    json_key(j, "warnings"), json_uint(j, w->p.warned);
    problems_answer(&w->p, w->c, j);
    answer_show_end(w->c);
}

static bool begin(call *c, taker *w, err *e) {
    uint32_t no;
    *w = (taker){.c = c, .sender = STR("")};
    TRY(option_partner(c, &no, e) && authz(c, "write", no, e));
    if (no) w->sender = arena_str(c->a, partner_id(c->t, no));
    problems_begin(&w->p);
    chunk_begin(w);
    return true;
}

static void end(taker *w) {
    problems_auto(&w->p);
    arena_free(&w->a);
}

bool cmd_scan_import(call *c, err *e) {
    taker w;
    TRY(begin(c, &w, e));
    bool ok = true;
    for (size_t i = 0; ok && i < call_file_count(c); i++) {
        attachment file = call_file(c, i);
        ok = take_file(&w, &file, e);
    }
    if (ok) answer(&w);
    end(&w);
    return ok;
}

/* What an agent read out of a file: its header and some of its rows. */
bool cmd_scan_push(call *c, err *e) {
    taker w;
    int64_t skip = 0;
    str name = call_option(c, "file"), before = call_option(c, "row");
    if (before.p && (!dec_parse(before, 0, &skip, NULL) || skip < 0 || skip > INT32_MAX))
        return err_set(e, ERR_USAGE, "--row: how many rows of the file came before");
    TRY(begin(c, &w, e));
    w.skip = (uint64_t)skip;
    bool ok = take_file(&w, &(attachment){name.p ? name : STR("scans"), call_arg(c, 0)}, e);
    if (ok) answer(&w);
    end(&w);
    return ok;
}

/* ---- scan list */

static void put(call *c, const sighting *s) {
    sighting_place at = sighting_place_of(c->t, s);
    uint32_t of = sighting_product(c->t, s);
    json *j = answer_row(c);
    cell_time(j, "time", s->time_ms, c->zone_min);
    cell_code(j, "code", &s->code);
    cell_text(j, "kind", str_of(scan_kind_name(s->kind)));
    cell_text(j, "region", at.region ? region_code(c->t, at.region) : STR(""));
    cell_text(j, "region_name", at.region ? region_name(c->t, at.region) : STR(""));
    cell_text(j, "region_source",
              at.nearest                 ? STR("coordinates")
              : at.region && s->region.n ? STR("stated")
              : at.region                ? STR("place")
                                         : STR("unknown"));
    json_key(j, "lat"), json_dec(j, s->placed ? s->lat : NUM_NONE, 6, 0);
    json_key(j, "lon"), json_dec(j, s->placed ? s->lon : NUM_NONE, 6, 0);
    cell_text(j, "place", s->place);
    cell_text(j, "partner", partner_id(c->t, at.partner));
    cell_text(j, "by", s->person);
    cell_text(j, "sku", of ? product_sku(c->t, of) : s->sku);
    json_key(j, "price"), json_dec(j, s->price, MICRO_SCALE, 2);
    cell_text(j, "sender", s->sender);
    answer_row_end(c);
}

bool cmd_scan_list(call *c, err *e) {
    static const char *const columns[] = {"time",  "code",  "kind",  "region",  "region_name", "region_source",
                                          "lat",   "lon",   "place", "partner", "by",          "sku",
                                          "price", "sender"};
    day_t from, to, today = day_at(c->now_ms, c->zone_min);
    str code = call_option(c, "code"), kind = call_option(c, "kind");
    scan_kind only = SCAN_KIND_COUNT;
    uint32_t sender;
    code_read k;
    sighting s;
    partner p;
    TRY(option_partner(c, &sender, e) && authz(c, "read", sender, e));
    if (kind.p && !scan_kind_parse(kind, &only))
        return err_set(e, ERR_USAGE, "--kind: consumer, terminal, dealer, inspector or online");
    TRY(call_day(c, "from", code.p ? DAY_MIN : today - 30, &from, e) &&
        call_day(c, "to", today + LIMIT_AHEAD_DAYS, &to, e));
    if (code.p) TRY(code_of(code, &k, e));
    answer_list(c, columns, ARRAY_LEN(columns));
    AUTO(kv_cursor) at = code.p ? sightings_of(c->t, &k.key) : sightings_from(c->t, from);
    while (!answer_failed(c) && (code.p ? sighting_of_next(&at, &k.key, &s) : sighting_next(&at, to, &s))) {
        if (s.day < from || s.day > to || (only != SCAN_KIND_COUNT && s.kind != only)) continue;
        if (sender && !(partner_by_id(c->t, s.sender, &p) && p.no == sender)) continue;
        put(c, &s);
    }
    return txn_ok(c->t, e);
}
