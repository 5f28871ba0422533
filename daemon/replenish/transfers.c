#include "daemon/replenish/transfers.h"

#include "base/num.h"
#include "daemon/catalog/catalog.h"
#include "daemon/catalog/life.h"
#include "daemon/catalog/partner.h"
#include "daemon/catalog/product.h"
#include "daemon/store/keys.h"
#include "daemon/store/store.h"
#include "proto/limits.h"

#include <inttypes.h>

static const life_step steps[] = {
    {TRANSFER_PROPOSED, TRANSFER_GIVER_AGREES, TRANSFER_OFFERED, ""},
    {TRANSFER_PROPOSED, TRANSFER_GIVER_REFUSES, TRANSFER_REFUSED, ""},
    {TRANSFER_OFFERED, TRANSFER_TAKER_AGREES, TRANSFER_AGREED, ""},
    {TRANSFER_OFFERED, TRANSFER_TAKER_REFUSES, TRANSFER_REFUSED, ""},
    {TRANSFER_OFFERED, TRANSFER_GIVER_REFUSES, TRANSFER_REFUSED, ""}, /* sold meanwhile */
};

static const char *const states[TRANSFER_STATE_END] = {
#define X(state, no, name) [no] = name,
    TRANSFER_STATES(X)
#undef X
};

const char *transfer_state_name(transfer_state s) {
    return states[s];
}

bool transfer_state_parse(str s, transfer_state *out) {
    for (*out = TRANSFER_PROPOSED; *out < TRANSFER_STATE_END; ++*out)
        if (str_is(s, states[*out])) return true;
    return false;
}

bool transfer_step_to(transfer_state from, transfer_act act, transfer_state *to) {
    *to = (transfer_state)life_to(steps, ARRAY_LEN(steps), (uint8_t)from, (uint8_t)act);
    return *to != 0;
}

void transfer_reference(buf *out, uint64_t number) {
    buf_printf(out, "T%" PRIu64, number);
}

/* ---- the record */

bool transfer_decode(str stored_key, str val, transfer *out) {
    reader k = reader_of(stored_key), r = reader_of(val);
    *out = (transfer){.number = read_be64(&k)};
    out->giver = read_be32(&r);
    out->taker = read_be32(&r);
    out->product = read_be32(&r);
    out->quantity = (int64_t)read_be64(&r);
    out->state = (transfer_state)read_byte(&r);
    out->entry = read_be64(&r);
    out->proposed = (day_t)read_be32(&r);
    out->offered = (day_t)read_be32(&r);
    out->decided = (day_t)read_be32(&r);
    out->giver_stock = (int64_t)read_be64(&r);
    out->giver_cover = (int32_t)read_be32(&r);
    out->taker_stock = (int64_t)read_be64(&r);
    out->taker_cover = (int32_t)read_be32(&r);
    str *texts[] = {&out->by_giver, &out->by_taker, &out->reason};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) *texts[i] = read_text(&r);
    return !k.bad && !r.bad && out->state >= TRANSFER_PROPOSED && out->state < TRANSFER_STATE_END;
}

static key key_of(uint64_t number) {
    key k = {.n = 0};
    key_u64(&k, number);
    return k;
}

bool transfer_get(txn *t, uint64_t number, transfer *out) {
    key k = key_of(number);
    str val;
    return kv_get(t, TABLE_TRANSFER, key_str(&k), &val) && transfer_decode(key_str(&k), val, out);
}

static void put(txn *t, const transfer *x) {
    AUTO(buf) b = {0};
    key k = key_of(x->number);
    buf_be32(&b, x->giver);
    buf_be32(&b, x->taker);
    buf_be32(&b, x->product);
    buf_be64(&b, (uint64_t)x->quantity);
    buf_byte(&b, (char)x->state);
    buf_be64(&b, x->entry);
    buf_be32(&b, (uint32_t)x->proposed);
    buf_be32(&b, (uint32_t)x->offered);
    buf_be32(&b, (uint32_t)x->decided);
    buf_be64(&b, (uint64_t)x->giver_stock);
    buf_be32(&b, (uint32_t)x->giver_cover);
    buf_be64(&b, (uint64_t)x->taker_stock);
    buf_be32(&b, (uint32_t)x->taker_cover);
    const str texts[] = {x->by_giver, x->by_taker, x->reason};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) buf_text(&b, texts[i]);
    kv_put(t, TABLE_TRANSFER, key_str(&k), buf_str(&b));
}

/* ---- apply */

static bool read_row(txn *t, const Entry__TransferRow *m, transfer *out, err *e) {
    partner giver, taker;
    product x;
    if (!partner_by_id(t, str_of(m->giver), &giver))
        return err_set(e, ERR_NOT_FOUND, "partner '%s': unknown", m->giver);
    if (!partner_by_id(t, str_of(m->taker), &taker))
        return err_set(e, ERR_NOT_FOUND, "partner '%s': unknown", m->taker);
    if (!product_by_sku(t, str_of(m->sku), &x)) return err_set(e, ERR_NOT_FOUND, "product '%s': unknown", m->sku);
    *out = (transfer){.giver = giver.no,
                      .taker = taker.no,
                      .product = x.no,
                      .quantity = m->quantity,
                      .state = TRANSFER_PROPOSED,
                      .offered = DAY_MIN,
                      .decided = DAY_MIN,
                      .giver_stock = m->giver_stock,
                      .giver_cover = m->giver_cover,
                      .taker_stock = m->taker_stock,
                      .taker_cover = m->taker_cover,
                      .by_giver = STR(""),
                      .by_taker = STR(""),
                      .reason = STR("")};
    return (m->quantity > 0 && m->quantity <= LIMIT_QUANTITY && giver.no != taker.no) ||
           err_set(e, ERR_DATA, "transfer of '%s' from '%s' to '%s': not a transfer", m->sku, m->giver, m->taker);
}

bool replenish_transfer(txn *t, const entry *en, const Entry__Transfers *m, apply_result *r, err *e) {
    transfer x;
    for (size_t i = 0; i < m->n_row; i++) TRY(read_row(t, m->row[i], &x, e));
    uint64_t number = m->n_row ? store_next_many(t, "transfer", m->n_row) : 0;
    r->number = number;
    for (size_t i = 0; i < m->n_row; i++) {
        TRY(read_row(t, m->row[i], &x, e));
        x.number = number + i;
        x.entry = en->seq;
        x.proposed = m->day;
        put(t, &x);
        r->lines++;
    }
    return txn_ok(t, e);
}

bool replenish_transfer_step(txn *t, const entry *en, const Entry__TransferStep *m, apply_result *r, err *e) {
    AUTO(buf) giver = {0};
    AUTO(buf) taker = {0};
    AUTO(buf) reason = {0};
    transfer x;
    transfer_act act = m->refuse ? (m->taker ? TRANSFER_TAKER_REFUSES : TRANSFER_GIVER_REFUSES)
                                 : (m->taker ? TRANSFER_TAKER_AGREES : TRANSFER_GIVER_AGREES);
    if (!transfer_get(t, m->transfer, &x)) return err_set(e, ERR_NOT_FOUND, "no transfer %" PRIu64, m->transfer);
    transfer_state was = x.state;
    if (!transfer_step_to(was, act, &x.state))
        return err_set(e, ERR_CONFLICT, "transfer %" PRIu64 " is %s", m->transfer, transfer_state_name(was));
    if (strlen(m->reason) > LIMIT_TEXT) return err_set(e, ERR_DATA, "a reason has at most %d bytes", LIMIT_TEXT);
    if (x.state == TRANSFER_OFFERED) x.offered = m->day;
    else
        x.decided = m->day;
    buf_add(&giver, m->taker ? x.by_giver : en->actor);
    buf_add(&taker, m->taker ? en->actor : x.by_taker);
    buf_add(&reason, m->reason[0] ? str_of(m->reason) : x.reason);
    x.by_giver = buf_str(&giver);
    x.by_taker = buf_str(&taker);
    x.reason = buf_str(&reason);
    x.entry = en->seq;
    put(t, &x);
    r->number = x.number;
    return txn_ok(t, e);
}

bool transfer_content(txn *t, uint32_t table, str stored_key, str val, buf *out) {
    transfer x;
    if (table != TABLE_TRANSFER || !transfer_decode(stored_key, val, &x)) return false;
    const str texts[] = {
        partner_id(t, x.giver), partner_id(t, x.taker), product_sku(t, x.product), x.by_giver, x.by_taker, x.reason};
    const int64_t numbers[] = {x.quantity,    x.state,       x.proposed,    x.offered,    x.decided,
                               x.giver_stock, x.giver_cover, x.taker_stock, x.taker_cover};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) buf_text(out, texts[i]);
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) buf_zigzag(out, numbers[i]);
    return true;
}
