#include "agent/cli.h"

#include "formats/clerk.h"

#include "base/num.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct {
    char letter;
    const char *name;
} letters[] = {{'o', "output"}, {'v', "verbose"}};

static str option_word(const char *word, size_t dashes) {
    str s = str_skip(str_of(word), dashes);
    size_t eq = str_find(s, STR("="));
    return eq == SIZE_MAX ? s : str_take(s, eq);
}

static bool find(const cli *c, const char *word, size_t *at) {
    str name = option_word(word, 2);
    if (word[1] != '-') {
        for (size_t i = 0; i < ARRAY_LEN(letters); i++)
            if (word[1] == letters[i].letter && word[2] == '\0') name = str_of(letters[i].name);
    }
    for (*at = 0; *at < c->option_count; (*at)++)
        if (str_is(name, c->options[*at].name)) return true;
    return false;
}

/* Does it name an option of ours? In a call that passes options on, the others are words. */
static bool is_ours(const cli *c, const char *word) {
    size_t at;
    bool passes_on = false;
    for (size_t i = 0; i < c->option_count; i++) passes_on |= c->options[i].name[0] == '\0';
    return !passes_on || find(c, word, &at);
}

/* Takes one option and, where it has one, its argument; returns how many words that were. */
static bool take(cli *c, char **argv, size_t *used, err *e) {
    size_t at;
    *used = 1;
    if (!find(c, argv[0], &at)) return err_set(e, ERR_USAGE, "unknown option %s (--help lists them)", argv[0]);
    const char *eq = strchr(argv[0], '=');
    if (c->options[at].value == NULL) {
        if (eq) return err_set(e, ERR_USAGE, "--%s takes no value", c->options[at].name);
        c->given[at] = "";
        return true;
    }
    c->given[at] = eq ? eq + 1 : argv[1];
    if (eq == NULL) *used = 2;
    if (c->given[at] == NULL) return err_set(e, ERR_USAGE, "--%s wants %s", c->options[at].name, c->options[at].value);
    return true;
}

bool cli_parse(cli *c, const cli_option *options, size_t n, char **argv, err *e) {
    ASSERT(n <= CLI_OPTIONS);
    *c = (cli){.options = options, .option_count = n, .words = (const char **)argv};
    bool only_words = false;
    size_t used, kept = 0;
    for (size_t i = 0; argv[i]; i += used) {
        used = 1;
        bool ends = !only_words && strcmp(argv[i], "--") == 0;
        bool option = !only_words && !ends && argv[i][0] == '-' && argv[i][1] != '\0' && is_ours(c, argv[i]);
        only_words |= ends;
        if (option) TRY(take(c, argv + i, &used, e));
        else if (!ends)
            argv[kept++] = argv[i];
    }
    argv[kept] = NULL;
    c->word_count = kept;
    return true;
}

const char *cli_value(const cli *c, const char *name) {
    for (size_t i = 0; i < c->option_count; i++)
        if (strcmp(c->options[i].name, name) == 0) return c->given[i];
    return NULL;
}

bool cli_seconds(const cli *c, const char *name, int64_t otherwise, int64_t *ms, err *e) {
    const char *given = cli_value(c, name);
    *ms = otherwise;
    if (given == NULL) return true;
    int64_t v;
    if (!dec_parse(str_of(given), 3, &v, NULL) || v < 0 || v > 1000LL * 86400 * 366)
        return err_set(e, ERR_USAGE, "--%s %s: wanted a number of seconds", name, given);
    *ms = v;
    return true;
}

bool cli_zh(const cli *c) {
    const char *given = cli_value(c, "lang");
    return given ? str_starts(str_of(given), STR("zh")) : clerk_speaks_zh();
}

bool cli_output(const cli *c, cli_form *out, err *e) {
    static const char *const names[] = {"table", "json", "csv"};
    const char *given = cli_value(c, "output");
    *out = FORM_TABLE;
    if (given == NULL) return true;
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (strcmp(given, names[i]) == 0) return *out = (cli_form)i, true;
    return err_set(e, ERR_USAGE, "-o %s: wanted table, json or csv", given);
}

bool cli_print(str s, err *e) {
    return (fwrite(s.p, 1, s.n, stdout) == s.n && fflush(stdout) == 0) ||
           err_set(e, ERR_INTERNAL, "cannot write: %s", strerror(errno));
}
