/* cell_style — what a number format of a workbook makes of a number: a date, a month, a time, a code with leading
 * zeros. */
#ifndef FORMATS_CELL_STYLE_H
#define FORMATS_CELL_STYLE_H

#include "base/buf.h"

/* STYLE_PADDED + n: shown with at least n digits ("000000"). */
typedef uint8_t cell_style;
enum { STYLE_PLAIN, STYLE_DATE, STYLE_MONTH, STYLE_TIME, STYLE_PADDED = 16, STYLE_PADDED_MOST = STYLE_PADDED + 20 };

/** Of a format code as it stands in the file, "yyyy\"年\"m\"月\"d\"日\"". Its first section counts. */
cell_style style_of_format(str code);
/** Of a format known by number only; 27–36 and 50–58 are the CJK dates. */
cell_style style_of_builtin(unsigned id);

/** The number as a person sees it: 2026-01-31 (2026-01 where the style shows no day), 000123, else digits: 0.1 + 0.2 is
 *  0.3, 1.2E+3 is 1200, more than 15 digits end as 1.23456789012346e+17 because a workbook keeps no more. True when it
 *  is no quantity but a word (date, code). */
bool cell_number_put(buf *out, double v, cell_style style, bool date1904);

#endif
