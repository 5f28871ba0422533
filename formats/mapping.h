/* clang-format off */
/* mapping — what a YAML file says about a dialect: which column is which, constants, dates, units of amounts. Unknown
 * keys are refused with their line. The built-in table of header names (header.c) makes common exports need none.
 * A mapping that lists columns reads these and no others.
 *
 *   name: category-report
 *   columns: {date: 日期, sku: [产品类别, 商品编码], quantity: 5}   # our field: header | [headers] | column from 1
 *   constants: {type: sale, currency: CNY}                          # where the column is absent or its cell blank
 *   types: {销售出库: sale, 退货: return}                           # value of the type column → type
 *   dates: y/m/d                                                    # order of the parts: y/m/d | d/m/y | m/d/y
 *   decimal: ","                                                    # the decimal mark: "," or "."
 *   scale: {amount: 10000}                                          # 万元
 *   skip: ["^制表"]            # extended regular expressions; a row whose joined text matches is left out
 *   year: 2026                 # for month columns
 *   no_number: replace_day     # or add
 *   number_scope: all          # all | year | month | day
 *   stream: main-warehouse     # warehouse or account set: numbers are unique within it
 *   edifact: {price: line, test: refuse}                            # price: unit | line;  test: post | refuse
 *   privacy: {customer: send, phone: hash, reason: drop}            # a field: send | county | hash | drop (privacy.h)
 *   brands: [清泉, 果然]       # rows whose brand column names another one stay here
 */
/* clang-format on */
#ifndef FORMATS_MAPPING_H
#define FORMATS_MAPPING_H

#include "base/err.h"
#include "base/map.h"
#include "proto/columns.h"
#include <regex.h>

/* A field of a row: every canonical column of a line or document, and what only mappings know. */
typedef enum field {
#define X(col, no, name) FIELD_##col,
    LINE_TEXTS(X) DOC_TEXTS(X)
#undef X
#define X(col, no, name, scale, delta) FIELD_##col,
        LINE_NUMBERS(X)
#undef X
            FIELD_BRAND, /* of the product; looked at, never sent */
    FIELD_COUNT
} field;

const char *field_name(field f);        /* canonical name: "sku" */
bool field_parse(str name, field *out); /* "row" and "sheet" are not fields of a mapping */

/* Fields stand in the order: texts of a line, texts of a document, numbers of a line, what is only looked at. */
static inline bool field_is_line_text(field f) {
    return (size_t)f < LINE_TEXT_COUNT;
}
static inline bool field_is_number(field f) {
    return f >= FIELD_N_ROW && f < FIELD_BRAND;
}
static inline doc_text field_doc_text(field f) {
    return (doc_text)(f - FIELD_D_TYPE);
}
static inline line_number field_number(field f) {
    return (line_number)(f - FIELD_N_ROW);
}

typedef enum date_order { DATE_ANY, DATE_YMD, DATE_DMY, DATE_MDY } date_order;
typedef enum privacy_rule { PRIVACY_DEFAULT, PRIVACY_SEND, PRIVACY_COUNTY, PRIVACY_HASH, PRIVACY_DROP } privacy_rule;

typedef struct mapping_field {
    str *header; /* names wanted, NULL when only a number is given */
    size_t headers;
    unsigned column; /* from 1; 0: by header */
} mapping_field;

typedef struct mapping {
    arena text;
    str name;
    mapping_field columns[FIELD_COUNT];
    str constants[FIELD_COUNT]; /* p NULL: none */
    struct {
        str value;
        doc_type type;
    } * types;
    size_t type_count;
    date_order dates;
    char decimal;               /* '.', ',' or 0: find out */
    int64_t scale[FIELD_COUNT]; /* 0: 1 */
    regex_t *skip;
    size_t skip_count;
    int year;           /* 0: not given */
    unsigned doc_flags; /* DOC_ADD, DOC_SCOPE_* */
    str stream;
    bool edifact_price_line, edifact_refuse_test;
    privacy_rule privacy[FIELD_COUNT];
    str *brands;
    size_t brand_count; /* 0: rows of every brand are read */
} mapping;

/** Parse YAML. ERR_CONFIG with "line N: …" on anything unknown or wrong. `name` is used when the file names none. */
MUST_USE bool mapping_parse(str yaml, str name, mapping *out, err *e);
MUST_USE bool mapping_load(const char *path, mapping *out, err *e);
void mapping_free(mapping *m);
void mapping_auto(mapping *m);

#endif
