#include "formats/line.h"

#include <stdlib.h>

static void add_figure(line_reader *r, field f, uint32_t column, int64_t factor, str constant) {
    if (column == NO_COLUMN && constant.n == 0) return;
    figure *g = &r->figure[r->figures++];
    *g = (figure){.f = f, .column = column, .constant = constant};
    g->rule = (number_rule){
        .scale = (unsigned)line_number_facts[field_number(f)].scale, .factor = factor, .rate = f == FIELD_N_TAX_RATE};
    g->summed = f == FIELD_N_QUANTITY || f == FIELD_N_AMOUNT;
}

void line_reader_init(line_reader *r, const layout *l, docset *out, uint32_t sheet) {
    static const field plain[] = {FIELD_N_QUANTITY, FIELD_N_UNIT_PRICE, FIELD_N_AMOUNT, FIELD_N_TAX_RATE,
                                  FIELD_N_DISCOUNT};
    *r = (line_reader){.l = l, .out = out, .sheet = sheet, .type = l->type};
    for (field f = 0; f < FIELD_COUNT; f++) r->last[f] = WORD_NONE;
    for (size_t i = 0; i < ARRAY_LEN(plain); i++)
        add_figure(r, plain[i], l->column[plain[i]], l->factor[plain[i]], l->constant[plain[i]]);
    r->plain = r->figures;
    for (size_t i = 0; i < l->months; i++) {
        add_figure(r, FIELD_N_QUANTITY, l->month[i].column[0], l->month[i].factor[0], STR(""));
        add_figure(r, FIELD_N_AMOUNT, l->month[i].column[1], l->month[i].factor[1], STR(""));
    }
}

void line_reader_free(line_reader *r) {
    buf_free(&r->last_date);
    buf_free(&r->last_type);
    free(r->lines);
    r->lines = NULL;
}

static str cell_at(const table_row *row, uint32_t column) {
    return column < row->cells ? cell_clean(row->cell[column]) : STR("");
}

str line_cell(const line_reader *r, const table_row *row, field f) {
    str cell = r->l->column[f] == NO_COLUMN ? STR("") : cell_at(row, r->l->column[f]);
    return cell.n ? cell : r->l->constant[f];
}

/* ---- problems ---- */

void line_problem(const line_reader *r, uint64_t row, uint32_t column, str found, const char *wanted,
                  const char *hint) {
    char room[24];
    docset_problem(r->out, r->sheet, row, layout_column_name(r->l, column, room), found, str_of(wanted), str_of(hint));
}

void line_refuse(line_reader *r, uint64_t row, uint32_t column, str found, const char *wanted, const char *hint) {
    size_t kept = r->out->problem_count;
    line_problem(r, row, column, found, wanted, hint);
    if (r->out->problem_count > kept) r->out->problems[kept].refused = true;
    r->out->refused++;
}

/* ---- looking ---- */

void line_look(line_reader *r, const table_row *row) {
    for (size_t i = 0; i < r->figures; i++)
        if (r->figure[i].column < row->cells) number_look(&r->figure[i].marks, row->cell[r->figure[i].column]);
    uint32_t date = r->l->column[FIELD_N_DATE];
    if (date >= row->cells) return;
    str cell = row->cell[date];
    if (str_eq(cell, buf_str(&r->last_date))) return;
    buf_clear(&r->last_date);
    buf_add(&r->last_date, cell);
    date_look(&r->date_marks, cell);
}

void line_decide(line_reader *r) {
    const mapping *m = r->l->m;
    for (size_t i = 0; i < r->figures; i++)
        number_decide(&r->figure[i].marks, m ? m->decimal : '\0', &r->figure[i].rule);
    date_decide(&r->date_marks, m ? m->dates : DATE_ANY, &r->date_rule);
    r->date_rule.date1904 = r->l->date1904;
    buf_clear(&r->last_date);
}

/* ---- dates and numbers ---- */

typedef struct complaint {
    const char *wanted, *hint;
} complaint;

static bool read_date(line_reader *r, str cell, complaint *c) {
    bool month_only;
    if (cell.n && str_eq(cell, buf_str(&r->last_date))) return true;
    *c = (complaint){"a date", "write the date as 2026-03-21"};
    if (cell.n == 0 || !date_read(cell, &r->date_rule, &r->last_day, &month_only, &c->wanted, &c->hint)) return false;
    r->months_only += month_only;
    buf_clear(&r->last_date);
    buf_add(&r->last_date, cell);
    return true;
}

bool line_has_date(line_reader *r, const table_row *row) {
    complaint c;
    return read_date(r, line_cell(r, row, FIELD_N_DATE), &c);
}

bool line_has_figure(const line_reader *r, const table_row *row) {
    for (size_t i = 0; i < r->figures; i++) {
        const char *wanted;
        number_value v;
        const figure *g = &r->figure[i];
        if (g->summed && number_read(cell_at(row, g->column), &g->rule, &v, &wanted) && v.v != NUM_NONE) return true;
    }
    return false;
}

static bool plausible(field f, int64_t v) {
    int64_t most = f == FIELD_N_QUANTITY   ? LIMIT_QUANTITY
                   : f == FIELD_N_TAX_RATE ? pow10_i64(RATE_SCALE)
                                           : LIMIT_AMOUNT;
    return v <= most && v >= (f == FIELD_N_TAX_RATE ? 0 : -most);
}

/* One number of the row; false: refused. Its sums count it even when the row is refused later. */
static bool take_figure(line_reader *r, row_facts *x, figure *g) {
    const table_row *row = x->row;
    static const char *const hint =
        "correct the number, or say in the mapping how numbers are written (decimal, scale)";
    str cell = cell_at(row, g->column);
    if (cell.n == 0) cell = g->constant;
    const char *wanted;
    number_value v;
    if (!number_read(cell, &g->rule, &v, &wanted)) return line_refuse(r, row->no, g->column, cell, wanted, hint), false;
    if (v.v == NUM_NONE) return true;
    if (!plausible(g->f, v.v))
        return line_refuse(r, row->no, g->column, cell, "a number of a plausible size", hint), false;
    if (v.rounded)
        line_problem(r, row->no, g->column, cell, "a number of at most 3 decimals", "it was rounded; no action needed");
    if (g->summed) tally_add(&g->sum, v.v);
    x->number[field_number(g->f)] = v.v;
    if (v.currency.n) x->currency = v.currency;
    return true;
}

void line_count(line_reader *r, const table_row *row) {
    const char *wanted;
    number_value v;
    for (size_t i = 0; i < r->figures; i++) {
        figure *g = &r->figure[i];
        if (g->summed && number_read(cell_at(row, g->column), &g->rule, &v, &wanted) && v.v != NUM_NONE)
            tally_add(&g->sum, v.v);
    }
}

/* ---- lines ---- */

void line_document_key(const doc_head *head, const doc_line *line, buf *key) {
    day_t day = (day_t)line->number[N_DATE];
    if (head->text[D_NUMBER] == WORD_NONE) {
        buf_be32(key, line->text[T_PLACE]);
        buf_be32(key, (uint32_t)day);
    } else if (head->flags & DOC_SCOPE_DAY) {
        buf_be32(key, (uint32_t)day);
    } else if (head->flags & DOC_SCOPE_MONTH) {
        buf_be32(key, (uint32_t)month_of(day));
    } else if (head->flags & DOC_SCOPE_YEAR) {
        buf_be32(key, (uint32_t)civil_of(day).year);
    }
}

/* Counts the line into its document; false when that one is full. */
static bool count_line(line_reader *r, uint32_t doc) {
    while (doc >= r->lines_cap) {
        size_t cap = r->lines_cap ? 2 * r->lines_cap : 64;
        r->lines = reallocarray(r->lines, cap, sizeof *r->lines);
        ASSERT(r->lines != NULL);
        memset(r->lines + r->lines_cap, 0, (cap - r->lines_cap) * sizeof *r->lines);
        r->lines_cap = cap;
    }
    return ++r->lines[doc] <= LIMIT_DOCUMENT_LINES;
}

static void take_line(line_reader *r, const row_facts *x) {
    doc_head head;
    AUTO(buf) key = {0};
    if (!row_head(r, x, &head)) return;
    doc_line *line = docset_line(r->out);
    memcpy(line->number, x->number, sizeof line->number);
    line->number[N_ROW] = (int64_t)x->row->no;
    if (r->sheet) line->number[N_SHEET] = r->sheet;
    if (!row_texts(r, x, line)) return docset_drop_line(r->out);
    line_document_key(&head, line, &key);
    if (count_line(r, docset_place(r->out, &head, buf_str(&key)))) return;
    docset_drop_line(r->out);
    line_refuse(r, x->row->no, NO_COLUMN, STR(""), "at most 65536 lines in one document",
                "give documents numbers, or split the file by place");
}

static bool is_cancellation(const line_reader *r, const row_facts *x) {
    return line_cell(r, x->row, FIELD_D_NUMBER).n && line_cell(r, x->row, FIELD_D_VERSION).n &&
           line_cell(r, x->row, FIELD_T_SKU).n == 0 && x->number[N_QUANTITY] == NUM_NONE &&
           x->number[N_AMOUNT] == NUM_NONE;
}

static void take_cancellation(line_reader *r, const row_facts *x) {
    doc_head head;
    if (row_head(r, x, &head)) docset_cancel(r->out, &head, (day_t)x->number[N_DATE]);
}

static bool has_sku(line_reader *r, const row_facts *x) {
    if (line_cell(r, x->row, FIELD_T_SKU).n) return true;
    return line_refuse(r, x->row->no, r->l->column[FIELD_T_SKU], STR(""), "a product code", "fill in the product"),
           false;
}

/* What a line cannot do without. */
static bool check_complete(line_reader *r, const row_facts *x) {
    const layout *l = r->l;
    if (x->type != TYPE_PAYMENT && !has_sku(r, x)) return false;
    bool amount = x->number[N_AMOUNT] != NUM_NONE;
    if (amount || (x->type != TYPE_PAYMENT && x->number[N_QUANTITY] != NUM_NONE)) return true;
    field lacking =
        x->type == TYPE_PAYMENT || l->column[FIELD_N_QUANTITY] == NO_COLUMN ? FIELD_N_AMOUNT : FIELD_N_QUANTITY;
    return line_refuse(r, x->row->no, l->column[lacking], STR(""),
                       lacking == FIELD_N_AMOUNT ? "an amount" : "a quantity or an amount", "fill in the number"),
           false;
}

static void take_months(line_reader *r, row_facts *x) {
    figure *g = r->figure + r->plain;
    if (x->type != TYPE_PAYMENT && !has_sku(r, x)) return;
    for (size_t m = 0; m < r->l->months; m++) {
        const layout_month *at = &r->l->month[m];
        bool ok = true;
        x->number[N_QUANTITY] = x->number[N_AMOUNT] = NUM_NONE;
        x->number[N_DATE] = month_first(at->month + 1) - 1;
        for (size_t k = 0; k < 2; k++)
            if (at->column[k] != NO_COLUMN) ok = take_figure(r, x, g++) && ok;
        if (ok && (x->number[N_QUANTITY] != NUM_NONE || x->number[N_AMOUNT] != NUM_NONE)) take_line(r, x);
    }
}

/* A row of text with more cells than the header has names: a separator stands inside a cell, the columns are shifted.
 * In a workbook it is a note beside the table. */
static bool check_shape(line_reader *r, const table_row *row) {
    const char *wanted = NULL;
    size_t at = r->l->width;
    if (row->long_cell) wanted = "cells of at most 32768 bytes";
    if (row->excess) wanted = "at most 512 columns";
    for (; r->sheet == 0 && r->l->header && wanted == NULL && at < row->cells; at++)
        if (str_trim(row->cell[at]).n) wanted = "no more cells than the header has names";
    if (wanted == NULL) return true;
    line_refuse(r, row->no, NO_COLUMN, at <= row->cells && at > 0 && !row->excess ? row->cell[at - 1] : STR(""), wanted,
                "put cells that contain the separator between quotes");
    return false;
}

void line_take(line_reader *r, const table_row *row) {
    row_facts x = {.row = row};
    complaint c;
    for (size_t i = 0; i < LINE_NUMBER_COUNT; i++) x.number[i] = NUM_NONE;
    if (!check_shape(r, row)) return;
    for (size_t i = 0; i < r->plain; i++)
        if (!take_figure(r, &x, &r->figure[i])) return;
    if (!row_type(r, &x)) return;
    if (r->l->months) return take_months(r, &x);
    str date = line_cell(r, row, FIELD_N_DATE);
    if (!read_date(r, date, &c)) return line_refuse(r, row->no, r->l->column[FIELD_N_DATE], date, c.wanted, c.hint);
    x.number[N_DATE] = r->last_day;
    if (is_cancellation(r, &x)) return take_cancellation(r, &x);
    if (check_complete(r, &x)) take_line(r, &x);
}
