/* report — what stays for people when an inbox file is done: a text in reports/, a CSV beside it when rows had
 * problems, and the file itself in archive/YYYY-MM/. */
#ifndef AGENT_REPORT_H
#define AGENT_REPORT_H

#include "agent/home.h"
#include "agent/result.h"

/** reports/NAME-ID.txt (and .csv) of an upload that was judged. */
MUST_USE bool report_upload(const home *h, spool *s, const upload *u, int64_t wall_ms, err *e);
/** reports/NAME.txt of a file that could not be taken. */
MUST_USE bool report_failure(const home *h, const char *name, const err *why, int64_t wall_ms, err *e);
/** reports/NAME.txt of a feed (feed.h) that the centre has answered. */
MUST_USE bool report_feed(const home *h, const char *name, str text, int64_t wall_ms, err *e);
/** It was taken after all: that report is out of date. */
void report_failure_over(const home *h, const char *name);
/** Move room/name to archive/YYYY-MM/, under a name with the upload's id when that one is taken. */
MUST_USE bool archive_from(const home *h, const char *room, const char *name, uint64_t upload_id, int64_t wall_ms,
                           err *e);
/** The same from the inbox. */
MUST_USE bool archive_file(const home *h, const char *name, uint64_t upload_id, int64_t wall_ms, err *e);

/** Rows of an upload that wait or were refused, in the file's own columns: archive/YYYY-MM/NAME-mend-ID.csv of a CSV, else
 *  .xlsx; nothing when there are none. */
MUST_USE bool report_mend(const home *h, spool *s, const upload *u, int64_t wall_ms, err *e);

/** Minutes east of UTC of this machine at a time. */
int local_zone(int64_t wall_ms);

#endif
