/* channel-agent — turns a distributor's files into documents, keeps them until the centre has committed them. */
#include "agent/commands.h"

#include "base/log.h"
#include "formats/clerk.h"
#include "proto/code.h"
#include <malloc.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

enum { MAP_THRESHOLD = 128 * 1024 };

#define HOME_OPTION                                                                                                    \
    { "home", "DIR", "the agent's folder (or $CHANNEL_AGENT_HOME)" }
#define HELP_OPTION                                                                                                    \
    { "help", NULL, "this text" }
#define LANG_OPTION                                                                                                    \
    { "lang", "zh|en", "the language of what is said (else that of the environment)" }
#define OUTPUT_OPTION                                                                                                  \
    { "output", "FORM", "-o table, json or csv" }

static const cli_option enroll_options[] = {
    HOME_OPTION,
    {"server", "tcp://HOST:PORT", "where the centre listens for agents"},
    {"token", "T", "as 'channelctl agent enroll PARTNER' printed it"},
    {"timeout", "S", "seconds to wait for an answer (20)"},
    HELP_OPTION,
};
static const cli_option push_options[] = {
    HOME_OPTION,
    {"mapping", "M.yaml", "how to read the columns; remembered for files of the same make"},
    {"again", NULL, "content that was replaced may hold again"},
    {"replace-period", "FROM..TO", "the file is the whole truth for these days: what it no longer has is reversed"},
    {"hold", NULL, "a file with doubts is not sent but kept for 'held confirm'"},
    LANG_OPTION,
    {"timeout", "S", "seconds without progress before giving up waiting (30)"},
    {"announce", NULL, "say 'spooled FILE SHA256' on stderr as soon as a file is safe"},
    OUTPUT_OPTION,
    HELP_OPTION,
};
static const cli_option run_options[] = {
    HOME_OPTION,
    {"homes", "DIR", "serve every enrolled home in this folder"},
    {"verbose", NULL, "-v: say more on stderr"},
    HELP_OPTION,
};
static const cli_option status_options[] = {
    HOME_OPTION,
    {"max-age", "S", "seconds that may pass without a commit while something waits (agent.conf, else 24 h)"},
    OUTPUT_OPTION,
    HELP_OPTION,
};
static const cli_option check_options[] = {
    HOME_OPTION, {"mapping", "M.yaml", "how to read the columns"}, LANG_OPTION, OUTPUT_OPTION, HELP_OPTION,
};
static const cli_option held_options[] = {
    HOME_OPTION, {"timeout", "S", "confirm: seconds without progress before giving up waiting (30)"},
    LANG_OPTION, OUTPUT_OPTION,
    HELP_OPTION,
};
static const cli_option quarantine_options[] = {
    HOME_OPTION,
    LANG_OPTION,
    {"output", "FILE", "-o: the sheet to write, .xlsx or .csv"},
    HELP_OPTION,
};
static const cli_option template_options[] = {
    HOME_OPTION,
    {"type", "T", "sale, stock or receipt (sale)"},
    {"products", "FILE.csv", "further codes: sku,name,spec,unit"},
    {"output", "FILE.xlsx", "-o: the sheet to write"},
    HELP_OPTION,
};
static const cli_option ask_options[] = {
    HOME_OPTION, {"timeout", "S", "seconds to wait without an answer (30)"}, OUTPUT_OPTION,
    HELP_OPTION, {"", NULL, "further options are the question's own"},
};
static const cli_option mapping_options[] = {
    HOME_OPTION,
    {"to", "HOME", "copy: the home that gets it"},
    {"homes", "DIR", "copy: to every enrolled home in this folder"},
    {"dry-run", NULL, "copy: only say what would be done"},
    OUTPUT_OPTION,
    HELP_OPTION,
};
static const cli_option nil_options[] = {
    HOME_OPTION,
    {"type", "T", "what there was nothing of: sale, stock, receipt or payment"},
    {"from", "DAY", "first day, like 2026-07-01"},
    {"to", "DAY", "last day"},
    {"place", "PLACE", "of one place only"},
    {"timeout", "S", "seconds without progress before giving up waiting (30)"},
    LANG_OPTION,
    OUTPUT_OPTION,
    HELP_OPTION,
};
static const cli_option notices_options[] = {
    HOME_OPTION, {"all", NULL, "those read already too"}, LANG_OPTION, OUTPUT_OPTION, HELP_OPTION,
};
static const cli_option rebate_options[] = {
    HOME_OPTION,
    {"from-row", "N", "explain: rows from this one on"},
    {"line", "N", "confirm, dispute: lines of the statement, like 1,3"},
    {"reason", "T", "dispute, claim withdraw: why"},
    {"amount", "A", "claim: what the activity cost"},
    {"date", "DAY", "claim: of the activity (today)"},
    {"what", "W", "claim: display, promotion, …"},
    {"evidence", "T", "claim: evidence in words"},
    {"file", "FILE", "claim: evidence that you keep; its name and digest are sent"},
    {"sku", "SKU", "claim: of which product"},
    LANG_OPTION,
    OUTPUT_OPTION,
    HELP_OPTION,
};
static const cli_option transfer_options[] = {
    HOME_OPTION, {"reason", "T", "refuse: why"}, LANG_OPTION, OUTPUT_OPTION, HELP_OPTION,
};
static const cli_option order_options[] = {
    HOME_OPTION,
    {"state", "S", "list: suggested, confirmed, approved, shipped …"},
    {"sku", "LIST", "confirm, refuse: only these products, joined by semicolons"},
    {"lines", "L", "confirm, change, receive: SKU=QUANTITY, joined by semicolons"},
    {"wallet", "A", "confirm: so much of it out of your rebates"},
    {"codes", "L", "receive: codes of the cartons that came, joined by semicolons"},
    {"cartons", "FILE", "receive: a file of such codes, as the scanner wrote it"},
    {"document", "N", "receive: what your own receipt of that number says"},
    {"damaged", "L", "receive: what of it is damaged; photos of it follow the number of the order"},
    {"number", "N", "receive: of the delivery note"},
    {"reason", "T", "refuse, cancel, change: why"},
    LANG_OPTION,
    OUTPUT_OPTION,
    HELP_OPTION,
};
static const cli_option payout_options[] = {
    HOME_OPTION,
    {"state", "S", "list: requested, confirmed, issued, refused or voided"},
    {"number", "N", "confirm: of the confirmation (红字信息表), or of your invoice for an expense"},
    {"reason", "T", "refuse: why"},
    LANG_OPTION,
    OUTPUT_OPTION,
    HELP_OPTION,
};
static const cli_option case_options[] = {
    HOME_OPTION,
    {"text", "T", "appeal, claim: what you say to it"},
    {"region", "R", "claim: where the goods are, code or name"},
    {"codes", "LIST", "claim: their codes, joined by commas"},
    {"sku", "S", "claim: which product"},
    {"place", "T", "claim: market, shop or platform"},
    {"date", "DAY", "claim: when they were seen (today)"},
    {"price", "P", "claim: what was asked for one base unit"},
    {"accused", "ID", "claim: who is thought to have sold them there"},
    {"online", NULL, "claim: offered online"},
    LANG_OPTION,
    OUTPUT_OPTION,
    HELP_OPTION,
};
static const cli_option todo_options[] = {HOME_OPTION, LANG_OPTION, OUTPUT_OPTION, HELP_OPTION};
static const cli_option list_options[] = {HOME_OPTION, OUTPUT_OPTION, HELP_OPTION};

static const struct command {
    const char *name, *words, *help, *example;
    command_fn run;
    const cli_option *options;
    size_t option_count;
    bool homeless; /* works without --home */
} commands[] = {
    {"enroll", "", "introduce this folder to the centre with a token, once",
     "channel-agent --home ~/agent enroll --server tcp://centre.example:7400 --token cd1.…", command_enroll,
     enroll_options, ARRAY_LEN(enroll_options), false},
    {"push", "FILE…", "spool files, send them, wait until the centre has judged them",
     "channel-agent --home ~/agent push sales-2026-06.csv", command_push, push_options, ARRAY_LEN(push_options), false},
    {"run", "", "serve DIR/inbox until stopped: take files, archive them after commit, leave reports",
     "channel-agent --home ~/agent run", command_run, run_options, ARRAY_LEN(run_options), true},
    {"status", "", "how it stands; exits 1 when the centre has not committed for too long, or refuses",
     "channel-agent --home ~/agent status -o json", command_status, status_options, ARRAY_LEN(status_options), false},
    {"check", "FILE", "how a file is read and what it adds up to; sends nothing",
     "channel-agent check sales-2026-06.csv --mapping report.yaml", command_check, check_options,
     ARRAY_LEN(check_options), true},
    {"sent", "[ID]", "what left this folder: the list, or one upload exactly as it left",
     "channel-agent --home ~/agent sent 1 -o csv", command_sent, list_options, ARRAY_LEN(list_options), false},
    {"uploads", "", "files taken and what became of them", "channel-agent --home ~/agent uploads", command_uploads,
     list_options, ARRAY_LEN(list_options), false},
    {"ask", "WORD…", "ask the centre in the partner's name, as channelctl would: one's own documents, stock, prices …",
     "channel-agent --home ~/agent ask quarantine list -o json", command_ask, ask_options, ARRAY_LEN(ask_options),
     false},
    {"held", "VERB", "files kept back because something in them is doubted: list, confirm FILE, drop FILE",
     "channel-agent --home ~/agent held list", command_held, held_options, ARRAY_LEN(held_options), false},
    {"quarantine", "[ID]", "rows that wait or were refused as a sheet in the file's own columns, to mend and push",
     "channel-agent --home ~/agent quarantine -o mend.xlsx", command_quarantine, quarantine_options,
     ARRAY_LEN(quarantine_options), false},
    {"mapping", "list|show|copy",
     "mappings kept for makes of files; copied to other homes whose files are of the same make",
     "channel-agent --home ~/agent mapping list", command_mapping, mapping_options, ARRAY_LEN(mapping_options), false},
    {"nil", "", "say that there was nothing (零申报): of a type, from a day to a day",
     "channel-agent --home ~/agent nil --type sale --from 2026-05-01 --to 2026-05-31", command_nil, nil_options,
     ARRAY_LEN(nil_options), false},
    {"notices", "", "messages of the centre that are not read yet; --all: read ones too",
     "channel-agent --home ~/agent notices", command_notices, notices_options, ARRAY_LEN(notices_options), false},
    {"rebate", "VERB",
     "what the partner earns: list, outlook, explain POLICY PERIOD; statement [N], confirm N, dispute N",
     "channel-agent --home ~/agent rebate list", command_rebate, rebate_options, ARRAY_LEN(rebate_options), false},
    {"order", "VERB", "what to order: list, show N, confirm N, change N, refuse N; receive N [PHOTO…], close N",
     "channel-agent --home ~/agent order list", command_order, order_options, ARRAY_LEN(order_options), false},
    {"transfer", "VERB", "stock another partner could use, or you could: list, agree N, refuse N --reason T",
     "channel-agent --home ~/agent transfer list", command_transfer, transfer_options, ARRAY_LEN(transfer_options),
     false},
    {"payout", "VERB", "rebates on their way out: list, show N, confirm N, refuse N",
     "channel-agent --home ~/agent payout list -o json", command_payout, payout_options, ARRAY_LEN(payout_options),
     false},
    {"case", "VERB",
     "diversion: list, show ID, appeal ID [FILE…] --text T; claim [FILE…] --region R reports others' goods, claims "
     "lists",
     "channel-agent --home ~/agent case list", command_case, case_options, ARRAY_LEN(case_options), false},
    {"todo", "", "what waits for you: orders and statements to confirm, cases to answer, reports that are due",
     "channel-agent --home ~/agent todo", command_todo, todo_options, ARRAY_LEN(todo_options), false},
    {"template", "", "write a fill-in sheet with the codes and units sent from here, else those the centre knows",
     "channel-agent --home ~/agent template --type sale -o sales.xlsx", command_template, template_options,
     ARRAY_LEN(template_options), true},
};

static void print_usage(FILE *to) {
    fprintf(to,
            "channel-agent %s — sends a partner's sales files to the centre, each once, none lost\n\n"
            "usage: channel-agent [--home DIR] COMMAND …\n\n",
            CHANNELD_VERSION);
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        fprintf(to, "  %-10s %-6s %s\n", commands[i].name, commands[i].words, commands[i].help);
    fprintf(to, "\nCOMMAND --help says more. Exit: 0 done, 1 part of it needs a look, 65 unreadable, 66 no such file, "
                "69 nobody answers,\n75 safe but not there yet, 77 refused by the centre, 78 configuration.\n"
                "example: channel-agent --home ~/agent push sales-2026-06.csv\n");
}

static void print_help(const struct command *k) {
    printf("usage: channel-agent [--home DIR] %s %s\n\n%s\n\n", k->name, k->words, k->help);
    for (size_t i = 0; i < k->option_count; i++)
        printf("  %s%-10s %-16s %s\n", k->options[i].name[0] ? "--" : "  ", k->options[i].name,
               k->options[i].value ? k->options[i].value : "", k->options[i].help);
    printf("\nexample: %s\n", k->example);
}

static const struct command *command_of(const char *name) {
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        if (strcmp(commands[i].name, name) == 0) return &commands[i];
    return NULL;
}

/* "--home DIR" may stand before the command: cut the command's name out, leave the rest in order. */
static const struct command *cut_command(char **argv) {
    size_t at = 1;
    while (argv[at] && strncmp(argv[at], "--home", 6) == 0) at += strchr(argv[at], '=') || !argv[at + 1] ? 1 : 2;
    if (argv[at] == NULL) return NULL;
    const struct command *k = command_of(argv[at]);
    if (k == NULL) return NULL;
    for (; argv[at]; at++) argv[at] = argv[at + 1];
    return k;
}

/* What is said of a file that cannot be read, in the clerk's language. */
static void in_words(bool zh, err *e) {
    char room[sizeof e->text];
    str said = clerk_text(zh, str_of(e->text), room, sizeof room);
    if (said.p != e->text) (void)str_copy_z(said, e->text, sizeof e->text);
}

static bool perform(const struct command *k, char **argv, int *status, err *e) {
    call c = {0};
    TRY(cli_parse(&c.words, k->options, k->option_count, argv + 1, e));
    if (cli_value(&c.words, "help")) {
        print_help(k);
        return true;
    }
    if (cli_value(&c.words, "verbose")) log_set_level(LOG_LEVEL_DEBUG);
    c.home = cli_value(&c.words, "home");
    if (c.home == NULL) c.home = getenv("CHANNEL_AGENT_HOME");
    if (c.home == NULL && !k->homeless)
        return err_set(e, ERR_USAGE, "%s wants --home DIR (or $CHANNEL_AGENT_HOME)", k->name);
    if (k->words[0] == '\0' && c.words.word_count)
        return err_set(e, ERR_USAGE, "%s takes no '%s' (%s --help)", k->name, c.words.words[0], k->name);
    if (k->run(&c, status, e)) return true;
    in_words(cli_zh(&c.words), e);
    return false;
}

int main(int argc, char **argv) {
    int status = 0;
    err e = {0};
    /* What a large file needs goes back to the system when it is done, and what LMDB asks for and hardly touches (megabytes
     * a home) stays unmapped: neither becomes heap. */
    (void)mallopt(M_MMAP_THRESHOLD, MAP_THRESHOLD);
    for (int i = 1; i < argc; i++) code_typed(argv[i]);
    if (sodium_init() < 0) return err_exit_status(ERR_INTERNAL);
    if (argc > 1 && strcmp(argv[1], "--help") == 0) return print_usage(stdout), 0;
    if (argc > 1 && strcmp(argv[1], "--version") == 0) return puts("channel-agent " CHANNELD_VERSION), 0;
    const struct command *k = argc > 1 ? cut_command(argv) : NULL;
    if (k == NULL) {
        print_usage(stderr);
        if (argc > 1) fprintf(stderr, "channel-agent: no such command (the list above has all)\n");
        return err_exit_status(ERR_USAGE);
    }
    if (perform(k, argv, &status, &e)) return status;
    fprintf(stderr, "channel-agent: %s\n", e.text);
    return err_exit_status(e.code);
}
