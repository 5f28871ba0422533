/* similar — how alike two names of goods are, and whether they speak of one pack. Words only propose: what is posted is
 * decided by a person.
 *
 * A text is read as code points: full-width forms as half-width, letters in lower case, Chinese × and x and * between
 * numbers alike, brackets and marks as gaps. It falls into
 *   packs   numbers with their unit and factors: "500ml*24" and "0.5L×24瓶" both give 500 ml and 24. Litres become ml, kilograms
 *           (公斤, kg) and 斤 become g, metres become cm; counting words (瓶 盒 箱 包 …) after a number are dropped
 *   words   the rest, without stop words (新, 装, 正品, 赠, 促销 …); their code-point bigrams, a single letter as itself
 *
 *   bigrams(a, b) = 2 · |A ∩ B| / (|A| + |B|)      (Dice, over multisets; both empty: 0)
 *   similar(a, b) = bigrams · pack       pack = 1 where both name the same packs, 0.9 where only one names any,
 *                                        0.5 where all of the smaller pack are in the greater, 0 where they differ
 *
 * in parts per million, integers only. The source of the measure: Dice (1945); the weights of packs are ours. */
#ifndef MATHS_SIMILAR_H
#define MATHS_SIMILAR_H

#include "base/str.h"

enum {
    SIMILAR_ONE = 1000000,
    SIMILAR_BIGRAMS = 96, /* kept of a text */
    SIMILAR_PACKS = 6
};

/* A text as it is compared. Bigrams are sorted: two code points in one number. */
typedef struct similar_text {
    uint64_t bigram[SIMILAR_BIGRAMS];
    size_t bigrams;
    uint64_t pack[SIMILAR_PACKS]; /* sorted: measure, then amount in its smallest unit (thousandths) */
    size_t packs;
} similar_text;

/** Read name and spec (either may be empty). Both valid UTF-8. */
void similar_read(str name, str spec, similar_text *out);
/** Add a count to its packs (24 in a carton), as if the spec said *24. */
void similar_add_count(similar_text *t, uint32_t count);
/** 0 … SIMILAR_ONE, the same both ways. */
uint32_t similar_of(const similar_text *a, const similar_text *b);
/** The names alone, without their packs: of customers. */
uint32_t similar_words(const similar_text *a, const similar_text *b);
/** Do both name the same packs, and at least one? */
bool similar_same_pack(const similar_text *a, const similar_text *b);

#endif
