#include "daemon/command/command.h"

#include "base/num.h"
#include "daemon/store/keys.h"
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* doctor — is this installation sound? What status does not look at because it costs something or rarely changes. */

enum { TAIL_ENTRIES = 1000, SYNCS = 8, SLOW_SYNC_US = 50000, FILES_MIN = 4096 };

static const char *const columns[] = {"check", "state", "found", "wanted", "hint"};

static void finding(call *c, const char *name, bool good, const char *found, const char *wanted, const char *hint) {
    json *j = answer_row(c);
    json_key(j, "check"), json_z(j, name);
    json_key(j, "state"), json_z(j, good ? "ok" : "red");
    json_key(j, "found"), json_z(j, found);
    json_key(j, "wanted"), json_z(j, wanted);
    json_key(j, "hint"), json_z(j, good ? NULL : hint);
    answer_row_end(c);
    if (!good) answer_status(c, err_exit_status(ERR_DIFFERS));
}

/* The newest entries: each hash is that of its bytes, each follows the one before. */
static void check_chain(call *c) {
    uint64_t seq, looked = 0;
    int64_t time_ms;
    uint8_t want[DIGEST_SIZE], hash[DIGEST_SIZE];
    char found[96];
    bool good = true;
    journal_head(c->t, &seq, &time_ms, want);
    for (; good && seq > 0 && looked < TAIL_ENTRIES; seq--, looked++) {
        entry en;
        good = journal_get(c->t, seq, &en);
        if (!good) break;
        journal_hash(&en, hash);
        good = memcmp(hash, want, DIGEST_SIZE) == 0 && memcmp(en.hash, want, DIGEST_SIZE) == 0;
        memcpy(want, en.prev, DIGEST_SIZE);
    }
    (void)snprintf(found, sizeof found,
                   good ? "%" PRIu64 " entries follow each other" : "broken %" PRIu64 " from the end", looked);
    finding(c, "chain", good, found, "whole", "the file was changed or the disk is failing: journal verify, restore");
}

static void check_clock(call *c) {
    uint64_t seq;
    int64_t last_ms;
    uint8_t head[DIGEST_SIZE];
    AUTO(buf) found = {0};
    journal_head(c->t, &seq, &last_ms, head);
    bool good = last_ms <= c->now_ms + 60000;
    time_put(&found, last_ms, c->zone_min);
    finding(c, "clock", good, buf_z(&found), "last entry not in the future",
            "the machine's clock was ahead: entries keep that time until it is reached");
}

static void check_mode(call *c, const char *name, mode_t wanted) {
    char path[1200], found[32], want[32];
    struct stat s;
    (void)snprintf(path, sizeof path, "%s%s%s", c->data_dir, *name ? "/" : "", name);
    bool there = stat(path, &s) == 0;
    (void)snprintf(found, sizeof found, there ? "%04o" : "absent", (unsigned)(there ? s.st_mode & 07777u : 0u));
    (void)snprintf(want, sizeof want, "%04o", (unsigned)wanted);
    finding(c, *name ? name : "folder", there && (s.st_mode & 0777) == wanted, found, want,
            "others may read it, or it is missing: chmod, or restore it");
}

static void check_sync(call *c) {
    int fd = open(c->data_dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    struct timespec a, b;
    char found[64];
    bool good = fd >= 0;
    (void)clock_gettime(CLOCK_MONOTONIC, &a);
    for (int i = 0; good && i < SYNCS; i++) good = write(fd, "x", 1) == 1 && fdatasync(fd) == 0;
    (void)clock_gettime(CLOCK_MONOTONIC, &b);
    if (fd >= 0) (void)close(fd);
    int64_t us = ((b.tv_sec - a.tv_sec) * 1000000 + (b.tv_nsec - a.tv_nsec) / 1000) / SYNCS;
    (void)snprintf(found, sizeof found, good ? "%" PRId64 " µs" : "fails", us);
    finding(c, "fsync", good && us < SLOW_SYNC_US, found, "below 50000 µs",
            "every acknowledgement waits for the disk: a faster or a healthy one");
}

static void check_files(call *c) {
    struct rlimit n = {0};
    char found[32];
    bool good = getrlimit(RLIMIT_NOFILE, &n) == 0 && n.rlim_max >= FILES_MIN;
    (void)snprintf(found, sizeof found, "%llu", (unsigned long long)n.rlim_max);
    finding(c, "open files", good, found, "4096 or more", "raise LimitNOFILE: every agent is a connection");
}

static void check_catalogue(call *c) {
    char found[64];
    uint64_t rows = kv_count(c->t, TABLE_CATALOG);
    (void)snprintf(found, sizeof found, "%" PRIu64 " rows", rows);
    finding(c, "catalogue", rows > 0, found, "regions and more", "import partners and products");
}

bool cmd_doctor(call *c, err *e) {
    (void)e;
    answer_list(c, columns, ARRAY_LEN(columns));
    check_chain(c);
    check_clock(c);
    check_mode(c, "", 0700);
    check_mode(c, "data.mdb", 0600);
    check_mode(c, "server.secret", 0600);
    check_sync(c);
    check_files(c);
    check_catalogue(c);
    return true;
}
