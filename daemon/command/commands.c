#include "daemon/command/command.h"

#define CLIENT(handler, name, args, help, example)
#define COMMAND(handler, name, args, mode, roles, help, example) bool handler(call *c, err *e);
#include "daemon/command/commands.tbl"
#undef COMMAND
#undef CLIENT

const command commands[] = {
#define CLIENT(handler, name, args, help, example)               {name, args, help, example, COMMAND_CLIENT, 0, NULL},
#define COMMAND(handler, name, args, mode, roles, help, example) {name, args, help, example, mode, roles, handler},
#include "daemon/command/commands.tbl"
#undef COMMAND
#undef CLIENT
};
const size_t command_count = ARRAY_LEN(commands);

/* Words that `name` takes at the front of words, 0 when it is another command. */
static size_t spelled(const char *name, const str *words, size_t n) {
    str rest = str_of(name), word;
    size_t used = 0;
    while (str_split(&rest, ' ', &word)) {
        if (used == n || !str_eq(words[used], word)) return 0;
        used++;
    }
    return used;
}

const command *command_find(const str *words, size_t n, size_t *used) {
    const command *best = NULL;
    size_t longest = 0;
    for (size_t i = 0; i < command_count; i++) {
        size_t took = spelled(commands[i].name, words, n);
        if (took > longest) best = &commands[i], longest = took;
    }
    *used = longest;
    return best;
}
