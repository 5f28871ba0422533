#include "daemon/service/grants.h"

static void enqueue(grants *g, grant *one) {
    if (one->queued) return;
    one->queued = true;
    one->next = NULL;
    if (g->tail) g->tail->next = one;
    else
        g->head = one;
    g->tail = one;
    g->waiting++;
}

static void dequeue(grants *g, grant *one) {
    if (!one->queued) return;
    grant **at = &g->head, *before = NULL;
    while (*at != one) before = *at, at = &(*at)->next;
    *at = one->next;
    if (g->tail == one) g->tail = before;
    one->queued = false;
    g->waiting--;
}

void grant_want(grants *g, grant *one, uint64_t bytes) {
    one->want = bytes;
    if (bytes == 0) dequeue(g, one);
    else
        enqueue(g, one);
}

static uint64_t least(uint64_t a, uint64_t b) {
    return a < b ? a : b;
}

/* A fair share of the pool, but never less than a whole batch: a smaller grant could not be used. */
static uint64_t share(const grants *g) {
    uint64_t even = LIMIT_GRANT_BYTES / (g->waiting ? g->waiting : 1);
    return even < LIMIT_FRAME_BYTES ? LIMIT_FRAME_BYTES : least(even, LIMIT_GRANT_ONE);
}

grant *grant_next(grants *g, int64_t now_ms, uint64_t *bytes) {
    for (size_t tries = g->waiting; tries > 0; tries--) {
        grant *one = g->head;
        uint64_t give = least(least(one->want, share(g)), LIMIT_GRANT_ONE - one->out);
        if (give < one->want && give < LIMIT_FRAME_BYTES) { /* has its fill: behind the others */
            dequeue(g, one);
            enqueue(g, one);
            continue;
        }
        if (g->out + give > LIMIT_GRANT_BYTES) return NULL;
        dequeue(g, one);
        one->want -= give;
        one->out += give;
        one->expires_ms = now_ms + LIMIT_GRANT_MS;
        g->out += give;
        if (one->want) enqueue(g, one);
        *bytes = give;
        return one;
    }
    return NULL;
}

bool grant_use(grants *g, grant *one, uint64_t n) {
    if (n > one->out) return false;
    one->out -= n;
    g->out -= n;
    return true;
}

bool grant_expire(grants *g, grant *one, int64_t now_ms) {
    if (one->out == 0 || now_ms < one->expires_ms) return false;
    g->out -= one->out;
    one->out = 0;
    return true;
}

void grant_drop(grants *g, grant *one) {
    dequeue(g, one);
    g->out -= one->out;
    *one = (grant){0};
}
