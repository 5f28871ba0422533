#include "daemon/rebate/activity_claim.h"

#include "base/num.h"
#include "daemon/catalog/partner.h"
#include "daemon/catalog/product.h"
#include "daemon/rebate/mechanism.h"
#include "daemon/rebate/policies.h"
#include "daemon/store/keys.h"
#include "daemon/store/store.h"
#include "proto/digest.h"
#include "proto/limits.h"

static const char *const states[] = {[ACTIVITY_FILED] = "filed",
                                     [ACTIVITY_APPROVED] = "approved",
                                     [ACTIVITY_REFUSED] = "refused",
                                     [ACTIVITY_WITHDRAWN] = "withdrawn"};

const char *activity_state_name(activity_state s) {
    return states[s];
}

bool activity_state_parse(str s, activity_state *out) {
    for (*out = ACTIVITY_FILED; *out < ACTIVITY_STATE_END; ++*out)
        if (str_is(s, states[*out])) return true;
    return false;
}

/* ---- records */

static key key_of(uint32_t partner_no, uint64_t number) {
    key k = {.n = 0};
    key_u32(&k, partner_no);
    key_u64(&k, number);
    return k;
}

static bool decode(str stored_key, str val, activity_claim *out) {
    reader k = reader_of(stored_key), r = reader_of(val);
    out->partner = read_be32(&k);
    out->number = read_be64(&k);
    out->state = (activity_state)read_byte(&r);
    out->product = read_be32(&r);
    out->day = (day_t)read_be32(&r);
    out->amount = (int64_t)read_be64(&r);
    out->approved = (int64_t)read_be64(&r);
    out->entry = read_be64(&r);
    out->time_ms = (int64_t)read_be64(&r);
    str *texts[] = {&out->policy, &out->what, &out->evidence,   &out->file,
                    &out->digest, &out->by,   &out->decided_by, &out->reason};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) *texts[i] = read_text(&r);
    return !k.bad && !r.bad && out->state >= ACTIVITY_FILED && out->state < ACTIVITY_STATE_END;
}

static void put(txn *t, const activity_claim *c) {
    AUTO(buf) b = {0};
    key k = key_of(c->partner, c->number);
    buf_byte(&b, (char)c->state);
    buf_be32(&b, c->product);
    buf_be32(&b, (uint32_t)c->day);
    buf_be64(&b, (uint64_t)c->amount);
    buf_be64(&b, (uint64_t)c->approved);
    buf_be64(&b, c->entry);
    buf_be64(&b, (uint64_t)c->time_ms);
    const str texts[] = {c->policy, c->what, c->evidence, c->file, c->digest, c->by, c->decided_by, c->reason};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) buf_text(&b, texts[i]);
    kv_put(t, TABLE_ACTIVITY, key_str(&k), buf_str(&b));
}

bool activity_claim_get(txn *t, uint64_t number, activity_claim *out) {
    key no = {.n = 0};
    str whose, val;
    key_u64(&no, number);
    if (!kv_get(t, TABLE_ACTIVITY_NO, key_str(&no), &whose) || whose.n != 4) return false;
    key k = key_of(get_be32(whose.p), number);
    return kv_get(t, TABLE_ACTIVITY, key_str(&k), &val) && decode(key_str(&k), val, out);
}

size_t activity_claims(txn *t, uint32_t partner_no, arena *a, activity_claim **out) {
    key prefix = {.n = 0};
    size_t n = 0, cap = 0;
    *out = NULL;
    if (partner_no) key_u32(&prefix, partner_no);
    for (AUTO(kv_cursor) c = kv_from(t, TABLE_ACTIVITY, key_str(&prefix), STR_NONE); kv_next(&c);) {
        activity_claim x;
        if (!decode(c.key, c.val, &x)) continue;
        str *texts[] = {&x.policy, &x.what, &x.evidence, &x.file, &x.digest, &x.by, &x.decided_by, &x.reason};
        for (size_t i = 0; i < ARRAY_LEN(texts); i++) *texts[i] = texts[i]->n ? arena_str(a, *texts[i]) : STR("");
        *out = arena_grown(a, *out, n, &cap, sizeof **out);
        (*out)[n++] = x;
    }
    return n;
}

/* ---- the fixed budget */

static unsigned stage_of(txn *t, const policy *p, const activity_claim *c) {
    return p->stage_count[STAGE_ANY] ? STAGE_ANY : (unsigned)stage_at(t, product_sku(t, c->product), c->day);
}

/* What the mechanism's budget is worth in claims. */
static bool bound_of(const mechanism *m, int64_t *out) {
    if (m->budget == NUM_NONE || m->share == 0) return false;
    wide most = (wide)m->budget * TERM_UNITS / m->share;
    return wide_fits(most, out);
}

static bool policy_of(txn *t, const activity_claim *c, policy *p, err *e) {
    policy_revision r;
    if (!policy_latest(t, c->policy, &r) || r.action == POLICY_WITHDRAWN)
        return txn_ok(t, e) &&
               err_set(e, ERR_NOT_FOUND, "policy '%.*s': none is in force", STR_ARG(str_take(c->policy, LIMIT_ID)));
    return policy_open(&r, p, e);
}

bool activity_left(txn *t, const activity_claim *c, int64_t *left, err *e) {
    AUTO(policy) p = {0};
    key prefix = {.n = 0};
    bool pays = false;
    int64_t bound;
    *left = NUM_NONE;
    TRY(policy_of(t, c, &p, e));
    unsigned s = stage_of(t, &p, c);
    for (size_t i = 0; i < p.stage_count[s]; i++) {
        const mechanism *m = &p.stage[s][i];
        if (m->kind != &mechanism_activity) continue;
        pays = true;
        if (bound_of(m, &bound) && (*left == NUM_NONE || bound < *left)) *left = bound;
    }
    if (!pays || c->day < p.from || c->day > p.to)
        return err_set(e, ERR_CONFLICT, "policy '%.*s' pays no activity on that day and product", STR_ARG(p.name));
    if (*left == NUM_NONE) return true;
    key_u32(&prefix, c->partner);
    for (AUTO(kv_cursor) k = kv_from(t, TABLE_ACTIVITY, key_str(&prefix), STR_NONE); kv_next(&k);) {
        activity_claim x;
        if (!decode(k.key, k.val, &x) || x.state != ACTIVITY_APPROVED || x.number == c->number) continue;
        bool alike = str_eq(x.policy, p.name) && stage_of(t, &p, &x) == s && x.day >= p.from && x.day <= p.to &&
                     period_of(p.period, x.day) == period_of(p.period, c->day);
        if (alike) *left = *left > x.approved ? *left - x.approved : 0;
    }
    return true;
}

/* ---- applying */

static bool entry_ok(const Entry__Activity *m, err *e) {
    const char *const texts[] = {m->what, m->evidence, m->file};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        if (strlen(texts[i]) > LIMIT_TEXT) return err_set(e, ERR_DATA, "claim: texts of at most %d bytes", LIMIT_TEXT);
    if (m->digest.len != 0 && m->digest.len != DIGEST_SIZE)
        return err_set(e, ERR_DATA, "claim: a digest of %d bytes", DIGEST_SIZE);
    if (m->evidence[0] == 0 && m->digest.len == 0)
        return err_set(e, ERR_DATA, "claim: it needs evidence, a text or a file");
    return (m->amount > 0 && m->amount <= LIMIT_WALLET) ||
           err_set(e, ERR_DATA, "claim: an amount above 0, to 10^15 fen");
}

bool rebate_activity(txn *t, const entry *en, const Entry__Activity *m, apply_result *r, err *e) {
    partner who;
    product of = {.no = 0};
    key no = {.n = 0};
    uint8_t whose[4];
    int64_t left;
    TRY(entry_ok(m, e));
    if (!partner_by_id(t, str_of(m->partner), &who))
        return txn_ok(t, e) && err_set(e, ERR_NOT_FOUND, "partner '%s': unknown", m->partner);
    if (m->product[0] && !product_by_sku(t, str_of(m->product), &of))
        return txn_ok(t, e) && err_set(e, ERR_NOT_FOUND, "product '%s': unknown", m->product);
    activity_claim c = {.entry = en->seq,
                        .partner = who.no,
                        .product = of.no,
                        .state = ACTIVITY_FILED,
                        .day = m->day,
                        .amount = m->amount,
                        .time_ms = en->time_ms,
                        .policy = str_of(m->policy),
                        .what = str_of(m->what),
                        .evidence = str_of(m->evidence),
                        .file = str_of(m->file),
                        .digest = str_from(m->digest.data, m->digest.len),
                        .by = en->actor,
                        .decided_by = STR(""),
                        .reason = STR("")};
    TRY(activity_left(t, &c, &left, e));
    c.number = store_next(t, "activity");
    put(t, &c);
    key_u64(&no, c.number);
    put_be32(whose, who.no);
    kv_put(t, TABLE_ACTIVITY_NO, key_str(&no), str_from(whose, sizeof whose));
    r->number = c.number;
    return txn_ok(t, e);
}

static bool approve(txn *t, activity_claim *c, int64_t amount, err *e) {
    AUTO(buf) there = {0};
    int64_t left;
    if (amount <= 0 || amount > c->amount) return err_set(e, ERR_DATA, "claim: at most what was claimed, above 0");
    TRY(activity_left(t, c, &left, e));
    if (left != NUM_NONE && amount > left) {
        dec_put(&there, left, 2, 2);
        return err_set(e, ERR_CONFLICT, "claim: %s is left of the budget of '%.*s' for this partner and period",
                       buf_z(&there), STR_ARG(c->policy));
    }
    c->state = ACTIVITY_APPROVED;
    c->approved = amount;
    return true;
}

bool rebate_activity_step(txn *t, const entry *en, const Entry__ActivityStep *m, apply_result *r, err *e) {
    activity_claim c;
    if (!activity_claim_get(t, m->claim, &c))
        return txn_ok(t, e) && err_set(e, ERR_NOT_FOUND, "claim %llu: there is none", (unsigned long long)m->claim);
    bool open = c.state == ACTIVITY_FILED, back = m->act == ACTIVITY_REFUSE && c.state == ACTIVITY_APPROVED;
    if (m->act < ACTIVITY_APPROVE || m->act > ACTIVITY_WITHDRAW || strlen(m->reason) > LIMIT_TEXT)
        return err_set(e, ERR_DATA, "claim: a known act and a reason of at most %d bytes", LIMIT_TEXT);
    if (!open && !back)
        return err_set(e, ERR_CONFLICT, "claim %llu is %s", (unsigned long long)m->claim, states[c.state]);
    if (m->act == ACTIVITY_APPROVE) {
        TRY(approve(t, &c, m->amount ? m->amount : c.amount, e));
    } else {
        c.state = m->act == ACTIVITY_REFUSE ? ACTIVITY_REFUSED : ACTIVITY_WITHDRAWN;
        c.approved = 0;
    }
    /* the texts lie in the record that is written anew */
    AUTO(arena) a = {0};
    arena_init(&a, (size_t)64 * 1024);
    str *texts[] = {&c.policy, &c.what, &c.evidence, &c.file, &c.digest, &c.by};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) *texts[i] = texts[i]->n ? arena_str(&a, *texts[i]) : STR("");
    c.decided_by = en->actor;
    c.reason = str_of(m->reason);
    put(t, &c);
    r->number = c.number;
    return txn_ok(t, e);
}

/* Without its number: that says in what order claims of different partners came. */
bool activity_content(txn *t, uint32_t table, str stored_key, str val, buf *out) {
    activity_claim c;
    if (table != TABLE_ACTIVITY || !decode(stored_key, val, &c)) return false;
    buf_text(out, partner_id(t, c.partner));
    buf_text(out, c.product ? product_sku(t, c.product) : STR(""));
    buf_byte(out, (char)c.state);
    buf_zigzag(out, c.day);
    buf_zigzag(out, c.amount);
    buf_zigzag(out, c.approved);
    const str texts[] = {c.policy, c.what, c.evidence, c.file, c.digest, c.by, c.decided_by, c.reason};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) buf_text(out, texts[i]);
    return true;
}
