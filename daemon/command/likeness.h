/* likeness — the most similar of many texts, found through their bigrams: only texts that share enough of them are compared. */
#ifndef COMMAND_LIKENESS_H
#define COMMAND_LIKENESS_H

#include "maths/similar.h"

typedef struct likeness_index likeness_index;

likeness_index *likeness_new(void);
void likeness_free(likeness_index *l);
/** Texts are numbered from 0 in the order they are added; all before the first search. The text is not kept. */
void likeness_add(likeness_index *l, const similar_text *text);

typedef struct likeness {
    uint32_t no, score; /* of SIMILAR_ONE */
    bool same_pack;
} likeness;
/** How alike text `no` is; may say more of its pack. */
typedef uint32_t (*likeness_fn)(void *arg, uint32_t no, bool *same_pack);
/** The at most `max` best of at least `least` by fn, the best first, equals by number; how many. */
size_t likeness_find(likeness_index *l, const similar_text *text, uint32_t least, likeness_fn fn, void *arg,
                     likeness *best, size_t max);

#endif
