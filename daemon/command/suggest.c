#include "daemon/command/suggest.h"

#include "base/map.h"
#include "base/num.h"
#include "daemon/catalog/columns.h"
#include "daemon/catalog/partner.h"
#include "daemon/catalog/product.h"
#include "daemon/catalog/rows.h"
#include "daemon/command/likeness.h"
#include "formats/value.h"
#include <stdlib.h>

enum { UNITS_SEEN = 4, SUGGESTER_BYTES = 1 << 30, NAMES_AGREE = 250000 };

/* A product as it is compared. */
typedef struct candidate {
    str sku, code, units; /* code: normalised */
    char gtin[GTIN_SIZE]; /* gtin[0] 0: none */
    similar_text text;
    uint32_t count[UNITS_SEEN]; /* units in its cartons */
    size_t counts;
} candidate;

/* A word that some partner's alias of goods or units teaches. */
typedef struct taught {
    str kind, word, id, owner; /* word normalised */
} taught;

struct suggester {
    txn *t;
    arena a;
    candidate *product;
    uint32_t products, product_cap;
    likeness_index *like;
    uint32_t *by_code, *by_gtin; /* products in that order */
    taught *alias;
    size_t aliases, alias_cap;
};

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

str code_normalised(str code, buf *room) {
    const char *p = code.p, *end = p + code.n;
    size_t kept = 0;
    buf_clear(room);
    while (code.n && p < end) {
        char letter[4];
        uint32_t cp = half_width(utf8_next(&p, end));
        if (cp <= ' ' || (cp < 0x80 && strchr("-_./", (int)cp))) continue;
        if (cp >= 'a' && cp <= 'z') cp -= 32;
        buf_add(room, str_from(letter, utf8_put(cp, letter)));
    }
    for (size_t i = 0; i < room->n; i++) {
        bool leads = kept == 0 || !is_digit(room->p[kept - 1]);
        if (room->p[i] == '0' && leads && i + 1 < room->n && is_digit(room->p[i + 1])) continue;
        room->p[kept++] = room->p[i];
    }
    room->n = kept;
    return buf_str(room);
}

static str normalised(suggester *s, str code) {
    AUTO(buf) room = {0};
    return arena_str(&s->a, code_normalised(code, &room));
}

/* ---- reading the catalogue */

static void read_units(const str units, candidate *c) {
    str rest = units, unit;
    int64_t factor;
    while (c->counts < UNITS_SEEN && product_unit_next(&rest, &unit, &factor))
        if (factor > 1000 && factor % 1000 == 0 && factor / 1000 <= INT32_MAX)
            c->count[c->counts++] = (uint32_t)(factor / 1000);
}

static void add_product(suggester *s, const catalog_row *row) {
    if (s->products == s->product_cap) {
        s->product_cap = s->product_cap ? 2 * s->product_cap : 1024;
        s->product = reallocarray(s->product, s->product_cap, sizeof *s->product);
        ASSERT(s->product != NULL);
    }
    candidate *c = &s->product[s->products++];
    *c = (candidate){.sku = arena_str(&s->a, row->cell[PRODUCT_SKU]),
                     .code = normalised(s, row->cell[PRODUCT_SKU]),
                     .units = arena_str(&s->a, row->cell[PRODUCT_UNITS])};
    if (!gtin_pad(row->cell[PRODUCT_GTIN], c->gtin)) c->gtin[0] = '\0';
    similar_read(row->cell[PRODUCT_NAME], STR(""), &c->text);
    read_units(c->units, c);
}

static void read_products(suggester *s) {
    catalog_row row;
    AUTO(catalog_walk) w = catalog_rows(s->t, CATALOG_PRODUCT, NULL, 0);
    while (catalog_next(&w, &row))
        if (!(row.flags & ROW_UNREVIEWED)) add_product(s, &row);
}

static int by_taught(const void *x, const void *y) {
    const taught *a = x, *b = y;
    const str as[] = {a->kind, a->word, a->id, a->owner}, bs[] = {b->kind, b->word, b->id, b->owner};
    for (size_t i = 0; i < ARRAY_LEN(as); i++) {
        int c = str_cmp(as[i], bs[i]);
        if (c) return c;
    }
    return 0;
}

static void add_alias(suggester *s, const catalog_row *row) {
    if (s->aliases == s->alias_cap) {
        s->alias_cap = s->alias_cap ? 2 * s->alias_cap : 1024;
        s->alias = reallocarray(s->alias, s->alias_cap, sizeof *s->alias);
        ASSERT(s->alias != NULL);
    }
    s->alias[s->aliases++] = (taught){arena_str(&s->a, row->cell[ALIAS_KIND]), normalised(s, row->cell[ALIAS_ALIAS]),
                                      arena_str(&s->a, row->cell[ALIAS_ID]), arena_str(&s->a, row->cell[ALIAS_OWNER])};
}

static void read_aliases(suggester *s) {
    catalog_row row;
    AUTO(catalog_walk) w = catalog_rows(s->t, CATALOG_ALIAS, NULL, 0);
    while (catalog_next(&w, &row)) {
        bool of_goods = str_is(row.cell[ALIAS_KIND], "product") || str_is(row.cell[ALIAS_KIND], "unit");
        if (of_goods && row.cell[ALIAS_ID].n) add_alias(s, &row);
    }
    if (s->aliases) qsort(s->alias, s->aliases, sizeof *s->alias, by_taught);
}

static int code_order(const void *x, const void *y, void *of) {
    const candidate *c = of;
    uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;
    int d = str_cmp(c[a].code, c[b].code);
    return d ? d : (a > b) - (a < b);
}

static int gtin_order(const void *x, const void *y, void *of) {
    const candidate *c = of;
    return memcmp(c[*(const uint32_t *)x].gtin, c[*(const uint32_t *)y].gtin, GTIN_SIZE);
}

static uint32_t *sorted(suggester *s, int (*order)(const void *, const void *, void *)) {
    uint32_t *list = ARENA_NEW(&s->a, uint32_t, s->products + 1);
    for (uint32_t i = 0; i < s->products; i++) list[i] = i;
    qsort_r(list, s->products, sizeof *list, order, s->product);
    return list;
}

static void index_products(suggester *s) {
    s->like = likeness_new();
    for (uint32_t i = 0; i < s->products; i++) likeness_add(s->like, &s->product[i].text);
    s->by_code = sorted(s, code_order);
    s->by_gtin = sorted(s, gtin_order);
}

suggester *suggester_new(txn *t) {
    suggester *s = calloc(1, sizeof *s);
    ASSERT(s != NULL);
    s->t = t;
    arena_init(&s->a, SUGGESTER_BYTES);
    read_products(s);
    read_aliases(s);
    index_products(s);
    return s;
}

void suggester_free(suggester *s) {
    if (s == NULL) return;
    arena_free(&s->a);
    likeness_free(s->like);
    free(s->product);
    free(s->alias);
    free(s);
}

void suggester_auto(suggester **s) {
    suggester_free(*s);
}

/* ---- the reasons */

typedef struct proposals {
    suggestion *at;
    size_t n;
    arena *a;
} proposals;

static bool propose(proposals *p, str id, str why, bool sure) {
    for (size_t i = 0; i < p->n; i++)
        if (str_eq(p->at[i].id, id)) return false;
    if (p->n == SUGGESTIONS) return false;
    p->at[p->n++] = (suggestion){arena_str(p->a, id), arena_str(p->a, why), sure};
    return true;
}

/* A code or word that two companies happen to share says little when the names tell two stories. */
static bool names_agree(const suggester *s, const unmapped *of, str sku) {
    product x;
    similar_text theirs, ours;
    if (of->name.n == 0 || !product_by_sku(s->t, sku, &x) || x.name.n == 0) return true;
    similar_read(of->name, STR(""), &theirs);
    similar_read(x.name, STR(""), &ours);
    return similar_words(&theirs, &ours) >= NAMES_AGREE;
}

/* The only product that bears a padded GTIN. */
static const candidate *bearer(const suggester *s, const char *gtin) {
    uint32_t low = 0, high = s->products;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (memcmp(s->product[s->by_gtin[mid]].gtin, gtin, GTIN_SIZE) < 0) low = mid + 1;
        else
            high = mid;
    }
    bool there = low < s->products && memcmp(s->product[s->by_gtin[low]].gtin, gtin, GTIN_SIZE) == 0;
    bool twice = low + 1 < s->products && memcmp(s->product[s->by_gtin[low + 1]].gtin, gtin, GTIN_SIZE) == 0;
    return there && !twice ? &s->product[s->by_gtin[low]] : NULL;
}

/* 1 690123456789 2 → 0 690123456789 with the check digit of the unit (GS1 General Specifications 7.9). */
static bool unit_of_carton(const char *carton, char *unit) {
    unsigned sum = 0;
    if (carton[0] < '1' || carton[0] > '8') return false;
    memcpy(unit, carton, GTIN_SIZE);
    unit[0] = '0';
    for (size_t i = 0; i + 1 < GTIN_SIZE; i++) sum += (unsigned)(unit[i] - '0') * (i % 2 ? 1 : 3);
    unit[GTIN_SIZE - 1] = (char)('0' + (10 - sum % 10) % 10);
    return true;
}

static void propose_barcode(suggester *s, str digits, proposals *p) {
    char gtin[GTIN_SIZE], unit[GTIN_SIZE];
    if (!gtin_pad(digits, gtin) || !gtin_check(str_from(gtin, sizeof gtin))) return;
    const candidate *c = bearer(s, gtin);
    if (c) (void)propose(p, c->sku, STR("barcode"), true);
    else if (unit_of_carton(gtin, unit) && (c = bearer(s, unit)) != NULL)
        (void)propose(p, c->sku, STR("barcode of the carton"), true);
}

/* Runs of digits: the code itself, and numbers that stand in the name. */
static void by_barcode(suggester *s, const unmapped *of, proposals *p) {
    AUTO(buf) code = {0};
    const str texts[] = {of->code, code_normalised(of->code, &code), of->name, of->spec};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        for (size_t at = 0, n; at < texts[i].n; at += n + (n == 0)) {
            str rest = str_skip(texts[i], at);
            for (n = 0; n < rest.n && rest.p[n] >= '0' && rest.p[n] <= '9';) n++;
            if (n >= 8) propose_barcode(s, str_take(rest, n), p);
        }
}

static void by_code(suggester *s, const unmapped *of, proposals *p) {
    AUTO(buf) room = {0};
    str code = code_normalised(of->code, &room);
    uint32_t low = 0, high = s->products;
    if (code.n == 0) return;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (str_cmp(s->product[s->by_code[mid]].code, code) < 0) low = mid + 1;
        else
            high = mid;
    }
    for (; low < s->products && str_eq(s->product[s->by_code[low]].code, code); low++)
        (void)propose(p, s->product[s->by_code[low]].sku, STR("same code"),
                      names_agree(s, of, s->product[s->by_code[low]].sku));
}

/* One id that others' aliases give the word, and how many of them. */
typedef struct vote {
    str id;
    size_t partners;
} vote;

static int by_partners(const void *x, const void *y) {
    const vote *a = x, *b = y;
    if (a->partners != b->partners) return a->partners > b->partners ? -1 : 1;
    return str_cmp(a->id, b->id);
}

static size_t first_taught(const suggester *s, str kind, str word) {
    size_t low = 0, high = s->aliases;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int c = str_cmp(s->alias[mid].kind, kind);
        if (c == 0) c = str_cmp(s->alias[mid].word, word);
        if (c < 0) low = mid + 1;
        else
            high = mid;
    }
    return low;
}

/* Sorted by id, then owner: rows of several dates of one owner stand together. */
static void by_alias(suggester *s, const unmapped *of, proposals *p) {
    enum { VOTES = 32 };
    bool unit = of->reason == WAIT_UNIT;
    const char *kind = unit ? "unit" : "product";
    str own = partner_id(s->t, of->partner), word = unit ? of->unit : of->code;
    AUTO(buf) room = {0};
    vote votes[VOTES];
    size_t n = 0;
    str w = code_normalised(word, &room), last = STR("");
    if (w.n == 0) return;
    for (size_t i = first_taught(s, str_of(kind), w); i < s->aliases; i++) {
        const taught *x = &s->alias[i];
        if (!str_is(x->kind, kind) || !str_eq(x->word, w)) break;
        if (str_eq(x->owner, own)) continue;
        bool same = n > 0 && str_eq(votes[n - 1].id, x->id);
        if (same && str_eq(last, x->owner)) continue;
        if (!same && n == VOTES) break;
        if (!same) votes[n++] = (vote){x->id, 0};
        votes[n - 1].partners++;
        last = x->owner;
    }
    qsort(votes, n, sizeof *votes, by_partners);
    for (size_t i = 0; i < n; i++) {
        AUTO(buf) why = {0};
        buf_printf(&why, "alias of %zu partner%s", votes[i].partners, votes[i].partners == 1 ? "" : "s");
        (void)propose(p, votes[i].id, buf_str(&why), n == 1 && (unit || names_agree(s, of, votes[i].id)));
    }
}

/* ---- likeness */

/* A product as its name says it, and as its cartons would. */
typedef struct comparison {
    const suggester *s;
    const similar_text *text;
} comparison;

static uint32_t compare(void *arg, uint32_t no, bool *same_pack) {
    const comparison *k = arg;
    const candidate *c = &k->s->product[no];
    uint32_t best = similar_of(k->text, &c->text);
    *same_pack = similar_same_pack(k->text, &c->text);
    for (size_t i = 0; i < c->counts; i++) {
        similar_text carton = c->text;
        similar_add_count(&carton, c->count[i]);
        uint32_t score = similar_of(k->text, &carton);
        if (score < best || (score == best && *same_pack)) continue;
        best = score;
        *same_pack = similar_same_pack(k->text, &carton);
    }
    return best;
}

static void by_name(suggester *s, const unmapped *of, proposals *p) {
    similar_text text;
    likeness best[SUGGESTIONS];
    similar_read(of->name.n ? of->name : of->code, of->spec, &text);
    comparison k = {s, &text};
    size_t n = likeness_find(s->like, &text, SUGGEST_LEAST, compare, &k, best, SUGGESTIONS);
    for (size_t i = 0; i < n; i++) {
        AUTO(buf) why = {0};
        buf_printf(&why, "name %u %%%s", best[i].score / (SIMILAR_ONE / 100), best[i].same_pack ? ", same pack" : "");
        bool alone = n == 1 || best[0].score > best[1].score;
        (void)propose(p, s->product[best[i].no].sku, buf_str(&why),
                      i == 0 && alone && best[i].same_pack && best[i].score >= SUGGEST_SURE);
    }
}

/* ---- units */

static bool is_carton_word(str unit) {
    static const char *const cartons[] = {"件", "箱", "整箱", "CS", "CTN", "CASE", "CAR", "BOX"};
    for (size_t i = 0; i < ARRAY_LEN(cartons); i++)
        if (str_ieq(unit, str_of(cartons[i]))) return true;
    return false;
}

static void by_only_carton(suggester *s, const unmapped *of, proposals *p) {
    product_match m;
    product x;
    str unit, only = STR("");
    int64_t factor;
    size_t n = 0;
    if (!is_carton_word(of->unit) || !resolve_product(s->t, of->partner, of->code, ON_DAY(of->first), &m) ||
        !product_by_no(s->t, m.no, &x))
        return;
    for (str rest = x.units; product_unit_next(&rest, &unit, &factor);)
        if (factor > 1000) only = unit, n++;
    if (n == 1) (void)propose(p, only, STR("the product's only carton"), true);
}

size_t suggest(suggester *s, const unmapped *of, arena *a, suggestion out[static SUGGESTIONS]) {
    proposals p = {.at = out, .a = a};
    if (of->reason == WAIT_UNIT) {
        by_alias(s, of, &p);
        by_only_carton(s, of, &p);
        return p.n;
    }
    by_barcode(s, of, &p);
    by_code(s, of, &p);
    by_alias(s, of, &p);
    by_name(s, of, &p);
    return p.n;
}
