#include "daemon/ledger/posting.h"

#include "daemon/store/keys.h"
#include "proto/limits.h"
#include <stdlib.h>

/* Only postings with a row that says paid_by_rebate have that column, at the end. */
enum { POSTING_FORM = 1, POSTING_REBATED = 2 };
enum { COLUMN_SAME = 0, COLUMN_EACH = 1, COLUMN_STEPS = 2 };

/* Columns of a row. Customer stands first: whether a customer is meant is asked without reading the rest. */
#define POSTED_COLUMNS(X)                                                                                              \
    X(customer)                                                                                                        \
    X(kind)                                                                                                            \
    X(partner)                                                                                                         \
    X(product)                                                                                                         \
    X(day)                                                                                                             \
    X(quantity)                                                                                                        \
    X(currency)                                                                                                        \
    X(counterparty)                                                                                                    \
    X(home)                                                                                                            \
    X(region)                                                                                                          \
    X(source)                                                                                                          \
    X(province)                                                                                                        \
    X(brand)                                                                                                           \
    X(company)                                                                                                         \
    X(channel)                                                                                                         \
    X(line)

/* v[0] then: nothing (all the same), every value, or every difference. */
static void put_column(buf *out, const int64_t *v, uint32_t n) {
    bool same = true, rising = true;
    for (uint32_t i = 1; i < n; i++) {
        same = same && v[i] == v[0];
        rising = rising && v[i] >= v[i - 1];
    }
    char form = same ? COLUMN_SAME : rising ? COLUMN_STEPS : COLUMN_EACH;
    buf_byte(out, form);
    buf_zigzag(out, v[0]);
    for (uint32_t i = 1; form != COLUMN_SAME && i < n; i++)
        buf_zigzag(out, form == COLUMN_EACH ? v[i] : v[i] - v[i - 1]);
}

static void read_column(reader *r, int64_t *v, uint32_t n) {
    uint8_t form = read_byte(r);
    v[0] = read_zigzag(r);
    for (uint32_t i = 1; i < n; i++) {
        int64_t x = form == COLUMN_SAME ? v[0] : read_zigzag(r);
        v[i] = form == COLUMN_STEPS ? (int64_t)((uint64_t)v[i - 1] + (uint64_t)x) : x;
    }
    if (form > COLUMN_STEPS) r->bad = true;
}

static void put_waiting(buf *out, const waiting *w) {
    buf_byte(out, (char)w->reason);
    buf_byte(out, w->soft);
    buf_text(out, w->word);
    buf_zigzag(out, w->amount);
    buf_varint(out, w->lines);
    for (uint32_t i = 0; i < w->lines; i++) buf_varint(out, i ? w->line[i] - w->line[i - 1] : w->line[i]);
}

static bool any_rebated(const posting *p) {
    bool any = false;
    for (uint32_t i = 0; i < p->rows; i++) any = any || p->row[i].rebated;
    return any;
}

static bool is_posting(uint8_t form) {
    return form == POSTING_FORM || form == POSTING_REBATED;
}

void posting_encode(const posting *p, buf *out) {
    int64_t *v = p->rows ? calloc(p->rows, sizeof *v) : NULL;
    ASSERT(p->rows == 0 || v != NULL);
    bool rebated = any_rebated(p);
    buf_byte(out, rebated ? POSTING_REBATED : POSTING_FORM);
    buf_varint(out, p->content);
    buf_varint(out, p->posted);
    buf_varint(out, p->quarantine);
    buf_varint(out, p->rows);
    if (p->rows) {
#define X(field)                                                                                                       \
    for (uint32_t i = 0; i < p->rows; i++) v[i] = (int64_t)p->row[i].field;                                            \
    put_column(out, v, p->rows);
        POSTED_COLUMNS(X)
#undef X
        /* 0 is "no price known": amounts are far from the ends of their range */
        for (uint32_t i = 0; i < p->rows; i++) {
            int64_t a = p->row[i].amount;
            v[i] = a == NUM_NONE ? 0 : a >= 0 ? a + 1 : a;
        }
        put_column(out, v, p->rows);
    }
    free(v);
    buf_varint(out, p->texts);
    for (uint32_t i = 0; i < p->texts; i++) buf_text(out, p->text[i]);
    buf_varint(out, p->waits);
    for (uint32_t i = 0; i < p->waits; i++) put_waiting(out, &p->wait[i]);
    buf_varint(out, p->days);
    for (uint32_t i = 0; i < p->days; i++) {
        buf_zigzag(out, i ? p->day[i].day - p->day[i - 1].day : p->day[i].day);
        buf_varint(out, p->day[i].lines);
        buf_varint(out, p->day[i].waiting);
    }
    for (uint32_t i = 0; rebated && i < p->rows; i++) buf_byte(out, (char)p->row[i].rebated);
}

/* A count that the bytes left can hold. */
static uint32_t read_count(reader *r, size_t most) {
    uint64_t n = read_varint(r);
    if (n > most) r->bad = true;
    return r->bad ? 0 : (uint32_t)n;
}

static void read_rows(reader *r, posting *p, arena *a) {
    p->row = ARENA_NEW(a, posted, p->rows);
    int64_t *v = arena_alloc(a, p->rows * sizeof *v);
    ASSERT(p->row != NULL && v != NULL);
#define X(field)                                                                                                       \
    read_column(r, v, p->rows);                                                                                        \
    for (uint32_t i = 0; i < p->rows; i++) p->row[i].field = (__typeof__(p->row[i].field))v[i];
    POSTED_COLUMNS(X)
#undef X
    read_column(r, v, p->rows);
    for (uint32_t i = 0; i < p->rows; i++) p->row[i].amount = v[i] == 0 ? NUM_NONE : v[i] > 0 ? v[i] - 1 : v[i];
}

static void read_waiting(reader *r, waiting *w, arena *a) {
    w->reason = read_byte(r);
    w->soft = read_byte(r) != 0;
    w->word = read_text(r);
    w->amount = read_zigzag(r);
    w->lines = read_count(r, (size_t)(r->end - r->p));
    w->line = ARENA_NEW(a, uint32_t, w->lines + 1);
    ASSERT(w->line != NULL);
    for (uint32_t i = 0; i < w->lines; i++) w->line[i] = (uint32_t)read_varint(r) + (i ? w->line[i - 1] : 0);
}

static void read_days(reader *r, posting *p, arena *a) {
    p->days = read_count(r, (size_t)(r->end - r->p));
    p->day = ARENA_NEW(a, posting_day, p->days + 1);
    ASSERT(p->day != NULL);
    for (uint32_t i = 0; i < p->days; i++) {
        day_t day = (day_t)((uint32_t)read_zigzag(r) + (i ? (uint32_t)p->day[i - 1].day : 0));
        uint32_t lines = (uint32_t)read_varint(r);
        p->day[i] = (posting_day){day, lines, (uint32_t)read_varint(r)};
    }
}

enum { ROWS_MAX = 2 * LIMIT_DOCUMENT_LINES };

bool posting_decode(str stored, arena *a, posting *out) {
    reader r = reader_of(stored);
    *out = (posting){0};
    uint8_t form = read_byte(&r);
    if (!is_posting(form)) return false;
    out->content = (uint32_t)read_varint(&r);
    out->posted = (uint32_t)read_varint(&r);
    out->quarantine = (uint32_t)read_varint(&r);
    out->rows = read_count(&r, ROWS_MAX);
    if (out->rows) read_rows(&r, out, a);
    out->texts = read_count(&r, (size_t)(r.end - r.p));
    out->text = ARENA_NEW(a, str, out->texts + 1);
    ASSERT(out->text != NULL);
    for (uint32_t i = 0; i < out->texts; i++) out->text[i] = read_text(&r);
    out->waits = read_count(&r, (size_t)(r.end - r.p));
    out->wait = ARENA_NEW(a, waiting, out->waits + 1);
    ASSERT(out->wait != NULL);
    for (uint32_t i = 0; i < out->waits; i++) read_waiting(&r, &out->wait[i], a);
    read_days(&r, out, a);
    for (uint32_t i = 0; i < out->rows && form == POSTING_REBATED; i++) out->row[i].rebated = read_byte(&r);
    for (uint32_t i = 0; i < out->rows && !r.bad; i++)
        r.bad =
            out->row[i].company >= out->texts || out->row[i].channel >= out->texts || out->row[i].kind >= FLOW_KIND_END;
    return !r.bad;
}

bool posting_get(txn *t, uint64_t document, arena *a, posting *out) {
    key k = {.n = 0};
    str val;
    err e;
    key_u64(&k, document);
    if (!kv_get(t, TABLE_POSTING, key_str(&k), &val)) return false;
    if (posting_decode(arena_str(a, val), a, out)) return true;
    err_set(&e, ERR_INTERNAL, "document %llu: its posting cannot be read", (unsigned long long)document);
    txn_fail(t, &e);
    return false;
}

bool posting_has_customer(str stored, uint32_t customer) {
    reader r = reader_of(stored);
    if (!is_posting(read_byte(&r))) return false;
    (void)read_varint(&r);
    (void)read_varint(&r);
    (void)read_varint(&r);
    uint64_t rows = read_varint(&r);
    if (r.bad || rows == 0) return false;
    uint8_t form = read_byte(&r);
    int64_t v = read_zigzag(&r);
    for (uint64_t i = 1; v != customer && form != COLUMN_SAME && i < rows && !r.bad; i++)
        v = form == COLUMN_STEPS ? v + read_zigzag(&r) : read_zigzag(&r);
    return !r.bad && v == customer;
}

uint64_t posting_lines(str stored) {
    reader r = reader_of(stored);
    if (!is_posting(read_byte(&r))) return 0;
    (void)read_varint(&r);
    uint64_t lines = read_varint(&r);
    return lines + read_varint(&r);
}
