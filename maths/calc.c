#include "maths/calc.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

const calc_function *calc_find(str name) {
    for (size_t a = 0; a < calc_area_count; a++)
        for (size_t i = 0; i < calc_areas[a]->n; i++)
            if (str_is(name, calc_areas[a]->function[i].name)) return &calc_areas[a]->function[i];
    return NULL;
}

const calc_area *const calc_areas[] = {&calc_money, &calc_rebate};
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
