#include "daemon/catalog/rows.h"

#include "daemon/catalog/index.h"

#include <stdio.h>

size_t catalog_key_count(catalog_table table) {
    size_t n = 0;
    for (size_t i = 0; i < catalog_tables[table].column_count; i++) n += catalog_tables[table].columns[i].key;
    return n;
}

void catalog_key_cells(catalog_table table, const str *cells, str *key_cells) {
    size_t n = 0;
    for (size_t i = 0; i < catalog_tables[table].column_count; i++)
        if (catalog_tables[table].columns[i].key) key_cells[n++] = cells[i];
}

bool catalog_key_fits(catalog_table table, const str *key_cells, size_t n) {
    size_t size = 1;
    (void)table;
    for (size_t i = 0; i < n; i++) {
        if (key_cells[i].n && memchr(key_cells[i].p, 0, key_cells[i].n)) return false;
        size += key_cells[i].n + 1;
    }
    return size <= KEY_MAX;
}

void catalog_key(key *k, catalog_table table, const str *key_cells, size_t n) {
    *k = (key){.n = 0};
    key_u8(k, (uint8_t)table);
    for (size_t i = 0; i < n; i++) key_textz(k, key_cells[i]);
}

void catalog_cells_put(buf *out, catalog_table table, const str *cells) {
    for (size_t i = 0; i < catalog_tables[table].column_count; i++) buf_text(out, cells[i]);
}

bool catalog_cells_get(str bytes, catalog_table table, str *cells) {
    reader r = reader_of(bytes);
    for (size_t i = 0; i < catalog_tables[table].column_count; i++) cells[i] = r.p == r.end ? STR("") : read_text(&r);
    return !r.bad && r.p == r.end;
}

bool catalog_row_decode(str val, catalog_table table, catalog_row *out) {
    reader r = reader_of(val);
    out->no = read_be32(&r);
    out->entry = read_be64(&r);
    out->flags = read_byte(&r);
    return !r.bad && catalog_cells_get(str_skip(val, 13), table, out->cell);
}

bool catalog_row_key(str stored_key, str *key_cells) {
    reader r = reader_of(stored_key);
    catalog_table table = read_byte(&r);
    if (r.bad || table < CATALOG_PARTNER || table >= CATALOG_TABLE_COUNT) return false;
    size_t n = catalog_key_count(table);
    for (size_t i = 0; i < n; i++) key_cells[i] = read_textz(&r);
    return !r.bad && r.p == r.end;
}

/* A record that cannot be read is damage: the transaction fails with it. */
static bool decoded(txn *t, catalog_table table, str val, catalog_row *out) {
    err e;
    if (catalog_row_decode(val, table, out)) return true;
    (void)err_set(&e, ERR_INTERNAL, "catalogue: a row of '%s' cannot be decoded", catalog_tables[table].name);
    txn_fail(t, &e);
    return false;
}

bool catalog_get(txn *t, catalog_table table, const str *key_cells, catalog_row *out) {
    key k;
    str val;
    if (!catalog_key_fits(table, key_cells, catalog_key_count(table))) return false;
    catalog_key(&k, table, key_cells, catalog_key_count(table));
    return kv_get(t, TABLE_CATALOG, key_str(&k), &val) && decoded(t, table, val, out);
}

static void no_key(key *k, catalog_table table, uint32_t no) {
    *k = (key){.n = 0};
    key_u8(k, (uint8_t)table);
    key_u32(k, no);
}

bool catalog_get_no(txn *t, catalog_table table, uint32_t no, catalog_row *out) {
    key k, row = {.n = 0};
    str val;
    no_key(&k, table, no);
    if (no == 0 || !kv_get(t, TABLE_CATALOG_NO, key_str(&k), &val)) return false;
    key_u8(&row, (uint8_t)table);
    key_text(&row, val);
    return kv_get(t, TABLE_CATALOG, key_str(&row), &val) && decoded(t, table, val, out);
}

void catalog_history_key(key *k, catalog_table table, uint32_t no) {
    no_key(k, table, no);
}

bool catalog_version_decode(str stored_key, str val, catalog_table table, catalog_version *out) {
    reader k = reader_of(str_skip(stored_key, 5)), r = reader_of(val);
    out->entry = read_be64(&k);
    out->from = read_day(&r);
    out->flags = read_byte(&r);
    return !k.bad && !r.bad && catalog_cells_get(str_skip(val, 5), table, out->cell);
}

bool catalog_get_at(txn *t, catalog_table table, uint32_t no, business_day *on, catalog_row *out) {
    key k;
    catalog_version v;
    catalog_history_key(&k, table, no);
    AUTO(kv_cursor) c = kv_back(t, TABLE_CATALOG_HISTORY, key_str(&k), STR_NONE);
    while (kv_next(&c)) {
        if (!catalog_version_decode(c.key, c.val, table, &v)) return false;
        if (v.from > on->day) {
            if (v.from <= on->to) on->to = v.from - 1;
            continue;
        }
        if (v.from > on->from) on->from = v.from;
        *out = (catalog_row){.no = no, .entry = v.entry, .flags = v.flags};
        memcpy(out->cell, v.cell, sizeof v.cell);
        return true;
    }
    return false;
}

static void version_key(key *k, catalog_table table, uint32_t no, uint64_t entry) {
    catalog_history_key(k, table, no);
    key_u64(k, entry);
}

static void put_version(txn *t, catalog_table table, uint32_t no, uint64_t entry, day_t from, uint8_t flags,
                        const str *cells) {
    AUTO(buf) b = {0};
    key k;
    buf_be32(&b, (uint32_t)from ^ 0x80000000U);
    buf_byte(&b, (char)flags);
    catalog_cells_put(&b, table, cells);
    version_key(&k, table, no, entry);
    kv_put(t, TABLE_CATALOG_HISTORY, key_str(&k), buf_str(&b));
}

static void put_record(txn *t, catalog_table table, const catalog_row *row) {
    AUTO(buf) b = {0};
    str key_cells[CATALOG_COLUMNS_MAX];
    key k, no;
    buf_be32(&b, row->no);
    buf_be64(&b, row->entry);
    buf_byte(&b, (char)row->flags);
    catalog_cells_put(&b, table, row->cell);
    catalog_key_cells(table, row->cell, key_cells);
    catalog_key(&k, table, key_cells, catalog_key_count(table));
    kv_put(t, TABLE_CATALOG, key_str(&k), buf_str(&b));
    no_key(&no, table, row->no);
    kv_put(t, TABLE_CATALOG_NO, key_str(&no), str_skip(key_str(&k), 1));
}

/* The row as it is now, in memory of its own: what is read from t dies at the first put. */
static bool current(txn *t, catalog_table table, const str *cells, buf *copy, catalog_row *out) {
    str key_cells[CATALOG_COLUMNS_MAX], val;
    key k;
    catalog_key_cells(table, cells, key_cells);
    catalog_key(&k, table, key_cells, catalog_key_count(table));
    if (!kv_get(t, TABLE_CATALOG, key_str(&k), &val)) return false;
    buf_add(copy, val);
    return decoded(t, table, buf_str(copy), out);
}

uint32_t catalog_put(txn *t, catalog_table table, const str *cells, uint8_t flags, uint64_t entry, day_t from) {
    AUTO(buf) copy = {0};
    char counter[32];
    catalog_row old, row = {.entry = entry, .flags = flags};
    memcpy(row.cell, cells, sizeof(str) * catalog_tables[table].column_count);
    (void)snprintf(counter, sizeof counter, "catalog.%s", catalog_tables[table].name);
    if (current(t, table, cells, &copy, &old)) {
        row.no = old.no;
        if (!(old.flags & ROW_ENDED)) index_row(t, table, &old, false);
        if ((old.flags & ROW_UNREVIEWED) && !(flags & ROW_UNREVIEWED)) {
            key k;
            version_key(&k, table, old.no, old.entry);
            (void)kv_del(t, TABLE_CATALOG_HISTORY, key_str(&k));
            from = DAY_MIN;
        }
    } else {
        row.no = (uint32_t)store_next(t, counter);
        from = DAY_MIN;
    }
    put_record(t, table, &row);
    put_version(t, table, row.no, entry, from, flags, cells);
    if (!(flags & ROW_ENDED)) index_row(t, table, &row, true);
    return row.no;
}

catalog_walk catalog_rows(txn *t, catalog_table table, const str *key_cells, size_t n) {
    catalog_walk w = {.table = table};
    catalog_key(&w.prefix, table, key_cells, n);
    str all = key_str(&w.prefix);
    w.c = kv_from(t, TABLE_CATALOG, str_take(all, sizeof w.c.prefix), all);
    return w;
}

bool catalog_next(catalog_walk *w, catalog_row *out) {
    while (kv_next(&w->c)) {
        if (!str_starts(w->c.key, key_str(&w->prefix))) break;
        if (!decoded(w->c.t, w->table, w->c.val, out)) break;
        if (w->with_ended || !(out->flags & ROW_ENDED)) return true;
    }
    kv_end(&w->c);
    return false;
}

void catalog_walk_end(catalog_walk *w) {
    kv_end(&w->c);
}

void catalog_walk_auto(catalog_walk *w) {
    kv_end(&w->c);
}
