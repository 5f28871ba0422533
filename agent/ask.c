#include "agent/ask.h"

#include "agent/dial.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/rng.h"
#include "proto/frame.h"
#include "proto/wire.pb-c.h"
#include <errno.h>
#include <sodium.h>
#include <stdlib.h>

enum { QUESTION_BYTES = LIMIT_HELLO_BYTES - 256 }; /* beside it: head, number, request id */
enum { STATUS_CHANGED = 2 };                       /* of the centre: told only to who asks for it */
enum { AGAIN_MIN_MS = 200, AGAIN_MAX_MS = 1500, COLUMN_BYTES = 64 * 1024, TURN_MAX_MS = 100 };

struct asking {
    void *zmq;
    char endpoint[256];
    uint8_t server[KEY_SIZE], public_key[KEY_SIZE], secret[KEY_SIZE];
    char *word[LIMIT_ASK_WORDS];
    char request[2 * 16 + 1]; /* asked again it is the same request */
    size_t words;
    int64_t timeout_ms, heard_ms; /* heard_ms 0: not begun */
    int64_t again_ms;             /* asked again then, on this connection or another; 0: an answer is awaited */
    rng jitter;
    uint32_t id;
    dial dial;
    bool up;
    char why[256]; /* what the centre said last, when it told us to come again */
    buf in;
    char *file; /* that goes with it, NULL none */
    buf data;
    arena message;
    asked answer;
};

void asked_auto(asked *a) {
    buf_free(&a->rows);
    arena_free(&a->text);
    *a = (asked){0};
}

bool asked_row(str *rest, str *row) {
    return str_split(rest, '\n', row) && row->n > 0;
}

void asked_json(const asked *a, buf *out) {
    str rest = buf_str(&a->rows), row;
    bool list = a->form == ASKED_LIST, first = true;
    if (a->form == ASKED_MESSAGE) {
        json j = json_into(out);
        json_open_object(&j);
        json_key(&j, "message");
        json_str(&j, a->message);
        json_end_object(&j);
    }
    if (list) buf_byte(out, '[');
    for (; asked_row(&rest, &row); first = false) {
        if (!first) buf_addz(out, ",\n");
        buf_add(out, row);
    }
    buf_addz(out, list ? "]\n" : "\n");
}

static bool words_fit(const char *const *words, size_t n, err *e) {
    if (n == 0 || n > LIMIT_ASK_WORDS) return err_set(e, ERR_USAGE, "a question has 1 to %d words", LIMIT_ASK_WORDS);
    size_t bytes = 0;
    for (size_t i = 0; i < n; i++) bytes += strlen(words[i]) + 3;
    return bytes <= QUESTION_BYTES ||
           err_set(e, ERR_USAGE, "a question has at most %d bytes: say less, or put it into a file", QUESTION_BYTES);
}

static void set_words(asking *q, const char *const *words, size_t n) {
    uint8_t request[(sizeof q->request - 1) / 2];
    for (q->words = 0; q->words < n; q->words++) {
        q->word[q->words] = strdup(words[q->words]);
        ASSERT(q->word[q->words] != NULL);
    }
    randombytes_buf(request, sizeof request);
    (void)sodium_bin2hex(q->request, sizeof q->request, request, sizeof request);
}

bool asking_new(void *zmq, const home *h, const char *const *words, size_t n, int64_t timeout_ms, asking **out,
                err *e) {
    TRY(words_fit(words, n, e));
    asking *q = calloc(1, sizeof *q);
    ASSERT(q != NULL);
    q->zmq = zmq;
    q->timeout_ms = timeout_ms;
    memcpy(q->endpoint, h->endpoint, sizeof q->endpoint);
    memcpy(q->server, h->server, KEY_SIZE);
    memcpy(q->public_key, h->public_key, KEY_SIZE);
    memcpy(q->secret, h->secret, KEY_SIZE);
    set_words(q, words, n);
    randombytes_buf(&q->jitter.state, sizeof q->jitter.state);
    arena_init(&q->message, LIMIT_DECODE_BYTES);
    *out = q;
    return true;
}

static void forget_words(asking *q) {
    for (size_t i = 0; i < q->words; i++) free(q->word[i]);
    free(q->file);
    q->words = 0;
    q->file = NULL;
    buf_clear(&q->data);
}

/* It is due: the next turn says it, when the connection is up. */
bool asking_next(asking *q, const char *const *words, size_t n, err *e) {
    TRY(words_fit(words, n, e));
    forget_words(q);
    set_words(q, words, n);
    q->heard_ms = 0;
    q->again_ms = 1;
    q->why[0] = '\0';
    return true;
}

void asking_free(asking *q) {
    if (q == NULL) return;
    dial_close(&q->dial);
    forget_words(q);
    sodium_memzero(q->secret, sizeof q->secret);
    buf_free(&q->in);
    buf_free(&q->data);
    arena_free(&q->message);
    asked_auto(&q->answer);
    free(q);
}

void asking_attach(asking *q, const char *name, str bytes) {
    q->file = strdup(name);
    ASSERT(q->file != NULL);
    buf_add(&q->data, bytes);
}

void asking_take(asking *q, asked *out) {
    *out = q->answer;
    q->answer = (asked){0};
}

/* ---- saying */

static void again(asking *q, int64_t now_ms, const char *why) {
    q->again_ms = now_ms + AGAIN_MIN_MS + (int64_t)rng_below(&q->jitter, AGAIN_MAX_MS - AGAIN_MIN_MS);
    (void)str_copy_z(str_of(why), q->why, sizeof q->why);
}

static void hang_up(asking *q, int64_t now_ms, const char *why) {
    dial_close(&q->dial);
    q->up = false;
    again(q, now_ms, why);
}

/* From the beginning, or the piece that follows what is there. */
static void say(asking *q, int64_t now_ms, bool first) {
    AUTO(buf) frame = {0};
    Wire__Ask m = WIRE__ASK__INIT;
    if (first) {
        m.file = q->file ? q->file : m.file;
        m.data = (ProtobufCBinaryData){q->data.n, (uint8_t *)q->data.p};
        asked_auto(&q->answer);
        arena_init(&q->answer.text, COLUMN_BYTES);
        q->id++;
        m.word = q->word;
        m.n_word = q->words;
        m.request = q->request;
    }
    m.id = q->id;
    m.from = q->answer.rows.n;
    q->again_ms = 0;
    frame_put(&frame, FRAME_ASK, &m.base);
    if (!dial_send(&q->dial, buf_str(&frame))) hang_up(q, now_ms, "the connection was lost");
}

/* ---- hearing */

static bool refused(asking *q, const Wire__Answer *m, int64_t now_ms, err *e) {
    if (strcmp(m->code, err_name(ERR_RETRY)) != 0) return err_set(e, err_from_name(m->code), "%s", m->error);
    again(q, now_ms, m->error);
    return true;
}

static bool take_answer(asking *q, const Wire__Answer *m, int64_t now_ms, bool *done, err *e) {
    asked *a = &q->answer;
    if (m->id != q->id || q->again_ms) return true; /* of a question given up */
    q->heard_ms = now_ms;
    if (m->code[0]) return refused(q, m, now_ms, e);
    if (a->rows.n + m->data.len > LIMIT_ASK_ANSWER || m->n_column > LIMIT_REPEATED || (m->more && m->data.len == 0))
        return err_set(e, ERR_DATA, "the centre's answer has no end");
    if (a->rows.n == 0) {
        a->form = m->form <= ASKED_SHOW ? (asked_form)m->form : ASKED_MESSAGE;
        a->status = m->status == STATUS_CHANGED ? 0 : (int)m->status;
        a->message = arena_str(&a->text, str_of(m->message));
        a->columns = m->n_column;
        a->column = arena_alloc(&a->text, (m->n_column + 1) * sizeof *a->column);
        for (size_t i = 0; a->column && i < m->n_column; i++) a->column[i] = arena_str(&a->text, str_of(m->column[i]));
    }
    buf_add(&a->rows, str_from(m->data.data, m->data.len));
    *done = !m->more;
    if (m->more) say(q, now_ms, false);
    return true;
}

static bool understand(asking *q, int64_t now_ms, bool *done, err *e) {
    frame_type type;
    str payload;
    TRY(frame_open(buf_str(&q->in), &type, &payload, e));
    const ProtobufCMessageDescriptor *form = type == FRAME_ANSWER    ? &wire__answer__descriptor
                                             : type == FRAME_REFUSED ? &wire__refused__descriptor
                                             : type == FRAME_HELD    ? &wire__held__descriptor
                                                                     : NULL;
    if (form == NULL) return true;
    arena_reset(&q->message);
    void *m = message_unpack(form, payload, LIMIT_REPEATED, &q->message, e);
    if (m == NULL) return false;
    if (type == FRAME_ANSWER) return take_answer(q, m, now_ms, done, e);
    const char *text = type == FRAME_REFUSED ? ((Wire__Refused *)m)->text : ((Wire__Held *)m)->text;
    return err_set(e, ERR_DENIED, "the centre refuses this agent: %s", text);
}

static bool watch_dial(asking *q, int64_t now_ms, err *e) {
    for (dial_event ev; (ev = dial_next(&q->dial)) != DIAL_NOTHING;) {
        if (ev == DIAL_DENIED)
            return err_set(e, ERR_DENIED,
                           "the centre does not let this agent's key in: revoked, or not enrolled there");
        q->up = ev == DIAL_UP;
        if (q->up) say(q, now_ms, true);
        else
            hang_up(q, now_ms, "the connection was lost");
    }
    return true;
}

static bool act_when_due(asking *q, int64_t now_ms, err *e) {
    dial_keys k = {q->server, q->public_key, q->secret};
    if (now_ms < q->again_ms) return true;
    if (q->dial.socket == NULL) return dial_open(q->zmq, q->endpoint, &k, &q->dial, e);
    if (q->up && q->again_ms) say(q, now_ms, true);
    return true;
}

bool asking_turn(asking *q, int64_t mono_ms, bool *done, err *e) {
    bool whole;
    *done = false;
    if (q->heard_ms == 0) q->heard_ms = mono_ms;
    TRY(watch_dial(q, mono_ms, e));
    while (!*done && dial_receive(&q->dial, &q->in, &whole)) {
        if (!whole) return err_set(e, ERR_DATA, "the centre sent something unreadable");
        TRY(understand(q, mono_ms, done, e));
    }
    if (*done) return true;
    if (mono_ms - q->heard_ms >= q->timeout_ms)
        return err_set(e, q->up ? ERR_RETRY : ERR_UNAVAILABLE, "%s: no answer%s%s", q->endpoint, q->why[0] ? ": " : "",
                       q->why);
    return act_when_due(q, mono_ms, e);
}

int64_t asking_due(const asking *q) {
    int64_t end_ms = q->heard_ms + q->timeout_ms;
    if (q->heard_ms == 0) return INT64_MIN;
    return q->again_ms && q->again_ms < end_ms ? q->again_ms : end_ms;
}

size_t asking_sockets(const asking *q, void *out[static 2]) {
    if (q->dial.socket == NULL) return 0;
    out[0] = q->dial.socket;
    out[1] = q->dial.monitor;
    return 2;
}

static bool wait_for(asking *q, err *e) {
    for (bool done = false; !done;) {
        TRY(asking_turn(q, mono_ms(), &done, e));
        void *sockets[2];
        zmq_pollitem_t items[2] = {{.events = ZMQ_POLLIN}, {.events = ZMQ_POLLIN}};
        size_t n = asking_sockets(q, sockets);
        for (size_t i = 0; i < n; i++) items[i].socket = sockets[i];
        int64_t left = asking_due(q) - mono_ms();
        long ms = done || left < 0 ? 0 : left < TURN_MAX_MS ? (long)left : TURN_MAX_MS;
        if (zmq_poll(items, (int)n, ms) < 0 && zmq_errno() != EINTR)
            return err_set(e, ERR_INTERNAL, "poll: %s", zmq_strerror(zmq_errno()));
    }
    return true;
}

void ask_series_auto(ask_series *s) {
    asking_free(s->q);
    if (s->zmq) (void)zmq_ctx_term(s->zmq);
}

bool ask_on(ask_series *s, const char *const *words, size_t n, const char *name, str bytes, asked *out, err *e) {
    if (s->zmq == NULL) s->zmq = zmq_ctx_new();
    ASSERT(s->zmq != NULL);
    TRY(s->q ? asking_next(s->q, words, n, e) : asking_new(s->zmq, s->home, words, n, s->timeout_ms, &s->q, e));
    if (name) asking_attach(s->q, name, bytes);
    TRY(wait_for(s->q, e));
    asking_take(s->q, out);
    return true;
}

bool ask(const home *h, const char *const *words, size_t n, int64_t timeout_ms, asked *out, err *e) {
    AUTO(ask_series) s = {.home = h, .timeout_ms = timeout_ms};
    return ask_on(&s, words, n, NULL, STR_NONE, out, e);
}
