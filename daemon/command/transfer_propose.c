/* transfer propose: slow stock, and who could use it. Judged on a snapshot; the loop writes the proposals. */
#include "daemon/catalog/columns.h"
#include "daemon/catalog/partner.h"
#include "daemon/catalog/product.h"
#include "daemon/catalog/rows.h"
#include "daemon/catalog/settings.h"
#include "daemon/catalog/stage.h"
#include "daemon/catalog/territory.h"
#include "daemon/command/cells.h"
#include "daemon/ledger/members.h"
#include "daemon/ledger/stock.h"
#include "daemon/replenish/orders.h"
#include "daemon/replenish/shelf.h"
#include "daemon/replenish/transfer_match.h"
#include "daemon/replenish/transfers.h"
#include "daemon/store/keys.h"
#include "daemon/store/store.h"
#include "proto/limits.h"

#include <stdlib.h>

enum { SEEN_DAYS = 91 };

typedef struct rules {
    int32_t slow, keep, need, silence, settle;
} rules;

typedef struct candidate {
    uint32_t product;
    bool gives;
    int64_t stock;
    transfer_side side;
} candidate;

typedef struct search {
    call *c;
    shelf_world *w;
    rules r;
    day_t today;
    const product *of; /* under way */
    candidate *v;
    size_t n, cap;
    transfer *known; /* that there are */
    size_t knowns;
} search;

typedef struct found { /* between the two halves */
    Entry__Transfers *m;
    size_t entries, entry_cap, pairs;
} found;

static void read_known(search *s) {
    size_t cap = 0;
    for (AUTO(kv_cursor) w = kv_from(s->c->t, TABLE_TRANSFER, STR(""), STR_NONE); kv_next(&w);) {
        transfer x;
        if (!transfer_decode(w.key, w.val, &x)) continue;
        bool open = x.state == TRANSFER_PROPOSED || x.state == TRANSFER_OFFERED;
        if (!open && x.decided + s->r.silence < s->today) continue;
        s->known = arena_grown(s->c->a, s->known, s->knowns, &cap, sizeof *s->known);
        s->known[s->knowns++] = x;
    }
}

/* Is something of the product under way from or to it? */
static bool is_busy(const search *s, uint32_t partner_no, uint32_t product_no) {
    for (size_t i = 0; i < s->knowns; i++) {
        const transfer *x = &s->known[i];
        if (x->product != product_no || x->state == TRANSFER_REFUSED) continue;
        if (x->giver == partner_no || x->taker == partner_no) return true;
    }
    return false;
}

static int64_t coming(const order_flow *flow, size_t n, uint32_t product_no) {
    for (size_t i = 0; i < n; i++)
        if (flow[i].product == product_no) return flow[i].on_order + flow[i].in_transit;
    return 0;
}

static void look_at(search *s, const partner *p, const shelf *x, const order_flow *flow, size_t flows) {
    product of;
    int32_t held = x->first_in == DAY_MAX ? x->age.oldest : (int32_t)(s->w->span.to - x->first_in);
    double cover = shelf_cover_days(x, SEEN_DAYS), day = (double)x->sold / SEEN_DAYS;
    candidate k = {.product = x->product, .stock = x->stock};
    if (x->stock == NUM_NONE || !product_by_no(s->c->t, x->product, &of) || is_busy(s, p->no, x->product)) return;
    if (stage_at(s->c->t, of.sku, s->today) == STAGE_INTRODUCTION) return;
    int64_t kept = day > 0 ? (int64_t)(day * s->r.keep + 0.5) : 0;
    k.gives = x->stock > 0 && cover >= s->r.slow && held >= s->r.settle;
    bool takes = x->sold > 0 && cover <= s->r.need;
    if (!k.gives && !takes) return;
    k.side = (transfer_side){
        .partner = p->no,
        .city = p->region ? region_at_level(s->c->t, p->region, REGION_CITY) : 0,
        .province = p->region ? region_at_level(s->c->t, p->region, REGION_PROVINCE) : 0,
        .quantity = k.gives ? x->stock - kept : kept - (x->stock > 0 ? x->stock : 0) - coming(flow, flows, x->product),
        .cover = cover};
    if (k.side.quantity <= 0) return;
    s->v = arena_grown(s->c->a, s->v, s->n, &s->cap, sizeof *s->v);
    s->v[s->n++] = k;
}

static void read_partners(search *s) {
    uint32_t *no;
    size_t n = members_answering(&s->w->f, s->c->a, &no);
    for (size_t i = 0; i < n; i++) {
        AUTO(arena) a = {0};
        partner p;
        shelf *x;
        order_flow *flow;
        err unused;
        if (!partner_by_no(s->c->t, no[i], &p) || p.ended || !authz(s->c, "read", p.no, &unused)) continue;
        arena_init(&a, SIZE_MAX); /* bounded by the books of one partner */
        bool reported = stock_receipts_reported(s->c->t, no[i]);
        day_t arrived = reported ? DAY_MIN : s->today - (day_t)setting_number(s->c->t, SETTING_TRANSIT);
        size_t shelves = shelves_of(s->w, no[i], &a, &x);
        size_t flows = order_flows(s->c->t, no[i], arrived, s->c->zone_min, &a, &flow);
        for (size_t k = 0; k < shelves; k++) look_at(s, &p, &x[k], flow, flows);
    }
}

/* ---- may these two? */

static bool was_refused(const search *s, uint32_t giver, uint32_t taker) {
    for (size_t i = 0; i < s->knowns; i++) {
        const transfer *x = &s->known[i];
        if (x->state == TRANSFER_REFUSED && x->product == s->of->no && x->giver == giver && x->taker == taker)
            return true;
    }
    return false;
}

static bool deals_with(txn *t, str id, str company, bool *any) {
    catalog_row row;
    AUTO(catalog_walk) w = catalog_rows(t, CATALOG_CREDIT, &id, 1);
    while (catalog_next(&w, &row)) {
        if (row.flags & ROW_ENDED) continue;
        *any = true;
        if (str_eq(row.cell[CREDIT_COMPANY], company)) return true;
    }
    return false;
}

/* By their rows of credit they buy from one company at least; where one has none nobody knows. */
static bool same_company(search *s, uint32_t giver, uint32_t taker) {
    str id[2] = {arena_str(s->c->a, partner_id(s->c->t, giver)), arena_str(s->c->a, partner_id(s->c->t, taker))};
    catalog_row row;
    bool own = false, other = false;
    AUTO(catalog_walk) w = catalog_rows(s->c->t, CATALOG_CREDIT, &id[0], 1);
    while (catalog_next(&w, &row)) {
        if (row.flags & ROW_ENDED) continue;
        own = true;
        if (deals_with(s->c->t, id[1], arena_str(s->c->a, row.cell[CREDIT_COMPANY]), &other)) return true;
    }
    return !own || !other;
}

static bool may(void *arg, const transfer_side *giver, const transfer_side *taker) {
    search *s = arg;
    partner p;
    if (was_refused(s, giver->partner, taker->partner)) return false;
    if (partner_within(s->c->t, giver->partner, taker->partner) ||
        partner_within(s->c->t, taker->partner, giver->partner))
        return false; /* one supplies the other anyway */
    if (!partner_by_no(s->c->t, taker->partner, &p) || p.region == 0) return false;
    return territory_allows(s->c->t, taker->partner, s->of, p.region, STR(""), s->today) &&
           same_company(s, giver->partner, taker->partner);
}

/* ---- proposals */

static int32_t cover_of(double v) {
    return v < 1e6 ? (int32_t)v : -1;
}

static void add_pair(search *s, found *f, const transfer_pair *p) {
    arena *a = s->c->look_a;
    Entry__TransferRow *row = ARENA_NEW(a, Entry__TransferRow, 1);
    Entry__Transfers *m = f->entries ? &f->m[f->entries - 1] : NULL;
    entry__transfer_row__init(row);
    row->giver = (char *)(uintptr_t)arena_str(a, partner_id(s->c->t, p->giver->partner)).p;
    row->taker = (char *)(uintptr_t)arena_str(a, partner_id(s->c->t, p->taker->partner)).p;
    row->sku = (char *)(uintptr_t)arena_str(a, s->of->sku).p;
    row->quantity = p->quantity;
    row->giver_stock = s->v[p->giver->at].stock;
    row->taker_stock = s->v[p->taker->at].stock;
    row->giver_cover = cover_of(p->giver->cover);
    row->taker_cover = cover_of(p->taker->cover);
    if (m == NULL || m->n_row == LIMIT_ENTRY_ROWS) {
        f->m = arena_grown(a, f->m, f->entries, &f->entry_cap, sizeof *f->m);
        m = &f->m[f->entries++];
        entry__transfers__init(m);
        m->engine = (char *)(uintptr_t)CHANNELD_VERSION;
        m->day = s->today;
        m->row = ARENA_NEW(a, Entry__TransferRow *, LIMIT_ENTRY_ROWS);
    }
    m->row[m->n_row++] = row;
    f->pairs++;
}

static void match_product(search *s, found *f, size_t from, size_t to) {
    transfer_side *giver = ARENA_NEW(s->c->a, transfer_side, to - from + 1),
                  *taker = ARENA_NEW(s->c->a, transfer_side, to - from + 1);
    transfer_pair *pair;
    size_t givers = 0, takers = 0;
    product of;
    for (size_t i = from; i < to; i++) {
        transfer_side *side = s->v[i].gives ? &giver[givers++] : &taker[takers++];
        *side = s->v[i].side;
        side->at = i;
    }
    if (givers == 0 || takers == 0 || !product_by_no(s->c->t, s->v[from].product, &of) || of.ended) return;
    s->of = &of;
    size_t n = transfer_match(giver, givers, taker, takers, product_carton(&of), may, s, s->c->a, &pair);
    for (size_t i = 0; i < n; i++) add_pair(s, f, &pair[i]);
}

static int by_product(const void *x, const void *y) {
    const candidate *a = x, *b = y;
    if (a->product != b->product) return a->product < b->product ? -1 : 1;
    return (a->side.partner > b->side.partner) - (a->side.partner < b->side.partner);
}

static void answer_found(call *c, const found *f) {
    json *j = answer_show(c);
    cell_count(j, "proposed", f->pairs);
    answer_show_end(c);
}

static bool look(call *c, err *e) {
    AUTO(shelf_world) w = {0};
    found *f = ARENA_NEW(c->look_a, found, 1);
    search s = {.c = c, .w = &w, .today = day_at(c->now_ms, c->zone_min)};
    s.r = (rules){
        (int32_t)setting_number(c->t, SETTING_TRANSFER_SLOW), (int32_t)setting_number(c->t, SETTING_TRANSFER_KEEP),
        (int32_t)setting_number(c->t, SETTING_TRANSFER_NEED), (int32_t)setting_number(c->t, SETTING_TRANSFER_SILENCE),
        (int32_t)setting_number(c->t, SETTING_SHELF_SETTLE)};
    shelf_world_open(&w, c->t, (day_span){s.today - SEEN_DAYS, s.today - 1});
    w.unpriced = true;
    read_known(&s);
    read_partners(&s);
    if (s.n) qsort(s.v, s.n, sizeof *s.v, by_product);
    for (size_t at = 0, end; at < s.n; at = end) {
        for (end = at; end < s.n && s.v[end].product == s.v[at].product;) end++;
        match_product(&s, f, at, end);
    }
    c->looked = f;
    c->answered = f->entries == 0;
    if (c->answered) answer_found(c, f);
    return txn_ok(c->t, e);
}

/* The giver hears that another could use its stock, and not yet who. */
static bool ask_giver(call *c, const Entry__TransferRow *row, uint64_t number, err *e) {
    AUTO(buf) zh = {0};
    AUTO(buf) en = {0};
    AUTO(buf) subject = {0};
    Entry__Notice n = ENTRY__NOTICE__INIT, *list[] = {&n};
    Entry__Notices body = ENTRY__NOTICES__INIT;
    transfer_reference(&subject, number);
    buf_printf(&zh, "调拨 %s：贵司 %s 库存较久，另一家伙伴可用，请答复", buf_z(&subject), row->sku);
    buf_printf(&en, "Transfer %s: another partner could use your %s: agree or refuse", buf_z(&subject), row->sku);
    n.partner = row->giver;
    n.kind = entry_text(c, STR("transfer"));
    n.subject = entry_text(c, buf_str(&subject));
    n.day = day_at(c->now_ms, c->zone_min);
    n.zh = entry_text(c, buf_str(&zh));
    n.en = entry_text(c, buf_str(&en));
    body.notice = list;
    body.n_notice = 1;
    command_entry what = {KIND_NOTICE, c->now_ms, call_actor(c), &body.base};
    apply_result r = {.a = c->a};
    return journal_append(c->t, &what, &r, NULL, e);
}

bool cmd_transfer_propose(call *c, err *e) {
    if (c->looking) return look(c, e);
    const found *f = c->looked;
    for (size_t i = 0; i < f->entries; i++) {
        apply_result r = {.a = c->a};
        command_entry what = {KIND_TRANSFER, c->now_ms, call_actor(c), &f->m[i].base};
        TRY(journal_append(c->t, &what, &r, NULL, e));
        uint64_t first = r.number;
        for (size_t k = 0; k < f->m[i].n_row; k++) TRY(ask_giver(c, f->m[i].row[k], first + k, e));
    }
    answer_found(c, f);
    return txn_ok(c->t, e);
}
