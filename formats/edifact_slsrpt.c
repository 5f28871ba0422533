/* The sales data report: what was sold and returned, where and when. Both layouts of UN/EDIFACT (place → item and
 * item → place) are read by levels, never by position: OUTER is whichever comes first in the message. */
#include "formats/edifact.h"
#include "proto/limits.h"

static const quantity_row quantity_rows[] = {
    {"153", TYPE_SALE, false, 1, false, "sold"},
    {"61", TYPE_SALE, true, 1, false, "returned"},
    {"210", TYPE_SALE, true, 1, false, "returned by the consumer"},
    {"145", TYPE_STOCK, false, 1, false, "stock"},
    {"26", DOC_TYPE_COUNT, false, 0, false, "for promotion"},
    {"217", DOC_TYPE_COUNT, false, 0, false, "out of stock"},
    {"243", DOC_TYPE_COUNT, false, 0, false, "reserved"},
    {"244", DOC_TYPE_COUNT, false, 0, false, "reserved"},
    {"32E", DOC_TYPE_COUNT, false, 0, false, "discount stock"},
};

/* The quantities since the last group get the facts as they stand now; those of an item → place layout share the
 * amount stated above their places. */
static void post_item(edi_message *m) {
    report_post(&m->r, m->item_first ? &m->at[LEVEL_OUTER] : NULL);
}

static void open_level(edi_message *m, edi_level level) {
    bool place_of_item = m->item_first && level == LEVEL_INNER;
    report_stamp(&m->r, edi_here(m));
    if (!place_of_item) post_item(m);
    m->at[level] = m->at[level - 1];
    if (place_of_item) m->at[level].amount = NUM_NONE;
    m->at[level].from_moa = false;
    m->at[level].price_rank = 0; /* what a lower level says of the price holds there */
    m->level = level;
}

/* Of the sale, the period's end, its start, the message's. */
static void on_dtm(edi_message *m, const edi_segment *g) {
    static const char *const dates[] = {"356", "91", "90", "137"};
    edi_date_by(m, g, dates, ARRAY_LEN(dates));
}

static void on_loc(edi_message *m, const edi_segment *g) {
    static const char *const places[] = {"162", "7", "14", "18", "19"}; /* of sale, of delivery; warehouses (stock) */
    bool known = false;
    for (size_t i = 0; i < ARRAY_LEN(places); i++) known = known || str_is(edi_value(g, 1, 0), places[i]);
    if (!known) return;
    if (m->level == LEVEL_OUTER && report_waiting(&m->r)) m->item_first = false; /* the item before was a whole one */
    open_level(m, m->item_first ? LEVEL_INNER : LEVEL_OUTER);
    report_keep(&m->r, edi_here(m), T_PLACE, edi_value(g, 2, 0));
}

/* Levels are decided by the first group of the message: an item before any place means item → place. */
static void on_lin(edi_message *m, const edi_segment *g) {
    if (m->level == LEVEL_MESSAGE) m->item_first = true;
    open_level(m, m->item_first ? LEVEL_OUTER : LEVEL_INNER);
    edi_take_lin(m, g);
}

/* Within a group a party is the buyer or the place of delivery; at the top it names sender and receiver, who are known
 * by their keys. */
static void on_nad(edi_message *m, const edi_segment *g) {
    static const edi_choice parties[] = {{"UC", T_CUSTOMER, 1},
                                         {"UD", T_CUSTOMER, 1},
                                         {"BY", T_CUSTOMER, 1},
                                         {"DP", T_SHIP_TO, 1},
                                         {"ST", T_SHIP_TO, 1}};
    if (m->level == LEVEL_MESSAGE) return;
    for (size_t i = 0; i < ARRAY_LEN(parties); i++)
        if (str_is(edi_value(g, 1, 0), parties[i].qualifier))
            report_keep(&m->r, edi_here(m), parties[i].column, edi_value(g, 2, 0));
}

static uint8_t price_rank(str qualifier) {
    static const char *const best[] = {"AAA", "NTP", "INV", "AAE", "AAF", "AAB", "GRP"};
    for (uint8_t i = 0; i < ARRAY_LEN(best); i++)
        if (str_is(qualifier, best[i])) return (uint8_t)(i + 1);
    return ARRAY_LEN(best) + 1;
}

static bool money_in(edi_message *m, const edi_segment *g, int64_t *out) {
    str value = edi_value(g, 1, 1);
    if (edi_number(value, MICRO_SCALE, out) && *out <= LIMIT_AMOUNT && *out >= -LIMIT_AMOUNT) return true;
    report_problem(&m->r, value, "an amount such as 12.50", "the line is read without it");
    return false;
}

/* PRI states the price of a unit (or of `basis` units), with some senders what the whole line costs. */
static void on_pri(edi_message *m, const edi_segment *g) {
    facts *f = edi_here(m);
    uint8_t rank = price_rank(edi_value(g, 1, 0));
    str basis = edi_value(g, 1, 4);
    int64_t price, per = 1000;
    if ((f->price_rank && f->price_rank <= rank) || !money_in(m, g, &price)) return;
    if (m->r.m && m->r.m->edifact_price_line) {
        if (!f->from_moa) f->amount = price;
    } else if ((basis.n == 0 || edi_number(basis, QUANTITY_SCALE, &per)) && mul_div(price, 1000, per, &price)) {
        f->price = price;
    } else {
        report_problem(&m->r, basis, "a number of units the price is for", "the line is read without it");
        return;
    }
    f->price_rank = rank;
}

static void on_moa(edi_message *m, const edi_segment *g) {
    int64_t amount;
    if (!str_is(edi_value(g, 1, 0), "203") || m->level == LEVEL_MESSAGE || !money_in(m, g, &amount)) return;
    edi_here(m)->amount = amount;
    edi_here(m)->from_moa = true;
    report_keep(&m->r, edi_here(m), T_CURRENCY, edi_value(g, 1, 2));
}

static void on_qty(edi_message *m, const edi_segment *g) {
    edi_quantity_by(m, g, quantity_rows, ARRAY_LEN(quantity_rows), "quantity code 153, 61, 210 or 145");
}

static const edi_row segment_rows[] = {
    {"BGM", edi_on_bgm}, {"DTM", on_dtm}, {"CUX", edi_on_cux}, {"LOC", on_loc}, {"LIN", on_lin}, {"PIA", edi_on_pia},
    {"IMD", edi_on_imd}, {"NAD", on_nad}, {"PRI", on_pri},     {"MOA", on_moa}, {"QTY", on_qty},
};

static void begin(edi_message *m) {
    facts_clear(&m->at[LEVEL_MESSAGE]);
}

static void take_segment(edi_message *m, const edi_segment *g) {
    edi_run(m, g, segment_rows, ARRAY_LEN(segment_rows));
}

static void end(edi_message *m) {
    report_stamp(&m->r, edi_here(m));
    post_item(m);
    report_end(&m->r, &m->at[LEVEL_MESSAGE], TYPE_SALE);
}

static const report_words words_of_slsrpt = {.head = "BGM",
                                             .item = "LIN",
                                             .date = "DTM",
                                             .amount = "MOA",
                                             .want_sku = "an item number in LIN or PIA",
                                             .want_date = "a date: DTM+356, +91, +90 or +137"};

const edi_reading edi_slsrpt = {begin, take_segment, end, &words_of_slsrpt};
