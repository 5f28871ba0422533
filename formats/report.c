#include "formats/report.h"

#include "formats/line.h"
#include "formats/privacy.h"
#include "proto/limits.h"
#include <stdarg.h>
#include <stdio.h>

/* The quantities that share facts: an item at a place. */
typedef struct quantity_group {
    facts at;
    int64_t net; /* of what moved */
    size_t flows;
} quantity_group;

void report_begin(report *r, const report_words *said, docset *out, const mapping *m, uint32_t message) {
    *r = (report){.out = out, .m = m, .said = said, .message = message, .number = WORD_NONE, .version = WORD_NONE};
}

void report_free(report *r) {
    buf_free(&r->waiting);
    buf_free(&r->groups);
}

void report_at(report *r, uint64_t row, str tag) {
    r->row = row;
    str_copy_z(tag, r->tag, sizeof r->tag);
}

void report_problem(report *r, str found, const char *wanted, const char *hint) {
    docset_problem(r->out, 0, r->row, str_of(r->tag), str_take(found, 60), str_of(wanted), str_of(hint));
}

void report_refuse(report *r, str found, const char *wanted, const char *hint) {
    report_problem(r, found, wanted, hint);
    r->out->refused++;
}

void report_leave_out(report *r, const char *fmt, ...) {
    char why[160];
    va_list args;
    va_start(args, fmt);
    vsnprintf(why, sizeof why, fmt, args);
    va_end(args);
    docset_skip(r->out, 0, r->row, str_of(why));
}

/* --- facts --- */

void facts_clear(facts *f) {
    *f = (facts){.date = DAY_MIN, .price = NUM_NONE, .amount = NUM_NONE};
    for (size_t i = 0; i < LINE_TEXT_COUNT; i++) f->text[i] = WORD_NONE;
}

static uint32_t bounded_word(report *r, facts *f, str value, size_t most) {
    if (value.n == 0) return WORD_NONE;
    uint32_t no = value.n <= most && text_clean(value) ? words_add(&r->out->words, value) : WORD_NONE;
    if (no != WORD_NONE) return no;
    report_problem(r, str_take(value, 40), "a text of at most 256 bytes without control characters",
                   "the lines it belongs to are left out; ask the sender to mend the segment");
    f->damaged = true;
    return WORD_NONE;
}

uint32_t report_word(report *r, facts *f, str value) {
    return bounded_word(r, f, value, LIMIT_TEXT);
}

void report_keep(report *r, facts *f, line_text column, str value) {
    if (value.n) f->text[column] = report_word(r, f, value);
}

void report_offer(report *r, facts *f, line_text column, str value, uint8_t rank) {
    if (value.n == 0 || (f->rank[column] && f->rank[column] <= rank)) return;
    f->rank[column] = rank;
    report_keep(r, f, column, value);
}

void report_replace(report *r, facts *f, line_text column, str value, uint8_t rank) {
    if (value.n == 0 || (f->rank[column] && f->rank[column] < rank)) return;
    f->rank[column] = rank;
    report_keep(r, f, column, value);
}

void facts_date(facts *f, day_t day, uint8_t rank) {
    if (f->date_rank && f->date_rank < rank) return;
    f->date = day;
    f->date_rank = rank;
}

void codes_add(buf *codes, str code) {
    if (code.n == 0 || codes->n > LIMIT_CODES) return;
    if (codes->n) buf_byte(codes, ';');
    buf_add(codes, code);
}

void report_codes(report *r, facts *f, str codes) {
    if (codes.n) f->text[T_CODES] = bounded_word(r, f, codes, LIMIT_CODES);
}

bool report_purpose(report *r, const purpose_row *rows, size_t n, str code, const char *wanted) {
    r->head_row = r->row;
    for (size_t i = 0; i < n; i++) {
        if (!str_is(code, rows[i].code)) continue;
        r->cancels = rows[i].cancels;
        if (rows[i].version[0]) r->version = words_add(&r->out->words, str_of(rows[i].version));
        return true;
    }
    report_problem(r, code, wanted, "it is read as an original");
    return false;
}

/* --- quantities that wait --- */

size_t report_waiting(const report *r) {
    return r->waiting.n / sizeof(waiting_quantity);
}

waiting_quantity *report_waiting_at(const report *r, size_t i) {
    return (waiting_quantity *)(void *)r->waiting.p + i;
}

static uint32_t group_count(const report *r) {
    return (uint32_t)(r->groups.n / sizeof(quantity_group));
}

static quantity_group *group_at(const report *r, uint32_t i) {
    return (quantity_group *)(void *)r->groups.p + i;
}

const facts *report_facts_of(const report *r, const waiting_quantity *q) {
    return &group_at(r, q->group)->at;
}

const quantity_row *report_quantity_row(report *r, const quantity_row *rows, size_t n, str code, const char *wanted) {
    for (size_t i = 0; i < n; i++) {
        if (!str_is(code, rows[i].code)) continue;
        if (rows[i].type != DOC_TYPE_COUNT) return &rows[i];
        report_leave_out(r, "%s %s (%s) is no sale, return, receipt or stock count", r->tag, rows[i].code,
                         rows[i].meaning);
        return NULL;
    }
    report_refuse(r, code, wanted, "the quantity is left out");
    return NULL;
}

bool report_wait(report *r, const quantity_row *row, doc_type type, bool back, int64_t quantity, uint32_t unit) {
    if (report_waiting(r) == LIMIT_DOCUMENT_LINES)
        return report_refuse(r, STR(""), "at most 65536 quantities of an item", "the quantity is left out"), false;
    waiting_quantity q = {.row = row,
                          .type = type,
                          .segment = r->row,
                          .quantity = back && quantity > 0 ? -quantity : quantity,
                          .unit = unit,
                          .place = WORD_NONE,
                          .group = group_count(r),
                          .back = back};
    r->types |= 1u << type;
    buf_add(&r->waiting, str_from(&q, sizeof q));
    return true;
}

void report_waits_at(report *r, uint32_t place) {
    report_waiting_at(r, report_waiting(r) - 1)->place = place;
}

static bool flows(const waiting_quantity *q) {
    return q->type != TYPE_STOCK;
}

void report_stamp(report *r, const facts *f) {
    quantity_group g = {.at = *f};
    uint32_t group = group_count(r);
    bool any = false;
    for (size_t i = report_waiting(r); i > 0 && report_waiting_at(r, i - 1)->group == group; i--) any = true;
    if (any) buf_add(&r->groups, str_from(&g, sizeof g));
}

/* Best rank told of each type, of what went out and of what came back. */
typedef struct best_told {
    uint8_t rank[DOC_TYPE_COUNT][2];
    bool net[DOC_TYPE_COUNT];
} best_told;

static best_told best_of(const report *r) {
    best_told best = {0};
    for (size_t i = 0; i < report_waiting(r); i++) {
        const waiting_quantity *q = report_waiting_at(r, i);
        uint8_t *rank = &best.rank[q->type][q->back];
        if (q->dropped || (*rank && *rank <= q->row->rank)) continue;
        *rank = q->row->rank;
        if (!q->back) best.net[q->type] = q->row->net;
    }
    return best;
}

static void drop_twice_told(report *r) {
    best_told best = best_of(r);
    for (size_t i = 0; i < report_waiting(r); i++) {
        waiting_quantity *q = report_waiting_at(r, i);
        bool surest = q->row->rank <= best.rank[q->type][q->back];
        if (q->dropped || (surest && !(q->back && best.net[q->type]))) continue;
        q->dropped = true;
        r->row = q->segment;
        report_leave_out(r, "%s (%s) is contained in another quantity of the item", q->row->code, q->row->meaning);
    }
}

static void count_in(quantity_group *g, int64_t quantity) {
    g->flows++;
    if (!add_i64(g->net, quantity, &g->net)) g->net = 0;
}

/* `all`: what was sold and came back without an amount of its own. */
static void sum_groups(report *r, quantity_group *all) {
    for (size_t i = 0; i < report_waiting(r); i++) {
        const waiting_quantity *q = report_waiting_at(r, i);
        quantity_group *g = group_at(r, q->group);
        if (q->dropped || !flows(q)) continue;
        count_in(g, q->quantity);
        if (g->at.amount == NUM_NONE && q->type == TYPE_SALE) count_in(all, q->quantity);
    }
}

/* --- amounts --- */

static int64_t with_sign_of(int64_t amount, int64_t quantity) {
    return quantity < 0 && amount > 0 ? -amount : amount;
}

/* Quantity × price where the product is exact; else the price alone goes on and is rounded once, by the ledger. */
static int64_t exact_product(int64_t quantity, int64_t price) {
    __int128 product = (__int128)quantity * price;
    if (price == NUM_NONE || product % 1000 != 0) return NUM_NONE;
    product /= 1000;
    return product > LIMIT_AMOUNT || product < -LIMIT_AMOUNT ? NUM_NONE : (int64_t)product;
}

/* An amount of several quantities (sold and returned, or many places) spreads by their share of the net; where each
 * has a unit price, that is surer. */
static int64_t amount_for(const quantity_group *from, int64_t price, int64_t quantity) {
    int64_t whole = from->at.amount, share;
    if (whole == NUM_NONE || (from->flows > 1 && price != NUM_NONE)) return exact_product(quantity, price);
    if (from->flows == 1) return with_sign_of(whole, quantity);
    return mul_div(with_sign_of(whole, from->net), quantity, from->net, &share) ? share : NUM_NONE;
}

/* --- posting --- */

/* Constants fill what the message leaves open; what must not leave the house is hashed or dropped. Places of messages
 * are codes and names of towns, so nothing is cut off them unless the mapping says so. */
static void apply_mapping(report *r, doc_line *l) {
    AUTO(buf) hashed = {0};
    if (r->m == NULL) return;
    for (size_t i = 0; i < LINE_TEXT_COUNT; i++) {
        if (l->text[i] == WORD_NONE && r->m->constants[i].n) l->text[i] = words_add(&r->out->words, r->m->constants[i]);
        if (r->m->privacy[i] <= PRIVACY_SEND || i == T_SKU || l->text[i] == WORD_NONE) continue;
        str left = privacy_apply(r->m->privacy[i], (field)i, words_get(&r->out->words, l->text[i]), r->out->privacy_key,
                                 &hashed);
        l->text[i] = left.n ? words_add(&r->out->words, left) : WORD_NONE;
    }
    if (r->m->privacy[FIELD_N_AMOUNT] == PRIVACY_DROP) l->number[N_AMOUNT] = NUM_NONE;
    if (r->m->privacy[FIELD_N_UNIT_PRICE] == PRIVACY_DROP) l->number[N_UNIT_PRICE] = NUM_NONE;
}

/* Goods for which nothing is asked are given. */
static void see_gift(report *r, doc_type type, doc_line *l) {
    bool given = type == TYPE_SALE || type == TYPE_SHIPMENT || type == TYPE_RECEIPT;
    if (given && l->text[T_GIFT] == WORD_NONE && l->number[N_AMOUNT] == 0 && l->number[N_QUANTITY] != 0)
        l->text[T_GIFT] = words_add(&r->out->words, STR("Y"));
}

static doc_head head_for(const report *r, doc_type type) {
    unsigned flags = r->m ? r->m->doc_flags : 0;
    bool numbered = r->number != WORD_NONE;
    doc_head h = {.type = type,
                  .flags = flags & (numbered ? DOC_SCOPE_YEAR | DOC_SCOPE_MONTH | DOC_SCOPE_DAY : DOC_ADD)};
    for (size_t i = 0; i < DOC_TEXT_COUNT; i++) h.text[i] = WORD_NONE;
    h.text[D_NUMBER] = r->number;
    h.text[D_VERSION] = r->version;
    if (r->m && r->m->stream.n) h.text[D_STREAM] = words_add(&r->out->words, r->m->stream);
    return h;
}

/* Whether the facts allow a line; says why not. */
static bool can_post(report *r, const facts *f, const waiting_quantity *q) {
    const report_words *w = r->said;
    if (f->damaged) return r->out->refused++, false;
    if (f->text[T_SKU] != WORD_NONE && f->date != DAY_MIN) return true;
    report_at(r, q->segment, str_of(f->text[T_SKU] == WORD_NONE ? w->item : w->date));
    report_refuse(r, STR(""), f->text[T_SKU] == WORD_NONE ? w->want_sku : w->want_date, "the line is left out");
    return false;
}

/* `from` is the group whose amount the quantity shares: its own, or all groups of an item together. */
static void post(report *r, const waiting_quantity *q, const quantity_group *from) {
    AUTO(buf) key = {0};
    const facts *f = report_facts_of(r, q);
    if (!can_post(r, f, q)) return;
    doc_line *l = docset_line(r->out);
    memcpy(l->text, f->text, sizeof l->text);
    l->text[T_UNIT] = q->unit;
    if (q->place != WORD_NONE) l->text[T_PLACE] = q->place;
    l->number[N_ROW] = (int64_t)q->segment;
    l->number[N_DATE] = f->date;
    l->number[N_QUANTITY] = q->quantity;
    l->number[N_UNIT_PRICE] = f->price;
    if (flows(q)) l->number[N_AMOUNT] = amount_for(from, f->price, q->quantity);
    if (flows(q) && from->at.amount != NUM_NONE && l->number[N_AMOUNT] == NUM_NONE)
        docset_problem(r->out, 0, q->segment, str_of(r->said->amount), STR(""), STR("an amount for each quantity"),
                       STR("sold and returned are equal, so the item's amount cannot be shared out; it is left empty"));
    see_gift(r, q->type, l);
    apply_mapping(r, l);
    doc_head head = head_for(r, q->type);
    if (r->number != WORD_NONE) buf_be32(&key, r->message);
    line_document_key(&head, l, &key);
    docset_place(r->out, &head, buf_str(&key));
}

void report_post(report *r, const facts *whole) {
    quantity_group all = {0};
    uint64_t row = r->row;
    char tag[sizeof r->tag];
    memcpy(tag, r->tag, sizeof tag);
    if (!r->cancels) {
        drop_twice_told(r);
        sum_groups(r, &all);
    }
    if (whole) all.at = *whole;
    for (size_t i = 0; !r->cancels && i < report_waiting(r); i++) {
        const waiting_quantity *q = report_waiting_at(r, i);
        const quantity_group *own = group_at(r, q->group);
        bool shares = whole && own->at.amount == NUM_NONE && q->type == TYPE_SALE;
        if (!q->dropped) post(r, q, shares ? &all : own);
    }
    buf_clear(&r->waiting);
    buf_clear(&r->groups);
    report_at(r, row, str_of(tag));
}

/* One number twice in a file: as with two files, what was sent last holds. */
static void watch_number(report *r) {
    str number = words_get(&r->out->words, r->number);
    if (r->numbers == NULL || number.n == 0) return;
    uint64_t *types = map_at(r->numbers, number, NULL);
    if (*types & r->types)
        report_problem(r, number, "a number of its own for each message", "the later message replaces the earlier one");
    *types |= r->types;
}

void report_end(report *r, const facts *message, doc_type main_type) {
    report_post(r, NULL);
    report_at(r, r->head_row, str_of(r->said->head));
    watch_number(r);
    if (!r->cancels) return;
    if (r->number == WORD_NONE || message->date == DAY_MIN) {
        report_refuse(r, STR(""), "number and date of the report to cancel", "nothing is cancelled");
        return;
    }
    for (doc_type t = 0; t < DOC_TYPE_COUNT; t++) {
        doc_head head = head_for(r, t);
        head.flags |= DOC_CANCEL;
        if (t == main_type || r->types & 1u << t) docset_cancel(r->out, &head, message->date);
    }
}
