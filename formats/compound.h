/* compound — the OLE2 compound file: folders and streams inside one file, as old Excel and encrypted new Excel write.
 * Only streams of the top folder are looked at. Chains are bounded by what the file can hold, so a loop ends. */
#ifndef FORMATS_COMPOUND_H
#define FORMATS_COMPOUND_H

#include "base/buf.h"
#include "base/err.h"

bool compound_likely(str file);

typedef struct compound {
    str file;
    uint32_t sector, mini_sector, mini_cutoff; /* bytes */
    uint32_t *fat_sectors;                     /* where the allocation table lies */
    size_t fat_count;
    buf directory, mini, mini_fat;
} compound;

/** `file` is borrowed until compound_close, which is due also after a failure. */
MUST_USE bool compound_open(compound *c, str file, err *e);
void compound_close(compound *c);
void compound_auto(compound *c);

/** Append a stream's bytes to `out`; *found false when there is none of that name. ERR_DATA when its chain is broken. */
MUST_USE bool compound_stream(compound *c, const char *name, buf *out, bool *found, err *e);

#endif
