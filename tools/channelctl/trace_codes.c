/* codes.csv and the lines with codes → which code is packed in which, and who held it when. In memory; the daemon keeps the
 * same in its store. */
#include "proto/code.h"
#include "proto/limits.h"
#include "tools/channelctl/trace_files.h"
#include <stdio.h>
#include <stdlib.h>

#define NODE_NONE UINT32_MAX

typedef struct code_node {
    uint32_t parent; /* NODE_NONE */
    uint32_t product;
    uint64_t batch; /* hash of its text, 0 none */
    int64_t units;  /* in it, thousandths; 0: a unit */
    str key;
} code_node;

typedef struct unit_range {
    code_range span;
    uint32_t parent, product, row;
    uint64_t batch;
} unit_range;

typedef struct code_move {
    uint32_t node, to;
    day_t day;
    uint8_t turn; /* of one day: shipments, then what partners hand on, then what comes back */
    str document;
} code_move;

/* A lot went to a partner. */
typedef struct lot_at {
    uint32_t product, partner;
    uint64_t batch;
} lot_at;

struct custody {
    map index; /* key of a code → node */
    code_node *node;
    unit_range *range;
    code_move *move;
    lot_at *lot;
    uint32_t *suspect; /* partners of lot[i], so that a sighting can point at its slice */
    size_t nodes, node_cap, ranges, range_cap, moves, move_cap, lots, lot_cap;
    size_t longest; /* bytes of the longest prefix of a range */
};

static uint64_t batch_hash(str text) {
    return text.n ? str_hash(text) | 1 : 0;
}

static uint32_t add_node(trace_files *f, const code_key *k, const code_node *n) {
    custody *c = f->custody;
    str kept = arena_str(&f->a, code_str(k));
    c->node = arena_grown(&f->a, c->node, c->nodes, &c->node_cap, sizeof *c->node);
    c->node[c->nodes] = *n;
    c->node[c->nodes].key = kept;
    *map_at(&c->index, kept, NULL) = c->nodes;
    return (uint32_t)c->nodes++;
}

/* ---- ranges, by their first code; of those that hold a code the one of the last row */

static int by_first(const void *x, const void *y) {
    const unit_range *a = x, *b = y;
    int c = str_cmp(code_str(&a->span.first), code_str(&b->span.first));
    return c ? c : (a->row > b->row) - (a->row < b->row);
}

static bool in_range(const unit_range *r, const code_key *k) {
    return k->n == r->span.first.n && memcmp(k->p, r->span.first.p, r->span.prefix) == 0 &&
           memcmp(k->p, r->span.first.p, k->n) >= 0 && memcmp(k->p, r->span.last.p, k->n) <= 0;
}

enum { OVERLAPS_MOST = 8 }; /* ranges looked at before the nearest that begins before the code */

static const unit_range *range_of(const custody *c, const code_key *k) {
    size_t lo = 0, hi = c->ranges;
    const unit_range *found = NULL;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (str_cmp(code_str(&c->range[mid].span.first), code_str(k)) <= 0) lo = mid + 1;
        else
            hi = mid;
    }
    for (size_t i = lo; i-- > 0 && lo - i <= OVERLAPS_MOST;)
        if (in_range(&c->range[i], k) && (found == NULL || c->range[i].row > found->row)) found = &c->range[i];
    return found;
}

/* The node of a code; a unit of a range becomes one when it is asked for. NODE_NONE: unknown. */
static uint32_t node_of(trace_files *f, const code_key *k) {
    custody *c = f->custody;
    const uint64_t *at = map_find(&c->index, code_str(k));
    if (at) return (uint32_t)*at;
    const unit_range *r = range_of(c, k);
    if (r == NULL) return NODE_NONE;
    return add_node(f, k, &(code_node){.parent = r->parent, .product = r->product, .batch = r->batch});
}

/* ---- codes.csv */

enum { C_CODE, C_PARENT, C_SKU, C_BATCH, C_FROM, C_TO };
static const file_column columns[] = {{"code", true},   {"parent", false}, {"sku", false},
                                      {"batch", false}, {"from", false},   {"to", false}};

static bool read_code(const file_line *l, size_t at, code_read *out, err *e) {
    err why;
    return code_parse(l->cell[at], out, &why) || file_cell_wrong(l, at, "a code", e);
}

static uint32_t container_of(trace_files *f, const code_key *k) {
    const uint64_t *at = map_find(&f->custody->index, code_str(k));
    if (at) return (uint32_t)*at;
    return add_node(f, k, &(code_node){.parent = NODE_NONE, .product = TRACE_NONE});
}

static uint32_t product_of_key(trace_files *f, const code_key *k) {
    char gtin[24];
    uint64_t no = code_gtin(k);
    if (no == 0) no = code_as_gtin(k);
    if (no == 0) return TRACE_NONE;
    (void)snprintf(gtin, sizeof gtin, "%014llu", (unsigned long long)no);
    return trace_product_word(f, str_of(gtin));
}

static bool take_range(trace_files *f, const file_line *l, const code_node *in, err *e) {
    custody *c = f->custody;
    unit_range r = {.parent = in->parent, .product = in->product, .batch = in->batch, .row = (uint32_t)l->no};
    err why;
    if (!code_range_parse(l->cell[C_CODE], l->cell[C_FROM], l->cell[C_TO], &r.span, &why))
        return err_set(e, ERR_DATA, "%s row %llu: %s", l->file, (unsigned long long)l->no, why.text);
    if (r.product == TRACE_NONE) r.product = product_of_key(f, &r.span.first);
    c->range = arena_grown(&f->a, c->range, c->ranges, &c->range_cap, sizeof *c->range);
    c->range[c->ranges++] = r;
    return true;
}

static bool take_code(trace_files *f, const file_line *l, err *e) {
    custody *c = f->custody;
    code_read code, parent;
    code_node n = {.parent = NODE_NONE, .product = trace_product_word(f, l->cell[C_SKU])};
    if (l->cell[C_SKU].n && n.product == TRACE_NONE) return file_cell_wrong(l, C_SKU, "a sku of products.csv", e);
    n.batch = batch_hash(l->cell[C_BATCH]);
    if (l->cell[C_PARENT].n) {
        TRY(read_code(l, C_PARENT, &parent, e));
        n.parent = container_of(f, &parent.key);
    }
    if (l->cell[C_FROM].n || l->cell[C_TO].n) return take_range(f, l, &n, e);
    TRY(read_code(l, C_CODE, &code, e));
    if (n.product == TRACE_NONE) n.product = product_of_key(f, &code.key);
    const uint64_t *at = map_find(&c->index, code_str(&code.key));
    if (at == NULL) return add_node(f, &code.key, &n), true;
    code_node *known = &c->node[*at];
    if (n.parent == *at) return file_cell_wrong(l, C_PARENT, "another code than itself", e);
    if (l->cell[C_PARENT].n) known->parent = n.parent; /* packed, or packed again */
    if (n.product != TRACE_NONE) known->product = n.product;
    if (n.batch) known->batch = n.batch;
    return true;
}

/* What is in each container, and of which product. */
static void fill_containers(custody *c) {
    bool *parent = calloc(c->nodes + 1, sizeof *parent);
    ASSERT(parent != NULL);
    for (size_t i = 0; i < c->nodes; i++)
        if (c->node[i].parent != NODE_NONE) parent[c->node[i].parent] = true;
    for (size_t i = 0; i < c->nodes + c->ranges; i++) {
        bool whole = i >= c->nodes;
        const unit_range *r = whole ? &c->range[i - c->nodes] : NULL;
        if (!whole && parent[i]) continue;
        int64_t units = whole ? (int64_t)(r->span.to - r->span.from + 1) * 1000 : 1000;
        uint32_t of = whole ? r->product : c->node[i].product, up = whole ? r->parent : c->node[i].parent;
        for (int depth = 0; up != NODE_NONE && depth < LIMIT_NESTING; depth++, up = c->node[up].parent) {
            c->node[up].units += units;
            if (c->node[up].product == TRACE_NONE) c->node[up].product = of;
        }
    }
    free(parent);
}

bool custody_read(trace_files *f, err *e) {
    AUTO(buf) bytes = {0};
    AUTO(file_table) rows = {.n = 0};
    bool there;
    f->custody = calloc(1, sizeof *f->custody);
    ASSERT(f->custody != NULL);
    TRY(trace_file_bytes(f, "codes.csv", &bytes, &there, e));
    if (!there || str_trim(buf_str(&bytes)).n == 0) return true;
    attachment file = {STR("codes.csv"), buf_str(&bytes)};
    TRY(file_table_open(&rows, &file, columns, ARRAY_LEN(columns), e));
    TRY(trace_table_read(f, &rows, take_code, e));
    fill_containers(f->custody);
    if (f->custody->ranges) qsort(f->custody->range, f->custody->ranges, sizeof(unit_range), by_first);
    return true;
}

/* ---- moves */

enum { TURN_SHIPPED, TURN_HANDED_ON, TURN_BACK };

static bool move_of(const trace_files *f, const coded_line *c, uint32_t *to, uint8_t *turn) {
    const trace_line *l = &f->line[c->line];
    *turn = TURN_HANDED_ON;
    switch (l->kind) {
    case FLOW_SELL_IN:
    case FLOW_GIFT_IN:
        *to = l->partner;
        *turn = TURN_SHIPPED;
        return true;
    case FLOW_RETURN_OUT:
        *to = f->maker - 1;
        *turn = TURN_BACK;
        return true;
    case FLOW_RETURN:
        *to = l->partner;
        *turn = TURN_BACK;
        return true;
    case FLOW_TRANSFER: *to = c->other == SIZE_MAX ? TRACE_NONE : f->line[c->other].partner; return true;
    case FLOW_SELL_OUT:
    case FLOW_ONWARD:
    case FLOW_GIFT_OUT: *to = l->counterparty; return c->moves && l->counterparty != TRACE_NONE;
    default: return false;
    }
}

static void note_lot(trace_files *f, uint32_t product_at, uint64_t batch, uint32_t to) {
    custody *c = f->custody;
    if (batch == 0 || product_at == TRACE_NONE) return;
    c->lot = arena_grown(&f->a, c->lot, c->lots, &c->lot_cap, sizeof *c->lot);
    c->lot[c->lots++] = (lot_at){product_at, to, batch};
}

static void add_moves(trace_files *f, const coded_line *line) {
    custody *c = f->custody;
    const trace_line *l = &f->line[line->line];
    str rest = line->codes, one;
    uint32_t to;
    uint8_t turn;
    code_read code;
    err why;
    if (!move_of(f, line, &to, &turn)) return;
    if (turn == TURN_SHIPPED) note_lot(f, l->product, batch_hash(line->batch), to);
    while (code_next(&rest, &one)) {
        if (!code_parse(one, &code, &why)) {
            trace_problem(f, "document '%.*s' row %u: codes is '%.*s': %s", STR_ARG(l->document), l->row,
                          STR_ARG(str_take(one, 60)), why.text);
            continue;
        }
        if (code_kind_of(&code.key) == CODE_LOT) {
            AUTO(buf) lot = {0};
            code_serial(&code.key, &lot);
            if (turn == TURN_SHIPPED) note_lot(f, l->product, batch_hash(buf_str(&lot)), to);
            continue;
        }
        uint32_t n = node_of(f, &code.key);
        if (n == NODE_NONE) n = add_node(f, &code.key, &(code_node){.parent = NODE_NONE, .product = l->product});
        if (turn == TURN_SHIPPED) note_lot(f, c->node[n].product, c->node[n].batch, to);
        c->move = arena_grown(&f->a, c->move, c->moves, &c->move_cap, sizeof *c->move);
        c->move[c->moves++] = (code_move){n, to, l->day, turn, l->document};
    }
}

static int by_node(const void *x, const void *y) {
    const code_move *a = x, *b = y;
    if (a->node != b->node) return a->node < b->node ? -1 : 1;
    if (a->day != b->day) return a->day < b->day ? -1 : 1;
    if (a->turn != b->turn) return a->turn < b->turn ? -1 : 1;
    return str_cmp(a->document, b->document);
}

static int by_lot(const void *x, const void *y) {
    const lot_at *a = x, *b = y;
    if (a->product != b->product) return a->product < b->product ? -1 : 1;
    if (a->batch != b->batch) return a->batch < b->batch ? -1 : 1;
    return (a->partner > b->partner) - (a->partner < b->partner);
}

static void sort_lots(trace_files *f) {
    custody *c = f->custody;
    size_t kept = 0;
    if (c->lots) qsort(c->lot, c->lots, sizeof *c->lot, by_lot);
    for (size_t i = 0; i < c->lots; i++)
        if (kept == 0 || by_lot(&c->lot[kept - 1], &c->lot[i]) != 0) c->lot[kept++] = c->lot[i];
    c->lots = kept;
    c->suspect = arena_alloc(&f->a, (kept + 1) * sizeof *c->suspect);
    for (size_t i = 0; i < kept; i++) c->suspect[i] = c->lot[i].partner;
}

/* The last move of a code, or of what it lies in, up to a turn of a day. */
static const code_move *last_move(const custody *c, uint32_t n, day_t day, uint8_t turn) {
    const code_move *last = NULL;
    for (int depth = 0; n != NODE_NONE && depth < LIMIT_NESTING; depth++, n = c->node[n].parent) {
        size_t lo = 0, hi = c->moves;
        while (lo < hi) {
            size_t mid = lo + (hi - lo) / 2;
            const code_move *m = &c->move[mid];
            bool before = m->node < n || (m->node == n && (m->day < day || (m->day == day && m->turn <= turn)));
            if (before) lo = mid + 1;
            else
                hi = mid;
        }
        if (lo == 0 || c->move[lo - 1].node != n) continue;
        const code_move *m = &c->move[lo - 1];
        if (last == NULL || m->day > last->day || (m->day == last->day && m->turn > last->turn)) last = m;
    }
    return last;
}

static void look_lot(const custody *c, uint64_t batch, trace_sighting *s) {
    size_t first = 0;
    while (first < c->lots && (c->lot[first].product != s->product || c->lot[first].batch != batch)) first++;
    size_t n = 0;
    while (first + n < c->lots && c->lot[first + n].product == s->product && c->lot[first + n].batch == batch) n++;
    s->flags |= SIGHT_LOT;
    s->suspects = c->suspect + first;
    s->suspect_count = (uint32_t)n;
}

static void look_unknown(trace_files *f, const code_key *code, trace_sighting *s) {
    custody *c = f->custody;
    AUTO(buf) lot = {0};
    if (s->product == TRACE_NONE) s->product = product_of_key(f, code);
    code_kind kind = code_kind_of(code);
    if (kind == CODE_LOT) {
        code_serial(code, &lot);
        look_lot(c, batch_hash(buf_str(&lot)), s);
    } else if (kind == CODE_CLASS || code_as_gtin(code) || (c->nodes == 0 && c->ranges == 0)) {
        s->flags |= SIGHT_BARE; /* the product's bar code; or no codes are known at all */
    } else {
        s->flags |= SIGHT_UNKNOWN;
    }
}

/* Identity of the outermost container, the code's own when it is one. */
static uint64_t outermost(const custody *c, uint32_t n, const trace_sighting *s) {
    uint32_t top = n;
    for (int depth = 0; c->node[top].parent != NODE_NONE && depth < LIMIT_NESTING; depth++) top = c->node[top].parent;
    if (top != n) return str_hash(c->node[top].key) | 1;
    return s->flags & SIGHT_CARTON ? s->unit : 0;
}

static void look(trace_files *f, const code_key *code, day_t day, uint8_t turn, trace_sighting *s) {
    custody *c = f->custody;
    AUTO(buf) text = {0};
    uint32_t n = node_of(f, code);
    code_text(code, &text);
    s->code = arena_str(&f->a, buf_str(&text));
    s->unit = str_hash(code_str(code)) | 1;
    if (n == NODE_NONE) {
        look_unknown(f, code, s);
        return;
    }
    const code_node *node = &c->node[n];
    if (node->product != TRACE_NONE) s->product = node->product;
    s->quantity = node->units ? node->units : 1000;
    if (node->units > 0 || code_kind_of(code) == CODE_SSCC) s->flags |= SIGHT_CARTON;
    if (node->units == 0 && code_kind_of(code) == CODE_SSCC && s->product != TRACE_NONE)
        s->quantity = f->product[s->product].carton;
    s->carton = outermost(c, n, s);
    const code_move *m = last_move(c, n, day, turn);
    if (m == NULL) return;
    s->holder = m->to;
    s->moved = m->document;
}

void custody_look(trace_files *f, const code_key *code, trace_sighting *s) {
    look(f, code, day_at(s->time, f->world.zone), TURN_HANDED_ON, s);
}

/* ---- codes that lines sell or receive */

static bool sighting_of(const trace_line *l, trace_seen *kind) {
    *kind = l->kind == FLOW_RECEIPT || l->kind == FLOW_GIFT_RECEIPT ? SEEN_RECEIVED : SEEN_SOLD;
    return *kind == SEEN_RECEIVED || l->kind == FLOW_SELL_OUT || l->kind == FLOW_ONWARD || l->kind == FLOW_GIFT_OUT;
}

static void add_sightings(trace_files *f, const coded_line *line) {
    const trace_line *l = &f->line[line->line];
    str rest = line->codes, one;
    trace_seen kind;
    code_read code;
    err why;
    if (!sighting_of(l, &kind)) return;
    bool got = kind == SEEN_RECEIVED;
    while (code_next(&rest, &one)) {
        if (!code_parse(one, &code, &why)) continue; /* said when it was moved, or no move: said here */
        trace_sighting s = {.holder = TRACE_NONE,
                            .by = l->partner,
                            .product = l->product,
                            .customer = l->customer,
                            .time = ((int64_t)(l->day + 1) * 1440 - f->world.zone) * 60000 - 1,
                            .region = got ? f->partner[l->partner].home : l->region,
                            .source = got ? REGION_CUSTOMER : l->source,
                            .kind = (uint8_t)kind,
                            .quantity = 1000,
                            .price = NUM_NONE,
                            .floor = NUM_NONE,
                            .channel = l->channel,
                            .document = l->document,
                            .place = STR("")};
        look(f, &code.key, l->day, got ? TURN_HANDED_ON : TURN_SHIPPED, &s);
        f->sighting = arena_grown(&f->a, f->sighting, f->sightings, &f->sighting_cap, sizeof *f->sighting);
        f->sighting[f->sightings++] = s;
    }
}

void custody_settle(trace_files *f) {
    custody *c = f->custody;
    for (size_t i = 0; i < f->codeds; i++) add_moves(f, &f->coded[i]);
    if (c->moves) qsort(c->move, c->moves, sizeof *c->move, by_node);
    sort_lots(f);
    for (size_t i = 0; i < f->codeds; i++) add_sightings(f, &f->coded[i]);
}

void custody_free(custody *c) {
    if (c == NULL) return;
    map_free(&c->index);
    free(c);
}
