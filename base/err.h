/* err — the one error convention: a function that can fail returns bool and describes the failure in *e.
 * Below the edge nobody logs or exits; the edge (service, main of a tool) turns the code into an exit status or HTTP
 * status by the table below. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include "base/macros.h"
#include <stdbool.h>

/* name, HTTP status, exit status, name on the wire */
#define ERR_CODES(X)                                                                                                   \
    X(ERR_OK, 200, 0, "ok")                                                                                            \
    X(ERR_DIFFERS, 200, 1, "differs")          /* check failed, or part of the input is in quarantine */               \
    X(ERR_USAGE, 400, 64, "usage")             /* the call itself is wrong */                                          \
    X(ERR_DATA, 422, 65, "bad_data")           /* the input is readable but wrong */                                   \
    X(ERR_NOT_FOUND, 404, 66, "not_found")     /* no such file or object */                                            \
    X(ERR_UNAVAILABLE, 503, 69, "unavailable") /* nobody answers */                                                    \
    X(ERR_INTERNAL, 500, 70, "internal")       /* our own mistake, or the disk's */                                    \
    X(ERR_CONFLICT, 409, 73, "conflict")       /* somebody else changed it, or it exists */                            \
    X(ERR_RETRY, 503, 75, "try_again")         /* kept safe, not done yet */                                           \
    X(ERR_DENIED, 403, 77, "not_permitted")                                                                            \
    X(ERR_CONFIG, 500, 78, "configuration")                                                                            \
    X(ERR_FULL, 507, 75, "storage_full")

typedef enum err_code {
#define X(code, http, status, name) code,
    ERR_CODES(X)
#undef X
        ERR_CODE_COUNT
} err_code;

typedef struct err {
    err_code code;
    char text[480]; /* UTF-8, one line, NUL-terminated */
} err;

/** Describe a failure; always returns false. Control characters in the result are replaced, long text is cut. */
bool err_set(err *e, err_code code, const char *fmt, ...) PRINTF_LIKE(3, 4);

/** Put a context before the text already there ("partner 'D1': unknown"); keeps the code; returns false. */
bool err_wrap(err *e, const char *fmt, ...) PRINTF_LIKE(2, 3);

int err_exit_status(err_code code);
int err_http_status(err_code code);
const char *err_name(err_code code);
/** The code of a wire name, ERR_INTERNAL when unknown. */
err_code err_from_name(const char *name);

#endif
