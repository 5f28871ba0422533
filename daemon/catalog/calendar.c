#include "daemon/catalog/calendar.h"

#include "daemon/catalog/cell.h"
#include "daemon/catalog/columns.h"
#include "daemon/catalog/rows.h"
#include "daemon/catalog/settings.h"

static size_t count_rows(txn *t, catalog_table table) {
    AUTO(catalog_walk) w = catalog_rows(t, table, NULL, 0);
    catalog_row row;
    size_t n = 0;
    while (catalog_next(&w, &row)) n++;
    return n;
}

/* Keys are canonical dates and months, so rows come in order. */
static void load_days(txn *t, arena *a, fiscal_calendar *out) {
    special_day *day = ARENA_NEW(a, special_day, count_rows(t, CATALOG_CALENDAR) + 1);
    AUTO(catalog_walk) w = catalog_rows(t, CATALOG_CALENDAR, NULL, 0);
    catalog_row row;
    ASSERT(day != NULL);
    for (out->specials = 0; catalog_next(&w, &row);) {
        special_day *d = &day[out->specials];
        d->work = str_is(row.cell[CALENDAR_KIND], "workday");
        out->specials += cell_as_day(row.cell[CALENDAR_DAY], &d->day);
    }
    out->special = day;
}

static void load_months(txn *t, arena *a, fiscal_calendar *out) {
    fiscal_first *first = ARENA_NEW(a, fiscal_first, count_rows(t, CATALOG_FISCAL_MONTH) + 1);
    AUTO(catalog_walk) w = catalog_rows(t, CATALOG_FISCAL_MONTH, NULL, 0);
    catalog_row row;
    ASSERT(first != NULL);
    for (out->firsts = 0; catalog_next(&w, &row);) {
        fiscal_first *f = &first[out->firsts];
        out->firsts += cell_as_month(row.cell[FISCAL_MONTH_MONTH], &f->month) &&
                       cell_as_day(row.cell[FISCAL_MONTH_FROM], &f->from);
    }
    out->first = first;
}

void calendar_load(txn *t, arena *a, fiscal_calendar *out) {
    *out = (fiscal_calendar){.starts = (unsigned)setting_number(t, SETTING_FISCAL)};
    load_days(t, a, out);
    load_months(t, a, out);
}
