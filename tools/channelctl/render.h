/* render — an answer on its way to the screen or into a file: rows of JSON in, one of four forms out. Data goes to
 * `out` only; what is wrong is said by the caller on stderr. */
#ifndef CHANNELCTL_RENDER_H
#define CHANNELCTL_RENDER_H

#include "daemon/command/answer_form.h"
#include "daemon/command/call.h"
#include <stdio.h>

typedef enum render_as { RENDER_TABLE, RENDER_JSON, RENDER_CSV, RENDER_XLSX } render_as;
bool render_parse(str name, render_as *out);

typedef struct render {
    FILE *out;
    answer_form form;
    const char *column[LIMIT_REPEATED]; /* of a list, in order */
    size_t columns;
    size_t rows; /* written so far */
    void *inner; /* the form's own */
    buf rest;    /* a piece of a row that is not whole yet */
    const struct render_form *as;
    err why;
} render;

/* One form of output. Rows come as text; those that need the values parse it. */
typedef struct render_form {
    const char *name;
    bool (*begin)(render *r);
    bool (*row)(render *r, str line);
    bool (*end)(render *r);
} render_form;

/** Head known (form and columns copied); rows may follow. `file` NULL: stdout. */
MUST_USE bool render_begin(render *r, render_as as, const call_out *head, const char *file, err *e);
/** Rows as they arrive, cut anywhere. */
MUST_USE bool render_rows(render *r, str bytes, err *e);
/** The end; false when the output could not be written. */
MUST_USE bool render_end(render *r, err *e);
/** What is said beside a list: on stderr, whatever the form. */
void render_note(str text);
/** A message in place of rows. */
void render_message(render_as as, const char *text);

/* shared by the forms */
json_t *render_row(render *r, str line); /* parsed; NULL and r->why */

#endif
