#include "agent/enroll.h"

#include "agent/commands.h"
#include "agent/dial.h"
#include "agent/spool.h"
#include "base/clock.h"
#include "proto/frame.h"
#include "proto/wire.pb-c.h"
#include <sodium.h>
#include <stdio.h>
#include <unistd.h>

enum { TIMEOUT_MS = 20000, REDIAL_MS = 500, OWN_NAMES = 16 };

typedef struct token {
    uint8_t server[KEY_SIZE], seed[KEY_SIZE];
} token;

static bool token_parse(const char *text, token *out, err *e) {
    static const char mark[] = "cd1.";
    str s = str_trim(str_of(text));
    uint8_t bytes[2 * KEY_SIZE];
    size_t n = 0;
    if (!str_starts(s, STR("cd1.")) ||
        sodium_base642bin(bytes, sizeof bytes, s.p + sizeof mark - 1, s.n - (sizeof mark - 1), NULL, &n, NULL,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
        n != sizeof bytes)
        return err_set(e, ERR_USAGE,
                       "--token: not a token of this centre (wanted cd1.…, whole, as 'agent enroll' printed it)");
    memcpy(out->server, bytes, KEY_SIZE);
    memcpy(out->seed, bytes + KEY_SIZE, KEY_SIZE);
    sodium_memzero(bytes, sizeof bytes);
    return true;
}

typedef struct enrolling {
    void *zmq;
    const char *endpoint;
    token token;
    uint8_t own[KEY_SIZE]; /* public key */
    dial dial;
    char partner[LIMIT_ID + 1], agent[LIMIT_ID + 1];
    uint8_t privacy_key[KEY_SIZE];
    bool has_privacy_key;
    char own_name[OWN_NAMES][LIMIT_NAME + 1];
    size_t own_names;
} enrolling;

static void ask(enrolling *n) {
    char host[65] = "";
    AUTO(buf) frame = {0};
    Wire__Enroll m = WIRE__ENROLL__INIT;
    (void)gethostname(host, sizeof host - 1);
    m.public_key = (ProtobufCBinaryData){.len = KEY_SIZE, .data = n->own};
    m.version = (char *)(uintptr_t)CHANNELD_VERSION;
    m.host = host;
    frame_put(&frame, FRAME_ENROLL, &m.base);
    (void)dial_send(&n->dial, buf_str(&frame));
}

static bool enrolled(enrolling *n, const Wire__Enrolled *m, err *e) {
    if (m->partner[0] == '\0')
        return err_set(e, ERR_DENIED, "not enrolled: %s", m->text[0] ? m->text : "the centre refuses the token");
    (void)str_copy_z(str_of(m->partner), n->partner, sizeof n->partner);
    (void)str_copy_z(str_of(m->agent), n->agent, sizeof n->agent);
    for (n->own_names = 0; n->own_names < m->n_own_name && n->own_names < OWN_NAMES; n->own_names++)
        (void)str_copy_z(str_of(m->own_name[n->own_names]), n->own_name[n->own_names], LIMIT_NAME + 1);
    n->has_privacy_key = m->privacy_key.len == KEY_SIZE;
    if (n->has_privacy_key) memcpy(n->privacy_key, m->privacy_key.data, KEY_SIZE);
    return true;
}

/* *done: an answer came. False: it says no. */
static bool read_answer(enrolling *n, bool *done, err *e) {
    AUTO(buf) in = {0};
    AUTO(arena) a = {0};
    bool whole;
    frame_type type;
    str payload;
    arena_init(&a, LIMIT_DECODE_BYTES);
    while (dial_receive(&n->dial, &in, &whole)) {
        TRY(frame_open(buf_str(&in), &type, &payload, e));
        const ProtobufCMessageDescriptor *form =
            type == FRAME_REFUSED ? &wire__refused__descriptor : &wire__enrolled__descriptor;
        if (type != FRAME_REFUSED && type != FRAME_ENROLLED) continue;
        void *m = message_unpack(form, payload, LIMIT_REPEATED, &a, e);
        if (m == NULL) return false;
        if (type == FRAME_REFUSED) return err_set(e, ERR_DENIED, "not enrolled: %s", ((Wire__Refused *)m)->text);
        *done = true;
        return enrolled(n, m, e);
    }
    return true;
}

static bool redial(enrolling *n, err *e) {
    uint8_t public_key[KEY_SIZE];
    key_public(n->token.seed, public_key);
    dial_keys k = {n->token.server, public_key, n->token.seed};
    dial_close(&n->dial);
    return dial_open(n->zmq, n->endpoint, &k, &n->dial, e);
}

static bool converse(enrolling *n, int64_t timeout_ms, err *e) {
    int64_t until = mono_ms() + timeout_ms, redial_ms = INT64_MIN;
    for (bool done = false; !done;) {
        int64_t now = mono_ms();
        if (now >= until)
            return err_set(e, ERR_UNAVAILABLE, "%s: nobody answers (is the address right, and reachable from here?)",
                           n->endpoint);
        if (n->dial.socket == NULL && now >= redial_ms) TRY(redial(n, e));
        dial_event ev = dial_next(&n->dial);
        if (ev == DIAL_UP) ask(n);
        if (ev == DIAL_DENIED)
            return err_set(e, ERR_DENIED, "the centre does not know this token: used, expired or withdrawn");
        if (ev == DIAL_DOWN) {
            dial_close(&n->dial);
            redial_ms = now + REDIAL_MS;
        }
        TRY(read_answer(n, &done, e));
        zmq_pollitem_t items[] = {{.socket = n->dial.socket, .events = ZMQ_POLLIN},
                                  {.socket = n->dial.monitor, .events = ZMQ_POLLIN}};
        if (!done && ev == DIAL_NOTHING) (void)zmq_poll(items, n->dial.socket ? 2 : 0, 100);
    }
    return true;
}

static bool ask_centre(enrolling *n, int64_t timeout_ms, err *e) {
    bool ok = converse(n, timeout_ms, e);
    dial_close(&n->dial);
    return ok;
}

static bool make_key(const char *dir, enrolling *n, err *e) {
    uint8_t secret[KEY_SIZE];
    TRY(home_pending_key(dir, secret, e));
    key_public(secret, n->own);
    sodium_memzero(secret, sizeof secret);
    return true;
}

/* Killed between the last file and the message: the home is enrolled by this very token, with the key it has. */
static bool enrolled_before(const char *dir, enrolling *n, int64_t timeout_ms) {
    home h = {.lock_fd = -1};
    err ignored;
    char pending[PATH_SIZE];
    if (!home_load(dir, &h, &ignored) || memcmp(h.server, n->token.server, KEY_SIZE) != 0) return false;
    memcpy(n->own, h.public_key, KEY_SIZE);
    sodium_memzero(h.secret, sizeof h.secret);
    if (!ask_centre(n, timeout_ms, &ignored)) return false;
    if (path_join(pending, sizeof pending, dir, "agent.secret.new", &ignored)) (void)unlink(pending);
    return true;
}

/* So that the first file can be doubted: what it is called here, nothing else. */
static bool keep_names(const char *dir, const enrolling *n, err *e) {
    char path[PATH_SIZE];
    const char *name[OWN_NAMES];
    spool_options how = {.quota = 0};
    spool *s;
    for (size_t i = 0; i < n->own_names; i++) name[i] = n->own_name[i];
    TRY(path_join(path, sizeof path, dir, "spool", e));
    TRY(spool_open(path, &how, &s, e));
    bool ok = spool_names(s, name, n->own_names, e) && spool_flush(s, e);
    spool_close(s);
    return ok;
}

bool enroll_home(void *zmq, const char *dir, const enroll_call *how, enrolled_as *out, err *e) {
    enrolling n = {.zmq = zmq, .endpoint = how->endpoint};
    home locked = {.lock_fd = -1};
    if (!str_starts(str_of(how->endpoint), STR("tcp://")) || strlen(how->endpoint) >= sizeof locked.endpoint)
        return err_set(e, ERR_USAGE, "--server %s: wanted tcp://HOST:PORT", how->endpoint);
    TRY(token_parse(how->token, &n.token, e));
    TRY(home_prepare(dir, e));
    (void)str_copy_z(str_of(dir), locked.dir, sizeof locked.dir);
    TRY(home_lock(&locked, e));
    bool ok = make_key(dir, &n, e) && ask_centre(&n, how->timeout_ms, e);
    bool before = !ok && e->code == ERR_DENIED && enrolled_before(dir, &n, how->timeout_ms);
    if ((ok || before) && n.has_privacy_key && !home_keep_privacy_key(dir, n.privacy_key, e)) ok = before = false;
    home_identity id = {n.endpoint, n.partner, n.agent, n.token.server};
    ok = before || (ok && keep_names(dir, &n, e) && home_enrolled(dir, &id, e));
    sodium_memzero(n.token.seed, KEY_SIZE);
    sodium_memzero(n.privacy_key, KEY_SIZE);
    home_close(&locked);
    memcpy(out->partner, n.partner, sizeof out->partner);
    memcpy(out->agent, n.agent, sizeof out->agent);
    return ok;
}

bool command_enroll(const call *c, int *status, err *e) {
    enroll_call how = {.endpoint = cli_value(&c->words, "server"), .token = cli_value(&c->words, "token")};
    enrolled_as as;
    *status = 0;
    if (how.endpoint == NULL || how.token == NULL)
        return err_set(e, ERR_USAGE, "enroll wants --server tcp://HOST:PORT and --token T");
    TRY(cli_seconds(&c->words, "timeout", TIMEOUT_MS, &how.timeout_ms, e));
    void *zmq = zmq_ctx_new();
    ASSERT(zmq != NULL);
    bool ok = enroll_home(zmq, c->home, &how, &as, e);
    (void)zmq_ctx_term(zmq);
    if (ok)
        printf("enrolled for %s as %s\nnext: channel-agent --home %s push FILE, or run\n", as.partner, as.agent,
               c->home);
    return ok;
}
