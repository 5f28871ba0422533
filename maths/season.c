#include "maths/season.h"

#include <math.h>
#include <stdlib.h>

/* ---- buckets */

enum { MONTH_0 = 1970 * 12, MONDAY_0 = 3 }; /* 1970-01-01 was a Thursday */

int32_t bucket_of(bucket_kind kind, day_t day) {
    if (kind == BUCKET_DAY) return day;
    if (kind == BUCKET_MONTH) return month_of(day) - MONTH_0;
    int32_t shifted = day + MONDAY_0;
    return (shifted < 0 ? shifted - 6 : shifted) / 7;
}

day_t bucket_first(bucket_kind kind, int32_t bucket) {
    if (kind == BUCKET_DAY) return bucket;
    return kind == BUCKET_WEEK ? bucket * 7 - MONDAY_0 : month_first(bucket + MONTH_0);
}

unsigned bucket_days(bucket_kind kind, int32_t bucket) {
    return (unsigned)(bucket_first(kind, bucket + 1) - bucket_first(kind, bucket));
}

/* ---- the lunar calendar: day of the year, from 0, of 1/1, 5/5 and 8/15 (GB/T 33661-2017) */

enum { LUNAR_FROM = 1990 };
static const uint16_t lunar[][SEASON_HOLIDAYS] = {
    {26, 147, 275}, {45, 166, 264}, {34, 156, 254}, {22, 174, 272}, {40, 163, 262}, {30, 152, 251}, {49, 171, 270},
    {37, 159, 258}, {27, 149, 277}, {46, 168, 266}, {35, 157, 255}, {23, 175, 273}, {42, 165, 263}, {31, 154, 253},
    {21, 173, 271}, {39, 161, 260}, {28, 150, 278}, {48, 169, 267}, {37, 159, 257}, {25, 147, 275}, {44, 166, 264},
    {33, 156, 254}, {22, 174, 273}, {40, 162, 261}, {30, 152, 250}, {49, 170, 269}, {38, 160, 258}, {27, 149, 276},
    {46, 168, 266}, {35, 157, 255}, {24, 176, 274}, {42, 164, 263}, {31, 153, 252}, {21, 172, 271}, {40, 161, 260},
    {28, 150, 278}, {47, 169, 267}, {36, 159, 257}, {25, 148, 276}, {43, 166, 264}, {32, 155, 254}, {22, 174, 273},
    {41, 163, 262}, {30, 151, 250}, {49, 170, 269}, {38, 160, 258}, {27, 150, 277}, {45, 168, 266}, {34, 157, 255},
    {23, 146, 274}, {42, 165, 263}, {31, 153, 252}, {21, 172, 270}, {40, 161, 259}, {29, 151, 278}, {47, 169, 267},
    {36, 158, 257}, {25, 148, 276}, {44, 166, 265}, {32, 154, 253}, {22, 173, 272}, {41, 163, 261}, {31, 152, 250},
    {49, 170, 268}, {38, 160, 258}, {27, 149, 277}, {45, 168, 267}, {34, 156, 255}, {23, 175, 274}, {42, 164, 263},
    {32, 154, 252}, {20, 172, 270}, {39, 161, 259}, {28, 151, 278}, {47, 170, 268}, {35, 158, 257}, {25, 147, 275},
    {44, 166, 265}, {33, 155, 254}, {22, 173, 271}, {41, 163, 261}, {30, 152, 250}, {49, 171, 269}, {37, 160, 258},
    {26, 149, 277}, {45, 167, 266}, {35, 157, 255}, {23, 174, 273}, {42, 164, 262}, {32, 154, 252},
};

bool season_holiday(unsigned holiday, day_t day, int *days) {
    int year = civil_of(day).year;
    for (int y = year; y <= year + 1; y++) {
        if (y < LUNAR_FROM || y >= LUNAR_FROM + (int)ARRAY_LEN(lunar)) continue;
        *days = day_of(y, 1, 1) + lunar[y - LUNAR_FROM][holiday] - day;
        if (*days > -7 * (SEASON_AROUND - SEASON_BEFORE) && *days <= 7 * SEASON_BEFORE) return true;
    }
    return false;
}

/* Week of the window that a day lies in, SEASON_AROUND when in none. */
static unsigned around(unsigned holiday, day_t day) {
    int days;
    if (!season_holiday(holiday, day, &days)) return SEASON_AROUND;
    int week = SEASON_BEFORE - (days > 0 ? (days + 6) / 7 : -(-days / 7));
    return week >= 0 && week < SEASON_AROUND ? (unsigned)week : SEASON_AROUND;
}

/* ---- the profile */

void season_flat(season_profile *s) {
    *s = (season_profile){.flat = true};
    for (size_t i = 0; i < 7; i++) s->weekday[i] = 1;
    for (size_t i = 0; i < SEASON_WEEKS; i++) s->year[i] = 1;
    for (size_t h = 0; h < SEASON_HOLIDAYS; h++)
        for (size_t i = 0; i < SEASON_AROUND; i++) s->holiday[h][i] = 1;
}

static size_t year_place(bool months, day_t day) {
    civil c = civil_of(day);
    return months ? c.month - 1 : (size_t)(day - day_of(c.year, 1, 1)) / 7;
}

static float reckoned(const season_profile *s, day_t day) {
    float factor = s->weekday[weekday_of(day) - 1] * s->year[year_place(s->months, day)];
    for (unsigned h = 0; h < SEASON_HOLIDAYS; h++) {
        unsigned week = around(h, day);
        if (week < SEASON_AROUND) factor *= s->holiday[h][week];
    }
    return factor;
}

void season_know(season_profile *s, day_t from) {
    s->known_from = from, s->known_days = SEASON_KNOWN;
    for (unsigned i = 0; i < SEASON_KNOWN; i++) s->known[i] = reckoned(s, from + (day_t)i);
}

double season_at(const season_profile *s, day_t day) {
    if (s->flat) return 1;
    unsigned at = (unsigned)(day - s->known_from);
    return (double)(at < s->known_days ? s->known[at] : reckoned(s, day));
}

double season_bucket(const season_profile *s, bucket_kind kind, int32_t bucket) {
    double sum = 0;
    if (s == NULL || s->flat) return 1;
    day_t first = bucket_first(kind, bucket), end = bucket_first(kind, bucket + 1);
    for (day_t d = first; d < end; d++) sum += season_at(s, d);
    return sum / (double)(end - first);
}

/* ---- fitting */

/* y / its centred moving average over `span` (even: the ends count half); 0 where the window does not fit. */
static void ratios(const double *y, size_t n, unsigned span, double *out) {
    size_t half = span / 2;
    double ends = span % 2 ? 1 : 0.5;
    for (size_t t = 0; t < n; t++) {
        double sum = 0;
        out[t] = 0;
        if (t < half || t + half >= n) continue;
        for (size_t k = t - half; k <= t + half; k++) sum += y[k] * (k == t - half || k == t + half ? ends : 1);
        if (sum > 0) out[t] = y[t] * span / sum;
        /* a ratio of 0 is a value like others, but 0 means "none" */
        if (sum > 0 && out[t] == 0) out[t] = 1e-9;
    }
}

/* How far the phases differ beside how far each scatters: the part of the difference that is believed. */
static double believed(const double *ratio, const double *factor, size_t n, unsigned m, size_t used) {
    double scatter = 0, spread = 0;
    if (m < 4) return 1;
    for (size_t t = 0; t < n; t++)
        if (ratio[t] > 0) scatter += (ratio[t] - factor[t % m]) * (ratio[t] - factor[t % m]);
    for (unsigned k = 0; k < m; k++) spread += (factor[k] - 1) * (factor[k] - 1);
    if (spread <= 0 || used <= m) return 1;
    double noise = scatter / (double)(used - m) / ((double)used / m);
    double kept = 1 - (double)(m - 3) / (m - 1) * noise / (spread / (m - 1));
    return kept > 0 ? kept : 0;
}

void season_phases(const double *y, size_t n, unsigned m, double *factor) {
    bool fits = m > 1 && n >= 3 * (size_t)m;
    size_t used = 0, sold = 0;
    for (unsigned k = 0; k < m; k++) factor[k] = 1;
    for (size_t t = 0; fits && t < n; t++) fits = y[t] >= 0, sold += y[t] > 0;
    fits = fits && 10 * sold >= 7 * n;
    double *ratio = fits ? calloc(n + m, sizeof *ratio) : NULL, sum = 0;
    if (ratio == NULL) return;
    double *count = ratio + n;
    ratios(y, n, m, ratio);
    for (unsigned k = 0; k < m; k++) factor[k] = 0;
    for (size_t t = 0; t < n; t++)
        if (ratio[t] > 0) factor[t % m] += ratio[t], count[t % m] += 1, used++;
    for (unsigned k = 0; k < m; k++) sum += factor[k] = count[k] > 0 ? factor[k] / count[k] : 1;
    for (unsigned k = 0; k < m; k++) factor[k] *= m / sum;
    double kept = believed(ratio, factor, n, m, used);
    for (unsigned k = 0; k < m; k++) factor[k] = fmax(1 + kept * (factor[k] - 1), 0.05);
    free(ratio);
}

/* One estimate of the year from ratios with the holidays taken out: means by week, drawn together with their neighbours. */
static void fit_year(season_profile *s, const double *ratio, int32_t first, size_t n) {
    double sum[SEASON_WEEKS] = {0}, count[SEASON_WEEKS] = {0}, mean = 0;
    for (size_t t = 0; t < n; t++) {
        day_t day = bucket_first(BUCKET_WEEK, first + (int32_t)t) + 3;
        double holiday = 1;
        if (ratio[t] <= 0) continue;
        for (unsigned h = 0; h < SEASON_HOLIDAYS; h++) {
            unsigned week = around(h, day);
            if (week < SEASON_AROUND) holiday *= (double)s->holiday[h][week];
        }
        size_t at = year_place(false, day);
        sum[at] += ratio[t] / fmax(holiday, 0.05), count[at] += 1;
    }
    for (size_t k = 0; k < SEASON_WEEKS; k++) {
        double all = 0, seen = 0;
        for (int near = -2; near <= 2; near++) {
            size_t at = (k + SEASON_WEEKS + (size_t)near) % SEASON_WEEKS;
            double weight = 3 - abs(near);
            all += weight * sum[at] / 3, seen += weight * count[at] / 3;
        }
        s->year[k] = seen > 0 ? (float)fmin(fmax(all / seen, 0.1), 10) : 1;
        mean += (double)s->year[k] / SEASON_WEEKS;
    }
    for (size_t k = 0; k < SEASON_WEEKS; k++) s->year[k] = (float)((double)s->year[k] / mean);
}

/* A holiday's week is believed when it stands out by more than twice the scatter of ordinary weeks. */
static void fit_holidays(season_profile *s, const double *ratio, int32_t first, size_t n) {
    double sum[SEASON_HOLIDAYS][SEASON_AROUND] = {{0}}, count[SEASON_HOLIDAYS][SEASON_AROUND] = {{0}};
    double scatter = 0, ordinary = 0;
    for (size_t t = 0; t < n; t++) {
        day_t day = bucket_first(BUCKET_WEEK, first + (int32_t)t) + 3;
        bool near = false;
        if (ratio[t] <= 0) continue;
        double off = ratio[t] / (double)s->year[year_place(false, day)];
        for (unsigned h = 0; h < SEASON_HOLIDAYS; h++) {
            unsigned week = around(h, day);
            if (week == SEASON_AROUND) continue;
            sum[h][week] += off, count[h][week] += 1, near = true;
        }
        if (!near) scatter += (off - 1) * (off - 1), ordinary += 1;
    }
    double noise = ordinary > 0 ? sqrt(scatter / ordinary) : 0;
    for (size_t h = 0; h < SEASON_HOLIDAYS; h++)
        for (size_t i = 0; i < SEASON_AROUND; i++) {
            double c = count[h][i], mean = c > 0 ? sum[h][i] / c : 1;
            bool stands_out = c >= 2 && fabs(mean - 1) > 2 * noise / sqrt(c) + 0.02;
            s->holiday[h][i] = stands_out ? (float)fmin(fmax(1 + (mean - 1) * c / (c + 0.5), 0.1), 10) : 1;
        }
}

/* What is left of the year after its noise: weeks drawn together with their neighbours hold the noise of one week times the
 * sum of the squared weights, (1 + 4 + 9 + 4 + 1) / 81, and took a third of the freedom. One turn alone is half believed. */
static void shrink_year(season_profile *s, const double *ratio, int32_t first, size_t n) {
    double scatter = 0, spread = 0, used = 0;
    for (size_t t = 0; t < n; t++) {
        day_t day = bucket_first(BUCKET_WEEK, first + (int32_t)t) + 3;
        double fit = (double)s->year[year_place(false, day)];
        for (unsigned h = 0; h < SEASON_HOLIDAYS; h++) {
            unsigned week = around(h, day);
            if (week < SEASON_AROUND) fit *= (double)s->holiday[h][week];
        }
        if (ratio[t] > 0) scatter += (ratio[t] - fit) * (ratio[t] - fit), used += 1;
    }
    for (size_t k = 0; k < SEASON_WEEKS; k++) spread += pow((double)s->year[k] - 1, 2) / SEASON_WEEKS;
    double turns = used / SEASON_WEEKS, freedom = fmax(used - SEASON_WEEKS / 3.0, 1);
    double noise = turns > 0 ? scatter / freedom * 19 / 81 / turns : 0;
    double kept = spread > 0 ? fmax(1 - noise / spread, 0) * turns / (turns + 1) : 0;
    for (size_t k = 0; k < SEASON_WEEKS; k++) s->year[k] = (float)(1 + kept * ((double)s->year[k] - 1));
}

static void fit_weeks(season_profile *s, int32_t first, const double *week, size_t n) {
    size_t sold = 0;
    for (size_t t = 0; t < n; t++) sold += week[t] > 0;
    double *ratio = n >= 104 && 2 * sold >= n ? calloc(n, sizeof *ratio) : NULL;
    if (ratio == NULL) return;
    ratios(week, n, 52, ratio);
    for (int turn = 0; turn < 8; turn++) { /* each is fitted to what the other leaves */
        fit_year(s, ratio, first, n);
        fit_holidays(s, ratio, first, n);
    }
    shrink_year(s, ratio, first, n);
    free(ratio);
}

static void fit_days(season_profile *s, int32_t first, const double *total, size_t n) {
    double factor[7];
    if (n < 28) return;
    season_phases(total, n, 7, factor);
    for (size_t k = 0; k < 7; k++) s->weekday[weekday_of(first + (day_t)k) - 1] = (float)factor[k];
    size_t skip = (size_t)(7 - (weekday_of(first) - 1)) % 7, weeks = (n - skip) / 7;
    double *week = calloc(weeks + 1, sizeof *week);
    if (week == NULL) return;
    for (size_t t = 0; t < 7 * weeks; t++) week[t / 7] += total[skip + t];
    fit_weeks(s, bucket_of(BUCKET_WEEK, first + (day_t)skip), week, weeks);
    free(week);
}

static bool is_flat(const season_profile *s) {
    bool flat = true;
    for (size_t i = 0; i < 7; i++) flat = flat && s->weekday[i] == 1;
    for (size_t i = 0; i < SEASON_WEEKS; i++) flat = flat && s->year[i] == 1;
    for (size_t h = 0; h < SEASON_HOLIDAYS; h++)
        for (size_t i = 0; i < SEASON_AROUND; i++) flat = flat && s->holiday[h][i] == 1;
    return flat;
}

static void fit_months(season_profile *s, int32_t first, const double *total, size_t n) {
    double factor[12];
    season_phases(total, n, 12, factor);
    s->months = true;
    for (size_t k = 0; k < 12; k++)
        s->year[civil_of(bucket_first(BUCKET_MONTH, first + (int32_t)k)).month - 1] = (float)factor[k];
}

void season_fit(season_profile *s, bucket_kind kind, int32_t first, const double *total, size_t n) {
    season_flat(s);
    size_t skip = n > SEASON_MOST ? n - SEASON_MOST : 0;
    total += skip, first += (int32_t)skip, n -= skip;
    if (kind == BUCKET_DAY) fit_days(s, first, total, n);
    if (kind == BUCKET_WEEK) fit_weeks(s, first, total, n);
    if (kind == BUCKET_MONTH) fit_months(s, first, total, n);
    s->flat = is_flat(s);
}
