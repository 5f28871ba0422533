#include "proto/content.h"

#include <sodium.h>
#include <stdlib.h>

static const line_text key_texts[] = {T_SKU,          T_UNIT,      T_CURRENCY, T_CUSTOMER, T_PLACE,   T_SHIP_TO,
                                      T_COUNTERPARTY, T_REFERENCE, T_BATCH,    T_CODES,    T_COMPANY, T_GIFT,
                                      T_REASON,       T_TAX_BASIS, T_CHANNEL,  T_NAME,     T_SPEC,    T_PAID_BY_REBATE};
static const line_number key_numbers[] = {N_DATE, N_UNIT_PRICE, N_TAX_RATE};
static const line_number sum_numbers[] = {N_QUANTITY, N_AMOUNT, N_DISCOUNT};
_Static_assert(ARRAY_LEN(key_texts) == LINE_TEXT_COUNT - 5,
               "every text but the line's number and the customer's facts");
_Static_assert(ARRAY_LEN(key_numbers) + ARRAY_LEN(sum_numbers) == LINE_NUMBER_COUNT - 2, "and all but row and sheet");

typedef struct line_ref {
    uint32_t view, row;
} line_ref;

static uint32_t word_at(const text_view *v, uint32_t row) {
    if (v->words == 0) return WORD_NONE;
    if (v->index) return v->index[row * v->stride];
    return v->words == 1 ? 0 : row;
}

static str text_at(const text_view *v, uint32_t row) {
    uint32_t w = word_at(v, row);
    return w == WORD_NONE ? STR("") : v->word[w];
}

static int64_t number_at(const number_view *v, uint32_t row) {
    return v->value ? v->value[row * v->stride] : NUM_NONE;
}

static int compare_texts(const lines_view *va, uint32_t a, const lines_view *vb, uint32_t b) {
    for (size_t i = 0; i < ARRAY_LEN(key_texts); i++) {
        const text_view *ta = &va->text[key_texts[i]], *tb = &vb->text[key_texts[i]];
        if (ta == tb && word_at(ta, a) == word_at(ta, b)) continue;
        int c = str_cmp(text_at(ta, a), text_at(tb, b));
        if (c) return c;
    }
    return 0;
}

static int compare_keys(const lines_view *view, line_ref a, line_ref b) {
    const lines_view *va = &view[a.view], *vb = &view[b.view];
    uint32_t ra = va->first + a.row, rb = vb->first + b.row;
    int c = compare_texts(va, ra, vb, rb);
    for (size_t i = 0; c == 0 && i < ARRAY_LEN(key_numbers); i++) {
        int64_t na = number_at(&va->number[key_numbers[i]], ra), nb = number_at(&vb->number[key_numbers[i]], rb);
        c = (na > nb) - (na < nb);
    }
    return c;
}

static int by_key(const void *a, const void *b, void *view) {
    return compare_keys(view, *(const line_ref *)a, *(const line_ref *)b);
}

/* Bytes on their way into the hash. */
typedef struct hasher {
    crypto_generichash_state st;
    size_t n;
    uint8_t bytes[1024];
} hasher;

static void flush(hasher *h) {
    (void)crypto_generichash_update(&h->st, h->bytes, h->n);
    h->n = 0;
}

static void hash_bytes(hasher *h, str s) {
    if (s.n > sizeof h->bytes - h->n) flush(h);
    if (s.n > sizeof h->bytes) {
        (void)crypto_generichash_update(&h->st, (const uint8_t *)s.p, s.n);
        return;
    }
    if (s.n) memcpy(h->bytes + h->n, s.p, s.n);
    h->n += s.n;
}

/* A column's number, then its value or length. Columns that are not stated leave no trace, so that later ones may be
 * added to the table. */
static void hash_head(hasher *h, uint32_t column, uint64_t v) {
    uint8_t t[11] = {(uint8_t)column};
    size_t n = 1;
    for (; v >= 0x80; v >>= 7) t[n++] = (uint8_t)(v | 0x80);
    t[n++] = (uint8_t)v;
    hash_bytes(h, str_from(t, n));
}

static void hash_key(hasher *h, const lines_view *v, uint32_t row) {
    for (size_t i = 0; i < ARRAY_LEN(key_texts); i++) {
        str s = text_at(&v->text[key_texts[i]], row);
        if (s.n == 0) continue;
        hash_head(h, line_text_facts[key_texts[i]].no, s.n);
        hash_bytes(h, s);
    }
    for (size_t i = 0; i < ARRAY_LEN(key_numbers); i++) {
        int64_t n = number_at(&v->number[key_numbers[i]], row);
        if (n != NUM_NONE) hash_head(h, line_number_facts[key_numbers[i]].no, (uint64_t)n << 1 ^ (uint64_t)(n >> 63));
    }
}

/* 65,536 amounts of 10^18 need more than 64 bits. */
typedef struct sum {
    __int128 v;
    bool stated;
} sum;

static void hash_sums(hasher *h, const sum *sums) {
    uint8_t t[17];
    for (size_t i = 0; i < ARRAY_LEN(sum_numbers); i++) {
        if (!sums[i].stated) continue;
        t[0] = (uint8_t)line_number_facts[sum_numbers[i]].no;
        put_be64(t + 1, (uint64_t)((unsigned __int128)sums[i].v >> 64));
        put_be64(t + 9, (uint64_t)(unsigned __int128)sums[i].v);
        hash_bytes(h, str_from(t, sizeof t));
    }
    hash_bytes(h, str_from("", 1)); /* no column is number 0: the line ends */
}

static void add_line(const lines_view *v, uint32_t row, sum *sums) {
    for (size_t i = 0; i < ARRAY_LEN(sum_numbers); i++) {
        int64_t n = number_at(&v->number[sum_numbers[i]], row);
        if (n == NUM_NONE) continue;
        sums[i].v += n;
        sums[i].stated = true;
    }
}

static line_ref *all_lines(const lines_view *view, size_t views, arena *scratch, size_t *count) {
    size_t n = 0;
    for (size_t k = 0; k < views; k++) n += view[k].lines;
    line_ref *ref = arena_alloc(scratch, n * sizeof *ref + 1);
    ASSERT(ref != NULL);
    *count = n;
    n = 0;
    for (uint32_t k = 0; k < views; k++)
        for (uint32_t row = 0; row < view[k].lines; row++) ref[n++] = (line_ref){k, row};
    return ref;
}

void content_digest(doc_type type, bool cancelled, const lines_view *view, size_t views, arena *scratch,
                    uint8_t out[static 32]) {
    size_t n;
    line_ref *ref = all_lines(view, views, scratch, &n);
    if (n > 1) qsort_r(ref, n, sizeof *ref, by_key, (void *)(uintptr_t)view);
    hasher h = {.n = 0};
    (void)crypto_generichash_init(&h.st, NULL, 0, 32);
    str name = str_of(doc_type_name(type));
    hash_head(&h, cancelled, name.n);
    hash_bytes(&h, name);
    for (size_t i = 0, next; i < n; i = next) {
        const lines_view *v = &view[ref[i].view];
        sum sums[ARRAY_LEN(sum_numbers)] = {0};
        hash_key(&h, v, v->first + ref[i].row);
        for (next = i; next < n && (next == i || compare_keys(view, ref[i], ref[next]) == 0); next++)
            add_line(&view[ref[next].view], view[ref[next].view].first + ref[next].row, sums);
        hash_sums(&h, sums);
    }
    flush(&h);
    (void)crypto_generichash_final(&h.st, out, 32);
}
