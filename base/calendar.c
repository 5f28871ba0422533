#include "base/calendar.h"

day_t day_of(int year, unsigned month, unsigned day) {
    int y = year - (month <= 2);
    int era = (y >= 0 ? y : y - 399) / 400;
    int yoe = y - era * 400;
    int doy = (153 * ((int)month + (month > 2 ? -3 : 9)) + 2) / 5 + (int)day - 1;
    int doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    return era * 146097 + doe - 719468;
}

civil civil_of(day_t d) {
    int z = d + 719468;
    int era = (z >= 0 ? z : z - 146096) / 146097;
    int doe = z - era * 146097;
    int yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int mp = (5 * doy + 2) / 153;
    unsigned month = (unsigned)(mp < 10 ? mp + 3 : mp - 9);
    return (civil){yoe + era * 400 + (month <= 2), month, (unsigned)(doy - (153 * mp + 2) / 5 + 1)};
}

unsigned days_in_month(int year, unsigned month) {
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : days[month - 1];
}

bool civil_ok(int year, unsigned month, unsigned day) {
    return year >= 1 && year <= 9999 && month >= 1 && month <= 12 && day >= 1 && day <= days_in_month(year, month);
}

unsigned weekday_of(day_t d) {
    return (unsigned)(((d + 3) % 7 + 7) % 7) + 1;
}

int32_t month_of(day_t d) {
    civil c = civil_of(d);
    return c.year * 12 + (int32_t)c.month - 1;
}

day_t month_first(int32_t month) {
    return day_of(month / 12, (unsigned)(month % 12) + 1, 1);
}

static bool digits(str s, size_t at, size_t n, int *out) {
    int v = 0;
    if (s.n < at + n) return false;
    for (size_t i = at; i < at + n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9') return false;
        v = v * 10 + (s.p[i] - '0');
    }
    *out = v;
    return true;
}

bool day_parse(str s, day_t *out) {
    int y, m, d;
    if (s.n != 10 || s.p[4] != '-' || s.p[7] != '-') return false;
    if (!digits(s, 0, 4, &y) || !digits(s, 5, 2, &m) || !digits(s, 8, 2, &d)) return false;
    if (!civil_ok(y, (unsigned)m, (unsigned)d)) return false;
    *out = day_of(y, (unsigned)m, (unsigned)d);
    return true;
}

void day_put(buf *b, day_t d) {
    civil c = civil_of(d);
    buf_printf(b, "%04d-%02u-%02u", c.year, c.month, c.day);
}

void month_put(buf *b, int32_t m) {
    buf_printf(b, "%04d-%02d", m / 12, m % 12 + 1);
}

void week_put(buf *b, day_t d) {
    day_t thursday = d + 4 - (day_t)weekday_of(d); /* the ISO year of a week is that of its Thursday */
    int year = civil_of(thursday).year;
    buf_printf(b, "%04d-W%02d", year, (thursday - day_of(year, 1, 1)) / 7 + 1);
}

bool zone_parse(str s, int *minutes) {
    int h, m;
    if (str_ieq(s, STR("Z"))) return *minutes = 0, true;
    if ((s.n != 6 && s.n != 5) || (s.p[0] != '+' && s.p[0] != '-') || (s.n == 6 && s.p[3] != ':')) return false;
    if (!digits(s, 1, 2, &h) || !digits(s, s.n - 2, 2, &m) || h > 14 || m > 59) return false;
    *minutes = (s.p[0] == '-' ? -1 : 1) * (h * 60 + m);
    return true;
}

bool time_parse(str s, int zone_min, int64_t *ms) {
    day_t d;
    int h, m, sec, fraction = 0;
    if (!day_parse(str_take(s, 10), &d)) return false;
    if (s.n == 10) return *ms = ((int64_t)d * 1440 - zone_min) * 60000, true;
    if (s.n < 20 || (s.p[10] != 'T' && s.p[10] != ' ') || s.p[13] != ':' || s.p[16] != ':') return false;
    if (!digits(s, 11, 2, &h) || !digits(s, 14, 2, &m) || !digits(s, 17, 2, &sec)) return false;
    if (h > 23 || m > 59 || sec > 60) return false;
    str rest = str_skip(s, 19);
    if (rest.p[0] == '.') {
        size_t n = 1;
        while (n < rest.n && rest.p[n] >= '0' && rest.p[n] <= '9') {
            if (n <= 3) fraction = fraction * 10 + (rest.p[n] - '0');
            n++;
        }
        if (n == 1) return false;
        for (size_t k = n; k <= 3; k++) fraction *= 10;
        rest = str_skip(rest, n);
    }
    if (!zone_parse(rest, &zone_min)) return false;
    *ms = (((int64_t)d * 24 + h) * 60 + m - zone_min) * 60000 + (int64_t)sec * 1000 + fraction;
    return true;
}

day_t day_at(int64_t ms, int zone_min) {
    int64_t local = ms + (int64_t)zone_min * 60000, day = 86400000;
    return (day_t)(local >= 0 ? local / day : -((-local + day - 1) / day));
}

void time_put(buf *b, int64_t ms, int zone_min) {
    day_t d = day_at(ms, zone_min);
    int64_t sec = (ms + (int64_t)zone_min * 60000 - (int64_t)d * 86400000) / 1000;
    day_put(b, d);
    buf_printf(b, "T%02d:%02d:%02d", (int)(sec / 3600), (int)(sec / 60 % 60), (int)(sec % 60));
    int z = zone_min < 0 ? -zone_min : zone_min;
    buf_printf(b, "%c%02d:%02d", zone_min < 0 ? '-' : '+', z / 60, z % 60);
}
