#include "daemon/ledger/lookup.h"

#include "daemon/catalog/columns.h"
#include "daemon/catalog/partner.h"
#include "daemon/catalog/product.h"
#include "daemon/catalog/region.h"
#include "daemon/catalog/settings.h"
#include "daemon/catalog/waiting.h"
#include "daemon/store/keys.h"

/* Words are numbered column by column: a sort belongs to one column. */
typedef enum memo_sort {
    MEMO_FREE,
    MEMO_PRODUCT,
    MEMO_PLACE,
    MEMO_CUSTOMER,
    MEMO_OTHER_SIDE, /* column counterparty read as a customer */
    MEMO_COUNTERPARTY,
    MEMO_REGION,
    MEMO_CURRENCY
} memo_sort;

/* What a word means on the days of a span. */
typedef struct meaning {
    business_day on;
    const void *value;
    struct meaning *next;
} meaning;

struct memo_slot {
    uint64_t word; /* one or two word numbers */
    memo_sort sort;
    meaning *first;
};

static size_t place_of(const memo *m, uint64_t word, memo_sort sort) {
    uint64_t h = (word + 0x9e3779b97f4a7c15u * sort) * 0xbf58476d1ce4e5b9u;
    size_t i = (size_t)(h >> 32) & (m->cap - 1);
    while (m->slot[i].sort != MEMO_FREE && (m->slot[i].word != word || m->slot[i].sort != sort))
        i = (i + 1) & (m->cap - 1);
    return i;
}

static void memo_grow(memo *m, arena *a) {
    memo bigger = {.cap = m->cap ? 2 * m->cap : 1024, .used = m->used};
    bigger.slot = ARENA_NEW(a, memo_slot, bigger.cap);
    ASSERT(bigger.slot != NULL);
    for (size_t i = 0; i < m->cap; i++)
        if (m->slot[i].sort != MEMO_FREE) bigger.slot[place_of(&bigger, m->slot[i].word, m->slot[i].sort)] = m->slot[i];
    *m = bigger;
}

/* What a word means on a day; value NULL: to be worked out now, with `on` narrowed to the days it is good for. */
static meaning *memo_at(lookup *l, uint64_t word, day_t day, memo_sort sort) {
    memo *m = &l->memo;
    if (2 * (m->used + 1) > m->cap) memo_grow(m, l->a);
    memo_slot *s = &m->slot[place_of(m, word, sort)];
    if (s->sort == MEMO_FREE) {
        *s = (memo_slot){.word = word, .sort = sort};
        m->used++;
    }
    for (meaning *x = s->first; x; x = x->next)
        if (day >= x->on.from && day <= x->on.to) return x;
    meaning *x = ARENA_NEW(l->a, meaning, 1);
    ASSERT(x != NULL);
    *x = (meaning){.on = {day, DAY_MIN, DAY_MAX}, .next = s->first};
    return s->first = x;
}

void lookup_begin(lookup *l, txn *t, arena *a, const batch *b, uint32_t reporter, bool create, makes *m) {
    partner p;
    *l = (lookup){.t = t, .a = a, .b = b, .made = m, .known = recall_of(t), .reporter = reporter, .create = create};
    l->manufacturer = partner_by_no(t, reporter, &p) && p.kind == PARTNER_MANUFACTURER;
}

void judge_rules_load(txn *t, int64_t time_ms, judge_rules *out) {
    *out = (judge_rules){
        .oldest = (day_t)setting_number(t, SETTING_OLDEST),
        .today = day_at(time_ms, (int)setting_number(t, SETTING_ZONE)),
        .currency = currency_no(setting_text(t, SETTING_CURRENCY)),
        .company = setting_text(t, SETTING_COMPANY),
        .tax_rate = setting_number(t, SETTING_TAX_RATE),
        .excl = str_is(setting_text(t, SETTING_TAX_BASIS), "excl"),
    };
}

/* A word as this reporter means it; `more`: a unit, or a day. Without bytes when it is too long to be kept. */
static key word_key(const lookup *l, memo_sort sort, str word, str more) {
    key k = {.n = 0};
    if (9 + word.n + more.n > KEY_MAX) return k;
    key_u8(&k, (uint8_t)sort);
    key_u32(&k, l->reporter);
    key_u32(&k, (uint32_t)word.n);
    key_text(&k, word);
    key_text(&k, more);
    return k;
}

static uint32_t make(lookup *l, int what, uint32_t owner, str word) {
    AUTO(buf) b = {0};
    makes *m = l->made;
    buf_byte(&b, (char)what);
    buf_be32(&b, owner);
    buf_add(&b, word);
    uint64_t *known = map_find(&m->index, buf_str(&b));
    if (known) return MADE_FIRST + (uint32_t)*known;
    if (m->rows == m->cap) {
        size_t cap = m->cap ? 2 * m->cap : 64;
        made *row = arena_alloc(m->a, cap * sizeof *row);
        ASSERT(row != NULL);
        if (m->rows) memcpy(row, m->row, m->rows * sizeof *row);
        m->row = row;
        m->cap = cap;
    }
    *map_at(&m->index, arena_str(m->a, buf_str(&b)), NULL) = m->rows;
    m->row[m->rows] = (made){.what = (__typeof__(m->row->what))what, .owner = owner, .word = arena_str(m->a, word)};
    return MADE_FIRST + (uint32_t)m->rows++;
}

uint32_t made_real(const makes *m, uint32_t no) {
    return no >= MADE_FIRST && no - MADE_FIRST < m->rows ? m->row[no - MADE_FIRST].real : no;
}

/* An id that the catalogue can take as it was sent. */
static bool can_create(const lookup *l, str word) {
    return l->create && catalog_id_ok(word);
}

static bool base_unit_word(str unit) {
    return unit.n == 0 || str_ieq(unit, STR("PCE")) || str_ieq(unit, STR("EA"));
}

/* An alias may say what one of its code is; a unit written in the line goes before it. Of a product that nobody has
 * reviewed yet no units are known: what was sent is taken as its base unit, until the review judges it again. */
static bool unit_factor(lookup *l, const product_match *m, str unit, business_day *on, int64_t *factor) {
    if (!base_unit_word(unit)) {
        if (resolve_unit(l->t, l->reporter, m->no, unit, on, factor)) return true;
        *factor = 1000;
        return m->unreviewed;
    }
    if (m->factor > 0) return *factor = m->factor, true;
    return resolve_unit(l->t, l->reporter, m->no, m->unit, on, factor);
}

static void resolve_line_product(lookup *l, str sku, str unit, business_day *on, product_word *w) {
    product_match m;
    product p;
    w->tax_rate = NUM_NONE;
    if (sku.n == 0 || !resolve_product(l->t, l->reporter, sku, on, &m)) {
        w->wait = WAIT_PRODUCT;
        if (!can_create(l, sku)) return;
        *w = (product_word){
            .no = make(l, MADE_PRODUCT, 0, sku), .unreviewed = true, .factor = 1000, .tax_rate = NUM_NONE};
        return;
    }
    w->no = m.no;
    w->unreviewed = m.unreviewed;
    if (product_at(l->t, m.no, on, &p)) w->tax_rate = p.tax_rate, w->brand = brand_no(l->t, p.brand);
    if (!unit_factor(l, &m, unit, on, &w->factor)) w->wait = WAIT_UNIT;
}

const product_word *lookup_product(lookup *l, uint32_t row, day_t day) {
    const text_column *sku = &l->b->line_text[T_SKU], *unit = &l->b->line_text[T_UNIT];
    uint64_t word = (uint64_t)column_word(sku, row) << 32 | column_word(unit, row);
    meaning *s = memo_at(l, word, day, MEMO_PRODUCT);
    if (s->value) return s->value;
    key k = word_key(l, MEMO_PRODUCT, column_text(sku, row), column_text(unit, row));
    s->value = recall_find(l->known, &k, &s->on);
    if (s->value) return s->value;
    product_word *w = ARENA_NEW(l->a, product_word, 1);
    ASSERT(w != NULL);
    resolve_line_product(l, column_text(sku, row), column_text(unit, row), &s->on, w);
    if (w->wait == 0 && w->no < MADE_FIRST) recall_keep(l->known, &k, &s->on, w, sizeof *w);
    return s->value = w;
}

/* Attributes are those of the business day. */
static uint32_t partner_home(txn *t, uint32_t no, business_day *on) {
    catalog_row row;
    return catalog_get_at(t, CATALOG_PARTNER, no, on, &row) ? region_by_code(t, row.cell[PARTNER_REGION]) : 0;
}

static void know_partner(lookup *l, uint32_t no, business_day *on, partner_word *w) {
    partner p;
    w->no = no;
    w->home = partner_home(l->t, no, on);
    if (!partner_by_no(l->t, no, &p)) return;
    w->unreviewed = p.unreviewed;
    w->reports = partner_reports(l->t, &p);
}

static void resolve_place(lookup *l, str word, business_day *on, partner_word *w) {
    uint32_t no;
    if (word.n == 0) {
        know_partner(l, l->reporter, on, w);
    } else if (resolve_partner(l->t, l->reporter, word, on, true, &no)) {
        know_partner(l, no, on, w);
        if (w->home == 0) w->home = partner_home(l->t, l->reporter, on);
    } else if (can_create(l, word)) {
        *w = (partner_word){.no = make(l, MADE_PLACE, l->reporter, word),
                            .home = partner_home(l->t, l->reporter, on),
                            .unreviewed = true};
    }
}

static uint32_t customer_number(lookup *l, str word) {
    key k = {.n = 0};
    str val;
    key_u32(&k, l->reporter);
    key_text(&k, word);
    if (kv_get(l->t, TABLE_CUSTOMER, key_str(&k), &val) && val.n == 4) return get_be32(val.p);
    return make(l, MADE_CUSTOMER, l->reporter, word);
}

static void resolve_customer(lookup *l, str word, business_day *on, partner_word *w) {
    uint32_t no;
    if (resolve_partner(l->t, l->reporter, word, on, false, &no)) know_partner(l, no, on, w);
    else
        w->customer = customer_number(l, word);
}

static void resolve_counterparty(lookup *l, str word, business_day *on, partner_word *w) {
    uint32_t no;
    if (resolve_partner(l->t, l->reporter, word, on, false, &no)) know_partner(l, no, on, w);
}

typedef void (*resolve_fn)(lookup *l, str word, business_day *on, partner_word *w);

static const partner_word *partner_lookup(lookup *l, line_text column, uint32_t row, day_t day, memo_sort sort,
                                          resolve_fn resolve) {
    const text_column *c = &l->b->line_text[column];
    meaning *s = memo_at(l, column_word(c, row), day, sort);
    if (s->value) return s->value;
    key k = word_key(l, sort, column_text(c, row), STR(""));
    s->value = recall_find(l->known, &k, &s->on);
    if (s->value) return s->value;
    partner_word *w = ARENA_NEW(l->a, partner_word, 1);
    ASSERT(w != NULL);
    resolve(l, column_text(c, row), &s->on, w);
    w->province = region_at_level(l->t, w->home, REGION_PROVINCE);
    if ((w->no || w->customer) && w->no < MADE_FIRST && w->customer < MADE_FIRST)
        recall_keep(l->known, &k, &s->on, w, sizeof *w);
    return s->value = w;
}

const partner_word *lookup_place(lookup *l, uint32_t row, day_t day) {
    return partner_lookup(l, T_PLACE, row, day, MEMO_PLACE, resolve_place);
}

const partner_word *lookup_customer(lookup *l, uint32_t row, day_t day) {
    if (column_text(&l->b->line_text[T_CUSTOMER], row).n)
        return partner_lookup(l, T_CUSTOMER, row, day, MEMO_CUSTOMER, resolve_customer);
    if (column_text(&l->b->line_text[T_COUNTERPARTY], row).n)
        return partner_lookup(l, T_COUNTERPARTY, row, day, MEMO_OTHER_SIDE, resolve_customer);
    return NULL;
}

const partner_word *lookup_counterparty(lookup *l, uint32_t row, day_t day) {
    if (column_text(&l->b->line_text[T_COUNTERPARTY], row).n == 0) return NULL;
    return partner_lookup(l, T_COUNTERPARTY, row, day, MEMO_COUNTERPARTY, resolve_counterparty);
}

const region_word *lookup_ship_to(lookup *l, uint32_t row, day_t day) {
    const text_column *c = &l->b->line_text[T_SHIP_TO];
    str word = column_text(c, row);
    if (word.n == 0) return NULL;
    meaning *s = memo_at(l, column_word(c, row), day, MEMO_REGION);
    if (s->value) return s->value;
    uint8_t on_day[4]; /* regions have histories of their own: each day by itself */
    put_be32(on_day, (uint32_t)day);
    key k = word_key(l, MEMO_REGION, word, str_from(on_day, sizeof on_day));
    s->on.from = s->on.to = day;
    s->value = recall_find(l->known, &k, &s->on);
    if (s->value) return s->value;
    region_word *w = ARENA_NEW(l->a, region_word, 1);
    ASSERT(w != NULL);
    if (!resolve_region(l->t, l->reporter, word, day, &w->no)) w->no = 0;
    if (w->no) recall_keep(l->known, &k, &s->on, w, sizeof *w);
    return s->value = w;
}

const currency_word *lookup_currency(lookup *l, uint32_t row, uint32_t otherwise) {
    const text_column *c = &l->b->line_text[T_CURRENCY];
    meaning *s = memo_at(l, column_word(c, row), 0, MEMO_CURRENCY);
    if (s->value == NULL) {
        currency_word *w = ARENA_NEW(l->a, currency_word, 1);
        str code = column_text(c, row);
        char text[4];
        ASSERT(w != NULL);
        if (code.n == 0) code = currency_text(otherwise, text);
        if (currency_ok(code)) *w = (currency_word){currency_no(code), currency_scale(code)};
        s->value = w;
    }
    return s->value;
}
