#include "daemon/trace/events.h"

#include "base/calendar.h"
#include "daemon/catalog/catalog.h"
#include "daemon/catalog/partner.h"
#include "daemon/store/keys.h"
#include "proto/frame.h"

enum { IS_SEEN = 1, IS_ERROR = 2, BY_MANUFACTURER = 4 };

static key no_key(uint64_t no) {
    key k = {.n = 0};
    key_u64(&k, no & ~CODE_EVENT_REF);
    return k;
}

bool event_by_key(txn *t, const uint8_t id[static EVENT_KEY], arena *a, trace_event *out) {
    str val;
    err why;
    if (!kv_get(t, TABLE_EVENT, str_from(id, EVENT_KEY), &val)) return false;
    reader r = reader_of(val);
    *out = (trace_event){.no = read_be64(&r)};
    int flags = read_byte(&r);
    memcpy(out->key, id, EVENT_KEY);
    out->seen = flags & IS_SEEN;
    out->error = flags & IS_ERROR;
    out->by_manufacturer = flags & BY_MANUFACTURER;
    out->feed = arena_str(a, read_text(&r));
    str packed = arena_str(a, str_from(r.p, (size_t)(r.end - r.p)));
    if (!r.bad && packed.p)
        out->e = (const void *)message_unpack(&entry__epcis_event__descriptor, packed, LIMIT_EVENT_CODES, a, &why);
    if (out->e) return true;
    err_set(&why, ERR_INTERNAL, "a record of events cannot be read");
    txn_fail(t, &why);
    return false;
}

bool event_get(txn *t, uint64_t ref, arena *a, trace_event *out) {
    key k = no_key(ref);
    uint8_t id[EVENT_KEY];
    str val;
    if (!kv_get(t, TABLE_EVENT_NO, key_str(&k), &val) || val.n != EVENT_KEY) return false;
    memcpy(id, val.p, EVENT_KEY);
    return event_by_key(t, id, a, out);
}

bool event_of_manufacturer(txn *t, uint64_t no) {
    key k = no_key(no);
    str val;
    uint8_t id[EVENT_KEY];
    if (!kv_get(t, TABLE_EVENT_NO, key_str(&k), &val) || val.n != EVENT_KEY) return false;
    memcpy(id, val.p, EVENT_KEY);
    return kv_get(t, TABLE_EVENT, str_from(id, EVENT_KEY), &val) && val.n > 8 && val.p[8] & BY_MANUFACTURER;
}

/* ---- who */

/* "(417)6901234000016" → its digits. */
static str digits_of(str id) {
    return str_starts(id, STR("(417)")) || str_starts(id, STR("(414)")) ? str_take(str_skip(id, 5), 13) : STR("");
}

uint32_t event_party(txn *t, str id, day_t day) {
    uint32_t no;
    business_day on = {day, DAY_MIN, DAY_MAX};
    if (id.n == 0) return 0;
    if (resolve_partner(t, 0, id, &on, false, &no)) return no;
    str digits = digits_of(id);
    return digits.n && resolve_partner(t, 0, digits, &on, false, &no) ? no : 0;
}

static day_t event_day(const Entry__EpcisEvent *e) {
    return day_at(e->time_ms, e->zone_min);
}

/* The owner, else who has it in hand, else where it is. */
static uint32_t side(txn *t, Entry__EpcisParty *const *list, size_t n, day_t day) {
    static const char *const types[] = {"owning_party", "possessing_party", "location"};
    for (size_t k = 0; k < ARRAY_LEN(types); k++)
        for (size_t i = 0; i < n; i++) {
            uint32_t no = str_is(str_of(list[i]->type), types[k]) ? event_party(t, str_of(list[i]->id), day) : 0;
            if (no) return no;
        }
    return 0;
}

static uint32_t nobody_when_maker(txn *t, uint32_t no) {
    partner p;
    return no && partner_by_no(t, no, &p) && p.kind == PARTNER_MANUFACTURER ? 0 : no;
}

void event_sides(txn *t, const Entry__EpcisEvent *e, uint32_t *from, uint32_t *to) {
    day_t day = event_day(e);
    *from = nobody_when_maker(t, side(t, e->source, e->n_source, day));
    *to = nobody_when_maker(t, side(t, e->destination, e->n_destination, day));
}

uint32_t event_place(txn *t, const Entry__EpcisEvent *e) {
    uint32_t no = event_party(t, str_of(e->location), event_day(e));
    return no ? no : event_party(t, str_of(e->read_point), event_day(e));
}
