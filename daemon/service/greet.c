#include "daemon/service/agents.h"

#include "base/clock.h"
#include "base/log.h"
#include "daemon/catalog/partner.h"
#include "daemon/catalog/settings.h"
#include "daemon/journal/journal.h"
#include "daemon/ledger/uploads.h"
#include "daemon/rebate/closing.h"
#include "proto/journal.pb-c.h"
#include <inttypes.h>

enum { RECEIPTS_A_GREETING = 1024 };

static char *text_of(const char *z) {
    return (char *)(uintptr_t)z;
}

static const char *z_of(arena *a, str s) {
    return arena_str(a, s).p;
}

static void hold_peers(service *s, str agent_id, const char *why) {
    peer *k;
    for (int fd = 0; (k = peers_next(&s->peers, &fd)) != NULL;)
        if (str_eq(peer_user(k), agent_id)) peer_hold(s, k, 0, 0, why);
}

void hold_agent(service *s, str agent_id, const char *why) {
    AUTO(txn) *t = NULL;
    err e;
    Entry__AgentRevoked body = ENTRY__AGENT_REVOKED__INIT;
    char id[LIMIT_ID + 1];
    body.agent = str_copy_z(agent_id, id, sizeof id);
    body.reason = text_of(why);
    body.held = true;
    command_entry what = {KIND_AGENT_REVOKED, service_now(s), STR("system"), &body.base};
    arena a;
    arena_init(&a, LIMIT_DECODE_BYTES);
    apply_result r = {.a = &a};
    bool ok = txn_begin(s->db, TXN_WRITE, &t, &e) && journal_append(t, &what, &r, NULL, &e);
    arena_free(&a);
    if (ok && !txn_commit(&t, &e)) service_die("agent.hold", &e);
    if (!ok) log_event(LOG_LEVEL_ERROR, "agent.hold", "agent=%s why='%s'", id, e.text);
    log_event(LOG_LEVEL_WARN, "agent.held", "agent=%s why='%s'", id, why);
    hold_peers(s, str_of(id), why);
}

/* Heard a moment ago with another spool on another connection, or with a spool that was given up before. */
static const char *second_holder(txn *t, const peer *k, const presence *p) {
    upload_state state;
    str receipt;
    int64_t silent_ms = mono_ms() - p->heard_ms;
    if (p->epoch && p->epoch != k->hello.epoch && p->connection != k->no && silent_ms < LIMIT_SECOND_HOLDER_MS)
        return "a second holder of this key: two spools within a minute";
    (void)upload_state_get(t, peer_user(k), &state);
    if (state.epoch != k->hello.epoch && upload_receipt(t, peer_user(k), k->hello.epoch, 1, &receipt, NULL))
        return "a second holder of this key: a spool that was replaced came back";
    return NULL;
}

static void cut_older(service *s, const peer *k, const presence *p) {
    peer *o;
    for (int fd = 0; (o = peers_next(&s->peers, &fd)) != NULL;)
        if (o != k && o->cut_ms == 0 && o->epoch && str_eq(peer_user(o), str_of(p->id))) {
            log_event(LOG_LEVEL_INFO, "agent.reconnected", "agent=%s", p->id);
            o->greeted = false;
            o->cut_ms = mono_ms();
            peer_cut(o);
        }
}

typedef struct to_peer {
    service *s;
    peer *k;
} to_peer;

static void send_ack(void *arg, str frame) {
    const to_peer *to = arg;
    peer_send(to->s, to->k, frame);
}

static void send_receipts(service *s, txn *t, peer *k, const upload_state *state) {
    uint64_t seqs[RECEIPTS_A_GREETING];
    size_t n = 0;
    uint64_t seq = k->hello.receipts_from;
    if (seq == 0 || state->epoch != k->hello.epoch) return;
    while (n < ARRAY_LEN(seqs) && seq <= state->last_seq) seqs[n++] = seq++;
    to_peer to = {s, k};
    if (n) put_acks(t, peer_user(k), seqs, n, send_ack, &to);
}

/* Days before it are closed: not taken at all, or in a period that was settled. */
static day_t first_open_day(txn *t) {
    day_t oldest = (day_t)setting_number(t, SETTING_OLDEST), open = closing_open_from(t);
    return open > oldest ? open : oldest;
}

/* What the partner is called, by which its agent doubts a file of somebody else's: its own name and those it stands
 * under. Nobody is told another's. */
static size_t own_names(txn *t, uint32_t no, arena *a, char *out[static PARTNER_DEPTH_MAX]) {
    uint32_t chain[PARTNER_DEPTH_MAX];
    size_t n = partner_chain(t, no, chain), count = 0;
    for (size_t i = 0; i < n; i++) {
        partner p;
        if (partner_by_no(t, chain[i], &p) && p.name.n) out[count++] = text_of(z_of(a, p.name));
    }
    return count;
}

static void welcome(service *s, txn *t, peer *k, const agent *who) {
    partner p = {0};
    upload_state state;
    uint8_t head[DIGEST_SIZE];
    uint64_t entries;
    int64_t time_ms;
    char partner_id[LIMIT_ID + 1];
    (void)partner_by_no(t, who->partner, &p);
    (void)upload_state_get(t, peer_user(k), &state);
    journal_head(t, &entries, &time_ms, head);
    Wire__Welcome m = WIRE__WELCOME__INIT;
    m.proto = FRAME_PROTO;
    m.db_epoch = store_db_epoch(t);
    m.epoch = state.epoch;
    m.last_seq = state.epoch == k->hello.epoch ? state.last_seq : 0;
    m.head = (ProtobufCBinaryData){DIGEST_SIZE, head};
    m.partner = str_copy_z(p.id, partner_id, sizeof partner_id);
    const uint8_t *digest = NULL;
    str receipt;
    if (m.last_seq && upload_receipt(t, peer_user(k), state.epoch, m.last_seq, &receipt, &digest) && digest)
        m.last_digest = (ProtobufCBinaryData){DIGEST_SIZE, (uint8_t *)(uintptr_t)digest};
    m.time_ms = service_now(s);
    m.simulated = s->clock.simulated;
    m.version = text_of(CHANNELD_VERSION);
    m.oldest_day = first_open_day(t);
    AUTO(arena) a = {0};
    char *called[PARTNER_DEPTH_MAX];
    arena_init(&a, SIZE_MAX);
    m.n_own_name = own_names(t, who->partner, &a, called);
    m.own_name = called;
    peer_say(s, k, FRAME_WELCOME, &m.base);
    send_receipts(s, t, k, &state);
}

static bool may_speak(service *s, peer *k, const agent *who, bool known) {
    char why[LIMIT_TEXT + 1];
    if (!known) peer_refuse(s, k, REFUSE_UNKNOWN, "this agent is not known here");
    else if (who->state == AGENT_HELD)
        peer_hold(s, k, 0, 0, str_copy_z(who->why.n ? who->why : STR("held"), why, sizeof why));
    else if (who->state != AGENT_ACTIVE)
        peer_refuse(s, k, REFUSE_REVOKED,
                    who->state == AGENT_REPLACED ? "another agent took this one's place" : "this agent was revoked");
    else if (k->hello.proto_min > FRAME_PROTO || k->hello.proto_max < FRAME_PROTO)
        peer_refuse(s, k, REFUSE_UPGRADE, "this agent speaks another protocol than the centre: upgrade it");
    else
        return true;
    return false;
}

const char *greet(service *s, txn *t, peer *k) {
    agent who = {0};
    k->hello_waits = false;
    k->ungranted = 0;
    grant_drop(&s->grants, &k->grant);
    bool known = agent_get(t, peer_user(k), &who);
    if (!may_speak(s, k, &who, known)) return NULL;
    presence *p = presence_of(&s->presences, t, peer_user(k));
    const char *second = second_holder(t, k, p);
    if (second != NULL) return second;
    cut_older(s, k, p);
    k->greeted = true;
    k->epoch = p->epoch = k->hello.epoch;
    p->connection = k->no;
    p->heard_ms = mono_ms();
    p->c.heard_ms = service_now(s);
    p->c.epoch = k->epoch;
    p->c.last_seq = k->hello.last_seq;
    presence_says(p, str_of(k->hello.version), str_of(k->hello.host));
    presence_touch(&s->presences, p);
    welcome(s, t, k, &who);
    log_event(LOG_LEVEL_DEBUG, "agent.welcome", "agent=%s version=%s", p->id, p->version);
    return NULL;
}

static void enrolled(turn *w, peer *k, const char *partner_id, const char *agent_id, const char *text) {
    Wire__Enrolled m = WIRE__ENROLLED__INIT;
    m.partner = text_of(partner_id);
    m.agent = text_of(agent_id);
    m.text = text_of(text);
    uint8_t privacy_key[STORE_PRIVACY_KEY];
    char *called[PARTNER_DEPTH_MAX];
    partner p;
    if (*partner_id && partner_by_id(w->t, str_of(partner_id), &p)) {
        m.n_own_name = own_names(w->t, p.no, &w->a, called);
        m.own_name = called;
        store_privacy_key(w->t, privacy_key);
        m.privacy_key = (ProtobufCBinaryData){sizeof privacy_key, privacy_key};
    }
    peer_say_later(w, k, FRAME_ENROLLED, &m.base);
}

static bool journal_enrolled(turn *w, const uint8_t *token_key, const agent_token *token, const Wire__Enroll *m,
                             const char *partner_id, const char *agent_id, err *e) {
    Entry__AgentEnrolled body = ENTRY__AGENT_ENROLLED__INIT;
    body.agent = text_of(agent_id);
    body.partner = text_of(partner_id);
    body.token_key = (ProtobufCBinaryData){AGENT_KEY_SIZE, (uint8_t *)(uintptr_t)token_key};
    body.public_key = m->public_key;
    body.create_unknown = token->create_unknown;
    body.host = m->host;
    body.version = m->version;
    body.replaces = text_of(z_of(&w->a, token->replaces));
    command_entry what = {KIND_AGENT_ENROLLED, service_now(w->s), STR("system"), &body.base};
    apply_result r = {.a = &w->a};
    return journal_append(w->t, &what, &r, NULL, e);
}

/* Said once; said again by the agent that lost the answer it is the same, by anybody else it is refused. */
static void enroll(turn *w, peer *k, const uint8_t *token_key, const agent_token *token, const Wire__Enroll *m) {
    partner p = {0};
    agent a;
    err e;
    AUTO(buf) id = {0};
    if (!partner_by_no(w->t, token->partner, &p)) {
        enrolled(w, k, "", "", "the partner of this token is not known any more");
        return;
    }
    const char *partner_id = z_of(&w->a, p.id);
    if (token->used_by.n) {
        const char *used_by = z_of(&w->a, token->used_by);
        bool same = agent_get(w->t, str_of(used_by), &a) && memcmp(a.public_key, m->public_key.data, 32) == 0;
        enrolled(w, k, same ? partner_id : "", same ? used_by : "", same ? "" : "this token was used already");
        return;
    }
    if (service_now(w->s) >= token->expires_ms) {
        enrolled(w, k, "", "", "this token has expired");
        return;
    }
    agent_next_id(w->t, token->partner, &id);
    if (!journal_enrolled(w, token_key, token, m, partner_id, buf_z(&id), &e)) {
        enrolled(w, k, "", "", e.text);
        return;
    }
    w->recheck = true;
    enrolled(w, k, partner_id, buf_z(&id), "");
    log_event(LOG_LEVEL_INFO, "agent.enrolled", "agent=%s partner=%s", buf_z(&id), partner_id);
}

void take_enroll(turn *w, peer *k, const Wire__Enroll *m) {
    uint8_t key[AGENT_KEY_SIZE];
    agent_token token;
    agent owner;
    err e;
    if (m->public_key.len != AGENT_KEY_SIZE || !hex_parse(str_skip(peer_user(k), strlen("token:")), key, sizeof key)) {
        peer_refuse(w->s, k, REFUSE_PROTOCOL, "ENROLL: a public key has 32 bytes");
        return;
    }
    if (!turn_write(w, &e)) {
        peer_busy(w->s, k, BUSY_LOAD, 1000, e.text);
        return;
    }
    if (agent_by_key(w->t, key, &token, &owner) != KEY_TOKEN) {
        enrolled(w, k, "", "", "this token is not known");
        return;
    }
    enroll(w, k, key, &token, m);
}
