/* Facts as monthly totals: what even a report with a column a month can say. */
#include "tools/sim/world.h"
#include <stdlib.h>

typedef struct month_total {
    int64_t quantity, amount;
} month_total;

static bool worth_telling(const month_total *t) {
    return (t->quantity > 0 && t->amount > 0) || (t->quantity < 0 && t->amount < 0);
}

static void add_month(world *w, const sim_partner *p, int32_t month, month_total *totals) {
    sim_document *d = NULL;
    for (size_t i = 0; i < w->products; i++) {
        month_total *t = &totals[i];
        sim_line l = {
            .product = (uint32_t)i, .place = NO_PLACE, .quantity = t->quantity, .amount = t->amount, .total = true};
        if (!worth_telling(t)) continue;
        if (d == NULL) d = add_document(w, p, TYPE_SALE, month_first(month + 1) - 1, "");
        add_line(w, &d->right, l);
    }
    memset(totals, 0, w->products * sizeof *totals);
}

static void sum_document(const world *from, const sim_document *d, month_total *totals) {
    for (size_t i = 0; i < d->right.count; i++) {
        const sim_line *l = &from->line[d->right.first + i];
        if (l->gift) continue;
        totals[l->product].quantity += l->quantity;
        totals[l->product].amount += l->amount;
    }
}

/* Documents stand by partner, then day. */
void world_condense(world *w) {
    world from = *w;
    month_total *totals = ARENA_NEW(&w->text, month_total, w->products);
    w->line = NULL;
    w->doc = NULL;
    w->lines = w->line_cap = w->docs = w->doc_cap = 0;
    for (size_t i = 0; i < from.docs; i++) {
        const sim_document *d = &from.doc[i], *next = i + 1 < from.docs ? d + 1 : NULL;
        if (d->type == TYPE_SALE) sum_document(&from, d, totals);
        bool ends = next == NULL || next->partner != d->partner || month_of(next->day) != month_of(d->day);
        if (ends) add_month(w, d->partner, month_of(d->day), totals);
    }
    free(from.line);
    free(from.doc);
}
