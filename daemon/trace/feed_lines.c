/* What is posted, line by line, with what its file says beside it: row, customer, gift. */
#include "daemon/catalog/partner.h"
#include "daemon/ledger/customers.h"
#include "daemon/ledger/document.h"
#include "daemon/ledger/posting.h"
#include "daemon/ledger/promoted.h"
#include "daemon/store/store.h"
#include "daemon/trace/feed_parts.h"
#include <stdlib.h>

typedef struct taking { /* of one document */
    feed *f;
    const posting *p;
    str number;
    uint32_t next; /* row of the posting that comes */
    uint32_t *at;  /* position in f->line of each line of the content, TRACE_NONE */
} taking;

static uint32_t customer_of(feed *f, str word) {
    if (word.n == 0) return TRACE_NONE;
    bool created;
    uint64_t *at = map_find(&f->customers, word);
    if (at) return (uint32_t)*at;
    str kept = arena_str(f->a, word);
    *map_at(&f->customers, kept, &created) = f->customers_n;
    f->customer = arena_grown(f->a, f->customer, f->customers_n, &f->customer_cap, sizeof *f->customer);
    f->customer[f->customers_n] = kept;
    return (uint32_t)f->customers_n++;
}

static bool is_sold(uint8_t kind) {
    return kind == FLOW_SELL_OUT || kind == FLOW_ONWARD || kind == FLOW_RETURN || kind == FLOW_GIFT_OUT;
}

/* Where the customer sits: as this line says, else as any of its lines said. */
static void customer_region(feed *f, const posted *x, str word, str stated, trace_line *l) {
    customer_card card;
    uint32_t region;
    if (!is_sold(l->kind) || l->source == REGION_STATED || l->source == REGION_CUSTOMER || word.n == 0) return;
    uint32_t reporter = partner_fact_of(&f->f, x->partner)->reporter;
    bool own = stated.n && resolve_region(f->t, reporter, stated, l->day, &region);
    if (!own && (!customer_card_get(f->t, reporter, word, &card) || card.fact[CUSTOMER_REGION].n == 0)) return;
    if (!own && !resolve_region(f->t, reporter, card.fact[CUSTOMER_REGION], l->day, &region)) return;
    l->region = feed_region(f, region);
    l->source = REGION_CUSTOMER;
}

/* A price that a promotion allows is no price below the floor. */
static bool is_promoted(feed *f, const posted *x) {
    promotion_bond bond = promotion_of_posted(&f->promotions, x);
    return bond.of != NULL && bond.role == PROMOTION_PRICED;
}

static bool sold_at_a_price(const trace_line *l) {
    return (l->kind == FLOW_SELL_OUT || l->kind == FLOW_ONWARD) && !l->gift && l->amount != NUM_NONE && l->quantity > 0;
}

static void take_row(taking *w, const posted *x, const batch *b, uint32_t row) {
    feed *f = w->f;
    if (x->product == 0 || x->day > f->as_of || !feed_counts(f, x->partner, x->day)) return;
    int64_t no = column_number(b->line_number[N_ROW], row);
    str word = x->kind == FLOW_SELL_IN ? STR("") : column_text(&b->line_text[T_CUSTOMER], row);
    trace_line l = {.partner = feed_partner(f, x->partner),
                    .product = feed_product(f, x->product),
                    .counterparty = feed_partner(f, x->counterparty),
                    .customer = customer_of(f, word),
                    .day = x->day,
                    .region = feed_region(f, x->region),
                    .source = x->source,
                    .kind = x->kind,
                    .gift = str_is(column_text(&b->line_text[T_GIFT], row), "Y"),
                    .coded = column_text(&b->line_text[T_CODES], row).n > 0,
                    .quantity = x->quantity,
                    .amount = x->amount,
                    .floor = NUM_NONE,
                    .channel = x->channel ? arena_str(f->a, w->p->text[x->channel]) : STR(""),
                    .document = w->number,
                    .row = no == NUM_NONE ? 0 : (uint32_t)no};
    if (l.partner == TRACE_NONE || l.product == TRACE_NONE) return;
    customer_region(f, x, word, column_text(&b->line_text[T_CUSTOMER_REGION], row), &l);
    l.promoted = is_promoted(f, x);
    if (sold_at_a_price(&l)) l.floor = feed_floor(f, x->product, x->partner, l.channel, l.day);
    f->line = arena_grown(f->a, f->line, f->lines, &f->line_cap, sizeof *f->line);
    if (w->at[x->line] == TRACE_NONE) w->at[x->line] = (uint32_t)f->lines;
    f->line[f->lines++] = l;
}

static bool take_line(void *arg, const batch *b, uint32_t row, uint32_t line, err *e) {
    taking *w = arg;
    (void)e;
    while (w->next < w->p->rows && w->p->row[w->next].line == line) take_row(w, &w->p->row[w->next++], b, row);
    return true;
}

static int by_line(const void *x, const void *y) {
    const posted *a = x, *b = y;
    if (a->line != b->line) return a->line < b->line ? -1 : 1;
    return (a->quantity > b->quantity) - (a->quantity < b->quantity);
}

static bool take_document(feed *f, uint64_t no, arena *scratch, err *e) {
    document d;
    posting p;
    if (!document_get(f->t, no, scratch, &d) || d.posted == 0 || !posting_get(f->t, no, scratch, &p)) return true;
    const content *c = &d.content[d.posted - 1];
    taking w = {.f = f, .p = &p, .number = arena_str(f->a, d.number)};
    w.at = arena_alloc(scratch, (c->lines + 1) * sizeof *w.at);
    ASSERT(w.at != NULL);
    for (uint32_t i = 0; i <= c->lines; i++) w.at[i] = TRACE_NONE;
    if (p.rows) qsort(p.row, p.rows, sizeof *p.row, by_line);
    TRY(contents_walk_on(f->t, &f->kept, c, take_line, &w, e));
    feed_document_codes(f, no, w.at, c->lines);
    return true;
}

/* By number, so that a batch is read once for the documents that it brought. */
bool feed_lines(feed *f, err *e) {
    AUTO(arena) scratch = {0};
    arena_init(&scratch, SIZE_MAX);
    for (AUTO(kv_cursor) c = kv_from(f->t, TABLE_DOCUMENT_NO, STR(""), STR_NONE); kv_next(&c);) {
        arena_reset(&scratch);
        TRY(take_document(f, get_be64(c.key.p), &scratch, e));
    }
    return txn_ok(f->t, e);
}
