/* measure — what the operating system says of a process, and of the disk. */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include <stdint.h>
#include <sys/types.h>

typedef struct usage {
    int64_t rss_anon, rss_peak,
        written;    /* bytes; peak with file pages; written = what the process caused to be written to storage */
    int64_t cpu_us; /* user + system */
} usage;

usage usage_of(pid_t pid);

/** Median time of fdatasync after a write of 4 KiB in `dir`, microseconds, over `n` tries; -1 when it cannot be said.
 */
int64_t fsync_median_us(const char *dir, unsigned n);

/** p-th percentile (0–100) of n values; sorts them. 0 when there are none. */
int64_t percentile(int64_t *values, size_t n, unsigned p);

#endif
