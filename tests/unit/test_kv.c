/* links: kv */
#include "base/file.h"
#include "base/rng.h"
#include "kv/internal.h"
#include "tests/unit/temp_dir.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { T_ONE, T_TWO, TABLES };
static const char *const tables[] = {"one", "two"};
static const kv_options small = {.tables = tables, .table_count = TABLES, .map_size = 1 << 20};
static const kv_options reading = {.tables = tables, .table_count = TABLES, .read_only = true};
static char home[TEMP_DIR];

static const char *in_home(const char *name) {
    static char path[2][PATH_SIZE];
    static unsigned turn;
    turn ^= 1;
    (void)snprintf(path[turn], PATH_SIZE, "%s/%s", home, name);
    return path[turn];
}

static void clear_folder(const char *dir) {
    assert_int_equal(temp_dir_remove(dir), 0);
}

static int setup(void **state) {
    (void)state;
    return temp_dir_make(home) ? 0 : -1;
}

static int teardown(void **state) {
    (void)state;
    clear_folder(home);
    return 0;
}

static kv *open_small(void) {
    err e;
    kv *db = NULL;
    if (!kv_open(home, &small, &db, &e)) fail_msg("%s", e.text);
    return db;
}

static txn *begin(kv *db, txn_mode mode) {
    err e;
    txn *t = NULL;
    if (!txn_begin(db, mode, &t, &e)) fail_msg("%s", e.text);
    return t;
}

static void commit(txn *t) {
    err e;
    if (!txn_commit(&t, &e)) fail_msg("%s", e.text);
    assert_null(t);
}

static void put_all(kv *db, const char *const *keys, size_t n) {
    txn *t = begin(db, TXN_WRITE);
    for (size_t i = 0; i < n; i++) kv_put(t, T_ONE, str_of(keys[i]), str_of(keys[i]));
    commit(t);
}

static void creates_private_whole_file(void **state) {
    (void)state;
    kv *db = open_small();
    struct stat st;
    assert_int_equal(stat(in_home("data.mdb"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_false(file_exists(in_home("data.new")));
    kv_stats s;
    err e;
    assert_true(kv_stat(db, &s, &e));
    assert_int_equal(s.last_txn, 1); /* the tables were committed before the file got its name */
    assert_int_equal(s.map_size, small.map_size);
    kv_close(db);
}

static void leftovers_of_a_cut_creation_do_not_matter(void **state) {
    (void)state;
    err e;
    assert_int_equal(mkdir(in_home("data.new"), 0700), 0);
    assert_true(file_write(in_home("data.new/data.mdb"), STR("torn half of a meta page"), 0600, &e));
    assert_true(file_write(in_home("data.new/lock.mdb"), STR("old"), 0600, &e));
    kv *db = open_small();
    assert_false(file_exists(in_home("data.new")));
    put_all(db, (const char *const[]){"kept"}, 1);
    kv_close(db);
    /* killed between the rename and the cleaning up: the good file stays */
    assert_int_equal(mkdir(in_home("data.new"), 0700), 0);
    db = open_small();
    assert_false(file_exists(in_home("data.new")));
    txn *t = begin(db, TXN_READ);
    str v;
    assert_true(kv_get(t, T_ONE, STR("kept"), &v));
    txn_abort(&t);
    kv_close(db);
}

/* Whenever a creation is killed, the next start finds no database or a whole one. */
static void killed_creation_leaves_none_or_a_whole_one(void **state) {
    (void)state;
    for (useconds_t delay = 0; delay < 4000; delay += 100) {
        pid_t child = fork();
        if (child == 0) {
            kv *db;
            err e;
            _exit(kv_open(home, &small, &db, &e) ? 0 : 1);
        }
        (void)usleep(delay);
        (void)kill(child, SIGKILL);
        assert_int_equal(waitpid(child, NULL, 0), child);
        kv_close(open_small());
        clear_folder(home);
        assert_int_equal(mkdir(home, 0700), 0);
    }
}

static void refuses_what_it_cannot_open(void **state) {
    (void)state;
    err e;
    kv *db = NULL;
    assert_false(kv_open(in_home("absent"), &small, &db, &e));
    assert_int_equal(e.code, ERR_NOT_FOUND);
    assert_false(kv_open(home, &reading, &db, &e));
    assert_int_equal(e.code, ERR_NOT_FOUND);
    assert_false(file_exists(in_home("data.mdb")));
    assert_true(file_write(in_home("data.mdb"), STR("this is no database, whatever it is called"), 0600, &e));
    assert_false(kv_open(home, &small, &db, &e));
    assert_int_equal(e.code, ERR_DATA);
    assert_null(db);
}

static void read_only_names_a_missing_table(void **state) {
    (void)state;
    err e;
    kv *db = NULL;
    kv_options fewer = small;
    fewer.table_count = 1;
    assert_true(kv_open(home, &fewer, &db, &e));
    kv_close(db);
    db = NULL;
    assert_false(kv_open(home, &reading, &db, &e));
    assert_int_equal(e.code, ERR_CONFIG);
    assert_non_null(strstr(e.text, "two"));
    kv_close(open_small()); /* a writer adds it */
    assert_true(kv_open(home, &reading, &db, &e));
    kv_close(db);
}

static void network_disks_are_refused_by_name(void **state) {
    (void)state;
    assert_string_equal(refused_file_system(NFS_SUPER_MAGIC), "NFS");
    assert_string_equal(refused_file_system(FUSE_SUPER_MAGIC), "FUSE");
    assert_string_equal(refused_file_system(0xff534d42), "CIFS");
    assert_null(refused_file_system(EXT4_SUPER_MAGIC));
    assert_null(refused_file_system(TMPFS_MAGIC));
}

static void only_the_default_mode(void **state) {
    (void)state;
    kv *db = open_small();
    unsigned flags = 0;
    assert_int_equal(mdb_env_get_flags(db->env, &flags), 0);
    assert_int_equal(flags, MDB_NOTLS);
    kv_close(db);
}

static void files_are_not_inherited(void **state) {
    (void)state;
    kv *db = open_small();
    int seen = 0;
    for (int fd = 3; fd < 64; fd++) {
        char link[64], to[PATH_SIZE];
        (void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
        ssize_t n = readlink(link, to, sizeof to - 1);
        if (n <= 0 || !str_ends(str_from(to, (size_t)n), STR(".mdb"))) continue;
        assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
        seen++;
    }
    assert_true(seen >= 2);
    kv_close(db);
}

static void puts_gets_deletes(void **state) {
    (void)state;
    kv *db = open_small();
    txn *t = begin(db, TXN_WRITE);
    str v;
    assert_false(kv_get(t, T_ONE, STR("a"), &v));
    kv_put(t, T_ONE, STR("a"), STR("1"));
    kv_put(t, T_ONE, STR("a"), STR("2"));
    kv_put(t, T_ONE, STR("empty"), STR(""));
    void *room = kv_reserve(t, T_ONE, STR("r"), 3);
    assert_non_null(room);
    memcpy(room, "xyz", 3);
    commit(t);
    t = begin(db, TXN_WRITE);
    assert_true(kv_get(t, T_ONE, STR("a"), &v) && str_is(v, "2"));
    assert_true(kv_get(t, T_ONE, STR("r"), &v) && str_is(v, "xyz"));
    assert_true(kv_get(t, T_ONE, STR("empty"), &v) && v.n == 0);
    assert_false(kv_get(t, T_TWO, STR("a"), &v));
    assert_true(kv_del(t, T_ONE, STR("a")));
    assert_false(kv_del(t, T_ONE, STR("a")));
    assert_int_equal(kv_count(t, T_ONE), 2);
    kv_clear(t, T_ONE);
    assert_int_equal(kv_count(t, T_ONE), 0);
    assert_true(txn_ok(t, NULL));
    txn_abort(&t);
    t = begin(db, TXN_READ);
    assert_int_equal(kv_count(t, T_ONE), 3); /* the abort undid all */
    txn_abort(&t);
    kv_close(db);
}

static void append_wants_order(void **state) {
    (void)state;
    kv *db = open_small();
    err e;
    txn *t = begin(db, TXN_WRITE);
    kv_append(t, T_ONE, STR("a"), STR("1"));
    kv_append(t, T_ONE, STR("b"), STR("2"));
    assert_true(txn_ok(t, &e));
    kv_append(t, T_ONE, STR("ab"), STR("3"));
    assert_false(txn_ok(t, &e));
    txn_abort(&t);
    kv_close(db);
}

static void first_failure_sticks(void **state) {
    (void)state;
    kv *db = open_small();
    put_all(db, (const char *const[]){"old", "older"}, 2);
    err e, why, later;
    str v;
    txn *t = begin(db, TXN_WRITE);
    kv_put(t, T_ONE, STR("new"), STR("1"));
    err_set(&why, ERR_DATA, "record 7 cannot be read");
    err_set(&later, ERR_INTERNAL, "something else");
    txn_fail(t, &why);
    txn_fail(t, &later);
    assert_false(kv_get(t, T_ONE, STR("old"), &v));
    assert_null(kv_reserve(t, T_ONE, STR("x"), 4));
    kv_put(t, T_ONE, STR("x"), STR("1"));
    kv_append(t, T_ONE, STR("z"), STR("1"));
    assert_false(kv_del(t, T_ONE, STR("old")));
    kv_clear(t, T_ONE);
    assert_int_equal(kv_count(t, T_ONE), 0);
    kv_cursor c = kv_from(t, T_ONE, STR(""), STR_NONE);
    assert_false(kv_next(&c));
    assert_false(txn_ok(t, &e));
    assert_string_equal(e.text, "record 7 cannot be read");
    assert_false(txn_commit(&t, &e));
    assert_null(t);
    assert_int_equal(e.code, ERR_DATA);
    assert_string_equal(e.text, "record 7 cannot be read");
    t = begin(db, TXN_READ);
    assert_int_equal(kv_count(t, T_ONE), 2);
    txn_abort(&t);
    kv_close(db);
}

static void a_failure_ends_a_walk(void **state) {
    (void)state;
    kv *db = open_small();
    put_all(db, (const char *const[]){"a", "b", "c"}, 3);
    txn *t = begin(db, TXN_WRITE);
    err why;
    err_set(&why, ERR_DATA, "stop");
    unsigned n = 0;
    for (AUTO(kv_cursor) c = kv_from(t, T_ONE, STR(""), STR_NONE); kv_next(&c); n++) txn_fail(t, &why);
    assert_int_equal(n, 1);
    txn_abort(&t);
    kv_close(db);
}

static void impossible_keys_fail_the_transaction(void **state) {
    (void)state;
    kv *db = open_small();
    char longest[512];
    memset(longest, 'k', sizeof longest);
    err e;
    str v;
    txn *t = begin(db, TXN_WRITE);
    kv_put(t, T_ONE, str_from(longest, 511), STR("1"));
    assert_true(txn_ok(t, NULL));
    assert_false(kv_get(t, T_ONE, str_from(longest, 512), &v));
    assert_true(txn_ok(t, NULL));
    kv_put(t, T_ONE, str_from(longest, 512), STR("1"));
    assert_false(txn_commit(&t, &e));
    kv_close(db);
}

/* keys that try the edges of prefixes */
static const char *const ladder[] = {"a",  "a\x01", "a\xff", "a\xff\xff", "b",       "ba",
                                     "bb", "bba",   "c",     "\xff",      "\xff\xff"};

static const struct walk_case {
    const char *prefix, *start; /* NULL: from the end of the prefix */
    bool back;
    const char *want; /* keys, joined by a space */
} walks[] = {
    {"", NULL, false, "a a\x01 a\xff a\xff\xff b ba bb bba c \xff \xff\xff"},
    {"", NULL, true, "\xff\xff \xff c bba bb ba b a\xff\xff a\xff a\x01 a"},
    {"b", NULL, false, "b ba bb bba"},
    {"b", NULL, true, "bba bb ba b"},
    {"b", "bab", false, "bb bba"},
    {"b", "bb", false, "bb bba"},
    {"b", "bb", true, "bb ba b"},
    {"b", "bab", true, "ba b"},
    {"b", "bz", true, "bba bb ba b"},
    {"b", "d", true, "bba bb ba b"},
    {"b", "d", false, ""},
    {"b", "a", false, "b ba bb bba"},
    {"b", "a", true, ""},
    {"a\xff", NULL, true, "a\xff\xff a\xff"},
    {"\xff", NULL, false, "\xff \xff\xff"},
    {"\xff", NULL, true, "\xff\xff \xff"},
    {"\xff\xff", NULL, true, "\xff\xff"},
    {"bc", NULL, false, ""},
    {"bc", NULL, true, ""},
    {"", "bab", true, "ba b a\xff\xff a\xff a\x01 a"},
    {"", "", true, ""},
    {"", "", false, "a a\x01 a\xff a\xff\xff b ba bb bba c \xff \xff\xff"},
};

static void check_walk(txn *t, const struct walk_case *w) {
    buf got = {0};
    str start = w->start ? str_of(w->start) : STR_NONE, prefix = str_of(w->prefix);
    kv_cursor c = w->back ? kv_back(t, T_ONE, prefix, start) : kv_from(t, T_ONE, prefix, start);
    while (kv_next(&c)) {
        assert_true(str_eq(c.key, c.val));
        if (got.n) buf_byte(&got, ' ');
        buf_add(&got, c.key);
    }
    assert_false(kv_next(&c));
    assert_string_equal(buf_z(&got), w->want);
    buf_free(&got);
}

static void walks_keep_to_their_prefix(void **state) {
    (void)state;
    kv *db = open_small();
    put_all(db, ladder, ARRAY_LEN(ladder));
    for (txn_mode mode = TXN_READ; mode <= TXN_WRITE; mode++) {
        txn *t = begin(db, mode);
        for (size_t i = 0; i < ARRAY_LEN(walks); i++) check_walk(t, &walks[i]);
        assert_true(txn_ok(t, NULL));
        txn_abort(&t);
    }
    kv_close(db);
}

static void a_walk_in_an_empty_table(void **state) {
    (void)state;
    kv *db = open_small();
    txn *t = begin(db, TXN_READ);
    kv_cursor c = kv_from(t, T_TWO, STR("x"), STR_NONE);
    assert_false(kv_next(&c));
    c = kv_back(t, T_TWO, STR(""), STR("x"));
    assert_false(kv_next(&c));
    txn_abort(&t);
    kv_close(db);
}

/* Against a sorted list: random keys, both directions, random starts. */
static int by_text(const void *a, const void *b) {
    return str_cmp(*(const str *)a, *(const str *)b);
}

static void walks_match_a_sorted_list(void **state) {
    (void)state;
    enum { N = 400 };
    static char text[N][6];
    str sorted[N];
    rng r = {7};
    kv *db = open_small();
    txn *t = begin(db, TXN_WRITE);
    for (size_t i = 0; i < N; i++) {
        size_t n = 1 + (size_t)rng_below(&r, 5);
        for (size_t k = 0; k < n; k++) text[i][k] = (char)('a' + rng_below(&r, 3));
        sorted[i] = str_from(text[i], n);
        kv_put(t, T_ONE, sorted[i], sorted[i]);
    }
    commit(t);
    qsort(sorted, N, sizeof *sorted, by_text);
    size_t n = 1;
    for (size_t i = 1; i < N; i++)
        if (!str_eq(sorted[i], sorted[n - 1])) sorted[n++] = sorted[i];
    t = begin(db, TXN_READ);
    assert_int_equal(kv_count(t, T_ONE), n);
    for (size_t turn = 0; turn < 500; turn++) {
        str start = str_take(sorted[rng_below(&r, n)], 1 + (size_t)rng_below(&r, 5));
        str prefix = str_take(start, (size_t)rng_below(&r, 3));
        size_t up = 0, down = n;
        while (up < n && str_cmp(sorted[up], start) < 0) up++;
        while (down > 0 && str_cmp(sorted[down - 1], start) > 0) down--;
        kv_cursor c = kv_from(t, T_ONE, prefix, start);
        for (; up < n && str_starts(sorted[up], prefix); up++) assert_true(kv_next(&c) && str_eq(c.key, sorted[up]));
        assert_false(kv_next(&c));
        c = kv_back(t, T_ONE, prefix, start);
        for (; down > 0 && str_starts(sorted[down - 1], prefix); down--)
            assert_true(kv_next(&c) && str_eq(c.key, sorted[down - 1]));
        assert_false(kv_next(&c));
    }
    txn_abort(&t);
    kv_close(db);
}

static void full_map_fails_and_harms_nothing(void **state) {
    (void)state;
    kv *db = open_small();
    put_all(db, (const char *const[]){"before"}, 1);
    txn *t = begin(db, TXN_WRITE);
    uint8_t key[8], page[3000] = {0};
    err e;
    for (uint64_t i = 0; txn_ok(t, NULL); i++) {
        assert_true(i < 1000);
        put_be64(key, i);
        kv_put(t, T_TWO, str_from(key, 8), str_from(page, sizeof page));
    }
    assert_false(txn_commit(&t, &e));
    assert_int_equal(e.code, ERR_FULL);
    put_all(db, (const char *const[]){"after"}, 1);
    kv_close(db);
    db = open_small();
    t = begin(db, TXN_READ);
    str v;
    assert_true(kv_get(t, T_ONE, STR("before"), &v) && kv_get(t, T_ONE, STR("after"), &v));
    assert_int_equal(kv_count(t, T_TWO), 0);
    txn_abort(&t);
    kv_close(db);
}

static void readers_keep_their_state_until_renewed(void **state) {
    (void)state;
    kv *db = open_small();
    err e;
    txn *old = begin(db, TXN_READ), *other = begin(db, TXN_READ); /* two in one thread */
    put_all(db, (const char *const[]){"a"}, 1);
    put_all(db, (const char *const[]){"b"}, 1);
    assert_int_equal(kv_count(old, T_ONE), 0);
    kv_stats s;
    assert_true(kv_stat(db, &s, &e));
    assert_int_equal(s.readers, 2);
    assert_int_equal(s.oldest_reader_lag, 2);
    assert_true(txn_renew(old, &e));
    assert_int_equal(kv_count(old, T_ONE), 2);
    txn_abort(&other);
    assert_true(kv_stat(db, &s, &e));
    assert_int_equal(s.readers, 1);
    assert_int_equal(s.oldest_reader_lag, 0);
    assert_true(s.used_bytes > 0 && s.used_bytes <= s.map_size);
    txn_abort(&old);
    kv_close(db);
}

/* The other process of the two tests below: open, do as told by one byte, answer one byte. */
static void read_beside(int orders, int answers) {
    kv *db = NULL;
    txn *t = NULL;
    err e;
    char order;
    bool ok = true;
    while (read(orders, &order, 1) == 1 && order != 'q') {
        str v;
        if (order == 'o') ok = kv_open(home, &reading, &db, &e) && txn_begin(db, TXN_READ, &t, &e);
        if (order == 'r') ok = txn_renew(t, &e);
        if (order == 'g') ok = kv_get(t, T_ONE, STR("seen"), &v);
        if (write(answers, ok ? "y" : "n", 1) != 1) break;
    }
    _exit(0);
}

static char ask(int orders, int answers, char order) {
    char answer = '?';
    assert_int_equal(write(orders, &order, 1), 1);
    assert_int_equal(read(answers, &answer, 1), 1);
    return answer;
}

static void read_only_beside_a_writer(void **state) {
    (void)state;
    int orders[2], answers[2], stale = -1;
    assert_int_equal(pipe(orders) | pipe(answers), 0);
    pid_t child = fork();
    if (child == 0) read_beside(orders[0], answers[1]);
    kv *db = open_small();
    assert_int_equal(ask(orders[1], answers[0], 'o'), 'y');
    put_all(db, (const char *const[]){"seen"}, 1);
    assert_int_equal(ask(orders[1], answers[0], 'g'), 'n');
    assert_int_equal(ask(orders[1], answers[0], 'r'), 'y');
    assert_int_equal(ask(orders[1], answers[0], 'g'), 'y');
    kv_stats s;
    err e;
    assert_true(kv_stat(db, &s, &e) && s.readers == 1);
    assert_true(kv_reader_check(db, &stale, &e) && stale == 0);
    assert_int_equal(kill(child, SIGKILL), 0); /* dies with its transaction open */
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_true(kv_reader_check(db, &stale, &e) && stale == 1);
    assert_true(kv_stat(db, &s, &e) && s.readers == 0);
    kv_close(db);
    for (size_t i = 0; i < 2; i++) (void)close(orders[i]), (void)close(answers[i]);
}

static void a_copy_is_whole_and_compact(void **state) {
    (void)state;
    err e;
    kv *db = open_small();
    uint8_t key[8], page[2000] = {0};
    txn *t = begin(db, TXN_WRITE);
    for (uint64_t i = 0; i < 200; i++) {
        put_be64(key, i);
        kv_put(t, T_TWO, str_from(key, 8), str_from(page, sizeof page));
    }
    commit(t);
    t = begin(db, TXN_WRITE);
    kv_clear(t, T_TWO);
    kv_put(t, T_ONE, STR("kept"), STR("1"));
    commit(t);
    assert_int_equal(mkdir(in_home("copy"), 0700), 0);
    assert_true(kv_copy(db, in_home("copy"), &e));
    struct stat big, slim;
    assert_int_equal(stat(in_home("data.mdb"), &big) | stat(in_home("copy/data.mdb"), &slim), 0);
    assert_int_equal(slim.st_mode & 0777, 0600);
    assert_true(slim.st_size * 4 < big.st_size);
    assert_false(file_exists(in_home("copy/data.mdb.copy")));
    assert_false(kv_copy(db, in_home("copy"), &e));
    assert_int_equal(e.code, ERR_CONFLICT);
    assert_false(kv_copy(db, in_home("nowhere"), &e));
    kv_close(db);
    assert_true(kv_open(in_home("copy"), &reading, &db, &e));
    t = begin(db, TXN_READ);
    str v;
    assert_true(kv_get(t, T_ONE, STR("kept"), &v));
    assert_int_equal(kv_count(t, T_TWO), 0);
    txn_abort(&t);
    kv_close(db);
}

#define IN_HOME(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_HOME(creates_private_whole_file),
        IN_HOME(leftovers_of_a_cut_creation_do_not_matter),
        IN_HOME(killed_creation_leaves_none_or_a_whole_one),
        IN_HOME(refuses_what_it_cannot_open),
        IN_HOME(read_only_names_a_missing_table),
        IN_HOME(network_disks_are_refused_by_name),
        IN_HOME(only_the_default_mode),
        IN_HOME(files_are_not_inherited),
        IN_HOME(puts_gets_deletes),
        IN_HOME(append_wants_order),
        IN_HOME(first_failure_sticks),
        IN_HOME(a_failure_ends_a_walk),
        IN_HOME(impossible_keys_fail_the_transaction),
        IN_HOME(walks_keep_to_their_prefix),
        IN_HOME(a_walk_in_an_empty_table),
        IN_HOME(walks_match_a_sorted_list),
        IN_HOME(full_map_fails_and_harms_nothing),
        IN_HOME(readers_keep_their_state_until_renewed),
        IN_HOME(read_only_beside_a_writer),
        IN_HOME(a_copy_is_whole_and_compact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
