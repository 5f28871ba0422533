/* ask — the command: print what the centre answers. */
#include "agent/ask.h"
#include "agent/commands.h"
#include "base/csv_put.h"
#include <jansson.h>
#include <stdlib.h>

typedef struct cells { /* a row's cells as text, in the order of the columns */
    buf bytes;
    size_t end[LIMIT_REPEATED];
} cells;

/* `brief`: of a list of objects only how many there are; `show` has them. */
static void put_value(const json_t *v, bool brief, buf *out) {
    if (v == NULL || json_is_null(v)) return;
    if (json_is_string(v)) {
        buf_add(out, str_from(json_string_value(v), json_string_length(v)));
        return;
    }
    if (json_is_array(v) && !json_is_object(json_array_get(v, 0))) {
        for (size_t i = 0; i < json_array_size(v); i++) {
            if (i) buf_addz(out, "; ");
            put_value(json_array_get(v, i), brief, out);
        }
        return;
    }
    if (json_is_array(v) && brief) {
        buf_printf(out, "%zu", json_array_size(v));
        return;
    }
    char *text = json_dumps(v, JSON_ENCODE_ANY | JSON_COMPACT);
    ASSERT(text != NULL);
    buf_addz(out, text);
    free(text);
}

static bool read_row(str row, json_t **out, err *e) {
    json_error_t why;
    *out = json_loadb(row.p, row.n, 0, &why);
    if (json_is_object(*out)) return true;
    json_decref(*out);
    return err_set(e, ERR_DATA, "a row of the answer cannot be read: %s", why.text);
}

static bool read_cells(const asked *a, str row, bool brief, cells *out, err *e) {
    json_t *object;
    TRY(read_row(row, &object, e));
    buf_clear(&out->bytes);
    for (size_t i = 0; i < a->columns; i++) {
        put_value(json_object_get(object, a->column[i].p), brief, &out->bytes);
        out->end[i] = out->bytes.n;
    }
    json_decref(object);
    return true;
}

static str cell(const cells *c, size_t i) {
    size_t from = i ? c->end[i - 1] : 0;
    return str_from(c->bytes.p + from, c->end[i] - from);
}

/* Columns of a terminal: letters from beyond the alphabets take two. */
static size_t shown_width(str s) {
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        unsigned char b = (unsigned char)s.p[i];
        if ((b & 0xc0) != 0x80) n += b >= 0xe1 ? 2 : 1;
    }
    return n;
}

static void put_padded(buf *out, str s, size_t width) {
    buf_add(out, s);
    for (size_t n = shown_width(s); n < width; n++) buf_byte(out, ' ');
}

static void put_line(const asked *a, const cells *c, const size_t *width, buf *out) {
    for (size_t i = 0; i < a->columns; i++) {
        bool last = i + 1 == a->columns;
        put_padded(out, c ? cell(c, i) : a->column[i], last ? 0 : width[i]);
        buf_addz(out, last ? "\n" : "  ");
    }
}

static bool put_table(const asked *a, cells *c, buf *out, err *e) {
    size_t width[LIMIT_REPEATED];
    for (size_t i = 0; i < a->columns; i++) width[i] = shown_width(a->column[i]);
    for (str rest = buf_str(&a->rows), row; asked_row(&rest, &row);) {
        TRY(read_cells(a, row, true, c, e));
        for (size_t i = 0; i < a->columns; i++)
            if (shown_width(cell(c, i)) > width[i]) width[i] = shown_width(cell(c, i));
    }
    put_line(a, NULL, width, out);
    for (str rest = buf_str(&a->rows), row; asked_row(&rest, &row);) {
        TRY(read_cells(a, row, true, c, e));
        put_line(a, c, width, out);
    }
    return true;
}

static bool put_csv(const asked *a, cells *c, buf *out, err *e) {
    for (size_t i = 0; i < a->columns; i++) buf_addz(out, i ? "," : ""), csv_put(out, a->column[i]);
    buf_byte(out, '\n');
    for (str rest = buf_str(&a->rows), row; asked_row(&rest, &row);) {
        TRY(read_cells(a, row, false, c, e));
        for (size_t i = 0; i < a->columns; i++) buf_addz(out, i ? "," : ""), csv_put(out, cell(c, i));
        buf_byte(out, '\n');
    }
    return true;
}

/* One thing: a line a member, or rows of two columns. */
static bool put_members(const asked *a, bool csv, buf *out, err *e) {
    str rest = buf_str(&a->rows), row;
    json_t *object, *v;
    const char *name;
    if (!asked_row(&rest, &row)) return true;
    TRY(read_row(row, &object, e));
    if (csv) buf_addz(out, "key,value\n");
    json_object_foreach(object, name, v) {
        AUTO(buf) text = {0};
        put_value(v, false, &text);
        if (csv) csv_put(out, str_of(name)), buf_byte(out, ','), csv_put(out, buf_str(&text));
        else
            put_padded(out, str_of(name), 20), buf_byte(out, ' '), buf_add(out, buf_str(&text));
        buf_byte(out, '\n');
    }
    json_decref(object);
    return true;
}

bool asked_render(const asked *a, cli_form form, buf *out, err *e) {
    cells c = {.bytes = {0}};
    bool ok = true;
    if (form == FORM_JSON) asked_json(a, out);
    else if (a->form == ASKED_MESSAGE)
        buf_add(out, a->message), buf_byte(out, '\n');
    else if (a->form != ASKED_LIST)
        ok = put_members(a, form == FORM_CSV, out, e);
    else
        ok = form == FORM_CSV ? put_csv(a, &c, out, e) : put_table(a, &c, out, e);
    buf_free(&c.bytes);
    return ok;
}

bool ask_and_print(const call *c, const char *const *words, size_t n, int64_t timeout_ms, int *status, err *e) {
    AUTO(asked) a = {0};
    AUTO(buf) out = {0};
    home h;
    cli_form form;
    TRY(cli_output(&c->words, &form, e) && home_load(c->home, &h, e));
    bool ok = ask(&h, words, n, timeout_ms, &a, e);
    home_close(&h);
    TRY(ok && asked_render(&a, form, &out, e));
    *status = a.status;
    return cli_print(buf_str(&out), e);
}

bool command_ask(const call *c, int *status, err *e) {
    int64_t timeout_ms;
    TRY(cli_seconds(&c->words, "timeout", ASK_TIMEOUT_MS, &timeout_ms, e));
    return ask_and_print(c, c->words.words, c->words.word_count, timeout_ms, status, e);
}
