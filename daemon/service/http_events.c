#include "daemon/service/http_events.h"

#include "base/clock.h"
#include "base/json.h"
#include "daemon/catalog/partner.h"
#include "daemon/command/hook_events.h"
#include "daemon/service/http_session.h"
#include <stdio.h>
#include <stdlib.h>

enum { TELL_MS = 200 }; /* not oftener: who listens asks again each time */

typedef struct listener {
    http *h;
    struct MHD_Connection *connection;
    arena a; /* who listens */
    actor actor;
    caller who;
    str session;
    uint64_t seq;    /* told up to here */
    int64_t told_ms; /* monotonic */
    buf text;        /* to be sent */
    size_t sent;
    bool asleep;
    struct listener *next, *before;
} listener;

/* ---- what a listener is told */

static void say_change(listener *l, uint64_t head, const bool seen[static UINT8_MAX + 1]) {
    static const struct {
        unsigned no;
        const char *name;
    } kinds[] = {
#define X(kind, number, text, message) {number, text},
        ENTRY_KINDS(X)
#undef X
    };
    json j;
    buf_printf(&l->text, "id: %llu\nevent: change\ndata: ", (unsigned long long)head);
    j = json_into(&l->text);
    json_open_object(&j);
    json_key(&j, "seq"), json_uint(&j, head);
    json_key(&j, "kinds"), json_open_array(&j);
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (seen[kinds[i].no & UINT8_MAX]) json_z(&j, kinds[i].name);
    json_end_array(&j);
    json_end_object(&j);
    buf_addz(&l->text, "\n\n");
}

/* What its own hook could be told. */
static bool partner_may_know(txn *t, const hook_event *v) {
    return hook_event_for(t, &(hook){.events = STR("*"), .partner = partner_id(t, v->partner)}, v);
}

/* Of an entry that says nothing to anybody outside, those with a scope hear nothing. */
static bool concerns(const listener *l, txn *t, const entry *en) {
    AUTO(arena) a = {0};
    hook_event *event;
    err unused;
    bool shadow = false; /* pages are told in shadow mode too */
    command reads = {.name = "events"};
    call c = {.command = &reads, .who = l->actor, .t = t};
    if (l->actor.scope.n == 0 && !(l->actor.role & ROLES_PARTNER)) return true;
    if (!hook_events_any(en->kind)) return false;
    arena_init(&a, SIZE_MAX);
    c.a = &a;
    size_t n = hook_events(t, en, &shadow, &a, &event);
    for (size_t i = 0; i < n; i++)
        if (event[i].partner && authz(&c, "read", event[i].partner, &unused) &&
            (!(l->actor.role & ROLES_PARTNER) || partner_may_know(t, &event[i])))
            return true;
    return false;
}

/* Still who it was? A user disabled, a token revoked, a session ended: then it is over. */
static bool still_may(const listener *l, txn *t) {
    AUTO(arena) a = {0};
    actor now;
    session s;
    err unused;
    arena_init(&a, LIMIT_HELLO_BYTES);
    return (l->session.n == 0 || session_get(t, l->session, &s)) &&
           actor_of(t, &l->who, clock_now(&l->h->s->clock), &a, &now, &unused) && now.role == l->actor.role &&
           str_eq(now.scope, l->actor.scope);
}

/* False: it may listen no more. */
static bool look(listener *l) {
    AUTO(txn) *t = NULL;
    err e;
    uint64_t head;
    int64_t time_ms;
    uint8_t hash[DIGEST_SIZE];
    bool seen[UINT8_MAX + 1] = {false}, any = false;
    if (!txn_begin(l->h->s->db, TXN_READ, &t, &e) || !still_may(l, t)) return false;
    journal_head(t, &head, &time_ms, hash);
    if (head - l->seq > LIMIT_HTTP_EVENTS) {
        buf_printf(&l->text, "id: %llu\nevent: resync\ndata: {}\n\n", (unsigned long long)head);
        l->seq = head;
        return true;
    }
    for (uint64_t seq = l->seq + 1; seq <= head; seq++) {
        entry en;
        if (!journal_get(t, seq, &en) || !concerns(l, t, &en)) continue;
        seen[en.kind & UINT8_MAX] = any = true;
    }
    l->seq = head;
    if (any) say_change(l, head, seen);
    return true;
}

static ssize_t read_more(void *arg, uint64_t pos, char *out, size_t max) {
    listener *l = arg;
    (void)pos;
    if (l->h->stopping) return MHD_CONTENT_READER_END_OF_STREAM;
    if (l->sent == l->text.n) {
        buf_clear(&l->text);
        l->sent = 0;
        if (!look(l)) return MHD_CONTENT_READER_END_OF_STREAM;
        if (l->text.n == 0 && mono_ms() - l->told_ms >= LIMIT_HTTP_BEAT_MS) buf_addz(&l->text, ": here\n\n");
    }
    size_t n = l->text.n - l->sent < max ? l->text.n - l->sent : max;
    if (n == 0) {
        MHD_suspend_connection(l->connection);
        (void)pthread_mutex_lock(&l->h->lock);
        l->asleep = l->h->told_seq <= l->seq; /* what came meanwhile has been told to nobody yet */
        if (!l->asleep) MHD_resume_connection(l->connection);
        (void)pthread_mutex_unlock(&l->h->lock);
        return 0;
    }
    memcpy(out, l->text.p + l->sent, n);
    l->sent += n;
    l->told_ms = mono_ms();
    return (ssize_t)n;
}

static void listener_free(void *arg) {
    listener *l = arg;
    http *h = l->h;
    (void)pthread_mutex_lock(&h->lock);
    if (l->before) l->before->next = l->next;
    else
        h->listeners = l->next;
    if (l->next) l->next->before = l->before;
    (void)pthread_mutex_unlock(&h->lock);
    buf_free(&l->text);
    arena_free(&l->a);
    free(l);
}

/* ---- the loop's part */

static void wake(http *h, bool all) {
    int64_t now_ms = mono_ms();
    for (listener *l = h->listeners; l; l = l->next) {
        if (!l->asleep || !(all || now_ms - l->told_ms >= LIMIT_HTTP_BEAT_MS)) continue;
        l->asleep = false;
        MHD_resume_connection(l->connection);
    }
}

static uint64_t head_of(http *h) {
    AUTO(txn) *t = NULL;
    err e;
    uint64_t head = 0;
    int64_t time_ms;
    uint8_t hash[DIGEST_SIZE];
    if (txn_begin(h->s->db, TXN_READ, &t, &e)) journal_head(t, &head, &time_ms, hash);
    return head;
}

void http_events_turn(http *h) {
    int64_t now_ms = mono_ms();
    (void)pthread_mutex_lock(&h->lock);
    if (h->listeners && now_ms - h->told_ms >= TELL_MS) {
        uint64_t head = head_of(h);
        wake(h, head != h->told_seq);
        h->told_seq = head;
        h->told_ms = now_ms;
    }
    (void)pthread_mutex_unlock(&h->lock);
}

void http_events_stop(http *h) {
    (void)pthread_mutex_lock(&h->lock);
    wake(h, true);
    (void)pthread_mutex_unlock(&h->lock);
}

/* ---- beginning */

/* From the last message it had (Last-Event-ID), else from now on. */
static uint64_t from_where(request *r) {
    const char *last = MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, "Last-Event-ID");
    uint64_t head = head_of(r->h), seq = last ? strtoull(last, NULL, 10) : head;
    return seq < head ? seq : head;
}

static str keep(listener *l, str s) {
    return arena_str(&l->a, s);
}

void http_events(request *r) {
    http *h = r->h;
    listener *l = calloc(1, sizeof *l);
    ASSERT(l != NULL);
    *l = (listener){.h = h, .connection = r->connection, .seq = from_where(r), .told_ms = mono_ms()};
    arena_init(&l->a, LIMIT_HTTP_HEAD);
    l->session = keep(l, r->session);
    l->who = (caller){.token = keep(l, r->who.token), .user = keep(l, r->who.user)};
    l->actor = r->actor;
    l->actor.name = keep(l, r->actor.name);
    l->actor.scope = keep(l, r->actor.scope);
    l->actor.only = keep(l, r->actor.only);
    buf_addz(&l->text, "retry: 3000\n\n");
    (void)pthread_mutex_lock(&h->lock);
    l->next = h->listeners;
    if (l->next) l->next->before = l;
    h->listeners = l;
    (void)pthread_mutex_unlock(&h->lock);
    struct MHD_Response *response =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 4096, read_more, l, listener_free);
    ASSERT(response != NULL);
    http_header(r, response, "Content-Type", "text/event-stream; charset=utf-8");
    http_header(r, response, "X-Accel-Buffering", "no");
    http_send(r, 200, response);
}
