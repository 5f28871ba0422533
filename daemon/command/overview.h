/* overview — what the commands of the first page share: todo, overview, trend, league, map. */
#ifndef COMMAND_OVERVIEW_H
#define COMMAND_OVERVIEW_H

#include "daemon/command/command.h"
#include "daemon/insight/todo.h"

/** What waits for a decision of the caller; of one partner's, or (0) of any. */
void todo_look(call *c, uint32_t only, todo *out);

#endif
