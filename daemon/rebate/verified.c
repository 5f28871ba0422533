#include "daemon/rebate/parts.h"

#include <stdlib.h>

/* Quantities that wait. A product's parts stand in a queue by day; what a period cannot take stays in the queue for the
 * next one.
 *
 * verified_sell_out: what was reported sold, as far as counts bear it out. Between the opening count of a period (the last
 * before it, else the first in it) and its closing count (the last in it)
 *   verified = min(net final sell-out, opening + receipts + transfers + return_out − closing)
 * with return_out negative as booked. What was sold after the closing count waits for the next, and so does what was
 * reported beyond what went. What is held of a product's sales on some days (a case) is taken out of both, the latest first.
 *
 * stock_cap: sell-in that only filled the shelf. Stock at the end of a period beyond `months` of its average monthly
 * sell-out is taken off the period's sell-in, the latest first, and counts in the next (carry_over) or never. */

typedef struct queue {
    partner_work *w;
    parts *all;
    uint32_t owner, product; /* who reported it, what */
    part **x;                /* of these, by day */
    size_t n, next;
    int64_t *held;  /* of each hold of the partner: what was taken out; NULL: none */
    int64_t beyond; /* of what waits: reported beyond what went until the last closing count */
} queue;

enum { WAITS = INT32_MAX }; /* the period of what waits for ever */

static int by_product_day(const void *a, const void *b, void *world) {
    const part *x = *(const part *const *)a, *y = *(const part *const *)b;
    if (x->owner != y->owner) return x->owner < y->owner ? -1 : 1;
    if (x->product != y->product) return x->product < y->product ? -1 : 1;
    return parts_compare(world, x, y);
}

static int64_t quantity_until(const queue *q, size_t end) {
    int64_t sum = 0;
    for (size_t i = q->next; i < end; i++) sum += q->x[i]->quantity;
    return sum;
}

/* A new part with `quantity` of x; amounts in proportion. */
static bool split(queue *q, part *x, int64_t quantity, part **out, err *e) {
    part *rest = &q->all->part[q->all->n++];
    *rest = *x;
    rest->quantity = quantity;
    if (!wide_round((wide)x->amount * quantity, x->quantity, &rest->amount)) return figures_too_large(e);
    x->quantity -= quantity;
    x->amount -= rest->amount;
    *out = rest;
    return part_measure(q->w->plan, x, e) && part_measure(q->w->plan, rest, e);
}

/* Take the parts up to `end` out of the queue, but for `off` units, the latest: these stay at its head. */
static bool take_but(queue *q, size_t end, int64_t off, int32_t period, err *e) {
    size_t head = end;
    for (size_t i = end; i-- > q->next;) {
        part *x = q->x[i];
        if (off <= 0 || x->quantity <= 0) {
            x->period = period;
        } else if (x->quantity <= off) {
            off -= x->quantity;
            q->x[--head] = x;
        } else {
            TRY(split(q, x, off, &q->x[--head], e));
            x->period = period;
            off = 0;
        }
    }
    q->next = head;
    return true;
}

static void note_waits(const queue *q, rebate_note_kind kind, int32_t period, day_t day, int64_t quantity) {
    if (quantity)
        note_add(q->w, (rebate_note){
                           .kind = kind, .product = q->product, .period = period, .day = day, .quantity = quantity});
}

/* Of a period that the policy cuts, the days inside; one before it is whole, as a baseline. */
static void period_days(const policy *p, int32_t period, day_t *first, day_t *last) {
    bool once = p->period == PERIOD_ONCE;
    *first = once ? p->from : period_first(p->period, period);
    *last = once ? p->to : period_last(p->period, period);
    if (*first < p->from && p->from <= *last) *first = p->from;
    if (*last > p->to) *last = p->to;
}

static size_t parts_until(const queue *q, day_t last) {
    size_t end = q->next;
    while (end < q->n && q->x[end]->day <= last) end++;
    return end;
}

/* Net quantity of some kinds of flow within days, as booked. */
static int64_t flowed(const queue *q, uint32_t kinds, day_t after, day_t until) {
    int64_t sum = 0;
    for (size_t i = 0; i < q->w->rows; i++) {
        const rebate_row *r = q->w->row[i];
        bool ours = r->product == q->product && r->partner == q->owner;
        if (ours && (kinds >> r->kind & 1u) && r->day > after && r->day <= until) sum += r->quantity;
    }
    return sum;
}

static const rebate_count *counts_of(const queue *q, size_t *n) {
    const rebate_world *world = q->w->plan->w;
    size_t at = world_slice(world->count, world->counts, sizeof *world->count, q->owner, n);
    static const rebate_count none = {0};
    return *n ? &world->count[at] : &none;
}

/* ---- verified_sell_out */

typedef struct counted {
    int64_t opening, closing;
    day_t from, to;
    bool opened, closed;
} counted;

static counted counts_around(const queue *q, day_t first, day_t last) {
    size_t n;
    counted s = {0};
    const rebate_count *c = counts_of(q, &n), *end = c + n;
    for (; n && c < end; c++) {
        if (c->product != q->product || c->day > last) continue;
        if (c->day < first || !s.opened) s.opening = c->quantity, s.from = c->day, s.opened = true;
        else
            s.closing = c->quantity, s.to = c->day, s.closed = true;
    }
    return s;
}

/* NULL: none. */
static const rebate_hold *holds_of_owner(const queue *q, size_t *n) {
    const rebate_world *world = q->w->plan->w;
    size_t at = world_slice(world->hold, world->holds, sizeof *world->hold, q->owner, n);
    return *n ? &world->hold[at] : NULL;
}

static bool is_held(const queue *q, const rebate_hold *h, const part *x) {
    if (x->period == WAITS || x->quantity <= 0 || x->day < h->from || x->day > h->until) return false;
    if (h->document.n == 0) return true;
    return x->document != REBATE_NONE && str_eq(q->w->plan->w->document[x->document], h->document);
}

/* Out of the queue with it: it belongs to no period. */
static bool hold_back(queue *q, const rebate_hold *h, int64_t *taken, err *e) {
    int64_t left = h->quantity;
    for (size_t i = q->n; i-- > 0 && left != 0;) {
        part *x = q->x[i], *out = x;
        if (!is_held(q, h, x)) continue;
        if (left != NUM_NONE && x->quantity > left) TRY(split(q, x, left, &out, e));
        if (left != NUM_NONE) left -= out->quantity;
        *taken += out->quantity;
        out->period = WAITS;
    }
    return true;
}

static bool take_held(queue *q, err *e) {
    size_t n, kept = 0;
    const rebate_hold *h = holds_of_owner(q, &n);
    if (n == 0) return true;
    q->held = arena_zalloc(q->w->a, n * sizeof *q->held);
    if (q->held == NULL) return err_set(e, ERR_INTERNAL, "out of memory");
    for (size_t i = 0; i < n; i++) {
        if (h[i].product != REBATE_NONE && h[i].product != q->product) continue;
        TRY(hold_back(q, &h[i], &q->held[i], e));
        if (q->held[i])
            note_add(q->w, (rebate_note){.kind = NOTE_HELD,
                                         .product = q->product,
                                         .period = period_of(q->w->plan->p->period, h[i].from),
                                         .day = h[i].from,
                                         .quantity = q->held[i],
                                         .by = h[i].by});
    }
    for (size_t i = 0; i < q->n; i++)
        if (q->x[i]->period != WAITS) q->x[kept++] = q->x[i];
    q->n = kept;
    return true;
}

/* What was held of sales that begin after one count and no later than the other. */
static int64_t held_between(const queue *q, day_t after, day_t until) {
    size_t n;
    int64_t sum = 0;
    const rebate_hold *h = q->held ? holds_of_owner(q, &n) : NULL;
    for (size_t i = 0; h && i < n; i++)
        if (h[i].from > after && h[i].from <= until) sum += q->held[i];
    return sum;
}

static bool verify_period(queue *q, int32_t period, err *e) {
    const uint32_t goods_in =
        1u << FLOW_RECEIPT | 1u << FLOW_TRANSFER | 1u << FLOW_RETURN_OUT | 1u << FLOW_GIFT_RECEIPT;
    day_t first, last;
    period_days(q->w->plan->p, period, &first, &last);
    counted s = counts_around(q, first, last);
    if (!s.closed) return true;
    size_t end = parts_until(q, s.to);
    int64_t sold = quantity_until(q, end);
    int64_t went = s.opening + flowed(q, goods_in, s.from, s.to) - s.closing - held_between(q, s.from, s.to);
    int64_t keep = sold < went ? sold : went > 0 ? went : 0, off = sold > keep ? sold - keep : 0;
    note_waits(q, NOTE_UNVERIFIED, period, s.to, off);
    q->beyond = off;
    return take_but(q, end, off, period, e);
}

/* A count before the period, or the first in it, is the opening; the next is the closing. */
static void note_uncounted(const queue *q, int32_t period) {
    day_t first, last, sold = q->x[q->n - 1]->day;
    int64_t quantity = quantity_until(q, q->n) - q->beyond;
    period_days(q->w->plan->p, period_of(q->w->plan->p->period, sold), &first, &last);
    bool opened = counts_around(q, first, last).opened;
    if (quantity)
        note_add(q->w, (rebate_note){.kind = NOTE_NO_COUNT,
                                     .product = q->product,
                                     .period = period,
                                     .day = sold,
                                     .quantity = quantity,
                                     .by = opened ? STR("closing") : STR("opening, closing")});
}

static bool verify_product(queue *q, int32_t first, int32_t last, err *e) {
    TRY(take_held(q, e));
    if (q->n == 0) return true;
    for (int32_t period = first; period <= last; period++) TRY(verify_period(q, period, e));
    note_uncounted(q, last);
    for (size_t i = q->next; i < q->n; i++) q->x[i]->period = WAITS;
    return true;
}

/* ---- stock_cap */

static bool stock_at(const queue *q, day_t day, int64_t *stock) {
    size_t n;
    const rebate_count *c = counts_of(q, &n);
    bool found = false;
    for (size_t i = 0; i < n; i++)
        if (c[i].product == q->product && c[i].day <= day) *stock = c[i].quantity, found = true;
    return found;
}

static bool cap_period(queue *q, int32_t period, err *e) {
    const policy *p = q->w->plan->p;
    const uint32_t sold_kinds = 1u << FLOW_SELL_OUT | 1u << FLOW_RETURN | 1u << FLOW_ONWARD;
    day_t first, last;
    int64_t stock = 0, allowed;
    period_days(p, period, &first, &last);
    size_t end = parts_until(q, last);
    int64_t bought = quantity_until(q, end), off = 0;
    int32_t months = month_of(last) - month_of(first) + 1;
    wide sold = flowed(q, sold_kinds, first - 1, last);
    if (!wide_round((sold > 0 ? sold : 0) * p->shelf_months, (wide)months * pow10_i64(QUANTITY_SCALE), &allowed))
        return figures_too_large(e);
    if (stock_at(q, last, &stock) && stock > allowed) off = stock - allowed;
    if (off > bought) off = bought > 0 ? bought : 0;
    note_waits(q, NOTE_SHELF, period, last, off);
    TRY(take_but(q, end, off, period, e));
    for (; !p->carry_over && q->next < end; q->next++) q->x[q->next]->period = WAITS;
    return true;
}

static bool cap_product(queue *q, int32_t first, int32_t last, err *e) {
    for (int32_t period = first; period <= last; period++) TRY(cap_period(q, period, e));
    for (size_t i = q->next; i < q->n; i++) q->x[i]->period = WAITS; /* on, beyond the policy's last period */
    return true;
}

/* ---- both: a queue for each product */

static void drop_waiting(parts *all) {
    size_t kept = 0;
    for (size_t i = 0; i < all->n; i++)
        if (all->part[i].period != WAITS) all->part[kept++] = all->part[i];
    all->n = kept;
}

static void span_until(const partner_work *w, day_t day, int32_t *last) {
    int32_t at = period_of(w->plan->p->period, day);
    if (at > *last) *last = at;
}

/* Periods from the first part's to the last of anything that may release it. */
static void span_of(const partner_work *w, const parts *all, int32_t *first, int32_t *last) {
    const rebate_world *world = w->plan->w;
    *first = *last = all->part[0].period;
    for (size_t i = 0; i < all->n; i++) {
        if (all->part[i].period < *first) *first = all->part[i].period;
        if (all->part[i].period > *last) *last = all->part[i].period;
    }
    if (w->plan->p->basis == BASIS_SELL_IN) /* what is sold out empties the shelf */
        for (size_t i = 0; i < w->rows; i++) span_until(w, w->row[i]->day, last);
    for (size_t m = 0; m < w->members; m++) {
        size_t n, at = world_slice(world->count, world->counts, sizeof *world->count, w->member[m], &n);
        for (size_t i = at; i < at + n; i++) span_until(w, world->count[i].day, last);
    }
    if (*last > w->plan->last_period) *last = w->plan->last_period;
}

static bool same_queue(const part *a, const part *b) {
    return a->owner == b->owner && a->product == b->product;
}

/* A queue is cut at most once a period, and once for each hold. */
static size_t room_for_splits(const partner_work *w, part *const *x, size_t n, size_t periods) {
    size_t cap = n, holds;
    for (size_t i = 0; i < n; i++) {
        if (i && same_queue(x[i], x[i - 1])) continue;
        (void)world_slice(w->plan->w->hold, w->plan->w->holds, sizeof *w->plan->w->hold, x[i]->owner, &holds);
        cap += periods + holds;
    }
    return cap;
}

static bool each_product(partner_work *w, parts *all, bool (*take)(queue *q, int32_t first, int32_t last, err *e),
                         err *e) {
    size_t n = all->n;
    part **x = arena_alloc(w->a, sizeof(part *) * (n + 1));
    if (n == 0) return true;
    for (size_t i = 0; x && i < n; i++) x[i] = &all->part[i];
    if (x) qsort_r(x, n, sizeof(part *), by_product_day, (void *)(uintptr_t)w->plan->w);
    int32_t first, last;
    span_of(w, all, &first, &last);
    size_t cap = room_for_splits(w, x, n, (size_t)(last - first) + 2);
    part *room = arena_alloc(w->a, sizeof *room * cap);
    if (!x || !room) return err_set(e, ERR_INTERNAL, "out of memory");
    const part *was = all->part;
    memcpy(room, was, n * sizeof *room);
    *all = (parts){.part = room, .n = n, .cap = cap};
    for (size_t i = 0; i < n; i++) x[i] = &room[x[i] - was];
    for (size_t from = 0, end; from < n; from = end) {
        for (end = from; end < n && same_queue(x[end], x[from]);) end++;
        queue q = {w, all, x[from]->owner, x[from]->product, x + from, end - from, 0, NULL, 0};
        TRY(take(&q, first, last, e));
    }
    drop_waiting(all);
    return true;
}

bool parts_verify(partner_work *w, parts *p, err *e) {
    return each_product(w, p, verify_product, e);
}

bool parts_cap_shelf(partner_work *w, parts *p, err *e) {
    return each_product(w, p, cap_product, e);
}
