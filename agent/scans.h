/* scans — files of sightings (time,code,kind,region …) are no documents: they go to the centre row by row, in questions of
 * their own, and are answered at once. Who scanned leaves as it stands and is sealed there. What is sent twice is one. */
#ifndef AGENT_SCANS_H
#define AGENT_SCANS_H

#include "agent/commands.h"

/** Does the file's first row name the columns of sightings? False also when it cannot be read. */
bool scans_is_file(const char *path);
/** Send the files named in the call, all of them sightings, and print what became of them. ERR_RETRY: the centre cannot be
 *  reached; what was sent by then counts, sending all again is safe. */
MUST_USE bool scans_push(const call *c, int *status, err *e);

#endif
