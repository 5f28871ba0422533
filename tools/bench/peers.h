/* peers — others doing the same work in the same run, so that a figure is a ratio and not a machine. */
#ifndef BENCH_PEERS_H
#define BENCH_PEERS_H

#include "base/err.h"
#include "base/file.h"
#include "tools/bench/load.h"

/** PostgreSQL 15: a private cluster in `dir`, fsync and synchronous_commit on, batches of 10,000 lines by COPY into an
 *  unlogged stage, then the same set-based work: documents and customers known, lines kept once, sums a day, a month
 * and a region. *lines_per_s is over the batches alone. ERR_UNAVAILABLE when PostgreSQL is not installed. */
MUST_USE bool peer_postgres(const load_shape *s, uint64_t seed, uint64_t lines, const char *dir, double *lines_per_s,
                            err *e);

/* A private cluster of PostgreSQL 15 in DIR/pg, fsync on, reached by its socket there. */
#define PG_BIN "/usr/lib/postgresql/15/bin"
/** *own: DIR/pg. ERR_UNAVAILABLE when PostgreSQL is not installed. */
MUST_USE bool peer_pg_start(const char *dir, char own[static PATH_SIZE], err *e);
/** Run a command line as the cluster's user; fmt takes `own` up to three times. */
MUST_USE bool peer_pg(const char *fmt, const char *own, err *e) __attribute__((format(printf, 1, 0)));
void peer_pg_stop(const char *own);

/** A bare loop of LMDB puts of the rows that our own work leaves a line: journal bytes appended, a posting, three sums
 *  read and written; a commit each 4,096 lines, default sync. */
MUST_USE bool peer_bare_lmdb(const load_shape *s, uint64_t seed, uint64_t lines, const char *dir, double *lines_per_s,
                             err *e);

#endif
