#include "base/log.h"
#include "daemon/boot.h"
#include "daemon/restore.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { SETS_MAX = 64 };

static const char help[] =
    "channeld — the central daemon of a channel-partner network\n"
    "\n"
    "  channeld --data DIR [--config FILE] [--set KEY=VALUE]… [--simulated-clock[=TIME]]\n"
    "  channeld --check-config | --print-config [--config FILE] [--set KEY=VALUE]…\n"
    "  channeld restore --from BACKUP [--journal DIR] --data DIR\n"
    "\n"
    "  --data DIR            the folder of this daemon; made at the first start, with keys, mode 0700\n"
    "  --config FILE         `key: value` lines; --print-config shows every key\n"
    "  --set KEY=VALUE       one key, after the file\n"
    "  --check-config        read the configuration, say what is wrong, exit 0 or 78\n"
    "  --print-config        every key with default, bounds, unit and help, in the form of a file\n"
    "  --simulated-clock[=TIME]  demos and tests only: entry time stands still until `channelctl clock set`\n"
    "  --version, --help\n"
    "\n"
    "SIGTERM drains and stops, SIGHUP reads the configuration again, whole or not at all.\n"
    "\n"
    "Example: channeld --data ./demo --set listen.agents=tcp://127.0.0.1:0\n";

typedef struct cli {
    const char *data, *config, *from, *journal, *simulated_from;
    const char *sets[SETS_MAX];
    size_t set_count;
    bool restore, check, print, simulated, help, version;
} cli;

/* Options with a value: name, where it goes. */
static const struct {
    const char *name;
    size_t at;
} valued[] = {
    {"--data", offsetof(cli, data)},
    {"--config", offsetof(cli, config)},
    {"--from", offsetof(cli, from)},
    {"--journal", offsetof(cli, journal)},
};
static const struct {
    const char *name;
    size_t at;
} plain[] = {
    {"restore", offsetof(cli, restore)},      {"--check-config", offsetof(cli, check)},
    {"--print-config", offsetof(cli, print)}, {"--simulated-clock", offsetof(cli, simulated)},
    {"--help", offsetof(cli, help)},          {"--version", offsetof(cli, version)},
};

static bool add_set(cli *c, const char *value, err *e) {
    if (c->set_count == SETS_MAX) return err_set(e, ERR_USAGE, "more than %d --set", SETS_MAX);
    c->sets[c->set_count++] = value;
    return true;
}

/* The value of option `name` at argv[*i], as "--name value" or "--name=value"; NULL when argv[*i] is another word. */
static const char *value_of(const char *name, int argc, char **argv, int *i) {
    size_t n = strlen(name);
    if (strncmp(argv[*i], name, n) != 0) return NULL;
    if (argv[*i][n] == '=') return argv[*i] + n + 1;
    return argv[*i][n] == '\0' && *i + 1 < argc ? argv[++*i] : NULL;
}

static bool parse_word(int argc, char **argv, int *i, cli *c, err *e) {
    const char *value = value_of("--set", argc, argv, i);
    if (value) return add_set(c, value, e);
    if (strncmp(argv[*i], "--simulated-clock=", 18) == 0) {
        c->simulated = true;
        c->simulated_from = argv[*i] + 18;
        return true;
    }
    for (size_t k = 0; k < ARRAY_LEN(plain); k++)
        if (strcmp(argv[*i], plain[k].name) == 0) {
            *(bool *)(void *)((char *)c + plain[k].at) = true;
            return true;
        }
    for (size_t k = 0; k < ARRAY_LEN(valued); k++)
        if ((value = value_of(valued[k].name, argc, argv, i)) != NULL) {
            memcpy((char *)c + valued[k].at, &value, sizeof value);
            return true;
        }
    return err_set(e, ERR_USAGE, "'%s' is no option, or lacks its value (channeld --help)", argv[*i]);
}

static bool print_config(const daemon_config *config) {
    AUTO(buf) text = {0};
    config_print(&daemon_schema, config, &text);
    return fwrite(text.p, 1, text.n, stdout) == text.n && fflush(stdout) == 0;
}

/* The folder's absolute path: it stands in ports.json and in the socket's address. */
static bool absolute(const char *dir, char *out, size_t size, err *e) {
    char here[2048];
    int n = 0;
    if (dir[0] == '/') n = snprintf(out, size, "%s", dir);
    else if (getcwd(here, sizeof here))
        n = snprintf(out, size, "%s/%s", here, dir);
    return (n > 0 && (size_t)n < size) || err_set(e, ERR_USAGE, "--data: path too long");
}

static bool run(const cli *c, err *e) {
    static service s;
    static char dir[1024];
    TRY(daemon_config_load(c->config, c->sets, c->set_count, &s.config, e));
    if (c->print) return print_config(&s.config) || err_set(e, ERR_INTERNAL, "cannot write");
    if (c->check) return true;
    if (c->data == NULL) return err_set(e, ERR_USAGE, "--data DIR is missing (channeld --help)");
    TRY(absolute(c->data, dir, sizeof dir, e));
    if (c->restore) return restore_run(&(restore_order){c->from, c->journal, dir, (uint64_t)s.config.map_bytes}, e);
    log_set_level((log_level)s.config.log_level);
    s.options = (service_options){.dir = dir,
                                  .config_file = c->config,
                                  .sets = c->sets,
                                  .set_count = c->set_count,
                                  .simulated = c->simulated,
                                  .simulated_from = c->simulated_from};
    s.dir = dir;
    return daemon_run(&s, e);
}

int main(int argc, char **argv) {
    cli c = {0};
    err e = {0};
    bool ok = true;
    for (int i = 1; ok && i < argc; i++) ok = parse_word(argc, argv, &i, &c, &e);
    if (ok && c.help) return fputs(help, stdout) < 0;
    if (ok && c.version) return puts("channeld " CHANNELD_VERSION) < 0;
    if (ok && run(&c, &e)) return 0;
    (void)fprintf(stderr, "channeld: %s\n", e.text);
    return err_exit_status(e.code);
}
