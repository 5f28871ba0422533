#include "proto/batch.h"

#include "proto/batch_rules.h"
#include <stdlib.h>

/* Lines that go into one batch: documents `doc` … `doc + docs - 1`, of which only the first may be a part. */
typedef struct span {
    uint32_t doc, docs, line, lines;
    uint32_t part, parts; /* 0: the first document is whole */
} span;

typedef struct cutter {
    const docset *s;
    const batch_cut *how;
    uint32_t *start; /* docs + 1: first line of each document */
    uint32_t *seen;  /* a file's word → its number in the column being written; last place: "not stated" */
    uint32_t *words; /* the column's words by number */
    span *spans;
    uint32_t span_count;
    int64_t *numbers; /* a column of documents */
    doc_line *rows;   /* the lines being written */
    size_t decoded;   /* bytes that the reader of this batch will need */
    buf data, len, index, value, column, head, frame;
} cutter;

/* A column of word numbers (WORD_NONE: not stated), or of numbers, as it lies in the file's lines. */
typedef struct word_rows {
    const uint32_t *word;
    size_t stride;
    uint32_t rows;
} word_rows;
typedef struct number_rows {
    const int64_t *value;
    size_t stride;
    uint32_t rows;
} number_rows;

static size_t varint_size(uint64_t v) {
    size_t n = 1;
    for (; v >= 0x80; v >>= 7) n++;
    return n;
}

static void put_uint(buf *b, unsigned tag, uint64_t v) {
    if (v == 0) return; /* proto3 leaves defaults out */
    buf_varint(b, tag);
    buf_varint(b, v);
}

static void put_bytes(buf *b, unsigned tag, str s) {
    if (s.n == 0) return;
    buf_varint(b, tag);
    buf_text(b, s);
}

static void end_column(cutter *c, unsigned tag, uint32_t no) {
    buf_clear(&c->column);
    put_uint(&c->column, COLUMN_NO, no);
    put_bytes(&c->column, COLUMN_DATA, buf_str(&c->data));
    put_bytes(&c->column, COLUMN_LEN, buf_str(&c->len));
    put_bytes(&c->column, COLUMN_INDEX, buf_str(&c->index));
    put_bytes(&c->column, COLUMN_VALUE, buf_str(&c->value));
    put_bytes(&c->frame, tag, buf_str(&c->column));
    buf_clear(&c->data);
    buf_clear(&c->len);
    buf_clear(&c->index);
    buf_clear(&c->value);
}

static void put_word(cutter *c, str s) {
    buf_add(&c->data, s);
    buf_varint(&c->len, s.n);
}

static str word_of(const cutter *c, uint32_t word) {
    return word >= c->s->words.n ? STR("") : c->s->words.word[word];
}

static uint32_t place_of(const cutter *c, uint32_t word) {
    return word == WORD_NONE ? c->s->words.n : word;
}

/* The column's distinct words, numbered by first sight. `plain`: bytes of one word a row, `dictionary`: of these and an
 * index. */
static uint32_t distinct_words(cutter *c, word_rows r, size_t limit, size_t *plain, size_t *dictionary) {
    uint32_t n = 0;
    *plain = *dictionary = 0;
    for (uint32_t i = 0; i < r.rows; i++) {
        uint32_t place = place_of(c, r.word[i * r.stride]), no = c->seen[place];
        size_t bytes = word_of(c, place).n, size = bytes + varint_size(bytes);
        if (no == WORD_NONE) {
            ASSERT(bytes <= limit);
            c->words[n] = place;
            no = c->seen[place] = n++;
            *dictionary += size;
        }
        *plain += size;
        *dictionary += varint_size(no);
    }
    return n;
}

static void put_texts(cutter *c, unsigned tag, uint32_t no, size_t limit, word_rows r) {
    size_t plain, dictionary;
    uint32_t n = distinct_words(c, r, limit, &plain, &dictionary);
    bool one = n <= 1, indexed = !one && dictionary < plain;
    bool stated = n > 1 || (n == 1 && word_of(c, c->words[0]).n > 0);
    if (stated && (one || indexed)) {
        for (uint32_t k = 0; k < n; k++) put_word(c, word_of(c, c->words[k]));
    } else if (stated) {
        for (uint32_t i = 0; i < r.rows; i++) put_word(c, word_of(c, place_of(c, r.word[i * r.stride])));
    }
    for (uint32_t i = 0; indexed && i < r.rows; i++) buf_varint(&c->index, c->seen[place_of(c, r.word[i * r.stride])]);
    for (uint32_t k = 0; k < n; k++) c->seen[c->words[k]] = WORD_NONE;
    if (!stated) return;
    c->decoded += sizeof(str) * (indexed || one ? n : r.rows) + (indexed ? sizeof(uint32_t) * r.rows : 0);
    end_column(c, tag, no);
}

static void put_value(buf *b, int64_t v) {
    buf_varint(b, v == NUM_NONE ? 0 : ((uint64_t)v << 1 ^ (uint64_t)(v >> 63)) + 1);
}

static void put_numbers(cutter *c, unsigned tag, const column_fact *fact, number_rows r) {
    bool same = true;
    int64_t before = 0;
    for (uint32_t i = 1; same && i < r.rows; i++) same = r.value[i * r.stride] == r.value[0];
    if (r.rows == 0 || (same && r.value[0] == NUM_NONE)) return;
    for (uint32_t i = 0; i < (same ? 1 : r.rows); i++) {
        int64_t v = r.value[i * r.stride];
        bool delta = fact->delta && !same && v != NUM_NONE;
        put_value(&c->value, delta ? v - before : v);
        if (v != NUM_NONE) before = v;
    }
    c->decoded += sizeof(int64_t) * r.rows;
    end_column(c, tag, fact->no);
}

static int64_t doc_number_of(const cutter *c, const span *p, uint32_t d, doc_number col) {
    const doc_head *h = &c->s->doc[d];
    bool part = d == p->doc && p->parts > 0;
    switch (col) {
    case D_LINES: return part ? p->lines - (c->start[p->doc + p->docs] - c->start[d + 1]) : h->lines;
    case D_PART: return part ? p->part : NUM_NONE;
    case D_PARTS: return part ? p->parts : NUM_NONE;
    case D_FLAGS: return h->flags ? h->flags : NUM_NONE;
    case D_DATE: return h->date;
    case DOC_NUMBER_COUNT: break;
    }
    return NUM_NONE;
}

static void put_docs(cutter *c, const span *p) {
    const doc_head *first = c->s->doc + p->doc;
    for (size_t col = 0; col < DOC_TEXT_COUNT; col++)
        put_texts(c, BATCH_DOC, doc_text_facts[col].no, LIMIT_TEXT,
                  (word_rows){&first->text[col], sizeof *first / sizeof first->text[0], p->docs});
    for (doc_number col = 0; col < DOC_NUMBER_COUNT; col++) {
        for (uint32_t d = 0; d < p->docs; d++) c->numbers[d] = doc_number_of(c, p, p->doc + d, col);
        put_numbers(c, BATCH_DOC, &doc_number_facts[col], (number_rows){c->numbers, 1, p->docs});
    }
}

static void put_lines(cutter *c, const span *p) {
    const doc_line *first = c->rows;
    docset_copy(c->s, p->line, p->lines, c->rows);
    for (line_text col = 0; col < LINE_TEXT_COUNT; col++)
        put_texts(c, BATCH_LINE, line_text_facts[col].no, line_text_limit(col),
                  (word_rows){&first->text[col], sizeof *first / sizeof first->text[0], p->lines});
    for (size_t col = 0; col < LINE_NUMBER_COUNT; col++)
        put_numbers(c, BATCH_LINE, &line_number_facts[col],
                    (number_rows){&first->number[col], sizeof *first / sizeof first->number[0], p->lines});
}

/* A file name is bytes to the system; in a batch it is clean text. */
static void put_name(buf *b, unsigned tag, str s, size_t limit) {
    AUTO(buf) clean = {0};
    s = str_take(s, limit);
    if (!words_clean(s)) {
        buf_add(&clean, s);
        for (size_t i = 0; i < clean.n; i++)
            if ((unsigned char)clean.p[i] < 0x20 || (unsigned char)clean.p[i] >= 0x7f) clean.p[i] = '?';
        s = buf_str(&clean);
    }
    put_bytes(b, tag, s);
}

static void put_fixed(buf *b, unsigned tag, uint64_t v) {
    buf_varint(b, tag);
    for (unsigned i = 0; i < 8; i++) buf_byte(b, (char)(v >> 8 * i));
}

static void put_day(buf *b, unsigned tag, day_t d) {
    put_uint(b, tag, ((uint64_t)(int64_t)d << 1 ^ (uint64_t)(d >> 31)) + 1);
}

static void put_replace(buf *b, const replace_span *r) {
    if (r->id == 0) return;
    put_fixed(b, FILE_REPLACE_ID, r->id);
    put_day(b, FILE_REPLACE_FROM, r->from);
    put_day(b, FILE_REPLACE_TO, r->to);
}

static void put_file(cutter *c, uint32_t no) {
    const docset *s = c->s;
    buf_clear(&c->head);
    put_name(&c->head, FILE_NAME, s->file_name, LIMIT_FILE_NAME);
    put_bytes(&c->head, FILE_SHA256, str_from(s->sha256, sizeof s->sha256));
    put_uint(&c->head, FILE_SIZE, s->size);
    put_name(&c->head, FILE_DIALECT, s->dialect, LIMIT_TEXT);
    put_name(&c->head, FILE_CHARSET, s->charset, LIMIT_TEXT);
    put_name(&c->head, FILE_MAPPING, s->mapping, LIMIT_TEXT);
    put_uint(&c->head, FILE_BATCH, no);
    put_uint(&c->head, FILE_BATCHES, c->span_count);
    put_uint(&c->head, FILE_AGAIN, c->how->again);
    put_uint(&c->head, FILE_LINES, s->lines);
    put_replace(&c->head, &c->how->replace);
    put_name(&c->head, FILE_MAKE, s->make, LIMIT_ID);
    put_bytes(&c->frame, BATCH_FILE, buf_str(&c->head));
}

static void put_batch(cutter *c, const span *p, uint64_t seq, uint32_t no) {
    uint64_t epoch = c->how->epoch;
    buf_clear(&c->frame);
    c->decoded = sizeof(uint32_t) * (p->docs + 1);
    if (epoch) put_fixed(&c->frame, BATCH_EPOCH, epoch);
    put_uint(&c->frame, BATCH_SEQ, seq);
    put_file(c, no);
    put_uint(&c->frame, BATCH_DOCS, p->docs);
    put_uint(&c->frame, BATCH_LINES, p->lines);
    if (p->docs) put_docs(c, p);
    if (p->lines) put_lines(c, p);
}

/* As many whole documents from (doc, line) on as `most` rows allow, be it the rest of the first; else a part of it. */
static span next_span(const cutter *c, uint32_t doc, uint32_t line, uint32_t most) {
    uint32_t end = doc;
    if (c->s->docs == 0) return (span){0};
    while (end < c->s->docs && end - doc < most && c->start[end + 1] - line <= most) end++;
    span p = {.doc = doc, .docs = end - doc, .line = line, .lines = c->start[end] - line};
    if (end == doc) p.docs = 1, p.lines = most;
    bool whole = line == c->start[doc] && end > doc;
    if (!whole) p.part = p.parts = LIMIT_DOCUMENT_LINES; /* known when all is cut; the longest numbers until then */
    return p;
}

/* Shrinks the span until its frame fits, and what decoding takes fits beside a copy of the frame. */
static span fitting_span(cutter *c, uint32_t doc, uint32_t line) {
    const uint64_t bytes_max = LIMIT_BATCH_BYTES - 64; /* the final numbers of batch, batches and parts may be longer */
    const uint64_t memory_max = LIMIT_DECODE_BYTES / 4 * 3;
    uint32_t most = LIMIT_BATCH_LINES;
    for (;;) {
        span p = next_span(c, doc, line, most);
        put_batch(c, &p, UINT64_MAX, UINT32_MAX);
        if (c->frame.n <= bytes_max && c->decoded <= memory_max) return p;
        uint64_t rows = p.docs > p.lines ? p.docs : p.lines;
        uint64_t by_bytes = rows * bytes_max / c->frame.n, by_memory = rows * memory_max / c->decoded;
        most = (uint32_t)((by_bytes < by_memory ? by_bytes : by_memory) * 31 / 32);
        ASSERT(most > 0); /* a line of the longest texts takes a tenth of a batch */
    }
}

static void cut_spans(cutter *c) {
    uint32_t doc = 0, line = 0, cap = 0;
    do {
        if (c->span_count == cap) {
            cap = cap ? 2 * cap : 64;
            c->spans = reallocarray(c->spans, cap, sizeof *c->spans);
            ASSERT(c->spans != NULL);
        }
        span p = fitting_span(c, doc, line);
        c->spans[c->span_count++] = p;
        line = p.line + p.lines;
        doc = p.doc + p.docs;
        if (p.docs && line < c->start[doc]) doc--; /* its next part */
    } while (doc < c->s->docs);
}

static void number_parts(cutter *c) {
    for (uint32_t i = 0, next; i < c->span_count; i = next) {
        next = i + 1;
        if (c->spans[i].parts == 0) continue;
        while (next < c->span_count && c->spans[next].parts && c->spans[next].doc == c->spans[i].doc) next++;
        for (uint32_t k = i; k < next; k++) {
            c->spans[k].part = k - i + 1;
            c->spans[k].parts = next - i;
        }
    }
}

static bool check_numbers(const docset *s, err *e) {
    for (size_t i = 0; i < s->lines; i++) {
        doc_line l = docset_at(s, i);
        for (size_t col = 0; col < LINE_NUMBER_COUNT; col++)
            if (!number_ok(&line_number_rules[col], l.number[col]))
                return err_set(e, ERR_DATA, "row %lld: %s is missing or beyond the limits", (long long)l.number[N_ROW],
                               line_number_facts[col].name);
    }
    return true;
}

static bool check_documents(const docset *s, err *e) {
    for (size_t d = 0; d < s->docs; d++) {
        const doc_head *h = &s->doc[d];
        str number = words_get(&s->words, h->text[D_NUMBER]);
        if (!number_ok(&doc_number_rules[D_DATE], h->date))
            return err_set(e, ERR_DATA, "document '%.*s': no date", STR_ARG(number));
        if (h->lines > LIMIT_DOCUMENT_LINES)
            return err_set(e, ERR_DATA,
                           "document '%.*s' has %u lines, at most %d are possible: split it by place or day",
                           STR_ARG(number), h->lines, LIMIT_DOCUMENT_LINES);
    }
    return true;
}

static bool check(const docset *s, err *e) {
    for (uint32_t w = 0; w < s->words.n; w++)
        if (!words_clean(s->words.word[w]))
            return err_set(e, ERR_DATA, "'%.*s': not UTF-8, or a control character in it", STR_ARG(s->words.word[w]));
    TRY(check_numbers(s, e));
    return check_documents(s, e);
}

static void *list(size_t n, size_t size) {
    void *p = reallocarray(NULL, n + 1, size);
    ASSERT(p != NULL);
    return p;
}

static void cutter_init(cutter *c, const docset *s, const batch_cut *how) {
    *c = (cutter){.s = s, .how = how};
    c->start = list(s->docs + 1, sizeof *c->start);
    c->seen = list(s->words.n + 1, sizeof *c->seen);
    c->words = list(LIMIT_BATCH_LINES, sizeof *c->words);
    c->numbers = list(LIMIT_BATCH_LINES, sizeof *c->numbers);
    c->rows = list(LIMIT_BATCH_LINES, sizeof *c->rows);
    c->start[0] = 0;
    for (size_t d = 0; d < s->docs; d++) c->start[d + 1] = c->start[d] + s->doc[d].lines;
    for (size_t w = 0; w <= s->words.n; w++) c->seen[w] = WORD_NONE;
}

static void cutter_auto(cutter *c) {
    buf *bufs[] = {&c->data, &c->len, &c->index, &c->value, &c->column, &c->head, &c->frame};
    for (size_t i = 0; i < ARRAY_LEN(bufs); i++) buf_free(bufs[i]);
    free(c->start);
    free(c->seen);
    free(c->words);
    free(c->numbers);
    free(c->rows);
    free(c->spans);
}

bool batch_cut_docset(const docset *s, const batch_cut *how, batch_fn fn, void *arg, err *e) {
    AUTO(cutter) c = {0};
    TRY(check(s, e));
    cutter_init(&c, s, how);
    cut_spans(&c);
    number_parts(&c);
    for (uint32_t i = 0; i < c.span_count; i++) {
        const span *p = &c.spans[i];
        put_batch(&c, p, how->first_seq + i, i + 1);
        ASSERT(c.frame.n <= LIMIT_BATCH_BYTES);
        TRY(fn(arg, how->first_seq + i, buf_str(&c.frame), p->docs, p->lines, e));
    }
    return true;
}
