/* cells — the cells that most answers of the ledger's commands consist of, and the options they share. */
#ifndef COMMAND_CELLS_H
#define COMMAND_CELLS_H

#include "daemon/command/command.h"

/** Empty text is null. */
void cell_text(json *j, const char *name, str s);
void cell_count(json *j, const char *name, uint64_t n);
/** A number by which something is named: a string; 0 is null. */
void cell_id(json *j, const char *name, uint64_t no);
void put_day_cell(json *j, const char *name, day_t day);
void cell_time(json *j, const char *name, int64_t ms, int zone_min);
/** Thousandths; NUM_NONE is null. */
void cell_quantity(json *j, const char *name, int64_t v);
/** "amount" and "currency" of an amount in minor units; NUM_NONE and 0 are null. */
void cell_amount(json *j, int64_t v, uint32_t currency, const char *amount, const char *code);

/** --partner as a number, 0 when not given. ERR_NOT_FOUND. */
MUST_USE bool option_partner(call *c, uint32_t *out, err *e);

#endif
