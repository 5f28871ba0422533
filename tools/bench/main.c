#include "tools/bench/bench.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct {
    const char *name;
    bool (*run)(bench_options *o, err *e);
    uint64_t lines;
    unsigned agents;
    const char *help;
} benches[] = {
    {"ingest", bench_ingest, 1000000, 8,
     "lines from spools to committed figures, beside PostgreSQL and a bare LMDB loop"},
    {"plan", bench_plan, 1000000, 0, "a day's update of so many series (--lines) and the plan over all, beside numpy"},
    {"rebate", bench_rebate, 0, 10000,
     "ten policies on a year of 10,000 partners (--agents) and 50 products, beside PostgreSQL"},
    {"trace", bench_trace, 200000, 0,
     "coded lines (--lines) judged on a million codes, 20 times as many with --scale 20, beside PostgreSQL"},
    {"storm", bench_storm, 0, 2000, "many agents upload; the daemon is killed and all come back"},
};

static int usage_text(FILE *out) {
    (void)fputs(
        "usage: channel-bench BENCH [--lines N] [--agents N] [--scale X] [--seed S] [--dir DIR] [--homes DIR] "
        "[--no-peers]\n"
        "Prints one JSON line a figure. DIR (default: a temporary folder, removed at the end) should lie on the\n"
        "disk to be measured. Agents' homes lie there too, or in --homes DIR: thousands of agents have thousands of\n"
        "disks, the load process has one.\n",
        out);
    for (size_t i = 0; i < ARRAY_LEN(benches); i++) (void)fprintf(out, "  %-8s %s\n", benches[i].name, benches[i].help);
    (void)fputs("example: channel-bench ingest --lines 20000 --no-peers\n", out);
    return out == stdout ? 0 : 64;
}

static bool folders(bench_options *o, char **argv, const char *dir, char *temp, err *e) {
    ssize_t n = readlink("/proc/self/exe", o->centre.bin, sizeof o->centre.bin - 1);
    if (n <= 0) return err_set(e, ERR_INTERNAL, "%s: where are the programs?", argv[0]);
    o->centre.bin[n] = '\0';
    *strrchr(o->centre.bin, '/') = '\0';
    if (dir == NULL) {
        const char *base = getenv("TMPDIR");
        (void)snprintf(temp, PATH_SIZE, "%.900s/channel-bench.XXXXXX", base ? base : "/tmp");
        dir = mkdtemp(temp);
        if (dir == NULL) return err_set(e, ERR_INTERNAL, "%s: cannot make a folder", temp);
        if (chmod(dir, 0711) != 0) return err_set(e, ERR_INTERNAL, "%s: cannot open it to the peers", temp);
    }
    (void)str_copy_z(str_of(dir), o->centre.dir, sizeof o->centre.dir);
    return file_mkdirs(dir, 0700, e);
}

static bool homes_folder(bench_options *o, const char *below, err *e) {
    if (below == NULL) return true;
    (void)snprintf(o->centre.homes, sizeof o->centre.homes, "%.900s/channel-bench.XXXXXX", below);
    return mkdtemp(o->centre.homes) != NULL || err_set(e, ERR_NOT_FOUND, "%s: cannot make a folder", below);
}

static void remove_folder(const char *dir) {
    char command[PATH_SIZE + 16];
    (void)snprintf(command, sizeof command, "rm -rf '%s'", dir);
    if (system(command) != 0) (void)fprintf(stderr, "%s: not removed\n", dir); /* NOLINT: our own folder */
}

int main(int argc, char **argv) {
    static const struct option options[] = {
        {"lines", 1, NULL, 'l'},    {"agents", 1, NULL, 'a'}, {"seed", 1, NULL, 's'},
        {"dir", 1, NULL, 'd'},      {"homes", 1, NULL, 'm'},  {"scale", 1, NULL, 'c'},
        {"no-peers", 0, NULL, 'p'}, {"help", 0, NULL, 'h'},   {0}};
    bench_options o = {.seed = 1, .scale = 1, .peers = true};
    const char *dir = NULL, *homes = NULL;
    char temp[PATH_SIZE] = "";
    for (int c; (c = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
        if (c == 'l') o.lines = strtoull(optarg, NULL, 10);
        if (c == 'a') o.agents = (unsigned)strtoul(optarg, NULL, 10);
        if (c == 's') o.seed = strtoull(optarg, NULL, 10);
        if (c == 'c') o.scale = strtod(optarg, NULL);
        if (c == 'd') dir = optarg;
        if (c == 'm') homes = optarg;
        if (c == 'p') o.peers = false;
        if (c == 'h') return usage_text(stdout);
        if (c == '?') return usage_text(stderr);
    }
    for (size_t i = 0; optind < argc && i < ARRAY_LEN(benches); i++) {
        if (strcmp(argv[optind], benches[i].name) != 0) continue;
        err e;
        if (o.lines == 0) o.lines = benches[i].lines;
        if (o.agents == 0) o.agents = (unsigned)(benches[i].agents * o.scale);
        if (o.agents == 0 && benches[i].agents) return usage_text(stderr);
        bool ok = folders(&o, argv, dir, temp, &e) && homes_folder(&o, homes, &e) && benches[i].run(&o, &e);
        if (!ok) (void)fprintf(stderr, "channel-bench: %s: %s\n", benches[i].name, e.text);
        if (temp[0]) remove_folder(temp);
        if (o.centre.homes[0]) remove_folder(o.centre.homes);
        return ok ? 0 : err_exit_status(e.code);
    }
    return usage_text(stderr);
}
