#include "daemon/rebate/credit.h"

#include "daemon/catalog/settings.h"
#include "daemon/ledger/contents.h"
#include "daemon/ledger/members.h"
#include "daemon/rebate/books_rows.h"
#include "maths/share.h"

#include <stdlib.h>

typedef struct returned { /* a line that came back */
    uint64_t document;
    uint32_t line, rate;
    size_t content;
    day_t day;
    int64_t amount; /* above 0 */
    str reference;
} returned;

typedef struct reading {
    txn *t;
    arena *a;
    str company, otherwise;
    uint32_t currency;
    int64_t rate; /* of products that state none */
    open_invoices *out;
    returned *back;
    size_t backs, back_cap;
    const content **content;
    size_t contents, content_cap;
} reading;

static uint32_t rate_of(const reading *r, const posted *x) {
    return (uint32_t)books_tax_rate(r->t, x, r->rate);
}

static bool is_of(const reading *r, const posting *p, const posted *x) {
    return x->currency == r->currency && x->amount != NUM_NONE && books_of_company(p, x, r->company, r->otherwise);
}

static str number_of(const reading *r, uint64_t document_no) {
    document d;
    return document_get(r->t, document_no, r->a, &d) ? d.number : STR("");
}

static bool take_invoice(void *arg, uint64_t document_no, const posting *p, const posted *x, err *e) {
    reading *r = arg;
    open_invoices *v = r->out;
    (void)e;
    if (!is_of(r, p, x)) return true;
    uint32_t rate = rate_of(r, x);
    size_t i = v->n;
    while (i > 0 && v->at[i - 1].document == document_no && v->at[i - 1].rate != rate) i--;
    if (i == 0 || v->at[i - 1].document != document_no) {
        v->at = arena_grown(r->a, v->at, v->n, &v->cap, sizeof *v->at);
        v->at[v->n++] =
            (open_invoice){.document = document_no, .number = number_of(r, document_no), .day = x->day, .rate = rate};
        i = v->n;
    }
    v->at[i - 1].amount += x->amount;
    return true;
}

static bool take_return(void *arg, uint64_t document_no, const posting *p, const posted *x, err *e) {
    reading *r = arg;
    (void)e;
    if (!is_of(r, p, x)) return true;
    bool same = r->backs && r->back[r->backs - 1].document == document_no;
    r->back = arena_grown(r->a, r->back, r->backs, &r->back_cap, sizeof *r->back);
    returned *to = &r->back[r->backs++];
    *to = (returned){.document = document_no,
                     .line = x->line,
                     .rate = rate_of(r, x),
                     .content = same ? to[-1].content : SIZE_MAX,
                     .day = x->day,
                     .amount = -x->amount,
                     .reference = STR("")};
    document *d = ARENA_NEW(r->a, document, 1);
    ASSERT(d != NULL);
    if (same || !document_get(r->t, document_no, r->a, d) || p->content >= d->contents) return true;
    r->content = arena_grown(r->a, r->content, r->contents, &r->content_cap, sizeof(content *));
    r->content[r->contents] = &d->content[p->content];
    to->content = r->contents++;
    return true;
}

static bool take_reference(void *arg, size_t which, const batch *b, uint32_t row, uint32_t line, err *e) {
    reading *r = arg;
    str named = str_trim(column_text(&b->line_text[T_REFERENCE], row));
    (void)e;
    for (size_t i = 0; named.n && i < r->backs; i++)
        if (r->back[i].content == which && r->back[i].line == line) r->back[i].reference = arena_str(r->a, named);
    return true;
}

/* ---- what is open */

static int by_document(const void *x, const void *y) {
    const open_invoice *a = x, *b = y;
    if (a->document != b->document) return a->document < b->document ? -1 : 1;
    return (a->rate > b->rate) - (a->rate < b->rate);
}

static int by_rate(const void *x, const void *y) {
    const open_invoice *a = x, *b = y;
    if (a->rate != b->rate) return a->rate < b->rate ? -1 : 1;
    if (a->day != b->day) return a->day < b->day ? -1 : 1;
    int order = str_cmp(a->number, b->number);
    return order ? order : by_document(x, y);
}

/* One invoice may stand at the partner and at a place of it. */
static void merge(open_invoices *v) {
    size_t n = 0;
    if (v->n) qsort(v->at, v->n, sizeof *v->at, by_document);
    for (size_t i = 0; i < v->n; i++) {
        if (n && by_document(&v->at[n - 1], &v->at[i]) == 0) v->at[n - 1].amount += v->at[i].amount;
        else
            v->at[n++] = v->at[i];
    }
    v->n = n;
    if (v->n) qsort(v->at, v->n, sizeof *v->at, by_rate);
}

static int64_t take_off(open_invoice *v, int64_t amount) {
    int64_t rest = v->amount - v->returned, some = rest < amount ? rest : amount;
    if (some <= 0) return 0;
    v->returned += some;
    return some;
}

static open_invoice *oldest_open(open_invoices *v, const returned *back, bool any_rate) {
    open_invoice *best = NULL;
    for (size_t i = 0; i < v->n; i++) {
        open_invoice *x = &v->at[i];
        if (x->day > back->day || x->amount <= x->returned || (!any_rate && x->rate != back->rate)) continue;
        if (best == NULL || x->day < best->day) best = x;
    }
    return best;
}

static void give_back(open_invoices *v, returned *back) {
    for (int any = 0; any < 2 && back->reference.n; any++)
        for (size_t i = 0; i < v->n; i++)
            if (str_eq(v->at[i].number, back->reference) && (any || v->at[i].rate == back->rate))
                back->amount -= take_off(&v->at[i], back->amount);
    for (int any = 0; any < 2 && back->reference.n == 0; any++)
        for (open_invoice *x; back->amount > 0 && (x = oldest_open(v, back, any)) != NULL;)
            back->amount -= take_off(x, back->amount);
}

static bool with_tax(reading *r, err *e) {
    bool excl = str_is(setting_text(r->t, SETTING_TAX_BASIS), "excl");
    for (size_t i = 0; excl && i < r->out->n; i++) {
        open_invoice *v = &r->out->at[i];
        if (!mul_div(v->amount, pow10_i64(RATE_SCALE) + v->rate, pow10_i64(RATE_SCALE), &v->amount))
            return err_set(e, ERR_DATA, "an invoice is too large");
    }
    for (size_t i = 0; excl && i < r->backs; i++) {
        returned *b = &r->back[i];
        if (!mul_div(b->amount, pow10_i64(RATE_SCALE) + b->rate, pow10_i64(RATE_SCALE), &b->amount))
            return err_set(e, ERR_DATA, "a return is too large");
    }
    return true;
}

bool credit_invoices(txn *t, uint32_t partner_no, str company, uint32_t currency, day_t from, day_t to, arena *a,
                     open_invoices *out, err *e) {
    AUTO(facts) f = {0};
    AUTO(credits) there = {0};
    reading r = {.t = t,
                 .a = a,
                 .company = company,
                 .otherwise = setting_text(t, SETTING_COMPANY),
                 .currency = currency,
                 .rate = setting_number(t, SETTING_TAX_RATE),
                 .out = out};
    uint32_t *member;
    *out = (open_invoices){.n = 0};
    facts_init(&f, t);
    size_t n = members_of(&f, partner_no, a, &member);
    for (size_t i = 0; i < n; i++) {
        TRY(books_documents(t, member[i], from, to, 1U << FLOW_SELL_IN, take_invoice, &r, e));
        TRY(books_documents(t, member[i], from, DAY_MAX, 1U << FLOW_RETURN_OUT, take_return, &r, e));
    }
    TRY(contents_walk_all(t, r.content, r.contents, take_reference, &r, e));
    merge(out);
    TRY(with_tax(&r, e));
    for (size_t i = 0; i < r.backs; i++) give_back(out, &r.back[i]);
    credits_of(t, partner_no, &there);
    for (size_t i = 0; i < out->n; i++) {
        open_invoice *v = &out->at[i];
        v->credited = credits_get(&there, v->document, v->rate);
        v->open = v->amount - v->returned - v->credited;
        if (v->open < 0) v->open = 0;
    }
    return txn_ok(t, e);
}

/* ---- sharing */

typedef struct sharing {
    const open_invoices *v;
    int64_t *part; /* of each invoice */
    wide *weight;
    int64_t *share;
    arena *a;
} sharing;

static bool too_large(err *e) {
    return err_set(e, ERR_DATA, "a credit note: the sums are too large");
}

/* Invoices i … end are of one rate; those outside the days asked for weigh nothing. */
static bool share_rate(sharing *s, size_t from, size_t to, const int64_t *open, int64_t amount, err *e) {
    for (size_t i = from; i < to; i++) s->weight[i] = open[i];
    if (amount == 0) return true;
    if (!share_out(amount, s->weight + from, to - from, s->share, s->a)) return too_large(e);
    for (size_t i = from; i < to; i++) s->part[i] += s->share[i - from];
    return true;
}

static size_t rate_end(const open_invoices *v, size_t from) {
    size_t to = from;
    while (to < v->n && v->at[to].rate == v->at[from].rate) to++;
    return to;
}

/* One round: over the rates, then over the invoices of each. *left becomes what could not be taken. */
static bool share_round(sharing *s, const int64_t *open, int64_t *left, err *e) {
    const open_invoices *v = s->v;
    int64_t *of_rate = ARENA_NEW(s->a, int64_t, v->n + 1), all = 0;
    wide *weight = ARENA_NEW(s->a, wide, v->n + 1);
    size_t rates = 0;
    ASSERT(of_rate != NULL && weight != NULL);
    for (size_t from = 0, to; from < v->n; from = to, rates++) {
        to = rate_end(v, from);
        weight[rates] = 0;
        for (size_t i = from; i < to; i++) weight[rates] += open[i];
        all += (int64_t)weight[rates];
    }
    int64_t amount = *left < all ? *left : all;
    if (amount == 0) return true;
    if (!share_out(amount, weight, rates, of_rate, s->a)) return too_large(e);
    rates = 0;
    for (size_t from = 0, to; from < v->n; from = to) {
        to = rate_end(v, from);
        TRY(share_rate(s, from, to, open, of_rate[rates++], e));
    }
    *left -= amount;
    return true;
}

static bool share_tax(sharing *s, redemption_line *line, size_t n, err *e) {
    for (size_t from = 0, to; from < n; from = to) {
        int64_t sum = 0, tax;
        for (to = from; to < n && line[to].rate == line[from].rate; to++) {
            s->weight[to - from] = line[to].amount;
            sum += line[to].amount;
        }
        if (!mul_div(sum, line[from].rate, pow10_i64(RATE_SCALE) + line[from].rate, &tax)) return too_large(e);
        if (tax && !share_out(tax, s->weight, to - from, s->share, s->a)) return too_large(e);
        for (size_t i = from; i < to && tax; i++) line[i].tax = s->share[i - from];
    }
    return true;
}

bool credit_allot(const open_invoices *v, day_t first, day_t last, int64_t amount, arena *a, redemption_line **out,
                  size_t *n, int64_t *allotted, err *e) {
    sharing s = {.v = v, .a = a};
    int64_t left = amount, *open = ARENA_NEW(a, int64_t, v->n + 1);
    s.part = ARENA_NEW(a, int64_t, v->n + 1);
    s.share = ARENA_NEW(a, int64_t, v->n + 1);
    s.weight = ARENA_NEW(a, wide, v->n + 1);
    *out = ARENA_NEW(a, redemption_line, v->n + 1);
    ASSERT(open != NULL && s.part != NULL && s.share != NULL && s.weight != NULL && *out != NULL);
    for (size_t i = 0; i < v->n; i++) s.part[i] = 0;
    for (int others = 0; others < 2; others++) {
        for (size_t i = 0; i < v->n; i++) {
            bool inside = v->at[i].day >= first && v->at[i].day <= last;
            open[i] = inside == !others ? v->at[i].open : 0;
        }
        TRY(share_round(&s, open, &left, e));
    }
    *n = 0;
    for (size_t i = 0; i < v->n; i++) {
        const open_invoice *x = &v->at[i];
        if (s.part[i] == 0) continue;
        (*out)[(*n)++] = (redemption_line){.document = x->document,
                                           .day = x->day,
                                           .rate = x->rate,
                                           .amount = s.part[i],
                                           .credited = x->credited,
                                           .number = x->number};
    }
    *allotted = amount - left;
    return share_tax(&s, *out, *n, e);
}
