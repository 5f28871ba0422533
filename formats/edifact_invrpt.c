/* The inventory report: what lay where on a day. An item's stock may stand in parts (by place, batch or serial number)
 * and once more as a whole, all under the same quantity code: parts that add up to the whole are taken in its place. */
#include "formats/edifact.h"

static const quantity_row quantity_rows[] = {
    {"145", TYPE_STOCK, false, 1, false, "stock"},        {"17", TYPE_STOCK, false, 2, false, "on hand"},
    {"48", TYPE_RECEIPT, false, 1, false, "received"},    {"153", TYPE_SALE, false, 1, false, "sold"},
    {"61", TYPE_SALE, true, 1, false, "returned"},        {"12", DOC_TYPE_COUNT, false, 0, false, "despatched"},
    {"16", DOC_TYPE_COUNT, false, 0, false, "consigned"}, {"18", DOC_TYPE_COUNT, false, 0, false, "stock before"},
    {"20", DOC_TYPE_COUNT, false, 0, false, "unusable"},  {"21", DOC_TYPE_COUNT, false, 0, false, "ordered"},
    {"66", DOC_TYPE_COUNT, false, 0, false, "committed"}, {"83", DOC_TYPE_COUNT, false, 0, false, "backordered"},
    {"156", DOC_TYPE_COUNT, false, 0, false, "moved"},    {"198", DOC_TYPE_COUNT, false, 0, false, "in transit"},
};

/* A part ends where the next one begins. */
static void close_part(edi_message *m) {
    if (m->level != LEVEL_INNER) return;
    report_codes(&m->r, edi_here(m), buf_str(&m->item));
    report_stamp(&m->r, edi_here(m));
    buf_clear(&m->item);
    m->level = LEVEL_OUTER;
}

/* What of one kind of quantity is said as a whole (index 0) and in parts (1). */
typedef struct whole_and_parts {
    __int128 sum[2];
    size_t n[2];
} whole_and_parts;

static whole_and_parts compare(const edi_message *m, const quantity_row *row) {
    whole_and_parts w = {0};
    for (size_t i = m->parts_from; i < report_waiting(&m->r); i++) {
        const waiting_quantity *q = report_waiting_at(&m->r, i);
        bool part = report_facts_of(&m->r, q)->part;
        if (q->row != row) continue;
        w.sum[part] += q->quantity;
        w.n[part]++;
    }
    return w;
}

/* Parts that add up to the whole are surer, for they say more. */
static void choose(edi_message *m, const quantity_row *row) {
    whole_and_parts w = compare(m, row);
    if (w.n[0] == 0 || w.n[1] == 0) return;
    bool take_parts = w.sum[0] == w.sum[1];
    if (!take_parts)
        report_problem(&m->r, STR(""), "parts of the stock that add up to its whole", "the whole is taken");
    for (size_t i = m->parts_from; i < report_waiting(&m->r); i++) {
        waiting_quantity *q = report_waiting_at(&m->r, i);
        if (q->row == row) q->dropped = report_facts_of(&m->r, q)->part != take_parts;
    }
}

/* All that is said of an item at a place is known. */
static void close_place(edi_message *m) {
    close_part(m);
    for (size_t i = 0; i < ARRAY_LEN(quantity_rows); i++) choose(m, &quantity_rows[i]);
    m->parts_from = report_waiting(&m->r);
}

static void post_item(edi_message *m) {
    close_place(m);
    report_post(&m->r, NULL);
    m->parts_from = 0;
}

static void open_part(edi_message *m) {
    close_part(m);
    m->at[LEVEL_INNER] = m->at[LEVEL_OUTER];
    m->level = LEVEL_INNER;
}

static void on_lin(edi_message *m, const edi_segment *g) {
    post_item(m);
    m->at[LEVEL_OUTER] = m->at[LEVEL_MESSAGE];
    m->level = LEVEL_OUTER;
    m->order = ORDER_OPEN;
    m->place_first = false;
    buf_clear(&m->item);
    edi_take_lin(m, g);
}

/* D.01B writes INV before its QTY, D.96A after it. */
static void on_inv(edi_message *m, const edi_segment *g) {
    (void)g;
    if (m->level == LEVEL_MESSAGE) return;
    if (m->order == ORDER_OPEN) m->order = MOVE_OPENS;
    if (m->order == MOVE_OPENS) open_part(m);
}

static void on_qty(edi_message *m, const edi_segment *g) {
    if (m->level == LEVEL_MESSAGE)
        return report_refuse(&m->r, edi_value(g, 1, 1), "an item (LIN) before its quantity",
                             "the quantity is left out");
    if (m->order == ORDER_OPEN) m->order = QUANTITY_OPENS;
    if (m->order == QUANTITY_OPENS || m->level == LEVEL_OUTER) open_part(m);
    edi_quantity_by(m, g, quantity_rows, ARRAY_LEN(quantity_rows), "quantity code 145, 17 or 48");
}

/* Of the stock, of its processing, the period's end, the message's. */
static void on_dtm(edi_message *m, const edi_segment *g) {
    static const char *const dates[] = {"366", "179", "91", "137"};
    edi_date_by(m, g, dates, ARRAY_LEN(dates));
}

static void on_nad(edi_message *m, const edi_segment *g) {
    static const edi_choice parties[] = {{"WH", T_PLACE, 3}, {"ST", T_PLACE, 4}, {"SU", T_COUNTERPARTY, 1}};
    edi_party_by(m, g, parties, ARRAY_LEN(parties));
}

static bool place_of_stock(str qualifier) {
    static const char *const places[] = {"14", "18", "19", "162"};
    for (size_t i = 0; i < ARRAY_LEN(places); i++)
        if (str_is(qualifier, places[i])) return true;
    return false;
}

/* A place below a quantity makes it a part; places above their quantities divide the item. */
static void on_loc(edi_message *m, const edi_segment *g) {
    if (!place_of_stock(edi_value(g, 1, 0))) return;
    if (m->level == LEVEL_OUTER && m->order == ORDER_OPEN) m->place_first = true;
    if (m->place_first) close_place(m);
    facts *f = edi_here(m);
    f->rank[T_PLACE] = 0; /* what is nearer to the quantity holds */
    report_offer(&m->r, f, T_PLACE, edi_value(g, 2, 0), 1);
    f->part = f->part || m->level == LEVEL_INNER;
}

static void on_gin(edi_message *m, const edi_segment *g) {
    if (m->level != LEVEL_MESSAGE && edi_take_gin(m, g, &m->item)) edi_here(m)->part = true;
}

static void on_rff(edi_message *m, const edi_segment *g) {
    static const edi_choice references[] = {{"BT", T_BATCH, 1}, {"LT", T_BATCH, 1}};
    facts *f = edi_here(m);
    uint32_t batch = f->text[T_BATCH];
    edi_reference_by(m, g, references, ARRAY_LEN(references));
    f->part = f->part || f->text[T_BATCH] != batch;
}

static const edi_row segment_rows[] = {
    {"BGM", edi_on_bgm}, {"DTM", on_dtm}, {"LIN", on_lin}, {"PIA", edi_on_pia}, {"IMD", edi_on_imd}, {"INV", on_inv},
    {"QTY", on_qty},     {"LOC", on_loc}, {"GIN", on_gin}, {"RFF", on_rff},     {"NAD", on_nad},
};

static void begin(edi_message *m) {
    facts_clear(&m->at[LEVEL_MESSAGE]);
}

static void take_segment(edi_message *m, const edi_segment *g) {
    edi_run(m, g, segment_rows, ARRAY_LEN(segment_rows));
}

static void end(edi_message *m) {
    post_item(m);
    report_end(&m->r, &m->at[LEVEL_MESSAGE], TYPE_STOCK);
}

static const report_words words_of_invrpt = {.head = "BGM",
                                             .item = "LIN",
                                             .date = "DTM",
                                             .amount = "MOA",
                                             .want_sku = "an item number in LIN or PIA",
                                             .want_date = "a date: DTM+366, +179, +91 or +137"};

const edi_reading edi_invrpt = {begin, take_segment, end, &words_of_invrpt};
