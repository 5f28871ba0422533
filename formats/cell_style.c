#include "formats/cell_style.h"

#include "base/calendar.h"
#include <math.h>
#include <stdio.h>

typedef struct letters {
    bool year, month, day, hour, digit;
    size_t zeros; /* the section is nothing but zeros */
} letters;

/* [h] counts hours; other brackets hold colours, conditions and locales. */
static bool is_elapsed(str inside) {
    for (size_t i = 0; i < inside.n; i++)
        if (!strchr("hHmMsS", inside.p[i])) return false;
    return inside.n > 0;
}

static void take_letter(letters *l, char c) {
    l->year = l->year || c == 'y' || c == 'Y' || c == 'e';
    l->month = l->month || c == 'm' || c == 'M';
    l->day = l->day || c == 'd' || c == 'D';
    l->hour = l->hour || c == 'h' || c == 'H' || c == 's' || c == 'S';
    l->digit = l->digit || c == '0' || c == '#' || c == '?';
    l->zeros = c == '0' && l->zeros != SIZE_MAX ? l->zeros + 1 : SIZE_MAX;
}

/* Looks past quoted text, [brackets] and escapes. */
static letters letters_of(str code) {
    letters l = {0};
    for (size_t i = 0; i < code.n && code.p[i] != ';'; i++) {
        char c = code.p[i];
        if (c == '"' || c == '[') {
            size_t from = ++i;
            while (i < code.n && code.p[i] != (c == '"' ? '"' : ']')) i++;
            l.hour = l.hour || (c == '[' && is_elapsed(str_from(code.p + from, i - from)));
            if (c == '"') l.zeros = SIZE_MAX;
        } else if (c == '\\' || c == '_' || c == '*') {
            i++;
        } else {
            take_letter(&l, c);
        }
    }
    return l;
}

cell_style style_of_format(str code) {
    if (str_ieq(str_take(code, 7), STR("general"))) return STYLE_PLAIN;
    letters l = letters_of(code);
    if (l.zeros >= 2 && l.zeros <= STYLE_PADDED_MOST - STYLE_PADDED) return (cell_style)(STYLE_PADDED + l.zeros);
    if (l.digit && !l.hour) return STYLE_PLAIN;
    if (l.day || (l.month && !l.hour && !l.year)) return STYLE_DATE;
    if (l.year) return STYLE_MONTH;
    return l.hour ? STYLE_TIME : STYLE_PLAIN;
}

cell_style style_of_builtin(unsigned id) {
    if (id == 17 || id == 55) return STYLE_MONTH;
    if ((id >= 18 && id <= 21) || (id >= 45 && id <= 47) || (id >= 32 && id <= 35)) return STYLE_TIME;
    if ((id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 50 && id <= 58)) return STYLE_DATE;
    return STYLE_PLAIN;
}

/* In the 1900 system day 1 is 1900-01-01, and a 29 February 1900 that never was is day 60. */
static bool put_date(buf *out, double serial, cell_style style, bool date1904) {
    if (!(serial >= 0 && serial < 2958466)) return false; /* nor a NaN */
    day_t day = (day_t)floor(serial);
    day += date1904 ? day_of(1904, 1, 1) : day < 60 ? day_of(1899, 12, 31) : day_of(1899, 12, 30);
    if (style == STYLE_MONTH && civil_of(day).day == 1) month_put(out, month_of(day));
    else
        day_put(out, day);
    return true;
}

static void put_digits(buf *out, double v) {
    char text[64];
    if (!isfinite(v)) {
        buf_addz(out, "#NUM!");
        return;
    }
    (void)snprintf(text, sizeof text, "%.15g", v);
    if (strchr(text, 'e') && fabs(v) < 1e15) {
        (void)snprintf(text, sizeof text, "%.18f", v);
        size_t n = strlen(text);
        while (text[n - 1] == '0') n--;
        text[text[n - 1] == '.' ? n - 1 : n] = '\0';
    }
    buf_addz(out, text);
}

bool cell_number_put(buf *out, double v, cell_style style, bool date1904) {
    bool dated = style == STYLE_DATE || style == STYLE_MONTH;
    if (dated && put_date(out, v, style, date1904)) return true;
    if (style >= STYLE_PADDED && v >= 0 && v < 1e15 && v == floor(v)) {
        buf_printf(out, "%0*.0f", style - STYLE_PADDED, v);
        return true;
    }
    put_digits(out, v);
    return false;
}
