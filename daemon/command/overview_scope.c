/* Whose figures the commands of the first page show: what the caller may see, narrowed by --region, --brand and --partner. */
#include "daemon/command/overview.h"

#include "daemon/catalog/partner.h"
#include "daemon/catalog/product.h"
#include "daemon/catalog/region.h"
#include "daemon/catalog/settings.h"
#include "daemon/command/cells.h"
#include "daemon/command/period.h"
#include "proto/limits.h"

/* The provinces that a scope of staff names; false: it names something else as well. */
static bool provinces_of_scope(call *c, figure_scope *s) {
    str rest = c->who.scope, piece;
    size_t cap = 0;
    while (str_split(&rest, ';', &piece)) {
        partner p;
        uint32_t no = partner_by_id(c->t, str_trim(piece), &p) ? 0 : region_by_code(c->t, str_trim(piece));
        if (no == 0 || region_level_of(c->t, no) != REGION_PROVINCE) return false;
        s->province = arena_grown(c->a, s->province, s->provinces, &cap, sizeof *s->province);
        s->province[s->provinces++] = no;
    }
    return true;
}

static bool has_province(const figure_scope *s, uint32_t no) {
    for (size_t i = 0; i < s->provinces; i++)
        if (s->province[i] == no) return true;
    return s->provinces == 0;
}

/* Those the caller may read, in the region, the partner named and those below it. */
static void list_partners(call *c, uint32_t only, uint32_t region, figure_scope *s) {
    partner p;
    size_t cap = 0;
    err unused;
    s->by_partner = true;
    for (uint32_t no = 1; no < UINT32_MAX && partner_by_no(c->t, no, &p); no++) {
        if (only && no != only && !partner_within(c->t, no, only)) continue;
        if (region && !region_within(c->t, p.region, region)) continue;
        if (!authz(c, "read", no, &unused)) continue;
        s->partner = arena_grown(c->a, s->partner, s->partners, &cap, sizeof *s->partner);
        s->partner[s->partners++] = no;
    }
}

static bool option_region(call *c, uint32_t *out, err *e) {
    str word = call_option(c, "region");
    *out = 0;
    if (word.p == NULL || resolve_region(c->t, 0, word, day_at(c->now_ms, c->zone_min), out)) return true;
    return err_set(e, ERR_NOT_FOUND, "region '%.*s': unknown", STR_ARG(str_take(word, 60)));
}

static bool option_brand(call *c, uint32_t *out, err *e) {
    str word = call_option(c, "brand");
    *out = word.p ? brand_no(c->t, word) : 0;
    return word.p == NULL || *out || err_set(e, ERR_NOT_FOUND, "brand '%.*s': unknown", STR_ARG(str_take(word, 60)));
}

static bool option_in(call *c, figure_scope *s, err *e) {
    str in = call_option(c, "in");
    s->quantity = str_is(in, "quantity");
    return in.p == NULL || s->quantity || str_is(in, "amount") ||
           err_set(e, ERR_USAGE, "--in: amount or quantity, not '%.*s'", STR_ARG(str_take(in, 40)));
}

/* For people: "D1", "320000 海蓝", "all". */
static str label_of(call *c, uint32_t only, uint32_t region) {
    AUTO(buf) b = {0};
    if (only) buf_add(&b, partner_id(c->t, only));
    else if (region)
        buf_add(&b, region_code(c->t, region));
    else
        buf_add(&b, c->who.scope.n ? c->who.scope : STR("all"));
    if (call_option(c, "brand").p) buf_printf(&b, " %.*s", STR_ARG(call_option(c, "brand")));
    return arena_str(c->a, buf_str(&b));
}

bool overview_scope(call *c, figure_scope *s, str *label, err *e) {
    uint32_t only, region;
    *s = (figure_scope){.currency = (uint32_t)setting_number(c->t, SETTING_CURRENCY)};
    TRY(option_partner(c, &only, e));
    if (only) TRY(authz(c, "read", only, e));
    TRY(option_region(c, &region, e) && option_brand(c, &s->brand, e) && option_in(c, s, e));
    *label = label_of(c, only, region);
    region_level level = region ? region_level_of(c->t, region) : REGION_COUNTRY;
    bool whole = level == REGION_COUNTRY || level == REGION_PROVINCE;
    if (by_partner(c) || only || !whole || !provinces_of_scope(c, s)) {
        list_partners(c, only, region, s);
        return true;
    }
    if (level != REGION_PROVINCE) return true;
    if (!has_province(s, region)) { /* beyond the scope: nobody's */
        s->by_partner = true;
        return true;
    }
    s->province = ARENA_NEW(c->a, uint32_t, 1);
    s->province[0] = region;
    s->provinces = 1;
    return true;
}

void overview_by_partner(call *c, figure_scope *s) {
    partner p;
    size_t cap = 0;
    err unused;
    if (s->by_partner) return;
    for (uint32_t no = 1; no < UINT32_MAX && partner_by_no(c->t, no, &p); no++) {
        if (s->provinces && !has_province(s, region_at_level(c->t, p.region, REGION_PROVINCE))) continue;
        if (!authz(c, "read", no, &unused)) continue;
        s->partner = arena_grown(c->a, s->partner, s->partners, &cap, sizeof *s->partner);
        s->partner[s->partners++] = no;
    }
    s->by_partner = true;
}
