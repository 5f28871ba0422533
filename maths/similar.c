#include "maths/similar.h"

#include <stdlib.h>

enum { LETTERS = 256, GAP = ' ' };

/* ---- letters */

static uint32_t folded(uint32_t cp) {
    if (cp >= 0xff01 && cp <= 0xff5e) cp -= 0xfee0;
    if (cp >= 'A' && cp <= 'Z') return cp + 32;
    if (cp == 0xd7 || cp == 0x2715 || cp == 0x2a2f) return '*';
    if (cp == 0x2103) return 'c';
    if (cp <= ' ' || cp == 0x3000 || cp == 0xa0 || cp == 0xfeff) return GAP;
    if (cp == 0x3001 || cp == 0x3002 || cp == 0xb7 || (cp >= 0x3008 && cp <= 0x3011) || (cp >= 0x2010 && cp <= 0x2027))
        return GAP;
    if (cp < 0x80 && strchr("()[]{}-_/,;:!?\"'#+|&~", (int)cp)) return GAP;
    return cp;
}

/* Folded, one gap between words. */
static size_t read_letters(str s, uint32_t *out, size_t n) {
    for (const char *p = s.p, *end = s.p + s.n; s.n && p < end && n < LETTERS;) {
        uint32_t cp = folded(utf8_next(&p, end));
        if (cp == GAP && (n == 0 || out[n - 1] == GAP)) continue;
        out[n++] = cp;
    }
    return n;
}

/* ---- packs */

typedef enum measure { MEASURE_COUNT = 1, MEASURE_ML, MEASURE_GRAM, MEASURE_CM, MEASURE_DEGREE } measure;

/* Units after a number, longest first; `times` smallest units in one. */
static const struct pack_unit {
    const char *name;
    measure of;
    uint32_t times;
} units[] = {
    {"毫升", MEASURE_ML, 1},     {"千克", MEASURE_GRAM, 1000}, {"公斤", MEASURE_GRAM, 1000}, {"厘米", MEASURE_CM, 1},
    {"ml", MEASURE_ML, 1},       {"kg", MEASURE_GRAM, 1000},   {"cm", MEASURE_CM, 1},        {"cl", MEASURE_ML, 10},
    {"升", MEASURE_ML, 1000},    {"l", MEASURE_ML, 1000},      {"克", MEASURE_GRAM, 1},      {"g", MEASURE_GRAM, 1},
    {"斤", MEASURE_GRAM, 500},   {"米", MEASURE_CM, 100},      {"m", MEASURE_CM, 100},       {"度", MEASURE_DEGREE, 1},
    {"%vol", MEASURE_DEGREE, 1}, {"瓶", MEASURE_COUNT, 1},     {"盒", MEASURE_COUNT, 1},     {"箱", MEASURE_COUNT, 1},
    {"包", MEASURE_COUNT, 1},    {"袋", MEASURE_COUNT, 1},     {"支", MEASURE_COUNT, 1},     {"个", MEASURE_COUNT, 1},
    {"罐", MEASURE_COUNT, 1},    {"听", MEASURE_COUNT, 1},     {"桶", MEASURE_COUNT, 1},     {"条", MEASURE_COUNT, 1},
    {"片", MEASURE_COUNT, 1},    {"粒", MEASURE_COUNT, 1},     {"只", MEASURE_COUNT, 1},     {"提", MEASURE_COUNT, 1},
    {"入", MEASURE_COUNT, 1},    {"杯", MEASURE_COUNT, 1},     {"连包", MEASURE_COUNT, 1},   {"pcs", MEASURE_COUNT, 1},
};

static size_t spelled(const uint32_t *l, size_t n, const char *word) {
    const char *p = word, *end = word + strlen(word);
    size_t i = 0;
    for (; p < end; i++)
        if (i >= n || l[i] != utf8_next(&p, end)) return 0;
    return i;
}

static bool is_digit(uint32_t cp) {
    return cp >= '0' && cp <= '9';
}

static bool is_latin(uint32_t cp) {
    return cp >= 'a' && cp <= 'z';
}

/* The unit at l, 0 letters: none. A Latin unit ends its word: "5 lemon" are no litres. */
static size_t unit_at(const uint32_t *l, size_t n, measure *of, uint32_t *times) {
    *of = MEASURE_COUNT;
    *times = 1;
    for (size_t i = 0; i < ARRAY_LEN(units); i++) {
        size_t k = spelled(l, n, units[i].name);
        if (k == 0 || (is_latin(l[0]) && k < n && is_latin(l[k]))) continue;
        *of = units[i].of;
        *times = units[i].times;
        return k;
    }
    return 0;
}

/* Thousandths of a number; letters it takes. */
static size_t number_at(const uint32_t *l, size_t n, uint64_t *thousandths) {
    uint64_t v = 0;
    size_t i = 0, decimals = 0;
    bool point = false;
    for (; i < n && (is_digit(l[i]) || (l[i] == '.' && !point && i + 1 < n && is_digit(l[i + 1]))); i++) {
        if (l[i] == '.') {
            point = true;
        } else if (v < UINT32_MAX && (!point || decimals < 3)) {
            v = v * 10 + (l[i] - '0');
            decimals += point;
        }
    }
    for (; decimals < 3; decimals++) v *= 10;
    *thousandths = v;
    return i;
}

static void add_pack(similar_text *out, measure of, uint64_t amount) {
    uint64_t pack = (uint64_t)of << 48 | (amount & 0xffffffffffff);
    if (out->packs < SIMILAR_PACKS && amount != 0) out->pack[out->packs++] = pack;
}

/* A number with its unit becomes a pack and a gap. A count of one says nothing. */
static size_t take_number(const uint32_t *l, size_t n, similar_text *out) {
    uint64_t thousandths;
    measure of;
    uint32_t times;
    size_t digits = number_at(l, n, &thousandths), at = digits;
    if (at < n && l[at] == GAP && at + 1 < n && !is_digit(l[at + 1])) at++;
    size_t letters = unit_at(l + at, n - at, &of, &times);
    bool count = of == MEASURE_COUNT;
    if (!count || thousandths != 1000) add_pack(out, of, thousandths * times);
    return letters ? at + letters : digits;
}

/* ---- words */

/* What says nothing of which goods they are. */
static const char *const stop_words[] = {"促销装", "促销", "特价", "正品", "新品", "新款", "包邮",
                                         "赠品",   "规格", "件装", "盒装", "瓶装", "箱装", "袋装",
                                         "整箱",   "散装", "新",   "装",   "每",   "约"};

static size_t stop_at(const uint32_t *l, size_t n) {
    for (size_t i = 0; i < ARRAY_LEN(stop_words); i++) {
        size_t k = spelled(l, n, stop_words[i]);
        if (k) return k;
    }
    return 0;
}

static int by_number(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Letters of Chinese follow each other whatever stands between them in print; Latin words keep their gaps. */
static size_t words_and_packs(const uint32_t *l, size_t n, similar_text *out, uint32_t *words) {
    size_t kept = 0, step;
    bool inside_word = false; /* b12 is a word */
    for (size_t i = 0; i < n; i += step) {
        step = 1;
        inside_word = i > 0 && (is_latin(l[i - 1]) || (inside_word && is_digit(l[i - 1])));
        if (is_digit(l[i]) && !inside_word) step = take_number(l + i, n - i, out);
        else if ((step = stop_at(l + i, n - i)) == 0) {
            step = 1;
            if (l[i] == GAP || l[i] == '*' || l[i] == '.') continue;
            words[kept++] = l[i];
        }
    }
    return kept;
}

/* Sorted, each once: the spec often says again what the name says. */
static void settle_packs(similar_text *t) {
    size_t distinct = 0;
    qsort(t->pack, t->packs, sizeof *t->pack, by_number);
    for (size_t i = 0; i < t->packs; i++)
        if (distinct == 0 || t->pack[distinct - 1] != t->pack[i]) t->pack[distinct++] = t->pack[i];
    t->packs = distinct;
}

void similar_add_count(similar_text *t, uint32_t count) {
    if (count > 1) add_pack(t, MEASURE_COUNT, (uint64_t)count * 1000);
    settle_packs(t);
}

void similar_read(str name, str spec, similar_text *out) {
    uint32_t letters[LETTERS], words[LETTERS];
    *out = (similar_text){.bigrams = 0};
    size_t n = read_letters(name, letters, 0);
    if (n && n < LETTERS) letters[n++] = GAP;
    n = read_letters(spec, letters, n);
    size_t kept = words_and_packs(letters, n, out, words);
    if (kept == 1) out->bigram[out->bigrams++] = words[0];
    for (size_t i = 0; i + 1 < kept && out->bigrams < SIMILAR_BIGRAMS; i++)
        out->bigram[out->bigrams++] = (uint64_t)words[i] << 32 | words[i + 1];
    qsort(out->bigram, out->bigrams, sizeof *out->bigram, by_number);
    settle_packs(out);
}

/* ---- comparing */

static size_t common(const uint64_t *a, size_t an, const uint64_t *b, size_t bn) {
    size_t n = 0;
    for (size_t i = 0, k = 0; i < an && k < bn;) {
        if (a[i] == b[k]) n++, i++, k++;
        else if (a[i] < b[k])
            i++;
        else
            k++;
    }
    return n;
}

uint32_t similar_words(const similar_text *a, const similar_text *b) {
    size_t all = a->bigrams + b->bigrams;
    if (all == 0) return 0;
    return (uint32_t)(2 * common(a->bigram, a->bigrams, b->bigram, b->bigrams) * SIMILAR_ONE / all);
}

bool similar_same_pack(const similar_text *a, const similar_text *b) {
    return a->packs > 0 && a->packs == b->packs && common(a->pack, a->packs, b->pack, b->packs) == a->packs;
}

static uint32_t tenths_of_packs(const similar_text *a, const similar_text *b) {
    size_t least = a->packs < b->packs ? a->packs : b->packs;
    if (a->packs == 0 && b->packs == 0) return 10;
    if (least == 0) return 9;
    if (common(a->pack, a->packs, b->pack, b->packs) < least) return 0;
    return a->packs == b->packs ? 10 : 5;
}

uint32_t similar_of(const similar_text *a, const similar_text *b) {
    return (uint32_t)((uint64_t)similar_words(a, b) * tenths_of_packs(a, b) / 10);
}
