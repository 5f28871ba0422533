/* submit — a file on disk becomes batches in the spool, whole or not at all. */
#ifndef AGENT_SUBMIT_H
#define AGENT_SUBMIT_H

#include "agent/home.h"
#include "agent/spool.h"
#include "formats/doubt.h"

typedef struct submission {
    const char *path;
    const char *mapping; /* NULL: the one remembered for its make, or none */
    bool again, inbox;
    int64_t now_ms;                 /* wall clock */
    day_t replace_from, replace_to; /* `replaces`: the file is the whole truth for these days */
    bool replaces;
    bool hold;      /* with a doubt it is not taken: *held */
    doubts *doubts; /* what is doubted in it, initialised; NULL: not looked for */
    bool *held;
} submission;

/** Read, understand, doubt, spool, commit; then the mapping is remembered. *out describes the upload; of a file held it
 *  is empty.
 *  ERR_NOT_FOUND absent · ERR_DATA nothing readable in it, or too big · ERR_CONFIG its mapping is wrong · ERR_FULL
 * spool or disk full, nothing taken · ERR_INTERNAL the commit failed: outcome unknown, stop. */
MUST_USE bool submit_file(const home *h, spool *s, const submission *what, upload *out, err *e);

/** What is doubted in a file that was read; `from` > `to`: it replaces no span. */
MUST_USE bool submit_doubts(const char *home_dir, spool *s, const docset *d, str titles, day_t from, day_t to,
                            int64_t now_ms, doubts *out, err *e);

/** The name under which a file is known at the centre: without folder, valid UTF-8, no control characters. */
void file_title(const char *path, char *out, size_t size);

#endif
