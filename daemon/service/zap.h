/* zap — who may connect: libzmq asks (RFC 27) before any message of a connection is let in, and the loop answers from
 * the catalogue. Bound before the agents' socket, which refuses everybody while nobody answers. */
#ifndef SERVICE_ZAP_H
#define SERVICE_ZAP_H

#include "daemon/service/service.h"

MUST_USE bool zap_open(service *s, err *e);
/** Answer every question that waits. */
void zap_serve(service *s);

#endif
