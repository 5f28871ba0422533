#include "base/map.h"

#include <stdlib.h>

struct map_slot {
    str key; /* p == NULL: free */
    uint64_t hash, value;
};

static struct map_slot *slot_of(const map *m, str key, uint64_t hash) {
    size_t i = (size_t)hash & (m->cap - 1);
    while (m->slots[i].key.p && (m->slots[i].hash != hash || !str_eq(m->slots[i].key, key))) i = (i + 1) & (m->cap - 1);
    return &m->slots[i];
}

static void grow(map *m) {
    map bigger = {.cap = m->cap ? 2 * m->cap : 64, .used = m->used};
    bigger.slots = calloc(bigger.cap, sizeof *bigger.slots);
    ASSERT(bigger.slots != NULL);
    for (size_t i = 0; i < m->cap; i++)
        if (m->slots[i].key.p) *slot_of(&bigger, m->slots[i].key, m->slots[i].hash) = m->slots[i];
    free(m->slots);
    *m = bigger;
}

uint64_t *map_at(map *m, str key, bool *created) {
    if (4 * (m->used + 1) > 3 * m->cap) grow(m);
    if (key.p == NULL) key = STR("");
    uint64_t hash = str_hash(key);
    struct map_slot *s = slot_of(m, key, hash);
    if (created) *created = s->key.p == NULL;
    if (s->key.p == NULL) {
        *s = (struct map_slot){.key = key, .hash = hash};
        m->used++;
    }
    return &s->value;
}

uint64_t *map_find(const map *m, str key) {
    if (m->cap == 0) return NULL;
    if (key.p == NULL) key = STR("");
    struct map_slot *s = slot_of(m, key, str_hash(key));
    return s->key.p ? &s->value : NULL;
}

void map_free(map *m) {
    free(m->slots);
    *m = (map){0};
}

void map_auto(map *m) {
    map_free(m);
}

void words_init(words *w, size_t cap) {
    *w = (words){0};
    arena_init(&w->text, cap);
}

uint32_t words_add(words *w, str s) {
    uint64_t *known = map_find(&w->index, s);
    if (known) return (uint32_t)*known;
    str copy = arena_str(&w->text, s);
    if (copy.p == NULL) return WORD_NONE;
    if (w->n == w->cap) {
        w->cap = w->cap ? 2 * w->cap : 64;
        w->word = realloc(w->word, w->cap * sizeof *w->word);
        ASSERT(w->word != NULL);
    }
    w->word[w->n] = copy;
    *map_at(&w->index, copy, NULL) = w->n;
    return w->n++;
}

str words_get(const words *w, uint32_t no) {
    return no == WORD_NONE ? STR("") : w->word[no];
}

void words_free(words *w) {
    map_free(&w->index);
    arena_free(&w->text);
    free(w->word);
    *w = (words){0};
}

void words_auto(words *w) {
    words_free(w);
}
