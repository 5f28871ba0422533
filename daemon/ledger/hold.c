#include "daemon/ledger/hold.h"

#include "base/num.h"
#include "daemon/catalog/partner.h"
#include "daemon/catalog/product.h"
#include "daemon/store/keys.h"
#include "daemon/store/store.h"
#include "proto/limits.h"

static const char *const states[] = {[HOLD_OPEN] = "open", [HOLD_UPHELD] = "upheld"};

const char *hold_state_name(hold_state s) {
    return states[s];
}

bool hold_state_parse(str s, hold_state *out) {
    for (*out = HOLD_OPEN; *out <= HOLD_UPHELD; ++*out)
        if (str_is(s, states[*out])) return true;
    return false;
}

static key prefix_of(uint32_t partner_no, str source) {
    key k = {.n = 0};
    key_u32(&k, partner_no);
    if (source.p) key_textz(&k, source);
    return k;
}

static bool decode(str stored_key, str val, hold *out) {
    reader k = reader_of(stored_key), r = reader_of(val);
    out->partner = read_be32(&k);
    out->source = read_textz(&k);
    out->line = read_be32(&k);
    out->state = (hold_state)read_byte(&r);
    out->product = read_be32(&r);
    out->quantity = (int64_t)read_be64(&r);
    out->amount = (int64_t)read_be64(&r);
    out->from = (day_t)read_be32(&r);
    out->until = (day_t)read_be32(&r);
    out->entry = read_be64(&r);
    out->document = read_text(&r);
    out->why = read_text(&r);
    return !k.bad && !r.bad && out->state >= HOLD_OPEN && out->state <= HOLD_UPHELD;
}

bool hold_check(const hold *h, size_t n, err *e) {
    if (n > LIMIT_REPEATED) return err_set(e, ERR_DATA, "hold: at most %d lines of one source", LIMIT_REPEATED);
    for (size_t i = 0; i < n; i++) {
        bool quantity = h[i].quantity == NUM_NONE || (h[i].quantity > 0 && h[i].quantity <= LIMIT_QUANTITY);
        bool amount = h[i].amount == NUM_NONE || (h[i].amount >= 0 && h[i].amount <= LIMIT_WALLET);
        if (h[i].source.n == 0 || h[i].source.n > LIMIT_ID || memchr(h[i].source.p, 0, h[i].source.n))
            return err_set(e, ERR_DATA, "hold: a source of at most %d bytes, like case/12", LIMIT_ID);
        if (h[i].state != HOLD_OPEN && h[i].state != HOLD_UPHELD)
            return err_set(e, ERR_DATA, "hold: it is open or upheld");
        if (h[i].from > h[i].until) return err_set(e, ERR_DATA, "hold: its first day is after its last");
        if (!quantity || !amount) return err_set(e, ERR_DATA, "hold: a quantity above 0 and an amount from 0 on");
        if (h[i].document.n > LIMIT_TEXT || h[i].why.n > LIMIT_TEXT)
            return err_set(e, ERR_DATA, "hold: texts of at most %d bytes", LIMIT_TEXT);
    }
    return true;
}

void hold_put(txn *t, uint64_t seq, uint32_t partner_no, str source, const hold *line, size_t n) {
    key prefix = prefix_of(partner_no, source);
    uint32_t gone = 0;
    for (AUTO(kv_cursor) c = kv_from(t, TABLE_HOLD, key_str(&prefix), STR_NONE); kv_next(&c);) gone++;
    for (uint32_t i = 0; i < gone || i < n; i++) {
        AUTO(buf) b = {0};
        key k = prefix;
        key_u32(&k, i + 1);
        if (i >= n) {
            (void)kv_del(t, TABLE_HOLD, key_str(&k));
            continue;
        }
        buf_byte(&b, (char)line[i].state);
        buf_be32(&b, line[i].product);
        buf_be64(&b, (uint64_t)line[i].quantity);
        buf_be64(&b, (uint64_t)line[i].amount);
        buf_be32(&b, (uint32_t)line[i].from);
        buf_be32(&b, (uint32_t)line[i].until);
        buf_be64(&b, seq);
        buf_text(&b, line[i].document);
        buf_text(&b, line[i].why);
        kv_put(t, TABLE_HOLD, key_str(&k), buf_str(&b));
    }
}

size_t holds_of(txn *t, uint32_t partner_no, arena *a, hold **out) {
    key prefix = prefix_of(partner_no, STR_NONE);
    size_t n = 0, cap = 0;
    *out = NULL;
    if (partner_no == 0) prefix.n = 0;
    for (AUTO(kv_cursor) c = kv_from(t, TABLE_HOLD, key_str(&prefix), STR_NONE); kv_next(&c);) {
        hold h;
        if (!decode(c.key, c.val, &h)) continue;
        *out = arena_grown(a, *out, n, &cap, sizeof **out);
        h.source = arena_str(a, h.source);
        h.document = h.document.n ? arena_str(a, h.document) : STR("");
        h.why = h.why.n ? arena_str(a, h.why) : STR("");
        (*out)[n++] = h;
    }
    return n;
}

bool hold_is_open(txn *t, uint32_t partner_no, str *source) {
    key prefix = prefix_of(partner_no, STR_NONE);
    for (AUTO(kv_cursor) c = kv_from(t, TABLE_HOLD, key_str(&prefix), STR_NONE); kv_next(&c);) {
        hold h;
        if (!decode(c.key, c.val, &h) || h.state != HOLD_OPEN) continue;
        if (source) *source = h.source;
        return true;
    }
    return false;
}

static bool line_of(txn *t, const Entry__Hold *m, const Entry__HoldLine *x, hold *out, err *e) {
    product p = {.no = 0};
    if (x->product[0] && !product_by_sku(t, str_of(x->product), &p))
        return txn_ok(t, e) && err_set(e, ERR_NOT_FOUND, "product '%s': unknown", x->product);
    *out = (hold){.source = str_of(m->source),
                  .state = (hold_state)x->state,
                  .product = p.no,
                  .document = str_of(x->document),
                  .quantity = x->quantity ? x->quantity : NUM_NONE,
                  .amount = x->amount ? x->amount : NUM_NONE,
                  .from = x->from,
                  .until = x->until,
                  .why = str_of(m->why)};
    return true;
}

bool ledger_hold(txn *t, const entry *en, const Entry__Hold *m, apply_result *r, err *e) {
    partner p;
    hold line[LIMIT_REPEATED];
    if (!partner_by_id(t, str_of(m->partner), &p))
        return txn_ok(t, e) && err_set(e, ERR_NOT_FOUND, "partner '%s': unknown", m->partner);
    if (m->n_line > LIMIT_REPEATED || m->source[0] == 0 || strlen(m->source) > LIMIT_ID)
        return err_set(e, ERR_DATA, "hold: a source of at most %d bytes with at most %d lines", LIMIT_ID,
                       LIMIT_REPEATED);
    for (size_t i = 0; i < m->n_line; i++) TRY(line_of(t, m, m->line[i], &line[i], e));
    TRY(hold_check(line, m->n_line, e));
    hold_put(t, en->seq, p.no, str_of(m->source), line, m->n_line);
    r->number = en->seq;
    return txn_ok(t, e);
}

bool hold_content(txn *t, str stored_key, str val, buf *out) {
    hold h;
    if (!decode(stored_key, val, &h)) return false;
    buf_text(out, partner_id(t, h.partner));
    buf_text(out, h.source);
    buf_be32(out, h.line);
    buf_byte(out, (char)h.state);
    buf_text(out, h.product ? product_sku(t, h.product) : STR(""));
    buf_text(out, h.document);
    buf_zigzag(out, h.quantity);
    buf_zigzag(out, h.amount);
    buf_zigzag(out, h.from);
    buf_zigzag(out, h.until);
    buf_text(out, h.why);
    return true;
}
