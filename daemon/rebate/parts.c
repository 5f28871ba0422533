#include "daemon/rebate/parts.h"

#include <stdlib.h>

enum { WHOLE_RATE = 1000000, QUANTITY_UNIT = 1000, FEN_MICRO = 10000 };

void note_add(partner_work *w, rebate_note note) {
    rebate_result *r = w->result;
    if (r->notes++ >= REBATE_NOTES_MAX) return;
    rebate_note *n = ARENA_NEW(w->keep, rebate_note, 1);
    *n = note;
    n->partner = w->partner;
    if (r->last_note) r->last_note->next = n;
    else
        r->note = n;
    r->last_note = n;
}

static void note_row(partner_work *w, rebate_note_kind kind, const rebate_row *r) {
    int64_t amount = r->amount == NUM_NONE ? 0 : r->amount;
    note_add(w, (rebate_note){.kind = kind,
                              .product = r->product,
                              .no = r->no,
                              .day = r->day,
                              .quantity = r->quantity,
                              .amount = amount});
}

/* ---- which rows */

static const uint32_t kinds_of[] = {
    [BASIS_SELL_IN] = 1u << FLOW_SELL_IN | 1u << FLOW_RETURN_OUT,
    [BASIS_SELL_OUT] = 1u << FLOW_SELL_OUT | 1u << FLOW_RETURN,
    [BASIS_SELL_OUT_ALL] = 1u << FLOW_SELL_OUT | 1u << FLOW_RETURN | 1u << FLOW_ONWARD,
    [BASIS_VERIFIED] = 1u << FLOW_SELL_OUT | 1u << FLOW_RETURN,
    [BASIS_PAYMENT] = 1u << FLOW_PAYMENT,
};

static uint32_t kinds_counted(const policy *p) {
    uint32_t kinds = kinds_of[p->basis];
    if (!p->gifts) return kinds;
    if (kinds & 1u << FLOW_SELL_IN) kinds |= 1u << FLOW_GIFT_IN;
    if (kinds & 1u << FLOW_SELL_OUT) kinds |= 1u << FLOW_GIFT_OUT;
    return kinds;
}

static bool counts(const plan *pl, uint32_t kinds, const rebate_row *r) {
    const policy *p = pl->p;
    if (!(kinds >> r->kind & 1u)) return false;
    if ((r->flags & ROW_GIFT) && !p->gifts) return false;
    bool inside = r->day >= p->from && r->day <= p->to && !(r->flags & ROW_HISTORY);
    if (!pl->baselines && !inside) return false;
    if (r->flags & ROW_OPENING) return true;
    return r->product == REBATE_NONE ? pl->no_product : pl->product[r->product] & PRODUCT_IN_SCOPE;
}

/* ---- what they are worth */

static bool list_price_on(const plan *pl, const rebate_row *r, int64_t *micro) {
    const rebate_world *w = pl->w;
    if (r->product == REBATE_NONE) return false;
    *micro = world_price(w, r->product, STR("dealer"), r->day);
    if (*micro == NUM_NONE) *micro = w->product[r->product].list_price;
    return *micro != NUM_NONE;
}

/* What was last sold in to the partner on or before the day: all of that day, whatever the order of its documents. */
static part_sums invoiced_before(const partner_work *w, const rebate_row *r) {
    part_sums last = {0};
    day_t on = DAY_MIN;
    for (size_t i = 0; i < w->rows; i++) {
        const rebate_row *x = w->row[i];
        if (x->kind != FLOW_SELL_IN || x->product != r->product || x->quantity <= 0 || x->amount == NUM_NONE) continue;
        if (x->day > r->day || x->day < on) continue;
        if (x->day > on) last = (part_sums){0};
        on = x->day;
        last.quantity += x->quantity;
        last.amount += x->amount;
    }
    return last;
}

static bool value_of(partner_work *w, const rebate_row *r, int64_t *fen, err *e) {
    const policy *p = w->plan->p;
    int64_t micro;
    *fen = r->amount;
    if (p->value_at == VALUE_LIST) {
        if (!list_price_on(w->plan, r, &micro)) *fen = NUM_NONE;
        else if (!wide_round((wide)micro * r->quantity, (wide)FEN_MICRO * QUANTITY_UNIT, fen))
            return figures_too_large(e);
    } else if (p->value_at == VALUE_INVOICE) {
        part_sums last = invoiced_before(w, r);
        if (last.quantity == 0) *fen = NUM_NONE;
        else if (!wide_round(last.amount * r->quantity, last.quantity, fen))
            return figures_too_large(e);
    }
    if (*fen == NUM_NONE) {
        if (p->measure == MEASURE_AMOUNT)
            note_row(w, p->value_at == VALUE_REPORTED ? NOTE_NO_AMOUNT : NOTE_NO_PRICE, r);
        *fen = 0;
    }
    return true;
}

static bool amount_of(partner_work *w, const rebate_row *r, int64_t *out, err *e) {
    const plan *pl = w->plan;
    int64_t fen, rate = r->tax_rate;
    wide amount;
    TRY(value_of(w, r, &fen, e));
    if (!pl->p->tax_excl) return *out = fen, true;
    if (rate == NUM_NONE && r->product != REBATE_NONE) rate = pl->w->product[r->product].tax_rate;
    if (rate == NUM_NONE) note_row(w, NOTE_NO_TAX, r), rate = 0;
    amount = (wide)fen * pl->amount_unit * WHOLE_RATE / (WHOLE_RATE + rate); /* divides: see choose_amount_unit */
    return wide_fits(amount, out) || figures_too_large(e);
}

bool part_measure(const plan *pl, part *x, err *e) {
    if (pl->p->measure == MEASURE_AMOUNT) return x->measure = x->amount, true;
    if (pl->p->measure == MEASURE_QUANTITY) return x->measure = x->quantity, true;
    int64_t points = x->product == REBATE_NONE ? 0 : pl->points[x->product];
    return !__builtin_mul_overflow(points, x->quantity, &x->measure) || figures_too_large(e);
}

static int32_t period_on(const partner_work *w, day_t day) {
    size_t at = (uint32_t)day % ARRAY_LEN(w->memo->of);
    if (!w->memo->of[at].known || w->memo->of[at].day != day) {
        w->memo->of[at].day = day;
        w->memo->of[at].period = period_of(w->plan->p->period, day);
        w->memo->of[at].known = true;
    }
    return w->memo->of[at].period;
}

static bool take_row(partner_work *w, const rebate_row *r, bool named, part *x, err *e) {
    const plan *pl = w->plan;
    *x = (part){.product = r->product, .document = r->document, .no = r->no, .day = r->day, .owner = r->partner};
    x->period = period_on(w, r->day);
    x->days_to_pay = r->days_to_pay;
    x->quantity = r->quantity;
    x->history = r->flags & ROW_HISTORY;
    x->unpaid = r->product != REBATE_NONE && pl->product[r->product] & PRODUCT_COUNT_ONLY;
    x->stage = named ? (uint8_t)world_stage(pl->w, r->product, r->day) : STAGE_ANY;
    if (x->stage == STAGE_NONE && parts_inside(pl, x)) note_row(w, NOTE_NO_STAGE, r);
    return amount_of(w, r, &x->amount, e) && part_measure(pl, x, e);
}

bool parts_take(partner_work *w, parts *out, err *e) {
    const policy *p = w->plan->p;
    uint32_t kinds = kinds_counted(p);
    bool named = p->stage_count[STAGE_ANY] == 0;
    *out = (parts){.cap = w->rows + 1};
    out->part = arena_alloc(w->a, sizeof *out->part * out->cap);
    if (out->part == NULL) return err_set(e, ERR_INTERNAL, "out of memory");
    for (size_t i = 0; i < w->rows; i++) {
        if (!counts(w->plan, kinds, w->row[i])) continue;
        if ((w->row[i]->flags & ROW_PAID_BY_REBATE) && !p->paid_by_rebate) {
            note_row(w, NOTE_REBATED, w->row[i]);
            continue;
        }
        TRY(take_row(w, w->row[i], named, &out->part[out->n], e));
        out->n++;
    }
    return true;
}

/* ---- cells */

bool parts_inside(const plan *pl, const part *x) {
    return !x->history && x->day >= pl->p->from && x->day <= pl->p->to && x->period <= pl->last_period;
}

static str text_of(const str *texts, uint32_t no) {
    return no == REBATE_NONE ? STR("") : texts[no];
}

int parts_compare(const rebate_world *w, const part *a, const part *b) {
    if (a->day != b->day) return a->day < b->day ? -1 : 1;
    int c =
        a->document == b->document ? 0 : str_cmp(text_of(w->document, a->document), text_of(w->document, b->document));
    if (c == 0 && a->product != b->product) {
        str x = a->product == REBATE_NONE ? STR("") : w->product[a->product].sku;
        c = str_cmp(x, b->product == REBATE_NONE ? STR("") : w->product[b->product].sku);
    }
    return c ? c : (a->no > b->no) - (a->no < b->no);
}

static int by_order(const void *x, const void *y, void *world) {
    return parts_compare(world, x, y);
}

void parts_sort(const partner_work *w, part *x, size_t n) {
    bool sorted = true;
    for (size_t i = 1; i < n && sorted; i++) sorted = parts_compare(w->plan->w, &x[i - 1], &x[i]) <= 0;
    if (!sorted) qsort_r(x, n, sizeof *x, by_order, (void *)(uintptr_t)w->plan->w);
}

/* The earlier span of a policy of period once. */
static bool before_once(const policy *p, growth_over over, day_t day) {
    if (over == OVER_PREVIOUS) return day < p->from && day >= p->from - (p->to - p->from + 1);
    civil from = civil_of(p->from), to = civil_of(p->to);
    unsigned last_from = days_in_month(from.year - 1, from.month), last_to = days_in_month(to.year - 1, to.month);
    return day >= day_of(from.year - 1, from.month, from.day < last_from ? from.day : last_from) &&
           day <= day_of(to.year - 1, to.month, to.day < last_to ? to.day : last_to);
}

static cell *cell_at(parts *p, int32_t period, unsigned s) {
    return &p->cell[(size_t)(period - p->first) * POLICY_STAGES + s];
}

static void span_of(parts *p) {
    int32_t last = p->n ? p->part[0].period : 0;
    p->first = last;
    for (size_t i = 0; i < p->n; i++) {
        if (p->part[i].period < p->first) p->first = p->part[i].period;
        if (p->part[i].period > last) last = p->part[i].period;
    }
    p->periods = p->n ? (size_t)(last - p->first) + 1 : 0;
}

/* Counting sort: parts of a cell stand together, cells in order; those outside `effective` go last. */
static bool into_cells(partner_work *w, parts *p) {
    part *sorted = arena_alloc(w->a, sizeof *sorted * (p->n + 1));
    size_t cells = p->periods * POLICY_STAGES, at = 0;
    if (sorted == NULL) return false;
    for (size_t i = 0; i < p->n; i++)
        if (parts_inside(w->plan, &p->part[i])) cell_at(p, p->part[i].period, p->part[i].stage)->n++;
    for (size_t c = 0; c < cells; c++) {
        p->cell[c].from = at;
        at += p->cell[c].n;
        p->cell[c].n = 0;
    }
    for (size_t i = 0; i < p->n; i++) {
        const part *x = &p->part[i];
        if (!parts_inside(w->plan, x)) continue;
        cell *c = cell_at(p, x->period, x->stage);
        sorted[c->from + c->n++] = *x;
    }
    p->part = sorted;
    return true;
}

static bool climbs_for(const policy *p, unsigned stage_of_row, unsigned s) {
    return p->count_all || stage_of_row == s;
}

wide parts_baseline(const partner_work *w, const parts *p, const mechanism *m, int32_t period, unsigned s) {
    const policy *pol = w->plan->p;
    wide sum = 0;
    if (pol->period == PERIOD_ONCE) {
        for (size_t i = 0; i < p->n; i++)
            if (before_once(pol, m->over, p->all[i].day) && climbs_for(pol, p->all[i].stage, s))
                sum += p->all[i].measure;
        return sum;
    }
    period -= m->over == OVER_PREVIOUS ? 1 : periods_a_year(pol->period);
    for (unsigned x = 0; x < POLICY_STAGES; x++) {
        const cell *c = parts_cell(p, period, x);
        if (c && climbs_for(pol, x, s)) sum += c->before;
    }
    return sum;
}

bool parts_settle(partner_work *w, parts *p, err *e) {
    span_of(p);
    p->all = p->part;
    p->cell = arena_zalloc(w->a, sizeof *p->cell * (p->periods * POLICY_STAGES + 1));
    if (p->cell == NULL) return err_set(e, ERR_INTERNAL, "out of memory");
    for (size_t i = 0; w->plan->baselines && i < p->n; i++)
        cell_at(p, p->part[i].period, p->part[i].stage)->before += p->part[i].measure;
    if (!into_cells(w, p)) return err_set(e, ERR_INTERNAL, "out of memory");
    for (size_t c = 0; c < p->periods * POLICY_STAGES; c++) {
        cell *to = &p->cell[c];
        for (size_t i = to->from; i < to->from + to->n; i++) {
            const part *x = &p->part[i];
            to->climbs += x->measure;
            if (x->unpaid) continue;
            to->paid.amount += x->amount;
            to->paid.quantity += x->quantity;
            to->paid.measure += x->measure;
        }
        if (w->ordered) parts_sort(w, p->part + to->from, to->n);
    }
    return true;
}
