/* judgement — diversion judged each night: on a snapshot beside the loop, which writes what was found. With a simulated clock
 * in the loop, which waits for what is due. Nothing is judged twice on the same books. */
#ifndef SERVICE_JUDGEMENT_H
#define SERVICE_JUDGEMENT_H

#include "daemon/service/service.h"

/** At the hour that is set, or at the next tick after it. */
void judgement_nightly(service *s, int64_t due_ms);
/** Here and now, in the loop: after a simulated clock was moved. */
void judgement_now(service *s, int64_t now_ms);

#endif
