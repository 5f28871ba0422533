/* feeding — the feeds of an inbox (feed.h) on their way to the centre: one question at a time, without waiting, beside sales
 * files. A file that is there is archived and reports/NAME.txt says what became of it; one that cannot be taken stays and
 * the report says why; when nobody answers it is begun anew after a while, which is safe. */
#ifndef AGENT_FEEDING_H
#define AGENT_FEEDING_H

#include "agent/watch.h"

typedef struct feeding feeding;

feeding *feeding_new(void *zmq); /* zmq outlives it */
void feeding_free(feeding *f);
/** `reached`: the centre is. False: the disk failed. */
MUST_USE bool feeding_turn(feeding *f, watch *w, const home *h, bool reached, int64_t mono_ms, int64_t wall_ms, err *e);
int64_t feeding_due(const feeding *f); /* mono time; INT64_MAX: nothing is under way */
size_t feeding_sockets(const feeding *f, void *out[static 2]);

#endif
