#include "daemon/trace/content.h"

#include "daemon/catalog/partner.h"
#include "daemon/catalog/product.h"
#include "daemon/catalog/region.h"
#include "daemon/store/keys.h"
#include "daemon/trace/codes_body.h"
#include "daemon/trace/custody.h"
#include "proto/digest.h"

static void put_container(txn *t, uint32_t no, buf *out) {
    code_key k = {.n = 0};
    (void)container_key(t, no, &k);
    buf_text(out, code_str(&k));
}

/* An event by its hash, a document by its reporter and identity. */
static bool put_reference(txn *t, uint64_t ref, buf *out) {
    key k = {.n = 0};
    str val;
    key_u64(&k, ref & ~CODE_EVENT_REF);
    bool is_event = ref & CODE_EVENT_REF;
    if (!kv_get(t, is_event ? TABLE_EVENT_NO : TABLE_DOCUMENT_NO, key_str(&k), &val)) return false;
    reader r = reader_of(val);
    if (!is_event) (void)read_byte(&r);
    if (!is_event) buf_text(out, partner_id(t, read_be32(&r)));
    buf_add(out, read_bytes(&r, 16));
    return !r.bad;
}

/* A list's words stand without their times: those are when it came. */
static void put_body(txn *t, const code_body *b, buf *out) {
    str sku, batch;
    code_class(t, b->class_no, &sku, &batch);
    buf_text(out, sku);
    buf_text(out, batch);
    buf_byte(out, (char)(b->known | b->stated << 1));
    for (uint32_t i = 0; i < b->packings; i++) {
        const code_packing *p = &b->packing[i];
        put_container(t, p->parent, out);
        buf_byte(out, (char)p->out);
        if (p->ref && put_reference(t, p->ref, out)) buf_zigzag(out, p->since);
    }
}

static bool code_content(txn *t, str k, str val, buf *out) {
    code_body b;
    uint32_t no;
    reader r = reader_of(val);
    if (!code_body_decode(&r, &b, &no) || no) return false; /* of a container: with its record */
    buf_text(out, k);
    put_body(t, &b, out);
    return true;
}

static bool range_content(txn *t, str k, str val, buf *out) {
    code_row r;
    if (!code_range_of(k, val, &r)) return false;
    buf_text(out, k);
    buf_varint(out, r.from);
    put_body(t, &r.body, out);
    return true;
}

static bool container_content(txn *t, str k, str val, buf *out) {
    container_head h;
    reader r = reader_of(val);
    (void)k;
    if (!container_head_decode(&r, &h)) return false;
    buf_text(out, code_str(&h.key));
    put_body(t, &h.body, out);
    for (uint32_t i = 0; i < h.emptieds; i++)
        if (put_reference(t, h.emptied[i].ref, out)) buf_zigzag(out, h.emptied[i].time_ms);
    return true;
}

static bool state_content(txn *t, str k, str val, buf *out) {
    uint64_t ref = k.n > 8 ? get_be64(k.p + k.n - 8) : 0;
    reader r = reader_of(val);
    buf_text(out, str_take(k, k.n - 8));
    buf_byte(out, (char)read_byte(&r));
    (void)read_be64(&r);
    if (ref & CODE_EVENT_REF) return put_reference(t, ref, out);
    buf_text(out, read_text(&r));
    return !r.bad;
}

/* The code named, wherever its move stands. */
static bool custody_row(txn *t, str k, str val, buf *out) {
    reader r = reader_of(val), at = reader_of(str_skip(k, k.n - 16));
    uint32_t home = get_be32(k.p);
    str named = str_take(str_skip(k, 4), k.n - 20);
    if (named.n == 1) put_container(t, home, out);
    else
        buf_text(out, named);
    buf_zigzag(out, read_day(&at));
    if (!put_reference(t, read_be64(&at), out)) return false;
    buf_byte(out, (char)read_byte(&r));
    for (int i = 0; i < 3; i++) {
        uint32_t no = read_be32(&r);
        buf_text(out, no ? partner_id(t, no) : STR(""));
    }
    uint32_t region = read_be32(&r);
    buf_text(out, region ? region_code(t, region) : STR(""));
    buf_byte(out, (char)read_byte(&r));
    uint32_t of = read_be32(&r);
    buf_text(out, of ? product_sku(t, of) : STR(""));
    buf_zigzag(out, read_zigzag(&r));
    return !r.bad;
}

static bool lot_content(txn *t, str k, str val, buf *out) {
    reader r = reader_of(k);
    bool by_gtin = read_byte(&r);
    if (by_gtin) buf_varint(out, read_be64(&r));
    else
        buf_text(out, product_sku(t, read_be32(&r)));
    buf_text(out, read_textz(&r));
    uint32_t no = read_be32(&r);
    buf_text(out, no ? partner_id(t, no) : STR(""));
    buf_add(out, val);
    return put_reference(t, read_be64(&r), out);
}

/* Which events hold, and whose feeds had them. */
static bool event_content(txn *t, str k, str val, buf *out) {
    reader r = reader_of(val);
    (void)t;
    (void)read_be64(&r);
    buf_text(out, k);
    buf_byte(out, (char)read_byte(&r));
    buf_text(out, read_text(&r));
    return !r.bad;
}

static bool sighting_content(txn *t, str k, str val, buf *out) {
    (void)t;
    (void)val;
    buf_text(out, k);
    return true;
}

bool codes_content(txn *t, uint32_t table, str stored_key, str val, buf *out) {
    static const struct content_row {
        store_table table;
        bool (*content)(txn *t, str k, str val, buf *out);
    } rows[] = {{TABLE_CODE, code_content},           {TABLE_CODE_RANGE, range_content},
                {TABLE_CONTAINER, container_content}, {TABLE_CODE_STATE, state_content},
                {TABLE_CUSTODY, custody_row},         {TABLE_LOT, lot_content},
                {TABLE_EVENT, event_content},         {TABLE_SIGHTING, sighting_content}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if ((uint32_t)rows[i].table == table) return rows[i].content(t, stored_key, val, out);
    return false;
}
