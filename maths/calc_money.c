#include "maths/calc.h"
#include "maths/share.h"

static bool allocate(json_t *in, json_t **out, err *e) {
    AUTO(arena) room = {0};
    json_t *list;
    int64_t total;
    TRY(calc_int(in, "total", -INT64_MAX, INT64_MAX, &total, e));
    TRY(calc_array(in, "weights", &list, e));
    size_t n = json_array_size(list);
    arena_init(&room, SIZE_MAX);
    wide *weight = arena_alloc(&room, sizeof *weight * (n + 1));
    int64_t *part = arena_alloc(&room, sizeof *part * (n + 1));
    for (size_t i = 0; i < n; i++) {
        int64_t w;
        TRY(calc_element(json_array_get(list, i), "weights", 0, INT64_MAX, &w, e));
        weight[i] = w;
    }
    if (!share_out(total, weight, n, part, &room)) return calc_wanted(list, "weights", "a sum above 0", e);
    *out = json_array();
    for (size_t i = 0; i < n; i++) (void)json_array_append_new(*out, json_integer(part[i]));
    return true;
}

static bool div_round(json_t *in, json_t **out, err *e) {
    int64_t num, den, result;
    rounding how;
    wide q;
    str mode;
    TRY(calc_int(in, "num", INT64_MIN, INT64_MAX, &num, e) && calc_int(in, "den", INT64_MIN, INT64_MAX, &den, e));
    TRY(calc_word(in, "mode", "half_away", &mode, e));
    if (!rounding_parse(mode, &how))
        return calc_wanted(json_object_get(in, "mode"), "mode",
                           "half_away, half_toward_zero, half_even, half_odd, half_positive_infinity, "
                           "half_negative_infinity, up or down",
                           e);
    if (!wide_div(num, den, how, &q) || !wide_fits(q, &result))
        return calc_wanted(json_object_get(in, "den"), "den", "a divisor that is not 0", e);
    *out = json_integer(result);
    return true;
}

static const calc_function functions[] = {
    {"allocate", "total, weights → parts that add up, by largest remainder", allocate},
    {"div_round", "num, den, mode → num / den as a whole number", div_round},
};
const calc_area calc_money = {"money", functions, ARRAY_LEN(functions)};
