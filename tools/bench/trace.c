/* trace — codes in cartons: bytes a code on disk, how long `code trace` takes, and how many coded lines a core judges (known?
 * sold by its holder? into its territory?), beside PostgreSQL doing the same look-up and judgement in the same run.
 *
 * Codes and moves go through the appliers of the daemon's entries, journal apart. The lines come as texts, in no order. The
 * judgement is the look-up that `signal run` and `code trace` use, and the rule of the engine; both sides' counts must agree. */
#include "tools/bench/trace.h"
#include "base/clock.h"
#include "daemon/catalog/columns.h"
#include "daemon/catalog/rows.h"
#include "daemon/command/call.h"
#include "daemon/ledger/coded.h"
#include "daemon/ledger/document.h"
#include "daemon/trace/custody.h"
#include "daemon/trace/world.h"
#include "tools/bench/bench.h"
#include "tools/bench/measure.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { MAP_GIB = 64, CARTONS_AN_ENTRY = 200, CARTONS_A_COMMIT = 20000, TRACED = 10000, CARTONS_A_DOCUMENT = 40 };

static uint32_t partner_no(unsigned p) {
    return p + 1; /* numbers count from 1 in the order of import */
}

static trace_region province(unsigned n) {
    static const int codes[TRACE_PROVINCES] = {11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41,
                                               42, 43, 44, 45, 46, 50, 51, 52, 53, 54, 61, 62, 63, 64, 65};
    return codes[n] * 10000;
}

static void put_catalogue(txn *t) {
    char name[32], gtin[32];
    for (unsigned p = 0; p < TRACE_PARTNERS + TRACE_SUBS; p++) {
        str cell[CATALOG_COLUMNS_MAX] = {[PARTNER_KIND] = STR("distributor")};
        (void)snprintf(name, sizeof name, "D%04u", p);
        cell[PARTNER_ID] = str_of(name);
        (void)catalog_put(t, CATALOG_PARTNER, cell, 0, 1, DAY_MIN);
    }
    for (unsigned k = 0; k < TRACE_PRODUCTS; k++) {
        str cell[CATALOG_COLUMNS_MAX] = {[PRODUCT_BASE_UNIT] = STR("EA")};
        (void)snprintf(name, sizeof name, "P%02u", k);
        (void)snprintf(gtin, sizeof gtin, "%014" PRIu64, trace_gtin(k));
        cell[PRODUCT_SKU] = str_of(name), cell[PRODUCT_GTIN] = str_of(gtin);
        (void)catalog_put(t, CATALOG_PRODUCT, cell, 0, 1, DAY_MIN);
    }
}

static code_key key_of(const char *text) {
    code_read c;
    err e;
    ASSERT(code_parse(str_of(text), &c, &e));
    return c.key;
}

static code_key carton_key(uint64_t no) {
    char text[32];
    (void)snprintf(text, sizeof text, "(00)%017" PRIu64, UINT64_C(10690123400000000) + no);
    text[21] = gs1_check_digit(str_from(text + 4, 17));
    text[22] = '\0';
    return key_of(text);
}

/* An entry as `code import` makes them. */
static bool put_codes(txn *t, uint64_t first, uint64_t n, arena *a, err *e) {
    AUTO(buf) codes = {0};
    AUTO(buf) cartons = {0};
    Entry__Codes m = ENTRY__CODES__INIT;
    char *texts[] = {(char *)(uintptr_t) ""};
    size_t rows = n * TRACE_UNITS;
    uint32_t *none = ARENA_NEW(a, uint32_t, rows), *parent = ARENA_NEW(a, uint32_t, rows);
    uint64_t *to = ARENA_NEW(a, uint64_t, rows);
    apply_result r = {.a = a};
    for (uint64_t i = 0; i < n; i++) {
        code_key in = carton_key(first + i);
        buf_text(&cartons, code_str(&in));
        for (unsigned u = 0; u < TRACE_UNITS; u++) {
            char text[48];
            trace_code_text((unsigned)((first + i) % TRACE_PRODUCTS), trace_serial((first + i) * TRACE_UNITS + u),
                            text);
            code_key k = key_of(text);
            buf_text(&codes, code_str(&k));
            parent[i * TRACE_UNITS + u] = (uint32_t)i + 1;
        }
    }
    m.text = texts, m.n_text = 1;
    m.code = (ProtobufCBinaryData){codes.n, (uint8_t *)codes.p};
    m.container = (ProtobufCBinaryData){cartons.n, (uint8_t *)cartons.p};
    m.to = to, m.parent = parent, m.sku = none, m.batch = none;
    m.n_to = m.n_parent = m.n_sku = m.n_batch = rows;
    return trace_codes(t, &(entry){.seq = 1 + first, .time_ms = 1}, &m, &r, e);
}

static void add_row(coded_document *d, coded *all, uint64_t carton, const posted *p) {
    AUTO(buf) text = {0};
    code_key k = carton_key(carton);
    code_text(&k, &text);
    d->row = arena_grown(&all->a, d->row, d->rows, &d->cap, sizeof *d->row);
    d->row[d->rows++] = (coded_row){.row = *p, .codes = arena_str(&all->a, buf_str(&text)), .lot = STR("")};
}

/* Shipments of so many cartons a document, and what was handed on, as ledger tells them. */
static bool put_moves(txn *t, const trace_shape *s, uint64_t first, uint64_t n, arena *a, err *e) {
    apply_result r = {.a = a};
    coded *all = coded_of(&r);
    all->document = ARENA_NEW(&all->a, coded_document, 2);
    for (uint64_t i = first; i < first + n; i++) {
        trace_carton c = trace_carton_at(s, i);
        posted p = {.partner = partner_no(c.partner), .product = c.product + 1, .day = c.shipped, .kind = FLOW_SELL_IN};
        p.quantity = TRACE_UNITS * 1000, p.line = (uint32_t)(i - first);
        add_row(&all->document[0], all, i, &p);
        p.kind = FLOW_ONWARD, p.day = c.handed, p.counterparty = partner_no(c.sub);
        if (c.sub) add_row(&all->document[1], all, i, &p);
    }
    for (unsigned k = 0; k < 2; k++) {
        AUTO(buf) record = {0};
        key at = {.n = 0};
        char number[32];
        uint64_t no = first / CARTONS_A_DOCUMENT * 2 + k + 1;
        (void)snprintf(number, sizeof number, "S%" PRIu64, no);
        document d = {.no = no, .partner = 1, .type = k ? TYPE_SALE : TYPE_SHIPMENT, .number = str_of(number)};
        d.stream = d.place = STR("");
        d.identity[0] = (uint8_t)no;
        document_encode(&d, &record);
        key_u64(&at, no);
        kv_put(t, TABLE_DOCUMENT_NO, key_str(&at), buf_str(&record));
        all->document[k].no = no;
    }
    all->documents = 2;
    bool ok = trace_coded(t, NULL, &r, e);
    coded_free(&r);
    return ok;
}

static bool fill(kv *db, const trace_shape *s, double *codes_per_s, double *bytes_a_code, err *e) {
    AUTO(arena) a = {0};
    kv_stats before, after;
    int64_t us = 0;
    txn *t = NULL;
    arena_init(&a, SIZE_MAX);
    TRY(txn_begin(db, TXN_WRITE, &t, e));
    put_catalogue(t);
    TRY(txn_commit(&t, e) && kv_stat(db, &before, e));
    for (uint64_t from = 0; from < s->cartons; from += CARTONS_A_COMMIT) {
        int64_t begin = mono_us();
        uint64_t end = from + CARTONS_A_COMMIT < s->cartons ? from + CARTONS_A_COMMIT : s->cartons;
        TRY(txn_begin(db, TXN_WRITE, &t, e));
        for (uint64_t i = from; i < end; i += CARTONS_AN_ENTRY) {
            TRY(put_codes(t, i, end - i < CARTONS_AN_ENTRY ? end - i : CARTONS_AN_ENTRY, &a, e));
            arena_reset(&a);
        }
        TRY(txn_commit(&t, e));
        us += mono_us() - begin;
        (void)fprintf(stderr, "\rcodes: %" PRIu64 " of %" PRIu64 " cartons", end, s->cartons);
    }
    TRY(kv_stat(db, &after, e));
    *bytes_a_code = (double)(after.used_bytes - before.used_bytes) / (double)(s->cartons * TRACE_UNITS);
    *codes_per_s = (double)(s->cartons * TRACE_UNITS) * 1e6 / (double)us;
    for (uint64_t from = 0; from < s->cartons; from += CARTONS_A_COMMIT) {
        uint64_t end = from + CARTONS_A_COMMIT < s->cartons ? from + CARTONS_A_COMMIT : s->cartons;
        TRY(txn_begin(db, TXN_WRITE, &t, e));
        for (uint64_t i = from; i < end; i += CARTONS_A_DOCUMENT) {
            TRY(put_moves(t, s, i, end - i < CARTONS_A_DOCUMENT ? end - i : CARTONS_A_DOCUMENT, &a, e));
            arena_reset(&a);
        }
        TRY(txn_commit(&t, e));
        (void)fprintf(stderr, "\rmoves: %" PRIu64 " of %" PRIu64 " cartons", end, s->cartons);
    }
    (void)fputs("\n", stderr);
    return true;
}

/* ---- code trace */

static bool trace_one(const call_world *w, const char *code, int64_t *us, err *e) {
    str asked[] = {STR("code"), STR("trace"), str_of(code)};
    call_request r = {
        .who = {.local_user = true, .local_name = STR("bench")}, .words = asked, .word_count = ARRAY_LEN(asked)};
    AUTO(call_out) out = {0};
    bool unknown = false;
    call_out_init(&out);
    int64_t begin = mono_us();
    TRY(call_run(w, &r, &out, &unknown, e));
    *us = mono_us() - begin;
    return out.row_count >= 2 ||
           err_set(e, ERR_INTERNAL, "%s: packed and shipped, but its trace has %" PRIu64 " rows", code, out.row_count);
}

static bool trace_many(kv *db, const trace_shape *s, int64_t *p50, int64_t *p99, err *e) {
    int64_t *us = calloc(TRACED, sizeof *us);
    call_world w = {.db = db, .data_dir = "", .now_ms = (int64_t)day_of(2027, 6, 1) * 86400000};
    bool ok = us != NULL;
    for (unsigned i = 0; ok && i < TRACED; i++) {
        char code[48];
        uint64_t unit = (uint64_t)i * UINT64_C(2654435761) % (s->cartons * TRACE_UNITS);
        trace_code_text((unsigned)(unit / TRACE_UNITS % TRACE_PRODUCTS), trace_serial(unit), code);
        ok = trace_one(&w, code, &us[i], e);
    }
    *p50 = ok ? percentile(us, TRACED, 50) : 0;
    *p99 = ok ? percentile(us, TRACED, 99) : 0;
    free(us);
    return ok;
}

/* ---- judging */

typedef struct coded_line {
    char code[48];
    uint32_t partner;
    trace_region region;
    day_t day;
} coded_line;

static trace_world make_world(arena *a) {
    trace_world w = {
        .partners = TRACE_PARTNERS + TRACE_SUBS + 1, .products = TRACE_PRODUCTS + 1, .territories = TRACE_PARTNERS};
    trace_partner *p = ARENA_NEW(a, trace_partner, w.partners);
    trace_product *k = ARENA_NEW(a, trace_product, w.products);
    trace_territory *t = ARENA_NEW(a, trace_territory, w.territories);
    for (unsigned i = 0; i < w.partners; i++) p[i].parent = i > TRACE_PARTNERS ? i - TRACE_PARTNERS : TRACE_NONE;
    for (unsigned i = 0; i < TRACE_PARTNERS; i++)
        t[i] = (trace_territory){partner_no(i), province(i % TRACE_PROVINCES), STR(""), STR(""), DAY_MIN, DAY_MAX};
    for (unsigned i = 0; i < w.products; i++) k[i].sku = STR("P");
    w.partner = p, w.product = k, w.territory = t;
    return w;
}

static int judge_line(txn *t, const trace_world *w, const coded_line *l, arena *scratch) {
    code_read c;
    custody x;
    err e;
    ASSERT(code_parse(str_of(l->code), &c, &e));
    custody_at(t, &c.key, (int64_t)l->day * TRACE_DAY_MS, 0, scratch, &x);
    arena_reset(scratch);
    if (!x.row.body.known) return VERDICT_UNKNOWN;
    if (x.holder != l->partner) return VERDICT_OTHER;
    return trace_may_sell(w, l->partner, x.product, l->region, STR(""), l->day) ? VERDICT_FINE : VERDICT_OUTSIDE;
}

static int64_t cpu_us(void) {
    struct timespec t;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static bool judge(kv *db, const trace_shape *s, uint64_t verdict[static VERDICTS], double *per_s, double *per_core,
                  err *e) {
    AUTO(txn) *t = NULL;
    AUTO(arena) a = {0};
    AUTO(arena) scratch = {0};
    int64_t best = INT64_MAX, best_cpu = INT64_MAX;
    arena_init(&a, SIZE_MAX);
    arena_init(&scratch, SIZE_MAX);
    trace_world w = make_world(&a);
    coded_line *line = ARENA_NEW(&a, coded_line, s->lines);
    for (uint64_t i = 0; i < s->lines; i++) {
        trace_sold l = trace_sold_at(s, i);
        trace_code_text(l.product, l.serial, line[i].code);
        line[i].partner = partner_no(l.partner), line[i].region = province(l.province), line[i].day = l.day;
    }
    TRY(txn_begin(db, TXN_READ, &t, e));
    for (int run = 0; run < 4; run++) { /* the first warms */
        for (int v = 0; v < VERDICTS; v++) verdict[v] = 0;
        int64_t begin = mono_us(), cpu = cpu_us();
        for (uint64_t i = 0; i < s->lines; i++) verdict[judge_line(t, &w, &line[i], &scratch)]++;
        cpu = cpu_us() - cpu;
        int64_t took = mono_us() - begin;
        if (run && took < best) best = took;
        if (run && cpu < best_cpu) best_cpu = cpu;
    }
    *per_s = (double)s->lines * 1e6 / (double)best;
    *per_core = (double)s->lines * 1e6 / (double)best_cpu;
    return txn_ok(t, e);
}

bool bench_trace(bench_options *o, err *e) {
    char data[PATH_SIZE];
    kv *db;
    trace_shape s = {o->seed, (uint64_t)(50000 * o->scale), o->lines};
    uint64_t verdict[VERDICTS], theirs[VERDICTS] = {0};
    double codes_per_s = 0, bytes = 0, per_s = 0, per_core = 0, peer_per_s = 0, peer_bytes = 0;
    int64_t p50 = 0, p99 = 0;
    err why;
    TRY(path_join(data, sizeof data, o->centre.dir, "data", e) && file_mkdirs(data, 0700, e));
    TRY(store_open(data, (uint64_t)MAP_GIB << 30, false, &db, e));
    bool ok = fill(db, &s, &codes_per_s, &bytes, e) && trace_many(db, &s, &p50, &p99, e) &&
              judge(db, &s, verdict, &per_s, &per_core, e);
    kv_close(db);
    if (!ok) return false;
    bool peer = o->peers && trace_postgres(&s, o->centre.dir, theirs, &peer_per_s, &peer_bytes, &why);
    if (o->peers && !peer) (void)fprintf(stderr, "%s\n", why.text);
    for (int v = 0; peer && v < VERDICTS; v++)
        if (verdict[v] != theirs[v])
            return err_set(e, ERR_INTERNAL, "verdict %d: %" PRIu64 " lines here, %" PRIu64 " in SQL", v, verdict[v],
                           theirs[v]);
    (void)printf("{\"bench\":\"trace\",\"codes\":%" PRIu64 ",\"cartons\":%" PRIu64
                 ",\"codes_imported_per_s\":%.0f,\"bytes_per_code\":%.1f,\"trace_p50_us\":%" PRId64
                 ",\"trace_p99_us\":%" PRId64 ",\"lines\":%" PRIu64 ",\"fine\":%" PRIu64 ",\"unknown\":%" PRIu64
                 ",\"other_seller\":%" PRIu64 ",\"outside\":%" PRIu64
                 ",\"lines_per_s\":%.0f,\"lines_per_core_s\":%.0f,\"best_of\":3",
                 s.cartons * TRACE_UNITS, s.cartons, codes_per_s, bytes, p50, p99, s.lines, verdict[VERDICT_FINE],
                 verdict[VERDICT_UNKNOWN], verdict[VERDICT_OTHER], verdict[VERDICT_OUTSIDE], per_s, per_core);
    if (peer)
        (void)printf(",\"postgres_lines_per_s\":%.0f,\"postgres_bytes_per_code\":%.1f,\"ratio\":%.2f", peer_per_s,
                     peer_bytes, per_s / peer_per_s);
    (void)printf("}\n");
    return true;
}
