#include "tools/channelctl/render.h"

/* RFC 4180 without a byte order mark. A show is one row of its plain members. */

static bool flush(render *r, const buf *out) {
    return fwrite(out->p, 1, out->n, r->out) == out->n || err_set(&r->why, ERR_INTERNAL, "cannot write");
}

static bool begin(render *r) {
    AUTO(buf) out = {0};
    if (r->form != ANSWER_LIST) return true;
    answer_csv_head(r->column, r->columns, &out);
    return flush(r, &out);
}

static bool row(render *r, str line) {
    AUTO(buf) out = {0};
    json_t *object = render_row(r, line);
    if (object == NULL) return false;
    if (r->form == ANSWER_SHOW) answer_csv_show(object, &out);
    if (r->form == ANSWER_LIST) answer_csv_row(object, r->column, r->columns, &out);
    json_decref(object);
    return flush(r, &out);
}

static bool end(render *r) {
    (void)r;
    return true;
}

const render_form csv_form = {"csv", begin, row, end};
