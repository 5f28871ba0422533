#include "formats/doubt.h"

#include "formats/header.h"
#include <stdio.h>
#include <stdlib.h>

static const struct {
    const char *name, *before, *hint;
} rules[DOUBT_RULE_COUNT] = {
#define X(rule, name, before, hint) [rule] = {name, before, hint},
    DOUBT_RULES(X)
#undef X
};

const char *doubt_rule_name(doubt_rule r) {
    return rules[r].name;
}

const char *doubt_rule_before(doubt_rule r) {
    return rules[r].before;
}

const char *doubt_rule_hint(doubt_rule r) {
    return rules[r].hint;
}

void doubts_init(doubts *x) {
    *x = (doubts){0};
    arena_init(&x->text, SIZE_MAX);
}

void doubts_auto(doubts *x) {
    free(x->one);
    arena_free(&x->text);
}

static void add(doubts *x, doubt_rule rule, const doc_line *l, const char *column, str found, str was) {
    if (x->total++ >= LIMIT_DOUBTS) return;
    if (x->n == x->cap) {
        x->cap = x->cap ? 2 * x->cap : 16;
        x->one = reallocarray(x->one, x->cap, sizeof *x->one);
        ASSERT(x->one != NULL);
    }
    doubt *d = &x->one[x->n++];
    *d = (doubt){.column = str_of(column), .rule = rule};
    d->found = arena_str(&x->text, found);
    d->usual = arena_str(&x->text, was);
    if (l == NULL) return;
    d->row = (uint64_t)l->number[N_ROW];
    if (l->number[N_SHEET] != NUM_NONE) d->sheet = (uint32_t)l->number[N_SHEET];
}

/* ---- factors ---- */

static bool digit(char c) {
    return c >= '0' && c <= '9';
}

/* "×" and "＊" take more than a byte. */
static size_t times_mark(str s) {
    static const char *const marks[] = {"*", "x", "X", "×", "＊", "/"};
    for (size_t i = 0; i < ARRAY_LEN(marks); i++)
        if (str_starts(s, str_of(marks[i]))) return strlen(marks[i]);
    return 0;
}

static const char *const packs[] = {"瓶/", "盒/", "袋/", "罐/", "包/", "支/", "听/", "个/"};

static bool pack_follows(str s) {
    for (size_t i = 0; i < ARRAY_LEN(packs); i++)
        if (str_starts(s, str_of(packs[i]))) return true;
    return false;
}

size_t doubt_factors(str spec, int64_t out[static DOUBT_FACTORS]) {
    size_t n = 0;
    bool after_mark = false;
    while (spec.n && n < DOUBT_FACTORS) {
        size_t mark = times_mark(spec);
        if (!digit(spec.p[0])) {
            after_mark = mark > 0;
            spec = str_skip(spec, mark ? mark : 1);
            continue;
        }
        int64_t v = 0;
        size_t k = 0;
        while (k < spec.n && digit(spec.p[k])) v = v < 100000 ? v * 10 + (spec.p[k] - '0') : v, k++;
        spec = str_skip(spec, k);
        bool factor = (after_mark || pack_follows(spec)) && v >= 2 && v <= 1000;
        for (size_t i = 0; i < n; i++) factor = factor && out[i] != v;
        if (factor) out[n++] = v;
        after_mark = false;
    }
    return n;
}

/* What the row says, then what is known of the product besides. */
static size_t factors_of(const docset *d, const doc_line *l, const doubt_view *v, int64_t out[static DOUBT_FACTORS]) {
    int64_t known[DOUBT_FACTORS];
    size_t n = doubt_factors(words_get(&d->words, l->text[T_SPEC]), out);
    if (n == 0) n = doubt_factors(words_get(&d->words, l->text[T_NAME]), out);
    size_t more = v->factors ? v->factors(v->self, words_get(&d->words, l->text[T_SKU]), known) : 0;
    for (size_t i = 0; i < more && n < DOUBT_FACTORS; i++) out[n++] = known[i];
    return n;
}

/* ---- figures ---- */

int64_t doubt_price(const doc_line *l) {
    int64_t price = l->number[N_UNIT_PRICE], amount = l->number[N_AMOUNT], quantity = l->number[N_QUANTITY];
    if (price != NUM_NONE) return price < 0 ? -price : price;
    if (amount == NUM_NONE || quantity == NUM_NONE || quantity == 0) return NUM_NONE;
    if (!mul_div(amount, pow10_i64(QUANTITY_SCALE), quantity, &price)) return NUM_NONE;
    return price < 0 ? -price : price;
}

int64_t doubt_amount(const doc_line *l) {
    int64_t price = l->number[N_UNIT_PRICE], amount = l->number[N_AMOUNT], quantity = l->number[N_QUANTITY];
    if (amount != NUM_NONE || price == NUM_NONE || quantity == NUM_NONE) return amount;
    return mul_div(quantity, price, pow10_i64(QUANTITY_SCALE), &amount) ? amount : NUM_NONE;
}

/* a / b within a tenth of the factor; both > 0 */
static bool close_to(int64_t a, int64_t b, int64_t factor) {
    __int128 x = (__int128)a * 10, y = (__int128)b * factor;
    return x >= 9 * y && x <= 11 * y;
}

static int64_t pack_of(int64_t found, int64_t was, const int64_t *factor, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (close_to(found, was, factor[i]) || close_to(was, found, factor[i])) return factor[i];
    return 0;
}

static void add_figure(doubts *x, doubt_rule rule, const doc_line *l, const char *column, int64_t found, int64_t before,
                       unsigned scale, int64_t factor) {
    AUTO(buf) is = {0};
    AUTO(buf) was = {0};
    dec_put(&is, found, scale, 0);
    dec_put(&was, before, scale, 0);
    if (factor) buf_printf(&was, " (× %lld)", (long long)factor);
    add(x, rule, l, column, buf_str(&is), buf_str(&was));
}

/* The price tells a wrong unit surest. A quantity varies: it is doubted only beyond all that came before. */
static void look_at_figures(const docset *d, const doc_line *l, const doubt_view *v, doubts *out) {
    usual_figures u;
    int64_t factor[DOUBT_FACTORS], price = doubt_price(l), quantity = l->number[N_QUANTITY];
    str sku = words_get(&d->words, l->text[T_SKU]), unit = words_get(&d->words, l->text[T_UNIT]);
    if (v->usual == NULL || !v->usual(v->self, d->doc[l->doc].type, sku, unit, &u) || u.samples < DOUBT_SAMPLES) return;
    size_t n = factors_of(d, l, v, factor);
    if (quantity != NUM_NONE && quantity < 0) quantity = -quantity;
    bool priced = price != NUM_NONE && price > 0 && u.price != NUM_NONE && u.price > 0;
    int64_t pack = priced ? pack_of(price, u.price, factor, n) : 0;
    if (pack) add_figure(out, DOUBT_PACK, l, "unit_price", price, u.price, MICRO_SCALE, pack);
    else if (priced && price / DOUBT_TIMES >= u.price)
        add_figure(out, DOUBT_PRICE, l, "unit_price", price, u.price, MICRO_SCALE, 0);
    if (pack || quantity == NUM_NONE || u.quantity == NUM_NONE || u.quantity <= 0 || quantity <= u.most) return;
    pack = pack_of(quantity, u.quantity, factor, n);
    if (pack) add_figure(out, DOUBT_PACK, l, "quantity", quantity, u.quantity, QUANTITY_SCALE, pack);
    else if (quantity / DOUBT_TIMES >= u.quantity)
        add_figure(out, DOUBT_QUANTITY, l, "quantity", quantity, u.quantity, QUANTITY_SCALE, 0);
}

/* ---- dates ---- */

static void add_date(doubts *x, doubt_rule rule, const doc_line *l, const doubt_view *v, day_t month) {
    AUTO(buf) is = {0};
    AUTO(buf) was = {0};
    day_put(&is, (day_t)l->number[N_DATE]);
    if (rule == DOUBT_MONTH) {
        month_put(&was, month_of(month));
    } else {
        if (v->oldest != DAY_MIN) day_put(&was, v->oldest);
        buf_addz(&was, "..");
        day_put(&was, v->today);
    }
    add(x, rule, l, "date", buf_str(&is), buf_str(&was));
}

static void look_at_date(const doc_line *l, const doubt_view *v, day_t month, doubts *out) {
    int64_t day = l->number[N_DATE];
    if (day == NUM_NONE) return;
    if (day > v->today + LIMIT_AHEAD_DAYS) add_date(out, DOUBT_FUTURE, l, v, month);
    else if (day < v->oldest)
        add_date(out, DOUBT_CLOSED, l, v, month);
    else if (month != DAY_MIN && month_of((day_t)day) != month_of(month))
        add_date(out, DOUBT_MONTH, l, v, month);
}

/* ---- titles ---- */

/* A number of `most` digits or fewer at the start; *s moves behind it. */
static int number_at(str *s, size_t most) {
    int v = 0;
    size_t n = 0;
    while (n < s->n && n < most && digit(s->p[n])) v = v * 10 + (s->p[n++] - '0');
    *s = str_skip(*s, n);
    return n ? v : -1;
}

/* The one month a text speaks of (2026年6月, 2026-06, 202606), not a day: its first day; DAY_MIN when none or several. */
static day_t month_said(str text) {
    day_t found = DAY_MIN;
    for (size_t i = 0; i + 6 <= text.n; i++) {
        if (!digit(text.p[i]) || (i && digit(text.p[i - 1]))) continue;
        str s = str_skip(text, i);
        int year = number_at(&s, 4);
        bool tight = s.n && digit(s.p[0]);
        if (!tight && str_starts(s, STR("年"))) s = str_skip(s, 3);
        else if (!tight)
            s = s.n && strchr("-./_", s.p[0]) ? str_skip(s, 1) : STR("");
        int month = number_at(&s, 2);
        bool day = (s.n && digit(s.p[0])) || (s.n > 1 && strchr("-./_", s.p[0]) && digit(s.p[1]));
        if (str_starts(s, STR("月"))) day = s.n > 3 && digit(s.p[3]);
        if (year < 1990 || year > 2200 || month < 1 || month > 12) continue;
        day_t first = day_of(year, (unsigned)month, 1);
        if (day || (found != DAY_MIN && found != first)) return DAY_MIN;
        found = first;
    }
    return found;
}

static size_t filled_cells(str row) {
    size_t n = 0;
    str cell;
    while (str_split(&row, '\t', &cell)) n += str_trim(cell).n > 0;
    return n;
}

/* Rows above the header: at most two cells of them say something. */
static str title_rows(str top) {
    str rest = top, row;
    size_t n = 0;
    while (str_split(&rest, '\n', &row)) {
        if (filled_cells(row) > 2) return str_take(top, n);
        n += row.n + 1;
    }
    return STR(""); /* no table below: nothing of it is a title */
}

static const char *const company_ends[] = {"有限公司", "有限责任公司", "股份公司", "公司", "商行", "商贸",  "经销部",
                                           "经营部",   "批发部",       "贸易行",   "超市", "酒行", "门市部"};
static const char *const company_labels[] = {"单位名称", "编制单位", "填报单位", "公司名称", "经销商", "单位"};

static str behind_label(str cell) {
    for (size_t i = 0; i < ARRAY_LEN(company_labels); i++) {
        str label = str_of(company_labels[i]);
        if (!str_starts(cell, label)) continue;
        str rest = str_skip(cell, label.n);
        if (str_starts(rest, STR("："))) return str_trim(str_skip(rest, 3));
        if (str_starts(rest, STR(":"))) return str_trim(str_skip(rest, 1));
    }
    return STR("");
}

static str company_in(str cell) {
    str named = behind_label(cell);
    if (named.n) return named;
    for (size_t i = 0; i < ARRAY_LEN(company_ends); i++) {
        str end = str_of(company_ends[i]);
        size_t at = str_find(cell, end);
        if (at != SIZE_MAX && at > 0) return str_take(cell, at + end.n);
    }
    return STR("");
}

str doubt_company(str titles) {
    str rest = title_rows(titles), row, cell;
    while (str_split(&rest, '\n', &row))
        while (str_split(&row, '\t', &cell)) {
            str found = company_in(str_trim(cell));
            if (found.n && found.n <= LIMIT_NAME) return found;
        }
    return STR("");
}

/* What tells a company from others: legal forms and trades at the end of the name say nothing. */
static str company_core(str name, char room[static LIMIT_NAME]) {
    str core = {room, 0};
    for (size_t i = 0; i < name.n && core.n < LIMIT_NAME; i++) {
        bool wide_blank = str_starts(str_skip(name, i), STR("\u3000"));
        if (wide_blank) i += 2;
        if (!wide_blank && name.p[i] != ' ') room[core.n++] = name.p[i];
    }
    for (bool again = true; again;) {
        again = false;
        for (size_t i = 0; i < ARRAY_LEN(company_ends) && !again; i++) {
            str end = str_of(company_ends[i]);
            again = core.n > end.n + 3 && str_ends(core, end);
            if (again) core.n -= end.n;
        }
    }
    return core;
}

bool doubt_same_company(str a, str b) {
    char of_a[LIMIT_NAME], of_b[LIMIT_NAME];
    str x = company_core(a, of_a), y = company_core(b, of_b);
    if (x.n == 0 || y.n == 0) return false;
    return str_has(x, y) || str_has(y, x);
}

/* ---- what is missing ---- */

static void add_dropped(doubts *x, const docset *d, size_t doc, uint64_t lines, uint64_t before) {
    AUTO(buf) is = {0};
    AUTO(buf) was = {0};
    str number = doc < d->docs ? words_get(&d->words, d->doc[doc].text[D_NUMBER]) : STR("");
    buf_printf(&is, "%llu", (unsigned long long)lines);
    if (number.n) buf_printf(&is, " (%.*s)", STR_ARG(number));
    buf_printf(&was, "%llu", (unsigned long long)before);
    add(x, DOUBT_DROPPED, NULL, "lines", buf_str(&is), buf_str(&was));
}

/* All documents sent before together, so that one that shrank does not count and a hundred do. */
static void look_for_dropped(const docset *d, const doubt_view *v, doubts *out) {
    uint64_t now = 0, before = 0;
    size_t last = d->docs, again = 0;
    for (size_t i = 0; v->lines && i < d->docs; i++) {
        uint32_t was;
        if (!v->lines(v->self, d, i, &was)) continue;
        now += d->doc[i].lines;
        before += was;
        last = i;
        again++;
    }
    if (before >= DOUBT_LINES && now * 2 < before) add_dropped(out, d, again == 1 ? last : d->docs, now, before);
    before = v->span_lines ? v->span_lines(v->self, d) : 0;
    if (before >= DOUBT_LINES && d->lines * 2 < before) add_dropped(out, d, d->docs, d->lines, before);
}

static void look_at_titles(str titles, const doubt_view *v, doubts *out) {
    str company = doubt_company(titles), own = STR("");
    if (company.n && v->company && v->company(v->self, company, &own) == 0)
        add(out, DOUBT_PARTNER, NULL, "title", company, own);
}

void doubts_find(const docset *d, str titles, const doubt_view *v, doubts *out) {
    day_t month = month_said(d->file_name);
    if (month == DAY_MIN) month = month_said(title_rows(titles));
    look_at_titles(titles, v, out);
    look_for_dropped(d, v, out);
    for (size_t i = 0; i < d->lines; i++) {
        doc_line l = docset_at(d, i);
        look_at_date(&l, v, month, out);
        look_at_figures(d, &l, v, out);
    }
}
