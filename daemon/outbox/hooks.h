/* hooks — where messages go that leave the house: another system's door (webhooks), groups of WeCom, DingTalk and Feishu,
 * mail. Journaled configuration; the target (its address often is a secret) and the key of signatures stand sealed in the
 * entry and the view, under the deployment's hook key (store.h).
 *
 *   hook   hook u32 → entry u64, time i64, form u8, english u8, digest i64, quiet from u32, quiet to u32, then texts: name,
 *          events, host, partner, by, nonce, sealed */
#ifndef OUTBOX_HOOKS_H
#define OUTBOX_HOOKS_H

#include "base/arena.h"
#include "daemon/store/apply.h"
#include "daemon/store/keys.h"
#include "proto/journal.pb-c.h"

/* enum, number (stored), name, messages a minute (0: any), a group of people reads it. Limits: WeCom 20 a minute and robot;
 * DingTalk 20, then it is deaf for 10 minutes; Feishu 100, and 5 a second. */
#define HOOK_FORMS(X)                                                                                                  \
    X(HOOK_GENERIC, 1, "generic", 0, false)                                                                            \
    X(HOOK_WECOM, 2, "wecom", 20, true)                                                                                \
    X(HOOK_DINGTALK, 3, "dingtalk", 20, true)                                                                          \
    X(HOOK_FEISHU, 4, "feishu", 100, true)                                                                             \
    X(HOOK_MAIL, 5, "mail", 20, true)

typedef enum hook_form {
#define X(form, no, name, a_minute, group) form = no,
    HOOK_FORMS(X)
#undef X
        HOOK_FORM_END
} hook_form;

const char *hook_form_name(hook_form f);
bool hook_form_parse(str s, hook_form *out);
bool hook_form_is_group(hook_form f);
unsigned hook_form_a_minute(hook_form f);

typedef struct hook {
    uint32_t no;
    uint64_t entry; /* only what later entries say goes to it */
    int64_t time_ms;
    hook_form form;
    bool english;                  /* texts; else Chinese */
    int64_t digest_ms;             /* what comes in so long goes as one, 0 none */
    uint32_t quiet_from, quiet_to; /* minutes of the business day, equal: never */
    str name, events, host;        /* host: of the target, for people */
    str partner;                   /* only what concerns this one, "" all */
    str by, nonce, sealed;
} hook;

bool hook_decode(str stored_key, str val, hook *out); /* texts borrowed */
bool hook_by_name(txn *t, str name, hook *out);
bool hook_by_no(txn *t, uint32_t no, hook *out);
key hook_key(uint32_t no);

/** Does it ask for this type of event? "*" and "case.*" stand for many. */
bool hook_wants(const hook *h, str type);
/** Is a minute of the business day within its quiet hours? */
bool hook_is_quiet(const hook *h, unsigned minute);

/** Seal a target for an entry (a write transaction). */
void hook_seal(txn *t, const Entry__HookTarget *dest, buf *nonce, buf *sealed);
/** Read it back, in `a`. ERR_CONFLICT: sealed in another deployment. */
MUST_USE bool hook_open(txn *t, const hook *h, arena *a, Entry__HookTarget **out, err *e);

/** KIND_HOOK: r->number is its number. ERR_CONFLICT: the name is taken; ERR_NOT_FOUND: none of that name to remove. */
MUST_USE bool outbox_hook(txn *t, const entry *en, const Entry__Hook *m, apply_result *r, err *e);
/** For `journal verify`. */
bool hook_content(txn *t, uint32_t table, str stored_key, str val, buf *out);

#endif
