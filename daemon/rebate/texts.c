#include "daemon/rebate/texts.h"

#include "proto/limits.h"

void texts_init(texts *t, arena *a) {
    *t = (texts){.a = a, .v = ARENA_NEW(a, char *, LIMIT_ENTRY_ROWS)};
    ASSERT(t->v != NULL);
}

void texts_auto(texts *t) {
    map_free(&t->index);
}

bool texts_room(const texts *t) {
    return t->n + TEXTS_A_ROW <= LIMIT_ENTRY_ROWS && t->bytes + TEXTS_A_ROW * LIMIT_ID <= TEXTS_BYTES;
}

uint32_t texts_add(texts *t, str s) {
    uint64_t *no = map_find(&t->index, s);
    if (no) return (uint32_t)*no;
    str kept = arena_str(t->a, s);
    ASSERT(kept.p != NULL && t->n < LIMIT_ENTRY_ROWS);
    *map_at(&t->index, kept, NULL) = t->n;
    t->v[t->n] = (char *)(uintptr_t)kept.p;
    t->bytes += kept.n;
    return (uint32_t)t->n++;
}

str texts_at(char *const *v, size_t n, uint32_t no) {
    return no < n ? str_of(v[no]) : STR("");
}
