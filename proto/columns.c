#include "proto/columns.h"

const column_fact line_text_facts[LINE_TEXT_COUNT] = {
#define X(col, no, name) [col] = {name, no, 0, false},
    LINE_TEXTS(X)
#undef X
};
const column_fact line_number_facts[LINE_NUMBER_COUNT] = {
#define X(col, no, name, scale, delta) [col] = {name, no, scale, delta},
    LINE_NUMBERS(X)
#undef X
};
const column_fact doc_text_facts[DOC_TEXT_COUNT] = {
#define X(col, no, name) [col] = {name, no, 0, false},
    DOC_TEXTS(X)
#undef X
};
const column_fact doc_number_facts[DOC_NUMBER_COUNT] = {
#define X(col, no, name) [col] = {name, no, -2, false},
    DOC_NUMBERS(X)
#undef X
};

static const char *const type_names[DOC_TYPE_COUNT] = {
#define X(type, name) [type] = name,
    DOC_TYPES(X)
#undef X
};

const char *doc_type_name(doc_type t) {
    return type_names[t];
}

bool doc_type_parse(str s, doc_type *out) {
    for (doc_type t = 0; t < DOC_TYPE_COUNT; t++)
        if (str_is(s, type_names[t])) return *out = t, true;
    return false;
}
