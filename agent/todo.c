/* todo — the command: what waits for this partner, as the centre knows it. */
#include "agent/ask.h"
#include "agent/commands.h"

bool command_todo(const call *c, int *status, err *e) {
    const char *const words[] = {"todo", "--zh"};
    return ask_and_print(c, words, cli_zh(&c->words) ? 2 : 1, ASK_TIMEOUT_MS, status, e);
}
