/* source — a file to be read. Its bytes lie in memory, or, where it is a ZIP archive (XLSX), they stay in the file: an
 * archive is read where a part of it is wanted, so that a large workbook need not lie in memory beside what it says. */
#ifndef FORMATS_SOURCE_H
#define FORMATS_SOURCE_H

#include "base/buf.h"
#include "base/err.h"
#include <stdio.h>

typedef struct source {
    const char *name; /* file name without folder, for messages and titles */
    str bytes;        /* all of them; with `file` the first ones, enough to tell what it is */
    FILE *file;       /* NULL: all is in `bytes` */
    uint64_t size;    /* with `file` */
} source;

/* Bytes in memory that no message names. */
#define SOURCE(text) (&(source){.name = "", .bytes = (text)})

uint64_t source_size(const source *s);
/** All bytes in order, a piece at a time, until `fn` fails. */
typedef bool (*source_fn)(void *arg, str piece, err *e);
MUST_USE bool source_each(const source *s, source_fn fn, void *arg, err *e);
/** Its last bytes, `most` at most. */
MUST_USE bool source_tail(const source *s, size_t most, buf *out, err *e);
MUST_USE bool source_sha256(const source *s, uint8_t out[static 32], err *e);

/* A source that owns what it reads from. */
typedef struct source_file {
    source in;
    buf bytes;
    int64_t changed_ns; /* when the file was last changed */
} source_file;

/** Open a file; `name` is borrowed. ERR_NOT_FOUND absent · ERR_DATA more than `max` bytes. */
MUST_USE bool source_open(source_file *f, const char *path, const char *name, size_t max, err *e);
/** Is the file still what it was when it was opened? Asked when all is read. ERR_RETRY: it was written meanwhile. */
MUST_USE bool source_unchanged(const source_file *f, err *e);
void source_close(source_file *f);
void source_file_auto(source_file *f);

#endif
