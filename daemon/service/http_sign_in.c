/* An attempt to sign in: counted, judged beside the loop (a password costs a tenth of a second), written by it. */
#include "base/clock.h"
#include "base/log.h"
#include "daemon/service/admin.h"
#include "daemon/service/http_session.h"
#include "daemon/service/http_sign_ins.h"
#include <gnutls/crypto.h>
#include <sodium.h>
#include <stdio.h>

enum { TOTP_SECRET = 20, TOTP_SHA1 = 20, TOTP_STEP_MS = 30000, TOTP_DIGITS = 1000000, TOTP_DRIFT = 1 };

/* RFC 6238 with SHA-1, six digits, thirty seconds. */
static uint32_t totp_code(const uint8_t secret[static TOTP_SECRET], uint64_t step) {
    uint8_t message[8], mac[TOTP_SHA1];
    put_be64(message, step);
    ASSERT(gnutls_hmac_fast(GNUTLS_MAC_SHA1, secret, TOTP_SECRET, message, sizeof message, mac) == 0);
    size_t at = mac[TOTP_SHA1 - 1] & 15;
    return (get_be32(mac + at) & 0x7fffffff) % TOTP_DIGITS;
}

/* A code is good once, within one step of the wall's time. */
static bool code_right(txn *t, sign_in *w, err *e) {
    str row;
    if (!kv_get(t, TABLE_TOTP, w->user, &row) || row.n != TOTP_SECRET + 8)
        return err_set(e, ERR_CONFLICT, "the second factor is not kept here any more: an admin sets a new one");
    uint64_t now = (uint64_t)(wall_ms() / TOTP_STEP_MS), last = get_be64(row.p + TOTP_SECRET);
    uint64_t right = 0;
    for (uint64_t step = now - TOTP_DRIFT; step <= now + TOTP_DRIFT; step++) {
        char text[16];
        (void)snprintf(text, sizeof text, "%06u", totp_code((const uint8_t *)row.p, step));
        bool same = w->code.n == 6 && sodium_memcmp(text, w->code.p, 6) == 0;
        if (same && step > last) right = step;
    }
    w->step = right;
    return right || err_set(e, ERR_DENIED, w->code.n ? "the code is wrong, or was used" : "a code is wanted");
}

/* Whoever is unknown takes as long as whoever is known. */
static const char *nobodys_hash(void) {
    static char hash[crypto_pwhash_STRBYTES];
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    (void)pthread_mutex_lock(&lock);
    if (hash[0] == '\0' && crypto_pwhash_str(hash, "nobody", 6, crypto_pwhash_OPSLIMIT_INTERACTIVE,
                                             crypto_pwhash_MEMLIMIT_INTERACTIVE) != 0)
        hash[0] = '\0';
    (void)pthread_mutex_unlock(&lock);
    return hash;
}

static bool password_right(txn *t, sign_in *w, err *e) {
    user u;
    user_access access;
    char hash[crypto_pwhash_STRBYTES];
    bool known = user_get(t, w->user, &u) && !u.disabled && user_access_get(t, w->user, &access) && access.password.n;
    const char *from = known ? str_copy_z(access.password, hash, sizeof hash) : nobodys_hash();
    bool same = crypto_pwhash_str_verify(from, w->password.p, w->password.n) == 0;
    if (!known || !same) return err_set(e, ERR_DENIED, "user or password is wrong");
    w->access = access.entry;
    return !access.totp || code_right(t, w, e);
}

static bool link_used(txn *t, const uint8_t hash[static DIGEST_SIZE]) {
    str none;
    uint8_t k[4 + DIGEST_SIZE] = "used";
    memcpy(k + 4, hash, DIGEST_SIZE);
    return kv_get(t, TABLE_SESSION, str_from(k, sizeof k), &none);
}

/* A link stands for the password and the second factor: an admin gave it. */
static bool link_right(request *r, txn *t, sign_in *w, err *e) {
    token k;
    user u;
    user_access access;
    bool good = token_by_text(t, w->link, &k) && k.once && !k.revoked && clock_now(&r->h->s->clock) < k.expires_ms &&
                !link_used(t, k.hash) && user_get(t, k.user, &u) && !u.disabled;
    if (!good) return err_set(e, ERR_DENIED, "this link was used, or has ended");
    (void)user_access_get(t, k.user, &access);
    memcpy(w->link_hash, k.hash, DIGEST_SIZE);
    w->user = arena_str(&r->a, k.user);
    w->access = access.entry;
    return true;
}

static void judge(job *j) {
    request *r = j->own;
    sign_in *w = r->own;
    AUTO(txn) *t = NULL;
    err e = {0};
    if (!txn_begin(r->h->s->db, TXN_READ, &t, &e) || !(w->link.n ? link_right(r, t, w, &e) : password_right(t, w, &e)))
        w->why = e;
}

static void put_session(txn *t, const sign_in *w) {
    AUTO(buf) row = {0};
    uint8_t hash[DIGEST_SIZE];
    int64_t now_ms = wall_ms();
    digest_of(str_of(w->cookie), hash);
    buf_be64(&row, (uint64_t)now_ms);
    buf_be64(&row, (uint64_t)(now_ms + LIMIT_SESSION_MS));
    buf_be64(&row, w->access);
    buf_text(&row, w->user);
    kv_put(t, TABLE_SESSION, str_from(hash, sizeof hash), buf_str(&row));
}

static void note_step(txn *t, const sign_in *w) {
    AUTO(buf) row = {0};
    str before;
    if (!kv_get(t, TABLE_TOTP, w->user, &before) || before.n < TOTP_SECRET) return;
    buf_add(&row, str_take(before, TOTP_SECRET));
    buf_be64(&row, w->step);
    kv_put(t, TABLE_TOTP, w->user, buf_str(&row));
}

/* What two attempts at once could both have found free is looked at again here, where there is one at a time. */
static bool write_session(service *s, sign_in *w, err *e) {
    AUTO(txn) *t = NULL;
    uint8_t k[4 + DIGEST_SIZE] = "used";
    TRY(admin_has_room(s, LIMIT_HELLO_BYTES, e));
    TRY(txn_begin(s->db, TXN_WRITE, &t, e));
    if (kv_count(t, TABLE_SESSION) >= LIMIT_SESSIONS) return err_set(e, ERR_RETRY, "too many are signed in");
    if (w->link.n) {
        if (link_used(t, w->link_hash)) return err_set(e, ERR_DENIED, "this link was used");
        memcpy(k + 4, w->link_hash, DIGEST_SIZE);
        kv_put(t, TABLE_SESSION, str_from(k, sizeof k), STR(""));
    }
    if (w->step) {
        str row;
        if (kv_get(t, TABLE_TOTP, w->user, &row) && get_be64(row.p + TOTP_SECRET) >= w->step)
            return err_set(e, ERR_DENIED, "the code was used");
        note_step(t, w);
    }
    put_session(t, w);
    TRY(txn_ok(t, e));
    if (!txn_commit(&t, e)) service_die("commit.failed", e);
    return true;
}

static void give(service *s, job *j) {
    request *r = j->own;
    sign_in *w = r->own;
    char address[64], name[200];
    err e = {0};
    r->job = NULL;
    if (w->why.code == ERR_OK && !write_session(s, w, &e)) w->why = e;
    bool in = w->why.code == ERR_OK;
    http_address(r, address);
    log_event(LOG_LEVEL_INFO, in ? "sign_in.done" : "sign_in.refused", "user=%s address=%s why=%s",
              log_quote(w->user, name, sizeof name), address, in ? "-" : err_name(w->why.code));
    if (in) sign_ins_right(s->http->sign_ins, w->user, str_of(address));
    http_resume(r);
}

bool sign_in_may_try(request *r, const sign_in *w) {
    char address[64], seconds[24];
    int64_t wait_ms;
    http_address(r, address);
    if (sign_ins_try(r->h->sign_ins, w->user, str_of(address), mono_ms(), &wait_ms)) return true;
    (void)snprintf(seconds, sizeof seconds, "%lld", (long long)(wait_ms / 1000 + 1));
    http_problem(r, MHD_HTTP_TOO_MANY_REQUESTS, "too_many", "too many attempts to sign in", NULL);
    http_header(r, r->response, "Retry-After", seconds);
    return false;
}

void sign_in_begin(request *r, sign_in *w, void (*then)(request *r)) {
    uint8_t raw[32];
    randombytes_buf(raw, sizeof raw);
    (void)sodium_bin2base64(w->cookie, sizeof w->cookie, raw, sizeof raw, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    r->own = w;
    r->then = then;
    r->job = job_new(LIMIT_HELLO_BYTES);
    r->job->own = r;
    r->job->work = judge;
    r->job->give = give;
    http_to_readers(r);
}
