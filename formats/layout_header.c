#include "formats/layout.h"

#include <stdio.h>

/* ---- which words a row holds ---- */

bool header_wanted(const mapping_field *wanted, str cell) {
    char a[HEADER_KEY], b[HEADER_KEY];
    str key = header_key(cell, false, a);
    for (size_t i = 0; i < wanted->headers; i++)
        if (key.n && str_eq(key, header_key(wanted->header[i], false, b))) return true;
    return false;
}

bool mapping_has_headers(const mapping *m) {
    for (field i = 0; m && i < FIELD_COUNT; i++)
        if (m->columns[i].headers) return true;
    return false;
}

static size_t fields_by_mapping(const mapping *m, const top_row *t) {
    size_t n = 0;
    for (field i = 0; i < FIELD_COUNT; i++) {
        bool found = false;
        for (size_t c = 0; c < t->cells && !found; c++) found = header_wanted(&m->columns[i], t->cell[c]);
        n += found;
    }
    return n;
}

/* Distinct fields, months as one; 0 when nothing a line could stand on is among them. */
static size_t fields_by_names(const top_row *t) {
    static const field keys[] = {FIELD_N_DATE, FIELD_T_SKU, FIELD_T_NAME, FIELD_N_QUANTITY, FIELD_N_AMOUNT};
    bool seen[FIELD_COUNT] = {false}, of_months[FIELD_COUNT + 1] = {false}, key = false;
    size_t n = 0, months = 0;
    for (size_t c = 0; c < t->cells; c++) {
        header_word word;
        header_month month;
        if (header_find(t->cell[c], &word)) {
            n += !seen[word.f];
            seen[word.f] = true;
        } else if (header_month_find(t->cell[c], &month)) {
            months++;
            of_months[month.f] = true;
        }
    }
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        n += months > 1 && of_months[keys[i]] && !seen[keys[i]];
        key = key || seen[keys[i]];
    }
    return key || months > 1 ? n + (months > 1) : 0;
}

static size_t fields_of(const finder *f, const top_row *t) {
    return mapping_has_headers(f->l->m) ? fields_by_mapping(f->l->m, t) : fields_by_names(t);
}

/* ---- a header of two rows: 1月 above, 数量 and 金额 below; or 数量 above, (箱) below ---- */

typedef enum pair_kind {
    PAIR_NONE,
    PAIR_MAYBE, /* when it says more than either row alone */
    PAIR_SURE,  /* neither row may be read alone */
} pair_kind;

typedef struct pair {
    const finder *f;
    const top_row *upper, *lower;
    bool dated; /* a column of dates: 2026年1月 above is a title then, not a column of that month */
    size_t width;
    str up[LIMIT_COLUMNS];       /* what stands above each column */
    size_t first[LIMIT_COLUMNS]; /* of the columns that stand below the same name */
    bool figures[LIMIT_COLUMNS]; /* they are figures or months of which there are several: a real group, not a title */
} pair;

static str cell_of(const top_row *t, size_t c) {
    return c < t->cells ? t->cell[c] : STR("");
}

static bool is_month(const pair *p, str name) {
    header_month month;
    return !p->dated && header_month_find(name, &month);
}

static bool recognised(const pair *p, str name) {
    header_word word;
    const mapping *m = p->f->l->m;
    for (field i = 0; mapping_has_headers(m) && i < FIELD_COUNT; i++)
        if (header_wanted(&m->columns[i], name)) return true;
    return !mapping_has_headers(m) && (header_find(name, &word) || is_month(p, name));
}

static bool is_figure(str name) {
    header_word word;
    return header_find(name, &word) &&
           (word.f == FIELD_N_QUANTITY || word.f == FIELD_N_AMOUNT || word.f == FIELD_N_UNIT_PRICE);
}

/* 1月 below 2026年 and again below 2025年. */
static bool repeated_month(const pair *p, size_t c) {
    header_month month;
    if (p->dated || !header_month_find(cell_of(p->lower, c), &month)) return false;
    size_t times = 0;
    for (size_t i = 0; i < p->lower->cells; i++) times += str_eq(p->lower->cell[i], p->lower->cell[c]);
    return times > 1;
}

/* A group's name covers the columns to its right that have none of their own. */
static void find_groups(pair *p) {
    p->width = p->upper->cells > p->lower->cells ? p->upper->cells : p->lower->cells;
    for (size_t c = 0; c < p->width; c++) {
        bool below = c > 0 && cell_of(p->lower, c).n && cell_of(p->lower, c - 1).n;
        p->up[c] = cell_of(p->upper, c);
        if (below && p->up[c].n == 0) p->up[c] = p->up[c - 1];
        p->first[c] = below && str_eq(p->up[c], p->up[c - 1]) ? p->first[c - 1] : c;
    }
    for (size_t c = 0, end; c < p->width; c = end) {
        bool all = true;
        for (end = c; end < p->width && p->first[end] == c; end++) {
            str low = cell_of(p->lower, end);
            bool one = is_figure(low) || repeated_month(p, end);
            all = all && one && (end == c || !str_eq(low, cell_of(p->lower, end - 1)));
        }
        for (size_t i = c; i < end; i++) p->figures[i] = all && end - c > 1 && p->up[c].n > 0;
    }
}

static bool starts_like_data(str cell) {
    header_month month;
    return cell.n && ((cell.p[0] >= '0' && cell.p[0] <= '9') || strchr("-+.$", cell.p[0])) &&
           !header_month_find(cell, &month);
}

static bool in_brackets(str cell) {
    return str_starts(cell, STR("(")) || str_starts(cell, STR("（"));
}

static pair_kind kind_of(const pair *p) {
    bool group = false, figures = false, marks = true, any_mark = false;
    for (size_t c = 0; c < p->lower->cells; c++) {
        str below = cell_of(p->lower, c);
        if (below.n == 0 || str_eq(below, cell_of(p->upper, c))) continue;
        if (starts_like_data(below)) return PAIR_NONE;
        marks = marks && in_brackets(below);
        any_mark = any_mark || in_brackets(below);
        group = group || (p->up[c].n && p->first[c] != c);
        figures = figures || p->figures[c];
    }
    if (figures || (marks && any_mark)) return PAIR_SURE;
    return group ? PAIR_MAYBE : PAIR_NONE;
}

/* 本期 above a figure says nothing; 期初 or 累计 says that it is another figure. */
static bool says_nothing(str name) {
    return str_is(name, "本期") || str_is(name, "本月") || str_is(name, "当月") || str_is(name, "当期");
}

/* Cells are cut to what is worth showing, so two of them fit. */
static str glued(arena *room, str a, const char *open, str b, const char *close) {
    char text[512];
    (void)snprintf(text, sizeof text, "%.*s%s%.*s%s", STR_ARG(a), open, STR_ARG(b), close);
    return arena_str(room, str_of(text));
}

/* 销售数量, 数量(箱), 1月数量; 2026年1月 below 2026年销售. */
static bool known_join(const pair *p, arena *room, str up, str low, str *out) {
    header_month month;
    *out = glued(room, up, "", low, "");
    if (recognised(p, *out)) return true;
    *out = glued(room, up, "(", low, ")");
    if (recognised(p, *out)) return true;
    bool bare_month = !p->dated && header_month_find(low, &month) && month.year == 0;
    if (!bare_month) return false;
    *out = glued(room, low, "", up, "");
    if (recognised(p, *out)) return true;
    char year[16];
    (void)snprintf(year, sizeof year, "%d年", title_year(up));
    *out = glued(room, str_of(year), "", low, "");
    return title_year(up) != 0 && recognised(p, *out);
}

/* The name of a column of both rows: joined, else below, else above, whichever is known. */
static str joined_name(const pair *p, arena *room, size_t c) {
    str up = p->up[c], low = cell_of(p->lower, c);
    if (low.n == 0 || str_eq(up, low)) return up;
    if (up.n == 0) return low;
    str joined;
    if (known_join(p, room, up, low, &joined)) return joined;
    bool another = p->figures[c] && !says_nothing(up);
    if (!another && recognised(p, low)) return low;
    if (!another && recognised(p, up)) return up;
    return glued(room, up, "", low, "");
}

static bool has_date(const top_row *t) {
    header_word word;
    for (size_t c = 0; c < t->cells; c++)
        if (header_find(t->cell[c], &word) && word.f == FIELD_N_DATE) return true;
    return false;
}

static top_row join(const pair *p, arena *room) {
    top_row t = {.no = p->lower->no, .cell = ARENA_NEW(room, str, p->width + 1), .cells = p->width};
    for (size_t c = 0; c < p->width; c++) t.cell[c] = joined_name(p, room, c);
    t.fields = fields_of(p->f, &t);
    return t;
}

/* ---- the choice ---- */

typedef struct choice {
    size_t row; /* of the header, its lower one of two */
    bool paired;
    top_row joined;
} choice;

static void try_pair(finder *f, size_t i, choice *best, size_t *most) {
    pair p = {.f = f, .upper = &f->top[i - 1], .lower = &f->top[i]};
    if (p.lower->no != p.upper->no + 1) return;
    p.dated = has_date(p.upper) || has_date(p.lower);
    find_groups(&p);
    pair_kind kind = kind_of(&p);
    if (kind == PAIR_NONE) return;
    top_row joined = join(&p, &f->l->text);
    bool more = joined.fields > p.upper->fields && joined.fields > p.lower->fields;
    if (kind == PAIR_SURE && best->row + 1 >= i && best->row <= i) *most = 0; /* it was one of the two alone */
    if ((kind == PAIR_SURE || more) && joined.fields > *most) {
        *most = joined.fields;
        *best = (choice){i, true, joined};
    }
}

void finder_header(finder *f) {
    choice best = {.row = SIZE_MAX - 1};
    size_t least = mapping_has_headers(f->l->m) ? 1 : 2, most = least - 1;
    for (size_t i = 0; i < f->tops; i++) {
        top_row *t = &f->top[i];
        t->fields = fields_of(f, t);
        if (t->fields > most) {
            most = t->fields;
            best = (choice){.row = i};
        }
    }
    for (size_t i = 1; i < f->tops; i++) try_pair(f, i, &best, &most);
    if (best.row >= f->tops || most < least) return;
    f->header = &f->top[best.row];
    f->raw[0] = *f->header;
    if (!best.paired) return;
    f->upper = &f->top[best.row - 1];
    f->raw[1] = *f->upper;
    f->top[best.row] = best.joined;
}
