#include "base/arena.h"

#include <stdlib.h>

enum { BLOCK_MIN = 64 * 1024, ALIGN = 16, LIST_FIRST = 16 };

struct arena_block {
    arena_block *next;
    size_t size, used;
    _Alignas(ALIGN) char bytes[];
};

void arena_init(arena *a, size_t cap) {
    *a = (arena){.cap = cap};
}

static arena_block *block_new(size_t size) {
    arena_block *b = malloc(sizeof *b + size);
    ASSERT(b != NULL);
    *b = (arena_block){.size = size};
    return b;
}

void *arena_alloc(arena *a, size_t n) {
    size_t need = (n + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    if (need < n || need > a->cap - a->used) return NULL;
    arena_block *b = a->blocks;
    if (b == NULL || b->size - b->used < need) {
        size_t size = b && b->size < 16 * BLOCK_MIN ? 2 * b->size : BLOCK_MIN;
        b = block_new(need > size ? need : size);
        b->next = a->blocks;
        a->blocks = b;
    }
    void *p = b->bytes + b->used;
    b->used += need;
    a->used += need;
    return p;
}

void *arena_zalloc(arena *a, size_t n) {
    void *p = arena_alloc(a, n);
    if (p && n) memset(p, 0, n);
    return p;
}

void *arena_grown(arena *a, void *list, size_t n, size_t *cap, size_t element) {
    if (n < *cap) return list;
    *cap = *cap ? 2 * *cap : LIST_FIRST;
    void *bigger = arena_alloc(a, *cap * element);
    ASSERT(bigger != NULL);
    if (n) memcpy(bigger, list, n * element);
    return bigger;
}

str arena_str(arena *a, str s) {
    char *p = arena_alloc(a, s.n + 1);
    if (p == NULL) return STR_NONE;
    if (s.n) memcpy(p, s.p, s.n);
    p[s.n] = '\0';
    return str_from(p, s.n);
}

void arena_reset(arena *a) {
    arena_block *keep = a->blocks;
    if (keep) {
        arena_block *rest = keep->next;
        while (rest) {
            arena_block *next = rest->next;
            free(rest);
            rest = next;
        }
        keep->next = NULL;
        keep->used = 0;
    }
    a->used = 0;
}

void arena_free(arena *a) {
    arena_reset(a);
    free(a->blocks);
    a->blocks = NULL;
}

void arena_auto(arena *a) {
    arena_free(a);
}
