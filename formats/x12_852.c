/* Product activity data: what was sold, came back, arrived and lay at places of sale. A figure stands under an activity
 * code (ZA), for the location named before (N1), or spread over several (SDQ). */
#include "formats/x12.h"

static const quantity_row activities[] = {
    {"QS", TYPE_SALE, false, 1, false, "sold"},
    {"Q1", TYPE_SALE, false, 2, true, "sold, net of returns"},
    {"TS", TYPE_SALE, false, 3, true, "total sales"},
    {"QU", TYPE_SALE, true, 1, false, "returned by consumers"},
    {"Q2", TYPE_SALE, true, 2, false, "returned"},
    {"Q3", TYPE_SALE, true, 3, false, "returned defective"},
    {"RQ", TYPE_SALE, true, 3, false, "returned, resellable"},
    {"QR", TYPE_RECEIPT, false, 1, false, "received"},
    {"OH", TYPE_STOCK, false, 1, false, "gross on hand"},
    {"QE", TYPE_STOCK, false, 2, false, "balance at the end"},
    {"QA", TYPE_STOCK, false, 3, false, "on hand, available"},
    {"QB", DOC_TYPE_COUNT, false, 0, false, "balance at the beginning"},
    {"QC", DOC_TYPE_COUNT, false, 0, false, "committed"},
    {"QD", DOC_TYPE_COUNT, false, 0, false, "additional demand"},
    {"QH", DOC_TYPE_COUNT, false, 0, false, "damaged or on hold"},
    {"QI", DOC_TYPE_COUNT, false, 0, false, "in transit"},
    {"QL", DOC_TYPE_COUNT, false, 0, false, "minimum stock"},
    {"QM", DOC_TYPE_COUNT, false, 0, false, "maximum stock"},
    {"QO", DOC_TYPE_COUNT, false, 0, false, "out of stock"},
    {"QP", DOC_TYPE_COUNT, false, 0, false, "on order"},
    {"QT", DOC_TYPE_COUNT, false, 0, false, "adjusted"},
    {"QW", DOC_TYPE_COUNT, false, 0, false, "withdrawn"},
    {"QZ", DOC_TYPE_COUNT, false, 0, false, "transferred"},
    {"LS", DOC_TYPE_COUNT, false, 0, false, "lost sales"},
    {"PO", DOC_TYPE_COUNT, false, 0, false, "reorder point"},
};

enum { RANK_OF_FIGURE = 1, RANK_OF_DTM = 2, RANK_OF_END = 8, RANK_OF_START = 9 };

/* The report's period; without a number of its own, place and day make its documents. */
static void on_xq(x12_message *m, const x12_segment *g) {
    m->r.head_row = m->r.row;
    x12_date(m, &m->at[SET_LEVEL], x12_value(g, 3), RANK_OF_END);
    x12_date(m, &m->at[SET_LEVEL], x12_value(g, 2), RANK_OF_START);
}

static void on_dtm(x12_message *m, const x12_segment *g) {
    static const char *const dates[] = {"091", "090"};
    x12_date_by(m, x12_here(m), g, dates, ARRAY_LEN(dates), RANK_OF_DTM);
}

static void on_za(x12_message *m, const x12_segment *g) {
    x12_close_part(m);
    const quantity_row *row =
        report_quantity_row(&m->r, activities, ARRAY_LEN(activities), x12_value(g, 1), "an activity such as QS or QA");
    if (row) x12_open_part(m, row, x12_value(g, 2), x12_value(g, 3));
    if (m->quantity) x12_date(m, x12_here(m), x12_value(g, 5), RANK_OF_FIGURE);
}

static void on_sdq(x12_message *m, const x12_segment *g) {
    x12_take_spread(m, g, NULL);
}

static uint8_t price_rank(str code) {
    static const char *const best[] = {"RES", "NET", "SLP", "RTL"};
    for (uint8_t i = 0; i < ARRAY_LEN(best); i++)
        if (str_is(code, best[i])) return (uint8_t)(i + 1);
    return ARRAY_LEN(best) + 1;
}

/* Price of a unit and, of the same item, what was taken for it in all. */
static void on_ctp(x12_message *m, const x12_segment *g) {
    facts *f = x12_here(m);
    uint8_t rank = price_rank(x12_value(g, 2));
    int64_t price;
    if (m->level < ITEM_LEVEL || (f->price_rank && f->price_rank <= rank)) return;
    if (x12_value(g, 3).n && x12_take_money(m, x12_value(g, 3), &price)) f->price = price;
    if (x12_value(g, 8).n && x12_take_money(m, x12_value(g, 8), &price)) f->amount = price;
    f->price_rank = rank;
}

static void on_ref(x12_message *m, const x12_segment *g) {
    if (m->level >= ITEM_LEVEL) x12_take_reference(m, x12_here(m), g, &m->codes);
}

static void on_ctt(x12_message *m, const x12_segment *g) {
    x12_check_total(m, g, m->items, m->items);
}

static const x12_row segment_rows[] = {
    {"XQ", on_xq},          {"DTM", on_dtm}, {"CUR", x12_on_cur}, {"N1", x12_open_place},
    {"LIN", x12_open_item}, {"CTP", on_ctp}, {"ZA", on_za},       {"SDQ", on_sdq},
    {"PID", x12_on_pid},    {"REF", on_ref}, {"N9", on_ref},      {"CTT", on_ctt},
};

static void take_segment(x12_message *m, const x12_segment *g) {
    x12_run(m, g, segment_rows, ARRAY_LEN(segment_rows));
}

static void end(x12_message *m) {
    x12_post_item(m);
    report_end(&m->r, &m->at[SET_LEVEL], TYPE_SALE);
}

static const report_words said = {.head = "XQ",
                                  .item = "LIN",
                                  .date = "XQ",
                                  .amount = "CTP",
                                  .want_sku = "a product number in LIN",
                                  .want_date = "a date of the period in XQ"};

const x12_reading x12_852 = {take_segment, end, &said};
