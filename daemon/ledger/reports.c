#include "daemon/ledger/reports.h"

#include "daemon/store/store.h"
#include <stdlib.h>

enum { SUM_SIZE = 12, PREFIX_SIZE = 6 };

bool report_asked(doc_type type) {
    return type == TYPE_SALE || type == TYPE_RETURN || type == TYPE_RECEIPT || type == TYPE_STOCK ||
           type == TYPE_PAYMENT;
}

static key prefix_of(uint32_t reporter, doc_type type, bool nil) {
    key k = {.n = 0};
    key_u32(&k, reporter);
    key_u8(&k, (uint8_t)type);
    key_u8(&k, nil);
    return k;
}

kv_cursor report_rows(txn *t, uint32_t reporter, doc_type type, bool nil, day_t from) {
    key prefix = prefix_of(reporter, type, nil), start = prefix;
    key_day(&start, from);
    return kv_from(t, TABLE_REPORT_DAY, key_str(&prefix), key_str(&start));
}

bool report_next(kv_cursor *c, report_row *out) {
    if (!kv_next(c)) return false;
    reader k = reader_of(str_skip(c->key, PREFIX_SIZE)), v = reader_of(c->val);
    *out = (report_row){.day = read_day(&k)};
    out->document = read_be64(&k);
    out->upload = read_be64(&v);
    out->lines = (uint32_t)read_varint(&v);
    out->waiting = (uint32_t)read_varint(&v);
    out->sums = str_from((const char *)v.p, (size_t)(v.end - v.p));
    return !k.bad && !v.bad;
}

int64_t report_amount(const report_row *row, uint32_t currency, bool *other) {
    int64_t amount = 0;
    for (str s = row->sums; s.n >= SUM_SIZE; s = str_skip(s, SUM_SIZE)) {
        if (get_be32(s.p) == currency) amount = (int64_t)get_be64(s.p + 4);
        else
            *other = true;
    }
    return amount;
}

/* ---- writing ---- */

typedef struct day_amount {
    day_t day;
    uint32_t currency;
    int64_t amount;
} day_amount;

static int by_day(const void *x, const void *y) {
    const day_amount *a = x, *b = y;
    if (a->day != b->day) return a->day < b->day ? -1 : 1;
    return (a->currency > b->currency) - (a->currency < b->currency);
}

/* Amounts of the rows added up by day and currency, ascending. A sum beyond the range stays at its end. */
static size_t amounts_of(const posting *p, day_amount *out) {
    size_t n = 0, kept = 0;
    bool sorted = true;
    for (uint32_t i = 0; i < p->rows; i++) {
        if (p->row[i].amount == NUM_NONE) continue;
        out[n++] = (day_amount){p->row[i].day, p->row[i].currency, p->row[i].amount};
        sorted = sorted && (n < 2 || by_day(&out[n - 2], &out[n - 1]) <= 0);
    }
    if (!sorted) qsort(out, n, sizeof *out, by_day);
    for (size_t i = 0; i < n; i++) {
        if (kept == 0 || by_day(&out[kept - 1], &out[i]) != 0) out[kept++] = out[i];
        else if (!add_i64(out[kept - 1].amount, out[i].amount, &out[kept - 1].amount))
            out[kept - 1].amount = out[i].amount > 0 ? INT64_MAX : -INT64_MAX;
    }
    return kept;
}

/* Uploads are numbered by their entries, so the least came first: a corrected document came with its first content. A nil
 * report that was widened says new days with the content that holds. */
static uint64_t first_upload(const document *d, const posting *p) {
    uint64_t first = 0;
    if (d->flags & DOC_NIL) return d->content[p->content].upload;
    for (uint32_t i = 0; i < d->contents; i++) {
        const content *c = &d->content[i];
        if (!c->withdrawn && c->lines && (first == 0 || c->upload < first)) first = c->upload;
    }
    return first;
}

void reports_put(txn *t, const document *d, const posting *p, bool there, buf *scratch) {
    if (!report_asked(d->type) || p->days == 0) return;
    day_amount *sum = there && p->rows ? reallocarray(NULL, p->rows, sizeof *sum) : NULL;
    ASSERT(!there || p->rows == 0 || sum != NULL);
    size_t sums = sum ? amounts_of(p, sum) : 0, s = 0;
    for (uint32_t i = 0; i < p->days; i++) {
        key k = prefix_of(d->partner, d->type, d->flags & DOC_NIL);
        key_day(&k, p->day[i].day);
        key_u64(&k, d->no);
        if (!there) {
            (void)kv_del(t, TABLE_REPORT_DAY, key_str(&k));
            continue;
        }
        buf_clear(scratch);
        buf_be64(scratch, first_upload(d, p));
        buf_varint(scratch, p->day[i].lines);
        buf_varint(scratch, p->day[i].waiting);
        for (; s < sums && sum[s].day <= p->day[i].day; s++) {
            buf_be32(scratch, sum[s].currency);
            buf_be64(scratch, (uint64_t)sum[s].amount);
        }
        kv_put(t, TABLE_REPORT_DAY, key_str(&k), buf_str(scratch));
    }
    free(sum);
}
