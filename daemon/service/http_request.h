/* http_request — one request on its way: read by a thread of libmicrohttpd, perhaps finished by the loop, answered by the
 * thread. Everything it needs lives in its arena until the answer is sent. Seen by http*.c only. */
#ifndef SERVICE_HTTP_REQUEST_H
#define SERVICE_HTTP_REQUEST_H

#include "daemon/service/http.h"
#include "daemon/service/readers.h"
#include <microhttpd.h>
#include <pthread.h>

typedef enum http_method { HTTP_GET = 1, HTTP_POST = 2, HTTP_PUT = 4, HTTP_DELETE = 8 } http_method;

typedef struct http_param {
    str name, value;
    bool is_file;
    str file; /* its content; value is its name */
} http_param;

typedef struct http_upload http_upload; /* http_uploads.c */
typedef struct http http;

typedef struct request {
    http *h;
    struct MHD_Connection *connection;
    struct http_conn *conn;
    const struct http_route *route;
    http_method method;
    bool head; /* HEAD: a GET without the body */
    str path;  /* decoded */
    str rest;  /* what follows the route's path */
    arena a;
    buf body;
    uint64_t body_n;   /* bytes that came */
    bool body_refused; /* too many */
    char id[33];       /* told in the answer; the journal's log names it */
    str key;           /* of writes: the client's Idempotency-Key */
    /* who asks, of routes that ask for it */
    caller who;
    actor actor;
    str session; /* the cookie's text, "" when a token came */
    bool started, waits;
    /* parameters: of the query, or members of the JSON body */
    http_param *param;
    size_t params;
    /* what goes on in the loop, then back in the thread */
    void (*in_loop)(service *s, struct request *r);
    void (*then)(struct request *r);
    job *job;
    void *own; /* of the route */
    http_upload *upload;
    err why; /* of the loop's part; code ERR_OK: it went well */
    struct MHD_Response *response;
    unsigned status;
    struct request *next;
} request;

typedef struct http_route {
    http_method methods;
    const char *path; /* "/api/v1/session"; one that ends in / takes all below it */
    enum { FOR_ALL, FOR_USERS } whom;
    bool raw_body; /* the route takes the body piece by piece */
    void (*run)(request *r);
} http_route;

/* A connection, for who is too slow. */
typedef struct http_conn {
    int fd;
    int64_t since_ms;
    int64_t allowed_ms; /* 0: as long as it takes */
    struct http_conn *next, *before;
} http_conn;

struct http {
    service *s;
    struct MHD_Daemon *daemon;
    int fd;
    pthread_mutex_t lock; /* of all that follows */
    request *waiting, *last_waiting;
    size_t busy; /* under way outside the threads */
    daemon_facts facts;
    http_conn *conns;
    uint64_t requests, refused; /* since the start */
    struct sign_ins *sign_ins;
    struct listener *listeners; /* http_events.c */
    uint64_t told_seq;
    int64_t told_ms;
    struct held *held; /* http_uploads.c */
    bool stopping, tls;
    uint8_t secret[32]; /* of this run: CSRF tokens of the sign-in page */
    char *certificate, *key;
};

/* ---- http.c: handing over */

/** Suspend; the loop runs r->in_loop, then a thread r->then. */
void http_to_loop(request *r);
/** Suspend; a reader runs r->job (slow ones on the thread of those), the loop j->give, which ends in http_resume(). */
void http_to_readers(request *r);
/** In the loop: once more, after the others that wait. */
void http_again(request *r);
/** In the loop: the thread may go on. */
void http_resume(request *r);
/** What the loop knows, as of its last turn, and the time of entries now. */
void http_facts(http *h, daemon_facts *out);

/* ---- http_answer.c: what is sent */

/** The answer, with the headers that all have. Takes the response. */
void http_send(request *r, unsigned status, struct MHD_Response *response);
void http_send_text(request *r, unsigned status, const char *type, str text);
void http_send_json(request *r, unsigned status, str text);
void http_header(request *r, struct MHD_Response *response, const char *name, const char *value);
/** An error object (RFC 9457): type, title, status, code, detail, hint, request_id. */
void http_problem(request *r, unsigned status, const char *code, const char *detail, const char *hint);
/** The same by the house's error. Whoever has a scope is told the same of what is foreign and what does not exist. */
void http_failure(request *r, const err *why);

/* ---- http_params.c */

/** The query's parameters. ERR_USAGE. */
MUST_USE bool http_read_query(request *r, err *e);
/** Those of a JSON object in the body: texts, whole numbers, true and false, lists of them; files as {"name", "text"} or
 *  {"name", "base64"}. ERR_USAGE. */
MUST_USE bool http_read_body(request *r, err *e);
/** The first of a name; p NULL: none. */
str http_param_of(const request *r, const char *name);

/* ---- http_session.c */

/** Who asks: a session's cookie, with its CSRF token when it writes, or a bearer token. False: answered already. */
bool http_who(request *r);
void http_session(request *r);       /* /api/v1/session */
void http_sign_in_page(request *r);  /* /sign-in */
void http_sign_out_page(request *r); /* /sign-out */

/* ---- http_api.c, http_openapi.c, http_pages.c */

void http_command(request *r); /* /api/v1/… */
void http_openapi(request *r);
void http_page(request *r);
void http_health(request *r);
void http_metrics(request *r);
/** The name a part of a command's syntax has as a parameter: "partner", "cells" for what is written column=value. */
struct arg_spec;
str http_param_name(const struct arg_spec *spec, char out[static 64]);

#endif
