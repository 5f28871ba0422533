/* replay — an agent's side of the wire, driven by hand for replay.py: batches twice, out of order, with gaps, under other
 * epochs. Each step prints one line with what the daemon said.
 *
 *     replay ENDPOINT HOME STEP…
 * steps: connect · hello EPOCH · want · send EPOCH SEQ QUANTITY (a batch with document R<SEQ>) */
#include "base/file.h"
#include "proto/batch.h"
#include "proto/digest.h"
#include "proto/frame.h"
#include "proto/wire.pb-c.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <zmq.h>

enum { PATIENCE_MS = 5000, Z85 = 41 };

typedef struct player {
    const char *endpoint;
    char server[Z85], public[Z85], secret[Z85];
    void *zmq, *socket;
} player;

static bool read_key(const char *home, const char *name, char out[static Z85], err *e) {
    char path[PATH_SIZE];
    AUTO(buf) text = {0};
    TRY(path_join(path, sizeof path, home, name, e) && file_read(path, 256, &text, e));
    (void)str_copy_z(str_trim(buf_str(&text)), out, Z85);
    return true;
}

static bool dial(player *p, err *e) {
    int none = 0, patience = PATIENCE_MS;
    if (p->socket) (void)zmq_close(p->socket);
    p->socket = zmq_socket(p->zmq, ZMQ_DEALER);
    if (p->socket && zmq_setsockopt(p->socket, ZMQ_LINGER, &none, sizeof none) == 0 &&
        zmq_setsockopt(p->socket, ZMQ_RCVTIMEO, &patience, sizeof patience) == 0 &&
        zmq_setsockopt(p->socket, ZMQ_CURVE_SERVERKEY, p->server, Z85) == 0 &&
        zmq_setsockopt(p->socket, ZMQ_CURVE_PUBLICKEY, p->public, Z85) == 0 &&
        zmq_setsockopt(p->socket, ZMQ_CURVE_SECRETKEY, p->secret, Z85) == 0 && zmq_connect(p->socket, p->endpoint) == 0)
        return true;
    return err_set(e, ERR_INTERNAL, "%s: %s", p->endpoint, zmq_strerror(zmq_errno()));
}

static void print_message(frame_type type, const void *m) {
    switch (type) {
    case FRAME_WELCOME: printf("welcome %" PRIu64 "\n", ((const Wire__Welcome *)m)->last_seq); break;
    case FRAME_GRANT: printf("grant\n"); break;
    case FRAME_ACK: printf("ack %" PRIu64 "\n", ((const Wire__Ack *)m)->last_seq); break;
    case FRAME_NEED: printf("need %" PRIu64 "\n", ((const Wire__Need *)m)->seq); break;
    case FRAME_BUSY: printf("busy\n"); break;
    case FRAME_HELD: printf("held\n"); break;
    default: printf("refused\n");
    }
}

static const ProtobufCMessageDescriptor *form_of(frame_type type) {
    static const struct {
        frame_type type;
        const ProtobufCMessageDescriptor *form;
    } forms[] = {{FRAME_WELCOME, &wire__welcome__descriptor}, {FRAME_GRANT, &wire__grant__descriptor},
                 {FRAME_ACK, &wire__ack__descriptor},         {FRAME_NEED, &wire__need__descriptor},
                 {FRAME_BUSY, &wire__busy__descriptor},       {FRAME_HELD, &wire__held__descriptor},
                 {FRAME_REFUSED, &wire__refused__descriptor}};
    for (size_t i = 0; i < ARRAY_LEN(forms); i++)
        if (forms[i].type == type) return forms[i].form;
    return NULL;
}

/* The daemon's next word. */
static bool hear(player *p, err *e) {
    AUTO(buf) in = {0};
    AUTO(arena) a = {0};
    frame_type type;
    str payload;
    buf_reserve(&in, LIMIT_FRAME_BYTES);
    int n = zmq_recv(p->socket, in.p, LIMIT_FRAME_BYTES, 0);
    if (n < 0) {
        printf("nothing\n");
        return true;
    }
    arena_init(&a, LIMIT_DECODE_BYTES);
    TRY(frame_open(str_from(in.p, (size_t)n), &type, &payload, e));
    const ProtobufCMessageDescriptor *form = form_of(type);
    const void *m = form ? message_unpack(form, payload, LIMIT_REPEATED, &a, e) : NULL;
    if (m == NULL) return err_set(e, ERR_DATA, "message of type %d", (int)type);
    print_message(type, m);
    return true;
}

static bool say(player *p, str frame, err *e) {
    if (zmq_send(p->socket, frame.p, frame.n, 0) < 0) return err_set(e, ERR_INTERNAL, "%s", zmq_strerror(zmq_errno()));
    return hear(p, e);
}

static bool hello(player *p, uint64_t epoch, err *e) {
    AUTO(buf) out = {0};
    Wire__Hello m = WIRE__HELLO__INIT;
    m.proto_min = m.proto_max = FRAME_PROTO;
    m.epoch = epoch;
    frame_put(&out, FRAME_HELLO, &m.base);
    return say(p, buf_str(&out), e);
}

static bool want(player *p, err *e) {
    AUTO(buf) out = {0};
    Wire__Want m = WIRE__WANT__INIT;
    m.bytes = LIMIT_GRANT_ONE;
    frame_put(&out, FRAME_WANT, &m.base);
    return say(p, buf_str(&out), e);
}

static bool keep_batch(void *arg, uint64_t seq, str payload, size_t docs, size_t lines, err *e) {
    (void)seq, (void)docs, (void)lines, (void)e;
    frame_put_header(arg, FRAME_BATCH);
    buf_add(arg, payload);
    return true;
}

static void one_document(docset *d, uint64_t seq, uint64_t quantity) {
    char number[32], facts[64];
    (void)snprintf(number, sizeof number, "R%" PRIu64, seq);
    (void)snprintf(facts, sizeof facts, "%" PRIu64 " %" PRIu64, seq, quantity);
    sha256_of(str_of(facts), d->sha256);
    d->file_name = STR("replay.csv");
    d->dialect = STR("csv");
    d->charset = STR("utf-8");
    doc_head h = {.type = TYPE_SALE};
    for (size_t i = 0; i < DOC_TEXT_COUNT; i++) h.text[i] = WORD_NONE;
    h.text[D_NUMBER] = words_add(&d->words, str_of(number));
    doc_line *l = docset_line(d);
    l->text[T_SKU] = words_add(&d->words, STR("P1"));
    l->number[N_ROW] = 2;
    l->number[N_DATE] = day_of(2024, 5, 6);
    l->number[N_QUANTITY] = (int64_t)quantity * 1000;
    docset_place(d, &h, STR(""));
    docset_finish(d);
}

static bool send_batch(player *p, uint64_t epoch, uint64_t seq, uint64_t quantity, err *e) {
    AUTO(docset) d = {0};
    AUTO(buf) frame = {0};
    docset_init(&d);
    one_document(&d, seq, quantity);
    batch_cut how = {.epoch = epoch, .first_seq = seq};
    return batch_cut_docset(&d, &how, keep_batch, &frame, e) && say(p, buf_str(&frame), e);
}

static bool play(player *p, char **step, err *e) {
    TRY(dial(p, e));
    while (*step) {
        const char *word = *step++;
        uint64_t n[3] = {0};
        size_t wanted = strcmp(word, "send") == 0 ? 3 : strcmp(word, "hello") == 0 ? 1 : 0;
        for (size_t i = 0; i < wanted && *step; i++) n[i] = strtoull(*step++, NULL, 10);
        bool ok = strcmp(word, "send") == 0      ? send_batch(p, n[0], n[1], n[2], e)
                  : strcmp(word, "hello") == 0   ? hello(p, n[0], e)
                  : strcmp(word, "want") == 0    ? want(p, e)
                  : strcmp(word, "connect") == 0 ? dial(p, e)
                                                 : err_set(e, ERR_USAGE, "no step '%s'", word);
        if (!ok) return false;
    }
    return true;
}

int main(int argc, char **argv) {
    err e = {0};
    if (argc < 4) {
        fputs("usage: replay ENDPOINT HOME STEP…\n", stderr);
        return 64;
    }
    player p = {.endpoint = argv[1], .zmq = zmq_ctx_new()};
    bool ok = read_key(argv[2], "server.pub", p.server, &e) && read_key(argv[2], "agent.secret", p.secret, &e) &&
              (zmq_curve_public(p.public, p.secret) == 0 || err_set(&e, ERR_INTERNAL, "no key")) &&
              play(&p, argv + 3, &e);
    if (p.socket) (void)zmq_close(p.socket);
    (void)zmq_ctx_term(p.zmq);
    if (!ok) fprintf(stderr, "replay: %s\n", e.text);
    return ok ? 0 : 1;
}
