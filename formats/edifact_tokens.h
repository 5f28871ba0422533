/* edifact_tokens — the syntax of UN/EDIFACT (ISO 9735): bytes → segments → elements → components, and nothing of what
 * they mean. Separators come from UNA or are the usual ones; release characters are undone after splitting; line breaks
 * that a mail gateway or an 80-column printer put in, even inside a word, are left out. Several interchanges in one
 * file are one stream of segments. A segment has at most LIMIT_CELL bytes and LIMIT_COLUMNS components. */
#ifndef FORMATS_EDIFACT_TOKENS_H
#define FORMATS_EDIFACT_TOKENS_H

#include "base/buf.h"
#include "base/calendar.h"
#include "base/err.h"
#include "proto/limits.h"

typedef struct edi_marks {
    char component, element, release, terminator; /* release ' ': none */
} edi_marks;

typedef struct edi_component {
    uint16_t element, component; /* from 0; element 0 is the tag */
    str value;                   /* blanks around it removed */
} edi_component;

/* One segment; its texts live until the next edi_next(). */
typedef struct edi_segment {
    str tag;
    uint64_t no; /* number in the file, from 1; UNA counts */
    bool ended;  /* false: the file ends without this segment's terminator */
    unsigned count;
    edi_component at[LIMIT_COLUMNS];
} edi_segment;

typedef struct edi_reader {
    str rest;
    edi_marks marks;
    uint64_t no;
    buf text; /* of the newest segment */
} edi_reader;

/** True when the bytes (a byte order mark and blanks skipped) begin as an interchange or a bare message. */
bool edi_looks_like(str bytes);
/** The repertoire named by the first UNB ("UNOC"), empty when there is none. */
str edi_repertoire(str bytes);

/** Read from `text` (borrowed). Free with edi_reader_free(). */
void edi_reader_init(edi_reader *r, str text);
void edi_reader_free(edi_reader *r);
void edi_reader_auto(edi_reader *r);
/** The next segment. False at the end with e->code ERR_OK, or ERR_DATA when the rest cannot be split. A new UNA between
 *  interchanges changes the marks. */
bool edi_next(edi_reader *r, edi_segment *out, err *e);

/** A component's text, empty when absent. */
str edi_value(const edi_segment *g, unsigned element, unsigned component);
/** A number with either decimal mark: ISO 9735 allows both and has no thousands separator. */
bool edi_number(str s, unsigned scale, int64_t *out);
/** The business day of a DTM value under its format qualifier (2379): of a range, a month or a week its last day. An
 *  empty qualifier is told from the length. */
bool edi_day(str value, str format, day_t *out);

#endif
