#include "daemon/command/likeness.h"

#include <stdlib.h>

typedef struct occurrence {
    uint64_t bigram;
    uint32_t no;
} occurrence;

struct likeness_index {
    occurrence *at; /* sorted by bigram once searched */
    size_t n, cap;
    uint32_t texts, text_cap;
    uint16_t *bigrams; /* by text */
    uint16_t *common;  /* by text: bigrams in common with the one asked about; 0 between searches */
    uint32_t *touched;
    bool sorted;
};

static void *enlarged(void *list, size_t cap, size_t size) {
    list = reallocarray(list, cap, size);
    ASSERT(list != NULL);
    return list;
}

likeness_index *likeness_new(void) {
    likeness_index *l = calloc(1, sizeof *l);
    ASSERT(l != NULL);
    return l;
}

void likeness_free(likeness_index *l) {
    if (l == NULL) return;
    free(l->at);
    free(l->bigrams);
    free(l->common);
    free(l->touched);
    free(l);
}

void likeness_add(likeness_index *l, const similar_text *text) {
    if (l->texts == l->text_cap) {
        l->text_cap = l->text_cap ? 2 * l->text_cap : 1024;
        l->bigrams = enlarged(l->bigrams, l->text_cap, sizeof *l->bigrams);
    }
    while (l->n + text->bigrams > l->cap) {
        l->cap = l->cap ? 2 * l->cap : 8192;
        l->at = enlarged(l->at, l->cap, sizeof *l->at);
    }
    for (size_t i = 0; i < text->bigrams; i++) l->at[l->n++] = (occurrence){text->bigram[i], l->texts};
    l->bigrams[l->texts++] = (uint16_t)text->bigrams;
}

static int by_bigram(const void *x, const void *y) {
    const occurrence *a = x, *b = y;
    if (a->bigram != b->bigram) return a->bigram < b->bigram ? -1 : 1;
    return (a->no > b->no) - (a->no < b->no);
}

static void prepare(likeness_index *l) {
    if (l->sorted) return;
    l->sorted = true;
    if (l->n) qsort(l->at, l->n, sizeof *l->at, by_bigram);
    l->common = calloc((size_t)l->texts + 1, sizeof *l->common);
    l->touched = calloc((size_t)l->texts + 1, sizeof *l->touched);
    ASSERT(l->common && l->touched);
}

static size_t first_of(const likeness_index *l, uint64_t bigram) {
    size_t low = 0, high = l->n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (l->at[mid].bigram < bigram) low = mid + 1;
        else
            high = mid;
    }
    return low;
}

/* Texts that share a bigram. A repeated one is counted too often at most, never too seldom. */
static size_t touch(likeness_index *l, const similar_text *text) {
    size_t n = 0;
    for (size_t i = 0; i < text->bigrams; i++)
        for (size_t k = first_of(l, text->bigram[i]); k < l->n && l->at[k].bigram == text->bigram[i]; k++)
            if (l->common[l->at[k].no]++ == 0) l->touched[n++] = l->at[k].no;
    return n;
}

static bool before(const likeness *a, const likeness *b) {
    return a->score != b->score ? a->score > b->score : a->no < b->no;
}

static void keep(likeness *best, size_t *n, size_t max, likeness x) {
    size_t at = *n;
    while (at > 0 && before(&x, &best[at - 1])) at--;
    if (at == max) return;
    size_t moved = (*n < max ? *n : max - 1) - at;
    memmove(&best[at + 1], &best[at], moved * sizeof *best);
    best[at] = x;
    if (*n < max) ++*n;
}

size_t likeness_find(likeness_index *l, const similar_text *text, uint32_t least, likeness_fn fn, void *arg,
                     likeness *best, size_t max) {
    size_t n = 0;
    prepare(l);
    size_t touched = touch(l, text);
    for (size_t i = 0; i < touched; i++) {
        likeness x = {.no = l->touched[i]};
        uint64_t most = 2 * (uint64_t)l->common[x.no] * SIMILAR_ONE / (text->bigrams + l->bigrams[x.no]);
        l->common[x.no] = 0;
        if (most < least) continue;
        x.score = fn(arg, x.no, &x.same_pack);
        if (x.score >= least) keep(best, &n, max, x);
    }
    return n;
}
