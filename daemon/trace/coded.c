/* Codes of documents: what ledger posted becomes moves. */
#include "daemon/ledger/coded.h"

#include "daemon/catalog/partner.h"
#include "daemon/catalog/product.h"
#include "daemon/catalog/region.h"
#include "daemon/trace/custody_put.h"
#include "daemon/trace/events.h"
#include "proto/kinds.h"
#include <stdlib.h>

key custody_prefix(uint32_t home, const code_key *k) {
    key at = {.n = 0};
    key_u32(&at, home);
    if (k) key_bytes(&at, k->p, k->n);
    else
        key_u8(&at, 0);
    return at;
}

uint32_t custody_home(const code_row *r, bool *own) {
    *own = r->container != 0;
    if (*own) return r->container;
    return r->body.packings ? r->body.packing[r->body.packings - 1].parent : 0;
}

static key move_key(uint32_t home, const code_key *k, day_t day, uint64_t ref, uint32_t line) {
    key at = custody_prefix(home, k);
    key_day(&at, day);
    key_u64(&at, ref);
    key_u32(&at, line);
    return at;
}

uint32_t custody_put(txn *t, const code_row *r, const custody_move *m) {
    AUTO(buf) b = {0};
    bool own;
    uint32_t home = custody_home(r, &own);
    key at = move_key(home, own ? NULL : &r->key, m->day, m->ref, m->line);
    buf_byte(&b, (char)m->kind);
    buf_be32(&b, m->from);
    buf_be32(&b, m->to);
    buf_be32(&b, m->by);
    buf_be32(&b, m->region);
    buf_byte(&b, (char)m->source);
    buf_be32(&b, m->product);
    buf_zigzag(&b, m->quantity);
    kv_put(t, TABLE_CUSTODY, key_str(&at), buf_str(&b));
    return home;
}

/* It stands under its container or, when others were put into it by then, under itself. */
void custody_del(txn *t, uint32_t home, const code_key *k, day_t day, uint64_t ref, uint32_t line) {
    key at = move_key(home, k, day, ref, line), own = move_key(home, NULL, day, ref, line);
    if (!kv_del(t, TABLE_CUSTODY, key_str(&at))) (void)kv_del(t, TABLE_CUSTODY, key_str(&own));
}

/* ---- what a row means */

static const struct meaning {
    flow_kind flow;
    move_kind kind;
} meanings[] = {{FLOW_SELL_IN, MOVE_SHIPPED},       {FLOW_GIFT_IN, MOVE_SHIPPED}, {FLOW_RECEIPT, MOVE_RECEIVED},
                {FLOW_GIFT_RECEIPT, MOVE_RECEIVED}, {FLOW_SELL_OUT, MOVE_SOLD},   {FLOW_ONWARD, MOVE_SOLD},
                {FLOW_GIFT_OUT, MOVE_SOLD},         {FLOW_RETURN, MOVE_RETURNED}, {FLOW_RETURN_OUT, MOVE_SENT_BACK},
                {FLOW_TRANSFER, MOVE_TRANSFERRED},  {FLOW_COUNT, MOVE_COUNTED}};

/* False: the row moves no codes (the half of a transfer that comes in, a payment). */
static bool move_of(const coded_document *d, const posted *r, custody_move *m) {
    *m = (custody_move){.by = r->partner,
                        .region = r->region,
                        .source = r->source,
                        .product = r->product,
                        .quantity = r->quantity,
                        .day = r->day,
                        .ref = d->no,
                        .line = r->line};
    for (size_t i = 0; i < ARRAY_LEN(meanings); i++)
        if ((uint8_t)meanings[i].flow == r->kind) m->kind = meanings[i].kind;
    bool back = r->quantity < 0;
    switch (m->kind) {
    case MOVE_SHIPPED:
        m->from = back ? r->partner : d->reporter;
        m->to = back ? d->reporter : r->partner;
        return true;
    case MOVE_RECEIVED:
        m->from = r->counterparty;
        m->to = r->partner;
        return !back;
    case MOVE_TRANSFERRED:
        m->from = r->partner;
        m->to = r->counterparty;
        return back;
    case MOVE_SOLD:
        if (back) m->kind = MOVE_RETURNED;
        m->from = back ? r->counterparty : r->partner;
        m->to = back ? r->partner : r->counterparty;
        return true;
    case MOVE_RETURNED:
        m->from = r->counterparty;
        m->to = r->partner;
        return true;
    case MOVE_SENT_BACK:
        m->from = r->partner;
        m->to = r->counterparty;
        return true;
    case MOVE_COUNTED:
    case MOVE_OBSERVED: return m->kind == MOVE_COUNTED;
    }
    return false;
}

/* What the manufacturer has is nobody's. */
static uint32_t nobody_when_maker(txn *t, uint32_t no) {
    partner p;
    return no && partner_by_no(t, no, &p) && p.kind == PARTNER_MANUFACTURER ? 0 : no;
}

/* ---- lots */

static uint32_t handed_to(const posted *r) {
    return r->kind == FLOW_SELL_IN || r->kind == FLOW_GIFT_IN ? r->partner : r->counterparty;
}

static void lot_row(txn *t, const key *k, day_t day, bool there) {
    uint8_t raw[4];
    put_be32(raw, (uint32_t)day);
    if (there) kv_put(t, TABLE_LOT, key_str(k), str_from(raw, sizeof raw));
    else
        (void)kv_del(t, TABLE_LOT, key_str(k));
}

static void put_lot(txn *t, uint64_t document_no, const posted *r, str lot, bool there) {
    key k = {.n = 0};
    key_u8(&k, 0);
    key_u32(&k, r->product);
    key_textz(&k, lot);
    key_u32(&k, handed_to(r));
    key_u64(&k, document_no);
    lot_row(t, &k, r->day, there);
}

void custody_event_lot(txn *t, const code_key *of, uint64_t ref, day_t day, bool there) {
    key k = {.n = 0};
    AUTO(buf) lot = {0};
    code_serial(of, &lot);
    key_u8(&k, 1);
    key_u64(&k, code_gtin(of));
    key_textz(&k, buf_str(&lot));
    key_u32(&k, 0);
    key_u64(&k, ref);
    lot_row(t, &k, day, there);
}

static uint32_t lot_partner(txn *t, const kv_cursor *c) {
    AUTO(arena) a = {0};
    trace_event x;
    uint32_t from, to = get_be32(c->key.p + c->key.n - 12);
    if (to) return to;
    arena_init(&a, LIMIT_EVENT_BYTES * 8);
    if (event_get(t, get_be64(c->key.p + c->key.n - 8), &a, &x)) event_sides(t, x.e, &from, &to);
    return to;
}

static size_t lot_partners(txn *t, const key *prefix, uint32_t *out, size_t n, size_t max) {
    for (AUTO(kv_cursor) c = kv_from(t, TABLE_LOT, key_str(prefix), STR_NONE); kv_next(&c);) {
        uint32_t no = c.key.n == prefix->n + 12 ? lot_partner(t, &c) : 0;
        size_t at = 0;
        while (at < n && out[at] < no) at++;
        if (no == 0 || n == max || (at < n && out[at] == no)) continue;
        memmove(out + at + 1, out + at, (n - at) * sizeof *out);
        out[at] = no;
        n++;
    }
    return n;
}

/* Where documents and where events of it stand. */
static bool lot_prefixes(txn *t, const code_key *lot_key, key prefix[static 2]) {
    code_row r = {.key = *lot_key};
    AUTO(buf) lot = {0};
    if (code_kind_of(lot_key) != CODE_LOT) return false;
    code_serial(lot_key, &lot);
    prefix[0] = prefix[1] = (key){.n = 0};
    key_u8(&prefix[0], 0);
    key_u32(&prefix[0], code_product(t, &r, INT64_MAX));
    key_u8(&prefix[1], 1);
    key_u64(&prefix[1], code_gtin(lot_key));
    for (size_t i = 0; i < 2; i++) key_textz(&prefix[i], buf_str(&lot));
    return true;
}

size_t custody_lot(txn *t, const code_key *lot_key, uint32_t *out, size_t max) {
    key prefix[2];
    if (!lot_prefixes(t, lot_key, prefix)) return 0;
    return lot_partners(t, &prefix[1], out, lot_partners(t, &prefix[0], out, 0, max), max);
}

size_t custody_lot_moves(txn *t, const code_key *lot_key, arena *a, custody_move **out) {
    key prefix[2];
    size_t n = 0, cap = 0;
    *out = NULL;
    if (!lot_prefixes(t, lot_key, prefix)) return 0;
    for (size_t i = 0; i < 2; i++)
        for (AUTO(kv_cursor) c = kv_from(t, TABLE_LOT, key_str(&prefix[i]), STR_NONE);
             n < LIMIT_CUSTODY && kv_next(&c);) {
            uint32_t to = c.key.n == prefix[i].n + 12 && c.val.n == 4 ? lot_partner(t, &c) : 0;
            if (to == 0) continue;
            *out = arena_grown(a, *out, n, &cap, sizeof **out);
            (*out)[n++] = (custody_move){.kind = MOVE_SHIPPED,
                                         .to = to,
                                         .day = (day_t)get_be32(c.val.p),
                                         .ref = get_be64(c.key.p + c.key.n - 8)};
        }
    return n;
}

/* ---- documents */

enum { IS_CODE = 1, IS_LOT };

/* code_document: of a code 1, home, line, day, key; of a lot 2, product, partner, lot. */
void custody_remember(buf *b, uint32_t home, const custody_move *m, const code_key *k) {
    buf_byte(b, IS_CODE);
    buf_varint(b, home);
    buf_varint(b, m->line);
    buf_zigzag(b, m->day);
    buf_text(b, code_str(k));
}

void custody_keep(txn *t, uint64_t ref, const buf *list) {
    key k = {.n = 0};
    key_u64(&k, ref);
    if (list->n) kv_put(t, TABLE_CODE_DOCUMENT, key_str(&k), buf_str(list));
}

void custody_take_out(txn *t, uint64_t no) {
    key k = {.n = 0};
    str val;
    AUTO(buf) kept = {0};
    key_u64(&k, no);
    if (!kv_get(t, TABLE_CODE_DOCUMENT, key_str(&k), &val)) return;
    buf_add(&kept, val); /* the map moves with every write */
    for (reader r = reader_of(buf_str(&kept)); !reader_done(&r);) {
        if (read_byte(&r) == IS_CODE) {
            uint32_t home = (uint32_t)read_varint(&r), line = (uint32_t)read_varint(&r);
            day_t day = (day_t)read_zigzag(&r);
            code_key code;
            if (code_key_of(read_text(&r), &code)) custody_del(t, home, &code, day, no, line);
            continue;
        }
        posted p = {.kind = FLOW_SELL_IN};
        p.product = (uint32_t)read_varint(&r);
        p.partner = (uint32_t)read_varint(&r);
        str lot = read_text(&r);
        put_lot(t, no, &p, lot, false);
    }
    (void)kv_del(t, TABLE_CODE_DOCUMENT, key_str(&k));
}

static void put_codes(txn *t, const coded_document *d, const coded_row *x, buf *list) {
    str rest = x->codes, one;
    custody_move m;
    if (x->codes.n == 0 || !move_of(d, &x->row, &m)) return;
    m.from = nobody_when_maker(t, m.from);
    m.to = nobody_when_maker(t, m.to);
    while (code_next(&rest, &one)) {
        code_read c;
        code_row r;
        err none;
        if (!code_parse(one, &c, &none)) continue;
        (void)code_get(t, &c.key, &r);
        if (code_kind_of(&c.key) == CODE_LOT || code_kind_of(&c.key) == CODE_CLASS) continue;
        uint32_t home = custody_put(t, &r, &m);
        custody_remember(list, home, &m, &c.key);
    }
}

static void put_one_lot(txn *t, const coded_document *d, const posted *r, str lot, buf *list) {
    uint32_t to = handed_to(r);
    if (lot.n == 0 || lot.n > LIMIT_LOT || to == 0 || r->product == 0 || r->quantity <= 0) return;
    put_lot(t, d->no, r, lot, true);
    buf_byte(list, IS_LOT);
    buf_varint(list, r->product);
    buf_varint(list, to);
    buf_text(list, lot);
}

/* The lot of column batch, and lots among the codes. */
static void put_lots(txn *t, const coded_document *d, const coded_row *x, buf *list) {
    str rest = x->codes, one;
    put_one_lot(t, d, &x->row, x->lot, list);
    while (code_next(&rest, &one)) {
        AUTO(buf) lot = {0};
        code_read c;
        err none;
        if (!code_parse(one, &c, &none) || code_kind_of(&c.key) != CODE_LOT) continue;
        code_serial(&c.key, &lot);
        put_one_lot(t, d, &x->row, buf_str(&lot), list);
    }
}

document_codes custody_document(txn *t, uint64_t document_no) {
    key k = {.n = 0};
    str val;
    key_u64(&k, document_no);
    return (document_codes){reader_of(kv_get(t, TABLE_CODE_DOCUMENT, key_str(&k), &val) ? val : STR(""))};
}

bool document_codes_next(document_codes *d, code_key *k, uint32_t *line, uint32_t *home) {
    while (!reader_done(&d->r)) {
        if (read_byte(&d->r) == IS_CODE) {
            *home = (uint32_t)read_varint(&d->r);
            *line = (uint32_t)read_varint(&d->r);
            (void)read_zigzag(&d->r);
            return code_key_of(read_text(&d->r), k);
        }
        (void)read_varint(&d->r);
        (void)read_varint(&d->r);
        (void)read_text(&d->r);
    }
    return false;
}

bool trace_coded(txn *t, const entry *en, apply_result *r, err *e) {
    (void)en;
    for (size_t i = 0; r->coded && i < r->coded->documents; i++) {
        const coded_document *d = &r->coded->document[i];
        AUTO(buf) list = {0};
        if (d->had) custody_take_out(t, d->no);
        for (size_t n = 0; n < d->rows; n++) {
            put_codes(t, d, &d->row[n], &list);
            put_lots(t, d, &d->row[n], &list);
        }
        custody_keep(t, d->no, &list);
    }
    return txn_ok(t, e);
}
