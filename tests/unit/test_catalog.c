/* links: catalog */
#include "catalog_fixture.h"
#include "daemon/catalog/cell.h"
#include "daemon/catalog/check.h"
#include "daemon/catalog/columns.h"
#include "daemon/catalog/partner.h"
#include "daemon/catalog/persons.h"
#include "daemon/catalog/product.h"
#include "daemon/catalog/settings.h"
#include "daemon/catalog/stage.h"
#include "daemon/catalog/territory.h"
#include "daemon/catalog/users.h"
#include "daemon/catalog/waiting.h"
#include "proto/digest.h"
#include "proto/limits.h"

static int begin(void **state) {
    *state = fixture_begin();
    return 0;
}

static int end(void **state) {
    return fixture_end(*state);
}

static void cells_have_one_spelling(void **state) {
    (void)state;
    static const struct {
        catalog_column col;
        const char *in, *out; /* out NULL: refused */
    } cases[] = {
        {{.type = CELL_DAY}, "2026/3/1", "2026-03-01"},
        {{.type = CELL_DAY}, "20260301", "2026-03-01"},
        {{.type = CELL_DAY}, "2026年3月1日", "2026-03-01"},
        {{.type = CELL_DAY}, "2026.03.01", "2026-03-01"},
        {{.type = CELL_DAY}, "2026-02-29", NULL},
        {{.type = CELL_DAY}, "1/3/2026", NULL},
        {{.type = CELL_RATE}, "13%", "0.13"},
        {{.type = CELL_RATE}, "13", "0.13"},
        {{.type = CELL_RATE}, "0.13", "0.13"},
        {{.type = CELL_RATE}, "0", "0"},
        {{.type = CELL_RATE}, "100%", "1"},
        {{.type = CELL_RATE}, "101%", NULL},
        {{.type = CELL_RATE}, "-1%", NULL},
        {{.type = CELL_DECIMAL, .scale = 2}, "12.50", "12.5"},
        {{.type = CELL_DECIMAL, .scale = 2}, "12.505", NULL},
        {{.type = CELL_DECIMAL, .scale = 2}, "-1", NULL},
        {{.type = CELL_UNITS}, "箱=24；盒 = 6", "箱=24;盒=6"},
        {{.type = CELL_UNITS}, "kg=0.001", "kg=0.001"},
        {{.type = CELL_UNITS}, "箱", NULL},
        {{.type = CELL_UNITS}, "箱=0", NULL},
        {{.type = CELL_LIST}, "a、b, c;;d", "a;b;c;d"},
        {{.type = CELL_CHOICE, .choices = "sale=销售|return"}, "销售", "sale"},
        {{.type = CELL_CHOICE, .choices = "sale=销售|return"}, "Return", "return"},
        {{.type = CELL_CHOICE, .choices = "sale=销售|return"}, "gift", NULL},
        {{.type = CELL_ID}, "a\nb", NULL},
        {{.type = CELL_ID}, "D\x01", NULL},
    };
    AUTO(arena) a = {0};
    arena_init(&a, 1 << 20);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        str out = STR_NONE, wanted = STR_NONE;
        bool ok = cell_canonical(&cases[i].col, str_of(cases[i].in), &a, &out, &wanted);
        if (ok != (cases[i].out != NULL)) fail_msg("'%s'", cases[i].in);
        if (ok && !str_is(out, cases[i].out)) fail_msg("'%s' became '%.*s'", cases[i].in, STR_ARG(out));
        if (!ok) assert_true(wanted.n > 0);
    }
}

static void texts_end_at_their_limit(void **state) {
    (void)state;
    static const struct {
        cell_type type;
        size_t limit;
    } cases[] = {{CELL_ID, LIMIT_ID}, {CELL_TEXT, LIMIT_NAME}, {CELL_WORD, LIMIT_TEXT}};
    char long_text[LIMIT_TEXT + 2];
    AUTO(arena) a = {0};
    arena_init(&a, 1 << 20);
    memset(long_text, 'x', sizeof long_text);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        catalog_column col = {.type = cases[i].type};
        str out, wanted;
        assert_true(cell_canonical(&col, str_from(long_text, cases[i].limit), &a, &out, &wanted));
        assert_false(cell_canonical(&col, str_from(long_text, cases[i].limit + 1), &a, &out, &wanted));
    }
    assert_true(catalog_id_ok(str_from(long_text, LIMIT_ID)));
    assert_false(catalog_id_ok(str_from(long_text, LIMIT_ID + 1)));
    assert_false(catalog_id_ok(STR("")));
    assert_false(catalog_id_ok(STR(" a")));
}

static void the_same_rows_again_change_nothing(void **state) {
    fixture *f = *state;
    const char *text = "M,厂家,manufacturer|D2,二号,分销商,,D1|D1,一号,distributor,A,M";
    must(f, rows(f, "partner", text));
    assert_int_equal(f->last.lines, 3);
    assert_int_equal(f->last.committed, 3);
    uint64_t records = kv_count(f->t, TABLE_CATALOG_HISTORY), indexed = kv_count(f->t, TABLE_CATALOG_INDEX);
    must(f, rows(f, "partner", text));
    assert_int_equal(f->last.committed, 0);
    assert_int_equal(f->last.duplicate, 3);
    assert_int_equal(kv_count(f->t, TABLE_CATALOG_HISTORY), records);
    must(f, rows(f, "partner", "D1,一号公司,distributor,A,M"));
    assert_int_equal(f->last.committed, 1);
    assert_int_equal(kv_count(f->t, TABLE_CATALOG_HISTORY), records + 1);
    assert_int_equal(kv_count(f->t, TABLE_CATALOG_INDEX), indexed);
    partner p;
    assert_true(partner_by_id(f->t, STR("D2"), &p));
    assert_int_equal(p.kind, PARTNER_SUB_DISTRIBUTOR);
    assert_true(str_is(partner_id(f->t, p.parent), "D1"));
}

static void the_tree_of_partners_follows_its_rows(void **state) {
    fixture *f = *state;
    must(f, rows(f, "partner",
                 "M,,manufacturer|D1,,distributor,,M|S1,,sub_distributor,,D1|T1,,terminal,,S1|D2,,distributor,,M"));
    partner m, d1, d2, s1, t1;
    assert_true(partner_by_id(f->t, STR("M"), &m) && partner_by_id(f->t, STR("D1"), &d1));
    assert_true(partner_by_id(f->t, STR("D2"), &d2) && partner_by_id(f->t, STR("S1"), &s1));
    assert_true(partner_by_id(f->t, STR("T1"), &t1));
    uint32_t below[8], chain[PARTNER_DEPTH_MAX];
    assert_int_equal(partner_below(f->t, m.no, below, 8), 4);
    assert_int_equal(partner_below(f->t, m.no, below, 2), 2);
    assert_int_equal(partner_below(f->t, t1.no, below, 8), 0);
    assert_int_equal(partner_chain(f->t, t1.no, chain), 4);
    assert_true(chain[0] == t1.no && chain[1] == s1.no && chain[3] == m.no);
    assert_true(partner_within(f->t, t1.no, d1.no) && !partner_within(f->t, t1.no, d2.no));
    assert_true(partner_reports(f->t, &d1) && !partner_reports(f->t, &t1));
    must(f, rows(f, "partner", "S1,,sub_distributor,,D2"));
    assert_int_equal(partner_below(f->t, d1.no, below, 8), 0);
    assert_int_equal(partner_below(f->t, d2.no, below, 8), 2);
    assert_true(partner_within(f->t, t1.no, d2.no));
    partner maker;
    assert_true(partner_manufacturer(f->t, &maker) && maker.no == m.no);
}

static void every_fault_is_one_clear_line(void **state) {
    fixture *f = *state;
    static const struct {
        const char *table, *rows, *says;
    } cases[] = {
        {"partner", "D9,,dealer", "partner row 1, kind: 'dealer' found, wanted one of manufacturer, distributor"},
        {"partner", "D9,,", "kind: '' found, wanted not empty"},
        {"partner", "D9,,distributor,,NOBODY", "parent: 'NOBODY' found, wanted a known partner"},
        {"partner", "D9,,distributor,,D9", "parent: 'D9' found"},
        {"partner", "A,,distributor,,B|B,,distributor,,A", "2 faults, nothing imported"},
        {"partner", "D9,,distributor,,,Atlantis", "region: 'Atlantis' found, wanted a region"},
        {"partner", "D9,x,distributor|D9,y,distributor", "row 2, name: 'y' found, wanted one row a key"},
        {"product", "P,,,,,,箱", "units: '箱' found"},
        {"product", "P,,,,,,,1.1234567", "list_price: '1.1234567' found"},
        {"stage", "NONE,growth,2026-01-01", "sku: 'NONE' found, wanted a known product"},
        {"stage", "SKU,old,2026-01-01", "stage: 'old' found, wanted one of introduction"},
        {"stage", "SKU,growth,soon", "from: 'soon' found, wanted a date"},
        {"price", "SKU,dealer,2026-02-01,2026-01-01,5", "to: '2026-01-01' found, wanted a day not before 'from'"},
        {"price", "SKU,dealer,,,", "amount: '' found"},
        {"alias", "NOBODY,product,x,SKU", "owner: 'NOBODY' found"},
        {"alias", "*,product,x,NONE", "id: 'NONE' found, wanted a known product"},
        {"alias", "*,product,x", "id: '' found"},
        {"alias", "*,unit,箱", "a unit of the catalogue, or a factor"},
        {"alias", "*,unit,箱,,,0", "factor: '0' found"},
        {"region", "12345,x,,province", "code: '12345' found"},
        {"territory", "D1,Atlantis", "region: 'Atlantis' found"},
    };
    must(f, rows(f, "partner", "D1,,distributor"));
    must(f, rows(f, "product", "SKU"));
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        uint64_t before = kv_count(f->t, TABLE_CATALOG), counters = kv_count(f->t, TABLE_COUNTER);
        refused(f, rows(f, cases[i].table, cases[i].rows), ERR_DATA, cases[i].says);
        assert_int_equal(kv_count(f->t, TABLE_CATALOG), before);
        assert_int_equal(kv_count(f->t, TABLE_COUNTER), counters);
    }
    refused(f, rows_as(f, "partner", "D7", "set", true), ERR_DATA, "a row that is there");
}

static void faults_are_all_counted_and_twenty_kept(void **state) {
    fixture *f = *state;
    enum { ROWS = CATALOG_FAULTS + 1 };
    str cells[ROWS][6] = {{{0}}};
    char ids[ROWS][8];
    AUTO(arena) a = {0};
    AUTO(catalog_checked) c = {0};
    arena_init(&a, 1 << 20);
    for (size_t i = 0; i < ROWS; i++) {
        (void)snprintf(ids[i], sizeof ids[i], "D%zu", i);
        cells[i][PARTNER_ID] = str_of(ids[i]);
    }
    catalog_input in = {.table = CATALOG_PARTNER, .cells = cells[0], .rows = ROWS};
    assert_false(catalog_check(f->t, &in, &a, &c));
    assert_int_equal(c.faults.total, ROWS);
    assert_int_equal(c.faults.kept, CATALOG_FAULTS);
    assert_int_equal(c.faults.at[3].row, 3);
    assert_string_equal(c.faults.at[3].column, "kind");
}

static void columns_not_given_keep_what_is_stored(void **state) {
    fixture *f = *state;
    must(f, rows(f, "partner", "D1,一号,distributor,A"));
    bool given[CATALOG_COLUMNS_MAX] = {[PARTNER_ID] = true, [PARTNER_TIER] = true};
    str cells[2][6] = {{STR("D1"), STR(""), STR(""), STR("B")}, {STR("D2"), STR(""), STR(""), STR("B")}};
    catalog_input in = {.table = CATALOG_PARTNER, .cells = cells[0], .rows = 1, .given = given};
    AUTO(arena) a = {0};
    arena_init(&a, 1 << 20);
    AUTO(catalog_checked) one = {0};
    assert_true(catalog_check(f->t, &in, &a, &one));
    assert_true(one.count[ROW_CHANGED] == 1 && str_is(one.cell[PARTNER_NAME], "一号") &&
                str_is(one.cell[PARTNER_TIER], "B"));
    AUTO(catalog_checked) two = {0};
    in.rows = 2;
    assert_false(catalog_check(f->t, &in, &a, &two));
    assert_true(two.faults.total == 1 && two.faults.at[0].row == 1);
    assert_string_equal(two.faults.at[0].column, "kind");
}

static void parents_may_be_sixteen_deep(void **state) {
    fixture *f = *state;
    char row[64];
    must(f, rows(f, "partner", "P0,,distributor"));
    for (int i = 1; i < PARTNER_DEPTH_MAX; i++) {
        (void)snprintf(row, sizeof row, "P%d,,distributor,,P%d", i, i - 1);
        must(f, rows(f, "partner", row));
    }
    (void)snprintf(row, sizeof row, "P%d,,distributor,,P%d", PARTNER_DEPTH_MAX, PARTNER_DEPTH_MAX - 1);
    refused(f, rows(f, "partner", row), ERR_DATA, "parent");
}

static void rows_of_an_entry_are_bounded(void **state) {
    fixture *f = *state;
    Entry__Catalog m = ENTRY__CATALOG__INIT;
    ProtobufCBinaryData *row = calloc(LIMIT_ENTRY_ROWS + 1, sizeof *row);
    AUTO(buf) b = {0};
    str cells[CATALOG_COLUMNS_MAX] = {{0}};
    cells[PRODUCT_SKU] = STR("SKU");
    catalog_cells_put(&b, CATALOG_PRODUCT, cells);
    for (size_t i = 0; i <= LIMIT_ENTRY_ROWS; i++) row[i] = (ProtobufCBinaryData){b.n, (uint8_t *)b.p};
    m.table = (char *)(uintptr_t) "product";
    m.row = row;
    m.n_row = LIMIT_ENTRY_ROWS + 1;
    refused(f, apply(f, KIND_CATALOG, &m), ERR_DATA, "4097 rows");
    m.n_row = LIMIT_ENTRY_ROWS;
    must(f, apply(f, KIND_CATALOG, &m));
    assert_int_equal(f->last.committed, 1);
    m.n_row = 0;
    refused(f, apply(f, KIND_CATALOG, &m), ERR_DATA, "0 rows");
    free(row);
}

static void a_row_is_what_it_was_on_the_day(void **state) {
    fixture *f = *state;
    product p;
    must(f, rows(f, "product", "SKU,,old name,,,瓶,箱=24"));
    assert_true(product_by_sku(f->t, STR("SKU"), &p));
    uint32_t no = p.no;
    day_t today = day_of(2026, 3, 2);
    f->now_ms += 5 * 86400000LL;
    must(f, rows(f, "product", "SKU,,new name,,,瓶,箱=12"));
    assert_true(product_at(f->t, no, ON_DAY(DAY_MIN), &p) && str_is(p.name, "old name"));
    assert_true(product_at(f->t, no, ON_DAY(today + 4), &p) && str_is(p.units, "箱=24"));
    assert_true(product_at(f->t, no, ON_DAY(today + 5), &p) && str_is(p.units, "箱=12"));
    assert_true(product_by_no(f->t, no, &p) && str_is(p.name, "new name"));
}

static void what_was_created_as_sent_is_known_since_ever_once_imported(void **state) {
    fixture *f = *state;
    product p;
    partner shop;
    must(f, rows(f, "partner", "D1,,distributor"));
    assert_true(partner_by_id(f->t, STR("D1"), &shop));
    uint32_t place = catalog_create_place(f->t, 90, shop.no, STR("SHOP"));
    uint32_t no = catalog_create_product(f->t, 90, STR("SKU"));
    assert_true(product_by_no(f->t, no, &p) && p.unreviewed);
    assert_true(partner_by_no(f->t, place, &shop) && shop.unreviewed && shop.kind == PARTNER_TERMINAL);
    must(f, rows(f, "product", "SKU,,name,,,瓶,箱=24"));
    assert_int_equal(f->last.committed, 1);
    assert_true(product_at(f->t, no, ON_DAY(DAY_MIN), &p) && str_is(p.units, "箱=24") && !p.unreviewed);
    key k;
    catalog_history_key(&k, CATALOG_PRODUCT, no);
    kv_cursor c = kv_from(f->t, TABLE_CATALOG_HISTORY, key_str(&k), STR_NONE);
    assert_true(kv_next(&c));
    assert_false(kv_next(&c));
    must(f, rows(f, "product", "SKU2"));
    must(f, rows(f, "product", "SKU2"));
    assert_int_equal(f->last.duplicate, 1);
}

static void a_removed_row_is_there_no_more_but_stays_known(void **state) {
    fixture *f = *state;
    must(f, rows(f, "product", "SKU,02345673"));
    uint64_t indexed = kv_count(f->t, TABLE_CATALOG_INDEX);
    must(f, rows_as(f, "product", "SKU", "set", true));
    product p;
    product_match m;
    assert_true(product_by_sku(f->t, STR("SKU"), &p) && p.ended && str_is(p.gtin, "02345673"));
    assert_false(resolve_product(f->t, 0, STR("SKU"), 0, &m));
    assert_false(resolve_product(f->t, 0, STR("02345673"), 0, &m));
    assert_int_equal(kv_count(f->t, TABLE_CATALOG_INDEX), indexed - 1);
    refused(f, rows(f, "stage", "SKU,growth,2026-01-01"), ERR_DATA, "a known product");
    must(f, rows(f, "product", "SKU,02345673"));
    assert_true(resolve_product(f->t, 0, STR("02345673"), 0, &m));
}

static void content_forgets_numbers_and_entries(void **state) {
    fixture *f = *state, *g = fixture_begin();
    static const char *const parts[] = {"A,,distributor", "B,,distributor", "C,,terminal,,A"};
    static const uint32_t tables[] = {TABLE_CATALOG, TABLE_CATALOG_HISTORY};
    for (size_t i = 0; i < 3; i++) must(f, rows(f, "partner", parts[i]));
    must(g, rows(g, "partner", parts[1]));
    partner a;
    must(g, rows(g, "partner", "A,,distributor"));
    assert_true(partner_by_id(g->t, STR("A"), &a));
    (void)catalog_create_place(g->t, ++g->seq, a.no, STR("C"));
    must(g, rows(g, "partner", parts[2]));
    for (size_t i = 0; i < ARRAY_LEN(tables); i++) {
        uint8_t sum[2][32] = {{0}};
        fixture *both[] = {f, g};
        for (size_t w = 0; w < 2; w++) {
            kv_cursor c = kv_from(both[w]->t, tables[i], STR(""), STR_NONE);
            while (kv_next(&c)) {
                AUTO(buf) b = {0};
                uint8_t digest[32];
                assert_true(catalog_content(both[w]->t, tables[i], c.key, c.val, &b));
                digest_of(buf_str(&b), digest);
                for (size_t x = 0; x < 32; x++) sum[w][x] ^= digest[x];
            }
        }
        assert_memory_equal(sum[0], sum[1], 32);
    }
    (void)fixture_end(g);
}

static void stages_and_territories_have_their_days(void **state) {
    fixture *f = *state;
    load_regions(f);
    must(f, rows(f, "partner", "D1,,distributor|S1,,sub_distributor,,D1"));
    must(f, rows(f, "product", "SKU,,,红牌,酒|X,,,白牌,酒"));
    must(f, rows(f, "stage", "SKU,入市期,2026-01-01|SKU,growth,2026/7/1"));
    assert_int_equal(stage_at(f->t, STR("SKU"), day_of(2025, 12, 31)), STAGE_NONE);
    assert_int_equal(stage_at(f->t, STR("SKU"), day_of(2026, 6, 30)), STAGE_INTRODUCTION);
    assert_int_equal(stage_at(f->t, STR("SKU"), day_of(2026, 7, 1)), STAGE_GROWTH);
    must(f, rows(f, "territory", "D1,浙江省,brand:红牌,2026-01-01,2026-12-31,,是|D1,310000,SKU"));
    partner s1;
    product sku, x;
    territory own[4];
    uint32_t hangzhou, shanghai;
    assert_true(partner_by_id(f->t, STR("S1"), &s1));
    assert_true(product_by_sku(f->t, STR("SKU"), &sku) && product_by_sku(f->t, STR("X"), &x));
    assert_true(resolve_region(f->t, s1.no, STR("西湖区"), 0, &hangzhou) == false);
    assert_true(resolve_region(f->t, s1.no, STR("330106"), 0, &hangzhou));
    assert_true(resolve_region(f->t, s1.no, STR("上海"), 0, &shanghai));
    day_t inside = day_of(2026, 12, 31), after = day_of(2027, 1, 1);
    assert_true(territory_allows(f->t, s1.no, &sku, hangzhou, STR(""), inside));
    assert_false(territory_allows(f->t, s1.no, &sku, hangzhou, STR(""), after));
    assert_false(territory_allows(f->t, s1.no, &x, hangzhou, STR(""), inside));
    assert_true(territory_allows(f->t, s1.no, &sku, shanghai, STR(""), after));
    assert_int_equal(territory_of(f->t, s1.parent, inside, own, 4), 2);
    assert_int_equal(territory_of(f->t, s1.parent, after, own, 4), 1);
    assert_int_equal(territory_of(f->t, s1.no, inside, own, 4), 0);
}

static bool set(fixture *f, const char *name, const char *value) {
    Entry__Setting m = ENTRY__SETTING__INIT;
    m.name = (char *)(uintptr_t)name;
    m.value = (char *)(uintptr_t)value;
    return apply(f, KIND_SETTING, &m);
}

static void settings_keep_to_their_bounds(void **state) {
    fixture *f = *state;
    static const struct {
        const char *name, *value, *kept; /* kept NULL: refused */
        int64_t number;
    } cases[] = {
        {"currency", "EUR", "EUR", 0},
        {"currency", "euro", NULL, 0},
        {"amount.tax_basis", "excl", "excl", 1},
        {"amount.tax_basis", "net", NULL, 0},
        {"tax.default_rate", "9%", "0.09", 90000},
        {"tax.default_rate", "x", NULL, 0},
        {"accept.oldest", "2020/1/1", "2020-01-01", 18262},
        {"time.zone", "-03:30", "-03:30", -210},
        {"time.zone", "+15:00", NULL, 0},
        {"stock.transit_days", "90", "90", 90},
        {"stock.transit_days", "91", NULL, 0},
        {"stock.transit_days", "-1", NULL, 0},
        {"goods.match_days", "365", "365", 365},
        {"goods.match_days", "366", NULL, 0},
        {"goods.match_days", "0", NULL, 0},
        {"goods.unsigned_days", "90", "90", 90},
        {"goods.unsigned_days", "91", NULL, 0},
        {"balance.tolerance_permille", "1000", "1000", 1000},
        {"balance.tolerance_permille", "1001", NULL, 0},
        {"balance.tolerance_units", "1000000", "1000000", 1000000},
        {"balance.tolerance_units", "1000001", NULL, 0},
        {"balance.plausible_times", "100", "100", 100},
        {"balance.plausible_times", "0", NULL, 0},
        {"balance.count_days", "15", "15", 15},
        {"balance.count_days", "16", NULL, 0},
        {"balance.partner_days", "60", "60", 60},
        {"balance.partner_days", "61", NULL, 0},
    };
    assert_true(str_is(setting_text(f->t, SETTING_CURRENCY), "CNY"));
    assert_int_equal(setting_number(f->t, SETTING_TAX_RATE), 130000);
    assert_int_equal(setting_number(f->t, SETTING_ZONE), 480);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        setting_id id;
        assert_true(setting_parse(str_of(cases[i].name), &id));
        bool ok = set(f, cases[i].name, cases[i].value);
        if (ok != (cases[i].kept != NULL)) fail_msg("%s = %s", cases[i].name, cases[i].value);
        if (!ok) {
            assert_int_equal(f->why.code, ERR_DATA);
            continue;
        }
        assert_true(str_is(setting_text(f->t, id), cases[i].kept));
        if (cases[i].number) assert_int_equal(setting_number(f->t, id), cases[i].number);
        assert_int_equal(setting_entry(f->t, id), f->seq);
    }
    refused(f, set(f, "colour", "red"), ERR_DATA, "no such setting");
    for (setting_id id = 0; id < SETTING_COUNT; id++) {
        AUTO(buf) b = {0};
        int64_t n;
        assert_true(setting_check(id, str_of(setting_facts[id].otherwise), &b, &n, &f->why));
    }
}

static bool user_put(fixture *f, const char *name, const char *role, const char *token, bool disabled) {
    Entry__User m = ENTRY__USER__INIT;
    uint8_t hash[DIGEST_SIZE];
    digest_of(str_of(token), hash);
    m.name = (char *)(uintptr_t)name;
    m.role = (char *)(uintptr_t)role;
    m.disabled = disabled;
    m.token_hash = (ProtobufCBinaryData){sizeof hash, hash};
    return apply(f, KIND_USER, &m);
}

static void users_are_known_by_their_token_only(void **state) {
    fixture *f = *state;
    user u;
    must(f, user_put(f, "anna", "finance", "secret-1", false));
    must(f, user_put(f, "bert", "auditor", "secret-2", false));
    assert_true(user_by_token(f->t, STR("secret-1"), &u) && str_is(u.name, "anna") && str_is(u.role, "finance"));
    assert_false(user_by_token(f->t, STR("secret-3"), &u));
    assert_false(user_by_token(f->t, STR(""), &u));
    refused(f, user_put(f, "carl", "finance", "secret-1", false), ERR_CONFLICT, "somebody else's");
    refused(f, user_put(f, "carl", "king", "secret-4", false), ERR_DATA, "no role 'king'");
    must(f, user_put(f, "anna", "finance", "secret-9", true));
    assert_false(user_by_token(f->t, STR("secret-1"), &u));
    assert_true(user_by_token(f->t, STR("secret-9"), &u) && u.disabled);
    assert_int_equal(user_role_bit(STR("admin")), 1);
    assert_int_equal(user_role_bit(STR("partner_clerk")), 256);
    assert_int_equal(user_role_bit(STR("")), 0);
}

static void an_erased_person_cannot_be_read_again(void **state) {
    fixture *f = *state;
    AUTO(buf) nonce = {0};
    AUTO(buf) sealed = {0};
    AUTO(buf) plain = {0};
    Entry__PersonData data = ENTRY__PERSON_DATA__INIT;
    Entry__Person m = ENTRY__PERSON__INIT;
    data.name = (char *)(uintptr_t) "张三";
    data.phone = (char *)(uintptr_t) "13800000000";
    person_seal(f->t, STR("p1"), &data, &nonce, &sealed);
    assert_false(str_has(buf_str(&sealed), STR("张三")));
    m.id = (char *)(uintptr_t) "p1";
    m.nonce = (ProtobufCBinaryData){nonce.n, (uint8_t *)nonce.p};
    m.sealed = (ProtobufCBinaryData){sealed.n, (uint8_t *)sealed.p};
    must(f, apply(f, KIND_PERSON, &m));
    must(f, person_open(f->t, STR("p1"), &plain, &f->why));
    assert_true(str_has(buf_str(&plain), STR("张三")));
    assert_true(person_forget(f->t, STR("p1")));
    assert_false(person_open(f->t, STR("p1"), &plain, &f->why));
    assert_int_equal(f->why.code, ERR_NOT_FOUND);
    assert_false(person_open(f->t, STR("p2"), &plain, &f->why));
    m.sealed.len = m.nonce.len = 0;
    must(f, apply(f, KIND_PERSON, &m));
    m.id = (char *)(uintptr_t) "p2";
    refused(f, apply(f, KIND_PERSON, &m), ERR_NOT_FOUND, "unknown");
}

typedef struct heard {
    char text[1024];
} heard;

static void hear(void *arg, waiting_reason reason, str word) {
    heard *h = arg;
    size_t n = strlen(h->text);
    (void)snprintf(h->text + n, sizeof h->text - n, "%s=%.*s ", waiting_name(reason),
                   STR_ARG(word.p ? word : STR("ALL")));
}

static void an_entry_says_which_words_it_teaches(void **state) {
    (void)state;
    static const struct {
        catalog_table table;
        const char *cells[8];
        const char *want;
    } cases[] = {
        {CATALOG_PRODUCT,
         {"SKU", "02345673", "", "", "", "瓶", "箱=24"},
         "unknown_product=SKU unreviewed_product=SKU unknown_product=00000002345673 unknown_product=0000002345673 "
         "unknown_product=000002345673 unknown_product=02345673 unknown_unit=瓶 unknown_unit=箱 "},
        {CATALOG_ALIAS, {"*", "unit", "CT", "箱"}, "unknown_unit=CT "},
        {CATALOG_ALIAS, {"*", "region", "沪", "310000"}, "unknown_region=沪 "},
        {CATALOG_AREA, {"EAST", "华东", ""}, "unknown_region=ALL "},
        {CATALOG_STAGE, {"SKU", "growth", "2026-01-01"}, ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        Entry__Catalog m = ENTRY__CATALOG__INIT;
        AUTO(buf) row = {0};
        AUTO(buf) body = {0};
        str cells[CATALOG_COLUMNS_MAX] = {{0}};
        heard h = {{0}};
        for (size_t k = 0; k < 8; k++) cells[k] = str_of(cases[i].cells[k]);
        catalog_cells_put(&row, cases[i].table, cells);
        ProtobufCBinaryData one = {row.n, (uint8_t *)row.p};
        m.table = (char *)(uintptr_t)catalog_tables[cases[i].table].name;
        m.row = &one;
        m.n_row = 1;
        buf_reserve(&body, entry__catalog__get_packed_size(&m));
        body.n = entry__catalog__pack(&m, (uint8_t *)body.p);
        entry en = {.kind = KIND_CATALOG, .body = buf_str(&body)};
        catalog_learnt(&en, hear, &h);
        assert_string_equal(h.text, cases[i].want);
    }
    waiting_reason r;
    assert_true(waiting_parse(STR("unknown_unit"), &r) && r == WAIT_UNIT);
}

static void a_damaged_entry_is_refused(void **state) {
    fixture *f = *state;
    uint8_t hash[32] = {0};
    apply_result r = {0};
    entry en = {.seq = 1, .kind = KIND_CATALOG, .body = STR("\xff\xff\xff"), .prev = hash, .hash = hash};
    assert_false(catalog_apply(f->t, &en, &r, &f->why));
    assert_int_equal(f->why.code, ERR_DATA);
    en.kind = KIND_CLOCK;
    assert_true(catalog_apply(f->t, &en, &r, &f->why));
}

static void check_digits_follow_gs1(void **state) {
    (void)state;
    static const char *const good[] = {"02345673", "416000336108", "1234567890128", "12345678901231",
                                       "123456789012345675"};
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        char bad[32];
        assert_true(gtin_check(str_of(good[i])));
        (void)str_copy_z(str_of(good[i]), bad, sizeof bad);
        size_t last = strlen(bad) - 1;
        bad[last] = (char)(bad[last] == '9' ? '0' : bad[last] + 1);
        assert_false(gtin_check(str_of(bad)));
    }
    char out[GTIN_SIZE];
    assert_true(gtin_pad(STR("02345673"), out) && memcmp(out, "00000002345673", 14) == 0);
    assert_false(gtin_pad(STR("0234567"), out));
    assert_false(gtin_pad(STR("0234567x"), out));
}

#define IN_STORE(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_have_one_spelling),
        cmocka_unit_test(texts_end_at_their_limit),
        cmocka_unit_test(check_digits_follow_gs1),
        cmocka_unit_test(an_entry_says_which_words_it_teaches),
        IN_STORE(the_same_rows_again_change_nothing),
        IN_STORE(the_tree_of_partners_follows_its_rows),
        IN_STORE(every_fault_is_one_clear_line),
        IN_STORE(faults_are_all_counted_and_twenty_kept),
        IN_STORE(columns_not_given_keep_what_is_stored),
        IN_STORE(parents_may_be_sixteen_deep),
        IN_STORE(rows_of_an_entry_are_bounded),
        IN_STORE(a_row_is_what_it_was_on_the_day),
        IN_STORE(what_was_created_as_sent_is_known_since_ever_once_imported),
        IN_STORE(a_removed_row_is_there_no_more_but_stays_known),
        IN_STORE(content_forgets_numbers_and_entries),
        IN_STORE(stages_and_territories_have_their_days),
        IN_STORE(settings_keep_to_their_bounds),
        IN_STORE(users_are_known_by_their_token_only),
        IN_STORE(an_erased_person_cannot_be_read_again),
        IN_STORE(a_damaged_entry_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
