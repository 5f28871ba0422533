/* links: agentlib */
#include "agent_fixture.h"

#include "agent/home.h"
#include "agent/original.h"
#include "agent/spool_inner.h"
#include "agent/usual.h"
#include "formats/formats.h"

enum { MIB = 1024 * 1024 };
#define HEAD "type,number,date,sku,quantity,unit,unit_price\n"

static upload send(spool *s, const char *text, int64_t now_ms) {
    AUTO(docset) d = {0};
    upload u, how = {.spooled_ms = now_ms, .titles = STR("杭州甲公司\t\n日期\t商品\t数量\n")};
    source in = {.name = "a.csv", .bytes = str_of(text)};
    docset_init(&d);
    SUCCEEDS(formats_read(&in, NULL, &d, e));
    SUCCEEDS(spool_add(s, &d, &how, &u, e));
    return u;
}

static usual_figures usual_now(spool *s, const char *sku) {
    usual_reader r;
    doubt_view v;
    usual_figures u;
    SUCCEEDS(usual_begin(s, &r, &v, e));
    (void)v.usual(v.self, TYPE_SALE, str_of(sku), STR("瓶"), &u);
    usual_end(&r);
    return u;
}

static uint64_t lines_between(spool *s, day_t from, day_t to, int64_t *quantity) {
    day_sums x;
    SUCCEEDS(usual_sums(s, TYPE_SALE, STR("瓶"), from, to, &x, e));
    *quantity = (int64_t)x.quantity;
    return x.lines;
}

static const int64_t june_30 = 1782784800000;

static void what_was_sent_is_usual(void **state) {
    (void)state;
    AUTO(folder) f = folder_make();
    spool *s = spool_in(&f, 16 * MIB);
    int64_t quantity;
    day_t first = day_of(2026, 6, 1);
    (void)send(s, HEAD "sale,A,2026-06-01,P1,10,瓶,2\nsale,A,2026-06-01,P1,30,瓶,2\nsale,B,2026-06-02,P1,-20,瓶,4\n",
               june_30);
    usual_figures u = usual_now(s, "P1");
    assert_int_equal(u.samples, 3);
    assert_int_equal(u.quantity, 20000); /* of 10, 20, 30; a return counts without its sign */
    assert_int_equal(u.most, 30000);
    assert_int_equal(u.price, 2000000);
    assert_int_equal(usual_now(s, "P9").samples, 0);
    assert_int_equal(lines_between(s, first, first, &quantity), 2);
    assert_int_equal(quantity, 40000);
    assert_int_equal(lines_between(s, first, first + 30, &quantity), 3);
    assert_int_equal(quantity, 20000);
    /* the same again changes nothing; corrected, the old figures go */
    (void)send(s, HEAD "sale,A,2026-06-01,P1,30,瓶,2\nsale,A,2026-06-01,P1,10,瓶,2\n", june_30);
    assert_int_equal(lines_between(s, first, first + 30, &quantity), 3);
    assert_int_equal(usual_now(s, "P1").samples, 3);
    (void)send(s, HEAD "sale,A,2026-06-05,P1,7,瓶,2\n", june_30);
    assert_int_equal(lines_between(s, first, first, &quantity), 0);
    assert_int_equal(lines_between(s, first + 4, first + 4, &quantity), 1);
    spool_close(s);
}

static void documents_are_known_by_their_last_upload(void **state) {
    (void)state;
    AUTO(folder) f = folder_make();
    spool *s = spool_in(&f, 16 * MIB);
    AUTO(docset) d = {0};
    uint8_t key[DOCUMENT_KEY];
    known_document known;
    err e;
    source in = {.name = "a.csv", .bytes = STR(HEAD "sale,A,2026-06-01,P1,10,瓶,2\n")};
    docset_init(&d);
    assert_true(formats_read(&in, NULL, &d, &e));
    document_key_of(&d, 0, key);
    assert_false(known_find(s, key, &known, &e));
    assert_int_equal(e.code, ERR_OK);
    (void)send(s, HEAD "sale,A,2026-06-01,P1,10,瓶,2\nsale,A,2026-06-01,P1,5,瓶,2\n", june_30);
    assert_true(known_find(s, key, &known, &e));
    assert_int_equal(known.lines, 2);
    assert_int_equal(known.upload, 1);
    (void)send(s, HEAD "sale,A,2026-06-01,P1,5,瓶,2\nsale,A,2026-06-01,P1,10,瓶,2\n", june_30);
    assert_true(known_find(s, key, &known, &e));
    assert_int_equal(known.upload, 2); /* the same content, in batches that stay longer */
    spool_close(s);
}

/* A document a line, more of them than one commit learns; then the end of the process while it learnt. */
static void many_documents_are_learnt_in_pieces(void **state) {
    enum { MANY = 16384 + 3 };
    static const uint8_t first_upload[8] = {0, 0, 0, 0, 0, 0, 0, 1};
    (void)state;
    AUTO(folder) f = folder_make();
    AUTO(buf) text = {0};
    spool *s = spool_in(&f, 16 * MIB);
    int64_t quantity;
    day_t day = day_of(2026, 6, 1);
    str left;
    buf_addz(&text, HEAD);
    for (int i = 0; i < MANY; i++) buf_printf(&text, "sale,N%d,2026-06-01,P1,2,瓶,2\n", i);
    (void)send(s, buf_z(&text), june_30);
    assert_int_equal(lines_between(s, day, day, &quantity), MANY);
    SUCCEEDS(spool_writing(s, e));
    assert_int_equal(kv_count(s->w, TABLE_KNOWN), MANY);
    assert_false(kv_get(s->w, TABLE_STATE, STR("learning"), &left));
    kv_clear(s->w, TABLE_KNOWN);
    kv_clear(s->w, TABLE_KNOWN_DAY);
    kv_clear(s->w, TABLE_USUAL_DAY);
    kv_put(s->w, TABLE_STATE, STR("learning"), str_from(first_upload, sizeof first_upload));
    SUCCEEDS(spool_flush(s, e));
    spool_close(s);
    s = spool_in(&f, 16 * MIB);
    assert_int_equal(lines_between(s, day, day, &quantity), MANY);
    assert_int_equal(quantity, (int64_t)MANY * 2000);
    SUCCEEDS(spool_writing(s, e));
    assert_int_equal(kv_count(s->w, TABLE_KNOWN), MANY);
    assert_false(kv_get(s->w, TABLE_STATE, STR("learning"), &left));
    SUCCEEDS(spool_flush(s, e));
    spool_close(s);
}

/* A date typed wrong, far ahead, does not make everything look old. */
static void the_old_is_forgotten(void **state) {
    (void)state;
    AUTO(folder) f = folder_make();
    spool *s = spool_in(&f, 16 * MIB);
    int64_t quantity;
    day_t today = day_at(june_30, 0), edge = today - LIMIT_USUAL_DAYS;
    AUTO(buf) text = {0};
    buf_addz(&text, HEAD "sale,OLD,");
    day_put(&text, edge - 1);
    buf_addz(&text, ",P1,1,瓶,2\nsale,EDGE,");
    day_put(&text, edge);
    buf_addz(&text, ",P1,2,瓶,2\nsale,FAR,2036-01-01,P1,3,瓶,2\n");
    (void)send(s, buf_z(&text), june_30);
    assert_int_equal(lines_between(s, edge - 1, edge - 1, &quantity), 0);
    assert_int_equal(lines_between(s, edge, edge, &quantity), 1);
    spool_close(s);
}

static void companies_of_titles(void **state) {
    (void)state;
    AUTO(folder) f = folder_make();
    spool *s = spool_in(&f, 16 * MIB);
    usual_reader r;
    doubt_view v;
    str own = STR("");
    SUCCEEDS(usual_begin(s, &r, &v, e));
    assert_int_equal(v.company(v.self, STR("杭州甲公司"), &own), -1);
    usual_end(&r);
    (void)send(s, HEAD "sale,A,2026-06-01,P1,10,瓶,2\n", june_30);
    SUCCEEDS(usual_begin(s, &r, &v, e));
    assert_int_equal(v.company(v.self, STR("杭州甲公司"), &own), 1);
    assert_int_equal(v.company(v.self, STR("宁波乙公司"), &own), 0);
    usual_end(&r);
    /* what the centre calls it counts from the first file on */
    SUCCEEDS(spool_names(s, (const char *const[]){"宁波丁商贸有限公司", "浙江戊总经销", "bad\nname"}, 3, e));
    SUCCEEDS(spool_flush(s, e));
    SUCCEEDS(usual_begin(s, &r, &v, e));
    static const struct {
        const char *name;
        int is;
    } names[] = {{"宁波丁公司", 1}, {"浙江戊总经销公司", 1}, {"杭州甲公司", 1}, {"宁波乙公司", 0}, {"name公司", 0}};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        assert_int_equal(v.company(v.self, str_of(names[i].name), &own), names[i].is);
    assert_true(str_is(own, "宁波丁商贸有限公司"));
    usual_end(&r);
    spool_close(s);
}

static void originals_are_kept_while_something_waits(void **state) {
    (void)state;
    AUTO(folder) f = folder_make();
    spool *s = spool_in(&f, 16 * MIB);
    home h = {.lock_fd = -1};
    AUTO(buf) back = {0};
    char path[PATH_SIZE];
    (void)snprintf(h.dir, sizeof h.dir, "%s", f.path);
    SUCCEEDS(original_keep(&h, 1, SOURCE(STR("日期,数量\n2026-06-01,1\n")), e));
    SUCCEEDS(original_load(h.dir, 1, &back, e));
    assert_true(str_is(buf_str(&back), "日期,数量\n2026-06-01,1\n"));
    (void)send(s, HEAD "sale,A,2026-06-01,P1,10,瓶,2\n", june_30);
    SUCCEEDS(originals_prune(&h, s, e)); /* not judged yet: it stays */
    assert_true(file_exists(folder_in(&f, "originals/1.z", path)));
    SUCCEEDS(original_keep(&h, 7, SOURCE(STR("x")), e)); /* of no upload */
    SUCCEEDS(spool_ack(s, 1, 1, STR(""), 1, e));
    SUCCEEDS(spool_no_receipts(s, 1, e));
    SUCCEEDS(originals_prune(&h, s, e));
    buf_clear(&back);
    FAILS(ERR_NOT_FOUND, original_load(h.dir, 1, &back, e));
    FAILS(ERR_NOT_FOUND, original_load(h.dir, 7, &back, e));
    spool_close(s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_sent_is_usual),
        cmocka_unit_test(documents_are_known_by_their_last_upload),
        cmocka_unit_test(many_documents_are_learnt_in_pieces),
        cmocka_unit_test(the_old_is_forgotten),
        cmocka_unit_test(companies_of_titles),
        cmocka_unit_test(originals_are_kept_while_something_waits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
