#include "daemon/rebate/books_rows.h"

#include "daemon/catalog/partner.h"
#include "daemon/ledger/contents.h"
#include "daemon/ledger/document.h"

/* A return may name its sale (`reference`, the number of its document) and then counts on that sale's day and stage. So
 * returns are read line by line, whenever they came back: one of today may belong to a sale of last year. */

enum { KEY_NUMBER = 32 }; /* bytes of a number in the key of a document */

typedef struct back { /* a line that came back */
    rebate_row row;
    book_row book;
    size_t content;
    bool rebated;
} back;

typedef struct backs {
    loader *l;
    back *v;
    size_t n, cap;
    const content **content;
    size_t contents, content_cap;
    size_t *next;  /* of each content the first of v that is not settled */
    uint64_t last; /* document of the content added last */
} backs;

static size_t content_of(backs *b, uint64_t document_no, uint32_t which) {
    document *d;
    if (b->contents && b->last == document_no) return b->contents - 1;
    d = ARENA_NEW(b->l->a, document, 1);
    ASSERT(d != NULL);
    if (!document_get(b->l->b->t, document_no, b->l->a, d) || which >= d->contents) return SIZE_MAX;
    b->content = arena_grown(b->l->a, b->content, b->contents, &b->content_cap, sizeof(content *));
    b->content[b->contents] = &d->content[which];
    b->last = document_no;
    return b->contents++;
}

static bool take_back(void *arg, uint64_t document_no, const posting *p, const posted *x, err *e) {
    backs *b = arg;
    back to = {.row = {.partner = b->l->at,
                       .document = REBATE_NONE,
                       .day = x->day,
                       .kind = x->kind,
                       .days_to_pay = DAYS_UNPAID,
                       .quantity = x->quantity,
                       .amount = x->amount,
                       .tax_rate = NUM_NONE},
               .book = {.document = document_no, .line = x->line, .reference = STR("")},
               .rebated = x->rebated};
    (void)e;
    if (!loader_product_posted(b->l, p, x, &to.row.product)) return true;
    if (x->currency != b->l->b->currency) {
        b->l->foreign++;
        return true;
    }
    to.content = content_of(b, document_no, p->content);
    b->v = arena_grown(b->l->a, b->v, b->n, &b->cap, sizeof *b->v);
    b->v[b->n++] = to;
    return true;
}

/* The days of a month on which something came back. */
static bool read_month(backs *b, uint32_t member, int32_t month, err *e) {
    for (day_t day = month_first(month); day < month_first(month + 1) && day <= b->l->until; day++) {
        bool any = false;
        for (flow_kind kind = FLOW_SELL_IN; kind < FLOW_OPENING && !any; kind++) {
            key k = {.n = 0};
            if (!(b->l->returns >> kind & 1U)) continue;
            key_u32(&k, member);
            key_day(&k, day);
            key_u8(&k, (uint8_t)kind);
            AUTO(kv_cursor) c = kv_from(b->l->b->t, TABLE_FLOW_DAY, key_str(&k), STR_NONE);
            any = kv_next(&c);
        }
        if (any) TRY(books_documents(b->l->b->t, member, day, day, b->l->returns, take_back, b, e));
    }
    return true;
}

/* ---- references */

static bool take_reference(void *arg, size_t which, const batch *t, uint32_t row, uint32_t line, err *e) {
    backs *b = arg;
    (void)e;
    str named = str_trim(column_text(&t->line_text[T_REFERENCE], row));
    size_t *i = &b->next[which]; /* lines of a content come in their order here and there */
    while (*i < b->n && b->v[*i].content == which && b->v[*i].book.line < line) ++*i;
    for (; *i < b->n && b->v[*i].content == which && b->v[*i].book.line == line; ++*i)
        if (named.n) b->v[*i].book.reference = arena_str(b->l->a, named);
    return true;
}

static day_t first_sold(txn *t, uint64_t document_no, const posted *like, day_t best) {
    AUTO(arena) a = {0};
    posting p;
    arena_init(&a, SIZE_MAX);
    if (!posting_get(t, document_no, &a, &p)) return best;
    for (uint32_t i = 0; i < p.rows; i++) {
        const posted *x = &p.row[i];
        bool same = x->kind == like->kind && x->product == like->product && x->partner == like->partner;
        if (same && x->quantity >= 0 && x->day < best) best = x->day;
    }
    return best;
}

/* The earliest day of that sale among documents of this number; DAY_MAX: none. */
static day_t sale_day(txn *t, uint32_t reporter, str number, const posted *like) {
    key k = {.n = 0};
    day_t best = DAY_MAX;
    key_u32(&k, reporter);
    key_textz(&k, str_take(number, KEY_NUMBER));
    for (AUTO(kv_cursor) c = kv_from(t, TABLE_DOCUMENT, key_str(&k), STR_NONE); kv_next(&c);) {
        AUTO(arena) a = {0};
        document d;
        arena_init(&a, SIZE_MAX);
        uint64_t no = get_be64(c.val.p);
        if (document_get(t, no, &a, &d) && str_eq(d.number, number)) best = first_sold(t, no, like, best);
    }
    return best;
}

/* Sales are the partner's own documents, shipments the manufacturer's. */
static void settle_day(backs *b, uint32_t member, back *x) {
    partner m;
    bool out = x->row.kind == FLOW_RETURN_OUT;
    uint32_t reporter = b->l->no;
    posted like = {.kind = out ? FLOW_SELL_IN : FLOW_SELL_OUT, .partner = member};
    if (x->book.reference.n == 0) return;
    if (out) reporter = partner_manufacturer(b->l->b->t, &m) ? m.no : 0;
    if (x->row.product != REBATE_NONE) like.product = b->l->b->product_no[x->row.product];
    day_t day = sale_day(b->l->b->t, reporter, x->book.reference, &like);
    if (day != DAY_MAX) x->row.day = day;
}

bool loader_returns(loader *l, uint32_t member, err *e) {
    backs b = {.l = l};
    l->live = partner_fact_of(&l->b->facts, member)->live;
    for (int32_t month = l->returned.first; month <= l->returned.last; month++) TRY(read_month(&b, member, month, e));
    if (b.n == 0) return true;
    b.next = ARENA_NEW(l->a, size_t, b.contents + 1);
    ASSERT(b.next != NULL);
    for (size_t i = b.n; i-- > 0;)
        if (b.v[i].content != SIZE_MAX) b.next[b.v[i].content] = i;
    TRY(contents_walk_all(l->b->t, b.content, b.contents, take_reference, &b, e));
    for (size_t i = 0; i < b.n; i++) {
        back *x = &b.v[i];
        day_t own = x->row.day;
        settle_day(&b, member, x);
        if (x->row.day < l->from || x->row.day > l->to) continue;
        if (!loader_takes(l, x->row.product, own, &x->row.flags)) continue;
        x->row.flags = x->row.day < l->live ? ROW_HISTORY : 0;
        if (x->row.flags && !l->baselines) continue;
        if (x->rebated) x->row.flags |= ROW_PAID_BY_REBATE;
        if (l->by_document) x->row.document = loader_document(l, x->book.document);
        loader_add(l, &x->row, &x->book);
    }
    return true;
}
