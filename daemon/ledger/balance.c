#include "daemon/ledger/balance.h"

#include "base/map.h"
#include "daemon/catalog/settings.h"
#include "daemon/ledger/flow.h"
#include "daemon/ledger/members.h"
#include "daemon/ledger/stock.h"
#include <stdlib.h>

const char *balance_grade_name(balance_grade g) {
    static const char *const names[] = {"", "doubtful", "plausible", "complete"};
    return names[g];
}

/* The count by which a moment is known, and what stood there, carried from it by the flows between. */
typedef struct anchor {
    bool there;
    day_t day;
    int64_t quantity;
    uint64_t entry;
} anchor;

/* A product at one member of the group that counts it. */
typedef struct slot {
    uint32_t product, member;
    anchor before[2], after[2]; /* nearest counts around the day before the span [0], and around its last day [1] */
    anchor first, restart;      /* first count inside the span; last opening of the catalogue inside it */
    anchor opening, closing;
    day_t since;
} slot;

/* A product of the group. */
typedef struct group {
    balance_row row;
    size_t fallback; /* 1 + the slot whose counts stand for members that never count; 0 none */
    bool open_ended; /* a member that counts has no opening, or no closing */
    bool unclosed;
} group;

typedef struct worker {
    txn *t;
    arena *a;
    facts f;
    uint32_t partner;
    day_t from, to;
    day_t lo, hi; /* flows that matter */
    int slack;
    uint32_t *member;
    size_t members;
    map slots, groups; /* member, product → slot + 1; product → group + 1 */
    slot *slot;
    size_t slot_n, slot_cap;
    group *group;
    size_t group_n, group_cap;
    bool assumed;
} worker;

static group *group_of(worker *w, uint32_t product_no) {
    uint8_t raw[4];
    put_be32(raw, product_no);
    uint64_t *at = map_find(&w->groups, str_from(raw, sizeof raw));
    if (at) return &w->group[*at];
    w->group = arena_grown(w->a, w->group, w->group_n, &w->group_cap, sizeof *w->group);
    *map_at(&w->groups, arena_str(w->a, str_from(raw, sizeof raw)), NULL) = w->group_n;
    w->group[w->group_n] = (group){.row = {.product = product_no, .since = w->from}};
    return &w->group[w->group_n++];
}

static slot *slot_find(const worker *w, uint32_t member_no, uint32_t product_no) {
    uint8_t raw[8];
    put_be32(raw, member_no);
    put_be32(raw + 4, product_no);
    const uint64_t *at = map_find(&w->slots, str_from(raw, sizeof raw));
    return at ? &w->slot[*at] : NULL;
}

static slot *slot_of(worker *w, uint32_t member_no, uint32_t product_no) {
    uint8_t raw[8];
    slot *s = slot_find(w, member_no, product_no);
    if (s) return s;
    put_be32(raw, member_no);
    put_be32(raw + 4, product_no);
    w->slot = arena_grown(w->a, w->slot, w->slot_n, &w->slot_cap, sizeof *w->slot);
    *map_at(&w->slots, arena_str(w->a, str_from(raw, sizeof raw)), NULL) = w->slot_n;
    w->slot[w->slot_n] = (slot){.product = product_no, .member = member_no, .since = w->from};
    return &w->slot[w->slot_n++];
}

/* Counts come in the order of days; of one day the later counts. */
static void see_count(worker *w, slot *s, const stock_count *c) {
    const anchor now = {true, c->day, c->quantity, c->entry};
    const day_t ends[2] = {w->from - 1, w->to};
    for (int i = 0; i < 2; i++) {
        if (c->opening && i == 1) continue;
        if (c->day <= ends[i]) s->before[i] = now;
        else if (c->day <= ends[i] + w->slack && (!s->after[i].there || s->after[i].day == c->day))
            s->after[i] = now;
    }
    if (c->day < w->from || c->day > w->to) return;
    if (c->opening) s->restart = now;
    if (!s->first.there || s->first.day == c->day) s->first = now;
}

static void read_counts(worker *w, uint32_t member_no) {
    AUTO(arena) a = {0};
    stock_count *c;
    arena_init(&a, SIZE_MAX);
    size_t n = stock_counts(w->t, member_no, &a, &c);
    for (size_t i = 0; i < n; i++) see_count(w, slot_of(w, member_no, c[i].product), &c[i]);
}

static anchor nearest(const anchor *before, const anchor *after, day_t end) {
    if (!after->there) return *before;
    return !before->there || after->day - end < end - before->day ? *after : *before;
}

/* Which counts a slot goes by, and from which day its flows count. */
static void choose(worker *w, slot *s) {
    s->opening = nearest(&s->before[0], &s->after[0], w->from - 1);
    if (!s->opening.there || s->restart.there) {
        s->opening = s->restart.there ? s->restart : s->first;
        if (s->opening.there) s->since = s->opening.day + 1;
    }
    s->closing = nearest(&s->before[1], &s->after[1], w->to);
    if (s->closing.day < w->from || (s->opening.there && s->closing.day <= s->opening.day)) s->closing.there = false;
}

static void add(int64_t *sum, int64_t v) {
    (void)add_i64(*sum, v, sum); /* stored flows are far from the ends of their range */
}

/* What the counts of the group's members say of a product together. */
static void join(worker *w, const slot *s) {
    group *g = group_of(w, s->product);
    balance_row *r = &g->row;
    if (!s->opening.there) g->open_ended = true;
    if (!s->closing.there) g->unclosed = true;
    if (s->opening.there) add(&r->opening, s->opening.quantity);
    if (s->closing.there) add(&r->closing, s->closing.quantity);
    if (s->closing.there && s->closing.entry > r->entry) r->entry = s->closing.entry;
    if (g->fallback == 0 || s->member == w->partner) g->fallback = (size_t)(s - w->slot) + 1;
    if (s->since > r->since) r->since = s->since;
    if (s->opening.there && s->opening.day < w->lo) w->lo = s->opening.day;
    if (s->closing.there && s->closing.day > w->hi) w->hi = s->closing.day;
}

/* Carry a level from its count to the end it stands for: flows after the count are added, those between the end and a
 * later count taken off. */
static void carry(const anchor *c, day_t end, day_t day, int64_t effect, int64_t *level) {
    if (!c->there) return;
    if (day > c->day && day <= end) add(level, effect);
    if (day > end && day <= c->day) add(level, -effect);
}

static void count_flow(worker *w, uint32_t member_no, uint32_t product_no, flow_kind kind, day_t day, int64_t q) {
    group *g = group_of(w, product_no);
    const slot *s = slot_find(w, member_no, product_no);
    stock_effect effect = flow_stock_effect(kind);
    balance_row *r = &g->row;
    if (s == NULL && g->fallback) s = &w->slot[g->fallback - 1];
    day_t since = s ? s->since : w->from;
    if (s && since == w->from) carry(&s->opening, w->from - 1, day, effect == STOCK_OUT ? -q : q, &r->opening);
    if (s) carry(&s->closing, w->to, day, effect == STOCK_OUT ? -q : q, &r->closing);
    if (day < since || day > w->to) return;
    if (kind == FLOW_RETURN) add(&r->returned, -q);
    else if (kind == FLOW_RETURN_OUT)
        add(&r->returned, q);
    else if (kind == FLOW_TRANSFER)
        add(&r->transferred, q);
    else if (kind == FLOW_GIFT_OUT)
        add(&r->gifts, q);
    else
        add(effect == STOCK_OUT ? &r->sold : &r->received, q);
}

/* Flows that move stock on their day, or what was sent, days later. */
static void read_flows(worker *w, uint32_t member_no, bool sent, day_t later) {
    key prefix = {.n = 0}, start = {.n = 0};
    key_u32(&prefix, member_no);
    key_u32(&start, member_no);
    key_day(&start, w->lo - later);
    AUTO(kv_cursor) c = kv_from(w->t, TABLE_FLOW_DAY, key_str(&prefix), key_str(&start));
    while (kv_next(&c)) {
        flow_day_key k = flow_day_parse(c.key);
        stock_effect effect = flow_stock_effect(k.kind);
        if (k.day + later > w->hi) break;
        if (sent ? effect != STOCK_SENT : effect != STOCK_IN && effect != STOCK_OUT) continue;
        for (size_t i = 0; i < flow_sum_count(c.val); i++)
            count_flow(w, member_no, k.product, k.kind, k.day + later, flow_sum_at(c.val, i).quantity);
    }
}

static void find_members(worker *w) {
    w->members = members_of(&w->f, w->partner, w->a, &w->member);
    w->assumed = true;
    for (size_t i = 0; i < w->members && w->assumed; i++) w->assumed = !stock_receipts_reported(w->t, w->member[i]);
}

static int64_t magnitude(int64_t v) {
    return v < 0 ? -v : v;
}

static void grade(const worker *w, balance_row *r) {
    int64_t there = magnitude(r->opening) + magnitude(r->received) + magnitude(r->transferred) + magnitude(r->returned);
    int64_t least = setting_number(w->t, SETTING_BALANCE_UNITS) * 1000, wide;
    int64_t times = setting_number(w->t, SETTING_BALANCE_TIMES);
    if (!mul_div(there, setting_number(w->t, SETTING_BALANCE_PERMILLE), 1000, &r->tolerance)) r->tolerance = 0;
    if (r->tolerance < least) r->tolerance = least;
    r->gap = r->opening + r->received + r->transferred + r->returned - r->sold - r->gifts - r->closing;
    if (!mul_div(r->tolerance, times, 1, &wide)) wide = INT64_MAX;
    if (magnitude(r->gap) <= r->tolerance && !w->assumed) r->grade = GRADE_COMPLETE;
    else
        r->grade = magnitude(r->gap) <= wide ? GRADE_PLAUSIBLE : GRADE_DOUBTFUL;
}

static void finish(const worker *w, group *g) {
    balance_row *r = &g->row;
    bool opened = g->fallback && !g->open_ended, closed = g->fallback && !g->unclosed;
    r->gap = NUM_NONE;
    if (opened && closed) {
        grade(w, r);
        return;
    }
    if (!opened) r->opening = NUM_NONE;
    if (!closed) r->closing = NUM_NONE;
}

static bool moved(const balance_row *r) {
    bool opened = r->opening != NUM_NONE && r->opening != 0, closed = r->closing != NUM_NONE;
    return r->received || r->transferred || r->returned || r->sold || r->gifts || opened || closed;
}

static int by_product(const void *x, const void *y) {
    const balance_row *a = x, *b = y;
    return (a->product > b->product) - (a->product < b->product);
}

static void collect(worker *w, balance *out) {
    *out = (balance){.assumed = w->assumed, .row = ARENA_NEW(w->a, balance_row, w->group_n + 1)};
    ASSERT(out->row != NULL);
    for (size_t i = 0; i < w->group_n; i++) {
        finish(w, &w->group[i]);
        if (moved(&w->group[i].row)) out->row[out->rows++] = w->group[i].row;
    }
    if (out->rows) qsort(out->row, out->rows, sizeof *out->row, by_product);
}

void balance_of(txn *t, uint32_t partner_no, day_t from, day_t to, arena *a, balance *out) {
    worker w = {.t = t, .a = a, .partner = partner_no, .from = from, .to = to, .lo = from, .hi = to};
    facts_init(&w.f, t);
    w.slack = (int)setting_number(t, SETTING_BALANCE_COUNT);
    find_members(&w);
    for (size_t i = 0; i < w.members; i++) read_counts(&w, w.member[i]);
    for (size_t i = 0; i < w.slot_n; i++) {
        choose(&w, &w.slot[i]);
        join(&w, &w.slot[i]);
    }
    day_t transit = (day_t)setting_number(t, SETTING_TRANSIT);
    for (size_t i = 0; i < w.members; i++) {
        read_flows(&w, w.member[i], false, 0);
        if (w.assumed) read_flows(&w, w.member[i], true, transit);
    }
    collect(&w, out);
    map_free(&w.slots);
    map_free(&w.groups);
    facts_free(&w.f);
}

balance_sum balance_summary(const balance *b, const bool *judged) {
    balance_sum s = {.products = b->rows};
    for (size_t i = 0; i < b->rows; i++) {
        if (b->row[i].grade == GRADE_NONE || (judged && !judged[i])) continue;
        s.checked++;
        s.complete += b->row[i].grade == GRADE_COMPLETE;
        s.plausible += b->row[i].grade == GRADE_PLAUSIBLE;
        s.doubtful += b->row[i].grade == GRADE_DOUBTFUL;
    }
    if (s.products == 0 || s.checked * 1000 < s.products * BALANCE_CHECKED_PERMILLE) s.grade = GRADE_NONE;
    else if (s.doubtful * 1000 > s.checked * BALANCE_DOUBTFUL_PERMILLE)
        s.grade = GRADE_DOUBTFUL;
    else if (s.doubtful == 0 && s.complete * 1000 >= s.products * BALANCE_COMPLETE_PERMILLE)
        s.grade = GRADE_COMPLETE;
    else
        s.grade = GRADE_PLAUSIBLE;
    return s;
}
