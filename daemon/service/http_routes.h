/* http_routes — which function answers which path. A path that is none and a method that does not fit are answered here. */
#ifndef SERVICE_HTTP_ROUTES_H
#define SERVICE_HTTP_ROUTES_H

#include "daemon/service/http_request.h"

/** Sets r->route and r->rest; else the request is answered: 404 or 405. */
void http_find_route(request *r);

#endif
