#include "daemon/command/command.h"

#include "daemon/catalog/catalog.h"
#include "proto/batch.h"
#include "proto/digest.h"
#include "proto/journal.pb-c.h"
#include "proto/limits.h"
#include "proto/wire.pb-c.h"

/* Batches that a person brought: each a file of the call, as channelctl cut it. All of them in one transaction. */

typedef struct totals {
    apply_result sum;
    json problems;
    buf text; /* of the problems' array */
} totals;

static void add_problems(totals *t, const apply_result *r) {
    for (size_t i = 0; i < r->problems_kept; i++) {
        const Wire__Problem *p = r->problems[i];
        json_open_object(&t->problems);
        json_key(&t->problems, "file"), json_none(&t->problems);
        json_key(&t->problems, "row"), json_uint(&t->problems, p->row);
        json_key(&t->problems, "column"), json_z(&t->problems, p->column);
        json_key(&t->problems, "found"), json_z(&t->problems, p->found);
        json_key(&t->problems, "wanted"), json_z(&t->problems, p->wanted);
        json_key(&t->problems, "hint"), json_z(&t->problems, p->hint);
        json_end_object(&t->problems);
    }
}

static void add(totals *t, const apply_result *r) {
    t->sum.documents += r->documents;
    t->sum.lines += r->lines;
    t->sum.committed += r->committed;
    t->sum.duplicate += r->duplicate;
    t->sum.superseded += r->superseded;
    t->sum.quarantined += r->quarantined;
    t->sum.refused += r->refused;
    add_problems(t, r);
}

/* Whoever has a scope sends for partners within it only, whatever partner a row of the file names. */
static bool within_scope(call *c, str frame, err *e) {
    AUTO(arena) a = {0};
    batch b;
    partner named;
    if (c->who.scope.n == 0) return true;
    arena_init(&a, LIMIT_DECODE_BYTES);
    TRY(batch_decode(frame, &a, &b, e));
    for (uint32_t i = 0; i < b.docs; i++) {
        str id = column_text(&b.doc_text[D_PARTNER], i);
        if (id.n) TRY(authz(c, "write", partner_by_id(c->t, id, &named) ? named.no : 0, e));
    }
    return true;
}

static bool submit_one(call *c, const char *partner_id, str frame, totals *t, err *e) {
    uint8_t digest[DIGEST_SIZE];
    AUTO(arena) a = {0};
    arena_init(&a, (size_t)64 * 1024 * 1024);
    apply_result r = {.a = &a};
    TRY(within_scope(c, frame, e));
    digest_of(frame, digest);
    Entry__Upload body = ENTRY__UPLOAD__INIT;
    body.partner = (char *)(uintptr_t)partner_id;
    body.digest = (ProtobufCBinaryData){DIGEST_SIZE, digest};
    body.frame = (ProtobufCBinaryData){frame.n, (uint8_t *)(uintptr_t)frame.p};
    command_entry what = {KIND_DOCUMENT, c->now_ms, call_actor(c), &body.base};
    TRY(journal_append(c->t, &what, &r, NULL, e));
    add(t, &r);
    return true;
}

static void answer(call *c, totals *t) {
    json *j = answer_show(c);
    json_key(j, "documents"), json_uint(j, t->sum.documents);
    json_key(j, "lines"), json_uint(j, t->sum.lines);
    json_key(j, "committed"), json_uint(j, t->sum.committed);
    json_key(j, "duplicate"), json_uint(j, t->sum.duplicate);
    json_key(j, "superseded"), json_uint(j, t->sum.superseded);
    json_key(j, "quarantined"), json_uint(j, t->sum.quarantined);
    json_key(j, "refused"), json_uint(j, t->sum.refused);
    json_end_array(&t->problems);
    json_key(j, "problems"), json_raw(j, buf_str(&t->text));
    answer_show_end(c);
    if (t->sum.quarantined + t->sum.refused) answer_status(c, err_exit_status(ERR_DIFFERS));
}

bool cmd_document_submit(call *c, err *e) {
    str named = call_option(c, "partner");
    partner p = {0};
    totals t = {0};
    if (named.p && !partner_by_id(c->t, named, &p))
        return err_set(e, ERR_NOT_FOUND, "unknown partner '%.*s'", STR_ARG(str_take(named, LIMIT_ID)));
    TRY(authz(c, "write", p.no, e));
    const char *partner_id = named.p ? arena_str(c->a, named).p : "";
    t.problems = json_into(&t.text);
    json_open_array(&t.problems);
    bool ok = true;
    for (size_t i = 0; ok && i < call_file_count(c); i++) ok = submit_one(c, partner_id, call_file(c, i).bytes, &t, e);
    if (ok) answer(c, &t);
    buf_free(&t.text);
    return ok;
}
