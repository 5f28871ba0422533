#include "proto/batch.h"

#include "proto/batch_rules.h"

/* One field of a protobuf message: `tag` is number << 3 | wire type. */
typedef struct field {
    uint64_t tag, number;
    str bytes;
} field;

/* A column as it lies in the frame. */
typedef struct raw_column {
    bool present;
    str data, len, index, value;
} raw_column;

typedef struct decoder {
    arena *a;
    err *e;
    const char *what; /* the column in work, for messages */
    batch *out;
    raw_column doc_text[DOC_TEXT_COUNT], doc_number[DOC_NUMBER_COUNT];
    raw_column line_text[LINE_TEXT_COUNT], line_number[LINE_NUMBER_COUNT];
} decoder;

static bool refuse(decoder *d, const char *why) {
    if (d->what) return err_set(d->e, ERR_DATA, "batch refused: column '%s': %s", d->what, why);
    return err_set(d->e, ERR_DATA, "batch refused: %s", why);
}

/* The next field; false at the end or when malformed (r->bad). */
static bool next_field(reader *r, field *f) {
    if (reader_done(r)) return false;
    *f = (field){.tag = read_varint(r)};
    switch (f->tag & 7) {
    case 0: f->number = read_varint(r); break;
    case 1: f->number = __builtin_bswap64(read_be64(r)); break;
    case 2: f->bytes = read_text(r); break;
    default: r->bad = true;
    }
    return !r->bad;
}

/* Our writers say each field once; what protobuf would merge or overwrite is refused. */
static bool once(decoder *d, uint32_t *seen, uint64_t tag) {
    uint32_t bit = tag >> 3 < 32 ? 1u << (tag >> 3) : 0;
    if (*seen & bit) return refuse(d, "a field stands twice");
    *seen |= bit;
    return true;
}

static bool clean_text(decoder *d, str s, size_t limit, str *out) {
    if (s.n > limit || !words_clean(s)) return refuse(d, "a text of the file is too long or not clean UTF-8");
    *out = s;
    return true;
}

static bool take_sha256(decoder *d, str s) {
    if (s.n != 32) return refuse(d, "the file's SHA-256 has not 32 bytes");
    d->out->sha256 = (const uint8_t *)s.p;
    return true;
}

static bool take_count(decoder *d, uint64_t v, uint64_t most, uint32_t *out) {
    if (v > most) return refuse(d, "a count is beyond its limit");
    *out = (uint32_t)v;
    return true;
}

static bool take_day(decoder *d, uint64_t v, day_t *out) {
    int64_t day = (int64_t)((v - 1) >> 1) ^ -(int64_t)((v - 1) & 1);
    if (v == 0 || day < DAY_MIN || day > DAY_MAX) return refuse(d, "a day of the span to replace is no day");
    *out = (day_t)day;
    return true;
}

static bool check_replace(decoder *d, uint32_t seen) {
    const replace_span *r = &d->out->replace;
    uint32_t all = 1u << (FILE_REPLACE_ID >> 3) | 1u << (FILE_REPLACE_FROM >> 3) | 1u << (FILE_REPLACE_TO >> 3);
    if ((seen & all) == 0) return true;
    if ((seen & all) != all || r->id == 0) return refuse(d, "the span to replace is not stated whole");
    if (r->from > r->to || r->to - r->from >= LIMIT_REPLACE_DAYS)
        return refuse(d, "the span to replace has no day or too many");
    return true;
}

static bool decode_file(decoder *d, str bytes) {
    batch *b = d->out;
    reader r = reader_of(bytes);
    uint32_t seen = 0;
    for (field f; next_field(&r, &f);) {
        TRY(once(d, &seen, f.tag));
        switch (f.tag) {
        case FILE_NAME: TRY(clean_text(d, f.bytes, LIMIT_FILE_NAME, &b->file_name)); break;
        case FILE_SHA256: TRY(take_sha256(d, f.bytes)); break;
        case FILE_SIZE: b->file_size = f.number; break;
        case FILE_DIALECT: TRY(clean_text(d, f.bytes, LIMIT_TEXT, &b->dialect)); break;
        case FILE_CHARSET: TRY(clean_text(d, f.bytes, LIMIT_TEXT, &b->charset)); break;
        case FILE_MAPPING: TRY(clean_text(d, f.bytes, LIMIT_TEXT, &b->mapping)); break;
        case FILE_BATCH: TRY(take_count(d, f.number, UINT32_MAX, &b->file_batch)); break;
        case FILE_BATCHES: TRY(take_count(d, f.number, UINT32_MAX, &b->file_batches)); break;
        case FILE_AGAIN: b->again = f.number != 0; break;
        case FILE_LINES: b->file_lines = f.number; break;
        case FILE_REPLACE_ID: b->replace.id = f.number; break;
        case FILE_REPLACE_FROM: TRY(take_day(d, f.number, &b->replace.from)); break;
        case FILE_REPLACE_TO: TRY(take_day(d, f.number, &b->replace.to)); break;
        case FILE_MAKE: TRY(clean_text(d, f.bytes, LIMIT_ID, &b->make)); break;
        default: return refuse(d, "unknown field in File");
        }
    }
    if (r.bad) return refuse(d, "File is not protobuf");
    if (b->sha256 == NULL) return refuse(d, "File has no SHA-256");
    if (b->file_batch < 1 || b->file_batch > b->file_batches)
        return refuse(d, "batch and batches of the file disagree");
    return check_replace(d, seen);
}

/* Where a column of this number belongs; NULL: unknown. */
static raw_column *column_of(raw_column *texts, const column_fact *text_facts, size_t text_count, raw_column *numbers,
                             const column_fact *number_facts, size_t number_count, uint32_t no) {
    for (size_t i = 0; i < text_count; i++)
        if (text_facts[i].no == no) return &texts[i];
    for (size_t i = 0; i < number_count; i++)
        if (number_facts[i].no == no) return &numbers[i];
    return NULL;
}

static bool decode_column(decoder *d, str bytes, bool of_docs) {
    raw_column raw = {.present = true};
    uint32_t no = 0, seen = 0;
    reader r = reader_of(bytes);
    for (field f; next_field(&r, &f);) {
        TRY(once(d, &seen, f.tag));
        switch (f.tag) {
        case COLUMN_NO: TRY(take_count(d, f.number, UINT32_MAX, &no)); break;
        case COLUMN_DATA: raw.data = f.bytes; break;
        case COLUMN_LEN: raw.len = f.bytes; break;
        case COLUMN_INDEX: raw.index = f.bytes; break;
        case COLUMN_VALUE: raw.value = f.bytes; break;
        default: return refuse(d, "unknown field in Column");
        }
    }
    if (r.bad) return refuse(d, "Column is not protobuf");
    raw_column *at = of_docs ? column_of(d->doc_text, doc_text_facts, DOC_TEXT_COUNT, d->doc_number, doc_number_facts,
                                         DOC_NUMBER_COUNT, no)
                             : column_of(d->line_text, line_text_facts, LINE_TEXT_COUNT, d->line_number,
                                         line_number_facts, LINE_NUMBER_COUNT, no);
    if (at == NULL) return refuse(d, "a column that this version does not know");
    if (at->present) return refuse(d, "a column stands twice");
    *at = raw;
    return true;
}

/* A packed field that ends within a number is malformed; else every byte below 0x80 ends one. */
static bool count_packed(str s, size_t *n) {
    size_t ends = 0;
    for (size_t i = 0; i < s.n; i++) ends += (unsigned char)s.p[i] < 0x80;
    *n = ends;
    return s.n == 0 || (unsigned char)s.p[s.n - 1] < 0x80;
}

/* The number at *p, which is known to end; false when it has more than 64 bits. */
static inline bool packed_next(const uint8_t **p, uint64_t *v) {
    uint64_t c = *(*p)++;
    *v = c;
    if (c < 0x80) return true;
    *v = c & 0x7f;
    for (unsigned shift = 7; shift < 64; shift += 7) {
        c = *(*p)++;
        *v |= (c & 0x7f) << shift;
        if (c < 0x80) return shift < 63 || c < 2;
    }
    return false;
}

static void *room(decoder *d, size_t n, size_t size) {
    void *p = arena_alloc(d->a, n * size);
    if (p == NULL) (void)refuse(d, "it takes too much memory");
    return p;
}

static bool decode_words(decoder *d, const raw_column *raw, size_t limit, text_column *out) {
    str *word = room(d, out->words, sizeof *word);
    const uint8_t *p = (const uint8_t *)raw->len.p;
    size_t at = 0;
    TRY(word != NULL);
    if (!words_clean(raw->data)) return refuse(d, "not UTF-8, or a control character");
    for (uint32_t i = 0; i < out->words; i++) {
        uint64_t n;
        if (!packed_next(&p, &n) || n > raw->data.n - at) return refuse(d, "the lengths exceed the data");
        if (n > limit) return refuse(d, "a text is too long");
        if (n && ((unsigned char)raw->data.p[at] & 0xc0) == 0x80) return refuse(d, "a text begins within a letter");
        word[i] = str_from(n ? raw->data.p + at : "", (size_t)n);
        at += (size_t)n;
    }
    if (at != raw->data.n) return refuse(d, "the data exceed the lengths");
    out->word = word;
    return true;
}

static bool decode_index(decoder *d, const raw_column *raw, uint32_t rows, text_column *out) {
    uint32_t *index = room(d, rows, sizeof *index);
    const uint8_t *p = (const uint8_t *)raw->index.p;
    TRY(index != NULL);
    for (uint32_t i = 0; i < rows; i++) {
        uint64_t v;
        if (!packed_next(&p, &v) || v >= out->words) return refuse(d, "an index beyond the words");
        index[i] = (uint32_t)v;
    }
    out->index = index;
    return true;
}

static bool decode_texts(decoder *d, const raw_column *raw, uint32_t rows, size_t limit, text_column *out) {
    size_t n, indices;
    if (!raw->present) return true;
    if (raw->value.n) return refuse(d, "numbers in a column of texts");
    if (!count_packed(raw->len, &n) || !count_packed(raw->index, &indices)) return refuse(d, "cut off");
    if (n == 0 || n > rows) return refuse(d, "no words, or more than rows");
    if (indices != (raw->index.n ? rows : 0)) return refuse(d, "as many indices as rows are wanted");
    if (raw->index.n == 0 && n != 1 && n != rows) return refuse(d, "one word, or one a row, is wanted");
    out->words = (uint32_t)n;
    TRY(decode_words(d, raw, limit, out));
    return raw->index.n == 0 || decode_index(d, raw, rows, out);
}

static inline bool value_next(const uint8_t **p, int64_t *v) {
    uint64_t u;
    if (!packed_next(p, &u)) return false;
    *v = u == 0 ? NUM_NONE : (int64_t)((u - 1) >> 1) ^ -(int64_t)((u - 1) & 1);
    return true;
}

static bool decode_numbers(decoder *d, const raw_column *raw, uint32_t rows, const column_fact *fact,
                           const number_rule *rule, const int64_t **out) {
    size_t n;
    d->what = fact->name;
    if (!raw->present) return (rows == 0 || !rule->required) || refuse(d, "not stated");
    if (raw->data.n || raw->len.n || raw->index.n) return refuse(d, "texts in a column of numbers");
    if (!count_packed(raw->value, &n)) return refuse(d, "cut off");
    if (n == 0 || (n != 1 && n != rows)) return refuse(d, "one value, or one a row, is wanted");
    if (rows == 0) return refuse(d, "values without rows");
    int64_t *value = room(d, rows, sizeof *value), before = 0;
    const uint8_t *p = (const uint8_t *)raw->value.p;
    bool delta = fact->delta && n > 1;
    TRY(value != NULL);
    for (size_t i = 0; i < n; i++) {
        int64_t v;
        if (!value_next(&p, &v)) return refuse(d, "a number of more than 64 bits");
        if (delta && v != NUM_NONE) {
            if (!add_i64(v, before, &v)) return refuse(d, "a difference that overflows");
            before = v;
        }
        if (!number_ok(rule, v)) return refuse(d, "a value beyond the limits, or missing");
        value[i] = v;
    }
    for (size_t i = n; i < rows; i++) value[i] = value[0];
    *out = value;
    return true;
}

static bool decode_columns(decoder *d) {
    batch *b = d->out;
    for (size_t c = 0; c < DOC_TEXT_COUNT; c++) {
        d->what = doc_text_facts[c].name;
        TRY(decode_texts(d, &d->doc_text[c], b->docs, LIMIT_TEXT, &b->doc_text[c]));
    }
    for (size_t c = 0; c < DOC_NUMBER_COUNT; c++)
        TRY(decode_numbers(d, &d->doc_number[c], b->docs, &doc_number_facts[c], &doc_number_rules[c],
                           &b->doc_number[c]));
    for (line_text c = 0; c < LINE_TEXT_COUNT; c++) {
        d->what = line_text_facts[c].name;
        TRY(decode_texts(d, &d->line_text[c], b->lines, line_text_limit(c), &b->line_text[c]));
    }
    for (size_t c = 0; c < LINE_NUMBER_COUNT; c++)
        TRY(decode_numbers(d, &d->line_number[c], b->lines, &line_number_facts[c], &line_number_rules[c],
                           &b->line_number[c]));
    d->what = NULL;
    return true;
}

static bool check_types(decoder *d) {
    const text_column *types = &d->out->doc_text[D_TYPE];
    doc_type t;
    if (d->out->docs && types->words == 0) return refuse(d, "documents without type");
    for (uint32_t i = 0; i < types->words; i++)
        if (!doc_type_parse(types->word[i], &t)) return refuse(d, "an unknown document type");
    return true;
}

static bool check_doc(decoder *d, uint32_t i, int64_t lines) {
    const batch *b = d->out;
    int64_t part = column_number(b->doc_number[D_PART], i), parts = column_number(b->doc_number[D_PARTS], i);
    int64_t flags = column_number(b->doc_number[D_FLAGS], i);
    bool cancel = flags != NUM_NONE && flags & DOC_CANCEL;
    if (cancel != (lines == 0)) return refuse(d, "a document without lines that cancels nothing, or the reverse");
    if ((part == NUM_NONE) != (parts == NUM_NONE) || part > parts) return refuse(d, "part and parts disagree");
    return true;
}

/* Documents take the lines one after the other, all of them. */
static bool place_docs(decoder *d) {
    batch *b = d->out;
    uint32_t *first = room(d, (size_t)b->docs + 1, sizeof *first);
    int64_t at = 0;
    TRY(first != NULL);
    for (uint32_t i = 0; i < b->docs; i++) {
        int64_t lines = b->doc_number[D_LINES][i];
        first[i] = (uint32_t)at;
        at += lines;
        if (at > b->lines) break;
        TRY(check_doc(d, i, lines));
    }
    if (at != b->lines) return refuse(d, "the documents' lines do not add up to the batch's");
    first[b->docs] = b->lines;
    b->doc_first = first;
    return true;
}

static bool decode_field(decoder *d, const field *f) {
    batch *b = d->out;
    switch (f->tag) {
    case BATCH_EPOCH: return b->epoch = f->number, true;
    case BATCH_SEQ: return b->seq = f->number, true;
    case BATCH_FILE: return decode_file(d, f->bytes);
    case BATCH_DOCS: return take_count(d, f->number, LIMIT_BATCH_LINES, &b->docs);
    case BATCH_LINES: return take_count(d, f->number, LIMIT_BATCH_LINES, &b->lines);
    case BATCH_DOC: return decode_column(d, f->bytes, true);
    case BATCH_LINE: return decode_column(d, f->bytes, false);
    default: return refuse(d, "unknown field in Batch");
    }
}

bool batch_decode(str frame, arena *a, batch *out, err *e) {
    decoder d = {.a = a, .e = e, .out = out};
    uint32_t seen = 0;
    *out = (batch){0};
    if (frame.n > LIMIT_BATCH_BYTES) return refuse(&d, "too many bytes");
    reader r = reader_of(frame);
    for (field f; next_field(&r, &f);) {
        if (f.tag != BATCH_DOC && f.tag != BATCH_LINE) TRY(once(&d, &seen, f.tag));
        TRY(decode_field(&d, &f));
    }
    if (r.bad) return refuse(&d, "not protobuf");
    if (out->sha256 == NULL) return refuse(&d, "File is missing");
    TRY(decode_columns(&d));
    TRY(check_types(&d));
    return place_docs(&d);
}

lines_view batch_lines(const batch *b, uint32_t doc) {
    lines_view v = {.first = b->doc_first[doc], .lines = b->doc_first[doc + 1] - b->doc_first[doc]};
    for (size_t c = 0; c < LINE_TEXT_COUNT; c++)
        v.text[c] = (text_view){b->line_text[c].word, b->line_text[c].index, 1, b->line_text[c].words};
    for (size_t c = 0; c < LINE_NUMBER_COUNT; c++) v.number[c] = (number_view){b->line_number[c], 1};
    return v;
}

void batch_document_digest(const batch *b, uint32_t doc, arena *scratch, uint8_t out[static 32]) {
    lines_view v = batch_lines(b, doc);
    int64_t flags = column_number(b->doc_number[D_FLAGS], doc);
    content_digest(batch_doc_type(b, doc), flags != NUM_NONE && flags & DOC_CANCEL, &v, 1, scratch, out);
}
