/* rows — the stored form of catalogue rows: keys, records, history. Used inside the room, and by commands that build
 * entries. */
#ifndef CATALOG_ROWS_H
#define CATALOG_ROWS_H

#include "daemon/catalog/catalog.h"
#include "daemon/store/keys.h"

size_t catalog_key_count(catalog_table table); /* key columns */
/** Pick the key cells out of a row's cells, in column order. */
void catalog_key_cells(catalog_table table, const str *cells, str *key_cells);
/** Does the key fit into KEY_MAX? To be asked before any other call with cells that came from outside. */
bool catalog_key_fits(catalog_table table, const str *key_cells, size_t n);
/** The key of TABLE_CATALOG for the first n key cells: a prefix when n is fewer than all. */
void catalog_key(key *k, catalog_table table, const str *key_cells, size_t n);

/** Cells as in entry.Catalog.row and in records. Reading accepts fewer cells (rows of before a column was added). */
void catalog_cells_put(buf *out, catalog_table table, const str *cells);
bool catalog_cells_get(str bytes, catalog_table table, str *cells);
bool catalog_row_decode(str val, catalog_table table, catalog_row *out);
/** The key cells out of a key of TABLE_CATALOG. */
bool catalog_row_key(str stored_key, str *key_cells);

/** Write a row (cells must not be borrowed from t): record, number, history, indexes; a new row gets the next number of
 *  its table. `from` is the business day on which the change begins to hold; a row that did not exist, or that had only
 *  been created as sent, holds since ever. */
uint32_t catalog_put(txn *t, catalog_table table, const str *cells, uint8_t flags, uint64_t entry, day_t from);

typedef struct catalog_version {
    uint64_t entry;
    day_t from; /* DAY_MIN: since ever */
    uint8_t flags;
    str cell[CATALOG_COLUMNS_MAX];
} catalog_version;
bool catalog_version_decode(str stored_key, str val, catalog_table table, catalog_version *out);
/** Prefix of all versions of a row in TABLE_CATALOG_HISTORY, oldest first. */
void catalog_history_key(key *k, catalog_table table, uint32_t no);

/* A walk over rows of one table whose first key cells are given. Ended rows are left out. Close when left early. */
typedef struct catalog_walk {
    kv_cursor c;
    key prefix;
    catalog_table table;
    bool with_ended;
} catalog_walk;
catalog_walk catalog_rows(txn *t, catalog_table table, const str *key_cells, size_t n);
bool catalog_next(catalog_walk *w, catalog_row *out);
void catalog_walk_end(catalog_walk *w);
void catalog_walk_auto(catalog_walk *w);

#endif
