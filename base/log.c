#include "base/log.h"

#include "base/calendar.h"
#include "base/clock.h"
#include <stdarg.h>
#include <stdio.h>

static const char *const names[] = {"error", "warn", "info", "debug"};
static log_level threshold = LOG_LEVEL_INFO;

void log_set_level(log_level level) {
    threshold = level;
}

bool log_level_parse(str s, log_level *out) {
    for (log_level l = 0; l < ARRAY_LEN(names); l++)
        if (str_is(s, names[l])) return *out = l, true;
    return false;
}

void log_event(log_level level, const char *event, const char *fmt, ...) {
    if (level > threshold) return;
    char detail[900];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(detail, sizeof detail, fmt, ap);
    va_end(ap);
    buf line = {0};
    time_put(&line, wall_ms(), 0);
    buf_printf(&line, " %s %s%s%s\n", names[level], event, detail[0] ? " " : "", detail);
    (void)fwrite(line.p, 1, line.n, stderr); /* one write a line: lines of several threads do not mix */
    buf_free(&line);
}

const char *log_quote(str s, char *out, size_t size) {
    size_t n = 0;
    out[n++] = '\'';
    for (size_t i = 0; i < s.n && n + 5 < size; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c < 0x20 || c == 0x7f || c == '\'' || c == '\\') n += (size_t)snprintf(out + n, size - n, "\\x%02x", c);
        else
            out[n++] = (char)c;
    }
    out[n++] = '\'';
    out[n] = '\0';
    return out;
}
