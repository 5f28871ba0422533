/* arena — a bump allocator with a cap: one per request or file, freed at once. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/str.h"

typedef struct arena_block arena_block;
typedef struct arena {
    arena_block *blocks; /* newest first */
    size_t used, cap;    /* bytes handed out, bytes it may hand out */
} arena;

/** An empty arena that hands out at most `cap` bytes in all; nothing is allocated yet. */
void arena_init(arena *a, size_t cap);
/** Aligned to 16 (texts are not), not zeroed. NULL only when the cap is reached; out of memory below the cap aborts. */
void *arena_alloc(arena *a, size_t n);
void *arena_zalloc(arena *a, size_t n);
/** A copy of s in the arena, NUL-terminated after its end; p is NULL when the cap is reached. */
str arena_str(arena *a, str s);
/** A list of `n` elements with room for one more: itself while n < *cap, else a copy of twice its size (*cap says how many
 *  fit; NULL, 0 and 0 is an empty list). What is left behind goes with the arena; at its cap it aborts. */
void *arena_grown(arena *a, void *list, size_t n, size_t *cap, size_t element);
/** Forget everything, keep one block for the next use. */
void arena_reset(arena *a);
/** The same for what is used over and over: there is one block then, as large as two of the largest use so far (*most). */
void arena_reuse(arena *a, size_t *most);
void arena_free(arena *a);
void arena_auto(arena *a);

#define ARENA_NEW(a, type, count) ((type *)arena_zalloc((a), sizeof(type) * (count)))

#endif
