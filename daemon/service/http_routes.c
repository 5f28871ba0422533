#include "daemon/service/http_routes.h"

#include "daemon/service/http_events.h"
#include "daemon/service/http_uploads.h"

/* The first that fits; a path that ends in / takes all below it. */
static const http_route routes[] = {
    {HTTP_GET | HTTP_POST | HTTP_DELETE, "/api/v1/session", FOR_ALL, false, http_session},
    {HTTP_GET, "/api/openapi.json", FOR_ALL, false, http_openapi},
    {HTTP_GET, "/api/v1/events", FOR_USERS, false, http_events},
    {HTTP_GET | HTTP_PUT | HTTP_POST | HTTP_DELETE, "/api/v1/uploads/", FOR_USERS, true, http_uploads},
    {HTTP_GET | HTTP_POST, "/api/v1/", FOR_USERS, false, http_command},
    {HTTP_GET | HTTP_POST, "/sign-in", FOR_ALL, false, http_sign_in_page},
    {HTTP_POST, "/sign-out", FOR_ALL, false, http_sign_out_page},
    {HTTP_GET, "/health", FOR_ALL, false, http_health},
    {HTTP_GET, "/metrics", FOR_USERS, false, http_metrics},
    {HTTP_GET, "/", FOR_ALL, false, http_page},
};

static bool fits(const http_route *route, str path, str *rest) {
    str at = str_of(route->path);
    bool below = at.p[at.n - 1] == '/';
    if (!str_starts(path, at) || (!below && path.n != at.n)) return false;
    *rest = str_skip(path, at.n);
    return true;
}

void http_find_route(request *r) {
    const char *why = "no such page";
    for (size_t i = 0; i < ARRAY_LEN(routes); i++) {
        if (!fits(&routes[i], r->path, &r->rest)) continue;
        if (routes[i].methods & r->method) {
            r->route = &routes[i];
            return;
        }
        http_problem(r, MHD_HTTP_METHOD_NOT_ALLOWED, "usage", "this path does not take this method",
                     "/api/openapi.json lists paths and methods");
        return;
    }
    http_problem(r, MHD_HTTP_NOT_FOUND, "not_found", why, "/api/openapi.json lists the paths");
}
