/* feed — files that are no documents: sightings (time,code,kind,region …) and EPCIS events. They go to the centre in questions
 * of their own and are answered at once: sightings row by row, an EPCIS file in pieces. Who scanned leaves as it stands and is
 * sealed there. What is sent twice is one, so a file cut short is simply sent again.
 *
 *     for (feed_question q; feed_next(f, &q, &any, e) && any;) { ask q.word … with q.data; feed_take(f, &answer, e) } */
#ifndef AGENT_FEED_H
#define AGENT_FEED_H

#include "agent/ask.h"
#include "agent/commands.h"

enum { FEED_WORDS = 9 };

typedef struct feed_question { /* borrowed until the next */
    const char *word[FEED_WORDS];
    size_t n;
    const char *name; /* of the file that goes with it, NULL: none */
    str data;
} feed_question;

typedef struct feed feed;

/** Is it a file of sightings or of events, by its beginning? False also when it cannot be read. */
bool feed_is_file(const char *path);
/** ERR_DATA: it cannot be read, or is longer than a feed may be. */
MUST_USE bool feed_open(const char *path, feed **out, err *e);
void feed_free(feed *f);
/** The next question; *any false: that was all. */
MUST_USE bool feed_next(feed *f, feed_question *out, bool *any, err *e);
MUST_USE bool feed_take(feed *f, const asked *a, err *e);
/** What became of it, for people. */
void feed_text(const feed *f, buf *out);

/** Send the files named in the call, all of them feeds, and print what became of them. ERR_RETRY: the centre cannot be
 *  reached; what was sent by then counts, sending all again is safe. */
MUST_USE bool feed_push(const call *c, int *status, err *e);

#endif
