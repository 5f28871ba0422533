/* The ship notice: what was sent to whom, in which cartons. Its levels are a tree (HL): a shipment has orders, an order
 * has pallets, cartons and items in either order; each level adds to what those above it say. */
#include "base/num.h"
#include "formats/x12.h"
#include <stdio.h>

static const quantity_row shipped = {"SN1", TYPE_SHIPMENT, false, 1, false, "shipped"};

enum { RANK_OF_DTM = 1, RANK_OF_HEAD = 9 };

static x12_node *top(x12_message *m) {
    return m->depth ? &m->node[m->depth - 1] : NULL;
}

static facts *here(x12_message *m) {
    return m->depth ? &top(m)->at : &m->at[SET_LEVEL];
}

static bool is_package(const x12_node *n) {
    return n->kind == 'T' || n->kind == 'P';
}

/* Codes of the item itself, else of the innermost package around it. */
static str codes_of(const x12_message *m, unsigned at) {
    if (m->node[at].codes.n) return buf_str(&m->node[at].codes);
    for (; at > 0; at--)
        if (is_package(&m->node[at - 1]) && m->node[at - 1].codes.n) return buf_str(&m->node[at - 1].codes);
    return STR("");
}

static bool counted_above(const x12_message *m) {
    for (unsigned i = 0; i + 1 < m->depth; i++)
        if (m->node[i].counted) return true;
    return false;
}

/* A pack below an item, without a quantity of its own, is where the item lies. */
static void give_codes_up(x12_message *m) {
    x12_node *n = top(m), *item = m->depth > 1 ? &m->node[m->depth - 2] : NULL;
    if (item && item->kind == 'I' && is_package(n) && n->codes.n) codes_add(&item->codes, buf_str(&n->codes));
}

static void close_node(x12_message *m) {
    x12_node *n = top(m);
    uint64_t row = m->r.row;
    if (n->counted && !counted_above(m)) {
        m->r.row = n->segment;
        report_codes(&m->r, &n->at, codes_of(m, m->depth - 1));
        if (report_wait(&m->r, &shipped, TYPE_SHIPMENT, false, n->quantity, n->unit)) report_stamp(&m->r, &n->at);
        report_post(&m->r, NULL);
        m->r.row = row;
    } else {
        give_codes_up(m);
    }
    m->depth--;
}

/* Where a level stands in the tree when its sender does not say: shipment, order, tare, pack, item. */
static unsigned usual_depth(char kind) {
    const char *order = "SOTPI", *at = kind ? strchr(order, kind) : NULL;
    return at ? (unsigned)(at - order) : 4;
}

static bool is_open(const x12_message *m, uint32_t id) {
    for (unsigned i = 0; i < m->depth; i++)
        if (m->node[i].id == id) return true;
    return false;
}

static void find_parent(x12_message *m, str parent, char kind) {
    uint32_t id = report_word(&m->r, here(m), parent);
    bool known = id != WORD_NONE && is_open(m, id);
    if (id != WORD_NONE && !known)
        report_problem(&m->r, parent, "the number of a level that is open",
                       "the level is read where it usually stands");
    while (m->depth && (known ? top(m)->id != id : usual_depth(top(m)->kind) >= usual_depth(kind))) close_node(m);
}

static void on_hl(x12_message *m, const x12_segment *g) {
    str kind = x12_value(g, 3);
    m->nodes++;
    m->party = NULL;
    find_parent(m, x12_value(g, 2), kind.n ? kind.p[0] : '\0');
    if (m->depth == X12_DEPTH) {
        report_problem(&m->r, x12_value(g, 1), "at most 8 levels", "the level is read as its parent's neighbour");
        close_node(m);
    }
    facts at = *here(m);
    x12_node *n = &m->node[m->depth++];
    n->at = at;
    n->id = report_word(&m->r, &n->at, x12_value(g, 1));
    n->kind = kind.n ? kind.p[0] : '\0';
    n->counted = false;
    buf_clear(&n->codes);
}

static void on_bsn(x12_message *m, const x12_segment *g) {
    x12_head(m, x12_value(g, 1), x12_value(g, 2));
    x12_date(m, &m->at[SET_LEVEL], x12_value(g, 3), RANK_OF_HEAD);
}

/* Shipped. */
static void on_dtm(x12_message *m, const x12_segment *g) {
    static const char *const dates[] = {"011"};
    x12_date_by(m, here(m), g, dates, ARRAY_LEN(dates), RANK_OF_DTM);
}

static void on_n1(x12_message *m, const x12_segment *g) {
    static const x12_role roles[] = {
        {"ST", T_COUNTERPARTY, 1, false}, {"BY", T_COUNTERPARTY, 2, false}, {"OB", T_COUNTERPARTY, 3, false}};
    x12_take_party(m, here(m), g, roles, ARRAY_LEN(roles));
}

static void on_prf(x12_message *m, const x12_segment *g) {
    report_replace(&m->r, here(m), T_REFERENCE, x12_value(g, 1), 1);
}

static void on_ref(x12_message *m, const x12_segment *g) {
    bool item = m->depth && (top(m)->kind == 'I' || is_package(top(m)));
    if (item) x12_take_reference(m, here(m), g, &top(m)->codes);
}

/* Serial shipping container codes of pallets and cartons; a range is its two ends. */
static void on_man(x12_message *m, const x12_segment *g) {
    if (m->depth == 0 || !str_is(x12_value(g, 1), "GM")) return;
    codes_add(&top(m)->codes, x12_value(g, 2));
    if (x12_value(g, 3).n && !str_eq(x12_value(g, 3), x12_value(g, 2)))
        report_problem(&m->r, x12_value(g, 3), "each code by itself",
                       "a range is not read here: only its first code is kept");
}

static void on_lin(x12_message *m, const x12_segment *g) {
    m->items++;
    if (m->depth) x12_take_ids(m, here(m), g, &top(m)->codes);
}

static void on_sn1(x12_message *m, const x12_segment *g) {
    int64_t quantity;
    if (m->depth == 0)
        return report_refuse(&m->r, x12_value(g, 2), "a level (HL) before the quantity", "the line is left out");
    if (!x12_take_quantity(m, x12_value(g, 2), &quantity)) return;
    x12_node *n = top(m);
    n->counted = true;
    n->quantity = quantity;
    n->unit = report_word(&m->r, &n->at, x12_value(g, 3));
    n->segment = m->r.row;
    if (!add_i64(m->units, quantity, &m->units)) m->units = 0;
}

static void on_pid(x12_message *m, const x12_segment *g) {
    if (m->depth && top(m)->kind == 'I') report_keep(&m->r, here(m), T_NAME, x12_value(g, 5));
}

/* Some count levels, some items. The hash total is the sum of the quantities. */
static void on_ctt(x12_message *m, const x12_segment *g) {
    int64_t stated;
    x12_check_total(m, g, m->nodes, m->items);
    if (x12_value(g, 2).n == 0 || !x12_number(x12_value(g, 2), QUANTITY_SCALE, &stated) || stated == m->units) return;
    report_problem(&m->r, x12_value(g, 2), "the sum of the quantities",
                   "what is there was read; ask the sender whether something is missing");
}

static const x12_row segment_rows[] = {
    {"BSN", on_bsn}, {"HL", on_hl},   {"DTM", on_dtm}, {"N1", on_n1},   {"PRF", on_prf}, {"REF", on_ref},
    {"MAN", on_man}, {"LIN", on_lin}, {"SN1", on_sn1}, {"PID", on_pid}, {"CTT", on_ctt},
};

static void take_segment(x12_message *m, const x12_segment *g) {
    x12_run(m, g, segment_rows, ARRAY_LEN(segment_rows));
}

static void end(x12_message *m) {
    while (m->depth) close_node(m);
    report_end(&m->r, &m->at[SET_LEVEL], TYPE_SHIPMENT);
}

static const report_words said = {.head = "BSN",
                                  .item = "LIN",
                                  .date = "DTM",
                                  .amount = "AMT",
                                  .want_sku = "a product number in LIN",
                                  .want_date = "a date in DTM 011 or BSN"};

const x12_reading x12_856 = {take_segment, end, &said};
