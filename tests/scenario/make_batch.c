/* make_batch FILE OUT.batch — the first batch of a file, as an agent or `document import` sends it. */
#include "base/file.h"
#include "formats/formats.h"
#include "proto/batch.h"

#include <stdio.h>

static bool write_first(void *arg, uint64_t seq, str frame, size_t docs, size_t lines, err *e) {
    (void)docs, (void)lines;
    return seq > 1 || file_write(arg, frame, 0600, e);
}

static bool make(const char *from, char *to, err *e) {
    AUTO(docset) s = {0};
    AUTO(buf) bytes = {0};
    docset_init(&s);
    TRY(file_read(from, LIMIT_UPLOAD_BYTES, &bytes, e));
    source in = {.name = from, .bytes = buf_str(&bytes)};
    batch_cut how = {.epoch = 1, .first_seq = 1};
    TRY(formats_read(&in, NULL, &s, e));
    return batch_cut_docset(&s, &how, write_first, to, e);
}

int main(int argc, char **argv) {
    err e = {0};
    if (argc != 3) return err_exit_status(ERR_USAGE);
    if (make(argv[1], argv[2], &e)) return 0;
    (void)fprintf(stderr, "make_batch: %s\n", e.text);
    return err_exit_status(e.code);
}
