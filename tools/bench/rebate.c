/* rebate — ten policies evaluated on a year of sales, beside PostgreSQL's set-based SQL in the same run.
 *
 * Partners (10,000; --scale N: N times as many, --agents: so many) × 50 products × 12 months, 24 selling days a partner and
 * product: flow_day and flow_month are written straight into the store, as the ledger leaves them, for what is measured is
 * the evaluation and not the ingest. A tenth of the products change stage in mid-month. Both read the figures from warm
 * memory and end with all lines at hand; every line of theirs must equal ours (rebate_peer.c). */
#include "tools/bench/rebate.h"
#include "base/clock.h"
#include "base/num.h"
#include "daemon/catalog/columns.h"
#include "daemon/catalog/rows.h"
#include "daemon/rebate/books.h"
#include "tools/bench/bench.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MAP_GIB = 16, ADMINS_FIRST = 1, RUNS = 3 };

sold rebate_sold_at(unsigned p, unsigned k, unsigned month, unsigned which) {
    unsigned mix = (p * 2654435761U) ^ (k * 40503U) ^ (month * 97U + which * 31U);
    unsigned day = which == 0 ? 1 + (p + k) % 14 : 15 + (p * 7 + k * 3) % 14;
    int64_t quantity = 1 + mix % 20;
    return (sold){day_of(YEAR, month + 1, day), quantity * 1000, quantity * (500 + 10 * (int64_t)k)};
}

day_t rebate_changes_on(unsigned k) {
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
        if (rebate_changes_on(k) == DAY_MAX) continue;
        begins[STAGE_STAGE] = STR("maturity"), begins[STAGE_FROM] = STR("2026-06-15");
        (void)catalog_put(t, CATALOG_STAGE, begins, 0, ADMINS_FIRST, DAY_MIN);
    }
}

/* Numbers of partners and products count from 1 in the order of their import. */
static void put_days(txn *t, unsigned p) {
    for (day_t day = day_of(YEAR, 1, 1); day <= day_of(YEAR, 12, 31); day++) {
        unsigned month = civil_of(day).month - 1;
        for (unsigned n = 0; n < 2 * PRODUCTS; n++) {
            sold s = rebate_sold_at(p, n / 2, month, n % 2);
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
            sold a = rebate_sold_at(p, k, m, 0), b = rebate_sold_at(p, k, m, 1);
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

const int64_t rebate_ppm[BANDS] = {10000, 15000, 22500};

int64_t rebate_threshold(unsigned policy_no, unsigned b) {
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
                   no, rebate_threshold(no, 1) / 100, rebate_threshold(no, 2) / 100);
    return policy_parse(str_of(yaml), out, e);
}

/* Processor time of this process: what a core does, whoever else wants it. */
static int64_t cpu_us(void) {
    struct timespec t;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

typedef struct policy_lines {
    rebate_found *line;
    size_t n;
    uint8_t no;
    const ladder *growth;
} policy_lines;

/* Lines of a policy come by partner, quarter and stage. */
static bool keep_found(void *arg, const rebate_line *l, err *e) {
    policy_lines *to = arg;
    rebate_found *f = &to->line[to->n++];
    (void)e;
    *f = (rebate_found){.policy = to->no, .partner = l->partner, .quarter = (uint8_t)(l->period % QUARTERS)};
    f->stage = l->stage == STAGE_GROWTH ? 1 : 2;
    f->basis = l->basis_amount;
    f->band = -1;
    for (size_t i = 0; l->band.n && i < to->growth->n; i++)
        if (to->growth->band[i].written.p == l->band.p) f->band = to->growth->band[i].from;
    f->amount = l->amount;
    return true;
}

static bool evaluate(books *b, const policy *const *list, policy_lines *found, err *e) {
    AUTO(arena) a = {0};
    books_ask ask[POLICIES];
    books_result r[POLICIES];
    arena_init(&a, SIZE_MAX);
    for (unsigned i = 0; i < POLICIES; i++) {
        ask[i] = (books_ask)BOOKS_ALL;
        ask[i].take = keep_found;
        ask[i].arg = &found[i];
    }
    return books_evaluate_all(b, list, ask, POLICIES, &a, r, e);
}

/* From opening the books to all lines at hand. *found: room for every line; in order of policies in the end. */
static bool ours(kv *db, rebate_found *found, size_t *lines, int64_t *us, int64_t *cpu, err *e) {
    AUTO(txn) *t = NULL;
    AUTO(books) b = {0};
    policy p[POLICIES] = {0};
    policy_lines by_policy[POLICIES];
    const policy *list[POLICIES];
    bool ok = true;
    TRY(txn_begin(db, TXN_READ, &t, e));
    int64_t begin = mono_us(), cpu_begin = cpu_us();
    ok = ok && books_open(t, day_of(YEAR, 12, 31), &b, e);
    for (unsigned i = 0; ok && i < POLICIES; i++) {
        ok = make_policy(i, &p[i], e);
        list[i] = &p[i];
        by_policy[i] = (policy_lines){found + i * b.world.partners * QUARTERS * STAGES, 0, (uint8_t)i,
                                      &p[i].stage[STAGE_GROWTH]->ladder};
    }
    ok = ok && evaluate(&b, list, by_policy, e);
    *us = mono_us() - begin;
    *cpu = cpu_us() - cpu_begin;
    *lines = 0;
    for (unsigned i = 0; ok && i < POLICIES; *lines += by_policy[i++].n)
        memmove(found + *lines, by_policy[i].line, by_policy[i].n * sizeof *found);
    for (unsigned i = 0; i < POLICIES; i++) policy_free(&p[i]);
    return ok;
}

static bool best_of_ours(kv *db, rebate_found *found, size_t *lines, int64_t *us, int64_t *cpu, err *e) {
    *us = *cpu = INT64_MAX;
    for (int i = 0; i < RUNS; i++) {
        int64_t took, used;
        TRY(ours(db, found, lines, &took, &used, e));
        if (took < *us) *us = took;
        if (used < *cpu) *cpu = used;
    }
    return true;
}

static void print(unsigned partners, size_t lines, int64_t us, int64_t cpu, const rebate_peer *peer) {
    const double s = 1e6;
    (void)printf("{\"bench\":\"rebate\",\"partners\":%u,\"day_rows\":%" PRIu64 ",\"policies\":%d,\"lines\":%zu,"
                 "\"seconds\":%.3f,\"cpu_seconds\":%.3f,\"best_of\":%d",
                 partners, (uint64_t)partners * PRODUCTS * MONTHS * 2, POLICIES, lines, (double)us / s, (double)cpu / s,
                 RUNS);
    if (peer)
        (void)printf(",\"postgres_one_core_seconds\":%.3f,\"postgres_one_core_cpu_seconds\":%.3f,"
                     "\"postgres_parallel_seconds\":%.3f,\"lines_equal\":%zu,\"ratio_one_core\":%.2f,"
                     "\"ratio_cpu\":%.2f,\"ratio_parallel\":%.2f",
                     (double)peer->one_us / s, (double)peer->one_cpu_us / s, (double)peer->parallel_us / s, lines,
                     (double)peer->one_us / (double)us, (double)peer->one_cpu_us / (double)cpu,
                     (double)peer->parallel_us / (double)us);
    (void)printf("}\n");
}

bool bench_rebate(bench_options *o, err *e) {
    char data[PATH_SIZE];
    kv *db;
    int64_t us = 0, cpu = 0;
    size_t lines = 0;
    rebate_peer peer = {.runs = RUNS};
    err why;
    TRY(path_join(data, sizeof data, o->centre.dir, "data", e) && file_mkdirs(data, 0700, e));
    TRY(store_open(data, (uint64_t)MAP_GIB << 30, false, &db, e));
    rebate_found *found = calloc((size_t)o->agents * QUARTERS * STAGES * POLICIES, sizeof *found);
    ASSERT(found != NULL);
    bool ok = fill(db, o->agents, e) && best_of_ours(db, found, &lines, &us, &cpu, e);
    kv_close(db);
    bool beside = ok && o->peers && rebate_postgres(o->centre.dir, o->agents, &peer, &why);
    if (ok && o->peers && !beside) (void)fprintf(stderr, "%s\n", why.text);
    ok = ok && (!beside || rebate_same(o->centre.dir, found, lines, e));
    free(found);
    if (ok) print(o->agents, lines, us, cpu, beside ? &peer : NULL);
    return ok;
}
