/* admin — people's commands on ipc://DIR/admin.sock: questions go to the reader threads, writes run here in the loop,
 * before the uploads of the turn, each in a transaction of its own (a refused one leaves no trace) and answered after
 * its commit. */
#ifndef SERVICE_ADMIN_H
#define SERVICE_ADMIN_H

#include "daemon/service/readers.h"
#include "daemon/service/service.h"

MUST_USE bool admin_open(service *s, err *e);
void admin_close(service *s);
/** Take what waits: requests and finished questions; true when there was any. */
bool admin_turn(service *s);
/** May a command of so many bytes be begun? ERR_FULL. */
MUST_USE bool admin_has_room(const service *s, size_t bytes, err *e);
/** A command of the daemon's own (a timer's), of this moment; the words outlive it. */
job *admin_own(service *s, const str *word, size_t n, int64_t now_ms);
/** Run a command here, in the loop, and give its answer; one that writes has been committed then, or refused. */
answer *admin_run(service *s, job *j, bool writes);
/** Journal whose customers a reader's answer shows; the answer has failed when that cannot be. */
void admin_note_opened(service *s, job *j);
/** Is it for the thread that does what takes long? */
bool admin_is_slow(const command *cmd, const call_request *r);
/** Answers nobody fetched for LIMIT_ANSWER_IDLE_MS are dropped. */
void admin_second(service *s, int64_t now_ms);
/** Questions and answers under way. */
size_t admin_busy(service *s);

#endif
