/* books — a data folder in a temporary place for tests of ledger and journal: catalogue tables and files in, figures
 * out. Everything goes through the journal, as in the daemon. */
#ifndef TESTS_BOOKS_H
#define TESTS_BOOKS_H

#include "daemon/catalog/partner.h"
#include "daemon/catalog/product.h"
#include "daemon/journal/journal.h"
#include "daemon/ledger/flow.h"
#include "daemon/ledger/repost.h"
#include "daemon/ledger/uploads.h"
#include "formats/formats.h"
#include "proto/batch.h"
#include "proto/journal.pb-c.h"
#include "proto/wire.pb-c.h"
#include "tests/unit/temp_dir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

enum { BOOKS_MAP = 256 << 20, BOOKS_SENDERS = 8 };

typedef struct books {
    char dir[TEMP_DIR];
    kv *db;
    int64_t now_ms;
    struct {
        char name[32];
        uint64_t epoch, seq;
    } sender[BOOKS_SENDERS];
    size_t senders;
    /* how the next files are sent */
    bool again, create_unknown, as_person;
    replace_span replace;
    const char *mapping;
    arena a;
    uint64_t upload;               /* of the last push */
    str first_problem, first_hint; /* of the last push: wanted, hint */
    size_t problems_kept;
} books;

static inline void books_open(books *w) {
    err e = {0};
    *w = (books){.now_ms = 1782784800000}; /* 2026-06-30T10:00:00+08:00 */
    arena_init(&w->a, SIZE_MAX);
    assert_true(temp_dir_make(w->dir));
    if (!store_open(w->dir, BOOKS_MAP, false, &w->db, &e)) fail_msg("%s", e.text);
    txn *t = NULL;
    assert_true(txn_begin(w->db, TXN_WRITE, &t, &e));
    if (!journal_genesis(t, w->now_ms, &e)) fail_msg("%s", e.text);
    assert_true(txn_commit(&t, &e));
}

static inline void books_close(books *w) {
    kv_close(w->db);
    arena_free(&w->a);
    assert_int_equal(temp_dir_remove(w->dir), 0);
}

static inline txn *books_read(books *w) {
    txn *t = NULL;
    err e = {0};
    if (!txn_begin(w->db, TXN_READ, &t, &e)) fail_msg("%s", e.text);
    return t;
}

/* One entry in one transaction. False and *e: refused, nothing written. */
static inline bool books_entry(books *w, entry_kind kind, const char *who, const ProtobufCMessage *body,
                               apply_result *r, err *e) {
    txn *t = NULL;
    apply_result own = {.a = &w->a};
    if (r == NULL) r = &own;
    r->a = &w->a;
    w->now_ms += 1000;
    if (!txn_begin(w->db, TXN_WRITE, &t, e)) fail_msg("%s", e->text);
    if (!journal_append(t, &(command_entry){kind, w->now_ms, str_of(who), body}, r, NULL, e)) {
        txn_abort(&t);
        return false;
    }
    if (!txn_commit(&t, e)) fail_msg("%s", e->text);
    return true;
}

/* Rows of a catalogue table: lines of comma-separated cells in the table's column order, missing ones empty. */
static inline void books_catalog(books *w, const char *table, const char *lines) {
    catalog_table no;
    err e = {0};
    buf row[64] = {{0}};
    ProtobufCBinaryData bytes[64];
    size_t n = 0;
    str rest = str_of(lines), line, cell;
    assert_true(catalog_table_parse(str_of(table), &no));
    while (str_split(&rest, '\n', &line)) {
        size_t cells = 0;
        if (line.n == 0) continue;
        for (; str_split(&line, ',', &cell); cells++) buf_text(&row[n], cell);
        for (; cells < catalog_tables[no].column_count; cells++) buf_text(&row[n], STR(""));
        bytes[n] = (ProtobufCBinaryData){row[n].n, (uint8_t *)row[n].p};
        n++;
    }
    Entry__Catalog body = ENTRY__CATALOG__INIT;
    body.table = (char *)(uintptr_t)table;
    body.source = (char *)(uintptr_t) "test";
    body.row = bytes;
    body.n_row = n;
    if (!books_entry(w, KIND_CATALOG, "user:root", &body.base, NULL, &e)) fail_msg("%s: %s", table, e.text);
    for (size_t i = 0; i < n; i++) buf_free(&row[i]);
}

static inline void books_setting(books *w, const char *name, const char *value) {
    err e = {0};
    Entry__Setting body = ENTRY__SETTING__INIT;
    body.name = (char *)(uintptr_t)name;
    body.value = (char *)(uintptr_t)value;
    if (!books_entry(w, KIND_SETTING, "user:root", &body.base, NULL, &e)) fail_msg("%s", e.text);
}

/* Judge again what waits for words that were learnt, as the loop does. */
static inline size_t books_repost(books *w) {
    size_t entries = 0;
    for (;; entries++) {
        txn *t = NULL;
        err e = {0};
        Entry__Repost body;
        apply_result r = {.a = &w->a};
        w->now_ms += 1000;
        assert_true(txn_begin(w->db, TXN_WRITE, &t, &e));
        bool any = repost_pending(t, &w->a, &body);
        if (any &&
            !journal_append(t, &(command_entry){KIND_REPOST, w->now_ms, STR("system"), &body.base}, &r, NULL, &e))
            fail_msg("%s", e.text);
        if (!txn_commit(&t, &e)) fail_msg("%s", e.text);
        if (!any) return entries;
        assert_true(entries < 1000);
    }
}

typedef struct books_push {
    books *w;
    const char *agent, *partner;
    apply_result sum;
    bool refused;
    err why;
} books_push;

static inline bool books_batch(void *arg, uint64_t seq, str frame, size_t docs, size_t lines, err *e) {
    books_push *p = arg;
    (void)seq;
    (void)docs;
    (void)lines;
    (void)e;
    uint8_t digest[DIGEST_SIZE];
    char as[64];
    apply_result r = {0};
    digest_of(frame, digest);
    Entry__Upload body = ENTRY__UPLOAD__INIT;
    body.partner = (char *)(uintptr_t)p->partner;
    body.agent = (char *)(uintptr_t)(p->w->as_person ? "" : p->agent);
    body.digest = (ProtobufCBinaryData){DIGEST_SIZE, digest};
    body.frame = (ProtobufCBinaryData){frame.n, (uint8_t *)(uintptr_t)frame.p};
    body.create_unknown = p->w->create_unknown;
    (void)snprintf(as, sizeof as, "%s:%s", p->w->as_person ? "user" : "agent", p->agent);
    if (!books_entry(p->w, KIND_DOCUMENT, as, &body.base, &r, &p->why)) return !(p->refused = true);
    assert_int_equal(r.lines, r.committed + r.duplicate + r.quarantined + r.refused);
    if (r.problems_kept && p->w->first_problem.p == NULL) {
        p->w->first_problem = str_of(r.problems[0]->wanted);
        p->w->first_hint = str_of(r.problems[0]->hint);
    }
    p->w->problems_kept += r.problems_kept;
    p->w->upload = r.number;
    p->sum.documents += r.documents;
    p->sum.lines += r.lines;
    p->sum.committed += r.committed;
    p->sum.duplicate += r.duplicate;
    p->sum.quarantined += r.quarantined;
    p->sum.refused += r.refused;
    p->sum.superseded += r.superseded;
    p->sum.problem_count += r.problem_count;
    p->sum.reversed_documents += r.reversed_documents;
    p->sum.reversed_lines += r.reversed_lines;
    return true;
}

static inline size_t books_sender(books *w, const char *name) {
    size_t i = 0;
    while (i < w->senders && strcmp(w->sender[i].name, name) != 0) i++;
    assert_true(i < BOOKS_SENDERS);
    if (i == w->senders) {
        (void)snprintf(w->sender[i].name, sizeof w->sender[i].name, "%s", name);
        w->sender[i].epoch = 1000 + i;
        w->senders++;
    }
    return i;
}

/* A file of a partner through its agent (named like it); what became of all its batches. */
static inline apply_result books_push_bytes(books *w, const char *partner_id, const char *file, str bytes) {
    err e = {0};
    AUTO(docset) s = {0};
    mapping m;
    size_t who = books_sender(w, partner_id);
    books_push p = {.w = w, .agent = partner_id, .partner = partner_id};
    docset_init(&s);
    if (w->mapping && !mapping_parse(str_of(w->mapping), STR("test"), &m, &e)) fail_msg("%s", e.text);
    source in = {.name = file, .bytes = bytes};
    if (!formats_read(&in, w->mapping ? &m : NULL, &s, &e)) fail_msg("%s", e.text);
    if (w->mapping) mapping_free(&m);
    w->first_problem = w->first_hint = STR_NONE;
    w->problems_kept = 0;
    batch_cut how = {
        .epoch = w->sender[who].epoch, .first_seq = w->sender[who].seq + 1, .again = w->again, .replace = w->replace};
    bool ok = batch_cut_docset(&s, &how, books_batch, &p, &e);
    if (p.refused) fail_msg("%s", p.why.text);
    if (!ok) fail_msg("%s", e.text);
    upload_state state;
    txn *t = books_read(w);
    char as[64];
    (void)snprintf(as, sizeof as, "user:%s", partner_id);
    assert_true(upload_state_get(t, str_of(w->as_person ? as : partner_id), &state));
    w->sender[who].seq = state.last_seq;
    txn_abort(&t);
    return p.sum;
}

static inline apply_result books_push_csv(books *w, const char *partner_id, const char *csv) {
    return books_push_bytes(w, partner_id, "test.csv", str_of(csv));
}

/* "D1 P1 2026-06-01 sell_out 20 40.00 CNY\n" for every row of flow_day, in key order. Into w->a. */
static inline const char *books_flows(books *w) {
    AUTO(buf) b = {0};
    txn *t = books_read(w);
    for (kv_cursor c = kv_from(t, TABLE_FLOW_DAY, STR(""), STR_NONE); kv_next(&c);) {
        flow_day_key k = flow_day_parse(c.key);
        for (size_t i = 0; i < flow_sum_count(c.val); i++) {
            flow_sum s = flow_sum_at(c.val, i);
            char code[4];
            str currency = currency_text(s.currency, code);
            buf_add(&b, partner_id(t, k.partner));
            buf_byte(&b, ' ');
            buf_add(&b, k.product ? product_sku(t, k.product) : STR("-"));
            buf_byte(&b, ' ');
            day_put(&b, k.day);
            buf_printf(&b, " %s ", flow_kind_name(k.kind));
            dec_put(&b, s.quantity, QUANTITY_SCALE, 0);
            buf_byte(&b, ' ');
            if (s.unpriced == s.lines) buf_byte(&b, '-');
            else
                dec_put(&b, s.amount, currency_scale(currency), currency_scale(currency));
            buf_printf(&b, " %.*s\n", STR_ARG(currency));
        }
    }
    txn_abort(&t);
    return arena_str(&w->a, buf_str(&b)).p;
}

/* The small catalogue that most tests share. */
static inline void books_partners(books *w) {
    books_catalog(w, "partner",
                  "M,factory,manufacturer,,,\nD1,one,distributor,A,M,\nD2,two,distributor,A,M,\n"
                  "S1,sub,sub_distributor,B,D1,\nT1,shop,terminal,,D1,\n");
}
static inline void books_products(books *w) {
    books_catalog(w, "product",
                  "P1,6901234567892,water,,,瓶,箱=24;盒=6,2.00,1.50,13%\n"
                  "P2,6901234567908,juice,,,瓶,箱=12,8.00,6.00,13%\nP3,,tea,,,瓶,箱=15,4.00,3.00,9%\n");
}
static inline void books_aliases(books *w) {
    books_catalog(w, "alias", "D1,product,QQ-550,P1,,,,\n*,unit,件,箱,,,,\nD1,customer,老王,S1,,,,\n");
}
static inline void books_fill(books *w) {
    books_partners(w);
    books_products(w);
    books_aliases(w);
}

#endif
