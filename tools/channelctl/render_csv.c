#include "tools/channelctl/render.h"

#include "base/csv_put.h"

/* RFC 4180 without a byte order mark. A show is one row of its plain members. */

static bool flush(render *r, buf *out) {
    buf_addz(out, "\r\n");
    return fwrite(out->p, 1, out->n, r->out) == out->n || err_set(&r->why, ERR_INTERNAL, "cannot write");
}

static bool begin(render *r) {
    AUTO(buf) out = {0};
    if (r->form != ANSWER_LIST) return true;
    for (size_t i = 0; i < r->columns; i++) {
        if (i) buf_byte(&out, ',');
        csv_put(&out, str_of(r->column[i]));
    }
    return flush(r, &out);
}

static void add(json_t *v, bool first, buf *out) {
    AUTO(buf) cell = {0};
    if (v) render_cell(v, &cell);
    if (!first) buf_byte(out, ',');
    csv_put(out, buf_str(&cell));
}

static bool show(render *r, json_t *row) {
    AUTO(buf) names = {0};
    AUTO(buf) values = {0};
    const char *key;
    json_t *v;
    json_object_foreach(row, key, v) {
        if (json_is_array(v) || json_is_object(v)) continue;
        if (names.n) buf_byte(&names, ',');
        csv_put(&names, str_of(key));
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
