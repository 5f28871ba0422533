#include "daemon/rebate/books_rows.h"

#include "daemon/ledger/contents.h"
#include <stdlib.h>

/* Days to pay. A payment pays the invoice that it names (`reference`, the number of the shipment's document), as far as
 * that is open, then the oldest open invoice. An invoice is a shipment's document at the partner, with what its lines
 * amount to; what came back is not taken off it. Days are those from the invoice to the payment, 0 for what was paid in
 * advance. A row that is paid in pieces becomes as many rows. */

typedef struct invoice {
    uint64_t document;
    str number;
    day_t day;
    int64_t amount, open; /* minor units */
} invoice;

typedef struct payment {
    uint64_t document;
    uint32_t line;
    size_t content; /* of payer.content */
    day_t day;
    int64_t left;
    str reference;
} payment;

typedef struct piece { /* so much of an invoice by so much of a payment */
    size_t invoice, payment;
    int64_t amount;
    int32_t days;
} piece;

typedef struct payer {
    loader *l;
    invoice *invoice;
    size_t invoices, invoice_cap;
    payment *payment;
    size_t payments, payment_cap;
    piece *piece;
    size_t pieces, piece_cap;
    const content **content;
    size_t contents, content_cap;
} payer;

static bool take_invoice(void *arg, uint64_t document_no, const posting *p, const posted *x, err *e) {
    payer *y = arg;
    (void)e;
    (void)p;
    if (x->currency != y->l->b->currency || x->amount == NUM_NONE || x->amount <= 0) return true;
    invoice *last = y->invoices ? &y->invoice[y->invoices - 1] : NULL;
    if (last == NULL || last->document != document_no) {
        document d;
        y->invoice = arena_grown(y->l->a, y->invoice, y->invoices, &y->invoice_cap, sizeof *y->invoice);
        last = &y->invoice[y->invoices++];
        *last = (invoice){.document = document_no, .day = x->day, .number = STR("")};
        if (document_get(y->l->b->t, document_no, y->l->a, &d) && d.number.n) last->number = d.number;
    }
    last->amount += x->amount;
    last->open = last->amount;
    return true;
}

static bool take_payment(void *arg, uint64_t document_no, const posting *p, const posted *x, err *e) {
    payer *y = arg;
    document *d = ARENA_NEW(y->l->a, document, 1);
    (void)e;
    if (x->currency != y->l->b->currency || x->amount == NUM_NONE || x->amount <= 0) return true;
    y->payment = arena_grown(y->l->a, y->payment, y->payments, &y->payment_cap, sizeof *y->payment);
    payment *to = &y->payment[y->payments++];
    *to = (payment){.document = document_no, .line = x->line, .day = x->day, .left = x->amount, .reference = STR("")};
    to->content = SIZE_MAX;
    if (y->payments > 1 && to[-1].document == document_no) {
        to->content = to[-1].content;
    } else if (document_get(y->l->b->t, document_no, y->l->a, d) && p->content < d->contents) {
        y->content = arena_grown(y->l->a, y->content, y->contents, &y->content_cap, sizeof(content *));
        y->content[y->contents] = &d->content[p->content];
        to->content = y->contents++;
    }
    return true;
}

static bool take_reference(void *arg, size_t which, const batch *t, uint32_t row, uint32_t line, err *e) {
    payer *y = arg;
    str named = str_trim(column_text(&t->line_text[T_REFERENCE], row));
    (void)e;
    for (size_t i = 0; named.n && i < y->payments; i++)
        if (y->payment[i].content == which && y->payment[i].line == line)
            y->payment[i].reference = arena_str(y->l->a, named);
    return true;
}

/* ---- who pays what */

static int by_invoice(const void *x, const void *y) {
    const invoice *a = x, *b = y;
    if (a->day != b->day) return a->day < b->day ? -1 : 1;
    int order = str_cmp(a->number, b->number);
    return order ? order : (a->document > b->document) - (a->document < b->document);
}

static int by_payment(const void *x, const void *y) {
    const payment *a = x, *b = y;
    if (a->day != b->day) return a->day < b->day ? -1 : 1;
    if (a->document != b->document) return a->document < b->document ? -1 : 1;
    return (a->line > b->line) - (a->line < b->line);
}

static void pay(payer *y, size_t from, size_t to) {
    payment *p = &y->payment[from];
    invoice *v = &y->invoice[to];
    int64_t amount = p->left < v->open ? p->left : v->open;
    if (amount == 0) return;
    y->piece = arena_grown(y->l->a, y->piece, y->pieces, &y->piece_cap, sizeof *y->piece);
    y->piece[y->pieces++] = (piece){to, from, amount, p->day > v->day ? p->day - v->day : 0};
    p->left -= amount;
    v->open -= amount;
}

static void pay_all(payer *y) {
    size_t oldest = 0;
    if (y->invoices) qsort(y->invoice, y->invoices, sizeof *y->invoice, by_invoice);
    if (y->payments) qsort(y->payment, y->payments, sizeof *y->payment, by_payment);
    for (size_t i = 0; i < y->payments; i++)
        for (size_t k = 0; y->payment[i].reference.n && k < y->invoices; k++)
            if (str_eq(y->invoice[k].number, y->payment[i].reference)) pay(y, i, k);
    for (size_t i = 0; i < y->payments; i++)
        while (y->payment[i].left && oldest < y->invoices) {
            pay(y, i, oldest);
            if (y->invoice[oldest].open == 0) oldest++;
        }
}

/* ---- into the rows */

static bool of_row(const payer *y, const piece *x, const rebate_row *row, const book_row *book) {
    if (row->kind == FLOW_PAYMENT) {
        const payment *p = &y->payment[x->payment];
        return p->document == book->document && p->line == book->line;
    }
    return y->invoice[x->invoice].document == book->document;
}

/* A row takes what is left of its pieces; the part of it that none pays stays unpaid (a payment: paid in advance). */
static void split(payer *y, size_t at) {
    rebate_row row = y->l->row[at], rest = row;
    book_row book = y->l->book[at];
    bool bought = row.kind == FLOW_PAYMENT || row.kind == FLOW_SELL_IN, first = true;
    if (!bought || row.amount == NUM_NONE || row.amount <= 0) return;
    for (size_t i = 0; i < y->pieces && rest.amount > 0; i++) {
        piece *x = &y->piece[i];
        rebate_row part = rest;
        if (x->amount == 0 || !of_row(y, x, &row, &book)) continue;
        if (x->amount < rest.amount) part.amount = x->amount;
        if (part.amount < rest.amount && !mul_div(row.quantity, part.amount, row.amount, &part.quantity))
            part.quantity = 0;
        part.days_to_pay = x->days;
        x->amount -= part.amount;
        rest.amount -= part.amount;
        rest.quantity -= part.quantity;
        if (first) part.no = row.no, y->l->row[at] = part;
        else
            loader_add(y->l, &part, &book);
        first = false;
    }
    rest.days_to_pay = row.kind == FLOW_PAYMENT ? 0 : DAYS_UNPAID;
    if (first) y->l->row[at].days_to_pay = rest.days_to_pay;
    else if (rest.amount > 0)
        loader_add(y->l, &rest, &book);
}

bool loader_days_to_pay(loader *l, size_t first, const uint32_t *member, size_t n, err *e) {
    payer y = {.l = l};
    size_t rows = l->rows;
    for (size_t i = 0; i < n; i++) {
        TRY(books_documents(l->b->t, member[i], DAY_MIN, l->until, 1U << FLOW_SELL_IN, take_invoice, &y, e));
        TRY(books_documents(l->b->t, member[i], DAY_MIN, l->until, 1U << FLOW_PAYMENT, take_payment, &y, e));
    }
    TRY(contents_walk_all(l->b->t, y.content, y.contents, take_reference, &y, e));
    pay_all(&y);
    for (size_t i = first; i < rows; i++) split(&y, i);
    return true;
}
