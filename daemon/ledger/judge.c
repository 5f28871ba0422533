#include "daemon/ledger/judge.h"

#include "daemon/catalog/product.h"
#include "daemon/catalog/waiting.h"
#include "daemon/ledger/problems.h"
#include <stdlib.h>

/* Where a line of a type stands, and what it is there. `back`: goods go back, however the figures are written.
 * `negative`: the kind that a line with negative figures is. */
static const struct type_rule {
    flow_kind kind, gift, negative;
    bool back, sold, at_counterparty, company;
} rules[DOC_TYPE_COUNT] = {
    [TYPE_SALE] = {.kind = FLOW_SELL_OUT, .gift = FLOW_GIFT_OUT, .negative = FLOW_RETURN, .sold = true},
    [TYPE_RETURN] = {.kind = FLOW_RETURN, .gift = FLOW_GIFT_OUT, .back = true, .sold = true},
    [TYPE_RECEIPT] = {.kind = FLOW_RECEIPT, .gift = FLOW_GIFT_RECEIPT},
    [TYPE_SHIPMENT] = {.kind = FLOW_SELL_IN, .gift = FLOW_GIFT_IN, .at_counterparty = true, .company = true},
    [TYPE_RETURN_OUT] = {.kind = FLOW_RETURN_OUT, .gift = FLOW_GIFT_RECEIPT, .back = true, .company = true},
    [TYPE_TRANSFER] = {.kind = FLOW_TRANSFER, .gift = FLOW_TRANSFER},
    [TYPE_STOCK] = {.kind = FLOW_COUNT, .gift = FLOW_COUNT},
    [TYPE_PAYMENT] = {.kind = FLOW_PAYMENT, .gift = FLOW_PAYMENT, .company = true},
};

static str no_text = {"", 0};

void builder_begin(builder *x, arena *a, apply_result *r, uint32_t content, uint32_t lines) {
    *x = (builder){.p = {.content = content, .text = &no_text, .texts = 1}, .text_cap = 1, .a = a, .r = r};
    x->p.row = arena_alloc(a, lines * sizeof *x->p.row);
    x->row_cap = lines;
    ASSERT(x->p.row != NULL);
}

void builder_end(builder *x) {
    map_free(&x->waits);
    map_free(&x->texts);
}

static void count_day(builder *x, day_t day, bool waits) {
    posting *p = &x->p;
    if (p->days == 0 || p->day[p->days - 1].day != day) {
        p->day = arena_grown(x->a, p->day, p->days, &x->day_cap, sizeof *p->day);
        p->day[p->days++] = (posting_day){.day = day};
    }
    p->day[p->days - 1].lines++;
    p->day[p->days - 1].waiting += waits;
}

static int by_day(const void *x, const void *y) {
    const posting_day *a = x, *b = y;
    return (a->day > b->day) - (a->day < b->day);
}

posting builder_done(builder *x) {
    posting *p = &x->p;
    uint32_t kept = 0;
    if (p->days > 1) qsort(p->day, p->days, sizeof *p->day, by_day);
    for (uint32_t i = 0; i < p->days; i++) {
        if (kept == 0 || p->day[kept - 1].day != p->day[i].day) {
            p->day[kept++] = p->day[i];
            continue;
        }
        p->day[kept - 1].lines += p->day[i].lines;
        p->day[kept - 1].waiting += p->day[i].waiting;
    }
    p->days = kept;
    return *p;
}

static posted *new_row(builder *x) {
    x->p.row = arena_grown(x->a, x->p.row, x->p.rows, &x->row_cap, sizeof *x->p.row);
    return &x->p.row[x->p.rows++];
}

static uint32_t text_number(builder *x, str s) {
    if (s.n == 0) return 0;
    uint64_t *at = map_find(&x->texts, s);
    if (at) return (uint32_t)*at;
    s = arena_str(x->a, s);
    *map_at(&x->texts, s, NULL) = x->p.texts;
    x->p.text = arena_grown(x->a, x->p.text, x->p.texts, &x->text_cap, sizeof *x->p.text);
    x->p.text[x->p.texts] = s;
    return x->p.texts++;
}

static uint32_t wait_number(builder *x, waiting_reason reason, str word, bool *created) {
    AUTO(buf) b = {0};
    buf_byte(&b, (char)reason);
    buf_add(&b, word);
    uint64_t *at = map_find(&x->waits, buf_str(&b));
    *created = at == NULL;
    if (at) return (uint32_t)*at;
    str kept = arena_str(x->a, buf_str(&b));
    size_t cap = x->wait_cap;
    x->p.wait = arena_grown(x->a, x->p.wait, x->p.waits, &cap, sizeof *x->p.wait);
    x->wait_line_cap = arena_grown(x->a, x->wait_line_cap, x->p.waits, &x->wait_cap, sizeof *x->wait_line_cap);
    *map_at(&x->waits, kept, NULL) = x->p.waits;
    x->p.wait[x->p.waits] = (waiting){.reason = (uint8_t)reason, .word = str_skip(kept, 1)};
    x->wait_line_cap[x->p.waits] = 0;
    return x->p.waits++;
}

/* What to do about a word that waits. */
static const struct wait_hint {
    const char *column, *wanted, *hint;
} hints[] = {
    [WAIT_PRODUCT] = {"sku", "a product code of the catalogue",
                      "add an alias or the product; the line then posts itself"},
    [WAIT_UNIT] = {"unit", "a unit of the product", "add the unit to the product or an alias of kind unit"},
    [WAIT_PARTNER] = {"counterparty", "a partner", "add the partner or an alias of kind partner"},
    [WAIT_CUSTOMER] = {"customer", "a customer", ""},
    [WAIT_PLACE] = {"place", "a place of sale below the reporter", "add the place as a partner or an alias"},
    [WAIT_REGION] = {"ship_to", "a region", "posted with region unknown; add an alias of kind region"},
    [WAIT_REVIEW_PRODUCT] = {"sku", "a reviewed product", ""},
    [WAIT_REVIEW_PARTNER] = {"place", "a reviewed partner", ""},
    [WAIT_DATE] = {"date", "a date from accept.oldest to tomorrow", "correct the file, or the setting accept.oldest"},
    [WAIT_OTHER] = {"", "a line that can be posted", "correct the file and send it again"},
};

/* A mistyped GTIN is known by its check digit. */
static const char *hint_before(waiting_reason reason, str word) {
    char gtin[GTIN_SIZE];
    return reason == WAIT_PRODUCT && gtin_pad(word, gtin) && !gtin_check(word) ? "its check digit is wrong; " : "";
}

static void add_wait(judge *g, uint32_t row, waiting_reason reason, bool soft, str word) {
    builder *x = g->x;
    bool created;
    uint32_t n = wait_number(x, reason, word, &created);
    waiting *w = &x->p.wait[n];
    int64_t amount = column_number(g->l->b->line_number[N_AMOUNT], row);
    if (w->lines && w->line[w->lines - 1] == x->lines) return; /* the other half of a transfer */
    w->soft = soft;
    w->line = arena_grown(x->a, w->line, w->lines, &x->wait_line_cap[n], sizeof *w->line);
    w->line[w->lines++] = x->lines;
    if (amount != NUM_NONE && !add_i64(w->amount, amount, &w->amount)) w->amount = amount > 0 ? INT64_MAX : -INT64_MAX;
    if (created && (!soft || reason == WAIT_REGION))
        problem_at(x->r, g->l->b, row, hints[reason].column, word, hints[reason].wanted, "%s%s",
                   hint_before(reason, word), hints[reason].hint);
}

/* A line that waits is not posted. A word that is not there cannot be learnt. */
static void quarantine(judge *g, uint32_t row, waiting_reason reason, str word) {
    if (word.n) add_wait(g, row, reason, false, word);
    else
        add_wait(g, row, WAIT_OTHER, false, str_of(hints[reason].column));
    problem_wait(g->x->r, g->l->b, row, (uint8_t)reason);
    g->x->p.quarantine++;
}

typedef struct figures {
    int64_t quantity; /* base units, thousandths */
    int64_t amount;   /* minor units, NUM_NONE */
} figures;

/* To the kept tax basis, rounded once more only where the line states the other one. */
static bool to_basis(const judge *g, uint32_t row, const product_word *sold, int64_t *amount) {
    str basis = column_text(&g->l->b->line_text[T_TAX_BASIS], row);
    bool excl = str_is(basis, "excl");
    if (*amount == NUM_NONE || basis.n == 0 || excl == g->rules->excl) return true;
    int64_t rate = column_number(g->l->b->line_number[N_TAX_RATE], row);
    if (rate == NUM_NONE && sold) rate = sold->tax_rate;
    if (rate == NUM_NONE) rate = g->rules->tax_rate;
    int64_t one = pow10_i64(RATE_SCALE);
    if (rate <= -one) return false;
    return excl ? mul_div(*amount, one + rate, one, amount) : mul_div(*amount, one, one + rate, amount);
}

/* The stated amount holds; else quantity × unit price, rounded once. */
static bool line_amount(judge *g, uint32_t row, unsigned scale, int64_t *out) {
    const batch *b = g->l->b;
    int64_t quantity = column_number(b->line_number[N_QUANTITY], row),
            price = column_number(b->line_number[N_UNIT_PRICE], row),
            stated = column_number(b->line_number[N_AMOUNT], row), worked = NUM_NONE;
    *out = NUM_NONE;
    if (quantity != NUM_NONE && price != NUM_NONE)
        if (!mul_div(quantity, price, pow10_i64(QUANTITY_SCALE + MICRO_SCALE - scale), &worked)) return false;
    if (stated == NUM_NONE) return *out = worked, true;
    if (!rescale(stated, MICRO_SCALE, scale, out)) return false;
    if (worked == NUM_NONE) return true;
    int64_t a = *out < 0 ? -*out : *out, p = worked < 0 ? -worked : worked;
    if (a - p <= 1 && p - a <= 1) return true;
    char found[64];
    AUTO(buf) text = {0};
    dec_put(&text, *out, scale, scale);
    buf_addz(&text, " <> ");
    dec_put(&text, worked, scale, scale);
    problem_at(g->x->r, b, row, "amount", str_of(str_copy_z(buf_str(&text), found, sizeof found)),
               "quantity × unit_price", "the amount holds");
    return true;
}

static bool line_quantity(judge *g, uint32_t row, int64_t factor, int64_t *out) {
    int64_t quantity = column_number(g->l->b->line_number[N_QUANTITY], row);
    *out = 0;
    if (quantity == NUM_NONE) return true;
    if (!mul_div(quantity, factor, 1000, out)) return false;
    if ((__int128)*out * 1000 != (__int128)quantity * factor)
        problem_at(g->x->r, g->l->b, row, "quantity", column_text(&g->l->b->line_text[T_UNIT], row),
                   "a whole number of thousandths of the base unit", "rounded to the nearest");
    return true;
}

/* Figures as the line states them, and whether it is written as going back. */
static bool line_figures(judge *g, uint32_t row, const product_word *of, unsigned scale, figures *f) {
    TRY(line_quantity(g, row, of ? of->factor : 1000, &f->quantity));
    TRY(line_amount(g, row, scale, &f->amount));
    return to_basis(g, row, of, &f->amount);
}

static int64_t magnitude(int64_t v) {
    return v < 0 && v != NUM_NONE ? -v : v;
}

static int64_t negated(int64_t v) {
    return v == NUM_NONE ? v : -v;
}

/* Goods that go back take both figures below zero, once. */
static void turn_back(figures *f) {
    f->quantity = -magnitude(f->quantity);
    f->amount = negated(magnitude(f->amount));
}

static bool negative(const figures *f) {
    return f->quantity < 0 || (f->quantity == 0 && f->amount < 0 && f->amount != NUM_NONE);
}

/* Everything known of a line before it is posted. */
typedef struct verdict {
    const product_word *product;
    const partner_word *place, *other; /* where it stands; the other side, NULL none */
    const currency_word *currency;
    day_t day;
    figures f;
    flow_kind kind;
} verdict;

static void note_region(judge *g, uint32_t row, const verdict *v, posted *p) {
    const region_word *to = lookup_ship_to(g->l, row, v->day);
    p->home = v->place->home;
    p->province = v->place->province;
    if (to && to->no) {
        p->region = to->no;
        p->source = REGION_STATED;
    } else if (to) {
        p->source = REGION_UNKNOWN;
        add_wait(g, row, WAIT_REGION, true, column_text(&g->l->b->line_text[T_SHIP_TO], row));
    } else if (rules[g->type].sold && v->other && v->other->home) {
        p->region = v->other->home;
        p->source = REGION_CUSTOMER;
    } else if (v->place->home) {
        p->region = v->place->home;
        p->source = REGION_ASSUMED;
    }
}

static posted *post(judge *g, uint32_t row, const verdict *v) {
    const batch *b = g->l->b;
    posted *p = new_row(g->x);
    str company = column_text(&b->line_text[T_COMPANY], row);
    if (company.n == 0 && rules[g->type].company) company = g->rules->company;
    *p = (posted){.partner = v->place->no,
                  .product = v->product ? v->product->no : 0,
                  .brand = v->product ? v->product->brand : 0,
                  .customer = v->other ? v->other->customer : 0,
                  .counterparty = v->other ? v->other->no : 0,
                  .currency = v->currency->no,
                  .company = text_number(g->x, company),
                  .channel = text_number(g->x, column_text(&b->line_text[T_CHANNEL], row)),
                  .line = g->x->lines,
                  .day = v->day,
                  .quantity = v->f.quantity,
                  .amount = v->f.amount,
                  .kind = (uint8_t)v->kind,
                  .rebated = str_is(column_text(&b->line_text[T_PAID_BY_REBATE], row), "Y")};
    note_region(g, row, v, p);
    return p;
}

/* Posted, but a later word of the catalogue would tell more. */
static void note_soft_waits(judge *g, uint32_t row, const verdict *v) {
    const batch *b = g->l->b;
    if (v->product && v->product->unreviewed)
        add_wait(g, row, WAIT_REVIEW_PRODUCT, true, column_text(&b->line_text[T_SKU], row));
    if (v->place->unreviewed && column_text(&b->line_text[T_PLACE], row).n)
        add_wait(g, row, WAIT_REVIEW_PARTNER, true, column_text(&b->line_text[T_PLACE], row));
}

/* Out of the partner, into the counterparty. */
static void post_transfer(judge *g, uint32_t row, const verdict *v, const partner_word *to) {
    verdict out = *v, in = *v;
    out.f.quantity = -v->f.quantity;
    out.f.amount = negated(v->f.amount);
    out.other = to;
    in.place = to;
    in.other = v->place;
    (void)post(g, row, &out);
    (void)post(g, row, &in);
}

static bool day_ok(const judge *g, day_t day) {
    return day >= g->rules->oldest && day <= g->rules->today + LIMIT_AHEAD_DAYS;
}

static void quarantine_date(judge *g, uint32_t row, day_t day) {
    AUTO(buf) text = {0};
    day_put(&text, day);
    quarantine(g, row, WAIT_DATE, buf_str(&text));
}

/* The kind by the table, by gift, by sign and by who the customer is. */
static void find_kind(judge *g, uint32_t row, verdict *v) {
    const struct type_rule *rule = &rules[g->type];
    bool gift = str_is(column_text(&g->l->b->line_text[T_GIFT], row), "Y");
    bool back = rule->back || (rule->negative && negative(&v->f));
    v->kind = gift ? rule->gift : back && rule->negative ? rule->negative : rule->kind;
    if (gift && g->type == TYPE_RETURN_OUT && g->l->manufacturer) v->kind = FLOW_GIFT_IN;
    if (back) turn_back(&v->f);
    if (rule->sold && !gift && v->other && v->other->no && v->other->reports) v->kind = FLOW_ONWARD;
}

/* Who stands where. False: the line waits. */
static bool find_sides(judge *g, uint32_t row, verdict *v, const partner_word **to) {
    const batch *b = g->l->b;
    /* the manufacturer's shipments, returns and payments stand at the counterparty */
    bool of_maker = g->l->manufacturer && (g->type == TYPE_RETURN_OUT || g->type == TYPE_PAYMENT);
    *to = lookup_counterparty(g->l, row, v->day);
    bool must =
        rules[g->type].at_counterparty || g->type == TYPE_TRANSFER || (of_maker && (*to || g->type != TYPE_PAYMENT));
    if (must && (*to == NULL || (*to)->no == 0)) {
        quarantine(g, row, WAIT_PARTNER, column_text(&b->line_text[T_COUNTERPARTY], row));
        return false;
    }
    if (must && g->type != TYPE_TRANSFER) {
        v->place = *to;
        return true;
    }
    v->place = lookup_place(g->l, row, v->day);
    if (v->place->no == 0) {
        quarantine(g, row, WAIT_PLACE, column_text(&b->line_text[T_PLACE], row));
        return false;
    }
    v->other = rules[g->type].sold ? lookup_customer(g->l, row, v->day) : *to;
    return true;
}

static bool find_product(judge *g, uint32_t row, verdict *v) {
    if (g->type == TYPE_PAYMENT) return true;
    v->product = lookup_product(g->l, row, v->day);
    if (v->product->wait == 0) return true;
    bool unit = v->product->wait == WAIT_UNIT;
    quarantine(g, row, unit ? WAIT_UNIT : WAIT_PRODUCT, column_text(&g->l->b->line_text[unit ? T_UNIT : T_SKU], row));
    return false;
}

static void judge_line(judge *g, uint32_t row) {
    const partner_word *to;
    verdict v = {.day = (day_t)column_number(g->l->b->line_number[N_DATE], row)};
    if (!day_ok(g, v.day)) {
        quarantine_date(g, row, v.day);
        return;
    }
    if (g->nil) {
        g->x->p.posted++;
        return;
    }
    if (!find_product(g, row, &v) || !find_sides(g, row, &v, &to)) return;
    v.currency = lookup_currency(g->l, row, g->rules->currency);
    if (v.currency->no == 0) {
        quarantine(g, row, WAIT_OTHER, STR("currency"));
        return;
    }
    if (!line_figures(g, row, v.product, v.currency->scale, &v.f)) {
        quarantine(g, row, WAIT_OTHER, STR("figures out of range"));
        return;
    }
    find_kind(g, row, &v);
    if (g->type == TYPE_TRANSFER) post_transfer(g, row, &v, to);
    else
        (void)post(g, row, &v);
    note_soft_waits(g, row, &v);
    g->x->p.posted++;
}

void judge_document(judge *g, uint32_t doc) {
    const batch *b = g->l->b;
    for (uint32_t row = b->doc_first[doc]; row < b->doc_first[doc + 1]; row++) {
        uint32_t before = g->x->p.quarantine;
        day_t day = (day_t)column_number(b->line_number[N_DATE], row);
        judge_line(g, row);
        if (day_ok(g, day)) count_day(g->x, day, g->x->p.quarantine > before);
        g->x->lines++;
    }
}
