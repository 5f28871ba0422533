#include "daemon/rebate/statement.h"

#include "daemon/catalog/life.h"
#include "daemon/catalog/partner.h"
#include "daemon/store/keys.h"
#include "daemon/store/store.h"

static const char *const states[] = {
#define X(state, no, name) [state] = name,
    LINE_STATES(X)
#undef X
};

static const char *const acts[] = {
#define X(act, no, name) [act] = name,
    STATEMENT_ACTS(X)
#undef X
};

/* The whole life of a line: state × act → state, and by whom. "" nobody: the clock does it. */
static const life_step steps[] = {
    {LINE_DRAFT, ACT_REVIEW, LINE_SENT, "channel_manager account_manager"},
    {LINE_DRAFT, ACT_WITHDRAW, LINE_WITHDRAWN, "channel_manager finance"},
    {LINE_SENT, ACT_CONFIRM, LINE_CONFIRMED, "partner_owner"},
    {LINE_SENT, ACT_LAPSE, LINE_CONFIRMED, ""},
    {LINE_SENT, ACT_DISPUTE, LINE_DISPUTED, "partner_owner"},
    {LINE_SENT, ACT_WITHDRAW, LINE_WITHDRAWN, "channel_manager finance"},
    {LINE_DISPUTED, ACT_CONFIRM, LINE_CONFIRMED, "partner_owner"},
    {LINE_DISPUTED, ACT_REJECT, LINE_SENT, "channel_manager account_manager"},
    {LINE_DISPUTED, ACT_ACCEPT, LINE_WITHDRAWN, "channel_manager finance"},
    {LINE_CONFIRMED, ACT_WITHDRAW, LINE_WITHDRAWN, "finance"},
    {LINE_CONFIRMED, ACT_APPROVE, LINE_APPROVED, "finance"},
    {LINE_APPROVED, ACT_WITHDRAW, LINE_WITHDRAWN, "finance"},
    {LINE_APPROVED, ACT_PAY, LINE_PAID, "finance"},
};

const char *line_state_name(line_state s) {
    return states[s];
}

bool line_state_parse(str s, line_state *out) {
    for (*out = LINE_DRAFT; *out < LINE_STATE_END; ++*out)
        if (str_is(s, states[*out])) return true;
    return false;
}

const char *statement_act_name(statement_act a) {
    return acts[a];
}

bool statement_step(line_state from, statement_act act, line_state *to) {
    uint8_t next = life_to(steps, ARRAY_LEN(steps), (uint8_t)from, (uint8_t)act);
    if (next) *to = (line_state)next;
    return next != 0;
}

bool statement_may(line_state from, statement_act act, uint32_t role) {
    return life_may(steps, ARRAY_LEN(steps), (uint8_t)from, (uint8_t)act, role);
}

/* ---- a line's life: act u8, time i64, by, reason (texts), and so on */

void line_life_add(buf *out, str life, const line_event *v) {
    buf_add(out, life);
    buf_byte(out, (char)v->act);
    buf_be64(out, (uint64_t)v->time_ms);
    buf_text(out, v->by);
    buf_text(out, v->reason);
}

bool line_life_next(reader *r, line_event *out) {
    if (r->p == r->end) return false;
    out->act = read_byte(r);
    out->time_ms = (int64_t)read_be64(r);
    out->by = read_text(r);
    out->reason = read_text(r);
    return !r->bad && out->act < STATEMENT_ACT_END;
}

const char *line_event_name(const line_event *v) {
    return v->act ? acts[v->act] : "settle";
}

/* ---- records */

static key key_of(uint32_t partner_no, uint64_t number) {
    key k = {.n = 0};
    key_u32(&k, partner_no);
    key_u64(&k, number);
    return k;
}

bool statement_decode(str stored_key, str val, statement *out) {
    reader k = reader_of(stored_key), r = reader_of(val);
    out->partner = read_be32(&k);
    out->number = read_be64(&k);
    out->entry = read_be64(&r);
    out->time_ms = (int64_t)read_be64(&r);
    out->interim = read_byte(&r) != 0;
    out->currency = read_be32(&r);
    out->lines = read_be32(&r);
    out->period = read_text(&r);
    out->company = read_text(&r);
    return !k.bad && !r.bad;
}

bool statement_get(txn *t, uint64_t number, statement *out) {
    key no = {.n = 0};
    str val;
    key_u64(&no, number);
    if (!kv_get(t, TABLE_STATEMENT_NO, key_str(&no), &val) || val.n != 4) return false;
    key k = key_of(get_be32(val.p), number);
    return kv_get(t, TABLE_STATEMENT, key_str(&k), &val) && statement_decode(key_str(&k), val, out);
}

kv_cursor statement_lines(txn *t, uint64_t number) {
    key k = {.n = 0};
    key_u64(&k, number);
    return kv_from(t, TABLE_STATEMENT_LINE, key_str(&k), STR_NONE);
}

bool statement_line_decode(str stored_key, str val, const statement *s, statement_line *out) {
    reader k = reader_of(stored_key), r = reader_of(val);
    out->statement = read_be64(&k);
    out->line = read_be32(&k);
    out->state = (line_state)read_byte(&r);
    out->amount = (int64_t)read_be64(&r);
    out->since_ms = (int64_t)read_be64(&r);
    out->entry = read_be64(&r);
    out->revision = read_be32(&r);
    out->expires_days = read_be32(&r);
    out->own_share = read_be32(&r);
    out->at.partner = s->partner;
    out->at.stage = read_byte(&r);
    str *texts[] = {&out->at.policy, &out->at.period, &out->at.mechanism, &out->form,
                    &out->by,        &out->why,       &out->answer,       &out->life};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) *texts[i] = read_text(&r);
    return !k.bad && !r.bad && out->state >= LINE_DRAFT && out->state < LINE_STATE_END && out->at.stage < POLICY_STAGES;
}

void statement_line_put(txn *t, const statement_line *l) {
    AUTO(buf) b = {0};
    key k = {.n = 0};
    key_u64(&k, l->statement);
    key_u32(&k, l->line);
    buf_byte(&b, (char)l->state);
    buf_be64(&b, (uint64_t)l->amount);
    buf_be64(&b, (uint64_t)l->since_ms);
    buf_be64(&b, l->entry);
    buf_be32(&b, l->revision);
    buf_be32(&b, l->expires_days);
    buf_be32(&b, l->own_share);
    buf_byte(&b, (char)l->at.stage);
    const str texts[] = {l->at.policy, l->at.period, l->at.mechanism, l->form, l->by, l->why, l->answer, l->life};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) buf_text(&b, texts[i]);
    kv_put(t, TABLE_STATEMENT_LINE, key_str(&k), buf_str(&b));
}

uint64_t statement_put(txn *t, const entry *en, statement *s, const statement_line *line, size_t n) {
    AUTO(buf) b = {0};
    AUTO(buf) life = {0};
    uint8_t raw[4];
    key no = {.n = 0};
    s->number = store_next(t, "statement");
    key k = key_of(s->partner, s->number);
    buf_be64(&b, en->seq);
    buf_be64(&b, (uint64_t)en->time_ms);
    buf_byte(&b, (char)s->interim);
    buf_be32(&b, s->currency);
    buf_be32(&b, (uint32_t)n);
    buf_text(&b, s->period);
    buf_text(&b, s->company);
    kv_put(t, TABLE_STATEMENT, key_str(&k), buf_str(&b));
    key_u64(&no, s->number);
    put_be32(raw, s->partner);
    kv_put(t, TABLE_STATEMENT_NO, key_str(&no), str_from(raw, sizeof raw));
    line_life_add(&life, STR(""), &(line_event){0, en->time_ms, en->actor, STR("")});
    for (size_t i = 0; i < n; i++) {
        statement_line l = line[i];
        l.statement = s->number;
        l.line = (uint32_t)i + 1;
        l.state = LINE_DRAFT;
        l.since_ms = en->time_ms;
        l.entry = en->seq;
        l.by = en->actor;
        l.life = buf_str(&life);
        statement_line_put(t, &l);
    }
    return s->number;
}

bool statement_content(txn *t, uint32_t table, str stored_key, str val, buf *out) {
    statement s;
    statement_line l;
    if (table != TABLE_STATEMENT_LINE || stored_key.n != 12 || !statement_get(t, get_be64(stored_key.p), &s) ||
        !statement_line_decode(stored_key, val, &s, &l))
        return false;
    buf_text(out, partner_id(t, s.partner));
    buf_text(out, s.period);
    buf_text(out, s.company);
    const str texts[] = {l.at.policy, l.at.period, l.at.mechanism, l.form, l.by, l.why, l.answer};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) buf_text(out, texts[i]);
    buf_byte(out, (char)l.at.stage);
    buf_byte(out, (char)l.state);
    buf_zigzag(out, l.amount);
    return true;
}
