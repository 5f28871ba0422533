/* catalog — what the commands about the catalogue share. */
#ifndef COMMAND_CATALOG_H
#define COMMAND_CATALOG_H

#include "daemon/catalog/catalog.h"
#include "daemon/command/command.h"

/** The table whose name is the command's first word. */
catalog_table table_of_call(const call *c);
/** The partner a row belongs to (its own row, its territory, price, alias), 0: nobody's. */
uint32_t row_partner(txn *t, catalog_table table, const str *cells);
/** journal_append() in the name of the caller. */
MUST_USE bool command_append(call *c, entry_kind kind, const ProtobufCMessage *body, err *e);

#endif
