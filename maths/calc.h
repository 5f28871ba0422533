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
extern const calc_area calc_money, calc_rebate;

/** The function of a name, NULL when there is none. */
const calc_function *calc_find(str name);

/* Reading an input. ERR_DATA. */
MUST_USE bool calc_int(json_t *in, const char *key, int64_t min, int64_t max, int64_t *out, err *e);
MUST_USE bool calc_array(json_t *in, const char *key, json_t **out, err *e);
/** A whole number that stands in an array called `key`. */
MUST_USE bool calc_element(json_t *v, const char *key, int64_t min, int64_t max, int64_t *out, err *e);
/** A word; `otherwise` when the key is absent (NULL: it must be there). */
MUST_USE bool calc_word(json_t *in, const char *key, const char *otherwise, str *out, err *e);
/** ERR_DATA "KEY is FOUND, wanted WANTED"; returns false. */
bool calc_wanted(json_t *found, const char *key, const char *wanted, err *e);

#endif
