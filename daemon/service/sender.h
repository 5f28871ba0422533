/* sender — one thread that sends what hooks have to say, with libcurl, several at a time. It knows nothing of the store: the
 * loop hands requests in and takes answers out. A receiver is believed nothing: addresses are looked at when they are known
 * and before anything is connected (allow_address), no redirect is followed, no proxy is asked, nothing of the environment
 * counts, an answer has LIMIT_HOOK_ANSWER bytes and `timeout_ms` in all. */
#ifndef SERVICE_SENDER_H
#define SERVICE_SENDER_H

#include "daemon/outbox/form.h"

typedef struct delivery {
    outbox_request request;
    outbox_answer answer;
    hook_form form;
    uint32_t hook, part; /* of the message */
    uint64_t seq;
    uint32_t tries; /* before this one */
    struct delivery *next;
} delivery;
delivery *delivery_new(void);
void delivery_free(delivery *d);

typedef struct sender sender;
/** `allow` is borrowed for the sender's life. */
MUST_USE bool sender_start(const allow_list *allow, int64_t timeout_ms, sender **out, err *e);
/** What is under way is given up: it is sent again by the next daemon. Nobody may be in sender_now(). */
void sender_stop(sender *s);
/** Send it; it comes back by sender_done(). */
void sender_take(sender *s, delivery *d);
/** One that cannot be sent: `answer.error` says why; it comes back as if it had been tried. */
void sender_refused(sender *s, delivery *d);
/** One that is done, or NULL. */
delivery *sender_done(sender *s);
/** Readable when one is done. */
int sender_fd(const sender *s);
/** Send and wait, from any other thread; `out` is the caller's to free. ERR_RETRY: too many wait already. */
MUST_USE bool sender_now(sender *s, outbox_request *r, outbox_answer *out, err *e);

#endif
