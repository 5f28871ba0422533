#include "maths/accuracy.h"
#include "maths/calc.h"
#include "maths/demand_class.h"

#include <math.h>

#define MOST 1e15

/* ---- accuracy; undefined: null */

static bool give_or_null(double v, json_t **out, err *e) {
    if (!isnan(v)) return calc_give(v, out, e);
    *out = json_null();
    return true;
}

static bool calc_pinball(json_t *in, json_t **out, err *e) {
    double y, f, q;
    TRY(calc_real(in, "y", -MOST, MOST, &y, e) && calc_real(in, "yhat", -MOST, MOST, &f, e));
    return calc_real(in, "q", 0, 1, &q, e) && calc_give(accuracy_pinball(y, f, q), out, e);
}

static bool read_test(json_t *in, calc_list *y, calc_list *f, err *e) {
    TRY(calc_reals(in, "test", 1, -MOST, MOST, y, e) && calc_reals(in, "fcst", 1, -MOST, MOST, f, e));
    return y->n == f->n || calc_wanted(json_object_get(in, "fcst"), "fcst", "as many as test", e);
}

static bool calc_smape(json_t *in, json_t **out, err *e) {
    AUTO(calc_list) y = {0};
    AUTO(calc_list) f = {0};
    return read_test(in, &y, &f, e) && calc_give(accuracy_smape(y.v, f.v, y.n), out, e);
}

static bool calc_mase(json_t *in, json_t **out, err *e) {
    AUTO(calc_list) past = {0};
    AUTO(calc_list) y = {0};
    AUTO(calc_list) f = {0};
    int64_t m = 1;
    TRY(calc_reals(in, "train", 1, -MOST, MOST, &past, e) && read_test(in, &y, &f, e));
    TRY(json_object_get(in, "m") == NULL || calc_int(in, "m", 1, CALC_LIST, &m, e));
    return give_or_null(accuracy_mase(past.v, past.n, (size_t)m, y.v, f.v, y.n), out, e);
}

static bool calc_rmsse(json_t *in, json_t **out, err *e) {
    AUTO(calc_list) past = {0};
    AUTO(calc_list) y = {0};
    AUTO(calc_list) f = {0};
    TRY(calc_reals(in, "train", 1, -MOST, MOST, &past, e) && read_test(in, &y, &f, e));
    return give_or_null(accuracy_rmsse(past.v, past.n, y.v, f.v, y.n), out, e);
}

static const calc_function accuracy[] = {
    {"pinball", "y, yhat, q → loss", calc_pinball},
    {"smape", "test, fcst → percent", calc_smape},
    {"mase", "train, test, fcst, m → error, null where the past never moved", calc_mase},
    {"rmsse", "train, test, fcst → error, null where the past never moved", calc_rmsse},
};
const calc_area calc_accuracy = {"accuracy", accuracy, ARRAY_LEN(accuracy)};

/* ---- classification */

static bool calc_sbc(json_t *in, json_t **out, err *e) {
    AUTO(calc_list) y = {0};
    double adi, cv2;
    TRY(calc_reals(in, "y", 1, 0, MOST, &y, e));
    if (!demand_class_measure(y.v, y.n, &adi, &cv2)) {
        *out = json_pack("{s:n, s:n, s:s}", "adi", "cv2", "cls", demand_class_name(CLASS_NONE));
        return true;
    }
    TRY(calc_give_named((calc_named[]){{"adi", adi}, {"cv2", cv2}}, 2, out, e));
    (void)json_object_set_new(*out, "cls", json_string(demand_class_name(demand_class_of(adi, cv2))));
    return true;
}

static const calc_function classification[] = {
    {"sbc", "y → {adi, cv2, cls}: smooth, erratic, intermittent, lumpy", calc_sbc},
};
const calc_area calc_classification = {"classification", classification, ARRAY_LEN(classification)};
