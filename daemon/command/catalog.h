/* catalog — what the commands about the catalogue share. */
#ifndef COMMAND_CATALOG_H
#define COMMAND_CATALOG_H

#include "daemon/catalog/catalog.h"
#include "daemon/command/import.h"

/** The table whose name is the command's first word. */
catalog_table table_of_call(const call *c);
/** The partner a row belongs to (its own row, its territory, price, alias), 0: nobody's, UINT32_MAX: one not known. */
uint32_t row_partner(txn *t, catalog_table table, const str *cells);
/** journal_append() in the name of the caller. */
MUST_USE bool command_append(call *c, entry_kind kind, const ProtobufCMessage *body, err *e);

enum { IMPORT_BYTES = 1 << 30, TAKE_TABLES = 8 }; /* a file of LIMIT_UPLOAD_BYTES as cells; tables of one file */
typedef struct take_how {
    const char *name; /* in the answer's `table` */
    str source;       /* file name, or "set" */
    bool remove;      /* the rows are ended */
    bool preview;     /* say what would be done, do nothing */
    bool quiet;       /* the command gives an answer of its own; a fault is then an error */
} take_how;
/** Take the rows of up to TAKE_TABLES tables, all or none, and answer with their sums and faults. */
MUST_USE bool catalog_take(call *c, const import *in, size_t n, const take_how *how, arena *a, err *e);
/** TABLE list, for tables whose list can do more. */
bool cmd_catalog_list(call *c, err *e);

#endif
