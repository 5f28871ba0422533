/* rebate — ten policies evaluated on a year of sales, beside PostgreSQL's set-based SQL in the same run.
 *
 * Partners (--agents, default 10,000) × 50 products × 12 months, 24 selling days a partner and product: flow_day and
 * flow_month are written straight into the store, as the ledger leaves them, for what is measured is the evaluation and not
 * the ingest. A tenth of the products change stage in mid-month. Both read the figures from warm memory; PostgreSQL has the
 * same two tables, months joined to stages once for all ten policies. The sums must agree to the fen. */
#include "base/clock.h"
#include "base/num.h"
#include "daemon/catalog/columns.h"
#include "daemon/catalog/rows.h"
#include "daemon/rebate/books.h"
#include "tools/bench/bench.h"
#include "tools/bench/peers.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PRODUCTS = 50, MONTHS = 12, POLICIES = 10, YEAR = 2026, MAP_GIB = 16, ADMINS_FIRST = 1 };

typedef struct sold {
    day_t day;
    int64_t quantity, amount;
} sold;

/* The two selling days of a month. */
static sold sold_at(unsigned p, unsigned k, unsigned month, unsigned which) {
    unsigned mix = (p * 2654435761U) ^ (k * 40503U) ^ (month * 97U + which * 31U);
    unsigned day = which == 0 ? 1 + (p + k) % 14 : 15 + (p * 7 + k * 3) % 14;
    int64_t quantity = 1 + mix % 20;
    return (sold){day_of(YEAR, month + 1, day), quantity * 1000, quantity * (500 + 10 * (int64_t)k)};
}

/* A tenth of the products are mature from the middle of June on. */
static day_t changes_on(unsigned k) {
    return k % 10 == 0 ? day_of(YEAR, 6, 15) : DAY_MAX;
}

static void partner_name(unsigned p, char out[static 16]) {
    (void)snprintf(out, 16, "D%06u", p);
}

static void sku_name(unsigned k, char out[static 16]) {
    (void)snprintf(out, 16, "P%03u", k);
}

/* ---- our store */

static void put_catalogue(txn *t, unsigned partners) {
    char name[16];
    for (unsigned p = 0; p < partners; p++) {
        str cell[CATALOG_COLUMNS_MAX] = {[PARTNER_KIND] = STR("distributor")};
        partner_name(p, name);
        cell[PARTNER_ID] = str_of(name);
        (void)catalog_put(t, CATALOG_PARTNER, cell, 0, ADMINS_FIRST, DAY_MIN);
    }
    for (unsigned k = 0; k < PRODUCTS; k++) {
        str cell[CATALOG_COLUMNS_MAX] = {[PRODUCT_BASE_UNIT] = STR("EA")};
        str begins[CATALOG_COLUMNS_MAX] = {[STAGE_STAGE] = STR("growth"), [STAGE_FROM] = STR("2025-01-01")};
        sku_name(k, name);
        cell[PRODUCT_SKU] = begins[STAGE_SKU] = str_of(name);
        (void)catalog_put(t, CATALOG_PRODUCT, cell, 0, ADMINS_FIRST, DAY_MIN);
        (void)catalog_put(t, CATALOG_STAGE, begins, 0, ADMINS_FIRST, DAY_MIN);
        if (changes_on(k) == DAY_MAX) continue;
        begins[STAGE_STAGE] = STR("maturity"), begins[STAGE_FROM] = STR("2026-06-15");
        (void)catalog_put(t, CATALOG_STAGE, begins, 0, ADMINS_FIRST, DAY_MIN);
    }
}

/* Numbers of partners and products count from 1 in the order of their import. */
static void put_days(txn *t, unsigned p) {
    for (day_t day = day_of(YEAR, 1, 1); day <= day_of(YEAR, 12, 31); day++) {
        unsigned month = civil_of(day).month - 1;
        for (unsigned n = 0; n < 2 * PRODUCTS; n++) {
            sold s = sold_at(p, n / 2, month, n % 2);
            key k = {.n = 0};
            if (s.day != day) continue;
            key_u32(&k, p + 1);
            key_day(&k, day);
            key_u8(&k, FLOW_SELL_OUT);
            key_u32(&k, n / 2 + 1);
            uint8_t v[FLOW_SUM_SIZE];
            flow_sum_put(v, &(flow_sum){currency_no(STR("CNY")), 1, 0, s.quantity, s.amount, 0});
            kv_append(t, TABLE_FLOW_DAY, key_str(&k), str_from(v, sizeof v));
        }
    }
}

static void put_months(txn *t, unsigned p) {
    for (unsigned k = 0; k < PRODUCTS; k++) {
        uint8_t v[MONTHS * FLOW_SUM_SIZE];
        key at = {.n = 0};
        for (unsigned m = 0; m < MONTHS; m++) {
            sold a = sold_at(p, k, m, 0), b = sold_at(p, k, m, 1);
            flow_sum s = {currency_no(STR("CNY")), 2, 0, a.quantity + b.quantity, a.amount + b.amount, m};
            flow_sum_put(v + m * FLOW_SUM_SIZE, &s);
        }
        key_u32(&at, p + 1);
        key_u32(&at, k + 1);
        key_u8(&at, FLOW_SELL_OUT);
        key_u32(&at, YEAR);
        kv_append(t, TABLE_FLOW_MONTH, key_str(&at), str_from(v, sizeof v));
    }
}

static bool fill(kv *db, unsigned partners, err *e) {
    txn *t = NULL;
    for (unsigned from = 0; from < partners; from += 200) {
        TRY(txn_begin(db, TXN_WRITE, &t, e));
        if (from == 0) put_catalogue(t, partners);
        for (unsigned p = from; p < partners && p < from + 200; p++) put_days(t, p), put_months(t, p);
        TRY(txn_commit(&t, e));
        (void)fprintf(stderr, "\rwriting %u of %u partners", from, partners);
    }
    (void)fputs("\n", stderr);
    return true;
}

/* ---- the policies: thresholds in fen, rates in ppm, for both sides */

enum { BANDS = 3 };
static const int64_t rates[BANDS] = {10000, 15000, 22500};

static int64_t threshold(unsigned policy_no, unsigned b) {
    return b == 0 ? 0 : (b == 1 ? 3000000 : 4000000) + (int64_t)policy_no * 37000;
}

static bool make_policy(unsigned no, policy *out, err *e) {
    char yaml[1024];
    (void)snprintf(yaml, sizeof yaml,
                   "metadata: {name: p%u}\nspec:\n  effective: {from: 2026-01-01, to: 2026-12-31}\n"
                   "  basis: sell_out\n  period: quarter\n  stages:\n"
                   "    growth: {mechanism: bands, bands: [{from: \"0\", rate: \"1%%\"}, {from: \"%" PRId64
                   "\", rate: \"1.5%%\"}, {from: \"%" PRId64 "\", rate: \"2.25%%\"}]}\n"
                   "    maturity: {mechanism: flat, rate: \"0.5%%\"}\n",
                   no, threshold(no, 1) / 100, threshold(no, 2) / 100);
    return policy_parse(str_of(yaml), out, e);
}

/* Processor time of this process: what a core does, whoever else wants it. */
static int64_t cpu_us(void) {
    struct timespec t;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static bool ours(kv *db, int64_t *sum, size_t *lines, int64_t *us, int64_t *cpu, err *e) {
    AUTO(txn) *t = NULL;
    AUTO(books) b = {0};
    TRY(txn_begin(db, TXN_READ, &t, e));
    int64_t begin = mono_us(), cpu_begin = cpu_us();
    TRY(books_open(t, day_of(YEAR, 12, 31), &b, e));
    AUTO(arena) a = {0};
    policy p[POLICIES] = {0};
    const policy *list[POLICIES];
    books_ask ask[POLICIES];
    books_result r[POLICIES] = {0};
    bool ok = true;
    arena_init(&a, SIZE_MAX);
    for (unsigned i = 0; i < POLICIES; i++) {
        ok = ok && make_policy(i, &p[i], e);
        list[i] = &p[i];
        ask[i] = (books_ask)BOOKS_ALL;
    }
    ok = ok && books_evaluate_all(&b, list, ask, POLICIES, &a, r, e);
    *sum = 0;
    *lines = 0;
    for (unsigned i = 0; i < POLICIES; i++) {
        for (const rebate_line *l = r[i].lines.first; l; l = l->next) *sum += l->amount;
        *lines += r[i].lines.lines;
        policy_free(&p[i]);
    }
    if (!ok) return false;
    *us = mono_us() - begin;
    *cpu = cpu_us() - cpu_begin;
    return true;
}

/* ---- PostgreSQL */

static bool write_load(const char *path, unsigned partners, err *e) {
    FILE *out = fopen(path, "we");
    if (out == NULL) return err_set(e, ERR_INTERNAL, "%s: cannot create", path);
    (void)fputs("create table flow_day(partner int, product int, day int, month int, qty bigint, amt bigint);\n"
                "create table flow_month(partner int, product int, month int, qty bigint, amt bigint);\n"
                "create table span(product int, stage int, first int, last int);\n"
                "create table band(policy int, first bigint, last bigint, ppm bigint);\n"
                "copy flow_day from stdin csv;\n",
                out);
    for (unsigned p = 0; p < partners; p++)
        for (unsigned n = 0; n < 2 * PRODUCTS * MONTHS; n++) {
            sold s = sold_at(p, n / (2 * MONTHS), n / 2 % MONTHS, n % 2);
            (void)fprintf(out, "%u,%u,%d,%u,%" PRId64 ",%" PRId64 "\n", p, n / (2 * MONTHS), s.day, n / 2 % MONTHS,
                          s.quantity, s.amount);
        }
    (void)fputs(
        "\\.\ninsert into flow_month select partner, product, month, sum(qty), sum(amt) from flow_day group by 1,2,3;\n"
        "create index on flow_day(month, product);\n",
        out);
    for (unsigned k = 0; k < PRODUCTS; k++) {
        day_t c = changes_on(k);
        (void)fprintf(out, "insert into span values(%u, 1, %d, %d);\n", k, DAY_MIN, c == DAY_MAX ? DAY_MAX : c - 1);
        if (c != DAY_MAX) (void)fprintf(out, "insert into span values(%u, 2, %d, %d);\n", k, c, DAY_MAX);
    }
    for (unsigned i = 0; i < POLICIES; i++)
        for (unsigned b = 0; b < BANDS; b++)
            (void)fprintf(out, "insert into band values(%u, %" PRId64 ", %" PRId64 ", %" PRId64 ");\n", i,
                          threshold(i, b), b + 1 < BANDS ? threshold(i, b + 1) : INT64_MAX, rates[b]);
    (void)fputs("vacuum analyze;\nselect count(*) from flow_day;\nselect count(*) from flow_month;\n", out);
    return fclose(out) == 0 || err_set(e, ERR_INTERNAL, "%s: cannot write", path);
}

/* Months whole where no stage begins in them, else their days; W of each partner, quarter and stage once for all policies. */
static const char evaluate_sql[] =
    "\\timing on\n\\o %s\n\\t on\n"
    "with months(month, first, last) as (select m, d, d2 - 1 from (values %s) v(m, d, d2)),\n"
    "ms as (select m.month, s.product, min(s.stage) stage, count(*) > 1 cut from months m join span s"
    " on s.first <= m.last and s.last >= m.first group by 1, 2),\n"
    "w as materialized (select partner, q, stage, sum(amt) w from (\n"
    " select f.partner, f.month / 3 q, ms.stage, f.amt from flow_month f join ms using(month, product) where not "
    "ms.cut\n"
    " union all select d.partner, d.month / 3, s.stage, d.amt from ms join flow_day d using(month, product)"
    " join span s on s.product = d.product and d.day between s.first and s.last where ms.cut) x group by 1, 2, 3),\n"
    "line as (select b.policy, w.partner, w.q, w.stage, round(w.w * b.ppm / 1000000.0) amount from w join band b"
    " on w.w >= b.first and w.w < b.last where w.stage = 1\n"
    " union all select p, w.partner, w.q, w.stage, round(w.w * 5000 / 1000000.0) from w, generate_series(0, %d) p"
    " where w.stage = 2)\n"
    "select sum(amount)::bigint from line;\n";

static bool write_evaluate(const char *path, const char *result, err *e) {
    AUTO(buf) months = {0};
    AUTO(buf) sql = {0};
    for (unsigned m = 0; m < MONTHS; m++)
        buf_printf(&months, "%s(%u,%d,%d)", m ? "," : "", m, day_of(YEAR, m + 1, 1),
                   month_first(month_of(day_of(YEAR, m + 1, 1)) + 1));
    buf_printf(&sql, evaluate_sql, result, buf_z(&months), POLICIES - 1);
    return file_write(path, buf_str(&sql), 0644, e);
}

static bool theirs(const char *dir, unsigned partners, int64_t *sum, int64_t *us, err *e) {
    char own[PATH_SIZE], path[PATH_SIZE], result[PATH_SIZE];
    AUTO(buf) text = {0};
    TRY(peer_pg_start(dir, own, e));
    bool ok = path_join(path, sizeof path, own, "load.sql", e) && write_load(path, partners, e) &&
              peer_pg("psql -q -v ON_ERROR_STOP=1 -h %s -d postgres -f %s/load.sql", own, e) &&
              path_join(result, sizeof result, own, "sum", e) && path_join(path, sizeof path, own, "eval.sql", e) &&
              write_evaluate(path, result, e);
    const char *run = "psql -q -v ON_ERROR_STOP=1 -h %s -d postgres -f %s/eval.sql";
    ok = ok && peer_pg(run, own, e); /* warm, as ours is */
    int64_t begin = mono_us();
    ok = ok && peer_pg(run, own, e);
    *us = mono_us() - begin;
    peer_pg_stop(own);
    if (!ok || !file_read(result, 4096, &text, e)) return false;
    *sum = strtoll(buf_z(&text), NULL, 10);
    return true;
}

bool bench_rebate(bench_options *o, err *e) {
    char data[PATH_SIZE];
    kv *db;
    int64_t sum = 0, us = 0, cpu = 0, best = INT64_MAX, best_cpu = INT64_MAX, peer_sum = 0, peer_us = 0;
    size_t lines = 0;
    err why;
    TRY(path_join(data, sizeof data, o->centre.dir, "data", e) && file_mkdirs(data, 0700, e));
    TRY(store_open(data, (uint64_t)MAP_GIB << 30, false, &db, e));
    bool ok = fill(db, o->agents, e);
    for (int i = 0; ok && i < 3; i++) {
        ok = ours(db, &sum, &lines, &us, &cpu, e);
        if (us < best) best = us;
        if (cpu < best_cpu) best_cpu = cpu;
    }
    kv_close(db);
    if (!ok) return false;
    bool peer = o->peers && theirs(o->centre.dir, o->agents, &peer_sum, &peer_us, &why);
    if (o->peers && !peer) (void)fprintf(stderr, "%s\n", why.text);
    if (peer && peer_sum != sum)
        return err_set(e, ERR_INTERNAL, "the sums differ: %" PRId64 " here, %" PRId64 " in SQL", sum, peer_sum);
    (void)printf("{\"bench\":\"rebate\",\"partners\":%u,\"day_rows\":%" PRIu64 ",\"policies\":%d,\"lines\":%zu,"
                 "\"seconds\":%.3f,\"cpu_seconds\":%.3f,\"best_of\":3",
                 o->agents, (uint64_t)o->agents * PRODUCTS * MONTHS * 2, POLICIES, lines, (double)best / 1e6,
                 (double)best_cpu / 1e6);
    if (peer)
        (void)printf(",\"postgres_seconds\":%.3f,\"ratio\":%.2f", (double)peer_us / 1e6,
                     (double)peer_us / (double)best);
    (void)printf("}\n");
    return true;
}
