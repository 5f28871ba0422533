/* header — the words of the trade as they stand in exports: names of columns, of types, of totals and footers, Chinese
 * and English. A further alias is a word in a list of header.c. */
#ifndef FORMATS_HEADER_H
#define FORMATS_HEADER_H

#include "formats/mapping.h"

enum { HEADER_KEY = 128 };

typedef enum tax_word { TAX_UNSAID, TAX_INCL, TAX_EXCL } tax_word;

typedef struct header_word {
    field f;
    unsigned rank;  /* 0 canonical name … 3 weak: a better name of another column wins */
    tax_word tax;   /* 含税金额, 不含税金额 */
    doc_type type;  /* 销售数量 speaks of sales; DOC_TYPE_COUNT: says nothing */
    int64_t factor; /* 万元: 10000 */
    str unit;       /* 数量(箱): 箱, borrowed from the cell */
    str currency;   /* 金额(USD), borrowed from the cell */
} header_word;

/** A name as compared: half-width, ASCII in lower case, without blanks; cut to HEADER_KEY. `marks` also drops _ . : * #
 *  for the built-in names. */
str header_key(str name, bool drop_marks, char out[static HEADER_KEY]);

/** The field a column is by the built-in names. */
bool header_find(str cell, header_word *out);

/** What a column chosen by a mapping says in its brackets: 万元, 含税, 箱, USD. */
void header_traits(str cell, field f, header_word *out);

typedef struct header_month {
    int year; /* 0: not said */
    unsigned month;
    field f; /* quantity or amount; FIELD_COUNT: not said */
    int64_t factor;
} header_month;
/** 1月, 一月, 3月销量, 2026年3月, 2026-03, 202603, Jan, March 2026. */
bool header_month_find(str cell, header_month *out);

/** The type a title, file name or header speaks of. */
bool title_type(str text, doc_type *out);
/** A title that speaks of money, not of pieces. */
bool title_is_amount(str text);
/** The one day a title speaks of (盘点日期：2026-03-31, stock_20260331); false when none, several, or the day of printing. */
bool title_day(str text, day_t *out);
/** 单位：万元 → 10000; 1 when the title says nothing of the kind. */
int64_t title_factor(str text);
/** The one year a title speaks of (2026年, 2026-03); 0 when none or several. */
int title_year(str text);

/** The type a cell of the type column names; *gift when it is goods given. */
bool type_word(str cell, doc_type *out, bool *gift);
bool gift_word(str text);

typedef enum total_word { TOTAL_NONE, TOTAL_SUB, TOTAL_GRAND, TOTAL_RUNNING } total_word;
/** 小计 (since the last one), 合计/总计/Total (of all), 累计 (of more than this file). */
total_word total_of(str cell);
/** 零申报, nil: the row says that there was nothing. */
bool nil_word(str cell);
/** 制表人, 审核, 第 1 页 … */
bool footer_word(str cell);

#endif
