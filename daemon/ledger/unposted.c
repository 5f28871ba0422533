#include "daemon/ledger/unposted.h"

#include "daemon/catalog/catalog.h"
#include "daemon/catalog/waiting.h"
#include "daemon/ledger/contents.h"
#include "daemon/ledger/facts.h"
#include "daemon/ledger/posting.h"
#include <stdlib.h>

typedef struct counting {
    txn *t;
    arena *a;
    facts f;
    uint32_t partner; /* 0: all */
    day_t from, to;
    map index; /* partner, product → row */
    unposted_row *row;
    size_t rows, cap;
    /* the document being read */
    uint32_t reporter, owner;
    const uint8_t *waits; /* by line */
} counting;

static void count(counting *k, uint32_t product_no) {
    uint8_t raw[8];
    bool created;
    put_be32(raw, k->owner);
    put_be32(raw + 4, product_no);
    uint64_t *at = map_find(&k->index, str_from(raw, sizeof raw));
    if (at == NULL) {
        at = map_at(&k->index, arena_str(k->a, str_from(raw, sizeof raw)), &created);
        *at = k->rows;
        k->row = arena_grown(k->a, k->row, k->rows, &k->cap, sizeof *k->row);
        k->row[k->rows++] = (unposted_row){k->owner, product_no, 0};
    }
    k->row[*at].lines++;
}

static bool take_line(void *arg, const batch *b, uint32_t row, uint32_t line, err *e) {
    counting *k = arg;
    product_match m;
    (void)e;
    day_t day = (day_t)column_number(b->line_number[N_DATE], row);
    if (!k->waits[line] || day < k->from || day > k->to) return true;
    bool known = resolve_product(k->t, k->reporter, column_text(&b->line_text[T_SKU], row), ON_DAY(day), &m);
    count(k, known ? m.no : 0);
    return true;
}

static bool read_document(counting *k, uint64_t no, contents_cache *kept, err *e) {
    AUTO(arena) a = {0};
    document d;
    posting p;
    arena_init(&a, SIZE_MAX); /* bounded by one document */
    if (!document_get(k->t, no, &a, &d) || !posting_get(k->t, no, &a, &p)) return txn_ok(k->t, e);
    k->reporter = d.partner;
    k->owner = partner_fact_of(&k->f, d.partner)->reporter;
    if (d.type == TYPE_PAYMENT || (k->partner && k->owner != k->partner)) return true;
    const content *c = &d.content[p.content];
    uint8_t *waits = ARENA_NEW(&a, uint8_t, (size_t)c->lines + 1);
    for (uint32_t i = 0; i < p.waits; i++)
        for (uint32_t l = 0; !p.wait[i].soft && l < p.wait[i].lines; l++)
            if (p.wait[i].line[l] < c->lines) waits[p.wait[i].line[l]] = 1;
    k->waits = waits;
    return contents_walk_on(k->t, kept, c, take_line, k, e);
}

static int by_number(const void *x, const void *y) {
    uint64_t a = *(const uint64_t *)x, b = *(const uint64_t *)y;
    return (a > b) - (a < b);
}

/* Numbers of all documents that wait, each once, in the order they came. */
static size_t waiting_documents(const counting *k, uint64_t **out) {
    AUTO(buf) found = {0};
    AUTO(kv_cursor) c = kv_from(k->t, TABLE_WAITING, STR(""), STR_NONE);
    while (kv_next(&c)) {
        reader r = reader_of(str_skip(c.key, 1));
        (void)read_textz(&r);
        (void)read_be32(&r);
        uint64_t no = read_be64(&r);
        if (!r.bad && no) buf_add(&found, str_from(&no, sizeof no));
    }
    size_t n = found.n / sizeof(uint64_t), kept = 0;
    uint64_t *list = ARENA_NEW(k->a, uint64_t, n + 1);
    if (n) memcpy(list, found.p, found.n);
    if (n) qsort(list, n, sizeof *list, by_number);
    for (size_t i = 0; i < n; i++)
        if (kept == 0 || list[kept - 1] != list[i]) list[kept++] = list[i];
    *out = list;
    return kept;
}

static int by_row(const void *x, const void *y) {
    const unposted_row *a = x, *b = y;
    if (a->partner != b->partner) return a->partner < b->partner ? -1 : 1;
    return (a->product > b->product) - (a->product < b->product);
}

bool unposted_lines(txn *t, uint32_t partner_no, day_t from, day_t to, arena *a, unposted *out, err *e) {
    counting k = {.t = t, .a = a, .partner = partner_no, .from = from, .to = to};
    AUTO(contents_cache) kept = {.entry = 0};
    uint64_t *list;
    bool ok = true;
    facts_init(&k.f, t);
    size_t n = waiting_documents(&k, &list);
    for (size_t i = 0; ok && i < n; i++) ok = read_document(&k, list[i], &kept, e);
    if (k.rows) qsort(k.row, k.rows, sizeof *k.row, by_row);
    *out = (unposted){k.row, k.rows};
    map_free(&k.index);
    facts_free(&k.f);
    return ok;
}

uint64_t unposted_count(const unposted *u, uint32_t partner_no, uint32_t product_no) {
    uint64_t lines = 0;
    for (size_t i = 0; i < u->rows; i++)
        if (u->row[i].partner == partner_no && (product_no == UINT32_MAX || u->row[i].product == product_no))
            lines += u->row[i].lines;
    return lines;
}
