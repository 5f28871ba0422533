#include "daemon/command/cells.h"
#include "daemon/command/mapping.h"

#include "daemon/catalog/partner.h"
#include "daemon/ledger/document.h"
#include "daemon/ledger/posting.h"
#include "daemon/ledger/repost.h"
#include "daemon/store/store.h"
#include "proto/limits.h"

/* One (reason, word, partner) with everything that waits for it. */
typedef struct heap {
    waiting_reason reason;
    str word;
    uint32_t partner;
    uint64_t documents, lines;
    int64_t amount;
} heap;

/* Posted all the same: the word would only tell more. */
static bool soft(waiting_reason r) {
    return r == WAIT_CUSTOMER || r == WAIT_REGION || r == WAIT_REVIEW_PRODUCT || r == WAIT_REVIEW_PARTNER;
}

static void put_heap(call *c, const heap *h) {
    json *j = answer_row(c);
    cell_text(j, "reason", str_of(waiting_name(h->reason)));
    cell_text(j, "word", h->word);
    cell_text(j, "partner", partner_id(c->t, h->partner));
    cell_count(j, "documents", h->documents);
    cell_count(j, "lines", h->lines);
    json_key(j, "amount");
    json_dec(j, h->amount, MICRO_SCALE, 2);
    json_key(j, "posted");
    json_bool(j, soft(h->reason));
    answer_row_end(c);
}

/* Row of TABLE_WAITING; false: a customer's, which stands for no line. */
static bool read_waiting(str k, str val, heap *out, uint64_t *no) {
    reader r = reader_of(k), v = reader_of(val);
    *out = (heap){.reason = (waiting_reason)read_byte(&r)};
    out->word = read_textz(&r);
    out->partner = read_be32(&r);
    *no = read_be64(&r);
    out->documents = 1;
    out->lines = read_varint(&v);
    (void)read_varint(&v);
    out->amount = read_zigzag(&v);
    return *no != 0 && !r.bad && !v.bad;
}

static bool same_heap(const heap *a, const heap *b) {
    return a->reason == b->reason && a->partner == b->partner && str_eq(a->word, b->word);
}

/* Which heaps were asked for: by partner, reason; those that are posted anyway only when asked. */
typedef struct choice {
    uint32_t partner;
    waiting_reason reason; /* 0: any */
    bool all;
} choice;

static bool chosen(const choice *w, const heap *h) {
    if (w->partner && h->partner != w->partner) return false;
    if (w->reason) return h->reason == w->reason;
    return w->all || !soft(h->reason);
}

static bool read_choice(call *c, choice *out, err *e) {
    str reason = call_option(c, "reason");
    *out = (choice){.all = call_flag(c, "all")};
    TRY(option_partner(c, &out->partner, e));
    if (reason.p && !waiting_parse(reason, &out->reason))
        return err_set(e, ERR_USAGE, "--reason: '%.*s' is none of the list's reasons", STR_ARG(str_take(reason, 40)));
    return true;
}

bool cmd_quarantine_list(call *c, err *e) {
    static const char *const columns[] = {"reason", "word", "partner", "documents", "lines", "amount", "posted"};
    choice w;
    heap sum = {0}, now;
    uint64_t no;
    str by = call_option(c, "group-by");
    if (str_is(by, "code")) return quarantine_by_code(c, e);
    if (by.p) return err_set(e, ERR_USAGE, "--group-by: code, not '%.*s'", STR_ARG(str_take(by, 40)));
    TRY(read_choice(c, &w, e));
    TRY(authz(c, "read", w.partner, e));
    answer_list(c, columns, ARRAY_LEN(columns));
    AUTO(kv_cursor) walk = kv_from(c->t, TABLE_WAITING, STR(""), STR_NONE);
    while (kv_next(&walk) && !answer_failed(c)) {
        if (!read_waiting(walk.key, walk.val, &now, &no) || !chosen(&w, &now)) continue;
        if (sum.documents && same_heap(&sum, &now)) {
            sum.documents++;
            sum.lines += now.lines;
            if (!add_i64(sum.amount, now.amount, &sum.amount)) sum.amount = INT64_MAX;
            continue;
        }
        if (sum.documents) put_heap(c, &sum);
        sum = now;
        sum.word = arena_str(c->a, now.word);
    }
    if (sum.documents) put_heap(c, &sum);
    return true;
}

static bool word_choice(call *c, choice *w, str *word, err *e) {
    str reason = call_arg(c, 0);
    TRY(read_choice(c, w, e));
    *word = call_arg_count(c) > 1 ? call_arg(c, 1) : STR_NONE;
    if (waiting_parse(reason, &w->reason)) return true;
    return err_set(e, ERR_USAGE, "'%.*s' is no reason (quarantine list shows them)", STR_ARG(str_take(reason, 40)));
}

static void put_waiting_document(call *c, const heap *h, uint64_t no) {
    AUTO(arena) a = {0};
    document d;
    posting p;
    arena_init(&a, SIZE_MAX);
    if (!document_get(c->t, no, &a, &d) || !posting_get(c->t, no, &a, &p)) return;
    json *j = answer_row(c);
    cell_id(j, "document", no);
    cell_text(j, "reason", str_of(waiting_name(h->reason)));
    cell_text(j, "word", h->word);
    cell_text(j, "partner", partner_id(c->t, h->partner));
    cell_text(j, "type", str_of(doc_type_name(d.type)));
    cell_text(j, "number", d.number);
    cell_count(j, "lines", h->lines);
    json_key(j, "posted");
    json_bool(j, soft(h->reason));
    answer_row_end(c);
}

bool cmd_quarantine_show(call *c, err *e) {
    static const char *const columns[] = {"document", "reason", "word", "partner", "type", "number", "lines", "posted"};
    choice w;
    str word;
    heap now;
    uint64_t no;
    key prefix = {.n = 0};
    TRY(word_choice(c, &w, &word, e));
    TRY(authz(c, "read", w.partner, e));
    answer_list(c, columns, ARRAY_LEN(columns));
    key_u8(&prefix, (uint8_t)w.reason);
    AUTO(kv_cursor) walk = kv_from(c->t, TABLE_WAITING, key_str(&prefix), STR_NONE);
    while (kv_next(&walk) && !answer_failed(c))
        if (read_waiting(walk.key, walk.val, &now, &no) && chosen(&w, &now) &&
            (word.p == NULL || str_eq(word, now.word)))
            put_waiting_document(c, &now, no);
    return true;
}

/* As much as one call should take; the loop goes on with the rest between uploads. */
static bool repost_now(call *c, uint64_t *documents, uint64_t *lines_posted, err *e) {
    Entry__Repost body;
    for (uint64_t lines = 0; lines < LIMIT_GROUP_LINES && repost_pending(c->t, c->a, &body);) {
        apply_result r = {.a = c->a};
        command_entry what = {KIND_REPOST, c->now_ms, call_actor(c), &body.base};
        TRY(journal_append(c->t, &what, &r, NULL, e));
        lines += r.lines;
        *documents += r.documents;
        *lines_posted += r.committed;
    }
    return true;
}

bool cmd_quarantine_retry(call *c, err *e) {
    choice w;
    str word;
    uint64_t documents = 0, lines_posted = 0;
    TRY(word_choice(c, &w, &word, e));
    TRY(authz(c, "write", 0, e));
    if (!repost_queue(c->t, w.reason, word)) return err_set(e, ERR_NOT_FOUND, "nothing waits for that");
    TRY(repost_now(c, &documents, &lines_posted, e));
    answer_message(c, "%llu documents judged again, %llu lines of them are posted", (unsigned long long)documents,
                   (unsigned long long)lines_posted);
    return true;
}
