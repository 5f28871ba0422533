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

/* ---- hash_places ---- */

struct hash_slot {
    uint32_t hash, number; /* WORD_NONE: free */
};

static void place(hash_places *p, uint32_t hash, uint32_t number) {
    size_t i = hash & (p->cap - 1);
    while (p->slots[i].number != WORD_NONE) i = (i + 1) & (p->cap - 1);
    p->slots[i] = (struct hash_slot){hash, number};
}

uint32_t hash_places_next(const hash_places *p, uint64_t hash, size_t *at) {
    for (; p->cap; ++*at) {
        const struct hash_slot *s = &p->slots[((uint32_t)hash + *at) & (p->cap - 1)];
        if (s->number == WORD_NONE) break;
        if (s->hash != (uint32_t)hash) continue;
        ++*at;
        return s->number;
    }
    return WORD_NONE;
}

void hash_places_add(hash_places *p, uint64_t hash, uint32_t number) {
    if (4 * (p->used + 1) > 3 * p->cap) {
        hash_places bigger = {.cap = p->cap ? 2 * p->cap : 64, .used = p->used};
        bigger.slots = reallocarray(NULL, bigger.cap, sizeof *bigger.slots);
        ASSERT(bigger.slots != NULL);
        memset(bigger.slots, 0xff, bigger.cap * sizeof *bigger.slots);
        for (size_t i = 0; i < p->cap; i++)
            if (p->slots[i].number != WORD_NONE) place(&bigger, p->slots[i].hash, p->slots[i].number);
        free(p->slots);
        *p = bigger;
    }
    place(p, (uint32_t)hash, number);
    p->used++;
}

void hash_places_free(hash_places *p) {
    free(p->slots);
    *p = (hash_places){0};
}

/* ---- words ---- */

void words_init(words *w, size_t cap) {
    *w = (words){0};
    arena_init(&w->text, cap);
}

uint32_t words_add(words *w, str s) {
    uint64_t hash = str_hash(s);
    uint32_t no;
    for (size_t at = 0; (no = hash_places_next(&w->index, hash, &at)) != WORD_NONE;)
        if (str_eq(w->word[no], s)) return no;
    str copy = arena_str(&w->text, s);
    if (copy.p == NULL) return WORD_NONE;
    if (w->n == w->cap) {
        w->cap = w->cap ? 2 * w->cap : 64;
        w->word = realloc(w->word, w->cap * sizeof *w->word);
        ASSERT(w->word != NULL);
    }
    w->word[w->n] = copy;
    hash_places_add(&w->index, hash, w->n);
    return w->n++;
}

str words_get(const words *w, uint32_t no) {
    return no == WORD_NONE ? STR("") : w->word[no];
}

void words_free(words *w) {
    hash_places_free(&w->index);
    arena_free(&w->text);
    free(w->word);
    *w = (words){0};
}

void words_auto(words *w) {
    words_free(w);
}
