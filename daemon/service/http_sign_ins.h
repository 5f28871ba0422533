/* http_sign_ins — attempts to sign in, counted by user and address, so that nobody tries many passwords. Pure bookkeeping
 * in memory: time is an argument. Counted are attempts, not failures, so that many at once gain nothing. */
#ifndef SERVICE_HTTP_SIGN_INS_H
#define SERVICE_HTTP_SIGN_INS_H

#include "base/str.h"

typedef struct sign_ins sign_ins;
sign_ins *sign_ins_new(void);
void sign_ins_free(sign_ins *s);
/** Count one more of `user` ("" unknown) from `address`. False: too many; *wait_ms says how long to wait. */
bool sign_ins_try(sign_ins *s, str user, str address, int64_t now_ms, int64_t *wait_ms);
/** It was right: the user's attempts from there are forgotten. */
void sign_ins_right(sign_ins *s, str user, str address);

#endif
