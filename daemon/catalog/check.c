#include "daemon/catalog/check.h"

#include "base/fiscal.h"
#include "daemon/catalog/cell.h"
#include "daemon/catalog/columns.h"
#include "daemon/catalog/partner.h"
#include "daemon/catalog/product.h"
#include "daemon/catalog/promotion.h"
#include "daemon/catalog/region.h"
#include "daemon/catalog/rows.h"
#include "proto/limits.h"

typedef struct checker {
    txn *t;
    arena *a;
    const catalog_input *in;
    catalog_checked *out;
} checker;

static const catalog_fact *fact_of(const catalog_checked *c) {
    return &catalog_tables[c->table];
}

static str *row_cells(const catalog_checked *c, size_t row) {
    return c->cell + row * fact_of(c)->column_count;
}

size_t catalog_column_of(catalog_table table, str name) {
    for (size_t i = 0; i < catalog_tables[table].column_count; i++)
        if (str_is(name, catalog_tables[table].columns[i].name)) return i;
    return SIZE_MAX;
}

static void add(catalog_faults *list, const catalog_fault *f) {
    if (list->kept < CATALOG_FAULTS) list->at[list->kept++] = *f;
    list->total++;
}

static void fault(checker *c, size_t row, size_t column, str wanted, str hint) {
    const catalog_fact *f = fact_of(c->out);
    add(&c->out->faults,
        &(catalog_fault){.row = row,
                         .column = column == SIZE_MAX ? "" : f->columns[column].name,
                         .found = column == SIZE_MAX ? STR("") : c->in->cells[row * f->column_count + column],
                         .wanted = wanted,
                         .hint = hint});
}

static bool given(const checker *c, size_t column) {
    return c->in->given == NULL || c->in->given[column];
}

/* A row of the table by its one key cell: among the rows given, or stored and not ended. */
static bool known(checker *c, catalog_table table, str id) {
    catalog_row row;
    key k;
    if (!catalog_key_fits(table, &id, 1)) return false;
    catalog_key(&k, table, &id, 1);
    if (table == c->out->table && map_find(&c->out->keys, str_skip(key_str(&k), 1))) return true;
    return catalog_get(c->t, table, &id, &row) && !(row.flags & ROW_ENDED);
}

static bool check_ref(checker *c, size_t row, size_t column, catalog_table table, str id) {
    static const str hints[CATALOG_TABLE_COUNT] = {
        [CATALOG_PARTNER] = {"import the partner first", 24},
        [CATALOG_PRODUCT] = {"import the product first", 24},
        [CATALOG_REGION] = {"import the region first", 23},
    };
    if (known(c, table, id)) return true;
    AUTO(buf) b = {0};
    buf_printf(&b, "a known %s", catalog_tables[table].name);
    fault(c, row, column, arena_str(c->a, buf_str(&b)), hints[table]);
    return false;
}

static bool check_region(checker *c, size_t row, size_t column, str *cell) {
    uint32_t no;
    bool area_too = c->out->table != CATALOG_AREA;
    if (!region_find(c->t, *cell, 0, c->in->today, &no) || (!area_too && no & REGION_AREA)) {
        fault(c, row, column, STR("a region: code of 2, 4 or 6 digits, country, or a name that only one region has"),
              area_too ? STR("write its code, or the id of a sales area") : STR("write its code"));
        return false;
    }
    *cell = arena_str(c->a, region_code(c->t, no));
    return true;
}

static bool check_aliased(checker *c, size_t row, str *cells) {
    str kind = cells[ALIAS_KIND];
    if (str_is(kind, "partner")) return check_ref(c, row, ALIAS_ID, CATALOG_PARTNER, cells[ALIAS_ID]);
    if (str_is(kind, "product")) return check_ref(c, row, ALIAS_ID, CATALOG_PRODUCT, cells[ALIAS_ID]);
    if (str_is(kind, "region")) return check_region(c, row, ALIAS_ID, &cells[ALIAS_ID]);
    if (str_is(kind, "merge") && str_eq(cells[ALIAS_ID], cells[ALIAS_ALIAS])) {
        fault(c, row, ALIAS_ID, STR("another customer of the partner"), STR("a customer is not merged with itself"));
        return false;
    }
    return true;
}

static bool check_points_to(checker *c, size_t row, size_t column, str *cells) {
    const catalog_column *col = &fact_of(c->out)->columns[column];
    switch (col->type) {
    case CELL_REF: return check_ref(c, row, column, col->ref, cells[column]);
    case CELL_OWNER: return str_is(cells[column], "*") || check_ref(c, row, column, CATALOG_PARTNER, cells[column]);
    case CELL_WHOM:
        if (str_is(cells[column], "*") || str_starts(cells[column], STR("tier="))) return true;
        return check_ref(c, row, column, CATALOG_PARTNER, cells[column]);
    case CELL_REGION: return check_region(c, row, column, &cells[column]);
    case CELL_ALIASED: return check_aliased(c, row, cells);
    default: return true;
    }
}

/* A cell by itself. Empty cells stay "". */
static bool check_cell(checker *c, size_t row, size_t column, str *cells) {
    const catalog_column *col = &fact_of(c->out)->columns[column];
    str wanted = STR_NONE;
    cells[column] = str_trim(cells[column]);
    if (cells[column].n == 0) {
        cells[column] = STR("");
        if (!col->required) return true;
        fault(c, row, column, STR("not empty"), STR(""));
        return false;
    }
    if (cell_canonical(col, cells[column], c->a, &cells[column], &wanted)) return true;
    fault(c, row, column, wanted, STR(""));
    return false;
}

static void check_cells(checker *c, size_t row, bool *good) {
    const catalog_fact *f = fact_of(c->out);
    str *cells = row_cells(c->out, row);
    memcpy(cells, c->in->cells + row * f->column_count, f->column_count * sizeof *cells);
    good[row] = true;
    for (size_t i = 0; i < f->column_count; i++) {
        bool looked_at = f->columns[i].key || (!c->in->remove && given(c, i));
        if (!looked_at) cells[i] = STR("");
        else if (!check_cell(c, row, i, cells))
            good[row] = false;
    }
}

/* Columns that were not given keep what is stored; of a new row they are empty. */
static void keep_stored(checker *c, size_t row, bool *good) {
    const catalog_fact *f = fact_of(c->out);
    str *cells = row_cells(c->out, row), key_cells[CATALOG_COLUMNS_MAX];
    catalog_row stored;
    if (c->in->given == NULL || c->in->remove) return;
    catalog_key_cells(c->out->table, cells, key_cells);
    bool there = catalog_get(c->t, c->out->table, key_cells, &stored);
    for (size_t i = 0; i < f->column_count; i++) {
        if (f->columns[i].key || given(c, i)) continue;
        if (there) cells[i] = arena_str(c->a, stored.cell[i]);
        if (cells[i].n || !f->columns[i].required) continue;
        fault(c, row, i, STR("a value"), STR("a new row needs this column"));
        good[row] = false;
    }
}

/* Regions in a key are part of it, so they are looked up before keys are compared; the others after all keys are known.
 */
static void check_pointers(checker *c, size_t row, bool keys, bool *good) {
    const catalog_fact *f = fact_of(c->out);
    str *cells = row_cells(c->out, row);
    for (size_t i = 0; i < f->column_count && good[row]; i++) {
        bool early = f->columns[i].key && f->columns[i].type == CELL_REGION;
        if (cells[i].n == 0 || early != keys || (c->in->remove && !early)) continue;
        if (!check_points_to(c, row, i, cells)) good[row] = false;
    }
}

static void check_key(checker *c, size_t row, bool *good) {
    str key_cells[CATALOG_COLUMNS_MAX];
    catalog_checked *out = c->out;
    key k;
    bool created;
    size_t n = catalog_key_count(out->table);
    catalog_key_cells(out->table, row_cells(out, row), key_cells);
    if (!catalog_key_fits(out->table, key_cells, n)) {
        fault(c, row, SIZE_MAX, STR("a shorter key"), STR("shorten its cells"));
        good[row] = false;
        return;
    }
    catalog_key(&k, out->table, key_cells, n);
    str bytes = arena_str(c->a, str_skip(key_str(&k), 1));
    ASSERT(bytes.p != NULL);
    uint64_t *at = map_at(&out->keys, bytes, &created);
    if (created) *at = row + 1;
    if (created) return;
    out->change[row] = ROW_REPEATED;
    const str *first = row_cells(out, (size_t)*at - 1);
    for (size_t i = 0; i < fact_of(out)->column_count; i++)
        if (!str_eq(first[i], row_cells(out, row)[i])) {
            fault(c, row, i, STR("one row a key"),
                  STR("an earlier row of the file has the same key and says otherwise"));
            good[row] = false;
            return;
        }
}

static void check_span(checker *c, size_t row) {
    size_t from = catalog_column_of(c->out->table, STR("from")), to = catalog_column_of(c->out->table, STR("to"));
    const str *cells = row_cells(c->out, row);
    if (from == SIZE_MAX || to == SIZE_MAX || cells[from].n == 0 || cells[to].n == 0) return;
    if (str_cmp(cells[to], cells[from]) < 0) fault(c, row, to, STR("a day not before 'from'"), STR(""));
}

size_t catalog_parent_row(const catalog_checked *c, size_t row) {
    size_t column = catalog_column_of(c->table, STR("parent"));
    key k;
    if (column == SIZE_MAX || row_cells(c, row)[column].n == 0) return SIZE_MAX;
    if (!catalog_key_fits(c->table, &row_cells(c, row)[column], 1)) return SIZE_MAX;
    catalog_key(&k, c->table, &row_cells(c, row)[column], 1);
    const uint64_t *at = map_find(&c->keys, str_skip(key_str(&k), 1));
    return at ? (size_t)*at - 1 : SIZE_MAX;
}

/* Up the parents as they will be: no circle, not too deep. */
static void check_chain(checker *c, size_t row) {
    size_t column = catalog_column_of(c->out->table, STR("parent"));
    if (column == SIZE_MAX) return;
    str id = row_cells(c->out, row)[0], at = row_cells(c->out, row)[column];
    int depth = c->out->table == CATALOG_PARTNER ? PARTNER_DEPTH_MAX : REGION_DEPTH_MAX;
    size_t in_file = catalog_parent_row(c->out, row);
    catalog_row stored;
    while (at.n && !str_eq(at, id) && --depth > 0) {
        if (in_file != SIZE_MAX) {
            at = row_cells(c->out, in_file)[column];
            in_file = catalog_parent_row(c->out, in_file);
            continue;
        }
        at = catalog_get(c->t, c->out->table, &at, &stored) ? stored.cell[column] : STR("");
        key k;
        catalog_key(&k, c->out->table, &at, 1);
        const uint64_t *again = at.n ? map_find(&c->out->keys, str_skip(key_str(&k), 1)) : NULL;
        if (again) in_file = (size_t)*again - 1;
    }
    if (at.n) fault(c, row, column, STR("a parent above it"), STR("the parents go round in a circle, or too deep"));
}

static void check_alias(checker *c, size_t row) {
    const str *cells = row_cells(c->out, row);
    bool unit = str_is(cells[ALIAS_KIND], "unit");
    int64_t factor;
    if (cells[ALIAS_ID].n == 0 && !unit) fault(c, row, ALIAS_ID, STR("what the alias stands for"), STR(""));
    if (cells[ALIAS_ID].n == 0 && unit && cells[ALIAS_FACTOR].n == 0)
        fault(c, row, ALIAS_ID, STR("a unit of the catalogue, or a factor"), STR(""));
    if (cells[ALIAS_FACTOR].n && dec_parse(cells[ALIAS_FACTOR], QUANTITY_SCALE, &factor, NULL) && factor == 0)
        fault(c, row, ALIAS_FACTOR, STR("more than 0"), STR("how many base units one has"));
}

static void check_region_code(checker *c, size_t row) {
    str code = row_cells(c->out, row)[REGION_CODE];
    bool digits = code.n == 6, letters = code.n == 2;
    for (size_t i = 0; i < code.n; i++) {
        digits = digits && code.p[i] >= '0' && code.p[i] <= '9';
        letters = letters && code.p[i] >= 'A' && code.p[i] <= 'Z';
    }
    if (!digits && !letters) fault(c, row, REGION_CODE, STR("6 digits, or 2 capital letters for a country"), STR(""));
}

static void check_gtin(checker *c, size_t row) {
    str gtin = row_cells(c->out, row)[PRODUCT_GTIN];
    char padded[GTIN_SIZE];
    if (gtin.n == 0) return;
    bool shape = gtin_pad(gtin, padded);
    if (shape && gtin_check(gtin)) return;
    add(&c->out->warnings,
        &(catalog_fault){.row = row,
                         .column = "gtin",
                         .found = gtin,
                         .wanted = shape ? STR("a right check digit") : STR("8, 12, 13 or 14 digits"),
                         .hint = STR("taken as it is")});
}

static void check_currency(checker *c, size_t row, size_t column) {
    str currency = row_cells(c->out, row)[column];
    if (currency.n && !currency_ok(currency)) fault(c, row, column, STR("three letters like CNY"), STR(""));
}

static bool item_is_group(catalog_table table, str piece) {
    if (table == CATALOG_PARTNER) return str_starts(piece, STR("tier:"));
    return str_starts(piece, STR("brand:")) || str_starts(piece, STR("category:"));
}

/* The items of a list: what begins brand:, category: or tier: is taken as it is, anything else must be known. */
static void check_items(checker *c, size_t row, size_t column, catalog_table table) {
    str list = row_cells(c->out, row)[column], piece;
    while (list.n && str_split(&list, ';', &piece))
        if (!item_is_group(table, piece) && !known(c, table, piece)) {
            AUTO(buf) b = {0};
            buf_printf(&b, "'%.*s' is no %s", STR_ARG(piece), catalog_tables[table].name);
            fault(c, row, column,
                  table == CATALOG_PRODUCT ? STR("skus, brand:NAME or category:NAME, separated by ;")
                                           : STR("partners or tier:NAME, separated by ;"),
                  arena_str(c->a, buf_str(&b)));
            return;
        }
}

static void check_promotion(checker *c, size_t row) {
    const str *cells = row_cells(c->out, row);
    promotion_rule rule;
    check_items(c, row, PROMOTION_PRODUCTS, CATALOG_PRODUCT);
    check_items(c, row, PROMOTION_PARTNERS, CATALOG_PARTNER);
    check_currency(c, row, PROMOTION_CURRENCY);
    if (promotion_rule_parse(cells[PROMOTION_RULE], &rule) && rule.gift.n && !known(c, CATALOG_PRODUCT, rule.gift))
        fault(c, row, PROMOTION_RULE, STR("a known product behind the blank"),
              STR("a unit stands at its number, as in 10箱送1箱; behind a blank stands the sku of what is given"));
}

static void check_fiscal_month(checker *c, size_t row) {
    const str *cells = row_cells(c->out, row);
    int32_t month;
    day_t from;
    if (!cell_as_month(cells[FISCAL_MONTH_MONTH], &month) || !cell_as_day(cells[FISCAL_MONTH_FROM], &from)) return;
    if (!fiscal_first_ok(month, from))
        fault(c, row, FISCAL_MONTH_FROM, STR("a day from 15 before to 12 after the 1st of that month"),
              STR("2026-07 may begin from 2026-06-16 to 2026-07-13"));
}

static void check_duty(checker *c, size_t row) {
    const str *cells = row_cells(c->out, row);
    int64_t days;
    if (str_is(cells[DUTY_PARTNER], "tier="))
        fault(c, row, DUTY_PARTNER, STR("a tier after tier="), STR("write tier=A, a partner's id, or *"));
    if (cells[DUTY_DUE].n && dec_parse(cells[DUTY_DUE], 0, &days, NULL) && days > LIMIT_DUE_DAYS)
        fault(c, row, DUTY_DUE, STR("at most 60 working days"), STR(""));
}

/* The row's unit must be one of the product's, and its place one of the partner's. */
static void check_opening_stock(checker *c, size_t row) {
    const str *cells = row_cells(c->out, row);
    partner p, place;
    product of;
    day_t as_of;
    int64_t factor;
    if (!partner_by_id(c->t, cells[OPENING_STOCK_PARTNER], &p) ||
        !product_by_sku(c->t, cells[OPENING_STOCK_SKU], &of) || !cell_as_day(cells[OPENING_STOCK_AS_OF], &as_of))
        return;
    if (!resolve_unit(c->t, p.no, of.no, cells[OPENING_STOCK_UNIT], ON_DAY(as_of), &factor))
        fault(c, row, OPENING_STOCK_UNIT, STR("a unit of the product"),
              STR("add the unit to the product or an alias of kind unit"));
    if (partner_by_id(c->t, cells[OPENING_STOCK_PLACE], &place) && !partner_within(c->t, place.no, p.no))
        fault(c, row, OPENING_STOCK_PLACE, STR("a place below the partner"),
              STR("leave it empty for the partner itself"));
}

static void check_opening_volume(checker *c, size_t row) {
    const str *cells = row_cells(c->out, row);
    if (cells[OPENING_VOLUME_QUANTITY].n == 0 && cells[OPENING_VOLUME_AMOUNT].n == 0)
        fault(c, row, OPENING_VOLUME_AMOUNT, STR("a quantity or an amount"), STR("0 when there was none"));
}

static void check_row(checker *c, size_t row) {
    if (c->out->table == CATALOG_OPENING_STOCK) check_opening_stock(c, row);
    if (c->out->table == CATALOG_OPENING_VOLUME) check_opening_volume(c, row);
    if (c->out->table == CATALOG_OPENING_WALLET) check_currency(c, row, OPENING_WALLET_CURRENCY);
    if (c->out->table == CATALOG_OPENING_RECEIVABLE) check_currency(c, row, OPENING_RECEIVABLE_CURRENCY);
    check_span(c, row);
    check_chain(c, row);
    if (c->out->table == CATALOG_ALIAS) check_alias(c, row);
    if (c->out->table == CATALOG_REGION) check_region_code(c, row);
    if (c->out->table == CATALOG_PRODUCT) check_gtin(c, row);
    if (c->out->table == CATALOG_FISCAL_MONTH) check_fiscal_month(c, row);
    if (c->out->table == CATALOG_DUTY) check_duty(c, row);
    if (c->out->table == CATALOG_PROMOTION) check_promotion(c, row);
}

/* What the row would do, or for `remove` whether there is anything to end. */
static void compare(checker *c, size_t row) {
    catalog_checked *out = c->out;
    if (out->change[row] == ROW_REPEATED) {
        out->count[ROW_SAME]++;
        return;
    }
    str key_cells[CATALOG_COLUMNS_MAX];
    catalog_row stored;
    catalog_key_cells(out->table, row_cells(out, row), key_cells);
    bool there = catalog_get(c->t, out->table, key_cells, &stored);
    bool ended = there && stored.flags & ROW_ENDED;
    row_change change = ROW_SAME;
    if (c->in->remove && (!there || ended)) fault(c, row, 0, STR("a row that is there"), STR("nothing to remove"));
    else if (c->in->remove)
        change = ROW_CHANGED;
    else if (!there)
        change = ROW_NEW;
    else if (stored.flags & (ROW_ENDED | ROW_UNREVIEWED))
        change = ROW_CHANGED;
    for (size_t i = 0; change == ROW_SAME && !c->in->remove && i < fact_of(out)->column_count; i++)
        if (!str_eq(stored.cell[i], row_cells(out, row)[i])) change = ROW_CHANGED;
    out->change[row] = change;
    out->count[change]++;
}

bool catalog_check(txn *t, const catalog_input *in, arena *a, catalog_checked *out) {
    size_t columns = catalog_tables[in->table].column_count, rows = in->rows;
    checker c = {.t = t, .a = a, .in = in, .out = out};
    *out = (catalog_checked){.table = in->table, .rows = rows};
    if (rows == 0) return true;
    out->cell = ARENA_NEW(a, str, rows * columns);
    out->change = ARENA_NEW(a, row_change, rows);
    bool *good = ARENA_NEW(a, bool, rows);
    ASSERT(out->cell && out->change && good);
    for (size_t i = 0; i < rows; i++) check_cells(&c, i, good);
    for (size_t i = 0; i < rows; i++) check_pointers(&c, i, true, good);
    for (size_t i = 0; i < rows; i++) {
        if (good[i]) keep_stored(&c, i, good);
        if (good[i]) check_key(&c, i, good);
    }
    for (size_t i = 0; i < rows; i++) check_pointers(&c, i, false, good);
    for (size_t i = 0; i < rows; i++) {
        if (good[i] && !in->remove) check_row(&c, i);
        if (good[i]) compare(&c, i);
    }
    return out->faults.total == 0;
}

void catalog_checked_free(catalog_checked *c) {
    map_free(&c->keys);
}

void catalog_checked_auto(catalog_checked *c) {
    map_free(&c->keys);
}
