/* hook replay: messages once more: dead letters, single ones by id, and all that entries since a time had to say. What was
 * delivered is made again of its entry, with the id that it had. */
#include "daemon/command/catalog.h"
#include "daemon/command/hook_events.h"
#include "daemon/store/store.h"
#include "proto/limits.h"

#include <inttypes.h>
#include <stdio.h>

typedef struct plan {
    message *m;
    size_t n, cap;
    bool cut; /* more than a queue holds */
} plan;

static void add(call *c, plan *p, const message *m) {
    p->m = arena_grown(c->look_a, p->m, p->n, &p->cap, sizeof *p->m);
    p->m[p->n++] = *m;
}

static void add_events(call *c, plan *p, const hook *h, const entry *en, const uint32_t *part, bool *shadow) {
    hook_event *v;
    size_t n = hook_events_any(en->kind) ? hook_events(c->t, en, shadow, c->look_a, &v) : 0;
    for (size_t i = 0; i < n && !p->cut; i++) {
        message m;
        if (part ? v[i].part != *part : !hook_event_for(c->t, h, &v[i])) continue;
        hook_event_message(c->t, h, &v[i], en->seq, en->time_ms, c->look_a, &m);
        p->cut = p->n >= LIMIT_HOOK_QUEUE;
        if (!p->cut) add(c, p, &m);
    }
}

/* First entry at or after a moment; times never run backwards. */
static uint64_t first_since(txn *t, int64_t since_ms) {
    uint64_t low = 1, high;
    int64_t last_ms;
    uint8_t hash[DIGEST_SIZE];
    journal_head(t, &high, &last_ms, hash);
    for (high++; low < high;) {
        uint64_t middle = low + (high - low) / 2;
        entry en;
        if (journal_get(t, middle, &en) && en.time_ms < since_ms) low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool plan_since(call *c, plan *p, const hook *h, err *e) {
    int64_t since_ms;
    str s = call_option(c, "since");
    entry en;
    if (s.p == NULL) return true;
    if (!time_parse(s, c->zone_min, &since_ms))
        return err_set(e, ERR_USAGE, "--since '%.*s': wanted a time like 2026-07-01 or 2026-07-01T08:00:00+08:00",
                       STR_ARG(str_take(s, 40)));
    uint64_t seq = first_since(c->t, since_ms);
    for (bool shadow = hook_shadow_after(c->t, seq - 1); !p->cut && journal_get(c->t, seq, &en); seq++)
        add_events(c, p, h, &en, NULL, &shadow);
    return txn_ok(c->t, e);
}

static void copy(call *c, plan *p, const message *m) {
    message kept = *m;
    str *texts[] = {&kept.id, &kept.type, &kept.data, &kept.zh, &kept.en, &kept.path, &kept.error};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) *texts[i] = arena_str(c->look_a, *texts[i]);
    kept.due_ms = 0;
    add(c, p, &kept);
}

/* Those still there: dead letters, or the one of an id. */
static size_t plan_kept(call *c, plan *p, const hook *h, str id) {
    key k = queue_key(h->no);
    size_t before = p->n;
    for (AUTO(kv_cursor) w = kv_from(c->t, TABLE_OUTBOX, key_str(&k), STR_NONE); kv_next(&w);) {
        message m;
        if (!message_decode(w.key, w.val, &m)) continue;
        if (id.p ? str_eq(m.id, id) : m.state == MESSAGE_DEAD) copy(c, p, &m);
    }
    return p->n - before;
}

static bool plan_id(call *c, plan *p, const hook *h, str id, err *e) {
    char text[LIMIT_ID + 1];
    uint32_t epoch = 0, part = 0;
    uint64_t seq = 0;
    int end = 0;
    entry en;
    if (plan_kept(c, p, h, id)) return true;
    size_t before = p->n;
    bool fits = id.n < sizeof text;
    (void)str_copy_z(id, text, sizeof text);
    fits = fits && sscanf(text, "evt_%8" SCNx32 "_%" SCNu64 "_%" SCNu32 "%n", &epoch, &seq, &part, &end) == 3 &&
           (size_t)end == id.n && epoch == (uint32_t)store_db_epoch(c->t);
    bool shadow = fits && seq && hook_shadow_after(c->t, seq - 1);
    if (fits && seq && journal_get(c->t, seq, &en)) add_events(c, p, h, &en, &part, &shadow);
    if (p->n > before) return true;
    return err_set(e, ERR_NOT_FOUND, "no message '%.*s' of this hook", STR_ARG(str_take(id, 60)));
}

static bool look(call *c, err *e) {
    plan *p = ARENA_NEW(c->look_a, plan, 1);
    size_t ids = call_arg_count(c) - 1;
    hook h;
    if (!hook_by_name(c->t, call_arg(c, 0), &h))
        return err_set(e, ERR_NOT_FOUND, "no hook '%.*s' (hook list)", STR_ARG(str_take(call_arg(c, 0), 60)));
    if (ids == 0 && !call_flag(c, "dead") && call_option(c, "since").p == NULL)
        return err_set(e, ERR_USAGE, "hook replay: ids of messages, --dead or --since T");
    if (call_flag(c, "dead")) (void)plan_kept(c, p, &h, STR_NONE);
    for (size_t i = 1; i <= ids; i++) TRY(plan_id(c, p, &h, call_arg(c, i), e));
    TRY(plan_since(c, p, &h, e));
    c->looked = p;
    return true;
}

bool cmd_hook_replay(call *c, err *e) {
    const plan *p = c->looked;
    size_t n = 0;
    hook h;
    if (c->looking) return look(c, e);
    if (p->n && !hook_by_no(c->t, p->m[0].hook, &h))
        return err_set(e, ERR_CONFLICT, "hook replay: the hook was removed meanwhile");
    for (size_t i = 0; i < p->n; i++) n += queue_again(c->t, &p->m[i]);
    answer_message(c, "%zu messages wait to be sent again%s", n,
                   p->cut ? "; there are more: replay from a later time when these have left" : "");
    return txn_ok(c->t, e);
}
