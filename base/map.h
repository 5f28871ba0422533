/* words — an interning table: each distinct text once, numbered from 0 in order of first sight.
 * hash_places — numbers by the hash of what they stand for, 8 bytes each; who uses it keeps that itself and compares.
 * map — text → uint64, open addressing. Keys are borrowed: they must outlive the map. */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include "base/arena.h"

typedef struct map {
    struct map_slot *slots;
    size_t used, cap;
} map;

/** The value's place for `key`, created as 0 when absent (*created says so, may be NULL). Valid until the next add. */
uint64_t *map_at(map *m, str key, bool *created);
/** The value's place, or NULL. */
uint64_t *map_find(const map *m, str key);
void map_free(map *m);
void map_auto(map *m);

typedef struct hash_places {
    struct hash_slot *slots;
    size_t used, cap;
} hash_places;

#define WORD_NONE UINT32_MAX

/** The numbers kept under this hash and under few others: *at is 0 for the first, then stays as it was left; WORD_NONE
 *  when there is no further one. */
uint32_t hash_places_next(const hash_places *p, uint64_t hash, size_t *at);
void hash_places_add(hash_places *p, uint64_t hash, uint32_t number);
void hash_places_free(hash_places *p);

typedef struct words {
    hash_places index;
    arena text;
    str *word;
    uint32_t n, cap;
} words;

/** `cap` bounds the bytes of text kept. */
void words_init(words *w, size_t cap);
/** The number of s, WORD_NONE when the text cap is reached. The bytes are copied. */
uint32_t words_add(words *w, str s);
/** The word of a number; WORD_NONE gives the empty text. */
str words_get(const words *w, uint32_t no);
void words_free(words *w);
void words_auto(words *w);

#endif
