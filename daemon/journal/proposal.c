#include "daemon/journal/proposal.h"

#include "base/num.h"
#include "daemon/journal/apply.h"
#include "daemon/store/keys.h"
#include "daemon/store/store.h"
#include "proto/kinds.h"

#include <inttypes.h>

const char *proposal_state_name(proposal_state s) {
    static const char *const names[] = {"", "open", "approved", "refused"};
    return names[s];
}

bool proposal_decode(uint64_t number, str val, proposal *out) {
    reader r = reader_of(val);
    *out = (proposal){.number = number, .entry = read_be64(&r)};
    out->time_ms = (int64_t)read_be64(&r);
    out->state = (proposal_state)read_byte(&r);
    out->kind = (uint16_t)read_be32(&r);
    out->roles = read_be32(&r);
    out->currency = read_be32(&r);
    out->amount = (int64_t)read_be64(&r);
    out->decided = read_be64(&r);
    str *texts[] = {&out->by, &out->subject, &out->what, &out->decided_by, &out->why, &out->body};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) *texts[i] = read_text(&r);
    return !r.bad && out->state >= PROPOSAL_OPEN && out->state <= PROPOSAL_REFUSED;
}

static key key_of(uint64_t number) {
    key k = {.n = 0};
    key_u64(&k, number);
    return k;
}

bool proposal_get(txn *t, uint64_t number, proposal *out) {
    key k = key_of(number);
    str val;
    return kv_get(t, TABLE_PROPOSAL, key_str(&k), &val) && proposal_decode(number, val, out);
}

static void put(txn *t, const proposal *p) {
    AUTO(buf) b = {0};
    key k = key_of(p->number);
    buf_be64(&b, p->entry);
    buf_be64(&b, (uint64_t)p->time_ms);
    buf_byte(&b, (char)p->state);
    buf_be32(&b, p->kind);
    buf_be32(&b, p->roles);
    buf_be32(&b, p->currency);
    buf_be64(&b, (uint64_t)p->amount);
    buf_be64(&b, p->decided);
    const str texts[] = {p->by, p->subject, p->what, p->decided_by, p->why, p->body};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) buf_text(&b, texts[i]);
    kv_put(t, TABLE_PROPOSAL, key_str(&k), buf_str(&b));
}

bool proposal_apply(txn *t, const entry *en, const Entry__Proposal *m, apply_result *r, err *e) {
    if (m->kind == KIND_PROPOSAL || m->kind == KIND_DECISION || m->kind > UINT16_MAX)
        return err_set(e, ERR_DATA, "entry of kind %u cannot be proposed", m->kind);
    proposal p = {.number = store_next(t, "proposal"),
                  .entry = en->seq,
                  .time_ms = en->time_ms,
                  .state = PROPOSAL_OPEN,
                  .kind = (uint16_t)m->kind,
                  .roles = m->roles,
                  .currency = currency_no(str_of(m->currency)),
                  .amount = m->currency[0] ? m->amount : NUM_NONE,
                  .by = en->actor,
                  .subject = str_of(m->subject),
                  .what = str_of(m->what),
                  .body = str_from(m->body.data, m->body.len)};
    put(t, &p);
    r->number = p.number;
    return txn_ok(t, e);
}

/* In the name of who proposed it: a second person lets it through, the deed stays the first one's. */
static bool apply_what_waited(txn *t, const entry *en, const proposal *p, apply_result *r, err *e) {
    entry waited = *en;
    waited.kind = p->kind;
    waited.actor = p->by;
    waited.body = p->body;
    return journal_apply(t, &waited, r, e);
}

bool decision_apply(txn *t, const entry *en, const Entry__Decision *m, apply_result *r, err *e) {
    AUTO(buf) kept = {0};
    proposal p;
    str val;
    key k = key_of(m->proposal);
    if (!kv_get(t, TABLE_PROPOSAL, key_str(&k), &val))
        return txn_ok(t, e) && err_set(e, ERR_NOT_FOUND, "no proposal %" PRIu64 " (`approval list`)", m->proposal);
    buf_add(&kept, val); /* what is applied writes: borrowed bytes would not last */
    if (!proposal_decode(m->proposal, buf_str(&kept), &p))
        return err_set(e, ERR_INTERNAL, "proposal %" PRIu64 " cannot be decoded", m->proposal);
    if (p.state != PROPOSAL_OPEN)
        return err_set(e, ERR_CONFLICT, "proposal %" PRIu64 " was %s by %.*s already", p.number,
                       proposal_state_name(p.state), STR_ARG(p.decided_by));
    if (m->approve && str_eq(p.by, en->actor))
        return err_set(e, ERR_DENIED, "proposal %" PRIu64 " is %.*s's own: another person must approve it", p.number,
                       STR_ARG(p.by));
    if (m->approve) TRY(apply_what_waited(t, en, &p, r, e));
    p.state = m->approve ? PROPOSAL_APPROVED : PROPOSAL_REFUSED;
    p.decided = en->seq;
    p.decided_by = en->actor;
    p.why = str_of(m->reason);
    put(t, &p);
    return txn_ok(t, e);
}
