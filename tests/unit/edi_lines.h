/* edi_lines — what a reader of EDI made of a text, in one string, for the tests of formats/. */
#ifndef TESTS_UNIT_EDI_LINES_H
#define TESTS_UNIT_EDI_LINES_H

#include "formats/formats.h"

static inline bool read_edi(const format *f, const char *text, const mapping *m, docset *s, err *e) {
    source in = {.name = "report.edi", .bytes = str_of(text)};
    docset_init(s);
    bool ok = f->read(&in, m, s, e);
    docset_finish(s);
    return ok;
}

static inline void put_number(buf *b, int64_t v, unsigned scale) {
    if (v == NUM_NONE) buf_byte(b, '-');
    else
        dec_put(b, v, scale, 0);
}

/* "type number/version date sku quantity unit price amount", then what else a line states as " name=word", then "|" */
static inline void put_lines(buf *b, const docset *s) {
    static const line_text further[] = {T_PLACE,     T_CUSTOMER, T_SHIP_TO, T_COUNTERPARTY,
                                        T_REFERENCE, T_BATCH,    T_CODES,   T_GIFT};
    for (size_t i = 0; i < s->lines; i++) {
        doc_line l = docset_at(s, i);
        const doc_head *h = &s->doc[l.doc];
        buf_printf(b, "%s %.*s/%.*s ", doc_type_name(h->type), STR_ARG(words_get(&s->words, h->text[D_NUMBER])),
                   STR_ARG(words_get(&s->words, h->text[D_VERSION])));
        day_put(b, (day_t)l.number[N_DATE]);
        buf_printf(b, " %.*s ", STR_ARG(words_get(&s->words, l.text[T_SKU])));
        put_number(b, l.number[N_QUANTITY], QUANTITY_SCALE);
        buf_printf(b, " %.*s ", STR_ARG(words_get(&s->words, l.text[T_UNIT])));
        put_number(b, l.number[N_UNIT_PRICE], MICRO_SCALE);
        buf_byte(b, ' ');
        put_number(b, l.number[N_AMOUNT], MICRO_SCALE);
        for (size_t k = 0; k < ARRAY_LEN(further); k++)
            if (l.text[further[k]] != WORD_NONE)
                buf_printf(b, " %s=%.*s", line_text_facts[further[k]].name,
                           STR_ARG(words_get(&s->words, l.text[further[k]])));
        buf_byte(b, '|');
    }
}

#endif
