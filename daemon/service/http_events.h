/* http_events — what happens, told to browsers that listen (SSE): one message whenever entries came, with the last one's
 * number and the kinds of change. Who has a scope is told only of entries that concern what it may see. A browser that reads
 * slowly is told less often, never more at once; a message says that something changed, not what: the page asks again. */
#ifndef SERVICE_HTTP_EVENTS_H
#define SERVICE_HTTP_EVENTS_H

#include "daemon/service/http_request.h"

/** /api/v1/events */
void http_events(request *r);
/** In the loop, each turn: who listens goes on when entries came since, or when it is time for a sign of life. */
void http_events_turn(http *h);
/** All of them end. Before the library stops. */
void http_events_stop(http *h);

#endif
