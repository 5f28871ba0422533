/* http_session — who has signed in. Sessions are operational: BLAKE2b-256 of the cookie → created i64, ends i64 (wall), the
 * entry of the user's access then (a changed password ends them), user (text with varint length). */
#ifndef SERVICE_HTTP_SESSION_H
#define SERVICE_HTTP_SESSION_H

#include "daemon/catalog/tokens.h"
#include "daemon/service/http_request.h"
#include "proto/digest.h"

enum { COOKIE_TEXT = 44, CSRF_TEXT = 65 };

typedef struct session {
    int64_t created_ms, ends_ms;
    uint64_t access;
    str user;
} session;

/** The session of a cookie; false: none, ended, or the user may no longer. Texts are borrowed from t. */
bool session_get(txn *t, str cookie, session *out);
/** What a page must show in X-CSRF-Token besides the cookie. */
void session_csrf(str cookie, char out[static CSRF_TEXT]);
/** The cookie of this request; n 0: none. Lives in the request's arena. */
str session_cookie(request *r);
/** Did the browser come from a page of ours, as far as it says? */
bool session_same_origin(const request *r);

/* An attempt to sign in: judged by a reader, written by the loop. */
typedef struct sign_in {
    str user, password, code, link;
    uint64_t access, step; /* of a right one: the user's access entry; the code's time step, 0 none */
    uint8_t link_hash[DIGEST_SIZE];
    char cookie[COOKIE_TEXT];
    err why; /* not signed in; ERR_DENIED: wrong */
} sign_in;

/** Too many attempts from there? Then the answer is given. */
bool sign_in_may_try(request *r, const sign_in *w);
/** Judge and write; then r->then is called, w->why says what became of it. */
void sign_in_begin(request *r, sign_in *w, void (*then)(request *r));
/** End the session of r->session in the loop, then go on. */
void session_end_later(request *r, void (*then)(request *r));
/** The address that the request comes from, as text. */
void http_address(const request *r, char out[static 64]);
/** Set the cookie in a response; an empty text deletes it. */
void session_set_cookie(request *r, struct MHD_Response *response, const char *cookie);

#endif
