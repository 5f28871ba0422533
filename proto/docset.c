#include "proto/docset.h"

#include "proto/content.h"
#include "proto/digest.h"
#include "proto/limits.h"
#include <stdlib.h>

/* A line as it is kept: a bit for each column that it states, then those, texts first. Records begin at multiples of 4 of a
 * chunk, so that a place in 16 GiB has room in 32 bits. */
typedef struct packed_line {
    uint32_t doc, at; /* `at`: chunk, then place in it divided by 4 */
} packed_line;

enum {
    COLUMNS = LINE_TEXT_COUNT + LINE_NUMBER_COUNT,
    CHUNK_SHIFT = 16,
    CHUNK_BYTES = 4 << CHUNK_SHIFT,
    PACKED_MAX = 4 + 5 * LINE_TEXT_COUNT + 10 * LINE_NUMBER_COUNT,
};
_Static_assert(COLUMNS <= 32, "a bit a column");

void docset_init(docset *s) {
    *s = (docset){0};
    words_init(&s->words, SIZE_MAX); /* bounded by the file, which is bounded by LIMIT_FILE_BYTES */
    words_init(&s->extras, SIZE_MAX);
    arena_init(&s->text, SIZE_MAX);
}

static void forget_index(docset *s) {
    hash_places_free(&s->index);
    words_free(&s->extras);
    free(s->extra);
    s->extra = NULL;
}

void docset_free(docset *s) {
    forget_index(s);
    words_free(&s->words);
    arena_free(&s->text);
    for (size_t i = 0; i < s->chunks; i++) free(s->chunk[i]);
    free(s->chunk);
    free(s->packed);
    free(s->doc);
    free(s->problems);
    free(s->skipped);
    *s = (docset){0};
}

void docset_auto(docset *s) {
    docset_free(s);
}

/* Room for one element more. */
static void *grown(void *list, size_t n, size_t *cap, size_t size) {
    if (n < *cap) return list;
    *cap = *cap ? 2 * *cap : 64;
    list = reallocarray(list, *cap, size);
    ASSERT(list != NULL);
    return list;
}

/* ---- lines ---- */

#define NO_NUMBER(col, no, name, scale, delta) NUM_NONE,
#define NO_TEXT(col, no, name)                 WORD_NONE,
static const doc_line blank_line = {.number = {LINE_NUMBERS(NO_NUMBER)}, .text = {LINE_TEXTS(NO_TEXT)}};

doc_line *docset_line(docset *s) {
    ASSERT(!s->staging);
    s->staging = true;
    s->staged = blank_line;
    return &s->staged;
}

void docset_drop_line(docset *s) {
    ASSERT(s->staging || s->lines > 0);
    if (!s->staging) s->lines--; /* its bytes stay: rare, and few */
    s->staging = false;
}

static uint8_t *put_varint(uint8_t *p, uint64_t v) {
    for (; v >= 0x80; v >>= 7) *p++ = (uint8_t)(v | 0x80);
    *p++ = (uint8_t)v;
    return p;
}

static const uint8_t *get_varint(const uint8_t *p, uint64_t *v) {
    *v = 0;
    for (unsigned shift = 0;; shift += 7) {
        *v |= (uint64_t)(*p & 0x7f) << shift;
        if (*p++ < 0x80) return p;
    }
}

static uint8_t *record_room(docset *s, uint32_t *at) {
    if (s->chunks == 0 || s->chunk_used + PACKED_MAX > CHUNK_BYTES) {
        s->chunk = grown(s->chunk, s->chunks, &s->chunk_cap, sizeof *s->chunk);
        ASSERT(s->chunks < UINT32_MAX >> CHUNK_SHIFT);
        s->chunk[s->chunks] = malloc(CHUNK_BYTES);
        ASSERT(s->chunk[s->chunks] != NULL);
        s->chunks++;
        s->chunk_used = 0;
    }
    *at = (uint32_t)((s->chunks - 1) << CHUNK_SHIFT | s->chunk_used / 4);
    return s->chunk[s->chunks - 1] + s->chunk_used;
}

static uint32_t pack(docset *s, const doc_line *l) {
    uint32_t at, stated = 0;
    uint8_t *record = record_room(s, &at), *p = record + sizeof stated;
    for (size_t i = 0; i < LINE_TEXT_COUNT; i++) {
        if (l->text[i] == WORD_NONE) continue;
        stated |= 1u << i;
        p = put_varint(p, l->text[i]);
    }
    for (size_t i = 0; i < LINE_NUMBER_COUNT; i++) {
        int64_t v = l->number[i];
        if (v == NUM_NONE) continue;
        stated |= 1u << (LINE_TEXT_COUNT + i);
        p = put_varint(p, (uint64_t)v << 1 ^ (uint64_t)(v >> 63));
    }
    memcpy(record, &stated, sizeof stated);
    s->chunk_used += ((size_t)(p - record) + 3) & ~(size_t)3;
    return at;
}

static void unpack(const docset *s, const packed_line *at, doc_line *out) {
    const uint8_t *p = s->chunk[at->at >> CHUNK_SHIFT] + (size_t)(at->at & ((1u << CHUNK_SHIFT) - 1)) * 4;
    uint32_t stated;
    memcpy(&stated, p, sizeof stated);
    p += sizeof stated;
    *out = blank_line;
    out->doc = at->doc;
    for (; stated; stated &= stated - 1) {
        size_t i = (size_t)__builtin_ctz(stated);
        uint64_t v;
        p = get_varint(p, &v);
        if (i < LINE_TEXT_COUNT) out->text[i] = (uint32_t)v;
        else
            out->number[i - LINE_TEXT_COUNT] = (int64_t)(v >> 1) ^ -(int64_t)(v & 1);
    }
}

doc_line docset_at(const docset *s, size_t i) {
    doc_line line;
    ASSERT(i < s->lines);
    unpack(s, &s->packed[i], &line);
    return line;
}

void docset_copy(const docset *s, size_t i, size_t n, doc_line *out) {
    ASSERT(i <= s->lines && n <= s->lines - i);
    for (size_t k = 0; k < n; k++) unpack(s, &s->packed[i + k], &out[k]);
}

/* ---- documents ---- */

static uint64_t head_hash(const doc_head *h, uint32_t extra) {
    uint32_t all[DOC_TEXT_COUNT + 3];
    memcpy(all, h->text, sizeof h->text);
    all[DOC_TEXT_COUNT] = h->type;
    all[DOC_TEXT_COUNT + 1] = h->flags;
    all[DOC_TEXT_COUNT + 2] = extra;
    return str_hash(str_from(all, sizeof all));
}

static bool same_head(const doc_head *a, const doc_head *b) {
    return memcmp(a->text, b->text, sizeof a->text) == 0 && a->type == b->type && a->flags == b->flags;
}

static uint32_t doc_at(docset *s, const doc_head *head, str key_extra) {
    doc_head h = *head;
    h.text[D_TYPE] = words_add(&s->words, str_of(doc_type_name(h.type)));
    uint32_t extra = words_add(&s->extras, key_extra), no;
    uint64_t hash = head_hash(&h, extra);
    for (size_t at = 0; (no = hash_places_next(&s->index, hash, &at)) != WORD_NONE;)
        if (s->extra[no] == extra && same_head(&s->doc[no], &h)) return no;
    s->doc = grown(s->doc, s->docs, &s->doc_cap, sizeof *s->doc);
    s->extra = grown(s->extra, s->docs, &s->extra_cap, sizeof *s->extra);
    s->doc[s->docs] = h;
    s->extra[s->docs] = extra;
    hash_places_add(&s->index, hash, (uint32_t)s->docs);
    return (uint32_t)s->docs++;
}

uint32_t docset_place(docset *s, const doc_head *head, str key_extra) {
    ASSERT(s->staging && !(head->flags & DOC_CANCEL) && s->lines < UINT32_MAX);
    s->packed = grown(s->packed, s->lines, &s->packed_cap, sizeof *s->packed);
    uint32_t doc = doc_at(s, head, key_extra);
    s->packed[s->lines++] = (packed_line){doc, pack(s, &s->staged)};
    s->staging = false;
    return doc;
}

void docset_cancel(docset *s, const doc_head *head, day_t date) {
    doc_head h = *head;
    h.flags |= DOC_CANCEL;
    uint32_t doc = doc_at(s, &h, STR("")); /* may move s->doc */
    s->doc[doc].date = date;
}

static str kept(docset *s, str text, size_t most) {
    str cut = str_take(text, most);
    while (cut.n && cut.n < text.n && ((unsigned char)text.p[cut.n] & 0xc0) == 0x80) cut.n--;
    return arena_str(&s->text, cut);
}

void docset_problem(docset *s, uint32_t sheet, uint64_t row, str column, str found, str wanted, str hint) {
    if (s->problems_total++ >= LIMIT_SKIPPED) return;
    s->problems = grown(s->problems, s->problem_count, &s->problem_cap, sizeof *s->problems);
    s->problems[s->problem_count++] = (problem){.sheet = sheet,
                                                .row = row,
                                                .column = kept(s, column, LIMIT_TEXT),
                                                .found = kept(s, found, LIMIT_TEXT),
                                                .wanted = kept(s, wanted, LIMIT_TEXT),
                                                .hint = kept(s, hint, LIMIT_TEXT)};
}

void docset_skip(docset *s, uint32_t sheet, uint64_t row, str why) {
    if (s->skipped_total++ >= LIMIT_SKIPPED) return;
    s->skipped = grown(s->skipped, s->skipped_count, &s->skipped_cap, sizeof *s->skipped);
    s->skipped[s->skipped_count++] = (skipped_row){.row = row, .sheet = sheet, .why = kept(s, why, LIMIT_TEXT)};
}

static void count_and_date(docset *s) {
    for (size_t d = 0; d < s->docs; d++) {
        s->doc[d].lines = 0;
        if (!(s->doc[d].flags & DOC_CANCEL)) s->doc[d].date = DAY_MAX;
    }
    for (size_t i = 0; i < s->lines; i++) {
        doc_line l = docset_at(s, i);
        doc_head *h = &s->doc[l.doc];
        int64_t date = l.number[N_DATE];
        if (date != NUM_NONE && date < h->date) h->date = (day_t)date;
        h->lines++;
    }
}

/* Documents whose lines were all refused are no documents; the others close up. */
static void drop_empty_documents(docset *s) {
    size_t n = 0;
    uint32_t *now = reallocarray(NULL, s->docs + 1, sizeof *now);
    ASSERT(now != NULL);
    for (size_t d = 0; d < s->docs; d++) {
        now[d] = (uint32_t)n;
        if (s->doc[d].lines || s->doc[d].flags & DOC_CANCEL) s->doc[n++] = s->doc[d];
    }
    for (size_t i = 0; i < s->lines; i++) s->packed[i].doc = now[s->packed[i].doc];
    s->docs = n;
    free(now);
}

static bool in_order(const docset *s) {
    for (size_t i = 1; i < s->lines; i++)
        if (s->packed[i].doc < s->packed[i - 1].doc) return false;
    return true;
}

/* A stable order by document in place: each line is swapped along its cycle. */
static void order_lines(docset *s) {
    if (in_order(s)) return;
    uint32_t *place = reallocarray(NULL, s->docs + s->lines + 1, sizeof *place), *to = place + s->docs;
    ASSERT(place != NULL);
    for (size_t d = 0, at = 0; d < s->docs; at += s->doc[d++].lines) place[d] = (uint32_t)at;
    for (size_t i = 0; i < s->lines; i++) to[i] = place[s->packed[i].doc]++;
    for (size_t i = 0; i < s->lines; i++) {
        while (to[i] != i) {
            uint32_t k = to[i];
            packed_line line = s->packed[k];
            s->packed[k] = s->packed[i];
            s->packed[i] = line;
            to[i] = to[k];
            to[k] = k;
        }
    }
    free(place);
}

void docset_finish(docset *s) {
    ASSERT(!s->staging);
    forget_index(s);
    count_and_date(s);
    drop_empty_documents(s);
    order_lines(s);
    for (size_t i = 0; i < s->problem_count; i++) s->problems[i].file = s->file_name;
}

size_t docset_first(const docset *s, size_t doc) {
    size_t low = 0, high = s->lines;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (s->packed[mid].doc < doc) low = mid + 1;
        else
            high = mid;
    }
    return low;
}

static void put_number(json *j, const column_fact *fact, int64_t v) {
    json_key(j, fact->name);
    if (fact->scale >= 0) {
        json_dec(j, v, (unsigned)fact->scale, 0);
    } else if (fact->scale == -2) {
        json_int(j, v);
    } else {
        AUTO(buf) day = {0};
        day_put(&day, (day_t)v);
        json_str(j, buf_str(&day));
    }
}

void line_json(json *j, const int64_t number[LINE_NUMBER_COUNT], const str text[LINE_TEXT_COUNT]) {
    json_open_object(j);
    put_number(j, &line_number_facts[N_ROW], number[N_ROW]);
    for (size_t c = 0; c < LINE_TEXT_COUNT; c++) {
        if (text[c].n == 0) continue;
        json_key(j, line_text_facts[c].name);
        json_str(j, text[c]);
    }
    for (size_t c = 0; c < LINE_NUMBER_COUNT; c++)
        if (c != N_ROW && number[c] != NUM_NONE) put_number(j, &line_number_facts[c], number[c]);
    json_end_object(j);
}

void docset_digest(const docset *s, size_t doc, uint8_t out[static 32]) {
    AUTO(arena) scratch = {0};
    const doc_head *h = &s->doc[doc];
    lines_view view = {.lines = h->lines};
    arena_init(&scratch, SIZE_MAX);
    doc_line *line = arena_alloc(&scratch, h->lines * sizeof *line);
    ASSERT(line != NULL);
    docset_copy(s, docset_first(s, doc), h->lines, line);
    for (size_t c = 0; c < LINE_TEXT_COUNT; c++)
        view.text[c] = (text_view){s->words.word, &line->text[c], sizeof *line / sizeof line->text[0], s->words.n};
    for (size_t c = 0; c < LINE_NUMBER_COUNT; c++)
        view.number[c] = (number_view){&line->number[c], sizeof *line / sizeof line->number[0]};
    content_digest(h->type, h->flags & DOC_CANCEL, &view, 1, &scratch, out);
}

static void put_text(json *j, const char *key, str s) {
    json_key(j, key);
    if (s.n) json_str(j, s);
    else
        json_none(j);
}

static void put_hex(json *j, const char *key, const uint8_t *bytes, size_t n) {
    AUTO(buf) hex = {0};
    hex_put(&hex, bytes, n);
    json_key(j, key);
    json_str(j, buf_str(&hex));
}

void docset_json(json *j, const docset *s, size_t doc) {
    static const doc_text before_date[] = {D_PARTNER, D_TYPE, D_NUMBER};
    const doc_head *h = &s->doc[doc];
    size_t first = docset_first(s, doc);
    AUTO(buf) date = {0};
    uint8_t digest[32];
    json_open_object(j);
    for (size_t i = 0; i < ARRAY_LEN(before_date); i++)
        put_text(j, doc_text_facts[before_date[i]].name, words_get(&s->words, h->text[before_date[i]]));
    day_put(&date, h->date);
    put_text(j, "date", buf_str(&date));
    put_text(j, "version", words_get(&s->words, h->text[D_VERSION]));
    docset_digest(s, doc, digest);
    put_hex(j, "digest", digest, sizeof digest);
    put_text(j, "file", s->file_name);
    put_hex(j, "file_sha256", s->sha256, sizeof s->sha256);
    json_key(j, "lines");
    json_open_array(j);
    for (size_t i = 0; i < h->lines; i++) {
        str text[LINE_TEXT_COUNT];
        doc_line line = docset_at(s, first + i);
        for (size_t c = 0; c < LINE_TEXT_COUNT; c++) text[c] = words_get(&s->words, line.text[c]);
        line_json(j, line.number, text);
    }
    json_end_array(j);
    json_end_object(j);
}
