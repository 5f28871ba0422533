/* What documents and scanned codes say of an order. Goods are posted by documents (a shipment's, a receipt's) and by nothing
 * else: an order takes from them what left and what came. */
#include "daemon/command/orders.h"

#include "daemon/catalog/product.h"
#include "daemon/command/catalog.h"
#include "daemon/ledger/goods_read.h"
#include "daemon/trace/custody.h"
#include "proto/limits.h"

#include <inttypes.h>

enum { DAYS_BEFORE = 7 }; /* a shipment is looked for from so long before the order was placed */

/* ---- documents */

static str number_of(call *c, const deed *d) {
    AUTO(buf) b = {0};
    if (d->number.n) return d->number;
    buf_printf(&b, "#%" PRIu64, d->document);
    return arena_str(c->a, buf_str(&b));
}

/* By what documents may name an order: "O12", the ERP's number, the partner's own; not by one that several orders bear. */
typedef struct order_names {
    const order *o;
    str own, erp, reference;
} order_names;

static order_names names_of(call *c, const order *o) {
    AUTO(buf) own = {0};
    order_names x = {.o = o, .erp = o->erp, .reference = o->reference};
    order_reference(&own, o->number);
    x.own = arena_str(c->a, buf_str(&own));
    for (AUTO(kv_cursor) w = orders_of(c->t, o->partner); kv_next(&w);) {
        order other;
        if (!order_decode(w.key, w.val, &other) || other.number == o->number) continue;
        if (str_eq(other.erp, o->erp)) x.erp = STR("");
        if (str_eq(other.reference, o->reference)) x.reference = STR("");
    }
    return x;
}

static bool names_order(const order_names *x, str word) {
    return word.n && (str_eq(word, x->own) || str_eq(word, x->erp) || str_eq(word, x->reference));
}

/* Does a line's reference name the order, or (a receipt's) a shipment that the order knows? */
static bool is_of(call *c, const order_names *x, order_act act, const deed *d, const deed_line *l) {
    uint64_t number = x->o->number;
    str rest = l->reference, piece;
    char between = str_has(l->reference, STR(";")) ? ';' : ',';
    while (rest.n && str_split(&rest, between, &piece)) {
        piece = str_trim(piece);
        if (names_order(x, piece)) return true;
        if (act == ORDER_DO_RECEIVE && order_knows(c->t, number, ORDER_DO_SHIP, piece)) return true;
    }
    return act == ORDER_DO_RECEIVE && l->reference.n == 0 && order_knows(c->t, number, ORDER_DO_SHIP, d->number);
}

static void add_part(call *c, order_deed *d, const deed_line *l, size_t *cap) {
    for (size_t i = 0; i < d->parts; i++) {
        if (d->part[i].product != l->product) continue;
        d->part[i].quantity += l->quantity;
        d->part[i].damaged += l->damaged ? l->quantity : 0;
        return;
    }
    d->part = arena_grown(c->a, d->part, d->parts, cap, sizeof *d->part);
    d->part[d->parts++] = (order_part){l->product, l->quantity, l->damaged ? l->quantity : 0};
}

static bool read_goods(call *c, const order *o, facts *f, goods_reader *r, bool received, err *e) {
    *r = (goods_reader){.t = c->t,
                        .a = c->a,
                        .f = f,
                        .partner = o->partner,
                        .from = day_at(o->placed_ms, c->zone_min) - DAYS_BEFORE,
                        .to = DAY_MAX};
    return goods_read(r, e) && goods_read_words(r, received ? &r->received : &r->sent, e);
}

bool order_deeds(call *c, const order *o, order_act act, order_deed **out, size_t *n, err *e) {
    AUTO(facts) f = {0};
    goods_reader r;
    size_t cap = 0;
    bool received = act == ORDER_DO_RECEIVE;
    const order_names names = names_of(c, o);
    *out = NULL;
    *n = 0;
    facts_init(&f, c->t);
    TRY(read_goods(c, o, &f, &r, received, e));
    const deeds *list = received ? &r.received : &r.sent;
    for (size_t i = 0; i < list->n; i++) {
        order_deed d = {.number = number_of(c, &list->at[i])};
        size_t parts = 0;
        if (order_knows(c->t, o->number, act, d.number)) continue;
        for (size_t k = 0; k < list->at[i].lines; k++)
            if (is_of(c, &names, act, &list->at[i], &list->at[i].line[k]))
                add_part(c, &d, &list->at[i].line[k], &parts);
        if (d.parts == 0) continue;
        *out = arena_grown(c->a, *out, *n, &cap, sizeof **out);
        (*out)[(*n)++] = d;
    }
    return txn_ok(c->t, e);
}

static void put_quantity(call *c, buf *b, uint32_t product_no, int64_t quantity, const char *after) {
    buf_printf(b, "; %.*s: ", STR_ARG(product_sku(c->t, product_no)));
    dec_put(b, quantity, QUANTITY_SCALE, 0);
    buf_addz(b, after);
}

static void add_line(call *c, Entry__OrderStep *m, size_t *cap, uint32_t product_no, int64_t quantity,
                     int64_t damaged) {
    Entry__OrderLine *l = ARENA_NEW(c->a, Entry__OrderLine, 1);
    ASSERT(l != NULL);
    entry__order_line__init(l);
    l->sku = entry_text(c, product_sku(c->t, product_no));
    l->quantity = quantity;
    l->damaged = damaged < quantity ? damaged : quantity;
    m->line = arena_grown(c->a, m->line, m->n_line, cap, sizeof *m->line);
    m->line[m->n_line++] = l;
}

bool order_deed_lines(call *c, const order *o, order_act act, const order_deed *d, Entry__OrderStep *m, buf *said,
                      err *e) {
    size_t cap = 0;
    m->line = NULL;
    m->n_line = 0;
    for (size_t i = 0; i < d->parts; i++) {
        const order_part *x = &d->part[i];
        order_line l;
        if (x->quantity <= 0) continue;
        if (!order_line_get(c->t, o->number, x->product, &l)) {
            put_quantity(c, said, x->product, x->quantity, " of it are not in the order (order substitute)");
            continue;
        }
        int64_t rest = act == ORDER_DO_SHIP ? l.quantity - l.shipped : l.shipped - l.received,
                now = x->quantity < rest ? x->quantity : rest;
        if (x->quantity > rest)
            put_quantity(c, said, x->product, x->quantity - rest,
                         act == ORDER_DO_SHIP ? " more than was ordered" : " more than was shipped");
        if (now > 0) add_line(c, m, &cap, x->product, now, x->damaged);
    }
    return txn_ok(c->t, e);
}

/* ---- scanned codes */

typedef struct scan_list {
    code_key *key;
    size_t n, cap;
} scan_list;

typedef struct scanned {
    call *c;
    scan_list all; /* of earlier receipts, then of this one */
    size_t before;
    map set;                /* those that count */
    const deed_line **line; /* of the shipments that the order knows */
    size_t lines;
} scanned;

/* Codes that lie in one, at whatever depth, and no others in them; 1 of a code by itself. */
static int64_t weight(txn *t, const code_key *k, unsigned depth) {
    uint32_t no = container_no(t, k);
    contained x;
    int64_t sum = 0;
    if (no == 0 || depth == LIMIT_NESTING) return 1;
    for (contents w = container_contents(t, no); contents_next(&w, &x);) {
        size_t prefix;
        uint64_t first;
        code_row row;
        if (x.to && code_series(&x.key, &prefix, &first)) sum += (int64_t)(x.to - first);
        else if (!code_get(t, &x.key, &row) || code_parent_at(t, &row.body, INT64_MAX - 1) == no)
            sum += weight(t, &x.key, depth + 1);
    }
    return sum ? sum : 1;
}

static bool in_set(const scanned *s, const code_key *k) {
    return map_find(&s->set, str_from(k->p, k->n)) != NULL;
}

/* Is a container around it in the set? *inside: does it lie in `of`? */
static bool around_in_set(const scanned *s, const code_key *k, const code_key *of, bool *inside) {
    code_key around[LIMIT_NESTING];
    bool any = false;
    size_t n = custody_around(s->c->t, k, around, LIMIT_NESTING);
    *inside = false;
    for (size_t i = 0; i < n; i++) {
        any = any || in_set(s, &around[i]);
        *inside = *inside || str_eq(str_from(around[i].p, around[i].n), str_from(of->p, of->n));
    }
    return any;
}

/* How much of a code that a shipment names was scanned. */
static int64_t covered(const scanned *s, const code_key *k, size_t n) {
    bool inside;
    int64_t whole = weight(s->c->t, k, 0), sum = 0;
    if (in_set(s, k) || around_in_set(s, k, k, &inside)) return whole;
    for (size_t i = 0; i < n; i++)
        if (!around_in_set(s, &s->all.key[i], k, &inside) && inside) sum += weight(s->c->t, &s->all.key[i], 0);
    return sum < whole ? sum : whole;
}

static void add_scan(call *c, scan_list *l, const code_key *k) {
    l->key = arena_grown(c->a, l->key, l->n, &l->cap, sizeof *l->key);
    l->key[l->n++] = *k;
}

static void read_known(call *c, const order *o, scan_list *l) {
    key prefix = {.n = 0};
    key_u64(&prefix, o->number);
    for (AUTO(kv_cursor) w = kv_from(c->t, TABLE_ORDER_CODE, key_str(&prefix), STR_NONE); kv_next(&w);) {
        code_key k;
        if (code_key_of(str_skip(w.key, prefix.n), &k)) add_scan(c, l, &k);
    }
}

/* What is scanned now and was not before. */
static bool read_scans(call *c, const order *o, str list, scan_list *out, size_t *again, err *e) {
    AUTO(map) seen = {0};
    static const char between[] = " \t\r\n,;";
    for (size_t i = 0, from = 0; i <= list.n; i++) {
        if (i < list.n && strchr(between, list.p[i]) == NULL) continue;
        str one = str_take(str_skip(list, from), i - from);
        code_read k;
        bool fresh;
        from = i + 1;
        if (one.n == 0) continue;
        TRY(code_parse(one, &k, e));
        str bytes = str_from(k.key.p, k.key.n);
        *map_at(&seen, bytes, &fresh) = 1;
        if (!fresh || order_code_known(c->t, o->number, bytes)) ++*again;
        else
            add_scan(c, out, &k.key);
        if (out->n > LIMIT_ENTRY_ROWS) return err_set(e, ERR_USAGE, "at most %d codes at once", LIMIT_ENTRY_ROWS);
    }
    return true;
}

static void read_lines(scanned *s, const order *o, const deeds *sent) {
    size_t cap = 0;
    const order_names names = names_of(s->c, o);
    for (size_t i = 0; i < sent->n; i++) {
        const deed *d = &sent->at[i];
        if (!order_knows(s->c->t, o->number, ORDER_DO_SHIP, number_of(s->c, d))) continue;
        for (size_t k = 0; k < d->lines; k++) {
            if (!is_of(s->c, &names, ORDER_DO_SHIP, d, &d->line[k])) continue;
            s->line = arena_grown(s->c->a, s->line, s->lines, &cap, sizeof *s->line);
            s->line[s->lines++] = &d->line[k];
        }
    }
}

static bool next_named(str *rest, code_key *out) {
    str one;
    code_read r;
    err unused;
    while (code_next(rest, &one))
        if (code_parse(one, &r, &unused)) return *out = r.key, true;
    return false;
}

/* Of a line: whole, and what of it the codes in the set are. */
static int64_t count_line(const scanned *s, const deed_line *l, size_t n) {
    int64_t whole = 0, got = 0, quantity = 0;
    code_key k;
    for (str rest = l->codes; next_named(&rest, &k);) {
        whole += weight(s->c->t, &k, 0);
        got += covered(s, &k, n);
    }
    return whole && mul_div(l->quantity, got, whole, &quantity) ? quantity : 0;
}

static void put_set(scanned *s, size_t from, size_t to) {
    for (size_t i = from; i < to; i++) *map_at(&s->set, str_from(s->all.key[i].p, s->all.key[i].n), NULL) = 1;
}

/* Codes of no shipment are left out, and named. */
static void drop_strangers(scanned *s, buf *said) {
    AUTO(map) named = {0};
    code_key k, around[LIMIT_NESTING];
    size_t kept = s->before;
    for (size_t i = 0; i < s->lines; i++)
        for (str rest = s->line[i]->codes; next_named(&rest, &k);) {
            *map_at(&named, str_from(k.p, k.n), NULL) = 1;
            size_t n = custody_around(s->c->t, &k, around, LIMIT_NESTING);
            for (size_t at = 0; at < n; at++) (void)map_at(&named, str_from(around[at].p, around[at].n), NULL);
        }
    for (size_t i = s->before; i < s->all.n; i++) {
        const code_key *x = &s->all.key[i];
        bool ours = map_find(&named, str_from(x->p, x->n)) != NULL;
        size_t n = ours ? 0 : custody_around(s->c->t, x, around, LIMIT_NESTING);
        for (size_t at = 0; at < n; at++) {
            const uint64_t *there = map_find(&named, str_from(around[at].p, around[at].n));
            ours = ours || (there && *there);
        }
        if (ours) {
            s->all.key[kept++] = *x;
            continue;
        }
        AUTO(buf) text = {0};
        code_text(x, &text);
        buf_printf(said, "; %s is of no shipment of it", buf_z(&text));
    }
    s->all.n = kept;
}

static void count_parts(scanned *s, order_deed *got) {
    int64_t *before = ARENA_NEW(s->c->a, int64_t, s->lines + 1);
    size_t cap = 0;
    ASSERT(before != NULL);
    put_set(s, 0, s->before);
    for (size_t i = 0; i < s->lines; i++) before[i] = count_line(s, s->line[i], s->before);
    put_set(s, s->before, s->all.n);
    for (size_t i = 0; i < s->lines; i++) {
        deed_line part = *s->line[i];
        part.quantity = count_line(s, s->line[i], s->all.n) - before[i];
        part.damaged = false;
        if (part.quantity) add_part(s->c, got, &part, &cap);
    }
}

static bool count_codes(scanned *s, const order *o, order_deed *got, buf *said, err *e) {
    AUTO(facts) f = {0};
    goods_reader r;
    facts_init(&f, s->c->t);
    TRY(read_goods(s->c, o, &f, &r, false, e));
    read_lines(s, o, &r.sent);
    drop_strangers(s, said);
    count_parts(s, got);
    map_free(&s->set);
    return txn_ok(s->c->t, e);
}

bool order_codes(call *c, const order *o, str list, Entry__OrderStep *m, buf *said, err *e) {
    order_deed got = {.parts = 0};
    size_t again = 0;
    scanned s = {.c = c};
    read_known(c, o, &s.all);
    s.before = s.all.n;
    TRY(read_scans(c, o, list, &s.all, &again, e) && count_codes(&s, o, &got, said, e));
    if (again) buf_printf(said, "; %zu scanned before", again);
    if (got.parts == 0)
        return err_set(e, ERR_CONFLICT, "order %" PRIu64 ": nothing of its shipments was scanned%s", o->number,
                       buf_z(said));
    TRY(order_deed_lines(c, o, ORDER_DO_RECEIVE, &got, m, said, e));
    m->n_code = s.all.n - s.before;
    m->code = ARENA_NEW(c->a, ProtobufCBinaryData, m->n_code + 1);
    ASSERT(m->code != NULL);
    for (size_t i = 0; i < m->n_code; i++)
        m->code[i] = (ProtobufCBinaryData){s.all.key[s.before + i].n, s.all.key[s.before + i].p};
    return true;
}

/* ---- another product instead */

bool order_substitute(call *c, const order *o, const product *ordered, const product *by, int64_t quantity, buf *said,
                      err *e) {
    Entry__OrderStep m = ENTRY__ORDER_STEP__INIT;
    Entry__OrderLine line = ENTRY__ORDER_LINE__INIT, *lines[] = {&line};
    bool agreed = false;
    uint64_t number;
    day_t today = day_at(c->now_ms, c->zone_min);
    if (!substitute_on(c->t, o->partner, ordered->no, by->no, today, &agreed))
        return err_set(e, ERR_CONFLICT, "'%.*s' may not stand in for '%.*s' (substitute set)", STR_ARG(by->sku),
                       STR_ARG(ordered->sku));
    m.order = o->number;
    m.act = ORDER_DO_OFFER;
    m.line = lines;
    m.n_line = 1;
    line.sku = entry_text(c, by->sku);
    line.instead_of = entry_text(c, ordered->sku);
    line.quantity = quantity;
    line.priced = order_price(c, o->partner, by, &line.price);
    TRY(order_append_step(c, &m, call_actor(c), &number, e));
    buf_printf(said, ": '%s' offered for '%s'", line.sku, line.instead_of);
    if (!agreed) {
        buf_addz(said, "; the partner is asked (order confirm)");
        return true;
    }
    m.act = ORDER_DO_ACCEPT;
    m.reason = (char *)(uintptr_t) "agreed beforehand";
    TRY(order_append_step(c, &m, STR("system"), &number, e));
    buf_addz(said, "; agreed beforehand: it stands in the order");
    return true;
}
