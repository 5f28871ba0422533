/* dialect — which mapping belongs to a file: the one given, or the one last used for a file of the same make. A make is
 * told by the header row (for EDIFACT and X12 by the sender, without a header by the number of columns), so it is known before
 * anything is read. Mappings are kept in DIR/mappings/SIGNATURE.yaml; deleting a file there forgets it. A make that was
 * seen leaves DIR/mappings/SIGNATURE.seen with the name of its first file. */
#ifndef AGENT_DIALECT_H
#define AGENT_DIALECT_H

#include "agent/home.h"
#include "formats/formats.h"

enum { SIGNATURE_SIZE = 33 };

/** 32 hex digits; the same for files that differ only in their rows. */
void dialect_signature(const source *in, char out[static SIGNATURE_SIZE]);

typedef struct dialect {
    char signature[SIGNATURE_SIZE];
    bool mapped; /* m is set */
    mapping m;
    buf yaml; /* of a mapping that was given */
    char name[LIMIT_ID + 1];
} dialect;

/** The mapping for a file: from `path` when given, else the one remembered, else none (home_dir NULL: none is remembered). Free with
 * dialect_auto. */
MUST_USE bool dialect_find(const char *home_dir, const char *path, const source *in, dialect *out, err *e);
/** The mapping remembered for a make. */
MUST_USE bool dialect_of(const char *home_dir, const char *signature, dialect *out, err *e);
/** Note that a file of this make came, readable or not: another home may know how to read it. */
MUST_USE bool dialect_saw(const char *home_dir, const dialect *d, str file, err *e);
/** Keep a mapping that was given for the next file of this make. */
MUST_USE bool dialect_remember(const char *home_dir, const dialect *d, err *e);

/* A make that this home has seen or has a mapping for. */
typedef struct dialect_kept {
    char signature[SIGNATURE_SIZE];
    char name[LIMIT_ID + 1];        /* of its mapping; "" none is kept */
    char file[LIMIT_FILE_NAME + 1]; /* first file of the make; "" none came yet */
} dialect_kept;
/** All of them by signature; free with free(). */
MUST_USE bool dialect_list(const char *home_dir, dialect_kept **out, size_t *n, err *e);
/** The mapping as kept, appended to out. ERR_NOT_FOUND. */
MUST_USE bool dialect_yaml(const char *home_dir, const char *signature, buf *out, err *e);
/** What became of copying the mapping of a make from one home to another. */
typedef enum dialect_copied { COPY_DONE, COPY_SAME, COPY_OTHER, COPY_UNSEEN } dialect_copied;
/** Only to a home that has seen the make and keeps no mapping of its own for it. `dry`: say what would be. */
MUST_USE bool dialect_copy(const char *from, const char *to, const char *signature, bool dry, dialect_copied *what,
                           err *e);
void dialect_auto(dialect *d);

#endif
