/* case export: everything a case rests on in one file of numbered rows, each with the hash of the journal entry that told it, the
 * hash of the file it came in, and a chain over all rows before it. Who reported stays out of it. */
#include "daemon/catalog/partner.h"
#include "daemon/catalog/product.h"
#include "daemon/catalog/region.h"
#include "daemon/command/cases.h"
#include "daemon/command/cells.h"
#include "daemon/ledger/contents.h"
#include "daemon/ledger/document.h"
#include "daemon/ledger/wallet.h"
#include "daemon/store/store.h"
#include "daemon/trace/case_row.h"
#include "daemon/trace/claims.h"
#include "daemon/trace/inspections.h"
#include "daemon/trace/papers.h"
#include "proto/limits.h"

#include <inttypes.h>
#include <stdlib.h>

typedef struct exporting {
    call *c;
    const case_head *h;
    uint64_t rows;
    uint8_t chain[DIGEST_SIZE];
} exporting;

typedef struct evidence_row {
    const char *kind;
    int64_t time_ms; /* 0 none */
    str by, text, file, content;
    uint64_t entry;             /* journal entry, 0 none */
    const uint8_t *file_hash;   /* 32 bytes, NULL none */
    const char *file_hash_kind; /* sha256 of what a partner sent, blake2b of what is kept here */
} evidence_row;

static void put_hex(json *j, const char *name, const uint8_t *p) {
    AUTO(buf) b = {0};
    if (p) hex_put(&b, p, DIGEST_SIZE);
    cell_text(j, name, buf_str(&b));
}

/* The chain: hash of what came before and of this row's text. */
static void put_row(exporting *x, const evidence_row *r) {
    AUTO(buf) said = {0};
    entry en;
    bool told = r->entry && journal_get(x->c->t, r->entry, &en);
    json *j = answer_row(x->c);
    size_t from = j->out->n;
    json_key(j, "no"), json_uint(j, ++x->rows);
    cell_text(j, "kind", str_of(r->kind));
    if (r->time_ms) cell_time(j, "time", r->time_ms, x->c->zone_min);
    else
        cell_text(j, "time", STR_NONE);
    cell_text(j, "by", r->by);
    cell_text(j, "text", r->text);
    cell_id(j, "entry", r->entry);
    put_hex(j, "entry_hash", told ? en.hash : NULL);
    cell_text(j, "file", r->file);
    put_hex(j, "file_hash", r->file_hash);
    cell_text(j, "file_hash_kind", r->file_hash ? str_of(r->file_hash_kind) : STR_NONE);
    cell_text(j, "content", r->content);
    buf_add(&said, str_from(x->chain, DIGEST_SIZE));
    buf_add(&said, str_skip(buf_str(j->out), from));
    digest_of(buf_str(&said), x->chain);
    put_hex(j, "chain", x->chain);
    answer_row_end(x->c);
}

static str text_printf(call *c, buf *b) {
    str s = arena_str(c->a, buf_str(b));
    buf_clear(b);
    return s;
}

/* ---- the documents that evidence names: "sell_out S-104 row 7 of 2026-05-03" */

static bool number_in(str evidence, str *out) {
    size_t first = str_find(evidence, STR(" ")), row = str_find(evidence, STR(" row "));
    if (first == SIZE_MAX || row == SIZE_MAX || row <= first) return false;
    *out = str_from(evidence.p + first + 1, row - first - 1);
    return out->n > 0;
}

static void put_document(exporting *x, uint64_t no, str evidence) {
    AUTO(arena) a = {0};
    document d;
    batch b;
    err e;
    arena_init(&a, SIZE_MAX);
    if (!document_get(x->c->t, no, &a, &d) || d.posted == 0) return;
    const content *c = &d.content[d.posted - 1];
    const Entry__Upload *body = c->refs ? contents_upload(x->c->t, c->ref[0].entry, &a, &e) : NULL;
    if (body == NULL || !batch_decode(str_from(body->frame.data, body->frame.len), &a, &b, &e)) return;
    put_row(x, &(evidence_row){.kind = "document",
                               .text = evidence,
                               .entry = c->ref[0].entry,
                               .file = b.file_name,
                               .file_hash = b.sha256,
                               .file_hash_kind = "sha256"});
}

static void put_documents(exporting *x, str evidence) {
    str number;
    key k = {.n = 0};
    if (!number_in(evidence, &number)) return;
    key_u32(&k, x->h->partner);
    key_textz(&k, str_take(number, 32));
    uint64_t found[LIMIT_DOCUMENT_CONTENTS];
    size_t n = 0;
    for (AUTO(kv_cursor) c = kv_from(x->c->t, TABLE_DOCUMENT, key_str(&k), STR_NONE);
         n < ARRAY_LEN(found) && kv_next(&c);)
        if (c.val.n == 8) found[n++] = get_be64(c.val.p);
    for (size_t i = 0; i < n; i++) put_document(x, found[i], evidence);
}

static void put_signals(exporting *x) {
    call *c = x->c;
    case_signal *s;
    size_t n = case_signals(c->t, x->h->id, c->a, &s);
    for (size_t i = 0; i < n; i++) {
        AUTO(buf) b = {0};
        str rest = s[i].evidence, one;
        buf_printf(&b, "%.*s: %.*s", STR_ARG(s[i].kind), STR_ARG(evidence_line(s[i].evidence, c->a)));
        put_row(x, &(evidence_row){
                       .kind = "signal", .time_ms = s[i].time, .text = text_printf(c, &b), .entry = s[i].entry});
        while (str_split(&rest, '\n', &one)) put_documents(x, one);
    }
}

/* ---- files */

static void put_papers(exporting *x, const uint8_t *digest, size_t n, bool content_too) {
    call *c = x->c;
    for (size_t i = 0; i < n; i++) {
        paper p;
        err e;
        const uint8_t *d = digest + i * DIGEST_SIZE;
        evidence_row r = {.kind = "file", .file_hash = d, .file_hash_kind = "blake2b"};
        if (!paper_get(c->t, d, &p)) continue;
        r.time_ms = p.time_ms;
        r.entry = p.entry;
        r.file = arena_str(c->a, p.name);
        if (content_too) r.content = paper_base64(c, p.entry, &e);
        put_row(x, &r);
    }
}

/* ---- claims, inspections, steps */

static void put_claims(exporting *x, bool content_too) {
    for (AUTO(kv_cursor) w = kv_from(x->c->t, TABLE_CLAIM, STR(""), STR_NONE); kv_next(&w);) {
        claim k;
        AUTO(buf) b = {0};
        if (w.key.n != 8 || !claim_decode(get_be64(w.key.p), w.val, &k) || !str_eq(k.of, x->h->id)) continue;
        buf_printf(&b, "claim %" PRIu64 ": %.*s, %.*s", k.number, STR_ARG(region_code(x->c->t, k.region)),
                   STR_ARG(k.place));
        if (k.codes.n) buf_printf(&b, "; codes %.*s", STR_ARG(evidence_line(k.codes, x->c->a)));
        if (k.text.n) buf_printf(&b, "; %.*s", STR_ARG(k.text));
        put_row(
            x, &(evidence_row){.kind = "claim", .time_ms = k.time_ms, .text = text_printf(x->c, &b), .entry = k.entry});
        put_papers(x, k.paper, k.papers, content_too);
    }
}

static void put_inspections(exporting *x, bool content_too) {
    for (AUTO(kv_cursor) w = kv_from(x->c->t, TABLE_INSPECTION, STR(""), STR_NONE); kv_next(&w);) {
        inspection k;
        AUTO(buf) b = {0};
        if (w.key.n != 8 || !inspection_decode(get_be64(w.key.p), w.val, &k) || !str_eq(k.case_id, x->h->id)) continue;
        buf_printf(&b, "inspection %" PRIu64 ": %s, %.*s", k.number, inspection_state_name(k.state), STR_ARG(k.place));
        if (k.codes.n) buf_printf(&b, "; codes %.*s", STR_ARG(evidence_line(k.codes, x->c->a)));
        if (k.result.n) buf_printf(&b, "; %.*s", STR_ARG(k.result));
        put_row(x, &(evidence_row){.kind = "inspection",
                                   .time_ms = k.done ? k.done_ms : k.time_ms,
                                   .by = k.person,
                                   .text = text_printf(x->c, &b),
                                   .entry = k.done ? k.done : k.entry});
        put_papers(x, k.paper, k.papers, content_too);
    }
}

static void put_moves(exporting *x, const case_step_record *s) {
    call *c = x->c;
    for (size_t i = 0; i < s->moves; i++) {
        const case_move *m = &s->move[i];
        AUTO(buf) b = {0};
        char code[4];
        if (m->partner != x->h->partner) continue; /* who was harmed */
        str currency = currency_text(m->currency, code);
        buf_printf(&b, "%.*s %s %s ", STR_ARG(partner_id(c->t, m->partner)),
                   wallet_account_name((wallet_account)m->account), wallet_cause_name((wallet_cause)m->cause));
        dec_put(&b, m->amount, currency_scale(currency), currency_scale(currency));
        buf_printf(&b, " %.*s", STR_ARG(currency));
        put_row(x,
                &(evidence_row){.kind = "money", .time_ms = s->time_ms, .text = text_printf(c, &b), .entry = s->entry});
    }
}

static void put_steps(exporting *x, bool content_too) {
    call *c = x->c;
    case_step_record *s;
    size_t n = case_steps(c->t, x->h->id, c->a, &s);
    for (size_t i = 0; i < n; i++) {
        AUTO(buf) b = {0};
        buf_printf(&b, "%s → %s", case_act_name(s[i].act), case_state_name(s[i].to));
        if (s[i].text.n) buf_printf(&b, ": %.*s", STR_ARG(s[i].text));
        if (s[i].told.n) buf_printf(&b, "; %.*s", STR_ARG(s[i].told));
        put_row(x, &(evidence_row){.kind = "step",
                                   .time_ms = s[i].time_ms,
                                   .by = s[i].by,
                                   .text = text_printf(c, &b),
                                   .entry = s[i].entry});
        put_papers(x, s[i].paper, s[i].papers, content_too);
        put_moves(x, &s[i]);
    }
}

/* Which file this is: the case and the journal entry as of which it was made. */
static void put_head(exporting *x) {
    AUTO(buf) b = {0};
    uint64_t seq;
    int64_t time_ms;
    uint8_t hash[DIGEST_SIZE];
    const case_head *h = x->h;
    journal_head(x->c->t, &seq, &time_ms, hash);
    buf_printf(&b, "evidence file %.*s/%" PRIu64 ": %.*s to %.*s, %s, ", STR_ARG(h->id), seq,
               STR_ARG(partner_id(x->c->t, h->partner)), STR_ARG(region_code(x->c->t, h->destination)),
               case_state_name(h->state));
    dec_put(&b, h->quantity, QUANTITY_SCALE, 0);
    buf_addz(&b, " units");
    put_row(x, &(evidence_row){.kind = "case", .time_ms = h->opened_ms, .text = text_printf(x->c, &b), .entry = seq});
}

bool cmd_case_export(call *c, err *e) {
    static const char *const columns[] = {"no",        "kind",           "time",       "by",
                                          "text",      "entry",          "entry_hash", "file",
                                          "file_hash", "file_hash_kind", "content",    "chain"};
    case_head h;
    bool content_too = call_flag(c, "with-files");
    TRY(case_of_call(c, call_arg(c, 0), &h, e));
    exporting x = {.c = c, .h = &h};
    answer_list(c, columns, ARRAY_LEN(columns));
    put_head(&x);
    put_signals(&x);
    put_claims(&x, content_too);
    put_inspections(&x, content_too);
    put_steps(&x, content_too);
    return txn_ok(c->t, e);
}
