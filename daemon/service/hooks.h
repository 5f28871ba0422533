/* hooks — the loop's part of sending: what new journal entries have to say becomes rows of the outbox, rows that are due go
 * to the sender, and what came back is noted. All of it in small pieces between turns; a receiver never slows an upload.
 *
 * Where the reading of the journal stands is kept with the rows (store_meta "outbox_at"), so that after a crash the same rows
 * are made again under the same ids. Quiet hours and digests go by entry time, repetition by the wall's. */
#ifndef SERVICE_HOOKS_H
#define SERVICE_HOOKS_H

#include "daemon/service/service.h"

MUST_USE bool hooks_open(service *s, err *e);
void hooks_close(service *s);
void hooks_turn(service *s, int64_t now_ms);
/** How long the loop may sleep for all that is to be done here. */
long hooks_wait_ms(const service *s);
/** Readable when an answer came. */
int hooks_fd(const service *s);
/** For commands; borrowed from s. */
const hook_door *hooks_door(const service *s);

#endif
