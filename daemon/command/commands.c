#include "daemon/command/command.h"

#define COMMAND(handler, name, args, mode, roles, help, example) bool handler(call *c, err *e);
#include "daemon/command/commands.tbl"
#undef COMMAND

const command commands[] = {
#define COMMAND(handler, name, args, mode, roles, help, example) {name, args, help, example, mode, roles, handler},
#include "daemon/command/commands.tbl"
#undef COMMAND
};
const size_t command_count = ARRAY_LEN(commands);
