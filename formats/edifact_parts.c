/* Segments that mean the same in every EDIFACT message read here. */
#include "formats/edifact.h"
#include "proto/limits.h"

void edi_run(edi_message *m, const edi_segment *g, const edi_row *rows, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (str_is(g->tag, rows[i].tag)) rows[i].run(m, g);
}

void edi_date_by(edi_message *m, const edi_segment *g, const char *const *qualifiers, size_t n) {
    day_t day;
    for (size_t i = 0; i < n; i++) {
        if (!str_is(edi_value(g, 1, 0), qualifiers[i])) continue;
        if (edi_day(edi_value(g, 1, 1), edi_value(g, 1, 2), &day))
            return facts_date(edi_here(m), day, (uint8_t)(i + 1));
        report_problem(&m->r, edi_value(g, 1, 1), "a date such as 20260131 with format 102",
                       "this date is not used; the next best date of the message is");
    }
}

void edi_party_by(edi_message *m, const edi_segment *g, const edi_choice *choices, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (str_is(edi_value(g, 1, 0), choices[i].qualifier))
            report_offer(&m->r, edi_here(m), choices[i].column, edi_value(g, 2, 0), choices[i].rank);
}

void edi_reference_by(edi_message *m, const edi_segment *g, const edi_choice *choices, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (str_is(edi_value(g, 1, 0), choices[i].qualifier))
            report_offer(&m->r, edi_here(m), choices[i].column, edi_value(g, 1, 1), choices[i].rank);
}

void edi_quantity_by(edi_message *m, const edi_segment *g, const quantity_row *rows, size_t n, const char *wanted) {
    int64_t quantity;
    str value = edi_value(g, 1, 1);
    const quantity_row *row = report_quantity_row(&m->r, rows, n, edi_value(g, 1, 0), wanted);
    if (row == NULL) return;
    if (!edi_number(value, QUANTITY_SCALE, &quantity) || quantity > LIMIT_QUANTITY || quantity < -LIMIT_QUANTITY)
        return report_refuse(&m->r, value, "a quantity", "the line is left out");
    (void)report_wait(&m->r, row, row->type, row->back, quantity, report_word(&m->r, edi_here(m), edi_value(g, 1, 2)));
}

/* BGM function (1225). */
void edi_on_bgm(edi_message *m, const edi_segment *g) {
    static const purpose_row functions[] = {{"", "", false},   {"9", "", false}, {"7", "", false}, {"4", "1", false},
                                            {"5", "1", false}, {"1", "2", true}, {"3", "2", true}};
    m->r.number = report_word(&m->r, edi_here(m), edi_value(g, 2, 0));
    (void)report_purpose(&m->r, functions, ARRAY_LEN(functions), edi_value(g, 3, 0),
                         "message function 9, 7, 4, 5 or 1");
}

void edi_on_cux(edi_message *m, const edi_segment *g) {
    report_keep(&m->r, edi_here(m), T_CURRENCY, edi_value(g, 1, 1));
}

/* How well a number names the item, by its type (7143): bar codes, the maker's number, any other. */
static uint8_t item_rank(str type) {
    static const struct {
        const char *type;
        uint8_t rank;
    } ranks[] = {{"EN", 2}, {"SRV", 2}, {"UP", 2}, {"SA", 3}, {"MF", 3}, {"VN", 3}};
    for (size_t i = 0; i < ARRAY_LEN(ranks); i++)
        if (str_is(type, ranks[i].type)) return ranks[i].rank;
    return 4;
}

void edi_take_lin(edi_message *m, const edi_segment *g) {
    facts *f = edi_here(m);
    f->text[T_SKU] = WORD_NONE;
    f->rank[T_SKU] = 0;
    report_keep(&m->r, f, T_LINE, edi_value(g, 1, 0));
    report_offer(&m->r, f, T_SKU, edi_value(g, 3, 0), 1);
}

void edi_on_pia(edi_message *m, const edi_segment *g) {
    for (unsigned element = 2; element <= 6; element++) {
        str type = edi_value(g, element, 1);
        if (str_is(type, "NB")) report_offer(&m->r, edi_here(m), T_BATCH, edi_value(g, element, 0), 2);
        else
            report_offer(&m->r, edi_here(m), T_SKU, edi_value(g, element, 0), item_rank(type));
    }
}

void edi_on_imd(edi_message *m, const edi_segment *g) {
    if (m->level != LEVEL_MESSAGE) report_keep(&m->r, edi_here(m), T_NAME, edi_value(g, 3, 3));
}

/* Serial numbers, serial shipping containers, and what older versions call them. */
static bool gin_is_code(str qualifier) {
    static const char *const known[] = {"BN", "BJ", "AW", "EE"};
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (str_is(qualifier, known[i])) return true;
    return false;
}

/* Each C208 is one number, or with two the first and the last of a range. */
bool edi_take_gin(edi_message *m, const edi_segment *g, buf *codes) {
    str qualifier = edi_value(g, 1, 0);
    bool batch = str_is(qualifier, "BX"), code = gin_is_code(qualifier);
    for (unsigned element = 2; element <= 6 && (batch || code); element++) {
        str first = edi_value(g, element, 0), last = edi_value(g, element, 1);
        if (first.n && last.n && !str_eq(first, last))
            report_problem(&m->r, last, "each number by itself",
                           "a range is not read here: only its first number is kept");
        if (batch) report_offer(&m->r, edi_here(m), T_BATCH, first, 1);
        else
            codes_add(codes, first);
    }
    return batch || code;
}
