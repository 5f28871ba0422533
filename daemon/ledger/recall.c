#include "daemon/ledger/recall.h"

#include "base/map.h"
#include "proto/limits.h"
#include <stdlib.h>

struct recall {
    arena a;
    map index; /* word → its first meaning */
    size_t meanings;
};

typedef struct meaning {
    const struct meaning *next;
    business_day on;
    _Alignas(16) char value[];
} meaning;

static const uint64_t made_of = 1ull << TABLE_CATALOG | 1ull << TABLE_CATALOG_NO | 1ull << TABLE_CATALOG_HISTORY |
                                1ull << TABLE_CATALOG_INDEX | 1ull << TABLE_SETTING;
_Static_assert(TABLE_SETTING < 64, "a bit for each of the first 64 tables");

static void drop(void *arg) {
    recall *r = arg;
    map_free(&r->index);
    arena_free(&r->a);
    free(r);
}

recall *recall_of(txn *t) {
    recall *r = kv_memory(t);
    if (r && r->meanings < LIMIT_RECALL_WORDS && r->a.used < LIMIT_RECALL_BYTES) return r;
    r = calloc(1, sizeof *r);
    ASSERT(r != NULL);
    arena_init(&r->a, SIZE_MAX);
    kv_remember(t, r, made_of, drop);
    return r;
}

const void *recall_find(const recall *r, const key *word, business_day *on) {
    const uint64_t *first = word->n ? map_find(&r->index, key_str(word)) : NULL;
    for (const meaning *m = first ? (const void *)(uintptr_t)*first : NULL; m; m = m->next) {
        if (on->day < m->on.from || on->day > m->on.to) continue;
        on->from = m->on.from;
        on->to = m->on.to;
        return m->value;
    }
    return NULL;
}

void recall_keep(recall *r, const key *word, const business_day *on, const void *value, size_t size) {
    if (word->n == 0 || r->meanings++ >= LIMIT_RECALL_WORDS) return;
    uint64_t *first = map_find(&r->index, key_str(word));
    if (first == NULL) first = map_at(&r->index, arena_str(&r->a, key_str(word)), NULL);
    meaning *m = arena_alloc(&r->a, sizeof *m + size);
    ASSERT(m != NULL);
    *m = (meaning){.next = (const void *)(uintptr_t)*first, .on = *on};
    memcpy(m->value, value, size);
    *first = (uintptr_t)m;
}
