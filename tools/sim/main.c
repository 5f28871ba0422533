/* channel-sim — writes a seeded world with known truth as the files that distributors send. */
#include "base/file.h"
#include "base/num.h"
#include "tools/sim/books.h"
#include "tools/sim/trade.h"
#include <stdio.h>

typedef struct options {
    sim_knobs knobs;
    sim_plan plan;
    const sim_dialect *dialect[24];
    const char *out;
} options;

#define KNOB(f) offsetof(options, f)
static const struct knob {
    const char *name;
    size_t at; /* an int64_t */
    int64_t preset, least, most;
    const char *help;
} knobs[] = {
    {"--seed", KNOB(knobs.seed), 1, 0, INT64_MAX, "the same seed makes the same world"},
    {"--partners", KNOB(knobs.partners), 3, 1, 10000, "partners that report"},
    {"--products", KNOB(knobs.products), 20, 1, 10000, "products"},
    {"--days", KNOB(knobs.days), 30, 1, 3660, "days reported"},
    {"--lines", KNOB(knobs.lines), 8, 1, 10000, "lines of a sales document, on average"},
    {"--returns", KNOB(knobs.returns), 3, 0, 100, "per cent of sale lines that are returns"},
    {"--gifts", KNOB(knobs.gifts), 2, 0, 100, "per cent of sale lines with a gift line"},
    {"--corrections", KNOB(knobs.corrections), 0, 0, 100, "per cent of sales documents that come again, corrected"},
    {"--duplicates", KNOB(plan.duplicates), 0, 0, 100, "per cent of files written twice"},
    {"--unknown-places", KNOB(knobs.unknown_places), 0, 0, 100, "per cent of shops the catalogue does not know"},
};

static void print_help(void) {
    printf("usage: channel-sim files --from DATE -o DIR [--dialect NAME[,NAME]…] [option]…\n\n"
           "Writes a small channel with known truth: the catalogue as CSV, a folder of upload files a partner in\n"
           "partners/, and what they amount to in truth.csv and truth.json. Partners take the dialects in turn.\n\n");
    for (size_t i = 0; i < ARRAY_LEN(knobs); i++)
        printf("  %-18s %s (%lld)\n", knobs[i].name, knobs[i].help, (long long)knobs[i].preset);
    printf("  %-18s %s\n  %-18s %s\n  %-18s", "--receipts", "partners report what they receive", "--stock",
           "partners count their stock every week (with --receipts the counts agree with the flows)", "--dialect");
    for (size_t i = 0; i < sim_dialect_count; i++) printf("%s %s", i ? "," : "", sim_dialects[i].name);
    printf("\n  %-18s all, or monthly: sales as monthly totals of a partner's products, which every dialect can tell "
           "(all)",
           "--facts");
    printf("\n\nexample: channel-sim files --seed 7 --partners 3 --from 2026-05-01 --days 30 "
           "--dialect canonical,gb18030,slsrpt -o world\n");
}

static bool parse_dialects(options *o, str list, err *e) {
    str name;
    o->plan.dialects = 0;
    while (str_split(&list, ',', &name)) {
        const sim_dialect *d = sim_dialect_of(name);
        if (d == NULL) return err_set(e, ERR_USAGE, "--dialect: '%.*s' is unknown (see --help)", STR_ARG(name));
        if (o->plan.dialects == ARRAY_LEN(o->dialect)) return err_set(e, ERR_USAGE, "--dialect: too many");
        o->dialect[o->plan.dialects++] = d;
    }
    return true;
}

/* `into`: the struct that the table's places are in. */
static bool parse_knob(void *into, const struct knob *table, size_t n, const char *name, const char *value, err *e) {
    for (size_t i = 0; i < n; i++) {
        const struct knob *k = &table[i];
        if (strcmp(name, k->name) != 0) continue;
        int64_t *v = (int64_t *)(void *)((char *)into + k->at);
        if (dec_parse(str_of(value), 0, v, NULL) && !strchr(value, '.') && *v >= k->least && *v <= k->most) return true;
        return err_set(e, ERR_USAGE, "%s: '%s' is not a whole number from %lld to %lld", name, value,
                       (long long)k->least, (long long)k->most);
    }
    return err_set(e, ERR_USAGE, "unknown option '%s' (see --help)", name);
}

static bool parse_facts(options *o, const char *value, err *e) {
    o->knobs.monthly = strcmp(value, "monthly") == 0;
    return o->knobs.monthly || strcmp(value, "all") == 0 ||
           err_set(e, ERR_USAGE, "--facts: '%s' is neither all nor monthly", value);
}

/* What a dialect cannot say it is not asked to. */
static bool check_dialects(const options *o, err *e) {
    const sim_knobs *k = &o->knobs;
    if (k->monthly && (k->receipts || k->stock || k->corrections))
        return err_set(e, ERR_USAGE, "--facts monthly goes without --receipts, --stock and --corrections");
    for (size_t i = 0; i < o->plan.dialects; i++) {
        const sim_dialect *d = o->plan.dialect[i];
        if (d->totals_only && !k->monthly)
            return err_set(e, ERR_USAGE, "--dialect %s tells monthly totals only: add --facts monthly", d->name);
        if (d->unnumbered && k->corrections)
            return err_set(e, ERR_USAGE, "--dialect %s has no document numbers: leave --corrections out", d->name);
    }
    return true;
}

static bool parse_valued(options *o, const char *name, const char *value, err *e) {
    if (value == NULL) return err_set(e, ERR_USAGE, "%s needs a value (see --help)", name);
    if (strcmp(name, "--dialect") == 0) return parse_dialects(o, str_of(value), e);
    if (strcmp(name, "-o") == 0) return o->out = value, true;
    if (strcmp(name, "--facts") == 0) return parse_facts(o, value, e);
    if (strcmp(name, "--from") != 0) return parse_knob(o, knobs, ARRAY_LEN(knobs), name, value, e);
    return day_parse(str_of(value), &o->knobs.from) ||
           err_set(e, ERR_USAGE, "--from: '%s' is not a date like 2026-05-01", value);
}

static bool parse(options *o, char **args, err *e) {
    o->knobs.from = DAY_MIN;
    o->plan.dialect = o->dialect;
    for (size_t i = 0; i < ARRAY_LEN(knobs); i++) *(int64_t *)(void *)((char *)o + knobs[i].at) = knobs[i].preset;
    TRY(parse_dialects(o, STR("canonical"), e));
    for (; *args; args++) {
        if (strcmp(*args, "--receipts") == 0) {
            o->knobs.receipts = true;
        } else if (strcmp(*args, "--stock") == 0) {
            o->knobs.stock = true;
        } else {
            TRY(parse_valued(o, args[0], args[1], e));
            args++;
        }
    }
    if (o->out == NULL) return err_set(e, ERR_USAGE, "-o DIR is missing (see --help)");
    if (o->knobs.from == DAY_MIN) return err_set(e, ERR_USAGE, "--from DATE is missing (see --help)");
    return check_dialects(o, e);
}

static bool run_files(options *o, err *e) {
    AUTO(world) w = {0};
    world_make(&w, &o->knobs);
    TRY(file_mkdirs(o->out, 0755, e));
    TRY(books_catalogue(&w, o->out, e));
    TRY(files_write(&w, &o->plan, o->out, e));
    return books_truth(&w, &o->plan, o->out, e);
}

/* ---- world: a channel with diversion in it */

typedef struct world_options {
    trade_knobs knobs;
    const char *out;
} world_options;

#define WORLD_KNOB(f) offsetof(trade_knobs, f)
static const struct knob world_knobs[] = {
    {"--seed", WORLD_KNOB(seed), 1, 0, INT64_MAX, "the same seed makes the same world and its habits"},
    {"--partners", WORLD_KNOB(partners), 2000, 1, 20000, "partners, chains and second-level distributors among them"},
    {"--products", WORLD_KNOB(products), 12, 1, 200, "products"},
    {"--days", WORLD_KNOB(days), 182, 28, 1830, "days"},
    {"--divert", WORLD_KNOB(divert), 20, 0, 500, "permille of the volume that is diverted; 0: everybody is honest"},
    {"--scan-rate", WORLD_KNOB(scan_rate), -1, -1, 1000, "permille of the units that consumers scan; -1: by the seed"},
    {"--noise", WORLD_KNOB(noise), 100, 0, 1000, "per cent of the usual honest noise"},
    {"--trade", WORLD_KNOB(trade), 100, 0, 1000, "per cent of the usual scans by shops, dealers and inspectors"},
    {"--coded", WORLD_KNOB(coded), 60, 0, 100, "per cent of the products that have codes"},
};

static void print_world_help(void) {
    printf("usage: channel-sim world --seed S -o DIR [--from DATE] [option]…\n\n"
           "Writes a channel in which some partners divert goods, as the files that `channelctl trace try` reads, with "
           "what\n"
           "really happened apart in truth.csv.\n\n");
    for (size_t i = 0; i < ARRAY_LEN(world_knobs); i++)
        printf("  %-18s %s (%lld)\n", world_knobs[i].name, world_knobs[i].help, (long long)world_knobs[i].preset);
    printf("\nexample: channel-sim world --seed 7 --partners 300 -o diverted\n");
}

static bool parse_world(world_options *o, char **args, err *e) {
    o->knobs.from = day_of(2026, 1, 5);
    for (size_t i = 0; i < ARRAY_LEN(world_knobs); i++)
        *(int64_t *)(void *)((char *)&o->knobs + world_knobs[i].at) = world_knobs[i].preset;
    for (; *args; args += 2) {
        if (args[1] == NULL) return err_set(e, ERR_USAGE, "%s needs a value (see --help)", args[0]);
        if (strcmp(args[0], "-o") == 0) o->out = args[1];
        else if (strcmp(args[0], "--from") == 0) {
            if (!day_parse(str_of(args[1]), &o->knobs.from))
                return err_set(e, ERR_USAGE, "--from: '%s' is not a date like 2026-05-01", args[1]);
        } else {
            TRY(parse_knob(&o->knobs, world_knobs, ARRAY_LEN(world_knobs), args[0], args[1], e));
        }
    }
    return o->out || err_set(e, ERR_USAGE, "-o DIR is missing (see --help)");
}

static bool run_world(char **args, err *e) {
    AUTO(trade) t = {.rows = 0};
    world_options o = {0};
    TRY(parse_world(&o, args, e));
    trade_make(&t, &o.knobs);
    return trade_write(&t, o.out, e);
}

static bool run_files_of(char **args, err *e) {
    options o = {0};
    return parse(&o, args, e) && run_files(&o, e);
}

static const struct subject {
    const char *name;
    void (*help)(void);
    bool (*run)(char **args, err *e);
} subjects[] = {{"files", print_help, run_files_of}, {"world", print_world_help, run_world}};

int main(int argc, char **argv) {
    err e = {0};
    const struct subject *s = NULL;
    for (size_t i = 0; argc > 1 && i < ARRAY_LEN(subjects); i++)
        if (strcmp(argv[1], subjects[i].name) == 0) s = &subjects[i];
    if (argc > 1 && strcmp(argv[argc - 1], "--help") == 0) {
        (s ? s : &subjects[0])->help();
        if (s == NULL) printf("\nchannel-sim world --help: a channel with diversion in it\n");
        return 0;
    }
    bool ok = s ? s->run(argv + 2, &e)
                : err_set(&e, ERR_USAGE, "wanted: channel-sim files … or channel-sim world … (see --help)");
    if (!ok) fprintf(stderr, "channel-sim: %s\n", e.text);
    return ok ? 0 : err_exit_status(e.code);
}
