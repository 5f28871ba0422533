/* temp_dir — a folder of one test, below $TMPDIR or where the system keeps such folders, and its removal. */
#ifndef TESTS_UNIT_TEMP_DIR_H
#define TESTS_UNIT_TEMP_DIR_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { TEMP_DIR = 256 };

/* Its path in `out`; false when it cannot be made. */
static inline bool temp_dir_make(char out[static TEMP_DIR]) {
    const char *below = getenv("TMPDIR");
    int n = snprintf(out, TEMP_DIR, "%s/channeld-test.XXXXXX", below && *below ? below : P_tmpdir);
    return n > 0 && n < TEMP_DIR && mkdtemp(out) != NULL;
}

static inline int temp_dir_drop(const char *path, const struct stat *st, int kind, struct FTW *at) {
    (void)st, (void)kind, (void)at;
    return remove(path);
}

/* With all that is in it; 0 when it is gone. */
static inline int temp_dir_remove(const char *dir) {
    return nftw(dir, temp_dir_drop, 16, FTW_DEPTH | FTW_PHYS);
}

#endif
