/* args — the words after a command's name, read by the small syntax of command.args (command.h). Used on both ends: the
 * client finds the files it must read, the daemon what was asked. Everything is borrowed. */
#ifndef COMMAND_ARGS_H
#define COMMAND_ARGS_H

#include "base/err.h"
#include "base/str.h"
#include "proto/limits.h"

typedef struct arg_option {
    str name, value; /* value.p NULL: a flag */
} arg_option;

typedef struct call_args {
    str positional[LIMIT_ARGS];
    size_t positionals;
    arg_option option[LIMIT_ARGS];
    size_t options;
    str file[LIMIT_ARGS]; /* names of the files to be attached, as written */
    size_t files;
} call_args;

/** Read `words` by `syntax`. ERR_USAGE: one line saying what is wrong and how the call goes. */
MUST_USE bool args_parse(const char *name, const char *syntax, const str *words, size_t n, call_args *out, err *e);
/** Value of an option; p NULL when absent, or a flag (then *given is true all the same). */
str args_option(const call_args *a, const char *name, bool *given);

/* The syntax itself, piece by piece: for help and shell completion. */
typedef struct arg_spec {
    str name;  /* without dashes and brackets: "partner", or the positional's name */
    str value; /* an option's value name; n 0: a flag */
    bool option, optional, many, file;
} arg_spec;
/** The next piece of *syntax; false at its end. */
bool args_spec_next(str *syntax, arg_spec *out);

#endif
