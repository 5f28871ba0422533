/* columns — what a document and its lines consist of, once, for readers, wire, journal and export. Column numbers go
 * over the wire and into the journal: they are for ever. */
#ifndef PROTO_COLUMNS_H
#define PROTO_COLUMNS_H

#include "base/calendar.h"
#include "base/num.h"

/* text columns of a line: enum, number, canonical name. In digests all but those of the customer count. */
#define LINE_TEXTS(X)                                                                                                  \
    X(T_LINE, 1, "line")                                                                                               \
    X(T_SKU, 2, "sku")                                                                                                 \
    X(T_UNIT, 3, "unit")                                                                                               \
    X(T_CURRENCY, 4, "currency")                                                                                       \
    X(T_CUSTOMER, 5, "customer")                                                                                       \
    X(T_PLACE, 6, "place")                                                                                             \
    X(T_SHIP_TO, 7, "ship_to")                                                                                         \
    X(T_COUNTERPARTY, 8, "counterparty")                                                                               \
    X(T_REFERENCE, 9, "reference")                                                                                     \
    X(T_BATCH, 10, "batch")                                                                                            \
    X(T_CODES, 11, "codes")                                                                                            \
    X(T_COMPANY, 12, "company")                                                                                        \
    X(T_GIFT, 13, "gift") /* Y, N or empty */                                                                          \
    X(T_REASON, 14, "reason")                                                                                          \
    X(T_TAX_BASIS, 15, "tax_basis") /* incl, excl or empty */                                                          \
    X(T_CHANNEL, 16, "channel")                                                                                        \
    X(T_NAME, 17, "name") /* the product's name as written there */                                                    \
    X(T_SPEC, 18, "spec") /* 规格 */                                                                                 \
    /* what the customer is, not what was sold: outside digests */                                                     \
    X(T_CUSTOMER_NAME, 19, "customer_name") /* beside a code */                                                        \
    X(T_CUSTOMER_KIND, 20, "customer_kind")                                                                            \
    X(T_CUSTOMER_REGION, 21, "customer_region")                                                                        \
    X(T_PHONE, 22, "phone") /* of the customer; only ever as a hash unless a mapping says otherwise */                 \
    X(T_PAID_BY_REBATE, 23, "paid_by_rebate") /* Y, N or empty */

/* number columns of a line: enum, number, name, scale (-1: a day, -2: a plain count), delta on the wire */
#define LINE_NUMBERS(X)                                                                                                \
    X(N_ROW, 32, "row", -2, 1)   /* row of the file, from 1 */                                                         \
    X(N_DATE, 33, "date", -1, 1) /* business day */                                                                    \
    X(N_QUANTITY, 34, "quantity", 3, 0)                                                                                \
    X(N_UNIT_PRICE, 35, "unit_price", 6, 0)                                                                            \
    X(N_AMOUNT, 36, "amount", 6, 0)                                                                                    \
    X(N_TAX_RATE, 37, "tax_rate", 6, 0) /* 0.13 = 13 % */                                                              \
    X(N_DISCOUNT, 38, "discount", 6, 0)                                                                                \
    X(N_SHEET, 39, "sheet", -2, 0) /* from 1; not stated in files without sheets */

/* columns of a document: texts, then numbers */
#define DOC_TEXTS(X)                                                                                                   \
    X(D_TYPE, 1, "type") /* sale, return, receipt, shipment, return_out, transfer, stock, payment */                   \
    X(D_NUMBER, 2, "number")                                                                                           \
    X(D_VERSION, 3, "version")                                                                                         \
    X(D_STREAM, 4, "stream")                                                                                           \
    X(D_PARTNER, 5, "partner") /* the reporter as an admin's file names it */

#define DOC_NUMBERS(X)                                                                                                 \
    X(D_LINES, 32, "lines") /* in this batch; they stand one after the other */                                        \
    X(D_PART, 33, "part")   /* 1 … parts; not stated: whole */                                                       \
    X(D_PARTS, 34, "parts")                                                                                            \
    X(D_FLAGS, 35, "flags") /* doc_flag */                                                                             \
    X(D_DATE, 36, "date")   /* the document's date: its earliest line's */

typedef enum line_text {
#define X(col, no, name) col,
    LINE_TEXTS(X)
#undef X
        LINE_TEXT_COUNT
} line_text;
typedef enum line_number {
#define X(col, no, name, scale, delta) col,
    LINE_NUMBERS(X)
#undef X
        LINE_NUMBER_COUNT
} line_number;
typedef enum doc_text {
#define X(col, no, name) col,
    DOC_TEXTS(X)
#undef X
        DOC_TEXT_COUNT
} doc_text;
typedef enum doc_number {
#define X(col, no, name) col,
    DOC_NUMBERS(X)
#undef X
        DOC_NUMBER_COUNT
} doc_number;

typedef enum doc_flag {
    DOC_CANCEL = 1,     /* a version without lines */
    DOC_ADD = 2,        /* no_number: add — a second, different content of that day adds up */
    DOC_SCOPE_YEAR = 4, /* number_scope: the number is unique within the year, month or day of its date */
    DOC_SCOPE_MONTH = 8,
    DOC_SCOPE_DAY = 16,
    DOC_NIL = 32, /* 零申报: a line a day without product says that there was nothing of its type */
} doc_flag;

/* document types: enum, name */
#define DOC_TYPES(X)                                                                                                   \
    X(TYPE_SALE, "sale")                                                                                               \
    X(TYPE_RETURN, "return")                                                                                           \
    X(TYPE_RECEIPT, "receipt")                                                                                         \
    X(TYPE_SHIPMENT, "shipment")                                                                                       \
    X(TYPE_RETURN_OUT, "return_out")                                                                                   \
    X(TYPE_TRANSFER, "transfer")                                                                                       \
    X(TYPE_STOCK, "stock")                                                                                             \
    X(TYPE_PAYMENT, "payment")

typedef enum doc_type {
#define X(type, name) type,
    DOC_TYPES(X)
#undef X
        DOC_TYPE_COUNT
} doc_type;

const char *doc_type_name(doc_type t);
bool doc_type_parse(str s, doc_type *out);
/** Facts of the columns above, by enum: canonical name, wire number, scale, delta. */
typedef struct column_fact {
    const char *name;
    uint32_t no;
    int scale; /* numbers: decimals, -1 a day, -2 a count; texts: 0 */
    bool delta;
} column_fact;
extern const column_fact line_text_facts[LINE_TEXT_COUNT], line_number_facts[LINE_NUMBER_COUNT];
extern const column_fact doc_text_facts[DOC_TEXT_COUNT], doc_number_facts[DOC_NUMBER_COUNT];

#endif
