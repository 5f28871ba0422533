#include "daemon/service/http_sign_ins.h"

#include "base/macros.h"
#include "proto/digest.h"
#include "proto/limits.h"
#include <pthread.h>
#include <stdlib.h>

typedef struct counted {
    uint8_t what[DIGEST_SIZE];
    int64_t since_ms;
    uint32_t n;
} counted;

struct sign_ins {
    pthread_mutex_t lock;
    counted at[LIMIT_SIGN_INS_KEPT];
    size_t n;
};

sign_ins *sign_ins_new(void) {
    sign_ins *s = calloc(1, sizeof *s);
    ASSERT(s != NULL && pthread_mutex_init(&s->lock, NULL) == 0);
    return s;
}

void sign_ins_free(sign_ins *s) {
    if (s == NULL) return;
    (void)pthread_mutex_destroy(&s->lock);
    free(s);
}

static void name_of(const char *sort, str user, str address, uint8_t out[static DIGEST_SIZE]) {
    str parts[] = {str_of(sort), STR("\n"), user, STR("\n"), address};
    digest_of_parts(parts, ARRAY_LEN(parts), out);
}

/* Its place; a new one takes the oldest's when all are taken. */
static counted *place_of(sign_ins *s, const uint8_t what[static DIGEST_SIZE], int64_t now_ms) {
    counted *oldest = &s->at[0];
    for (size_t i = 0; i < s->n; i++) {
        counted *c = &s->at[i];
        if (memcmp(c->what, what, DIGEST_SIZE) == 0) {
            if (now_ms - c->since_ms >= LIMIT_SIGN_IN_MS) c->n = 0, c->since_ms = now_ms;
            return c;
        }
        if (c->since_ms < oldest->since_ms) oldest = c;
    }
    counted *c = s->n < ARRAY_LEN(s->at) ? &s->at[s->n++] : oldest;
    *c = (counted){.since_ms = now_ms};
    memcpy(c->what, what, DIGEST_SIZE);
    return c;
}

static bool count(sign_ins *s, const char *sort, str user, str address, uint32_t most, int64_t now_ms,
                  int64_t *wait_ms) {
    uint8_t what[DIGEST_SIZE];
    name_of(sort, user, address, what);
    counted *c = place_of(s, what, now_ms);
    if (c->n < most) {
        c->n++;
        return true;
    }
    *wait_ms = c->since_ms + LIMIT_SIGN_IN_MS - now_ms;
    return false;
}

bool sign_ins_try(sign_ins *s, str user, str address, int64_t now_ms, int64_t *wait_ms) {
    (void)pthread_mutex_lock(&s->lock);
    bool ok = count(s, "address", STR(""), address, LIMIT_SIGN_INS_ADDRESS, now_ms, wait_ms);
    if (ok && user.n) {
        ok = count(s, "both", user, address, LIMIT_SIGN_INS, now_ms, wait_ms);
        ok = ok && count(s, "user", user, STR(""), LIMIT_SIGN_INS_USER, now_ms, wait_ms);
    }
    (void)pthread_mutex_unlock(&s->lock);
    return ok;
}

static void forget(sign_ins *s, const char *sort, str user, str address) {
    uint8_t what[DIGEST_SIZE];
    name_of(sort, user, address, what);
    for (size_t i = 0; i < s->n; i++)
        if (memcmp(s->at[i].what, what, DIGEST_SIZE) == 0 && s->at[i].n) s->at[i].n = 0;
}

void sign_ins_right(sign_ins *s, str user, str address) {
    (void)pthread_mutex_lock(&s->lock);
    forget(s, "both", user, address);
    forget(s, "address", STR(""), address);
    (void)pthread_mutex_unlock(&s->lock);
}
