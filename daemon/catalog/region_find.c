/* Words and addresses → regions. */
#include "daemon/catalog/cell.h"
#include "daemon/catalog/columns.h"
#include "daemon/catalog/index.h"
#include "daemon/catalog/region.h"
#include "daemon/catalog/region_words.h"
#include "proto/limits.h"

enum {
    CANDIDATES = 64,    /* regions of one name; more than any name of the tree has */
    LONGEST_NAME = 90,  /* bytes of a name looked for inside an address */
    WHOLE_NAME = 3 * 3, /* a name inside running text counts from three letters on */
};

typedef struct candidates {
    uint32_t no[CANDIDATES];
    size_t n;
} candidates;

typedef bool (*keep_fn)(txn *t, uint32_t no, const void *arg);

/* Keep those that pass, unless none does (then all stay, when `or_all`). */
static void narrow(txn *t, candidates *c, keep_fn keep, const void *arg, bool or_all) {
    candidates kept = {.n = 0};
    for (size_t i = 0; i < c->n; i++)
        if (keep(t, c->no[i], arg)) kept.no[kept.n++] = c->no[i];
    if (kept.n || !or_all) *c = kept;
}

static bool valid_on(txn *t, uint32_t no, const void *day) {
    catalog_row row;
    if (no & REGION_AREA || !catalog_get_no(t, CATALOG_REGION, no, &row)) return true;
    return cells_valid_on(row.cell[REGION_FROM], row.cell[REGION_TO], *(const day_t *)day);
}

static bool inside(txn *t, uint32_t no, const void *outer) {
    return no != *(const uint32_t *)outer && region_within(t, no, *(const uint32_t *)outer);
}

static bool at_or_inside(txn *t, uint32_t no, const void *outer) {
    return region_within(t, no, *(const uint32_t *)outer);
}

static bool is_province(txn *t, uint32_t no, const void *unused) {
    (void)unused;
    return region_level_of(t, no) == REGION_PROVINCE;
}

/* Does the area still bear this name? Its index entry outlives a change of name. */
static bool still_named(txn *t, uint32_t no, const void *name) {
    if (!(no & REGION_AREA)) return true;
    str id = region_code(t, no);
    AUTO(catalog_walk) w = catalog_rows(t, CATALOG_AREA, &id, 1);
    catalog_row row;
    while (catalog_next(&w, &row))
        if (str_eq(row.cell[AREA_NAME], *(const str *)name)) return true;
    return false;
}

static candidates named(txn *t, str name, day_t day) {
    candidates c = {.n = 0};
    c.n = index_named(t, INDEX_REGION_NAME, name, c.no, CANDIDATES);
    narrow(t, &c, still_named, &name, false);
    narrow(t, &c, valid_on, &day, true);
    return c;
}

/* The only one, or the one that holds all the others; 0: ambiguous. */
static uint32_t outermost(txn *t, const candidates *c) {
    for (size_t i = 0; i < c->n; i++) {
        size_t held = 0;
        for (size_t k = 0; k < c->n; k++) held += region_within(t, c->no[k], c->no[i]);
        if (held == c->n) return c->no[i];
    }
    return 0;
}

/* Regions of one name: those of the own province first, then a province before anything smaller. */
static uint32_t choose(txn *t, candidates c, uint32_t home) {
    uint32_t province = region_at_level(t, home, REGION_PROVINCE);
    if (c.n > 1 && province) narrow(t, &c, at_or_inside, &province, true);
    uint32_t found = outermost(t, &c);
    if (found || c.n == 0) return found;
    narrow(t, &c, is_province, NULL, true);
    return outermost(t, &c);
}

typedef struct scan {
    txn *t;
    uint32_t home, at; /* at: region found so far, 0 none */
    day_t day;
    bool running; /* inside running text: whole names only */
} scan;

/* May this piece of an address, before `rest`, stand for this region? A short name of a county, or of a city before
 *  what looks like a street, is more often something else. */
static bool plausible(const scan *s, str piece, str rest, uint32_t no) {
    if (no & REGION_AREA) return rest.n == 0;
    bool whole = str_eq(region_name(s->t, no), piece);
    if (s->running) return whole && piece.n >= WHOLE_NAME;
    if (whole || rest.n == 0) return true;
    return region_level_of(s->t, no) < REGION_COUNTY && !region_street_follows(rest);
}

/* The longest name at the front of `text`; its length, 0: none. */
static size_t front(scan *s, str text) {
    size_t n = 0, ends[LONGEST_NAME], count = 0;
    while (n < text.n && n + 4 < LONGEST_NAME) {
        n += region_letter(str_skip(text, n));
        ends[count++] = n;
    }
    while (count-- > 1) {
        str piece = str_take(text, ends[count]);
        candidates c = named(s->t, piece, s->day);
        if (s->at) narrow(s->t, &c, inside, &s->at, false);
        uint32_t found = choose(s->t, c, s->home);
        if (!found || !plausible(s, piece, str_skip(text, piece.n), found)) continue;
        s->at = found;
        return piece.n;
    }
    return 0;
}

static str skip_marks(str text) {
    static const str marks[] = {{" ", 1}, {",", 1}, {"-", 1}, {"/", 1}, {"，", 3}, {"、", 3}, {"　", 3}};
    for (size_t i = 0; i < ARRAY_LEN(marks); i++)
        if (str_starts(text, marks[i])) {
            text = str_skip(text, marks[i].n);
            i = SIZE_MAX;
        }
    return text;
}

static bool address(txn *t, str text, uint32_t home, day_t day, uint32_t *out) {
    scan s = {.t = t, .home = home, .day = day};
    while (text.n) {
        size_t n = front(&s, text);
        if (n == 0 && s.at && region_level_of(t, s.at) != REGION_COUNTRY) break;
        if (n == 0) {
            s.running = true;
            n = region_letter(text);
        } else {
            s.running = false;
        }
        text = skip_marks(str_skip(text, n));
    }
    *out = s.at;
    return s.at && region_level_of(t, s.at) != REGION_COUNTRY;
}

bool region_find(txn *t, str word, uint32_t home, day_t day, uint32_t *out) {
    char code[6];
    word = str_trim(word);
    if (word.n == 0 || word.n > LIMIT_TEXT || !utf8_valid(word) || memchr(word.p, 0, word.n)) return false;
    if (word.n <= LIMIT_ID && (*out = region_by_code(t, word)) != 0) return true;
    if (region_code_pad(word, code)) return (*out = region_by_code(t, str_from(code, 6))) != 0;
    candidates c = named(t, word, day);
    if (c.n == 0) c = named(t, region_short_name(word), day);
    if (c.n) return (*out = choose(t, c, home)) != 0;
    return address(t, word, home, day, out);
}
