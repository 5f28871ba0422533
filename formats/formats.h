/* formats — readers of what distributors really send. A file's bytes become a docset: canonical documents with
 * provenance, problems, skipped rows. Pluggable: a format is a row of format_rows[] in formats.c.
 * Used by the agent, by `import try`, by `document import` and by the portal's upload door; never by the daemon's loop.
 */
#ifndef FORMATS_FORMATS_H
#define FORMATS_FORMATS_H

#include "base/err.h"
#include "formats/mapping.h"
#include "formats/source.h"
#include "proto/docset.h"

typedef struct format {
    const char *name; /* "csv", "slsrpt" … : the dialect as reported */
    /** Looks at the first bytes only; higher = surer, 0 = not mine. */
    int (*sniff)(str bytes);
    /** Fill `out`. False only when nothing at all can be read (ERR_DATA, one clear line); else row problems are in out.
     */
    bool (*read)(const source *in, const mapping *m, docset *out, err *e);
} format;

extern const format csv_format, edifact_format, x12_format, xlsx_format, xls_format, markup_format;
extern const format foreign_format; /* knows what is not read here and says so in one line */

/** Read a file by the surest format. Sets file_name, size, sha256, charset, dialect, mapping in `out` and finishes it.
 *  m NULL: built-in header names. An empty or unreadable file is ERR_DATA. */
MUST_USE bool formats_read(const source *in, const mapping *m, docset *out, err *e);

/** The first rows of a workbook as lines of cells between TABs, to tell its make; nothing when it is none. */
void formats_top(const source *in, buf *out);

/** The same of any table, text too: what stands above the header says whose file it is. */
void formats_head(const source *in, buf *out);

/** {"charset","dialect","mapping","documents":[…],"skipped":[…],"problems":[…]}: what `import try` prints. */
void formats_try_json(json *j, const docset *s);
/** The canonical CSV of the same (`import try -o csv`): header row of all canonical columns, partner and type first. */
void formats_try_csv(buf *out, const docset *s);

#endif
