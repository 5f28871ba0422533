/* Lists of codes: code,parent[,sku,batch,from,to] → entries of at most LIMIT_ENTRY_ROWS rows. */
#include "base/map.h"
#include "daemon/catalog/product.h"
#include "daemon/command/catalog.h"
#include "daemon/command/code_import.h"
#include "daemon/command/file_table.h"
#include "daemon/trace/codes.h"
#include "formats/value.h"

enum { ROW_CODE, ROW_PARENT, ROW_SKU, ROW_BATCH, ROW_FROM, ROW_TO, ROW_COLUMNS };
enum { CHUNK_BYTES = 160 * 1024, CHUNK_ARENA = 8 * 1024 * 1024 };

static const file_column list_columns[ROW_COLUMNS] = {{"code|编码|条码|码|瓶码|追溯码|序列号", true},
                                                      {"parent|上级码|父码|箱码|垛码|container", false},
                                                      {"sku|商品编码|产品编码", false},
                                                      {"batch|批次|批号|lot", false},
                                                      {"from|起始序列号|起始", false},
                                                      {"to|截止序列号|截止", false}};

/* Rows of the entry being filled. */
typedef struct chunk {
    arena a;
    map text, container, touched;
    char **texts;
    uint32_t *parent, *sku, *batch;
    uint64_t *to;
    size_t n, text_n, container_n;
    buf codes, containers;
} chunk;

static void chunk_begin(chunk *k) {
    *k = (chunk){.n = 0};
    arena_init(&k->a, CHUNK_ARENA);
    k->texts = ARENA_NEW(&k->a, char *, 2 * LIMIT_ENTRY_ROWS + 1);
    k->parent = ARENA_NEW(&k->a, uint32_t, LIMIT_ENTRY_ROWS);
    k->sku = ARENA_NEW(&k->a, uint32_t, LIMIT_ENTRY_ROWS);
    k->batch = ARENA_NEW(&k->a, uint32_t, LIMIT_ENTRY_ROWS);
    k->to = ARENA_NEW(&k->a, uint64_t, LIMIT_ENTRY_ROWS);
    ASSERT(k->to != NULL);
    k->texts[k->text_n++] = (char *)(uintptr_t) "";
}

static void chunk_auto(chunk *k) {
    map_free(&k->text);
    map_free(&k->container);
    map_free(&k->touched);
    buf_free(&k->codes);
    buf_free(&k->containers);
    arena_free(&k->a);
}

static uint32_t text_no(chunk *k, str s) {
    if (s.n == 0) return 0;
    uint64_t *at = map_find(&k->text, s);
    if (at) return (uint32_t)*at;
    s = arena_str(&k->a, s);
    *map_at(&k->text, s, NULL) = k->text_n;
    k->texts[k->text_n] = (char *)(uintptr_t)s.p;
    return (uint32_t)k->text_n++;
}

static uint32_t parent_no(chunk *k, const code_key *parent) {
    if (parent->n == 0) return 0;
    uint64_t *at = map_find(&k->container, code_str(parent));
    if (at) return (uint32_t)*at;
    *map_at(&k->container, arena_str(&k->a, code_str(parent)), NULL) = ++k->container_n;
    buf_text(&k->containers, code_str(parent));
    return (uint32_t)k->container_n;
}

typedef struct list_reader {
    call *c;
    code_sums *s;
    str file;
    int64_t at_ms;
    chunk k;
} list_reader;

static bool flush(list_reader *r, err *e) {
    chunk *k = &r->k;
    Entry__Codes m = ENTRY__CODES__INIT;
    AUTO(arena) a = {0};
    apply_result did = {.a = &a};
    if (k->n == 0) return true;
    arena_init(&a, CHUNK_ARENA);
    m.text = k->texts, m.n_text = k->text_n;
    m.code = (ProtobufCBinaryData){k->codes.n, (uint8_t *)k->codes.p};
    m.container = (ProtobufCBinaryData){k->containers.n, (uint8_t *)k->containers.p};
    m.to = k->to, m.parent = k->parent, m.sku = k->sku, m.batch = k->batch;
    m.n_to = m.n_parent = m.n_sku = m.n_batch = k->n;
    m.at_ms = r->at_ms;
    m.file = (char *)(uintptr_t)arena_str(&k->a, r->file).p;
    command_entry what = {KIND_CODES, r->c->now_ms, call_actor(r->c), &m.base};
    TRY(journal_append(r->c->t, &what, &did, NULL, e));
    r->s->added += did.number;
    r->s->changed += did.committed;
    r->s->unchanged += did.duplicate;
    if (did.refused)
        problems_add(&r->s->p, true, r->file, 0, "parent", STR(""),
                     STR("a code packed at most 64 times, in another code"),
                     "rows that put a code into itself, or were one too many, were left out");
    chunk_auto(k);
    chunk_begin(k);
    return true;
}

typedef struct list_row {
    uint64_t no;
    code_key code, parent;
    uint64_t to;
    str sku, batch;
} list_row;

static bool bad(list_reader *r, uint64_t no, const char *column, str found, const char *wanted, const char *hint) {
    problems_add(&r->s->p, true, r->file, no, column, found, str_of(wanted), hint);
    return false;
}

static bool read_code(list_reader *r, uint64_t no, const char *column, str cell, code_key *out) {
    code_read c;
    err why;
    AUTO(buf) said = {0};
    if (code_damaged(cell))
        return bad(r, no, column, cell, "a whole code: the spreadsheet made it a number and lost its digits",
                   "format the column as text before filling it and export again");
    if (!code_parse(cell, &c, &why))
        return bad(r, no, column, cell, why.text, "correct the code; the other rows were taken");
    code_warn(&said, &c);
    if (said.n)
        problems_add(&r->s->p, false, r->file, no, column, cell, buf_str(&said),
                     "it was taken as it is; look whether it was mistyped");
    *out = c.key;
    return true;
}

/* Also where only a beginning of one is given. */
static bool is_carton(str cell) {
    code_read c;
    err none;
    return str_starts(cell, STR("(00)")) || str_starts(cell, STR("urn:epc:id:sscc:")) ||
           (code_parse(cell, &c, &none) && code_kind_of(&c.key) == CODE_SSCC);
}

/* False: the row is left out, and why is noted. */
static bool read_row(list_reader *r, const file_line *f, list_row *x) {
    const str *cell = f->cell;
    code_range range;
    err why;
    *x = (list_row){.no = f->no, .sku = cell[ROW_SKU], .batch = cell[ROW_BATCH]};
    if (cell[ROW_CODE].n == 0) return bad(r, x->no, "code", STR(""), "a code", "fill it in");
    if (cell[ROW_FROM].n + cell[ROW_TO].n && is_carton(cell[ROW_CODE]))
        return bad(r, x->no, "code", cell[ROW_CODE], "a GTIN or the beginning of own codes: ranges are of serials",
                   "list cartons (SSCC) one a row, without from and to");
    if (!read_code(r, x->no, "code", cell[ROW_CODE], &x->code)) return false;
    if (cell[ROW_PARENT].n && !read_code(r, x->no, "parent", cell[ROW_PARENT], &x->parent)) return false;
    if (x->sku.n > LIMIT_ID || x->batch.n > LIMIT_ID)
        return bad(r, x->no, x->sku.n > LIMIT_ID ? "sku" : "batch", STR(""), "at most 64 bytes", "shorten it");
    if (cell[ROW_FROM].n + cell[ROW_TO].n) {
        if (!code_range_parse(cell[ROW_CODE], cell[ROW_FROM], cell[ROW_TO], &range, &why))
            return bad(r, x->no, "from", cell[ROW_FROM], why.text, "write both ends of the range, of equal length");
        x->code = range.first;
        x->to = range.to + 1;
        return true;
    }
    code_kind kind = code_kind_of(&x->code);
    if (kind == CODE_LOT || kind == CODE_CLASS)
        return bad(r, x->no, "code", cell[ROW_CODE], "a code of one unit or container",
                   "a GTIN or lot names many: add a serial, or from and to");
    if (str_eq(code_str(&x->code), code_str(&x->parent)))
        return bad(r, x->no, "parent", cell[ROW_PARENT], "another code than the row's", "no code lies in itself");
    return true;
}

/* Nothing of what the row says would change anything, and no row before it in the entry spoke of the code. */
static bool unchanged(list_reader *r, const list_row *x) {
    return map_find(&r->k.touched, code_str(&x->code)) == NULL && r->at_ms == 0 &&
           code_says_same(r->c->t, &x->code, x->to, &x->parent, x->sku, x->batch);
}

/* Said once an entry: the catalogue may come later than the list. */
static void warn_of_sku(list_reader *r, const list_row *x) {
    product p;
    if (x->sku.n == 0 || map_find(&r->k.text, x->sku) || product_by_sku(r->c->t, x->sku, &p)) return;
    problems_add(&r->s->p, false, r->file, x->no, "sku", x->sku, STR("a sku of the catalogue"),
                 "it was taken; the product counts from when product import makes it known");
}

static bool take_row(list_reader *r, const list_row *x, err *e) {
    chunk *k = &r->k;
    r->s->rows++;
    if (unchanged(r, x)) {
        r->s->unchanged++;
        return true;
    }
    warn_of_sku(r, x);
    *map_at(&k->touched, arena_str(&k->a, code_str(&x->code)), NULL) = 1;
    buf_text(&k->codes, code_str(&x->code));
    k->to[k->n] = x->to;
    k->parent[k->n] = parent_no(k, &x->parent);
    k->sku[k->n] = text_no(k, x->sku);
    k->batch[k->n++] = text_no(k, x->batch);
    return (k->n < LIMIT_ENTRY_ROWS && k->codes.n + k->containers.n < CHUNK_BYTES) || flush(r, e);
}

static bool read_all(list_reader *r, file_table *f, err *e) {
    list_row x;
    file_line l;
    for (size_t rows = 0;; rows++) {
        TRY(file_table_next(f, &l, e));
        if (l.no == 0) return flush(r, e);
        if (rows == LIMIT_IMPORT_ROWS)
            return err_set(e, ERR_DATA, "%s: more than %d rows; cut the file in two", f->rows.name, LIMIT_IMPORT_ROWS);
        if (read_row(r, &l, &x)) TRY(take_row(r, &x, e));
    }
}

bool code_import_list(call *c, const attachment *file, int64_t at_ms, code_sums *s, err *e) {
    AUTO(file_table) f = {.n = 0};
    list_reader r = {.c = c, .s = s, .file = file->name, .at_ms = at_ms};
    chunk_begin(&r.k);
    bool ok = file_table_open(&f, file, list_columns, ROW_COLUMNS, e) && read_all(&r, &f, e);
    chunk_auto(&r.k);
    return ok;
}
