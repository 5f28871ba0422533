/* cli — the words of a call: options by a table, the rest are the command's own. */
#ifndef AGENT_CLI_H
#define AGENT_CLI_H

#include "base/err.h"
#include "base/str.h"

enum { CLI_OPTIONS = 16 };

typedef struct cli_option {
    const char *name;  /* long name, "output" is also -o, "verbose" -v; "": options not listed are words like any */
    const char *value; /* what its argument is called; NULL: a switch */
    const char *help;
} cli_option;

typedef struct cli {
    const cli_option *options;
    size_t option_count;
    const char *given[CLI_OPTIONS]; /* by option; NULL: not given; "" for a switch */
    const char **words;             /* the rest, NULL-terminated; points into argv */
    size_t word_count;
} cli;

/** Parse argv (without the program's and the command's name); words end up in front of argv. ERR_USAGE. */
MUST_USE bool cli_parse(cli *c, const cli_option *options, size_t n, char **argv, err *e);
/** The argument of an option; NULL: not given. */
const char *cli_value(const cli *c, const char *name);
/** A number of seconds; `otherwise` when not given. ERR_USAGE. */
MUST_USE bool cli_seconds(const cli *c, const char *name, int64_t otherwise, int64_t *ms, err *e);
/** Is the reader one of Chinese? --lang zh|en, else the environment. */
bool cli_zh(const cli *c);
/** The forms of -o: table, json or csv. */
typedef enum cli_form { FORM_TABLE, FORM_JSON, FORM_CSV } cli_form;
MUST_USE bool cli_output(const cli *c, cli_form *out, err *e);
/** All of a text onto standard output. ERR_INTERNAL: it cannot be written. */
MUST_USE bool cli_print(str s, err *e);

#endif
