/* Segments that mean the same in every X12 set read here. */
#include "base/num.h"
#include "formats/x12.h"
#include <stdio.h>

void x12_run(x12_message *m, const x12_segment *g, const x12_row *rows, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (str_is(g->tag, rows[i].tag)) rows[i].run(m, g);
}

/* Transaction set purpose (353). */
void x12_head(x12_message *m, str purpose, str number) {
    static const purpose_row purposes[] = {{"00", "", false}, {"", "", false},    {"07", "", false},
                                           {"14", "", false}, {"04", "1", false}, {"05", "1", false},
                                           {"01", "2", true}, {"03", "2", true}};
    m->r.number = report_word(&m->r, &m->at[SET_LEVEL], number);
    (void)report_purpose(&m->r, purposes, ARRAY_LEN(purposes), purpose, "purpose 00, 05 or 01");
}

void x12_date(x12_message *m, facts *f, str value, uint8_t rank) {
    day_t day;
    if (value.n == 0) return;
    if (x12_day(value, &day)) return facts_date(f, day, rank);
    report_problem(&m->r, value, "a date such as 20260131",
                   "this date is not used; the next best date of the report is");
}

void x12_date_by(x12_message *m, facts *f, const x12_segment *g, const char *const *qualifiers, size_t n,
                 uint8_t from) {
    for (size_t i = 0; i < n; i++)
        if (str_is(x12_value(g, 1), qualifiers[i])) x12_date(m, f, x12_value(g, 2), (uint8_t)(from + i));
}

/* --- products --- */

enum { NOT_AN_ID = 0, ANY_ID = 7, CASE_ID = 4, GTIN_DIGITS = 14 };

/* How well a number names the product (235): bar codes, the maker's number, the seller's, codes of a case, the buyer's,
 * styles; what else LIN may say is no name of it. */
static uint8_t id_rank(str qualifier, str id) {
    static const struct {
        const char *qualifier;
        uint8_t rank;
    } ranks[] = {
        {"UP", 1}, {"EN", 1}, {"UI", 1}, {"UK", 1}, {"MG", 2}, {"N4", 2}, {"ND", 2}, {"VP", 3},
        {"VN", 3}, {"VC", 3}, {"UA", 4}, {"BP", 5}, {"IN", 5}, {"CB", 5}, {"SK", 5}, {"PI", 5},
        {"IB", 5}, {"VA", 6}, {"MN", 6}, {"EC", 0}, {"MF", 0}, {"PR", 0}, {"IZ", 0}, {"SZ", 0},
        {"CM", 0}, {"BO", 0}, {"SM", 0}, {"PL", 0}, {"PO", 0}, {"ON", 0}, {"B7", 0}, {"XX", 0},
    };
    bool of_a_case = str_is(qualifier, "UK") && id.n == GTIN_DIGITS && id.p[0] != '0';
    if (of_a_case) return CASE_ID;
    for (size_t i = 0; i < ARRAY_LEN(ranks); i++)
        if (str_is(qualifier, ranks[i].qualifier)) return ranks[i].rank;
    return ANY_ID;
}

void x12_take_ids(x12_message *m, facts *f, const x12_segment *g, buf *codes) {
    report_keep(&m->r, f, T_LINE, x12_value(g, 1));
    for (unsigned at = 2; at + 1 < g->count; at += 2) {
        str qualifier = x12_value(g, at), id = x12_value(g, at + 1);
        uint8_t rank = id_rank(qualifier, id);
        if (str_is(qualifier, "LT")) report_offer(&m->r, f, T_BATCH, id, 1);
        else if (str_is(qualifier, "SN") || str_is(qualifier, "SE"))
            codes_add(codes, id);
        else if (rank != NOT_AN_ID && qualifier.n)
            report_offer(&m->r, f, T_SKU, id, rank);
    }
}

void x12_on_pid(x12_message *m, const x12_segment *g) {
    if (m->level >= ITEM_LEVEL) report_keep(&m->r, x12_here(m), T_NAME, x12_value(g, 5));
}

/* --- references and parties --- */

void x12_take_reference(x12_message *m, facts *f, const x12_segment *g, buf *codes) {
    static const struct {
        const char *qualifier;
        line_text column;
        uint8_t rank;
    } references[] = {{"LT", T_BATCH, 1},     {"BT", T_BATCH, 1},     {"DI", T_REFERENCE, 1}, {"IV", T_REFERENCE, 1},
                      {"IN", T_REFERENCE, 1}, {"PO", T_REFERENCE, 2}, {"SE", T_CODES, 1},     {"LS", T_CODES, 1}};
    for (size_t i = 0; i < ARRAY_LEN(references); i++) {
        if (!str_is(x12_value(g, 1), references[i].qualifier)) continue;
        if (references[i].column == T_CODES) codes_add(codes, x12_value(g, 2));
        else
            report_replace(&m->r, f, references[i].column, x12_value(g, 2), references[i].rank);
    }
}

/* A party is known by its code, else by its name. */
void x12_take_party(x12_message *m, facts *f, const x12_segment *g, const x12_role *roles, size_t n) {
    str code = x12_value(g, 4), id = code.n ? code : x12_value(g, 2);
    m->party = NULL;
    for (size_t i = 0; i < n; i++) {
        if (!str_is(x12_value(g, 1), roles[i].code)) continue;
        m->party = &roles[i];
        report_replace(&m->r, f, roles[i].column, id, roles[i].rank);
        if (roles[i].ship_to) report_replace(&m->r, f, T_SHIP_TO, code, (uint8_t)(20 + roles[i].rank));
    }
}

/* A postal code alone is left out: six digits of it would read as a region's code. */
void x12_take_address(x12_message *m, facts *f, const x12_segment *g) {
    static const char *const region_codes[] = {"CO", "CI", "SP", "RG"};
    AUTO(buf) text = {0};
    if (m->party == NULL || !m->party->ship_to) return;
    for (size_t i = 0; i < ARRAY_LEN(region_codes); i++)
        if (str_is(x12_value(g, 5), region_codes[i])) buf_add(&text, x12_value(g, 6));
    if (text.n == 0 && (x12_value(g, 1).n || x12_value(g, 2).n)) {
        for (unsigned at = 1; at <= 4; at++) {
            if (text.n && x12_value(g, at).n) buf_byte(&text, ' ');
            buf_add(&text, x12_value(g, at));
        }
    }
    report_replace(&m->r, f, T_SHIP_TO, buf_str(&text), m->party->rank);
}

/* --- numbers --- */

bool x12_take_quantity(x12_message *m, str value, int64_t *out) {
    if (x12_number(value, QUANTITY_SCALE, out) && *out <= LIMIT_QUANTITY && *out >= -LIMIT_QUANTITY) return true;
    return report_refuse(&m->r, value, "a quantity", "the line is left out"), false;
}

bool x12_take_money(x12_message *m, str value, int64_t *out) {
    if (x12_number(value, MICRO_SCALE, out) && *out <= LIMIT_AMOUNT && *out >= -LIMIT_AMOUNT) return true;
    return report_problem(&m->r, value, "an amount such as 12.50", "the line is read without it"), false;
}

void x12_on_cur(x12_message *m, const x12_segment *g) {
    report_keep(&m->r, x12_here(m), T_CURRENCY, x12_value(g, 2));
}

void x12_check_total(x12_message *m, const x12_segment *g, uint64_t counted, uint64_t or_counted) {
    char wanted[64];
    int64_t stated;
    if (x12_number(x12_value(g, 1), 0, &stated) && ((uint64_t)stated == counted || (uint64_t)stated == or_counted))
        return;
    snprintf(wanted, sizeof wanted, "%llu lines, as counted here", (unsigned long long)counted);
    report_problem(&m->r, x12_value(g, 1), wanted,
                   "what is there was read; ask the sender whether something is missing");
}

/* --- quantities of an item at places --- */

/* A quantity spread over places counts as its parts; what it says itself is checked against them. */
static void wait_for_facts(x12_message *m) {
    const quantity_row *row = m->quantity;
    if (!m->is_spread && m->stated != NUM_NONE) {
        (void)report_wait(&m->r, row, row->type, row->back, m->stated, m->unit);
    } else if (m->is_spread && m->stated != NUM_NONE && m->stated != m->spread) {
        report_problem(&m->r, STR(""), "parts by place (SDQ) that add up to the quantity", "the parts are taken");
    }
}

void x12_close_part(x12_message *m) {
    if (m->quantity == NULL) return;
    facts *f = x12_here(m);
    wait_for_facts(m);
    report_codes(&m->r, f, buf_str(&m->codes));
    if (m->quantity->type == TYPE_RECEIPT) f->price = NUM_NONE; /* what it is sold for is not what it cost */
    else
        f->text[T_COUNTERPARTY] = WORD_NONE;
    report_stamp(&m->r, f);
    buf_clear(&m->codes);
    m->quantity = NULL;
    m->level = ITEM_LEVEL;
}

void x12_post_item(x12_message *m) {
    x12_close_part(m);
    report_post(&m->r, &m->at[ITEM_LEVEL]);
}

void x12_open_part(x12_message *m, const quantity_row *row, str value, str unit) {
    x12_close_part(m);
    if (m->level < ITEM_LEVEL)
        return report_refuse(&m->r, value, "an item (LIN) before its quantity", "the quantity is left out");
    int64_t quantity = NUM_NONE;
    if (value.n && !x12_take_quantity(m, value, &quantity)) return;
    m->at[PART_LEVEL] = m->at[ITEM_LEVEL];
    m->at[PART_LEVEL].amount = NUM_NONE;
    m->level = PART_LEVEL;
    m->quantity = row;
    m->stated = quantity;
    m->spread = 0;
    m->is_spread = false;
    m->unit = report_word(&m->r, x12_here(m), unit);
}

void x12_open_item(x12_message *m, const x12_segment *g) {
    x12_post_item(m);
    if (m->level == SET_LEVEL) m->at[GROUP_LEVEL] = m->at[SET_LEVEL];
    m->at[ITEM_LEVEL] = m->at[GROUP_LEVEL];
    m->level = ITEM_LEVEL;
    m->items++;
    buf_clear(&m->codes);
    x12_take_ids(m, x12_here(m), g, &m->codes);
}

void x12_take_spread(x12_message *m, const x12_segment *g, const quantity_row *row) {
    if (m->quantity == NULL && row) x12_open_part(m, row, STR(""), x12_value(g, 1));
    if (m->quantity == NULL) return;
    if (m->unit == WORD_NONE) m->unit = report_word(&m->r, x12_here(m), x12_value(g, 1));
    for (unsigned at = 3; at + 1 < g->count && at < 23; at += 2) {
        int64_t quantity;
        str place = x12_value(g, at);
        if (place.n == 0 && x12_value(g, at + 1).n == 0) continue;
        if (!x12_take_quantity(m, x12_value(g, at + 1), &quantity)) continue;
        m->is_spread = true;
        if (!add_i64(m->spread, quantity, &m->spread)) m->spread = 0;
        if (report_wait(&m->r, m->quantity, m->quantity->type, m->quantity->back, quantity, m->unit))
            report_waits_at(&m->r, report_word(&m->r, x12_here(m), place));
    }
}

/* A further name of the same place adds to it; after items it is another place. */
void x12_open_place(x12_message *m, const x12_segment *g) {
    static const x12_role roles[] = {{"RL", T_PLACE, 1, false},        {"SN", T_PLACE, 1, false},
                                     {"WH", T_PLACE, 2, false},        {"ST", T_PLACE, 3, false},
                                     {"SU", T_COUNTERPARTY, 1, false}, {"VN", T_COUNTERPARTY, 2, false}};
    static const size_t places = 4;
    for (size_t i = 0; i < places; i++) {
        if (!str_is(x12_value(g, 1), roles[i].code)) continue;
        if (m->level >= ITEM_LEVEL) x12_post_item(m);
        if (m->level != GROUP_LEVEL) m->at[GROUP_LEVEL] = m->at[SET_LEVEL];
        m->level = GROUP_LEVEL;
    }
    x12_take_party(m, m->level == GROUP_LEVEL ? &m->at[GROUP_LEVEL] : &m->at[SET_LEVEL], g, roles, ARRAY_LEN(roles));
}
