/* code_parts — inside of code: a code as its GS1 elements, whatever spelling it came in. */
#ifndef PROTO_CODE_PARTS_H
#define PROTO_CODE_PARTS_H

#include "proto/code.h"

enum { ELEMENTS_MAX = 16 };

/* Application identifiers and their values, in the order in which they stood. */
typedef struct elements {
    struct element {
        unsigned ai;
        str value; /* in `room`, or borrowed from what was parsed */
    } at[ELEMENTS_MAX];
    unsigned n;
    char room[LIMIT_CODE + 64]; /* what had to be decoded or put together */
    size_t used;
} elements;

bool elements_add(elements *x, unsigned ai, str value); /* false: too many */
/** The value of an identifier, or p == NULL. */
str elements_get(const elements *x, unsigned ai);
/** A copy in its room; what is longer than the room is cut, which the bound of code_parse excludes. */
str elements_keep(elements *x, str s);
bool elements_within(str s); /* "…(21)…": it would read as an element of its own */
bool all_digits(str s);
bool is_primary(unsigned ai); /* may begin a Digital Link */

/* Each: false when the text is no such spelling (*e untouched: code OK) or is one that cannot be read (*e set). */
bool elements_human(str s, elements *x, err *e);   /* (01)…(21)… */
bool elements_scanned(str s, elements *x, err *e); /* ]C1…, FNC1, 01…21… */
bool elements_link(str s, elements *x, err *e);    /* https://… */
bool elements_urn(str s, elements *x, err *e);     /* urn:epc:… */

#endif
