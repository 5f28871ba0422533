#include "daemon/ledger/customers.h"

#include "daemon/ledger/posting.h"
#include "daemon/store/keys.h"

static const line_text columns[CUSTOMER_FACTS] = {T_CUSTOMER_NAME, T_CUSTOMER_KIND, T_CUSTOMER_REGION, T_PHONE};

static key card_key(uint32_t partner_no, str word) {
    key k = {.n = 0};
    key_u32(&k, partner_no);
    key_text(&k, word);
    return k;
}

bool customer_card_get(txn *t, uint32_t partner_no, str word, customer_card *out) {
    key k = card_key(partner_no, word);
    str val;
    *out = (customer_card){.day = {0}};
    if (!kv_get(t, TABLE_CUSTOMER_CARD, key_str(&k), &val)) return false;
    reader r = reader_of(val);
    for (size_t i = 0; i < CUSTOMER_FACTS; i++) {
        out->day[i] = (day_t)read_zigzag(&r);
        out->fact[i] = read_text(&r);
    }
    return !r.bad;
}

static bool later(const customer_card *c, size_t i, day_t day, str text) {
    if (c->fact[i].n == 0 || day != c->day[i]) return c->fact[i].n == 0 || day > c->day[i];
    return str_cmp(text, c->fact[i]) > 0;
}

static void note_line(txn *t, uint32_t partner_no, const batch *b, uint32_t row) {
    AUTO(buf) v = {0};
    customer_card card;
    bool changed = false;
    str word = column_text(&b->line_text[T_CUSTOMER], row);
    day_t day = (day_t)column_number(b->line_number[N_DATE], row);
    if (word.n == 0) return;
    (void)customer_card_get(t, partner_no, word, &card);
    for (size_t i = 0; i < CUSTOMER_FACTS; i++) {
        str text = column_text(&b->line_text[columns[i]], row);
        if (text.n == 0 || !later(&card, i, day, text)) continue;
        card.fact[i] = text;
        card.day[i] = day;
        changed = true;
    }
    if (!changed) return;
    for (size_t i = 0; i < CUSTOMER_FACTS; i++) {
        buf_zigzag(&v, card.day[i]);
        buf_text(&v, card.fact[i]);
    }
    key k = card_key(partner_no, word);
    kv_put(t, TABLE_CUSTOMER_CARD, key_str(&k), buf_str(&v));
}

/* Neighbouring lines mostly have one customer: its facts are looked at once. */
static bool like_before(const batch *b, uint32_t row, uint32_t first) {
    if (row == first) return false;
    for (size_t i = 0; i < CUSTOMER_FACTS; i++)
        if (column_word(&b->line_text[columns[i]], row) != column_word(&b->line_text[columns[i]], row - 1))
            return false;
    return column_word(&b->line_text[T_CUSTOMER], row) == column_word(&b->line_text[T_CUSTOMER], row - 1) &&
           column_number(b->line_number[N_DATE], row) == column_number(b->line_number[N_DATE], row - 1);
}

void customers_note(txn *t, uint32_t partner_no, const batch *b, uint32_t doc) {
    bool any = false;
    for (size_t i = 0; i < CUSTOMER_FACTS; i++) any = any || b->line_text[columns[i]].words > 0;
    if (!any || b->line_text[T_CUSTOMER].words == 0) return;
    for (uint32_t row = b->doc_first[doc]; row < b->doc_first[doc + 1]; row++)
        if (!like_before(b, row, b->doc_first[doc])) note_line(t, partner_no, b, row);
}

/* ---- reading */

typedef struct collecting {
    txn *t;
    uint32_t partner;
    arena *a;
    customer *row;
    size_t rows, cap;
    map index; /* customer number, 4 bytes → row */
} collecting;

static void add_customer(collecting *k, str word, uint32_t no) {
    uint8_t raw[4];
    k->row = arena_grown(k->a, k->row, k->rows, &k->cap, sizeof *k->row);
    customer *c = &k->row[k->rows];
    *c = (customer){.no = no, .word = arena_str(k->a, word)};
    c->kept = arena_str(k->a, customer_kept(k->t, k->partner, word));
    (void)customer_card_get(k->t, k->partner, word, &c->card);
    for (size_t i = 0; i < CUSTOMER_FACTS; i++) c->card.fact[i] = arena_str(k->a, c->card.fact[i]);
    put_be32(raw, no);
    *map_at(&k->index, arena_str(k->a, str_from(raw, sizeof raw)), NULL) = k->rows++;
}

static void add_posted(collecting *k, const posted *x) {
    uint8_t raw[4];
    put_be32(raw, x->customer);
    const uint64_t *at = x->customer ? map_find(&k->index, str_from(raw, sizeof raw)) : NULL;
    if (at == NULL) return;
    customer *c = &k->row[*at];
    if (c->lines == 0 || x->day < c->first) c->first = x->day;
    if (c->lines == 0 || x->day > c->last) c->last = x->day;
    c->lines++;
    if (x->amount == NUM_NONE) return;
    c->mixed = c->mixed || (c->currency && c->currency != x->currency) || !add_i64(c->amount, x->amount, &c->amount);
    c->currency = x->currency;
}

static void add_postings(collecting *k) {
    AUTO(arena) a = {0};
    key prefix = {.n = 0};
    arena_init(&a, SIZE_MAX); /* bounded by one document */
    key_u32(&prefix, k->partner);
    AUTO(kv_cursor) c = kv_from(k->t, TABLE_DOCUMENT, key_str(&prefix), STR_NONE);
    while (kv_next(&c)) {
        posting p;
        arena_reset(&a);
        if (!posting_get(k->t, get_be64(c.val.p), &a, &p)) continue;
        for (uint32_t i = 0; i < p.rows; i++) add_posted(k, &p.row[i]);
    }
}

bool customers_of(txn *t, uint32_t partner_no, arena *a, customer **out, size_t *n, err *e) {
    collecting k = {.t = t, .partner = partner_no, .a = a};
    key prefix = {.n = 0};
    key_u32(&prefix, partner_no);
    kv_cursor c = kv_from(t, TABLE_CUSTOMER, key_str(&prefix), STR_NONE);
    while (kv_next(&c))
        if (c.val.n == 4) add_customer(&k, str_skip(c.key, 4), get_be32(c.val.p));
    kv_end(&c);
    if (k.rows) add_postings(&k);
    map_free(&k.index);
    *out = k.row;
    *n = k.rows;
    return txn_ok(t, e);
}
