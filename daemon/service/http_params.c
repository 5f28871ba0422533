#include "daemon/command/args.h"
#include "daemon/service/http_request.h"
#include <ctype.h>
#include <jansson.h>
#include <sodium.h>

static http_param *add_param(request *r, err *e) {
    if (r->param == NULL) r->param = arena_zalloc(&r->a, LIMIT_HTTP_PARAMS * sizeof *r->param);
    if (r->params == LIMIT_HTTP_PARAMS)
        return err_set(e, ERR_USAGE, "more than %d parameters", LIMIT_HTTP_PARAMS), NULL;
    return &r->param[r->params++];
}

static bool text_ok(str name, str value, err *e) {
    if (utf8_valid(name) && utf8_valid(value) && memchr(value.p ? value.p : "", 0, value.n) == NULL) return true;
    return err_set(e, ERR_USAGE, "parameter '%.*s': no UTF-8 text", STR_ARG(str_take(name, 40)));
}

typedef struct reading {
    request *r;
    bool ok;
    err *e;
} reading;

static enum MHD_Result on_query(void *arg, enum MHD_ValueKind kind, const char *name, size_t name_n, const char *value,
                                size_t value_n) {
    reading *in = arg;
    str n = str_from(name, name_n), v = str_from(value ? value : "", value ? value_n : 0);
    (void)kind;
    in->ok = text_ok(n, v, in->e);
    http_param *p = in->ok ? add_param(in->r, in->e) : NULL;
    in->ok = p != NULL;
    if (p) *p = (http_param){.name = arena_str(&in->r->a, n), .value = arena_str(&in->r->a, v)};
    return in->ok ? MHD_YES : MHD_NO;
}

bool http_read_query(request *r, err *e) {
    reading in = {r, true, e};
    (void)MHD_get_connection_values_n(r->connection, MHD_GET_ARGUMENT_KIND, on_query, &in);
    return in.ok;
}

/* ---- body */

static bool wrong_value(str name, const char *wanted, err *e) {
    return err_set(e, ERR_USAGE, "'%.*s': wanted %s", STR_ARG(str_take(name, 40)), wanted);
}

static bool unpack_base64(request *r, const char *text, size_t n, str *out) {
    unsigned char *bytes = arena_alloc(&r->a, n + 1);
    size_t got = 0;
    if (sodium_base642bin(bytes, n + 1, text, n, NULL, &got, NULL, sodium_base64_VARIANT_ORIGINAL) != 0) return false;
    *out = str_from(bytes, got);
    return true;
}

/* {"name": "core.yaml", "text": "…"} or with "base64" */
static bool add_file(request *r, str name, const json_t *v, err *e) {
    const json_t *called = json_object_get(v, "name"), *text = json_object_get(v, "text");
    const json_t *packed = json_object_get(v, "base64");
    str content = STR_NONE;
    http_param *p = add_param(r, e);
    if (p == NULL) return false;
    if (json_is_string(text)) content = str_from(json_string_value(text), json_string_length(text));
    else if (!json_is_string(packed) ||
             !unpack_base64(r, json_string_value(packed), json_string_length(packed), &content))
        return wrong_value(name, "a file: {\"name\": …, \"text\" or \"base64\": …}", e);
    str file = json_is_string(called) ? str_of(json_string_value(called)) : STR("file");
    if (file.n == 0 || file.n > LIMIT_FILE_NAME || str_has(file, STR("/")) || str_eq(file, STR("-")))
        return wrong_value(name, "a file with a name of its own", e);
    *p =
        (http_param){.name = name, .value = arena_str(&r->a, file), .is_file = true, .file = arena_str(&r->a, content)};
    return true;
}

static bool add_value(request *r, str name, const json_t *v, err *e) {
    AUTO(buf) number = {0};
    str value = STR("");
    if (json_is_object(v)) return add_file(r, name, v, e);
    if (json_is_string(v)) value = str_from(json_string_value(v), json_string_length(v));
    else if (json_is_integer(v)) {
        buf_printf(&number, "%lld", (long long)json_integer_value(v));
        value = buf_str(&number);
    } else if (json_is_boolean(v))
        value = json_is_true(v) ? STR("true") : STR("false");
    else
        return wrong_value(name, "a text, a whole number, true or false, or a list of these; decimals are texts", e);
    TRY(text_ok(name, value, e));
    http_param *p = add_param(r, e);
    if (p) *p = (http_param){.name = name, .value = arena_str(&r->a, value)};
    return p != NULL;
}

static bool add_member(request *r, str name, const json_t *v, err *e) {
    if (json_is_null(v)) return true;
    if (!json_is_array(v)) return add_value(r, name, v, e);
    for (size_t i = 0; i < json_array_size(v); i++) TRY(add_value(r, name, json_array_get(v, i), e));
    return true;
}

bool http_read_body(request *r, err *e) {
    json_error_t why;
    const char *key;
    json_t *v;
    if (str_trim(buf_str(&r->body)).n == 0) return true;
    json_t *all = json_loadb(r->body.p, r->body.n, JSON_REJECT_DUPLICATES, &why);
    if (!json_is_object(all)) {
        json_decref(all);
        return err_set(e, ERR_USAGE, "the body is no JSON object%s%s", all ? "" : ": ", all ? "" : why.text);
    }
    bool ok = true;
    json_object_foreach(all, key, v) {
        ok = ok && add_member(r, arena_str(&r->a, str_of(key)), v, e);
    }
    json_decref(all);
    return ok;
}

str http_param_of(const request *r, const char *name) {
    for (size_t i = 0; i < r->params; i++)
        if (str_is(r->param[i].name, name)) return r->param[i].value;
    return STR_NONE;
}

/* "[column=value…]" and "<key-or-column=value…>" are lists of cells; a file is called so whether it is FILE or -f. */
str http_param_name(const arg_spec *spec, char out[static 64]) {
    if (str_has(spec->name, STR("="))) return STR("cells");
    if (spec->file && spec->name.n == 1) return STR("file");
    (void)str_copy_z(spec->name, out, 64);
    for (size_t i = 0; out[i]; i++) out[i] = (char)(out[i] == '-' ? '_' : tolower((unsigned char)out[i]));
    size_t n = str_find(str_of(out), STR("."));
    return str_take(str_of(out), n);
}
