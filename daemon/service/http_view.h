/* http_view — which rows of a list are sent, in which order and form: the parameters o, q, filter, sort, page, per_page and
 * bom that every list takes. Without page all rows are sent. */
#ifndef SERVICE_HTTP_VIEW_H
#define SERVICE_HTTP_VIEW_H

#include "daemon/service/http_request.h"

typedef enum view_form { VIEW_JSON, VIEW_CSV, VIEW_XLSX } view_form;

typedef struct list_view {
    view_form form;
    bool bom; /* CSV for programs that take UTF-8 for something else without */
    str q;    /* rows with this text in any cell */
    struct {
        str column, wanted;
        enum { IS, IS_NOT, HAS, LEAST, MOST } how;
    } filter[LIMIT_HTTP_FILTERS];
    size_t filters;
    str sort; /* a column; n 0: as they come */
    bool down;
    uint64_t page, per_page; /* from 1; 0: all rows */
} list_view;

/** Is it one of the parameters of a view? They belong to no command. */
bool view_takes(str name);
/** ERR_USAGE: one of them is wrong. */
MUST_USE bool view_read(const request *r, list_view *out, err *e);
/** The rows of an answer as the view wants them, into `out` (file or memory); *total: rows of all pages, *sent: of this one.
 *  ERR_USAGE: no such column. */
MUST_USE bool view_render(answer *in, const list_view *v, answer *out, uint64_t *total, uint64_t *sent, err *e);

#endif
