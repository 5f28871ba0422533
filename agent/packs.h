/* packs — how many of one unit another one of the same product holds (箱=24), under the partner's own codes, as the centre
 * lists them: what the doubt about a wrong unit goes by where the file itself says nothing. Kept in DIR/packs.csv
 * (sku,factors); asked for once a week. */
#ifndef AGENT_PACKS_H
#define AGENT_PACKS_H

#include "agent/products.h"
#include "formats/doubt.h"

typedef struct packs {
    words codes;
    map index; /* code → place in `one` + 1 */
    struct pack {
        int64_t factor[DOUBT_FACTORS];
        size_t n;
    } * one;
    size_t n, cap;
} packs;

void packs_auto(packs *p);
/** What the home keeps; nothing when it keeps nothing. */
MUST_USE bool packs_load(packs *p, const char *home_dir, err *e);
/** The factors of a code; returns how many. */
size_t packs_of(const packs *p, str sku, int64_t out[static DOUBT_FACTORS]);

/** Is it time to ask (again)? */
bool packs_due(const home *h, int64_t wall_ms);
/** Keep what the centre listed. */
MUST_USE bool packs_keep(const products *p, const char *home_dir, err *e);
/** Ask, wait for the answer and keep it. */
MUST_USE bool packs_ask(const home *h, err *e);

#endif
