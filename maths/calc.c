#include "maths/calc.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

const calc_function *calc_find(str name) {
    for (size_t a = 0; a < calc_area_count; a++)
        for (size_t i = 0; i < calc_areas[a]->n; i++)
            if (str_is(name, calc_areas[a]->function[i].name)) return &calc_areas[a]->function[i];
    return NULL;
}

const calc_area *const calc_areas[] = {&calc_money,    &calc_rebate,         &calc_replenishment, &calc_forecast,
                                       &calc_accuracy, &calc_classification, &calc_diversion};
const size_t calc_area_count = ARRAY_LEN(calc_areas);

bool calc_wanted(json_t *found, const char *key, const char *wanted, err *e) {
    char *text = found ? json_dumps(found, JSON_ENCODE_ANY) : NULL;
    (void)err_set(e, ERR_DATA, "%s is %.80s, wanted %s", key, text ? text : "missing", wanted);
    free(text);
    return false;
}

bool calc_element(json_t *v, const char *key, int64_t min, int64_t max, int64_t *out, err *e) {
    char wanted[80];
    *out = json_integer_value(v);
    if (json_is_integer(v) && *out >= min && *out <= max) return true;
    (void)snprintf(wanted, sizeof wanted, "a whole number from %" PRId64 " to %" PRId64, min, max);
    return calc_wanted(v, key, wanted, e);
}

bool calc_int(json_t *in, const char *key, int64_t min, int64_t max, int64_t *out, err *e) {
    return calc_element(json_object_get(in, key), key, min, max, out, e);
}

bool calc_array(json_t *in, const char *key, json_t **out, err *e) {
    *out = json_object_get(in, key);
    return json_is_array(*out) || calc_wanted(*out, key, "a list", e);
}

bool calc_word(json_t *in, const char *key, const char *otherwise, str *out, err *e) {
    json_t *v = json_object_get(in, key);
    if (v == NULL && otherwise) return *out = str_of(otherwise), true;
    if (!json_is_string(v)) return calc_wanted(v, key, "a word", e);
    *out = str_from(json_string_value(v), json_string_length(v));
    return true;
}

/* ---- numbers that need not be whole */

static bool real_value(json_t *v, const char *key, double min, double max, double *out, err *e) {
    char wanted[80];
    *out = json_number_value(v);
    if (json_is_number(v) && *out >= min && *out <= max) return true;
    (void)snprintf(wanted, sizeof wanted, "a number from %g to %g", min, max);
    return calc_wanted(v, key, wanted, e);
}

bool calc_real(json_t *in, const char *key, double min, double max, double *out, err *e) {
    return real_value(json_object_get(in, key), key, min, max, out, e);
}

void calc_list_auto(calc_list *l) {
    free(l->v);
}

bool calc_reals(json_t *in, const char *key, size_t least, double min, double max, calc_list *out, err *e) {
    json_t *list;
    TRY(calc_array(in, key, &list, e));
    size_t n = json_array_size(list);
    if (n < least || n > CALC_LIST)
        return err_set(e, ERR_DATA, "%s: %zu numbers, wanted %zu to %d", key, n, least, CALC_LIST);
    out->v = calloc(n ? n : 1, sizeof *out->v);
    ASSERT(out->v != NULL);
    out->n = n;
    for (size_t i = 0; i < n; i++) TRY(real_value(json_array_get(list, i), key, min, max, &out->v[i], e));
    return true;
}

bool calc_choice(json_t *in, const char *key, const char *otherwise, const char *const *choices, size_t n, size_t *out,
                 err *e) {
    str word;
    char wanted[160] = "";
    TRY(calc_word(in, key, otherwise, &word, e));
    for (*out = 0; *out < n; ++*out)
        if (str_is(word, choices[*out])) return true;
    for (size_t i = 0, at = 0; i < n && at < sizeof wanted; i++)
        at += (size_t)snprintf(wanted + at, sizeof wanted - at, "%s%s", i ? ", " : "one of ", choices[i]);
    return calc_wanted(json_object_get(in, key), key, wanted, e);
}

static bool finite_value(double v, err *e) {
    return isfinite(v) || err_set(e, ERR_DATA, "the figures are too large or too small to be reckoned with");
}

bool calc_give(double v, json_t **out, err *e) {
    TRY(finite_value(v, e));
    *out = json_real(v);
    return true;
}

bool calc_give_list(const double *v, size_t n, json_t **out, err *e) {
    for (size_t i = 0; i < n; i++) TRY(finite_value(v[i], e));
    *out = json_array();
    for (size_t i = 0; i < n; i++) (void)json_array_append_new(*out, json_real(v[i]));
    return true;
}

bool calc_give_named(const calc_named *v, size_t n, json_t **out, err *e) {
    for (size_t i = 0; i < n; i++) TRY(finite_value(v[i].v, e));
    *out = json_object();
    for (size_t i = 0; i < n; i++) (void)json_object_set_new(*out, v[i].name, json_real(v[i].v));
    return true;
}
