#include "daemon/catalog/waiting.h"
#include "daemon/ledger/customers.h"
#include "daemon/ledger/demand_mark.h"
#include "daemon/ledger/plan.h"
#include "daemon/ledger/problems.h"
#include "daemon/ledger/records.h"
#include "daemon/ledger/reports.h"
#include "daemon/store/store.h"
#include <stdlib.h>

/* A customer is known by its text below the partner that reports it; it waits for the day it turns out to be a partner.
 */
static uint32_t create_customer(txn *t, uint32_t partner_no, str word) {
    key k = {.n = 0}, by_no = {.n = 0}, wait = {.n = 0};
    AUTO(buf) record = {0};
    uint32_t no = (uint32_t)store_next(t, "customer");
    uint8_t raw[4];
    put_be32(raw, no);
    key_u32(&k, partner_no);
    key_text(&k, word);
    kv_put(t, TABLE_CUSTOMER, key_str(&k), str_from(raw, sizeof raw));
    key_u32(&by_no, no);
    buf_be32(&record, partner_no);
    buf_add(&record, word);
    kv_put(t, TABLE_CUSTOMER_NO, key_str(&by_no), buf_str(&record));
    key_u8(&wait, WAIT_CUSTOMER);
    key_textz(&wait, word);
    key_u32(&wait, partner_no);
    key_u64(&wait, 0);
    kv_put(t, TABLE_WAITING, key_str(&wait), STR(""));
    return no;
}

static void create_all(plan *p) {
    for (size_t i = 0; i < p->made.rows; i++) {
        made *m = &p->made.row[i];
        m->real = m->what == MADE_PRODUCT ? catalog_create_product(p->t, p->en->seq, m->word)
                  : m->what == MADE_PLACE ? catalog_create_place(p->t, p->en->seq, m->owner, m->word)
                                          : create_customer(p->t, m->owner, m->word);
    }
}

static uint32_t real_no(void *arg, uint32_t no) {
    return made_real(arg, no);
}

static void settle_row(const plan *p, posted *r) {
    r->partner = made_real(&p->made, r->partner);
    r->product = made_real(&p->made, r->product);
    r->customer = made_real(&p->made, r->customer);
    r->counterparty = made_real(&p->made, r->counterparty);
}

static void settle_numbers(plan *p, posting *x) {
    for (uint32_t i = 0; i < x->rows && p->made.rows; i++) settle_row(p, &x->row[i]);
}

/* New documents in the order in which they came. */
static void number_documents(plan *p) {
    uint64_t fresh = 0;
    for (size_t i = 0; i < p->works; i++) fresh += p->work[i]->changed && p->work[i]->d.no == 0;
    if (fresh == 0) return;
    uint64_t next = store_next_many(p->t, "document", fresh);
    for (size_t i = 0; i < p->works; i++) {
        doc_work *w = p->work[i];
        if (!w->changed || w->d.no) continue;
        w->d.no = next++;
        w->fresh = true;
    }
}

static key number_key(uint64_t no) {
    key k = {.n = 0};
    key_u64(&k, no);
    return k;
}

static void put_documents(plan *p, buf *scratch) {
    AUTO(kv_point) records = kv_point_at(p->t, TABLE_DOCUMENT_NO);
    AUTO(kv_point) names = kv_point_at(p->t, TABLE_DOCUMENT);
    for (size_t i = 0; i < p->works; i++) {
        const doc_work *w = p->work[i];
        if (!w->changed) continue;
        key k = number_key(w->d.no), name = document_key(&w->d);
        buf_clear(scratch);
        document_encode(&w->d, scratch);
        kv_point_put(&records, key_str(&k), buf_str(scratch));
        if (w->fresh) kv_point_put(&names, key_str(&name), key_str(&k));
    }
}

static void put_postings(plan *p, buf *scratch) {
    AUTO(kv_point) at = kv_point_at(p->t, TABLE_POSTING);
    for (size_t i = 0; i < p->works; i++) {
        const doc_work *w = p->work[i];
        if (!w->settled || !w->has) continue;
        key k = number_key(w->d.no);
        buf_clear(scratch);
        posting_encode(&w->now, scratch);
        kv_point_put(&at, key_str(&k), buf_str(scratch));
    }
}

static key wait_key(const document *d, const waiting *w) {
    key k = {.n = 0};
    key_u8(&k, w->reason);
    key_textz(&k, w->word);
    key_u32(&k, d->partner);
    key_u64(&k, d->no);
    return k;
}

static void put_waits(plan *p, const doc_work *w, buf *scratch) {
    const document *d = &w->d;
    for (uint32_t i = 0; i < w->now.waits; i++) {
        const waiting *x = &w->now.wait[i];
        key k = wait_key(d, x);
        buf_clear(scratch);
        buf_varint(scratch, x->lines);
        buf_varint(scratch, w->now.posted + w->now.quarantine);
        buf_zigzag(scratch, x->amount);
        kv_put(p->t, TABLE_WAITING, key_str(&k), buf_str(scratch));
    }
}

typedef struct spot {
    uint32_t partner, product;
    day_t day;
    int64_t quantity;
} spot;

static int by_spot(const void *x, const void *y) {
    const spot *a = x, *b = y;
    if (a->partner != b->partner) return a->partner < b->partner ? -1 : 1;
    if (a->day != b->day) return a->day < b->day ? -1 : 1;
    return (a->product > b->product) - (a->product < b->product);
}

/* Distinct (partner, day, product) of a posting's rows in key order, quantities added; without products when `days`. */
static size_t spots_of(plan *p, const posting *x, bool days, spot **out) {
    spot *s = arena_alloc(p->a, (x->rows + 1) * sizeof *s);
    size_t n = 0, kept = 0;
    ASSERT(s != NULL);
    for (uint32_t i = 0; i < x->rows; i++) {
        const posted *r = &x->row[i];
        spot now = {r->partner, days ? 0 : r->product, r->day, r->quantity};
        if (n && days && by_spot(&s[n - 1], &now) == 0) continue;
        s[n++] = now;
    }
    qsort(s, n, sizeof *s, by_spot);
    for (size_t i = 0; i < n; i++) {
        if (kept && by_spot(&s[kept - 1], &s[i]) == 0) s[kept - 1].quantity += s[i].quantity;
        else
            s[kept++] = s[i];
    }
    *out = s;
    return kept;
}

static key day_key(const spot *s, uint64_t no) {
    key k = {.n = 0};
    key_u32(&k, s->partner);
    key_day(&k, s->day);
    key_u64(&k, no);
    return k;
}

/* Where a series of demand kept beside the views (daemon/replenish/series.h) begins to be another. */
static void mark_days(plan *p, const spot *s, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (i && s[i].partner == s[i - 1].partner) continue; /* the first day stands first */
        demand_mark_touch(p->t, s[i].partner, s[i].day);
    }
}

/* A batch of many small documents touches a partner once. */
static void put_days(plan *p) {
    spot *mark = NULL;
    size_t marks = 0, cap = 0;
    AUTO(kv_point) at = kv_point_at(p->t, TABLE_DOCUMENT_DAY);
    for (size_t i = 0; i < p->works; i++) {
        spot *s;
        if (!p->work[i]->settled) continue;
        size_t n = spots_of(p, &p->work[i]->now, true, &s);
        for (size_t x = 0; x < n; x++) {
            key k = day_key(&s[x], p->work[i]->d.no);
            kv_point_put(&at, key_str(&k), STR(""));
            if (x && s[x].partner == s[x - 1].partner) continue;
            mark = arena_grown(p->a, mark, marks, &cap, sizeof *mark);
            mark[marks++] = s[x];
        }
    }
    if (marks) qsort(mark, marks, sizeof *mark, by_spot);
    mark_days(p, mark, marks);
}

/* Days on which rows stand that were paid out of the rebate account: few, and mostly none. */
static void put_rebated(plan *p, const doc_work *w, const posting *x, bool there) {
    for (uint32_t i = 0; i < x->rows; i++) {
        spot s = {.partner = x->row[i].partner, .day = x->row[i].day};
        if (!x->row[i].rebated) continue;
        key k = day_key(&s, w->d.no);
        if (there) kv_put(p->t, TABLE_REBATED_DAY, key_str(&k), STR(""));
        else
            (void)kv_del(p->t, TABLE_REBATED_DAY, key_str(&k));
    }
}

/* Counts of a stock document: lines of one product add up. */
static void put_counts(plan *p, const doc_work *w, const posting *x, bool there) {
    spot *s;
    if (w->d.type != TYPE_STOCK || x->rows == 0) return;
    const content *c = &w->d.content[x->content];
    size_t n = spots_of(p, x, false, &s);
    for (size_t i = 0; i < n; i++) {
        key k = {.n = 0};
        AUTO(buf) v = {0};
        key_u32(&k, s[i].partner);
        key_day(&k, s[i].day);
        key_u32(&k, s[i].product);
        key_u64(&k, w->d.no);
        buf_be64(&v, c->ref[c->refs - 1].entry);
        buf_be32(&v, c->ref[c->refs - 1].doc);
        buf_be64(&v, (uint64_t)s[i].quantity);
        buf_add(&v, w->d.stream);
        if (there) kv_put(p->t, TABLE_STOCK_COUNT, key_str(&k), buf_str(&v));
        else
            (void)kv_del(p->t, TABLE_STOCK_COUNT, key_str(&k));
    }
}

/* What stood there before. */
static void take_out(plan *p, const doc_work *w) {
    spot *s;
    size_t n = spots_of(p, &w->old, true, &s);
    mark_days(p, s, n);
    for (uint32_t i = 0; i < w->old.waits; i++) {
        key k = wait_key(&w->d, &w->old.wait[i]);
        (void)kv_del(p->t, TABLE_WAITING, key_str(&k));
    }
    for (size_t i = 0; i < n; i++) {
        key k = day_key(&s[i], w->d.no);
        (void)kv_del(p->t, TABLE_DOCUMENT_DAY, key_str(&k));
    }
    put_counts(p, w, &w->old, false);
    put_rebated(p, w, &w->old, false);
    if (w->has) return;
    key k = number_key(w->d.no);
    (void)kv_del(p->t, TABLE_POSTING, key_str(&k));
}

/* Documents whose codes or lots are others now, for the rooms that judge. */
static void tell_coded(plan *p) {
    size_t n = 0;
    for (size_t i = 0; i < p->works; i++) n += p->work[i]->settled && (p->work[i]->had || p->work[i]->coded.rows);
    if (n == 0) return;
    coded *all = coded_of(p->r);
    all->document = ARENA_NEW(&all->a, coded_document, n);
    ASSERT(all->document != NULL);
    for (size_t i = 0; i < p->works; i++) {
        const doc_work *w = p->work[i];
        if (!w->settled || (!w->had && w->coded.rows == 0)) continue;
        coded_document *x = &all->document[all->documents++];
        *x = w->coded;
        x->no = w->d.no;
        x->reporter = w->d.partner;
        x->type = w->d.type;
        x->had = w->had;
        for (size_t k = 0; k < x->rows; k++) settle_row(p, &x->row[k].row);
    }
}

static void put_work(plan *p, doc_work *w, buf *scratch) {
    if (!w->settled) return;
    if (w->had) take_out(p, w);
    settle_numbers(p, &w->now);
    put_waits(p, w, scratch);
    reports_put(p->t, &w->d, &w->old, false, scratch);
    reports_put(p->t, &w->d, &w->now, true, scratch);
    put_counts(p, w, &w->now, true);
    put_rebated(p, w, &w->now, true);
}

/* Contents of one document may have different dates: it is found by each. */
static void put_dates(plan *p) {
    AUTO(kv_point) at = kv_point_at(p->t, TABLE_DOCUMENT_DATED);
    for (size_t i = 0; i < p->takens; i++) {
        const taken *x = &p->taken[i];
        key k = {.n = 0};
        key_u32(&k, x->work->d.partner);
        key_day(&k, x->date);
        key_u64(&k, x->work->d.no);
        kv_point_put(&at, key_str(&k), STR(""));
    }
}

/* What an upload did to a document; where it brought several contents, the one that counts most. */
static void put_taken(plan *p, buf *scratch) {
    AUTO(kv_point) at = kv_point_at(p->t, TABLE_UPLOAD_DOCUMENT);
    for (size_t i = 0; i < p->takens; i++) {
        const taken *x = &p->taken[i];
        key k = number_key(p->up.no);
        str was;
        key_u64(&k, x->work->d.no);
        if (kv_point_get(&at, key_str(&k), &was) && was.n && (uint8_t)was.p[0] <= x->what) continue;
        buf_clear(scratch);
        buf_byte(scratch, (char)x->what);
        buf_varint(scratch, x->lines);
        kv_point_put(&at, key_str(&k), buf_str(scratch));
    }
}

/* Of every document that came, also of one that was here already: its file may say more of its customers. */
static void note_customers(const plan *p) {
    const batch *b = &p->now.b;
    for (size_t i = 0; i < p->takens; i++) {
        uint32_t low = 0, high = b->docs, row = p->taken[i].row;
        while (low + 1 < high) {
            uint32_t mid = low + (high - low) / 2;
            if (b->doc_first[mid] <= row) low = mid;
            else
                high = mid;
        }
        if (row != NO_ROW && low < b->docs) customers_note(p->t, p->taken[i].work->d.partner, b, low);
    }
}

/* Table by table, each in the order of its keys where documents come in order. */
void plan_put(plan *p) {
    AUTO(buf) scratch = {0};
    create_all(p);
    note_customers(p);
    number_documents(p);
    put_documents(p, &scratch);
    for (size_t i = 0; i < p->works; i++) put_work(p, p->work[i], &scratch);
    put_postings(p, &scratch);
    put_days(p);
    put_dates(p);
    put_taken(p, &scratch);
    flow_changes_put(&p->flows, p->t, real_no, &p->made);
    tell_coded(p);
    if (p->clears)
        upload_replacement_put(p->t, p->up.agent.n ? p->up.agent : p->up.actor, p->now.b.replace.id, p->up.no);
    if (p->up.no) upload_put(p->t, &p->up);
}
