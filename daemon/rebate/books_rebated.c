#include "daemon/rebate/books_rows.h"

#include "daemon/ledger/contents.h"
#include "daemon/ledger/wallet.h"
#include <stdlib.h>

/* What was paid out of a rebate account, for policies that leave it out (paid_by_rebate: exclude). Two ways lead here:
 *   - a line says so (column paid_by_rebate): its posting bears the mark. Sums of months and days are read less it.
 *   - the wallet was used for an order (wallet use): shipments that name the order (`reference`, else their own number)
 *     are paid by it in the order of day, document, line, as far as it goes. Money of a wallet is with VAT. */

/* ---- lines that say so, taken out of sums */

static bool take_marked(void *arg, uint64_t document_no, const posting *p, const posted *x, err *e) {
    loader *l = arg;
    (void)document_no, (void)p, (void)e;
    if (!x->rebated) return true;
    uint32_t item = x->product && x->product < l->b->products_end ? l->b->product_at[x->product] : REBATE_NONE;
    l->rebated = arena_grown(l->a, l->rebated, l->rebates, &l->rebate_cap, sizeof *l->rebated);
    l->rebated[l->rebates++] = (rebated_row){item, x->currency, (flow_kind)x->kind, x->day, x->quantity, x->amount};
    return true;
}

bool loader_rebated(loader *l, uint32_t member, err *e) {
    key prefix = {.n = 0}, start = {.n = 0};
    day_t before = DAY_MIN;
    l->rebates = 0;
    if (l->p->paid_by_rebate || l->by_document || !l->b->rebated) return true;
    key_u32(&prefix, member);
    key_u32(&start, member);
    key_day(&start, l->from);
    for (AUTO(kv_cursor) c = kv_from(l->b->t, TABLE_REBATED_DAY, key_str(&prefix), key_str(&start)); kv_next(&c);) {
        reader k = reader_of(str_skip(c.key, prefix.n));
        day_t day = read_day(&k);
        if (day > l->to) break;
        if (day == before) continue;
        before = day;
        TRY(books_documents(l->b->t, member, day, day, l->kinds & ~l->returns, take_marked, l, e));
    }
    return true;
}

bool loader_less_rebated(const loader *l, uint32_t item, flow_kind kind, day_t first, day_t last, flow_sum *s) {
    for (size_t i = 0; i < l->rebates; i++) {
        const rebated_row *x = &l->rebated[i];
        if (x->item != item || x->kind != kind || x->currency != s->currency || x->day < first || x->day > last)
            continue;
        s->quantity -= x->quantity;
        s->lines--;
        if (x->amount == NUM_NONE) s->unpriced--;
        else
            s->amount -= x->amount;
    }
    return s->lines > 0;
}

/* ---- orders that the wallet was used for */

typedef struct order {
    str reference;
    int64_t left; /* minor units that no shipment has taken yet */
} order;

typedef struct shipped { /* a line of a shipment */
    uint64_t document;
    uint32_t line;
    size_t content;
    day_t day;
    int64_t amount, gross; /* on the basis of the books; with VAT */
    str order;
    int64_t covered; /* of gross */
} shipped;

typedef struct covering {
    loader *l;
    int64_t usual; /* tax rate of products that state none */
    order *order;
    size_t orders, order_cap;
    shipped *v;
    size_t n, cap;
    const content **content;
    size_t contents, content_cap;
} covering;

static order *order_called(covering *x, str reference) {
    for (size_t i = 0; i < x->orders; i++)
        if (str_eq(x->order[i].reference, reference)) return &x->order[i];
    return NULL;
}

static void orders_of_account(covering *x, const wallet_key *k) {
    wallet_move *m;
    size_t n = wallet_moves(x->l->b->t, k, x->l->a, &m);
    for (size_t i = 0; i < n; i++) {
        order *o = order_called(x, m[i].reference);
        if (m[i].cause != CAUSE_ORDER && (m[i].cause != CAUSE_REVERSAL || o == NULL)) continue;
        if (o == NULL) {
            x->order = arena_grown(x->l->a, x->order, x->orders, &x->order_cap, sizeof *x->order);
            o = &x->order[x->orders++];
            *o = (order){m[i].reference, 0};
        }
        o->left -= m[i].amount;
    }
}

static bool orders_of(covering *x) {
    wallet_key *k;
    const loader *l = x->l;
    bool any = false;
    size_t n = wallet_accounts(l->b->t, l->no, l->a, &k);
    for (size_t i = 0; i < n; i++)
        if (k[i].account == WALLET_REBATE && k[i].currency == l->b->currency && str_eq(k[i].company, l->p->company))
            orders_of_account(x, &k[i]);
    for (size_t i = 0; i < x->orders; i++) any = any || x->order[i].left > 0;
    return any;
}

static bool take_shipped(void *arg, uint64_t document_no, const posting *p, const posted *s, err *e) {
    covering *x = arg;
    const loader *l = x->l;
    const shipped *before = x->n ? &x->v[x->n - 1] : NULL;
    if (s->currency != l->b->currency || s->amount == NUM_NONE || s->amount <= 0 || s->rebated) return true;
    if (!books_of_company(p, s, l->p->company, l->b->company)) return true;
    shipped to = {.document = document_no, .line = s->line, .day = s->day, .amount = s->amount, .gross = s->amount};
    int64_t whole = pow10_i64(RATE_SCALE), rate = books_tax_rate(l->b->t, s, x->usual);
    if (l->b->excl && !mul_div(s->amount, whole + rate, whole, &to.gross))
        return err_set(e, ERR_DATA, "the amount of a shipment is too large");
    document *d = ARENA_NEW(l->a, document, 1);
    ASSERT(d != NULL);
    if (before && before->document == document_no) {
        to.content = before->content;
        to.order = before->order;
    } else if (document_get(l->b->t, document_no, l->a, d) && p->content < d->contents) {
        x->content = arena_grown(l->a, x->content, x->contents, &x->content_cap, sizeof(content *));
        x->content[x->contents] = &d->content[p->content];
        to.content = x->contents++;
        to.order = d->number;
    } else {
        return true;
    }
    x->v = arena_grown(l->a, x->v, x->n, &x->cap, sizeof *x->v);
    x->v[x->n++] = to;
    return true;
}

static bool take_order(void *arg, size_t which, const batch *t, uint32_t row, uint32_t line, err *e) {
    covering *x = arg;
    str named = str_trim(column_text(&t->line_text[T_REFERENCE], row));
    (void)e;
    for (size_t i = 0; named.n && i < x->n; i++)
        if (x->v[i].content == which && x->v[i].line == line) x->v[i].order = arena_str(x->l->a, named);
    return true;
}

static int by_shipped(const void *p, const void *q) {
    const shipped *a = p, *b = q;
    if (a->day != b->day) return a->day < b->day ? -1 : 1;
    if (a->document != b->document) return a->document < b->document ? -1 : 1;
    return (a->line > b->line) - (a->line < b->line);
}

static void cover(covering *x) {
    qsort(x->v, x->n, sizeof *x->v, by_shipped);
    for (size_t i = 0; i < x->n; i++) {
        shipped *s = &x->v[i];
        order *o = order_called(x, s->order);
        if (o == NULL || o->left <= 0) continue;
        s->covered = o->left < s->gross ? o->left : s->gross;
        o->left -= s->covered;
    }
}

static const shipped *covered_row(const covering *x, const rebate_row *row, const book_row *book) {
    for (size_t i = 0; i < x->n && row->kind == FLOW_SELL_IN; i++)
        if (x->v[i].covered && x->v[i].document == book->document && x->v[i].line == book->line) return &x->v[i];
    return NULL;
}

/* A row that is covered in part becomes two. */
static bool mark(covering *x, size_t at, err *e) {
    loader *l = x->l;
    book_row book = l->book[at];
    const shipped *s = covered_row(x, &l->row[at], &book);
    if (s == NULL) return true;
    if (s->covered == s->gross) return l->row[at].flags |= ROW_PAID_BY_REBATE, true;
    rebate_row paid = l->row[at];
    if (!mul_div(s->amount, s->covered, s->gross, &paid.amount) ||
        !mul_div(paid.quantity, s->covered, s->gross, &paid.quantity))
        return err_set(e, ERR_DATA, "the amount of a shipment is too large");
    paid.flags |= ROW_PAID_BY_REBATE;
    l->row[at].amount -= paid.amount;
    l->row[at].quantity -= paid.quantity;
    loader_add(l, &paid, &book);
    return true;
}

bool loader_orders(loader *l, size_t first, const uint32_t *member, size_t n, err *e) {
    covering x = {.l = l};
    size_t rows = l->rows;
    if (l->p->paid_by_rebate || l->p->basis != BASIS_SELL_IN || !orders_of(&x)) return true;
    x.usual = books_usual_tax_rate(l->b->t);
    for (size_t i = 0; i < n; i++)
        TRY(books_documents(l->b->t, member[i], DAY_MIN, l->until, 1U << FLOW_SELL_IN, take_shipped, &x, e));
    if (x.n == 0) return true;
    TRY(contents_walk_all(l->b->t, x.content, x.contents, take_order, &x, e));
    cover(&x);
    for (size_t i = first; i < rows; i++) TRY(mark(&x, i, e));
    return true;
}
