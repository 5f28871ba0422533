#include "daemon/rebate/accrual.h"

#include "daemon/catalog/partner.h"
#include "daemon/rebate/closing.h"
#include "daemon/rebate/texts.h"
#include "daemon/store/keys.h"
#include "daemon/store/store.h"
#include "proto/limits.h"

bool line_stage_parse(str s, unsigned *out) {
    for (*out = 0; *out < POLICY_STAGES; ++*out)
        if (str_is(s, policy_stage_name(*out))) return true;
    return false;
}

/* ---- records */

key accrual_key(const line_key *k) {
    key out = {.n = 0};
    key_textz(&out, k->policy);
    key_textz(&out, k->period);
    key_u32(&out, k->partner);
    key_u8(&out, (uint8_t)k->stage);
    key_text(&out, k->mechanism);
    return out;
}

static bool key_decode(str stored_key, line_key *out) {
    reader r = reader_of(stored_key);
    out->policy = read_textz(&r);
    out->period = read_textz(&r);
    out->partner = read_be32(&r);
    out->stage = read_byte(&r);
    out->mechanism = str_from(r.p, (size_t)(r.end - r.p));
    return !r.bad && out->stage < POLICY_STAGES;
}

bool accrual_decode(str stored_key, str val, accrual *out) {
    reader r = reader_of(val);
    out->revision = read_be32(&r);
    out->entry = read_be64(&r);
    out->settled = (int64_t)read_be64(&r);
    out->expected = read_byte(&r) != 0;
    out->parts = str_from(r.p, (size_t)(r.end - r.p));
    return !r.bad && key_decode(stored_key, &out->at);
}

bool accrual_get(txn *t, const line_key *k, accrual *out) {
    key at = accrual_key(k);
    str val;
    if (!kv_get(t, TABLE_ACCRUAL, key_str(&at), &val) || !accrual_decode(key_str(&at), val, out)) return false;
    out->at = *k;
    return true;
}

bool accrual_part(reader *r, str *bearer, int64_t *amount) {
    if (reader_done(r)) return false;
    *bearer = read_text(r);
    *amount = read_zigzag(r);
    return !r->bad;
}

int64_t accrual_posted(const accrual *a) {
    reader r = reader_of(a->parts);
    int64_t sum = 0, amount;
    for (str bearer; accrual_part(&r, &bearer, &amount);) sum += amount;
    return sum;
}

int64_t accrual_total(txn *t, str name) {
    key prefix = {.n = 0};
    int64_t sum = 0;
    key_textz(&prefix, name);
    for (AUTO(kv_cursor) c = kv_from(t, TABLE_ACCRUAL, key_str(&prefix), STR_NONE); kv_next(&c);) {
        accrual a;
        if (accrual_decode(c.key, c.val, &a)) (void)add_i64(sum, accrual_posted(&a), &sum);
    }
    return sum;
}

static void put_head(buf *b, uint32_t revision, uint64_t entry_no, int64_t settled, bool expected) {
    buf_be32(b, revision);
    buf_be64(b, entry_no);
    buf_be64(b, (uint64_t)settled);
    buf_byte(b, expected);
}

void accrual_settle(txn *t, const line_key *k, int64_t amount) {
    AUTO(buf) b = {0};
    accrual a;
    key at = accrual_key(k);
    if (!accrual_get(t, k, &a)) return;
    put_head(&b, a.revision, a.entry, a.settled + amount, a.expected);
    buf_add(&b, a.parts);
    kv_put(t, TABLE_ACCRUAL, key_str(&at), buf_str(&b));
}

size_t accrual_pack(txn *t, const accrual_row *row, size_t n, arena *a, Entry__Accrual *out) {
    AUTO(texts) d = {.a = a};
    size_t i = 0;
    texts_init(&d, a);
    entry__accrual__init(out);
    if (n > LIMIT_ENTRY_ROWS) n = LIMIT_ENTRY_ROWS;
    uint32_t **columns[] = {&out->partner, &out->policy,    &out->revision, &out->period,
                            &out->stage,   &out->mechanism, &out->posted,   &out->expected};
    for (size_t k = 0; k < ARRAY_LEN(columns); k++) *columns[k] = ARENA_NEW(a, uint32_t, n + 1);
    out->amount = ARENA_NEW(a, int64_t, n + 1);
    ASSERT(out->amount != NULL);
    for (; i < n && texts_room(&d); i++) {
        out->partner[i] = texts_add(&d, partner_id(t, row[i].at.partner));
        out->policy[i] = texts_add(&d, row[i].at.policy);
        out->revision[i] = row[i].revision;
        out->period[i] = texts_add(&d, row[i].at.period);
        out->stage[i] = texts_add(&d, str_of(policy_stage_name(row[i].at.stage)));
        out->mechanism[i] = texts_add(&d, row[i].at.mechanism);
        out->posted[i] = texts_add(&d, row[i].bearer);
        out->expected[i] = row[i].expected;
        out->amount[i] = row[i].amount;
    }
    out->n_partner = out->n_policy = out->n_revision = out->n_period = out->n_stage = out->n_mechanism = i;
    out->n_posted = out->n_amount = out->n_expected = i;
    out->engine = (char *)(uintptr_t)CHANNELD_VERSION;
    out->text = d.v;
    out->n_text = d.n;
    return i;
}

/* ---- applying */

static bool row_of(txn *t, const Entry__Accrual *m, size_t i, accrual_row *out, err *e) {
    partner p;
    period_kind kind;
    str name;
    AUTO(buf) own = {0};
    str id = texts_at(m->text, m->n_text, m->partner[i]);
    *out =
        (accrual_row){.revision = m->revision[i], .amount = m->amount[i], .expected = m->n_expected && m->expected[i]};
    out->at.policy = texts_at(m->text, m->n_text, m->policy[i]);
    out->at.period = texts_at(m->text, m->n_text, m->period[i]);
    out->at.mechanism = texts_at(m->text, m->n_text, m->mechanism[i]);
    out->bearer = texts_at(m->text, m->n_text, m->posted[i]);
    closing_label(&own, out->at.policy, out->at.period);
    if (!partner_by_id(t, id, &p))
        return txn_ok(t, e) && err_set(e, ERR_NOT_FOUND, "partner '%.*s': unknown", STR_ARG(str_take(id, LIMIT_ID)));
    out->at.partner = p.no;
    if (out->at.policy.n == 0 || out->at.policy.n > LIMIT_ID || out->at.mechanism.n > LIMIT_ID ||
        !line_stage_parse(texts_at(m->text, m->n_text, m->stage[i]), &out->at.stage) ||
        !closing_parse(buf_str(&own), &kind, NULL, &name) || !closing_parse(out->bearer, &kind, NULL, &name) ||
        out->amount > 2 * LIMIT_WALLET || out->amount < -2 * LIMIT_WALLET)
        return err_set(e, ERR_DATA, "accrual: row %zu names no line of a policy", i + 1);
    if (closing_is_closed(t, out->bearer))
        return err_set(e, ERR_CONFLICT, "period %.*s is closed", STR_ARG(out->bearer));
    return true;
}

/* The parts with the amount added to the bearer's; one that comes to nothing goes. */
static void put_parts(buf *b, str parts, const accrual_row *row) {
    reader r = reader_of(parts);
    int64_t amount, added = row->amount;
    for (str bearer; accrual_part(&r, &bearer, &amount);) {
        if (str_eq(bearer, row->bearer)) amount += added, added = 0;
        if (amount == 0) continue;
        buf_text(b, bearer);
        buf_zigzag(b, amount);
    }
    if (added == 0) return;
    buf_text(b, row->bearer);
    buf_zigzag(b, added);
}

static void post(txn *t, uint64_t seq, const accrual_row *row) {
    AUTO(buf) b = {0};
    accrual before = {.settled = 0};
    key k = accrual_key(&row->at);
    (void)accrual_get(t, &row->at, &before);
    put_head(&b, row->revision, seq, before.settled, row->expected);
    put_parts(&b, before.parts, row);
    kv_put(t, TABLE_ACCRUAL, key_str(&k), buf_str(&b));
}

bool rebate_accrual(txn *t, const entry *en, const Entry__Accrual *m, apply_result *r, err *e) {
    accrual_row row;
    size_t n = m->n_amount;
    const size_t same[] = {m->n_partner, m->n_policy,    m->n_revision, m->n_period,
                           m->n_stage,   m->n_mechanism, m->n_posted,   m->n_expected ? m->n_expected : n};
    for (size_t i = 0; i < ARRAY_LEN(same); i++)
        if (same[i] != n) return err_set(e, ERR_DATA, "accrual: columns of different lengths");
    for (size_t i = 0; i < n; i++) TRY(row_of(t, m, i, &row, e));
    for (size_t i = 0; i < n; i++) {
        if (!row_of(t, m, i, &row, e)) return false;
        post(t, en->seq, &row);
    }
    r->number = en->seq;
    return txn_ok(t, e);
}

bool accrual_content(txn *t, uint32_t table, str stored_key, str val, buf *out) {
    accrual a;
    if (table != TABLE_ACCRUAL || !accrual_decode(stored_key, val, &a)) return false;
    if (accrual_posted(&a) == 0 && a.settled == 0) return false; /* as if it had never been posted */
    buf_text(out, partner_id(t, a.at.partner));
    buf_text(out, a.at.policy);
    buf_text(out, a.at.period);
    buf_byte(out, (char)a.at.stage);
    buf_text(out, a.at.mechanism);
    buf_zigzag(out, accrual_posted(&a));
    buf_zigzag(out, a.settled);
    buf_byte(out, a.expected);
    return true;
}
