/* held — files that wait for a person because something in them is doubted: DIR/held/NAME, beside it NAME.how (how it was
 * to be sent) and NAME.txt (what stands there, row by row, and what to do). `held confirm` sends one, `held drop`
 * forgets it. A name that is taken gets a number. */
#ifndef AGENT_HELD_H
#define AGENT_HELD_H

#include "agent/home.h"
#include "agent/push.h"
#include "agent/submit.h"

/** Keep a copy of what.path; a file of the inbox is moved. */
MUST_USE bool held_keep(const home *h, const submission *what, const doubts *found, err *e);
/** The files, in order of their names: fn gets name and how many doubts. */
typedef bool (*held_fn)(void *arg, const char *name, const char *path, err *e);
MUST_USE bool held_each(const char *home_dir, held_fn fn, void *arg, err *e);
/** How a held file is to be sent: r->file, mapping, again, replace. ERR_NOT_FOUND. */
MUST_USE bool held_request(const char *home_dir, const char *name, push_request *r, err *e);
/** It was sent: into the archive. Or it is given up. */
MUST_USE bool held_archive(const char *home_dir, const char *name, int64_t wall_ms, err *e);
MUST_USE bool held_drop(const char *home_dir, const char *name, err *e);

/** --replace-period FROM..TO: days or months, at most LIMIT_REPLACE_DAYS. */
MUST_USE bool span_parse(const char *text, day_t *from, day_t *to, err *e);
/** Doubts as a clerk reads them, at most `most`. */
void doubts_text(buf *out, const char *file, const doubts *found, size_t most, bool zh);

#endif
