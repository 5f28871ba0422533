/* Reports with columns of months: a list with two columns a month, and a table under two rows of headers with totals
 * below each category, below all, and at the right. */
#include "tools/sim/dialects.h"
#include <stdio.h>

enum { MONTHS = 12 };

typedef struct cell_sum {
    int64_t quantity, amount;
    bool told;
} cell_sum;

/* A year of a partner, product by month. */
typedef struct year_sums {
    const sim_file *f;
    int year;
    unsigned first, last; /* months told */
    cell_sum *cell;       /* [product × MONTHS + month - 1] */
} year_sums;

static void gather(const sim_file *f, year_sums *y) {
    *y = (year_sums){.f = f, .year = civil_of(f->first).year, .first = MONTHS, .last = 1};
    y->cell = ARENA_NEW(&f->w->text, cell_sum, f->w->products * MONTHS);
    for (size_t k = 0; k < f->count; k++) {
        unsigned month = civil_of(f->told[k].doc->day).month;
        if (month < y->first) y->first = month;
        if (month > y->last) y->last = month;
        for (size_t i = 0; i < f->told[k].content->count; i++) {
            const sim_line *l = told_line(f, &f->told[k], i);
            y->cell[l->product * MONTHS + month - 1] = (cell_sum){l->quantity, l->amount, true};
        }
    }
}

static const cell_sum *row_of(const year_sums *y, size_t product) {
    return &y->cell[product * MONTHS];
}

static bool told_any(const year_sums *y, size_t product) {
    for (unsigned m = y->first; m <= y->last; m++)
        if (row_of(y, product)[m - 1].told) return true;
    return false;
}

static void add_row(const year_sums *y, const cell_sum *row, cell_sum sum[MONTHS]) {
    for (unsigned m = y->first; m <= y->last; m++) {
        sum[m - 1].quantity += row[m - 1].quantity;
        sum[m - 1].amount += row[m - 1].amount;
        sum[m - 1].told = true;
    }
}

static void put_row(const year_sums *y, const cell_sum *row, bool with_sum, sheet *s) {
    cell_sum all = {0};
    for (unsigned m = y->first; m <= y->last; m++) {
        const cell_sum *c = &row[m - 1];
        all.quantity += c->quantity;
        all.amount += c->amount;
        if (c->told) sheet_count(s, c->quantity), sheet_money(s, c->amount);
        else
            sheet_blank(s, 2);
    }
    if (with_sum) sheet_count(s, all.quantity), sheet_money(s, all.amount);
}

static void put_product(const year_sums *y, size_t product, bool with_sum, sheet *s) {
    sheet_row(s);
    sheet_text(s, own_code(y->f->w, y->f->partner, product));
    sheet_text(s, own_name(y->f->w, product));
    put_row(y, row_of(y, product), with_sum, s);
}

static void put_total(const year_sums *y, const char *word, const cell_sum sum[MONTHS], bool with_sum, sheet *s) {
    sheet_row(s);
    sheet_text(s, word);
    sheet_blank(s, 1);
    put_row(y, sum, with_sum, s);
}

bool write_months(const sim_file *f, buf *out, err *e) {
    AUTO(sheet) s = {0};
    AUTO(buf) text = {0};
    year_sums y;
    cell_sum all[MONTHS] = {0};
    sheet_init(&s);
    gather(f, &y);
    buf_printf(&text, "%s%d年商品销售汇总表", f->partner->name, y.year);
    sheet_text(&s, buf_z(&text));
    sheet_row(&s);
    sheet_text(&s, "商品编码");
    sheet_text(&s, "商品名称");
    for (unsigned m = y.first; m <= y.last; m++) {
        char name[32];
        sheet_text(&s, (snprintf(name, sizeof name, "%u月销量", m), name));
        sheet_text(&s, (snprintf(name, sizeof name, "%u月销售额", m), name));
    }
    for (size_t i = 0; i < f->w->products; i++) {
        if (!told_any(&y, i)) continue;
        put_product(&y, i, false, &s);
        add_row(&y, row_of(&y, i), all);
    }
    put_total(&y, "合计", all, false, &s);
    return f->dialect->paper->write(&s, f->dialect->paper, out, e);
}

static void put_matrix_header(const year_sums *y, sheet *s) {
    sheet_text(s, "商品编码");
    sheet_text(s, "商品名称");
    for (unsigned m = y->first; m <= y->last; m++) {
        char name[32];
        (void)snprintf(name, sizeof name, "%d年%u月", y->year, m);
        sheet_wide(s, name, 2);
    }
    sheet_wide(s, "合计", 2);
    sheet_row(s);
    sheet_blank(s, 2);
    for (unsigned m = y->first; m <= y->last + 1; m++) {
        sheet_text(s, "数量");
        sheet_text(s, "金额");
    }
}

static bool first_of_category(const world *w, size_t product) {
    for (size_t i = 0; i < product; i++)
        if (strcmp(w->product[i].category, w->product[product].category) == 0) return false;
    return true;
}

static void put_category(const year_sums *y, const char *category, cell_sum all[MONTHS], sheet *s) {
    const world *w = y->f->w;
    cell_sum part[MONTHS] = {0};
    bool any = false;
    for (size_t i = 0; i < w->products; i++) {
        if (strcmp(w->product[i].category, category) != 0 || !told_any(y, i)) continue;
        put_product(y, i, true, s);
        add_row(y, row_of(y, i), part);
        add_row(y, row_of(y, i), all);
        any = true;
    }
    if (any) put_total(y, "小计", part, true, s);
}

bool write_matrix(const sim_file *f, buf *out, err *e) {
    AUTO(sheet) s = {0};
    year_sums y;
    cell_sum all[MONTHS] = {0};
    sheet_init(&s);
    gather(f, &y);
    sheet_wide(&s, "商品销售月报", 4);
    sheet_row(&s);
    put_matrix_header(&y, &s);
    for (size_t i = 0; i < f->w->products; i++)
        if (first_of_category(f->w, i)) put_category(&y, f->w->product[i].category, all, &s);
    put_total(&y, "合计", all, true, &s);
    return f->dialect->paper->write(&s, f->dialect->paper, out, e);
}
