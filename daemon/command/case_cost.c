/* What a case costs: its goods valued, the schedule and contract of its day, and who may not judge it. */
#include "daemon/catalog/contract.h"
#include "daemon/catalog/partner.h"
#include "daemon/catalog/product.h"
#include "daemon/catalog/region.h"
#include "daemon/catalog/settings.h"
#include "daemon/catalog/territory.h"
#include "daemon/catalog/users.h"
#include "daemon/command/cases.h"
#include "daemon/trace/rules.h"
#include "proto/frame.h"
#include "proto/limits.h"

#include <inttypes.h>

/* ---- goods */

typedef struct tally { /* quantity of each product by family of evidence */
    uint32_t product[LIMIT_REPEATED];
    int64_t quantity[FAMILY_COUNT][LIMIT_REPEATED];
    size_t n;
} tally;

static size_t tally_at(tally *t, uint32_t product_no) {
    size_t i = 0;
    while (i < t->n && t->product[i] != product_no) i++;
    if (i == t->n && t->n < LIMIT_REPEATED) t->product[t->n++] = product_no;
    return i;
}

static void count_signal(tally *t, const case_signal *s) {
    trace_kind kind;
    size_t at = s->product ? tally_at(t, s->product) : LIMIT_REPEATED;
    if (at == LIMIT_REPEATED || !trace_kind_parse(s->kind, &kind) || s->quantity <= 0) return;
    int64_t *sum = &t->quantity[trace_kind_family(kind)][at];
    (void)add_i64(*sum, s->quantity, sum); /* posted quantities are far from the end of the range */
}

/* The family that tells of the most. */
static size_t greatest(const tally *t) {
    size_t best = 0;
    int64_t most = 0;
    for (size_t f = 0; f < FAMILY_COUNT; f++) {
        int64_t sum = 0;
        for (size_t i = 0; i < t->n; i++) sum += t->quantity[f][i];
        if (sum > most) most = sum, best = f;
    }
    return best;
}

size_t case_goods_of(call *c, const case_head *h, case_good **out) {
    case_signal *s;
    tally *t = ARENA_NEW(c->a, tally, 1);
    size_t n = case_signals(c->t, h->id, c->a, &s), goods = 0;
    ASSERT(t != NULL);
    for (size_t i = 0; i < n; i++) count_signal(t, &s[i]);
    size_t family = greatest(t);
    *out = ARENA_NEW(c->a, case_good, t->n + 1);
    ASSERT(*out != NULL);
    for (size_t i = 0; i < t->n; i++)
        if (t->quantity[family][i]) (*out)[goods++] = (case_good){t->product[i], t->quantity[family][i]};
    return goods;
}

void case_goods_put(call *c, const case_head *h, Entry__CaseStep *m) {
    case_good *g;
    size_t n = case_goods_of(c, h, &g);
    m->goods = ARENA_NEW(c->a, Entry__CaseGoods *, n + 1);
    Entry__CaseGoods *list = ARENA_NEW(c->a, Entry__CaseGoods, n + 1);
    ASSERT(m->goods != NULL && list != NULL);
    for (size_t i = 0; i < n; i++) {
        entry__case_goods__init(&list[i]);
        list[i].sku = (char *)(uintptr_t)arena_str(c->a, product_sku(c->t, g[i].product)).p;
        list[i].quantity = g[i].quantity;
        list[i].from = day_at(h->first_event, c->zone_min);
        list[i].until = day_at(h->last_event, c->zone_min);
        m->goods[m->n_goods++] = &list[i];
    }
}

static bool price_of(call *c, const case_head *h, const penalty_schedule *p, uint32_t product_no, int64_t *out) {
    price found;
    const price_query q = {.product_no = product_no,
                           .partner_no = h->partner,
                           .channel = STR(""),
                           .kind = p->price,
                           .day = day_at(h->first_event, c->zone_min)};
    bool incl = str_is(setting_text(c->t, SETTING_TAX_BASIS), "incl");
    return price_find(c->t, &q, &found) && price_on_basis(c->t, product_no, &found, incl, out);
}

typedef struct valued { /* in minor units of the schedule's currency */
    int64_t value;
    str told; /* "P1: 120 × 85.00; …" */
} valued;

static bool value_goods(call *c, const case_head *h, const penalty_schedule *p, valued *out, err *e) {
    AUTO(buf) told = {0};
    char code[4];
    case_good *g;
    size_t n = case_goods_of(c, h, &g);
    unsigned scale = currency_scale(currency_text(p->currency, code));
    *out = (valued){.value = 0};
    for (size_t i = 0; i < n; i++) {
        int64_t each, value;
        buf_printf(&told, "%s%.*s: ", told.n ? "; " : "", STR_ARG(product_sku(c->t, g[i].product)));
        dec_put(&told, g[i].quantity, QUANTITY_SCALE, 0);
        if (!price_of(c, h, p, g[i].product, &each)) {
            buf_addz(&told, " without price");
            continue;
        }
        buf_addz(&told, " × ");
        dec_put(&told, each, MICRO_SCALE, 2);
        if (!mul_div(g[i].quantity, each, pow10_i64(QUANTITY_SCALE + MICRO_SCALE - scale), &value) ||
            !add_i64(out->value, value, &out->value) || out->value > LIMIT_WALLET)
            return err_set(e, ERR_DATA, "case %.*s: the goods are worth more than 10^15 minor units", STR_ARG(h->id));
    }
    out->told = arena_str(c->a, buf_str(&told));
    return true;
}

/* ---- schedule and contract */

static void tell_cost(call *c, const penalty_schedule *p, const valued *g, case_cost *out) {
    AUTO(buf) b = {0};
    char code[4];
    const penalty_offence *o = out->due.row;
    unsigned scale = currency_scale(currency_text(p->currency, code));
    buf_printf(&b, "offence %u within %u months; ", (unsigned)out->due.offence, (unsigned)p->window_months);
    buf_printf(&b, "goods %.*s = ", STR_ARG(g->told));
    dec_put(&b, g->value, scale, scale);
    if (o->rate) buf_addz(&b, "; rate "), dec_put(&b, o->rate, RATE_SCALE - 2, 0), buf_addz(&b, " %");
    if (o->lump) buf_addz(&b, "; lump "), dec_put(&b, o->lump, scale, scale);
    buf_addz(&b, "; wallet "), dec_put(&b, out->due.wallet, scale, scale);
    if (out->due.buy_back) buf_addz(&b, "; bought back "), dec_put(&b, out->due.buy_back, scale, scale);
    if (out->due.deposit) buf_addz(&b, "; deposit "), dec_put(&b, out->due.deposit, scale, scale);
    if (o->exemptions) buf_printf(&b, "; no exemptions for %u days", (unsigned)o->exemptions);
    buf_printf(&b, "; schedule %u, clause %.*s, contract %.*s", (unsigned)out->schedule, STR_ARG(out->clause),
               STR_ARG(out->contract));
    out->told = arena_str(c->a, str_take(buf_str(&b), LIMIT_CASE_TEXT));
}

static str only_warning(call *c, const char *why, case_cost *out) {
    out->schedule = 0;
    out->why = str_of(why);
    out->told = arena_str(c->a, str_of(why));
    return out->told;
}

bool case_cost_of(call *c, const case_head *h, case_cost *out, err *e) {
    AUTO(penalty_schedule) p = {.offences = 0};
    valued goods;
    day_t day = day_at(h->first_event, c->zone_min), today = day_at(c->now_ms, c->zone_min);
    *out = (case_cost){.clause = STR(""), .why = STR("")};
    out->contract = arena_str(c->a, contract_on(c->t, h->partner, day));
    TRY(penalty_on(c->t, day, &out->schedule, &p, e));
    if (out->contract.n == 0) return only_warning(c, "a warning: no contract version was signed on the day", out).n > 0;
    if (out->schedule == 0) return only_warning(c, "a warning: no penalty schedule holds on the day", out).n > 0;
    uint32_t nth = case_offences(c->t, h->partner, h->id, today, p.window_months) + 1;
    TRY(value_goods(c, h, &p, &goods, e) && penalty_reckon(&p, nth, goods.value, &out->due, e));
    out->currency = p.currency;
    out->no_exemption_days = out->due.row->exemptions;
    out->clause = arena_str(c->a, out->due.row->clause.n ? out->due.row->clause : p.clause);
    tell_cost(c, &p, &goods, out);
    out->due.row = NULL; /* gone with the schedule */
    return true;
}

/* ---- who judges */

/* A manager of a region is one whose scope names a side of it: the accused or one above it, who sells at the destination, or a
 * region that holds either. */
static bool scope_touches(call *c, str scope, const case_head *h) {
    day_t day = day_at(h->first_event, c->zone_min);
    partner accused;
    str piece;
    bool known = partner_by_no(c->t, h->partner, &accused);
    while (str_split(&scope, ';', &piece)) {
        partner named;
        uint32_t region = region_by_code(c->t, str_trim(piece));
        if (region && known && region_within(c->t, accused.region, region)) return true;
        if (region && h->destination &&
            (region_within(c->t, h->destination, region) || region_within(c->t, region, h->destination)))
            return true;
        if (!partner_by_id(c->t, str_trim(piece), &named)) continue;
        if (partner_within(c->t, h->partner, named.no) || case_sells_at(c->t, named.no, h->destination, day))
            return true;
    }
    return false;
}

bool case_sells_at(txn *t, uint32_t partner_no, uint32_t destination, day_t day) {
    territory own[64];
    size_t n = territory_of(t, partner_no, day, own, ARRAY_LEN(own));
    for (size_t i = 0; destination && i < n; i++)
        if (region_within(t, destination, own[i].region) || region_within(t, own[i].region, destination)) return true;
    return false;
}

bool case_disinterested(call *c, const case_head *h, err *e) {
    if (c->who.role == ROLE_ADMIN || !scope_touches(c, c->who.scope, h)) return true;
    return err_set(e, ERR_DENIED, "case %.*s: a verdict is given by neither region's manager, and '%.*s' is one",
                   STR_ARG(h->id), STR_ARG(c->who.name));
}

bool case_may_decide(call *c, str body, err *e) {
    case_head h;
    const Entry__CaseStep *m =
        (const void *)message_unpack(&entry__case_step__descriptor, body, LIMIT_ENTRY_ROWS, c->a, e);
    if (m == NULL) return false;
    return !case_get(c->t, str_of(m->id), &h) || case_disinterested(c, &h, e);
}
