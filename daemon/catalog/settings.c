#include "daemon/catalog/settings.h"

#include "base/num.h"
#include "daemon/catalog/appliers.h"
#include "daemon/catalog/catalog.h"
#include "daemon/catalog/cell.h"

#include <stdlib.h>

const setting_fact setting_facts[SETTING_COUNT] = {
#define X(id, name, type, otherwise, min, max, choices, unit, help)                                                    \
    [id] = {name, type, otherwise, min, max, choices, unit, help},
    SETTINGS(X)
#undef X
};

bool setting_parse(str name, setting_id *out) {
    for (setting_id s = 0; s < SETTING_COUNT; s++)
        if (str_is(name, setting_facts[s].name)) return *out = s, true;
    return false;
}

static bool check_currency(str v, buf *out, int64_t *number) {
    if (!currency_ok(v)) return false;
    *number = (int64_t)currency_no(v);
    buf_add(out, v);
    return true;
}

static bool check_choice(const setting_fact *f, str v, buf *out, int64_t *number) {
    str rest = str_of(f->choices), word;
    for (*number = 0; str_split(&rest, '|', &word); ++*number)
        if (str_eq(word, v)) return buf_add(out, v), true;
    return false;
}

static bool check_rate(str v, buf *out, int64_t *number) {
    if (!cell_rate(v, number)) return false;
    dec_put(out, *number, RATE_SCALE, 0);
    return true;
}

static bool check_day(str v, buf *out, int64_t *number) {
    day_t d;
    if (!cell_as_day(v, &d)) return false;
    *number = d;
    day_put(out, d);
    return true;
}

static bool check_zone(str v, buf *out, int64_t *number) {
    int minutes;
    if (!zone_parse(v, &minutes)) return false;
    *number = minutes;
    buf_printf(out, "%c%02d:%02d", minutes < 0 ? '-' : '+', abs(minutes) / 60, abs(minutes) % 60);
    return true;
}

static bool check_count(str v, buf *out, int64_t *number) {
    bool exact;
    if (!dec_parse(v, 0, number, &exact) || !exact) return false;
    dec_put(out, *number, 0, 0);
    return true;
}

static bool check_id(str v, buf *out, int64_t *number) {
    *number = 0;
    if (!catalog_id_ok(v)) return false;
    buf_add(out, v);
    return true;
}

/* Bounds are looked at by the caller. */
static bool check_starts(str v, buf *out, int64_t *number) {
    if (!str_is(v, "calendar")) return check_count(v, out, number);
    *number = 1;
    buf_add(out, v);
    return true;
}

static bool check_type(const setting_fact *f, str v, buf *out, int64_t *number) {
    switch (f->type) {
    case SETTING_TYPE_CURRENCY: return check_currency(v, out, number);
    case SETTING_TYPE_CHOICE: return check_choice(f, v, out, number);
    case SETTING_TYPE_RATE: return check_rate(v, out, number);
    case SETTING_TYPE_DAY: return check_day(v, out, number);
    case SETTING_TYPE_ZONE: return check_zone(v, out, number);
    case SETTING_TYPE_COUNT_OF: return check_count(v, out, number);
    case SETTING_TYPE_ID: return check_id(v, out, number);
    case SETTING_TYPE_STARTS: return check_starts(v, out, number);
    }
    return false;
}

static const char *wanted(const setting_fact *f) {
    switch (f->type) {
    case SETTING_TYPE_CURRENCY: return "three letters like CNY";
    case SETTING_TYPE_CHOICE: return f->choices;
    case SETTING_TYPE_RATE: return "a rate like 13% or 0.13";
    case SETTING_TYPE_DAY: return "a date like 2000-01-01";
    case SETTING_TYPE_ZONE: return "a zone like +08:00";
    case SETTING_TYPE_COUNT_OF: return "a whole number";
    case SETTING_TYPE_ID: return "an id of at most 64 bytes";
    case SETTING_TYPE_STARTS: return "a day from 1 to 28, or calendar";
    }
    return "";
}

bool setting_check(setting_id id, str value, buf *canonical, int64_t *number, err *e) {
    const setting_fact *f = &setting_facts[id];
    value = str_trim(value);
    if (!check_type(f, value, canonical, number))
        return err_set(e, ERR_DATA, "setting %s: '%.*s' found, wanted %s", f->name, STR_ARG(value), wanted(f));
    if (f->max != f->min && (*number < f->min || *number > f->max)) {
        AUTO(buf) b = {0};
        buf_printf(&b, "setting %s: '%.*s' is out of bounds", f->name, STR_ARG(value));
        if (f->type == SETTING_TYPE_COUNT_OF || f->type == SETTING_TYPE_STARTS)
            buf_printf(&b, " (%lld … %lld)", (long long)f->min, (long long)f->max);
        return err_set(e, ERR_DATA, "%s", buf_z(&b));
    }
    return true;
}

static bool stored(txn *t, setting_id id, str *val) {
    return kv_get(t, TABLE_SETTING, str_of(setting_facts[id].name), val) && val->n >= 8;
}

str setting_text(txn *t, setting_id id) {
    str val;
    return stored(t, id, &val) ? str_skip(val, 8) : str_of(setting_facts[id].otherwise);
}

uint64_t setting_entry(txn *t, setting_id id) {
    str val;
    return stored(t, id, &val) ? get_be64(val.p) : 0;
}

int64_t setting_number(txn *t, setting_id id) {
    AUTO(buf) canonical = {0};
    int64_t n = 0;
    ASSERT(check_type(&setting_facts[id], setting_text(t, id), &canonical, &n));
    return n;
}

bool apply_setting(txn *t, const entry *en, const Entry__Setting *m, err *e) {
    AUTO(buf) canonical = {0};
    AUTO(buf) val = {0};
    setting_id id;
    int64_t number;
    if (!setting_parse(str_of(m->name), &id)) return err_set(e, ERR_DATA, "setting '%s': no such setting", m->name);
    TRY(setting_check(id, str_of(m->value), &canonical, &number, e));
    buf_be64(&val, en->seq);
    buf_add(&val, buf_str(&canonical));
    kv_put(t, TABLE_SETTING, str_of(setting_facts[id].name), buf_str(&val));
    return true;
}
