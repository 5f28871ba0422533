/* form — what is sent for a message, and what an answer means. Another system gets an envelope {"id","type","time","data"}
 * signed as Standard Webhooks says (webhook-id, webhook-timestamp, webhook-signature: "v1," and base64 of HMAC-SHA256 over
 * id.timestamp.body); a group or a mailbox gets a text and a link, and nothing else of the message is ever put there.
 *
 * Sources: standard-webhooks specification 1.0; DingTalk and Feishu custom robots (加签): HMAC-SHA256 of "timestamp\nsecret",
 * with DingTalk keyed by the secret and in the address, with Feishu itself the key of an empty text and in the body. */
#ifndef OUTBOX_FORM_H
#define OUTBOX_FORM_H

#include "daemon/outbox/queue.h"
#include "daemon/outbox/target.h"

typedef struct outbox_request {
    buf url;      /* NUL-terminated by buf_z() */
    buf headers;  /* "name: value" a line */
    buf body;     /* of mail: the whole message */
    buf from, to; /* mail; `to` an address a line */
    char host[LIMIT_TEXT];
    bool mail, trusted; /* trusted: listed in hooks.allow */
} outbox_request;
void outbox_request_free(outbox_request *r);
void outbox_request_auto(outbox_request *r);

/* Where and when it is sent. */
typedef struct form_how {
    int64_t wall_ms;
    int zone_min;
    str link; /* what paths stand below, "" none */
    const allow_list *allow;
} form_how;

/** ERR_DATA: the target is none, or may not be reached. */
MUST_USE bool form_build(const hook *h, const Entry__HookTarget *dest, const message *m, const form_how *how,
                         outbox_request *out, err *e);

typedef struct outbox_answer {
    long status; /* HTTP or SMTP; 0: there was none */
    buf body;
    int64_t retry_after_s; /* asked for by the receiver, 0 none */
    int64_t took_ms;
    char error[320]; /* why there is no whole answer, "" it is whole */
} outbox_answer;

typedef struct verdict {
    bool delivered, gone;
    int64_t wait_ms; /* the hook leaves the receiver alone for so long; 0: as usual */
    char why[340];   /* not delivered: "HTTP 500", "errcode 93000: invalid webhook url" */
} verdict;
void form_judge(hook_form form, const outbox_answer *a, verdict *out);

/** "v1,…" over id.timestamp.body. */
void form_sign(str secret, str id, int64_t timestamp_s, str body, buf *out);
/** DingTalk's and Feishu's sign, base64 (DingTalk's is to be percent-encoded for the address). */
void form_sign_dingtalk(str secret, int64_t timestamp_ms, buf *out);
void form_sign_feishu(str secret, int64_t timestamp_s, buf *out);

enum { HOOK_KEY_MIN = 24, HOOK_KEY_MAX = 64 };
/** "whsec_…" ↔ its bytes. False: it is none, or too short or long. */
bool form_secret_parse(str text, buf *out);
void form_secret_put(str raw, buf *out);

#endif
