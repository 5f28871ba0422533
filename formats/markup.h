/* markup — "Excel" files that are really text: HTML tables and SpreadsheetML 2003, as many Chinese ERPs write under the
 * name .xls. One lenient tokeniser for both: rows are <tr> or <Row>, cells <td>, <th> or <Cell>; a missing end is
 * forgiven. A word in a cell that spans several stands in each of them, a number only in the first.
 *
 * Each table is a sheet; one inside a cell of another is a sheet of its own, and no part of that cell. Sheets of
 * SpreadsheetML that are hidden are not read. Only the character entities of HTML's core are resolved; a document that
 * declares entities is refused. */
#ifndef FORMATS_MARKUP_H
#define FORMATS_MARKUP_H

#include "formats/table.h"

typedef struct markup markup;

/** Does the text (UTF-8, its beginning is enough) look like it? */
bool markup_likely(str text);
/** `text` is UTF-8, borrowed until markup_close. */
MUST_USE bool markup_open(str text, markup **out, err *e);
void markup_close(markup *m);
void markup_auto(markup **m);
/** The next sheet, its rows valid until the next call; *more false when there is none. */
MUST_USE bool markup_next_sheet(markup *m, table_rows *rows, bool *more, err *e);
/** Names of the hidden sheets passed so far, "" when there are none. */
str markup_hidden(markup *m);

#endif
