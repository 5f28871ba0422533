#include "tools/bench/measure.h"

#include "base/clock.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* "Name:   123 kB" → 123 */
static int64_t field_of(pid_t pid, const char *file, const char *name) {
    char path[64], line[256];
    int64_t value = 0;
    (void)snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, file);
    FILE *f = fopen(path, "re");
    while (f && fgets(line, sizeof line, f))
        if (strncmp(line, name, strlen(name)) == 0) value = strtoll(line + strlen(name), NULL, 10);
    if (f) (void)fclose(f);
    return value;
}

static int64_t cpu_of(pid_t pid) {
    char path[64], text[1024];
    (void)snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *f = fopen(path, "re");
    size_t n = f ? fread(text, 1, sizeof text - 1, f) : 0;
    if (f) (void)fclose(f);
    text[n] = '\0';
    char *at = strrchr(text, ')'); /* the name may hold blanks; fields count from behind it */
    if (at == NULL) return 0;
    unsigned long long user = 0, sys = 0;
    if (sscanf(at + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu", &user, &sys) != 2) return 0;
    return (int64_t)((user + sys) * 1000000 / (unsigned long long)sysconf(_SC_CLK_TCK));
}

usage usage_of(pid_t pid) {
    return (usage){.rss_anon = field_of(pid, "status", "RssAnon:") * 1024,
                   .rss_peak = field_of(pid, "status", "VmHWM:") * 1024,
                   .written = field_of(pid, "io", "write_bytes:"),
                   .cpu_us = cpu_of(pid)};
}

static int by_value(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

int64_t percentile(int64_t *values, size_t n, unsigned p) {
    if (n == 0) return 0;
    qsort(values, n, sizeof *values, by_value);
    size_t at = n * p / 100;
    return values[at < n ? at : n - 1];
}

int64_t fsync_median_us(const char *dir, unsigned n) {
    char path[512], block[4096] = {0};
    int64_t us[256];
    if (n > 256) n = 256;
    (void)snprintf(path, sizeof path, "%s/fsync-probe", dir);
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) return -1;
    size_t done = 0;
    for (unsigned i = 0; i < n; i++) {
        int64_t begin = mono_us();
        if (pwrite(fd, block, sizeof block, (off_t)(i * sizeof block)) != sizeof block || fdatasync(fd) != 0) break;
        us[done++] = mono_us() - begin;
    }
    (void)close(fd);
    (void)unlink(path);
    return done ? percentile(us, done, 50) : -1;
}
