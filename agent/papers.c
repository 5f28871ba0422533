#include "agent/papers.h"

#include "agent/ask.h"
#include "base/file.h"
#include "proto/digest.h"
#include "proto/limits.h"

static bool send_piece(ask_series *line, const char *name, str digest, size_t size, size_t at, str piece, err *e) {
    AUTO(asked) a = {0};
    AUTO(buf) whole = {0};
    AUTO(buf) from = {0};
    AUTO(buf) hex = {0};
    buf_add(&hex, digest);
    buf_printf(&whole, "%zu", size);
    buf_printf(&from, "%zu", at);
    const char *const said[] = {"paper",  "add",         name,   "--digest",  buf_z(&hex),
                                "--size", buf_z(&whole), "--at", buf_z(&from)};
    return ask_on(line, said, ARRAY_LEN(said), name, piece, &a, e);
}

bool paper_send(const home *h, const char *path, buf *digests, err *e) {
    AUTO(ask_series) line = {.home = h, .timeout_ms = ASK_TIMEOUT_MS};
    AUTO(buf) bytes = {0};
    AUTO(buf) hex = {0};
    uint8_t digest[DIGEST_SIZE];
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    TRY(file_read(path, LIMIT_PAPER_BYTES, &bytes, e));
    if (bytes.n == 0) return err_set(e, ERR_DATA, "%s is empty", path);
    digest_of(buf_str(&bytes), digest);
    hex_put(&hex, digest, DIGEST_SIZE);
    for (size_t at = 0; at < bytes.n; at += LIMIT_PAPER_PIECE)
        TRY(send_piece(&line, name, buf_str(&hex), bytes.n, at,
                       str_take(str_skip(buf_str(&bytes), at), LIMIT_PAPER_PIECE), e));
    if (digests->n) buf_byte(digests, ',');
    buf_add(digests, buf_str(&hex));
    return true;
}
