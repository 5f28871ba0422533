/* steps — progress of this room's long jobs. */
#ifndef JOURNAL_STEPS_H
#define JOURNAL_STEPS_H

#include "daemon/journal/replay.h"

MUST_USE bool journal_step(const journal_watch *w, const char *what, uint64_t done, uint64_t total, err *e);

#endif
