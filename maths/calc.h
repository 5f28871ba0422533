/* calc — pure functions by name, for `channelctl calc`: {"input": {…}} in, {"output": …} out. To add one: a row in the
 * table of its area (a file calc_AREA.c), a function that reads its input with the helpers below, a vector that shows it.
 * An area is added to calc_areas[] in calc.c. */
#ifndef MATHS_CALC_H
#define MATHS_CALC_H

#include "base/err.h"
#include "base/str.h"
#include <jansson.h>
#include <stdint.h>

typedef struct calc_function {
    const char *name, *help; /* help: the input and what comes out, one line */
    /** `in` is an object. *out is a new reference. ERR_DATA names the key, what was found and what was wanted. */
    bool (*run)(json_t *in, json_t **out, err *e);
} calc_function;

typedef struct calc_area {
    const char *name;
    const calc_function *function;
    size_t n;
} calc_area;

extern const calc_area *const calc_areas[];
extern const size_t calc_area_count;
extern const calc_area calc_money, calc_rebate, calc_replenishment, calc_forecast, calc_accuracy, calc_classification,
    calc_diversion;

/** The function of a name, NULL when there is none. */
const calc_function *calc_find(str name);

/* Reading an input. ERR_DATA. */
MUST_USE bool calc_int(json_t *in, const char *key, int64_t min, int64_t max, int64_t *out, err *e);
MUST_USE bool calc_array(json_t *in, const char *key, json_t **out, err *e);
/** A number, whole or not. */
MUST_USE bool calc_real(json_t *in, const char *key, double min, double max, double *out, err *e);
enum { CALC_LIST = 100000 }; /* numbers of a list */
typedef struct calc_list {
    double *v;
    size_t n;
} calc_list;
/** A list of `least` to CALC_LIST numbers; calc_list_auto frees it. */
MUST_USE bool calc_reals(json_t *in, const char *key, size_t least, double min, double max, calc_list *out, err *e);
void calc_list_auto(calc_list *l);
/** One of `words` (n of them) → its place; `otherwise` when the key is absent (NULL: it must be there). */
MUST_USE bool calc_choice(json_t *in, const char *key, const char *otherwise, const char *const *choices, size_t n,
                          size_t *out, err *e);
/* Giving an output. ERR_DATA: a figure is not finite. */
MUST_USE bool calc_give(double v, json_t **out, err *e);
MUST_USE bool calc_give_list(const double *v, size_t n, json_t **out, err *e);
typedef struct calc_named {
    const char *name;
    double v;
} calc_named;
MUST_USE bool calc_give_named(const calc_named *v, size_t n, json_t **out, err *e);
/** A whole number that stands in an array called `key`. */
MUST_USE bool calc_element(json_t *v, const char *key, int64_t min, int64_t max, int64_t *out, err *e);
/** A word; `otherwise` when the key is absent (NULL: it must be there). */
MUST_USE bool calc_word(json_t *in, const char *key, const char *otherwise, str *out, err *e);
/** ERR_DATA "KEY is FOUND, wanted WANTED"; returns false. */
bool calc_wanted(json_t *found, const char *key, const char *wanted, err *e);

#endif
