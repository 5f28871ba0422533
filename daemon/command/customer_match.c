/* customer duplicates, match: what may be one customer, and which customers are terminals we know. Both only propose. */
#include "daemon/catalog/columns.h"
#include "daemon/catalog/partner.h"
#include "daemon/catalog/region.h"
#include "daemon/catalog/rows.h"
#include "daemon/command/cells.h"
#include "daemon/command/customers.h"
#include "daemon/command/likeness.h"
#include <stdlib.h>

/* ---- duplicates */

typedef enum pair_reason { PAIR_PHONE, PAIR_NAME_COUNTY, PAIR_NAME, PAIR_REASONS } pair_reason;
static const char *const pair_names[PAIR_REASONS] = {"same phone", "same name and county",
                                                     "same name, county not known"};

/* What must be equal; "" says nothing. */
static str pair_key(const customer_face *f, pair_reason why, arena *a) {
    AUTO(buf) b = {0};
    if (why == PAIR_PHONE) return f->c->card.fact[CUSTOMER_PHONE];
    if (f->plain.n == 0 || (why == PAIR_NAME_COUNTY && f->county == 0)) return STR("");
    buf_add(&b, f->plain);
    buf_byte(&b, 0);
    if (why == PAIR_NAME_COUNTY) buf_be32(&b, f->county);
    return arena_str(a, buf_str(&b));
}

/* The one with more lines is kept, of equals the first by word. */
static bool better(const customer *a, const customer *b) {
    return a->lines != b->lines ? a->lines > b->lines : str_cmp(a->word, b->word) < 0;
}

static void put_pair(call *c, const customer_list *l, const customer_face *kept, const customer_face *other,
                     pair_reason why) {
    json *j = answer_row(c);
    cell_text(j, "partner", l->id);
    cell_text(j, "keep", kept->c->word);
    cell_text(j, "other", other->c->word);
    cell_text(j, "reason", str_of(pair_names[why]));
    cell_text(j, "keep_name", kept->name);
    cell_text(j, "other_name", other->name);
    cell_text(j, "region", county_code(c->t, kept->county ? kept->county : other->county));
    put_customer_sums(j, kept->c, "keep_lines", "keep_amount", "keep_currency");
    put_customer_sums(j, other->c, "other_lines", "other_amount", "other_currency");
    answer_row_end(c);
}

/* Is it still to be looked at: neither merged nor a partner, nor proposed already? */
static bool open_face(const customer_face *f) {
    return f->is == 0 && str_eq(f->c->kept, f->c->word);
}

static void pairs_by(call *c, const customer_list *l, pair_reason why, bool *proposed, arena *a) {
    AUTO(map) first = {.cap = 0};
    str *keys = ARENA_NEW(a, str, l->n + 1);
    for (size_t i = 0; i < l->n; i++) {
        if (!open_face(&l->face[i]) || proposed[i]) continue;
        keys[i] = pair_key(&l->face[i], why, a);
        if (keys[i].n == 0) continue;
        uint64_t *best = map_at(&first, keys[i], NULL);
        if (*best == 0 || better(l->face[i].c, l->face[*best - 1].c)) *best = i + 1;
    }
    for (size_t i = 0; i < l->n && !answer_failed(c); i++) {
        const uint64_t *best = keys[i].n ? map_find(&first, keys[i]) : NULL;
        if (best == NULL || *best == i + 1) continue;
        put_pair(c, l, &l->face[*best - 1], &l->face[i], why);
        proposed[i] = true;
    }
}

static bool list_pairs(call *c, const customer_list *l, arena *a, void *arg, err *e) {
    bool *proposed = ARENA_NEW(a, bool, l->n + 1);
    (void)arg;
    (void)e;
    for (pair_reason why = PAIR_PHONE; why < PAIR_REASONS; why++) pairs_by(c, l, why, proposed, a);
    return true;
}

bool cmd_customer_duplicates(call *c, err *e) {
    static const char *const columns[] = {
        "partner",    "keep",        "other",         "reason",      "keep_name",    "other_name",    "region",
        "keep_lines", "keep_amount", "keep_currency", "other_lines", "other_amount", "other_currency"};
    answer_list(c, columns, ARRAY_LEN(columns));
    return customers_open(c, list_pairs, NULL, e);
}

/* ---- match */

enum { MATCHES = 3, NAMESAKES = 16, MATCH_LEAST = 600000, MATCH_BYTES = 1 << 30 };

/* A partner that a customer may be. */
typedef struct shop {
    uint32_t no, county;
    str id, plain;
    similar_text text;
} shop;

typedef struct matcher {
    arena a;
    shop *shop;
    size_t shops, cap;
    likeness_index *like;
    map by_phone; /* phone hash → partner number; UINT32_MAX: of several */
} matcher;

static void add_shop(matcher *m, const partner *p) {
    if (m->shops == m->cap) {
        m->cap = m->cap ? 2 * m->cap : 1024;
        m->shop = reallocarray(m->shop, m->cap, sizeof *m->shop);
        ASSERT(m->shop != NULL);
    }
    shop *s = &m->shop[m->shops++];
    *s = (shop){.no = p->no, .county = p->region, .id = arena_str(&m->a, p->id), .plain = name_plain(p->name, &m->a)};
    similar_read(s->plain, STR(""), &s->text);
    likeness_add(m->like, &s->text);
}

static void read_shops(call *c, matcher *m) {
    catalog_row row;
    partner p;
    AUTO(catalog_walk) w = catalog_rows(c->t, CATALOG_PARTNER, NULL, 0);
    while (catalog_next(&w, &row)) {
        if (!partner_by_no(c->t, row.no, &p) || p.unreviewed || p.name.n == 0) continue;
        if (p.kind == PARTNER_TERMINAL || p.kind == PARTNER_RETAILER || p.kind == PARTNER_SUB_DISTRIBUTOR)
            add_shop(m, &p);
    }
}

/* Customers of anybody that turned out to be partners tell whose phone it is. */
static void read_phones(call *c, matcher *m) {
    day_t today = day_at(c->now_ms, c->zone_min);
    AUTO(kv_cursor) walk = kv_from(c->t, TABLE_CUSTOMER_CARD, STR(""), STR_NONE);
    while (kv_next(&walk)) {
        customer_card card;
        uint32_t of = get_be32(walk.key.p), is;
        str word = str_skip(walk.key, 4);
        if (!customer_card_get(c->t, of, word, &card) || card.fact[CUSTOMER_PHONE].n == 0 ||
            !resolve_partner(c->t, of, word, ON_DAY(today), false, &is))
            continue;
        uint64_t *at = map_at(&m->by_phone, arena_str(&m->a, card.fact[CUSTOMER_PHONE]), NULL);
        *at = *at == 0 || *at == is ? is : UINT32_MAX;
    }
}

typedef struct match {
    str id, why;
    bool sure;
} match;

static void add_match(match *list, size_t *n, str id, str why, bool sure, arena *a) {
    for (size_t i = 0; i < *n; i++)
        if (str_eq(list[i].id, id)) return;
    if (*n < MATCHES) list[(*n)++] = (match){arena_str(a, id), arena_str(a, why), sure};
}

typedef struct name_asked {
    const matcher *m;
    const similar_text *text;
} name_asked;

static uint32_t compare_names(void *arg, uint32_t no, bool *same_pack) {
    const name_asked *k = arg;
    *same_pack = false;
    return similar_words(k->text, &k->m->shop[no].text);
}

/* One region holds the other: a shop's county and a partner known to be somewhere in the city agree. */
static bool regions_agree(txn *t, uint32_t a, uint32_t b) {
    return region_within(t, a, b) || region_within(t, b, a);
}

/* A shop of a like name, unless it is known to be elsewhere. */
static bool near(call *c, const customer_face *f, const shop *s, bool *agree) {
    bool known = f->county && s->county;
    *agree = known && regions_agree(c->t, f->county, s->county);
    return !known || *agree;
}

static void match_names(call *c, matcher *m, const customer_face *f, match *out, size_t *n, arena *a) {
    likeness best[NAMESAKES];
    similar_text text;
    similar_read(f->plain, STR(""), &text);
    name_asked k = {m, &text};
    size_t likes = likeness_find(m->like, &text, MATCH_LEAST, compare_names, &k, best, NAMESAKES), sure = 0;
    bool agree;
    for (size_t i = 0; i < likes; i++) {
        const shop *s = &m->shop[best[i].no];
        sure += near(c, f, s, &agree) && agree && str_eq(s->plain, f->plain);
    }
    for (size_t i = 0; i < likes; i++) {
        const shop *s = &m->shop[best[i].no];
        AUTO(buf) why = {0};
        if (!near(c, f, s, &agree)) continue;
        bool same = str_eq(s->plain, f->plain);
        if (same) buf_addz(&why, "same name");
        else
            buf_printf(&why, "name %u %%", best[i].score / (SIMILAR_ONE / 100));
        buf_addz(&why, agree ? ", same county" : ", county not known");
        add_match(out, n, s->id, buf_str(&why), same && agree && sure == 1, a);
    }
}

static size_t find_matches(call *c, matcher *m, const customer_face *f, match *out, arena *a) {
    size_t n = 0;
    str phone = f->c->card.fact[CUSTOMER_PHONE];
    const uint64_t *is = phone.n ? map_find(&m->by_phone, phone) : NULL;
    if (is && *is != UINT32_MAX)
        add_match(out, &n, partner_id(c->t, (uint32_t)*is), STR("same phone as another partner's customer"), true, a);
    match_names(c, m, f, out, &n, a);
    return n;
}

/* The columns that `alias import` takes, then what is for the reader's eye. */
static void put_match(call *c, const customer_list *l, const customer_face *f, const match *m, size_t n) {
    AUTO(buf) others = {0};
    bool sure = n > 0 && m[0].sure;
    json *j = answer_row(c);
    cell_text(j, "owner", l->id);
    cell_text(j, "kind", STR("customer"));
    cell_text(j, "alias", f->c->word);
    cell_text(j, "id", sure ? m[0].id : STR(""));
    cell_text(j, "from", STR(""));
    cell_text(j, "to", STR(""));
    cell_text(j, "name", f->c->card.fact[CUSTOMER_NAME]);
    cell_text(j, "county", f->c->card.fact[CUSTOMER_REGION]);
    put_customer_sums(j, f->c, "lines", "amount", "currency");
    cell_text(j, "why", sure ? m[0].why : STR(""));
    for (size_t i = sure; i < n; i++)
        buf_printf(&others, "%s%.*s: %.*s", others.n ? "; " : "", STR_ARG(m[i].id), STR_ARG(m[i].why));
    cell_text(j, "others", buf_str(&others));
    answer_row_end(c);
}

static bool list_matches(call *c, const customer_list *l, arena *a, void *arg, err *e) {
    matcher *m = arg;
    (void)e;
    for (size_t i = 0; i < l->n && !answer_failed(c); i++) {
        match found[MATCHES];
        if (l->face[i].is) continue;
        put_match(c, l, &l->face[i], found, find_matches(c, m, &l->face[i], found, a));
    }
    return true;
}

bool cmd_customer_match(call *c, err *e) {
    static const char *const columns[] = {"owner",  "kind",  "alias",  "id",       "from", "to",    "name",
                                          "county", "lines", "amount", "currency", "why",  "others"};
    matcher m = {.like = likeness_new()};
    arena_init(&m.a, MATCH_BYTES);
    answer_list(c, columns, ARRAY_LEN(columns));
    read_shops(c, &m);
    read_phones(c, &m);
    bool ok = customers_open(c, list_matches, &m, e);
    likeness_free(m.like);
    map_free(&m.by_phone);
    free(m.shop);
    arena_free(&m.a);
    return ok;
}
