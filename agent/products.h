/* products — the partner's own product codes as its files name them: what was sent and is still kept in the spool, what
 * DIR/products.csv kept from before, what a file given says. */
#ifndef AGENT_PRODUCTS_H
#define AGENT_PRODUCTS_H

#include "agent/home.h"
#include "base/map.h"
#include "proto/limits.h"

typedef struct product {
    uint32_t sku, name, spec, unit; /* words; WORD_NONE: not known */
    int64_t factor;                 /* base units of one `unit`; 0: not known */
} product;

typedef struct products {
    words words;
    map index; /* (sku, unit) → place in `one` + 1 */
    product *one;
    size_t n, cap;
} products;

void products_init(products *p);
void products_free(products *p);
void products_auto(products *p);
/** A code with a unit; a name or spec not empty replaces what was known. NULL: left out, beyond LIMIT_PRODUCTS. */
product *products_add(products *p, str sku, str name, str spec, str unit);
static inline str products_word(const products *p, uint32_t no) {
    return words_get(&p->words, no);
}

/** Rows of a CSV with columns for code, name, spec and unit, under any name the readers know. */
MUST_USE bool products_load(products *p, const char *path, err *e);
/** Everything that an enrolled home knows; nothing when it has no spool yet. */
MUST_USE bool products_of_home(products *p, const char *home_dir, err *e);
/** What the centre lists: the partner's own codes where it knows them, ours for the other products, with all units;
 *  `every`: ours and the bar codes of all products too. */
MUST_USE bool products_of_centre(products *p, const home *h, bool every, err *e);
/** The same, every code, for a loop that must not wait: as `asking` of ask.h. */
typedef struct products_asking products_asking;
MUST_USE bool products_asking_new(void *zmq, const home *h, products_asking **out, err *e);
MUST_USE bool products_asking_turn(products_asking *q, const home *h, products *to, int64_t mono_ms, bool *done,
                                   err *e);
int64_t products_asking_due(const products_asking *q);
size_t products_asking_sockets(const products_asking *q, void *out[static 2]);
void products_asking_free(products_asking *q);
/** Keep the list as DIR/products.csv. */
MUST_USE bool products_keep(const products *p, const char *home_dir, err *e);

#endif
