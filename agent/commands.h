/* commands — what channel-agent can be asked; the table is in main.c. */
#ifndef AGENT_COMMANDS_H
#define AGENT_COMMANDS_H

#include "agent/cli.h"
#include "base/buf.h"

typedef struct call {
    cli words;
    const char *home; /* --home; NULL: not given */
} call;

/** Do it; *status is the exit status. False: *e says why not, and its code gives the status. */
typedef bool (*command_fn)(const call *c, int *status, err *e);

bool command_enroll(const call *c, int *status, err *e);
bool command_push(const call *c, int *status, err *e);
bool command_run(const call *c, int *status, err *e);
bool command_status(const call *c, int *status, err *e);
bool command_check(const call *c, int *status, err *e);
bool command_sent(const call *c, int *status, err *e);
bool command_uploads(const call *c, int *status, err *e);
bool command_nil(const call *c, int *status, err *e);
bool command_ask(const call *c, int *status, err *e);
bool command_held(const call *c, int *status, err *e);
bool command_quarantine(const call *c, int *status, err *e);
bool command_mapping(const call *c, int *status, err *e);
bool command_notices(const call *c, int *status, err *e);
bool command_case(const call *c, int *status, err *e);
bool command_rebate(const call *c, int *status, err *e);
bool command_order(const call *c, int *status, err *e);
bool command_transfer(const call *c, int *status, err *e);
bool command_payout(const call *c, int *status, err *e);
bool command_todo(const call *c, int *status, err *e);
bool command_template(const call *c, int *status, err *e);

/** An answer of the centre as a person or a program is shown it. */
struct asked;
bool asked_render(const struct asked *a, cli_form form, buf *out, err *e);
/** Ask and print what was answered, as -o says; *status is the answer's exit status. */
MUST_USE bool ask_and_print(const call *c, const char *const *words, size_t n, int64_t timeout_ms, int *status, err *e);

#endif
