/* readings — files given as texts, read whole, for the tests of formats/. */
#ifndef TESTS_UNIT_READINGS_H
#define TESTS_UNIT_READINGS_H

#include "formats/formats.h"

#include <stdio.h>
#include <stdlib.h>

/** A file of the shared samples into `out`; false with one printed line when they are not here. */
static inline bool shared_path(const char *name, char *out, size_t size) {
    const char *root = getenv("CHANNELD_SHARED");
    (void)snprintf(out, size, "%s/%s", root ? root : "../shared", name);
    FILE *f = fopen(out, "rb");
    if (f) (void)fclose(f);
    else
        (void)printf("skipped: %s is not here (set CHANNELD_SHARED)\n", out);
    return f != NULL;
}

/** Read `text` as a file of that name; yaml NULL: no mapping. The docset must be initialised. */
static inline bool read_file_text(const char *name, str text, const char *yaml, docset *out, err *e) {
    AUTO(mapping) m = {0};
    source in = {.name = name, .bytes = text};
    if (yaml == NULL) return formats_read(&in, NULL, out, e);
    return mapping_parse(str_of(yaml), STR("test"), &m, e) && formats_read(&in, &m, out, e);
}

/** The line as "type number date sku quantity amount", what is not stated as "-". */
static inline const char *line_text_of(const docset *s, size_t i, buf *b) {
    doc_line l = docset_at(s, i);
    const doc_head *h = &s->doc[l.doc];
    str number = words_get(&s->words, h->text[D_NUMBER]), sku = words_get(&s->words, l.text[T_SKU]);
    buf_clear(b);
    buf_printf(b, "%s %.*s ", doc_type_name(h->type), number.n ? (int)number.n : 1, number.n ? number.p : "-");
    day_put(b, (day_t)l.number[N_DATE]);
    buf_printf(b, " %.*s ", sku.n ? (int)sku.n : 1, sku.n ? sku.p : "-");
    if (l.number[N_QUANTITY] == NUM_NONE) buf_addz(b, "-");
    else
        dec_put(b, l.number[N_QUANTITY], QUANTITY_SCALE, 0);
    buf_byte(b, ' ');
    if (l.number[N_AMOUNT] == NUM_NONE) buf_addz(b, "-");
    else
        dec_put(b, l.number[N_AMOUNT], MICRO_SCALE, 0);
    return buf_z(b);
}

static inline str line_word(const docset *s, size_t i, line_text t) {
    return words_get(&s->words, docset_at(s, i).text[t]);
}

#endif
