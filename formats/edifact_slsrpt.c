/* The sales data report: what was sold and returned, where and when. Both layouts of UN/EDIFACT (place → item and
 * item → place) are read by levels, never by position. */
#include "formats/edifact.h"
#include "proto/limits.h"
#include <stdio.h>

typedef enum quantity_kind { SOLD, RETURNED, COUNTED, LEFT_OUT } quantity_kind;

static const struct quantity_row {
    const char *code; /* 6063 */
    quantity_kind kind;
    const char *meaning;
} quantity_rows[] = {
    {"153", SOLD, "sold"},         {"61", RETURNED, "returned"},      {"210", RETURNED, "returned by the consumer"},
    {"145", COUNTED, "stock"},     {"26", LEFT_OUT, "for promotion"}, {"217", LEFT_OUT, "out of stock"},
    {"243", LEFT_OUT, "reserved"}, {"244", LEFT_OUT, "reserved"},     {"32E", LEFT_OUT, "discount stock"},
};

typedef struct pending_quantity {
    uint64_t row;
    int64_t quantity;
    uint32_t unit;
    quantity_kind kind;
    size_t group;
} pending_quantity;

/* The quantities that share facts: an item at a place. */
typedef struct quantity_group {
    edi_facts facts;
    int64_t net; /* of sold and returned */
    size_t flows;
} quantity_group;

static edi_facts *here(slsrpt *s) {
    return &s->at[s->level];
}

static void problem_at(slsrpt *s, const edi_segment *g, str found, const char *wanted, const char *hint) {
    docset_problem(s->out, 0, g->no, g->tag, found, str_of(wanted), str_of(hint));
}

static uint32_t word_of(slsrpt *s, const edi_segment *g, str value) {
    if (value.n == 0) return WORD_NONE;
    uint32_t no = value.n <= LIMIT_TEXT && text_clean(value) ? words_add(&s->out->words, value) : WORD_NONE;
    if (no != WORD_NONE) return no;
    problem_at(s, g, str_take(value, 40), "a text of at most 256 bytes without control characters",
               "the lines it belongs to are left out; ask the sender to mend the segment");
    here(s)->damaged = true;
    return WORD_NONE;
}

static void keep(slsrpt *s, const edi_segment *g, line_text column, str value) {
    if (value.n) here(s)->text[column] = word_of(s, g, value);
}

static void clear_facts(edi_facts *f) {
    *f = (edi_facts){.price = NUM_NONE, .amount = NUM_NONE};
    for (size_t i = 0; i < LINE_TEXT_COUNT; i++) f->text[i] = WORD_NONE;
    for (size_t i = 0; i < EDI_DATES; i++) f->date[i] = DAY_MIN;
}

static size_t pending_count(const slsrpt *s) {
    return s->pending.n / sizeof(pending_quantity);
}

static pending_quantity *pending_at(const slsrpt *s, size_t i) {
    return (pending_quantity *)(void *)s->pending.p + i;
}

static size_t group_count(const slsrpt *s) {
    return s->groups.n / sizeof(quantity_group);
}

static quantity_group *group_at(const slsrpt *s, size_t i) {
    return (quantity_group *)(void *)s->groups.p + i;
}

/* --- posting the quantities of an item --- */

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
    int64_t whole = from->facts.amount, share;
    if (whole == NUM_NONE || (from->flows > 1 && price != NUM_NONE)) return exact_product(quantity, price);
    if (from->flows == 1) return with_sign_of(whole, quantity);
    return mul_div(with_sign_of(whole, from->net), quantity, from->net, &share) ? share : NUM_NONE;
}

static bool day_for(const edi_facts *f, day_t *out) {
    for (size_t i = 0; i < EDI_DATES; i++)
        if (f->date[i] != DAY_MIN) return *out = f->date[i], true;
    return false;
}

static void refuse(slsrpt *s, uint64_t row, const char *column, const char *wanted, const char *hint) {
    docset_problem(s->out, 0, row, str_of(column), STR(""), str_of(wanted), str_of(hint));
    s->out->refused++;
}

static doc_head head_for(const slsrpt *s, doc_type type) {
    doc_head h = {.type = type, .flags = s->m ? s->m->doc_flags : 0};
    for (size_t i = 0; i < DOC_TEXT_COUNT; i++) h.text[i] = WORD_NONE;
    h.text[D_NUMBER] = s->number;
    h.text[D_VERSION] = s->version;
    if (s->m && s->m->stream.n) h.text[D_STREAM] = words_add(&s->out->words, s->m->stream);
    return h;
}

/* Constants fill what the message leaves open; what must not leave the house is dropped. */
static void apply_mapping(slsrpt *s, doc_line *l) {
    if (s->m == NULL) return;
    for (size_t i = 0; i < LINE_TEXT_COUNT; i++) {
        if (l->text[i] == WORD_NONE && s->m->constants[i].n) l->text[i] = words_add(&s->out->words, s->m->constants[i]);
        if (s->m->privacy[i] == PRIVACY_DROP && i != T_SKU) l->text[i] = WORD_NONE;
    }
    if (s->m->privacy[FIELD_N_AMOUNT] == PRIVACY_DROP) l->number[N_AMOUNT] = NUM_NONE;
    if (s->m->privacy[FIELD_N_UNIT_PRICE] == PRIVACY_DROP) l->number[N_UNIT_PRICE] = NUM_NONE;
}

/* Whether the facts allow a line; says why not. */
static bool can_post(slsrpt *s, const edi_facts *f, uint64_t row, day_t *day) {
    if (f->damaged) return s->out->refused++, false;
    if (f->text[T_SKU] == WORD_NONE) {
        refuse(s, row, "LIN", "an item number in LIN or PIA", "the line is left out");
        return false;
    }
    if (day_for(f, day)) return true;
    refuse(s, row, "DTM", "a date: DTM+356, +91, +90 or +137", "the line is left out");
    return false;
}

/* `from` is the group whose amount the quantity shares: its own, or all groups of an item together. */
static void post(slsrpt *s, const pending_quantity *q, const quantity_group *from) {
    const edi_facts *f = &group_at(s, q->group)->facts;
    day_t day;
    if (!can_post(s, f, q->row, &day)) return;
    doc_line *l = docset_line(s->out);
    memcpy(l->text, f->text, sizeof l->text);
    l->text[T_UNIT] = q->unit;
    l->number[N_ROW] = (int64_t)q->row;
    l->number[N_DATE] = day;
    l->number[N_QUANTITY] = q->quantity;
    l->number[N_UNIT_PRICE] = f->price;
    if (q->kind != COUNTED) l->number[N_AMOUNT] = amount_for(from, f->price, q->quantity);
    if (q->kind != COUNTED && from->facts.amount != NUM_NONE && l->number[N_AMOUNT] == NUM_NONE)
        docset_problem(s->out, 0, q->row, STR("MOA"), STR(""), STR("an amount for each quantity"),
                       STR("sold and returned are equal, so the item's amount cannot be shared out; it is left empty"));
    apply_mapping(s, l);
    doc_head head = head_for(s, q->kind == COUNTED ? TYPE_STOCK : TYPE_SALE);
    char extra[LIMIT_TEXT + 24] = "";
    if (s->number == WORD_NONE)
        snprintf(extra, sizeof extra, "%d %.*s", (int)day, STR_ARG(words_get(&s->out->words, f->text[T_PLACE])));
    docset_place(s->out, &head, str_of(extra));
}

/* The quantities since the last group get the facts as they stand now. */
static void close_group(slsrpt *s) {
    quantity_group g = {.facts = *here(s)};
    size_t group = group_count(s), n = pending_count(s);
    bool any = false;
    for (size_t i = n; i > 0 && pending_at(s, i - 1)->group == group; i--) {
        const pending_quantity *q = pending_at(s, i - 1);
        any = true;
        if (q->kind == COUNTED) continue;
        g.flows++;
        if (!add_i64(g.net, q->quantity, &g.net)) g.net = 0;
    }
    if (any) buf_add(&s->groups, str_from(&g, sizeof g));
}

/* An item over several places may state its amount once, above them: then the places without their own share it. */
static void post_item(slsrpt *s) {
    quantity_group all = {.facts = s->at[LEVEL_OUTER]};
    for (size_t i = 0; i < group_count(s); i++) {
        const quantity_group *g = group_at(s, i);
        if (g->facts.amount != NUM_NONE) continue;
        all.flows += g->flows;
        if (!add_i64(all.net, g->net, &all.net)) all.net = 0;
    }
    for (size_t i = 0; !s->cancels && i < pending_count(s); i++) {
        const quantity_group *own = group_at(s, pending_at(s, i)->group);
        post(s, pending_at(s, i), s->item_first && own->facts.amount == NUM_NONE ? &all : own);
    }
    buf_clear(&s->pending);
    buf_clear(&s->groups);
}

/* --- segments --- */

static void open_level(slsrpt *s, edi_level level) {
    bool place_of_item = s->item_first && level == LEVEL_INNER;
    close_group(s);
    if (!place_of_item) post_item(s);
    s->at[level] = s->at[level - 1];
    if (place_of_item) s->at[level].amount = NUM_NONE;
    s->at[level].from_moa = false;
    s->at[level].price_rank = 0; /* what a lower level says of the price holds there */
    s->level = level;
}

/* BGM function (1225): a replacement outranks the original and a cancellation outranks both, whichever comes first. */
static void on_bgm(slsrpt *s, const edi_segment *g) {
    static const struct {
        const char *function, *version;
        bool cancels;
    } functions[] = {{"", "", false},   {"9", "", false}, {"7", "", false}, {"4", "1", false},
                     {"5", "1", false}, {"1", "2", true}, {"3", "2", true}};
    str function = edi_value(g, 3, 0);
    s->bgm_row = g->no;
    s->number = word_of(s, g, edi_value(g, 2, 0));
    for (size_t i = 0; i < ARRAY_LEN(functions); i++) {
        if (!str_is(function, functions[i].function)) continue;
        s->cancels = functions[i].cancels;
        s->version = word_of(s, g, str_of(functions[i].version));
        return;
    }
    problem_at(s, g, function, "message function 9, 7, 4, 5 or 1", "it is read as an original");
}

static void on_dtm(slsrpt *s, const edi_segment *g) {
    static const struct {
        const char *qualifier;
        edi_date date;
    } dates[] = {{"356", DATE_OF_SALE}, {"91", DATE_PERIOD_END}, {"90", DATE_PERIOD_START}, {"137", DATE_OF_MESSAGE}};
    for (size_t i = 0; i < ARRAY_LEN(dates); i++) {
        if (!str_is(edi_value(g, 1, 0), dates[i].qualifier)) continue;
        if (edi_day(edi_value(g, 1, 1), edi_value(g, 1, 2), &here(s)->date[dates[i].date])) return;
        problem_at(s, g, edi_value(g, 1, 1), "a date such as 20260131 with format 102",
                   "this date is not used; the next best date of the message is");
    }
}

static void on_cux(slsrpt *s, const edi_segment *g) {
    keep(s, g, T_CURRENCY, edi_value(g, 1, 1));
}

static void on_loc(slsrpt *s, const edi_segment *g) {
    static const char *const places[] = {"162", "7", "14", "18", "19"}; /* of sale, of delivery; warehouses (stock) */
    bool known = false;
    for (size_t i = 0; i < ARRAY_LEN(places); i++) known = known || str_is(edi_value(g, 1, 0), places[i]);
    if (!known) return;
    if (s->level == LEVEL_OUTER && pending_count(s)) s->item_first = false; /* the item before it was a whole one */
    open_level(s, s->item_first ? LEVEL_INNER : LEVEL_OUTER);
    keep(s, g, T_PLACE, edi_value(g, 2, 0));
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

static void take_item(slsrpt *s, const edi_segment *g, str id, uint8_t rank) {
    edi_facts *f = here(s);
    if (id.n == 0 || (f->sku_rank && f->sku_rank <= rank)) return;
    f->sku_rank = rank;
    keep(s, g, T_SKU, id);
}

/* Levels are decided by the first group of the message: an item before any place means item → place. */
static void on_lin(slsrpt *s, const edi_segment *g) {
    if (s->level == LEVEL_MESSAGE) s->item_first = true;
    open_level(s, s->item_first ? LEVEL_OUTER : LEVEL_INNER);
    here(s)->text[T_SKU] = WORD_NONE;
    keep(s, g, T_LINE, edi_value(g, 1, 0));
    take_item(s, g, edi_value(g, 3, 0), 1);
}

static void on_pia(slsrpt *s, const edi_segment *g) {
    for (unsigned element = 2; element <= 6; element++)
        take_item(s, g, edi_value(g, element, 0), item_rank(edi_value(g, element, 1)));
}

static void on_imd(slsrpt *s, const edi_segment *g) {
    if (s->level != LEVEL_MESSAGE) keep(s, g, T_NAME, edi_value(g, 3, 3));
}

/* Within a group a party is the buyer or the place of delivery; at the top it names sender and receiver, who are known
 * by their keys. */
static void on_nad(slsrpt *s, const edi_segment *g) {
    static const struct {
        const char *party;
        line_text column;
    } parties[] = {{"UC", T_CUSTOMER}, {"UD", T_CUSTOMER}, {"BY", T_CUSTOMER}, {"DP", T_SHIP_TO}, {"ST", T_SHIP_TO}};
    if (s->level == LEVEL_MESSAGE) return;
    for (size_t i = 0; i < ARRAY_LEN(parties); i++)
        if (str_is(edi_value(g, 1, 0), parties[i].party)) keep(s, g, parties[i].column, edi_value(g, 2, 0));
}

static uint8_t price_rank(str qualifier) {
    static const char *const best[] = {"AAA", "NTP", "INV", "AAE", "AAF", "AAB", "GRP"};
    for (uint8_t i = 0; i < ARRAY_LEN(best); i++)
        if (str_is(qualifier, best[i])) return (uint8_t)(i + 1);
    return ARRAY_LEN(best) + 1;
}

static bool money_in(slsrpt *s, const edi_segment *g, int64_t *out) {
    str value = edi_value(g, 1, 1);
    if (edi_number(value, MICRO_SCALE, out) && *out <= LIMIT_AMOUNT && *out >= -LIMIT_AMOUNT) return true;
    problem_at(s, g, value, "an amount such as 12.50", "the line is read without it");
    return false;
}

/* PRI states the price of a unit (or of `basis` units), with some senders what the whole line costs. */
static void on_pri(slsrpt *s, const edi_segment *g) {
    edi_facts *f = here(s);
    uint8_t rank = price_rank(edi_value(g, 1, 0));
    str basis = edi_value(g, 1, 4);
    int64_t price, per = 1000;
    if ((f->price_rank && f->price_rank <= rank) || !money_in(s, g, &price)) return;
    if (s->m && s->m->edifact_price_line) {
        if (!f->from_moa) f->amount = price;
    } else if ((basis.n == 0 || edi_number(basis, QUANTITY_SCALE, &per)) && mul_div(price, 1000, per, &price)) {
        f->price = price;
    } else {
        problem_at(s, g, basis, "a number of units the price is for", "the line is read without it");
        return;
    }
    f->price_rank = rank;
}

static void on_moa(slsrpt *s, const edi_segment *g) {
    int64_t amount;
    if (!str_is(edi_value(g, 1, 0), "203") || s->level == LEVEL_MESSAGE || !money_in(s, g, &amount)) return;
    here(s)->amount = amount;
    here(s)->from_moa = true;
    keep(s, g, T_CURRENCY, edi_value(g, 1, 2));
}

static const struct quantity_row *quantity_row_of(str code) {
    for (size_t i = 0; i < ARRAY_LEN(quantity_rows); i++)
        if (str_is(code, quantity_rows[i].code)) return &quantity_rows[i];
    return NULL;
}

static void leave_out(slsrpt *s, const edi_segment *g, const struct quantity_row *row) {
    char why[80];
    snprintf(why, sizeof why, "QTY+%s (%s) is no sale, return or stock count", row->code, row->meaning);
    docset_skip(s->out, 0, g->no, str_of(why));
}

static void on_qty(slsrpt *s, const edi_segment *g) {
    const struct quantity_row *row = quantity_row_of(edi_value(g, 1, 0));
    pending_quantity q = {.row = g->no, .group = group_count(s)};
    if (row == NULL) {
        problem_at(s, g, edi_value(g, 1, 0), "quantity code 153, 61, 210 or 145", "the quantity is left out");
        s->out->refused++;
        return;
    }
    if (row->kind == LEFT_OUT) {
        leave_out(s, g, row);
        return;
    }
    if (!edi_number(edi_value(g, 1, 1), QUANTITY_SCALE, &q.quantity) || q.quantity > LIMIT_QUANTITY ||
        q.quantity < -LIMIT_QUANTITY) {
        problem_at(s, g, edi_value(g, 1, 1), "a quantity", "the line is left out");
        s->out->refused++;
        return;
    }
    if (pending_count(s) == LIMIT_DOCUMENT_LINES) {
        problem_at(s, g, STR(""), "at most 65536 quantities of an item", "the quantity is left out");
        s->out->refused++;
        return;
    }
    q.kind = row->kind;
    q.unit = word_of(s, g, edi_value(g, 1, 2));
    if (q.kind == RETURNED && q.quantity > 0) q.quantity = -q.quantity; /* sent as 61:1 and as 61:-1 */
    if (q.kind == COUNTED) s->counts_stock = true;
    buf_add(&s->pending, str_from(&q, sizeof q));
}

static const struct segment_row {
    const char *tag;
    void (*run)(slsrpt *s, const edi_segment *g);
} segment_rows[] = {
    {"BGM", on_bgm}, {"DTM", on_dtm}, {"CUX", on_cux}, {"LOC", on_loc}, {"LIN", on_lin}, {"PIA", on_pia},
    {"IMD", on_imd}, {"NAD", on_nad}, {"PRI", on_pri}, {"MOA", on_moa}, {"QTY", on_qty},
};

void slsrpt_begin(slsrpt *s, docset *out, const mapping *m) {
    *s = (slsrpt){.out = out, .m = m, .number = WORD_NONE, .version = WORD_NONE};
    clear_facts(&s->at[LEVEL_MESSAGE]);
}

void slsrpt_segment(slsrpt *s, const edi_segment *g) {
    for (size_t i = 0; i < ARRAY_LEN(segment_rows); i++)
        if (str_is(g->tag, segment_rows[i].tag)) segment_rows[i].run(s, g);
}

static void cancel(slsrpt *s) {
    day_t day;
    if (s->number == WORD_NONE || !day_for(&s->at[LEVEL_MESSAGE], &day)) {
        refuse(s, s->bgm_row, "BGM", "number and date of the report to cancel", "nothing is cancelled");
        return;
    }
    doc_head sale = head_for(s, TYPE_SALE), stock = head_for(s, TYPE_STOCK);
    sale.flags |= DOC_CANCEL;
    stock.flags |= DOC_CANCEL;
    docset_cancel(s->out, &sale, day);
    if (s->counts_stock) docset_cancel(s->out, &stock, day);
}

void slsrpt_end(slsrpt *s) {
    close_group(s);
    post_item(s);
    if (s->cancels) cancel(s);
    buf_free(&s->pending);
    buf_free(&s->groups);
}
