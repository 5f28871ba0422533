/* client — one run of channelctl: what was asked, where the data is, how the answer looks. Commands that work on files
 * (CLIENT rows of commands.tbl) have their handler here: `bool client_NAME(client *c, err *e)`. */
#ifndef CHANNELCTL_CLIENT_H
#define CHANNELCTL_CLIENT_H

#include "daemon/command/call.h"
#include "tools/channelctl/render.h"

typedef struct client {
    /* the program's own options */
    const char *server, *data, *token, *output, *request_id;
    int64_t timeout_ms;
    bool detailed, help, version;
    render_as as;
    /* the command */
    const command *command;
    str words[LIMIT_ARGS]; /* name and arguments */
    size_t word_count, name_words;
    call_args *args;
    int status; /* exit status of a call that succeeded */
} client;

/** Read the words of a command line. ERR_USAGE. */
MUST_USE bool client_parse(client *c, int argc, char **argv, err *e);
/** Say what went wrong on stderr, in the form of -o. */
void client_complain(const client *c, const err *e);

/* where.c: the daemon's folder and socket */
/** The folder that --data, --server ipc://…, or the environment names; NULL none. Lives in a static buffer. */
const char *client_folder(const client *c);
/** Endpoint to ask; NULL: none is named. */
const char *client_endpoint(const client *c);
/** Does anything listen there? (ipc only; others are asked.) */
bool client_alive(const char *endpoint);
MUST_USE bool client_open_folder(const client *c, kv **out, err *e);

/* remote.c: ask the daemon; rows go to `sink` while they arrive. The head comes first (on_head may be NULL). */
typedef struct answer_sink {
    bool (*head)(void *arg, const call_out *head, err *e);
    bool (*rows)(void *arg, str bytes, err *e);
    void *arg;
} answer_sink;
typedef struct call_file_list {
    const attachment *file;
    size_t n;
} call_file_list;
MUST_USE bool remote_call(const client *c, const str *words, size_t n, call_file_list files, const answer_sink *sink,
                          int *status, err *e);

/* local.c: a COMMAND_READ on a folder without a daemon */
MUST_USE bool local_call(client *c, err *e);

/* files.c */
/** Read a FILE argument ("-": standard input); appends to out. */
MUST_USE bool client_read_file(str name, buf *out, err *e);
str base_name(str path);

/* output of client commands */
MUST_USE bool client_show(client *c, str object, err *e);
/** Standard error, one line, when it is a terminal: progress. */
bool client_progress(void *arg, const char *what, uint64_t done, uint64_t total);

typedef struct client_row {
    const char *name;
    bool (*run)(client *c, err *e);
} client_row;
extern const client_row client_rows[];
extern const size_t client_row_count;

/* help.c */
void help_overview(FILE *out);
void help_command(FILE *out, const command *cmd);

#endif
