#include "daemon/rebate/world.h"

#include <stdlib.h>

uint32_t world_product(const rebate_world *w, str sku) {
    const uint64_t *no = map_find(w->skus, sku);
    return no ? (uint32_t)(*no - 1) : REBATE_NONE;
}

stage world_stage(const rebate_world *w, uint32_t item, day_t day) {
    stage found = STAGE_NONE;
    if (item == REBATE_NONE) return found;
    const rebate_product *p = &w->product[item];
    for (size_t i = 0; i < p->stages && p->timeline[i].from <= day; i++) found = p->timeline[i].stage;
    return found;
}

int64_t world_price(const rebate_world *w, uint32_t item, str kind, day_t day) {
    int64_t found = NUM_NONE;
    for (size_t i = 0; i < w->prices; i++) {
        const rebate_price *p = &w->price[i];
        if (p->product == item && p->from <= day && day <= p->until && str_eq(p->kind, kind)) found = p->price;
    }
    return found;
}

size_t world_slice(const void *array, size_t n, size_t size, uint32_t who, size_t *count) {
    size_t from = 0, end = n, at;
    while (from < end) {
        size_t mid = from + (end - from) / 2;
        uint32_t found;
        memcpy(&found, (const char *)array + mid * size, sizeof found);
        if (found < who) from = mid + 1;
        else
            end = mid;
    }
    for (at = from; at < n; at++) {
        uint32_t found;
        memcpy(&found, (const char *)array + at * size, sizeof found);
        if (found != who) break;
    }
    *count = at - from;
    return from;
}

/* ---- returns that name their sale */

typedef struct sale {
    uint32_t product, document;
    flow_kind kind;
    day_t day;
} sale;

static int by_sale(const void *x, const void *y) {
    const sale *a = x, *b = y;
    if (a->product != b->product) return a->product < b->product ? -1 : 1;
    if (a->document != b->document) return a->document < b->document ? -1 : 1;
    if (a->kind != b->kind) return a->kind < b->kind ? -1 : 1;
    return (a->day > b->day) - (a->day < b->day);
}

static bool is_return(const rebate_row *r) {
    if (r->kind == FLOW_RETURN || r->kind == FLOW_RETURN_OUT) return true;
    bool negative = r->quantity < 0 || (r->quantity == 0 && r->amount != NUM_NONE && r->amount < 0);
    return negative && (r->kind == FLOW_SELL_OUT || r->kind == FLOW_SELL_IN);
}

static const sale *find_sale(const sale *sales, size_t n, sale wanted) {
    size_t from = 0, end = n;
    wanted.day = DAY_MIN;
    while (from < end) {
        size_t mid = from + (end - from) / 2;
        if (by_sale(&sales[mid], &wanted) < 0) from = mid + 1;
        else
            end = mid;
    }
    if (from == n) return NULL;
    wanted.day = sales[from].day;
    return by_sale(&sales[from], &wanted) == 0 ? &sales[from] : NULL;
}

static void join_partner(rebate_row *row, const uint32_t *reference, size_t n, sale *sales,
                         void (*unknown)(void *arg, const rebate_row *row, uint32_t reference), void *arg) {
    size_t found = 0;
    for (size_t i = 0; i < n; i++)
        if (row[i].document != REBATE_NONE && (row[i].kind == FLOW_SELL_OUT || row[i].kind == FLOW_SELL_IN) &&
            !is_return(&row[i]))
            sales[found++] = (sale){row[i].product, row[i].document, row[i].kind, row[i].day};
    qsort(sales, found, sizeof *sales, by_sale);
    for (size_t i = 0; i < n; i++) {
        if (reference[i] == REBATE_NONE || !is_return(&row[i])) continue;
        bool out = row[i].kind == FLOW_RETURN_OUT || row[i].kind == FLOW_SELL_IN;
        sale wanted = {row[i].product, reference[i], out ? FLOW_SELL_IN : FLOW_SELL_OUT, 0};
        const sale *s = find_sale(sales, found, wanted);
        if (s) row[i].day = s->day;
        else if (unknown)
            unknown(arg, &row[i], reference[i]);
    }
}

void rebate_join_returns(rebate_row *row, const uint32_t *reference, size_t n,
                         void (*unknown)(void *arg, const rebate_row *row, uint32_t reference), void *arg) {
    bool any = false;
    for (size_t i = 0; i < n && !any; i++) any = reference[i] != REBATE_NONE;
    if (!any) return;
    sale *sales = malloc(n * sizeof *sales);
    ASSERT(sales != NULL);
    for (size_t from = 0, end; from < n; from = end) {
        for (end = from; end < n && row[end].partner == row[from].partner;) end++;
        join_partner(row + from, reference + from, end - from, sales, unknown, arg);
    }
    free(sales);
}
