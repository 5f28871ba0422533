#include "daemon/ledger/goods.h"

#include "base/map.h"
#include "daemon/catalog/settings.h"
#include "daemon/ledger/goods_read.h"
#include "daemon/ledger/stock.h"
#include <stdlib.h>

static const char *const state_names[GOODS_STATE_COUNT] = {
#define X(state, name) [state] = name,
    GOODS_STATES(X)
#undef X
};

const char *goods_state_name(goods_state s) {
    return state_names[s];
}

bool goods_state_parse(str s, goods_state *out) {
    for (goods_state g = 0; g < GOODS_STATE_COUNT; g++)
        if (str_is(s, state_names[g])) return *out = g, true;
    return false;
}

const char *goods_match_name(goods_match m) {
    static const char *const names[] = {"", "reference", "number", "carton"};
    return names[m];
}

/* A product of a shipment, or of a receipt that belongs to none. */
typedef struct item item;
struct item {
    uint32_t product;
    int64_t shipped, received, damaged;
    str receipt;
    goods_match match;
    item *next;
};

/* A shipment: its products, and the next one with the same number. */
typedef struct ship {
    const deed *d;
    item *items, *last;
    size_t same; /* 1 + index */
    bool is_signed;
    day_t signed_on;
} ship;

typedef struct matcher {
    arena *a;
    goods_reader r;
    ship *ship;
    size_t ships;
    ship *loose; /* receipts that belong to no shipment, as if each were one */
    size_t looses;
    map number; /* of shipments → 1 + index of the first */
    map carton; /* key → 1 + index of the latest shipment that names it */
    map around; /* key of a container around one of those → the same */
    goods_around custody;
} matcher;

static item *item_of(matcher *m, ship *s, uint32_t product_no, bool make) {
    for (item *x = s->items; x; x = x->next)
        if (x->product == product_no) return x;
    if (!make) return NULL;
    item *x = ARENA_NEW(m->a, item, 1);
    ASSERT(x != NULL);
    x->product = product_no;
    x->receipt = STR("");
    if (s->last) s->last->next = x;
    else
        s->items = x;
    s->last = x;
    return x;
}

static void add(int64_t *sum, int64_t v) {
    (void)add_i64(*sum, v, sum); /* stored flows are far from the ends of their range */
}

static void list_shipments(matcher *m) {
    m->ship = ARENA_NEW(m->a, ship, m->r.sent.n + 1);
    ASSERT(m->ship != NULL);
    m->ships = m->r.sent.n;
    for (size_t i = m->ships; i-- > 0;) {
        ship *s = &m->ship[i];
        s->d = &m->r.sent.at[i];
        for (size_t k = 0; k < s->d->lines; k++)
            add(&item_of(m, s, s->d->line[k].product, true)->shipped, s->d->line[k].quantity);
        if (s->d->number.n == 0) continue;
        uint64_t *first = map_at(&m->number, s->d->number, NULL); /* backwards: the earliest comes to stand first */
        s->same = *first;
        *first = i + 1;
    }
}

enum { AROUND = 16 };

static size_t containers_around(const matcher *m, const code_key *k, code_key out[static AROUND]) {
    return m->custody ? m->custody(m->r.t, k, out, AROUND) : 0;
}

/* The next code of a cell in the one spelling of its key. */
static bool next_carton(str *rest, code_key *out) {
    str one;
    code_read c;
    err none;
    while (code_next(rest, &one)) {
        if (!code_parse(one, &c, &none)) continue;
        *out = c.key;
        return true;
    }
    return false;
}

static void name_carton(matcher *m, map *in, const code_key *k, size_t shipment) {
    if (map_find(in, code_str(k)) == NULL) *map_at(in, arena_str(m->a, code_str(k)), NULL) = shipment + 1;
    else
        *map_find(in, code_str(k)) = shipment + 1;
}

/* Cartons of the shipments; asked for only when a receipt names cartons. */
static bool list_cartons(matcher *m, err *e) {
    code_key k, around[AROUND];
    TRY(goods_read_words(&m->r, &m->r.sent, e));
    for (size_t i = 0; i < m->ships; i++)
        for (size_t n = 0; n < m->ship[i].d->lines; n++) {
            const deed_line *l = &m->ship[i].d->line[n];
            for (str rest = l->codes; next_carton(&rest, &k);) {
                size_t levels = containers_around(m, &k, around);
                name_carton(m, &m->carton, &k, i);
                for (size_t up = 0; up < levels; up++) name_carton(m, &m->around, &around[up], i);
            }
        }
    return true;
}

/* Candidates for a line of a receipt, in the order of shipments. */
typedef struct choice {
    ship **at;
    size_t n, cap;
} choice;

static void choose(matcher *m, choice *c, size_t one_more) {
    if (one_more == 0) return;
    ship *s = &m->ship[one_more - 1];
    for (size_t i = 0; i < c->n; i++)
        if (c->at[i] == s) return;
    c->at = arena_grown(m->a, c->at, c->n, &c->cap, sizeof *c->at);
    c->at[c->n++] = s;
}

static void choose_number(matcher *m, choice *c, str number) {
    number = str_trim(number);
    const uint64_t *first = number.n ? map_find(&m->number, number) : NULL;
    for (size_t at = first ? (size_t)*first : 0; at; at = m->ship[at - 1].same) choose(m, c, at);
}

static void choose_reference(matcher *m, choice *c, str reference) {
    static const char marks[] = {';', ','};
    choose_number(m, c, reference);
    for (size_t i = 0; c->n == 0 && i < sizeof marks; i++) {
        str rest = reference, piece;
        while (str_split(&rest, marks[i], &piece)) choose_number(m, c, piece);
    }
}

/* The carton itself, a pallet that it lay in, or what lay in it. */
static void choose_cartons(matcher *m, choice *c, const deed_line *l) {
    code_key k, around[AROUND];
    for (str rest = l->codes; next_carton(&rest, &k);) {
        const uint64_t *at = map_find(&m->carton, code_str(&k));
        size_t levels = at ? 0 : containers_around(m, &k, around);
        for (size_t up = 0; up < levels && at == NULL; up++) at = map_find(&m->carton, code_str(&around[up]));
        if (at == NULL) at = map_find(&m->around, code_str(&k));
        if (at) choose(m, c, (size_t)*at);
    }
}

static int by_ship(const void *x, const void *y) {
    const ship *const *a = x, *const *b = y;
    return (*a > *b) - (*a < *b);
}

static goods_match candidates(matcher *m, const deed *d, const deed_line *l, choice *c) {
    goods_match match = MATCH_REFERENCE;
    choose_reference(m, c, l->reference);
    if (c->n == 0) match = MATCH_NUMBER, choose_number(m, c, d->number);
    if (c->n == 0) match = MATCH_CARTON, choose_cartons(m, c, l);
    if (c->n > 1) qsort(c->at, c->n, sizeof *c->at, by_ship);
    return c->n ? match : MATCH_NONE;
}

/* Numbers of receipts, each once. */
static void name_receipt(matcher *m, item *x, str number) {
    AUTO(buf) b = {0};
    str rest = x->receipt, piece;
    if (number.n == 0) return;
    while (str_split(&rest, ';', &piece))
        if (str_eq(piece, number)) return;
    buf_add(&b, x->receipt);
    if (b.n) buf_byte(&b, ';');
    buf_add(&b, number);
    x->receipt = arena_str(m->a, buf_str(&b));
}

static void receive(matcher *m, ship *s, const deed *d, const deed_line *l, int64_t quantity, goods_match match) {
    item *x = item_of(m, s, l->product, true);
    add(&x->received, quantity);
    if (l->damaged) add(&x->damaged, quantity);
    if (x->match == MATCH_NONE) x->match = match;
    name_receipt(m, x, d->number);
    if (!s->is_signed || l->day < s->signed_on) s->signed_on = l->day;
    s->is_signed = true;
}

/* What lacks is filled from the earliest shipment on; what is left goes to the last that has the product. */
static void share_out(matcher *m, const choice *c, const deed *d, const deed_line *l, goods_match match) {
    int64_t left = l->quantity;
    ship *last = NULL;
    for (size_t i = 0; i < c->n; i++) {
        const item *x = item_of(m, c->at[i], l->product, false);
        if (x == NULL) continue;
        int64_t lacks = x->shipped - x->received, part = left < lacks ? left : lacks;
        last = c->at[i];
        if (left <= 0 || lacks <= 0) continue;
        receive(m, last, d, l, part, match);
        left -= part;
    }
    if (left || l->quantity == 0) receive(m, last ? last : c->at[0], d, l, left, match);
}

static void match_receipt(matcher *m, const deed *d) {
    ship *loose = NULL;
    for (size_t i = 0; i < d->lines; i++) {
        choice c = {.n = 0};
        goods_match match = candidates(m, d, &d->line[i], &c);
        if (c.n) {
            share_out(m, &c, d, &d->line[i], match);
            continue;
        }
        if (loose == NULL) loose = &m->loose[m->looses++];
        loose->d = d;
        receive(m, loose, d, &d->line[i], d->line[i].quantity, MATCH_NONE);
    }
}

static int by_line(const void *x, const void *y) {
    const deed_line *a = x, *b = y;
    if (a->day != b->day) return a->day < b->day ? -1 : 1;
    if (a->product != b->product) return a->product < b->product ? -1 : 1;
    int order = str_cmp(a->reference, b->reference);
    if (order == 0) order = str_cmp(a->codes, b->codes);
    if (order == 0) order = (a->quantity > b->quantity) - (a->quantity < b->quantity);
    return order ? order : a->damaged - b->damaged;
}

/* Receipts in the order of days, their lines in an order of their own: whatever way they were written or arrived. */
static bool match_all(matcher *m, err *e) {
    bool cartons = false;
    deeds *in = &m->r.received;
    TRY(goods_read(&m->r, e));
    TRY(goods_read_words(&m->r, in, e));
    list_shipments(m);
    m->loose = ARENA_NEW(m->a, ship, in->n + 1);
    ASSERT(m->loose != NULL);
    for (size_t i = 0; i < in->n; i++)
        for (size_t k = 0; k < in->at[i].lines; k++) cartons = cartons || in->at[i].line[k].codes.n;
    if (cartons) TRY(list_cartons(m, e));
    for (size_t i = 0; i < in->n; i++) {
        qsort(in->at[i].line, in->at[i].lines, sizeof(deed_line), by_line);
        match_receipt(m, &in->at[i]);
    }
    return true;
}

static int by_value(const void *x, const void *y) {
    const int *a = x, *b = y;
    return (*a > *b) - (*a < *b);
}

/* The median of what shipments took, when there are enough of them. */
static void find_usual(matcher *m, goods *out) {
    int *days = ARENA_NEW(m->a, int, m->ships + 1);
    size_t n = 0;
    ASSERT(days != NULL);
    for (size_t i = 0; i < m->ships; i++) {
        int took = m->ship[i].signed_on - m->ship[i].d->day;
        if (m->ship[i].is_signed) days[n++] = took > 0 ? took : 0;
    }
    out->own_usual = n >= GOODS_USUAL_LEAST;
    out->usual_days = (int)setting_number(m->r.t, SETTING_TRANSIT);
    if (!out->own_usual) return;
    qsort(days, n, sizeof *days, by_value);
    out->usual_days = days[n / 2];
}

static goods_state state_of(const ship *s, const item *x, bool late, bool reports) {
    if (!s->is_signed) return !late ? GOODS_IN_TRANSIT : reports ? GOODS_UNSIGNED : GOODS_ASSUMED;
    if (x->received < x->shipped) return GOODS_SHORT;
    if (x->damaged > 0) return GOODS_DAMAGED;
    return x->received > x->shipped ? GOODS_OVER : GOODS_RECEIVED;
}

static void put_rows(goods *out, const ship *s, const item *x, goods_state state) {
    out->row[out->rows++] = (goods_row){.shipment = state == GOODS_UNMATCHED ? STR("") : s->d->number,
                                        .day = s->d->day,
                                        .product = x->product,
                                        .shipped = x->shipped,
                                        .received = x->received,
                                        .damaged = x->damaged,
                                        .receipt = x->receipt,
                                        .is_signed = s->is_signed,
                                        .signed_on = s->signed_on,
                                        .match = x->match,
                                        .state = state};
}

static size_t count_items(const ship *list, size_t n) {
    size_t items = 0;
    for (size_t i = 0; i < n; i++)
        for (const item *x = list[i].items; x; x = x->next) items++;
    return items;
}

static int by_row(const void *x, const void *y) {
    const goods_row *a = x, *b = y;
    if (a->day != b->day) return a->day < b->day ? -1 : 1;
    int order = str_cmp(a->shipment, b->shipment);
    if (order == 0 && a->shipment.n == 0) order = str_cmp(a->receipt, b->receipt);
    return order ? order : (a->product > b->product) - (a->product < b->product);
}

static void finish(matcher *m, day_t from, day_t to, day_t today, goods *out) {
    bool reports = m->r.received.n > 0 || stock_receipts_reported(m->r.t, m->r.partner);
    out->row = ARENA_NEW(m->a, goods_row, count_items(m->ship, m->ships) + count_items(m->loose, m->looses) + 1);
    ASSERT(out->row != NULL);
    find_usual(m, out);
    int patience = out->usual_days + (int)setting_number(m->r.t, SETTING_GOODS_UNSIGNED);
    for (size_t i = 0; i < m->ships; i++) {
        const ship *s = &m->ship[i];
        if (s->d->day < from || s->d->day > to) continue;
        for (const item *x = s->items; x; x = x->next)
            if (x->shipped || x->received) put_rows(out, s, x, state_of(s, x, today > s->d->day + patience, reports));
    }
    for (size_t i = 0; i < m->looses; i++) {
        const ship *s = &m->loose[i];
        if (s->d->day < from || s->d->day > to) continue;
        for (const item *x = s->items; x; x = x->next) put_rows(out, s, x, GOODS_UNMATCHED);
    }
    if (out->rows) qsort(out->row, out->rows, sizeof *out->row, by_row);
}

bool goods_of(txn *t, uint32_t partner_no, day_t from, day_t to, day_t today, goods_around around, arena *a, goods *out,
              err *e) {
    facts f;
    day_t margin = (day_t)setting_number(t, SETTING_GOODS_MATCH);
    facts_init(&f, t);
    matcher m = {.a = a,
                 .custody = around,
                 .r = {.t = t, .a = a, .f = &f, .partner = partner_no, .from = from - margin, .to = to + margin}};
    *out = (goods){.rows = 0};
    bool ok = match_all(&m, e);
    if (ok) finish(&m, from, to, today, out);
    map_free(&m.number);
    map_free(&m.carton);
    map_free(&m.around);
    facts_free(&f);
    return ok && txn_ok(t, e);
}
