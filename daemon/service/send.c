#include "daemon/service/agents.h"

#include "base/clock.h"
#include "daemon/journal/journal.h"
#include "daemon/ledger/uploads.h"
#include <stdlib.h>
#include <zmq.h>

enum { LAST_WORD_MS = 200, RECEIPT_FIELD = 5 };

/* What cannot be taken now is dropped: everything we say is state, and asked for again. */
void peer_send(service *s, peer *k, str frame) {
    if (k->routing_n == 0) return;
    if (zmq_send(s->agents, k->routing, k->routing_n, ZMQ_DONTWAIT | ZMQ_SNDMORE) < 0) return;
    if (zmq_send(s->agents, frame.p, frame.n, ZMQ_DONTWAIT) >= 0) guard_said(&k->guard, frame.n);
}

void peer_say(service *s, peer *k, frame_type type, const ProtobufCMessage *m) {
    AUTO(buf) out = {0};
    frame_put(&out, type, m);
    peer_send(s, k, buf_str(&out));
}

void peer_send_later(turn *w, peer *k, str frame) {
    if (w->later_count == w->later_cap) {
        w->later_cap = w->later_cap ? 2 * w->later_cap : 16;
        w->later = realloc(w->later, w->later_cap * sizeof *w->later);
        ASSERT(w->later != NULL);
    }
    outgoing *o = &w->later[w->later_count++];
    *o = (outgoing){.to = k};
    buf_add(&o->frame, frame);
}

void peer_say_later(turn *w, peer *k, frame_type type, const ProtobufCMessage *m) {
    AUTO(buf) out = {0};
    frame_put(&out, type, m);
    peer_send_later(w, k, buf_str(&out));
}

static char *text_of(const char *z) {
    return (char *)(uintptr_t)z; /* protobuf-c's fields are not const; packing does not write */
}

void peer_busy(service *s, peer *k, busy_reason why, uint32_t retry_ms, const char *text) {
    Wire__Busy m = WIRE__BUSY__INIT;
    m.reason = (uint32_t)why;
    m.retry_ms = retry_ms;
    m.text = text_of(text);
    peer_say(s, k, FRAME_BUSY, &m.base);
}

void peer_hold(service *s, peer *k, uint64_t epoch, uint64_t seq, const char *text) {
    Wire__Held m = WIRE__HELD__INIT;
    m.epoch = epoch;
    m.seq = seq;
    m.text = text_of(text);
    peer_say(s, k, FRAME_HELD, &m.base);
    if (seq == 0) k->greeted = false;
}

void peer_refuse(service *s, peer *k, refuse_reason why, const char *text) {
    Wire__Refused m = WIRE__REFUSED__INIT;
    m.reason = (uint32_t)why;
    m.text = text_of(text);
    peer_say(s, k, FRAME_REFUSED, &m.base);
    k->greeted = false;
    k->cut_ms = mono_ms() + LAST_WORD_MS;
}

/* A packed receipt is a field of Ack already: tag, length, bytes. */
static void add_receipt(buf *out, str receipt) {
    buf_varint(out, RECEIPT_FIELD << 3 | 2);
    buf_text(out, receipt);
}

void put_acks(txn *t, str agent_id, const uint64_t *seqs, size_t n, ack_fn emit, void *arg) {
    upload_state state;
    uint8_t head[DIGEST_SIZE];
    uint64_t entries;
    int64_t time_ms;
    (void)upload_state_get(t, agent_id, &state);
    journal_head(t, &entries, &time_ms, head);
    Wire__Ack ack = WIRE__ACK__INIT;
    ack.epoch = state.epoch;
    ack.last_seq = state.last_seq;
    ack.head = (ProtobufCBinaryData){DIGEST_SIZE, head};
    ack.db_epoch = store_db_epoch(t);
    AUTO(buf) out = {0};
    frame_put(&out, FRAME_ACK, &ack.base);
    size_t bare = out.n, in_frame = 0;
    for (size_t i = 0; i < n; i++) {
        str receipt;
        if (!upload_receipt(t, agent_id, state.epoch, seqs[i], &receipt, NULL)) continue;
        if (in_frame == LIMIT_RECEIPTS || (in_frame && out.n + receipt.n > LIMIT_BATCH_BYTES)) {
            emit(arg, buf_str(&out));
            out.n = bare;
            in_frame = 0;
        }
        add_receipt(&out, receipt);
        in_frame++;
    }
    emit(arg, buf_str(&out));
}
