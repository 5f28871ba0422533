#include "base/arena.h"

#include <stdlib.h>
#include <sys/mman.h>

enum { BLOCK_MIN = 64 * 1024, BLOCK_GROWS = 2 * 1024 * 1024, HUGE_PAGE = 2 * 1024 * 1024, ALIGN = 16, LIST_FIRST = 16 };

struct arena_block {
    arena_block *next;
    size_t size, used;
    _Alignas(ALIGN) char bytes[];
};

void arena_init(arena *a, size_t cap) {
    *a = (arena){.cap = cap};
}

/* Whole huge pages where a block fills them: on virtual machines a page fault costs more than the work on the page. */
static arena_block *block_new(size_t size) {
    size_t whole = (sizeof(arena_block) + size + HUGE_PAGE - 1) & ~(size_t)(HUGE_PAGE - 1);
    arena_block *b = size < BLOCK_GROWS ? malloc(sizeof *b + size) : aligned_alloc(HUGE_PAGE, whole);
    ASSERT(b != NULL);
    if (size >= BLOCK_GROWS) {
        (void)madvise(b, whole, MADV_HUGEPAGE); /* a wish */
        size = whole - sizeof *b;
    }
    *b = (arena_block){.size = size};
    return b;
}

static void *take(arena *a, size_t need) {
    if (need > a->cap - a->used) return NULL;
    arena_block *b = a->blocks;
    if (b == NULL || b->size - b->used < need) {
        size_t size = b == NULL ? BLOCK_MIN : b->size < BLOCK_GROWS ? 2 * b->size : BLOCK_GROWS;
        b = block_new(need > size ? need : size);
        b->next = a->blocks;
        a->blocks = b;
    }
    void *p = b->bytes + b->used;
    b->used += need;
    a->used += need;
    return p;
}

void *arena_alloc(arena *a, size_t n) {
    size_t need = (n + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    if (need < n) return NULL;
    if (a->blocks) { /* behind a text */
        size_t gap = -a->blocks->used & (ALIGN - 1), room = a->blocks->size - a->blocks->used;
        a->blocks->used += gap < room ? gap : room;
    }
    return take(a, need);
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
    char *p = take(a, s.n + 1); /* texts stand close: there are many short ones */
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

void arena_reuse(arena *a, size_t *most) {
    if (a->used > *most) {
        *most = a->used;
        arena_free(a);
        (void)arena_alloc(a, 2 * *most);
    }
    arena_reset(a);
}

void arena_free(arena *a) {
    arena_reset(a);
    free(a->blocks);
    a->blocks = NULL;
}

void arena_auto(arena *a) {
    arena_free(a);
}
