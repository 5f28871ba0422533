#include "daemon/insight/targets.h"

#include "daemon/catalog/columns.h"
#include "daemon/catalog/partner.h"
#include "daemon/catalog/rows.h"

enum { MONTHS_MOST = 12, LABEL = 32 };

static bool row_target(txn *t, str id, str policy, str label, unsigned scale, int64_t *out) {
    const str cells[] = {id, policy, label};
    catalog_row row;
    return catalog_get(t, CATALOG_TARGET, cells, &row) && !(row.flags & ROW_ENDED) &&
           dec_parse(row.cell[TARGET_TARGET], scale, out, NULL);
}

static bool label_target(txn *t, str id, str policy, const target_ask *ask, span_kind kind, day_t day, int64_t *out) {
    AUTO(buf) label = {0};
    span_put(ask->calendar, kind, day, &label);
    return row_target(t, id, policy, buf_str(&label), ask->scale, out);
}

static bool months_target(txn *t, str id, str policy, const target_ask *ask, int64_t *out) {
    int32_t first = fiscal_month_of(ask->calendar, ask->whole.from),
            last = fiscal_month_of(ask->calendar, ask->whole.to);
    *out = 0;
    for (int32_t month = first; month <= last && last - first < MONTHS_MOST; month++) {
        int64_t one;
        if (!label_target(t, id, policy, ask, SPAN_MONTH, fiscal_month_first(ask->calendar, month), &one)) return false;
        if (!add_i64(*out, one, out)) return false;
    }
    return true;
}

bool target_of_partner(txn *t, str id, const target_ask *ask, int64_t *out) {
    for (size_t i = 0; i < ask->policies; i++) {
        if (label_target(t, id, ask->policy[i], ask, ask->kind, ask->whole.from, out)) return true;
        if (ask->kind > SPAN_MONTH && months_target(t, id, ask->policy[i], ask, out)) return true;
    }
    return false;
}

static bool in_scope(txn *t, const figure_scope *s, const partner *p) {
    if (p->kind == PARTNER_MANUFACTURER || p->ended) return false;
    if (s->by_partner) {
        for (size_t i = 0; i < s->partners; i++)
            if (s->partner[i] == p->no) return true;
        return false;
    }
    uint32_t at = s->provinces ? region_at_level(t, p->region, REGION_PROVINCE) : 0;
    for (size_t i = 0; i < s->provinces; i++)
        if (s->province[i] == at) return true;
    return s->provinces == 0;
}

/* Has one above it a target? Numbers of parents may be greater than those of their children, so the chain is asked. */
static bool under_target(txn *t, uint32_t no, const bool *has, size_t n) {
    uint32_t chain[PARTNER_DEPTH_MAX];
    size_t depth = partner_chain(t, no, chain);
    for (size_t i = 0; i < depth; i++)
        if (chain[i] < n && has[chain[i]]) return true;
    return false;
}

static size_t count_partners(txn *t) {
    partner p;
    size_t n = 1;
    while (n <= UINT32_MAX && partner_by_no(t, (uint32_t)n, &p)) n++;
    return n;
}

void targets_of(txn *t, const figure_scope *s, const target_ask *ask, arena *a, targets *out) {
    partner p;
    size_t n = count_partners(t);
    bool *has = ARENA_NEW(a, bool, n);
    *out = (targets){.target = NUM_NONE};
    out->partner = ARENA_NEW(a, uint32_t, n);
    if (has == NULL || out->partner == NULL || ask->kind < SPAN_MONTH || s->brand || s->quantity) return;
    for (uint32_t no = 1; no < n; no++) {
        int64_t one;
        if (!partner_by_no(t, no, &p) || !in_scope(t, s, &p) || !target_of_partner(t, p.id, ask, &one)) continue;
        has[no] = true;
        out->with++;
        if (out->target == NUM_NONE) out->target = 0;
        if (!add_i64(out->target, one, &out->target)) out->target = INT64_MAX;
    }
    for (uint32_t no = 1; no < n && out->with; no++) {
        if (!partner_by_no(t, no, &p) || !in_scope(t, s, &p)) continue;
        if (under_target(t, no, has, n)) out->partner[out->partners++] = no;
        else
            out->without++;
    }
    out->all = out->with && out->without == 0;
}
