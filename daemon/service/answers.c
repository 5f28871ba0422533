#include "daemon/service/answers.h"

#include "base/file.h"
#include "proto/admin.pb-c.h"
#include "proto/frame.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum { IN_MEMORY = 1024 * 1024 };

answer *answer_new(const call_world *w) {
    answer *a = calloc(1, sizeof *a);
    ASSERT(a != NULL);
    call_out_init(&a->head);
    a->head.sink = answer_take;
    a->head.arg = a;
    a->world = *w;
    a->world.facts = NULL; /* gone by then */
    a->fd = -1;
    return a;
}

void answer_free(answer *a) {
    if (a == NULL) return;
    if (a->fd >= 0) (void)close(a->fd);
    call_out_free(&a->head);
    buf_free(&a->rows);
    free(a);
}

static bool write_all(int fd, str s, err *e) {
    while (s.n) {
        ssize_t n = write(fd, s.p, s.n);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return err_set(e, ERR_FULL, "no room for a long answer: %s", strerror(errno));
        s = str_skip(s, (size_t)n);
    }
    return true;
}

bool answer_take(void *arg, str rows, err *e) {
    answer *a = arg;
    a->size += rows.n;
    if (a->max && a->size > a->max)
        return err_set(e, ERR_FULL, "the answer is longer than %llu MiB: ask for less",
                       (unsigned long long)(a->max >> 20));
    if (a->fd < 0 && a->size <= IN_MEMORY) {
        buf_add(&a->rows, rows);
        return true;
    }
    if (a->fd < 0) {
        a->fd = open(a->world.data_dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
        if (a->fd < 0) return err_set(e, ERR_INTERNAL, "%s: %s", a->world.data_dir, strerror(errno));
        TRY(write_all(a->fd, buf_str(&a->rows), e));
        buf_free(&a->rows);
    }
    return write_all(a->fd, rows, e);
}

bool answer_piece(answer *a, size_t max, buf *out) {
    size_t n = a->size - a->sent < max ? (size_t)(a->size - a->sent) : max;
    if (a->fd < 0) {
        buf_add(out, str_take(str_skip(buf_str(&a->rows), (size_t)a->sent), n));
    } else {
        buf_reserve(out, n);
        ssize_t got = pread(a->fd, out->p, n, (off_t)a->sent);
        if (got < 0 || (size_t)got != n) return err_set(&a->why, ERR_INTERNAL, "a long answer cannot be read back");
        out->n = n;
    }
    a->sent += n;
    return true;
}

static void later_piece(str rows, bool more, buf *out) {
    Admin__Response r = ADMIN__RESPONSE__INIT;
    r.rows = (ProtobufCBinaryData){rows.n, (uint8_t *)(uintptr_t)rows.p};
    r.more = more;
    message_pack(out, &r.base);
}

bool answer_next(answer *a, buf *out) {
    AUTO(buf) piece = {0};
    if (a->failed || !answer_piece(a, LIMIT_CHUNK_BYTES, &piece)) {
        answer_pack(&a->head, &a->why, &a->world, STR(""), false, out);
        return false;
    }
    bool more = a->sent < a->size;
    if (a->begun) later_piece(buf_str(&piece), more, out);
    else
        answer_pack(&a->head, NULL, &a->world, buf_str(&piece), more, out);
    a->begun = true;
    return more;
}
