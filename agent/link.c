#include "agent/link.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { MESSAGES_A_TURN = 64, NEED_AGAIN_MS = 2000 };

struct uplink {
    void *zmq;
    spool *spool;
    char endpoint[256], host[65];
    uint8_t server[KEY_SIZE], public_key[KEY_SIZE], secret[KEY_SIZE];
    rng jitter;
    dial dial;
    link_state state;
    int64_t due_ms, mono_ms, wall_ms; /* the two clocks of this turn */
    unsigned attempts, missed;        /* in a row: connections lost, nobody found there */
    bool nobody;                      /* the last one was of the second sort */
    uint64_t next_seq, next_end;      /* next batch to send; bytes of all before it */
    uint64_t grant, asked;            /* bytes that may be sent; bytes wanted and not answered */
    uint64_t rewound_to;
    int64_t rewound_ms, heard_ms, said_ms;
    int64_t receipt_due_ms; /* 0: none is missing */
    uint64_t receipts_seen;
    unsigned receipt_asks;
    bool dials;         /* counted in `dialing` */
    bool renewed;       /* a new epoch was begun on this connection */
    uint64_t contested; /* from this batch on the centre has another one's; 0: none */
    uint64_t welcomes;
    char trouble[256];
    buf in, out;
    arena message;
};

const link_step link_steps[LINK_STATE_COUNT][LINK_EVENT_COUNT] = {
    [LINK_WAIT] = {[EV_DUE] = {LINK_DIALING, ACT_DIAL}},
    [LINK_DIALING] = {[EV_DUE] = {LINK_WAIT, ACT_BACKOFF},
                      [EV_UP] = {LINK_GREETING, ACT_HELLO},
                      [EV_DOWN] = {LINK_WAIT, ACT_BACKOFF},
                      [EV_DENIED] = {LINK_REFUSED, ACT_DENY}},
    [LINK_GREETING] = {[EV_DUE] = {LINK_WAIT, ACT_BACKOFF},
                       [EV_DOWN] = {LINK_WAIT, ACT_BACKOFF},
                       [EV_WELCOME] = {LINK_READY, ACT_ADOPT},
                       [EV_ACK] = {LINK_GREETING, ACT_ACK},
                       [EV_BUSY] = {LINK_PAUSED, ACT_PAUSE},
                       [EV_HELD] = {LINK_HELD, ACT_HOLD},
                       [EV_REFUSED] = {LINK_REFUSED, ACT_REFUSE}},
    [LINK_READY] = {[EV_DUE] = {LINK_READY, ACT_BEAT},
                    [EV_DOWN] = {LINK_WAIT, ACT_BACKOFF},
                    [EV_WELCOME] = {LINK_READY, ACT_ADOPT},
                    [EV_GRANT] = {LINK_READY, ACT_GRANT},
                    [EV_ACK] = {LINK_READY, ACT_ACK},
                    [EV_NEED] = {LINK_READY, ACT_REWIND},
                    [EV_BUSY] = {LINK_PAUSED, ACT_PAUSE},
                    [EV_HELD] = {LINK_HELD, ACT_HOLD},
                    [EV_REFUSED] = {LINK_REFUSED, ACT_REFUSE}},
    [LINK_PAUSED] = {[EV_DUE] = {LINK_GREETING, ACT_HELLO},
                     [EV_DOWN] = {LINK_WAIT, ACT_BACKOFF},
                     [EV_ACK] = {LINK_PAUSED, ACT_ACK},
                     [EV_HELD] = {LINK_HELD, ACT_HOLD},
                     [EV_REFUSED] = {LINK_REFUSED, ACT_REFUSE}},
    [LINK_HELD] = {[EV_DUE] = {LINK_GREETING, ACT_HELLO},
                   [EV_DOWN] = {LINK_WAIT, ACT_BACKOFF},
                   [EV_WELCOME] = {LINK_READY, ACT_ADOPT},
                   [EV_ACK] = {LINK_HELD, ACT_ACK},
                   [EV_HELD] = {LINK_HELD, ACT_HOLD},
                   [EV_REFUSED] = {LINK_REFUSED, ACT_REFUSE}},
    [LINK_REFUSED] = {[EV_DUE] = {LINK_DIALING, ACT_DIAL}},
};

const char *link_state_name(link_state s) {
    static const char *const names[] = {
#define X(state, name) name,
        LINK_STATES(X)
#undef X
    };
    return names[s];
}

/* ---- small helpers */

static void say(uplink *l, const char *text) {
    (void)str_copy_z(str_of(text), l->trouble, sizeof l->trouble);
}

static int64_t jittered(uplink *l, int64_t low_ms, int64_t high_ms) {
    return low_ms + (int64_t)rng_below(&l->jitter, (uint64_t)(high_ms - low_ms) + 1);
}

static void due_in(uplink *l, int64_t ms) {
    l->due_ms = l->mono_ms + ms;
}

static void back_off(uplink *l) {
    int64_t window = LINK_BACKOFF_FIRST_MS, most = l->nobody ? LINK_BACKOFF_AWAY_MS : LINK_BACKOFF_MAX_MS;
    unsigned *count = l->nobody ? &l->missed : &l->attempts;
    if (!l->nobody) l->missed = 0;
    for (unsigned i = 0; i < *count && window < most; i++) window *= 2;
    if (window > most) window = most;
    if (*count < UINT32_MAX) ++*count;
    l->nobody = false;
    dial_close(&l->dial);
    l->state = LINK_WAIT;
    due_in(l, jittered(l, LINK_BACKOFF_MIN_MS, window));
}

/* A connection that cannot take a frame is as good as lost. */
static bool send_message(uplink *l, frame_type type, const ProtobufCMessage *m) {
    buf_clear(&l->out);
    frame_put(&l->out, type, m);
    if (dial_send(&l->dial, buf_str(&l->out))) return true;
    back_off(l);
    return false;
}

/* Links of this process that are on their way to the centre. All its links are turned by one thread. */
static unsigned dialing;

static void count_dial(uplink *l, bool dials) {
    dialing += dials && !l->dials;
    dialing -= l->dials && !dials;
    l->dials = dials;
}

/* ---- what the table's acts do */

typedef bool (*act_fn)(uplink *l, const void *message, err *e);

static bool act_dial(uplink *l, const void *message, err *e) {
    (void)message, (void)e;
    err why;
    dial_keys k = {l->server, l->public_key, l->secret};
    l->renewed = false;
    if (dialing >= LINK_DIALS_AT_ONCE) {
        l->state = LINK_WAIT;
        due_in(l, jittered(l, LINK_TURN_MS / 2, LINK_TURN_MS));
        return true;
    }
    if (!dial_open(l->zmq, l->endpoint, &k, &l->dial, &why)) {
        say(l, why.text);
        back_off(l);
        return true;
    }
    count_dial(l, true);
    due_in(l, LINK_DIAL_MS);
    return true;
}

static bool act_backoff(uplink *l, const void *message, err *e) {
    (void)message, (void)e;
    (void)snprintf(l->trouble, sizeof l->trouble, "no connection to %.200s", l->endpoint);
    back_off(l);
    return true;
}

static bool act_hello(uplink *l, const void *message, err *e) {
    (void)message, (void)e;
    const spool_state *now = spool_now(l->spool);
    Wire__Hello h = WIRE__HELLO__INIT;
    h.proto_min = h.proto_max = FRAME_PROTO;
    h.epoch = now->epoch;
    h.last_seq = now->last_seq;
    h.acked_seq = now->acked_seq;
    h.db_epoch = now->db_epoch;
    h.receipts_from = now->receipts_to < now->last_seq ? now->receipts_to + 1 : 0;
    h.version = (char *)(uintptr_t)CHANNELD_VERSION;
    h.host = l->host;
    l->state = LINK_GREETING;
    due_in(l, LINK_GREET_MS);
    (void)send_message(l, FRAME_HELLO, &h.base);
    return true;
}

/* The centre's number does not fit what is kept here: everything kept goes again, under a new epoch. */
static bool renew(uplink *l, err *e) {
    if (l->renewed) {
        say(l, "the centre and the spool do not agree on what was sent");
        back_off(l);
        return true;
    }
    l->renewed = true;
    TRY(spool_new_epoch(l->spool, e));
    return act_hello(l, NULL, e);
}

static void resume(uplink *l) {
    const spool_state *now = spool_now(l->spool);
    l->next_seq = now->acked_seq + 1;
    l->next_end = now->acked_end;
    l->grant = l->asked = l->rewound_to = 0;
    l->attempts = l->missed = 0;
    l->trouble[0] = '\0';
    l->welcomes++;
    due_in(l, LINK_BEAT_MS);
}

/* Is the centre's batch of that number another one than ours? Then somebody else sends with our key. */
static bool contested(uplink *l, const Wire__Welcome *w, uint64_t last, bool *differs, err *e) {
    batch_info i;
    *differs = false;
    if (last == 0 || last < spool_now(l->spool)->first_seq || w->last_digest.len != sizeof i.digest) return true;
    TRY(spool_batch(l->spool, last, &i, NULL, e));
    *differs = memcmp(i.digest, w->last_digest.data, sizeof i.digest) != 0;
    return true;
}

static bool act_adopt(uplink *l, const void *message, err *e) {
    const Wire__Welcome *w = message;
    const spool_state *now = spool_now(l->spool);
    if (w->proto != FRAME_PROTO) {
        say(l, "the centre speaks another protocol: upgrade this agent");
        back_off(l);
        return true;
    }
    uint64_t last = w->epoch == now->epoch ? w->last_seq : 0;
    bool differs;
    if (last > now->last_seq || last + 1 < now->first_seq) return renew(l, e);
    TRY(contested(l, w, last, &differs, e));
    l->contested = differs ? last : 0;
    if (differs) last--; /* it goes again, so that the centre sees that there are two of us */
    TRY(spool_ack(l->spool, last, w->db_epoch, str_from(w->head.data, w->head.len), l->wall_ms, e));
    TRY(spool_contact(l->spool, str_of(w->partner), l->wall_ms, e));
    TRY(spool_names(l->spool, (const char *const *)w->own_name, w->n_own_name, e));
    TRY(spool_days(l->spool, w->simulated ? w->time_ms - l->wall_ms : 0, w->oldest_day, e));
    TRY(spool_set_trouble(l->spool, TROUBLE_NONE, STR(""), e));
    resume(l);
    return true;
}

static bool act_grant(uplink *l, const void *message, err *e) {
    (void)e;
    const Wire__Grant *g = message;
    l->grant += g->bytes < LIMIT_GRANT_BYTES ? g->bytes : LIMIT_GRANT_BYTES;
    if (l->grant > LIMIT_GRANT_BYTES) l->grant = LIMIT_GRANT_BYTES;
    l->asked -= g->bytes < l->asked ? g->bytes : l->asked;
    return true;
}

static bool act_ack(uplink *l, const void *message, err *e) {
    const Wire__Ack *a = message;
    const spool_state *now = spool_now(l->spool);
    if (a->epoch != now->epoch) return true;
    if (l->contested && a->last_seq >= l->contested) return true; /* speaks of another one's batches */
    if (a->last_seq > now->last_seq) {
        say(l, "the centre acknowledges what was never sent");
        back_off(l);
        return true;
    }
    bool progress = a->last_seq > now->acked_seq;
    if (progress)
        TRY(spool_ack(l->spool, a->last_seq, a->db_epoch, str_from(a->head.data, a->head.len), l->wall_ms, e));
    for (size_t i = 0; i < a->n_receipt; i++) TRY(spool_receipt(l->spool, a->receipt[i], e));
    if (l->next_seq <= now->acked_seq) {
        l->next_seq = now->acked_seq + 1;
        l->next_end = now->acked_end;
    }
    if (progress && l->state == LINK_HELD) l->due_ms = l->mono_ms;
    return true;
}

/* Every batch sent behind a gap brings the same NEED; the first one rewinds, its echoes do not. */
static bool act_rewind(uplink *l, const void *message, err *e) {
    const Wire__Need *n = message;
    const spool_state *now = spool_now(l->spool);
    if (n->epoch != now->epoch || n->seq >= l->next_seq) return true;
    if (n->seq <= now->acked_seq) return act_hello(l, NULL, e);
    if (n->seq == l->rewound_to && l->mono_ms - l->rewound_ms < NEED_AGAIN_MS) return true;
    batch_info i;
    TRY(spool_batch(l->spool, n->seq, &i, NULL, e));
    l->next_seq = l->rewound_to = n->seq;
    l->next_end = i.end - i.size;
    l->rewound_ms = l->mono_ms;
    return true;
}

static bool act_pause(uplink *l, const void *message, err *e) {
    (void)e;
    const Wire__Busy *b = message;
    int64_t ms = b->retry_ms;
    if (ms < LINK_PAUSE_MIN_MS) ms = LINK_PAUSE_MIN_MS;
    if (ms > LINK_PAUSE_MAX_MS) ms = LINK_PAUSE_MAX_MS;
    say(l, b->text[0] ? b->text : "the centre is busy");
    due_in(l, jittered(l, ms, ms + ms / 2));
    return true;
}

static bool act_hold(uplink *l, const void *message, err *e) {
    const Wire__Held *h = message;
    say(l, h->text[0] ? h->text : "the centre holds this agent until a person decides");
    due_in(l, jittered(l, LINK_HELD_MS / 2, LINK_HELD_MS));
    return spool_set_trouble(l->spool, TROUBLE_HELD, str_of(l->trouble), e);
}

static bool refused(uplink *l, const char *text, err *e) {
    say(l, text);
    dial_close(&l->dial);
    due_in(l, jittered(l, LINK_HELD_MS / 2, LINK_HELD_MS));
    return spool_set_trouble(l->spool, TROUBLE_REFUSED, str_of(text), e);
}

static bool act_refuse(uplink *l, const void *message, err *e) {
    const Wire__Refused *r = message;
    return refused(l, r->text[0] ? r->text : "the centre refuses this agent", e);
}

static bool act_deny(uplink *l, const void *message, err *e) {
    (void)message;
    return refused(l, "the centre does not let this agent's key in: revoked, or not enrolled there", e);
}

static bool act_beat(uplink *l, const void *message, err *e) {
    (void)message;
    const spool_state *now = spool_now(l->spool);
    bool expecting = l->asked > 0 || l->next_seq > now->acked_seq + 1;
    int64_t silent_ms = l->mono_ms - (l->heard_ms > l->said_ms ? l->heard_ms : l->said_ms);
    if (expecting && silent_ms > LINK_STALL_MS) return act_hello(l, NULL, e);
    Wire__Beat b = WIRE__BEAT__INIT;
    b.waiting = now->last_seq - now->acked_seq;
    TRY(spool_oldest(l->spool, &b.oldest_ms, e));
    due_in(l, LINK_BEAT_MS);
    (void)send_message(l, FRAME_BEAT, &b.base);
    return true;
}

static const act_fn acts[] = {
    [ACT_DIAL] = act_dial,   [ACT_HELLO] = act_hello,   [ACT_BACKOFF] = act_backoff, [ACT_ADOPT] = act_adopt,
    [ACT_GRANT] = act_grant, [ACT_ACK] = act_ack,       [ACT_REWIND] = act_rewind,   [ACT_PAUSE] = act_pause,
    [ACT_HOLD] = act_hold,   [ACT_REFUSE] = act_refuse, [ACT_DENY] = act_deny,       [ACT_BEAT] = act_beat,
};

static bool step(uplink *l, link_event ev, const void *message, err *e) {
    link_step s = link_steps[l->state][ev];
    if (s.act == ACT_IGNORE) return true;
    l->state = s.to;
    return acts[s.act](l, message, e);
}

/* ---- a turn */

static const struct heard {
    frame_type type;
    link_event event;
    const ProtobufCMessageDescriptor *form;
} heard[] = {
    {FRAME_WELCOME, EV_WELCOME, &wire__welcome__descriptor},
    {FRAME_GRANT, EV_GRANT, &wire__grant__descriptor},
    {FRAME_ACK, EV_ACK, &wire__ack__descriptor},
    {FRAME_NEED, EV_NEED, &wire__need__descriptor},
    {FRAME_BUSY, EV_BUSY, &wire__busy__descriptor},
    {FRAME_HELD, EV_HELD, &wire__held__descriptor},
    {FRAME_REFUSED, EV_REFUSED, &wire__refused__descriptor},
};

/* What the frame says; *why when it says nothing we can read. */
static const struct heard *understand(uplink *l, str frame, void **message, err *why) {
    frame_type type;
    str payload;
    if (!frame_open(frame, &type, &payload, why)) return NULL;
    for (size_t i = 0; i < ARRAY_LEN(heard); i++) {
        if (heard[i].type != type) continue;
        arena_reset(&l->message);
        *message = message_unpack(heard[i].form, payload, LIMIT_REPEATED, &l->message, why);
        return *message ? &heard[i] : NULL;
    }
    err_set(why, ERR_DATA, "a message of type %d has no place here", (int)type);
    return NULL;
}

/* One batch set aside at the centre does not stop the others: its receipt says so. */
static bool holds_one(const struct heard *h, const void *message) {
    return h->event == EV_HELD && ((const Wire__Held *)message)->seq != 0;
}

static bool hear(uplink *l, err *e) {
    bool whole;
    for (unsigned n = 0; n < MESSAGES_A_TURN && dial_receive(&l->dial, &l->in, &whole); n++) {
        void *message = NULL;
        err why = {0};
        const struct heard *h = whole ? understand(l, buf_str(&l->in), &message, &why) : NULL;
        if (h == NULL) {
            back_off(l);
            (void)snprintf(l->trouble, sizeof l->trouble, "the centre sent something unreadable: %.180s", why.text);
            return true;
        }
        l->heard_ms = l->mono_ms;
        if (!holds_one(h, message)) TRY(step(l, h->event, message, e));
    }
    return true;
}

static bool send_batches(uplink *l, err *e) {
    const spool_state *now = spool_now(l->spool);
    while (l->state == LINK_READY && l->next_seq <= now->last_seq) {
        batch_info i;
        TRY(spool_batch(l->spool, l->next_seq, &i, NULL, e));
        if (i.size > l->grant) break;
        buf_clear(&l->out);
        TRY(spool_batch(l->spool, l->next_seq, &i, &l->out, e));
        if (!dial_send(&l->dial, buf_str(&l->out))) {
            back_off(l);
            break;
        }
        l->grant -= i.size;
        l->next_seq++;
        l->next_end = i.end;
        l->said_ms = l->mono_ms;
        due_in(l, LINK_BEAT_MS);
    }
    return true;
}

/* Bytes of the next batches, whole ones, as many as one agent's grant can cover. */
static bool window(uplink *l, uint64_t *bytes, err *e) {
    const spool_state *now = spool_now(l->spool);
    *bytes = now->last_end - l->next_end;
    if (*bytes <= LIMIT_GRANT_ONE) return true;
    *bytes = 0;
    for (uint64_t seq = l->next_seq; seq <= now->last_seq; seq++) {
        batch_info i;
        TRY(spool_batch(l->spool, seq, &i, NULL, e));
        if (*bytes + i.size > LIMIT_GRANT_ONE) break;
        *bytes += i.size;
    }
    return true;
}

/* One wish at a time; the centre serves it in pieces as it can. */
static bool want(uplink *l, err *e) {
    uint64_t bytes;
    if (l->state != LINK_READY || l->asked) return true;
    TRY(window(l, &bytes, e));
    if (bytes <= l->grant) return true;
    Wire__Want w = WIRE__WANT__INIT;
    w.bytes = l->asked = bytes - l->grant;
    l->said_ms = l->mono_ms;
    (void)send_message(l, FRAME_WANT, &w.base);
    return true;
}

/* A receipt that did not come with its ack is asked for by HELLO, and given up after some asking. */
static bool chase_receipts(uplink *l, err *e) {
    const spool_state *now = spool_now(l->spool);
    if (now->receipts_to == now->acked_seq || l->state != LINK_READY) {
        l->receipt_due_ms = 0;
        if (now->receipts_to == now->acked_seq) l->receipt_asks = 0;
        return true;
    }
    if (l->receipt_due_ms == 0 || l->receipts_seen != now->receipts_to) {
        if (l->receipts_seen != now->receipts_to) l->receipt_asks = 0;
        l->receipts_seen = now->receipts_to;
        l->receipt_due_ms = l->mono_ms + LINK_RECEIPT_MS;
        return true;
    }
    if (l->mono_ms < l->receipt_due_ms) return true;
    l->receipt_due_ms = 0;
    if (++l->receipt_asks <= LINK_RECEIPT_ASKS) return act_hello(l, NULL, e);
    return spool_no_receipts(l->spool, now->acked_seq, e);
}

static bool note_contact(uplink *l, err *e) {
    bool fresh = l->heard_ms == l->mono_ms && l->state != LINK_WAIT && l->state != LINK_DIALING;
    if (!fresh || l->wall_ms - spool_now(l->spool)->contact_ms < LINK_CONTACT_MS) return true;
    return spool_contact(l->spool, STR(""), l->wall_ms, e);
}

bool link_turn(uplink *l, int64_t mono_ms, int64_t wall_ms, err *e) {
    l->mono_ms = mono_ms;
    l->wall_ms = wall_ms;
    for (dial_event ev; (ev = dial_next(&l->dial)) != DIAL_NOTHING;) {
        l->nobody = ev == DIAL_NOBODY;
        TRY(step(l, ev == DIAL_UP ? EV_UP : ev == DIAL_DENIED ? EV_DENIED : EV_DOWN, NULL, e));
    }
    TRY(hear(l, e));
    if (mono_ms >= l->due_ms) TRY(step(l, EV_DUE, NULL, e));
    if (l->state != LINK_DIALING) count_dial(l, false);
    TRY(chase_receipts(l, e));
    TRY(send_batches(l, e));
    TRY(want(l, e));
    TRY(note_contact(l, e));
    return spool_flush(l->spool, e);
}

/* ---- its life */

uplink *link_new(const link_options *o) {
    uplink *l = calloc(1, sizeof *l);
    ASSERT(l != NULL);
    l->zmq = o->zmq;
    l->spool = o->spool;
    l->jitter.state = o->seed;
    l->due_ms = INT64_MIN;
    (void)str_copy_z(str_of(o->endpoint), l->endpoint, sizeof l->endpoint);
    (void)str_copy_z(str_of(o->host), l->host, sizeof l->host);
    memcpy(l->server, o->keys.server, KEY_SIZE);
    memcpy(l->public_key, o->keys.public_key, KEY_SIZE);
    memcpy(l->secret, o->keys.secret, KEY_SIZE);
    arena_init(&l->message, LIMIT_DECODE_BYTES);
    return l;
}

void link_free(uplink *l) {
    if (l == NULL) return;
    count_dial(l, false);
    dial_close(&l->dial);
    buf_free(&l->in);
    buf_free(&l->out);
    arena_free(&l->message);
    explicit_bzero(l->secret, sizeof l->secret);
    free(l);
}

int64_t link_due(const uplink *l) {
    return l->receipt_due_ms && l->receipt_due_ms < l->due_ms ? l->receipt_due_ms : l->due_ms;
}

size_t link_sockets(const uplink *l, void *out[static 2]) {
    if (l->dial.socket == NULL) return 0;
    out[0] = l->dial.socket;
    out[1] = l->dial.monitor;
    return 2;
}

link_state link_now(const uplink *l) {
    return l->state;
}

const char *link_trouble(const uplink *l) {
    return l->trouble;
}

uint64_t link_welcomes(const uplink *l) {
    return l->welcomes;
}
