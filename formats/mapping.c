#include "formats/mapping.h"

#include "base/file.h"
#include "formats/privacy.h"
#include "formats/yaml.h"
#include "proto/limits.h"

#include <stdlib.h>

enum {
    MAPPING_BYTES = 256 * 1024,
    MAPPING_HEADERS = 64,
    MAPPING_TYPES = 1000,
    MAPPING_SKIPS = 64,
    MAPPING_BRANDS = 256,
    SKIP_DOUBLINGS = 8
};

static const char *const names[FIELD_COUNT] = {
#define X(col, no, name) [FIELD_##col] = name,
    LINE_TEXTS(X) DOC_TEXTS(X)
#undef X
#define X(col, no, name, scale, delta) [FIELD_##col] = name,
        LINE_NUMBERS(X)
#undef X
            [FIELD_BRAND] = "brand",
};

const char *field_name(field f) {
    return names[f];
}

bool field_parse(str name, field *out) {
    for (field f = 0; f < FIELD_COUNT; f++)
        if (f != FIELD_N_ROW && f != FIELD_N_SHEET && str_is(name, names[f])) return *out = f, true;
    return false;
}

static bool is_number_field(field f) {
    return f == FIELD_N_QUANTITY || f == FIELD_N_UNIT_PRICE || f == FIELD_N_AMOUNT || f == FIELD_N_TAX_RATE ||
           f == FIELD_N_DISCOUNT;
}

static bool entry_field(const node *n, field *out, err *e) {
    return field_parse(n->key, out) || err_set(e, ERR_CONFIG,
                                               "line %u: '%.*s' is not a field; fields are the canonical "
                                               "columns: type, number, date, sku, quantity, amount, …",
                                               n->line, STR_ARG(n->key));
}

static str keep(mapping *m, str s) {
    return arena_str(&m->text, s);
}

/* ---- one function a key ---- */

static bool read_name(mapping *m, const node *v, err *e) {
    if (v->kind != NODE_TEXT || v->text.n == 0 || v->text.n > LIMIT_NAME)
        return node_wanted(v, "name", "a short name", e);
    m->name = keep(m, v->text);
    return true;
}

static bool read_header(mapping *m, mapping_field *to, const node *v, err *e) {
    str name = str_trim(v->text);
    if (v->kind != NODE_TEXT || name.n == 0 || name.n > LIMIT_TEXT)
        return node_wanted(v, "a column", "the name in the header, or the number of the column from 1", e);
    to->header[to->headers++] = keep(m, name);
    return true;
}

static bool read_column(mapping *m, const node *v, err *e) {
    field f;
    TRY(entry_field(v, &f, e));
    mapping_field *to = &m->columns[f];
    int64_t column;
    err none;
    if (v->kind == NODE_TEXT && !v->quoted && node_int(v, "a column", 1, LIMIT_COLUMNS, &column, &none)) {
        to->column = (unsigned)column;
        return true;
    }
    size_t n = v->kind == NODE_LIST ? v->count : 1;
    if (n == 0 || n > MAPPING_HEADERS || v->kind == NODE_MAP)
        return err_set(e, ERR_CONFIG,
                       "line %u: columns: %s wants a header, a list of 1 to %d headers, or a number from 1", v->line,
                       field_name(f), MAPPING_HEADERS);
    to->header = ARENA_NEW(&m->text, str, n);
    if (v->kind == NODE_TEXT) return read_header(m, to, v, e);
    for (const node *h = v->first; h; h = h->next) TRY(read_header(m, to, h, e));
    return true;
}

static bool read_columns(mapping *m, const node *v, err *e) {
    TRY(node_is(v, NODE_MAP, "columns", e));
    for (const node *n = v->first; n; n = n->next) TRY(read_column(m, n, e));
    return true;
}

static bool read_constants(mapping *m, const node *v, err *e) {
    TRY(node_is(v, NODE_MAP, "constants", e));
    for (const node *n = v->first; n; n = n->next) {
        field f;
        doc_type type;
        TRY(entry_field(n, &f, e));
        if (n->kind != NODE_TEXT || n->text.n == 0 || n->text.n > LIMIT_TEXT)
            return node_wanted(n, field_name(f), "one value", e);
        if (f == FIELD_D_TYPE && !doc_type_parse(n->text, &type))
            return node_wanted(n, "type", "sale, return, receipt, shipment, return_out, transfer, stock or payment", e);
        m->constants[f] = keep(m, n->text);
    }
    return true;
}

static bool read_types(mapping *m, const node *v, err *e) {
    TRY(node_is(v, NODE_MAP, "types", e));
    if (v->count > MAPPING_TYPES) return err_set(e, ERR_CONFIG, "line %u: more than %d types", v->line, MAPPING_TYPES);
    m->types = arena_zalloc(&m->text, sizeof *m->types * (v->count + 1));
    for (const node *n = v->first; n; n = n->next) {
        doc_type type;
        if (n->kind != NODE_TEXT || !doc_type_parse(n->text, &type))
            return node_wanted(n, "a type", "sale, return, receipt, shipment, return_out, transfer, stock or payment",
                               e);
        m->types[m->type_count].value = keep(m, str_trim(n->key));
        m->types[m->type_count++].type = type;
    }
    return true;
}

typedef struct choice {
    const char *word;
    unsigned value;
} choice;

static bool choose(const node *v, const char *what, const char *wanted, const choice *choices, size_t n, unsigned *out,
                   err *e) {
    for (size_t i = 0; v->kind == NODE_TEXT && i < n; i++)
        if (str_is(v->text, choices[i].word)) return *out = choices[i].value, true;
    return node_wanted(v, what, wanted, e);
}

static bool read_dates(mapping *m, const node *v, err *e) {
    static const choice orders[] = {{"y/m/d", DATE_YMD}, {"d/m/y", DATE_DMY}, {"m/d/y", DATE_MDY}};
    unsigned order = 0;
    TRY(choose(v, "dates", "y/m/d, d/m/y or m/d/y", orders, ARRAY_LEN(orders), &order, e));
    m->dates = (date_order)order;
    return true;
}

static bool read_decimal(mapping *m, const node *v, err *e) {
    static const choice marks[] = {{".", '.'}, {",", ','}};
    unsigned mark = 0;
    TRY(choose(v, "decimal", "\",\" or \".\"", marks, ARRAY_LEN(marks), &mark, e));
    m->decimal = (char)mark;
    return true;
}

static bool read_scale(mapping *m, const node *v, err *e) {
    TRY(node_is(v, NODE_MAP, "scale", e));
    for (const node *n = v->first; n; n = n->next) {
        field f;
        TRY(entry_field(n, &f, e));
        if (!is_number_field(f)) return err_set(e, ERR_CONFIG, "line %u: %s is no number", n->line, field_name(f));
        TRY(node_int(n, "scale", 1, 1000000000, &m->scale[f], e));
    }
    return true;
}

/* Counts multiply (a{99}{99}), each nested '+' doubles, back references search without bound: none is needed to name a
 * footer. */
static bool is_modest(str expression) {
    size_t doublings = 0;
    for (size_t i = 0; i < expression.n; i++) {
        doublings += expression.p[i] == '+';
        if (expression.p[i] == '{' || doublings > SKIP_DOUBLINGS) return false;
        if (expression.p[i] == '\\' && i + 1 < expression.n && expression.p[i + 1] >= '0' && expression.p[i + 1] <= '9')
            return false;
    }
    return true;
}

static bool add_skip(mapping *m, const node *v, err *e) {
    if (v->kind != NODE_TEXT || v->text.n == 0 || v->text.n > LIMIT_TEXT)
        return node_wanted(v, "skip", "a regular expression", e);
    if (!is_modest(v->text))
        return node_wanted(v, "skip", "a regular expression without {counts}, back references and more than 8 +", e);
    char z[LIMIT_TEXT + 1], why[120];
    int rc = regcomp(&m->skip[m->skip_count], str_copy_z(v->text, z, sizeof z), REG_EXTENDED | REG_NOSUB);
    if (rc != 0) {
        (void)regerror(rc, &m->skip[m->skip_count], why, sizeof why);
        return err_set(e, ERR_CONFIG, "line %u: skip '%s': %s", v->line, z, why);
    }
    m->skip_count++;
    return true;
}

static bool read_skip(mapping *m, const node *v, err *e) {
    size_t n = v->kind == NODE_LIST ? v->count : 1;
    if (n > MAPPING_SKIPS) return err_set(e, ERR_CONFIG, "line %u: more than %d expressions", v->line, MAPPING_SKIPS);
    m->skip = ARENA_NEW(&m->text, regex_t, n + 1);
    if (v->kind != NODE_LIST) return add_skip(m, v, e);
    for (const node *s = v->first; s; s = s->next) TRY(add_skip(m, s, e));
    return true;
}

static bool read_year(mapping *m, const node *v, err *e) {
    int64_t year;
    TRY(node_int(v, "year", 1990, 2199, &year, e));
    m->year = (int)year;
    return true;
}

static bool read_no_number(mapping *m, const node *v, err *e) {
    static const choice rules[] = {{"replace_day", 0}, {"add", DOC_ADD}};
    unsigned flag = 0;
    TRY(choose(v, "no_number", "replace_day or add", rules, ARRAY_LEN(rules), &flag, e));
    m->doc_flags |= flag;
    return true;
}

static bool read_number_scope(mapping *m, const node *v, err *e) {
    static const choice scopes[] = {
        {"all", 0}, {"year", DOC_SCOPE_YEAR}, {"month", DOC_SCOPE_MONTH}, {"day", DOC_SCOPE_DAY}};
    unsigned flag = 0;
    TRY(choose(v, "number_scope", "all, year, month or day", scopes, ARRAY_LEN(scopes), &flag, e));
    m->doc_flags |= flag;
    return true;
}

static bool read_stream(mapping *m, const node *v, err *e) {
    if (v->kind != NODE_TEXT || v->text.n == 0 || v->text.n > LIMIT_ID)
        return node_wanted(v, "stream", "a short name", e);
    m->stream = keep(m, v->text);
    return true;
}

static bool read_edifact(mapping *m, const node *v, err *e) {
    static const char *const keys[] = {"price", "test"};
    static const choice prices[] = {{"unit", 0}, {"line", 1}}, tests[] = {{"post", 0}, {"refuse", 1}};
    unsigned chosen = 0;
    TRY(node_keys(v, keys, ARRAY_LEN(keys), "edifact", e));
    const node *price = node_get(v, "price"), *test = node_get(v, "test");
    if (price) TRY(choose(price, "price", "unit or line", prices, ARRAY_LEN(prices), &chosen, e));
    m->edifact_price_line = price && chosen;
    if (test) TRY(choose(test, "test", "post or refuse", tests, ARRAY_LEN(tests), &chosen, e));
    m->edifact_refuse_test = test && chosen;
    return true;
}

static bool read_privacy(mapping *m, const node *v, err *e) {
    static const choice rules[] = {
        {"send", PRIVACY_SEND}, {"county", PRIVACY_COUNTY}, {"hash", PRIVACY_HASH}, {"drop", PRIVACY_DROP}};
    TRY(node_is(v, NODE_MAP, "privacy", e));
    for (const node *n = v->first; n; n = n->next) {
        field f;
        unsigned rule = 0;
        TRY(entry_field(n, &f, e));
        TRY(choose(n, "privacy", "send, county, hash or drop", rules, ARRAY_LEN(rules), &rule, e));
        if (rule != PRIVACY_SEND && rule != PRIVACY_DROP && !privacy_changes(f))
            return err_set(e, ERR_CONFIG,
                           "line %u: privacy: %s is needed as it stands; only what says who the customer is can be cut "
                           "or hashed: customer, customer_name, customer_region, phone, place, ship_to, name, reason",
                           v->line, field_name(f));
        m->privacy[f] = (privacy_rule)rule;
    }
    return true;
}

static bool read_brands(mapping *m, const node *v, err *e) {
    size_t n = v->kind == NODE_LIST ? v->count : 1;
    if (n == 0 || n > MAPPING_BRANDS || v->kind == NODE_MAP)
        return err_set(e, ERR_CONFIG, "line %u: brands wants a list of 1 to %d brands", v->line, MAPPING_BRANDS);
    m->brands = ARENA_NEW(&m->text, str, n);
    for (const node *b = v->kind == NODE_LIST ? v->first : v; b; b = v->kind == NODE_LIST ? b->next : NULL) {
        str name = str_trim(b->text);
        if (b->kind != NODE_TEXT || name.n == 0 || name.n > LIMIT_NAME)
            return node_wanted(b, "a brand", "its name as the column of brands says it", e);
        m->brands[m->brand_count++] = keep(m, name);
    }
    return true;
}

static const struct {
    const char *key;
    bool (*read)(mapping *m, const node *v, err *e);
} mapping_keys[] = {
    {"name", read_name},
    {"columns", read_columns},
    {"constants", read_constants},
    {"types", read_types},
    {"dates", read_dates},
    {"decimal", read_decimal},
    {"scale", read_scale},
    {"skip", read_skip},
    {"year", read_year},
    {"no_number", read_no_number},
    {"number_scope", read_number_scope},
    {"stream", read_stream},
    {"edifact", read_edifact},
    {"privacy", read_privacy},
    {"brands", read_brands},
};

static bool read_root(mapping *m, const node *root, err *e) {
    const char *keys[ARRAY_LEN(mapping_keys)];
    for (size_t i = 0; i < ARRAY_LEN(mapping_keys); i++) keys[i] = mapping_keys[i].key;
    TRY(node_keys(root, keys, ARRAY_LEN(keys), "a mapping", e));
    for (size_t i = 0; i < ARRAY_LEN(mapping_keys); i++) {
        const node *v = node_get(root, mapping_keys[i].key);
        if (v) TRY(mapping_keys[i].read(m, v, e));
    }
    return true;
}

bool mapping_parse(str yaml, str name, mapping *out, err *e) {
    AUTO(arena) room = {0};
    const node *root;
    arena_init(&room, 8 * MAPPING_BYTES);
    *out = (mapping){0};
    arena_init(&out->text, SIZE_MAX); /* bounded by the tree's room */
    out->name = keep(out, name);
    if (yaml.n > MAPPING_BYTES) return err_set(e, ERR_CONFIG, "line 1: a mapping has at most %d bytes", MAPPING_BYTES);
    if (yaml_read(yaml, &room, &root, e) && read_root(out, root, e)) return true;
    mapping_free(out);
    return false;
}

bool mapping_load(const char *path, mapping *out, err *e) {
    AUTO(buf) text = {0};
    TRY(file_read(path, MAPPING_BYTES, &text, e));
    const char *slash = strrchr(path, '/');
    str name = str_of(slash ? slash + 1 : path);
    if (str_ends(name, STR(".yaml"))) name.n -= 5;
    return mapping_parse(buf_str(&text), name, out, e) || err_wrap(e, "%s", path);
}

void mapping_free(mapping *m) {
    for (size_t i = 0; i < m->skip_count; i++) regfree(&m->skip[i]);
    arena_free(&m->text);
    *m = (mapping){0};
}

void mapping_auto(mapping *m) {
    mapping_free(m);
}
