/* products, asked of the centre: for a home that has not sent anything yet. */
#include "agent/ask.h"
#include "agent/products.h"
#include "base/num.h"
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
    product *base = products_add(p, code, text_at(row, "name"), STR(""), text_at(row, "base_unit"));
    if (base) base->factor = 1;
    while (str_split(&units, ';', &one)) {
        if (!str_split(&one, '=', &unit) || unit.n == 0) continue;
        product *at = products_add(p, code, text_at(row, "name"), STR(""), unit);
        int64_t factor;
        if (at && dec_parse(one, 0, &factor, NULL) && factor > 0) at->factor = factor;
    }
}

static void take_products(known *k, const asked *a) {
    for (str rest = buf_str(&a->rows), line; asked_row(&rest, &line);) {
        json_t *row = json_loadb(line.p, line.n, 0, NULL);
        if (row) take_product(k, row);
    }
}

/* Under the partner's own code; under ours where it has none, or as well, and under the bar code. */
static void take_aliases(known *k, const asked *a, bool every, products *p) {
    for (str rest = buf_str(&a->rows), line; asked_row(&rest, &line);) {
        json_t *row = json_loadb(line.p, line.n, 0, NULL);
        const uint64_t *at = map_find(&k->index, text_at(row, "id"));
        if (at) {
            k->one[*at - 1].aliased = true;
            add_units(p, text_at(row, "alias"), k->one[*at - 1].row);
        }
        json_decref(row);
    }
    for (size_t i = 0; i < k->n; i++) {
        str gtin = every ? text_at(k->one[i].row, "gtin") : STR("");
        if (every || !k->one[i].aliased) add_units(p, text_at(k->one[i].row, "sku"), k->one[i].row);
        if (gtin.n) add_units(p, gtin, k->one[i].row);
    }
}

static const char *const list_products[] = {"product", "list"};
static const char *const list_aliases[] = {"alias", "list", "kind=product"};

bool products_of_centre(products *p, const home *h, bool every, err *e) {
    AUTO(known) k = {0};
    AUTO(asked) theirs = {0};
    AUTO(asked) aliases = {0};
    words_init(&k.codes, SIZE_MAX);
    TRY(ask(h, list_products, ARRAY_LEN(list_products), TIMEOUT_MS, &theirs, e));
    take_products(&k, &theirs);
    TRY(ask(h, list_aliases, ARRAY_LEN(list_aliases), TIMEOUT_MS, &aliases, e));
    take_aliases(&k, &aliases, every, p);
    return true;
}

/* ---- without waiting ---- */

struct products_asking {
    void *zmq;
    asking *now;  /* the question under way */
    bool aliases; /* it is the second one */
    known k;
};

bool products_asking_new(void *zmq, const home *h, products_asking **out, err *e) {
    products_asking *q = calloc(1, sizeof *q);
    ASSERT(q != NULL);
    q->zmq = zmq;
    words_init(&q->k.codes, SIZE_MAX);
    *out = q;
    return asking_new(zmq, h, list_products, ARRAY_LEN(list_products), TIMEOUT_MS, &q->now, e);
}

void products_asking_free(products_asking *q) {
    if (q == NULL) return;
    asking_free(q->now);
    known_auto(&q->k);
    free(q);
}

bool products_asking_turn(products_asking *q, const home *h, products *to, int64_t mono_ms, bool *done, err *e) {
    AUTO(asked) a = {0};
    bool answered;
    *done = false;
    TRY(asking_turn(q->now, mono_ms, &answered, e));
    if (!answered) return true;
    asking_take(q->now, &a);
    *done = q->aliases;
    if (q->aliases) return take_aliases(&q->k, &a, true, to), true;
    take_products(&q->k, &a);
    asking_free(q->now);
    q->now = NULL;
    q->aliases = true;
    return asking_new(q->zmq, h, list_aliases, ARRAY_LEN(list_aliases), TIMEOUT_MS, &q->now, e);
}

int64_t products_asking_due(const products_asking *q) {
    return asking_due(q->now);
}

size_t products_asking_sockets(const products_asking *q, void *out[static 2]) {
    return asking_sockets(q->now, out);
}
