/* links: journal formats */
#include "base/rng.h"
#include "daemon/journal/export.h"
#include "daemon/journal/follow.h"
#include "daemon/journal/verify.h"
#include "tests/unit/books.h"

#define HEAD "type,number,version,date,sku,quantity,unit,amount,customer,place,counterparty,gift,currency\n"

static void some_traffic(books *w) {
    books_fill(w);
    (void)books_push_csv(w, "D1", HEAD "sale,1,,2026-06-01,P1,20,箱,40.00,甲,,,,\nsale,2,,2026-06-02,P9,1,,1,乙,,,,\n");
    (void)books_push_csv(w, "D1", HEAD "sale,1,,2026-06-01,P1,2,箱,4.00,甲,,,,\n");
    (void)books_push_csv(w, "D2", HEAD "stock,1,,2026-06-03,P1,20,,,,,,,\ntransfer,3,,2026-06-04,P2,1,,1,,,S1,,\n");
    books_catalog(w, "product", "P9,,late,,,瓶,,,,13%\n");
    assert_int_equal(books_repost(w), 1);
}

static verify_report verify(books *w) {
    verify_report r;
    err e = {0};
    if (!journal_verify(w->db, w->dir, BOOKS_MAP, NULL, &r, &e)) fail_msg("%s", e.text);
    return r;
}

static void replay_gives_the_same_bytes(void **state) {
    (void)state;
    books w;
    books_open(&w);
    some_traffic(&w);
    verify_report r = verify(&w);
    if (!r.ok) fail_msg("%s", r.why);
    assert_true(r.entries > 8);
    assert_true(r.view[TABLE_FLOW_DAY].rows > 3);
    books_close(&w);
}

/* Change one byte of a stored value behind the journal's back. */
static void flip(books *w, store_table table, const key *k, size_t at) {
    txn *t = NULL;
    err e = {0};
    str val;
    AUTO(buf) b = {0};
    assert_true(txn_begin(w->db, TXN_WRITE, &t, &e));
    assert_true(kv_get(t, table, key_str(k), &val));
    buf_add(&b, val);
    assert_true(at < b.n);
    b.p[at] ^= 1;
    kv_put(t, table, key_str(k), buf_str(&b));
    assert_true(txn_commit(&t, &e));
}

static void a_changed_byte_is_named(void **state) {
    (void)state;
    static const size_t places[] = {0, 31, 32, 63, 64, 71, 72, 74, 80, 100};
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        books w;
        key k = {.n = 0};
        books_open(&w);
        some_traffic(&w);
        key_u64(&k, 6);
        flip(&w, TABLE_JOURNAL, &k, places[i]);
        verify_report r = verify(&w);
        assert_false(r.ok);
        if (!str_starts(str_of(r.why), STR("entry 6"))) fail_msg("byte %zu: %s", places[i], r.why);
        books_close(&w);
    }
}

static void a_changed_figure_is_named(void **state) {
    (void)state;
    books w;
    books_open(&w);
    some_traffic(&w);
    txn *t = books_read(&w);
    kv_cursor c = kv_from(t, TABLE_FLOW_MONTH, STR(""), STR_NONE);
    key k = {.n = 0};
    assert_true(kv_next(&c));
    key_bytes(&k, c.key.p, c.key.n);
    kv_end(&c);
    txn_abort(&t);
    flip(&w, TABLE_FLOW_MONTH, &k, 11);
    verify_report r = verify(&w);
    assert_false(r.ok);
    assert_true(r.differs[TABLE_FLOW_MONTH]);
    assert_false(r.differs[TABLE_FLOW_DAY]);
    assert_true(str_has(str_of(r.why), STR("flow_month")));
    books_close(&w);
}

static void a_missing_entry_is_named(void **state) {
    (void)state;
    books w;
    key k = {.n = 0};
    txn *t = NULL;
    err e = {0};
    books_open(&w);
    some_traffic(&w);
    key_u64(&k, 5);
    assert_true(txn_begin(w.db, TXN_WRITE, &t, &e));
    assert_true(kv_del(t, TABLE_JOURNAL, key_str(&k)));
    assert_true(txn_commit(&t, &e));
    verify_report r = verify(&w);
    assert_false(r.ok);
    assert_string_equal(r.why, "entry 5 is missing");
    books_close(&w);
}

static void a_refused_entry_leaves_nothing(void **state) {
    (void)state;
    books w;
    err e = {0};
    uint64_t before, after;
    int64_t time_ms;
    uint8_t hash[DIGEST_SIZE];
    books_open(&w);
    books_fill(&w);
    txn *t = books_read(&w);
    journal_head(t, &before, &time_ms, hash);
    txn_abort(&t);
    Entry__Withdraw body = ENTRY__WITHDRAW__INIT;
    body.upload = 77;
    assert_false(books_entry(&w, KIND_WITHDRAW, "user:root", &body.base, NULL, &e));
    assert_int_equal(e.code, ERR_NOT_FOUND);
    Entry__Upload sent = ENTRY__UPLOAD__INIT;
    sent.partner = (char *)(uintptr_t) "D1";
    sent.agent = (char *)(uintptr_t) "D1";
    sent.frame = (ProtobufCBinaryData){3, (uint8_t *)(uintptr_t) "abc"};
    assert_false(books_entry(&w, KIND_DOCUMENT, "agent:D1", &sent.base, NULL, &e));
    assert_int_equal(e.code, ERR_DATA);
    t = books_read(&w);
    journal_head(t, &after, &time_ms, hash);
    txn_abort(&t);
    assert_int_equal(before, after);
    assert_true(verify(&w).ok);
    books_close(&w);
}

static void time_never_runs_backwards(void **state) {
    (void)state;
    books w;
    uint64_t seq;
    int64_t first, second;
    uint8_t hash[DIGEST_SIZE];
    books_open(&w);
    books_partners(&w);
    txn *t = books_read(&w);
    journal_head(t, &seq, &first, hash);
    txn_abort(&t);
    w.now_ms -= 3600000;
    books_products(&w);
    t = books_read(&w);
    journal_head(t, &seq, &second, hash);
    txn_abort(&t);
    assert_true(second == first);
    books_close(&w);
}

typedef struct lines_seen {
    size_t n;
    buf documents;
} lines_seen;

static bool see_line(void *arg, str line, err *e) {
    lines_seen *s = arg;
    (void)e;
    assert_true(str_starts(line, STR("{\"seq\":")) && str_ends(line, STR("}\n")));
    s->n++;
    if (str_has(line, STR("\"kind\":\"document\""))) buf_add(&s->documents, line);
    return true;
}

static void exports_a_line_an_entry(void **state) {
    (void)state;
    books w;
    err e = {0};
    lines_seen s = {0};
    books_open(&w);
    some_traffic(&w);
    if (!journal_export(w.db, 0, 0, see_line, &s, &e)) fail_msg("%s", e.text);
    verify_report r = verify(&w);
    assert_int_equal(s.n, r.entries);
    static const char *const parts[] = {"\"body\":[{\"partner\":\"D1\",\"type\":\"sale\",\"number\":\"1\",\"date\":"
                                        "\"2026-06-01\",\"version\":null,\"digest\":\"",
                                        "\"body\":{\"partner\":\"D1\",\"type\":\"sale\",\"number\":\"1\"",
                                        "\"file\":\"test.csv\",\"file_sha256\":\"",
                                        "\"lines\":[{\"row\":2,\"sku\":\"P1\",\"unit\":\"箱\",\"customer\":\"甲\","
                                        "\"date\":\"2026-06-01\",\"quantity\":\"20\","
                                        "\"amount\":\"40\"}]"};
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        if (!str_has(buf_str(&s.documents), str_of(parts[i]))) fail_msg("no %s in\n%s", parts[i], buf_z(&s.documents));
    buf_free(&s.documents);
    books_close(&w);
}

typedef struct catcher {
    txn *t;
    arena *a;
    uint64_t applied;
} catcher;

static bool take_over(void *arg, const entry *en, err *e) {
    catcher *c = arg;
    apply_result r = {.a = c->a};
    c->applied++;
    return journal_adopt(c->t, en, &r, e);
}

static void a_followed_copy_restores_the_rest(void **state) {
    (void)state;
    books w, other;
    err e = {0};
    uint64_t copied, last;
    char dir[TEMP_DIR + 16];
    books_open(&w);
    (void)snprintf(dir, sizeof dir, "%s/copy", w.dir);
    books_fill(&w);
    if (!journal_follow(w.db, dir, &copied, &last, &e)) fail_msg("%s", e.text);
    assert_int_equal(copied, 4);
    (void)books_push_csv(&w, "D1", HEAD "sale,1,,2026-06-01,P1,20,箱,40.00,甲,,,,\n");
    assert_true(journal_follow(w.db, dir, &copied, &last, &e));
    assert_int_equal(copied, 1);
    assert_true(journal_follow(w.db, dir, &copied, &last, &e));
    assert_int_equal(copied, 0);
    assert_int_equal(last, 5);

    /* a torn end is cut off and written again */
    char cmd[2 * TEMP_DIR];
    (void)snprintf(cmd, sizeof cmd, "f=$(ls %s/*.log); truncate -s -7 $f", dir);
    assert_int_equal(system(cmd), 0);
    assert_true(journal_follow(w.db, dir, &copied, &last, &e));
    assert_int_equal(copied, 1);

    kv *db = NULL;
    char to[TEMP_DIR + 16];
    (void)snprintf(to, sizeof to, "%s/restored", w.dir);
    (void)snprintf(cmd, sizeof cmd, "mkdir %s", to);
    assert_int_equal(system(cmd), 0);
    assert_true(store_open(to, BOOKS_MAP, false, &db, &e));
    catcher c = {.a = &w.a};
    assert_true(txn_begin(db, TXN_WRITE, &c.t, &e));
    if (!journal_follow_read(dir, 1, take_over, &c, &e)) fail_msg("%s", e.text);
    assert_true(txn_commit(&c.t, &e));
    assert_int_equal(c.applied, 5);
    other = w;
    other.db = db;
    arena_init(&other.a, SIZE_MAX);
    assert_string_equal(books_flows(&other), books_flows(&w));
    arena_free(&other.a);
    kv_close(db);

    /* another journal's copy is not written on */
    books_open(&other);
    assert_false(journal_follow(other.db, dir, &copied, &last, &e));
    assert_int_equal(e.code, ERR_DIFFERS);
    books_close(&other);
    books_close(&w);
}

/* Files of a small world: some corrected with a version (anywhere), some without (after what they correct). */
enum { FILES = 40, LINE = 160 };
typedef struct world_file {
    char partner[4], csv[LINE * 8];
    int after; /* −1: anywhere */
    bool version;
} world_file;

static size_t make_files(world_file *f, uint64_t seed) {
    static const char *const kinds[] = {"sale", "sale", "receipt", "return", "stock", "transfer"};
    static const char *const skus[] = {"P1", "P2", "P3", "QQ-550", "P1"};
    static const char *const units[] = {"", "箱", "瓶", ""};
    static const char *const customers[] = {"甲", "老王", "S1", ""};
    rng r = {seed};
    size_t n = 0;
    for (int i = 0; i < FILES; i++) {
        bool one = rng_below(&r, 2) == 0;
        const char *kind = kinds[rng_below(&r, 6)];
        char rows[LINE * 6] = "", row[LINE];
        int first = (int)n;
        unsigned day = (unsigned)rng_below(&r, 28) + 1, month = (unsigned)rng_below(&r, 6) + 1;
        for (uint64_t k = rng_below(&r, 4) + 1; k > 0; k--) {
            const char *sku = skus[rng_below(&r, one ? 5 : 3)];
            bool q = strcmp(sku, "QQ-550") == 0;
            (void)snprintf(row, sizeof row, "%s,N%d,%%s,2026-%02u-%02u,%s,%d,%s,%d.%02d,%s,,%s,,\n", kind, i, month,
                           day, sku, (int)rng_below(&r, 50) + 1, q ? "件" : units[rng_below(&r, 4)],
                           (int)rng_below(&r, 99), (int)rng_below(&r, 100),
                           strcmp(kind, "sale") == 0 ? customers[rng_below(&r, 4)] : "",
                           strcmp(kind, "transfer") == 0 ? "S1" : "");
            strcat(rows, row);
        }
        f[n] = (world_file){.after = -1};
        strcpy(f[n].partner, one ? "D1" : "D2");
        strcpy(f[n++].csv, rows);
        if (i % 5) continue;
        f[n] = f[first];
        f[n].after = i % 10 ? -1 : first;
        strcat(f[n].csv, row);
        f[n].version = i % 10 != 0;
        n++;
    }
    return n;
}

/* Every line states the file's version where it has "%s". */
static void send_file(books *w, const world_file *f) {
    AUTO(buf) csv = {0};
    str rest = str_of(f->csv);
    buf_addz(&csv, HEAD);
    for (size_t at; (at = str_find(rest, STR("%s"))) != SIZE_MAX; rest = str_skip(rest, at + 2)) {
        buf_add(&csv, str_take(rest, at));
        buf_addz(&csv, f->version ? "2" : "");
    }
    buf_add(&csv, rest);
    (void)books_push_bytes(w, f->partner, "test.csv", buf_str(&csv));
}

static size_t shuffled(const world_file *f, size_t n, uint64_t seed, size_t *order) {
    rng r = {seed};
    size_t count = 0;
    for (size_t i = 0; i < n; i++) order[count++] = i, order[count++] = i;
    for (size_t i = count; i > 1; i--) {
        size_t k = (size_t)rng_below(&r, i), x = order[i - 1];
        order[i - 1] = order[k];
        order[k] = x;
    }
    /* a correction without version waits for both copies of what it corrects */
    for (size_t i = 0; i < count; i++) {
        int after = f[order[i]].after;
        for (size_t k = i + 1; after >= 0 && k < count; k++)
            if ((int)order[k] == after) {
                size_t x = order[i];
                order[i] = order[k];
                order[k] = x;
                i = (size_t)-1; /* start again */
                break;
            }
    }
    return count;
}

static void any_order_gives_the_same_content(void **state) {
    (void)state;
    world_file *f = calloc(2 * FILES, sizeof *f);
    size_t n = make_files(f, 11), order[4 * FILES];
    verify_report wanted;
    for (uint64_t round = 0; round < 8; round++) {
        books w;
        books_open(&w);
        books_partners(&w);
        if (round % 2) books_products(&w), books_aliases(&w);
        size_t count = shuffled(f, n, round, order);
        for (size_t i = 0; i < count; i++) send_file(&w, &f[order[i]]);
        if (round % 2 == 0) books_products(&w), books_aliases(&w);
        (void)books_repost(&w);
        verify_report r = verify(&w);
        if (!r.ok) fail_msg("round %d: %s", (int)round, r.why);
        if (round == 0) wanted = r;
        for (store_table v = 0; v < STORE_TABLE_COUNT; v++)
            if (memcmp(r.view[v].content, wanted.view[v].content, DIGEST_SIZE) != 0)
                fail_msg("round %d: content of %s (%d rows, %d at first)", (int)round, store_tables[v].name,
                         (int)r.view[v].rows, (int)wanted.view[v].rows);
        assert_true(r.view[TABLE_FLOW_DAY].rows > 20);
        books_close(&w);
    }
    free(f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replay_gives_the_same_bytes),      cmocka_unit_test(a_changed_byte_is_named),
        cmocka_unit_test(a_changed_figure_is_named),        cmocka_unit_test(a_missing_entry_is_named),
        cmocka_unit_test(a_refused_entry_leaves_nothing),   cmocka_unit_test(time_never_runs_backwards),
        cmocka_unit_test(exports_a_line_an_entry),          cmocka_unit_test(a_followed_copy_restores_the_rest),
        cmocka_unit_test(any_order_gives_the_same_content),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
