#include "tools/channelctl/client.h"

#include "base/calendar.h"
#include "base/num.h"
#include "proto/code.h"
#include <locale.h>
#include <stdlib.h>
#include <unistd.h>

enum { TIMEOUT_MS = 120 * 1000 };

/* The program's own options; they may stand anywhere before "--". */
static const struct {
    const char *name;
    size_t at;
} valued[] = {
    {"--server", offsetof(client, server)},         {"--data", offsetof(client, data)},
    {"--token", offsetof(client, token)},           {"--output", offsetof(client, output)},
    {"--request-id", offsetof(client, request_id)},
};
static const struct {
    const char *name;
    size_t at;
} plain[] = {
    {"--detailed-exitcode", offsetof(client, detailed)},
    {"--help", offsetof(client, help)},
    {"-h", offsetof(client, help)},
    {"--version", offsetof(client, version)},
};

/* The value of `name` at argv[*i] ("--name value", "--name=value"); false: another word, or no value. */
static bool takes(const char *name, int argc, char **argv, int *i, const char **value, bool *missing) {
    size_t n = strlen(name);
    if (strncmp(argv[*i], name, n) != 0) return false;
    if (argv[*i][n] == '=') {
        *value = argv[*i] + n + 1;
        return true;
    }
    if (argv[*i][n] != '\0') return false;
    *missing = *i + 1 >= argc;
    if (!*missing) *value = argv[++*i];
    return !*missing;
}

static bool own_option(client *c, int argc, char **argv, int *i, bool *taken, err *e) {
    const char *value;
    bool missing = false;
    int64_t seconds;
    *taken = true;
    for (size_t k = 0; k < ARRAY_LEN(plain); k++)
        if (strcmp(argv[*i], plain[k].name) == 0) {
            *(bool *)(void *)((char *)c + plain[k].at) = true;
            return true;
        }
    for (size_t k = 0; k < ARRAY_LEN(valued) && !missing; k++)
        if (takes(valued[k].name, argc, argv, i, &value, &missing)) {
            memcpy((char *)c + valued[k].at, &value, sizeof value);
            return true;
        }
    if (!missing && takes("-o", argc, argv, i, &value, &missing))
        return render_parse(str_of(value), &c->as) ||
               err_set(e, ERR_USAGE, "-o: '%s' is not table, json, csv or xlsx", value);
    if (!missing && takes("--timeout", argc, argv, i, &value, &missing)) {
        if (!dec_parse(str_of(value), 3, &seconds, NULL) || seconds <= 0)
            return err_set(e, ERR_USAGE, "--timeout: '%s' is not a number of seconds", value);
        c->timeout_ms = seconds;
        return true;
    }
    *taken = false;
    return !missing || err_set(e, ERR_USAGE, "value missing after '%s'", argv[*i]);
}

static bool add_word(client *c, const char *word, err *e) {
    if (c->word_count == LIMIT_ARGS) return err_set(e, ERR_USAGE, "more than %d words", LIMIT_ARGS);
    c->words[c->word_count++] = str_of(word);
    return true;
}

/* A command's first word alone, or with a second one that is none of its. */
static bool is_subject(str word) {
    for (size_t i = 0; i < command_count; i++) {
        str name = str_of(commands[i].name);
        if (str_starts(name, word) && str_starts(str_skip(name, word.n), STR(" "))) return true;
    }
    return false;
}

bool client_parse(client *c, int argc, char **argv, err *e) {
    bool own = true;
    c->timeout_ms = TIMEOUT_MS;
    c->token = getenv("CHANNELCTL_TOKEN");
    for (int i = 1; i < argc; i++) {
        bool taken = false;
        code_typed(argv[i]);
        if (own && strcmp(argv[i], "--") == 0) own = false;
        if (own) TRY(own_option(c, argc, argv, &i, &taken, e));
        if (!taken) TRY(add_word(c, argv[i], e));
    }
    c->command = command_find(c->words, c->word_count, &c->name_words);
    if (c->command != NULL || c->help || c->version || c->word_count == 0) return true;
    const char *word = c->words[0].p;
    if (is_subject(c->words[0]))
        return err_set(e, ERR_USAGE, "no such command of '%s' (channelctl help %s lists them)", word, word);
    return err_set(e, ERR_USAGE, "unknown command '%s' (channelctl help lists them)", word);
}

void client_complain(const client *c, const err *e) {
    if (c->as != RENDER_JSON) {
        (void)fprintf(stderr, "channelctl: %s\n", e->text);
        return;
    }
    AUTO(buf) out = {0};
    json j = json_into(&out);
    json_open_object(&j);
    json_key(&j, "error"), json_z(&j, err_name(e->code));
    json_key(&j, "message"), json_z(&j, e->text);
    json_key(&j, "exit"), json_int(&j, err_exit_status(e->code));
    json_end_object(&j);
    (void)fprintf(stderr, "%s\n", buf_z(&out));
}

/* ---- an answer from the daemon, drawn as it comes */

typedef struct drawing {
    client *c;
    render render;
    bool begun;
} drawing;

/* A screen never shows made-up time without saying so; programs read it in the reply's head. */
static void say_simulated(const client *c, const call_out *head) {
    AUTO(buf) when = {0};
    if (!head->simulated || c->as != RENDER_TABLE || !isatty(STDOUT_FILENO)) return;
    time_put(&when, head->time_ms, 0);
    (void)fprintf(stderr, "the daemon's clock is simulated: %s\n", buf_z(&when));
}

static bool draw_head(void *arg, const call_out *head, err *e) {
    drawing *d = arg;
    say_simulated(d->c, head);
    if (head->form != ANSWER_MESSAGE) {
        d->begun = true;
        render_note(buf_str(&head->message));
        return render_begin(&d->render, d->c->as, head, d->c->output, e);
    }
    AUTO(buf) text = {0};
    buf_add(&text, buf_str(&head->message));
    render_message(d->c->as, buf_z(&text));
    return true;
}

static bool draw_rows(void *arg, str bytes, err *e) {
    drawing *d = arg;
    return !d->begun || render_rows(&d->render, bytes, e);
}

static bool ask_daemon(client *c, err *e) {
    attachment file[LIMIT_ARGS];
    buf bytes[LIMIT_ARGS] = {{0}};
    drawing d = {.c = c};
    bool ok = true;
    for (size_t i = 0; ok && i < c->args->files; i++) {
        ok = client_read_file(c->args->file[i], &bytes[i], e);
        file[i] = (attachment){base_name(c->args->file[i]), buf_str(&bytes[i])};
    }
    answer_sink sink = {draw_head, draw_rows, &d};
    ok = ok && remote_call(c, c->words, c->word_count, (call_file_list){file, c->args->files}, &sink, &c->status, e);
    if (d.begun) ok = render_end(&d.render, e) && ok;
    for (size_t i = 0; i < c->args->files; i++) buf_free(&bytes[i]);
    return ok;
}

/* ---- where a command runs */

static bool run_client(client *c, err *e) {
    for (size_t i = 0; i < client_row_count; i++)
        if (strcmp(client_rows[i].name, c->command->name) == 0) return client_rows[i].run(c, e);
    return err_set(e, ERR_INTERNAL, "%s: not in this channelctl", c->command->name);
}

static bool run(client *c, err *e) {
    const command *cmd = c->command;
    TRY(args_parse(cmd->name, cmd->args, c->words + c->name_words, c->word_count - c->name_words, c->args, e));
    if (cmd->mode == COMMAND_CLIENT) return run_client(c, e);
    bool reads = cmd->mode == COMMAND_READ || cmd->mode == COMMAND_SNAPSHOT;
    bool folder = c->data != NULL && reads && !client_alive(client_endpoint(c));
    return folder ? local_call(c, e) : ask_daemon(c, e);
}

int main(int argc, char **argv) {
    client c = {0};
    err e = {0};
    (void)setlocale(LC_CTYPE, "C.UTF-8"); /* widths of Chinese letters, whatever the terminal's locale */
    c.args = calloc(1, sizeof *c.args);
    ASSERT(c.args != NULL);
    int status = 0;
    bool ok = client_parse(&c, argc, argv, &e);
    if (ok && c.version) (void)puts("channelctl " CHANNELD_VERSION);
    else if (ok && c.help && c.command)
        help_command(stdout, c.command);
    else if (ok && (c.help || c.command == NULL)) {
        help_overview(c.help ? stdout : stderr);
        status = c.help ? 0 : err_exit_status(ERR_USAGE);
    } else {
        ok = ok && run(&c, &e);
        status = c.status == STATUS_CHANGED && !c.detailed ? 0 : c.status;
    }
    if (!ok) client_complain(&c, &e);
    free(c.args);
    return ok ? status : err_exit_status(e.code);
}
