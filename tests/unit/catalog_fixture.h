/* catalog_fixture — a store in a temporary folder and entries applied to it, for tests of the catalogue. */
#ifndef TESTS_CATALOG_FIXTURE_H
#define TESTS_CATALOG_FIXTURE_H

#include "daemon/catalog/apply.h"
#include "daemon/catalog/regions.h"
#include "daemon/catalog/rows.h"
#include "proto/kinds.h"
#include "tests/unit/temp_dir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

typedef struct fixture {
    char dir[TEMP_DIR];
    kv *db;
    txn *t;
    uint64_t seq;
    int64_t now_ms;
    apply_result last;
    err why;
} fixture;

static inline fixture *fixture_begin(void) {
    fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    assert_true(temp_dir_make(f->dir));
    if (!store_open(f->dir, 256 << 20, false, &f->db, &f->why)) fail_msg("%s", f->why.text);
    if (!txn_begin(f->db, TXN_WRITE, &f->t, &f->why)) fail_msg("%s", f->why.text);
    f->now_ms = (int64_t)day_of(2026, 3, 2) * 86400000;
    return f;
}

static inline int fixture_end(fixture *f) {
    txn_abort(&f->t);
    kv_close(f->db);
    int failed = temp_dir_remove(f->dir);
    free(f);
    return failed;
}

/* Apply an entry of that kind; the reason for a refusal is in f->why. */
static inline bool apply(fixture *f, entry_kind kind, const void *message) {
    AUTO(buf) body = {0};
    uint8_t hash[32] = {0};
    const ProtobufCMessage *m = message;
    buf_reserve(&body, protobuf_c_message_get_packed_size(m) + 1);
    body.n = protobuf_c_message_pack(m, (uint8_t *)body.p);
    entry en = {.seq = ++f->seq,
                .time_ms = f->now_ms,
                .kind = (uint16_t)kind,
                .actor = STR("user:test"),
                .body = buf_str(&body),
                .prev = hash,
                .hash = hash};
    f->last = (apply_result){.a = NULL};
    f->why = (err){.code = ERR_OK};
    bool ok = catalog_apply(f->t, &en, &f->last, &f->why);
    err broken;
    if (!txn_ok(f->t, &broken)) fail_msg("%s", broken.text);
    return ok;
}

/* Rows written as "a,b,c|d,e,f", cells in the table's column order; missing ones are empty. */
static inline bool rows_as(fixture *f, const char *table, const char *text, const char *source, bool remove) {
    Entry__Catalog m = ENTRY__CATALOG__INIT;
    catalog_table of;
    ProtobufCBinaryData row[64];
    AUTO(buf) bytes = {0};
    size_t ends[65] = {0};
    str rest = str_of(text), line;
    assert_true(catalog_table_parse(str_of(table), &of));
    while (str_split(&rest, '|', &line)) {
        str cells[CATALOG_COLUMNS_MAX] = {{0}};
        for (size_t i = 0; i < catalog_tables[of].column_count && str_split(&line, ',', &cells[i]);) i++;
        catalog_cells_put(&bytes, of, cells);
        ends[++m.n_row] = bytes.n;
    }
    for (size_t i = 0; i < m.n_row; i++)
        row[i] = (ProtobufCBinaryData){ends[i + 1] - ends[i], (uint8_t *)bytes.p + ends[i]};
    m.table = (char *)(uintptr_t)table;
    m.row = row;
    m.source = (char *)(uintptr_t)source;
    m.remove = remove;
    return apply(f, KIND_CATALOG, &m);
}

static inline bool rows(fixture *f, const char *table, const char *text) {
    return rows_as(f, table, text, "test.csv", false);
}

static inline void must(fixture *f, bool ok) {
    if (!ok) fail_msg("%s", f->why.text);
}

static inline void refused(fixture *f, bool ok, err_code code, const char *part) {
    if (ok) fail_msg("taken, should be refused: %s", part);
    assert_int_equal(f->why.code, code);
    if (!strstr(f->why.text, part)) fail_msg("'%s' does not say '%s'", f->why.text, part);
}

static inline void load_regions(fixture *f) {
    for (size_t n = 0;; n++) {
        AUTO(arena) a = {0};
        arena_init(&a, 8 << 20);
        Entry__Catalog m;
        if (!built_in_regions(n, &a, &m)) return;
        must(f, apply(f, KIND_CATALOG, &m));
    }
}

#endif
