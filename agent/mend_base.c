/* mend_base — an upload read back from the spool: its documents exactly as they were sent. */
#include "agent/mend.h"

typedef struct rebuilding {
    docset *out;
    uint64_t doc; /* documents so far: two of one name stay two */
} rebuilding;

static uint32_t word_of(docset *d, str s) {
    return s.n ? words_add(&d->words, s) : WORD_NONE;
}

static doc_head head_of(docset *out, const batch *b, uint32_t doc) {
    doc_head h = {.type = batch_doc_type(b, doc)};
    int64_t flags = column_number(b->doc_number[D_FLAGS], doc);
    for (size_t i = 0; i < DOC_TEXT_COUNT; i++) h.text[i] = word_of(out, column_text(&b->doc_text[i], doc));
    h.flags = flags == NUM_NONE ? 0 : (uint32_t)flags;
    return h;
}

static void take_lines(rebuilding *k, const batch *b, uint32_t doc, const doc_head *h) {
    uint8_t no[8];
    put_be64(no, k->doc);
    for (uint32_t row = b->doc_first[doc]; row < b->doc_first[doc + 1]; row++) {
        doc_line *l = docset_line(k->out);
        for (size_t i = 0; i < LINE_NUMBER_COUNT; i++) l->number[i] = column_number(b->line_number[i], row);
        for (size_t i = 0; i < LINE_TEXT_COUNT; i++) l->text[i] = word_of(k->out, column_text(&b->line_text[i], row));
        docset_place(k->out, h, str_from(no, sizeof no));
    }
}

static void take_document(rebuilding *k, const batch *b, uint32_t doc) {
    int64_t part = column_number(b->doc_number[D_PART], doc), date = column_number(b->doc_number[D_DATE], doc);
    doc_head h = head_of(k->out, b, doc);
    if (part == NUM_NONE || part == 1) k->doc++;
    if (h.flags & DOC_CANCEL) docset_cancel(k->out, &h, date == NUM_NONE ? 0 : (day_t)date);
    else
        take_lines(k, b, doc, &h);
}

bool mend_docset_of(spool *s, const upload *u, docset *out, err *e) {
    rebuilding k = {.out = out};
    for (uint64_t seq = u->first_seq; seq <= u->last_seq; seq++) {
        AUTO(spooled_batch) x = {0};
        TRY(spool_decode(s, seq, &x, e));
        for (uint32_t doc = 0; doc < x.b.docs; doc++) take_document(&k, &x.b, doc);
    }
    docset_finish(out);
    return true;
}
