#include "daemon/replenish/trials.h"

#include "base/num.h"
#include "daemon/catalog/catalog.h"
#include "daemon/catalog/partner.h"
#include "daemon/catalog/product.h"
#include "daemon/store/keys.h"
#include "daemon/store/store.h"
#include "proto/limits.h"

enum { PAIR = 8 };

bool trial_decode(str stored_key, str val, trial_run *out) {
    reader r = reader_of(val);
    *out = (trial_run){.id = stored_key, .product = read_be32(&r)};
    out->from = (day_t)read_be32(&r);
    out->to = (day_t)read_be32(&r);
    out->target = (int64_t)read_be64(&r);
    out->entry = read_be64(&r);
    out->result = (trial_result)read_byte(&r);
    out->ended = (day_t)read_be32(&r);
    str *texts[] = {&out->by, &out->note, &out->regions, &out->figures, &out->figures_zh, &out->reason};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) *texts[i] = read_text(&r);
    out->terminals = str_from(r.p, (size_t)(r.end - r.p));
    return !r.bad && out->result < TRIAL_RESULT_COUNT && out->terminals.n % PAIR == 0;
}

bool trial_get(txn *t, str id, trial_run *out) {
    str val;
    return id.n && id.n <= LIMIT_ID && kv_get(t, TABLE_TRIAL, id, &val) && trial_decode(id, val, out);
}

size_t trial_terminals(const trial_run *x) {
    return x->terminals.n / PAIR;
}

void trial_terminal_at(const trial_run *x, size_t i, uint32_t *partner_no, uint32_t *matched) {
    *partner_no = get_be32(x->terminals.p + i * PAIR);
    *matched = get_be32(x->terminals.p + i * PAIR + 4);
}

static void put(txn *t, const trial_run *x) {
    AUTO(buf) b = {0};
    buf_be32(&b, x->product);
    buf_be32(&b, (uint32_t)x->from);
    buf_be32(&b, (uint32_t)x->to);
    buf_be64(&b, (uint64_t)x->target);
    buf_be64(&b, x->entry);
    buf_byte(&b, (char)x->result);
    buf_be32(&b, (uint32_t)x->ended);
    const str texts[] = {x->by, x->note, x->regions, x->figures, x->figures_zh, x->reason};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) buf_text(&b, texts[i]);
    buf_add(&b, x->terminals);
    kv_put(t, TABLE_TRIAL, x->id, buf_str(&b));
}

/* ---- apply */

static bool read_pair(txn *t, const Entry__Trial *m, size_t i, buf *out, err *e) {
    partner p, q = {.no = 0};
    if (!partner_by_id(t, str_of(m->terminal[i]), &p))
        return err_set(e, ERR_NOT_FOUND, "terminal '%s': unknown", m->terminal[i]);
    if (m->matched[i][0] && !partner_by_id(t, str_of(m->matched[i]), &q))
        return err_set(e, ERR_NOT_FOUND, "terminal '%s': unknown", m->matched[i]);
    buf_be32(out, p.no);
    buf_be32(out, q.no);
    return true;
}

bool replenish_trial(txn *t, const entry *en, const Entry__Trial *m, apply_result *r, err *e) {
    AUTO(buf) pairs = {0};
    product of;
    trial_run x;
    str id = str_of(m->id);
    if (id.n == 0 || id.n > LIMIT_ID) return err_set(e, ERR_DATA, "a trial's id has 1 to %d bytes", LIMIT_ID);
    if (trial_get(t, id, &x)) return err_set(e, ERR_CONFLICT, "trial '%s' is there already", m->id);
    if (!product_by_sku(t, str_of(m->sku), &of)) return err_set(e, ERR_NOT_FOUND, "product '%s': unknown", m->sku);
    if (m->n_terminal == 0 || m->n_terminal > LIMIT_REPEATED || m->n_matched != m->n_terminal || m->from > m->to ||
        m->target < 0 || strlen(m->note) > LIMIT_TEXT)
        return err_set(e, ERR_DATA, "trial '%s': not a trial (1 to %d terminals, --from up to --to)", m->id,
                       LIMIT_REPEATED);
    for (size_t i = 0; i < m->n_terminal; i++) TRY(read_pair(t, m, i, &pairs, e));
    x = (trial_run){.id = id,
                    .product = of.no,
                    .from = m->from,
                    .to = m->to,
                    .target = m->target,
                    .entry = en->seq,
                    .ended = DAY_MIN,
                    .by = en->actor,
                    .note = str_of(m->note),
                    .regions = STR(""),
                    .figures = STR(""),
                    .figures_zh = STR(""),
                    .reason = STR(""),
                    .terminals = buf_str(&pairs)};
    put(t, &x);
    r->lines++;
    return txn_ok(t, e);
}

bool replenish_trial_end(txn *t, const entry *en, const Entry__TrialEnd *m, apply_result *r, err *e) {
    AUTO(buf) kept = {0};
    trial_run x;
    str val;
    if (!trial_get(t, str_of(m->id), &x)) return err_set(e, ERR_NOT_FOUND, "trial '%s': unknown", m->id);
    if (x.result != TRIAL_OPEN)
        return err_set(e, ERR_CONFLICT, "trial '%s' is closed: %s", m->id, trial_result_name(x.result, LANGUAGE_EN));
    if (m->result <= TRIAL_OPEN || m->result >= TRIAL_RESULT_COUNT)
        return err_set(e, ERR_DATA, "trial '%s': no such result", m->id);
    if (strlen(m->regions) > LIMIT_TEXT || strlen(m->figures) > LIMIT_TEXT || strlen(m->figures_zh) > LIMIT_TEXT ||
        strlen(m->reason) > LIMIT_TEXT)
        return err_set(e, ERR_DATA, "trial '%s': a text has at most %d bytes", m->id, LIMIT_TEXT);
    ASSERT(kv_get(t, TABLE_TRIAL, str_of(m->id), &val));
    buf_add(&kept, val); /* what is read of it must outlive the put */
    ASSERT(trial_decode(str_of(m->id), buf_str(&kept), &x));
    x.entry = en->seq;
    x.result = (trial_result)m->result;
    x.ended = m->day;
    x.regions = str_of(m->regions);
    x.figures = str_of(m->figures);
    x.figures_zh = str_of(m->figures_zh);
    x.reason = str_of(m->reason);
    put(t, &x);
    r->lines++;
    return txn_ok(t, e);
}

bool trial_content(txn *t, uint32_t table, str stored_key, str val, buf *out) {
    trial_run x;
    if (table != TABLE_TRIAL || !trial_decode(stored_key, val, &x)) return false;
    const str texts[] = {x.id, product_sku(t, x.product), x.by, x.note, x.regions, x.figures, x.figures_zh, x.reason};
    const int64_t numbers[] = {x.from, x.to, x.target, x.result, x.ended};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) buf_text(out, texts[i]);
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) buf_zigzag(out, numbers[i]);
    for (size_t i = 0; i < trial_terminals(&x); i++) {
        uint32_t no, matched;
        trial_terminal_at(&x, i, &no, &matched);
        buf_text(out, partner_id(t, no));
        buf_text(out, partner_id(t, matched));
    }
    return true;
}
