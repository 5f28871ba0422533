#include "daemon/replenish/orders.h"

#include "daemon/catalog/partner.h"
#include "daemon/catalog/product.h"
#include "daemon/catalog/settings.h"
#include "daemon/store/keys.h"
#include "daemon/store/store.h"
#include <inttypes.h>
#include <stdlib.h>

/* ---- records */

static key number_key(uint64_t number) {
    key k = {.n = 0};
    key_u64(&k, number);
    return k;
}

static key order_key(uint32_t partner_no, uint64_t number) {
    key k = {.n = 0};
    key_u32(&k, partner_no);
    key_u64(&k, number);
    return k;
}

static key under_key(uint64_t number, uint32_t which) {
    key k = number_key(number);
    key_u32(&k, which);
    return k;
}

bool order_decode(str stored_key, str val, order *out) {
    reader k = reader_of(stored_key), r = reader_of(val);
    *out = (order){.partner = read_be32(&k)};
    out->number = read_be64(&k);
    out->state = (order_state)read_byte(&r);
    out->entry = read_be64(&r);
    int64_t *times[] = {&out->made_ms, &out->placed_ms, &out->approved_ms,
                        &out->amount,  &out->wallet,    &out->wallet_used};
    for (size_t i = 0; i < ARRAY_LEN(times); i++) *times[i] = (int64_t)read_be64(&r);
    uint32_t *numbers[] = {&out->currency, &out->steps};
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) *numbers[i] = read_be32(&r);
    str *texts[] = {&out->company, &out->source, &out->reference, &out->deliver_to, &out->erp, &out->reason};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) *texts[i] = read_text(&r);
    return !k.bad && !r.bad && out->state >= ORDER_SUGGESTED && out->state < ORDER_STATE_END;
}

bool order_get(txn *t, uint64_t number, order *out) {
    key by_no = number_key(number);
    str val;
    if (!kv_get(t, TABLE_ORDER_NO, key_str(&by_no), &val) || val.n != 4) return false;
    key k = order_key(get_be32(val.p), number);
    return kv_get(t, TABLE_ORDER, key_str(&k), &val) && order_decode(key_str(&k), val, out);
}

void order_put(txn *t, const order *o) {
    AUTO(buf) b = {0};
    uint8_t raw[4];
    key k = order_key(o->partner, o->number), by_no = number_key(o->number);
    buf_byte(&b, (char)o->state);
    buf_be64(&b, o->entry);
    const int64_t times[] = {o->made_ms, o->placed_ms, o->approved_ms, o->amount, o->wallet, o->wallet_used};
    for (size_t i = 0; i < ARRAY_LEN(times); i++) buf_be64(&b, (uint64_t)times[i]);
    const uint32_t numbers[] = {o->currency, o->steps};
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) buf_be32(&b, numbers[i]);
    const str texts[] = {o->company, o->source, o->reference, o->deliver_to, o->erp, o->reason};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) buf_text(&b, texts[i]);
    kv_put(t, TABLE_ORDER, key_str(&k), buf_str(&b));
    put_be32(raw, o->partner);
    kv_put(t, TABLE_ORDER_NO, key_str(&by_no), str_from(raw, sizeof raw));
}

bool order_line_decode(str stored_key, str val, order_line *out) {
    reader k = reader_of(stored_key), r = reader_of(val);
    (void)read_be64(&k);
    *out = (order_line){.product = read_be32(&k)};
    int64_t *figures[] = {&out->suggested, &out->quantity, &out->price,     &out->shipped,
                          &out->received,  &out->damaged,  &out->shipped_ms};
    for (size_t i = 0; i < ARRAY_LEN(figures); i++) *figures[i] = (int64_t)read_be64(&r);
    if (!reader_done(&r)) out->instead = read_be32(&r), out->offered = (int64_t)read_be64(&r);
    return !k.bad && !r.bad;
}

bool order_line_get(txn *t, uint64_t number, uint32_t product_no, order_line *out) {
    key k = under_key(number, product_no);
    str val;
    return kv_get(t, TABLE_ORDER_LINE, key_str(&k), &val) && order_line_decode(key_str(&k), val, out);
}

void order_line_put(txn *t, uint64_t number, const order_line *l) {
    uint8_t raw[68];
    key k = under_key(number, l->product);
    const int64_t figures[] = {l->suggested, l->quantity, l->price, l->shipped, l->received, l->damaged, l->shipped_ms};
    for (size_t i = 0; i < ARRAY_LEN(figures); i++) put_be64(raw + 8 * i, (uint64_t)figures[i]);
    put_be32(raw + 56, l->instead);
    put_be64(raw + 60, (uint64_t)l->offered);
    kv_put(t, TABLE_ORDER_LINE, key_str(&k), str_from(raw, l->instead ? sizeof raw : 56));
}

void order_line_drop(txn *t, uint64_t number, uint32_t product_no) {
    key k = under_key(number, product_no);
    (void)kv_del(t, TABLE_ORDER_LINE, key_str(&k));
}

bool order_event_decode(str val, order_event *out) {
    reader r = reader_of(val);
    *out = (order_event){.entry = read_be64(&r)};
    out->time_ms = (int64_t)read_be64(&r);
    out->act = (order_act)read_byte(&r);
    out->to = (order_state)read_byte(&r);
    str *texts[] = {&out->by, &out->reason, &out->document};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) *texts[i] = read_text(&r);
    if (!reader_done(&r)) out->photos = read_text(&r);
    return !r.bad && out->act >= ORDER_DO_CONFIRM && out->act < ORDER_ACT_END && out->to < ORDER_STATE_END;
}

void order_event_put(txn *t, order *o, const entry *en, const order_event *x) {
    AUTO(buf) b = {0};
    key k = under_key(o->number, ++o->steps);
    buf_be64(&b, en->seq);
    buf_be64(&b, (uint64_t)en->time_ms);
    buf_byte(&b, (char)x->act);
    buf_byte(&b, (char)x->to);
    const str texts[] = {en->actor, x->reason, x->document, x->photos};
    for (size_t i = 0; i < ARRAY_LEN(texts) - (x->photos.n == 0); i++) buf_text(&b, texts[i]);
    kv_put(t, TABLE_ORDER_STEP, key_str(&k), buf_str(&b));
    o->state = x->to;
    o->entry = en->seq;
}

bool order_knows(txn *t, uint64_t number, order_act act, str document) {
    bool known = false;
    for (AUTO(kv_cursor) c = order_events(t, number); !known && kv_next(&c);) {
        order_event x;
        known = document.n && order_event_decode(c.val, &x) && x.act == act && str_eq(x.document, document);
    }
    return known;
}

/* ---- codes that came */

static key scanned_key(uint64_t number, str code) {
    key k = number_key(number);
    key_bytes(&k, code.p, code.n);
    return k;
}

bool order_code_known(txn *t, uint64_t number, str code) {
    key k = scanned_key(number, code);
    str val;
    return kv_get(t, TABLE_ORDER_CODE, key_str(&k), &val);
}

void order_code_put(txn *t, const order *o, str code) {
    uint8_t raw[4];
    key k = scanned_key(o->number, code);
    put_be32(raw, o->steps);
    kv_put(t, TABLE_ORDER_CODE, key_str(&k), str_from(raw, sizeof raw));
}

/* ---- walks and sums */

kv_cursor order_lines(txn *t, uint64_t number) {
    key k = number_key(number);
    return kv_from(t, TABLE_ORDER_LINE, key_str(&k), STR_NONE);
}

kv_cursor order_events(txn *t, uint64_t number) {
    key k = number_key(number);
    return kv_from(t, TABLE_ORDER_STEP, key_str(&k), STR_NONE);
}

kv_cursor orders_of(txn *t, uint32_t partner_no) {
    key k = {.n = 0};
    key_u32(&k, partner_no);
    return kv_from(t, TABLE_ORDER, key_str(&k), STR_NONE);
}

size_t order_lines_all(txn *t, uint64_t number, arena *a, order_line **out) {
    size_t n = 0, cap = 0;
    *out = NULL;
    for (AUTO(kv_cursor) c = order_lines(t, number); kv_next(&c);) {
        *out = arena_grown(a, *out, n, &cap, sizeof **out);
        n += order_line_decode(c.key, c.val, &(*out)[n]);
    }
    return n;
}

int64_t order_line_amount(const order_line *l, int64_t quantity, uint32_t currency) {
    char letters[4];
    int64_t amount;
    unsigned scale = currency_scale(currency_text(currency, letters));
    if (l->price == NUM_NONE) return NUM_NONE;
    return mul_div(l->price, quantity, pow10_i64(MICRO_SCALE + QUANTITY_SCALE - scale), &amount) ? amount : NUM_NONE;
}

int64_t order_amount(txn *t, const order *o) {
    int64_t sum = 0;
    for (AUTO(kv_cursor) c = order_lines(t, o->number); kv_next(&c);) {
        order_line l;
        if (!order_line_decode(c.key, c.val, &l)) continue;
        int64_t now = order_line_amount(&l, l.quantity, o->currency);
        if (now == NUM_NONE || !add_i64(sum, now, &sum)) return NUM_NONE;
    }
    return sum;
}

void order_reference(buf *out, uint64_t number) {
    buf_printf(out, "O%" PRIu64, number);
}

bool order_holds(order_state s) {
    return s >= ORDER_APPROVED && s <= ORDER_RECEIVED;
}

static int by_product(const void *x, const void *y) {
    const order_flow *a = x, *b = y;
    return (a->product > b->product) - (a->product < b->product);
}

static void add_flow(order_flow *f, const order *o, const order_line *l, day_t arrived, int zone_min) {
    bool open = o->state == ORDER_CONFIRMED || order_holds(o->state);
    *f = (order_flow){.product = l->product};
    if (open && l->quantity > l->shipped) f->on_order = l->quantity - l->shipped;
    if (l->shipped > l->received && day_at(l->shipped_ms, zone_min) > arrived) f->in_transit = l->shipped - l->received;
}

size_t order_flows(txn *t, uint32_t partner_no, day_t arrived, int zone_min, arena *a, order_flow **out) {
    size_t n = 0, cap = 0, kept = 0;
    *out = NULL;
    for (AUTO(kv_cursor) each = orders_of(t, partner_no); kv_next(&each);) {
        order o;
        if (!order_decode(each.key, each.val, &o)) continue;
        if (o.state != ORDER_CONFIRMED && !order_holds(o.state)) continue;
        for (AUTO(kv_cursor) c = order_lines(t, o.number); kv_next(&c);) {
            order_line l;
            if (!order_line_decode(c.key, c.val, &l)) continue;
            *out = arena_grown(a, *out, n, &cap, sizeof **out);
            add_flow(&(*out)[n++], &o, &l, arrived, zone_min);
        }
    }
    if (n) qsort(*out, n, sizeof **out, by_product);
    for (size_t i = 0; i < n; i++) {
        order_flow *last = kept ? &(*out)[kept - 1] : NULL, now = (*out)[i];
        if (last && last->product == now.product) last->on_order += now.on_order, last->in_transit += now.in_transit;
        else
            (*out)[kept++] = now;
    }
    return kept;
}

int64_t orders_in(txn *t, uint32_t partner_no, uint32_t product_no, const order_span *span) {
    int64_t sum = 0;
    for (AUTO(kv_cursor) each = orders_of(t, partner_no); kv_next(&each);) {
        order o;
        order_line l;
        if (!order_decode(each.key, each.val, &o) || o.number == span->besides) continue;
        bool waits = span->confirmed && o.state == ORDER_CONFIRMED;
        day_t day = day_at(o.placed_ms, span->zone_min);
        if ((!waits && !order_holds(o.state) && o.state != ORDER_CLOSED) || day < span->from || day > span->to)
            continue;
        if (order_line_get(t, o.number, product_no, &l)) sum += o.state == ORDER_CLOSED ? l.shipped : l.quantity;
    }
    return sum;
}

/* ---- the standing order of a partner */

static key partner_key(uint32_t partner_no) {
    key k = {.n = 0};
    key_u32(&k, partner_no);
    return k;
}

uint64_t order_standing_of(txn *t, uint32_t partner_no) {
    key k = partner_key(partner_no);
    str val;
    return kv_get(t, TABLE_ORDER_STANDING, key_str(&k), &val) && val.n == 8 ? get_be64(val.p) : 0;
}

void order_standing_end(txn *t, uint32_t partner_no) {
    key k = partner_key(partner_no);
    (void)kv_del(t, TABLE_ORDER_STANDING, key_str(&k));
}

static uint64_t standing_new(txn *t, const entry *en, uint32_t partner_no) {
    AUTO(buf) company = {0};
    uint8_t raw[8];
    key k = partner_key(partner_no);
    buf_add(&company, setting_text(t, SETTING_COMPANY));
    order o = {.number = store_next(t, "order"),
               .entry = en->seq,
               .partner = partner_no,
               .currency = currency_no(setting_text(t, SETTING_CURRENCY)),
               .state = ORDER_SUGGESTED,
               .made_ms = en->time_ms,
               .amount = NUM_NONE,
               .company = buf_str(&company)};
    order_put(t, &o);
    put_be64(raw, o.number);
    kv_put(t, TABLE_ORDER_STANDING, key_str(&k), str_from(raw, sizeof raw));
    return o.number;
}

uint64_t order_standing_put(txn *t, const entry *en, uint32_t partner_no, uint32_t product_no, int64_t quantity,
                            int64_t price) {
    uint64_t number = order_standing_of(t, partner_no);
    order_line l = {.suggested = NUM_NONE}, now = {.product = product_no, .suggested = quantity, .quantity = quantity};
    if (number == 0) number = standing_new(t, en, partner_no);
    now.price = price;
    /* what the partner changed stays as it said */
    if (order_line_get(t, number, product_no, &l) && l.quantity != l.suggested) now.quantity = l.quantity;
    order_line_put(t, number, &now);
    return number;
}

void order_standing_drop(txn *t, const entry *en, uint64_t number, uint32_t product_no) {
    AUTO(arena) a = {0};
    order_line *l;
    order o;
    arena_init(&a, SIZE_MAX); /* bounded by the lines of an order */
    order_line_drop(t, number, product_no);
    if (order_lines_all(t, number, &a, &l) > 0 || !order_get(t, number, &o)) return;
    o.company = arena_str(&a, o.company);
    o.state = ORDER_WITHDRAWN;
    o.entry = en->seq;
    order_put(t, &o);
    order_standing_end(t, o.partner);
}

/* ---- lead times */

static key lead_key(uint32_t partner_no, uint32_t product_no) {
    key k = partner_key(partner_no);
    key_u32(&k, product_no);
    return k;
}

static bool lead_get(txn *t, const key *k, uint64_t out[static 3]) {
    str val;
    out[0] = out[1] = out[2] = 0;
    if (!kv_get(t, TABLE_LEAD_TIME, key_str(k), &val) || val.n != 24) return false;
    for (size_t i = 0; i < 3; i++) out[i] = get_be64(val.p + 8 * i);
    return true;
}

void lead_time_learn(txn *t, uint32_t partner_no, uint32_t product_no, int64_t days) {
    key k = lead_key(partner_no, product_no);
    uint64_t sums[3];
    uint8_t raw[24];
    (void)lead_get(t, &k, sums);
    uint64_t d = days < 0 ? 0 : (uint64_t)days;
    sums[0]++, sums[1] += d, sums[2] += d * d;
    for (size_t i = 0; i < 3; i++) put_be64(raw + 8 * i, sums[i]);
    kv_put(t, TABLE_LEAD_TIME, key_str(&k), str_from(raw, sizeof raw));
}

lead_time lead_time_of(txn *t, uint32_t partner_no, uint32_t product_no) {
    key k = lead_key(partner_no, product_no);
    uint64_t sums[3];
    if (!lead_get(t, &k, sums)) return (lead_time){.n = 0};
    double n = (double)sums[0], mean = (double)sums[1] / n;
    return (lead_time){(uint32_t)sums[0], (float)mean, (float)((double)sums[2] - n * mean * mean)};
}

/* ---- content */

static bool line_content(txn *t, str stored_key, str val, buf *out) {
    order_line l;
    order o;
    if (stored_key.n != 12 || !order_line_decode(stored_key, val, &l) || !order_get(t, get_be64(stored_key.p), &o))
        return false;
    buf_text(out, partner_id(t, o.partner));
    buf_byte(out, (char)o.state);
    buf_text(out, product_sku(t, l.product));
    const int64_t figures[] = {l.suggested, l.quantity, l.price, l.shipped, l.received, l.damaged};
    for (size_t i = 0; i < ARRAY_LEN(figures); i++) buf_zigzag(out, figures[i]);
    if (l.instead) buf_text(out, product_sku(t, l.instead)), buf_zigzag(out, l.offered);
    return true;
}

bool order_content(txn *t, uint32_t table, str stored_key, str val, buf *out) {
    order o;
    if (table == TABLE_ORDER_LINE) return line_content(t, stored_key, val, out);
    if (table != TABLE_ORDER || !order_decode(stored_key, val, &o)) return false;
    const str texts[] = {partner_id(t, o.partner), o.company, o.source, o.reference, o.deliver_to, o.erp, o.reason};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) buf_text(out, texts[i]);
    buf_byte(out, (char)o.state);
    const int64_t figures[] = {o.amount, o.wallet, o.wallet_used, o.currency};
    for (size_t i = 0; i < ARRAY_LEN(figures); i++) buf_zigzag(out, figures[i]);
    return true;
}
