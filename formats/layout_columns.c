#include "formats/layout.h"

#include "formats/privacy.h"

static void use(finder *f, field i, uint32_t column, const header_word *word) {
    layout *l = f->l;
    l->column[i] = column;
    f->word[i] = *word;
    if (l->m == NULL || l->m->scale[i] == 0) l->factor[i] = word->factor;
}

static void forget(layout *l, field i) {
    l->column[i] = NO_COLUMN;
    l->constant[i] = STR_NONE;
}

/* ---- by mapping ---- */

static void add_missing(buf *list, const mapping_field *wanted) {
    buf_printf(list, "%s'", list->n ? ", " : "");
    for (size_t i = 0; i < wanted->headers; i++)
        buf_printf(list, "%s%.*s", i ? "' or '" : "", STR_ARG(wanted->header[i]));
    buf_addz(list, "'");
}

static void take_by_header(finder *f, field i, buf *missing) {
    const mapping_field *wanted = &f->l->m->columns[i];
    const top_row *h = f->header;
    size_t times = 0;
    for (size_t c = 0; c < h->cells; c++) {
        if (!header_wanted(wanted, h->cell[c]) || times++ > 0) continue;
        header_word word;
        header_traits(h->cell[c], i, &word);
        use(f, i, (uint32_t)c, &word);
    }
    if (times == 0) add_missing(missing, wanted);
    if (times > 1)
        finder_note(f, h->no, "%zu columns could be %s: the first, '%.*s', is read", times, field_name(i),
                    STR_ARG(h->cell[f->l->column[i]]));
}

static bool columns_by_mapping(finder *f, err *e) {
    AUTO(buf) missing = {0}, found = {0};
    const mapping *m = f->l->m;
    size_t widest = 0;
    for (size_t i = 0; i < f->tops; i++)
        if (f->top[i].cells > widest) widest = f->top[i].cells;
    for (field i = 0; i < FIELD_COUNT; i++) {
        const mapping_field *wanted = &m->columns[i];
        if (wanted->headers) take_by_header(f, i, &missing);
        if (wanted->column == 0) continue;
        if (wanted->column > widest)
            return err_set(e, ERR_DATA, "the mapping wants column %u for %s, but the rows have %zu columns",
                           wanted->column, field_name(i), widest);
        header_word word;
        header_traits(f->header && wanted->column <= f->header->cells ? f->header->cell[wanted->column - 1] : STR(""),
                      i, &word);
        use(f, i, wanted->column - 1, &word);
    }
    if (missing.n == 0) return true;
    for (size_t c = 0; c < f->header->cells && found.n < 200; c++)
        if (f->header->cell[c].n) buf_printf(&found, "%s%.*s", found.n ? ", " : "", STR_ARG(f->header->cell[c]));
    return err_set(e, ERR_DATA, "the header in row %llu lacks what the mapping names: %.*s; found: %s",
                   (unsigned long long)f->header->no, (int)(missing.n < 160 ? missing.n : 160), buf_z(&missing),
                   buf_z(&found));
}

/* ---- by the built-in names ---- */

/* Two quantities of different types (入库数量, 出库数量) in one row: only a mapping can say which is meant. */
static bool check_one_figure(const finder *f, field i, const header_word *other, str name, err *e) {
    const header_word *have = &f->word[i];
    if (i != FIELD_N_QUANTITY || have->type == other->type || have->type == DOC_TYPE_COUNT ||
        other->type == DOC_TYPE_COUNT)
        return true;
    str first = f->header->cell[f->l->column[i]];
    return err_set(e, ERR_DATA,
                   "the header in row %llu has several quantities ('%.*s', '%.*s'); wanted one: say which in a mapping "
                   "(columns: {quantity: …}, constants: {type: …})",
                   (unsigned long long)f->header->no, STR_ARG(first), STR_ARG(name));
}

/* 客户编码 beside 客户名称: the code is the customer, the name tells more of it. */
static bool take_customer_name(finder *f, uint32_t column, const header_word *word) {
    enum { CODE = 1, NAME = 2 }; /* ranks in header.c */
    layout *l = f->l;
    const header_word had = f->word[FIELD_T_CUSTOMER];
    uint32_t have = l->column[FIELD_T_CUSTOMER];
    bool name_comes = had.rank <= CODE && word->rank == NAME, code_comes = had.rank == NAME && word->rank <= CODE;
    if (word->f != FIELD_T_CUSTOMER || l->column[FIELD_T_CUSTOMER_NAME] != NO_COLUMN) return false;
    if (name_comes) use(f, FIELD_T_CUSTOMER_NAME, column, word);
    if (code_comes) {
        use(f, FIELD_T_CUSTOMER_NAME, have, &had);
        use(f, FIELD_T_CUSTOMER, column, word);
    }
    return name_comes || code_comes;
}

static bool take_by_name(finder *f, uint32_t column, const header_word *word, err *e) {
    layout *l = f->l;
    str name = f->header->cell[column];
    uint32_t have = l->column[word->f];
    if (have == NO_COLUMN) return use(f, word->f, column, word), true;
    if (take_customer_name(f, column, word)) return true;
    TRY(check_one_figure(f, word->f, word, name, e));
    bool better = word->rank < f->word[word->f].rank;
    str read = better ? name : f->header->cell[have], left = better ? f->header->cell[have] : name;
    finder_note(f, f->header->no, "column '%.*s' is not read: %s is taken from '%.*s'", STR_ARG(left),
                field_name(word->f), STR_ARG(read));
    if (better) use(f, word->f, column, word);
    return true;
}

static bool columns_by_names(finder *f, err *e) {
    bool canonical = true;
    for (uint32_t c = 0; c < f->header->cells; c++) {
        header_word word;
        if (!header_find(f->header->cell[c], &word)) continue;
        canonical = canonical && word.rank == 0;
        TRY(take_by_name(f, c, &word, e));
    }
    if (f->out->mapping.n == 0) f->out->mapping = canonical ? STR("canonical") : STR("built-in");
    layout *l = f->l;
    if (l->column[FIELD_T_SKU] == NO_COLUMN && l->column[FIELD_T_NAME] != NO_COLUMN) {
        use(f, FIELD_T_SKU, l->column[FIELD_T_NAME], &f->word[FIELD_T_NAME]);
        l->column[FIELD_T_NAME] = NO_COLUMN;
        finder_note(f, 0, "no column of product codes: the names stand for them");
    }
    return true;
}

/* ---- months ---- */

static int year_of_titles(const finder *f) {
    for (const top_row *t = f->top; t < f->header; t++)
        for (size_t c = 0; c < t->cells; c++)
            if (title_year(t->cell[c])) return title_year(t->cell[c]);
    int year = title_year(f->rows->sheet_name);
    return year ? year : title_year(f->rows->file_name);
}

static bool titles_speak_of_amount(const finder *f) {
    for (const top_row *t = f->top; t < f->header; t++)
        for (size_t c = 0; c < t->cells; c++)
            if (title_is_amount(t->cell[c])) return true;
    return title_is_amount(f->rows->sheet_name) || title_is_amount(f->rows->file_name);
}

static bool add_month(finder *f, uint32_t column, int32_t month, bool amount, int64_t factor, err *e) {
    layout *l = f->l;
    layout_month *at = NULL;
    for (size_t i = 0; i < l->months; i++)
        if (l->month[i].month == month) at = &l->month[i];
    if (at == NULL && l->months == LAYOUT_MONTHS)
        return err_set(e, ERR_DATA, "more than %d month columns; wanted fewer in one file", LAYOUT_MONTHS);
    if (at == NULL) {
        at = &l->month[l->months++];
        *at = (layout_month){month, {NO_COLUMN, NO_COLUMN}, {1, 1}};
    }
    if (at->column[amount] != NO_COLUMN) {
        finder_note(f, f->header->no, "column '%.*s' is not read: its month is there already",
                    STR_ARG(f->header->cell[column]));
        return true;
    }
    int64_t scale = l->m ? l->m->scale[amount ? FIELD_N_AMOUNT : FIELD_N_QUANTITY] : 0;
    at->column[amount] = column;
    at->factor[amount] = scale ? scale : factor;
    return true;
}

static bool columns_of_months(finder *f, err *e) {
    bool amount = titles_speak_of_amount(f);
    int year = f->l->m && f->l->m->year ? f->l->m->year : year_of_titles(f);
    for (uint32_t c = 0; c < f->header->cells; c++) {
        header_month h;
        str name = f->header->cell[c];
        if (!header_month_find(name, &h)) continue;
        int of = h.year ? h.year : year;
        if (of == 0)
            return err_set(e, ERR_DATA,
                           "the month column '%.*s' has no year; wanted one in the header, the title or the "
                           "mapping (year: 2026)",
                           STR_ARG(name));
        bool money = h.f == FIELD_COUNT ? amount : h.f == FIELD_N_AMOUNT;
        TRY(add_month(f, c, of * 12 + (int32_t)h.month - 1, money, h.factor, e));
    }
    if (f->l->months == 0) return true;
    forget(f->l, FIELD_N_QUANTITY);
    forget(f->l, FIELD_N_AMOUNT);
    return true;
}

/* ---- what the names say besides ---- */

static void set_constant(layout *l, field i, str v) {
    if (l->column[i] == NO_COLUMN && l->constant[i].n == 0 && v.n) l->constant[i] = v;
}

static void take_traits(finder *f) {
    layout *l = f->l;
    const header_word *quantity = &f->word[FIELD_N_QUANTITY], *amount = &f->word[FIELD_N_AMOUNT],
                      *price = &f->word[FIELD_N_UNIT_PRICE];
    bool has_amount = l->column[FIELD_N_AMOUNT] != NO_COLUMN, has_price = l->column[FIELD_N_UNIT_PRICE] != NO_COLUMN;
    if (has_amount && has_price && amount->tax && price->tax && amount->tax != price->tax) {
        finder_note(f, f->l->header_row, "column '%.*s' is not read: the amount stands on another tax basis",
                    STR_ARG(f->header->cell[l->column[FIELD_N_UNIT_PRICE]]));
        forget(l, FIELD_N_UNIT_PRICE);
        has_price = false;
    }
    tax_word tax = has_amount && amount->tax ? amount->tax : has_price ? price->tax : TAX_UNSAID;
    if (tax) set_constant(l, FIELD_T_TAX_BASIS, tax == TAX_EXCL ? STR("excl") : STR("incl"));
    set_constant(l, FIELD_T_UNIT, quantity->unit);
    if (has_amount) set_constant(l, FIELD_T_CURRENCY, amount->currency);
    if (has_price) set_constant(l, FIELD_T_CURRENCY, price->currency);
}

/* 单位：万元 above the header holds for amounts whose own name says nothing else. */
static void take_title_factor(finder *f) {
    layout *l = f->l;
    for (const top_row *t = f->top; t < f->header; t++) {
        for (size_t c = 0; c < t->cells; c++) {
            int64_t factor = title_factor(t->cell[c]);
            if (factor == 1 || (l->m && l->m->scale[FIELD_N_AMOUNT])) continue;
            if (l->factor[FIELD_N_AMOUNT] == 1) l->factor[FIELD_N_AMOUNT] = factor;
            for (size_t i = 0; i < l->months; i++)
                if (l->month[i].factor[1] == 1) l->month[i].factor[1] = factor;
            finder_note(f, t->no, "amounts are read as multiples of %lld, from '%.*s'", (long long)factor,
                        STR_ARG(t->cell[c]));
            return;
        }
    }
}

bool layout_columns(finder *f, err *e) {
    layout *l = f->l;
    if (mapping_has_columns(l->m)) TRY(columns_by_mapping(f, e));
    else
        TRY(columns_by_names(f, e));
    bool dated = l->column[FIELD_N_DATE] != NO_COLUMN || l->constant[FIELD_N_DATE].n;
    if (f->header && !dated) TRY(columns_of_months(f, e));
    if (f->header) {
        take_traits(f);
        take_title_factor(f);
    }
    for (field i = 0; l->m && i < FIELD_COUNT; i++)
        if (l->m->privacy[i] == PRIVACY_DROP) forget(l, i);
    for (field i = 0; i < FIELD_COUNT; i++)
        if (l->column[i] != NO_COLUMN && f->out->privacy_key == NULL && privacy_of(l->m, i) == PRIVACY_HASH)
            finder_note(f, l->header_row,
                        "%s is left out: it is sent as a hash only, and the key for it comes with enrolment",
                        field_name(i));
    if (l->m && l->m->brand_count && l->column[FIELD_BRAND] == NO_COLUMN && l->constant[FIELD_BRAND].n == 0)
        finder_note(f, l->header_row, "the mapping names brands, but no column says a row's brand: all rows are read");
    return true;
}
