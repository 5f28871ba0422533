/* agents — who may connect. A CURVE public key is either that of a token (the right to enrol once) or that of an agent.
 *
 *   agent       agent id → partner u32, entry u64, state u8, create_unknown u8, public key 32, enrolled i64,
 *               host, version, replaces, why (texts with varint length)
 *   agent_key   CURVE key → 'T', entry u64, partner u32, create_unknown u8, expires i64, replaces, used by agent
 *                         | 'A', agent id
 *   contact     agent id → see struct contact (operational: written by the service, never journaled) */
#ifndef CATALOG_AGENTS_H
#define CATALOG_AGENTS_H

#include "base/buf.h"
#include "daemon/store/store.h"

enum { AGENT_KEY_SIZE = 32 };

typedef enum agent_state {
    AGENT_ACTIVE = 1,
    AGENT_HELD, /* a second holder of its key or spool was found */
    AGENT_REVOKED,
    AGENT_REPLACED, /* another agent took its place */
} agent_state;
const char *agent_state_name(agent_state s);

typedef struct agent {
    str id;
    uint32_t partner;
    uint64_t entry; /* that last changed it */
    agent_state state;
    bool create_unknown;
    const uint8_t *public_key;
    int64_t enrolled_ms;
    str host, version, replaces, why;
} agent;

bool agent_get(txn *t, str id, agent *out);
bool agent_decode(str id, str val, agent *out);
/** Agents of a partner, whatever their state: the n-th (from 0) in the order of ids. */
bool agent_of_partner(txn *t, uint32_t partner_no, size_t n, agent *out);
/** An id that is free: partner-1, partner-2 … */
void agent_next_id(txn *t, uint32_t partner_no, buf *out);

typedef struct agent_token {
    uint64_t entry;
    uint32_t partner;
    bool create_unknown;
    int64_t expires_ms;
    str replaces; /* agent that it replaces, or "" */
    str used_by;  /* agent that used it up, or "" */
} agent_token;

/** Is a value of TABLE_AGENT_KEY that of a token? Texts are borrowed. */
bool agent_token_decode(str val, agent_token *out);

typedef enum key_owner { KEY_UNKNOWN, KEY_TOKEN, KEY_AGENT } key_owner;
/** Whose CURVE key is it? Fills the one that applies. For ZAP: an agent connects while its state is active or held (it
 *  is told so), a token while it is unused and not expired — or used, then only to hear again which agent it became. */
key_owner agent_by_key(txn *t, const uint8_t public_key[static AGENT_KEY_SIZE], agent_token *token, agent *out);

/* Last contact, as the service saw it. */
typedef struct contact {
    int64_t heard_ms;     /* last message */
    int64_t committed_ms; /* last commit of a batch of it */
    uint64_t epoch, last_seq, committed_seq;
    uint64_t waiting;  /* batches it still holds */
    int64_t oldest_ms; /* when the oldest of them was spooled, 0: none */
    str version, host;
} contact;

bool contact_get(txn *t, str agent_id, contact *out);
void contact_put(txn *t, str agent_id, const contact *c);

#endif
