#include "daemon/rebate/books_beside.h"

#include "daemon/catalog/columns.h"
#include "daemon/catalog/rows.h"
#include "daemon/ledger/hold.h"
#include "daemon/ledger/members.h"
#include "daemon/ledger/stock.h"
#include "daemon/rebate/activity_claim.h"

#include <inttypes.h>
#include <stdlib.h>

static uint32_t product_index(const books *b, uint32_t no) {
    return no && no < b->products_end ? b->product_at[no] : REBATE_NONE;
}

/* ---- counts */

static int by_count(const void *x, const void *y) {
    const rebate_count *a = x, *b = y;
    if (a->partner != b->partner) return a->partner < b->partner ? -1 : 1;
    if (a->product != b->product) return a->product < b->product ? -1 : 1;
    return (a->day > b->day) - (a->day < b->day);
}

static void add_count(loader *l, books_beside *to, const rebate_count *x) {
    to->count = arena_grown(l->a, to->count, to->counts, &to->count_cap, sizeof *to->count);
    to->count[to->counts++] = *x;
}

static size_t first_count_of(const books_beside *to, uint32_t at) {
    size_t from = to->counts;
    while (from && to->count[from - 1].partner == at) from--;
    return from;
}

void beside_counts(loader *l, uint32_t at, uint32_t no, books_beside *to) {
    uint32_t *member;
    size_t from = to->counts, n = members_of(&l->b->facts, no, l->a, &member);
    for (size_t m = 0; m < n; m++) {
        stock_count *all;
        size_t found = stock_counts(l->b->t, member[m], l->a, &all);
        for (size_t i = 0; i < found; i++) {
            uint32_t item = product_index(l->b, all[i].product);
            if (item == REBATE_NONE || all[i].day > l->to) continue;
            add_count(l, to, &(rebate_count){at, item, all[i].day, all[i].quantity});
        }
    }
    if (to->counts > from) qsort(to->count + from, to->counts - from, sizeof *to->count, by_count);
    size_t end = to->counts;
    to->counts = from;
    for (size_t i = from; i < end; i++)
        if (to->counts > from && by_count(&to->count[to->counts - 1], &to->count[i]) == 0)
            to->count[to->counts - 1].quantity += to->count[i].quantity;
        else
            to->count[to->counts++] = to->count[i];
}

void beside_add_counts(loader *l, uint32_t at, const rebate_count *count, size_t n, books_beside *to) {
    for (size_t i = 0; i < n; i++) {
        rebate_count x = count[i];
        x.partner = at;
        add_count(l, to, &x);
    }
    size_t from = first_count_of(to, at);
    if (n) qsort(to->count + from, to->counts - from, sizeof *to->count, by_count);
}

/* ---- what is held */

void beside_holds(loader *l, uint32_t at, uint32_t no, books_beside *to) {
    uint32_t *member;
    size_t n = members_of(&l->b->facts, no, l->a, &member);
    for (size_t m = 0; m < n; m++) {
        hold *all;
        size_t found = holds_of(l->b->t, member[m], l->a, &all);
        for (size_t i = 0; i < found; i++) {
            uint32_t item = product_index(l->b, all[i].product);
            if (all[i].product && item == REBATE_NONE) continue;
            to->hold = arena_grown(l->a, to->hold, to->holds, &to->hold_cap, sizeof *to->hold);
            to->hold[to->holds++] = (rebate_hold){.partner = at,
                                                  .product = item,
                                                  .from = all[i].from,
                                                  .until = all[i].until,
                                                  .quantity = all[i].quantity,
                                                  .document = all[i].document,
                                                  .by = all[i].source};
        }
    }
}

/* ---- claims */

void beside_claims(loader *l, uint32_t at, uint32_t no, books_beside *to) {
    activity_claim *all;
    size_t n = activity_claims(l->b->t, no, l->a, &all);
    for (size_t i = 0; i < n; i++) {
        AUTO(buf) name = {0};
        uint32_t item = product_index(l->b, all[i].product);
        bool ours = str_eq(all[i].policy, l->p->name) && all[i].state == ACTIVITY_APPROVED;
        if (!ours || all[i].day < l->from || all[i].day > l->to || (all[i].product && item == REBATE_NONE)) continue;
        buf_printf(&name, "claim %" PRIu64, all[i].number);
        to->claim = arena_grown(l->a, to->claim, to->claims, &to->claim_cap, sizeof *to->claim);
        to->claim[to->claims++] = (rebate_claim){.partner = at,
                                                 .product = item,
                                                 .document = loader_text(l, buf_str(&name)),
                                                 .day = all[i].day,
                                                 .amount = all[i].approved};
    }
}

/* ---- targets: the catalogue keeps them in the order of ids */

void beside_targets(books *b, const policy *p, arena *a, rebate_world *w) {
    catalog_row row;
    size_t n = 0, at = 0;
    str cells[] = {b->world.partners ? b->world.partner[0].id : STR("")};
    size_t keys = b->world.partners == 1 && cells[0].n ? 1 : 0;
    AUTO(catalog_walk) count = catalog_rows(b->t, CATALOG_TARGET, cells, keys);
    while (catalog_next(&count, &row)) n += str_eq(row.cell[TARGET_POLICY], p->name);
    rebate_target *all = ARENA_NEW(a, rebate_target, n + 1);
    AUTO(catalog_walk) each = catalog_rows(b->t, CATALOG_TARGET, cells, keys);
    for (uint32_t i = 0; at < n && catalog_next(&each, &row);) {
        int64_t v;
        if (!str_eq(row.cell[TARGET_POLICY], p->name)) continue;
        if (!dec_parse(row.cell[TARGET_TARGET], TARGET_SCALE, &v, NULL)) continue;
        while (i < b->world.partners && str_cmp(b->world.partner[i].id, row.cell[TARGET_PARTNER]) < 0) i++;
        if (i == b->world.partners || !str_eq(b->world.partner[i].id, row.cell[TARGET_PARTNER])) continue;
        all[at++] = (rebate_target){i, arena_str(a, row.cell[TARGET_PERIOD]), v};
    }
    w->target = all;
    w->targets = at;
}
