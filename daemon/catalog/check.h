/* check — rows of one table, all looked at before one is written: types, references, choices, keys, spans, circles. Each
 * fault is one clear thing with its row and column. Used by the applier, and by the import commands to tell a person
 * everything at once. */
#ifndef CATALOG_CHECK_H
#define CATALOG_CHECK_H

#include "base/arena.h"
#include "base/map.h"
#include "daemon/catalog/catalog.h"

enum { CATALOG_FAULTS = 20 }; /* kept of each sort; the rest is counted */

typedef struct catalog_fault {
    size_t row;         /* index into the rows given */
    const char *column; /* "" : the row as a whole */
    str found, wanted, hint;
} catalog_fault;

typedef struct catalog_faults {
    catalog_fault at[CATALOG_FAULTS];
    size_t kept, total;
} catalog_faults;

/* ROW_REPEATED: an earlier row of the same rows says it already; counted as ROW_SAME. */
typedef enum row_change { ROW_SAME, ROW_NEW, ROW_CHANGED, ROW_REPEATED } row_change;

typedef struct catalog_checked {
    catalog_table table;
    size_t rows;
    str *cell; /* rows × columns, in their canonical spelling; not borrowed from the transaction */
    row_change *change;
    size_t count[ROW_REPEATED]; /* rows by row_change */
    map keys;                   /* key of a row (its cells, each closed by 0) → row + 1 */
    catalog_faults faults, warnings;
} catalog_checked;

typedef struct catalog_input {
    catalog_table table;
    const str *cells; /* rows × columns; must outlive what is made of them */
    size_t rows;
    const bool *given; /* by column: false keeps what is stored. NULL: every column is given */
    bool remove;       /* the rows are to be ended: only their keys count */
    day_t today;       /* decides which regions a name may mean */
} catalog_input;

/** Look at all rows. True when there is no fault. The arena needs about 32 bytes a cell beside the texts. Free `out` with
 *  catalog_checked_free() whatever is returned. */
MUST_USE bool catalog_check(txn *t, const catalog_input *in, arena *a, catalog_checked *out);
void catalog_checked_free(catalog_checked *c);
void catalog_checked_auto(catalog_checked *c);

/** The row's parent (columns parent → key) among the rows themselves; SIZE_MAX: none there. */
size_t catalog_parent_row(const catalog_checked *c, size_t row);
/** Position of a column, SIZE_MAX: the table has none of that name. */
size_t catalog_column_of(catalog_table table, str name);

#endif
