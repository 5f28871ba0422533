#include "agent/products.h"

#include "agent/spool.h"
#include "base/csv_put.h"
#include "base/file.h"
#include "formats/csv.h"
#include "formats/header.h"
#include "formats/value.h"
#include "proto/batch.h"
#include <stdlib.h>

enum { WORDS_ROOM = 16 * 1024 * 1024 };

void products_init(products *p) {
    *p = (products){0};
    words_init(&p->words, WORDS_ROOM);
}

void products_free(products *p) {
    words_free(&p->words);
    map_free(&p->index);
    free(p->one);
    p->one = NULL;
}

void products_auto(products *p) {
    products_free(p);
}

static uint32_t word_of(products *p, str s) {
    return s.n ? words_add(&p->words, s) : WORD_NONE;
}

/* The key lives among the words: "code<TAB>unit". */
static product *place_of(products *p, uint32_t sku, uint32_t unit) {
    AUTO(buf) key = {0};
    str code = products_word(p, sku), in = products_word(p, unit);
    buf_printf(&key, "%.*s\t%.*s", STR_ARG(code), STR_ARG(in));
    uint32_t word = words_add(&p->words, buf_str(&key));
    if (word == WORD_NONE) return NULL;
    uint64_t *at = map_at(&p->index, products_word(p, word), NULL);
    if (*at) return &p->one[*at - 1];
    if (p->n == LIMIT_PRODUCTS) return NULL;
    if (p->n == p->cap) {
        p->cap = p->cap ? 2 * p->cap : 64;
        p->one = reallocarray(p->one, p->cap, sizeof *p->one);
        ASSERT(p->one != NULL);
    }
    p->one[p->n++] = (product){sku, WORD_NONE, WORD_NONE, unit, 0};
    *at = p->n;
    return &p->one[p->n - 1];
}

product *products_add(products *p, str sku, str name, str spec, str unit) {
    uint32_t code = word_of(p, str_trim(sku));
    if (code == WORD_NONE) return NULL;
    product *at = place_of(p, code, word_of(p, str_trim(unit)));
    if (at == NULL) return NULL;
    uint32_t n = word_of(p, str_trim(name)), s = word_of(p, str_trim(spec));
    if (n != WORD_NONE) at->name = n;
    if (s != WORD_NONE) at->spec = s;
    return at;
}

/* ---- a file ---- */

enum { SKU, NAME, SPEC, UNIT, COLUMNS };

static bool find_columns(const table_row *row, size_t column[COLUMNS]) {
    static const field wanted[COLUMNS] = {FIELD_T_SKU, FIELD_T_NAME, FIELD_T_SPEC, FIELD_T_UNIT};
    for (size_t k = 0; k < COLUMNS; k++) {
        column[k] = SIZE_MAX;
        for (size_t i = row->cells; i-- > 0;) {
            header_word word;
            if (header_find(row->cell[i], &word) && word.f == wanted[k]) column[k] = i;
        }
    }
    return column[SKU] != SIZE_MAX;
}

static bool load_rows(products *p, csv *c, err *e) {
    table_row row;
    size_t column[COLUMNS];
    TRY(csv_next(c, &row, e));
    if (row.no == 0 || !find_columns(&row, column))
        return err_set(e, ERR_DATA, "row 1 names no column of product codes; wanted sku,name,spec,unit");
    for (;;) {
        TRY(csv_next(c, &row, e));
        if (row.no == 0) return true;
        str cell[COLUMNS];
        for (size_t k = 0; k < COLUMNS; k++)
            cell[k] = column[k] < row.cells ? cell_clean(row.cell[column[k]]) : STR("");
        if (code_damaged(cell[SKU]))
            return err_set(e, ERR_DATA, "row %llu: the code %.*s has lost its digits; format the column as text",
                           (unsigned long long)row.no, STR_ARG(cell[SKU]));
        products_add(p, cell[SKU], cell[NAME], cell[SPEC], cell[UNIT]);
    }
}

bool products_load(products *p, const char *path, err *e) {
    AUTO(buf) bytes = {0};
    AUTO(csv) c = {0};
    TRY(file_read(path, LIMIT_UPLOAD_BYTES, &bytes, e));
    return (csv_open(&c, buf_str(&bytes), e) && load_rows(p, &c, e)) || err_wrap(e, "%s", path);
}

/* ---- a home ---- */

static bool take_batch(products *p, spool *s, uint64_t seq, err *e) {
    AUTO(spooled_batch) x = {0};
    TRY(spool_decode(s, seq, &x, e));
    const text_column *text = x.b.line_text;
    for (uint32_t row = 0; row < x.b.lines; row++)
        products_add(p, column_text(&text[T_SKU], row), column_text(&text[T_NAME], row),
                     column_text(&text[T_SPEC], row), column_text(&text[T_UNIT], row));
    return true;
}

static bool take_spool(products *p, spool *s, err *e) {
    const spool_state *now = spool_now(s);
    for (uint64_t seq = now->first_seq; seq <= now->last_seq; seq++) TRY(take_batch(p, s, seq, e));
    return true;
}

bool products_of_home(products *p, const char *home_dir, err *e) {
    char path[PATH_SIZE];
    spool *s;
    spool_options how = {.read_only = true};
    TRY(path_join(path, sizeof path, home_dir, "products.csv", e));
    if (file_exists(path)) TRY(products_load(p, path, e));
    TRY(path_join(path, sizeof path, home_dir, "spool", e));
    if (!spool_open(path, &how, &s, e)) return e->code == ERR_NOT_FOUND;
    bool ok = take_spool(p, s, e);
    spool_close(s);
    return ok;
}

bool products_keep(const products *p, const char *home_dir, err *e) {
    char path[PATH_SIZE];
    AUTO(buf) text = {0};
    buf_addz(&text, "sku,name,spec,unit\n");
    for (size_t i = 0; i < p->n; i++) {
        const uint32_t cells[COLUMNS] = {p->one[i].sku, p->one[i].name, p->one[i].spec, p->one[i].unit};
        for (size_t k = 0; k < COLUMNS; k++) {
            if (k) buf_byte(&text, ',');
            csv_put(&text, products_word(p, cells[k]));
        }
        buf_byte(&text, '\n');
    }
    TRY(path_join(path, sizeof path, home_dir, "products.csv", e));
    return file_write(path, buf_str(&text), 0600, e);
}
