#include "tools/channelctl/render.h"

#include <stdlib.h>
#include <unistd.h>

/* A workbook is written to a file by name; it is made in the place for temporary files and copied to the output. */

enum { NAME_SIZE = 1024 };

typedef struct book {
    char path[NAME_SIZE];
    answer_book *book;
} book;

static bool begin(render *r) {
    book *b = calloc(1, sizeof *b);
    ASSERT(b != NULL);
    r->inner = b;
    const char *dir = getenv("TMPDIR");
    (void)snprintf(b->path, sizeof b->path, "%s/channelctl-XXXXXX", dir && *dir ? dir : P_tmpdir);
    int fd = mkstemp(b->path);
    if (fd < 0) return err_set(&r->why, ERR_INTERNAL, "cannot make a temporary file");
    (void)close(fd);
    b->book = answer_book_new(b->path, r->column, r->form == ANSWER_LIST ? r->columns : 0);
    return true;
}

static bool row(render *r, str line) {
    book *b = r->inner;
    json_t *object = render_row(r, line);
    if (object == NULL) return false;
    bool ok = answer_book_row(b->book, object, &r->why);
    json_decref(object);
    return ok;
}

static bool copy(render *r, const char *path) {
    char piece[65536];
    FILE *in = fopen(path, "rb");
    if (in == NULL) return false;
    size_t n;
    bool ok = true;
    while (ok && (n = fread(piece, 1, sizeof piece, in)) > 0) ok = fwrite(piece, 1, n, r->out) == n;
    ok = ok && !ferror(in);
    (void)fclose(in);
    return ok;
}

static bool end(render *r) {
    book *b = r->inner;
    bool ok = answer_book_end(b->book, &r->why) &&
              (copy(r, b->path) || err_set(&r->why, ERR_INTERNAL, "the workbook cannot be written"));
    (void)unlink(b->path);
    free(b);
    return ok;
}

const render_form xlsx_form = {"xlsx", begin, row, end};
