/* envelope — interchanges, groups and messages of EDI: a closing segment states how much stood between and repeats a
 * reference. What does not fit is a problem of the file and never stops the reading: the content is clear without. Inside
 * formats/ only. */
#ifndef FORMATS_ENVELOPE_H
#define FORMATS_ENVELOPE_H

#include "base/err.h"
#include "proto/docset.h"

typedef struct envelope {
    str reference;         /* in docset.text */
    uint64_t first, parts; /* its opening segment; what stands in it so far */
    bool open;
} envelope;

/* The segment the file is read at. */
typedef struct edi_place {
    docset *out;
    uint64_t segment;
    str tag;
} edi_place;

void envelope_problem(const edi_place *at, str found, const char *wanted, const char *hint);
void envelope_open(envelope *v, const edi_place *at, str reference);
/** Count and reference of a closing segment against what was seen. An empty count is not checked. */
void envelope_close(envelope *v, const edi_place *at, str count, str reference, uint64_t counted);
/** What is still open where something else begins, or the file ends, lacks its closing segment `tag`. */
void envelope_missing(envelope *v, const edi_place *at, const char *tag);

/** Bytes as UTF-8: what is valid UTF-8 is that, else `charset` (a name for iconv). */
MUST_USE bool edi_as_utf8(str bytes, const char *charset, buf *room, str *text, str *named, err *e);

#endif
