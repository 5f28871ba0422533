#include "daemon/trace/judge.h"

#include "daemon/trace/case_row.h"
#include "daemon/trace/parts.h"
#include "proto/limits.h"
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { DEPTH_MAX = 16, MOVED_BEFORE_DAYS = 30 };

/* ---- streams */

void away_add(judging *j, aways *list, const away *x) {
    list->v = arena_grown(&j->scratch, list->v, list->n, &list->cap, sizeof *list->v);
    list->v[list->n++] = *x;
}

static int by_stream(const void *x, const void *y) {
    const away *a = x, *b = y;
    if (a->partner != b->partner) return a->partner < b->partner ? -1 : 1;
    if (a->product != b->product) return a->product < b->product ? -1 : 1;
    if (a->to != b->to) return a->to < b->to ? -1 : 1;
    if (a->time != b->time) return a->time < b->time ? -1 : 1;
    return (a->at > b->at) - (a->at < b->at);
}

void aways_sort(aways *list) {
    if (list->n) qsort(list->v, list->n, sizeof *list->v, by_stream);
}

size_t away_end(const aways *list, size_t from) {
    const away *x = &list->v[from];
    size_t i = from;
    while (i < list->n && list->v[i].partner == x->partner && list->v[i].product == x->product &&
           list->v[i].to == x->to)
        i++;
    return i;
}

/* ---- shops that moved */

void moved_add(judging *j, uint32_t partner_at, trace_region to, int64_t time) {
    for (size_t i = 0; i < j->moveds; i++)
        if (j->moved[i].partner == partner_at && j->moved[i].to == to) return;
    j->moved = arena_grown(&j->scratch, j->moved, j->moveds, &j->moved_cap, sizeof *j->moved);
    j->moved[j->moveds++] = (moved_shop){partner_at, to, time};
}

bool moved_explains(const judging *j, uint32_t partner_at, trace_region to, int64_t time) {
    size_t n, at = trace_slice(j->moved, j->moveds, sizeof *j->moved, partner_at, &n);
    int64_t before = MOVED_BEFORE_DAYS * TRACE_DAY_MS, after = j->r->moved_days * TRACE_DAY_MS;
    for (size_t i = at; i < at + n; i++)
        if (j->moved[i].to == trace_province(to) && time >= j->moved[i].time - before &&
            time <= j->moved[i].time + after)
            return true;
    return false;
}

/* ---- signals */

trace_signal *signal_add(judging *j, trace_kind kind, uint32_t partner_at, uint32_t product_at, trace_region to,
                         int64_t time, int32_t strength) {
    trace_result *o = j->out;
    o->signal = arena_grown(j->a, o->signal, o->signals, &j->signal_cap, sizeof *o->signal);
    trace_signal *s = &o->signal[o->signals++];
    *s = (trace_signal){.kind = kind,
                        .partner = partner_at,
                        .product = product_at,
                        .destination = trace_province(to),
                        .time = time,
                        .since = time,
                        .strength = strength > STRENGTH_MOST ? STRENGTH_MOST : strength};
    return s;
}

void signal_evidence(judging *j, trace_signal *s, const char *fmt, ...) {
    char text[300];
    va_list ap;
    if (s->evidences == LIMIT_SIGNAL_EVIDENCE) return;
    va_start(ap, fmt);
    int n = vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    str *list = arena_alloc(j->a, (s->evidences + 1) * sizeof *list);
    for (size_t i = 0; i < s->evidences; i++) list[i] = s->evidence[i];
    list[s->evidences] = arena_str(j->a, str_from(text, n < (int)sizeof text ? (size_t)n : sizeof text - 1));
    s->evidence = list;
    s->evidences++;
}

void signal_by_line(judging *j, trace_signal *s, const trace_line *l) {
    AUTO(buf) day = {0};
    day_put(&day, l->day);
    signal_evidence(j, s, "%s %.*s row %u of %s", flow_kind_name((flow_kind)l->kind),
                    STR_ARG(str_take(l->document, 80)), l->row, buf_z(&day));
    s->quantity += l->quantity < 0 ? -l->quantity : l->quantity;
}

void signal_by_sighting(judging *j, trace_signal *s, const trace_sighting *x) {
    static const char *const kinds[] = {"consumer", "terminal", "dealer", "inspector", "online", "sold", "received"};
    AUTO(buf) b = {0};
    time_put(&b, x->time, j->w->zone);
    if (x->region) buf_printf(&b, " in %06d", x->region);
    if (x->document.n) buf_printf(&b, ", document %.*s", STR_ARG(str_take(x->document, 60)));
    if (x->moved.n) buf_printf(&b, ", moved by %.*s", STR_ARG(str_take(x->moved, 60)));
    bool others = x->kind >= SEEN_SOLD && x->by != TRACE_NONE && j->accused[x->by] != s->partner;
    if (others) buf_printf(&b, EVIDENCE_UNDISCLOSED "in the books of %.*s)", STR_ARG(j->w->partner[x->by].id));
    else if (x->place.n)
        buf_printf(&b, EVIDENCE_UNDISCLOSED "at %.*s)", STR_ARG(str_take(x->place, 60)));
    signal_evidence(j, s, "%s %.*s %s", kinds[x->kind], STR_ARG(str_take(x->code, 80)), buf_z(&b));
    s->quantity += x->quantity;
}

void learned_add(judging *j, const char *what, trace_region from, trace_region to, double value, uint64_t seen,
                 uint64_t of) {
    trace_result *o = j->out;
    o->learned = arena_grown(j->a, o->learned, o->learneds, &j->learned_cap, sizeof *o->learned);
    o->learned[o->learneds++] = (trace_learned){what, from, to, llround(value), seen, of};
}

void exemption_used(judging *j, uint32_t exemption_at, int64_t quantity, bool sighting) {
    trace_result *o = j->out;
    size_t i = 0;
    while (i < o->useds && o->used[i].exemption != exemption_at) i++;
    if (i == o->useds) {
        o->used = arena_grown(j->a, o->used, o->useds, &j->used_cap, sizeof *o->used);
        o->used[o->useds++] = (trace_used){.exemption = exemption_at};
    }
    if (sighting) o->used[i].sightings++;
    else
        o->used[i].quantity += quantity;
}

/* ---- what rules ask */

int64_t day_end(const judging *j, day_t d) {
    return ((int64_t)(d + 1) * 1440 - j->w->zone) * 60000 - 1000;
}

day_t day_of_time(const judging *j, int64_t time) {
    return day_at(time, j->w->zone);
}

str line_customer(const judging *j, const trace_line *l) {
    if (l->customer != TRACE_NONE) return j->w->customer[l->customer];
    return l->counterparty == TRACE_NONE ? STR("") : j->w->partner[l->counterparty].id;
}

bool is_sale(const trace_line *l) {
    return (l->kind == FLOW_SELL_OUT || l->kind == FLOW_ONWARD || l->kind == FLOW_GIFT_OUT) && l->quantity > 0;
}

unsigned province_of(trace_region r) {
    return r <= REGION_ANYWHERE ? 0 : (unsigned)(r / 10000) % PROVINCES;
}

bool chain_reaches(const judging *j, uint32_t partner_at, trace_region r) {
    uint32_t head = j->head[partner_at];
    if (head == TRACE_NONE) return false;
    unsigned p = province_of(r);
    return j->reach[head][p / 8] >> p % 8 & 1;
}

static str balanced_key(uint8_t raw[static 8], uint32_t partner_at, uint32_t product_at) {
    put_be32(raw, partner_at);
    put_be32(raw + 4, product_at);
    return str_from(raw, 8);
}

void mark_balanced(judging *j, uint32_t partner_at, uint32_t product_at) {
    uint8_t raw[8];
    str k = balanced_key(raw, partner_at, product_at);
    if (map_find(&j->balanced, k) == NULL) *map_at(&j->balanced, arena_str(&j->scratch, k), NULL) = 1;
}

bool is_balanced(const judging *j, uint32_t partner_at, uint32_t product_at) {
    uint8_t raw[8];
    return map_find(&j->balanced, balanced_key(raw, partner_at, product_at)) != NULL;
}

/* ---- rates */

static uint64_t rate_key(uint32_t home, trace_region to) {
    return (uint64_t)home << 32 | (uint32_t)to;
}

static double *rate_at(judging *j, map *m, uint64_t k) {
    uint8_t raw[8];
    bool created;
    put_be64(raw, k);
    str text = str_from(raw, sizeof raw);
    const uint64_t *known = map_find(m, text);
    if (known) return (double *)(uintptr_t)*known;
    double *v = ARENA_NEW(&j->scratch, double, 1);
    *map_at(m, arena_str(&j->scratch, text), &created) = (uintptr_t)v;
    return v;
}

static double rate_get(const map *m, uint64_t k) {
    uint8_t raw[8];
    put_be64(raw, k);
    const uint64_t *known = map_find(m, str_from(raw, sizeof raw));
    return known ? *(const double *)(uintptr_t)*known : 0;
}

void rates_see(judging *j, rates *x, uint32_t home, trace_region to, double k) {
    *rate_at(j, &x->seen, rate_key(home, to)) += k;
}

void rates_of(judging *j, rates *x, uint32_t home, double n) {
    *rate_at(j, &x->of, rate_key(home, 0)) += n;
}

double rates_expect(const rates *x, uint32_t home, trace_region to, double k, double n) {
    double others_k = rate_get(&x->seen, rate_key(home, to)) - k, others_n = rate_get(&x->of, rate_key(home, 0)) - n;
    if (others_k < 0) others_k = 0;
    if (others_n < 0) others_n = 0;
    return (others_k + x->believe * x->prior) / (others_n + x->believe);
}

void rates_free(rates *x) {
    map_free(&x->seen);
    map_free(&x->of);
}

/* ---- who answers for whom, and chains */

static uint32_t accused_of(const trace_world *w, uint32_t at) {
    uint32_t p = at;
    for (int depth = 0; p != TRACE_NONE && depth < DEPTH_MAX; depth++, p = w->partner[p].parent)
        if (w->partner[p].kind == PARTNER_DISTRIBUTOR || w->partner[p].kind == PARTNER_SUB_DISTRIBUTOR) return p;
    return at;
}

static uint32_t head_of(const trace_world *w, uint32_t at) {
    uint32_t head = TRACE_NONE;
    for (int depth = 0; at != TRACE_NONE && depth < DEPTH_MAX; depth++, at = w->partner[at].parent) {
        if (w->partner[at].unreviewed || w->partner[at].kind < PARTNER_RETAILER) break;
        head = at;
    }
    return head;
}

static void find_people(judging *j) {
    const trace_world *w = j->w;
    j->accused = ARENA_NEW(&j->scratch, uint32_t, w->partners + 1);
    j->head = ARENA_NEW(&j->scratch, uint32_t, w->partners + 1);
    j->reach = arena_zalloc(&j->scratch, (w->partners + 1) * sizeof *j->reach);
    for (uint32_t i = 0; i < w->partners; i++) {
        uint32_t head = head_of(w, i);
        unsigned p = province_of(w->partner[i].home);
        j->accused[i] = accused_of(w, i);
        j->head[i] = head;
        if (head != TRACE_NONE && p) j->reach[head][p / 8] |= (uint8_t)(1u << p % 8);
    }
}

/* ---- lines by partner, product, day */

static int by_product(const void *x, const void *y, void *lines) {
    uint32_t p = *(const uint32_t *)x, q = *(const uint32_t *)y;
    const trace_line *a = (const trace_line *)lines + p, *b = (const trace_line *)lines + q;
    if (a->partner != b->partner) return a->partner < b->partner ? -1 : 1;
    if (a->product != b->product) return a->product < b->product ? -1 : 1;
    if (a->day != b->day) return a->day < b->day ? -1 : 1;
    return (p > q) - (p < q);
}

static void sort_by_product(judging *j) {
    size_t n = j->w->lines;
    j->by_product = ARENA_NEW(&j->scratch, uint32_t, n + 1);
    for (size_t i = 0; i < n; i++) j->by_product[i] = (uint32_t)i;
    if (n) qsort_r(j->by_product, n, sizeof *j->by_product, by_product, (void *)(uintptr_t)j->w->line);
}

/* ---- the run */

static void key_signal(const judging *j, trace_signal *s) {
    AUTO(buf) b = {0};
    const trace_world *w = j->w;
    buf_byte(&b, (char)s->kind);
    buf_text(&b, s->partner == TRACE_NONE ? STR("") : w->partner[s->partner].id);
    buf_text(&b, s->product == TRACE_NONE ? STR("") : w->product[s->product].sku);
    buf_be32(&b, (uint32_t)s->destination);
    buf_be64(&b, (uint64_t)s->since);
    buf_be64(&b, (uint64_t)s->quantity);
    str first = s->evidences ? s->evidence[0] : STR("");
    size_t row = str_find(first, STR(" row ")); /* that of whichever of two equal files came first */
    buf_text(&b, row == SIZE_MAX ? first : str_take(first, row));
    uint64_t h = 0xcbf29ce484222325u; /* FNV-1a: the same in every version of the program */
    for (size_t i = 0; i < b.n; i++) h = (h ^ (uint8_t)b.p[i]) * 0x100000001b3u;
    s->key = h;
}

static int by_time(const void *x, const void *y) {
    const trace_signal *a = x, *b = y;
    if (a->time != b->time) return a->time < b->time ? -1 : 1;
    return (a->key > b->key) - (a->key < b->key);
}

static int by_strength(const void *x, const void *y) {
    const trace_signal *a = x, *b = y;
    if (a->strength != b->strength) return a->strength > b->strength ? -1 : 1;
    return (a->key > b->key) - (a->key < b->key);
}

static int by_key(const void *x, const void *y) {
    const trace_signal *a = x, *b = y;
    if (a->key != b->key) return a->key < b->key ? -1 : 1;
    if (a->time != b->time) return a->time < b->time ? -1 : 1;
    return (b->strength > a->strength) - (b->strength < a->strength);
}

/* What says the same thing again is one signal: the first. */
static size_t drop_repeated(trace_signal *list, size_t n) {
    size_t kept = 0;
    if (n) qsort(list, n, sizeof *list, by_key);
    for (size_t i = 0; i < n; i++)
        if (kept == 0 || list[kept - 1].key != list[i].key) list[kept++] = list[i];
    return kept;
}

static void finish(judging *j) {
    trace_result *o = j->out;
    size_t kept = 0;
    for (size_t i = 0; i < o->signals; i++) {
        bool wanted = j->r->on[o->signal[i].kind] && day_of_time(j, o->signal[i].time) <= j->w->as_of;
        if (!wanted) continue;
        o->signal[kept] = o->signal[i];
        key_signal(j, &o->signal[kept++]);
    }
    o->signals = kept = drop_repeated(o->signal, kept);
    if (kept > LIMIT_SIGNALS) {
        qsort(o->signal, kept, sizeof *o->signal, by_strength);
        o->dropped = kept - LIMIT_SIGNALS;
        o->signals = LIMIT_SIGNALS;
    }
    if (o->signals) qsort(o->signal, o->signals, sizeof *o->signal, by_time);
}

void trace_judge(const trace_world *w, const trace_rules *r, arena *a, trace_result *out) {
    static void (*const rules[])(judging * j) = {judge_clones,  judge_reported, judge_codes,  judge_scans,
                                                 judge_balance, judge_unsold,   judge_orders, judge_prices,
                                                 judge_buyers,  judge_sources,  judge_told};
    judging j = {.w = w, .r = r, .a = a, .out = out};
    *out = (trace_result){.signals = 0};
    arena_init(&j.scratch, SIZE_MAX); /* bounded by the world */
    find_people(&j);
    sort_by_product(&j);
    for (size_t i = 0; i < ARRAY_LEN(rules); i++) rules[i](&j);
    finish(&j);
    map_free(&j.cloned);
    map_free(&j.balanced);
    arena_free(&j.scratch);
}
