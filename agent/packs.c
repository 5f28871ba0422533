#include "agent/packs.h"

#include "base/csv_put.h"
#include "base/num.h"
#include "formats/csv.h"
#include <stdlib.h>
#include <sys/stat.h>

enum { WEEK_MS = 7 * 24 * 3600 * 1000, DAY_MS = 24 * 3600 * 1000, FACTOR_MAX = 100000 };

void packs_auto(packs *p) {
    words_free(&p->codes);
    map_free(&p->index);
    free(p->one);
}

static bool path_of(const char *home_dir, char out[static PATH_SIZE], err *e) {
    return path_join(out, PATH_SIZE, home_dir, "packs.csv", e);
}

/* ---- reading ---- */

static void add_factor(struct pack *to, int64_t factor) {
    for (size_t i = 0; i < to->n; i++)
        if (to->factor[i] == factor) return;
    if (factor >= 2 && factor <= FACTOR_MAX && to->n < DOUBT_FACTORS) to->factor[to->n++] = factor;
}

static void take_row(packs *p, str sku, str factors) {
    uint32_t code = words_add(&p->codes, sku);
    uint64_t *at = map_at(&p->index, words_get(&p->codes, code), NULL);
    str one;
    if (*at || p->n == LIMIT_PRODUCTS) return;
    if (p->n == p->cap) {
        p->cap = p->cap ? 2 * p->cap : 64;
        p->one = reallocarray(p->one, p->cap, sizeof *p->one);
        ASSERT(p->one != NULL);
    }
    struct pack *to = &p->one[p->n++];
    *to = (struct pack){.n = 0};
    while (str_split(&factors, ';', &one)) {
        int64_t factor;
        if (dec_parse(one, 0, &factor, NULL)) add_factor(to, factor);
    }
    *at = p->n;
}

bool packs_load(packs *p, const char *home_dir, err *e) {
    AUTO(buf) bytes = {0};
    AUTO(csv) c = {0};
    char path[PATH_SIZE];
    table_row row;
    *p = (packs){0};
    words_init(&p->codes, SIZE_MAX);
    TRY(path_of(home_dir, path, e));
    if (!file_exists(path)) return true;
    TRY(file_read(path, LIMIT_UPLOAD_BYTES, &bytes, e));
    TRY(csv_open(&c, buf_str(&bytes), e));
    for (;;) {
        TRY(csv_next(&c, &row, e));
        if (row.no == 0) return true;
        if (row.cells == 2) take_row(p, row.cell[0], row.cell[1]); /* the header's are no factors */
    }
}

size_t packs_of(const packs *p, str sku, int64_t out[static DOUBT_FACTORS]) {
    const uint64_t *at = map_find(&p->index, sku);
    if (at == NULL) return 0;
    const struct pack *one = &p->one[*at - 1];
    memcpy(out, one->factor, one->n * sizeof *out);
    return one->n;
}

/* ---- keeping ---- */

/* Every home has a day of the week of its own, so that many do not ask at once. */
bool packs_due(const home *h, int64_t wall_ms) {
    char path[PATH_SIZE];
    struct stat st;
    err e;
    if (!path_of(h->dir, path, &e) || stat(path, &st) != 0) return true;
    int64_t own_ms = (int64_t)(str_hash(str_of(h->agent)) % DAY_MS);
    return wall_ms - (int64_t)st.st_mtime * 1000 >= WEEK_MS + own_ms;
}

/* Units of one code stand one after the other. */
static void put_code(buf *out, const products *p, size_t first, size_t end) {
    struct pack all = {.n = 0};
    for (size_t i = first; i < end; i++)
        for (size_t k = first; k < end; k++)
            if (p->one[k].factor > 0 && p->one[i].factor % p->one[k].factor == 0)
                add_factor(&all, p->one[i].factor / p->one[k].factor);
    if (all.n == 0) return;
    csv_put(out, products_word(p, p->one[first].sku));
    for (size_t i = 0; i < all.n; i++) buf_printf(out, "%c%lld", i ? ';' : ',', (long long)all.factor[i]);
    buf_byte(out, '\n');
}

bool packs_keep(const products *p, const char *home_dir, err *e) {
    AUTO(buf) text = {0};
    char path[PATH_SIZE];
    buf_addz(&text, "sku,factors\n");
    for (size_t i = 0, end; i < p->n; i = end) {
        for (end = i + 1; end < p->n && p->one[end].sku == p->one[i].sku;) end++;
        put_code(&text, p, i, end);
    }
    TRY(path_of(home_dir, path, e));
    return file_write(path, buf_str(&text), 0600, e);
}

bool packs_ask(const home *h, err *e) {
    AUTO(products) p = {0};
    products_init(&p);
    return products_of_centre(&p, h, true, e) && packs_keep(&p, h->dir, e);
}
