/* docsets — random but valid docsets for the tests of proto/ and of what is built on it. */
#ifndef TESTS_UNIT_DOCSETS_H
#define TESTS_UNIT_DOCSETS_H

#include "base/rng.h"
#include "proto/docset.h"
#include "proto/limits.h"

#include <stdio.h>
#include <stdlib.h>

static inline str random_word(rng *r, char out[static 64]) {
    static const char *const bits[] = {"A", "7", "-", "箱", "é", "𠮷", "x", "0", "市", " "};
    size_t n = 0;
    for (uint64_t k = 1 + rng_below(r, 8); k > 0; k--) {
        str b = str_of(bits[rng_below(r, sizeof bits / sizeof *bits)]);
        memcpy(out + n, b.p, b.n);
        n += b.n;
    }
    return str_from(out, n);
}

/* A column is absent, the same in all rows, from a few words, or different in each row. */
static inline uint32_t random_text(docset *s, rng *r, unsigned shape, uint32_t salt) {
    char word[64];
    if (shape % 4 == 0 || rng_below(r, 5) == 0) return WORD_NONE;
    rng one = {salt + (shape % 4 == 1 ? 0 : shape % 4 == 2 ? rng_below(r, 7) : rng_next(r))};
    return words_add(&s->words, random_word(&one, word));
}

static inline int64_t random_number(rng *r, unsigned shape, int64_t limit) {
    if (shape % 4 == 0 || rng_below(r, 6) == 0) return NUM_NONE;
    if (shape % 4 == 1) return 1000;
    int64_t v = (int64_t)rng_below(r, (uint64_t)(shape % 4 == 2 ? 100000 : limit) + 1);
    return rng_below(r, 4) ? v : -v;
}

/* `docs` documents of up to `lines` lines each; shapes of the columns come from r. */
static inline void random_docset(docset *s, rng *r, uint32_t docs, uint32_t lines) {
    unsigned shape[LINE_TEXT_COUNT + LINE_NUMBER_COUNT];
    for (size_t i = 0; i < sizeof shape / sizeof *shape; i++) shape[i] = (unsigned)rng_below(r, 8);
    s->file_name = STR("sales 2026-03.csv");
    s->dialect = STR("csv");
    s->charset = STR("gb18030");
    s->size = rng_below(r, 1u << 30);
    for (size_t i = 0; i < sizeof s->sha256; i++) s->sha256[i] = (uint8_t)rng_next(r);
    int64_t row = 1;
    for (uint32_t d = 0; d < docs; d++) {
        doc_head h = {.type = (doc_type)rng_below(r, DOC_TYPE_COUNT), .flags = rng_below(r, 3) ? 0 : DOC_SCOPE_YEAR};
        char number[24];
        for (size_t c = 0; c < DOC_TEXT_COUNT; c++) h.text[c] = WORD_NONE;
        (void)snprintf(number, sizeof number, "No %u", d);
        h.text[D_NUMBER] = words_add(&s->words, str_of(number));
        if (rng_below(r, 9) == 0) {
            docset_cancel(s, &h, 20000);
            continue;
        }
        for (uint64_t n = 1 + rng_below(r, lines); n > 0; n--) {
            doc_line *l = docset_line(s);
            for (uint32_t c = 0; c < LINE_TEXT_COUNT; c++) l->text[c] = random_text(s, r, shape[c], c * 1000);
            for (size_t c = 0; c < LINE_NUMBER_COUNT; c++)
                l->number[c] = random_number(r, shape[LINE_TEXT_COUNT + c], LIMIT_QUANTITY);
            l->number[N_ROW] = row += 1 + (int64_t)rng_below(r, 3);
            l->number[N_DATE] = 20000 + (int64_t)rng_below(r, shape[0] % 2 ? 40 : 1);
            if (l->number[N_SHEET] != NUM_NONE) l->number[N_SHEET] = 1 + (int64_t)rng_below(r, 3);
            docset_place(s, &h, STR(""));
        }
    }
    docset_finish(s);
}

/* Another docset of the same documents and words with these lines, as many as there are. */
static inline void docset_with(docset *to, const docset *from, const doc_line *lines) {
    docset_init(to);
    to->file_name = from->file_name;
    to->dialect = from->dialect;
    to->charset = from->charset;
    to->size = from->size;
    memcpy(to->sha256, from->sha256, sizeof to->sha256);
    for (uint32_t w = 0; w < from->words.n; w++) (void)words_add(&to->words, words_get(&from->words, w));
    for (size_t i = 0; i < from->lines; i++) {
        *docset_line(to) = lines[i];
        docset_place(to, &from->doc[lines[i].doc], STR(""));
    }
    docset_finish(to);
}

#endif
