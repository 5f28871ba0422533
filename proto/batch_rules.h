/* batch_rules — what a batch may say: the one list that the writer keeps to and the reader checks. */
#ifndef PROTO_BATCH_RULES_H
#define PROTO_BATCH_RULES_H

#include "proto/columns.h"
#include "proto/limits.h"

/* Values of a number column; `required`: stated in every row. */
typedef struct number_rule {
    int64_t least, most;
    bool required;
} number_rule;

extern const number_rule line_number_rules[LINE_NUMBER_COUNT], doc_number_rules[DOC_NUMBER_COUNT];

static inline bool number_ok(const number_rule *r, int64_t v) {
    return v == NUM_NONE ? !r->required : v >= r->least && v <= r->most;
}

/** Bytes that a word of this line column may have. */
static inline size_t line_text_limit(line_text c) {
    return c == T_CODES ? LIMIT_CODES : LIMIT_TEXT;
}

/** Valid UTF-8, no control characters but TAB, LF, CR: text_clean() and utf8_valid() in one go, for many words at once. */
bool words_clean(str s);

/* Fields of wire.Batch, wire.File and wire.Column: number << 3 | wire type. */
enum batch_tag {
    BATCH_EPOCH = 1 << 3 | 1,
    BATCH_SEQ = 2 << 3,
    BATCH_FILE = 3 << 3 | 2,
    BATCH_DOCS = 4 << 3,
    BATCH_LINES = 5 << 3,
    BATCH_DOC = 6 << 3 | 2,
    BATCH_LINE = 7 << 3 | 2
};
enum file_tag {
    FILE_NAME = 1 << 3 | 2,
    FILE_SHA256 = 2 << 3 | 2,
    FILE_SIZE = 3 << 3,
    FILE_DIALECT = 4 << 3 | 2,
    FILE_CHARSET = 5 << 3 | 2,
    FILE_MAPPING = 6 << 3 | 2,
    FILE_BATCH = 7 << 3,
    FILE_BATCHES = 8 << 3,
    FILE_AGAIN = 9 << 3,
    FILE_LINES = 10 << 3,
    FILE_REPLACE_ID = 11 << 3 | 1,
    FILE_REPLACE_FROM = 12 << 3,
    FILE_REPLACE_TO = 13 << 3,
    FILE_MAKE = 14 << 3 | 2
};
enum column_tag {
    COLUMN_NO = 1 << 3,
    COLUMN_DATA = 2 << 3 | 2,
    COLUMN_LEN = 3 << 3 | 2,
    COLUMN_INDEX = 4 << 3 | 2,
    COLUMN_VALUE = 5 << 3 | 2
};

#endif
