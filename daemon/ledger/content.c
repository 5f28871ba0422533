#include "daemon/ledger/content.h"

#include "daemon/catalog/partner.h"
#include "daemon/catalog/product.h"
#include "daemon/catalog/region.h"
#include "daemon/ledger/document.h"

#include "daemon/ledger/flow.h"
#include "daemon/ledger/hold.h"
#include "daemon/ledger/uploads.h"
#include "daemon/ledger/wallet.h"
#include "daemon/store/store.h"

enum { RECORD_BYTES = 256 * 1024 * 1024 };

static void put_partner(txn *t, uint32_t no, buf *out) {
    buf_text(out, partner_id(t, no));
}

static void put_product(txn *t, uint32_t no, buf *out) {
    buf_text(out, no ? product_sku(t, no) : STR(""));
}

static void put_region(txn *t, uint32_t no, buf *out) {
    buf_text(out, no ? region_code(t, no) : STR(""));
}

/* Reporter and identity: the first fields of its record. */
static bool put_document(txn *t, uint64_t no, buf *out) {
    key k = {.n = 0};
    str val;
    key_u64(&k, no);
    if (!kv_get(t, TABLE_DOCUMENT_NO, key_str(&k), &val)) return false;
    reader r = reader_of(val);
    (void)read_byte(&r);
    put_partner(t, read_be32(&r), out);
    buf_add(out, read_bytes(&r, IDENTITY_SIZE));
    return !r.bad;
}

static void put_sums(str val, buf *out) {
    for (size_t i = 0; i < flow_sum_count(val); i++) {
        flow_sum s = flow_sum_at(val, i);
        buf_be32(out, (uint32_t)s.part << FLOW_PART_SHIFT | s.currency);
        buf_be64(out, (uint64_t)s.quantity);
        buf_be64(out, (uint64_t)s.amount);
    }
}

static bool flow_day_content(txn *t, str k, str val, buf *out) {
    flow_day_key f = flow_day_parse(k);
    put_partner(t, f.partner, out);
    put_product(t, f.product, out);
    buf_zigzag(out, f.day);
    buf_byte(out, (char)f.kind);
    put_sums(val, out);
    return true;
}

static bool flow_month_content(txn *t, str k, str val, buf *out) {
    flow_month_key f = flow_month_parse(k);
    put_partner(t, f.partner, out);
    put_product(t, f.product, out);
    buf_zigzag(out, f.year);
    buf_byte(out, (char)f.kind);
    put_sums(val, out);
    return true;
}

static bool flow_total_content(txn *t, str k, str val, buf *out) {
    flow_total_key f = flow_total_parse(k);
    put_region(t, f.province, out);
    buf_text(out, brand_name(t, f.brand));
    buf_zigzag(out, f.month);
    buf_byte(out, (char)f.kind);
    put_sums(val, out);
    return true;
}

static bool flow_region_content(txn *t, str k, str val, buf *out) {
    flow_region_key f = flow_region_parse(k);
    put_product(t, f.product, out);
    put_region(t, f.home, out);
    put_region(t, f.region, out);
    buf_zigzag(out, f.month);
    buf_byte(out, (char)f.kind);
    put_sums(val, out);
    return true;
}

/* The content that holds; a document all of whose contents were withdrawn says nothing. */
static bool document_content(txn *t, str k, str val, buf *out) {
    AUTO(arena) a = {0};
    document d;
    arena_init(&a, RECORD_BYTES);
    (void)k;
    if (!document_get(t, get_be64(val.p), &a, &d)) return false;
    int holds = document_holds(&d);
    if (holds < 0) return false;
    put_partner(t, d.partner, out);
    buf_add(out, str_from(d.identity, IDENTITY_SIZE));
    buf_add(out, str_from(d.content[holds].digest, DIGEST_SIZE));
    buf_text(out, d.content[holds].version);
    return true;
}

static bool document_day_content(txn *t, str k, str val, buf *out) {
    reader r = reader_of(k);
    (void)val;
    put_partner(t, read_be32(&r), out);
    buf_zigzag(out, read_day(&r));
    return put_document(t, read_be64(&r), out);
}

/* Without the upload that came first. */
static bool report_day_content(txn *t, str k, str val, buf *out) {
    reader r = reader_of(k);
    put_partner(t, read_be32(&r), out);
    buf_byte(out, (char)read_byte(&r));
    buf_byte(out, (char)read_byte(&r));
    buf_zigzag(out, read_day(&r));
    buf_text(out, str_skip(val, 8));
    return put_document(t, read_be64(&r), out);
}

/* Digests added byte by byte: the order of what they stand for does not matter. */
static void add_digest(uint8_t sum[static DIGEST_SIZE], str text) {
    uint8_t d[DIGEST_SIZE];
    unsigned carry = 0;
    digest_of(text, d);
    for (size_t i = DIGEST_SIZE; i-- > 0;) {
        carry += (unsigned)sum[i] + d[i];
        sum[i] = (uint8_t)carry;
        carry >>= 8;
    }
}

static str customer_text(txn *t, uint32_t no) {
    key k = {.n = 0};
    str val;
    key_u32(&k, no);
    return no && kv_get(t, TABLE_CUSTOMER_NO, key_str(&k), &val) ? str_skip(val, 4) : STR("");
}

static void put_posted(txn *t, const posting *p, const posted *r, buf *out) {
    buf_byte(out, (char)r->kind);
    put_partner(t, r->partner, out);
    put_product(t, r->product, out);
    buf_text(out, customer_text(t, r->customer));
    buf_text(out, r->counterparty ? partner_id(t, r->counterparty) : STR(""));
    put_region(t, r->home, out);
    put_region(t, r->region, out);
    buf_byte(out, (char)r->source);
    buf_be32(out, r->currency);
    buf_text(out, p->text[r->company]);
    buf_text(out, p->text[r->channel]);
    buf_zigzag(out, r->day);
    buf_zigzag(out, r->quantity);
    buf_zigzag(out, r->amount);
}

static bool posting_content(txn *t, str k, str val, buf *out) {
    AUTO(arena) a = {0};
    AUTO(buf) text = {0};
    posting p;
    uint8_t sum[DIGEST_SIZE] = {0};
    arena_init(&a, RECORD_BYTES);
    if (!posting_decode(val, &a, &p) || !put_document(t, get_be64(k.p), out)) return false;
    for (uint32_t i = 0; i < p.rows; i++) {
        buf_clear(&text);
        put_posted(t, &p, &p.row[i], &text);
        add_digest(sum, buf_str(&text));
    }
    for (uint32_t i = 0; i < p.waits; i++) {
        buf_clear(&text);
        buf_byte(&text, (char)p.wait[i].reason);
        buf_text(&text, p.wait[i].word);
        buf_varint(&text, p.wait[i].lines);
        add_digest(sum, buf_str(&text));
    }
    buf_add(out, str_from(sum, sizeof sum));
    return true;
}

static bool waiting_content(txn *t, str k, str val, buf *out) {
    reader r = reader_of(k), v = reader_of(val);
    buf_byte(out, (char)read_byte(&r));
    buf_text(out, read_textz(&r));
    put_partner(t, read_be32(&r), out);
    uint64_t no = read_be64(&r);
    buf_varint(out, read_varint(&v));
    return no && put_document(t, no, out); /* 0: a customer's row, which only waits to be looked at */
}

static bool stock_count_content(txn *t, str k, str val, buf *out) {
    reader r = reader_of(k);
    put_partner(t, read_be32(&r), out);
    buf_zigzag(out, read_day(&r));
    put_product(t, read_be32(&r), out);
    buf_text(out, str_skip(val, 12)); /* quantity and stream, without their order */
    return put_document(t, read_be64(&r), out);
}

static bool customer_card_content(txn *t, str k, str val, buf *out) {
    reader r = reader_of(k);
    put_partner(t, read_be32(&r), out);
    buf_text(out, str_skip(k, 4));
    buf_add(out, val);
    return !r.bad;
}

/* Uploads and receipts say how things arrived, so they are left out. */
static const struct content_row {
    store_table table;
    bool (*content)(txn *t, str k, str val, buf *out);
} rows[] = {
    {TABLE_DOCUMENT, document_content},
    {TABLE_POSTING, posting_content},
    {TABLE_DOCUMENT_DAY, document_day_content},
    {TABLE_DOCUMENT_DATED, document_day_content},
    {TABLE_WAITING, waiting_content},
    {TABLE_FLOW_DAY, flow_day_content},
    {TABLE_FLOW_MONTH, flow_month_content},
    {TABLE_FLOW_REGION, flow_region_content},
    {TABLE_FLOW_TOTAL, flow_total_content},
    {TABLE_STOCK_COUNT, stock_count_content},
    {TABLE_CUSTOMER_CARD, customer_card_content},
    {TABLE_REPORT_DAY, report_day_content},
    {TABLE_WALLET, wallet_content},
    {TABLE_WALLET_HOLD, wallet_content},
    {TABLE_HOLD, hold_content},
    {TABLE_REBATED_DAY, document_day_content},
};

bool ledger_content(txn *t, uint32_t table, str stored_key, str val, buf *out) {
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if ((uint32_t)rows[i].table == table) return rows[i].content(t, stored_key, val, out);
    return false;
}
