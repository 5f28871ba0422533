/* csv_put — one cell of a CSV file that people will open (RFC 4180). Partners' words come out in it: what a spreadsheet
 * would run as a formula is defused. */
#ifndef BASE_CSV_PUT_H
#define BASE_CSV_PUT_H

#include "base/buf.h"

/** Appends the cell, in quotes where it needs them. A text that begins with = + - @ TAB or CR gets an apostrophe in
 *  front, which our readers take off again; a plain number like -12.50 does not. */
void csv_put(buf *out, str cell);
/** Digits with at most one point, a minus in front or none: what this program writes for figures. */
bool is_plain_number(str s);

#endif
