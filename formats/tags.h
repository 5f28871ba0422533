/* tags — the marks of HTML and XML, leniently: where a tag begins and ends, its name and attributes, the letters that
 * entities stand for. */
#ifndef FORMATS_TAGS_H
#define FORMATS_TAGS_H

#include "base/buf.h"

typedef enum tag_kind {
    TAG_OTHER, /* also comments, declarations */
    TAG_TABLE,
    TAG_ROW,
    TAG_CELL,
    TAG_SHEET,
    TAG_DATA, /* SpreadsheetML: the value inside a cell */
    TAG_BREAK,
    TAG_PAGE, /* <html> */
    TAG_WORKBOOK,
    TAG_CDATA, /* its text is in `attributes` */
} tag_kind;

typedef struct tag {
    tag_kind kind;
    bool closing, empty;
    str attributes;
    size_t end; /* behind its '>' */
} tag;

/** The tag at `at`, where '<' stands. False: that is no tag but text. */
bool tag_at(str s, size_t at, tag *out);
/** The next tag of one of our kinds at or behind *at, and *at to where it begins; false at the end. */
bool tag_next(str s, size_t *at, tag *out);
/** An attribute's value, "" when absent; the name in any case and without its prefix. */
str tag_attribute(const tag *t, str name);
unsigned tag_number(const tag *t, str name, unsigned otherwise); /* at most 100000 */
/** The letter that "&nbsp;" and its like at the start of s stand for; returns the bytes they took, 0 for none. */
size_t tag_entity(str s, buf *out);

#endif
