#include "tools/channelctl/render.h"

/* Rows are JSON already: a list gets its brackets and commas, a show is one object. */

static bool put(render *r, const char *z) {
    return fputs(z, r->out) >= 0 || err_set(&r->why, ERR_INTERNAL, "cannot write");
}

static bool begin(render *r) {
    return r->form == ANSWER_SHOW || put(r, "[");
}

static bool row(render *r, str line) {
    if (r->form == ANSWER_LIST) TRY(put(r, r->rows ? ",\n" : "\n"));
    return fwrite(line.p, 1, line.n, r->out) == line.n || err_set(&r->why, ERR_INTERNAL, "cannot write");
}

static bool end(render *r) {
    return put(r, r->form == ANSWER_SHOW ? "\n" : r->rows ? "\n]\n" : "]\n");
}

const render_form json_form = {"json", begin, row, end};
