/* target — the address of a hook, read by the very parser that will connect to it, so that no spelling means one thing here
 * and another there. */
#ifndef OUTBOX_TARGET_H
#define OUTBOX_TARGET_H

#include "daemon/outbox/address.h"
#include "daemon/outbox/hooks.h"

typedef struct target {
    char scheme[8];        /* http, https, smtp, smtps */
    char host[LIMIT_TEXT]; /* as it will be looked up: decimal, octal and hexadecimal spellings are 127.0.0.1 by now */
} target;

/** ERR_DATA: no address, or of another scheme. */
MUST_USE bool target_read(str url, target *out, err *e);
/** The form that its host is known for; generic when it is none of the robots'. */
hook_form target_form(const target *t);
/** Does a target fit its form, and may it be reached? What a name leads to is seen only when it is looked up. ERR_DATA. */
MUST_USE bool target_fits(const target *t, hook_form form, const allow_list *allow, err *e);

#endif
