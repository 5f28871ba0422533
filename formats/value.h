/* value — cells of foreign files as numbers and dates. What one cell cannot tell ("1,234", "3/4/2026") the column does:
 * it is looked at as a whole first (…_look), then read by one rule. Exact integers only. */
#ifndef FORMATS_VALUE_H
#define FORMATS_VALUE_H

#include "base/calendar.h"
#include "base/num.h"
#include "formats/mapping.h"

/** Full-width forms as ASCII (１２３ ，．（）￥ → 123 ,.()¥), wide blanks as a blank; other letters as they are. */
uint32_t half_width(uint32_t cp);

/** A cell as meant: trimmed, without the leading ' and the ="…" that spreadsheets need to keep codes; NULL and \N of
 *  database exports are empty. */
str cell_clean(str cell);

/* ---- numbers ---- */

/* What the cells of a column show beyond doubt. */
typedef struct number_marks {
    bool comma_decimal; /* 27,5  27,00  1.234,56 */
    bool point_decimal; /* 27.5  1,234.56  1,234,567 */
} number_marks;

typedef struct number_rule {
    char decimal;   /* '.' or ',' */
    bool mixed;     /* the column shows both: cells that could be either are refused */
    unsigned scale; /* decimals of the result */
    int64_t factor; /* 1; 10000 for a column in 万元 */
    bool rate;      /* 13%, 13 and 0.13 are all 0.13 */
} number_rule;

typedef struct number_value {
    int64_t v;    /* NUM_NONE: the cell states nothing (blank, "-", "—") */
    bool rounded; /* more decimals than the scale keeps, beyond float noise (a millionth of the unit) */
    str currency; /* of a sign in the cell ($, €), else empty */
} number_value;

void number_look(number_marks *marks, str cell);
/** `decimal` of the mapping, 0 when not given. Fills decimal and mixed. */
void number_decide(const number_marks *marks, char decimal, number_rule *rule);
/** False with what was wanted in *wanted (static text) when the cell is no number. */
bool number_read(str cell, const number_rule *rule, number_value *out, const char **wanted);
/** A code that a spreadsheet turned into 1.2E+15: its digits are lost. */
bool code_damaged(str cell);
/** What a spreadsheet shows in place of a result: #N/A, #REF!, or a formula that was never computed. */
bool formula_failed(str cell);

/* ---- dates ---- */

typedef struct date_marks {
    bool day_first, month_first; /* a value proves it: 21/3/2024, 3/21/2024 */
    bool written;                /* a form other than a bare serial number */
} date_marks;

typedef struct date_rule {
    date_order order;
    bool serials;  /* bare numbers are days since 1899-12-30 */
    bool date1904; /* … since 1904-01-01 */
} date_rule;

void date_look(date_marks *marks, str cell);
void date_decide(const date_marks *marks, date_order said, date_rule *rule);
/** A time part is ignored. A month without a day ("2024-03", "2024年3月") is its last day, *month_only says so. False
 * with what was wanted and what to do (static texts). */
bool date_read(str cell, const date_rule *rule, day_t *out, bool *month_only, const char **wanted, const char **hint);

/** Jan … December in any case → 1 … 12, else 0. */
unsigned month_word(str word);

#endif
