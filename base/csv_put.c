#include "base/csv_put.h"

bool is_plain_number(str s) {
    size_t digits = 0, points = 0, at = s.n && s.p[0] == '-';
    for (; at < s.n; at++) {
        if (s.p[at] == '.' && digits) points++;
        else if (s.p[at] >= '0' && s.p[at] <= '9')
            digits++;
        else
            return false;
    }
    return digits && points <= 1 && s.p[s.n - 1] != '.';
}

static bool one_of(const char *set, str s) {
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] && strchr(set, s.p[i])) return true;
    return false;
}

void csv_put(buf *out, str cell) {
    bool formula = one_of("=+-@\t\r", str_take(cell, 1)) && !is_plain_number(cell);
    bool quote = one_of(",\"\r\n", cell) || str_trim(cell).n != cell.n;
    if (quote) buf_byte(out, '"');
    if (formula) buf_byte(out, '\'');
    for (size_t i = 0; i < cell.n; i++) {
        if (cell.p[i] == '"') buf_byte(out, '"');
        buf_byte(out, cell.p[i]);
    }
    if (quote) buf_byte(out, '"');
}
