#include "tests/fault/curve_peer.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sodium.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SHORT_NONCE = 8, LONG_NONCE = 16, COOKIE = 96, MAC = crypto_box_MACBYTES };

static bool z85_decode(str text, uint8_t *out, size_t n) {
    static const char digits[] =
        "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";
    if (text.n != n / 4 * 5) return false;
    for (size_t i = 0; i < n; i += 4) {
        uint32_t v = 0;
        for (size_t k = 0; k < 5; k++) {
            const char *at = memchr(digits, text.p[i / 4 * 5 + k], sizeof digits - 1);
            if (!at) return false;
            v = v * 85 + (uint32_t)(at - digits);
        }
        put_be32(out + i, v);
    }
    return true;
}

/* A key file's first 40 characters that are not white space. */
static bool key_read(const char *home, const char *name, uint8_t out[static 32]) {
    char path[PATH_SIZE];
    AUTO(buf) b = {0};
    err e;
    if (!path_join(path, sizeof path, home, name, &e) || !file_read(path, 4096, &b, &e)) return false;
    return z85_decode(str_take(str_trim(buf_str(&b)), 40), out, 32);
}

bool curve_keys_read(const char *home, bool own_key, curve_keys *out) {
    if (!key_read(home, "server.pub", out->server)) return false;
    if (!own_key) return crypto_box_keypair(out->public, out->secret) == 0;
    return key_read(home, "agent.secret", out->secret) && crypto_scalarmult_base(out->public, out->secret) == 0;
}

bool peer_connect(peer *p, const char *host, uint16_t port) {
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct timeval second = {.tv_sec = 1};
    int yes = 1;
    *p = (peer){.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    if (p->fd < 0 || inet_pton(AF_INET, host, &at.sin_addr) != 1) return false;
    setsockopt(p->fd, SOL_SOCKET, SO_SNDTIMEO, &second, sizeof second);
    setsockopt(p->fd, SOL_SOCKET, SO_RCVTIMEO, &second, sizeof second);
    setsockopt(p->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    if (connect(p->fd, (struct sockaddr *)&at, sizeof at) == 0) return true;
    peer_close(p);
    return false;
}

void peer_close(peer *p) {
    if (p->fd >= 0) close(p->fd);
    p->fd = -1;
}

bool peer_send(peer *p, const void *bytes, size_t n, int64_t until_ms) {
    for (size_t done = 0; done < n;) {
        ssize_t k = send(p->fd, (const char *)bytes + done, n - done, MSG_NOSIGNAL);
        if (k < 0 && errno != EAGAIN && errno != EINTR) return false;
        if (k < 0 && mono_ms() >= until_ms) return false;
        if (k > 0) done += (size_t)k, p->sent += (uint64_t)k;
    }
    return true;
}

bool peer_receive(peer *p, void *bytes, size_t n) {
    int64_t until = mono_ms() + 5000;
    for (size_t done = 0; done < n;) {
        ssize_t k = recv(p->fd, (char *)bytes + done, n - done, 0);
        if (k == 0) return false;
        if (k < 0 && ((errno != EAGAIN && errno != EINTR) || mono_ms() >= until)) return false;
        if (k > 0) done += (size_t)k;
    }
    return true;
}

bool peer_drain(peer *p) {
    char waste[16384];
    ssize_t k;
    while ((k = recv(p->fd, waste, sizeof waste, MSG_DONTWAIT)) > 0) {
    }
    return k < 0 && (errno == EAGAIN || errno == EINTR);
}

void zmtp_greeting(const char *mechanism, uint8_t out[static 64]) {
    memset(out, 0, 64);
    out[0] = 0xff;
    out[9] = 0x7f;
    out[10] = 3;
    out[11] = 1;
    memcpy(out + 12, mechanism, strnlen(mechanism, 20));
}

static void nonce_of(uint8_t out[static 24], const char prefix[static 16], uint64_t n) {
    memcpy(out, prefix, 16);
    put_be64(out + 16, n);
}

bool peer_hello(peer *p, const curve_keys *k, uint8_t short_public[static 32], uint8_t short_secret[static 32]) {
    uint8_t greeting[64], theirs[64], nonce[24], zeros[64] = {0};
    uint8_t command[2 + 200] = {4, 200};
    int64_t until = mono_ms() + 5000;
    zmtp_greeting("CURVE", greeting);
    TRY(peer_send(p, greeting, sizeof greeting, until) && peer_receive(p, theirs, sizeof theirs));
    crypto_box_keypair(short_public, short_secret);
    memcpy(command + 2, "\x05HELLO\x01", 7);
    memcpy(command + 2 + 80, short_public, 32);
    put_be64(command + 2 + 112, ++p->nonce);
    nonce_of(nonce, "CurveZMQHELLO---", p->nonce);
    TRY(crypto_box_easy(command + 2 + 120, zeros, sizeof zeros, nonce, k->server, short_secret) == 0);
    return peer_send(p, command, sizeof command, until);
}

/* What the vouch and the socket's properties say, boxed to the server's short-term key. */
static bool send_initiate(peer *p, const curve_keys *k, const uint8_t *cookie, const uint8_t server_short[static 32],
                          const uint8_t short_public[static 32]) {
    static const char properties[] = "\x0bSocket-Type\0\0\0\x06"
                                     "DEALER\x08Identity\0\0\0";
    uint8_t vouch[64], nonce[24], plain[32 + LONG_NONCE + sizeof vouch + MAC + sizeof properties];
    uint8_t box[sizeof plain + MAC];
    memcpy(vouch, short_public, 32);
    memcpy(vouch + 32, k->server, 32);
    memcpy(plain, k->public, 32);
    memcpy(nonce, "VOUCH---", 8);
    randombytes_buf(nonce + 8, LONG_NONCE);
    memcpy(plain + 32, nonce + 8, LONG_NONCE);
    TRY(crypto_box_easy(plain + 32 + LONG_NONCE, vouch, sizeof vouch, nonce, server_short, k->secret) == 0);
    memcpy(plain + sizeof plain - sizeof properties, properties, sizeof properties);
    nonce_of(nonce, "CurveZMQINITIATE", ++p->nonce);
    TRY(crypto_box_easy_afternm(box, plain, sizeof plain, nonce, p->session_key) == 0);
    AUTO(buf) frame = {0};
    buf_byte(&frame, 6); /* a command with a long length */
    buf_be64(&frame, 9 + COOKIE + SHORT_NONCE + sizeof box);
    buf_add(&frame, STR("\x08INITIATE"));
    buf_add(&frame, str_from(cookie, COOKIE));
    buf_be64(&frame, p->nonce);
    buf_add(&frame, str_from(box, sizeof box));
    return peer_send(p, frame.p, frame.n, mono_ms() + 5000);
}

/* One short command frame; its body without flags and length. */
static bool receive_command(peer *p, uint8_t *body, size_t size, size_t *n) {
    uint8_t head[2];
    TRY(peer_receive(p, head, sizeof head) && head[0] == 4 && head[1] <= size);
    *n = head[1];
    return peer_receive(p, body, *n);
}

bool peer_handshake(peer *p, const curve_keys *k) {
    uint8_t short_public[32], short_secret[32], body[255], nonce[24], plain[32 + COOKIE];
    size_t n;
    TRY(peer_hello(p, k, short_public, short_secret));
    TRY(receive_command(p, body, sizeof body, &n) && n == 8 + LONG_NONCE + MAC + sizeof plain);
    TRY(memcmp(body, "\x07WELCOME", 8) == 0);
    memcpy(nonce, "WELCOME-", 8);
    memcpy(nonce + 8, body + 8, LONG_NONCE);
    TRY(crypto_box_open_easy(plain, body + 8 + LONG_NONCE, MAC + sizeof plain, nonce, k->server, short_secret) == 0);
    TRY(crypto_box_beforenm(p->session_key, plain, short_secret) == 0);
    TRY(send_initiate(p, k, plain + 32, plain, short_public));
    TRY(receive_command(p, body, sizeof body, &n));
    return n > 6 && memcmp(body, "\x05READY", 6) == 0;
}

bool peer_message(peer *p, str payload, bool more, int64_t until_ms) {
    AUTO(buf) plain = {0}, frame = {0};
    uint8_t nonce[24];
    buf_byte(&plain, more ? 1 : 0);
    buf_add(&plain, payload);
    size_t n = 8 + SHORT_NONCE + plain.n + MAC;
    buf_byte(&frame, n > 255 ? 2 : 0);
    if (n > 255) buf_be64(&frame, n);
    else
        buf_byte(&frame, (char)n);
    buf_add(&frame, STR("\x07MESSAGE"));
    buf_be64(&frame, ++p->nonce);
    nonce_of(nonce, "CurveZMQMESSAGEC", p->nonce);
    buf_reserve(&frame, plain.n + MAC);
    TRY(crypto_box_easy_afternm((uint8_t *)frame.p + frame.n, (const uint8_t *)plain.p, plain.n, nonce,
                                p->session_key) == 0);
    frame.n += plain.n + MAC;
    return peer_send(p, frame.p, frame.n, until_ms);
}
