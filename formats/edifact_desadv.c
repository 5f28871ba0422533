/* Despatch and receiving advice: what was sent, what arrived. Packages nest (CPS); their carton and pallet codes go with
 * the items in them. OUTER is a package, INNER an item. */
#include "formats/edifact.h"

static const quantity_row sent_rows[] = {
    {"12", TYPE_SHIPMENT, false, 1, false, "despatched"},
    {"21", DOC_TYPE_COUNT, false, 0, false, "ordered"},
    {"59", DOC_TYPE_COUNT, false, 0, false, "consumer units in a traded unit"},
    {"46", DOC_TYPE_COUNT, false, 0, false, "delivered"},
    {"83", DOC_TYPE_COUNT, false, 0, false, "backordered"},
    {"192", DOC_TYPE_COUNT, false, 0, false, "free goods, contained in what was despatched"},
};

/* What was accepted stays; what was received and not accepted goes back. */
static const quantity_row received_rows[] = {
    {"194", TYPE_RECEIPT, false, 1, false, "received and accepted"},
    {"48", TYPE_RECEIPT, false, 2, false, "received"},
    {"12", DOC_TYPE_COUNT, false, 0, false, "despatched"},
    {"21", DOC_TYPE_COUNT, false, 0, false, "ordered"},
    {"46", DOC_TYPE_COUNT, false, 0, false, "delivered"},
    {"59", DOC_TYPE_COUNT, false, 0, false, "consumer units in a traded unit"},
    {"66", DOC_TYPE_COUNT, false, 0, false, "committed"},
    {"192", DOC_TYPE_COUNT, false, 0, false, "free goods, contained in what was received"},
    {"195", DOC_TYPE_COUNT, false, 0, false, "received, not accepted"},
};

static void post_item(edi_message *m) {
    if (m->level != LEVEL_INNER) return;
    report_codes(&m->r, edi_here(m), buf_str(&m->item));
    buf_clear(&m->item);
    report_stamp(&m->r, edi_here(m));
    report_post(&m->r, NULL);
}

/* Codes of the package itself replace those of the one it stands in. */
static void settle_package(edi_message *m) {
    report_codes(&m->r, &m->at[LEVEL_OUTER], buf_str(&m->package));
    buf_clear(&m->package);
}

static void close_package(edi_message *m) {
    post_item(m);
    settle_package(m);
    if (m->package_id.n) *map_at(&m->package_codes, m->package_id, NULL) = m->at[LEVEL_OUTER].text[T_CODES] + 1ull;
    m->at[LEVEL_OUTER] = m->at[LEVEL_MESSAGE];
    m->package_id = STR_NONE;
    m->level = LEVEL_OUTER;
}

static void on_cps(edi_message *m, const edi_segment *g) {
    close_package(m);
    uint32_t id = report_word(&m->r, edi_here(m), edi_value(g, 1, 0));
    m->package_id = words_get(&m->r.out->words, id);
    const uint64_t *around = map_find(&m->package_codes, edi_value(g, 2, 0));
    if (around) edi_here(m)->text[T_CODES] = (uint32_t)(*around - 1);
}

static void on_lin(edi_message *m, const edi_segment *g) {
    if (m->level == LEVEL_MESSAGE) close_package(m);
    post_item(m);
    settle_package(m);
    m->at[LEVEL_INNER] = m->at[LEVEL_OUTER];
    m->level = LEVEL_INNER;
    edi_take_lin(m, g);
}

/* EU names a package by a serial shipping container code, but some write a product's number there. */
static void on_gin(edi_message *m, const edi_segment *g) {
    enum { SSCC_DIGITS = 18 };
    buf *codes = m->level == LEVEL_INNER ? &m->item : &m->package;
    if (m->level == LEVEL_MESSAGE) return;
    if (str_is(edi_value(g, 1, 0), "EU") && edi_value(g, 2, 0).n == SSCC_DIGITS) codes_add(codes, edi_value(g, 2, 0));
    (void)edi_take_gin(m, g, codes);
}

static void on_rff(edi_message *m, const edi_segment *g) {
    static const edi_choice references[] = {{"DQ", T_REFERENCE, 1},
                                            {"AAK", T_REFERENCE, 1},
                                            {"ON", T_REFERENCE, 2},
                                            {"BT", T_BATCH, 1},
                                            {"LT", T_BATCH, 1}};
    edi_reference_by(m, g, references, ARRAY_LEN(references));
}

/* Of the despatch, the message, the delivery planned or asked for. */
static void on_dtm_sent(edi_message *m, const edi_segment *g) {
    static const char *const dates[] = {"11", "137", "17", "2"};
    if (m->level == LEVEL_MESSAGE) edi_date_by(m, g, dates, ARRAY_LEN(dates));
}

/* Goods go to the partner at the place of delivery, else to who bought them. */
static void on_nad_sent(edi_message *m, const edi_segment *g) {
    static const edi_choice parties[] = {{"DP", T_COUNTERPARTY, 1},
                                         {"ST", T_COUNTERPARTY, 1},
                                         {"CN", T_COUNTERPARTY, 2},
                                         {"BY", T_COUNTERPARTY, 3},
                                         {"UC", T_COUNTERPARTY, 4}};
    edi_party_by(m, g, parties, ARRAY_LEN(parties));
}

static void on_qty_sent(edi_message *m, const edi_segment *g) {
    if (m->level == LEVEL_INNER)
        edi_quantity_by(m, g, sent_rows, ARRAY_LEN(sent_rows), "quantity code 12 (despatched)");
}

/* Of the receipt, the message. */
static void on_dtm_received(edi_message *m, const edi_segment *g) {
    static const char *const dates[] = {"50", "137"};
    if (m->level == LEVEL_MESSAGE) edi_date_by(m, g, dates, ARRAY_LEN(dates));
}

static void on_nad_received(edi_message *m, const edi_segment *g) {
    static const edi_choice parties[] = {{"SU", T_COUNTERPARTY, 1}, {"SE", T_COUNTERPARTY, 2}};
    edi_party_by(m, g, parties, ARRAY_LEN(parties));
}

static void on_qty_received(edi_message *m, const edi_segment *g) {
    if (m->level == LEVEL_INNER)
        edi_quantity_by(m, g, received_rows, ARRAY_LEN(received_rows), "quantity code 194 or 48 (received)");
}

static const edi_row sent_segments[] = {
    {"BGM", edi_on_bgm}, {"DTM", on_dtm_sent}, {"NAD", on_nad_sent}, {"RFF", on_rff},     {"CPS", on_cps},
    {"GIN", on_gin},     {"LIN", on_lin},      {"PIA", edi_on_pia},  {"IMD", edi_on_imd}, {"QTY", on_qty_sent},
};
static const edi_row received_segments[] = {
    {"BGM", edi_on_bgm}, {"DTM", on_dtm_received}, {"NAD", on_nad_received}, {"RFF", on_rff},
    {"CPS", on_cps},     {"GIN", on_gin},          {"LIN", on_lin},          {"PIA", edi_on_pia},
    {"IMD", edi_on_imd}, {"QTY", on_qty_received},
};

static void begin(edi_message *m) {
    facts_clear(&m->at[LEVEL_MESSAGE]);
}

static void take_sent(edi_message *m, const edi_segment *g) {
    edi_run(m, g, sent_segments, ARRAY_LEN(sent_segments));
}

static void take_received(edi_message *m, const edi_segment *g) {
    edi_run(m, g, received_segments, ARRAY_LEN(received_segments));
}

static void end_sent(edi_message *m) {
    post_item(m);
    report_end(&m->r, &m->at[LEVEL_MESSAGE], TYPE_SHIPMENT);
}

static void end_received(edi_message *m) {
    post_item(m);
    report_end(&m->r, &m->at[LEVEL_MESSAGE], TYPE_RECEIPT);
}

static const report_words words_of_desadv = {.head = "BGM",
                                             .item = "LIN",
                                             .date = "DTM",
                                             .amount = "MOA",
                                             .want_sku = "an item number in LIN or PIA",
                                             .want_date = "a date: DTM+11, +137, +17 or +2"};
static const report_words words_of_recadv = {.head = "BGM",
                                             .item = "LIN",
                                             .date = "DTM",
                                             .amount = "MOA",
                                             .want_sku = "an item number in LIN or PIA",
                                             .want_date = "a date: DTM+50 or +137"};

const edi_reading edi_desadv = {begin, take_sent, end_sent, &words_of_desadv};
const edi_reading edi_recadv = {begin, take_received, end_received, &words_of_recadv};
