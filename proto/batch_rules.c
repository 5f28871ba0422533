#include "proto/batch_rules.h"

enum { ALL_DOC_FLAGS = DOC_CANCEL | DOC_ADD | DOC_SCOPE_YEAR | DOC_SCOPE_MONTH | DOC_SCOPE_DAY | DOC_NIL };

const number_rule line_number_rules[LINE_NUMBER_COUNT] = {
    [N_ROW] = {1, INT32_MAX, true},
    [N_DATE] = {DAY_MIN, DAY_MAX, true},
    [N_QUANTITY] = {-LIMIT_QUANTITY, LIMIT_QUANTITY, false},
    [N_UNIT_PRICE] = {-LIMIT_AMOUNT, LIMIT_AMOUNT, false},
    [N_AMOUNT] = {-LIMIT_AMOUNT, LIMIT_AMOUNT, false},
    [N_TAX_RATE] = {-LIMIT_AMOUNT, LIMIT_AMOUNT, false},
    [N_DISCOUNT] = {-LIMIT_AMOUNT, LIMIT_AMOUNT, false},
    [N_SHEET] = {1, INT32_MAX, false},
};

const number_rule doc_number_rules[DOC_NUMBER_COUNT] = {
    [D_LINES] = {0, LIMIT_BATCH_LINES, true},     [D_PART] = {1, LIMIT_DOCUMENT_LINES, false},
    [D_PARTS] = {2, LIMIT_DOCUMENT_LINES, false}, [D_FLAGS] = {0, ALL_DOC_FLAGS, false},
    [D_DATE] = {DAY_MIN, DAY_MAX, true},
};

bool words_clean(str s) {
    const uint64_t ones = 0x0101010101010101u, tops = 0x8080808080808080u;
    uint64_t high = 0, low = 0;
    size_t i = 0;
    for (; i + 8 <= s.n; i += 8) { /* eight bytes at once: a borrow into the top bit marks one below 0x20 or a 0x7f */
        uint64_t w, del;
        memcpy(&w, s.p + i, 8);
        del = w ^ (0x7f * ones);
        low |= ((w - 0x20 * ones) & ~w) | ((del - ones) & ~del);
        high |= w;
    }
    str rest = str_skip(s, i);
    bool clean = low & tops ? text_clean(s) : text_clean(rest);
    return clean && ((high & tops) == 0 ? utf8_valid(rest) : utf8_valid(s));
}
