/* original — the bytes of files that were taken, packed, in DIR/originals/, so that rows which could not be posted can be
 * given back in the file's own columns. Dropped when nothing of the file waits any more, with its batches, and the oldest
 * first beyond LIMIT_ORIGINALS_BYTES; a file that packs to more than LIMIT_ORIGINAL_BYTES is not kept. */
#ifndef AGENT_ORIGINAL_H
#define AGENT_ORIGINAL_H

#include "agent/home.h"
#include "agent/spool.h"
#include "formats/source.h"

/** Keep the file that upload `id` will be of; an older one of that id was never taken. */
MUST_USE bool original_keep(const home *h, uint64_t id, const source *in, err *e);
/** ERR_NOT_FOUND: not kept (any more). */
MUST_USE bool original_load(const char *home_dir, uint64_t id, buf *out, err *e);
/** Drop what is not needed; called now and then. */
MUST_USE bool originals_prune(const home *h, spool *s, err *e);

#endif
