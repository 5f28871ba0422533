/* What waits for a stock count under verified_sell_out, and what a count would release: rebate waits; also for the page of
 * rebate explain. */
#include "daemon/catalog/catalog.h"
#include "daemon/command/cells.h"
#include "daemon/command/rebate.h"
#include "proto/limits.h"

enum { RELEASES_MAX = 200 };                 /* of one list: each is an evaluation of one partner and period */
static const int64_t plenty = 1000000000000; /* 10^9 base units */

int64_t lines_sum(const books_result *r) {
    int64_t sum = 0;
    for (const rebate_line *l = r->lines.first; l; l = l->next) (void)add_i64(sum, l->amount, &sum);
    return sum;
}

static void days_of(const policy *p, int32_t period, day_t *first, day_t *last) {
    *first = p->period == PERIOD_ONCE ? p->from : period_first(p->period, period);
    *last = p->period == PERIOD_ONCE ? p->to : period_last(p->period, period);
}

/* Supposed are counts that bear out everything: goods enough were there before, none after. */
bool release_of(books *b, const policy *p, const books_ask *whose, uint32_t item, int64_t now, int64_t *out, err *e) {
    AUTO(arena) a = {0};
    day_t first, last;
    uint32_t at = books_partner(b, whose->partner);
    days_of(p, whose->first, &first, &last);
    const rebate_count count[] = {{at, item, first - 1, plenty}, {at, item, last, 0}};
    books_ask ask = *whose;
    books_result r;
    ask.trace = false;
    ask.count = count;
    ask.counts = ARRAY_LEN(count);
    arena_init(&a, SIZE_MAX); /* one partner's lines of a period */
    TRY(books_evaluate(b, p, &ask, &a, &r, e));
    *out = lines_sum(&r) - now;
    return true;
}

/* The count is for the end of the month of the last sale; where none came before, that before the period is wanted too. */
void release_say(const policy *p, int32_t period, const rebate_note *w, int64_t fen, buf *zh, buf *en) {
    day_t first, last;
    days_of(p, period, &first, &last);
    buf_addz(zh, "补 ");
    buf_addz(en, "a count for ");
    if (str_starts(w->by, STR("opening"))) {
        buf_printf(zh, "%u 月、", civil_of(first - 1).month);
        month_put(en, month_of(first - 1));
        buf_addz(en, " and one for ");
    }
    buf_printf(zh, "%u 月盘点可释放 ", civil_of(w->day).month);
    yuan_put(zh, fen);
    month_put(en, month_of(w->day));
    buf_addz(en, " releases ");
    dec_put(en, fen, FEN_SCALE, FEN_SCALE);
}

str release_missing(const rebate_note *w) {
    return w->kind == NOTE_NO_COUNT ? w->by : STR("later count");
}

/* ---- rebate waits */

static const char *const columns[] = {"partner", "policy",   "period", "sku", "quantity",
                                      "missing", "releases", "zh",     "en"};

typedef struct waiting_list {
    call *c;
    books *b;
    const policy *p;
    size_t left; /* releases that are still worked out */
} waiting_list;

static int64_t pays(const books_result *r, uint32_t at, int32_t period) {
    int64_t sum = 0;
    for (const rebate_line *l = r->lines.first; l; l = l->next)
        if (l->partner == at && l->period == period) (void)add_i64(sum, l->amount, &sum);
    return sum;
}

static bool put_wait(waiting_list *w, const books_result *r, const rebate_note *n, err *e) {
    AUTO(buf) zh = {0};
    AUTO(buf) en = {0};
    int64_t fen = NUM_NONE;
    int32_t period = n->kind == NOTE_NO_COUNT ? period_of(w->p->period, n->day) : n->period;
    books_ask one = BOOKS_ALL;
    one.partner = w->b->partner_no[n->partner];
    one.first = one.last = period;
    if (w->left && w->left--) TRY(release_of(w->b, w->p, &one, n->product, pays(r, n->partner, period), &fen, e));
    if (fen != NUM_NONE && fen > 0) release_say(w->p, period, n, fen, &zh, &en);
    json *j = answer_row(w->c);
    cell_text(j, "partner", w->b->world.partner[n->partner].id);
    cell_text(j, "policy", w->p->name);
    cell_period(j, "period", w->p, period);
    cell_text(j, "sku", w->b->world.product[n->product].sku);
    cell_quantity(j, "quantity", n->quantity);
    cell_text(j, "missing", release_missing(n));
    cell_fen(j, "releases", fen);
    cell_text(j, "zh", buf_str(&zh));
    cell_text(j, "en", buf_str(&en));
    answer_row_end(w->c);
    return true;
}

static bool waits_of(waiting_list *w, const books_ask *ask, err *e) {
    AUTO(arena) a = {0};
    books_result r;
    err unused;
    arena_init(&a, SIZE_MAX); /* as large as what the policy pays */
    TRY(books_evaluate(w->b, w->p, ask, &a, &r, e));
    for (const rebate_note *n = r.lines.note; n && !answer_failed(w->c); n = n->next) {
        if (n->kind != NOTE_NO_COUNT && n->kind != NOTE_UNVERIFIED) continue;
        if (authz(w->c, "read", w->b->partner_no[n->partner], &unused)) TRY(put_wait(w, &r, n, e));
    }
    return true;
}

bool cmd_rebate_waits(call *c, err *e) {
    AUTO(policies) all = {0};
    AUTO(books) b = {0};
    books_ask whose = BOOKS_ALL;
    TRY(rebates_asked(c, &whose, &all, &b, e));
    answer_list(c, columns, ARRAY_LEN(columns));
    waiting_list w = {.c = c, .b = &b, .left = RELEASES_MAX};
    for (size_t i = 0; i < all.n; i++) {
        books_ask ask = whose;
        w.p = &all.v[i].policy;
        if (w.p->basis == BASIS_VERIFIED && period_asked(c, w.p, &ask)) TRY(waits_of(&w, &ask, e));
    }
    return true;
}
