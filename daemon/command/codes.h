/* codes — what the commands about codes share. */
#ifndef COMMAND_CODES_H
#define COMMAND_CODES_H

#include "daemon/command/command.h"
#include "daemon/trace/codes.h"

/** A code in any spelling; ERR_DATA names it. */
MUST_USE bool code_of(str spelled, code_read *out, err *e);
void cell_code(json *j, const char *name, const code_key *k);         /* n 0: null */
void cell_container(call *c, json *j, const char *name, uint32_t no); /* 0: null */
/** Number of a document, or id of an event; 0: null. */
void cell_document(call *c, json *j, const char *name, uint64_t ref);

#endif
