/* loop — one turn after the other: what came and went, who may connect, people's commands, then uploads in one commit,
 * then what became due. */
#ifndef SERVICE_LOOP_H
#define SERVICE_LOOP_H

#include "daemon/service/service.h"

/** Until SIGTERM or SIGINT, and then until what is under way is answered, at most LIMIT_DRAIN_MS. */
void loop_run(service *s);

#endif
