#include "daemon/catalog/apply.h"

#include "daemon/catalog/appliers.h"
#include "daemon/catalog/check.h"
#include "daemon/catalog/regions.h"
#include "daemon/catalog/rows.h"
#include "proto/kinds.h"
#include "proto/limits.h"

enum { APPLY_BYTES = 64 << 20 }; /* 4,096 rows of 10 full cells need about 16 MiB */

static void *take(void *a, size_t n) {
    return arena_alloc(a, n);
}

static void give_back(void *a, void *p) {
    (void)a;
    (void)p;
}

ProtobufCAllocator arena_allocator(arena *a) {
    return (ProtobufCAllocator){.alloc = take, .free = give_back, .allocator_data = a};
}

static bool one_line(catalog_table table, const catalog_faults *f, err *e) {
    const catalog_fault *first = &f->at[0];
    (void)err_set(e, ERR_DATA, "%s row %zu, %s: '%.*s' found, wanted %.*s", catalog_tables[table].name, first->row + 1,
                  first->column[0] ? first->column : "whole row", STR_ARG(str_take(first->found, 100)),
                  STR_ARG(first->wanted));
    if (f->total > 1) (void)err_wrap(e, "%zu faults, nothing imported; the first", f->total);
    return false;
}

typedef struct putting {
    txn *t;
    const catalog_checked *rows;
    bool *done;
    uint8_t flags;
    uint64_t seq;
    day_t today;
} putting;

/* A parent before its children, whatever the order of the rows: indexes refer to numbers. */
static void put_row(putting *p, size_t row) {
    size_t above = catalog_parent_row(p->rows, row);
    if (p->done[row]) return;
    p->done[row] = true;
    if (above != SIZE_MAX) put_row(p, above);
    if (p->rows->change[row] != ROW_NEW && p->rows->change[row] != ROW_CHANGED) return;
    const str *cells = p->rows->cell + row * catalog_tables[p->rows->table].column_count;
    (void)catalog_put(p->t, p->rows->table, cells, p->flags, p->seq, p->today);
}

/* An ended row keeps its cells. */
static void end_row(putting *p, size_t row) {
    AUTO(buf) copy = {0};
    catalog_table table = p->rows->table;
    str key_cells[CATALOG_COLUMNS_MAX], cells[CATALOG_COLUMNS_MAX];
    catalog_row old;
    catalog_key_cells(table, p->rows->cell + row * catalog_tables[table].column_count, key_cells);
    if (!catalog_get(p->t, table, key_cells, &old)) return;
    catalog_cells_put(&copy, table, old.cell);
    ASSERT(catalog_cells_get(buf_str(&copy), table, cells));
    (void)catalog_put(p->t, table, cells, ROW_ENDED, p->seq, p->today);
}

static bool decode_rows(const Entry__Catalog *m, catalog_table table, str *cells, err *e) {
    for (size_t i = 0; i < m->n_row; i++)
        if (!catalog_cells_get(str_from(m->row[i].data, m->row[i].len), table,
                               cells + i * catalog_tables[table].column_count))
            return err_set(e, ERR_DATA, "%s row %zu: malformed", m->table, i + 1);
    return true;
}

bool apply_rows(txn *t, const entry *en, const Entry__Catalog *m, arena *a, apply_result *r, err *e) {
    catalog_table table;
    AUTO(catalog_checked) checked = {0};
    day_t today = day_at(en->time_ms, (int)setting_number(t, SETTING_ZONE));
    if (!catalog_table_parse(str_of(m->table), &table)) return err_set(e, ERR_DATA, "'%s': no such table", m->table);
    if (m->n_row == 0 || m->n_row > LIMIT_ENTRY_ROWS)
        return err_set(e, ERR_DATA, "%s: %zu rows, an entry holds 1 … %d", m->table, m->n_row, LIMIT_ENTRY_ROWS);
    str *cells = ARENA_NEW(a, str, m->n_row * catalog_tables[table].column_count);
    bool *done = ARENA_NEW(a, bool, m->n_row);
    TRY(decode_rows(m, table, cells, e));
    catalog_input in = {.table = table, .cells = cells, .rows = m->n_row, .remove = m->remove, .today = today};
    if (!catalog_check(t, &in, a, &checked)) return one_line(table, &checked.faults, e);
    TRY(txn_ok(t, e));
    putting p = {.t = t, .rows = &checked, .done = done, .seq = en->seq, .today = today};
    p.flags = str_is(str_of(m->source), SOURCE_BUILT_IN) ? ROW_BUILT_IN : 0;
    for (size_t i = 0; i < m->n_row; i++) {
        if (m->remove && checked.change[i] == ROW_CHANGED) end_row(&p, i);
        else
            put_row(&p, i);
    }
    r->lines = m->n_row;
    r->duplicate = checked.count[ROW_SAME];
    r->committed = r->lines - r->duplicate;
    return true;
}

/* Decode the body as `type`, then run `call` with it. */
#define APPLY(type, prefix, call)                                                                                      \
    do {                                                                                                               \
        const type *m = prefix##__unpack(&pb, en->body.n, (const uint8_t *)en->body.p);                                \
        return m ? (call) : err_set(e, ERR_DATA, "entry %llu cannot be decoded", (unsigned long long)en->seq);         \
    } while (0)

bool catalog_apply(txn *t, const entry *en, apply_result *r, err *e) {
    AUTO(arena) a = {0};
    arena_init(&a, APPLY_BYTES);
    ProtobufCAllocator pb = arena_allocator(&a);
    switch (en->kind) {
    case KIND_CATALOG: APPLY(Entry__Catalog, entry__catalog, apply_rows(t, en, m, &a, r, e));
    case KIND_SETTING: APPLY(Entry__Setting, entry__setting, apply_setting(t, en, m, e));
    case KIND_USER_ACCESS: APPLY(Entry__UserAccess, entry__user_access, apply_user_access(t, en, m, e));
    case KIND_TOKEN: APPLY(Entry__Token, entry__token, apply_token(t, en, m, e));
    case KIND_USER: APPLY(Entry__User, entry__user, apply_user(t, en, m, e));
    case KIND_AGENT_TOKEN: APPLY(Entry__AgentToken, entry__agent_token, apply_agent_token(t, en, m, e));
    case KIND_AGENT_ENROLLED: APPLY(Entry__AgentEnrolled, entry__agent_enrolled, apply_agent_enrolled(t, en, m, e));
    case KIND_AGENT_REVOKED: APPLY(Entry__AgentRevoked, entry__agent_revoked, apply_agent_revoked(t, en, m, e));
    case KIND_ACCESS: APPLY(Entry__Access, entry__access, apply_access(t, en, m, e));
    case KIND_PERSON: APPLY(Entry__Person, entry__person, apply_person(t, en, m, e));
    default: return true;
    }
}
