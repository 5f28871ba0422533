#include "daemon/ledger/ledger.h"

#include "daemon/ledger/plan.h"
#include "daemon/ledger/records.h"
#include "daemon/store/store.h"
#include "proto/frame.h"
#include "proto/wire.pb-c.h"
#include <inttypes.h>

/* Agents are known by id, people by their actor. */
static str sender(const entry *en, const Entry__Upload *body) {
    return body->agent[0] ? str_of(body->agent) : en->actor;
}

/* One after the other; a new spool begins at 1. A spool that was given up does not come back. */
static bool next_in_order(txn *t, str who, const upload_state *s, uint64_t epoch, uint64_t seq, err *e) {
    uint64_t wanted = s->epoch == epoch ? s->last_seq + 1 : 1;
    str receipt;
    if (seq != wanted) return err_set(e, ERR_CONFLICT, "batch %" PRIu64 " came where %" PRIu64 " is next", seq, wanted);
    if (s->epoch == epoch || !upload_receipt(t, who, epoch, seq, &receipt, NULL)) return true;
    return err_set(e, ERR_CONFLICT, "batch %" PRIu64 " of a spool that was replaced", seq);
}

/* A batch goes on with the file of the batch before, or begins a new one. */
static bool open_upload(plan *p, const Entry__Upload *body, const upload_state *s, err *e) {
    const batch *b = &p->now.b;
    upload *u = &p->up;
    partner reporter = {0};
    if (body->partner[0] && !partner_by_id(p->t, str_of(body->partner), &reporter))
        return err_set(e, ERR_NOT_FOUND, "unknown partner '%s'", body->partner);
    bool goes_on = s->epoch == b->epoch && s->upload && upload_get(p->t, s->upload, u) &&
                   memcmp(u->sha256, b->sha256, sizeof u->sha256) == 0 && u->batch < b->file_batch && !u->withdrawn;
    TRY(txn_ok(p->t, e));
    if (!goes_on) {
        *u = (upload){.no = p->en->seq,
                      .partner = reporter.no,
                      .agent = str_of(body->agent),
                      .actor = p->en->actor,
                      .time_ms = p->en->time_ms,
                      .batches = b->file_batches};
        memcpy(u->sha256, b->sha256, sizeof u->sha256);
    }
    /* texts of a stored record would not outlive the first put */
    u->agent = arena_str(p->a, u->agent);
    u->actor = arena_str(p->a, u->actor);
    u->file = b->file_name;
    u->dialect = b->dialect;
    u->reason = STR("");
    u->batch = b->file_batch;
    u->last = p->en->seq;
    return true;
}

static void count_upload(upload *u, const apply_result *r) {
    u->documents += r->documents;
    u->lines += r->lines;
    u->committed += r->committed;
    u->duplicate += r->duplicate;
    u->quarantined += r->quarantined;
    u->refused += r->refused;
    u->superseded += r->superseded;
}

static void waits_pack(const apply_result *r, buf *out) {
    uint64_t before = 0;
    for (size_t i = 0; i < r->waits_kept; i++) {
        buf_zigzag(out, (int64_t)(r->waits[i].row - before));
        buf_varint(out, r->waits[i].sheet);
        buf_varint(out, r->waits[i].reason);
        before = r->waits[i].row;
    }
}

static void put_receipt(txn *t, str who, uint64_t epoch, Wire__Receipt *receipt, str digest) {
    AUTO(buf) b = {0};
    message_pack(&b, &receipt->base);
    upload_receipt_put(t, who, epoch, receipt->seq, digest, buf_str(&b));
}

static Wire__Receipt receipt_of(const plan *p) {
    const apply_result *r = p->r;
    Wire__Receipt w = WIRE__RECEIPT__INIT;
    w.seq = p->now.b.seq;
    w.status = RECEIPT_ACCEPTED;
    w.entry = p->en->seq;
    w.documents = r->documents;
    w.lines = r->lines;
    w.committed = r->committed;
    w.duplicate = r->duplicate;
    w.quarantined = r->quarantined;
    w.refused = r->refused;
    w.superseded = r->superseded;
    w.problem_count = r->problem_count;
    w.problem = r->problems;
    w.n_problem = r->problems_kept;
    w.reversed_documents = r->reversed_documents;
    w.reversed_lines = r->reversed_lines;
    w.reversed = r->reversed;
    w.n_reversed = r->reversed_kept;
    return w;
}

bool ledger_upload(txn *t, const entry *en, const Entry__Upload *body, apply_result *r, err *e) {
    AUTO(plan) p = {0};
    upload_state s;
    str who = sender(en, body);
    plan_begin(&p, t, en, r);
    TRY(plan_open(&p, body, e));
    (void)upload_state_get(t, who, &s);
    TRY(next_in_order(t, who, &s, p.now.b.epoch, p.now.b.seq, e));
    TRY(open_upload(&p, body, &s, e));
    plan_begin_replacement(&p, who);
    TRY(take_documents(&p, p.up.partner, body->agent[0] != '\0', e));
    TRY(plan_replace(&p, e));
    TRY(plan_settle(&p, e));
    TRY(txn_ok(t, e));
    count_upload(&p.up, r);
    plan_put(&p);
    AUTO(buf) waits = {0};
    Wire__Receipt receipt = receipt_of(&p);
    waits_pack(r, &waits);
    receipt.waits = (ProtobufCBinaryData){waits.n, (uint8_t *)waits.p};
    put_receipt(t, who, p.now.b.epoch, &receipt, str_from(body->digest.data, body->digest.len));
    upload_state_put(t, who, &(upload_state){p.now.b.epoch, p.now.b.seq, p.up.no});
    r->number = p.up.no;
    return true;
}

bool ledger_upload_refused(txn *t, const entry *en, const Entry__UploadRefused *body, apply_result *r, err *e) {
    upload_state s;
    str who = body->agent[0] ? str_of(body->agent) : en->actor;
    (void)upload_state_get(t, who, &s);
    TRY(next_in_order(t, who, &s, body->epoch, body->seq, e));
    Wire__Receipt w = WIRE__RECEIPT__INIT;
    Wire__Problem why = WIRE__PROBLEM__INIT, *problems[] = {&why};
    why.found = body->why;
    why.wanted = (char *)(uintptr_t) "a batch that can be read";
    why.hint = (char *)(uintptr_t) "nothing of it was taken; send the file again with a newer agent";
    w.seq = body->seq;
    w.status = body->held ? RECEIPT_HELD : RECEIPT_REFUSED;
    w.entry = en->seq;
    w.problem_count = w.n_problem = 1;
    w.problem = problems;
    put_receipt(t, who, body->epoch, &w, str_from(body->digest.data, body->digest.len));
    upload_state_put(t, who, &(upload_state){body->epoch, body->seq, s.epoch == body->epoch ? s.upload : 0});
    r->problem_count = 1;
    return true;
}

static bool plan_finish(plan *p, err *e) {
    TRY(plan_settle(p, e));
    TRY(txn_ok(p->t, e));
    plan_put(p);
    return true;
}

/* What it brought counts as never sent; what it had replaced holds again. */
static void withdraw_from(doc_work *w, uint64_t upload_no) {
    document *d = &w->d;
    w->changed = true;
    for (uint32_t i = 0; i < d->contents; i++)
        if (d->content[i].upload == upload_no) d->content[i].withdrawn = true;
    if (d->pending.upload == upload_no) d->pending.parts = 0;
}

bool ledger_withdraw(txn *t, const entry *en, const Entry__Withdraw *body, apply_result *r, err *e) {
    AUTO(plan) p = {0};
    key prefix = {.n = 0};
    plan_begin(&p, t, en, r);
    if (!upload_get(t, body->upload, &p.up)) return err_set(e, ERR_NOT_FOUND, "no upload %" PRIu64, body->upload);
    if (p.up.withdrawn) return err_set(e, ERR_CONFLICT, "upload %" PRIu64 " is withdrawn already", body->upload);
    key_u64(&prefix, body->upload);
    for (kv_cursor c = kv_from(t, TABLE_UPLOAD_DOCUMENT, key_str(&prefix), STR_NONE); kv_next(&c);) {
        doc_work *w = plan_document(&p, get_be64(c.key.p + 8));
        if (w) withdraw_from(w, body->upload);
    }
    str *texts[] = {&p.up.agent, &p.up.actor, &p.up.file, &p.up.dialect};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) *texts[i] = arena_str(p.a, *texts[i]);
    p.up.withdrawn = en->seq;
    p.up.reason = str_of(body->reason);
    r->number = body->upload;
    return plan_finish(&p, e);
}

bool ledger_repost(txn *t, const entry *en, const Entry__Repost *body, apply_result *r, err *e) {
    AUTO(plan) p = {0};
    plan_begin(&p, t, en, r);
    for (size_t i = 0; i < body->n_document; i++) {
        doc_work *w = plan_document(&p, body->document[i]);
        if (w == NULL) return err_set(e, ERR_NOT_FOUND, "no document %" PRIu64, body->document[i]);
        w->again = true;
    }
    return plan_finish(&p, e);
}
