/* trace — `trace try` and `case evaluate`: the judgement of diversion on files, and how good its cases are where the truth
 * is known. Handlers of client_rows. */
#ifndef CHANNELCTL_TRACE_H
#define CHANNELCTL_TRACE_H

#include "tools/channelctl/client.h"

MUST_USE bool client_trace_try(client *c, err *e);
MUST_USE bool client_case_evaluate(client *c, err *e);

#endif
