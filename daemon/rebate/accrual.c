#include "daemon/rebate/accrual.h"

#include "daemon/catalog/partner.h"
#include "daemon/ledger/live.h"
#include "daemon/rebate/books.h"
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

static key key_of(const line_key *k) {
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
    out->parts = str_from(r.p, (size_t)(r.end - r.p));
    return !r.bad && key_decode(stored_key, &out->at);
}

bool accrual_get(txn *t, const line_key *k, accrual *out) {
    key at = key_of(k);
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

static void put_head(buf *b, uint32_t revision, uint64_t entry_no, int64_t settled) {
    buf_be32(b, revision);
    buf_be64(b, entry_no);
    buf_be64(b, (uint64_t)settled);
}

void accrual_settle(txn *t, const line_key *k, int64_t amount) {
    AUTO(buf) b = {0};
    accrual a;
    key at = key_of(k);
    if (!accrual_get(t, k, &a)) return;
    put_head(&b, a.revision, a.entry, a.settled + amount);
    buf_add(&b, a.parts);
    kv_put(t, TABLE_ACCRUAL, key_str(&at), buf_str(&b));
}

/* ---- what is to be posted */

typedef struct item {
    line_key at;
    int64_t wanted, posted;
} item;

typedef struct work {
    books *b;
    const policy_revision *r;
    arena *a;
    map index; /* key of a line → item */
    item *item;
    size_t n, cap;
} work;

static item *item_of(work *w, const line_key *at) {
    key k = key_of(at);
    uint64_t *no = map_find(&w->index, key_str(&k));
    if (no) return &w->item[*no];
    w->item = arena_grown(w->a, w->item, w->n, &w->cap, sizeof *w->item);
    *map_at(&w->index, arena_str(w->a, key_str(&k)), NULL) = w->n;
    w->item[w->n] = (item){.at = *at};
    w->item[w->n].at.period = arena_str(w->a, at->period);
    w->item[w->n].at.mechanism = arena_str(w->a, at->mechanism);
    return &w->item[w->n++];
}

static bool period_wanted(str label, str policy_name, str period) {
    AUTO(buf) own = {0};
    if (label.n == 0) return true;
    closing_label(&own, policy_name, period);
    return str_eq(label, buf_str(&own));
}

/* Periods of the policy that the label names; false: none of them. */
static bool ask_for(const policy *p, str label, books_ask *ask) {
    period_kind kind;
    int32_t no;
    str name;
    if (label.n == 0) return true;
    if (!closing_parse(label, &kind, &no, &name) || kind != p->period) return false;
    if (kind == PERIOD_ONCE) return str_eq(name, p->name);
    ask->first = ask->last = no;
    return true;
}

static bool add_wanted(work *w, str label, err *e) {
    AUTO(policy) p = {0};
    AUTO(buf) period = {0};
    books_result got = {.source = NULL};
    books_ask ask = BOOKS_ALL;
    ask.until = w->b->today;
    TRY(policy_open(w->r, &p, e));
    if (!ask_for(&p, label, &ask)) return true;
    TRY(books_evaluate(w->b, &p, &ask, w->a, &got, e));
    for (const rebate_line *l = got.lines.first; l; l = l->next) {
        uint32_t partner_no = w->b->partner_no[l->partner];
        buf_clear(&period);
        period_put(&period, p.period, l->period);
        day_t last = p.period == PERIOD_ONCE ? p.to : period_last(p.period, l->period);
        if (ledger_is_history(w->b->t, partner_no, last)) continue;
        item *it = item_of(w, &(line_key){partner_no, w->r->name, buf_str(&period), l->stage, str_of(l->mechanism)});
        if (!add_i64(it->wanted, l->amount, &it->wanted) || it->wanted > LIMIT_WALLET)
            return err_set(e, ERR_DATA, "policy '%.*s': a line is beyond 10^15 fen", STR_ARG(w->r->name));
    }
    return true;
}

static bool add_posted(work *w, str label, err *e) {
    key prefix = {.n = 0};
    key_textz(&prefix, w->r->name);
    for (AUTO(kv_cursor) c = kv_from(w->b->t, TABLE_ACCRUAL, key_str(&prefix), STR_NONE); kv_next(&c);) {
        accrual a;
        if (!accrual_decode(c.key, c.val, &a)) return err_set(e, ERR_INTERNAL, "accrual: a record cannot be decoded");
        if (!period_wanted(label, w->r->name, a.at.period)) continue;
        a.at.policy = w->r->name;
        item_of(w, &a.at)->posted = accrual_posted(&a);
    }
    return txn_ok(w->b->t, e);
}

static void add_row(accrual_rows *out, arena *a, const accrual_row *row) {
    out->at = arena_grown(a, out->at, out->n, &out->cap, sizeof *out->at);
    out->at[out->n++] = *row;
}

static void add_differences(work *w, accrual_rows *out) {
    AUTO(buf) own = {0};
    AUTO(buf) bearer = {0};
    for (size_t i = 0; i < w->n; i++) {
        const item *it = &w->item[i];
        if (it->wanted == it->posted) continue;
        buf_clear(&own);
        closing_label(&own, it->at.policy, it->at.period);
        closing_bearer(w->b->t, buf_str(&own), w->b->today, &bearer);
        accrual_row row = {it->at, w->r->revision, arena_str(w->a, buf_str(&bearer)), it->wanted - it->posted};
        add_row(out, w->a, &row);
    }
}

bool accrual_due(books *b, const policy_revision *r, str label, arena *a, accrual_rows *out, err *e) {
    policy_revision kept = *r;
    kept.name = arena_str(a, r->name);
    work w = {.b = b, .r = &kept, .a = a};
    bool ok = (r->action == POLICY_WITHDRAWN || add_wanted(&w, label, e)) && add_posted(&w, label, e);
    if (ok) add_differences(&w, out);
    map_free(&w.index);
    return ok;
}

size_t accrual_pack(txn *t, const accrual_row *row, size_t n, arena *a, Entry__Accrual *out) {
    AUTO(texts) d = {.a = a};
    size_t i = 0;
    texts_init(&d, a);
    entry__accrual__init(out);
    if (n > LIMIT_ENTRY_ROWS) n = LIMIT_ENTRY_ROWS;
    uint32_t **columns[] = {&out->partner, &out->policy,    &out->revision, &out->period,
                            &out->stage,   &out->mechanism, &out->posted};
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
        out->amount[i] = row[i].amount;
    }
    out->n_partner = out->n_policy = out->n_revision = out->n_period = out->n_stage = out->n_mechanism = i;
    out->n_posted = out->n_amount = i;
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
    *out = (accrual_row){.revision = m->revision[i], .amount = m->amount[i]};
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
    key k = key_of(&row->at);
    (void)accrual_get(t, &row->at, &before);
    put_head(&b, row->revision, seq, before.settled);
    put_parts(&b, before.parts, row);
    kv_put(t, TABLE_ACCRUAL, key_str(&k), buf_str(&b));
}

bool rebate_accrual(txn *t, const entry *en, const Entry__Accrual *m, apply_result *r, err *e) {
    accrual_row row;
    size_t n = m->n_amount;
    const size_t same[] = {m->n_partner, m->n_policy,    m->n_revision, m->n_period,
                           m->n_stage,   m->n_mechanism, m->n_posted};
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
    buf_text(out, partner_id(t, a.at.partner));
    buf_text(out, a.at.policy);
    buf_text(out, a.at.period);
    buf_byte(out, (char)a.at.stage);
    buf_text(out, a.at.mechanism);
    buf_zigzag(out, accrual_posted(&a));
    buf_zigzag(out, a.settled);
    return true;
}
