#include "formats/line.h"

#include "formats/privacy.h"

bool row_type(line_reader *r, row_facts *x) {
    str cell = line_cell(r, x->row, FIELD_D_TYPE);
    uint32_t column = r->l->column[FIELD_D_TYPE];
    x->type = r->l->type;
    x->gift_type = false;
    if (column == NO_COLUMN) return true;
    if (r->last_type.n && str_eq(cell, buf_str(&r->last_type))) {
        x->type = r->type;
        x->gift_type = r->type_gift;
        return true;
    }
    bool known = false;
    const mapping *m = r->l->m;
    char a[HEADER_KEY], b[HEADER_KEY];
    str key = header_key(cell, false, a);
    for (size_t i = 0; m && i < m->type_count && !known; i++) {
        known = str_eq(key, header_key(m->types[i].value, false, b));
        if (known) x->type = m->types[i].type;
    }
    x->gift_type = gift_word(cell);
    if (!known && !type_word(cell, &x->type, &x->gift_type)) {
        line_refuse(r, x->row->no, column, cell,
                    "a type: sale, return, receipt, shipment, return_out, transfer, stock or payment",
                    "say in the mapping what the word means: types: {word: sale}");
        return false;
    }
    buf_clear(&r->last_type);
    buf_add(&r->last_type, cell);
    r->type = x->type;
    r->type_gift = x->gift_type;
    return true;
}

/* Codes that a spreadsheet may have turned into a number with an exponent. */
static bool is_code(field f) {
    return f == FIELD_T_SKU || f == FIELD_T_CODES || f == FIELD_T_CUSTOMER || f == FIELD_T_PLACE ||
           f == FIELD_T_COUNTERPARTY || f == FIELD_T_BATCH || f == FIELD_T_REFERENCE || f == FIELD_D_NUMBER;
}

static bool check_text(line_reader *r, const row_facts *x, field f, str v) {
    uint32_t column = r->l->column[f];
    const char *wanted = NULL, *hint = "shorten it, or leave the column out";
    if (v.n > (f == FIELD_T_CODES ? LIMIT_CODES : LIMIT_TEXT)) wanted = "a shorter text (at most 256 bytes)";
    else if (!text_clean(v))
        wanted = "a text without control characters", hint = "export the file again";
    else if (is_code(f) && code_damaged(v))
        wanted = "a whole code: the spreadsheet made it a number and lost its digits",
        hint = "format the column as text before filling it and export again";
    else if (formula_failed(v))
        wanted = "a value: the formula in this cell has no result",
        hint = "mend it, save the file in Excel or WPS, send it again";
    if (wanted == NULL) return true;
    return line_refuse(r, x->row->no, column, v, wanted, hint), false;
}

static uint32_t word_of(line_reader *r, field f, str v) {
    if (v.n == 0) return WORD_NONE;
    if (r->last[f] == WORD_NONE || !str_eq(words_get(&r->out->words, r->last[f]), v))
        r->last[f] = words_add(&r->out->words, v);
    return r->last[f];
}

/* Codes joined by ';' whatever the file joins them with. */
static str joined_codes(str v, buf *room) {
    const char *p = v.p, *end = p + v.n;
    while (p < end) {
        char letter[4];
        uint32_t cp = half_width(utf8_next(&p, end));
        bool mark =
            cp == ';' || cp == ',' || cp == 0x3001 || cp == ' ' || cp == '|' || cp == '\n' || cp == '\r' || cp == '\t';
        if (!mark) buf_add(room, str_from(letter, utf8_put(cp, letter)));
        else if (room->n && room->p[room->n - 1] != ';')
            buf_byte(room, ';');
    }
    if (room->n && room->p[room->n - 1] == ';') room->n--;
    return buf_str(room);
}

typedef struct spelling {
    const char *written, *meant;
} spelling;

static str spelled(str v, const spelling *list, size_t n) {
    char text[HEADER_KEY];
    str key = header_key(v, false, text);
    for (size_t i = 0; i < n; i++)
        if (str_is(key, list[i].written)) return str_of(list[i].meant);
    return STR_NONE;
}

static bool read_currency(line_reader *r, const row_facts *x, doc_line *line) {
    static const spelling known[] = {{"人民币", "CNY"}, {"rmb", "CNY"},  {"元", "CNY"},   {"¥", "CNY"},
                                     {"美元", "USD"},   {"欧元", "EUR"}, {"港币", "HKD"}, {"港元", "HKD"},
                                     {"日元", "JPY"},   {"英镑", "GBP"}};
    str v = line_cell(r, x->row, FIELD_T_CURRENCY);
    char upper[4] = {0};
    if (v.n == 0) v = x->currency;
    str meant = spelled(v, known, ARRAY_LEN(known));
    for (size_t i = 0; i < v.n && v.n == 3; i++)
        upper[i] = v.p[i] >= 'a' && v.p[i] <= 'z' ? (char)(v.p[i] - 32) : v.p[i];
    if (meant.n == 0 && v.n == 3) meant = str_from(upper, 3);
    if (v.n && !currency_ok(meant)) {
        line_refuse(r, x->row->no, r->l->column[FIELD_T_CURRENCY], v, "a currency of three letters",
                    "write CNY, USD …");
        return false;
    }
    line->text[T_CURRENCY] = word_of(r, FIELD_T_CURRENCY, v.n ? meant : STR(""));
    return true;
}

static bool read_tax_basis(line_reader *r, const row_facts *x, doc_line *line) {
    static const spelling known[] = {{"incl", "incl"}, {"excl", "excl"}, {"含税", "incl"}, {"不含税", "excl"},
                                     {"未税", "excl"}, {"是", "incl"},   {"否", "excl"},   {"y", "incl"},
                                     {"n", "excl"},    {"1", "incl"},    {"0", "excl"},    {"true", "incl"},
                                     {"false", "excl"}};
    str v = line_cell(r, x->row, FIELD_T_TAX_BASIS), meant = spelled(v, known, ARRAY_LEN(known));
    if (v.n && meant.n == 0) {
        line_refuse(r, x->row->no, r->l->column[FIELD_T_TAX_BASIS], v, "incl or excl",
                    "write incl (含税) or excl (不含税)");
        return false;
    }
    line->text[T_TAX_BASIS] = word_of(r, FIELD_T_TAX_BASIS, meant);
    return true;
}

static bool words_say_gift(const line_reader *r, const table_row *row) {
    return gift_word(line_cell(r, row, FIELD_T_NAME)) || gift_word(line_cell(r, row, FIELD_T_SKU)) ||
           gift_word(line_cell(r, row, FIELD_T_REASON));
}

static bool read_yes(line_reader *r, const row_facts *x, field f, const char *hint, str *out) {
    static const spelling known[] = {{"y", "Y"},    {"n", "N"},    {"yes", "Y"}, {"no", "N"},    {"是", "Y"},
                                     {"否", "N"},   {"1", "Y"},    {"0", "N"},   {"true", "Y"},  {"false", "N"},
                                     {"赠品", "Y"}, {"搭赠", "Y"}, {"赠", "Y"},  {"非赠品", "N"}};
    str v = line_cell(r, x->row, f);
    *out = spelled(v, known, ARRAY_LEN(known));
    if (v.n == 0 || out->n) return true;
    line_refuse(r, x->row->no, r->l->column[f], v, "Y or N", hint);
    return false;
}

/* Y when the cell says so, the type does, the amount is an explicit 0, or the words do and no money is asked for it. */
static bool read_gift(line_reader *r, const row_facts *x, doc_line *line) {
    str meant;
    TRY(read_yes(r, x, FIELD_T_GIFT, "write Y for goods given free", &meant));
    bool given = x->type == TYPE_SALE || x->type == TYPE_SHIPMENT || x->type == TYPE_RECEIPT;
    int64_t quantity = line->number[N_QUANTITY], amount = line->number[N_AMOUNT], price = line->number[N_UNIT_PRICE];
    bool free_of_charge = amount == 0 || (amount == NUM_NONE && (price == 0 || price == NUM_NONE));
    if (meant.n == 0 && given && quantity != NUM_NONE && quantity != 0 &&
        (x->gift_type || amount == 0 || (free_of_charge && words_say_gift(r, x->row))))
        meant = STR("Y");
    line->text[T_GIFT] = word_of(r, FIELD_T_GIFT, meant);
    return true;
}

static bool read_paid_by_rebate(line_reader *r, const row_facts *x, doc_line *line) {
    str meant;
    TRY(read_yes(r, x, FIELD_T_PAID_BY_REBATE, "write Y for what was paid out of the rebate account", &meant));
    line->text[T_PAID_BY_REBATE] = word_of(r, FIELD_T_PAID_BY_REBATE, meant);
    return true;
}

bool row_texts(line_reader *r, const row_facts *x, doc_line *line) {
    AUTO(buf) codes = {0};
    AUTO(buf) hashed = {0};
    for (field f = 0; field_is_line_text(f); f++) {
        if (f == FIELD_T_CURRENCY || f == FIELD_T_TAX_BASIS || f == FIELD_T_GIFT || f == FIELD_T_PAID_BY_REBATE)
            continue;
        str v = line_cell(r, x->row, f);
        if (v.n == 0) continue;
        if (f == FIELD_T_CODES) v = joined_codes(v, &codes);
        TRY(check_text(r, x, f, v));
        line->text[f] = word_of(r, f, privacy_apply(privacy_of(r->l->m, f), f, v, r->out->privacy_key, &hashed));
    }
    return read_currency(r, x, line) && read_tax_basis(r, x, line) && read_gift(r, x, line) &&
           read_paid_by_rebate(r, x, line);
}

bool row_head(line_reader *r, const row_facts *x, doc_head *head) {
    *head = (doc_head){.type = x->type};
    for (field f = FIELD_D_TYPE; f < FIELD_N_ROW; f++) {
        str v = f == FIELD_D_TYPE ? STR("") : line_cell(r, x->row, f);
        TRY(check_text(r, x, f, v));
        head->text[field_doc_text(f)] = word_of(r, f, v);
    }
    unsigned flags = r->l->m ? r->l->m->doc_flags : 0;
    bool numbered = head->text[D_NUMBER] != WORD_NONE;
    head->flags = flags & (numbered ? DOC_SCOPE_YEAR | DOC_SCOPE_MONTH | DOC_SCOPE_DAY : DOC_ADD);
    return true;
}
