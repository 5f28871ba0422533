#include "daemon/ledger/goods_read.h"

#include "daemon/catalog/partner.h"
#include "daemon/ledger/contents.h"
#include "daemon/ledger/members.h"
#include "daemon/ledger/posting.h"
#include "daemon/store/store.h"
#include <stdlib.h>

/* Is the row one of goods on their way to the partner, or of its receipts? */
static bool is_sent(goods_reader *r, doc_type type, const posted *x) {
    uint32_t at = 0;
    if (type == TYPE_SHIPMENT && (x->kind == FLOW_SELL_IN || x->kind == FLOW_GIFT_IN)) at = x->partner;
    if (type == TYPE_SALE && (x->kind == FLOW_ONWARD || x->kind == FLOW_GIFT_OUT)) at = x->counterparty;
    return at && partner_fact_of(r->f, at)->reporter == r->partner;
}

static bool is_received(goods_reader *r, doc_type type, const posted *x) {
    return type == TYPE_RECEIPT && (x->kind == FLOW_RECEIPT || x->kind == FLOW_GIFT_RECEIPT) &&
           partner_fact_of(r->f, x->partner)->reporter == r->partner;
}

static deed *new_deed(goods_reader *r, deeds *list) {
    list->at = arena_grown(r->a, list->at, list->n, &list->cap, sizeof *list->at);
    return &list->at[list->n++];
}

/* The lines of a document that matter; none: it is none of ours. */
static void take(goods_reader *r, deeds *list, const document *d, const posting *p, bool received) {
    deed_line *line = NULL;
    size_t n = 0;
    day_t first = DAY_MAX;
    for (uint32_t i = 0; i < p->rows; i++) {
        const posted *x = &p->row[i];
        if (received ? !is_received(r, d->type, x) : !is_sent(r, d->type, x)) continue;
        if (line == NULL) line = ARENA_NEW(r->a, deed_line, p->rows - i);
        ASSERT(line != NULL);
        line[n++] = (deed_line){.product = x->product, .line = x->line, .quantity = x->quantity, .day = x->day};
        if (x->day < first) first = x->day;
    }
    if (n == 0) return;
    content *now = ARENA_NEW(r->a, content, 1);
    content_ref *ref = ARENA_NEW(r->a, content_ref, d->content[p->content].refs + 1);
    ASSERT(now != NULL && ref != NULL);
    *now = d->content[p->content];
    if (now->refs) memcpy(ref, now->ref, now->refs * sizeof *ref);
    now->ref = ref;
    now->version = STR("");
    deed *x = new_deed(r, list);
    *x = (deed){.document = d->no,
                .number = d->number.n ? arena_str(r->a, d->number) : STR(""),
                .content = now,
                .day = first,
                .line = line,
                .lines = n};
    memcpy(x->identity, d->identity, IDENTITY_SIZE);
}

/* One document of a partner's days: each is read once, however many days and places it has. */
static void read_document(goods_reader *r, map *seen, bool sales, uint64_t no) {
    AUTO(arena) a = {0};
    uint8_t raw[8];
    document d;
    posting p;
    put_be64(raw, no);
    if (map_find(seen, str_from(raw, sizeof raw))) return;
    *map_at(seen, arena_str(r->a, str_from(raw, sizeof raw)), NULL) = 1;
    arena_init(&a, SIZE_MAX);
    if (!document_get(r->t, no, &a, &d)) return;
    if (sales ? d.type != TYPE_SALE : d.type != TYPE_SHIPMENT && d.type != TYPE_RECEIPT) return;
    if (!posting_get(r->t, no, &a, &p) || p.content >= d.contents) return;
    take(r, d.type == TYPE_RECEIPT ? &r->received : &r->sent, &d, &p, d.type == TYPE_RECEIPT);
}

/* Shipments and receipts, or the sales, that stand at a partner. */
static void read_days(goods_reader *r, map *seen, bool sales, uint32_t partner_no) {
    key prefix = {.n = 0}, start = {.n = 0};
    key_u32(&prefix, partner_no);
    key_u32(&start, partner_no);
    key_day(&start, r->from);
    AUTO(kv_cursor) c = kv_from(r->t, TABLE_DOCUMENT_DAY, key_str(&prefix), key_str(&start));
    while (kv_next(&c)) {
        reader k = reader_of(str_skip(c.key, prefix.n));
        if (read_day(&k) > r->to) break;
        read_document(r, seen, sales, read_be64(&k));
    }
}

static int by_day(const void *x, const void *y) {
    const deed *a = x, *b = y;
    if (a->day != b->day) return a->day < b->day ? -1 : 1;
    int order = str_cmp(a->number, b->number);
    return order ? order : memcmp(a->identity, b->identity, IDENTITY_SIZE);
}

bool goods_read(goods_reader *r, err *e) {
    AUTO(map) seen = {0};
    uint32_t *member;
    partner own, above;
    size_t n = members_of(r->f, r->partner, r->a, &member);
    for (size_t i = 0; i < n; i++) read_days(r, &seen, false, member[i]);
    if (partner_by_no(r->t, r->partner, &own) && own.parent && partner_by_no(r->t, own.parent, &above) &&
        above.kind != PARTNER_MANUFACTURER)
        read_days(r, &seen, true, above.no);
    if (r->sent.n) qsort(r->sent.at, r->sent.n, sizeof(deed), by_day);
    if (r->received.n) qsort(r->received.at, r->received.n, sizeof(deed), by_day);
    return txn_ok(r->t, e);
}

static bool says_damaged(str reason) {
    static const str words_of_it[] = {{"破", 3},     {"残", 3},     {"坏", 3},     {"damage", 6}, {"Damage", 6},
                                      {"DAMAGE", 6}, {"broken", 6}, {"Broken", 6}, {"BROKEN", 6}};
    for (size_t i = 0; i < ARRAY_LEN(words_of_it); i++)
        if (str_has(reason, words_of_it[i])) return true;
    return false;
}

typedef struct word_reader {
    arena *a;
    deeds *list;
    size_t *next; /* of each document the line that comes next */
} word_reader;

static str kept(arena *a, str s) {
    return s.n ? arena_str(a, s) : STR("");
}

static bool take_words(void *arg, size_t which, const batch *b, uint32_t row, uint32_t line, err *e) {
    word_reader *w = arg;
    deed *d = &w->list->at[which];
    size_t *next = &w->next[which];
    (void)e;
    for (; *next < d->lines && d->line[*next].line == line; ++*next) {
        deed_line *x = &d->line[*next];
        x->reference = kept(w->a, str_trim(column_text(&b->line_text[T_REFERENCE], row)));
        x->codes = kept(w->a, column_text(&b->line_text[T_CODES], row));
        x->damaged = says_damaged(column_text(&b->line_text[T_REASON], row));
    }
    return true;
}

bool goods_read_words(goods_reader *r, deeds *list, err *e) {
    const content **contents = (const content **)ARENA_NEW(r->a, content *, list->n + 1);
    word_reader w = {.a = r->a, .list = list, .next = ARENA_NEW(r->a, size_t, list->n + 1)};
    ASSERT(contents != NULL && w.next != NULL);
    for (size_t i = 0; i < list->n; i++) contents[i] = list->at[i].content;
    return contents_walk_all(r->t, contents, list->n, take_words, &w, e);
}
