/* admin — people's commands on ipc://DIR/admin.sock: questions go to the reader threads, writes run here in the loop,
 * before the uploads of the turn, each in a transaction of its own (a refused one leaves no trace) and answered after
 * its commit. */
#ifndef SERVICE_ADMIN_H
#define SERVICE_ADMIN_H

#include "daemon/service/service.h"

MUST_USE bool admin_open(service *s, err *e);
void admin_close(service *s);
/** Take what waits: requests and finished questions; true when there was any. */
bool admin_turn(service *s);
/** Answers nobody fetched for LIMIT_ANSWER_IDLE_MS are dropped. */
void admin_second(service *s, int64_t now_ms);
/** Questions and answers under way. */
size_t admin_busy(service *s);

#endif
