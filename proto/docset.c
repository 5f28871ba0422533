#include "proto/docset.h"

#include "proto/content.h"
#include "proto/digest.h"
#include "proto/limits.h"
#include <stdlib.h>

enum { NO_DOC = UINT32_MAX };

void docset_init(docset *s) {
    *s = (docset){0};
    words_init(&s->words, SIZE_MAX); /* bounded by the file, which is bounded by LIMIT_FILE_BYTES */
    arena_init(&s->text, SIZE_MAX);
}

void docset_free(docset *s) {
    words_free(&s->words);
    arena_free(&s->text);
    map_free(&s->index);
    free(s->line);
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

doc_line *docset_line(docset *s) {
    ASSERT(s->lines == 0 || s->line[s->lines - 1].doc != NO_DOC);
    s->line = grown(s->line, s->lines, &s->line_cap, sizeof *s->line);
    doc_line *line = &s->line[s->lines++];
    for (size_t i = 0; i < LINE_NUMBER_COUNT; i++) line->number[i] = NUM_NONE;
    for (size_t i = 0; i < LINE_TEXT_COUNT; i++) line->text[i] = WORD_NONE;
    line->doc = NO_DOC;
    return line;
}

void docset_drop_line(docset *s) {
    ASSERT(s->lines > 0);
    s->lines--;
}

static uint32_t doc_at(docset *s, const doc_head *head, str key_extra) {
    AUTO(buf) key = {0};
    doc_head h = *head;
    bool created;
    h.text[D_TYPE] = words_add(&s->words, str_of(doc_type_name(h.type)));
    buf_add(&key, str_from(h.text, sizeof h.text));
    buf_add(&key, str_from(&h.flags, sizeof h.flags));
    buf_add(&key, key_extra);
    uint64_t *known = map_find(&s->index, buf_str(&key));
    if (known) return (uint32_t)*known;
    *map_at(&s->index, arena_str(&s->text, buf_str(&key)), &created) = s->docs;
    s->doc = grown(s->doc, s->docs, &s->doc_cap, sizeof *s->doc);
    s->doc[s->docs] = h;
    return (uint32_t)s->docs++;
}

void docset_place(docset *s, const doc_head *head, str key_extra) {
    ASSERT(s->lines > 0 && !(head->flags & DOC_CANCEL));
    uint32_t doc = doc_at(s, head, key_extra);
    s->line[s->lines - 1].doc = doc;
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
        doc_head *h = &s->doc[s->line[i].doc];
        int64_t date = s->line[i].number[N_DATE];
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
    for (size_t i = 0; i < s->lines; i++) s->line[i].doc = now[s->line[i].doc];
    s->docs = n;
    free(now);
}

/* A stable order by document in place: each line is swapped along its cycle, so a large file needs no second copy. */
static void order_lines(docset *s) {
    size_t *place = reallocarray(NULL, s->docs + s->lines + 1, sizeof *place), *to = place + s->docs;
    ASSERT(place != NULL);
    for (size_t d = 0, at = 0; d < s->docs; at += s->doc[d++].lines) place[d] = at;
    for (size_t i = 0; i < s->lines; i++) to[i] = place[s->line[i].doc]++;
    for (size_t i = 0; i < s->lines; i++) {
        while (to[i] != i) {
            size_t k = to[i];
            doc_line line = s->line[k];
            s->line[k] = s->line[i];
            s->line[i] = line;
            to[i] = to[k];
            to[k] = k;
        }
    }
    free(place);
}

void docset_finish(docset *s) {
    ASSERT(s->lines == 0 || s->line[s->lines - 1].doc != NO_DOC);
    map_free(&s->index); /* before order_lines wants room */
    count_and_date(s);
    drop_empty_documents(s);
    order_lines(s);
    for (size_t i = 0; i < s->problem_count; i++) s->problems[i].file = s->file_name;
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

/* The lines of document d, which stand together once the set is finished. */
static const doc_line *first_line(const docset *s, size_t d) {
    size_t low = 0, high = s->lines;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (s->line[mid].doc < d) low = mid + 1;
        else
            high = mid;
    }
    return s->line ? s->line + low : NULL;
}

void docset_digest(const docset *s, size_t doc, uint8_t out[static 32]) {
    AUTO(arena) scratch = {0};
    const doc_line *line = first_line(s, doc);
    const doc_head *h = &s->doc[doc];
    lines_view view = {.lines = h->lines};
    arena_init(&scratch, SIZE_MAX);
    for (size_t c = 0; line && c < LINE_TEXT_COUNT; c++)
        view.text[c] = (text_view){s->words.word, &line->text[c], sizeof *line / sizeof line->text[0], s->words.n};
    for (size_t c = 0; line && c < LINE_NUMBER_COUNT; c++)
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
    const doc_line *line = first_line(s, doc);
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
        for (size_t c = 0; c < LINE_TEXT_COUNT; c++) text[c] = words_get(&s->words, line[i].text[c]);
        line_json(j, line[i].number, text);
    }
    json_end_array(j);
    json_end_object(j);
}
