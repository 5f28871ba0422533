#include "daemon/replenish/overstock.h"

#include "base/num.h"
#include "daemon/catalog/catalog.h"
#include "daemon/catalog/partner.h"
#include "daemon/catalog/product.h"
#include "daemon/store/keys.h"
#include "daemon/store/store.h"

#include <math.h>

static const char *const names[] = {"unknown", "early", "none", "alarm"};

const char *overstock_state_name(overstock_state s) {
    return names[s];
}

overstock_verdict overstock_judge(const overstock_rules *r, const overstock_facts *f) {
    overstock_verdict v = {OVERSTOCK_UNKNOWN, -1, -1, false};
    int64_t left = f->in > f->out ? f->in - f->out : 0, stands = f->stock == NUM_NONE ? left : f->stock;
    int32_t days = f->held_days < r->window ? f->held_days : r->window;
    if (!f->reported || f->held_days < 0) return v;
    v.state = f->held_days < r->settle ? OVERSTOCK_EARLY : OVERSTOCK_NONE;
    if (stands < 0) stands = 0;
    v.ratio = f->in <= 0 ? 0 : f->out <= 0 ? OVERSTOCK_FOR_EVER : (double)f->in / (double)f->out;
    v.cover = stands == 0   ? 0
              : f->out <= 0 ? OVERSTOCK_FOR_EVER
                            : (double)stands * (days > 0 ? days : 1) / (double)f->out;
    if (v.state == OVERSTOCK_EARLY) return v;
    v.lasts = v.cover >= r->cover;
    if (v.lasts && v.ratio >= r->ratio) v.state = OVERSTOCK_ALARM;
    return v;
}

static void put_ratio(double v, language l, buf *out) {
    bool zh = l == LANGUAGE_ZH;
    if (v >= OVERSTOCK_FOR_EVER) buf_addz(out, zh ? "（无动销）" : " (nothing sold)");
    else {
        buf_addz(out, zh ? "（" : " ("), dec_put(out, llround(v * 10), 1, 0);
        buf_addz(out, zh ? "倍）" : " times)");
    }
}

void overstock_why(const overstock_rules *r, const overstock_facts *f, const overstock_verdict *v, language l,
                   buf *out) {
    bool zh = l == LANGUAGE_ZH;
    if (v->state == OVERSTOCK_UNKNOWN) {
        buf_addz(out, zh ? "未上报销售，无法判断。" : "No sales are reported: nobody can say.");
        return;
    }
    buf_printf(out, zh ? "%d天进货" : "In %d days ", (int)r->window), dec_put(out, f->in, QUANTITY_SCALE, 0);
    buf_addz(out, zh ? "，终端动销" : " came in, "), dec_put(out, f->out, QUANTITY_SCALE, 0);
    if (!zh) buf_addz(out, " went out for good");
    if (f->in > 0) put_ratio(v->ratio, l, out);
    if (f->stock == NUM_NONE) buf_addz(out, zh ? "，库存未盘点" : ", the stock was never counted");
    else
        buf_addz(out, zh ? "，库存" : ", stock "), dec_put(out, f->stock, QUANTITY_SCALE, 0);
    if (v->cover < OVERSTOCK_FOR_EVER && v->cover > 0) {
        buf_addz(out, zh ? "，可销" : ", lasts "), dec_put(out, llround(v->cover), 0, 0);
        buf_addz(out, zh ? "天" : " days");
    }
    buf_addz(out, zh ? "。" : ".");
}

/* ---- what stands */

static key key_of(uint32_t partner_no, uint32_t product_no) {
    key k = {.n = 0};
    key_u32(&k, partner_no);
    key_u32(&k, product_no);
    return k;
}

bool overstock_decode(str stored_key, str val, overstock_alarm *out) {
    reader k = reader_of(stored_key), r = reader_of(val);
    *out = (overstock_alarm){.partner = read_be32(&k)};
    out->product = read_be32(&k);
    out->entry = read_be64(&r);
    out->day = (day_t)read_be32(&r);
    out->in = (int64_t)read_be64(&r);
    out->out = (int64_t)read_be64(&r);
    out->stock = (int64_t)read_be64(&r);
    out->cover = (int32_t)read_be32(&r);
    return !k.bad && !r.bad;
}

bool overstock_get(txn *t, uint32_t partner_no, uint32_t product_no, overstock_alarm *out) {
    key k = key_of(partner_no, product_no);
    str val;
    return kv_get(t, TABLE_OVERSTOCK, key_str(&k), &val) && overstock_decode(key_str(&k), val, out);
}

static void raise(txn *t, const entry *en, const key *k, day_t day, const Entry__OverstockRow *m) {
    AUTO(buf) b = {0};
    buf_be64(&b, en->seq);
    buf_be32(&b, (uint32_t)day);
    buf_be64(&b, (uint64_t)m->in);
    buf_be64(&b, (uint64_t)m->out);
    buf_be64(&b, (uint64_t)(m->counted ? m->stock : NUM_NONE));
    buf_be32(&b, (uint32_t)m->cover);
    kv_put(t, TABLE_OVERSTOCK, key_str(k), buf_str(&b));
}

static bool row_key(txn *t, const Entry__OverstockRow *m, key *out, err *e) {
    partner p;
    product x;
    if (!partner_by_id(t, str_of(m->partner), &p))
        return err_set(e, ERR_NOT_FOUND, "partner '%s': unknown", m->partner);
    if (!product_by_sku(t, str_of(m->sku), &x)) return err_set(e, ERR_NOT_FOUND, "product '%s': unknown", m->sku);
    *out = key_of(p.no, x.no);
    return true;
}

bool replenish_overstock(txn *t, const entry *en, const Entry__Overstock *m, apply_result *r, err *e) {
    key k;
    str old;
    for (size_t i = 0; i < m->n_row; i++) TRY(row_key(t, m->row[i], &k, e));
    for (size_t i = 0; i < m->n_row; i++) {
        TRY(row_key(t, m->row[i], &k, e));
        bool stands = kv_get(t, TABLE_OVERSTOCK, key_str(&k), &old);
        if (stands == m->row[i]->raised) continue;
        if (stands) (void)kv_del(t, TABLE_OVERSTOCK, key_str(&k));
        else
            raise(t, en, &k, (day_t)m->day, m->row[i]);
        r->lines++;
    }
    return txn_ok(t, e);
}

bool overstock_content(txn *t, uint32_t table, str stored_key, str val, buf *out) {
    overstock_alarm x;
    if (table != TABLE_OVERSTOCK || !overstock_decode(stored_key, val, &x)) return false;
    buf_text(out, partner_id(t, x.partner));
    buf_text(out, product_sku(t, x.product));
    buf_zigzag(out, x.day);
    buf_zigzag(out, x.in);
    buf_zigzag(out, x.out);
    buf_zigzag(out, x.stock);
    buf_zigzag(out, x.cover);
    return true;
}
