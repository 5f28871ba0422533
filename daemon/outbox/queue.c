#include "daemon/outbox/queue.h"

#include "daemon/store/store.h"
#include "proto/limits.h"

#include <inttypes.h>

enum { MERGE_BYTES = 16 * 1024 * 1024, RETRY_FACTOR = 3 };

/* ---- records */

key queue_key(uint32_t hook_no) {
    key k = {.n = 0};
    key_u32(&k, hook_no);
    return k;
}

static key message_key(uint32_t hook_no, uint64_t seq, uint32_t part) {
    key k = queue_key(hook_no);
    key_u64(&k, seq);
    key_u32(&k, part);
    return k;
}

bool message_decode(str stored_key, str val, message *out) {
    reader k = reader_of(stored_key), r = reader_of(val);
    *out = (message){.hook = read_be32(&k)};
    out->seq = read_be64(&k);
    out->part = read_be32(&k);
    out->state = (message_state)read_byte(&r);
    out->tries = read_be32(&r);
    out->due_ms = (int64_t)read_be64(&r);
    out->time_ms = (int64_t)read_be64(&r);
    str *texts[] = {&out->id, &out->type, &out->data, &out->zh, &out->en, &out->path, &out->error};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) *texts[i] = read_text(&r);
    return !k.bad && !r.bad;
}

bool message_get(txn *t, uint32_t hook_no, uint64_t seq, uint32_t part, message *out) {
    key k = message_key(hook_no, seq, part);
    str val;
    return kv_get(t, TABLE_OUTBOX, key_str(&k), &val) && message_decode(key_str(&k), val, out);
}

/* Texts may be borrowed from t: the record is built before it is put. */
static void put(txn *t, const message *m) {
    AUTO(buf) b = {0};
    key k = message_key(m->hook, m->seq, m->part);
    buf_byte(&b, (char)m->state);
    buf_be32(&b, m->tries);
    buf_be64(&b, (uint64_t)m->due_ms);
    buf_be64(&b, (uint64_t)m->time_ms);
    const str texts[] = {m->id, m->type, m->data, m->zh, m->en, m->path, m->error};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) buf_text(&b, texts[i]);
    kv_put(t, TABLE_OUTBOX, key_str(&k), buf_str(&b));
}

static bool drop(txn *t, const message *m) {
    key k = message_key(m->hook, m->seq, m->part);
    return kv_del(t, TABLE_OUTBOX, key_str(&k));
}

void hook_state_get(txn *t, uint32_t hook_no, hook_state *out) {
    key k = queue_key(hook_no);
    str val;
    *out = (hook_state){.sent = 0};
    if (!kv_get(t, TABLE_HOOK_STATE, key_str(&k), &val)) return;
    reader r = reader_of(val);
    uint64_t *counts[] = {&out->sent, &out->failed, &out->dropped, &out->waiting, &out->dead};
    for (size_t i = 0; i < ARRAY_LEN(counts); i++) *counts[i] = read_be64(&r);
    int64_t *times[] = {&out->last_ms, &out->delivered_ms, &out->free_ms};
    for (size_t i = 0; i < ARRAY_LEN(times); i++) *times[i] = (int64_t)read_be64(&r);
    out->changes = read_be64(&r);
    out->error = read_text(&r);
    if (r.bad) *out = (hook_state){.sent = 0};
}

void hook_state_put(txn *t, uint32_t hook_no, const hook_state *s) {
    AUTO(buf) b = {0};
    key k = queue_key(hook_no);
    const uint64_t counts[] = {s->sent, s->failed, s->dropped, s->waiting, s->dead};
    for (size_t i = 0; i < ARRAY_LEN(counts); i++) buf_be64(&b, counts[i]);
    const int64_t times[] = {s->last_ms, s->delivered_ms, s->free_ms};
    for (size_t i = 0; i < ARRAY_LEN(times); i++) buf_be64(&b, (uint64_t)times[i]);
    buf_be64(&b, s->changes + 1);
    buf_text(&b, s->error);
    kv_put(t, TABLE_HOOK_STATE, key_str(&k), buf_str(&b));
}

/* ---- in and out */

bool queue_put(txn *t, const message *m) {
    message old, now = *m;
    hook_state s;
    bool there = message_get(t, m->hook, m->seq, m->part, &old);
    if (there && old.state == MESSAGE_WAITING) return false;
    hook_state_get(t, m->hook, &s);
    bool room = s.waiting < LIMIT_HOOK_QUEUE;
    if (room) s.waiting++;
    else
        s.dropped++;
    if (room && there) s.dead--;
    hook_state_put(t, m->hook, &s);
    if (!room) return false;
    now.state = MESSAGE_WAITING;
    now.tries = 0;
    put(t, &now);
    return true;
}

bool queue_again(txn *t, const message *m) {
    message old;
    hook_state s;
    bool waits = message_get(t, m->hook, m->seq, m->part, &old) && old.state == MESSAGE_WAITING;
    if (!waits) return queue_put(t, m);
    old.due_ms = 0;
    old.tries = 0;
    put(t, &old);
    hook_state_get(t, m->hook, &s);
    hook_state_put(t, m->hook, &s);
    return true;
}

void queue_clear(txn *t, uint32_t hook_no) {
    key k = queue_key(hook_no);
    for (bool any = true; any;) {
        message gone[256];
        size_t n = 0;
        for (AUTO(kv_cursor) c = kv_from(t, TABLE_OUTBOX, key_str(&k), STR_NONE); n < ARRAY_LEN(gone) && kv_next(&c);)
            n += message_decode(c.key, c.val, &gone[n]);
        for (size_t i = 0; i < n; i++) (void)drop(t, &gone[i]);
        any = n > 0 && txn_ok(t, NULL);
    }
    (void)kv_del(t, TABLE_HOOK_STATE, key_str(&k));
}

/* The oldest dead letter makes room. */
static void bury(txn *t, hook_state *s, uint32_t hook_no) {
    key k = queue_key(hook_no);
    message m = {.state = MESSAGE_WAITING};
    if (++s->dead <= LIMIT_HOOK_DEAD) return;
    for (AUTO(kv_cursor) c = kv_from(t, TABLE_OUTBOX, key_str(&k), STR_NONE); m.state != MESSAGE_DEAD && kv_next(&c);)
        if (!message_decode(c.key, c.val, &m)) m.state = MESSAGE_WAITING;
    if (m.state == MESSAGE_DEAD && drop(t, &m)) s->dead--;
}

bool queue_note(txn *t, const attempt *a) {
    message m;
    hook_state s;
    if (!message_get(t, a->hook, a->seq, a->part, &m) || m.state != MESSAGE_WAITING) return false;
    hook_state_get(t, a->hook, &s);
    s.last_ms = a->at_ms;
    s.free_ms = a->free_ms;
    if (a->delivered) {
        s.sent++;
        s.waiting--;
        s.delivered_ms = a->at_ms;
        s.error = STR("");
        hook_state_put(t, a->hook, &s);
        return drop(t, &m);
    }
    m.tries++;
    m.due_ms = a->next_ms;
    m.error = s.error = str_of(a->why);
    s.failed++;
    if (a->gone || m.tries >= a->tries) {
        m.state = MESSAGE_DEAD;
        s.waiting--;
    }
    put(t, &m);
    if (m.state == MESSAGE_DEAD) bury(t, &s, a->hook);
    hook_state_put(t, a->hook, &s);
    return true;
}

/* ---- several into one */

typedef struct batch {
    message *m;
    size_t n;
} batch;

/* What was tried before keeps its id, whoever may have it already. */
static batch ready(txn *t, uint32_t hook_no, int64_t now_ms, size_t most, arena *a) {
    key k = queue_key(hook_no);
    batch b = {ARENA_NEW(a, message, most + 1), 0};
    size_t bytes = 0;
    for (AUTO(kv_cursor) c = kv_from(t, TABLE_OUTBOX, key_str(&k), STR_NONE); b.n < most && kv_next(&c);) {
        message m;
        if (!message_decode(c.key, c.val, &m) || m.state != MESSAGE_WAITING || m.due_ms > now_ms) continue;
        if (m.tries || str_is(m.type, "digest")) continue;
        bytes += c.val.n;
        if (b.n && bytes > LIMIT_HOOK_DATA) break;
        (void)message_decode(arena_str(a, c.key), arena_str(a, c.val), &b.m[b.n++]);
    }
    return b;
}

bool queue_merge_due(txn *t, const hook *h, int64_t now_ms, int64_t entry_ms) {
    AUTO(arena) a = {0};
    arena_init(&a, MERGE_BYTES);
    if (h->digest_ms == 0 && hook_form_a_minute(h->form) == 0) return false;
    batch b = ready(t, h->no, now_ms, 2, &a);
    return b.n > 1 && (h->digest_ms == 0 || b.m[0].time_ms + h->digest_ms <= entry_ms);
}

void message_text(const message *m, bool english, str link, buf *out) {
    buf_add(out, english ? m->en : m->zh);
    if (link.n) buf_printf(out, "%s%.*s%.*s", out->n ? "\n" : "", STR_ARG(link), STR_ARG(m->path));
}

/* As many lines as a group takes; the rest is a number. */
static void put_lines(const batch *b, bool english, str link, buf *out) {
    size_t shown = 0;
    buf_printf(out, english ? "%zu messages" : "%zu 条消息", b->n);
    for (; shown < b->n; shown++) {
        AUTO(buf) line = {0};
        str words = english ? b->m[shown].en : b->m[shown].zh;
        buf_printf(&line, "\n· %.*s", STR_ARG(words));
        if (link.n) buf_printf(&line, " %.*s%.*s", STR_ARG(link), STR_ARG(b->m[shown].path));
        if (out->n + line.n + 64 > LIMIT_HOOK_TEXT) break;
        buf_add(out, buf_str(&line));
    }
    if (shown < b->n) buf_printf(out, english ? "\n· %zu more" : "\n· 另有 %zu 条", b->n - shown);
}

static void put_event(json *j, const message *m) {
    AUTO(buf) when = {0};
    time_put(&when, m->time_ms, 0);
    json_open_object(j);
    json_key(j, "id"), json_str(j, m->id);
    json_key(j, "type"), json_str(j, m->type);
    json_key(j, "time"), json_str(j, buf_str(&when));
    json_key(j, "data"), json_raw(j, m->data);
    json_end_object(j);
}

size_t queue_merge(txn *t, const hook *h, int64_t now_ms, str link) {
    AUTO(arena) a = {0};
    AUTO(buf) data = {0}, zh = {0}, en = {0}, id = {0};
    hook_state s;
    arena_init(&a, MERGE_BYTES);
    batch b = ready(t, h->no, now_ms, LIMIT_HOOK_DIGEST, &a);
    if (b.n < 2) return 0;
    json j = json_into(&data);
    json_open_object(&j);
    json_key(&j, "events");
    json_open_array(&j);
    for (size_t i = 0; i < b.n; i++) put_event(&j, &b.m[i]);
    json_end_array(&j);
    json_end_object(&j);
    put_lines(&b, false, link, &zh);
    put_lines(&b, true, link, &en);
    buf_printf(&id, "%.*s_%zu", STR_ARG(b.m[0].id), b.n);
    for (size_t i = 0; i < b.n; i++) (void)drop(t, &b.m[i]);
    message one = b.m[0];
    one.id = buf_str(&id);
    one.type = STR("digest");
    one.data = buf_str(&data);
    one.zh = buf_str(&zh);
    one.en = buf_str(&en);
    one.path = STR("/");
    one.tries = 0;
    put(t, &one);
    hook_state_get(t, h->no, &s);
    s.waiting -= b.n - 1;
    hook_state_put(t, h->no, &s);
    return b.n;
}

/* ---- again */

int64_t retry_wait_ms(int64_t base_ms, int64_t most_ms, uint32_t tries, uint32_t random) {
    int64_t wait = base_ms;
    for (uint32_t i = 1; i < tries && wait < most_ms; i++) wait *= RETRY_FACTOR;
    if (wait > most_ms) wait = most_ms;
    return wait / 2 + (wait - wait / 2) * (int64_t)(random % 1024) / 1023;
}
