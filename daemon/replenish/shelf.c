#include "daemon/replenish/shelf.h"

#include "daemon/catalog/settings.h"
#include "daemon/ledger/members.h"
#include "daemon/ledger/stock.h"
#include "daemon/store/store.h"

#include <math.h>
#include <stdlib.h>

static const double YEAR = 365, FOR_EVER = 1e9;

/* ---- pure */

shelf_age shelf_age_of(const shelf_layer *in, size_t n, int64_t stands, day_t counted, day_t at) {
    shelf_age out = {AGE_UNKNOWN, AGE_UNKNOWN, false};
    double weighed = 0, all = (double)stands;
    int64_t left = stands;
    if (stands == NUM_NONE || stands <= 0) return out;
    while (n > 0 && left > 0) {
        const shelf_layer *l = &in[--n];
        int64_t part = l->quantity < left ? l->quantity : left;
        if (part <= 0) continue;
        out.oldest = (int32_t)(at - l->day);
        weighed += (double)part * (double)out.oldest;
        left -= part;
    }
    if (left > 0) {
        int32_t age = counted == DAY_MAX ? 0 : (int32_t)(at - counted);
        if (age > out.oldest) out.oldest = age;
        weighed += (double)left * (double)out.oldest;
        out.at_least = true;
    }
    out.mean = (int32_t)(weighed / all + 0.5);
    return out;
}

double shelf_mean_stock(const shelf_change *change, size_t n, int64_t stands, day_t from, day_t to) {
    double sum = 0;
    day_t end = to; /* the last day of those with this stock at their end */
    if (from > to) return -1;
    while (end >= from) {
        while (n > 0 && change[n - 1].day > end) stands -= change[--n].quantity;
        day_t since = n > 0 && change[n - 1].day > from ? change[n - 1].day : from;
        if (stands > 0) sum += (double)stands * (double)(end - since + 1);
        end = since - 1;
    }
    return sum / (double)(to - from + 1);
}

int32_t shelf_out_days(const shelf_change *change, size_t n, int64_t stands, day_t from, day_t to) {
    int32_t out = 0;
    for (day_t end = to; end >= from;) {
        while (n > 0 && change[n - 1].day > end) stands -= change[--n].quantity;
        day_t since = n > 0 && change[n - 1].day > from ? change[n - 1].day : from;
        if (stands <= 0) out += (int32_t)(end - since) + 1;
        end = since - 1;
    }
    return out;
}

double shelf_cover_days(const shelf *s, int32_t days) {
    if (s->stock == NUM_NONE) return -1;
    if (s->stock <= 0) return 0;
    if (s->sold <= 0) return FOR_EVER;
    return (double)s->stock * (double)days / (double)s->sold;
}

double shelf_turns(const shelf *s, int32_t days) {
    if (s->mean_stock <= 0) return -1;
    return s->sold > 0 ? (double)s->sold * YEAR / (double)days / s->mean_stock : 0;
}

double shelf_gmroi(const shelf *s, int32_t days) {
    if (s->amount == NUM_NONE || s->cost == NUM_NONE || s->stock_value <= 0) return NAN;
    return (double)(s->amount - s->cost) * YEAR / (double)days / s->stock_value;
}

/* ---- out of the books */

typedef enum row_kind { ROW_BOUGHT, ROW_IN, ROW_SOLD, ROW_ONWARD, ROW_MOVED, ROW_TRANSFER, ROW_OPENED } row_kind;

typedef struct row {
    uint32_t product, member;
    day_t day;
    row_kind kind;
    int64_t quantity, amount;
    bool priced;
} row;

typedef struct rows {
    row *v;
    size_t n, cap;
    arena *a;
} rows;

static void add(rows *r, const row *x) {
    r->v = arena_grown(r->a, r->v, r->n, &r->cap, sizeof *r->v);
    r->v[r->n++] = *x;
}

void shelf_world_open(shelf_world *w, txn *t, day_span span) {
    char letters[4];
    *w = (shelf_world){.t = t, .span = span};
    facts_init(&w->f, t);
    w->incl = str_is(setting_text(t, SETTING_TAX_BASIS), "incl");
    w->currency = currency_no(setting_text(t, SETTING_CURRENCY));
    w->scale = currency_scale(currency_text(w->currency, letters));
}

void shelf_world_auto(shelf_world *w) {
    facts_free(&w->f);
}

int64_t shelf_value(shelf_world *w, uint32_t partner_no, uint32_t product_no, price_kind kind, day_t day,
                    int64_t quantity) {
    price found;
    int64_t each, value;
    if (w->unpriced) return NUM_NONE;
    const price_query q = {product_no, partner_no, 0, STR(""), kind, day};
    if (!price_find(w->t, &q, &found) || !price_on_basis(w->t, product_no, &found, w->incl, &each)) return NUM_NONE;
    return mul_div(each, quantity, pow10_i64(MICRO_SCALE + QUANTITY_SCALE - w->scale), &value) ? value : NUM_NONE;
}

/* What a kind of flow is here; false: it says nothing. `sent`: goods count as received when they were shipped. */
static bool kind_of(flow_kind k, bool sent, row_kind out[static 2], size_t *n) {
    *n = 1;
    switch (k) {
    case FLOW_SELL_IN: out[0] = ROW_BOUGHT, out[1] = ROW_IN, *n = sent ? 2 : 1; return true;
    case FLOW_GIFT_IN: out[0] = ROW_IN; return sent;
    case FLOW_RECEIPT:
    case FLOW_GIFT_RECEIPT: out[0] = ROW_IN; return true;
    case FLOW_RETURN_OUT: out[0] = ROW_BOUGHT, out[1] = ROW_MOVED, *n = 2; return true;
    case FLOW_SELL_OUT:
    case FLOW_RETURN: out[0] = ROW_SOLD; return true;
    case FLOW_ONWARD: out[0] = ROW_ONWARD; return true;
    case FLOW_TRANSFER: out[0] = ROW_TRANSFER; return true;
    case FLOW_GIFT_OUT: out[0] = ROW_MOVED; return true;
    case FLOW_PAYMENT:
    case FLOW_OPENING:
    case FLOW_ADJUSTMENT:
    case FLOW_COUNT:
    case FLOW_KIND_END: break;
    }
    return false;
}

static void read_flows(shelf_world *w, uint32_t member, bool sent, day_t transit, rows *out) {
    key prefix = {.n = 0};
    key_u32(&prefix, member);
    for (AUTO(kv_cursor) c = kv_from(w->t, TABLE_FLOW_DAY, key_str(&prefix), STR_NONE); kv_next(&c);) {
        flow_day_key k = flow_day_parse(c.key);
        row_kind kind[2];
        size_t kinds;
        if (k.day > w->span.to) break;
        if (k.product == 0 || !kind_of(k.kind, sent, kind, &kinds)) continue;
        day_t arrives = k.kind == FLOW_SELL_IN || k.kind == FLOW_GIFT_IN ? k.day + transit : k.day;
        for (size_t i = 0; i < flow_sum_count(c.val) * kinds; i++) {
            flow_sum s = flow_sum_at(c.val, i / kinds);
            row x = {.product = k.product, .member = member, .kind = kind[i % kinds], .quantity = s.quantity};
            x.day = x.kind == ROW_IN ? arrives : k.day;
            if (k.kind == FLOW_GIFT_OUT) x.quantity = -x.quantity;
            x.amount = s.amount;
            x.priced = s.unpriced == 0 && s.currency == w->currency;
            if (x.day <= w->span.to) add(out, &x);
        }
    }
}

/* Corrections by counts are changes of the stock, openings where it begins. */
static void read_events(const stock *s, uint32_t member, rows *out) {
    for (size_t i = 0; i < s->events; i++) {
        const stock_event *x = &s->event[i];
        row_kind kind = x->kind == FLOW_OPENING ? ROW_OPENED : ROW_MOVED;
        add(out, &(row){x->product, member, x->day, kind, x->quantity, 0, true});
    }
}

static int by_product_and_day(const void *x, const void *y) {
    const row *a = x, *b = y;
    if (a->product != b->product) return a->product < b->product ? -1 : 1;
    if (a->day != b->day) return a->day < b->day ? -1 : 1;
    if (a->kind != b->kind) return a->kind < b->kind ? -1 : 1;
    return (a->member > b->member) - (a->member < b->member);
}

static void add_known(int64_t *sum, int64_t v) {
    if (*sum == NUM_NONE) return;
    if (v == NUM_NONE || !add_i64(*sum, v, sum)) *sum = NUM_NONE;
}

/* One product of a partner while its rows are read. */
typedef struct fold {
    shelf_world *w;
    shelf *out;
    shelf_layer *in;
    shelf_change *change;
    size_t ins, changes;
    day_t counted;        /* first count, DAY_MAX: none */
    shelf_layer transfer; /* net of the day under way: those between its places cancel */
} fold;

static void fold_sale(fold *f, const row *x) {
    shelf *s = f->out;
    size_t week = (size_t)(x->day - f->w->span.from) / 7;
    (void)add_i64(s->sold, x->quantity, &s->sold);
    if (x->kind == ROW_SOLD) (void)add_i64(s->final, x->quantity, &s->final);
    add_known(&s->amount, x->priced ? x->amount : NUM_NONE);
    add_known(&s->cost, shelf_value(f->w, x->member, x->product, PRICE_DEALER, x->day, x->quantity));
    if (week < s->weeks) s->week[week] += (double)x->quantity / 1000;
}

static void fold_in(fold *f, day_t day, int64_t quantity) {
    if (quantity <= 0) return;
    if (f->out->first_in == DAY_MAX) f->out->first_in = day;
    f->out->last_in = day;
    if (day >= f->w->span.from) (void)add_i64(f->out->came, quantity, &f->out->came);
    f->in[f->ins++] = (shelf_layer){day, quantity};
}

static void end_transfers(fold *f) {
    fold_in(f, f->transfer.day, f->transfer.quantity);
    f->transfer.quantity = 0;
}

static void fold_row(fold *f, const row *x) {
    bool inside = x->day >= f->w->span.from, sale = x->kind == ROW_SOLD || x->kind == ROW_ONWARD;
    if (x->day != f->transfer.day) end_transfers(f);
    if (x->kind == ROW_BOUGHT) {
        if (inside) (void)add_i64(f->out->bought, x->quantity, &f->out->bought);
        return;
    }
    f->out->reports |= sale;
    if (sale && inside) fold_sale(f, x);
    if (x->kind == ROW_IN) fold_in(f, x->day, x->quantity);
    if (x->kind == ROW_TRANSFER) f->transfer = (shelf_layer){x->day, f->transfer.quantity + x->quantity};
    if (x->kind == ROW_OPENED && f->counted == DAY_MAX) f->counted = x->day;
    f->change[f->changes++] = (shelf_change){x->day, sale ? -x->quantity : x->quantity};
}

static void fold_stock(fold *f, uint32_t partner_no) {
    day_span span = f->w->span;
    shelf *s = f->out;
    s->age = shelf_age_of(f->in, f->ins, s->stock, f->counted, span.to);
    s->mean_stock = s->stock_value = -1;
    if (s->stock == NUM_NONE) return;
    day_t since = f->counted > span.from ? f->counted : span.from;
    s->known_days = since <= span.to ? (int32_t)(span.to - since) + 1 : 0;
    s->out_days = shelf_out_days(f->change, f->changes, s->stock, since, span.to);
    s->mean_stock = shelf_mean_stock(f->change, f->changes, s->stock, since, span.to);
    int64_t value = s->mean_stock < 0 || s->mean_stock > 1e15 ? NUM_NONE
                                                              : shelf_value(f->w, partner_no, s->product, PRICE_DEALER,
                                                                            span.to, (int64_t)(s->mean_stock + 0.5));
    if (value != NUM_NONE) s->stock_value = (double)value;
}

/* What its members have, added up; those never counted say nothing. */
static int64_t stock_now(const stock *s, size_t members, uint32_t product_no) {
    int64_t sum = NUM_NONE;
    for (size_t m = 0; m < members; m++) {
        size_t low = 0, high = s[m].levels;
        while (low < high) {
            size_t middle = (low + high) / 2;
            if (s[m].level[middle].product < product_no) low = middle + 1;
            else
                high = middle;
        }
        if (low == s[m].levels || s[m].level[low].product != product_no || !s[m].level[low].counted) continue;
        if (sum == NUM_NONE) sum = 0;
        (void)add_i64(sum, s[m].level[low].quantity, &sum);
    }
    return sum;
}

static bool fold_product(fold *f, const row *v, size_t n) {
    f->ins = f->changes = 0;
    f->counted = DAY_MAX;
    f->transfer = (shelf_layer){.quantity = 0};
    bool moved = false;
    for (size_t i = 0; i < n; i++) {
        moved |= v[i].day >= f->w->span.from && v[i].kind != ROW_OPENED;
        fold_row(f, &v[i]);
    }
    end_transfers(f);
    return moved || (f->out->stock != NUM_NONE && f->out->stock != 0);
}

size_t shelves_of(shelf_world *w, uint32_t partner_no, arena *a, shelf **out) {
    uint32_t *member;
    rows r = {.a = a};
    size_t members = members_of(&w->f, partner_no, a, &member), n = 0, cap = 0;
    day_t transit = (day_t)setting_number(w->t, SETTING_TRANSIT);
    stock *have = ARENA_NEW(a, stock, members);
    *out = NULL;
    for (size_t i = 0; i < members; i++) {
        stock_of(w->t, member[i], w->span.to, a, &have[i]);
        read_flows(w, member[i], have[i].assumed, transit, &r);
        read_events(&have[i], member[i], &r);
    }
    if (r.n) qsort(r.v, r.n, sizeof *r.v, by_product_and_day);
    fold f = {.w = w, .in = ARENA_NEW(a, shelf_layer, r.n + 1), .change = ARENA_NEW(a, shelf_change, r.n + 1)};
    for (size_t at = 0, end; at < r.n; at = end) {
        shelf x = {.product = r.v[at].product, .first_in = DAY_MAX, .last_in = DAY_MIN};
        for (end = at; end < r.n && r.v[end].product == x.product;) end++;
        size_t weeks = (size_t)span_days(w->span) / 7;
        x.weeks = weeks < SHELF_WEEKS ? weeks : SHELF_WEEKS;
        x.week = ARENA_NEW(a, double, x.weeks + 1);
        x.stock = stock_now(have, members, x.product);
        f.out = &x;
        if (!fold_product(&f, &r.v[at], end - at)) continue;
        fold_stock(&f, partner_no);
        *out = arena_grown(a, *out, n, &cap, sizeof **out);
        (*out)[n++] = x;
    }
    return n;
}

static int by_product(const void *x, const void *y) {
    const shelf_sale *a = x, *b = y;
    return (a->product > b->product) - (a->product < b->product);
}

size_t shelf_sales(shelf_world *w, uint32_t partner_no, arena *a, shelf_sale **out) {
    enum { SALES = 1 << FLOW_SELL_OUT | 1 << FLOW_RETURN | 1 << FLOW_ONWARD };
    uint32_t *member;
    size_t members = members_of(&w->f, partner_no, a, &member), n = 0, cap = 0, kept = 0;
    *out = NULL;
    for (size_t i = 0; i < members; i++) {
        key prefix = {.n = 0}, start;
        key_u32(&prefix, member[i]);
        start = prefix;
        key_day(&start, w->span.from);
        for (AUTO(kv_cursor) c = kv_from(w->t, TABLE_FLOW_DAY, key_str(&prefix), key_str(&start)); kv_next(&c);) {
            flow_day_key k = flow_day_parse(c.key);
            if (k.day > w->span.to) break;
            if (k.product == 0 || !(SALES & 1U << k.kind)) continue;
            for (size_t s = 0; s < flow_sum_count(c.val); s++) {
                *out = arena_grown(a, *out, n, &cap, sizeof **out);
                (*out)[n++] = (shelf_sale){k.product, flow_sum_at(c.val, s).quantity};
            }
        }
    }
    if (n) qsort(*out, n, sizeof **out, by_product);
    for (size_t i = 0; i < n; i++) {
        if (kept && (*out)[kept - 1].product == (*out)[i].product)
            (void)add_i64((*out)[kept - 1].sold, (*out)[i].sold, &(*out)[kept - 1].sold);
        else
            (*out)[kept++] = (*out)[i];
    }
    return kept;
}
