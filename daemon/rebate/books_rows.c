#include "daemon/rebate/books_rows.h"

#include "daemon/catalog/product.h"
#include "daemon/catalog/settings.h"
#include "daemon/ledger/document.h"
#include "daemon/ledger/members.h"
#include <stdlib.h>

void loader_free(loader *l) {
    free(l->row);
    free(l->book);
    free(l->document);
}

void loader_auto(loader *l) {
    loader_free(l);
}

static void *more(void *list, size_t n, size_t *cap, size_t size) {
    if (n < *cap) return list;
    *cap = *cap ? 2 * *cap : 1024;
    list = reallocarray(list, *cap, size);
    ASSERT(list != NULL);
    return list;
}

void loader_add(loader *l, const rebate_row *row, const book_row *book) {
    size_t cap = l->cap;
    l->row = more(l->row, l->rows, &l->cap, sizeof *l->row);
    if (l->by_document) l->book = more(l->book, l->rows, &cap, sizeof *l->book);
    l->row[l->rows] = *row;
    l->row[l->rows].no = (uint32_t)l->rows;
    if (l->by_document) l->book[l->rows] = *book;
    l->rows++;
}

uint32_t loader_document(loader *l, uint64_t document_no) {
    document d;
    if (l->documents && l->last_document == document_no) return (uint32_t)l->documents - 1;
    l->document = more(l->document, l->documents, &l->document_cap, sizeof *l->document);
    l->document[l->documents] =
        document_get(l->b->t, document_no, l->a, &d) && d.number.n ? arena_str(l->a, d.number) : STR("");
    l->last_document = document_no;
    return (uint32_t)l->documents++;
}

uint32_t loader_text(loader *l, str text) {
    l->document = more(l->document, l->documents, &l->document_cap, sizeof *l->document);
    l->document[l->documents] = arena_str(l->a, text);
    l->last_document = 0;
    return (uint32_t)l->documents++;
}

/* ---- which rows */

static bool in_scope_on(const loader *l, day_t day) {
    bool in = true;
    for (size_t i = 0; i < l->spans && l->span[i].from <= day; i++) in = l->span[i].in;
    return in;
}

static bool is_opened(const loader *l, uint32_t item, day_t day) {
    for (size_t i = 0; i < l->openings; i++) {
        const opened *o = &l->opening[i];
        if ((o->product == REBATE_NONE || o->product == item) && day <= o->as_of &&
            period_of(l->p->period, day) == o->period)
            return true;
    }
    return false;
}

bool loader_takes(const loader *l, uint32_t item, day_t day, uint32_t *flags) {
    *flags = day < l->live ? ROW_HISTORY : 0;
    if (*flags && !l->baselines) return false;
    return in_scope_on(l, day) && !is_opened(l, item, day);
}

static bool inside(day_t d, day_t first, day_t last) {
    return d > first && d <= last;
}

/* Do the days of a month differ, whatever the product? */
static bool cuts(const loader *l, day_t first, day_t last) {
    if (l->detail || inside(l->from, first, last) || inside(l->to, first - 1, last - 1)) return true;
    if (inside(l->p->from, first, last) || inside(l->p->to, first - 1, last - 1)) return true;
    if (inside(l->live, first, last)) return true;
    for (size_t i = 0; i < l->spans; i++)
        if (inside(l->span[i].from, first, last)) return true;
    for (size_t i = 0; i < l->openings; i++)
        if (inside(l->opening[i].as_of, first - 1, last - 1)) return true;
    return false;
}

/* The same few months are asked for all the time. */
static const month_fact *month_fact_of(loader *l, int32_t month) {
    month_fact *m = &l->month[(uint32_t)month % ARRAY_LEN(l->month)];
    if (m->month == month && m->of == l->members) return m;
    day_t first = month_first(month), last = month_first(month + 1) - 1;
    *m = (month_fact){month, l->members, first, last, period_of(l->p->period, first), cuts(l, first, last)};
    return m;
}

/* The stage of a product on all of some days; false: it changes between them, and its days are read. */
static bool one_stage(const loader *l, uint32_t item, day_t first, day_t last, unsigned *found) {
    *found = l->staged ? STAGE_NONE : STAGE_COUNT;
    if (!l->staged || item == REBATE_NONE) return true;
    const rebate_product *x = &l->b->world.product[item];
    for (size_t i = 0; i < x->stages && x->timeline[i].from <= last; i++) {
        if (x->timeline[i].from > first) return false;
        *found = x->timeline[i].stage;
    }
    return true;
}

/* Returns the cell of the row, FOLD_CELLS: none. */
static size_t add_sum(loader *l, uint32_t item, day_t day, flow_kind kind, int32_t period, unsigned at, day_t last,
                      const flow_sum *sum) {
    flow_sum less = *sum, *s = &less;
    if (l->rebates && !loader_less_rebated(l, item, kind, day, last, s)) return FOLD_CELLS;
    rebate_row row = {.partner = l->at,
                      .product = item,
                      .document = REBATE_NONE,
                      .day = day,
                      .kind = kind,
                      .days_to_pay = DAYS_UNPAID,
                      .quantity = s->quantity,
                      .amount = s->lines == s->unpriced ? NUM_NONE : s->amount,
                      .tax_rate = NUM_NONE};
    if (!loader_takes(l, item, day, &row.flags)) return FOLD_CELLS;
    if (s->currency == l->b->currency) return loader_fold(l, &row, period, at);
    l->foreign++;
    return FOLD_CELLS;
}

static bool wanted(const loader *l, uint32_t item, flow_kind kind) {
    if (!(l->kinds >> kind & 1U)) return false;
    return item == REBATE_NONE || l->product[item];
}

static uint32_t product_index(const books *b, uint32_t no) {
    return no && no < b->products_end ? b->product_at[no] : REBATE_NONE;
}

/* ---- months and days */

static void widen(month_span *s, int32_t month) {
    if (month < s->first) s->first = month;
    if (month > s->last) s->last = month;
}

/* A sum of a month whole, when its days are alike; false: they must be read. */
static bool take_month(loader *l, uint32_t item, flow_kind kind, int32_t month, const flow_sum *s) {
    uint16_t *known = fold_known(l, item, kind);
    unsigned at;
    if (known && known[month - l->fold.first] == FOLD_CUT) return false;
    const month_fact *m = month_fact_of(l, month);
    bool cut = m->cut || !one_stage(l, item, m->first, m->last, &at);
    size_t cell = cut ? FOLD_CELLS : add_sum(l, item, m->first, kind, m->period, at, m->last, s);
    known = fold_known(l, item, kind); /* may be given up meanwhile */
    if (known && (cut || cell < FOLD_CELLS))
        known[month - l->fold.first] = (uint16_t)(cut ? FOLD_CUT : cell + FOLD_FIRST);
    return !cut;
}

/* The months of a year; *cut: those of which days must be read. */
static void read_year(loader *l, uint32_t item, const flow_month_key *k, str val, month_span *cut) {
    int32_t first = l->fold.first, last = l->fold.last;
    uint16_t *known = fold_known(l, item, k->kind);
    for (size_t i = 0; i < flow_sum_count(val); i++) {
        flow_sum s = flow_sum_at(val, i);
        int32_t month = 12 * k->year + (int32_t)s.part;
        if (month < first || month > last) continue;
        if (known && fold_add(l, known[month - first], &s)) continue;
        if (!take_month(l, item, k->kind, month, &s)) widen(cut, month);
        known = fold_known(l, item, k->kind);
    }
}

static void widen_by(month_span *span, const flow_month_key *k, str val) {
    for (size_t i = 0; i < flow_sum_count(val); i++) widen(span, 12 * k->year + (int32_t)flow_sum_at(val, i).part);
}

static void read_months(loader *l, uint32_t member, month_span *cut) {
    key prefix = {.n = 0};
    key_u32(&prefix, member);
    for (AUTO(kv_cursor) c = kv_from(l->b->t, TABLE_FLOW_MONTH, key_str(&prefix), STR_NONE); kv_next(&c);) {
        flow_month_key k = flow_month_parse(c.key);
        uint32_t item = product_index(l->b, k.product);
        if (!wanted(l, item, k.kind)) continue;
        if (l->returns >> k.kind & 1U) widen_by(&l->returned, &k, c.val);
        else if (!l->by_document)
            read_year(l, item, &k, c.val, cut);
    }
}

static void read_days(loader *l, uint32_t member, month_span cut) {
    key prefix = {.n = 0}, start = {.n = 0};
    int32_t month = 0;
    day_t last = DAY_MIN;
    key_u32(&prefix, member);
    key_u32(&start, member);
    key_day(&start, l->from > month_first(cut.first) ? l->from : month_first(cut.first));
    for (AUTO(kv_cursor) c = kv_from(l->b->t, TABLE_FLOW_DAY, key_str(&prefix), key_str(&start)); kv_next(&c);) {
        flow_day_key k = flow_day_parse(c.key);
        uint32_t item = product_index(l->b, k.product);
        unsigned at;
        if (k.day > last) month = month_of(k.day), last = month_fact_of(l, month)->last;
        if (k.day > l->to || month > cut.last) break;
        if (l->returns >> k.kind & 1U || !wanted(l, item, k.kind)) continue;
        const month_fact *m = month_fact_of(l, month);
        if (!m->cut && one_stage(l, item, m->first, m->last, &at)) continue; /* read with its month */
        (void)one_stage(l, item, k.day, k.day, &at);
        for (size_t i = 0; i < flow_sum_count(c.val); i++) {
            flow_sum s = flow_sum_at(c.val, i);
            (void)add_sum(l, item, k.day, k.kind, m->period, at, k.day, &s);
        }
    }
}

/* ---- documents */

bool books_documents(txn *t, uint32_t partner_no, day_t from, day_t to, uint32_t kinds, posted_fn fn, void *arg,
                     err *e) {
    AUTO(arena) a = {0};
    key prefix = {.n = 0}, start = {.n = 0};
    key_u32(&prefix, partner_no);
    key_u32(&start, partner_no);
    key_day(&start, from);
    arena_init(&a, SIZE_MAX); /* one posting at a time; its lines are bounded */
    for (AUTO(kv_cursor) c = kv_from(t, TABLE_DOCUMENT_DAY, key_str(&prefix), key_str(&start)); kv_next(&c);) {
        reader k = reader_of(str_skip(c.key, prefix.n));
        posting p;
        day_t day = read_day(&k);
        uint64_t no = read_be64(&k);
        if (day > to) break;
        arena_reset(&a);
        if (!posting_get(t, no, &a, &p)) continue;
        for (uint32_t i = 0; i < p.rows; i++) {
            const posted *x = &p.row[i];
            if (x->partner == partner_no && x->day == day && (kinds >> x->kind & 1U)) TRY(fn(arg, no, &p, x, e));
        }
    }
    return txn_ok(t, e);
}

int64_t books_usual_tax_rate(txn *t) {
    return setting_number(t, SETTING_TAX_RATE);
}

int64_t books_tax_rate(txn *t, const posted *x, int64_t usual) {
    product p;
    bool known = x->product && product_at(t, x->product, ON_DAY(x->day), &p);
    return known && p.tax_rate != NUM_NONE ? p.tax_rate : usual;
}

bool books_of_company(const posting *p, const posted *x, str wanted, str otherwise) {
    str company = p->text[x->company];
    if (company.n == 0 || str_eq(company, wanted)) return true;
    return str_is(wanted, "main") && str_eq(company, otherwise);
}

bool loader_product_posted(const loader *l, const posting *p, const posted *x, uint32_t *item) {
    *item = product_index(l->b, x->product);
    return wanted(l, *item, x->kind) && books_of_company(p, x, l->p->company, l->b->company);
}

static bool take_posted(void *arg, uint64_t document_no, const posting *p, const posted *x, err *e) {
    loader *l = arg;
    rebate_row row = {.partner = l->at,
                      .day = x->day,
                      .kind = x->kind,
                      .days_to_pay = DAYS_UNPAID,
                      .quantity = x->quantity,
                      .amount = x->amount,
                      .tax_rate = NUM_NONE};
    (void)e;
    if (!loader_product_posted(l, p, x, &row.product) || !loader_takes(l, row.product, row.day, &row.flags))
        return true;
    if (x->currency != l->b->currency) {
        l->foreign++;
        return true;
    }
    if (x->rebated) row.flags |= ROW_PAID_BY_REBATE;
    row.document = loader_document(l, document_no);
    loader_add(l, &row, &(book_row){.document = document_no, .line = x->line, .reference = STR("")});
    return true;
}

static bool read_member(loader *l, uint32_t member, err *e) {
    month_span cut = {INT32_MAX, INT32_MIN};
    l->begin = l->rows;
    l->members++;
    l->live = partner_fact_of(&l->b->facts, member)->live;
    TRY(loader_rebated(l, member, e));
    l->plain = l->spans == 0 && l->openings == 0 && l->live <= l->from && l->rebates == 0;
    if (l->returns || !l->by_document) read_months(l, member, &cut);
    if (cut.first <= cut.last) read_days(l, member, cut);
    return !l->by_document ||
           books_documents(l->b->t, member, l->from, l->to, l->kinds & ~l->returns, take_posted, l, e);
}

bool loader_partner(loader *l, uint32_t at, uint32_t no, err *e) {
    uint32_t *member;
    size_t first = l->rows, n = members_of(&l->b->facts, no, l->a, &member);
    l->at = at;
    l->no = no;
    l->returned = (month_span){INT32_MAX, INT32_MIN};
    for (size_t i = 0; i < n; i++) TRY(read_member(l, member[i], e));
    for (size_t i = 0; i < n && l->returned.first <= l->returned.last; i++) TRY(loader_returns(l, member[i], e));
    TRY(loader_orders(l, first, member, n, e));
    return (!l->to_pay || loader_days_to_pay(l, first, member, n, e)) && txn_ok(l->b->t, e);
}
