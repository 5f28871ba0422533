#include "tools/channelctl/client.h"

#include "daemon/catalog/users.h"
#include "tools/channelctl/calc.h"
#include "tools/channelctl/documents.h"
#include "tools/channelctl/folders.h"
#include "tools/channelctl/forecast.h"
#include "tools/channelctl/letters.h"
#include "tools/channelctl/policy.h"
#include "tools/channelctl/replenish.h"
#include "tools/channelctl/trace.h"

#include <stdlib.h>

void help_command(FILE *out, const command *cmd) {
    (void)fprintf(out, "channelctl %s%s%s\n  %s\n\nExample: %s\n", cmd->name, cmd->args[0] ? " " : "", cmd->args,
                  cmd->help, cmd->example);
}

void help_overview(FILE *out) {
    (void)fputs("channelctl [OPTIONS] COMMAND … — ask and steer a channeld\n\n", out);
    for (size_t i = 0; i < command_count; i++) (void)fprintf(out, "  %-24s %s\n", commands[i].name, commands[i].help);
    (void)fputs("\nOptions, anywhere:\n"
                "  --server ENDPOINT      where the daemon answers ($CHANNELCTL_SERVER)\n"
                "  --data DIR             the daemon's folder ($CHANNELD_DIR); without a daemon it is read only\n"
                "  --token T              act as that user ($CHANNELCTL_TOKEN)\n"
                "  -o table|json|csv|xlsx  form of the answer; --output FILE writes it there\n"
                "  --timeout S            wait that long for an answer (120)\n"
                "  --detailed-exitcode    exit 2 when something was changed\n"
                "  --request-id ID        the same id gets the first answer again\n"
                "  --help, --version      with a command: its arguments and an example\n\n"
                "Example: channelctl --data ./demo status -o json\n",
                out);
}

/* ---- the COMMANDS section of channelctl(1), in scdoc's words */

static void man_text(FILE *out, const char *text) {
    for (; *text; text++) {
        if (strchr("\\*_", *text)) (void)fputc('\\', out);
        (void)fputc(*text, out);
    }
}

static void man_roles(FILE *out, const command *cmd) {
    if (cmd->mode == COMMAND_CLIENT) return;
    (void)fputs("++\nFor: admin", out);
    for (size_t i = 1; i < user_role_count; i++)
        if (cmd->roles >> i & 1u) {
            (void)fputs(", ", out);
            man_text(out, user_roles[i]);
        }
}

static void help_man(FILE *out) {
    for (size_t i = 0; i < command_count; i++) {
        const command *cmd = &commands[i];
        (void)fprintf(out, "*%s*%s", cmd->name, cmd->args[0] ? " " : "");
        man_text(out, cmd->args);
        (void)fputs("\n\t", out);
        man_text(out, cmd->help);
        man_roles(out, cmd);
        (void)fputs("++\nExample: ", out);
        man_text(out, cmd->example);
        (void)fputs("\n\n", out);
    }
}

static bool client_help(client *c, err *e) {
    size_t used;
    bool man;
    (void)args_option(c->args, "man", &man);
    if (man) {
        help_man(stdout);
        return true;
    }
    if (c->args->positionals == 0) {
        help_overview(stdout);
        return true;
    }
    const command *cmd = command_find(c->args->positional, c->args->positionals, &used);
    if (cmd != NULL) {
        help_command(stdout, cmd);
        return true;
    }
    size_t shown = 0;
    for (size_t i = 0; i < command_count; i++) /* a subject: all its commands */
        if (str_starts(str_of(commands[i].name), c->args->positional[0])) {
            if (shown++) (void)puts("");
            help_command(stdout, &commands[i]);
        }
    return shown || err_set(e, ERR_USAGE, "no command begins with '%.*s'", STR_ARG(c->args->positional[0]));
}

/* ---- completion: a case over the words so far, generated from the table */

static void put_options(const command *cmd) {
    str rest = str_of(cmd->args);
    arg_spec s;
    while (args_spec_next(&rest, &s))
        if (s.option) printf(" %s%.*s", s.name.n == 1 ? "-" : "--", STR_ARG(s.name));
}

static bool has_file(const command *cmd) {
    str rest = str_of(cmd->args);
    arg_spec s;
    while (args_spec_next(&rest, &s))
        if (s.file || str_is(s.name, "DIR")) return true;
    return false;
}

/* First words that follow each other are the same subject. */
static str subject_of(size_t n) {
    str rest = str_of(commands[n].name), first = STR("");
    (void)str_split(&rest, ' ', &first);
    return first;
}

static void put_subjects(void) {
    for (size_t i = 0; i < command_count; i++) {
        bool said = false;
        for (size_t k = 0; k < i && !said; k++) said = str_eq(subject_of(k), subject_of(i));
        if (!said) printf(" %.*s", STR_ARG(subject_of(i)));
    }
}

static bool client_completion(client *c, err *e) {
    (void)c, (void)e;
    puts("# bash completion of channelctl: eval \"$(channelctl completion)\"\n"
         "_channelctl() {\n"
         "  local cur=${COMP_WORDS[COMP_CWORD]} line=\" ${COMP_WORDS[*]:1:COMP_CWORD-1} \" words= files=\n"
         "  case ${COMP_WORDS[COMP_CWORD-1]} in\n"
         "  -o) COMPREPLY=($(compgen -W 'table json csv xlsx' -- \"$cur\")); return ;;\n"
         "  --data | --output) mapfile -t COMPREPLY < <(compgen -f -- \"$cur\"); return ;;\n"
         "  esac\n"
         "  case $line in");
    for (size_t i = command_count; i-- > 0;) {
        printf("  *' %s '*) words='", commands[i].name);
        put_options(&commands[i]);
        printf("'%s ;;\n", has_file(&commands[i]) ? " files=1" : "");
    }
    for (size_t i = 0; i < command_count; i++) {
        str rest = str_of(commands[i].name), first, second;
        if (!str_split(&rest, ' ', &first) || !str_split(&rest, ' ', &second)) continue;
        printf("  *' %.*s ') words+=' %.*s' ;;&\n", STR_ARG(first), STR_ARG(second));
    }
    printf("  *) [ -n \"$words\" ] || words='");
    put_subjects();
    puts("' ;;\n  esac\n"
         "  words+=' -o --output --data --server --token --timeout --detailed-exitcode --request-id --help'\n"
         "  COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
         "  [ -z \"$files\" ] || mapfile -t -O \"${#COMPREPLY[@]}\" COMPREPLY < <(compgen -f -- \"$cur\")\n"
         "}\n"
         "complete -o filenames -F _channelctl channelctl");
    return true;
}

const client_row client_rows[] = {
    {"help", client_help},
    {"completion", client_completion},
    {"calc", client_calc},
    {"policy try", client_policy_try},
    {"policy lint", client_policy_lint},
    {"trace try", client_trace_try},
    {"case evaluate", client_case_evaluate},
    {"forecast backtest", client_forecast_backtest},
    {"replenish try", client_replenish_try},
    {"replenish backtest", client_replenish_backtest},
    {"import try", client_import_try},
    {"document import", client_document_import},
    {"journal verify", client_journal_verify},
    {"journal export", client_journal_export},
    {"journal follow", client_journal_follow},
    {"backup", client_backup},
    {"partner onboard letters", client_letters},
};
const size_t client_row_count = ARRAY_LEN(client_rows);
