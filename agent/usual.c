#include "agent/usual.h"

#include "agent/spool_inner.h"
#include "proto/digest.h"

enum { KEPT = 15, SAMPLE_BYTES = 16, UNITS_A_DOCUMENT = 8, PRUNE_AT_ONCE = 2000, COMPANIES = 16 };

/* Documents looked up between two rests: each may lie on a page of its own, which the system maps with 15 beside it. */
enum { REST_AFTER = 512 };

/* ---- keys ---- */

static void put_day(buf *b, day_t d) {
    buf_be32(b, (uint32_t)d ^ 0x80000000u);
}

static day_t get_day(const void *p) {
    return (day_t)(get_be32(p) ^ 0x80000000u);
}

/* Codes and units are at most LIMIT_TEXT bytes; together with a type they may be longer than a key: then a digest. */
static void product_key(doc_type type, str sku, str unit, buf *out) {
    buf_clear(out);
    buf_byte(out, (char)type);
    if (sku.n + unit.n < 400) {
        buf_add(out, sku);
        buf_byte(out, 0);
        buf_add(out, unit);
        return;
    }
    AUTO(buf) whole = {0};
    uint8_t digest[DIGEST_SIZE];
    buf_text(&whole, sku);
    buf_text(&whole, unit);
    digest_of(buf_str(&whole), digest);
    buf_add(out, str_from(digest, sizeof digest));
}

static void day_key(doc_type type, day_t day, str unit, buf *out) {
    buf_clear(out);
    buf_byte(out, (char)type);
    put_day(out, day);
    buf_add(out, str_take(unit, LIMIT_TEXT));
}

static void scope_put(const doc_head *h, buf *b) {
    if (h->flags & DOC_SCOPE_DAY) buf_zigzag(b, h->date);
    else if (h->flags & DOC_SCOPE_MONTH)
        buf_zigzag(b, month_of(h->date));
    else if (h->flags & DOC_SCOPE_YEAR)
        buf_zigzag(b, civil_of(h->date).year);
}

/* The last figures of a number, so that documents which follow each other lie beside each other: a file touches few pages
 * of a large table then. Which document it is says the digest. */
static uint64_t order_of(str number) {
    uint64_t v = 0;
    size_t end = number.n, from;
    while (end > 0 && (number.p[end - 1] < '0' || number.p[end - 1] > '9')) end--;
    for (from = end; from > 0 && end - from < 18 && number.p[from - 1] >= '0' && number.p[from - 1] <= '9';) from--;
    for (; from < end; from++) v = v * 10 + (uint64_t)(number.p[from] - '0');
    return v;
}

static void key_at(const docset *d, size_t doc, size_t line, uint8_t out[static DOCUMENT_KEY]) {
    AUTO(buf) b = {0};
    uint8_t whole[DIGEST_SIZE];
    const doc_head *h = &d->doc[doc];
    const doc_text texts[] = {D_PARTNER, D_STREAM, D_NUMBER};
    uint64_t order = (uint32_t)h->date;
    buf_byte(&b, (char)h->type);
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) buf_text(&b, words_get(&d->words, h->text[texts[i]]));
    if (h->text[D_NUMBER] != WORD_NONE) {
        order = order_of(words_get(&d->words, h->text[D_NUMBER]));
        scope_put(h, &b);
    } else {
        buf_text(&b, h->lines ? words_get(&d->words, docset_at(d, line).text[T_PLACE]) : STR(""));
        buf_zigzag(&b, h->date);
        if (h->flags & DOC_ADD) docset_digest(d, doc, whole), buf_add(&b, str_from(whole, sizeof whole));
    }
    digest_of(buf_str(&b), whole);
    put_be64(out, order);
    memcpy(out + 8, whole, DOCUMENT_KEY - 8);
}

void document_key_of(const docset *d, size_t doc, uint8_t out[static DOCUMENT_KEY]) {
    key_at(d, doc, docset_first(d, doc), out);
}

/* ---- products: a ring of samples ---- */

static void add_sample(txn *t, const docset *d, const doc_line *l, buf *key) {
    str was;
    int64_t quantity = l->number[N_QUANTITY], price = doubt_price(l);
    if (l->text[T_SKU] == WORD_NONE || (quantity == NUM_NONE && price == NUM_NONE)) return;
    product_key(d->doc[l->doc].type, words_get(&d->words, l->text[T_SKU]), words_get(&d->words, l->text[T_UNIT]), key);
    bool there = kv_get(t, TABLE_USUAL, buf_str(key), &was);
    if (!there && kv_count(t, TABLE_USUAL) >= LIMIT_USUAL_PRODUCTS) return;
    AUTO(buf) ring = {0};
    if (there) buf_add(&ring, was.n >= KEPT * SAMPLE_BYTES ? str_skip(was, was.n - (KEPT - 1) * SAMPLE_BYTES) : was);
    buf_be64(&ring, (uint64_t)(quantity != NUM_NONE && quantity < 0 ? -quantity : quantity));
    buf_be64(&ring, (uint64_t)price);
    kv_put(t, TABLE_USUAL, buf_str(key), buf_str(&ring));
}

static int64_t median(int64_t *v, size_t n) {
    for (size_t i = 1; i < n; i++)
        for (size_t k = i; k > 0 && v[k - 1] > v[k]; k--) {
            int64_t x = v[k];
            v[k] = v[k - 1];
            v[k - 1] = x;
        }
    return n ? v[n / 2] : NUM_NONE;
}

static bool find_usual(void *self, doc_type type, str sku, str unit, usual_figures *out) {
    const usual_reader *r = self;
    AUTO(buf) key = {0};
    str ring;
    int64_t quantity[KEPT], price[KEPT];
    size_t quantities = 0, prices = 0;
    product_key(type, sku, unit, &key);
    *out = (usual_figures){.quantity = NUM_NONE, .most = NUM_NONE, .price = NUM_NONE};
    if (!kv_get(r->t, TABLE_USUAL, buf_str(&key), &ring)) return false;
    for (size_t at = 0; at + SAMPLE_BYTES <= ring.n && at / SAMPLE_BYTES < KEPT; at += SAMPLE_BYTES) {
        int64_t q = (int64_t)get_be64(ring.p + at), p = (int64_t)get_be64(ring.p + at + 8);
        if (q != NUM_NONE) quantity[quantities++] = q;
        if (p != NUM_NONE) price[prices++] = p;
        out->samples++;
    }
    out->quantity = median(quantity, quantities);
    if (quantities) out->most = quantity[quantities - 1];
    out->price = median(price, prices);
    return true;
}

/* ---- days: sums of a type and unit ---- */

typedef struct part {
    day_t day;
    uint32_t unit;
    int64_t lines, quantity, amount;
} part;

static int64_t plus(int64_t a, int64_t b) {
    int64_t sum;
    return add_i64(a, b, &sum) ? sum : a;
}

static void add_day(txn *t, doc_type type, day_t day, str unit, const int64_t by[3], int sign) {
    AUTO(buf) key = {0};
    AUTO(buf) val = {0};
    str was;
    int64_t now[3] = {0};
    day_key(type, day, unit, &key);
    if (kv_get(t, TABLE_USUAL_DAY, buf_str(&key), &was) && was.n == sizeof now)
        for (size_t i = 0; i < 3; i++) now[i] = (int64_t)get_be64(was.p + 8 * i);
    for (size_t i = 0; i < 3; i++) now[i] = plus(now[i], sign * by[i]), buf_be64(&val, (uint64_t)now[i]);
    if (now[0] > 0) kv_put(t, TABLE_USUAL_DAY, buf_str(&key), buf_str(&val));
    else
        (void)kv_del(t, TABLE_USUAL_DAY, buf_str(&key));
}

bool usual_sums(spool *s, doc_type type, str unit, day_t from, day_t to, day_sums *out, err *e) {
    AUTO(txn) *own = NULL;
    AUTO(buf) start = {0};
    txn *t = spool_reading(s, &own, e);
    char of = (char)type;
    if (t == NULL) return false;
    *out = (day_sums){0};
    day_key(type, from, STR(""), &start);
    AUTO(kv_cursor) c = kv_from(t, TABLE_USUAL_DAY, str_from(&of, 1), buf_str(&start));
    while (kv_next(&c) && get_day(c.key.p + 1) <= to) {
        if (!str_eq(str_skip(c.key, 5), unit) || c.val.n != 24) continue;
        out->lines += get_be64(c.val.p);
        out->quantity += (int64_t)get_be64(c.val.p + 8);
        out->amount += (int64_t)get_be64(c.val.p + 16);
    }
    return txn_ok(t, e);
}

/* ---- documents: upload, lines, day, digest, and what it added to the days ---- */

enum { KNOWN_HEAD = 8 + 4 + 4 + DIGEST_SIZE };

static size_t parts_of(const docset *d, size_t doc, size_t first, part out[static UNITS_A_DOCUMENT]) {
    size_t n = 0;
    for (size_t i = first; i < first + d->doc[doc].lines; i++) {
        doc_line l = docset_at(d, i);
        size_t k = 0;
        while (k < n && (out[k].day != (day_t)l.number[N_DATE] || out[k].unit != l.text[T_UNIT])) k++;
        if (k == UNITS_A_DOCUMENT) continue;
        if (k == n) out[n++] = (part){.day = (day_t)l.number[N_DATE], .unit = l.text[T_UNIT]};
        out[k].lines++;
        if (l.number[N_QUANTITY] != NUM_NONE) out[k].quantity = plus(out[k].quantity, l.number[N_QUANTITY]);
        int64_t amount = doubt_amount(&l);
        if (amount != NUM_NONE) out[k].amount = plus(out[k].amount, amount);
    }
    return n;
}

/* What it added before is taken off again. */
static void forget(txn *t, str key, str record) {
    AUTO(buf) kept = {0}, order = {0};
    buf_add(&kept, record);
    reader r = reader_of(str_skip(buf_str(&kept), KNOWN_HEAD));
    doc_type type = (doc_type)read_byte(&r);
    while (!reader_done(&r)) {
        day_t day = (day_t)read_zigzag(&r);
        str unit = read_text(&r);
        int64_t by[3];
        for (size_t i = 0; i < ARRAY_LEN(by); i++) by[i] = read_zigzag(&r);
        if (!r.bad) add_day(t, type, day, unit, by, -1);
    }
    buf_add(&order, str_from(kept.p + 12, 4));
    buf_add(&order, key);
    (void)kv_del(t, TABLE_KNOWN_DAY, buf_str(&order));
}

static void learn(txn *t, const docset *d, size_t doc, size_t first, uint64_t id, str key, str digest) {
    part parts[UNITS_A_DOCUMENT];
    const doc_head *h = &d->doc[doc];
    AUTO(buf) record = {0}, order = {0}, sample = {0};
    buf_be64(&record, id);
    buf_be32(&record, h->lines);
    put_day(&record, h->date);
    buf_add(&record, digest);
    buf_byte(&record, (char)h->type);
    size_t n = parts_of(d, doc, first, parts);
    for (size_t i = 0; i < n; i++) {
        const int64_t by[3] = {parts[i].lines, parts[i].quantity, parts[i].amount};
        str unit = words_get(&d->words, parts[i].unit);
        add_day(t, h->type, parts[i].day, unit, by, 1);
        buf_zigzag(&record, parts[i].day);
        buf_text(&record, unit);
        for (size_t k = 0; k < 3; k++) buf_zigzag(&record, by[k]);
    }
    kv_put(t, TABLE_KNOWN, key, buf_str(&record));
    put_day(&order, h->date);
    buf_add(&order, key);
    kv_put(t, TABLE_KNOWN_DAY, buf_str(&order), STR(""));
    for (size_t i = first; i < first + h->lines; i++) {
        doc_line l = docset_at(d, i);
        add_sample(t, d, &l, &sample);
    }
}

/* The same content, now in this upload: its older batches may go. */
static void point_to(txn *t, str key, str record, uint64_t id) {
    AUTO(buf) now = {0};
    buf_be64(&now, id);
    buf_add(&now, str_skip(record, 8));
    kv_put(t, TABLE_KNOWN, key, buf_str(&now));
}

static void take_document(txn *t, const docset *d, size_t doc, size_t first, uint64_t id) {
    uint8_t k[DOCUMENT_KEY], digest[DIGEST_SIZE];
    str was;
    key_at(d, doc, first, k);
    str key = str_from(k, sizeof k);
    docset_digest(d, doc, digest);
    if (kv_get(t, TABLE_KNOWN, key, &was) && was.n > KNOWN_HEAD) {
        bool same = memcmp(was.p + 16, digest, DIGEST_SIZE) == 0;
        if (same) return point_to(t, key, was, id);
        forget(t, key, was);
    }
    learn(t, d, doc, first, id, key, str_from(digest, sizeof digest));
}

/* ---- what is too old ---- */

static void prune(txn *t, day_t before) {
    uint8_t keys[PRUNE_AT_ONCE][4 + DOCUMENT_KEY];
    size_t n = 0;
    kv_cursor c = kv_from(t, TABLE_KNOWN_DAY, STR(""), STR_NONE);
    while (n < PRUNE_AT_ONCE && kv_next(&c) && get_day(c.key.p) < before)
        if (c.key.n == sizeof keys[0]) memcpy(keys[n++], c.key.p, sizeof keys[0]);
    kv_end(&c);
    for (size_t i = 0; i < n; i++) {
        str k = str_from(keys[i] + 4, DOCUMENT_KEY), was;
        if (kv_get(t, TABLE_KNOWN, k, &was) && was.n > KNOWN_HEAD) forget(t, k, was);
        (void)kv_del(t, TABLE_KNOWN, k);
    }
}

/* ---- companies that titles name: their names closed by line ends, in the state table ---- */

static void take_company(txn *t, str name) {
    AUTO(buf) list = {0};
    str was, rest, one;
    size_t n = 0;
    if (name.n == 0) return;
    if (kv_get(t, TABLE_STATE, STR("companies"), &was)) buf_add(&list, was);
    rest = buf_str(&list);
    while (str_split(&rest, '\n', &one)) {
        if (str_eq(one, name)) return;
        n++;
    }
    if (n >= COMPANIES) return;
    buf_add(&list, name);
    buf_byte(&list, '\n');
    kv_put(t, TABLE_STATE, STR("companies"), buf_str(&list));
}

void usual_names(txn *t, const char *const *name, size_t n) {
    AUTO(buf) list = {0};
    for (size_t i = 0; i < n && i < COMPANIES; i++) {
        str one = str_take(str_of(name[i]), LIMIT_NAME);
        if (one.n == 0 || str_has(one, STR("\n"))) continue;
        buf_add(&list, one);
        buf_byte(&list, '\n');
    }
    kv_put(t, TABLE_STATE, STR("own_names"), buf_str(&list));
}

static bool in_list(str list, str name, bool (*same)(str a, str b)) {
    str one;
    while (str_split(&list, '\n', &one))
        if (same(one, name)) return true;
    return false;
}

/* Its own names come from the centre, which tells nobody another's. */
static int find_company(void *self, str name, str *own) {
    const usual_reader *r = self;
    str before = STR(""), names = STR(""), rest;
    (void)kv_get(r->t, TABLE_STATE, STR("companies"), &before);
    (void)kv_get(r->t, TABLE_STATE, STR("own_names"), &names);
    rest = names;
    if (before.n == 0 && names.n == 0) return -1;
    (void)str_split(&rest, '\n', own);
    return in_list(names, name, doubt_same_company) || in_list(before, name, str_eq);
}

void usual_learn(txn *t, const docset *d, uint64_t id, size_t from, size_t to) {
    size_t first = docset_first(d, from);
    for (size_t i = from; i < to; i++) {
        take_document(t, d, i, first, id);
        first += d->doc[i].lines;
        if (i % REST_AFTER == 0) txn_rest(t);
    }
    txn_rest(t);
}

void usual_take(txn *t, str titles, day_t today) {
    take_company(t, doubt_company(titles));
    prune(t, today - LIMIT_USUAL_DAYS);
}

/* ---- looking ---- */

static bool find_known(txn *t, const uint8_t *k, known_document *out) {
    str was;
    if (!kv_get(t, TABLE_KNOWN, str_from(k, DOCUMENT_KEY), &was) || was.n <= KNOWN_HEAD) return false;
    *out = (known_document){get_be64(was.p), get_be32(was.p + 8)};
    return true;
}

bool known_find(spool *s, const uint8_t k[static DOCUMENT_KEY], known_document *out, err *e) {
    AUTO(txn) *own = NULL;
    e->code = ERR_OK;
    txn *t = spool_reading(s, &own, e);
    return t != NULL && find_known(t, k, out);
}

/* doubts_find asks document by document in their order. */
static bool find_lines(void *self, const docset *d, size_t doc, uint32_t *lines) {
    usual_reader *r = self;
    uint8_t k[DOCUMENT_KEY];
    known_document was;
    if (doc == 0) r->line = 0;
    if (doc % REST_AFTER == 0) txn_rest(r->t);
    key_at(d, doc, r->line, k);
    r->line += d->doc[doc].lines;
    if (!find_known(r->t, k, &was)) return false;
    *lines = was.lines;
    return true;
}

static size_t find_factors(void *self, str sku, int64_t out[static DOUBT_FACTORS]) {
    const usual_reader *r = self;
    return r->packs ? packs_of(r->packs, sku, out) : 0;
}

static uint64_t find_span(void *self, const docset *d) {
    const usual_reader *r = self;
    uint64_t lines = 0;
    bool type[DOC_TYPE_COUNT] = {false};
    for (size_t i = 0; i < d->docs; i++) type[d->doc[i].type] = true;
    for (doc_type k = 0; k < DOC_TYPE_COUNT && r->from <= r->to; k++) {
        AUTO(buf) start = {0};
        char of = (char)k;
        if (!type[k]) continue;
        day_key(k, r->from, STR(""), &start);
        AUTO(kv_cursor) c = kv_from(r->t, TABLE_USUAL_DAY, str_from(&of, 1), buf_str(&start));
        while (kv_next(&c) && get_day(c.key.p + 1) <= r->to)
            if (c.val.n == 24) lines += get_be64(c.val.p);
    }
    return lines;
}

bool usual_begin(spool *s, usual_reader *r, doubt_view *v, err *e) {
    *r = (usual_reader){.s = s, .from = DAY_MAX, .to = DAY_MIN};
    r->t = spool_reading(s, &r->own, e);
    if (r->t == NULL) return false;
    *v = (doubt_view){.self = r,
                      .usual = find_usual,
                      .factors = find_factors,
                      .lines = find_lines,
                      .span_lines = find_span,
                      .company = find_company,
                      .today = DAY_MAX - LIMIT_AHEAD_DAYS,
                      .oldest = DAY_MIN};
    return true;
}

void usual_end(usual_reader *r) {
    txn_rest(r->t);
    txn_abort(&r->own);
}
