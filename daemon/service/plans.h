/* plans — replenishment planned each night: on a snapshot beside the loop, which writes what changed. With a simulated clock
 * all of it is done before the clock goes on. Without a policy nothing is planned. */
#ifndef SERVICE_PLANS_H
#define SERVICE_PLANS_H

#include "daemon/service/service.h"

void plans_nightly(service *s, int64_t due_ms);

#endif
