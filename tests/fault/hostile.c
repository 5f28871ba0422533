/* hostile — peers that mean harm, for hostile.py: every mode is one row of MODES. Prints one line of JSON: how many
 * connections were made, how many the daemon cut and after how long, how many it kept, and what was sent.
 *
 *     hostile MODE HOST PORT SECONDS [CONNECTIONS] [HOME]
 */
#include "base/buf.h"
#include "base/clock.h"
#include "base/rng.h"
#include "proto/frame.h"
#include "tests/fault/curve_peer.h"
#include <inttypes.h>
#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct attack {
    peer p;
    const struct mode *mode;
    const char *host, *home;
    uint16_t port;
    curve_keys keys;
    int64_t until_ms;
    rng r;
} attack;

/* Does its harm on a fresh connection; returns when it is cut or has nothing more to do. */
typedef void (*script)(attack *a);

typedef enum identity { NOBODY, STRANGER, AGENT } identity; /* no key of the server; its key, but none of ours; both */

typedef enum pattern {
    ONCE,  /* holds its connection until it is cut, then ends */
    STORM, /* holds it until it is cut, then connects anew */
    AGAIN, /* connects anew as soon as it is done */
} pattern;

typedef struct mode {
    const char *name;
    identity who;
    pattern how;
    script run;
} mode;

static atomic_uint connections, refused, cut, kept, handshakes;
static atomic_ullong sent;
static atomic_llong longest_ms;

/* Keyless */

static void say_nothing(attack *a) {
    (void)a;
}

static void drip_greeting(attack *a) {
    uint8_t greeting[64];
    zmtp_greeting("CURVE", greeting);
    for (size_t i = 0; i < sizeof greeting && mono_ms() < a->until_ms; i++) {
        if (!peer_send(&a->p, greeting + i, 1, a->until_ms) || !peer_drain(&a->p)) return;
        usleep(500000);
    }
}

static void stop_after_greeting(attack *a) {
    uint8_t greeting[64];
    zmtp_greeting("CURVE", greeting);
    (void)peer_send(&a->p, greeting, sizeof greeting, a->until_ms);
}

static void stop_after_hello(attack *a) {
    uint8_t public[32], secret[32];
    (void)peer_hello(&a->p, &a->keys, public, secret);
}

/* A frame that says it is 600 MiB long, and as much of it as is taken. */
static void stream_huge(attack *a, uint8_t flags) {
    static const char block[65536];
    uint8_t head[9] = {flags};
    put_be64(head + 1, 600u << 20);
    bool open = peer_send(&a->p, head, sizeof head, a->until_ms);
    for (size_t i = 0; open && i < (600u << 20) / sizeof block && mono_ms() < a->until_ms; i++) {
        open = peer_send(&a->p, block, sizeof block, a->until_ms) && peer_drain(&a->p);
    }
}

static void huge_handshake(attack *a) {
    uint8_t greeting[64], theirs[64];
    zmtp_greeting("CURVE", greeting);
    if (!peer_send(&a->p, greeting, sizeof greeting, a->until_ms) || !peer_receive(&a->p, theirs, sizeof theirs))
        return;
    stream_huge(a, 6);
}

static void plain_parts(attack *a) {
    static const uint8_t ready[] = "\x04\x19\x05READY\x0bSocket-Type\0\0\0\x06"
                                   "DEALER";
    uint8_t greeting[64], theirs[64], parts[4096];
    zmtp_greeting("NULL", greeting);
    for (size_t i = 0; i < sizeof parts; i++) parts[i] = i % 2 ? 0 : 1; /* empty frames, each followed by another */
    bool open = peer_send(&a->p, greeting, sizeof greeting, a->until_ms) &&
                peer_receive(&a->p, theirs, sizeof theirs) && peer_send(&a->p, ready, sizeof ready - 1, a->until_ms);
    while (open && mono_ms() < a->until_ms)
        open = peer_send(&a->p, parts, sizeof parts, a->until_ms) && peer_drain(&a->p);
}

static void garbage(attack *a) {
    char noise[4096];
    for (bool open = true; open && mono_ms() < a->until_ms;) {
        randombytes_buf(noise, sizeof noise);
        open = peer_send(&a->p, noise, sizeof noise, a->until_ms) && peer_drain(&a->p);
    }
}

/* With a key */

static void put_hello(buf *out) {
    buf_byte(out, FRAME_MAGIC);
    buf_byte(out, FRAME_PROTO);
    buf_byte(out, FRAME_HELLO);
    buf_add(out, STR("\x08\x01\x10\x01\x19\x01\x02\x03\x04\x05\x06\x07\x08")); /* proto 1 to 1, an epoch */
}

static void put_header(buf *out, frame_type type) {
    buf_byte(out, FRAME_MAGIC);
    buf_byte(out, FRAME_PROTO);
    buf_byte(out, (char)type);
}

/* Handshake and HELLO. */
static bool enter(attack *a) {
    AUTO(buf) hello = {0};
    put_hello(&hello);
    if (!peer_handshake(&a->p, &a->keys)) return false;
    atomic_fetch_add(&handshakes, 1);
    return peer_message(&a->p, buf_str(&hello), false, a->until_ms);
}

/* The same frame until the connection is cut. */
static void repeat(attack *a, str frame, bool more, useconds_t pause, bool read) {
    while (mono_ms() < a->until_ms && peer_message(&a->p, frame, more, a->until_ms) && (!read || peer_drain(&a->p)))
        if (pause) usleep(pause);
}

static void empty_parts(attack *a) {
    if (enter(a)) repeat(a, STR(""), true, 0, true);
}

static void big_parts(attack *a) {
    static const char block[65536];
    if (enter(a)) repeat(a, str_from(block, sizeof block), true, 0, true);
}

static void big_frame(attack *a) {
    if (enter(a)) stream_huge(a, 2);
}

/* 250 KiB of batch without a grant. */
static void ungranted(attack *a) {
    static const char block[250 * 1024];
    AUTO(buf) frame = {0};
    put_header(&frame, FRAME_BATCH);
    buf_add(&frame, str_from(block, sizeof block));
    if (enter(a)) repeat(a, buf_str(&frame), false, 0, true);
}

/* Random types and bodies, some of them a HELLO with a few bytes changed. */
static void malformed(attack *a) {
    if (!enter(a)) return;
    for (bool open = true; open && mono_ms() < a->until_ms; usleep(500)) {
        AUTO(buf) frame = {0};
        if (rng_below(&a->r, 2)) {
            put_hello(&frame);
            for (int i = 0; i < 3; i++) frame.p[rng_below(&a->r, frame.n)] = (char)rng_next(&a->r);
        } else {
            put_header(&frame, (frame_type)rng_below(&a->r, 80));
            for (uint64_t n = rng_below(&a->r, 600); n > 0; n--) buf_byte(&frame, (char)rng_next(&a->r));
        }
        open = peer_message(&a->p, buf_str(&frame), false, a->until_ms) && peer_drain(&a->p);
    }
}

/* One field again and again: empty sub-messages, unknown numbers, packed ones. A small frame that wants much memory. */
static void bomb(attack *a) {
    static const struct {
        frame_type type;
        const char *unit;
        size_t n;
    } bombs[] = {{FRAME_BATCH, "\x32\x00", 2},     {FRAME_BATCH, "\x3a\x02\x22\x00", 4},
                 {FRAME_BATCH, "\x80\x7d\x00", 3}, {FRAME_HELLO, "\x80\x7d\x00", 3},
                 {FRAME_ENROLL, "\x0a\x00", 2},    {FRAME_ACK, "\x2a\x00", 2}};
    if (!enter(a)) return;
    for (bool open = true; open && mono_ms() < a->until_ms; usleep(2000)) {
        size_t pick = (size_t)rng_below(&a->r, ARRAY_LEN(bombs));
        size_t bytes = rng_below(&a->r, 2) ? 4000 : 250 * 1024;
        AUTO(buf) frame = {0};
        put_header(&frame, bombs[pick].type);
        while (frame.n + bombs[pick].n <= bytes) buf_add(&frame, str_from(bombs[pick].unit, bombs[pick].n));
        open = peer_message(&a->p, buf_str(&frame), false, a->until_ms) && peer_drain(&a->p);
    }
}

/* Asks for answers and never reads one. */
static void deaf(attack *a) {
    AUTO(buf) hello = {0};
    int small = 1024;
    setsockopt(a->p.fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    put_hello(&hello);
    if (enter(a)) repeat(a, buf_str(&hello), false, 0, false);
}

/* Wants everything, sends nothing. */
static void greedy(attack *a) {
    AUTO(buf) want = {0};
    put_header(&want, FRAME_WANT);
    buf_add(&want, STR("\x08\xff\xff\xff\xff\xff\xff\xff\x7f"));
    if (enter(a)) repeat(a, buf_str(&want), false, 20000, true);
}

static void chatter(attack *a) {
    AUTO(buf) beat = {0};
    put_header(&beat, FRAME_BEAT);
    if (enter(a)) repeat(a, buf_str(&beat), false, 0, true);
}

/* A frame that says it is 200 KB long, a byte at a time. */
static void drip_frame(attack *a) {
    uint8_t head[9] = {2};
    put_be64(head + 1, 200000);
    if (!enter(a) || !peer_send(&a->p, head, sizeof head, a->until_ms)) return;
    while (mono_ms() < a->until_ms && peer_send(&a->p, "x", 1, a->until_ms) && peer_drain(&a->p)) usleep(100000);
}

/* The server's key is known, ours is not: whatever is sent after the handshake must reach nobody. */
static void stranger(attack *a) {
    if (enter(a)) ungranted(a);
}

static const mode MODES[] = {
    {"silent", NOBODY, ONCE, say_nothing},
    {"storm", NOBODY, STORM, say_nothing},
    {"drip", NOBODY, ONCE, drip_greeting},
    {"greeting", NOBODY, ONCE, stop_after_greeting},
    {"hello", NOBODY, AGAIN, stop_after_hello},
    {"huge-handshake", NOBODY, AGAIN, huge_handshake},
    {"plain", NOBODY, AGAIN, plain_parts},
    {"garbage", NOBODY, AGAIN, garbage},
    {"half", STRANGER, ONCE, stop_after_hello},
    {"stranger", STRANGER, AGAIN, stranger},
    {"empty-parts", AGENT, AGAIN, empty_parts},
    {"big-parts", AGENT, AGAIN, big_parts},
    {"big-frame", AGENT, AGAIN, big_frame},
    {"ungranted", AGENT, AGAIN, ungranted},
    {"malformed", AGENT, AGAIN, malformed},
    {"bomb", AGENT, AGAIN, bomb},
    {"deaf", AGENT, AGAIN, deaf},
    {"greedy", AGENT, AGAIN, greedy},
    {"chatter", AGENT, AGAIN, chatter},
    {"drip-frame", AGENT, AGAIN, drip_frame},
};

/* Waits until the daemon closes the connection, and notes how long it had been open. */
static void hold(attack *a, int64_t opened_ms) {
    bool open = true;
    while (open && mono_ms() < a->until_ms) {
        open = peer_drain(&a->p);
        if (open) usleep(20000);
    }
    long long age = (long long)(mono_ms() - opened_ms), longest = atomic_load(&longest_ms);
    while (age > longest && !atomic_compare_exchange_weak(&longest_ms, &longest, age)) {
    }
    atomic_fetch_add(open ? &kept : &cut, 1);
}

static void *attack_until_the_end(void *arg) {
    attack *a = arg;
    while (mono_ms() < a->until_ms) {
        int64_t opened = mono_ms();
        if (!peer_connect(&a->p, a->host, a->port)) {
            atomic_fetch_add(&refused, 1);
            usleep(50000);
            continue;
        }
        atomic_fetch_add(&connections, 1);
        a->mode->run(a);
        if (a->mode->how == AGAIN) atomic_fetch_add(peer_drain(&a->p) ? &kept : &cut, 1);
        else
            hold(a, opened);
        atomic_fetch_add(&sent, a->p.sent);
        peer_close(&a->p);
        if (a->mode->how == ONCE) break;
        if (a->mode->how == AGAIN) usleep(20000);
    }
    return NULL;
}

static const mode *mode_find(const char *name) {
    for (size_t i = 0; i < ARRAY_LEN(MODES); i++)
        if (strcmp(MODES[i].name, name) == 0) return &MODES[i];
    return NULL;
}

static int usage(void) {
    fputs("usage: hostile MODE HOST PORT SECONDS [CONNECTIONS] [HOME]\nmodes:", stderr);
    for (size_t i = 0; i < ARRAY_LEN(MODES); i++) fprintf(stderr, " %s", MODES[i].name);
    fputs("\n", stderr);
    return 64;
}

int main(int argc, char **argv) {
    enum { MOST = 1000 };
    const mode *m = argc >= 5 ? mode_find(argv[1]) : NULL;
    if (!m || sodium_init() < 0 || (m->who != NOBODY && argc < 7)) return usage();
    long wanted = argc > 5 ? strtol(argv[5], NULL, 10) : 1;
    size_t n = wanted < 1 ? 1 : wanted > MOST ? MOST : (size_t)wanted;
    attack first = {.mode = m,
                    .host = argv[2],
                    .port = (uint16_t)strtol(argv[3], NULL, 10),
                    .home = argc > 6 ? argv[6] : NULL,
                    .until_ms = mono_ms() + strtol(argv[4], NULL, 10) * 1000};
    randombytes_buf(first.keys.server, sizeof first.keys.server);
    if (m->who != NOBODY && !curve_keys_read(first.home, m->who == AGENT, &first.keys)) {
        fprintf(stderr, "hostile: no keys in %s\n", first.home);
        return 66;
    }
    static attack attacks[MOST];
    static pthread_t threads[MOST];
    size_t running = 0;
    for (; running < n; running++) {
        attacks[running] = first;
        attacks[running].r.state = running + 1;
        if (pthread_create(&threads[running], NULL, attack_until_the_end, &attacks[running]) != 0) break;
    }
    for (size_t i = 0; i < running; i++) pthread_join(threads[i], NULL);
    printf("{\"mode\":\"%s\",\"connections\":%u,\"refused\":%u,\"handshakes\":%u,\"cut\":%u,\"kept\":%u,"
           "\"longest_ms\":%lld,\"sent\":%llu}\n",
           m->name, atomic_load(&connections), atomic_load(&refused), atomic_load(&handshakes), atomic_load(&cut),
           atomic_load(&kept), (long long)atomic_load(&longest_ms), (unsigned long long)atomic_load(&sent));
    return 0;
}
