#include "daemon/catalog/agents.h"

#include "daemon/catalog/appliers.h"
#include "daemon/catalog/index.h"
#include "daemon/catalog/partner.h"
#include "proto/limits.h"

#include <stdio.h>

static const char *const state_names[] = {"", "active", "held", "revoked", "replaced"};

const char *agent_state_name(agent_state s) {
    return state_names[s];
}

bool agent_decode(str id, str val, agent *out) {
    reader r = reader_of(val);
    *out = (agent){.id = id};
    out->partner = read_be32(&r);
    out->entry = read_be64(&r);
    out->state = (agent_state)read_byte(&r);
    out->create_unknown = read_byte(&r) != 0;
    out->public_key = (const uint8_t *)read_bytes(&r, AGENT_KEY_SIZE).p;
    out->enrolled_ms = (int64_t)read_be64(&r);
    out->host = read_text(&r);
    out->version = read_text(&r);
    out->replaces = read_text(&r);
    out->why = read_text(&r);
    return !r.bad && out->state >= AGENT_ACTIVE && out->state <= AGENT_REPLACED;
}

/* All texts in `a` may be borrowed from t: the record is built before it is put. */
static void agent_put(txn *t, const agent *a) {
    AUTO(buf) b = {0};
    AUTO(buf) id = {0};
    buf_add(&id, a->id);
    buf_be32(&b, a->partner);
    buf_be64(&b, a->entry);
    buf_byte(&b, (char)a->state);
    buf_byte(&b, (char)a->create_unknown);
    buf_add(&b, str_from(a->public_key, AGENT_KEY_SIZE));
    buf_be64(&b, (uint64_t)a->enrolled_ms);
    buf_text(&b, a->host);
    buf_text(&b, a->version);
    buf_text(&b, a->replaces);
    buf_text(&b, a->why);
    kv_put(t, TABLE_AGENT, buf_str(&id), buf_str(&b));
}

bool agent_get(txn *t, str id, agent *out) {
    str val;
    return id.n && id.n <= LIMIT_ID && kv_get(t, TABLE_AGENT, id, &val) && agent_decode(id, val, out);
}

bool agent_of_partner(txn *t, uint32_t partner_no, size_t n, agent *out) {
    key k = index_key(INDEX_PARTNER_AGENT);
    key_u32(&k, partner_no);
    AUTO(kv_cursor) c = kv_from(t, TABLE_CATALOG_INDEX, key_str(&k), STR_NONE);
    while (kv_next(&c))
        if (n-- == 0) return agent_get(t, str_skip(c.key, k.n), out);
    return false;
}

void agent_next_id(txn *t, uint32_t partner_no, buf *out) {
    agent taken;
    char tail[24];
    str id = partner_id(t, partner_no);
    for (unsigned i = 1;; i++) {
        int n = snprintf(tail, sizeof tail, "-%u", i);
        size_t keep = LIMIT_ID - (size_t)n;
        while (keep < id.n && (id.p[keep] & 0xc0) == 0x80) keep--;
        buf_clear(out);
        buf_add(out, str_take(id, keep));
        buf_add(out, str_from(tail, (size_t)n));
        if (!agent_get(t, buf_str(out), &taken)) return;
    }
}

static bool token_decode(reader *r, agent_token *out) {
    *out = (agent_token){.entry = read_be64(r)};
    out->partner = read_be32(r);
    out->create_unknown = read_byte(r) != 0;
    out->expires_ms = (int64_t)read_be64(r);
    out->replaces = read_text(r);
    out->used_by = read_text(r);
    return !r->bad;
}

bool agent_token_decode(str val, agent_token *out) {
    reader r = reader_of(val);
    return read_byte(&r) == 'T' && token_decode(&r, out);
}

static void token_put(txn *t, const uint8_t *public_key, const agent_token *token) {
    AUTO(buf) b = {0};
    buf_byte(&b, 'T');
    buf_be64(&b, token->entry);
    buf_be32(&b, token->partner);
    buf_byte(&b, (char)token->create_unknown);
    buf_be64(&b, (uint64_t)token->expires_ms);
    buf_text(&b, token->replaces);
    buf_text(&b, token->used_by);
    kv_put(t, TABLE_AGENT_KEY, str_from(public_key, AGENT_KEY_SIZE), buf_str(&b));
}

key_owner agent_by_key(txn *t, const uint8_t public_key[static AGENT_KEY_SIZE], agent_token *token, agent *out) {
    str val;
    if (!kv_get(t, TABLE_AGENT_KEY, str_from(public_key, AGENT_KEY_SIZE), &val)) return KEY_UNKNOWN;
    reader r = reader_of(val);
    uint8_t sort = read_byte(&r);
    if (sort == 'A' && agent_get(t, str_skip(val, 1), out)) return KEY_AGENT;
    return sort == 'T' && token_decode(&r, token) ? KEY_TOKEN : KEY_UNKNOWN;
}

/* An agent that may be replaced: it exists, is of the partner, and nobody has taken its place yet. */
static bool replaceable(txn *t, str id, uint32_t partner_no, err *e) {
    agent a;
    if (id.n == 0) return true;
    if (!agent_get(t, id, &a)) return err_set(e, ERR_NOT_FOUND, "agent '%.*s': unknown", STR_ARG(id));
    if (a.partner != partner_no)
        return err_set(e, ERR_DATA, "agent '%.*s' is of another partner, '%.*s'", STR_ARG(id),
                       STR_ARG(partner_id(t, a.partner)));
    return a.state != AGENT_REPLACED || err_set(e, ERR_CONFLICT, "agent '%.*s' has been replaced already", STR_ARG(id));
}

static bool reporting_partner(txn *t, const char *id, partner *out, err *e) {
    if (partner_by_id(t, str_of(id), out) && !out->ended) return true;
    return err_set(e, ERR_NOT_FOUND, "partner '%s': unknown; import it first (channelctl partner import FILE.csv)", id);
}

static bool fresh_key(txn *t, ProtobufCBinaryData raw, err *e) {
    agent_token token;
    agent a;
    if (raw.len != AGENT_KEY_SIZE) return err_set(e, ERR_DATA, "a key has %d bytes, not %zu", AGENT_KEY_SIZE, raw.len);
    return agent_by_key(t, raw.data, &token, &a) == KEY_UNKNOWN || err_set(e, ERR_CONFLICT, "the key is known already");
}

bool apply_agent_token(txn *t, const entry *en, const Entry__AgentToken *m, err *e) {
    partner p;
    TRY(reporting_partner(t, m->partner, &p, e));
    TRY(fresh_key(t, m->key, e));
    TRY(replaceable(t, str_of(m->replaces), p.no, e));
    TRY(txn_ok(t, e));
    token_put(t, m->key.data,
              &(agent_token){.entry = en->seq,
                             .partner = p.no,
                             .create_unknown = m->create_unknown,
                             .expires_ms = m->expires_ms,
                             .replaces = str_of(m->replaces),
                             .used_by = STR("")});
    return true;
}

static bool check_enrolled(txn *t, const entry *en, const Entry__AgentEnrolled *m, partner *p, agent_token *token,
                           err *e) {
    agent a;
    TRY(reporting_partner(t, m->partner, p, e));
    if (m->token_key.len != AGENT_KEY_SIZE || agent_by_key(t, m->token_key.data, token, &a) != KEY_TOKEN)
        return err_set(e, ERR_NOT_FOUND, "enrolment of '%s': no such token", m->partner);
    if (token->partner != p->no)
        return err_set(e, ERR_DENIED, "the token is for another partner than '%s'", m->partner);
    if (token->used_by.n)
        return err_set(e, ERR_CONFLICT, "the token was used by agent '%.*s'; make a new one", STR_ARG(token->used_by));
    if (en->time_ms >= token->expires_ms) return err_set(e, ERR_CONFLICT, "the token has expired; make a new one");
    if (!catalog_id_ok(str_of(m->agent)) || strlen(m->host) > LIMIT_NAME || strlen(m->version) > LIMIT_NAME)
        return err_set(e, ERR_DATA, "enrolment of '%s': id, host or version is malformed", m->partner);
    if (agent_get(t, str_of(m->agent), &a)) return err_set(e, ERR_CONFLICT, "agent '%s' exists", m->agent);
    TRY(fresh_key(t, m->public_key, e));
    TRY(replaceable(t, token->replaces, p->no, e));
    return txn_ok(t, e);
}

static void take_place_of(txn *t, str id, uint64_t seq, const char *by) {
    AUTO(buf) why = {0};
    agent old;
    if (id.n == 0 || !agent_get(t, id, &old)) return;
    buf_printf(&why, "replaced by %s", by);
    old.state = AGENT_REPLACED;
    old.entry = seq;
    old.why = buf_str(&why);
    agent_put(t, &old);
}

bool apply_agent_enrolled(txn *t, const entry *en, const Entry__AgentEnrolled *m, err *e) {
    AUTO(buf) replaces = {0};
    AUTO(buf) owner = {0};
    agent_token token;
    partner p;
    TRY(check_enrolled(t, en, m, &p, &token, e));
    buf_add(&replaces, token.replaces);
    token.replaces = buf_str(&replaces);
    token.used_by = str_of(m->agent);
    token_put(t, m->token_key.data, &token);
    agent_put(t, &(agent){.id = str_of(m->agent),
                          .partner = p.no,
                          .entry = en->seq,
                          .state = AGENT_ACTIVE,
                          .create_unknown = token.create_unknown,
                          .public_key = m->public_key.data,
                          .enrolled_ms = en->time_ms,
                          .host = str_of(m->host),
                          .version = str_of(m->version),
                          .replaces = token.replaces,
                          .why = STR("")});
    buf_byte(&owner, 'A');
    buf_addz(&owner, m->agent);
    kv_put(t, TABLE_AGENT_KEY, str_from(m->public_key.data, AGENT_KEY_SIZE), buf_str(&owner));
    key k = index_key(INDEX_PARTNER_AGENT);
    key_u32(&k, p.no);
    key_text(&k, str_of(m->agent));
    kv_put(t, TABLE_CATALOG_INDEX, key_str(&k), STR(""));
    take_place_of(t, token.replaces, en->seq, m->agent);
    return true;
}

static agent_state next_state(const Entry__AgentRevoked *m) {
    return m->released ? AGENT_ACTIVE : m->held ? AGENT_HELD : AGENT_REVOKED;
}

bool apply_agent_revoked(txn *t, const entry *en, const Entry__AgentRevoked *m, err *e) {
    agent a;
    if (!agent_get(t, str_of(m->agent), &a)) return err_set(e, ERR_NOT_FOUND, "agent '%s': unknown", m->agent);
    if (strlen(m->reason) > LIMIT_NAME) return err_set(e, ERR_DATA, "reason: at most %d bytes", LIMIT_NAME);
    if (a.state == AGENT_REVOKED || a.state == AGENT_REPLACED)
        return err_set(e, ERR_CONFLICT, "agent '%s' is %s already", m->agent, state_names[a.state]);
    if (m->released && a.state != AGENT_HELD) return err_set(e, ERR_CONFLICT, "agent '%s' is not held", m->agent);
    TRY(txn_ok(t, e));
    a.state = next_state(m);
    a.entry = en->seq;
    a.why = str_of(m->reason);
    agent_put(t, &a);
    return true;
}

bool contact_get(txn *t, str agent_id, contact *out) {
    str val;
    if (!kv_get(t, TABLE_CONTACT, agent_id, &val)) return false;
    reader r = reader_of(val);
    out->heard_ms = (int64_t)read_be64(&r);
    out->committed_ms = (int64_t)read_be64(&r);
    out->epoch = read_be64(&r);
    out->last_seq = read_be64(&r);
    out->committed_seq = read_be64(&r);
    out->waiting = read_be64(&r);
    out->oldest_ms = (int64_t)read_be64(&r);
    out->version = read_text(&r);
    out->host = read_text(&r);
    return !r.bad;
}

void contact_put(txn *t, str agent_id, const contact *c) {
    AUTO(buf) b = {0};
    const uint64_t numbers[] = {(uint64_t)c->heard_ms, (uint64_t)c->committed_ms, c->epoch,
                                c->last_seq,           c->committed_seq,          c->waiting,
                                (uint64_t)c->oldest_ms};
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) buf_be64(&b, numbers[i]);
    buf_text(&b, str_take(c->version, LIMIT_NAME));
    buf_text(&b, str_take(c->host, LIMIT_NAME));
    kv_put(t, TABLE_CONTACT, agent_id, buf_str(&b));
}
