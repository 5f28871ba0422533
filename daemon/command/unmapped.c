#include "daemon/command/unmapped.h"

#include "base/map.h"
#include "base/num.h"
#include "daemon/ledger/contents.h"
#include "daemon/ledger/posting.h"
#include "daemon/store/keys.h"
#include <stdlib.h>

typedef struct collecting {
    txn *t;
    arena *a;
    uint32_t partner;
    const uint8_t *waits; /* by line of the document being read: the reason it waits for, 0 none */
    unmapped *row;
    size_t rows, cap;
    map index; /* reason, partner and the four texts → row */
} collecting;

static void grow(collecting *k) {
    if (k->rows < k->cap) return;
    k->cap = k->cap ? 2 * k->cap : 256;
    k->row = reallocarray(k->row, k->cap, sizeof *k->row);
    ASSERT(k->row != NULL);
}

static unmapped *row_of(collecting *k, const unmapped *as) {
    AUTO(buf) b = {0};
    const str texts[] = {as->code, as->name, as->spec, as->unit};
    buf_byte(&b, (char)as->reason);
    buf_be32(&b, as->partner);
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) buf_text(&b, texts[i]);
    uint64_t *known = map_find(&k->index, buf_str(&b));
    if (known) return &k->row[*known];
    grow(k);
    *map_at(&k->index, arena_str(k->a, buf_str(&b)), NULL) = k->rows;
    unmapped *r = &k->row[k->rows++];
    *r = *as;
    str *kept[] = {&r->code, &r->name, &r->spec, &r->unit};
    for (size_t i = 0; i < ARRAY_LEN(kept); i++) *kept[i] = kept[i]->n ? arena_str(k->a, *kept[i]) : STR("");
    return r;
}

static int64_t amount_of(const batch *b, uint32_t row) {
    int64_t amount = column_number(b->line_number[N_AMOUNT], row), worked,
            quantity = column_number(b->line_number[N_QUANTITY], row),
            price = column_number(b->line_number[N_UNIT_PRICE], row);
    if (amount != NUM_NONE) return amount;
    bool both = quantity != NUM_NONE && price != NUM_NONE;
    return both && mul_div(quantity, price, pow10_i64(QUANTITY_SCALE), &worked) ? worked : 0;
}

static bool take_line(void *arg, const batch *b, uint32_t row, uint32_t line, err *e) {
    collecting *k = arg;
    (void)e;
    if (k->waits[line] == 0) return true;
    day_t day = (day_t)column_number(b->line_number[N_DATE], row);
    const unmapped as = {.reason = (waiting_reason)k->waits[line],
                         .partner = k->partner,
                         .code = column_text(&b->line_text[T_SKU], row),
                         .name = column_text(&b->line_text[T_NAME], row),
                         .spec = column_text(&b->line_text[T_SPEC], row),
                         .unit = column_text(&b->line_text[T_UNIT], row),
                         .first = day};
    unmapped *r = row_of(k, &as);
    r->lines++;
    if (!add_i64(r->amount, amount_of(b, row), &r->amount)) r->amount = INT64_MAX;
    if (day < r->first) r->first = day;
    return true;
}

static bool of_goods(uint8_t reason) {
    return reason == WAIT_PRODUCT || reason == WAIT_UNIT;
}

static bool read_document(collecting *k, uint64_t no, contents_cache *kept, err *e) {
    AUTO(arena) a = {0};
    document d;
    posting p;
    arena_init(&a, SIZE_MAX); /* bounded by one document */
    if (!document_get(k->t, no, &a, &d) || !posting_get(k->t, no, &a, &p)) return txn_ok(k->t, e);
    const content *c = &d.content[p.content];
    uint8_t *waits = ARENA_NEW(&a, uint8_t, (size_t)c->lines + 1);
    for (uint32_t i = 0; i < p.waits; i++)
        for (uint32_t l = 0; of_goods(p.wait[i].reason) && l < p.wait[i].lines; l++)
            if (p.wait[i].line[l] < c->lines) waits[p.wait[i].line[l]] = p.wait[i].reason;
    k->waits = waits;
    k->partner = d.partner;
    return contents_walk_on(k->t, kept, c, take_line, k, e);
}

static int by_number(const void *x, const void *y) {
    uint64_t a = *(const uint64_t *)x, b = *(const uint64_t *)y;
    return (a > b) - (a < b);
}

/* Numbers of the documents that wait for goods, each once, in the order they came. */
static size_t waiting_documents(txn *t, uint32_t partner_no, arena *a, uint64_t **out) {
    static const waiting_reason reasons[] = {WAIT_PRODUCT, WAIT_UNIT};
    AUTO(buf) found = {0};
    for (size_t i = 0; i < ARRAY_LEN(reasons); i++) {
        key prefix = {.n = 0};
        key_u8(&prefix, (uint8_t)reasons[i]);
        AUTO(kv_cursor) c = kv_from(t, TABLE_WAITING, key_str(&prefix), STR_NONE);
        while (kv_next(&c)) {
            reader r = reader_of(str_skip(c.key, 1));
            (void)read_textz(&r);
            uint32_t whose = read_be32(&r);
            uint64_t no = read_be64(&r);
            if (!r.bad && no && (partner_no == 0 || whose == partner_no)) buf_add(&found, str_from(&no, sizeof no));
        }
    }
    size_t n = found.n / sizeof(uint64_t), kept = 0;
    uint64_t *list = ARENA_NEW(a, uint64_t, n + 1);
    if (n) memcpy(list, found.p, found.n);
    qsort(list, n, sizeof *list, by_number);
    for (size_t i = 0; i < n; i++)
        if (kept == 0 || list[kept - 1] != list[i]) list[kept++] = list[i];
    *out = list;
    return kept;
}

static int64_t magnitude(int64_t v) {
    return v < 0 ? -v : v;
}

static int by_amount(const void *x, const void *y) {
    const unmapped *a = x, *b = y;
    int64_t ma = magnitude(a->amount), mb = magnitude(b->amount);
    if (ma != mb) return ma > mb ? -1 : 1;
    if (a->lines != b->lines) return a->lines > b->lines ? -1 : 1;
    if (a->partner != b->partner) return a->partner < b->partner ? -1 : 1;
    const str as[] = {a->code, a->name, a->spec, a->unit}, bs[] = {b->code, b->name, b->spec, b->unit};
    for (size_t i = 0; i < ARRAY_LEN(as); i++) {
        int c = str_cmp(as[i], bs[i]);
        if (c) return c;
    }
    return (a->reason > b->reason) - (a->reason < b->reason);
}

bool unmapped_collect(txn *t, uint32_t partner_no, arena *a, unmapped **out, size_t *n, err *e) {
    collecting k = {.t = t, .a = a};
    AUTO(contents_cache) kept = {.entry = 0};
    uint64_t *list;
    size_t documents = waiting_documents(t, partner_no, a, &list);
    bool ok = true;
    for (size_t i = 0; ok && i < documents; i++) ok = read_document(&k, list[i], &kept, e);
    if (k.rows) qsort(k.row, k.rows, sizeof *k.row, by_amount);
    *out = ARENA_NEW(a, unmapped, k.rows + 1);
    if (k.rows) memcpy(*out, k.row, k.rows * sizeof *k.row);
    *n = k.rows;
    map_free(&k.index);
    free(k.row);
    return ok;
}
