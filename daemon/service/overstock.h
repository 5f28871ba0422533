/* overstock — goods pressed into the channel, judged each night: on a snapshot beside the loop, which writes what changed. With
 * a simulated clock all of it is done before the clock goes on. Without flows nothing is judged. */
#ifndef SERVICE_OVERSTOCK_H
#define SERVICE_OVERSTOCK_H

#include "daemon/service/service.h"

void overstock_nightly(service *s, int64_t due_ms);

#endif
