#include "daemon/rebate/vouchers.h"

#include "daemon/rebate/accounts.h"
#include "daemon/rebate/closing.h"
#include "daemon/store/keys.h"
#include "daemon/store/store.h"

static const char *const names_of[] = {
#define X(kind, name) [kind] = name,
    VOUCHER_KINDS(X)
#undef X
};

const char *voucher_kind_name(voucher_kind k) {
    return names_of[k];
}

bool voucher_kind_parse(str s, voucher_kind *out) {
    for (*out = 0; *out < VOUCHER_KIND_COUNT; ++*out)
        if (str_is(s, names_of[*out])) return true;
    return false;
}

static bool decode(str stored_key, str val, voucher_batch *out) {
    reader k = reader_of(stored_key), r = reader_of(val);
    out->number = read_be64(&k);
    out->from = read_be64(&r);
    out->through = read_be64(&r);
    out->time_ms = (int64_t)read_be64(&r);
    out->accounts = read_be32(&r);
    out->kind = read_text(&r);
    out->period = read_text(&r);
    out->by = read_text(&r);
    return !k.bad && !r.bad;
}

bool voucher_batch_get(txn *t, uint64_t number, voucher_batch *out) {
    key k = {.n = 0};
    str val;
    key_u64(&k, number);
    return kv_get(t, TABLE_VOUCHERS, key_str(&k), &val) && decode(key_str(&k), val, out);
}

bool voucher_batch_last(txn *t, str kind, str period, voucher_batch *out) {
    for (AUTO(kv_cursor) c = kv_back(t, TABLE_VOUCHERS, STR(""), STR_NONE); kv_next(&c);)
        if (decode(c.key, c.val, out) && str_eq(out->kind, kind) && str_eq(out->period, period)) return true;
    *out = (voucher_batch){0};
    return false;
}

bool rebate_vouchers(txn *t, const entry *en, const Entry__Vouchers *m, apply_result *r, err *e) {
    AUTO(buf) b = {0};
    voucher_batch last = {.through = 0};
    voucher_kind kind;
    period_kind of;
    str name;
    key k = {.n = 0};
    if (!voucher_kind_parse(str_of(m->kind), &kind) || !closing_parse(str_of(m->period), &of, NULL, &name) ||
        m->through <= m->from || m->through >= en->seq)
        return err_set(e, ERR_DATA, "vouchers: a known kind, a period, and entries that are there");
    (void)voucher_batch_last(t, str_of(m->kind), str_of(m->period), &last);
    if (m->from != last.through) return err_set(e, ERR_CONFLICT, "vouchers: another batch was cut since: ask again");
    str yaml = str_of(m->accounts);
    uint32_t revision = 0;
    if (yaml.n > ACCOUNTS_BYTES) return err_set(e, ERR_DATA, "vouchers: at most %d bytes of accounts", ACCOUNTS_BYTES);
    if (yaml.n == 0 && !accounts_get(t, 0, &yaml, &revision))
        return txn_ok(t, e) && err_set(e, ERR_NOT_FOUND, "vouchers: no accounts");
    if (revision == 0) revision = accounts_put(t, en, yaml);
    r->number = store_next(t, "vouchers");
    key_u64(&k, r->number);
    buf_be64(&b, m->from);
    buf_be64(&b, m->through);
    buf_be64(&b, (uint64_t)en->time_ms);
    buf_be32(&b, revision);
    const str texts[] = {str_of(m->kind), str_of(m->period), en->actor};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) buf_text(&b, texts[i]);
    kv_put(t, TABLE_VOUCHERS, key_str(&k), buf_str(&b));
    return txn_ok(t, e);
}
