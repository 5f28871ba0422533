/* links: agentlib */
#include "agent_fixture.h"

#include "agent/dialect.h"
#include "agent/report.h"
#include "agent/submit.h"
#include "agent/watch.h"
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

enum { MIB = 1024 * 1024 };
static const char june[] = "type,number,date,sku,quantity\nsale,X1,2026-06-01,P1,3\nsale,X1,2026-06-01,P2,4\n"
                           "sale,X2,2026-06-02,P1,1\n";

typedef struct desk {
    folder f;
    home h;
    spool *s;
} desk;

static void desk_open(desk *d, uint64_t quota) {
    d->f = folder_make();
    d->h = (home){.lock_fd = -1};
    (void)str_copy_z(str_of(d->f.path), d->h.dir, sizeof d->h.dir);
    SUCCEEDS(home_prepare(d->f.path, e));
    d->s = spool_in(&d->f, quota);
}

static void desk_close(desk *d) {
    spool_close(d->s);
    folder_auto(&d->f);
}

static const char *put(desk *d, const char *name, const char *text, char path[static PATH_SIZE]) {
    SUCCEEDS(file_write(folder_in(&d->f, name, path), str_of(text), 0600, e));
    return path;
}

static bool submit(desk *d, const char *path, const char *yaml, upload *u, err *e) {
    submission sub = {.path = path, .mapping = yaml, .now_ms = 1000};
    return submit_file(&d->h, d->s, &sub, u, e);
}

/* ---- one file */

static void a_file_is_spooled_with_its_facts(void **state) {
    (void)state;
    desk d;
    upload u;
    char path[PATH_SIZE];
    desk_open(&d, 16 * MIB);
    SUCCEEDS(submit(&d, put(&d, "june.csv", june, path), NULL, &u, e));
    assert_string_equal(u.name, "june.csv");
    assert_int_equal(u.documents, 2);
    assert_int_equal(u.lines, 3);
    assert_int_equal(u.refused, 0);
    assert_int_equal(u.size, sizeof june - 1);
    assert_int_equal(spool_now(d.s)->last_seq, u.last_seq);
    desk_close(&d);
}

static void what_cannot_be_read_leaves_nothing(void **state) {
    (void)state;
    desk d;
    upload u;
    char path[PATH_SIZE];
    desk_open(&d, 16 * MIB);
    FAILS(ERR_NOT_FOUND, submit(&d, folder_in(&d.f, "absent.csv", path), NULL, &u, e));
    FAILS(ERR_DATA, submit(&d, put(&d, "empty.csv", "", path), NULL, &u, e));
    FAILS(ERR_DATA, submit(&d, put(&d, "letter.csv", "dear all\n", path), NULL, &u, e));
    FAILS(ERR_DATA, submit(&d, folder_in(&d.f, "inbox", path), NULL, &u, e));
    put(&d, "huge.csv", june, path);
    assert_int_equal(truncate(path, (off_t)LIMIT_FILE_BYTES + 1), 0);
    FAILS(ERR_DATA, submit(&d, path, NULL, &u, e));
    assert_int_equal(spool_now(d.s)->last_seq, 0);
    assert_int_equal(spool_now(d.s)->last_upload, 0);
    desk_close(&d);
}

static void rows_refused_here_are_counted(void **state) {
    (void)state;
    desk d;
    upload u;
    upload_sum sum;
    char path[PATH_SIZE];
    desk_open(&d, 16 * MIB);
    put(&d, "bad.csv", "type,number,date,sku,quantity\nsale,X1,2026-06-01,P1,three\nsale,X1,2026-06-01,P2,4\n", path);
    SUCCEEDS(submit(&d, path, NULL, &u, e));
    assert_int_equal(u.lines, 1);
    assert_int_equal(u.refused, 1);
    SUCCEEDS(spool_sum(d.s, &u, &sum, NULL, NULL, e));
    assert_int_equal(sum.refused, 1);
    assert_true(sum.problems >= 1);
    desk_close(&d);
}

static void titles_are_safe_to_show(void **state) {
    (void)state;
    static const struct {
        const char *path, *title;
    } rows[] = {{"/a/b/june.csv", "june.csv"},
                {"六月.csv", "六月.csv"},
                {"/x/\xC1\xF9.csv", "__.csv"},
                {"a\nb.csv", "a_b.csv"}};
    char title[LIMIT_FILE_NAME + 1], small[6];
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        file_title(rows[i].path, title, sizeof title);
        assert_string_equal(title, rows[i].title);
    }
    file_title("六月.csv", small, sizeof small); /* five bytes: no half letter */
    assert_string_equal(small, "六");
}

/* ---- mappings by make */

static void a_make_is_told_by_its_header(void **state) {
    (void)state;
    static const char first[] = "日期,商品,数量\n2026-06-01,A,3\n";
    static const struct {
        const char *text;
        bool same;
    } rows[] = {
        {"日期,商品,数量\n2026-07-01,B,4\n2026-07-01,C,4\n", true},
        {"六月销售,,\n\n日期,商品,数量\n2026-07-01,B,4\n", true},
        {"七月销售\n日期,商品,数量\r\n2026-07-01,B,4\r\n", true},
        {"\n日期,商品,数量\n", true},
        {"日期;商品;数量\n2026-07-01;B;4\n", false},
        {"日期,商品,数量,金额\n2026-07-01,B,4,5\n", false},
        {"日期,数量,商品\n2026-06-01,3,A\n", false},
    };
    char mark[SIGNATURE_SIZE], other[SIGNATURE_SIZE];
    dialect_signature(SOURCE(str_of(first)), mark);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        dialect_signature(SOURCE(str_of(rows[i].text)), other);
        if ((strcmp(mark, other) == 0) != rows[i].same) fail_msg("row %zu", i);
    }
    /* without a header: by the number of columns */
    dialect_signature(SOURCE(STR("2026-06-01;A;3\n")), mark);
    dialect_signature(SOURCE(STR("2026-06-02;B;4\n2026-06-02;C;9\n")), other);
    assert_string_equal(mark, other);
    /* EDIFACT: by the sender */
    dialect_signature(SOURCE(STR("UNA:+.? 'UNB+UNOA:2+SENDER1:14+ME:14+990101:1200+1'")), mark);
    dialect_signature(SOURCE(STR("UNA:+.? 'UNB+UNOA:2+SENDER1:14+ME:14+990202:1300+2'")), other);
    assert_string_equal(mark, other);
    dialect_signature(SOURCE(STR("UNB+UNOA:2+SENDER2:14+ME:14+990202:1300+2'")), other);
    assert_string_not_equal(mark, other);
    /* X12 too */
    dialect_signature(
        SOURCE(
            STR("ISA*00*          *00*          *ZZ*SENDER1        *ZZ*ME             *260601*1200*U*00401*000000001")),
        mark);
    dialect_signature(
        SOURCE(
            STR("ISA*00*          *00*          *ZZ*SENDER1        *ZZ*ME             *260702*1300*U*00401*000000002")),
        other);
    assert_string_equal(mark, other);
    dialect_signature(
        SOURCE(
            STR("ISA*00*          *00*          *ZZ*SENDER2        *ZZ*ME             *260702*1300*U*00401*000000002")),
        other);
    assert_string_not_equal(mark, other);
    /* HTML and other workbooks: by the cells of the header */
    dialect_signature(
        SOURCE(
            STR("<table><tr><td colspan=3>2026年6月<tr><td>日期<td>商品<td>数量<tr><td>2026-06-01<td>A<td>3</table>")),
        mark);
    dialect_signature(
        SOURCE(STR("<html><table border=1><tr><td colspan=3>2026年7月<tr><td>日期<td>商品<td>数量</table>")), other);
    assert_string_equal(mark, other);
    dialect_signature(SOURCE(STR("<table><tr><td>日期<td>商品<td>金额</table>")), other);
    assert_string_not_equal(mark, other);
}

static void a_mapping_given_once_is_remembered(void **state) {
    (void)state;
    static const char yaml[] = "columns: {date: Wann, sku: Was, quantity: Wieviel}\nconstants: {type: sale}\n";
    desk d;
    upload u;
    char path[PATH_SIZE], own[PATH_SIZE], other[PATH_SIZE];
    desk_open(&d, 16 * MIB);
    put(&d, "own.yaml", yaml, own);
    put(&d, "one.csv", "Wann,Was,Wieviel\n2026-06-01,A,3\n", path);
    FAILS(ERR_DATA, submit(&d, path, NULL, &u, e)); /* nobody knows these words */
    SUCCEEDS(submit(&d, path, own, &u, e));
    assert_string_equal(u.mapping, "own");
    put(&d, "two.csv", "Wann,Was,Wieviel\n2026-06-02,B,5\n2026-06-02,C,5\n", path);
    SUCCEEDS(submit(&d, path, NULL, &u, e));
    assert_string_equal(u.mapping, "own");
    assert_int_equal(u.lines, 2);
    put(&d, "wrong.yaml", "colums: {}\n", other);
    FAILS(ERR_CONFIG, submit(&d, path, other, &u, e));
    SUCCEEDS(submit(&d, path, NULL, &u, e)); /* a wrong one does not take the place of a good one */
    desk_close(&d);
}

/* ---- the inbox */

static void commit_all(desk *d, int64_t now_ms) {
    uint64_t from = spool_now(d->s)->acked_seq + 1, to = spool_now(d->s)->last_seq;
    SUCCEEDS(spool_ack(d->s, to, 1, STR_NONE, now_ms, e));
    for (uint64_t seq = from; seq <= to; seq++) {
        Wire__Receipt r = receipt_of(seq, 3);
        r.quarantined = 1, r.committed = 2;
        Wire__Problem p = WIRE__PROBLEM__INIT, *list[] = {&p};
        p.row = 3, p.column = (char *)(uintptr_t) "sku", p.found = (char *)(uintptr_t) "=cmd";
        r.problem = list, r.n_problem = 1, r.problem_count = 1;
        SUCCEEDS(spool_receipt(d->s, &r, e));
    }
    SUCCEEDS(spool_flush(d->s, e));
}

static void turn(watch *w, desk *d, int64_t mono_ms) {
    SUCCEEDS(watch_turn(w, &d->h, d->s, mono_ms, 1783000000000 + mono_ms, e));
}

static unsigned count(desk *d, const char *room, const char *ending) {
    char path[PATH_SIZE];
    unsigned n = 0;
    DIR *at = opendir(folder_in(&d->f, room, path));
    if (at == NULL) return 0;
    for (struct dirent *k; (k = readdir(at)) != NULL;)
        n += k->d_name[0] != '.' && str_ends(str_of(k->d_name), str_of(ending));
    closedir(at);
    return n;
}

static void age(const char *path, int64_t wall_ms) {
    struct timespec t[2] = {{.tv_sec = wall_ms / 1000}, {.tv_sec = wall_ms / 1000}};
    assert_int_equal(utimensat(AT_FDCWD, path, t, 0), 0);
}

static void an_inbox_file_is_taken_when_it_is_whole(void **state) {
    (void)state;
    desk d;
    watch *w;
    char path[PATH_SIZE];
    desk_open(&d, 16 * MIB);
    SUCCEEDS(watch_new(d.s, &w, e));
    put(&d, "inbox/june.csv", june, path);
    age(path, 1783000000000);
    turn(w, &d, 0);
    assert_int_equal(spool_now(d.s)->last_upload, 0); /* seen once only */
    int fd = open(path, O_WRONLY | O_APPEND);
    assert_true(write(fd, "sale,X3,2026-06-02,P1,1\n", 24) == 24); /* still growing */
    close(fd);
    age(path, 1783000001000);
    turn(w, &d, 1000);
    turn(w, &d, 2000);
    assert_int_equal(spool_now(d.s)->last_upload, 0);
    turn(w, &d, 3000);
    assert_int_equal(spool_now(d.s)->last_upload, 1);
    upload u;
    SUCCEEDS(spool_upload(d.s, 1, &u, e));
    assert_int_equal(u.lines, 4);
    turn(w, &d, 10000);
    assert_int_equal(spool_now(d.s)->last_upload, 1); /* and once only */
    assert_int_equal(count(&d, "inbox", ".csv"), 1);
    assert_int_equal(count(&d, "reports", ""), 0);
    commit_all(&d, 5);
    turn(w, &d, 11000);
    assert_int_equal(count(&d, "inbox", ".csv"), 0);
    assert_int_equal(count(&d, "archive/2026-07", "june.csv"), 1);
    assert_int_equal(count(&d, "reports", "june.csv-1.txt"), 1);
    assert_int_equal(count(&d, "reports", "june.csv-1.csv"), 1);
    AUTO(buf) csv = {0};
    SUCCEEDS(file_read(folder_in(&d.f, "reports/june.csv-1.csv", path), MIB, &csv, e));
    assert_true(str_has(buf_str(&csv), STR("june.csv,,3,sku,'=cmd,"))); /* defused for Excel */
    watch_free(w);
    desk_close(&d);
}

static void a_restart_does_not_take_a_file_twice(void **state) {
    (void)state;
    desk d;
    watch *w;
    char path[PATH_SIZE];
    desk_open(&d, 16 * MIB);
    SUCCEEDS(watch_new(d.s, &w, e));
    put(&d, "inbox/june.csv", june, path);
    for (int64_t t = 0; t < 5000; t += 1000) turn(w, &d, t);
    assert_int_equal(spool_now(d.s)->last_upload, 1);
    watch_free(w); /* killed here */
    SUCCEEDS(watch_new(d.s, &w, e));
    for (int64_t t = 0; t < 5000; t += 1000) turn(w, &d, t);
    assert_int_equal(spool_now(d.s)->last_upload, 1);
    watch_free(w); /* and killed again, committed meanwhile */
    commit_all(&d, 5);
    SUCCEEDS(watch_new(d.s, &w, e));
    turn(w, &d, 0);
    assert_int_equal(count(&d, "inbox", ".csv"), 0);
    assert_int_equal(count(&d, "reports", ".txt"), 1);
    upload u;
    SUCCEEDS(spool_upload(d.s, 1, &u, e));
    assert_true(u.closed_ms != 0);
    watch_free(w);
    desk_close(&d);
}

static void a_file_changed_after_it_was_taken_is_a_new_file(void **state) {
    (void)state;
    desk d;
    watch *w;
    char path[PATH_SIZE];
    desk_open(&d, 16 * MIB);
    SUCCEEDS(watch_new(d.s, &w, e));
    put(&d, "inbox/june.csv", june, path);
    for (int64_t t = 0; t < 5000; t += 1000) turn(w, &d, t);
    put(&d, "inbox/june.csv", "type,number,date,sku,quantity\nsale,X1,2026-06-01,P1,9\n", path);
    commit_all(&d, 5);
    for (int64_t t = 5000; t < 12000; t += 1000) turn(w, &d, t);
    assert_int_equal(spool_now(d.s)->last_upload, 2);
    commit_all(&d, 6);
    turn(w, &d, 13000);
    assert_int_equal(count(&d, "inbox", ".csv"), 0);
    assert_int_equal(count(&d, "reports", ".txt"), 2);
    watch_free(w);
    desk_close(&d);
}

static void what_cannot_be_read_stays_with_a_report(void **state) {
    (void)state;
    desk d;
    watch *w;
    char path[PATH_SIZE];
    desk_open(&d, 16 * MIB);
    SUCCEEDS(watch_new(d.s, &w, e));
    put(&d, "inbox/letter.csv", "dear all\n", path);
    put(&d, "inbox/half.csv.part", june, path);
    put(&d, "inbox/~$june.xlsx", "lock", path);
    for (int64_t t = 0; t < 6000; t += 1000) turn(w, &d, t);
    assert_int_equal(spool_now(d.s)->last_upload, 0);
    assert_int_equal(count(&d, "inbox", "letter.csv"), 1);
    assert_int_equal(count(&d, "reports", "letter.csv.txt"), 1);
    put(&d, "inbox/letter.csv", june, path); /* mended */
    for (int64_t t = 6000; t < 12000; t += 1000) turn(w, &d, t);
    assert_int_equal(spool_now(d.s)->last_upload, 1);
    assert_int_equal(count(&d, "reports", "letter.csv.txt"), 0);
    watch_free(w);
    desk_close(&d);
}

static void a_full_spool_leaves_files_in_the_inbox(void **state) {
    (void)state;
    desk d;
    watch *w;
    char path[PATH_SIZE];
    desk_open(&d, 10);
    SUCCEEDS(watch_new(d.s, &w, e));
    put(&d, "inbox/june.csv", june, path);
    for (int64_t t = 0; t < 6000; t += 1000) turn(w, &d, t);
    assert_int_equal(spool_now(d.s)->last_upload, 0);
    assert_int_equal(count(&d, "inbox", "june.csv"), 1);
    assert_int_equal(count(&d, "reports", ""), 0);
    spool_close(d.s); /* room again */
    watch_free(w);
    d.s = spool_in(&d.f, MIB);
    SUCCEEDS(watch_new(d.s, &w, e));
    for (int64_t t = 0; t < 6000; t += 1000) turn(w, &d, t);
    assert_int_equal(spool_now(d.s)->last_upload, 1);
    watch_free(w);
    desk_close(&d);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_spooled_with_its_facts),
        cmocka_unit_test(what_cannot_be_read_leaves_nothing),
        cmocka_unit_test(rows_refused_here_are_counted),
        cmocka_unit_test(titles_are_safe_to_show),
        cmocka_unit_test(a_make_is_told_by_its_header),
        cmocka_unit_test(a_mapping_given_once_is_remembered),
        cmocka_unit_test(an_inbox_file_is_taken_when_it_is_whole),
        cmocka_unit_test(a_restart_does_not_take_a_file_twice),
        cmocka_unit_test(a_file_changed_after_it_was_taken_is_a_new_file),
        cmocka_unit_test(what_cannot_be_read_stays_with_a_report),
        cmocka_unit_test(a_full_spool_leaves_files_in_the_inbox),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
