#include "daemon/ledger/stock.h"

#include "base/map.h"
#include "daemon/catalog/index.h"
#include "daemon/catalog/settings.h"
#include "daemon/ledger/flow.h"
#include <stdlib.h>

/* A walk over the flows of a partner: those that move stock on their day, or what was sent, days later. */
typedef struct flow_walk {
    kv_cursor c;
    flow_day_key k;
    bool sent, more;
    day_t later;
} flow_walk;

static void flow_step(flow_walk *w) {
    w->more = kv_next(&w->c);
    if (w->more) w->k = flow_day_parse(w->c.key);
}

static flow_walk flow_begin(txn *t, uint32_t partner_no, day_t from, bool sent, day_t later) {
    key prefix = {.n = 0}, start;
    key_u32(&prefix, partner_no);
    start = prefix;
    key_day(&start, from);
    flow_walk w = {.c = kv_from(t, TABLE_FLOW_DAY, key_str(&prefix), key_str(&start)), .sent = sent, .later = later};
    flow_step(&w);
    return w;
}

/* Counts that partners sent, and the openings of the catalogue, in the order of days and products. */
typedef struct count_source {
    kv_cursor c;
    size_t skip; /* bytes of the key before the day */
    day_t day;
    uint32_t product;
    bool more;
} count_source;

typedef struct count_walk {
    count_source sent, told;
    day_t day; /* of the next one */
    uint32_t product;
    bool more, opening;
} count_walk;

static void source_step(count_source *s) {
    s->more = kv_next(&s->c);
    if (!s->more) return;
    reader r = reader_of(str_skip(s->c.key, s->skip));
    s->day = read_day(&r);
    s->product = read_be32(&r);
}

static bool before(const count_source *a, const count_source *b) {
    return a->day < b->day || (a->day == b->day && a->product <= b->product);
}

/* Of one day and product the opening comes first. */
static void count_look(count_walk *w) {
    w->more = w->sent.more || w->told.more;
    w->opening = w->told.more && (!w->sent.more || before(&w->told, &w->sent));
    const count_source *next = w->opening ? &w->told : &w->sent;
    w->day = next->day;
    w->product = next->product;
}

static void count_step(count_walk *w) {
    source_step(w->opening ? &w->told : &w->sent);
    count_look(w);
}

typedef struct worker {
    stock *out;
    arena *a;
    map index; /* product → level */
    size_t level_cap, event_cap, empty_cap;
} worker;

static stock_level *level_of(worker *w, uint32_t product_no) {
    uint8_t raw[4];
    put_be32(raw, product_no);
    uint64_t *at = map_find(&w->index, str_from(raw, sizeof raw));
    if (at) return &w->out->level[*at];
    stock *s = w->out;
    s->level = arena_grown(w->a, s->level, s->levels, &w->level_cap, sizeof *s->level);
    *map_at(&w->index, arena_str(w->a, str_from(raw, sizeof raw)), NULL) = s->levels;
    s->level[s->levels] = (stock_level){.product = product_no};
    return &s->level[s->levels++];
}

static void add_event(worker *w, flow_kind kind, uint32_t product_no, day_t day, int64_t quantity) {
    stock *s = w->out;
    s->event = arena_grown(w->a, s->event, s->events, &w->event_cap, sizeof *s->event);
    s->event[s->events++] = (stock_event){kind, product_no, day, quantity};
}

/* Before a level moves on a day: what stood at the end of the days since it moved last. */
static void note_empty(worker *w, const stock_level *l, day_t day) {
    stock *s = w->out;
    if (!l->counted || l->quantity != 0 || l->last_day >= day) return;
    s->empty = arena_grown(w->a, s->empty, s->empties, &w->empty_cap, sizeof *s->empty);
    s->empty[s->empties++] = (stock_empty){l->product, l->last_day, day - 1};
}

/* Months of one product and kind lie together: it is enough to look where they would begin. */
static bool has_months(txn *t, uint32_t partner_no, uint32_t product_no, flow_kind kind) {
    key prefix = {.n = 0};
    key_u32(&prefix, partner_no);
    key_u32(&prefix, product_no);
    key_u8(&prefix, (uint8_t)kind);
    AUTO(kv_cursor) c = kv_from(t, TABLE_FLOW_MONTH, key_str(&prefix), STR_NONE);
    return kv_next(&c);
}

/* The first product ≥ `from` that flowed; 0: none. */
static uint32_t product_from(txn *t, uint32_t partner_no, uint32_t from) {
    key prefix = {.n = 0}, start;
    key_u32(&prefix, partner_no);
    start = prefix;
    key_u32(&start, from);
    AUTO(kv_cursor) c = kv_from(t, TABLE_FLOW_MONTH, key_str(&prefix), key_str(&start));
    return kv_next(&c) ? flow_month_parse(c.key).product : 0;
}

bool stock_receipts_reported(txn *t, uint32_t partner_no) {
    for (uint32_t p = 1; p != 0 && (p = product_from(t, partner_no, p)) != 0; p++)
        if (has_months(t, partner_no, p, FLOW_RECEIPT) || has_months(t, partner_no, p, FLOW_GIFT_RECEIPT)) return true;
    return false;
}

static void move_stock(worker *w, const flow_walk *f) {
    stock_effect effect = flow_stock_effect(f->k.kind);
    if (f->sent ? effect != STOCK_SENT : effect != STOCK_IN && effect != STOCK_OUT) return;
    stock_level *l = level_of(w, f->k.product);
    note_empty(w, l, f->k.day + f->later);
    for (size_t i = 0; i < flow_sum_count(f->c.val); i++) {
        int64_t q = flow_sum_at(f->c.val, i).quantity;
        int64_t now = l->quantity;
        if (effect == STOCK_OUT ? sub_i64(now, q, &now) : add_i64(now, q, &now)) l->quantity = now;
    }
    l->last_day = f->k.day + f->later;
}

/* The opening of a product: its batches and rows added up. */
static stock_count opened(count_walk *w) {
    stock_count sum = {.product = w->product, .day = w->day, .opening = true};
    for (; w->more && w->opening && w->day == sum.day && w->product == sum.product; count_step(w)) {
        reader r = reader_of(w->told.c.val);
        uint64_t entry_no = read_be64(&r);
        (void)add_i64(sum.quantity, (int64_t)read_be64(&r), &sum.quantity);
        if (entry_no > sum.entry) sum.entry = entry_no;
    }
    return sum;
}

/* The count of a product on a day: of the documents of one stream the one submitted last, streams added up. */
static stock_count counted(count_walk *w, arena *a) {
    typedef struct stream_count {
        str stream;
        uint64_t entry;
        uint32_t doc;
        int64_t quantity;
    } stream_count;
    stream_count *s = NULL;
    size_t n = 0, cap = 0;
    if (w->opening) return opened(w);
    stock_count sum = {.product = w->product, .day = w->day};
    for (; w->more && !w->opening && w->day == sum.day && w->product == sum.product; count_step(w)) {
        reader r = reader_of(w->sent.c.val);
        stream_count now = {.entry = read_be64(&r)};
        now.doc = read_be32(&r);
        now.quantity = (int64_t)read_be64(&r);
        now.stream = str_from(r.p, (size_t)(r.end - r.p));
        size_t i = 0;
        while (i < n && !str_eq(s[i].stream, now.stream)) i++;
        s = arena_grown(a, s, n, &cap, sizeof *s);
        if (i == n) s[n++] = now;
        else if (now.entry > s[i].entry || (now.entry == s[i].entry && now.doc > s[i].doc))
            s[i] = now;
    }
    for (size_t i = 0; i < n; i++) {
        (void)add_i64(sum.quantity, s[i].quantity, &sum.quantity);
        if (s[i].entry > sum.entry) sum.entry = s[i].entry;
    }
    return sum;
}

static void count_stock(worker *w, count_walk *c) {
    day_t day = c->day;
    stock_level *l = level_of(w, c->product);
    stock_count now = counted(c, w->a);
    int64_t count = now.quantity;
    note_empty(w, l, day);
    if (!l->counted) add_event(w, FLOW_OPENING, l->product, day, count);
    else if (now.opening)
        add_event(w, FLOW_OPENING, l->product, day, count - l->quantity);
    else if (count != l->quantity)
        add_event(w, FLOW_ADJUSTMENT, l->product, day, count - l->quantity);
    l->counted = true;
    l->count = l->quantity = count;
    l->count_day = l->last_day = day;
}

/* Flows of a day come before its counts. */
static void walk_days(worker *w, flow_walk *now, flow_walk *sent, count_walk *count, day_t at) {
    for (;;) {
        day_t flow_day = now->more ? now->k.day : DAY_MAX, sent_day = sent->more ? sent->k.day + sent->later : DAY_MAX,
              count_day = count->more ? count->day : DAY_MAX;
        if (flow_day <= sent_day && flow_day <= count_day && flow_day <= at && now->more) {
            move_stock(w, now);
            flow_step(now);
        } else if (sent_day <= count_day && sent_day <= at && sent->more) {
            move_stock(w, sent);
            flow_step(sent);
        } else if (count_day <= at && count->more) {
            count_stock(w, count);
        } else {
            return;
        }
    }
}

static int by_product(const void *x, const void *y) {
    const stock_level *a = x, *b = y;
    return (a->product > b->product) - (a->product < b->product);
}

static count_source source_begin(txn *t, kv_table table, const key *prefix, day_t from) {
    key start = *prefix;
    key_day(&start, from);
    return (count_source){.c = kv_from(t, table, key_str(prefix), key_str(&start)), .skip = prefix->n};
}

static count_walk count_begin(txn *t, uint32_t partner_no, day_t from) {
    key prefix = {.n = 0};
    key_u32(&prefix, partner_no);
    key told = index_key(INDEX_OPENING_STOCK);
    key_u32(&told, partner_no);
    count_walk w = {.sent = source_begin(t, TABLE_STOCK_COUNT, &prefix, from),
                    .told = source_begin(t, TABLE_CATALOG_INDEX, &told, from)};
    source_step(&w.sent);
    source_step(&w.told);
    count_look(&w);
    return w;
}

static void count_end(count_walk *w) {
    kv_end(&w->sent.c);
    kv_end(&w->told.c);
}

size_t stock_counts(txn *t, uint32_t partner_no, arena *a, stock_count **out) {
    count_walk w = count_begin(t, partner_no, DAY_MIN);
    size_t n = 0, cap = 0;
    *out = NULL;
    while (w.more) {
        *out = arena_grown(a, *out, n, &cap, sizeof **out);
        (*out)[n++] = counted(&w, a);
    }
    count_end(&w);
    return n;
}

bool stock_first(txn *t, uint32_t partner_no, arena *a, stock_count *out) {
    count_walk w = count_begin(t, partner_no, DAY_MIN);
    bool any = w.more;
    if (any) *out = counted(&w, a);
    count_end(&w);
    return any;
}

/* Flows and counts from `start` on. */
static void walk_from(txn *t, uint32_t partner_no, day_t start, day_t at, worker *w) {
    stock *out = w->out;
    day_t transit = out->assumed ? (day_t)setting_number(t, SETTING_TRANSIT) : 0;
    flow_walk now = flow_begin(t, partner_no, start, false, 0), sent = {.more = false};
    /* what was sent before and came since */
    if (out->assumed)
        sent = flow_begin(t, partner_no, start > DAY_MIN + transit ? start - transit : start, true, transit);
    count_walk count = count_begin(t, partner_no, start);
    walk_days(w, &now, &sent, &count, at);
    for (size_t i = 0; i < out->levels; i++) note_empty(w, &out->level[i], at + 1);
    kv_end(&now.c);
    kv_end(&sent.c);
    count_end(&count);
    map_free(&w->index);
    if (out->levels) qsort(out->level, out->levels, sizeof *out->level, by_product);
}

void stock_of(txn *t, uint32_t partner_no, day_t at, arena *a, stock *out) {
    worker w = {.out = out, .a = a};
    *out = (stock){.assumed = !stock_receipts_reported(t, partner_no)};
    walk_from(t, partner_no, DAY_MIN, at, &w);
}

/* The day that is early enough to begin on: of each product the last count that is not after `from`. */
static day_t last_counts(txn *t, uint32_t partner_no, day_t from) {
    AUTO(map) last = {0};
    AUTO(arena) a = {0};
    day_t *day = NULL, first = from;
    size_t n = 0, cap = 0;
    arena_init(&a, SIZE_MAX); /* bounded by the products that were counted */
    count_walk c = count_begin(t, partner_no, DAY_MIN);
    for (; c.more && c.day <= from; count_step(&c)) {
        uint8_t raw[4];
        put_be32(raw, c.product);
        uint64_t *at = map_find(&last, str_from(raw, sizeof raw));
        if (at == NULL) {
            day = arena_grown(&a, day, n, &cap, sizeof *day);
            *(at = map_at(&last, arena_str(&a, str_from(raw, sizeof raw)), NULL)) = n++;
        }
        day[*at] = c.day;
    }
    count_end(&c);
    for (size_t i = 0; i < n; i++)
        if (day[i] < first) first = day[i];
    return first;
}

void stock_since(txn *t, uint32_t partner_no, day_t from, day_t at, arena *a, stock *out) {
    worker w = {.out = out, .a = a};
    *out = (stock){.assumed = !stock_receipts_reported(t, partner_no)};
    walk_from(t, partner_no, from == DAY_MIN ? DAY_MIN : last_counts(t, partner_no, from), at, &w);
    out->events = 0; /* what went before is not known */
    out->event = NULL;
}

static uint32_t first_partner(txn *t, kv_table table, uint32_t from) {
    key k = {.n = 0};
    key_u32(&k, from);
    AUTO(kv_cursor) c = kv_from(t, table, STR(""), key_str(&k));
    return kv_next(&c) ? get_be32(c.key.p) : 0;
}

static uint32_t first_opened(txn *t, uint32_t from) {
    key prefix = index_key(INDEX_OPENING_STOCK), start = prefix;
    key_u32(&start, from);
    AUTO(kv_cursor) c = kv_from(t, TABLE_CATALOG_INDEX, key_str(&prefix), key_str(&start));
    return kv_next(&c) ? get_be32(c.key.p + prefix.n) : 0;
}

uint32_t stock_partner(txn *t, uint32_t from, bool flows) {
    const uint32_t found[] = {first_partner(t, TABLE_STOCK_COUNT, from), first_opened(t, from),
                              flows ? first_partner(t, TABLE_FLOW_DAY, from) : 0};
    uint32_t least = 0;
    for (size_t i = 0; i < ARRAY_LEN(found); i++)
        if (found[i] && (least == 0 || found[i] < least)) least = found[i];
    return least;
}
