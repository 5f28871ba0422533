#include "tools/channelctl/render.h"

#include "base/num.h"

/* RFC 4180 without a byte order mark. A show is one row of its plain members. */

static bool is_number(str s) {
    int64_t n;
    bool exact;
    return dec_parse(s, 9, &n, &exact);
}

/* A text that a spreadsheet would take for a formula gets an apostrophe; numbers stay what they are. */
static void put_cell(str s, buf *out) {
    bool formula = s.n && memchr("=+-@\t\r", s.p[0], 6) && !is_number(s);
    bool quote = formula || memchr(s.p ? s.p : "", ',', s.n) || memchr(s.p ? s.p : "", '"', s.n) ||
                 memchr(s.p ? s.p : "", '\n', s.n) || memchr(s.p ? s.p : "", '\r', s.n);
    if (quote) buf_byte(out, '"');
    if (formula) buf_byte(out, '\'');
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '"') buf_byte(out, '"');
        buf_byte(out, s.p[i]);
    }
    if (quote) buf_byte(out, '"');
}

static bool flush(render *r, buf *out) {
    buf_addz(out, "\r\n");
    return fwrite(out->p, 1, out->n, r->out) == out->n || err_set(&r->why, ERR_INTERNAL, "cannot write");
}

static bool begin(render *r) {
    AUTO(buf) out = {0};
    if (r->form != ANSWER_LIST) return true;
    for (size_t i = 0; i < r->columns; i++) {
        if (i) buf_byte(&out, ',');
        put_cell(str_of(r->column[i]), &out);
    }
    return flush(r, &out);
}

static void add(json_t *v, bool first, buf *out) {
    AUTO(buf) cell = {0};
    if (v) render_cell(v, &cell);
    if (!first) buf_byte(out, ',');
    put_cell(buf_str(&cell), out);
}

static bool show(render *r, json_t *row) {
    AUTO(buf) names = {0};
    AUTO(buf) values = {0};
    const char *key;
    json_t *v;
    json_object_foreach(row, key, v) {
        if (json_is_array(v) || json_is_object(v)) continue;
        if (names.n) buf_byte(&names, ',');
        put_cell(str_of(key), &names);
        add(v, values.n == 0 && names.n == strlen(key), &values);
    }
    return flush(r, &names) && flush(r, &values);
}

static bool row(render *r, str line) {
    AUTO(buf) out = {0};
    json_t *object = render_row(r, line);
    if (object == NULL) return false;
    bool ok = true;
    if (r->form == ANSWER_SHOW) ok = show(r, object);
    for (size_t i = 0; i < r->columns; i++) add(json_object_get(object, r->column[i]), i == 0, &out);
    if (r->form == ANSWER_LIST) ok = flush(r, &out);
    json_decref(object);
    return ok;
}

static bool end(render *r) {
    (void)r;
    return true;
}

const render_form csv_form = {"csv", begin, row, end};
