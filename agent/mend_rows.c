/* mend_rows — which rows of a file wait in quarantine or were refused, and why. */
#include "agent/mend.h"
#include "formats/clerk.h"
#include "proto/waiting.h"
#include <stdlib.h>

/* What a line waits for: the column that says it, and what its sender can do. */
static const struct reason {
    int column; /* line_text, −1: the date, −2: none */
    const char *name, *wanted, *hint;
} reasons[] = {
    [WAIT_PRODUCT] = {T_SKU, "sku", "a product code of the catalogue", "add an alias or the product"},
    [WAIT_UNIT] = {T_UNIT, "unit", "a unit of the product", "add the unit to the product or an alias of kind unit"},
    [WAIT_PARTNER] = {T_COUNTERPARTY, "counterparty", "a partner", "add the partner or an alias of kind partner"},
    [WAIT_PLACE] = {T_PLACE, "place", "a place of sale below the reporter", "add the place as a partner or an alias"},
    [WAIT_DATE] = {-1, "date", "a date from accept.oldest to tomorrow",
                   "correct the file, or the setting accept.oldest"},
    [WAIT_OTHER] = {-2, "", "a line that can be posted", "correct the file and send it again"},
};

void mend_rows_auto(mend_rows *x) {
    free(x->one);
    arena_free(&x->text);
}

static void add(mend_rows *x, mend_row row) {
    if (x->n == x->cap) {
        x->cap = x->cap ? 2 * x->cap : 64;
        x->one = reallocarray(x->one, x->cap, sizeof *x->one);
        ASSERT(x->one != NULL);
    }
    x->one[x->n++] = row;
}

typedef struct collecting {
    mend_rows *out;
    bool zh;
} collecting;

/* "商品编码：写的是“X9”，应该是厂家认识的商品编码" */
static str sentence(collecting *k, str column, str found, str wanted) {
    AUTO(buf) text = {0};
    char room[1024];
    str want = clerk_text(k->zh, wanted, room, sizeof room), name = clerk_column(k->zh, column);
    if (name.n) buf_printf(&text, k->zh ? "%.*s：" : "%.*s: ", STR_ARG(name));
    buf_printf(&text, k->zh ? "写的是“%.*s”，应该是%.*s" : "found '%.*s', wanted %.*s", STR_ARG(found), STR_ARG(want));
    return arena_str(&k->out->text, buf_str(&text));
}

static str advice(collecting *k, str hint) {
    char room[1024];
    return arena_str(&k->out->text, clerk_text(k->zh, hint, room, sizeof room));
}

static void take_refused(collecting *k, const Wire__Receipt *r) {
    for (size_t i = 0; i < r->n_problem; i++) {
        const Wire__Problem *p = r->problem[i];
        if (!p->refused || p->row == 0) continue;
        add(k->out, (mend_row){.sheet = p->sheet,
                               .row = p->row,
                               .problem = sentence(k, str_of(p->column), str_of(p->found), str_of(p->wanted)),
                               .hint = advice(k, str_of(p->hint))});
    }
}

static void take_receipt(void *arg, const Wire__Receipt *r) {
    collecting *k = arg;
    reader w = reader_of(str_from(r->waits.data, r->waits.len));
    uint64_t row = 0;
    if (r->seq == 0) take_refused(k, r);
    while (r->seq && !reader_done(&w)) {
        row += (uint64_t)read_zigzag(&w);
        uint32_t sheet = (uint32_t)read_varint(&w);
        uint8_t reason = (uint8_t)read_varint(&w);
        if (!w.bad) add(k->out, (mend_row){.sheet = sheet, .row = row, .waits = reason});
    }
}

static int by_place(const void *x, const void *y) {
    const mend_row *a = x, *b = y;
    if (a->sheet != b->sheet) return a->sheet < b->sheet ? -1 : 1;
    if (a->row != b->row) return a->row < b->row ? -1 : 1;
    return 0;
}

/* A row of months may wait several times. */
static void unify(mend_rows *x) {
    size_t kept = 0;
    if (x->n) qsort(x->one, x->n, sizeof *x->one, by_place);
    for (size_t i = 0; i < x->n; i++)
        if (kept == 0 || by_place(&x->one[kept - 1], &x->one[i]) != 0) x->one[kept++] = x->one[i];
    x->n = kept;
}

const mend_row *mend_row_at(const mend_rows *x, uint32_t sheet, uint64_t row) {
    mend_row k = {.sheet = sheet, .row = row};
    return x->n ? bsearch(&k, x->one, x->n, sizeof k, by_place) : NULL;
}

static void describe(collecting *k, mend_row *m, const docset *d, const doc_line *l) {
    const struct reason *r =
        m->waits < ARRAY_LEN(reasons) && reasons[m->waits].wanted ? &reasons[m->waits] : &reasons[WAIT_OTHER];
    AUTO(buf) day = {0};
    str found = r->column >= 0 ? words_get(&d->words, l->text[r->column]) : STR("");
    if (r->column == -1) day_put(&day, (day_t)l->number[N_DATE]), found = buf_str(&day);
    m->problem = sentence(k, str_of(r->name), found, str_of(r->wanted));
    m->hint = advice(k, str_of(r->hint));
}

/* What stands in the rows that wait, from what was sent. */
static bool describe_all(collecting *k, spool *s, const upload *u, err *e) {
    AUTO(docset) sent = {0};
    mend_rows *x = k->out;
    docset_init(&sent);
    TRY(mend_docset_of(s, u, &sent, e));
    for (size_t i = 0; i < sent.lines; i++) {
        doc_line l = docset_at(&sent, i);
        uint32_t sheet = l.number[N_SHEET] == NUM_NONE ? 0 : (uint32_t)l.number[N_SHEET];
        const mend_row *m = mend_row_at(x, sheet, (uint64_t)l.number[N_ROW]);
        if (m && m->problem.n == 0) describe(k, &x->one[m - x->one], &sent, &l);
    }
    return true;
}

bool mend_rows_of(spool *s, const upload *u, bool zh, mend_rows *out, err *e) {
    collecting k = {out, zh};
    arena_init(&out->text, SIZE_MAX);
    TRY(spool_receipts(s, u, take_receipt, &k, e));
    unify(out);
    return out->n == 0 || describe_all(&k, s, u, e);
}
