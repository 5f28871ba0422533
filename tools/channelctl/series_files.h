/* series_files — files of demand series for `forecast backtest`: a row a series (wide, or with the columns of the M3
 * competition), or a row a value (long). ERR_DATA names file, row, what was found and what was wanted. */
#ifndef CHANNELCTL_SERIES_FILES_H
#define CHANNELCTL_SERIES_FILES_H

#include "base/arena.h"
#include "base/calendar.h"
#include "tools/channelctl/client.h"

enum { SERIES_MOST = 1000000, SERIES_VALUES = 20000 }; /* of a file; of one series */

typedef enum series_format { SERIES_AUTO, SERIES_M3, SERIES_WIDE, SERIES_LONG } series_format;

typedef struct series {
    str name;
    double *y; /* from its first value on, without gaps */
    size_t n;
    unsigned horizon; /* that the file asks for; 0: says nothing */
    unsigned turn;    /* values of a year or week; 1: none */
    size_t phase;     /* of y[0] in the columns all series share */
} series;

typedef struct series_list {
    arena text;
    series *v;
    size_t n, cap;
    bool shared; /* columns of the file are the same periods for all */
} series_list;

MUST_USE bool series_read(const attachment *file, series_format format, series_list *out, err *e);
void series_list_auto(series_list *l);

/** The step between days, sorted within each series: days, weeks, or months (1, 3, 12). */
typedef struct series_step {
    unsigned days, months; /* one of them is 0 */
    unsigned turn;         /* 7, 52, 12, 4, 1 */
} series_step;
typedef struct series_days {
    const day_t *day; /* of one series, rising */
    size_t n;
} series_days;
series_step series_step_of(const series_days *s, size_t n);

#endif
