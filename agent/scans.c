#include "agent/scans.h"

#include "agent/ask.h"
#include "base/csv_put.h"
#include "base/file.h"
#include "formats/csv.h"
#include "formats/scans.h"
#include "formats/value.h"
#include "formats/workbook.h"
#include "proto/limits.h"
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    PIECE_BYTES = 3000,
    TIMEOUT_MS = 30000,
    PEEK_BYTES = 65536
}; /* a question with its words fits into LIMIT_HELLO_BYTES */

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

/* A text is known by its beginning; a workbook must be opened. */
static bool begins_so(const char *path, bool *is_book) {
    AUTO(csv) text = {0};
    AUTO(buf) head = {0};
    table_row row;
    err none;
    FILE *f = fopen(path, "rb");
    *is_book = false;
    if (f == NULL) return false;
    buf_reserve(&head, PEEK_BYTES);
    head.n = fread(head.p, 1, PEEK_BYTES, f);
    (void)fclose(f);
    *is_book = str_starts(buf_str(&head), STR("PK\3\4"));
    if (*is_book) return false;
    return csv_open(&text, buf_str(&head), &none) && csv_next(&text, &row, &none) && row.no && scans_header(&row);
}

bool scans_is_file(const char *path) {
    AUTO(scan_file) f = {.book = NULL};
    table_row row;
    bool is_book;
    err none;
    if (begins_so(path, &is_book)) return true;
    if (!is_book) return false;
    return open_file(&f, path, &none) && next_row(&f, &row, &none) && row.no && scans_header(&row);
}

/* ---- sending */

typedef struct sender {
    home h;
    const char *name; /* of the file, without its folder */
    int64_t timeout_ms;
    buf head, piece;
    uint64_t before; /* rows of the file before the piece's, less its header */
    uint64_t rows, added, repeated, refused;
    json_t *problems;
} sender;

static uint64_t count_at(const json_t *o, const char *name) {
    return (uint64_t)json_integer_value(json_object_get(o, name));
}

static bool take_answer(sender *s, const asked *a, err *e) {
    str rest = buf_str(&a->rows), row;
    json_t *o = asked_row(&rest, &row) ? json_loadb(row.p, row.n, 0, NULL) : NULL;
    if (!json_is_object(o)) {
        json_decref(o);
        return err_set(e, ERR_DATA, "the centre's answer cannot be read");
    }
    s->rows += count_at(o, "rows");
    s->added += count_at(o, "new");
    s->repeated += count_at(o, "repeated");
    s->refused += count_at(o, "refused");
    (void)json_array_extend(s->problems, json_object_get(o, "problems"));
    json_decref(o);
    return true;
}

static bool send_piece(sender *s, err *e) {
    AUTO(asked) a = {0};
    AUTO(buf) text = {0};
    char row[24];
    if (s->piece.n == 0) return true;
    buf_add(&text, buf_str(&s->head));
    buf_add(&text, buf_str(&s->piece));
    (void)snprintf(row, sizeof row, "%llu", (unsigned long long)s->before);
    const char *const question[] = {"scan", "push", buf_z(&text), "--row", row, "--file", s->name};
    if (!ask(&s->h, question, ARRAY_LEN(question), s->timeout_ms, &a, e)) {
        if (e->code == ERR_UNAVAILABLE) e->code = ERR_RETRY;
        return err_wrap(e, "%s: %llu sightings are there, the rest is not", s->name,
                        (unsigned long long)(s->added + s->repeated));
    }
    buf_clear(&s->piece);
    return take_answer(s, &a, e);
}

static void put_row(const table_row *row, buf *out) {
    for (size_t i = 0; i < row->cells; i++) {
        if (i) buf_byte(out, ',');
        csv_put(out, cell_clean(row->cell[i]));
    }
    buf_byte(out, '\n');
}

/* Rows keep their numbers: each piece says how many lines of the file lie before its own. */
static bool send_rows(sender *s, scan_file *f, err *e) {
    table_row row;
    uint64_t next = 0;
    for (;;) {
        AUTO(buf) line = {0};
        TRY(next_row(f, &row, e));
        if (row.no == 0) return send_piece(s, e);
        put_row(&row, &line);
        if (line.n > PIECE_BYTES)
            return err_set(e, ERR_DATA, "%s row %llu: longer than %d bytes", s->name, (unsigned long long)row.no,
                           PIECE_BYTES);
        bool gap = s->piece.n && row.no != next;
        if (gap || s->piece.n + line.n > PIECE_BYTES) TRY(send_piece(s, e));
        if (s->piece.n == 0) s->before = row.no - 2;
        buf_add(&s->piece, buf_str(&line));
        next = row.no + 1;
    }
}

static bool send_file(sender *s, const char *path, err *e) {
    AUTO(scan_file) f = {.book = NULL};
    table_row row;
    const char *slash = strrchr(path, '/');
    s->name = slash ? slash + 1 : path;
    buf_clear(&s->head);
    TRY(open_file(&f, path, e) && next_row(&f, &row, e));
    put_row(&row, &s->head);
    return send_rows(s, &f, e);
}

/* ---- what became of them */

static void put_json(const sender *s, buf *out) {
    json_t *o = json_pack("{s:I,s:I,s:I,s:I,s:I,s:O}", "lines", (json_int_t)s->rows, "committed", (json_int_t)s->added,
                          "duplicate", (json_int_t)s->repeated, "quarantined", (json_int_t)0, "refused",
                          (json_int_t)s->refused, "problems", s->problems);
    char *text = json_dumps(o, JSON_COMPACT);
    ASSERT(text != NULL);
    buf_addz(out, text);
    buf_byte(out, '\n');
    free(text);
    json_decref(o);
}

static void put_text(const sender *s, buf *out) {
    size_t i;
    json_t *p;
    buf_printf(out, "%llu sightings: %llu new, %llu known already, %llu refused\n", (unsigned long long)s->rows,
               (unsigned long long)s->added, (unsigned long long)s->repeated, (unsigned long long)s->refused);
    json_array_foreach(s->problems, i, p) {
        const char *found = json_string_value(json_object_get(p, "found"));
        buf_printf(out, "  row %llu, %s: '%s', wanted %s; %s\n", (unsigned long long)count_at(p, "row"),
                   json_string_value(json_object_get(p, "column")), found ? found : "",
                   json_string_value(json_object_get(p, "wanted")), json_string_value(json_object_get(p, "hint")));
    }
}

static bool push_all(const call *c, sender *s, err *e) {
    for (size_t i = 0; i < c->words.word_count; i++) TRY(send_file(s, c->words.words[i], e));
    return true;
}

bool scans_push(const call *c, int *status, err *e) {
    sender s = {.problems = json_array()};
    AUTO(buf) out = {0};
    cli_form form;
    ASSERT(s.problems != NULL);
    bool ok = cli_output(&c->words, &form, e) && cli_seconds(&c->words, "timeout", TIMEOUT_MS, &s.timeout_ms, e);
    bool open = ok && home_load(c->home, &s.h, e);
    ok = open && push_all(c, &s, e);
    if (open) home_close(&s.h);
    if (ok && form == FORM_JSON) put_json(&s, &out);
    else if (ok)
        put_text(&s, &out);
    *status = s.refused ? err_exit_status(ERR_DIFFERS) : 0;
    json_decref(s.problems);
    buf_free(&s.head);
    buf_free(&s.piece);
    if (ok) (void)fwrite(out.p, 1, out.n, stdout);
    return ok && (fflush(stdout) == 0 || err_set(e, ERR_INTERNAL, "cannot write: %s", strerror(errno)));
}
