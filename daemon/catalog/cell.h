/* cell — one cell by itself: is it of its column's type, and how is it spelled canonically? */
#ifndef CATALOG_CELL_H
#define CATALOG_CELL_H

#include "base/arena.h"
#include "daemon/catalog/catalog.h"

/** The canonical spelling of a non-empty, trimmed cell; it and *wanted (what was expected, when false) live in the
 * arena. References are only checked as texts here. */
bool cell_canonical(const catalog_column *col, str in, arena *a, str *out, str *wanted);

/** A list with ; between its pieces, whatever stood there (； 、 ，); in the arena. */
str cell_list(str in, arena *a);
/** A day in the spellings people use: 2026-01-31, 2026/1/31, 2026.1.31, 20260131, 2026年1月31日. */
bool cell_as_day(str s, day_t *out);
/** A month: 2026-07, 2026/7, 202607, 2026年7月; numbered as month_of(). */
bool cell_as_month(str s, int32_t *out);
/** "13%", "13", "0.13" as parts per million, 0 … 1000000. */
bool cell_rate(str s, int64_t *ppm);
/** Is the day inside a span of two CELL_DAY cells (either may be empty: open)? Both ends belong to it. */
bool cells_valid_on(str from, str to, day_t day);
/** The same; narrows the day's span to the days of which the same is true. */
bool cells_hold_on(str from, str to, business_day *on);

#endif
