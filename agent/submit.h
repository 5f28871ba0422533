/* submit — a file on disk becomes batches in the spool, whole or not at all. */
#ifndef AGENT_SUBMIT_H
#define AGENT_SUBMIT_H

#include "agent/home.h"
#include "agent/spool.h"

typedef struct submission {
    const char *path;
    const char *mapping; /* NULL: the one remembered for its make, or none */
    bool again, inbox;
    int64_t now_ms; /* wall clock */
} submission;

/** Read, understand, spool, commit; then the mapping is remembered. *out describes the upload.
 *  ERR_NOT_FOUND absent · ERR_DATA nothing readable in it, or too big · ERR_CONFIG its mapping is wrong · ERR_FULL
 * spool or disk full, nothing taken · ERR_INTERNAL the commit failed: outcome unknown, stop. */
MUST_USE bool submit_file(const home *h, spool *s, const submission *what, upload *out, err *e);

/** The name under which a file is known at the centre: without folder, valid UTF-8, no control characters. */
void file_title(const char *path, char *out, size_t size);

#endif
