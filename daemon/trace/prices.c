/* Prices below the floor of the day, and buyers that buy in several regions.
 *
 * Gift lines and lines under a promotion are left out of prices; a product that many partners sell below its floor in one week is
 * under a promotion of all. A buyer is its word in the partners' books; what everybody writes ("零售"), for whichever goods, names
 * nobody, and what was granted is no evidence. */
#include "daemon/trace/parts.h"

#include <stdlib.h>

enum {
    PRICE_STRENGTH = 20,
    PRICE_MORE = 3,
    PRICE_MOST = 45,
    BUYER_STRENGTH = 25,
    COMMON_SELLERS = 12,
    BUYER_CARTONS = 3
};

typedef struct cheap {
    uint32_t partner, product, line;
    int32_t week;
    bool below;
} cheap;

static int by_week(const void *x, const void *y) {
    const cheap *a = x, *b = y;
    if (a->product != b->product) return a->product < b->product ? -1 : 1;
    if (a->week != b->week) return a->week < b->week ? -1 : 1;
    if (a->partner != b->partner) return a->partner < b->partner ? -1 : 1;
    return (a->line > b->line) - (a->line < b->line);
}

static int by_seller(const void *x, const void *y) {
    const cheap *a = x, *b = y;
    if (a->partner != b->partner) return a->partner < b->partner ? -1 : 1;
    if (a->product != b->product) return a->product < b->product ? -1 : 1;
    return (a->line > b->line) - (a->line < b->line);
}

/* amount in minor units, quantity in thousandths, floor in micro units of a base unit */
static bool is_below(const judging *j, const trace_line *l) {
    __int128 paid = (__int128)l->amount * 10000 * 1000, least = (__int128)l->floor * l->quantity;
    return paid * 1000 < least * (1000 - j->r->price_permille);
}

static bool priced(const judging *j, const trace_line *l) {
    return is_sale(l) && l->kind != FLOW_GIFT_OUT && !l->gift && l->amount != NUM_NONE && l->floor != NUM_NONE &&
           l->product != TRACE_NONE && l->day <= j->w->as_of;
}

static cheap *list_priced(judging *j, size_t *n) {
    const trace_world *w = j->w;
    cheap *list = NULL;
    size_t cap = 0;
    for (uint32_t i = 0; i < w->lines; i++) {
        const trace_line *l = &w->line[i];
        if (!priced(j, l)) continue;
        list = arena_grown(&j->scratch, list, *n, &cap, sizeof *list);
        list[(*n)++] = (cheap){j->accused[l->partner], l->product, i, (l->day + 3) / 7, !l->promoted && is_below(j, l)};
    }
    return list;
}

/* Weeks in which a product is cheap with many partners are nobody's fault. */
static void forgive_common(const judging *j, cheap *list, size_t n) {
    for (size_t i = 0; i < n;) {
        size_t end = i, sellers = 0, cheap_sellers = 0;
        bool below = false;
        for (; end < n && list[end].product == list[i].product && list[end].week == list[i].week; end++) {
            bool first = end == i || list[end].partner != list[end - 1].partner;
            if (first) sellers++, below = false;
            if (list[end].below && !below) cheap_sellers++, below = true;
        }
        bool common = sellers >= 5 && cheap_sellers * 1000 >= sellers * (size_t)j->r->price_common_permille;
        for (; i < end; i++) list[i].below = list[i].below && !common;
    }
}

static void tell_cheap(judging *j, const cheap *list, size_t from, size_t end) {
    int64_t lines = 0;
    int32_t strength = PRICE_STRENGTH;
    for (size_t i = from; i < end; i++) {
        const trace_line *l = &j->w->line[list[i].line];
        if (!list[i].below || ++lines < j->r->price_lines) continue;
        trace_signal *s =
            signal_add(j, SIGNAL_PRICE, list[i].partner, l->product, REGION_NOWHERE, day_end(j, l->day), strength);
        if ((strength += PRICE_MORE) > PRICE_MOST) strength = PRICE_MOST;
        signal_by_line(j, s, l);
        signal_evidence(j, s, "%.2f a unit, floor %.2f", (double)l->amount * 10 / (double)l->quantity,
                        (double)l->floor / 1e6);
    }
}

void judge_prices(judging *j) {
    size_t n = 0;
    cheap *list = list_priced(j, &n);
    if (n) qsort(list, n, sizeof *list, by_week);
    forgive_common(j, list, n);
    if (n) qsort(list, n, sizeof *list, by_seller);
    for (size_t i = 0; i < n;) {
        size_t end = i;
        while (end < n && list[end].partner == list[i].partner && list[end].product == list[i].product) end++;
        tell_cheap(j, list, i, end);
        i = end;
    }
}

/* ---- buyers */

typedef struct buyer {
    str word;
    uint32_t seller, product, line;
    int64_t quantity;
} buyer;

static int by_word(const void *x, const void *y) {
    const buyer *a = x, *b = y;
    if (a->product != b->product) return a->product < b->product ? -1 : 1;
    int c = str_cmp(a->word, b->word);
    if (c) return c;
    if (a->seller != b->seller) return a->seller < b->seller ? -1 : 1;
    return (a->line > b->line) - (a->line < b->line);
}

static int by_seller_of(const void *x, const void *y) {
    const buyer *a = x, *b = y;
    int c = str_cmp(a->word, b->word);
    if (c) return c;
    return (a->seller > b->seller) - (a->seller < b->seller);
}

/* Leaves out what is written by too many sellers to be the name of one buyer. Returns how many stay. */
static size_t drop_common_words(buyer *v, size_t n) {
    size_t kept = 0;
    if (n) qsort(v, n, sizeof *v, by_seller_of);
    for (size_t i = 0, end; i < n; i = end) {
        size_t sellers = 0;
        for (end = i; end < n && str_eq(v[i].word, v[end].word); end++)
            sellers += end == i || v[end].seller != v[end - 1].seller;
        for (size_t k = i; k < end && sellers <= COMMON_SELLERS; k++) v[kept++] = v[k];
    }
    return kept;
}

static bool same_buyer(const buyer *a, const buyer *b) {
    return a->product == b->product && str_eq(a->word, b->word);
}

/* Sellers of a buyer that sold it cartons, and the provinces they are at home in. */
static size_t count_sellers(const judging *j, const buyer *v, size_t from, size_t end, size_t *homes) {
    uint8_t home[PROVINCES] = {0};
    size_t sellers = 0;
    *homes = 0;
    for (size_t i = from; i < end;) {
        int64_t sum = 0;
        size_t to = i;
        for (; to < end && v[to].seller == v[i].seller; to++) sum += v[to].quantity;
        unsigned p = province_of(j->w->partner[v[i].seller].home);
        if (sum >= BUYER_CARTONS * j->w->product[v[i].product].carton) {
            sellers++;
            if (p && !home[p]) home[p] = 1, ++*homes;
        }
        i = to;
    }
    return sellers;
}

static void tell_buyer(judging *j, const buyer *v, size_t from, size_t end) {
    size_t homes, sellers = count_sellers(j, v, from, end, &homes);
    if ((int64_t)homes < j->r->buyer_regions) return;
    int64_t last = 0;
    for (size_t i = from; i < end; i++)
        if (day_end(j, j->w->line[v[i].line].day) > last) last = day_end(j, j->w->line[v[i].line].day);
    for (size_t i = from; i < end; i++) {
        if (i > from && v[i].seller == v[i - 1].seller) continue;
        trace_signal *s = signal_add(j, SIGNAL_BUYER, v[i].seller, v[i].product, REGION_NOWHERE, last, BUYER_STRENGTH);
        signal_evidence(j, s, "'%.*s' buys of %zu partners in %zu provinces", STR_ARG(str_take(v[i].word, 60)), sellers,
                        homes);
        signal_by_line(j, s, &j->w->line[v[i].line]);
    }
}

void judge_buyers(judging *j) {
    const trace_world *w = j->w;
    buyer *v = NULL;
    size_t n = 0, cap = 0;
    for (uint32_t i = 0; i < w->lines; i++) {
        const trace_line *l = &w->line[i];
        if (!is_sale(l) || l->product == TRACE_NONE || l->day > w->as_of ||
            trace_one_chain(w, l->partner, l->counterparty))
            continue;
        str word = line_customer(j, l);
        uint32_t seller = j->accused[l->partner];
        if (word.n == 0 || trace_exempt(w, seller, l->product, l->region, word, l->day, 0) != TRACE_NONE) continue;
        v = arena_grown(&j->scratch, v, n, &cap, sizeof *v);
        v[n++] = (buyer){word, seller, l->product, i, l->quantity};
    }
    n = drop_common_words(v, n);
    if (n) qsort(v, n, sizeof *v, by_word);
    for (size_t i = 0; i < n;) {
        size_t end = i;
        while (end < n && same_buyer(&v[i], &v[end])) end++;
        tell_buyer(j, v, i, end);
        i = end;
    }
}
