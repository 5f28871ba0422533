/* mapping — what commands about codes that wait share. */
#ifndef COMMAND_MAPPING_H
#define COMMAND_MAPPING_H

#include "daemon/command/command.h"

/** quarantine list --group-by code: a row for each code of a partner with up to three suggestions. */
MUST_USE bool quarantine_by_code(call *c, err *e);

#endif
