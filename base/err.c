#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    int http, status;
    const char *name;
} codes[ERR_CODE_COUNT] = {
#define X(code, http, status, name) [code] = {http, status, name},
    ERR_CODES(X)
#undef X
};

/* One line of text whatever a peer sent; a UTF-8 sequence that was cut at the end is dropped whole. */
static void tidy(char *text, size_t size) {
    size_t n = strnlen(text, size);
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f) text[i] = ' ';
    if (n + 1 < size) return;
    size_t start = n;
    while (start > 0 && ((unsigned char)text[start - 1] & 0xc0) == 0x80) start--;
    if (start > 0 && (unsigned char)text[start - 1] >= 0xc0) text[start - 1] = '\0';
}

bool err_set(err *e, err_code code, const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    e->code = code;
    (void)vsnprintf(e->text, sizeof e->text, fmt, ap);
    va_end(ap);
    tidy(e->text, sizeof e->text);
    return false;
}

bool err_wrap(err *e, const char *fmt, ...) {
    char text[2 * sizeof e->text + 2];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof e->text, fmt, ap);
    va_end(ap);
    size_t n = strnlen(text, sizeof e->text - 1);
    (void)snprintf(text + n, sizeof text - n, ": %s", e->text);
    memcpy(e->text, text, sizeof e->text);
    e->text[sizeof e->text - 1] = '\0';
    tidy(e->text, sizeof e->text);
    return false;
}

int err_exit_status(err_code code) {
    return codes[code].status;
}

int err_http_status(err_code code) {
    return codes[code].http;
}

const char *err_name(err_code code) {
    return codes[code].name;
}

err_code err_from_name(const char *name) {
    for (err_code c = 0; c < ERR_CODE_COUNT; c++)
        if (strcmp(codes[c].name, name) == 0) return c;
    return ERR_INTERNAL;
}

void assert_failed(const char *cond, const char *file, int line) {
    (void)fprintf(stderr, "assertion failed: %s (%s:%d)\n", cond, file, line);
    abort();
}
