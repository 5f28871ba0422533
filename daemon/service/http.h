/* http — the dashboard's and the API's door (libmicrohttpd). Its threads read requests, answer questions on read
 * transactions of their own and write answers out; what writes is suspended, run by the loop in its turn and goes on after the
 * commit. The loop never waits for a client. */
#ifndef SERVICE_HTTP_H
#define SERVICE_HTTP_H

#include "daemon/service/service.h"

/** Listens; s->http_at says where. ERR_CONFIG: address, certificate. */
MUST_USE bool http_open(service *s, err *e);
void http_close(service *s);
/** Readable when a request waits for the loop. */
int http_fd(const service *s);
/** Runs some of what waits; true when there was any. Also tells the threads the state of things (http_facts). */
bool http_turn(service *s);
/** Every second: who is too slow is cut. */
void http_second(service *s, int64_t now_ms);
/** Requests that wait for the loop. */
size_t http_busy(const service *s);
/** Sessions that have ended, at most `max` of them. */
void http_forget_sessions(service *s, size_t max);

#endif
