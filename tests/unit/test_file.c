/* links: base */
#include "base/file.h"
#include "tests/unit/temp_dir.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char home[TEMP_DIR];

static int setup(void **state) {
    (void)state;
    return temp_dir_make(home) ? 0 : -1;
}

static int teardown(void **state) {
    (void)state;
    return temp_dir_remove(home);
}

static const char *in_home(const char *name) {
    static char path[PATH_SIZE];
    err e;
    assert_true(path_join(path, sizeof path, home, name, &e));
    return path;
}

static size_t files_in_home(void) {
    size_t n = 0;
    DIR *d = opendir(home);
    while (readdir(d)) n++;
    (void)closedir(d);
    return n - 2;
}

static void written_files_read_back(void **state) {
    (void)state;
    static const size_t sizes[] = {0, 1, 65535, 65536, 65537, 300000};
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        AUTO(buf) in = {0}, out = {0};
        err e;
        for (size_t k = 0; k < sizes[i]; k++) buf_byte(&in, (char)(k * 31 >> 3));
        assert_true(file_write(in_home("f"), buf_str(&in), 0600, &e));
        buf_addz(&out, "kept:");
        assert_true(file_read(in_home("f"), sizes[i], &out, &e));
        assert_true(str_eq(str_skip(buf_str(&out), 5), buf_str(&in)));
        if (sizes[i] == 0) continue;
        buf_clear(&out);
        assert_false(file_read(in_home("f"), sizes[i] - 1, &out, &e));
        assert_int_equal(e.code, ERR_DATA);
    }
    assert_int_equal(files_in_home(), 1); /* no temporary is left */
}

static void a_file_is_replaced_whole_with_its_mode(void **state) {
    (void)state;
    err e;
    struct stat st;
    mode_t old = umask(077);
    assert_true(file_write(in_home("f"), STR("first and longer"), 0644, &e));
    assert_int_equal(stat(in_home("f"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0644); /* whatever the umask */
    ino_t first = st.st_ino;
    assert_true(file_write(in_home("f"), STR("second"), 0600, &e));
    assert_int_equal(stat(in_home("f"), &st), 0);
    assert_true(st.st_ino != first && (st.st_mode & 0777) == 0600 && st.st_size == 6);
    (void)umask(old);
}

static void failures_name_the_path(void **state) {
    (void)state;
    AUTO(buf) out = {0};
    err e;
    assert_false(file_read(in_home("absent"), 10, &out, &e));
    assert_int_equal(e.code, ERR_NOT_FOUND);
    assert_non_null(strstr(e.text, "absent"));
    assert_false(file_write(in_home("absent/f"), STR("x"), 0600, &e));
    assert_int_equal(e.code, ERR_NOT_FOUND);
    assert_false(file_sync_dir(in_home("absent"), &e));
    assert_int_equal(mkdir(in_home("d"), 0700), 0);
    assert_false(file_read(home, 10, &out, &e)); /* a folder */
    assert_false(file_write(in_home("d"), STR("x"), 0600, &e));
    assert_int_equal(files_in_home(), 1);
    assert_false(file_exists(in_home("f")));
}

static void folders_are_made_with_their_parents(void **state) {
    (void)state;
    err e;
    struct stat st;
    assert_true(file_mkdirs(in_home("a/b/c"), 0750, &e));
    assert_int_equal(stat(in_home("a/b/c"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0750);
    assert_int_equal(stat(in_home("a/b"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    assert_true(file_mkdirs(in_home("a/b/c"), 0750, &e));
    assert_true(file_sync_dir(in_home("a/b"), &e));
    assert_true(file_write(in_home("plain"), STR(""), 0600, &e));
    assert_false(file_mkdirs(in_home("plain"), 0700, &e));
    assert_false(file_mkdirs(in_home("plain/below"), 0700, &e));
}

static void paths_that_are_too_long(void **state) {
    (void)state;
    char small[8], name[PATH_SIZE + 1];
    err e;
    assert_true(path_join(small, sizeof small, "abc", "def", &e));
    assert_string_equal(small, "abc/def");
    assert_false(path_join(small, sizeof small, "abc", "defg", &e));
    assert_int_equal(e.code, ERR_DATA);
    memset(name, 'n', sizeof name - 1);
    name[PATH_SIZE] = '\0';
    assert_false(file_mkdirs(name, 0700, &e));
    assert_false(file_write(name, STR("x"), 0600, &e));
}

#define IN_HOME(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_HOME(written_files_read_back), IN_HOME(a_file_is_replaced_whole_with_its_mode),
        IN_HOME(failures_name_the_path),  IN_HOME(folders_are_made_with_their_parents),
        IN_HOME(paths_that_are_too_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
