/* links: command */
#include "base/file.h"
#include "daemon/catalog/agents.h"
#include "daemon/catalog/partner.h"
#include "daemon/catalog/region.h"
#include "daemon/catalog/users.h"
#include "daemon/command/call.h"
#include "proto/limits.h"
#include "tests/unit/temp_dir.h"

#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

typedef struct desk {
    char dir[TEMP_DIR];
    kv *db;
    buf rows; /* of the last answer */
    char message[512];
    int status;
    err why;
} desk;

static int begin(void **state) {
    static const char key[] = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7";
    char path[TEMP_DIR + 16];
    desk *d = calloc(1, sizeof *d);
    assert_true(temp_dir_make(d->dir));
    if (!store_open(d->dir, 64 << 20, false, &d->db, &d->why)) fail_msg("%s", d->why.text);
    (void)snprintf(path, sizeof path, "%s/server.pub", d->dir);
    assert_true(file_write(path, str_of(key), 0600, &d->why));
    *state = d;
    return 0;
}

static int end(void **state) {
    desk *d = *state;
    kv_close(d->db);
    int failed = temp_dir_remove(d->dir);
    buf_free(&d->rows);
    free(d);
    return failed;
}

/* "partner import FILE" with the words separated by blanks; `file` is what FILE holds. */
static bool ask_as(desk *d, const char *token, const char *line, const char *file) {
    str words[32], rest = str_of(line);
    size_t n = 0;
    bool unknown;
    while (n < ARRAY_LEN(words) && str_split(&rest, ' ', &words[n])) n++;
    const attachment attached = {STR("file.csv"), str_of(file ? file : "")};
    call_request r = {.words = words, .word_count = n, .files = &attached, .file_count = file ? 1 : 0};
    r.who = token ? (caller){.token = str_of(token), .local_name = STR("")}
                  : (caller){.token = STR(""), .local_user = true, .local_name = STR("root")};
    call_world w = {.db = d->db, .data_dir = d->dir, .now_ms = (int64_t)day_of(2026, 3, 2) * 86400000};
    AUTO(call_out) out = {0};
    call_out_init(&out);
    bool ok = call_run(&w, &r, &out, &unknown, &d->why);
    buf_clear(&d->rows);
    buf_add(&d->rows, buf_str(&out.rows));
    (void)str_copy_z(buf_str(&out.message), d->message, sizeof d->message);
    d->status = out.status;
    return ok;
}

static bool ask(desk *d, const char *line, const char *file) {
    return ask_as(d, NULL, line, file);
}

static void must(desk *d, bool ok) {
    if (!ok) fail_msg("%s", d->why.text);
}

static void answered(desk *d, const char *part) {
    if (!strstr(buf_z(&d->rows), part)) fail_msg("no %s in %s", part, buf_z(&d->rows));
}

static void silent(desk *d, const char *part) {
    if (strstr(buf_z(&d->rows), part)) fail_msg("%s in %s", part, buf_z(&d->rows));
}

static void refused(desk *d, bool ok, err_code code, const char *part) {
    if (ok) fail_msg("taken: %s", part);
    if (!strstr(d->why.text, part)) fail_msg("'%s' does not say '%s'", d->why.text, part);
    assert_int_equal(d->why.code, code);
}

static uint64_t entries(desk *d) {
    AUTO(txn) *t = NULL;
    uint64_t seq;
    int64_t time_ms;
    uint8_t hash[DIGEST_SIZE];
    assert_true(txn_begin(d->db, TXN_READ, &t, &d->why));
    journal_head(t, &seq, &time_ms, hash);
    return seq;
}

static void a_file_goes_in_whole_or_not_at_all(void **state) {
    desk *d = *state;
    must(d, ask(d, "partner import file.csv",
                "kind,id,name,parent\nterminal,T1,店,D1\ndistributor,D1,一号,M\nmanufacturer,M,厂,\n"));
    answered(d, "\"rows\":3,\"new\":3,\"changed\":0,\"same\":0");
    assert_int_equal(d->status, STATUS_CHANGED);
    assert_int_equal(entries(d), 1);
    must(d, ask(d, "partner import file.csv", "id;kind;name\nM;厂家;厂\n"));
    answered(d, "\"same\":1");
    assert_int_equal(entries(d), 1); /* nothing new: nothing journaled */
    must(d, ask(d, "partner import file.csv", "id,kind\nD2,distributor\nD3,king\nD4,\n"));
    assert_int_equal(d->status, 65);
    answered(d, "\"faults\":2");
    answered(
        d, "{\"file\":\"file.csv\",\"row\":3,\"column\":\"kind\",\"found\":\"king\",\"wanted\":\"one of manufacturer");
    answered(d, "\"row\":4,\"column\":\"kind\"");
    refused(d, ask(d, "partner show D2", NULL), ERR_NOT_FOUND, "partner 'D2': unknown");
    assert_int_equal(entries(d), 1);
}

static void a_column_left_out_keeps_its_cells(void **state) {
    desk *d = *state;
    must(d,
         ask(d, "product import file.csv", "sku,name,gtin,units\nP1,水,1234567890128,箱=24\nP2,茶,1234567890123,\n"));
    answered(d, "\"warnings\":1");
    answered(d, "\"row\":3,\"column\":\"gtin\",\"found\":\"1234567890123\",\"wanted\":\"a right check digit\"");
    must(d, ask(d, "product import file.csv", "SKU\tName\nP1\t矿泉水\n"));
    answered(d, "\"changed\":1");
    must(d, ask(d, "product show P1", NULL));
    answered(d, "\"name\":\"矿泉水\"");
    answered(d, "\"units\":\"箱=24\"");
    answered(d, "\"gtin\":\"1234567890128\"");
}

static void a_file_that_is_no_such_table_is_refused_by_name(void **state) {
    desk *d = *state;
    static const struct {
        const char *text, *says;
    } cases[] = {
        {"id,colour\nD1,red\n", "file.csv row 1: no column 'colour'; the columns of 'partner' are id,name,kind"},
        {"name,kind\nx,distributor\n", "column 'id' is missing"},
        {"id,kind,ID\nD1,distributor,D1\n", "column 'ID' stands twice"},
        {"id,kind\nD1,distributor,x\n", "row 2: cell 3 ('x') stands under no column"},
        {"", "file.csv"},
        {"id,kind\n\"D1,distributor\n", "file.csv"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        refused(d, ask(d, "partner import file.csv", cases[i].text), ERR_DATA, cases[i].says);
    assert_int_equal(entries(d), 0);
}

static void gb18030_and_lists_of_regions_are_read(void **state) {
    desk *d = *state;
    must(d, ask(d, "region import file.csv",
                "code,name,parent,level\n330100,杭州市,330000,city\n330000,浙江省,,province\n"
                "310000,上海市,,province\n"));
    /* area,name,region / EAST,华东,浙江;310000 in GB18030 */
    must(d,
         ask(d, "area import file.csv", "area,name,region\nEAST,\xbb\xaa\xb6\xab,\xd5\xe3\xbd\xad;310000\nOWN,own,\n"));
    answered(d, "\"rows\":3,\"new\":3");
    must(d, ask(d, "area list", NULL));
    answered(d, "{\"area\":\"EAST\",\"name\":\"华东\",\"region\":\"310000\"}");
    answered(d, "{\"area\":\"EAST\",\"name\":\"华东\",\"region\":\"330000\"}");
    answered(d, "{\"area\":\"OWN\",\"name\":\"own\",\"region\":null}");
    must(d, ask(d, "area show EAST", NULL));
    answered(d, "{\"area\":\"EAST\",\"rows\":[{");
    must(d, ask(d, "area show EAST 330000", NULL));
    answered(d, "\"region\":\"330000\",\"reviewed\":true");
}

static void one_row_is_set_shown_listed_and_removed(void **state) {
    desk *d = *state;
    must(d, ask(d, "partner set D1 kind=经销商 tier=A", NULL));
    must(d, ask(d, "partner set D1 tier=B", NULL));
    must(d, ask(d, "partner set D2 kind=terminal parent=D1", NULL));
    must(d, ask(d, "partner list tier=B", NULL));
    answered(d, "\"id\":\"D1\",\"name\":null,\"kind\":\"distributor\",\"tier\":\"B\"");
    silent(d, "D2");
    must(d, ask(d, "partner list kind=门店", NULL));
    answered(d, "\"id\":\"D2\"");
    must(d, ask(d, "partner history D1", NULL));
    answered(d, "\"entry\":1");
    answered(d, "\"actor\":\"user:root\",\"holds_from\":null,\"state\":\"valid\"");
    answered(d, "\"entry\":2");
    answered(d, "\"holds_from\":\"2026-03-02\"");
    must(d, ask(d, "partner remove D2", NULL));
    must(d, ask(d, "partner list", NULL));
    silent(d, "D2");
    must(d, ask(d, "partner show D2", NULL));
    answered(d, "\"ended\":true");
    refused(d, ask(d, "partner list colour=red", NULL), ERR_USAGE, "'colour=red' is not column=value");
    refused(d, ask(d, "partner list kind=king", NULL), ERR_USAGE, "wanted one of");
    refused(d, ask(d, "partner set D1 B C", NULL), ERR_USAGE, "'B' is too much");
    refused(d, ask(d, "partner remove D1 tier=B", NULL), ERR_USAGE, "no part of the key");
    refused(d, ask(d, "partner show D1 D2", NULL), ERR_USAGE, "1 parts");
    must(d, ask(d, "partner set D9 tier=A", NULL));
    assert_int_equal(d->status, 65);
    answered(d, "a new row needs this column");
}

static void a_price_is_shown_with_the_row_that_decides(void **state) {
    desk *d = *state;
    must(d, ask(d, "partner set D1 kind=distributor", NULL));
    must(d, ask(d, "product set P1 list_price=10 floor_price=8.5", NULL));
    must(d, ask(d, "price set P1 dealer 2026-01-01 amount=9.25 partner=D1 tax_basis=excl", NULL));
    must(d, ask(d, "price show P1 --partner D1 --date 2026-02-01", NULL));
    answered(d, "{\"kind\":\"dealer\",\"amount\":\"9.25\",\"tax_basis\":\"excl\",\"decided_by\":\"price\",\"from\":"
                "\"2026-01-01\",\"to\":null,\"tier\":null,\"region\":null,\"partner\":\"D1\",\"channel\":null}");
    answered(d,
             "{\"kind\":\"floor\",\"amount\":\"8.50\",\"tax_basis\":\"incl\",\"decided_by\":\"product.floor_price\"");
    must(d, ask(d, "price show P1 --kind dealer", NULL));
    answered(d, "\"amount\":\"10.00\",\"tax_basis\":\"incl\",\"decided_by\":\"product.list_price\"");
    silent(d, "floor");
    refused(d, ask(d, "price show P9", NULL), ERR_NOT_FOUND, "product 'P9'");
    refused(d, ask(d, "price show P1 --kind list", NULL), ERR_USAGE, "wanted ex_works");
    refused(d, ask(d, "price show P1 --partner X", NULL), ERR_NOT_FOUND, "partner 'X'");
}

/* The value of a key in a one-line JSON answer. */
static str value_of(desk *d, const char *name, char *out, size_t size) {
    char start[64];
    (void)snprintf(start, sizeof start, "\"%s\":\"", name);
    const char *at = strstr(buf_z(&d->rows), start);
    assert_non_null(at);
    at += strlen(start);
    return str_of(str_copy_z(str_from(at, strcspn(at, "\"")), out, size));
}

static void a_token_pins_the_server_and_is_kept_as_a_public_key_only(void **state) {
    desk *d = *state;
    char token[128];
    uint8_t both[64], public_key[32];
    size_t n;
    must(d, ask(d, "partner set D1 kind=distributor", NULL));
    must(d, ask(d, "agent enroll D1 --days 2", NULL));
    answered(d, "\"partner\":\"D1\",\"expires\":\"2026-03-04T08:00:00+08:00\"");
    answered(d, "\"server_key\":\"rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7\"");
    str t = value_of(d, "token", token, sizeof token);
    assert_true(str_starts(t, STR("cd1.")));
    assert_int_equal(sodium_base642bin(both, sizeof both, t.p + 4, t.n - 4, NULL, &n, NULL,
                                       sodium_base64_VARIANT_URLSAFE_NO_PADDING),
                     0);
    assert_int_equal(n, 64);
    /* rq:rM…, the server key of the example in zmq_curve(7) */
    static const uint8_t server[] = {0x54, 0xfc, 0xba, 0x24, 0xe9, 0x32, 0x49, 0x96};
    assert_memory_equal(both, server, sizeof server);
    assert_int_equal(crypto_scalarmult_base(public_key, both + 32), 0);
    AUTO(txn) *r = NULL;
    agent_token known;
    agent a;
    assert_true(txn_begin(d->db, TXN_READ, &r, &d->why));
    assert_int_equal(agent_by_key(r, public_key, &known, &a), KEY_TOKEN);
    assert_false(known.create_unknown);
    for (uint64_t seq = 1; seq <= 2; seq++) {
        entry en;
        assert_true(journal_get(r, seq, &en));
        assert_false(str_has(en.body, str_from(both + 32, 32)));
    }
}

static void many_partners_are_enrolled_from_a_file(void **state) {
    desk *d = *state;
    refused(d, ask(d, "agent enroll D1", NULL), ERR_NOT_FOUND, "partner 'D1': unknown; import it first");
    refused(d, ask(d, "agent enroll --from file.csv", "partner\nD1\n"), ERR_NOT_FOUND, "file.csv row 2: partner 'D1'");
    must(d, ask(d, "agent enroll --from file.csv --create-unknown", "partner\nD1\nD2\n"));
    answered(d, "\"partner\":\"D1\"");
    answered(d, "\"partner\":\"D2\"");
    must(d, ask(d, "partner show D2", NULL));
    answered(d, "\"kind\":\"distributor\"");
    refused(d, ask(d, "agent enroll --from file.csv", "id\nD1\n"), ERR_DATA, "wanted one column, 'partner'");
    refused(d, ask(d, "agent enroll D1 --from file.csv", "partner\nD1\n"), ERR_USAGE, "wants one PARTNER, or --from");
    refused(d, ask(d, "agent enroll", NULL), ERR_USAGE, "wants one PARTNER");
    must(d, ask(d, "agent enroll D1 --days 365", NULL));
    refused(d, ask(d, "agent enroll D1 --days 366", NULL), ERR_USAGE, "wanted 1 … 365");
    refused(d, ask(d, "agent enroll D1 --days 0", NULL), ERR_USAGE, "wanted 1 … 365");
    refused(d, ask(d, "agent enroll D1 --replace D1-1", NULL), ERR_NOT_FOUND, "agent 'D1-1': unknown");
    refused(d, ask(d, "agent revoke D1-1", NULL), ERR_NOT_FOUND, "agent 'D1-1': unknown");
    must(d, ask(d, "agent list", NULL));
    assert_int_equal(d->rows.n, 0);
}

static void users_act_within_their_role_and_scope(void **state) {
    desk *d = *state;
    char anna[64], bert[64];
    must(d, ask(d, "partner import file.csv", "id,kind\nD1,distributor\nD2,distributor\n"));
    must(d, ask(d, "user add anna --role channel_manager", NULL));
    (void)value_of(d, "token", anna, sizeof anna);
    must(d, ask(d, "user add bert --role account_manager --scope D1", NULL));
    (void)value_of(d, "token", bert, sizeof bert);
    refused(d, ask(d, "user add anna --role finance", NULL), ERR_CONFLICT, "user 'anna' exists");
    refused(d, ask(d, "user add carl --role king", NULL), ERR_USAGE, "wanted one of admin, channel_manager");
    must(d, ask(d, "user list", NULL));
    answered(d, "{\"name\":\"bert\",\"role\":\"account_manager\",\"scope\":\"D1\",\"disabled\":false}");
    silent(d, anna);
    must(d, ask_as(d, anna, "partner set D2 tier=A", NULL));
    refused(d, ask_as(d, anna, "user list", NULL), ERR_DENIED, "");
    refused(d, ask_as(d, "nonsense", "partner list", NULL), ERR_DENIED, "unknown token");
    must(d, ask_as(d, bert, "partner set D1 tier=A", NULL));
    refused(d, ask_as(d, bert, "partner set D2 tier=B", NULL), ERR_DENIED, "not permitted to 'bert'");
    refused(d, ask_as(d, bert, "agent enroll D2", NULL), ERR_DENIED, "not permitted");
    must(d, ask_as(d, bert, "partner list", NULL));
    answered(d, "D1");
    silent(d, "D2");
    refused(d, ask_as(d, bert, "partner show D2", NULL), ERR_NOT_FOUND, "partner 'D2': unknown");
    must(d, ask(d, "user disable anna", NULL));
    refused(d, ask_as(d, anna, "partner list", NULL), ERR_DENIED, "disabled");
    must(d, ask(d, "user add anna --role auditor", NULL));
    refused(d, ask_as(d, anna, "partner list", NULL), ERR_DENIED, "unknown token");
}

static void settings_are_listed_and_journaled_once(void **state) {
    desk *d = *state;
    must(d, ask(d, "setting get tax.default_rate", NULL));
    answered(d, "\"value\":\"13%\",\"default\":\"13%\"");
    must(d, ask(d, "setting set tax.default_rate 9% --reason law", NULL));
    assert_string_equal(d->message, "tax.default_rate is 0.09");
    must(d, ask(d, "setting set tax.default_rate 0.09", NULL));
    assert_int_equal(entries(d), 1);
    must(d, ask(d, "setting list", NULL));
    answered(d, "\"name\":\"tax.default_rate\",\"value\":\"0.09\",\"default\":\"13%\",\"choices\":null,\"unit\":null,"
                "\"entry\":1");
    refused(d, ask(d, "setting set colour red", NULL), ERR_NOT_FOUND, "setting 'colour': unknown");
    refused(d, ask(d, "setting set currency euro", NULL), ERR_DATA, "wanted three letters");
}

static void a_person_is_sealed_shown_and_forgotten(void **state) {
    desk *d = *state;
    char note[LIMIT_PERSON + 64] = "person set p1 --note ";
    must(d, ask(d, "person set p1 --name 张三 --phone 138", NULL));
    must(d, ask(d, "person set p1 --phone 139", NULL));
    must(d, ask(d, "person show p1", NULL));
    answered(d, "{\"id\":\"p1\",\"name\":\"张三\",\"phone\":\"139\",\"partner\":null,\"note\":null}");
    refused(d, ask(d, "person set p1 --partner D9", NULL), ERR_NOT_FOUND, "partner 'D9': unknown");
    memset(note + strlen(note), 'x', LIMIT_PERSON);
    refused(d, ask(d, note, NULL), ERR_DATA, "at most 2048 bytes");
    must(d, ask(d, "person erase p1", NULL));
    refused(d, ask(d, "person show p1", NULL), ERR_NOT_FOUND, "erased");
    refused(d, ask(d, "person erase p9", NULL), ERR_NOT_FOUND, "unknown");
    AUTO(txn) *t = NULL;
    assert_true(txn_begin(d->db, TXN_READ, &t, &d->why));
    for (uint64_t seq = 1; seq <= 3; seq++) {
        entry en;
        assert_true(journal_get(t, seq, &en));
        assert_false(str_has(en.body, STR("张三")) || str_has(en.body, STR("139")));
    }
}

static void a_large_file_is_cut_into_entries(void **state) {
    desk *d = *state;
    AUTO(buf) file = {0};
    buf_addz(&file, "id,kind,parent\n");
    for (int i = LIMIT_ENTRY_ROWS; i >= 0; i--) buf_printf(&file, "D%d,distributor,%s\n", i, i % 2 ? "D0" : "");
    must(d, ask(d, "partner import file.csv", buf_z(&file)));
    answered(d, "\"new\":4097,\"changed\":0,\"same\":0,\"entries\":2");
    assert_int_equal(entries(d), 2);
    buf_clear(&file);
    buf_addz(&file, "sku\n");
    for (int i = 0; i <= LIMIT_IMPORT_ROWS; i++) buf_addz(&file, "P\n");
    refused(d, ask(d, "product import file.csv", buf_z(&file)), ERR_DATA, "more than 200000 rows");
    file.n -= 2;
    must(d, ask(d, "product import file.csv", buf_z(&file)));
    answered(d, "\"new\":1,\"changed\":0,\"same\":199999");
}

static void an_entry_holds_a_mebibyte_of_rows(void **state) {
    desk *d = *state;
    AUTO(buf) file = {0};
    char name[LIMIT_NAME + 1] = {0};
    enum { ROWS = LIMIT_ENTRY_BYTES / (3 * LIMIT_NAME) + 1 }; /* a little more than one entry */
    memset(name, 'x', LIMIT_NAME);
    buf_addz(&file, "sku,name,brand,category\n");
    for (int i = 0; i < ROWS; i++) buf_printf(&file, "P%d,%s,%s,%s\n", i, name, name, name);
    must(d, ask(d, "product import file.csv", buf_z(&file)));
    answered(d, "\"entries\":2");
    AUTO(txn) *t = NULL;
    assert_true(txn_begin(d->db, TXN_READ, &t, &d->why));
    for (uint64_t seq = 1; seq <= 2; seq++) {
        entry en;
        assert_true(journal_get(t, seq, &en));
        assert_true(en.body.n <= LIMIT_ENTRY_BYTES + 8 * LIMIT_ENTRY_ROWS); /* rows, and how they are told apart */
    }
}

#define IN_STORE(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_STORE(a_file_goes_in_whole_or_not_at_all),
        IN_STORE(a_column_left_out_keeps_its_cells),
        IN_STORE(a_file_that_is_no_such_table_is_refused_by_name),
        IN_STORE(gb18030_and_lists_of_regions_are_read),
        IN_STORE(one_row_is_set_shown_listed_and_removed),
        IN_STORE(a_price_is_shown_with_the_row_that_decides),
        IN_STORE(a_token_pins_the_server_and_is_kept_as_a_public_key_only),
        IN_STORE(many_partners_are_enrolled_from_a_file),
        IN_STORE(users_act_within_their_role_and_scope),
        IN_STORE(settings_are_listed_and_journaled_once),
        IN_STORE(a_person_is_sealed_shown_and_forgotten),
        IN_STORE(a_large_file_is_cut_into_entries),
        IN_STORE(an_entry_holds_a_mebibyte_of_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
