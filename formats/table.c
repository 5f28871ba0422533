#include "formats/table.h"

#include "formats/line.h"

#include <stdio.h>

enum { JOINED = 4096 };

typedef struct reading {
    layout l;
    line_reader lines;
    docset *out;
    bool begun;       /* a data row was seen */
    uint64_t unnamed; /* a row of figures without any word; 0: none */
    int64_t stated[FIGURES];
} reading;

static void skip(reading *t, const table_row *row, const char *why) {
    docset_skip(t->out, t->lines.sheet, row->no, str_of(why));
}

/* ---- rows that are no data ---- */

static bool matches_skip(const reading *t, const table_row *row) {
    const mapping *m = t->l.m;
    if (m == NULL || m->skip_count == 0) return false;
    char text[JOINED];
    size_t n = 0;
    for (size_t i = 0; i < row->cells; i++) {
        str cell = str_trim(row->cell[i]);
        if (cell.n == 0 || n + cell.n + 2 > sizeof text) continue;
        if (n) text[n++] = ' ';
        memcpy(text + n, cell.p, cell.n);
        n += cell.n;
    }
    text[n] = '\0';
    for (size_t i = 0; i < m->skip_count; i++)
        if (regexec(&m->skip[i], text, 0, NULL, 0) == 0) return true;
    return false;
}

static bool repeats_column(const layout_names *names, const table_row *row, uint32_t c, size_t *same) {
    if (c == NO_COLUMN || c >= names->width) return true;
    if (c >= row->cells || !str_eq(str_take(str_trim(row->cell[c]), names->name[c].n), names->name[c])) return false;
    ++*same;
    return true;
}

static bool repeats_names(const reading *t, const layout_names *names, const table_row *row) {
    size_t same = 0;
    for (field f = 0; f < FIELD_COUNT; f++)
        if (!repeats_column(names, row, t->l.column[f], &same)) return false;
    for (size_t i = 0; i < 2 * t->l.months; i++)
        if (!repeats_column(names, row, t->l.month[i / 2].column[i % 2], &same)) return false;
    return same > 1;
}

static bool repeats_header(const reading *t, const table_row *row) {
    return repeats_names(t, &t->l.raw[0], row) || repeats_names(t, &t->l.raw[1], row);
}

/* Cheap: most cells hold neither 计 nor "otal". */
static bool may_be_total(str cell) {
    for (size_t i = 0; i + 3 <= cell.n; i++) {
        if (cell.p[i] == '\xe8' && cell.p[i + 1] == '\xae' && cell.p[i + 2] == '\xa1') return true;
        if ((cell.p[i] == 'o' || cell.p[i] == 'O') && str_ieq(str_take(str_skip(cell, i), 4), STR("otal"))) return true;
    }
    return false;
}

static total_word total_in(str cell) {
    return cell.n <= 60 && may_be_total(cell) ? total_of(cell) : TOTAL_NONE;
}

/* The word of a total stands in the row's first cell or in one that names something. */
static total_word total_row(const reading *t, const table_row *row) {
    static const field named[] = {FIELD_T_SKU,  FIELD_T_NAME,     FIELD_N_DATE,  FIELD_D_NUMBER,
                                  FIELD_D_TYPE, FIELD_T_CUSTOMER, FIELD_T_PLACE, FIELD_T_SHIP_TO};
    size_t first = 0;
    while (first < row->cells && str_trim(row->cell[first]).n == 0) first++;
    total_word word = first < row->cells ? total_in(row->cell[first]) : TOTAL_NONE;
    for (size_t i = 0; i < ARRAY_LEN(named) && word == TOTAL_NONE; i++) {
        uint32_t c = t->l.column[named[i]];
        if (c < row->cells) word = total_in(row->cell[c]);
    }
    return word;
}

/* A customer may be called 合计: a row with a date and a product is data. */
static bool is_data_after_all(reading *t, const table_row *row) {
    str sku = line_cell(&t->lines, row, FIELD_T_SKU);
    return sku.n && total_in(sku) == TOTAL_NONE && t->l.months == 0 && line_has_date(&t->lines, row) &&
           total_in(line_cell(&t->lines, row, FIELD_T_NAME)) == TOTAL_NONE;
}

static void check_total(reading *t, const table_row *row, figure *g, total_word word) {
    const char *wanted;
    number_value v;
    int64_t nearest;
    str cell = g->column < row->cells ? row->cell[g->column] : STR("");
    if (!g->summed || !number_read(cell, &g->rule, &v, &wanted) || v.v == NUM_NONE) return;
    int64_t slack = g->f == FIELD_N_AMOUNT ? pow10_i64(MICRO_SCALE - 2) : 1;
    if (!tally_agrees(&g->sum, word, v.v, slack, &nearest)) {
        AUTO(buf) sum = {0};
        buf_addz(&sum, "the sum of the rows, ");
        dec_put(&sum, nearest / g->rule.factor, g->rule.scale, 0);
        line_problem(&t->lines, row->no, g->column, cell_clean(cell), buf_z(&sum),
                     "rows are missing or were changed by hand; the rows count as they stand");
    }
    tally_close(&g->sum, word);
}

static void take_total(reading *t, const table_row *row, total_word word) {
    static const char *const why[] = {[TOTAL_SUB] = "subtotal, compared with the rows",
                                      [TOTAL_GRAND] = "total, compared with the rows",
                                      [TOTAL_RUNNING] = "running total"};
    for (size_t i = 0; i < t->lines.figures; i++) check_total(t, row, &t->lines.figure[i], word);
    skip(t, row, why[word]);
}

/* ---- figures without any word: a total that nobody named, if it is the sum of all ---- */

static bool is_unnamed(const reading *t, const table_row *row) {
    size_t named = 0;
    for (field f = 0; f < FIELD_COUNT; f++) {
        uint32_t c = t->l.column[f];
        if (c == NO_COLUMN || (field_is_number(f) && f != FIELD_N_DATE)) continue;
        if (c < row->cells && cell_clean(row->cell[c]).n) return false;
        named++;
    }
    return named > 0 && line_has_figure(&t->lines, row);
}

static void keep_unnamed(reading *t, const table_row *row) {
    const char *wanted;
    t->unnamed = row->no;
    for (size_t i = 0; i < t->lines.figures; i++) {
        const figure *g = &t->lines.figure[i];
        number_value v = {.v = NUM_NONE};
        bool ok = g->summed && g->column < row->cells && number_read(row->cell[g->column], &g->rule, &v, &wanted);
        t->stated[i] = ok ? v.v : NUM_NONE;
    }
}

static void judge_unnamed(reading *t) {
    bool agrees = true;
    int64_t nearest;
    for (size_t i = 0; i < t->lines.figures; i++) {
        const figure *g = &t->lines.figure[i];
        tally all = {.part = g->sum.all, .page = g->sum.all, .all = g->sum.all};
        int64_t slack = g->f == FIELD_N_AMOUNT ? pow10_i64(MICRO_SCALE - 2) : 1;
        if (t->stated[i] != NUM_NONE) agrees = agrees && tally_agrees(&all, TOTAL_GRAND, t->stated[i], slack, &nearest);
    }
    if (agrees)
        return docset_skip(t->out, t->lines.sheet, t->unnamed, STR("total without a name, compared with the rows"));
    line_refuse(&t->lines, t->unnamed, NO_COLUMN, STR(""),
                "a name beside the figures (they are not the sum of the rows)",
                "fill in what they belong to, or remove the row");
}

/* Why a row without date, product and number is none of the data; NULL: it is meant as data. */
static const char *why_no_data(reading *t, const table_row *row) {
    size_t filled = 0, first = 0;
    for (size_t i = row->cells; i-- > 0;) {
        if (str_trim(row->cell[i]).n == 0) continue;
        filled += filled == 0 || !str_eq(row->cell[i], row->cell[first]); /* a merged note once */
        first = i;
    }
    bool dated = t->l.column[FIELD_N_DATE] != NO_COLUMN && line_has_date(&t->lines, row);
    if (dated || line_has_figure(&t->lines, row)) return NULL;
    if (footer_word(row->cell[first])) return "footer";
    if (filled == 1) return "a single cell: title or note";
    if (!t->begun && t->l.header == NULL) return "above the first row of data";
    return line_cell(&t->lines, row, FIELD_T_SKU).n == 0 ? "no date, product or number: title or note" : NULL;
}

/* The row that a fill-in sheet shows how to fill in. */
static bool is_example(const table_row *row) {
    for (size_t i = 0; i < row->cells; i++)
        if (row->cell[i].n <= 12 && str_is(str_trim(row->cell[i]), "示例")) return true;
    return false;
}

/* A row of a brand that the mapping does not name stays where it is. */
static bool is_other_brand(const reading *t, const table_row *row) {
    char a[HEADER_KEY], b[HEADER_KEY];
    const mapping *m = t->l.m;
    str brand = m && m->brand_count ? line_cell(&t->lines, row, FIELD_BRAND) : STR("");
    if (brand.n == 0) return false;
    str found = header_key(brand, false, a);
    for (size_t i = 0; i < m->brand_count; i++)
        if (str_eq(found, header_key(m->brands[i], false, b))) return false;
    return true;
}

static void take_row(reading *t, const table_row *row) {
    if (matches_skip(t, row)) return skip(t, row, "left out by the mapping's skip");
    total_word total = total_row(t, row);
    if (total && !is_data_after_all(t, row)) return take_total(t, row, total);
    if (repeats_header(t, row)) return skip(t, row, "repeated header");
    if (is_example(row)) return skip(t, row, "example row");
    if (line_is_nil(&t->lines, row)) {
        t->begun = true;
        return line_take_nil(&t->lines, row);
    }
    bool sure = line_cell(&t->lines, row, FIELD_T_SKU).n && t->l.months == 0 && line_has_date(&t->lines, row);
    const char *why = sure ? NULL : why_no_data(t, row);
    if (why) return skip(t, row, why);
    if (t->unnamed == 0 && is_unnamed(t, row)) return keep_unnamed(t, row);
    t->begun = true;
    if (is_other_brand(t, row)) {
        t->out->stayed++;
        line_count(&t->lines, row);
        return skip(t, row, "another brand: stays here");
    }
    line_take(&t->lines, row);
}

/* ---- two passes ---- */

static bool each_row(reading *t, table_rows *rows, void (*visit)(reading *, const table_row *), err *e) {
    rows->rewind(rows->self);
    for (;;) {
        table_row row;
        TRY(rows->next(rows->self, &row, e));
        if (row.no == 0) return true;
        if (row.no > t->l.header_row) visit(t, &row);
    }
}

static void look(reading *t, const table_row *row) {
    line_look(&t->lines, row);
}

static bool read_sheet(reading *t, table_rows *rows, err *e) {
    size_t stayed = t->out->stayed;
    TRY(each_row(t, rows, look, e));
    line_decide(&t->lines);
    TRY(each_row(t, rows, take_row, e));
    if (t->unnamed) judge_unnamed(t);
    rows->meant = t->begun;
    if (!t->begun)
        return err_set(e, ERR_DATA, "no row of data below the header in row %llu", (unsigned long long)t->l.header_row);
    if (t->out->stayed > stayed) {
        AUTO(buf) found = {0};
        buf_printf(&found, "%zu rows of other brands", t->out->stayed - stayed);
        docset_problem(t->out, rows->sheet, 0, STR("brand"), buf_str(&found), STR("the brands of the mapping"),
                       STR("they stayed here, nothing of them is sent; no action needed"));
    }
    if (t->lines.months_only)
        docset_skip(t->out, rows->sheet, 0, STR("dates that are only a month are read as its last day"));
    return true;
}

bool table_read(table_rows *rows, const mapping *m, docset *out, err *e) {
    reading t = {.out = out};
    line_reader_init(&t.lines, &t.l, out, rows->sheet);
    bool ok = layout_find(rows, m, out, &t.l, e);
    if (ok) {
        line_reader_init(&t.lines, &t.l, out, rows->sheet);
        ok = read_sheet(&t, rows, e);
    }
    line_reader_free(&t.lines);
    layout_free(&t.l);
    return ok;
}
