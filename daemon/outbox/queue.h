/* queue — messages that wait for a hook, and what became of the last ones. Operational: not journaled. A message is made of
 * a journal entry (seq, and its n-th event: part), so making it again changes nothing; its id stays the same however often
 * it is sent. It goes when the receiver has it; after too many attempts it is a dead letter, kept to be replayed.
 *
 *   outbox      hook u32, seq u64, part u32 → state u8, tries u32, due i64, time i64, then texts: id, type, data, zh, en, path,
 *               error
 *   hook_state  hook u32 → sent u64, failed u64, dropped u64, waiting u64, dead u64, last i64, delivered i64, free i64,
 *               changes u64, then text: error
 *
 * `time` is entry time; `due`, `last`, `delivered` and `free` are the wall's, milliseconds. */
#ifndef OUTBOX_QUEUE_H
#define OUTBOX_QUEUE_H

#include "base/arena.h"
#include "base/json.h"
#include "daemon/outbox/hooks.h"

/* Numbers are stored. */
typedef enum message_state { MESSAGE_WAITING = 1, MESSAGE_DEAD } message_state;

enum { PART_ALARM = 0x80000000u }; /* parts from here on are no events of an entry: told by the daemon itself */

typedef struct message {
    uint32_t hook, part;
    uint64_t seq;
    message_state state;
    uint32_t tries;
    int64_t due_ms;  /* not before; 0 at once */
    int64_t time_ms; /* of what it tells */
    str id, type;
    str data;   /* a JSON object: for another system */
    str zh, en; /* for people: nobody's name, money or customers in it */
    str path;   /* of the page to look at, below hooks.link */
    str error;  /* why the last attempt failed */
} message;

typedef struct hook_state {
    uint64_t sent, failed; /* messages delivered; attempts that failed */
    uint64_t dropped;      /* no room was left for them */
    uint64_t waiting, dead;
    int64_t last_ms, delivered_ms; /* attempts: the last, the last that succeeded; 0 none */
    int64_t free_ms;               /* the next message may leave then */
    uint64_t changes;              /* one more with every put */
    str error;
} hook_state;

key queue_key(uint32_t hook_no);                            /* of all its messages, oldest entry first */
bool message_decode(str stored_key, str val, message *out); /* texts borrowed */
bool message_get(txn *t, uint32_t hook_no, uint64_t seq, uint32_t part, message *out);

/** Texts are borrowed. All zero when nothing happened yet. */
void hook_state_get(txn *t, uint32_t hook_no, hook_state *out);
void hook_state_put(txn *t, uint32_t hook_no, const hook_state *s);

/** Keep a message that is to be sent; its texts must not be borrowed from t. One that is there stays (a dead letter waits
 *  again). False: it was there and waits, or there was no room for it (then it is counted as dropped). */
bool queue_put(txn *t, const message *m);
/** The same at a person's word: one that waits goes at once. */
bool queue_again(txn *t, const message *m);
/** All of a hook: it was removed. */
void queue_clear(txn *t, uint32_t hook_no);

/* What an attempt came to. */
typedef struct attempt {
    uint32_t hook, part;
    uint64_t seq;
    bool delivered;
    bool gone;       /* the receiver wants no more of it: a dead letter at once */
    int64_t at_ms;   /* wall */
    int64_t next_ms; /* failed: the next attempt */
    int64_t free_ms; /* the next message of this hook may leave then */
    uint32_t tries;  /* so many in all, then it is a dead letter */
    const char *why; /* failed */
} attempt;
/** Note it. False: the message is not there any more. */
bool queue_note(txn *t, const attempt *a);

/** The messages of a hook that may leave at `now_ms` and were not tried yet, into one: of the oldest ≤ LIMIT_HOOK_DIGEST, in
 *  the first's place, with an id of its own. None may be on its way. `link`: what paths stand below. Less than two: nothing.
 *  How many became one. */
size_t queue_merge(txn *t, const hook *h, int64_t now_ms, str link);
/** Is there more than one to be merged, or is a digest due? `entry_ms`: entry time. */
bool queue_merge_due(txn *t, const hook *h, int64_t now_ms, int64_t entry_ms);

/** The wait before attempt number tries + 1, tries ≥ 1: `base_ms` thrice as long each time, at most `most_ms`, of which a
 *  half to all by `random` — so that many that failed together do not come back together. */
int64_t retry_wait_ms(int64_t base_ms, int64_t most_ms, uint32_t tries, uint32_t random);

/** Its words for people, and the page to look at. */
void message_text(const message *m, bool english, str link, buf *out);

#endif
