#include "agent/feed.h"

#include "base/csv_put.h"
#include "base/file.h"
#include "formats/csv.h"
#include "formats/epcis.h"
#include "formats/scans.h"
#include "formats/value.h"
#include "formats/workbook.h"
#include "proto/digest.h"
#include "proto/limits.h"
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    PIECE_BYTES = 3000, /* a question with its words fits into LIMIT_HELLO_BYTES */
    TIMEOUT_MS = 30000,
    PEEK_BYTES = 65536,
};

/* Rows of a text or of the first sheet of a workbook. */
typedef struct scan_file {
    buf bytes;
    csv text;
    workbook *book;
    table_rows rows;
} scan_file;

static void scan_file_auto(scan_file *f) {
    workbook_free(f->book);
    csv_close(&f->text);
    buf_free(&f->bytes);
}

static bool open_file(scan_file *f, const char *path, err *e) {
    TRY(file_read(path, LIMIT_FILE_BYTES, &f->bytes, e));
    str bytes = buf_str(&f->bytes);
    if (!str_starts(bytes, STR("PK\3\4"))) return csv_open(&f->text, bytes, e);
    TRY(workbook_open(SOURCE(bytes), &f->book, e));
    if (workbook_sheets(f->book) == 0) return err_set(e, ERR_DATA, "no sheet that can be seen");
    return workbook_rows(f->book, 0, &f->rows, e);
}

static bool next_row(scan_file *f, table_row *row, err *e) {
    return f->book ? f->rows.next(f->rows.self, row, e) : csv_next(&f->text, row, e);
}

typedef enum feed_kind { FEED_NONE, FEED_SCANS, FEED_EVENTS } feed_kind;

/* A text is known by its beginning; a workbook must be opened. */
static feed_kind begins_so(const char *path, bool *is_book) {
    AUTO(csv) text = {0};
    AUTO(buf) head = {0};
    table_row row;
    err none;
    FILE *f = fopen(path, "rb");
    *is_book = false;
    if (f == NULL) return FEED_NONE;
    buf_reserve(&head, PEEK_BYTES);
    head.n = fread(head.p, 1, PEEK_BYTES, f);
    (void)fclose(f);
    *is_book = str_starts(buf_str(&head), STR("PK\3\4"));
    if (*is_book) return FEED_NONE;
    if (epcis_named(buf_str(&head))) return FEED_EVENTS;
    bool scans = csv_open(&text, buf_str(&head), &none) && csv_next(&text, &row, &none) && row.no && scans_header(&row);
    return scans ? FEED_SCANS : FEED_NONE;
}

static feed_kind kind_of(const char *path) {
    AUTO(scan_file) f = {.book = NULL};
    table_row row;
    bool is_book;
    err none;
    feed_kind k = begins_so(path, &is_book);
    if (!is_book) return k;
    bool scans = open_file(&f, path, &none) && next_row(&f, &row, &none) && row.no && scans_header(&row);
    return scans ? FEED_SCANS : FEED_NONE;
}

bool feed_is_file(const char *path) {
    return kind_of(path) != FEED_NONE;
}

/* ---- questions */

struct feed {
    feed_kind kind;
    char name[LIMIT_FILE_NAME + 1]; /* of the file, without its folder */
    scan_file file;                 /* of events its bytes only */
    table_row row;                  /* read and not sent yet; no 0: none */
    buf head, text, hex;
    size_t at; /* bytes of events sent */
    char number[3][24];
    uint64_t rows, added, repeated, refused;
    json_t *problems;
};

static uint64_t count_at(const json_t *o, const char *name) {
    return (uint64_t)json_integer_value(json_object_get(o, name));
}

bool feed_take(feed *f, const asked *a, err *e) {
    str rest = buf_str(&a->rows), row;
    json_t *o = asked_row(&rest, &row) ? json_loadb(row.p, row.n, 0, NULL) : NULL;
    if (!json_is_object(o)) {
        json_decref(o);
        return err_set(e, ERR_DATA, "the centre's answer cannot be read");
    }
    uint64_t added = count_at(o, "new") + count_at(o, "events");
    f->added += added;
    f->repeated += count_at(o, "repeated");
    f->refused += count_at(o, "refused");
    f->rows += f->kind == FEED_SCANS ? count_at(o, "rows") : added + count_at(o, "repeated") + count_at(o, "refused");
    (void)json_array_extend(f->problems, json_object_get(o, "problems"));
    json_decref(o);
    return true;
}

static void put_row(const table_row *row, buf *out) {
    for (size_t i = 0; i < row->cells; i++) {
        if (i) buf_byte(out, ',');
        csv_put(out, cell_clean(row->cell[i]));
    }
    buf_byte(out, '\n');
}

static bool read_on(feed *f, buf *line, err *e) {
    if (f->row.no == 0) TRY(next_row(&f->file, &f->row, e));
    if (f->row.no == 0) return true;
    put_row(&f->row, line);
    return line->n <= PIECE_BYTES || err_set(e, ERR_DATA, "%s row %llu: longer than %d bytes", f->name,
                                             (unsigned long long)f->row.no, PIECE_BYTES);
}

/* Rows keep their numbers: each piece says how many lines of the file lie before its own, and has no gap. */
static bool next_scans(feed *f, feed_question *out, bool *any, err *e) {
    uint64_t next = 0;
    size_t bytes = 0;
    buf_clear(&f->text);
    buf_add(&f->text, buf_str(&f->head));
    for (;;) {
        AUTO(buf) line = {0};
        TRY(read_on(f, &line, e));
        bool full = bytes && (f->row.no != next || bytes + line.n > PIECE_BYTES);
        if (f->row.no == 0 || full) break;
        if (bytes == 0) (void)snprintf(f->number[0], sizeof f->number[0], "%llu", (unsigned long long)f->row.no - 2);
        buf_add(&f->text, buf_str(&line));
        bytes += line.n;
        next = f->row.no + 1;
        f->row.no = 0;
    }
    *any = bytes > 0;
    *out = (feed_question){.word = {"scan", "push", buf_z(&f->text), "--row", f->number[0], "--file", f->name}, .n = 7};
    return true;
}

static bool next_events(feed *f, feed_question *out, bool *any, err *e) {
    (void)e;
    str all = buf_str(&f->file.bytes), piece = str_take(str_skip(all, f->at), LIMIT_PAPER_PIECE);
    *any = piece.n > 0;
    (void)snprintf(f->number[0], sizeof f->number[0], "%zu", all.n);
    (void)snprintf(f->number[1], sizeof f->number[1], "%zu", f->at);
    *out = (feed_question){
        .word = {"code", "push", f->name, "--digest", buf_z(&f->hex), "--size", f->number[0], "--at", f->number[1]},
        .n = FEED_WORDS,
        .name = f->name,
        .data = piece};
    f->at += piece.n;
    return true;
}

bool feed_next(feed *f, feed_question *out, bool *any, err *e) {
    return f->kind == FEED_SCANS ? next_scans(f, out, any, e) : next_events(f, out, any, e);
}

static bool begin(feed *f, const char *path, err *e) {
    uint8_t digest[DIGEST_SIZE];
    if (f->kind == FEED_SCANS) {
        TRY(open_file(&f->file, path, e) && next_row(&f->file, &f->row, e));
        put_row(&f->row, &f->head);
        f->row.no = 0;
        return true;
    }
    TRY(file_read(path, LIMIT_FILE_BYTES, &f->file.bytes, e));
    if (f->file.bytes.n > LIMIT_PAPER_BYTES)
        return err_set(e, ERR_DATA, "%s: %zu bytes of events; an agent sends files of at most %d: cut it into several",
                       f->name, f->file.bytes.n, LIMIT_PAPER_BYTES);
    digest_of(buf_str(&f->file.bytes), digest);
    hex_put(&f->hex, digest, DIGEST_SIZE);
    return true;
}

bool feed_open(const char *path, feed **out, err *e) {
    const char *slash = strrchr(path, '/');
    feed *f = calloc(1, sizeof *f);
    ASSERT(f != NULL);
    f->problems = json_array();
    ASSERT(f->problems != NULL);
    f->kind = kind_of(path);
    (void)snprintf(f->name, sizeof f->name, "%s", slash ? slash + 1 : path);
    *out = f;
    if (f->kind != FEED_NONE ? begin(f, path, e) : err_set(e, ERR_DATA, "%s: neither sightings nor events", path))
        return true;
    feed_free(f);
    *out = NULL;
    return false;
}

void feed_free(feed *f) {
    if (f == NULL) return;
    scan_file_auto(&f->file);
    buf_free(&f->head);
    buf_free(&f->text);
    buf_free(&f->hex);
    json_decref(f->problems);
    free(f);
}

/* ---- what became of them */

static void put_json(const feed *f, buf *out) {
    json_t *o = json_pack("{s:I,s:I,s:I,s:I,s:I,s:O}", "lines", (json_int_t)f->rows, "committed", (json_int_t)f->added,
                          "duplicate", (json_int_t)f->repeated, "quarantined", (json_int_t)0, "refused",
                          (json_int_t)f->refused, "problems", f->problems);
    char *text = json_dumps(o, JSON_COMPACT);
    ASSERT(text != NULL);
    buf_addz(out, text);
    buf_byte(out, '\n');
    free(text);
    json_decref(o);
}

void feed_text(const feed *f, buf *out) {
    size_t i;
    json_t *p;
    buf_printf(out, "%llu %s: %llu new, %llu known already, %llu refused\n", (unsigned long long)f->rows,
               f->kind == FEED_SCANS ? "sightings" : "events", (unsigned long long)f->added,
               (unsigned long long)f->repeated, (unsigned long long)f->refused);
    json_array_foreach(f->problems, i, p) {
        const char *found = json_string_value(json_object_get(p, "found"));
        buf_printf(out, "  row %llu, %s: '%s', wanted %s; %s\n", (unsigned long long)count_at(p, "row"),
                   json_string_value(json_object_get(p, "column")), found ? found : "",
                   json_string_value(json_object_get(p, "wanted")), json_string_value(json_object_get(p, "hint")));
    }
}

/* ---- the command */

static bool send_all(const home *h, feed *f, int64_t timeout_ms, err *e) {
    AUTO(ask_series) line = {.home = h, .timeout_ms = timeout_ms};
    for (bool any = true;;) {
        AUTO(asked) a = {0};
        feed_question q;
        TRY(feed_next(f, &q, &any, e));
        if (!any) return true;
        bool ok = ask_on(&line, q.word, q.n, q.name, q.data, &a, e);
        if (!ok && e->code == ERR_UNAVAILABLE) e->code = ERR_RETRY;
        if (!ok)
            return err_wrap(e, "%s: %llu rows are there, the rest is not", f->name,
                            (unsigned long long)(f->added + f->repeated));
        TRY(feed_take(f, &a, e));
    }
}

static void add_sums(feed *all, const feed *f) {
    all->kind = all->kind == FEED_EVENTS || all->kind == f->kind ? all->kind : f->kind;
    all->rows += f->rows;
    all->added += f->added;
    all->repeated += f->repeated;
    all->refused += f->refused;
    (void)json_array_extend(all->problems, f->problems);
}

static bool push_all(const call *c, const home *h, int64_t timeout_ms, feed *all, err *e) {
    for (size_t i = 0; i < c->words.word_count; i++) {
        feed *f;
        TRY(feed_open(c->words.words[i], &f, e));
        bool ok = send_all(h, f, timeout_ms, e);
        add_sums(all, f);
        feed_free(f);
        TRY(ok);
    }
    return true;
}

bool feed_push(const call *c, int *status, err *e) {
    feed all = {.problems = json_array()};
    AUTO(buf) out = {0};
    int64_t timeout_ms;
    home h;
    cli_form form;
    ASSERT(all.problems != NULL);
    bool ok = cli_output(&c->words, &form, e) && cli_seconds(&c->words, "timeout", TIMEOUT_MS, &timeout_ms, e);
    bool open = ok && home_load(c->home, &h, e);
    ok = open && push_all(c, &h, timeout_ms, &all, e);
    if (open) home_close(&h);
    if (ok && form == FORM_JSON) put_json(&all, &out);
    else if (ok)
        feed_text(&all, &out);
    *status = all.refused ? err_exit_status(ERR_DIFFERS) : 0;
    json_decref(all.problems);
    return ok && cli_print(buf_str(&out), e);
}
