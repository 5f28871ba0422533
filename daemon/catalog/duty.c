#include "daemon/catalog/duty.h"

#include "base/num.h"
#include "daemon/catalog/cell.h"
#include "daemon/catalog/columns.h"
#include "daemon/catalog/partner.h"
#include "daemon/catalog/rows.h"

enum { RANK_ALL = 1, RANK_TIER, RANK_OWN };

static bool read_row(const catalog_row *row, unsigned rank, duty *out) {
    int64_t due = 0;
    *out = (duty){.rank = rank, .to = DAY_MAX};
    if (!doc_type_parse(row->cell[DUTY_TYPE], &out->type)) return false;
    out->never = !span_kind_parse(row->cell[DUTY_EVERY], &out->every);
    if (row->cell[DUTY_DUE].n) (void)dec_parse(row->cell[DUTY_DUE], 0, &due, NULL);
    out->due = (unsigned)due;
    if (row->cell[DUTY_TO].n) (void)cell_as_day(row->cell[DUTY_TO], &out->to);
    return cell_as_day(row->cell[DUTY_FROM], &out->from);
}

/* Rows of one `partner` cell, added behind those there are; counted only when `out` has no room for rows. */
static size_t read_rows(txn *t, str whom, unsigned rank, duty *out) {
    size_t n = 0;
    catalog_row row;
    duty one;
    if (!catalog_key_fits(CATALOG_DUTY, &whom, 1)) return 0;
    AUTO(catalog_walk) w = catalog_rows(t, CATALOG_DUTY, &whom, 1);
    while (catalog_next(&w, &row)) n += read_row(&row, rank, out ? &out[n] : &one);
    return n;
}

void duties_of(txn *t, uint32_t partner_no, arena *a, duties *out) {
    AUTO(buf) tier = {0};
    partner p;
    *out = (duties){0};
    if (!partner_by_no(t, partner_no, &p)) return;
    bool wide = !p.ended && p.kind != PARTNER_MANUFACTURER && partner_reports(t, &p);
    buf_addz(&tier, "tier=");
    buf_add(&tier, p.tier);
    const struct {
        str whom;
        unsigned rank;
        bool asked;
    } sources[] = {
        {p.id, RANK_OWN, true}, {buf_str(&tier), RANK_TIER, wide && p.tier.n > 0}, {STR("*"), RANK_ALL, wide}};
    size_t most = 0;
    for (size_t i = 0; i < ARRAY_LEN(sources); i++)
        if (sources[i].asked) most += read_rows(t, sources[i].whom, sources[i].rank, NULL);
    if (most == 0) return;
    out->row = ARENA_NEW(a, duty, most);
    ASSERT(out->row != NULL);
    for (size_t i = 0; i < ARRAY_LEN(sources); i++)
        if (sources[i].asked) out->n += read_rows(t, sources[i].whom, sources[i].rank, out->row + out->n);
}

const duty *duty_on(const duties *all, doc_type type, day_t day) {
    const duty *best = NULL;
    for (size_t i = 0; i < all->n; i++) {
        const duty *d = &all->row[i];
        if (d->type != type || day < d->from || day > d->to) continue;
        if (best == NULL || d->rank > best->rank || (d->rank == best->rank && d->from > best->from)) best = d;
    }
    return best && !best->never ? best : NULL;
}

bool duty_ends(const duties *all, const fiscal_calendar *c, doc_type type, day_t day, day_span *out, const duty **row) {
    *row = duty_on(all, type, day);
    if (*row == NULL) return false;
    *out = span_at(c, (*row)->every, day);
    if (out->from < (*row)->from) out->from = (*row)->from;
    return out->to == day;
}
