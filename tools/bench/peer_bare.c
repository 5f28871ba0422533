#include "base/clock.h"
#include "base/file.h"
#include "kv/kv.h"
#include "tools/bench/peers.h"

enum { JOURNAL, POSTING, FLOW_DAY, FLOW_MONTH, FLOW_REGION, TABLES };
enum { COMMIT_LINES = 4096, SUM_BYTES = 28, JOURNAL_BYTES = 48, POSTING_BYTES = 20 };

static void add_sum(txn *t, kv_table table, str key, const load_line *l) {
    uint8_t sum[SUM_BYTES] = {0};
    str old;
    if (kv_get(t, table, key, &old) && old.n == SUM_BYTES) memcpy(sum, old.p, SUM_BYTES);
    put_be64(sum, get_be64(sum) + (uint64_t)l->quantity);
    put_be64(sum + 8, get_be64(sum + 8) + (uint64_t)l->amount);
    put_be32(sum + 16, get_be32(sum + 16) + 1);
    kv_put(t, table, key, str_from(sum, SUM_BYTES));
}

static void put_line(txn *t, uint64_t seq, const load_line *l) {
    uint8_t key[20], row[JOURNAL_BYTES] = {0};
    put_be64(key, seq);
    memcpy(row, l->code, sizeof l->code);
    kv_append(t, JOURNAL, str_from(key, 8), str_from(row, JOURNAL_BYTES));
    kv_append(t, POSTING, str_from(key, 8), str_from(row, POSTING_BYTES));
    put_be32(key, l->partner);
    put_be32(key + 4, (uint32_t)l->day);
    put_be32(key + 8, l->product);
    add_sum(t, FLOW_DAY, str_from(key, 12), l);
    put_be32(key + 4, l->product);
    put_be32(key + 8, (uint32_t)month_of(l->day));
    add_sum(t, FLOW_MONTH, str_from(key, 12), l);
    put_be32(key, (uint32_t)month_of(l->day));
    put_be32(key + 4, l->region);
    put_be32(key + 8, l->product);
    add_sum(t, FLOW_REGION, str_from(key, 12), l);
}

static bool run(kv *db, const load_shape *s, uint64_t seed, uint64_t lines, err *e) {
    for (uint64_t first = 0; first < lines; first += COMMIT_LINES) {
        AUTO(txn) *t = NULL;
        TRY(txn_begin(db, TXN_WRITE, &t, e));
        for (uint64_t i = first; i < lines && i < first + COMMIT_LINES; i++) {
            unsigned partner = (unsigned)(i / s->file_lines) % s->partners;
            uint64_t own = i / ((uint64_t)s->file_lines * s->partners) * s->file_lines + i % s->file_lines;
            load_line l = load_at(s, seed, partner, own);
            put_line(t, i, &l);
        }
        TRY(txn_commit(&t, e));
    }
    return true;
}

bool peer_bare_lmdb(const load_shape *s, uint64_t seed, uint64_t lines, const char *dir, double *lines_per_s, err *e) {
    static const char *const tables[TABLES] = {"journal", "posting", "flow_day", "flow_month", "flow_region"};
    char own[PATH_SIZE];
    TRY(path_join(own, sizeof own, dir, "bare", e));
    TRY(file_mkdirs(own, 0700, e));
    kv *db = NULL;
    TRY(kv_open(own, &(kv_options){.tables = tables, .table_count = TABLES, .map_size = 16ull << 30}, &db, e));
    int64_t begin = mono_us();
    bool ok = run(db, s, seed, lines, e);
    int64_t took = mono_us() - begin;
    kv_close(db);
    if (ok) *lines_per_s = (double)lines * 1e6 / (double)took;
    return ok;
}
