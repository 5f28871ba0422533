#include "tools/channelctl/client.h"

#include "base/file.h"
#include <inttypes.h>
#include <unistd.h>

str base_name(str path) {
    size_t at = path.n;
    while (at > 0 && path.p[at - 1] != '/') at--;
    return str_skip(path, at);
}

static bool read_stdin(buf *out, err *e) {
    size_t n;
    do {
        buf_reserve(out, 65536);
        n = fread(out->p + out->n, 1, 65536, stdin);
        out->n += n;
        if (out->n > LIMIT_UPLOAD_BYTES)
            return err_set(e, ERR_DATA, "standard input: more than %d bytes", LIMIT_UPLOAD_BYTES);
    } while (n > 0);
    return !ferror(stdin) || err_set(e, ERR_INTERNAL, "standard input cannot be read");
}

bool client_read_file(str name, buf *out, err *e) {
    char path[PATH_SIZE];
    if (str_is(name, "-")) return read_stdin(out, e);
    if (name.n >= sizeof path) return err_set(e, ERR_USAGE, "'%.*s': path too long", STR_ARG(str_take(name, 80)));
    return file_read(str_copy_z(name, path, sizeof path), LIMIT_UPLOAD_BYTES, out, e);
}

bool client_show(client *c, str object, err *e) {
    render r;
    call_out head;
    call_out_init(&head);
    head.form = ANSWER_SHOW;
    bool ok = render_begin(&r, c->as, &head, c->output, e);
    if (ok) {
        ok = render_rows(&r, object, e) && render_rows(&r, STR("\n"), e);
        err why;
        ok = render_end(&r, ok ? e : &why) && ok;
    }
    call_out_free(&head);
    return ok;
}

bool client_progress(void *arg, const char *what, uint64_t done, uint64_t total) {
    (void)arg;
    if (isatty(STDERR_FILENO))
        (void)fprintf(stderr, "\r%s %" PRIu64 " of %" PRIu64 "%s", what, done, total, done == total ? "\n" : "");
    return true;
}
