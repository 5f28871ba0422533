/* The inventory inquiry or advice: what lay where on a day, and what arrived. */
#include "formats/x12.h"

static const quantity_row quantity_rows[] = {
    {"17", TYPE_STOCK, false, 1, false, "on hand"},
    {"26", TYPE_STOCK, false, 2, false, "total inventory"},
    {"36", TYPE_STOCK, false, 3, false, "the distributor's inventory"},
    {"33", TYPE_STOCK, false, 4, false, "available for sale"},
    {"34", TYPE_STOCK, false, 5, false, "on the shelf, not committed"},
    {"87", TYPE_RECEIPT, false, 1, false, "received"},
    {"02", DOC_TYPE_COUNT, false, 0, false, "cumulative"},
    {"14", DOC_TYPE_COUNT, false, 0, false, "in float"},
    {"18", DOC_TYPE_COUNT, false, 0, false, "of the week before"},
    {"20", DOC_TYPE_COUNT, false, 0, false, "unusable"},
    {"27", DOC_TYPE_COUNT, false, 0, false, "committed"},
    {"29", DOC_TYPE_COUNT, false, 0, false, "projected"},
    {"35", DOC_TYPE_COUNT, false, 0, false, "with work in progress"},
    {"37", DOC_TYPE_COUNT, false, 0, false, "work in process"},
    {"63", DOC_TYPE_COUNT, false, 0, false, "on order"},
    {"72", DOC_TYPE_COUNT, false, 0, false, "minimum stock"},
    {"73", DOC_TYPE_COUNT, false, 0, false, "maximum stock"},
    {"76", DOC_TYPE_COUNT, false, 0, false, "returns"},
    {"QB", DOC_TYPE_COUNT, false, 0, false, "blocked"},
    {"QH", DOC_TYPE_COUNT, false, 0, false, "on hold"},
};

enum { RANK_OF_DTM = 1, RANK_OF_HEAD = 9 };

static void on_bia(x12_message *m, const x12_segment *g) {
    x12_head(m, x12_value(g, 1), x12_value(g, 3));
    x12_date(m, &m->at[SET_LEVEL], x12_value(g, 4), RANK_OF_HEAD);
}

/* In effect, end of the period. */
static void on_dtm(x12_message *m, const x12_segment *g) {
    static const char *const dates[] = {"007", "091"};
    x12_date_by(m, x12_here(m), g, dates, ARRAY_LEN(dates), RANK_OF_DTM);
}

static void on_qty(x12_message *m, const x12_segment *g) {
    x12_close_part(m);
    const quantity_row *row = report_quantity_row(&m->r, quantity_rows, ARRAY_LEN(quantity_rows), x12_value(g, 1),
                                                  "quantity code 17, 33 or 87");
    if (row) x12_open_part(m, row, x12_value(g, 2), x12_value(g, 3));
}

/* The unit of the quantity before, where that states none. */
static void on_uit(x12_message *m, const x12_segment *g) {
    if (m->quantity && m->unit == WORD_NONE) m->unit = report_word(&m->r, x12_here(m), x12_value(g, 1));
}

static void on_sdq(x12_message *m, const x12_segment *g) {
    x12_take_spread(m, g, &quantity_rows[0]);
}

static void on_ref(x12_message *m, const x12_segment *g) {
    if (m->level >= ITEM_LEVEL) x12_take_reference(m, x12_here(m), g, &m->codes);
}

static void on_ctt(x12_message *m, const x12_segment *g) {
    x12_check_total(m, g, m->items, m->items);
}

static const x12_row segment_rows[] = {
    {"BIA", on_bia},        {"DTM", on_dtm}, {"CUR", x12_on_cur}, {"N1", x12_open_place},
    {"LIN", x12_open_item}, {"QTY", on_qty}, {"UIT", on_uit},     {"SDQ", on_sdq},
    {"PID", x12_on_pid},    {"REF", on_ref}, {"CTT", on_ctt},
};

static void take_segment(x12_message *m, const x12_segment *g) {
    x12_run(m, g, segment_rows, ARRAY_LEN(segment_rows));
}

static void end(x12_message *m) {
    x12_post_item(m);
    report_end(&m->r, &m->at[SET_LEVEL], TYPE_STOCK);
}

static const report_words said = {.head = "BIA",
                                  .item = "LIN",
                                  .date = "BIA",
                                  .amount = "AMT",
                                  .want_sku = "a product number in LIN",
                                  .want_date = "a date in BIA or DTM 007"};

const x12_reading x12_846 = {take_segment, end, &said};
