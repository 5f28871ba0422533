#include "daemon/ledger/members.h"

#include "daemon/catalog/partner.h"
#include "daemon/ledger/stock.h"
#include <stdlib.h>

enum { ROOM_FIRST = 8 }; /* most partners have nobody below them */

size_t members_of(facts *f, uint32_t partner_no, arena *a, uint32_t **out) {
    size_t room = ROOM_FIRST, below, kept = 1;
    uint32_t *all;
    do { /* until there is room to spare: then none was left out */
        room *= 2;
        all = arena_alloc(a, room * sizeof *all);
        ASSERT(all != NULL);
        below = partner_below(f->t, partner_no, all + 1, room - 1);
    } while (below == room - 1);
    all[0] = partner_no;
    for (size_t i = 1; i <= below; i++)
        if (partner_fact_of(f, all[i])->reporter == partner_no) all[kept++] = all[i];
    *out = all;
    return kept;
}

static int by_number(const void *x, const void *y) {
    const uint32_t *a = x, *b = y;
    return (*a > *b) - (*a < *b);
}

size_t members_answering(facts *f, arena *a, uint32_t **out) {
    size_t n = 0, kept = 0, room = 0;
    uint32_t *all = NULL;
    for (uint64_t no = 0; no < UINT32_MAX && (no = stock_partner(f->t, (uint32_t)no, true)) != 0; no++) {
        partner p;
        uint32_t reporter = partner_fact_of(f, (uint32_t)no)->reporter;
        if (!partner_by_no(f->t, reporter, &p) || p.kind == PARTNER_MANUFACTURER) continue;
        all = arena_grown(a, all, n, &room, sizeof *all);
        all[n++] = reporter;
    }
    if (n) qsort(all, n, sizeof *all, by_number);
    for (size_t i = 0; i < n; i++)
        if (kept == 0 || all[kept - 1] != all[i]) all[kept++] = all[i];
    *out = all;
    return kept;
}
