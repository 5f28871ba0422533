#include "daemon/service/hooks.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/num.h"
#include "daemon/catalog/agents.h"
#include "daemon/catalog/settings.h"
#include "daemon/command/call.h"
#include "daemon/command/hook_events.h"
#include "daemon/service/sender.h"
#include "daemon/store/store.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

enum { TICK_MS = 200, ALARM_MS = 60000, ENTRIES_KEPT = 4096, NOTES = 64, DAY_MINUTES = 1440, MINUTE_MS = 60000 };
enum { IDLE_MS = 1000, TURN_BYTES = 64 * 1024 * 1024 };

/* A hook as the turn sees it; what is remembered of it from turn to turn. */
typedef struct lane {
    uint32_t no;
    size_t flying;
    uint64_t changes;     /* of its state, when its rows were looked at last … */
    int64_t next_wall_ms; /* … and when one of them is due by the wall */
} lane;

struct hooks {
    allow_list allow;
    sender *sender;
    hook_door door;
    lane lane[LIMIT_HOOKS];
    size_t lanes, flying;
    struct {
        uint32_t hook, part;
        uint64_t seq;
    } in_air[LIMIT_HOOKS_FLYING];
    uint64_t at, kept;         /* entries looked at; what is stored of that */
    bool shadow_at;            /* what setting mode said there */
    int64_t soon_ms;           /* wall: a message is due then */
    int64_t next_ms, alarm_ms; /* monotonic */
};

/* One turn of it. */
typedef struct round {
    service *s;
    struct hooks *w;
    arena a;
    hook *hook;
    size_t hooks;
    bool shadow;
    int zone_min;
    message *fresh; /* to be put */
    size_t n, cap;
    uint64_t at; /* where reading will stand, and what the mode was there */
    bool shadow_at;
    str *told; /* agents told as silent, and since when */
    int64_t *told_ms;
    size_t tolds;
    delivery *back[NOTES];
    size_t backs;
} round;

/* ---- life */

static bool send_now(void *service_, outbox_request *r, outbox_answer *a, err *e) {
    const service *s = service_;
    return sender_now(s->hooks->sender, r, a, e);
}

static void read_stored(service *s, struct hooks *w) {
    AUTO(txn) *t = NULL;
    err e;
    str val;
    int64_t at = 0;
    if (!txn_begin(s->db, TXN_READ, &t, &e)) service_die("store.failed", &e);
    if (store_meta(t, "outbox_at", &val) && dec_parse(val, 0, &at, NULL)) w->at = w->kept = (uint64_t)at;
    w->shadow_at = hook_shadow_after(t, w->at);
}

bool hooks_open(service *s, err *e) {
    struct hooks *w = calloc(1, sizeof *w);
    ASSERT(w != NULL);
    s->hooks = w;
    TRY(allow_parse(str_of(s->config.hooks_allow), &w->allow, e));
    str link = str_of(s->config.hooks_link);
    if (link.n && !str_starts(link, STR("https://")) && !str_starts(link, STR("http://")))
        return err_set(e, ERR_CONFIG, "hooks.link: wanted an address like https://channel.example.com");
    while (str_ends(link, STR("/"))) link.n--;
    s->config.hooks_link[link.n] = '\0';
    w->door = (hook_door){s, send_now, &w->allow, link, wall_ms};
    read_stored(s, w);
    return sender_start(&w->allow, s->config.hooks_timeout_ms, &w->sender, e);
}

void hooks_close(service *s) {
    if (s->hooks) sender_stop(s->hooks->sender);
    free(s->hooks);
    s->hooks = NULL;
}

long hooks_wait_ms(const service *s) {
    int64_t left = s->hooks->soon_ms - wall_ms();
    return left < TICK_MS ? TICK_MS : left < IDLE_MS ? (long)left : IDLE_MS;
}

int hooks_fd(const service *s) {
    return sender_fd(s->hooks->sender);
}

const hook_door *hooks_door(const service *s) {
    return &s->hooks->door;
}

/* ---- what is new */

static void read_hooks(round *r, txn *t) {
    size_t cap = 0;
    for (AUTO(kv_cursor) c = kv_from(t, TABLE_HOOK, STR(""), STR_NONE); kv_next(&c);) {
        hook h;
        if (!hook_decode(arena_str(&r->a, c.key), arena_str(&r->a, c.val), &h)) continue;
        r->hook = arena_grown(&r->a, r->hook, r->hooks, &cap, sizeof *r->hook);
        r->hook[r->hooks++] = h;
    }
    r->shadow = str_is(setting_text(t, SETTING_MODE), "shadow");
    r->zone_min = call_zone(t);
}

static void tell(round *r, txn *t, const hook_event *v, uint64_t seq, int64_t time_ms) {
    for (size_t i = 0; i < r->hooks; i++) {
        message m;
        if (r->hook[i].entry >= seq || !hook_event_for(t, &r->hook[i], v)) continue;
        hook_event_message(t, &r->hook[i], v, seq, time_ms, &r->a, &m);
        r->fresh = arena_grown(&r->a, r->fresh, r->n, &r->cap, sizeof *r->fresh);
        r->fresh[r->n++] = m;
    }
}

/* The next entries; what happens in shadow is never told, whenever it is read. */
static void read_entries(round *r, txn *t) {
    uint64_t head, first = UINT64_MAX;
    int64_t time_ms;
    uint8_t hash[DIGEST_SIZE];
    entry en;
    journal_head(t, &head, &time_ms, hash);
    for (size_t i = 0; i < r->hooks; i++)
        if (r->hook[i].entry < first) first = r->hook[i].entry;
    r->at = r->w->at;
    r->shadow_at = r->w->shadow_at;
    if (r->hooks == 0) r->at = head, r->shadow_at = r->shadow;
    if (r->hooks && r->at < first) r->at = first, r->shadow_at = hook_shadow_after(t, first);
    for (size_t i = 0; i < LIMIT_HOOK_ENTRIES && r->at < head && journal_get(t, r->at + 1, &en); i++) {
        hook_event *v;
        size_t n = hook_events_any(en.kind) ? hook_events(t, &en, &r->shadow_at, &r->a, &v) : 0;
        for (size_t k = 0; k < n; k++) tell(r, t, &v[k], en.seq, en.time_ms);
        r->at = en.seq;
    }
}

/* ---- agents that are silent: no entry says so */

static key told_key(str agent_id) {
    key k = hook_key(0);
    key_text(&k, agent_id);
    return k;
}

static void look_at_agent(round *r, txn *t, const agent *a, uint64_t head, int64_t now_ms) {
    contact c = {.heard_ms = 0};
    AUTO(buf) data = {0};
    str val;
    key k = told_key(a->id);
    (void)contact_get(t, a->id, &c);
    int64_t heard_ms = c.heard_ms > a->enrolled_ms ? c.heard_ms : a->enrolled_ms;
    if (a->state != AGENT_ACTIVE || now_ms - heard_ms <= r->s->config.agent_late_ms) return;
    if (kv_get(t, TABLE_HOOK_STATE, key_str(&k), &val) && val.n == 8 && (int64_t)get_be64(val.p) == heard_ms) return;
    json j = json_into(&data);
    json_open_object(&j);
    json_key(&j, "agent"), json_str(&j, a->id);
    json_end_object(&j);
    hook_event v = {.type = EVENT_AGENT_OFFLINE,
                    .part = PART_ALARM | ((uint32_t)str_hash(a->id) & ~PART_ALARM),
                    .subject = arena_str(&r->a, a->id),
                    .data = arena_str(&r->a, buf_str(&data))};
    tell(r, t, &v, head, now_ms);
    r->told[r->tolds] = v.subject;
    r->told_ms[r->tolds++] = heard_ms;
}

static void read_alarms(round *r, txn *t, int64_t now_ms) {
    uint64_t head;
    int64_t time_ms;
    uint8_t hash[DIGEST_SIZE];
    journal_head(t, &head, &time_ms, hash);
    r->told = ARENA_NEW(&r->a, str, LIMIT_HOOK_ENTRIES);
    r->told_ms = ARENA_NEW(&r->a, int64_t, LIMIT_HOOK_ENTRIES);
    for (AUTO(kv_cursor) c = kv_from(t, TABLE_AGENT, STR(""), STR_NONE);
         r->tolds < LIMIT_HOOK_ENTRIES && kv_next(&c);) {
        agent a;
        if (agent_decode(c.key, c.val, &a)) look_at_agent(r, t, &a, head, now_ms);
    }
}

/* ---- what came back */

static lane *lane_of(struct hooks *w, uint32_t no) {
    for (size_t i = 0; i < w->lanes; i++)
        if (w->lane[i].no == no) return &w->lane[i];
    return NULL;
}

static void landed(struct hooks *w, const delivery *d) {
    lane *l = lane_of(w, d->hook);
    if (l) l->flying--;
    for (size_t i = 0; i < w->flying; i++)
        if (w->in_air[i].hook == d->hook && w->in_air[i].seq == d->seq && w->in_air[i].part == d->part) {
            w->in_air[i] = w->in_air[--w->flying];
            return;
        }
}

static void note(round *r, txn *t, const delivery *d) {
    verdict v;
    const daemon_config *k = &r->s->config;
    int64_t now = wall_ms();
    form_judge(d->form, &d->answer, &v);
    int64_t wait = retry_wait_ms(k->hooks_retry_ms, k->hooks_retry_most_ms, d->tries + 1, randombytes_random());
    unsigned a_minute = hook_form_a_minute(d->form);
    attempt a = {.hook = d->hook,
                 .part = d->part,
                 .seq = d->seq,
                 .delivered = v.delivered,
                 .gone = v.gone,
                 .at_ms = now,
                 .next_ms = now + (wait > v.wait_ms ? wait : v.wait_ms),
                 .free_ms = now + (v.wait_ms  ? v.wait_ms
                                   : a_minute ? MINUTE_MS / (a_minute - 1)
                                              : 0),
                 .tries = (uint32_t)k->hooks_tries,
                 .why = v.why};
    (void)queue_note(t, &a);
    if (!v.delivered) {
        char why[sizeof v.why * 2];
        log_event(LOG_LEVEL_WARN, "hook.failed", "hook=%u try=%u why=%s", d->hook, d->tries + 1,
                  log_quote(str_of(v.why), why, sizeof why));
    }
}

/* ---- writing: once a turn, and only when there is something */

static bool merges(round *r, txn *t) {
    for (size_t i = 0; i < r->hooks && !r->shadow; i++) {
        lane *l = lane_of(r->w, r->hook[i].no);
        if ((l == NULL || l->flying == 0) && queue_merge_due(t, &r->hook[i], wall_ms(), service_now(r->s))) return true;
    }
    return false;
}

static void put_at(round *r, txn *t) {
    char text[24];
    (void)snprintf(text, sizeof text, "%" PRIu64, r->at);
    store_set_meta(t, "outbox_at", str_of(text));
    r->w->kept = r->at;
}

static void write_all(round *r, bool merge) {
    AUTO(txn) *t = NULL;
    err e;
    if (!txn_begin(r->s->db, TXN_WRITE, &t, &e)) service_die("store.failed", &e);
    for (size_t i = 0; i < r->backs; i++) note(r, t, r->back[i]);
    for (size_t i = 0; i < r->n; i++) (void)queue_put(t, &r->fresh[i]);
    for (size_t i = 0; i < r->tolds; i++) {
        uint8_t ms[8];
        key k = told_key(r->told[i]);
        put_be64(ms, (uint64_t)r->told_ms[i]);
        kv_put(t, TABLE_HOOK_STATE, key_str(&k), str_from(ms, sizeof ms));
    }
    for (size_t i = 0; merge && i < r->hooks; i++) {
        lane *l = lane_of(r->w, r->hook[i].no);
        bool free_to = l == NULL || l->flying == 0;
        if (free_to && queue_merge_due(t, &r->hook[i], wall_ms(), service_now(r->s)))
            (void)queue_merge(t, &r->hook[i], wall_ms(), r->w->door.link);
    }
    put_at(r, t);
    if (!txn_ok(t, &e) || !txn_commit(&t, &e)) service_die("commit.failed", &e);
}

/* ---- what is due */

static lane *lane_for(struct hooks *w, uint32_t no) {
    lane *l = lane_of(w, no);
    for (size_t i = 0; l == NULL && i < w->lanes; i++) /* of a hook that is gone */
        if (w->lane[i].flying == 0 && w->lanes == LIMIT_HOOKS) l = &w->lane[i], *l = (lane){.no = no};
    if (l == NULL && w->lanes < LIMIT_HOOKS) {
        l = &w->lane[w->lanes++];
        *l = (lane){.no = no};
    }
    return l;
}

static bool flies(const struct hooks *w, const message *m) {
    for (size_t i = 0; i < w->flying; i++)
        if (w->in_air[i].hook == m->hook && w->in_air[i].seq == m->seq && w->in_air[i].part == m->part) return true;
    return false;
}

static void launch(round *r, txn *t, const hook *h, lane *l, const message *m) {
    Entry__HookTarget *to;
    err e;
    delivery *d = delivery_new();
    form_how how = {wall_ms(), r->zone_min, r->w->door.link, &r->w->allow};
    d->form = h->form;
    d->hook = m->hook;
    d->seq = m->seq;
    d->part = m->part;
    d->tries = m->tries;
    l->flying++;
    r->w->in_air[r->w->flying].hook = m->hook;
    r->w->in_air[r->w->flying].part = m->part;
    r->w->in_air[r->w->flying++].seq = m->seq;
    if (hook_open(t, h, &r->a, &to, &e) && form_build(h, to, m, &how, &d->request, &e)) {
        sender_take(r->w->sender, d);
        return;
    }
    (void)snprintf(d->answer.error, sizeof d->answer.error, "%.190s", e.text);
    sender_refused(r->w->sender, d);
}

/* Alone, a message of a hook with digests waits as long as the others would. */
static bool may_leave(const hook *h, const message *m, int64_t entry_ms) {
    return h->digest_ms == 0 || m->tries || str_is(m->type, "digest") || m->time_ms + h->digest_ms <= entry_ms;
}

static void serve(round *r, txn *t, const hook *h, lane *l, int64_t now) {
    size_t most = hook_form_a_minute(h->form) || h->digest_ms ? 1 : LIMIT_HOOK_FLYING;
    key k = queue_key(h->no);
    int64_t next = INT64_MAX;
    for (AUTO(kv_cursor) c = kv_from(t, TABLE_OUTBOX, key_str(&k), STR_NONE); kv_next(&c);) {
        message m;
        if (!message_decode(c.key, c.val, &m) || m.state != MESSAGE_WAITING || flies(r->w, &m)) continue;
        if (m.due_ms > now || !may_leave(h, &m, service_now(r->s))) {
            if (m.due_ms < next) next = m.due_ms;
            continue;
        }
        next = now;
        if (l->flying >= most || r->w->flying >= LIMIT_HOOKS_FLYING) break;
        launch(r, t, h, l, &m);
    }
    l->next_wall_ms = next;
}

static void serve_all(round *r) {
    AUTO(txn) *t = NULL;
    err e;
    int64_t now = wall_ms(), entry_ms = service_now(r->s);
    r->w->soon_ms = INT64_MAX;
    if (!txn_begin(r->s->db, TXN_READ, &t, &e)) service_die("store.failed", &e);
    int64_t minutes = entry_ms / MINUTE_MS + r->zone_min;
    unsigned minute = (unsigned)((minutes % DAY_MINUTES + DAY_MINUTES) % DAY_MINUTES);
    for (size_t i = 0; i < r->hooks; i++) {
        hook_state s;
        lane *l = lane_for(r->w, r->hook[i].no);
        hook_state_get(t, r->hook[i].no, &s);
        if (l == NULL || s.waiting == 0 || hook_is_quiet(&r->hook[i], minute)) continue;
        bool look = s.changes != l->changes || now >= l->next_wall_ms || r->hook[i].digest_ms;
        if (look && now >= s.free_ms) {
            serve(r, t, &r->hook[i], l, now);
            l->changes = s.changes;
        }
        int64_t soon = l->next_wall_ms > s.free_ms ? l->next_wall_ms : s.free_ms;
        if (soon < r->w->soon_ms) r->w->soon_ms = soon;
    }
}

/* ---- a turn */

static void take_back(round *r) {
    while (r->backs < NOTES && (r->back[r->backs] = sender_done(r->w->sender)) != NULL) r->backs++;
}

static bool read_all(round *r) {
    AUTO(txn) *t = NULL;
    err e;
    int64_t mono = mono_ms();
    if (!txn_begin(r->s->db, TXN_READ, &t, &e)) service_die("store.failed", &e);
    read_hooks(r, t);
    read_entries(r, t);
    if (r->hooks && !r->shadow && mono >= r->w->alarm_ms) {
        read_alarms(r, t, service_now(r->s));
        r->w->alarm_ms = mono + ALARM_MS;
    }
    return merges(r, t);
}

void hooks_turn(service *s, int64_t now_ms) {
    round r = {.s = s, .w = s->hooks};
    take_back(&r);
    if (r.backs == 0 && now_ms < s->hooks->next_ms) return;
    s->hooks->next_ms = now_ms + TICK_MS;
    arena_init(&r.a, TURN_BYTES);
    bool merge = read_all(&r);
    bool far = r.hooks && r.at >= r.w->kept + ENTRIES_KEPT;
    for (size_t i = 0; i < r.backs; i++) landed(r.w, r.back[i]);
    if (!s->storage_full && (r.n || r.tolds || r.backs || merge || far)) write_all(&r, merge);
    if (!s->storage_full) r.w->at = r.at, r.w->shadow_at = r.shadow_at;
    if (r.hooks && !r.shadow && !s->stopping && !s->storage_full) serve_all(&r);
    for (size_t i = 0; i < r.backs; i++) delivery_free(r.back[i]);
    arena_free(&r.a);
}
