/* workbook_parts — an XLSX archive and what it says once for all cells: its sheets, texts, styles. Parts are XML,
 * streamed from the archive through a parser that refuses DTDs (and with them entities). */
#ifndef FORMATS_WORKBOOK_PARTS_H
#define FORMATS_WORKBOOK_PARTS_H

#include "formats/cell_style.h"
#include "formats/sheet.h"
#include <expat.h>
#include <zip.h>

typedef struct sheet_part {
    str name, path;
} sheet_part;

typedef struct workbook_parts {
    zip_t *zip;
    arena text;
    sheet_part *sheet; /* the visible ones, in order */
    size_t sheets;
    str hidden; /* names of the others, for a note */
    bool date1904;
    shared_texts shared;
    cell_style *style; /* by number of the cell's format */
    size_t styles;
    uint64_t inflated;
} workbook_parts;

/** Open and read all but the sheets. `in` is borrowed until parts_close, which is due also after a failure. */
MUST_USE bool parts_open(workbook_parts *p, const source *in, err *e);
void parts_close(workbook_parts *p);

/* ---- XML of a part ---- */

/* The first member of whatever handlers get as user data. */
typedef struct part_user {
    XML_Parser parser;
    const char *refused; /* why a handler stopped the parser */
} part_user;

void part_parser(part_user *user);
void part_refuse(part_user *user, const char *why);
void part_parser_free(part_user *user);
/** Names without their prefix. */
const char *part_name(const char *qualified);
const char *part_attribute(const char **attributes, const char *name);
/** "_x000D_" and its like decoded in place; returns the new length. */
size_t part_unescape(char *text, size_t n);

/* ---- a part being streamed ---- */

MUST_USE bool part_open(workbook_parts *p, str path, zip_file_t **out, err *e);
enum { PART_CHUNK = 64 * 1024 };
/** Up to PART_CHUNK bytes into `to`; *n 0 at the end. Counts against LIMIT_WORKBOOK_MIB. */
MUST_USE bool part_read(workbook_parts *p, str path, zip_file_t *file, void *to, size_t *n, err *e);
/** The parser's failure as one line; false. */
bool part_failed(const part_user *user, str path, err *e);
/** Run a whole part through the parser. */
MUST_USE bool part_parse(workbook_parts *p, str path, part_user *user, err *e);

#endif
