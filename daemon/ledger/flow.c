#include "daemon/ledger/flow.h"

#include <stdlib.h>

enum { MONTHS = 12, DAYS = 31 };

struct flow_change {
    uint32_t partner, product, home, region, province, brand, currency;
    day_t day;
    int32_t month;
    uint8_t day_of_month; /* from 0 */
    uint8_t kind;
    int32_t lines, unpriced;
    int64_t quantity, amount;
};

/* A key of any of the four tables as numbers that compare in key order. */
typedef struct sort_key {
    uint64_t a, b;
    uint32_t c;
    uint32_t at; /* the total it is the key of */
} sort_key;

/* What all changes of one key, part and currency come to. */
typedef struct flow_total {
    sort_key k;
    uint32_t which; /* part and currency, as they are stored */
    int32_t lines, unpriced;
    __int128 quantity, amount;
} flow_total;

struct flow_put {
    const struct order *order;
    sort_key k;
    str value; /* n 0: delete */
};
typedef struct flow_put flow_put;

void flow_sum_put(uint8_t *p, const flow_sum *s) {
    put_be32(p, (uint32_t)s->part << FLOW_PART_SHIFT | s->currency);
    put_be64(p + 4, (uint64_t)s->quantity);
    put_be64(p + 12, (uint64_t)s->amount);
    put_be32(p + 20, s->lines);
    put_be32(p + 24, s->unpriced);
}

flow_month_key flow_month_parse(str k) {
    reader r = reader_of(k);
    flow_month_key f = {.partner = read_be32(&r)};
    f.product = read_be32(&r);
    f.kind = (flow_kind)read_byte(&r);
    f.year = (int32_t)read_be32(&r);
    return f;
}

flow_region_key flow_region_parse(str k) {
    reader r = reader_of(k);
    flow_region_key f = {.kind = (flow_kind)read_byte(&r)};
    f.month = (int32_t)read_be32(&r);
    f.home = read_be32(&r);
    f.region = read_be32(&r);
    f.product = read_be32(&r);
    return f;
}

flow_total_key flow_total_parse(str k) {
    reader r = reader_of(k);
    flow_total_key f = {.kind = (flow_kind)read_byte(&r)};
    f.month = (int32_t)read_be32(&r);
    f.province = read_be32(&r);
    f.brand = read_be32(&r);
    return f;
}

static uint64_t pair(uint32_t high, uint32_t low) {
    return (uint64_t)high << 32 | low;
}

static sort_key day_sort(const flow_change *c) {
    return (sort_key){pair(c->partner, (uint32_t)c->day ^ 0x80000000U), pair(c->kind, c->product), 0, 0};
}

static sort_key month_sort(const flow_change *c) {
    return (sort_key){pair(c->partner, c->product), pair(c->kind, (uint32_t)c->month / MONTHS), 0, 0};
}

static uint32_t currency_of(const flow_change *c) {
    return c->currency;
}

static uint32_t month_and_currency(const flow_change *c) {
    return (uint32_t)c->month % MONTHS << FLOW_PART_SHIFT | c->currency;
}

static sort_key region_sort(const flow_change *c) {
    return (sort_key){pair(c->kind, (uint32_t)c->month), pair(c->home, c->region), c->product, 0};
}

static sort_key total_sort(const flow_change *c) {
    return (sort_key){pair(c->kind, (uint32_t)c->month), pair(c->province, c->brand), 0, 0};
}

static uint32_t day_and_currency(const flow_change *c) {
    return (uint32_t)c->day_of_month << FLOW_PART_SHIFT | c->currency;
}

/* Stored forms, from the numbers. */
static void day_key(const sort_key *s, key *k) {
    key_u64(k, s->a);
    key_u8(k, (uint8_t)(s->b >> 32));
    key_u32(k, (uint32_t)s->b);
}

static void region_key(const sort_key *s, key *k) {
    key_u8(k, (uint8_t)(s->a >> 32));
    key_u32(k, (uint32_t)s->a);
    key_u64(k, s->b);
    key_u32(k, s->c);
}

static void total_key(const sort_key *s, key *k) {
    key_u8(k, (uint8_t)(s->a >> 32));
    key_u32(k, (uint32_t)s->a);
    key_u64(k, s->b);
}

static const struct order {
    kv_table table;
    sort_key (*sort)(const flow_change *c);
    uint32_t (*which)(const flow_change *c);
    void (*key)(const sort_key *s, key *k);
} orders[] = {
    {TABLE_FLOW_DAY, day_sort, currency_of, day_key},
    {TABLE_FLOW_MONTH, month_sort, month_and_currency, day_key}, /* the same widths */
    {TABLE_FLOW_REGION, region_sort, currency_of, region_key},
    {TABLE_FLOW_TOTAL, total_sort, day_and_currency, total_key},
};

void flow_changes_add(flow_changes *f, const posted *p, int sign, arena *a) {
    if (p->kind == FLOW_COUNT) return;
    if (f->rows == f->cap) {
        size_t cap = f->cap ? 2 * f->cap : 1024;
        flow_change *row = arena_alloc(a, cap * sizeof *row);
        ASSERT(row != NULL);
        if (f->rows) memcpy(row, f->row, f->rows * sizeof *row);
        f->row = row;
        f->cap = cap;
    }
    bool unpriced = p->amount == NUM_NONE;
    const flow_change *before = f->rows ? &f->row[f->rows - 1] : NULL;
    bool same_day = before && before->day == p->day;
    int32_t month = same_day ? before->month : month_of(p->day);
    f->row[f->rows++] =
        (flow_change){.partner = p->partner,
                      .product = p->product,
                      .home = p->home,
                      .region = p->region,
                      .province = p->province,
                      .brand = p->brand,
                      .currency = p->currency,
                      .day = p->day,
                      .month = month,
                      .day_of_month = same_day ? before->day_of_month : (uint8_t)(p->day - month_first(month)),
                      .kind = p->kind,
                      .lines = sign,
                      .unpriced = unpriced ? sign : 0,
                      .quantity = sign * p->quantity,
                      .amount = unpriced ? 0 : sign * p->amount};
}

static int by_key(const void *x, const void *y) {
    const sort_key *a = x, *b = y;
    if (a->a != b->a) return a->a < b->a ? -1 : 1;
    if (a->b != b->b) return a->b < b->b ? -1 : 1;
    if (a->c != b->c) return a->c < b->c ? -1 : 1;
    return (a->at > b->at) - (a->at < b->at);
}

static bool same_key(const sort_key *a, const sort_key *b) {
    return a->a == b->a && a->b == b->b && a->c == b->c;
}

enum { CURRENCIES_MAX = 256, SUMS_MAX = DAYS * CURRENCIES_MAX };

/* The sums of one key while it is worked out: in the order of parts and currencies. */
typedef struct sums {
    flow_sum s[SUMS_MAX];
    size_t n;
} sums;

static uint32_t which_of(const flow_sum *s) {
    return (uint32_t)s->part << FLOW_PART_SHIFT | s->currency;
}

static flow_sum *sum_of(sums *v, uint32_t which) {
    size_t i = v->n;
    while (i > 0 && which_of(&v->s[i - 1]) >= which) i--;
    if (i < v->n && which_of(&v->s[i]) == which) return &v->s[i];
    if (v->n == SUMS_MAX) return NULL;
    memmove(&v->s[i + 1], &v->s[i], (v->n - i) * sizeof v->s[0]);
    v->n++;
    v->s[i] = (flow_sum){.currency = which & ((1U << FLOW_PART_SHIFT) - 1), .part = which >> FLOW_PART_SHIFT};
    return &v->s[i];
}

static bool add_sum(int64_t *v, __int128 change) {
    __int128 sum = *v + change;
    *v = (int64_t)sum;
    return sum >= -INT64_MAX && sum <= INT64_MAX;
}

static bool add_total(sums *v, const flow_total *c) {
    flow_sum *s = sum_of(v, c->which);
    if (s == NULL) return false;
    s->lines += (uint32_t)c->lines; /* taking out what was put in never goes below 0 */
    s->unpriced += (uint32_t)c->unpriced;
    return add_sum(&s->quantity, c->quantity) && add_sum(&s->amount, c->amount);
}

static str sums_value(const sums *v, arena *a) {
    uint8_t *p = arena_alloc(a, v->n * FLOW_SUM_SIZE + 1);
    size_t n = 0;
    ASSERT(p != NULL);
    for (size_t i = 0; i < v->n; i++)
        if (v->s[i].lines) flow_sum_put(p + FLOW_SUM_SIZE * n++, &v->s[i]);
    return str_from(p, n * FLOW_SUM_SIZE);
}

/* Room to work out one order in, for all of them. */
typedef struct summing {
    flow_total *total; /* a row a key, at most one a change */
    uint32_t *slot;    /* hashed: 1 + index of a total, 0 free */
    size_t slots;      /* a power of two */
    sort_key *k;
} summing;

static flow_total *total_of(summing *s, uint32_t *n, const sort_key *k, uint32_t which) {
    uint64_t h = (k->a * 0x9e3779b97f4a7c15u ^ k->b) * 0xbf58476d1ce4e5b9u ^ pair(k->c, which);
    h *= 0x94d049bb133111ebu;
    for (size_t i = (size_t)(h >> 32) & (s->slots - 1);; i = (i + 1) & (s->slots - 1)) {
        if (s->slot[i] == 0) {
            s->slot[i] = *n + 1;
            s->total[*n] = (flow_total){.k = *k, .which = which};
            return &s->total[(*n)++];
        }
        flow_total *x = &s->total[s->slot[i] - 1];
        if (same_key(&x->k, k) && x->which == which) return x;
    }
}

/* Totals in key order; returns how many. */
static uint32_t sum_changes(const flow_changes *f, const struct order *o, summing *s) {
    uint32_t n = 0;
    memset(s->slot, 0, s->slots * sizeof *s->slot);
    for (size_t i = 0; i < f->rows; i++) {
        const flow_change *c = &f->row[i];
        sort_key k = o->sort(c);
        flow_total *x = total_of(s, &n, &k, o->which(c));
        x->lines += c->lines;
        x->unpriced += c->unpriced;
        x->quantity += c->quantity;
        x->amount += c->amount;
    }
    for (uint32_t i = 0; i < n; i++) {
        s->k[i] = s->total[i].k;
        s->k[i].at = i;
    }
    qsort(s->k, n, sizeof *s->k, by_key);
    return n;
}

static bool check_order(flow_changes *f, const struct order *o, summing *s, txn *t, arena *a, err *e) {
    sums v;
    AUTO(kv_point) stored = kv_point_at(t, o->table);
    uint32_t n = sum_changes(f, o, s);
    for (uint32_t i = 0, next; i < n; i = next) {
        key k = {.n = 0};
        str val;
        o->key(&s->k[i], &k);
        v.n = 0;
        if (kv_point_get(&stored, key_str(&k), &val))
            for (; v.n < flow_sum_count(val) && v.n < SUMS_MAX; v.n++) v.s[v.n] = flow_sum_at(val, v.n);
        for (next = i; next < n && same_key(&s->k[i], &s->k[next]); next++)
            if (!add_total(&v, &s->total[s->k[next].at]))
                return err_set(e, ERR_DATA, "figures out of range: the total of a product on a day does not fit");
        f->put[f->puts++] = (flow_put){o, s->k[i], sums_value(&v, a)};
    }
    return true;
}

bool flow_changes_check(flow_changes *f, txn *t, arena *a, err *e) {
    summing s = {.slots = 16};
    if (f->rows == 0) return true;
    while (s.slots < 2 * f->rows) s.slots *= 2;
    f->put = arena_alloc(a, ARRAY_LEN(orders) * f->rows * sizeof *f->put);
    s.total = arena_alloc(a, f->rows * sizeof *s.total);
    s.slot = arena_alloc(a, s.slots * sizeof *s.slot);
    s.k = arena_alloc(a, f->rows * sizeof *s.k);
    ASSERT(f->put != NULL && s.total != NULL && s.slot != NULL && s.k != NULL);
    for (size_t i = 0; i < ARRAY_LEN(orders); i++) TRY(check_order(f, &orders[i], &s, t, a, e));
    return true;
}

/* Partner and product of a key may have got their numbers only now. */
static void settle_key(flow_put *p, uint32_t (*real)(void *arg, uint32_t no), void *arg) {
    sort_key *k = &p->k;
    uint32_t high = (uint32_t)(k->a >> 32), low = (uint32_t)k->a;
    if (p->order->table == TABLE_FLOW_DAY) {
        k->a = pair(real(arg, high), low);
        k->b = pair((uint32_t)(k->b >> 32), real(arg, (uint32_t)k->b));
    } else if (p->order->table == TABLE_FLOW_MONTH) {
        k->a = pair(real(arg, high), real(arg, low));
    } else if (p->order->table == TABLE_FLOW_REGION) {
        k->c = real(arg, k->c);
    }
}

/* Puts of one table. */
static void put_order(flow_put *p, size_t n, txn *t) {
    const struct order *o = p->order;
    for (size_t i = 0; i < n; i++) {
        key k = {.n = 0};
        if (p[i].value.n) continue;
        o->key(&p[i].k, &k);
        (void)kv_del(t, o->table, key_str(&k));
    }
    AUTO(kv_point) at = kv_point_at(t, o->table);
    for (size_t i = 0; i < n; i++) {
        key k = {.n = 0};
        if (p[i].value.n == 0) continue;
        o->key(&p[i].k, &k);
        kv_point_put(&at, key_str(&k), p[i].value);
    }
}

void flow_changes_put(flow_changes *f, txn *t, uint32_t (*real)(void *arg, uint32_t no), void *arg) {
    for (size_t i = 0; i < f->puts; i++) settle_key(&f->put[i], real, arg);
    for (size_t i = 0, n; i < f->puts; i += n) {
        for (n = 1; i + n < f->puts && f->put[i + n].order == f->put[i].order; n++) {
        }
        put_order(&f->put[i], n, t);
    }
}
