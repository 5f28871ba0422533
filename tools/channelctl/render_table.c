#include "tools/channelctl/render.h"

#include <libsmartcols/libsmartcols.h>
#include <unistd.h>

/* Widths of Chinese letters are libsmartcols' business. Into a pipe nothing is cut to the screen's width. */

static struct libscols_table *new_table(FILE *out) {
    struct libscols_table *t = scols_new_table();
    ASSERT(t != NULL);
    (void)scols_table_set_stream(t, out);
    if (!isatty(fileno(out))) (void)scols_table_set_termforce(t, SCOLS_TERMFORCE_NEVER);
    return t;
}

static void new_column(struct libscols_table *t, const char *name) {
    ASSERT(scols_table_new_column(t, name, 0, answer_is_figure(name) ? SCOLS_FL_RIGHT : 0) != NULL);
}

/* `brief`: of a list of objects in a cell only how many there are; `show` has them. */
static void put_row(struct libscols_table *t, const char *const *column, size_t n, json_t *row, bool brief) {
    struct libscols_line *line = scols_table_new_line(t, NULL);
    ASSERT(line != NULL);
    for (size_t i = 0; i < n; i++) {
        AUTO(buf) cell = {0};
        json_t *v = json_object_get(row, column[i]);
        if (brief && json_is_object(json_array_get(v, 0))) buf_printf(&cell, "%zu", json_array_size(v));
        else if (v)
            answer_cell(v, &cell);
        (void)scols_line_set_data(line, i, buf_z(&cell));
    }
}

static bool print(struct libscols_table *t) {
    return scols_table_is_empty(t) || scols_print_table(t) == 0;
}

static bool begin(render *r) {
    if (r->form != ANSWER_LIST) return true;
    struct libscols_table *t = r->inner = new_table(r->out);
    for (size_t i = 0; i < r->columns; i++) new_column(t, r->column[i]);
    return true;
}

/* A list of flat objects inside a show, or an object of them: a table of its own below, the latter with their names. */
static bool is_table(const json_t *v) {
    if (json_is_object(v)) return json_is_object(json_object_iter_value(json_object_iter((json_t *)(uintptr_t)v)));
    return json_is_array(v) && (json_array_size(v) == 0 || json_is_object(json_array_get(v, 0)));
}

static json_t *listed(json_t *v) {
    const char *key;
    json_t *row, *rows = json_array();
    if (json_is_array(v)) return json_decref(rows), json_incref(v);
    json_object_foreach(v, key, row) {
        json_t *named = json_pack("{s:s}", "name", key);
        (void)json_object_update(named, row);
        (void)json_array_append_new(rows, named);
    }
    return rows;
}

static bool sub_table(render *r, const char *name, json_t *rows) {
    const char *column[64], *key;
    json_t *v, *first = json_array_get(rows, 0);
    size_t n = 0;
    if (!json_is_object(first)) return true;
    struct libscols_table *t = new_table(r->out);
    json_object_foreach(first, key, v) {
        if (n == ARRAY_LEN(column)) break;
        column[n++] = key;
        new_column(t, key);
    }
    for (size_t i = 0; i < json_array_size(rows); i++) put_row(t, column, n, json_array_get(rows, i), false);
    bool ok = fprintf(r->out, "\n%s\n", name) > 0 && print(t);
    scols_unref_table(t);
    return ok;
}

/* A text of several lines stands below, as it is; a terminal is told nothing by it. */
static bool is_block(const json_t *v) {
    return json_is_string(v) && strchr(json_string_value(v), '\n');
}

static bool block(render *r, const char *name, const char *text) {
    AUTO(buf) out = {0};
    for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
        bool control = (*c < ' ' && *c != '\n') || *c == 0x7f || (*c == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0);
        if (control && *c == 0xc2) c++;
        buf_byte(&out, control ? '?' : (char)*c);
    }
    return fprintf(r->out, "\n%s\n%s%s", name, buf_z(&out), str_ends(buf_str(&out), STR("\n")) ? "" : "\n") > 0;
}

static bool show(render *r, json_t *row) {
    const char *key;
    json_t *v;
    struct libscols_table *t = new_table(r->out);
    (void)scols_table_enable_noheadings(t, 1);
    new_column(t, "key");
    ASSERT(scols_table_new_column(t, "", 0, 0) != NULL);
    json_object_foreach(row, key, v) {
        if (is_table(v) || is_block(v)) continue;
        AUTO(buf) cell = {0};
        answer_cell(v, &cell);
        struct libscols_line *line = scols_table_new_line(t, NULL);
        ASSERT(line != NULL);
        (void)scols_line_set_data(line, 0, key);
        (void)scols_line_set_data(line, 1, buf_z(&cell));
    }
    bool ok = print(t);
    scols_unref_table(t);
    json_object_foreach(row, key, v) {
        if (ok && is_block(v)) ok = block(r, key, json_string_value(v));
        if (!ok || !is_table(v)) continue;
        json_t *rows = listed(v);
        ok = sub_table(r, key, rows);
        json_decref(rows);
    }
    return ok;
}

static bool row(render *r, str line) {
    json_t *object = render_row(r, line);
    if (object == NULL) return false;
    bool ok = true;
    if (r->form == ANSWER_SHOW) ok = show(r, object) || err_set(&r->why, ERR_INTERNAL, "cannot write");
    else
        put_row(r->inner, r->column, r->columns, object, true);
    json_decref(object);
    return ok;
}

static bool end(render *r) {
    if (r->inner == NULL) return true;
    bool ok = print(r->inner) || err_set(&r->why, ERR_INTERNAL, "cannot write");
    scols_unref_table(r->inner);
    return ok;
}

const render_form table_form = {"table", begin, row, end};
