/* x12_tokens — the syntax of ANSI X12: bytes → segments → elements, and nothing of what they mean. ISA has a fixed width,
 * so its separators stand at known places; where senders did not keep the width, the separators are found by counting.
 * Blanks and line breaks around segments are left out, and line breaks inside one too (mail gateways and 80-column
 * printers put them there) unless they end the segments. Several interchanges in one file, each with separators of its
 * own, are one stream of segments. A segment has at most LIMIT_CELL bytes and LIMIT_COLUMNS elements. */
#ifndef FORMATS_X12_TOKENS_H
#define FORMATS_X12_TOKENS_H

#include "base/buf.h"
#include "base/calendar.h"
#include "base/err.h"
#include "proto/limits.h"

typedef struct x12_marks {
    char element, component; /* component '\0': not said */
    char terminator[4];      /* one letter in UTF-8 … */
    uint8_t terminator_n;    /* … its bytes; 0: segments end with their line */
    bool counted;            /* found by counting, ISA does not keep its width */
} x12_marks;

/* One segment; its texts live until the next x12_next(). */
typedef struct x12_segment {
    str tag;
    uint64_t no;           /* number in the file, from 1 */
    bool ended;            /* false: the file ends without this segment's terminator */
    unsigned count;        /* elements, the tag included */
    str at[LIMIT_COLUMNS]; /* 0: the tag; blanks around them removed */
} x12_segment;

typedef struct x12_reader {
    str rest;
    x12_marks marks;
    uint64_t no;
    buf text; /* of the newest segment */
} x12_reader;

/** True when the bytes (a byte order mark and blanks skipped) begin as an interchange, a group or a bare set. */
bool x12_looks_like(str bytes);

/** Read from `text` (UTF-8, borrowed). Free with x12_reader_free(). */
void x12_reader_init(x12_reader *r, str text);
void x12_reader_free(x12_reader *r);
void x12_reader_auto(x12_reader *r);
/** The next segment. False at the end with e->code ERR_OK, or ERR_DATA when the rest cannot be split. A new ISA changes
 *  the marks. */
bool x12_next(x12_reader *r, x12_segment *out, err *e);

/** An element's text from 1, empty when absent. */
static inline str x12_value(const x12_segment *g, unsigned element) {
    return element < g->count ? g->at[element] : STR("");
}
/** A number with a point; the minus may stand behind. */
bool x12_number(str s, unsigned scale, int64_t *out);
/** CCYYMMDD, or YYMMDD with years from 1950 to 2049. */
bool x12_day(str s, day_t *out);

#endif
