#include "daemon/ledger/demand_mark.h"

#include "daemon/store/store.h"

static key key_of(uint32_t partner_no) {
    key k = {.n = 0};
    key_u32(&k, partner_no);
    return k;
}

demand_mark demand_mark_get(txn *t, uint32_t partner_no) {
    key k = key_of(partner_no);
    str val;
    if (!kv_get(t, TABLE_DEMAND_MARK, key_str(&k), &val)) return (demand_mark){.first = DAY_MAX};
    reader r = reader_of(val);
    demand_mark m = {.first = (day_t)read_be32(&r)};
    m.touches = read_be64(&r);
    return m;
}

static void put(txn *t, uint32_t partner_no, const demand_mark *m) {
    uint8_t raw[12];
    key k = key_of(partner_no);
    put_be32(raw, (uint32_t)m->first);
    put_be64(raw + 4, m->touches);
    kv_put(t, TABLE_DEMAND_MARK, key_str(&k), str_from(raw, sizeof raw));
}

void demand_mark_touch(txn *t, uint32_t partner_no, day_t day) {
    demand_mark m = demand_mark_get(t, partner_no);
    if (day < m.first) m.first = day;
    m.touches++;
    put(t, partner_no, &m);
}

void demand_mark_end(txn *t, uint32_t partner_no, const demand_mark *seen) {
    demand_mark m = demand_mark_get(t, partner_no);
    if (m.touches != seen->touches || seen->touches == 0) return;
    m.first = DAY_MAX;
    put(t, partner_no, &m);
}
