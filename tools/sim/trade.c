#include "tools/sim/trade.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

double rand_unit(trade *t) {
    return (double)(rng_next(&t->r) >> 11) * 0x1p-53;
}

bool rand_chance(trade *t, double p) {
    return rand_unit(t) < p;
}

size_t rand_of(trade *t, size_t n) {
    return (size_t)rng_below(&t->r, n);
}

double rand_normal(trade *t) {
    double u = rand_unit(t);
    double v = rand_unit(t);
    return sqrt(-2 * log(u > 0 ? u : 0.5)) * cos(2 * M_PI * v);
}

int rand_poisson(trade *t, double mean) {
    if (mean > 60) return (int)fmax(0, floor(mean + sqrt(mean) * rand_normal(t) + 0.5));
    double floor_at = exp(-mean), product = rand_unit(t);
    int k = 0;
    while (product > floor_at) product *= rand_unit(t), k++;
    return k;
}

const char *trade_text(trade *t, const char *fmt, ...) {
    char text[256];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    return arena_str(&t->a, str_from(text, (size_t)n)).p;
}

day_t trade_day(const trade *t, int week, unsigned weekday) {
    return t->knobs.from + week * 7 + (day_t)weekday;
}

void trade_row_add(trade *t, const trade_row *row) {
    t->row = arena_grown(&t->a, t->row, t->rows, &t->row_cap, sizeof *t->row);
    t->row[t->rows] = *row;
    trade_row *r = &t->row[t->rows++];
    for (size_t back = 1; back <= 2 && back < t->rows;
         back++) { /* a document is sent as a whole, its receipt between */
        if (r[-(ptrdiff_t)back].number != r->number) continue;
        r->file_day = r[-(ptrdiff_t)back].file_day, r->doubled = r[-(ptrdiff_t)back].doubled;
        return;
    }
    r->file_day = r->day;
    if (rand_chance(t, t->habits.late)) r->file_day += 20 + (day_t)rand_of(t, 40);
    r->doubled = rand_chance(t, t->habits.twice);
}

/* ---- codes: a carton is a container, its units are a range of serials */

static char check_digit(const char *digits, size_t n) {
    int sum = 0;
    for (size_t i = 0; i < n; i++) sum += (digits[n - 1 - i] - '0') * (i % 2 == 0 ? 3 : 1);
    return (char)('0' + (10 - sum % 10) % 10);
}

const char *trade_carton_code(trade *t, uint32_t code) {
    char digits[24];
    if (t->habits.code_form == 1) return trade_text(t, "BX%08u", code);
    int n = snprintf(digits, sizeof digits, "3690100%010u", code);
    const char *sscc = trade_text(t, "%s%c", digits, check_digit(digits, (size_t)n));
    if (t->habits.code_form == 3) return trade_text(t, "urn:epc:id:sscc:690100.3%010u", code);
    return t->habits.code_form == 2 ? trade_text(t, "https://id.example.org/00/%s", sscc) : sscc;
}

const char *trade_unit_code(trade *t, uint32_t code, int64_t unit) {
    const trade_code *c = &t->code[code];
    const char *gtin = t->product[c->product].gtin;
    unsigned long long serial = c->first + (uint64_t)unit;
    switch (rand_of(t, 5) == 0 ? 0 : t->habits.code_form) {
    case 2: return trade_text(t, "https://d.example.cn/01/0%s/21/%llu", gtin, serial);
    case 3: return trade_text(t, "]d2010%s21%llu", gtin, serial);
    case 1: return trade_text(t, "010%s21%llu", gtin, serial);
    default: return trade_text(t, "(01)0%s(21)%llu", gtin, serial);
    }
}

/* ---- habits */

static double between(trade *t, double least, double most) {
    return least + (most - least) * rand_unit(t);
}

/* A draw a statement: in an initialiser the compiler chooses which comes first. */
static void draw_habits(trade *t) {
    double noise = (double)t->knobs.noise / 100;
    trade_habits *h = &t->habits;
    h->scan = between(t, 0.03, 0.15);
    h->travel = between(t, 0.005, 0.03) * noise;
    h->border = between(t, 0.005, 0.04) * noise;
    h->gift = between(t, 0.0005, 0.003) * noise;
    h->terminal = between(t, 0.02, 0.2);
    h->dealer = between(t, 0, 0.05);
    h->inspector = between(t, 0.001, 0.004);
    h->inspector_abroad = between(t, 0.02, 0.08);
    h->noted = between(t, 0.2, 1);
    h->lots = between(t, 0, 0.7);
    h->typo = between(t, 0.001, 0.008) * noise;
    h->late = between(t, 0.005, 0.05) * noise;
    h->twice = between(t, 0.002, 0.02) * noise;
    h->region_words = (int)rand_of(t, 4);
    h->code_form = (int)rand_of(t, 4);
    h->files = (int)rand_of(t, 3);
    h->count_error = between(t, 0, 0.01) * noise;
    h->terminal *= (double)t->knobs.trade / 100, h->dealer *= (double)t->knobs.trade / 100;
    h->inspector *= (double)t->knobs.trade / 100, h->inspector_abroad *= (double)t->knobs.trade / 100;
    if (t->knobs.scan_rate >= 0) h->scan = (double)t->knobs.scan_rate / 1000;
    for (unsigned i = 0; i < ARRAY_LEN(h->order); i++) h->order[i] = i;
    for (size_t i = ARRAY_LEN(h->order) - 1; i > 0; i--) {
        size_t k = rand_of(t, i + 1);
        unsigned one = h->order[i];
        h->order[i] = h->order[k], h->order[k] = one;
    }
}

void trade_make(trade *t, const trade_knobs *k) {
    *t = (trade){.knobs = *k, .r = {(uint64_t)k->seed}, .weeks = (int)(k->days / 7)};
    arena_init(&t->a, SIZE_MAX);
    draw_habits(t);
    t->codes = 1;
    t->code = arena_grown(&t->a, t->code, 0, &t->code_cap, sizeof *t->code);
    trade_people(t);
    for (size_t i = 0; i < t->partners; i++)
        for (int week = 0; week < t->weeks; week++) trade_week(t, &t->partner[i], week);
}

void trade_free(trade *t) {
    arena_free(&t->a);
}

void trade_auto(trade *t) {
    trade_free(t);
}
