/* The product transfer and resale report: what a distributor sold, to whom, where to, at which price; what came back,
 * went back, or went to another branch. Each transfer (PTD) says of what sort it is; below it stand its parties and
 * quantities, each with its product (QTY → LIN, with some senders LIN → QTY). */
#include "formats/x12.h"

/* PTD01 (521). */
typedef struct x12_transfer {
    const char *code;
    doc_type type; /* DOC_TYPE_COUNT: no goods of ours moved */
    bool back, gift;
    const char *meaning;
} x12_transfer;

static const x12_transfer transfers[] = {
    {"SS", TYPE_SALE, false, false, "stock sale"},
    {"SD", TYPE_SALE, false, false, "ship and debit sale"},
    {"SH", TYPE_SALE, false, false, "ship and debit"},
    {"DS", TYPE_SALE, false, false, "drop ship sale"},
    {"CS", TYPE_SALE, false, false, "contract sale"},
    {"SM", TYPE_SALE, false, true, "sample"},
    {"BN", TYPE_SALE, true, false, "return"},
    {"RU", TYPE_SALE, true, false, "return to usable inventory"},
    {"RP", TYPE_SALE, true, false, "return of list price"},
    {"RB", TYPE_SALE, true, false, "return of broken price"},
    {"RV", TYPE_RETURN_OUT, false, false, "return to vendor"},
    {"RC", TYPE_RECEIPT, false, false, "received from vendor"},
    {"IB", TYPE_TRANSFER, false, false, "interbranch"},
    {"PA", DOC_TYPE_COUNT, false, false, "price adjustment"},
    {"PB", DOC_TYPE_COUNT, false, false, "price book"},
    {"RA", DOC_TYPE_COUNT, false, false, "reapplication of order"},
    {"SA", DOC_TYPE_COUNT, false, false, "stocking adjustment"},
    {"IA", DOC_TYPE_COUNT, false, false, "inventory adjustment"},
    {"SC", DOC_TYPE_COUNT, false, false, "scrap"},
    {"BB", DOC_TYPE_COUNT, false, false, "demand only"},
    {"SU", DOC_TYPE_COUNT, false, false, "summary"},
};

/* QTY01 (673); what moved is said by the transfer. Sold, shipped and ordered are one story. */
static const quantity_row quantity_rows[] = {
    {"32", TYPE_SALE, false, 1, false, "sold"},          {"39", TYPE_SALE, false, 2, false, "shipped"},
    {"01", TYPE_SALE, false, 3, false, "discrete"},      {"38", TYPE_SALE, false, 4, false, "original"},
    {"", TYPE_SALE, false, 5, false, "not qualified"},   {"76", TYPE_SALE, true, 1, false, "returned"},
    {"61", TYPE_SALE, true, 2, false, "returned"},       {"87", TYPE_SALE, false, 2, false, "received"},
    {"17", DOC_TYPE_COUNT, false, 0, false, "on hand"},  {"33", DOC_TYPE_COUNT, false, 0, false, "available for sale"},
    {"63", DOC_TYPE_COUNT, false, 0, false, "on order"},
};

enum { RANK_OF_END = 7, RANK_OF_HEAD = 9 };

static void close_part(x12_message *m) {
    if (m->quantity == NULL) return;
    facts *f = x12_here(m);
    bool sale = m->transfer->type == TYPE_SALE;
    if (f->price != NUM_NONE && m->unit != WORD_NONE && m->price_unit != WORD_NONE && m->unit != m->price_unit) {
        report_problem(&m->r, words_get(&m->r.out->words, m->price_unit), "a price of the quantity's own unit",
                       "the line is read without its price");
        f->price = NUM_NONE;
    }
    if (m->transfer->type == TYPE_TRANSFER) f->text[T_COUNTERPARTY] = f->text[T_CUSTOMER];
    else if (sale)
        f->text[T_COUNTERPARTY] = WORD_NONE;
    if (!sale) f->text[T_CUSTOMER] = f->text[T_SHIP_TO] = WORD_NONE;
    report_codes(&m->r, f, buf_str(&m->codes));
    report_stamp(&m->r, f);
    buf_clear(&m->codes);
    m->quantity = NULL;
}

static void post_item(x12_message *m) {
    close_part(m);
    report_post(&m->r, m->item_first ? &m->at[ITEM_LEVEL] : NULL);
}

static const x12_transfer *transfer_of(x12_message *m, str code) {
    for (size_t i = 0; i < ARRAY_LEN(transfers); i++) {
        if (!str_is(code, transfers[i].code)) continue;
        if (transfers[i].type != DOC_TYPE_COUNT) return &transfers[i];
        report_leave_out(&m->r, "PTD %s (%s) moves no goods", transfers[i].code, transfers[i].meaning);
        return NULL;
    }
    report_refuse(&m->r, code, "a transfer type such as SS, RU or RV", "what stands below it is left out");
    return NULL;
}

static void on_ptd(x12_message *m, const x12_segment *g) {
    post_item(m);
    m->at[GROUP_LEVEL] = m->at[SET_LEVEL];
    m->level = GROUP_LEVEL;
    m->item_first = false;
    m->party = NULL;
    m->transfer = transfer_of(m, x12_value(g, 1));
    if (m->transfer && m->transfer->gift) report_keep(&m->r, x12_here(m), T_GIFT, STR("Y"));
    buf_clear(&m->codes);
}

/* A product before its quantity opens an item; one after it belongs to it. */
static void on_lin(x12_message *m, const x12_segment *g) {
    m->items++;
    if (m->transfer == NULL) return;
    if (m->level == GROUP_LEVEL) m->item_first = true;
    if (m->item_first) {
        post_item(m);
        m->at[ITEM_LEVEL] = m->at[GROUP_LEVEL];
        m->level = ITEM_LEVEL;
        m->price_unit = WORD_NONE;
    }
    x12_take_ids(m, x12_here(m), g, &m->codes);
}

static void on_qty(x12_message *m, const x12_segment *g) {
    int64_t quantity;
    if (m->transfer == NULL) return;
    if (m->item_first) close_part(m);
    else
        post_item(m);
    m->at[PART_LEVEL] = m->at[m->item_first ? ITEM_LEVEL : GROUP_LEVEL];
    m->at[PART_LEVEL].amount = NUM_NONE;
    m->level = PART_LEVEL;
    if (!m->item_first) m->price_unit = WORD_NONE;
    const quantity_row *row = report_quantity_row(&m->r, quantity_rows, ARRAY_LEN(quantity_rows), x12_value(g, 1),
                                                  "quantity code 32, 39 or 76");
    if (row == NULL || !x12_take_quantity(m, x12_value(g, 2), &quantity)) return;
    m->unit = report_word(&m->r, x12_here(m), x12_value(g, 3));
    bool sale = m->transfer->type == TYPE_SALE;
    if (report_wait(&m->r, row, m->transfer->type, sale && (row->back || m->transfer->back), quantity, m->unit))
        m->quantity = row;
}

static void on_bpt(x12_message *m, const x12_segment *g) {
    x12_head(m, x12_value(g, 1), x12_value(g, 2));
    x12_date(m, &m->at[SET_LEVEL], x12_value(g, 3), RANK_OF_HEAD);
}

/* Shipped, invoiced; for all lines the end of the period, then its start. An order's date is none of the sale. */
static void on_dtm(x12_message *m, const x12_segment *g) {
    static const char *const of_line[] = {"011", "003"}, *const of_period[] = {"091", "090"};
    x12_date_by(m, x12_here(m), g, of_line, ARRAY_LEN(of_line), 1);
    x12_date_by(m, x12_here(m), g, of_period, ARRAY_LEN(of_period), RANK_OF_END);
}

static void on_n1(x12_message *m, const x12_segment *g) {
    static const x12_role of_report[] = {{"RL", T_PLACE, 1, false},
                                         {"SN", T_PLACE, 1, false},
                                         {"SU", T_COUNTERPARTY, 1, false},
                                         {"VN", T_COUNTERPARTY, 1, false},
                                         {"MF", T_COUNTERPARTY, 2, false}};
    static const x12_role of_transfer[] = {{"BY", T_CUSTOMER, 1, true}, {"EN", T_CUSTOMER, 2, true},
                                           {"EU", T_CUSTOMER, 2, true}, {"UC", T_CUSTOMER, 2, true},
                                           {"ST", T_CUSTOMER, 3, true}, {"RL", T_PLACE, 1, false},
                                           {"SN", T_PLACE, 1, false}};
    if (m->level == SET_LEVEL) x12_take_party(m, x12_here(m), g, of_report, ARRAY_LEN(of_report));
    else
        x12_take_party(m, x12_here(m), g, of_transfer, ARRAY_LEN(of_transfer));
}

static void on_n4(x12_message *m, const x12_segment *g) {
    x12_take_address(m, x12_here(m), g);
}

static void on_ref(x12_message *m, const x12_segment *g) {
    if (m->level != SET_LEVEL) x12_take_reference(m, x12_here(m), g, &m->codes);
}

static void on_sii(x12_message *m, const x12_segment *g) {
    bool serial = str_is(x12_value(g, 1), "SN") || str_is(x12_value(g, 1), "SE");
    if (m->level != SET_LEVEL && serial) codes_add(&m->codes, x12_value(g, 2));
}

static void on_man(x12_message *m, const x12_segment *g) {
    if (m->level != SET_LEVEL && str_is(x12_value(g, 1), "GM")) codes_add(&m->codes, x12_value(g, 2));
}

/* What was asked for: sold for, net, by contract; the catalogue's price last. */
static uint8_t price_rank(str basis) {
    static const char *const best[] = {"RS", "NT", "CT", "", "QT", "RE"};
    for (uint8_t i = 0; i < ARRAY_LEN(best); i++)
        if (str_is(basis, best[i])) return (uint8_t)(i + 1);
    return ARRAY_LEN(best) + (str_is(basis, "CA") ? 2 : 1);
}

static void on_uit(x12_message *m, const x12_segment *g) {
    facts *f = x12_here(m);
    uint8_t rank = price_rank(x12_value(g, 3));
    int64_t price;
    if (m->level < ITEM_LEVEL || x12_value(g, 2).n == 0 || (f->price_rank && f->price_rank <= rank)) return;
    if (!x12_take_money(m, x12_value(g, 2), &price)) return;
    f->price = price;
    f->price_rank = rank;
    m->price_unit = report_word(&m->r, f, x12_value(g, 1));
}

/* The line's total, or its net; other amounts are rebates, savings, taxes. */
static void on_amt(x12_message *m, const x12_segment *g) {
    int64_t amount;
    bool total = str_is(x12_value(g, 1), "1") || str_is(x12_value(g, 1), "N");
    if (m->level >= ITEM_LEVEL && total && x12_take_money(m, x12_value(g, 2), &amount)) x12_here(m)->amount = amount;
}

/* After the total nothing belongs to the last line. */
static void on_ctt(x12_message *m, const x12_segment *g) {
    x12_check_total(m, g, m->items, m->items);
    post_item(m);
    m->level = SET_LEVEL;
    m->transfer = NULL;
}

static const x12_row segment_rows[] = {
    {"BPT", on_bpt}, {"DTM", on_dtm}, {"CUR", x12_on_cur}, {"N1", on_n1},   {"N4", on_n4},
    {"PTD", on_ptd}, {"QTY", on_qty}, {"LIN", on_lin},     {"UIT", on_uit}, {"AMT", on_amt},
    {"REF", on_ref}, {"SII", on_sii}, {"MAN", on_man},     {"CTT", on_ctt}, {"PID", x12_on_pid},
};

static void take_segment(x12_message *m, const x12_segment *g) {
    x12_run(m, g, segment_rows, ARRAY_LEN(segment_rows));
}

static void end(x12_message *m) {
    post_item(m);
    report_end(&m->r, &m->at[SET_LEVEL], TYPE_SALE);
}

static const report_words said = {.head = "BPT",
                                  .item = "LIN",
                                  .date = "DTM",
                                  .amount = "AMT",
                                  .want_sku = "a product number in LIN",
                                  .want_date = "a date: DTM 011, 003 or 091, or BPT"};

const x12_reading x12_867 = {take_segment, end, &said};
