/* centre — a real daemon under measurement, in a folder of its own, and enrolled homes for it. The programs are those
 * beside channel-bench. */
#ifndef BENCH_CENTRE_H
#define BENCH_CENTRE_H

#include "base/file.h"
#include "tools/bench/load.h"
#include <sys/types.h>

typedef struct centre {
    char bin[PATH_SIZE];   /* folder of the programs */
    char dir[PATH_SIZE];   /* everything of this run */
    char homes[PATH_SIZE]; /* of the agents, in homes/; "": below dir */
    char data[PATH_SIZE];  /* the daemon's folder */
    char endpoint[64];     /* tcp://127.0.0.1:PORT */
    pid_t daemon;          /* 0: not running */
} centre;

/** Start a daemon on dir/data (made when absent) and wait until it answers. */
MUST_USE bool centre_start(centre *c, err *e);
/** SIGTERM, or SIGKILL, and wait. */
void centre_stop(centre *c, int signal);
/** The catalogue of the load. */
MUST_USE bool centre_catalogue(centre *c, const load_shape *s, err *e);
/** Enrol one home for each partner below dir/homes; the path of the i-th is centre_home(). */
MUST_USE bool centre_enrol(centre *c, unsigned partners, err *e);
void centre_home(const centre *c, unsigned partner, char out[static PATH_SIZE]);
/** Bytes of the values in the journal, and its entries. */
MUST_USE bool centre_journal_bytes(const centre *c, uint64_t *bytes, uint64_t *entries, err *e);

#endif
