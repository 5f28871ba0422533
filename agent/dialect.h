/* dialect — which mapping belongs to a file: the one given, or the one last used for a file of the same make. A make is
 * told by the header row (for EDIFACT and X12 by the sender, without a header by the number of columns), so it is known before
 * anything is read. Mappings are kept in DIR/mappings/SIGNATURE.yaml; deleting a file there forgets it. */
#ifndef AGENT_DIALECT_H
#define AGENT_DIALECT_H

#include "agent/home.h"
#include "formats/mapping.h"

enum { SIGNATURE_SIZE = 33 };

/** 32 hex digits; the same for files that differ only in their rows. */
void dialect_signature(str bytes, char out[static SIGNATURE_SIZE]);

typedef struct dialect {
    char signature[SIGNATURE_SIZE];
    bool mapped; /* m is set */
    mapping m;
    buf yaml; /* of a mapping that was given */
    char name[LIMIT_ID + 1];
} dialect;

/** The mapping for a file: from `path` when given, else the one remembered, else none (home_dir NULL: none is remembered). Free with
 * dialect_auto. */
MUST_USE bool dialect_find(const char *home_dir, const char *path, str bytes, dialect *out, err *e);
/** Keep a mapping that was given for the next file of this make. */
MUST_USE bool dialect_remember(const char *home_dir, const dialect *d, err *e);
void dialect_auto(dialect *d);

#endif
