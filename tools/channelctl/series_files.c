#include "tools/channelctl/series_files.h"

#include "daemon/command/file_table.h"
#include "formats/value.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#define VALUE_MOST 1e15

static series *series_add(series_list *l, str name) {
    l->v = arena_grown(&l->text, l->v, l->n, &l->cap, sizeof *l->v);
    series *s = &l->v[l->n++];
    *s = (series){.name = arena_str(&l->text, name), .turn = 1};
    return s;
}

void series_list_auto(series_list *l) {
    arena_free(&l->text);
}

static bool number(str cell, double *out) {
    char text[40], *end;
    if (cell.n == 0 || cell.n >= sizeof text) return false;
    *out = strtod(str_copy_z(cell, text, sizeof text), &end);
    return *end == '\0' && isfinite(*out);
}

static bool demand_value(const char *file, uint64_t row, size_t column, str cell, double *out, err *e) {
    if (number(cell, out) && *out >= 0 && *out <= VALUE_MOST) return true;
    return err_set(e, ERR_DATA, "%s row %" PRIu64 ": cell %zu is '%.*s', wanted a number from 0 to %g", file, row,
                   column + 1, STR_ARG(str_take(cell, 40)), VALUE_MOST);
}

/* ---- a row a series */

static str cell_at(const table_row *row, size_t i) {
    return i < row->cells ? str_trim(cell_clean(row->cell[i])) : STR("");
}

/* The values from a column on: empty cells before the first and after the last are not part of the series. */
static bool read_values(series_list *l, series *s, const char *file, const table_row *row, size_t from, err *e) {
    size_t first = from, end = row->cells;
    if (row->excess)
        return err_set(e, ERR_DATA, "%s row %" PRIu64 ": more than %d columns", file, row->no, LIMIT_COLUMNS);
    while (end > from && cell_at(row, end - 1).n == 0) end--;
    while (first < end && cell_at(row, first).n == 0) first++;
    s->n = end - first, s->phase = first - from;
    s->y = ARENA_NEW(&l->text, double, s->n + 1);
    for (size_t i = first; i < end; i++) {
        if (cell_at(row, i).n == 0)
            return err_set(e, ERR_DATA,
                           "%s row %" PRIu64 ": cell %zu is empty between values, wanted 0 where nothing was sold",
                           file, row->no, i + 1);
        TRY(demand_value(file, row->no, i, cell_at(row, i), &s->y[i - first], e));
    }
    return true;
}

enum { M3_NAME, M3_N, M3_AHEAD, M3_CATEGORY, M3_YEAR, M3_PERIOD, M3_VALUES };

/* The competition's horizons say what the periods are; its undated rest has neither year nor period. */
static bool take_m3(series_list *l, const char *file, const table_row *row, err *e) {
    double n, ahead;
    str name = cell_at(row, M3_NAME);
    if (str_starts(name, STR("#")) || str_ieq(name, STR("series"))) return true;
    if (!number(cell_at(row, M3_N), &n) || !number(cell_at(row, M3_AHEAD), &ahead) || ahead < 1 || ahead > 64)
        return err_set(
            e, ERR_DATA, "%s row %" PRIu64 ": cells 2 and 3 are '%.*s' and '%.*s', wanted N and NF (1 to 64)", file,
            row->no, STR_ARG(str_take(cell_at(row, M3_N), 20)), STR_ARG(str_take(cell_at(row, M3_AHEAD), 20)));
    series *s = series_add(l, name);
    s->horizon = (unsigned)ahead;
    s->turn = ahead == 18 ? 12 : ahead == 8 && !str_is(cell_at(row, M3_PERIOD), "0") ? 4 : 1;
    TRY(read_values(l, s, file, row, M3_VALUES, e));
    return (double)s->n == n ||
           err_set(e, ERR_DATA, "%s row %" PRIu64 ": %zu values, wanted N = %g", file, row->no, s->n, n);
}

/* Jan-98, 2021-01, 2021年1月: a month */
static bool names_month(str cell) {
    str rest = cell, piece;
    bool month = str_split(&rest, '-', &piece) && month_word(piece) && rest.n;
    day_t day;
    bool only = false;
    const char *wanted, *hint;
    date_rule rule = {.serials = false};
    return month || (date_read(cell, &rule, &day, &only, &wanted, &hint) && only);
}

static bool is_head(const table_row *row) {
    double v;
    for (size_t i = 1; i < row->cells; i++)
        if (cell_at(row, i).n && !number(cell_at(row, i), &v)) return true;
    return false;
}

static bool take_wide(series_list *l, const char *file, const table_row *row, unsigned turn, err *e) {
    series *s = series_add(l, cell_at(row, 0));
    s->turn = turn;
    return read_values(l, s, file, row, 1, e);
}

static bool read_rows(const attachment *file, series_format format, series_list *out, err *e) {
    AUTO(file_rows) rows = {0};
    unsigned turn = 1;
    TRY(file_rows_open(&rows, file, e));
    for (bool first = true;; first = false) {
        table_row row;
        TRY(file_rows_next(&rows, &row, e));
        if (row.no == 0) break;
        if (out->n == SERIES_MOST) return err_set(e, ERR_DATA, "%s: more than %d series", rows.name, SERIES_MOST);
        if (format == SERIES_M3) {
            TRY(take_m3(out, rows.name, &row, e));
        } else if (first && is_head(&row)) {
            turn = row.cells > 1 && names_month(cell_at(&row, 1)) ? 12 : 1;
        } else {
            TRY(take_wide(out, rows.name, &row, turn, e));
        }
    }
    out->shared = format == SERIES_WIDE;
    return true;
}

/* ---- a row a value */

typedef struct dated {
    uint32_t series;
    day_t day;
    double v;
} dated;

static int by_series_and_day(const void *a, const void *b) {
    const dated *x = a, *y = b;
    if (x->series != y->series) return x->series < y->series ? -1 : 1;
    return x->day < y->day ? -1 : x->day > y->day;
}

static unsigned common(unsigned a, unsigned b) {
    return b ? common(b, a % b) : a;
}

static bool month_end(day_t d) {
    civil c = civil_of(d);
    return c.day == days_in_month(c.year, c.month);
}

series_step series_step_of(const series_days *s, size_t n) {
    unsigned days = 0, months = 0, least = UINT32_MAX, place = 0;
    bool placed = true, ends = true;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < s[i].n; k++) {
            day_t d = s[i].day[k];
            civil c = civil_of(d);
            if (place == 0) place = c.day;
            placed = placed && c.day == place, ends = ends && month_end(d);
            if (k == 0) continue;
            unsigned apart = (unsigned)(d - s[i].day[k - 1]);
            days = common(days, apart);
            months = common(months, (unsigned)(month_of(d) - month_of(s[i].day[k - 1])));
            if (apart && apart < least) least = apart;
        }
    if ((placed || ends) && least != UINT32_MAX && least >= 28) {
        unsigned step = months % 12 == 0 ? 12 : months % 3 == 0 ? 3 : 1;
        return (series_step){.months = step, .turn = 12 / step};
    }
    if (days && days % 7 == 0) return (series_step){.days = 7, .turn = 52};
    return (series_step){.days = 1, .turn = 7};
}

static size_t steps_between(const series_step *step, day_t from, day_t to) {
    return step->months ? (size_t)(month_of(to) - month_of(from)) / step->months : (size_t)(to - from) / step->days;
}

static bool lay_out(series_list *l, dated *v, size_t n, const char *file, err *e) {
    day_t *day = ARENA_NEW(&l->text, day_t, n + 1);
    series_days *span = ARENA_NEW(&l->text, series_days, l->n + 1);
    qsort(v, n, sizeof *v, by_series_and_day);
    for (size_t i = 0; i < n; i++) {
        day[i] = v[i].day;
        if (span[v[i].series].n++ == 0) span[v[i].series].day = &day[i];
    }
    series_step step = series_step_of(span, l->n);
    day_t first = n ? v[0].day : 0;
    for (size_t i = 0; i < n; i++) first = v[i].day < first ? v[i].day : first;
    l->shared = true;
    for (size_t i = 0, at = 0; i < l->n; i++, at += span[i - 1].n) {
        series *s = &l->v[i];
        const series_days *d = &span[i];
        s->turn = step.turn, s->phase = steps_between(&step, first, d->day[0]);
        s->n = steps_between(&step, d->day[0], d->day[d->n - 1]) + 1;
        if (s->n > SERIES_VALUES)
            return err_set(e, ERR_DATA, "%s: series '%.*s' spans %zu periods, wanted at most %d", file,
                           STR_ARG(str_take(s->name, 60)), s->n, SERIES_VALUES);
        s->y = ARENA_NEW(&l->text, double, s->n);
        for (size_t k = 0; k < d->n; k++) s->y[steps_between(&step, d->day[0], d->day[k])] += v[at + k].v;
    }
    return true;
}

/* A history for `replenish try` is one too: its quantity is the value, the rest is passed over. */
enum { L_SERIES, L_DATE, L_VALUE, L_QUANTITY, L_STOCK, L_PRICE, L_PROMOTION, L_BULK, L_COLUMNS };

static bool read_dates(const attachment *file, series_list *out, err *e) {
    static const file_column columns[L_COLUMNS] = {{"series", true},     {"date", true},   {"value", false},
                                                   {"quantity", false},  {"stock", false}, {"price", false},
                                                   {"promotion", false}, {"bulk", false}};
    AUTO(file_table) table = {0};
    AUTO(map) names = {0};
    dated *v = NULL;
    size_t n = 0, cap = 0;
    TRY(file_table_open(&table, file, columns, L_COLUMNS, e));
    for (;;) {
        file_line l;
        dated d;
        bool only;
        const char *wanted, *hint;
        date_rule rule = {.serials = false};
        TRY(file_table_next(&table, &l, e));
        if (l.no == 0) break;
        if (l.cell[L_SERIES].n == 0) return file_cell_wrong(&l, L_SERIES, "a name", e);
        if (!date_read(l.cell[L_DATE], &rule, &d.day, &only, &wanted, &hint))
            return file_cell_wrong(&l, L_DATE, "a date (2026-01-31)", e);
        size_t value = l.cell[L_VALUE].n ? L_VALUE : L_QUANTITY;
        if (l.cell[value].n == 0) return file_cell_wrong(&l, L_VALUE, "a number", e);
        TRY(demand_value(l.file, l.no, value, l.cell[value], &d.v, e));
        const uint64_t *at = map_find(&names, l.cell[L_SERIES]);
        if (at == NULL) {
            if (out->n == SERIES_MOST) return err_set(e, ERR_DATA, "%s: more than %d series", l.file, SERIES_MOST);
            uint64_t *place = map_at(&names, series_add(out, l.cell[L_SERIES])->name, NULL);
            *place = out->n - 1;
            at = place;
        }
        d.series = (uint32_t)*at;
        v = arena_grown(&out->text, v, n, &cap, sizeof *v);
        v[n++] = d;
    }
    return lay_out(out, v, n, table.rows.name, e);
}

/* The form of a file that nobody named: by its first row. */
static bool guess(const attachment *file, series_format *out, err *e) {
    AUTO(file_rows) rows = {0};
    table_row row;
    double v;
    TRY(file_rows_open(&rows, file, e) && file_rows_next(&rows, &row, e));
    *out = SERIES_WIDE;
    if (row.no == 0) return true;
    bool comment = str_starts(cell_at(&row, 0), STR("#")),
         n = number(cell_at(&row, 1), &v) && number(cell_at(&row, 2), &v);
    if (comment || str_ieq(cell_at(&row, 1), STR("n")) || (n && row.cells > 4 && !number(cell_at(&row, 3), &v)))
        *out = SERIES_M3;
    if (str_ieq(cell_at(&row, 0), STR("series")) && str_ieq(cell_at(&row, 1), STR("date"))) *out = SERIES_LONG;
    return true;
}

bool series_read(const attachment *file, series_format format, series_list *out, err *e) {
    arena_init(&out->text, SIZE_MAX); /* grows with the file, which is bounded */
    if (format == SERIES_AUTO) TRY(guess(file, &format, e));
    TRY(format == SERIES_LONG ? read_dates(file, out, e) : read_rows(file, format, out, e));
    return out->n > 0 || err_set(e, ERR_DATA, "%.*s: no series", STR_ARG(file->name));
}
