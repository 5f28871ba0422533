#include "daemon/trace/sightings.h"

#include "daemon/catalog/appliers.h"
#include "daemon/catalog/catalog.h"
#include "daemon/catalog/centres.h"
#include "daemon/catalog/partner.h"
#include "daemon/catalog/region.h"
#include "daemon/catalog/settings.h"
#include "daemon/store/keys.h"
#include "daemon/trace/codes.h"
#include "proto/digest.h"
#include "proto/limits.h"

static void put_body(const sighting *s, buf *b) {
    buf_byte(b, (char)s->kind);
    buf_be64(b, (uint64_t)s->time_ms);
    buf_text(b, code_str(&s->code));
    const str texts[] = {s->region, s->place, s->person, s->sku, s->sender};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) buf_text(b, texts[i]);
    buf_byte(b, (char)s->placed);
    buf_be32(b, (uint32_t)s->lat);
    buf_be32(b, (uint32_t)s->lon);
    buf_be64(b, (uint64_t)s->price);
}

static bool decode(str stored_key, str val, sighting *s) {
    reader k = reader_of(stored_key), r = reader_of(val);
    *s = (sighting){.day = read_day(&k)};
    str id = read_bytes(&k, SIGHTING_ID);
    if (k.bad) return false;
    memcpy(s->id, id.p, SIGHTING_ID);
    s->kind = (scan_kind)read_byte(&r);
    s->time_ms = (int64_t)read_be64(&r);
    str code = read_text(&r);
    if (code.n && !code_key_of(code, &s->code)) return false;
    s->region = read_text(&r);
    s->place = read_text(&r);
    s->person = read_text(&r);
    s->sku = read_text(&r);
    s->sender = read_text(&r);
    s->placed = read_byte(&r);
    s->lat = (int32_t)read_be32(&r);
    s->lon = (int32_t)read_be32(&r);
    s->price = (int64_t)read_be64(&r);
    return !r.bad;
}

kv_cursor sightings_from(txn *t, day_t from) {
    key k = {.n = 0};
    key_day(&k, from);
    return kv_from(t, TABLE_SIGHTING, STR(""), key_str(&k));
}

bool sighting_next(kv_cursor *c, day_t to, sighting *out) {
    return kv_next(c) && decode(c->key, c->val, out) && out->day <= to;
}

kv_cursor sightings_of(txn *t, const code_key *k) {
    return kv_from(t, TABLE_SIGHTING_CODE, code_str(k), STR_NONE);
}

bool sighting_of_next(kv_cursor *c, const code_key *k, sighting *out) {
    str val;
    if (!kv_next(c) || c->key.n <= k->n) return false;
    str at = str_skip(c->key, k->n);
    return kv_get(c->t, TABLE_SIGHTING, at, &val) && decode(at, val, out);
}

sighting_place sighting_place_of(txn *t, const sighting *s) {
    sighting_place at = {.region = 0};
    business_day on = {s->day, DAY_MIN, DAY_MAX};
    partner p;
    uint32_t sender = partner_by_id(t, s->sender, &p) ? p.no : 0;
    bool known = s->place.n && resolve_partner(t, sender, s->place, &on, false, &at.partner);
    if (!known) at.partner = s->kind == SCAN_DEALER || s->kind == SCAN_TERMINAL ? sender : 0;
    if (s->region.n && resolve_region(t, sender, s->region, s->day, &at.region)) return at;
    at.region = s->placed ? region_nearest(t, s->lat, s->lon) : 0;
    at.nearest = at.region != 0;
    if (at.region == 0 && at.partner && partner_by_no(t, at.partner, &p)) at.region = p.region;
    return at;
}

uint32_t sighting_product(txn *t, const sighting *s) {
    product_match m;
    business_day on = {s->day, DAY_MIN, DAY_MAX};
    code_row r;
    partner p;
    uint32_t no = 0;
    if (s->code.n) {
        (void)code_get(t, &s->code, &r);
        no = code_product(t, &r, s->time_ms);
    }
    uint32_t sender = partner_by_id(t, s->sender, &p) ? p.no : 0;
    return no == 0 && s->sku.n && resolve_product(t, sender, s->sku, &on, &m) ? m.no : no;
}

/* ---- applied */

static bool read_scan(const Entry__Scan *m, str sender, int zone, sighting *s, err *e) {
    *s = (sighting){.kind = (scan_kind)m->kind,
                    .time_ms = m->time_ms,
                    .day = day_at(m->time_ms, zone),
                    .region = str_of(m->region),
                    .place = str_of(m->place),
                    .person = str_of(m->person),
                    .sku = str_of(m->sku),
                    .sender = sender,
                    .placed = m->placed,
                    .lat = m->lat,
                    .lon = m->lon,
                    .price = m->price};
    bool ok = m->kind < SCAN_KIND_COUNT && s->day >= DAY_MIN && s->day <= DAY_MAX &&
              (m->code.len == 0 || code_key_of(str_from(m->code.data, m->code.len), &s->code));
    return ok || err_set(e, ERR_DATA, "a scan that cannot be read");
}

static void put_scan(txn *t, sighting *s, apply_result *r) {
    AUTO(buf) body = {0};
    uint8_t digest[DIGEST_SIZE];
    key k = {.n = 0}, by_code = {.n = 0};
    str val;
    put_body(s, &body);
    digest_of(buf_str(&body), digest);
    key_day(&k, s->day);
    key_bytes(&k, digest, SIGHTING_ID);
    if (kv_get(t, TABLE_SIGHTING, key_str(&k), &val)) {
        r->duplicate++;
        return;
    }
    kv_put(t, TABLE_SIGHTING, key_str(&k), buf_str(&body));
    r->number++;
    if (s->code.n == 0) return;
    key_bytes(&by_code, s->code.p, s->code.n);
    key_bytes(&by_code, k.p, k.n);
    kv_put(t, TABLE_SIGHTING_CODE, key_str(&by_code), STR(""));
}

bool trace_scans(txn *t, const entry *en, const Entry__Scans *m, apply_result *r, err *e) {
    int zone = (int)setting_number(t, SETTING_ZONE);
    sighting s;
    partner p;
    if (m->partner[0] && !partner_by_id(t, str_of(m->partner), &p))
        return err_set(e, ERR_NOT_FOUND, "unknown partner '%s'", m->partner);
    for (size_t i = 0; i < m->n_scan; i++) TRY(read_scan(m->scan[i], str_of(m->partner), zone, &s, e));
    for (size_t i = 0; i < m->n_person; i++) TRY(apply_person(t, en, m->person[i], e));
    for (size_t i = 0; i < m->n_scan; i++) {
        TRY(read_scan(m->scan[i], str_of(m->partner), zone, &s, e));
        put_scan(t, &s, r);
    }
    return txn_ok(t, e);
}
