/* clerk — what is said to the person who fills in the files, in both languages, in one place. Problems carry English
 * texts (they stand in journals and receipts); shown to a clerk they are looked up here. */
#ifndef FORMATS_CLERK_H
#define FORMATS_CLERK_H

#include "base/str.h"

/** The Chinese of a text that readers, doubts or the centre say; the text itself when zh is false or it has none (what
 *  is said of EDI segments). Of several clauses between "; " each by itself. The result lives in `room` or is `en`. */
str clerk_text(bool zh, str en, char *room, size_t size);
/** The name of a canonical column as clerks call it; the name itself when there is none. */
str clerk_column(bool zh, str name);
/** Does the environment speak Chinese? LC_ALL, LC_MESSAGES, LANG: zh… */
bool clerk_speaks_zh(void);

/* rows of the table, for tests */
size_t clerk_rows(void);
const char *clerk_row(size_t i, const char **zh);

#endif
