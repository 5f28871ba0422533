/* nightly — what rebates have changed by, posted once a night: one policy after the other, judged on a snapshot beside the
 * loop and posted in it, so that uploads go on. One that cannot be evaluated does not keep the others. With a simulated
 * clock all of it is done before the clock goes on. */
#ifndef SERVICE_NIGHTLY_H
#define SERVICE_NIGHTLY_H

#include "daemon/service/service.h"

void nightly_accrue(service *s, int64_t due_ms);

#endif
