#include "daemon/rebate/books.h"

#include "daemon/catalog/columns.h"
#include "daemon/catalog/rows.h"
#include "daemon/ledger/members.h"
#include "daemon/ledger/opening.h"
#include "daemon/rebate/books_beside.h"
#include "daemon/rebate/books_rows.h"
#include "daemon/rebate/budget.h"
#include "daemon/rebate/mechanism.h"

/* Partners are taken in chunks of about so many rows, so that memory does not grow with the channel and stays in caches. */
enum { CHUNK_ROWS = 1 << 13, CHUNK_PARTNERS = 1 << 10 };

/* What a policy asks of the books. */
typedef struct wants {
    bool baselines, last_year, counts, claims, to_pay, documents, days, by_scope, staged, carries;
} wants;

static void wants_of_mechanism(const mechanism *m, wants *w) {
    if (m->kind == &mechanism_growth && m->over != OVER_GIVEN) {
        w->baselines = true;
        if (m->over == OVER_LAST_YEAR) w->last_year = true;
    }
    if (m->kind == &mechanism_price_protection) w->counts = true;
    if (m->kind == &mechanism_early_payment) w->to_pay = w->documents = true;
    if (m->kind == &mechanism_ship_and_debit) w->days = true;
    if (m->kind == &mechanism_activity) w->claims = true;
}

static wants wants_of(const policy *p, const books_ask *ask) {
    const partner_scope *s = &p->partners;
    wants w = {.carries = p->basis == BASIS_VERIFIED || p->shelf_months != NUM_NONE};
    for (unsigned st = 0; st < POLICY_STAGES; st++)
        for (size_t i = 0; i < p->stage_count[st]; i++) wants_of_mechanism(&p->stage[st][i], &w);
    bool bought = p->basis == BASIS_SELL_IN || p->basis == BASIS_PAYMENT; /* of a selling company */
    w.counts = w.counts || w.carries;
    w.documents = w.documents || ask->trace || w.carries || bought || p->value_at != VALUE_REPORTED;
    w.days = w.days || (w.baselines && p->period == PERIOD_ONCE);
    w.by_scope = p->roll_up == ROLL_SELF && (s->tiers.n || s->regions.n || s->kinds.n);
    w.staged = p->stage_count[STAGE_ANY] == 0;
    return w;
}

/* Kinds of flow to read; *returns: those of them that may name a sale. */
static uint32_t kinds_of(const policy *p, uint32_t *returns) {
    const uint32_t in = 1U << FLOW_SELL_IN | 1U << FLOW_RETURN_OUT, out = 1U << FLOW_SELL_OUT | 1U << FLOW_RETURN;
    const uint32_t by_basis[] = {[BASIS_SELL_IN] = in,
                                 [BASIS_SELL_OUT] = out,
                                 [BASIS_SELL_OUT_ALL] = out | 1U << FLOW_ONWARD,
                                 [BASIS_VERIFIED] = out,
                                 [BASIS_PAYMENT] = 1U << FLOW_PAYMENT};
    uint32_t kinds = by_basis[p->basis];
    if (p->shelf_months != NUM_NONE) kinds |= out | 1U << FLOW_ONWARD;
    *returns = kinds & (1U << FLOW_RETURN | 1U << FLOW_RETURN_OUT);
    if (p->gifts) kinds |= kinds & 1U << FLOW_SELL_IN ? 1U << FLOW_GIFT_IN : 1U << FLOW_GIFT_OUT;
    if (p->basis == BASIS_VERIFIED)
        kinds |= 1U << FLOW_RECEIPT | 1U << FLOW_TRANSFER | 1U << FLOW_RETURN_OUT | 1U << FLOW_GIFT_RECEIPT;
    if (p->value_at == VALUE_INVOICE) kinds |= 1U << FLOW_SELL_IN;
    return kinds;
}

/* ---- the days to read */

typedef struct asked {
    int32_t first, last; /* periods of lines */
    day_t from, to;      /* days of rows */
} asked;

static asked span_of(const policy *p, const books_ask *ask, const wants *w) {
    asked s = {period_of(p->period, p->from), period_of(p->period, p->to), p->from, p->to};
    if (ask->first > s.first) s.first = ask->first;
    if (ask->last < s.last) s.last = ask->last;
    if (p->period == PERIOD_ONCE) {
        if (w->baselines) s.from = DAY_MIN;
    } else if (s.first <= s.last) {
        int32_t back = w->last_year ? periods_a_year(p->period) : w->baselines;
        day_t from = period_first(p->period, s.first - back), to = period_last(p->period, s.last);
        if (!w->carries && (from > s.from || w->baselines)) s.from = from;
        if (to < s.to) s.to = to;
    }
    /* what was sold in before, too; what moved since an opening count */
    if (p->value_at == VALUE_INVOICE || p->basis == BASIS_VERIFIED) s.from = DAY_MIN;
    if (ask->until < s.to) s.to = ask->until;
    return s;
}

/* ---- one partner: when in scope, what was opened */

/* The days on which the catalogue's rows put a partner into the scope; *as: its attributes as of the last of them. */
static void scope_of(loader *l, uint32_t no, rebate_partner *as) {
    key k;
    rebate_partner now = *as;
    rebate_world tiny = {.partner = &now, .partners = 1};
    plan judge = {.p = l->p, .w = &tiny};
    size_t n = 0;
    catalog_history_key(&k, CATALOG_PARTNER, no);
    for (AUTO(kv_cursor) c = kv_from(l->b->t, TABLE_CATALOG_HISTORY, key_str(&k), STR_NONE); kv_next(&c);) n++;
    l->span = ARENA_NEW(l->a, scope_span, n + 1);
    l->spans = 0;
    for (AUTO(kv_cursor) c = kv_from(l->b->t, TABLE_CATALOG_HISTORY, key_str(&k), STR_NONE); kv_next(&c);) {
        catalog_version v;
        if (!catalog_version_decode(c.key, c.val, CATALOG_PARTNER, &v)) continue;
        now.kind = v.cell[PARTNER_KIND], now.tier = v.cell[PARTNER_TIER], now.region = v.cell[PARTNER_REGION];
        scope_span s = {v.from, plan_partner_in_scope(&judge, 0)};
        if (l->spans && l->span[l->spans - 1].from == s.from) l->spans--;
        if (l->spans == 0 || l->span[l->spans - 1].in != s.in) l->span[l->spans++] = s;
        if (!s.in || s.from > l->to) continue;
        as->kind = arena_str(l->a, now.kind), as->tier = arena_str(l->a, now.tier);
        as->region = arena_str(l->a, now.region);
    }
}

static flow_kind main_kind(const policy *p) {
    return p->basis == BASIS_PAYMENT ? FLOW_PAYMENT : p->basis == BASIS_SELL_IN ? FLOW_SELL_IN : FLOW_SELL_OUT;
}

static day_t within(day_t d, day_t first, day_t last) {
    return d < first ? first : d > last ? last : d;
}

static void open_period(loader *l, uint32_t at, str label, int32_t period, opened *to) {
    opening_volume *v;
    const policy *p = l->p;
    size_t n = opening_volumes(l->b->t, l->no, p->name, label, l->a, &v);
    for (size_t i = 0; i < n; i++) {
        uint32_t item =
            v[i].product && v[i].product < l->b->products_end ? l->b->product_at[v[i].product] : REBATE_NONE;
        day_t first = period_first(p->period, period), last = period_last(p->period, period);
        rebate_row row = {.partner = at,
                          .product = item,
                          .document = REBATE_NONE,
                          .day = within(within(v[i].as_of, first, last), p->from, p->to),
                          .kind = main_kind(p),
                          .flags = ROW_OPENING,
                          .days_to_pay = DAYS_UNPAID,
                          .quantity = v[i].quantity == NUM_NONE ? 0 : v[i].quantity,
                          .amount = v[i].amount,
                          .tax_rate = NUM_NONE};
        to[l->openings++] = (opened){period, item, v[i].as_of};
        if (row.day >= l->from && row.day <= l->to) loader_add(l, &row, &(book_row){.reference = STR("")});
    }
}

/* Opening volumes of the policy: they stand for what flowed until their day. */
static void openings_of(loader *l, uint32_t at, uint32_t no) {
    catalog_row row;
    str cells[] = {l->b->world.partner[books_partner(l->b, no)].id, l->p->name}, before = STR("");
    size_t n = 0;
    l->openings = 0;
    l->no = no;
    if (!l->b->openings || !catalog_key_fits(CATALOG_OPENING_VOLUME, cells, ARRAY_LEN(cells))) return;
    AUTO(catalog_walk) count = catalog_rows(l->b->t, CATALOG_OPENING_VOLUME, cells, ARRAY_LEN(cells));
    while (catalog_next(&count, &row)) n++;
    l->opening = ARENA_NEW(l->a, opened, n + 1);
    AUTO(catalog_walk) w = catalog_rows(l->b->t, CATALOG_OPENING_VOLUME, cells, ARRAY_LEN(cells));
    while (n && catalog_next(&w, &row)) {
        int32_t period;
        str label = row.cell[OPENING_VOLUME_PERIOD];
        if (str_eq(label, before)) continue;
        before = arena_str(l->a, label);
        if (period_parse(label, l->p->period, &period)) open_period(l, at, before, period, l->opening);
    }
}

/* ---- chunks */

typedef struct run {
    books *b;
    const policy *p;
    const books_ask *ask;
    wants wants;
    asked span;
    rebate_world whole;    /* with the policy's targets */
    uint8_t *in_scope;     /* products */
    const uint32_t *alike; /* products */
    arena *a;
    books_result *out;
} run;

/* What the loader has room for stays. */
static void loader_begin(run *r, arena *a, loader *l) {
    loader was = *l;
    *l = (loader){.row = was.row,
                  .book = was.book,
                  .cap = was.cap,
                  .document = was.document,
                  .document_cap = was.document_cap,
                  .b = r->b,
                  .p = r->p,
                  .a = a,
                  .from = r->span.from,
                  .to = r->span.to,
                  .until = r->ask->until,
                  .by_document = r->wants.documents,
                  .baselines = r->wants.baselines,
                  .staged = r->wants.staged,
                  .detail = r->wants.days,
                  .to_pay = r->wants.to_pay,
                  .product = r->in_scope};
    l->kinds = kinds_of(r->p, &l->returns);
    fold_begin(l, r->alike);
}

/* Is it one whose rows are looked for? Places are read with who answers for them. */
static bool is_read(const run *r, uint32_t i) {
    uint32_t no = r->b->partner_no[i], only = r->ask->partner;
    if (str_is(r->b->world.partner[i].kind, "manufacturer")) return false;
    if (partner_fact_of(&r->b->facts, no)->reporter != no) return false;
    if (only == 0 || r->p->roll_up == ROLL_GROUP || only == no) return true;
    if (r->p->roll_up == ROLL_SELF) return false;
    uint32_t above = books_partner(r->b, only);
    for (uint32_t at = r->b->world.partner[i].parent; at != REBATE_NONE; at = r->b->world.partner[at].parent)
        if (at == above) return true;
    return false;
}

static bool is_asked(const run *r, uint32_t partner_at, int32_t period) {
    if (r->ask->partner && r->b->partner_no[partner_at] != r->ask->partner) return false;
    return period >= r->span.first && period <= r->span.last;
}

/* What a budget stops is known when all lines are. */
static bool hands_over_at_once(const run *r) {
    return r->ask->take && !r->p->budget_stop;
}

static bool hand_over(run *r, rebate_result *found, uint32_t first, err *e) {
    for (rebate_line *l = found->first; l; l = l->next) {
        l->partner += first;
        if (!is_asked(r, l->partner, l->period)) continue;
        r->out->lines.lines++;
        TRY(r->ask->take(r->ask->arg, l, e));
    }
    return true;
}

/* Lines of a chunk become lines of all: partners by their place among all, other periods left out. */
static void keep_lines(run *r, rebate_result *found, uint32_t first) {
    rebate_result *all = &r->out->lines;
    for (rebate_line *l = found->first, *next; l; l = next) {
        next = l->next;
        l->partner += first;
        l->next = NULL;
        if (!is_asked(r, l->partner, l->period)) continue;
        if (all->last) all->last->next = l;
        else
            all->first = l;
        all->last = l;
        all->lines++;
    }
    for (rebate_note *n = found->note, *next; n; n = next) {
        next = n->next;
        n->partner += first;
        n->next = NULL;
        bool by_day = n->kind == NOTE_NO_COUNT || n->period == 0; /* what waits is noted in the policy's last period */
        if (!is_asked(r, n->partner, by_day ? period_of(r->p->period, n->day) : n->period)) continue;
        if (n->by.p) n->by = arena_str(r->a, n->by); /* it lay in the chunk */
        if (all->last_note) all->last_note->next = n;
        else
            all->note = n;
        all->last_note = n;
        all->notes++;
    }
}

/* Claims stand behind the rows. */
static void keep_sources(run *r, const loader *l, const books_beside *c) {
    if (!r->ask->trace) return;
    r->out->source = ARENA_NEW(r->a, books_source, l->rows + c->claims + 1);
    r->out->sources = l->rows + c->claims;
    for (size_t i = 0; i < l->rows; i++) {
        uint32_t d = l->row[i].document;
        str number = d == REBATE_NONE || l->document[d].n == 0 ? STR("") : arena_str(r->a, l->document[d]);
        r->out->source[i] = (books_source){l->book[i].document, number, l->book[i].line};
    }
    for (size_t i = 0; i < c->claims; i++)
        r->out->source[c->claim[i].no] = (books_source){.number = arena_str(r->a, l->document[c->claim[i].document])};
}

typedef struct memory {       /* of one chunk after the other */
    arena chunk, work, lines; /* lines: those that are handed over */
    size_t chunk_most, work_most, lines_most;
} memory;

static void memory_auto(memory *m) {
    arena_free(&m->chunk);
    arena_free(&m->work);
    arena_free(&m->lines);
}

/* Partners first … of `partner`, as many as stand in it; their rows, counts and targets by their place in it. */
static bool evaluate_chunk(run *r, memory *m, const loader *l, const books_beside *c, const rebate_partner *partners,
                           size_t n, uint32_t first, err *e) {
    rebate_result found;
    rebate_world w = r->whole;
    size_t targets = 0, at = 0;
    w.partner = partners;
    w.partners = n;
    w.row = l->row;
    w.rows = l->rows;
    w.count = c->count;
    w.counts = c->counts;
    w.claim = c->claim;
    w.claims = c->claims;
    w.hold = c->hold;
    w.holds = c->holds;
    w.document = l->document;
    while (at < w.targets && w.target[at].partner < first) at++;
    while (at + targets < w.targets && w.target[at + targets].partner < first + n) targets++;
    rebate_target *mine = ARENA_NEW(l->a, rebate_target, targets + 1);
    for (size_t i = 0; i < targets; i++) mine[i] = w.target[at + i], mine[i].partner -= first;
    w.target = mine;
    w.targets = targets;
    arena_reuse(&m->work, &m->work_most);
    arena_reuse(&m->lines, &m->lines_most);
    rebate_options how = {r->ask->trace, &m->work};
    TRY(rebate_evaluate(r->p, &w, how, hands_over_at_once(r) ? &m->lines : r->a, &found, e));
    if (hands_over_at_once(r)) TRY(hand_over(r, &found, first, e));
    else
        keep_lines(r, &found, first);
    keep_sources(r, l, c);
    r->out->foreign += l->foreign;
    return true;
}

/* Rows and counts of the ask itself. */
static void suppose(run *r, loader *l, books_beside *c, uint32_t i, uint32_t first) {
    size_t n, at = world_slice(r->ask->row, r->ask->rows, sizeof *r->ask->row, i, &n);
    for (size_t k = at; k < at + n; k++) {
        rebate_row row = r->ask->row[k];
        row.partner = i - first;
        row.document = REBATE_NONE;
        loader_add(l, &row, &(book_row){.reference = STR("")});
    }
    at = world_slice(r->ask->count, r->ask->counts, sizeof *r->ask->count, i, &n);
    if (n) beside_add_counts(l, i - first, r->ask->count + at, n, c);
}

static bool read_partner(run *r, loader *l, books_beside *c, uint32_t i, uint32_t first, rebate_partner *as, err *e) {
    uint32_t no = r->b->partner_no[i];
    l->spans = 0;
    if (!is_read(r, i)) return true;
    if (r->wants.by_scope) scope_of(l, no, as);
    openings_of(l, i - first, no);
    if (r->wants.counts) beside_counts(l, i - first, no, c);
    if (r->p->basis == BASIS_VERIFIED) beside_holds(l, i - first, no, c);
    if (r->wants.claims) beside_claims(l, i - first, no, c);
    suppose(r, l, c, i, first);
    return loader_partner(l, i - first, no, e);
}

/* From partner *next on, as many as make a chunk; read once for n policies that are read alike. */
static bool one_chunk(run *r, size_t n, memory *m, loader *l, uint32_t *next, uint32_t end, err *e) {
    books_beside c = {.counts = 0};
    uint32_t first = *next, i = first;
    bool whole = r->p->roll_up != ROLL_SELF || r->ask->trace, ok = true;
    arena_reuse(&m->chunk, &m->chunk_most);
    loader_begin(r, &m->chunk, l);
    size_t most = whole || end - first < CHUNK_PARTNERS ? end - first : CHUNK_PARTNERS;
    rebate_partner *as = ARENA_NEW(&m->chunk, rebate_partner, most + 1);
    for (; ok && i < end && (whole || (l->rows < CHUNK_ROWS && i - first < CHUNK_PARTNERS)); i++) {
        as[i - first] = r->b->world.partner[i];
        ok = read_partner(r, l, &c, i, first, &as[i - first], e);
    }
    if (ok && r->p->roll_up == ROLL_SELF)
        for (uint32_t k = 0; k < i - first; k++) as[k].parent = REBATE_NONE;
    for (size_t k = 0; k < c.claims; k++) c.claim[k].no = (uint32_t)(l->rows + k);
    for (size_t k = 0; ok && k < n; k++) ok = evaluate_chunk(&r[k], m, l, &c, as, i - first, first, e);
    *next = i;
    return ok;
}

static bool run_begin(run *r, arena *own, err *e) {
    books *b = r->b;
    *r->out = (books_result){0};
    if (b->excl && !r->p->tax_excl)
        return err_set(e, ERR_DATA,
                       "policy '%.*s' counts amounts with VAT, the books keep them without (setting amount.tax_basis): "
                       "write tax: excl",
                       STR_ARG(r->p->name));
    r->wants = wants_of(r->p, r->ask);
    r->span = span_of(r->p, r->ask, &r->wants);
    r->in_scope = ARENA_NEW(own, uint8_t, b->world.products + 1);
    for (size_t i = 0; i < b->world.products; i++)
        r->in_scope[i] = plan_product_matches(&r->p->products, &b->world.product[i]);
    beside_targets(b, r->p, own, &r->whole);
    return true;
}

static bool run_all(run *r, size_t n, err *e) {
    AUTO(memory) m = {0};
    AUTO(loader) l = {0};
    uint32_t from = 0, end = (uint32_t)r->b->world.partners;
    arena_init(&m.chunk, SIZE_MAX);
    arena_init(&m.work, SIZE_MAX);
    arena_init(&m.lines, SIZE_MAX);
    if (r->ask->partner && r->p->roll_up == ROLL_SELF) {
        from = books_partner(r->b, r->ask->partner);
        end = from == REBATE_NONE ? from : from + 1;
    }
    while (r->span.first <= r->span.last && from < end) TRY(one_chunk(r, n, &m, &l, &from, end, e));
    return txn_ok(r->b->t, e);
}

/* Do two policies read the same rows? Only those that read sums do, and nothing that is their own. */
static bool read_alike(const run *x, const run *y) {
    const run *both[] = {x, y};
    uint32_t unused;
    for (size_t i = 0; i < ARRAY_LEN(both); i++) {
        const wants *w = &both[i]->wants;
        if (w->documents || w->days || w->counts || w->claims || w->by_scope || both[i]->p->roll_up != ROLL_SELF)
            return false;
    }
    return !x->b->openings && x->wants.baselines == y->wants.baselines && x->wants.staged == y->wants.staged &&
           x->p->paid_by_rebate == y->p->paid_by_rebate && x->p->period == y->p->period && x->p->from == y->p->from &&
           x->p->to == y->p->to && memcmp(&x->span, &y->span, sizeof x->span) == 0 &&
           kinds_of(x->p, &unused) == kinds_of(y->p, &unused) &&
           memcmp(x->in_scope, y->in_scope, x->b->world.products) == 0;
}

/* Runs that are read alike come to stand together: how many do from `at` on. */
static size_t gather_alike(run *r, size_t n, size_t at) {
    size_t many = 1;
    for (size_t i = at + 1; i < n; i++) {
        if (!read_alike(&r[at], &r[i])) continue;
        run x = r[i];
        r[i] = r[at + many];
        r[at + many++] = x;
    }
    return many;
}

static const uint32_t *alike_for(const run *r, size_t n, arena *a) {
    const policy **p = ARENA_NEW(a, const policy *, n + 1);
    for (size_t i = 0; i < n; i++) p[i] = r[i].p;
    return fold_alike(p, n, &r->b->world, a);
}

static bool stop_at_budget(const run *r, err *e) {
    TRY(budget_stop(r->b, r->p, r->ask, r->a, r->out, e));
    if (r->ask->take == NULL) return true;
    for (const rebate_line *l = r->out->lines.first; l; l = l->next) TRY(r->ask->take(r->ask->arg, l, e));
    return true;
}

bool books_evaluate_all(books *b, const policy *const *p, const books_ask *ask, size_t n, arena *a, books_result *out,
                        err *e) {
    AUTO(arena) own = {0};
    arena_init(&own, SIZE_MAX);
    run *r = ARENA_NEW(&own, run, n + 1);
    for (size_t i = 0; i < n; i++) {
        r[i] = (run){.b = b, .p = p[i], .ask = &ask[i], .whole = b->world, .a = a, .out = &out[i]};
        TRY(run_begin(&r[i], &own, e));
    }
    for (size_t at = 0, many; at < n; at += many) {
        many = gather_alike(r, n, at);
        r[at].alike = alike_for(&r[at], many, &own);
        TRY(run_all(&r[at], many, e));
    }
    for (size_t i = 0; i < n; i++)
        if (r[i].p->budget_stop) TRY(stop_at_budget(&r[i], e));
    return true;
}

bool books_evaluate(books *b, const policy *p, const books_ask *ask, arena *a, books_result *out, err *e) {
    return books_evaluate_all(b, &p, ask, 1, a, out, e);
}

bool books_flows(books *b, const policy *p, uint32_t partner_at, day_t from, day_t to, arena *a, rebate_row **out,
                 size_t *n, err *e) {
    AUTO(arena) own = {0};
    AUTO(loader) l = {0};
    const books_ask ask = {.until = to};
    run r = {.b = b, .p = p, .ask = &ask, .wants = {.days = true}, .span = {.from = from, .to = to}};
    arena_init(&own, SIZE_MAX);
    r.in_scope = ARENA_NEW(&own, uint8_t, b->world.products + 1);
    for (size_t i = 0; i < b->world.products; i++)
        r.in_scope[i] = plan_product_matches(&p->products, &b->world.product[i]);
    loader_begin(&r, &own, &l);
    TRY(loader_partner(&l, partner_at, b->partner_no[partner_at], e));
    *out = ARENA_NEW(a, rebate_row, l.rows + 1);
    if (l.rows) memcpy(*out, l.row, l.rows * sizeof *l.row);
    *n = l.rows;
    return true;
}
