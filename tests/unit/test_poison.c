/* links: service */
#include "daemon/service/poison.h"

#include "base/file.h"
#include "base/log.h"
#include "proto/limits.h"
#include "tests/unit/temp_dir.h"
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <string.h>

typedef enum ending { END_CLEAN, END_KILL, END_SLOW_KILL, END_ABORT, END_IDLE_ABORT } ending;

static const uint8_t digest[DIGEST_SIZE] = {1, 2, 3}, other[DIGEST_SIZE] = {9};
static char dir[TEMP_DIR];

static int fresh(void **state) {
    (void)state;
    return temp_dir_make(dir) ? 0 : -1;
}

static int clear(void **state) {
    (void)state;
    return temp_dir_remove(dir);
}

/* A process takes up batch (agent, 7, seq) and ends in one way or another. */
static void live_and_end(uint64_t seq, ending how) {
    pid_t child = fork();
    if (child == 0) {
        struct rlimit none = {0};
        poison *p;
        err e;
        (void)setrlimit(RLIMIT_CORE, &none);
        (void)freopen("/dev/null", "w", stderr);
        if (!poison_open(dir, &p, &e)) _exit(9);
        poison_begin(p, STR("D1-1"), 7, seq, digest);
        if (how == END_CLEAN || how == END_IDLE_ABORT) poison_end(p);
        if (how == END_SLOW_KILL) usleep((LIMIT_WORK_MS + 600) * 1000);
        if (how == END_ABORT || how == END_IDLE_ABORT) abort();
        if (how != END_CLEAN) (void)kill(getpid(), SIGKILL);
        poison_close(p);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(how == END_CLEAN ? WIFEXITED(status) && WEXITSTATUS(status) == 0 : WIFSIGNALED(status));
}

static bool suspected(uint64_t seq, const uint8_t *which) {
    poison *p;
    err e;
    assert_true(poison_open(dir, &p, &e));
    bool yes = poison_suspects(p, STR("D1-1"), 7, seq, which);
    poison_close(p);
    return yes;
}

static void two_crashes_with_the_same_batch(void **state) {
    (void)state;
    live_and_end(4, END_ABORT);
    assert_false(suspected(4, digest));
    live_and_end(4, END_ABORT);
    assert_true(suspected(4, digest));
    assert_true(suspected(4, digest)); /* still, after a clean start */
    assert_false(suspected(5, digest));
    assert_false(suspected(4, other));
}

static void two_crashes_with_different_batches(void **state) {
    (void)state;
    live_and_end(4, END_ABORT);
    live_and_end(5, END_ABORT);
    live_and_end(4, END_ABORT);
    assert_false(suspected(4, digest));
    assert_false(suspected(5, digest));
}

static void a_quick_kill_is_nobodys_fault(void **state) {
    (void)state;
    for (int i = 0; i < 4; i++) live_and_end(4, END_KILL);
    assert_false(suspected(4, digest));
    for (int i = 0; i < 4; i++) live_and_end(4, END_IDLE_ABORT);
    for (int i = 0; i < 4; i++) live_and_end(4, END_CLEAN);
    assert_false(suspected(4, digest));
}

static void killed_while_it_took_too_long(void **state) {
    (void)state;
    live_and_end(4, END_SLOW_KILL);
    live_and_end(4, END_SLOW_KILL);
    assert_true(suspected(4, digest));
}

static void kept_bytes_are_a_file_of_their_own(void **state) {
    (void)state;
    poison *p;
    err e;
    char path[TEMP_DIR + 64];
    AUTO(buf) back = {0};
    assert_true(poison_open(dir, &p, &e));
    assert_true(poison_keep(p, STR("a/b-1"), 7, 4, STR("the bytes"), &e));
    poison_close(p);
    (void)snprintf(path, sizeof path, "%s/poison/a_b-1-0000000000000007-4.batch", dir);
    assert_true(file_read(path, 100, &back, &e));
    assert_true(str_is(buf_str(&back), "the bytes"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(two_crashes_with_the_same_batch, fresh, clear),
        cmocka_unit_test_setup_teardown(two_crashes_with_different_batches, fresh, clear),
        cmocka_unit_test_setup_teardown(a_quick_kill_is_nobodys_fault, fresh, clear),
        cmocka_unit_test_setup_teardown(killed_while_it_took_too_long, fresh, clear),
        cmocka_unit_test_setup_teardown(kept_bytes_are_a_file_of_their_own, fresh, clear),
    };
    log_set_level(LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
