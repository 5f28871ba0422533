/* http_uploads — files of people and programs: PUT /api/v1/uploads/NAME streams into an unlinked file of the data folder, a
 * reader thread reads it by `formats` and cuts it into batches under an epoch of its own, and the answer says what was read.
 * Nothing counts until POST …/ID/submit; then the loop takes one batch a turn, as from an agent. What is not submitted is
 * forgotten after LIMIT_HELD_MS, or when the daemon ends. */
#ifndef SERVICE_HTTP_UPLOADS_H
#define SERVICE_HTTP_UPLOADS_H

#include "daemon/service/http_request.h"

/** A body that comes piece by piece: begin (may answer at once), its pieces, and what to do when the request ends. */
void http_upload_begin(request *r);
void http_upload_take(request *r, str piece);
void http_upload_drop(request *r);
/** /api/v1/uploads, /api/v1/uploads/… */
void http_uploads(request *r);
/** Every second: old ones are forgotten. */
void http_uploads_second(http *h, int64_t now_ms);
void http_uploads_free(http *h);
/** Its part of the API's description: members of "paths", each behind a comma. */
extern const char http_uploads_openapi[];

#endif
