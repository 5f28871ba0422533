/* links: journal formats */
#include "daemon/ledger/document.h"
#include "tests/unit/books.h"

#define HEAD "type,number,version,date,sku,quantity,amount,stream\n"

static void versions_compare(void **state) {
    (void)state;
    static const char *const rising[] = {"",   "0",  "1",    "2",     "9",   "10", "10a", "11",
                                         "V1", "V2", "V2.1", "V2.10", "V10", "a",  "b"};
    for (size_t i = 0; i < ARRAY_LEN(rising); i++)
        for (size_t k = 0; k < ARRAY_LEN(rising); k++) {
            int c = version_cmp(str_of(rising[i]), str_of(rising[k]));
            if ((c > 0) - (c < 0) != (i > k) - (i < k)) fail_msg("'%s' and '%s': %d", rising[i], rising[k], c);
        }
    assert_int_equal(version_cmp(STR("007"), STR("7")), 0);
    assert_true(version_cmp(STR("99999999999999999999999"), STR("100000000000000000000000")) < 0);
}

static void identity_is_what_the_trade_calls_one_document(void **state) {
    (void)state;
    const document base = {.type = TYPE_SALE, .number = STR("1"), .date = 20000};
    document other[] = {base, base, base, base, base, base};
    static const uint8_t digest[DIGEST_SIZE] = {1}, different[DIGEST_SIZE] = {2};
    uint8_t a[IDENTITY_SIZE], b[IDENTITY_SIZE];
    other[0].type = TYPE_RETURN;
    other[1].stream = STR("S");
    other[2].number = STR("2");
    other[3].number = STR("");
    other[4].flags = DOC_SCOPE_YEAR;
    other[5].flags = DOC_SCOPE_DAY;
    document_identify(&base, digest, a);
    for (size_t i = 0; i < ARRAY_LEN(other); i++) {
        document_identify(&other[i], digest, b);
        if (memcmp(a, b, IDENTITY_SIZE) == 0) fail_msg("case %zu is not told apart", i);
    }
    static const struct {
        unsigned flags;
        const char *number;
        day_t days;
        bool place, content, same;
    } cases[] = {
        {0, "1", 400, true, true, true},
        {DOC_SCOPE_YEAR, "1", 30, false, false, true},   /* 2024-10-04 … 2024-11-03 */
        {DOC_SCOPE_YEAR, "1", 100, false, false, false}, /* … 2025-01-12 */
        {DOC_SCOPE_MONTH, "1", 10, false, false, true},
        {DOC_SCOPE_MONTH, "1", 30, false, false, false},
        {DOC_SCOPE_DAY, "1", 0, false, false, true},
        {DOC_SCOPE_DAY, "1", 1, false, false, false},
        {0, "", 0, false, true, true},
        {0, "", 1, false, false, false},
        {0, "", 0, true, false, false},
        {DOC_ADD, "", 0, false, true, false},
        {DOC_ADD, "", 0, false, false, true},
        {DOC_ADD, "1", 0, false, true, true},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        document x = base, y;
        x.flags = cases[i].flags;
        x.number = str_of(cases[i].number);
        y = x;
        y.date += cases[i].days;
        if (cases[i].place) y.place = STR("P");
        document_identify(&x, digest, a);
        document_identify(&y, cases[i].content ? different : digest, b);
        if ((memcmp(a, b, IDENTITY_SIZE) == 0) != cases[i].same) fail_msg("case %zu", i);
    }
}

static void the_record_survives_its_stored_form(void **state) {
    (void)state;
    AUTO(buf) b = {0};
    AUTO(arena) a = {0};
    content_ref ref[] = {{7, 1}, {8, 2}};
    content c[] = {{.digest = {9}, .version = STR("2"), .upload = 5, .lines = 40, .ref = ref, .refs = 2},
                   {.version = STR(""), .withdrawn = true, .upload = 6, .ref = ref, .refs = 1}};
    document in = {.no = 3,
                   .partner = 4,
                   .identity = {1, 2},
                   .type = TYPE_STOCK,
                   .flags = DOC_ADD,
                   .stream = STR("s"),
                   .number = STR("n"),
                   .place = STR("p"),
                   .date = -5,
                   .content = c,
                   .contents = 2,
                   .posted = 1,
                   .pending = {.parts = 3, .upload = 9, .version = STR("v"), .lines = 11, .ref = ref, .refs = 2}},
             out;
    arena_init(&a, SIZE_MAX);
    document_encode(&in, &b);
    assert_true(document_decode(3, buf_str(&b), &a, &out));
    assert_true(out.partner == 4 && out.type == TYPE_STOCK && out.date == -5 && out.contents == 2 && out.posted == 1);
    assert_true(str_is(out.content[0].version, "2") && out.content[0].refs == 2 && out.content[0].ref[1].doc == 2);
    assert_true(out.content[1].withdrawn && out.pending.parts == 3 && out.pending.refs == 2 && out.pending.lines == 11);
    for (size_t n = 0; n < b.n; n++) assert_false(document_decode(3, str_take(buf_str(&b), n), &a, &out));
}

/* Steps on one document: "v:q" sends quantity q as version v ("-": none), "x:" cancels, "!v:q" pushes again, "w<n>"
 * withdraws the upload of step n. */
typedef struct runner {
    books w;
    uint64_t uploads[8];
    size_t steps;
    apply_result last;
} runner;

static void step(runner *r, const char *s) {
    char csv[256], version[16] = "";
    err e = {0};
    if (s[0] == 'w') {
        Entry__Withdraw body = ENTRY__WITHDRAW__INIT;
        body.upload = r->uploads[s[1] - '0'];
        body.reason = (char *)(uintptr_t) "test";
        if (!books_entry(&r->w, KIND_WITHDRAW, "user:root", &body.base, &r->last, &e)) fail_msg("%s", e.text);
        r->uploads[r->steps++] = 0;
        return;
    }
    r->w.again = s[0] == '!';
    if (r->w.again) s++;
    const char *colon = strchr(s, ':');
    if (s[0] != '-') (void)snprintf(version, sizeof version, "%.*s", (int)(colon - s), s);
    (void)snprintf(csv, sizeof csv, HEAD "sale,1,%s,2026-06-01,%s,%s,%s,\n", version, colon[1] ? "P1" : "", colon + 1,
                   colon[1] ? "1.00" : "");
    r->last = books_push_csv(&r->w, "D1", csv);
    r->uploads[r->steps++] = r->w.upload;
}

/* The quantity that stands, −1 none. */
static int standing(runner *r) {
    const char *f = books_flows(&r->w), *at = strstr(f, "sell_out ");
    if (f[0] == '\0') return -1;
    assert_non_null(at);
    return atoi(at + 9);
}

static void begin(runner *r) {
    memset(r, 0, sizeof *r);
    books_open(&r->w);
    books_fill(&r->w);
}

static void which_content_holds(void **state) {
    (void)state;
    static const struct {
        const char *steps[6];
        int stands;
    } cases[] = {
        {{"-:1"}, 1},
        {{"-:1", "-:2"}, 2},
        {{"-:1", "-:2", "-:1"}, 2},  /* replaced content does not return … */
        {{"-:1", "-:2", "!-:1"}, 1}, /* … unless pushed again */
        {{"-:1", "-:2", "!-:1", "-:2"}, 1},
        {{"2:2", "1:1"}, 2},
        {{"1:1", "2:2", "!1:1"}, 2}, /* a greater version stays above */
        {{"9:9", "10:10"}, 10},
        {{"2:2", "-:1"}, 2},
        {{"1:5", "2:6", "2:5"}, 5}, /* a content is its lines and its version */
        {{"1:1", "2:"}, -1},
        {{"2:", "1:1"}, -1},
        {{"2:", "3:7"}, 7},
        {{"-:1", "-:2", "w1"}, 1},
        {{"-:1", "-:2", "w0"}, 2},
        {{"-:1", "w0"}, -1},
        {{"-:1", "w0", "-:1"}, 1}, /* withdrawn and sent again: fresh */
        {{"-:1", "-:2", "w1", "-:2"}, 2},
        {{"-:1", "-:1", "w1"}, 1}, /* the second did nothing, so nothing is taken back */
        {{"-:1", "-:2", "!-:1", "w2"}, 2},
        {{"1:1", "2:", "w1"}, 1},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        runner r;
        begin(&r);
        for (size_t k = 0; k < 6 && cases[i].steps[k]; k++) step(&r, cases[i].steps[k]);
        if (standing(&r) != cases[i].stands) fail_msg("case %zu: %d stands", i, standing(&r));
        books_close(&r.w);
    }
}

/* Contents with versions in every order: the same one stands. */
static void with_versions_no_order_matters(void **state) {
    (void)state;
    static const char *const sets[][4] = {
        {"1:1", "2:2", "3:3", "-:4"}, {"1:1", "2:", "9:9", "10:"}, {"a:1", "b:2", "10:3", "9:4"}};
    static const int stands[] = {3, -1, 2};
    for (size_t s = 0; s < ARRAY_LEN(sets); s++)
        for (int p = 0; p < 24; p++) {
            size_t left[] = {0, 1, 2, 3}, n = 4;
            int code = p;
            runner r;
            begin(&r);
            for (; n > 0; n--) {
                size_t k = (size_t)code % n;
                code /= (int)n;
                step(&r, sets[s][left[k]]);
                memmove(left + k, left + k + 1, (n - k - 1) * sizeof left[0]);
            }
            if (standing(&r) != stands[s]) fail_msg("set %zu, order %d: %d stands", s, p, standing(&r));
            books_close(&r.w);
        }
}

static void counts_of_what_came(void **state) {
    (void)state;
    static const struct {
        const char *before, *step;
        int committed, duplicate, superseded;
    } cases[] = {
        {NULL, "-:1", 1, 0, 0},  {"-:1", "-:1", 0, 1, 0}, {"-:1", "-:2", 1, 0, 1}, {"2:1", "1:2", 0, 1, 0},
        {"1:1", "2:1", 0, 1, 0}, {"1:1", "2:", 0, 0, 1},  {"2:", "1:1", 0, 1, 0},  {NULL, "1:", 0, 0, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        runner r;
        begin(&r);
        if (cases[i].before) step(&r, cases[i].before);
        step(&r, cases[i].step);
        if ((int)r.last.committed != cases[i].committed || (int)r.last.duplicate != cases[i].duplicate ||
            (int)r.last.superseded != cases[i].superseded)
            fail_msg("case %zu: %d %d %d", i, (int)r.last.committed, (int)r.last.duplicate, (int)r.last.superseded);
        assert_int_equal(r.last.documents, 1);
        books_close(&r.w);
    }
}

static void at_most_so_many_contents(void **state) {
    (void)state;
    runner r;
    char s[16];
    begin(&r);
    for (int i = 1; i <= LIMIT_DOCUMENT_CONTENTS; i++) {
        (void)snprintf(s, sizeof s, "-:%d", i);
        r.steps = 0;
        step(&r, s);
        assert_int_equal(r.last.committed, 1);
    }
    step(&r, "-:999");
    assert_int_equal(r.last.refused, 1);
    assert_int_equal(r.last.committed, 0);
    assert_int_equal(standing(&r), LIMIT_DOCUMENT_CONTENTS);
    step(&r, "-:1");
    assert_int_equal(r.last.duplicate, 1);
    books_close(&r.w);
}

static void long_rows(buf *b, int lines, int from) {
    buf_addz(b, "type,number,date,sku,quantity,amount,customer\n");
    for (int i = from; i < from + lines; i++) buf_printf(b, "sale,L,2026-06-01,P1,1,%d.50,客户%d\n", i % 7, i % 300);
}

static void a_long_document_posts_with_its_last_part(void **state) {
    (void)state;
    enum { LINES = 9000 };
    books w;
    AUTO(buf) one = {0};
    AUTO(buf) other = {0};
    books_open(&w);
    books_fill(&w);
    long_rows(&one, LINES, 0);
    apply_result r = books_push_bytes(&w, "D1", "long.csv", buf_str(&one));
    assert_int_equal(r.documents, 1);
    assert_int_equal(r.lines, LINES);
    assert_int_equal(r.committed, LINES);
    assert_non_null(strstr(books_flows(&w), "sell_out 9000 "));
    /* the same lines in another order are the same content */
    long_rows(&other, 5000, 4000);
    str rest = buf_str(&one), line;
    for (int i = -1; i < 4000 && str_split(&rest, '\n', &line); i++) {
        if (i < 0) continue;
        buf_add(&other, line);
        buf_byte(&other, '\n');
    }
    r = books_push_bytes(&w, "D1", "other.csv", buf_str(&other));
    assert_int_equal(r.duplicate, LINES);
    assert_int_equal(r.committed, 0);
    books_close(&w);
}

static void batches_come_in_order(void **state) {
    (void)state;
    books w;
    err e = {0};
    books_open(&w);
    books_fill(&w);
    (void)books_push_csv(&w, "D1", HEAD "sale,1,,2026-06-01,P1,1,1.00,\n");
    static const struct {
        uint64_t epoch, seq;
        bool ok;
    } cases[] = {{1000, 1, false}, {1000, 3, false}, {1000, 0, false}, {2000, 2, false},
                 {1000, 2, true},  {2000, 1, true},  {1000, 1, false}, {1000, 3, false}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        Entry__UploadRefused body = ENTRY__UPLOAD_REFUSED__INIT;
        body.agent = (char *)(uintptr_t) "D1";
        body.epoch = cases[i].epoch;
        body.seq = cases[i].seq;
        body.why = (char *)(uintptr_t) "test";
        bool ok = books_entry(&w, KIND_UPLOAD_REFUSED, "agent:D1", &body.base, NULL, &e);
        if (ok != cases[i].ok) fail_msg("case %zu: %s", i, ok ? "taken" : e.text);
    }
    upload_state state_now;
    str receipt;
    const uint8_t *digest;
    txn *t = books_read(&w);
    assert_true(upload_state_get(t, STR("D1"), &state_now));
    assert_true(state_now.epoch == 2000 && state_now.last_seq == 1);
    assert_true(upload_receipt(t, STR("D1"), 1000, 1, &receipt, &digest));
    assert_true(receipt.n > 0);
    assert_false(upload_receipt(t, STR("D1"), 1000, 3, &receipt, &digest));
    txn_abort(&t);
    books_close(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(versions_compare),
        cmocka_unit_test(identity_is_what_the_trade_calls_one_document),
        cmocka_unit_test(the_record_survives_its_stored_form),
        cmocka_unit_test(which_content_holds),
        cmocka_unit_test(with_versions_no_order_matters),
        cmocka_unit_test(counts_of_what_came),
        cmocka_unit_test(at_most_so_many_contents),
        cmocka_unit_test(a_long_document_posts_with_its_last_part),
        cmocka_unit_test(batches_come_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
