/* products, asked of the centre: for a home that has not sent anything yet. */
#include "agent/ask.h"
#include "agent/products.h"
#include <jansson.h>
#include <stdlib.h>

enum { TIMEOUT_MS = 5000 };

/* What the centre knows of its products, by our code. */
typedef struct known {
    words codes;
    map index; /* code → place in `one` + 1 */
    struct {
        json_t *row;
        bool aliased;
    } * one;
    size_t n, cap;
} known;

static void known_auto(known *k) {
    for (size_t i = 0; i < k->n; i++) json_decref(k->one[i].row);
    free(k->one);
    map_free(&k->index);
    words_free(&k->codes);
}

static str text_at(const json_t *row, const char *name) {
    const json_t *v = json_object_get(row, name);
    return json_is_string(v) ? str_from(json_string_value(v), json_string_length(v)) : STR("");
}

static void take_product(known *k, json_t *row) {
    uint32_t code = words_add(&k->codes, text_at(row, "sku"));
    if (code == WORD_NONE) {
        json_decref(row);
        return;
    }
    if (k->n == k->cap) {
        k->cap = k->cap ? 2 * k->cap : 64;
        k->one = reallocarray(k->one, k->cap, sizeof *k->one);
        ASSERT(k->one != NULL);
    }
    k->one[k->n].row = row;
    k->one[k->n++].aliased = false;
    *map_at(&k->index, words_get(&k->codes, code), NULL) = k->n;
}

/* The base unit, then those of "箱=24;托=960". */
static void add_units(products *p, str code, const json_t *row) {
    str units = text_at(row, "units"), one, unit;
    products_add(p, code, text_at(row, "name"), STR(""), text_at(row, "base_unit"));
    while (str_split(&units, ';', &one))
        if (str_split(&one, '=', &unit) && unit.n) products_add(p, code, text_at(row, "name"), STR(""), unit);
}

static bool ask_products(const home *h, known *k, err *e) {
    AUTO(asked) a = {0};
    TRY(ask(h, (const char *const[]){"product", "list"}, 2, TIMEOUT_MS, &a, e));
    for (str rest = buf_str(&a.rows), line; asked_row(&rest, &line);) {
        json_t *row = json_loadb(line.p, line.n, 0, NULL);
        if (row) take_product(k, row);
    }
    return true;
}

static bool ask_aliases(const home *h, known *k, products *p, err *e) {
    AUTO(asked) a = {0};
    TRY(ask(h, (const char *const[]){"alias", "list", "kind=product"}, 3, TIMEOUT_MS, &a, e));
    for (str rest = buf_str(&a.rows), line; asked_row(&rest, &line);) {
        json_t *row = json_loadb(line.p, line.n, 0, NULL);
        const uint64_t *at = map_find(&k->index, text_at(row, "id"));
        if (at) {
            k->one[*at - 1].aliased = true;
            add_units(p, text_at(row, "alias"), k->one[*at - 1].row);
        }
        json_decref(row);
    }
    return true;
}

bool products_of_centre(products *p, const home *h, err *e) {
    AUTO(known) k = {0};
    words_init(&k.codes, SIZE_MAX);
    TRY(ask_products(h, &k, e));
    TRY(ask_aliases(h, &k, p, e));
    for (size_t i = 0; i < k.n; i++)
        if (!k.one[i].aliased) add_units(p, text_at(k.one[i].row, "sku"), k.one[i].row);
    return true;
}
