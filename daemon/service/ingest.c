#include "daemon/service/agents.h"

#include "base/log.h"
#include "daemon/catalog/catalog.h"
#include "daemon/journal/journal.h"
#include "daemon/ledger/uploads.h"
#include "proto/digest.h"
#include "proto/journal.pb-c.h"
#include <inttypes.h>
#include <stdio.h>

/* One batch on its way: who sent what. */
typedef struct arrival {
    peer *k;
    agent who;
    uint64_t epoch, seq;
    uint8_t digest[DIGEST_SIZE];
    str payload;
} arrival;

/* Epoch and number stand in front of every batch; read without decoding the rest. */
static bool batch_name(str payload, uint64_t *epoch, uint64_t *seq) {
    reader r = reader_of(payload);
    *epoch = *seq = 0;
    while (!reader_done(&r)) {
        uint64_t tag = read_varint(&r), v = 0;
        if ((tag & 7) == 0) v = read_varint(&r);
        else if ((tag & 7) == 1)
            v = __builtin_bswap64(read_be64(&r)); /* protobuf's fixed64 is little-endian */
        else if ((tag & 7) == 2)
            (void)read_text(&r);
        else
            return false;
        if (tag == (1 << 3 | 1)) *epoch = v;
        if (tag == (2 << 3 | 0)) *seq = v;
    }
    return !r.bad && *epoch && *seq;
}

static ProtobufCBinaryData bytes_of(const void *p, size_t n) {
    return (ProtobufCBinaryData){n, (uint8_t *)(uintptr_t)p};
}

static bool append(turn *w, const arrival *b, entry_kind kind, const ProtobufCMessage *body, apply_result *r, err *e) {
    char name[USER_MAX + 8];
    int n = snprintf(name, sizeof name, "agent:%s", b->k->user);
    command_entry what = {kind, service_now(w->s), str_from(name, (size_t)n), body};
    return journal_append(w->t, &what, r, NULL, e);
}

static bool append_upload(turn *w, const arrival *b, apply_result *r, err *e) {
    partner p;
    if (!partner_by_no(w->t, b->who.partner, &p)) return err_set(e, ERR_DATA, "the agent's partner is not known");
    Entry__Upload body = ENTRY__UPLOAD__INIT;
    body.partner = (char *)(uintptr_t)arena_str(&w->a, p.id).p;
    body.agent = b->k->user;
    body.digest = bytes_of(b->digest, DIGEST_SIZE);
    body.frame = bytes_of(b->payload.p, b->payload.n);
    body.create_unknown = b->who.create_unknown;
    return append(w, b, KIND_DOCUMENT, &body.base, r, e);
}

static bool append_refused(turn *w, const arrival *b, const char *why, bool held, err *e) {
    apply_result r = {.a = &w->a};
    Entry__UploadRefused body = ENTRY__UPLOAD_REFUSED__INIT;
    body.agent = b->k->user;
    body.epoch = b->epoch;
    body.seq = b->seq;
    body.digest = bytes_of(b->digest, DIGEST_SIZE);
    body.why = (char *)(uintptr_t)why;
    body.held = held;
    log_event(LOG_LEVEL_WARN, held ? "batch.held" : "batch.refused", "agent=%s seq=%" PRIu64 " why='%s'", b->k->user,
              b->seq, why);
    return append(w, b, KIND_UPLOAD_REFUSED, &body.base, &r, e);
}

static void acknowledge(turn *w, peer *k, uint64_t seq) {
    if (k->ack_count == 0) {
        k->next_ack = w->acks;
        w->acks = k;
    }
    peer_add_ack(k, seq);
}

/* It brought the daemon down before: kept for a person, its number used up, the others go on. */
static bool set_aside(turn *w, const arrival *b, err *e) {
    TRY(poison_keep(w->s->poison, peer_user(b->k), b->epoch, b->seq, b->payload, e));
    TRY(append_refused(w, b, "held: it stopped the daemon twice; see DIR/poison", true, e));
    Wire__Held m = WIRE__HELD__INIT;
    m.epoch = b->epoch;
    m.seq = b->seq;
    m.text = (char *)(uintptr_t) "a batch stopped the centre twice and is held there";
    peer_say_later(w, b->k, FRAME_HELD, &m.base);
    return true;
}

static bool apply(turn *w, const arrival *b, err *e) {
    apply_result r = {.a = &w->a};
    err why;
    if (poison_suspects(w->s->poison, peer_user(b->k), b->epoch, b->seq, b->digest)) return set_aside(w, b, e);
    poison_begin(w->s->poison, peer_user(b->k), b->epoch, b->seq, b->digest);
    bool ok = append_upload(w, b, &r, &why) || (txn_ok(w->t, e) && append_refused(w, b, why.text, false, e));
    poison_end(w->s->poison);
    w->lines += r.lines;
    return ok;
}

static void need(turn *w, peer *k, uint64_t epoch, uint64_t seq) {
    Wire__Need m = WIRE__NEED__INIT;
    m.epoch = epoch;
    m.seq = seq;
    peer_say(w->s, k, FRAME_NEED, &m.base);
}

/* A number that was used: the same bytes are a repetition, others come from somebody else with the same key. */
static void repeated(turn *w, const arrival *b) {
    const uint8_t *digest = NULL;
    str receipt;
    if (!upload_receipt(w->t, peer_user(b->k), b->epoch, b->seq, &receipt, &digest)) {
        need(w, b->k, b->epoch, 1);
    } else if (digest == NULL || memcmp(digest, b->digest, DIGEST_SIZE) == 0) {
        acknowledge(w, b->k, b->seq);
    } else {
        (void)str_copy_z(peer_user(b->k), w->hold, sizeof w->hold);
    }
}

/* Against the grant, or told to ask for one; who does not listen is cut. */
static bool covered(service *s, peer *k, size_t n) {
    if (grant_use(&s->grants, &k->grant, n)) return true;
    if (++k->ungranted > LIMIT_UNGRANTED) {
        k->offends = true;
        peer_refuse(s, k, REFUSE_PROTOCOL, "batches are sent against a grant");
        return false;
    }
    peer_busy(s, k, BUSY_LOAD, 500, "batches are sent against a grant");
    return false;
}

static bool judge(turn *w, arrival *b, err *e) {
    upload_state state;
    TRY(turn_write(w, e));
    if (!agent_get(w->t, peer_user(b->k), &b->who) || b->who.state != AGENT_ACTIVE) {
        b->k->greeted = false;
        w->recheck = true;
        return txn_ok(w->t, e);
    }
    (void)upload_state_get(w->t, peer_user(b->k), &state);
    uint64_t last = state.epoch == b->epoch ? state.last_seq : 0;
    if (b->seq <= last) repeated(w, b);
    else if (b->seq > last + 1)
        need(w, b->k, b->epoch, last + 1);
    else {
        TRY(apply(w, b, e));
        acknowledge(w, b->k, b->seq);
    }
    return txn_ok(w->t, e);
}

void take_batch(turn *w, peer *k, str payload) {
    arrival b = {.k = k, .payload = payload};
    err e;
    if (!k->greeted) return; /* it has to say HELLO first; what it lost it sends again */
    if (!covered(w->s, k, payload.n)) return;
    if (!batch_name(payload, &b.epoch, &b.seq) || b.epoch != k->epoch) {
        peer_refuse(w->s, k, REFUSE_PROTOCOL, "a batch without its epoch and number");
        return;
    }
    if (w->batches == 0) service_look_at_storage(w->s); /* a disk fills up faster than the loop's second */
    if (w->s->storage_full || w->full) {
        peer_busy(w->s, k, BUSY_STORAGE, 5000, "the centre's disk is nearly full");
        return;
    }
    digest_of(payload, b.digest);
    w->batches++;
    w->bytes += payload.n;
    if (judge(w, &b, &e)) return;
    if (e.code != ERR_FULL) service_die("batch.failed", &e);
    w->full = true;
}
