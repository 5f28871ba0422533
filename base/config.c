#include "base/config.h"

#include "base/num.h"
#include <inttypes.h>

typedef struct unit {
    const char *name;
    int64_t factor;
} unit;

static const unit durations[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"d", 86400000}};
static const unit sizes[] = {{"", 1}, {"KiB", 1024}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"TiB", INT64_C(1) << 40}};

/* What a type is called and how its values are written. */
static const struct type_fact {
    const char *name, *example;
    const unit *units;
    size_t unit_count;
} types[] = {
    [CONFIG_DURATION] = {"a duration", "30s, 5m", durations, ARRAY_LEN(durations)},
    [CONFIG_SIZE] = {"a size", "64KiB, 16GiB", sizes, ARRAY_LEN(sizes)},
    [CONFIG_COUNT] = {"a whole number", "4", NULL, 0},
    [CONFIG_BOOL] = {"yes or no", "yes", NULL, 0},
    [CONFIG_CHOICE] = {"one of the choices", NULL, NULL, 0},
    [CONFIG_TEXT] = {"a text", NULL, NULL, 0},
    [CONFIG_ENDPOINT] = {"an address", "tcp://0.0.0.0:7400", NULL, 0},
};

static bool parse_with_unit(str s, const struct type_fact *type, int64_t *out) {
    size_t digits = 0;
    while (digits < s.n && s.p[digits] >= '0' && s.p[digits] <= '9') digits++;
    int64_t n;
    if (digits == 0 || !dec_parse(str_take(s, digits), 0, &n, NULL)) return false;
    str name = str_skip(s, digits);
    for (size_t i = 0; i < type->unit_count; i++)
        if (str_is(name, type->units[i].name)) return !__builtin_mul_overflow(n, type->units[i].factor, out);
    *out = n;
    return type->unit_count == 0 && name.n == 0;
}

static bool parse_choice(str s, const char *choices, int64_t *out) {
    str rest = str_of(choices), choice;
    for (*out = 0; str_split(&rest, '|', &choice); ++*out)
        if (str_eq(choice, s)) return true;
    return false;
}

static bool endpoint_ok(str s) {
    if (str_starts(s, STR("tcp://"))) s = str_skip(s, 6);
    size_t colon = s.n;
    while (colon > 0 && s.p[colon - 1] != ':') colon--;
    int64_t port;
    if (colon < 2 || !dec_parse(str_skip(s, colon), 0, &port, NULL) || s.p[colon] == '-' || s.p[colon] == '+')
        return false;
    for (size_t i = 0; i + 1 < colon; i++)
        if (s.p[i] <= ' ' || s.p[i] == '/' || s.p[i] == 0x7f) return false;
    return port >= 0 && port <= 65535;
}

static void put_bound(const config_key *k, int64_t v, buf *out);

static bool wrong(const config_key *k, str value, err *e) {
    const struct type_fact *type = &types[k->type];
    const char *example = k->type == CONFIG_CHOICE ? k->choices : type->example;
    return err_set(e, ERR_CONFIG, "%s: '%.*s' is not %s%s%s%s", k->name, STR_ARG(str_take(value, 60)), type->name,
                   example ? " (" : "", example ? example : "", example ? ")" : "");
}

static bool within(const config_key *k, int64_t v, str value, err *e) {
    if (v >= k->min && v <= k->max) return true;
    buf bounds = {0};
    put_bound(k, k->min, &bounds);
    buf_addz(&bounds, " to ");
    put_bound(k, k->max, &bounds);
    err_set(e, ERR_CONFIG, "%s: %.*s is out of bounds (%s)", k->name, STR_ARG(str_take(value, 60)), buf_z(&bounds));
    buf_free(&bounds);
    return false;
}

static bool set_text(const config_key *k, str value, char *field, err *e) {
    if (!utf8_valid(value) || !text_clean(value)) return wrong(k, value, e);
    if (k->type == CONFIG_ENDPOINT && !endpoint_ok(value)) return wrong(k, value, e);
    if (value.n < (size_t)k->min || value.n > (size_t)k->max || value.n >= k->size)
        return err_set(e, ERR_CONFIG, "%s: %zu bytes long, wanted %" PRId64 " to %" PRId64, k->name, value.n, k->min,
                       k->max);
    (void)str_copy_z(value, field, k->size);
    return true;
}

static bool set_key(const config_key *k, str value, void *out, err *e) {
    char *field = (char *)out + k->at;
    int64_t v = 0;
    switch (k->type) {
    case CONFIG_TEXT:
    case CONFIG_ENDPOINT: return set_text(k, value, field, e);
    case CONFIG_BOOL:
        if (!str_is(value, "yes") && !str_is(value, "no")) return wrong(k, value, e);
        *(bool *)(void *)field = str_is(value, "yes");
        return true;
    case CONFIG_CHOICE:
        if (!parse_choice(value, k->choices, &v)) return wrong(k, value, e);
        break;
    case CONFIG_DURATION:
    case CONFIG_SIZE:
    case CONFIG_COUNT:
        if (!parse_with_unit(value, &types[k->type], &v)) return wrong(k, value, e);
        TRY(within(k, v, value, e));
        break;
    }
    memcpy(field, &v, sizeof v);
    return true;
}

void config_presets(const config_schema *s, void *out) {
    for (size_t i = 0; i < s->count; i++) {
        err e;
        ASSERT(set_key(&s->keys[i], str_of(s->keys[i].preset), out, &e));
    }
}

static bool set_named(const config_schema *s, str name, str value, void *out, size_t *which, err *e) {
    for (size_t i = 0; i < s->count; i++)
        if (str_is(name, s->keys[i].name)) {
            *which = i;
            return set_key(&s->keys[i], value, out, e);
        }
    return err_set(e, ERR_CONFIG, "unknown key '%.*s' (--print-config lists them)", STR_ARG(str_take(name, 60)));
}

/* A # begins a comment at the start of a line or of a value, and after whatever str_trim() takes for a blank. */
static str without_comment(str line) {
    for (size_t i = 0; i < line.n; i++) {
        str before = str_take(line, i), kept = str_trim(before);
        bool begins = kept.n == 0 || kept.p[kept.n - 1] == ':' || kept.p + kept.n != before.p + before.n;
        if (line.p[i] == '#' && begins) return before;
    }
    return line;
}

static bool parse_line(const config_schema *s, str line, void *out, uint64_t *seen, err *e) {
    line = str_trim(without_comment(line));
    if (line.n == 0) return true;
    size_t colon = str_find(line, STR(":"));
    if (colon == SIZE_MAX) return err_set(e, ERR_CONFIG, "'%.*s' is not `key: value`", STR_ARG(str_take(line, 60)));
    size_t which = 0;
    TRY(set_named(s, str_trim(str_take(line, colon)), str_trim(str_skip(line, colon + 1)), out, &which, e));
    if (*seen >> which & 1u) return err_set(e, ERR_CONFIG, "%s: given twice", s->keys[which].name);
    *seen |= UINT64_C(1) << which;
    return true;
}

bool config_parse(const config_schema *s, str text, const char *file, void *out, err *e) {
    ASSERT(s->count <= 64);
    if (text.n > CONFIG_FILE_BYTES) return err_set(e, ERR_CONFIG, "%s: larger than %d bytes", file, CONFIG_FILE_BYTES);
    uint64_t seen = 0;
    str line;
    for (size_t no = 1; str_split(&text, '\n', &line); no++)
        if (!parse_line(s, line, out, &seen, e)) return err_wrap(e, "%s:%zu", file, no);
    return true;
}

bool config_set(const config_schema *s, str assignment, void *out, err *e) {
    size_t eq = str_find(assignment, STR("=")), which;
    if (eq == SIZE_MAX)
        return err_set(e, ERR_CONFIG, "--set: '%.*s' is not key=value", STR_ARG(str_take(assignment, 60)));
    return set_named(s, str_trim(str_take(assignment, eq)), str_trim(str_skip(assignment, eq + 1)), out, &which, e) ||
           err_wrap(e, "--set");
}

static bool same(const config_key *k, const void *a, const void *b) {
    const char *x = (const char *)a + k->at, *y = (const char *)b + k->at;
    bool text = k->type == CONFIG_TEXT || k->type == CONFIG_ENDPOINT;
    return text ? strcmp(x, y) == 0 : memcmp(x, y, k->size) == 0;
}

bool config_may_reload(const config_schema *s, const void *old, const void *new, err *e) {
    for (size_t i = 0; i < s->count; i++)
        if (!s->keys[i].reload && !same(&s->keys[i], old, new))
            return err_set(e, ERR_CONFIG, "%s: cannot change while running; restart", s->keys[i].name);
    return true;
}

/* The greatest unit that divides v, so that what is printed can be read back. */
static void put_bound(const config_key *k, int64_t v, buf *out) {
    const struct type_fact *type = &types[k->type];
    size_t best = 0;
    for (size_t i = 0; i < type->unit_count; i++)
        if (v != 0 && v % type->units[i].factor == 0) best = i;
    if (type->unit_count) buf_printf(out, "%" PRId64 "%s", v / type->units[best].factor, type->units[best].name);
    else
        buf_printf(out, "%" PRId64, v);
}

static void put_value(const config_key *k, const void *values, buf *out) {
    const char *field = (const char *)values + k->at;
    int64_t v = 0;
    if (k->type == CONFIG_TEXT || k->type == CONFIG_ENDPOINT) {
        buf_addz(out, field);
        return;
    }
    if (k->type == CONFIG_BOOL) {
        buf_addz(out, *(const bool *)(const void *)field ? "yes" : "no");
        return;
    }
    memcpy(&v, field, sizeof v);
    if (k->type != CONFIG_CHOICE) {
        put_bound(k, v, out);
        return;
    }
    str rest = str_of(k->choices), choice = STR("");
    for (int64_t i = 0; i <= v && str_split(&rest, '|', &choice); i++) {
    }
    buf_add(out, choice);
}

static void put_facts(const config_key *k, buf *out) {
    const struct type_fact *type = &types[k->type];
    buf_printf(out, "# %s", type->name);
    if (k->type == CONFIG_CHOICE) buf_printf(out, ": %s", k->choices);
    else if (type->example)
        buf_printf(out, " (%s)", type->example);
    if (k->type <= CONFIG_COUNT) {
        buf_addz(out, ", ");
        put_bound(k, k->min, out);
        buf_addz(out, " to ");
        put_bound(k, k->max, out);
    } else if (k->type == CONFIG_TEXT) {
        buf_printf(out, ", %" PRId64 " to %" PRId64 " bytes", k->min, k->max);
    }
    buf_printf(out, "; default %s%s\n", *k->preset ? k->preset : "empty", k->reload ? "; taken over by SIGHUP" : "");
}

void config_print(const config_schema *s, const void *values, buf *out) {
    for (size_t i = 0; i < s->count; i++) {
        const config_key *k = &s->keys[i];
        buf_printf(out, "%s# %s\n", i ? "\n" : "", k->help);
        put_facts(k, out);
        buf_printf(out, "%s: ", k->name);
        put_value(k, values, out);
        buf_byte(out, '\n');
    }
}
