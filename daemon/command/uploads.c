#include "daemon/command/cells.h"

#include "daemon/catalog/partner.h"
#include "daemon/ledger/document.h"
#include "daemon/ledger/uploads.h"
#include "daemon/store/store.h"
#include "proto/journal.pb-c.h"

static const char *const outcomes[] = {"", "posted", "duplicate", "older", "incomplete", "reversed"};

static bool number_arg(call *c, size_t n, uint64_t *out, err *e) {
    str s = call_arg(c, n);
    int64_t v;
    if (!dec_parse(s, 0, &v, NULL) || v <= 0)
        return err_set(e, ERR_USAGE, "'%.*s' is no number (the list shows them)", STR_ARG(str_take(s, 40)));
    *out = (uint64_t)v;
    return true;
}

static bool named_upload(call *c, upload *u, err *e) {
    uint64_t no = 0;
    TRY(number_arg(c, 0, &no, e));
    if (upload_get(c->t, no, u)) return true;
    return authz(c, "read", 0, e) && err_set(e, ERR_NOT_FOUND, "no upload %llu", (unsigned long long)no);
}

static void put_counts(json *j, const upload *u) {
    const struct {
        const char *name;
        uint64_t n;
    } counts[] = {{"documents", u->documents}, {"lines", u->lines},           {"committed", u->committed},
                  {"duplicate", u->duplicate}, {"superseded", u->superseded}, {"quarantined", u->quarantined},
                  {"refused", u->refused}};
    for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
        cell_count(j, counts[i].name, counts[i].n);
    }
}

static void put_upload(call *c, json *j, const upload *u) {
    cell_id(j, "id", u->no);
    cell_time(j, "time", u->time_ms, c->zone_min);
    cell_text(j, "partner", u->partner ? partner_id(c->t, u->partner) : STR(""));
    cell_text(j, "agent", u->agent);
    cell_text(j, "actor", u->actor);
    cell_text(j, "file", u->file);
    cell_text(j, "dialect", u->dialect);
    put_counts(j, u);
    cell_text(j, "state",
              u->withdrawn            ? STR("withdrawn")
              : u->batch < u->batches ? STR("incomplete")
                                      : STR("complete"));
}

bool cmd_upload_list(call *c, err *e) {
    static const char *const columns[] = {"id",        "time",       "partner",     "agent",   "actor",
                                          "file",      "dialect",    "documents",   "lines",   "committed",
                                          "duplicate", "superseded", "quarantined", "refused", "state"};
    uint32_t only;
    TRY(option_partner(c, &only, e));
    TRY(authz(c, "read", only, e));
    answer_list(c, columns, ARRAY_LEN(columns));
    AUTO(kv_cursor) walk = kv_back(c->t, TABLE_UPLOAD, STR(""), STR_NONE);
    while (kv_next(&walk) && !answer_failed(c)) {
        upload u;
        if (!upload_decode(get_be64(walk.key.p), walk.val, &u)) continue;
        if (only && u.partner != only) continue;
        put_upload(c, answer_row(c), &u);
        answer_row_end(c);
    }
    return true;
}

static void put_document(call *c, json *j, uint64_t no, str val) {
    AUTO(arena) a = {0};
    document d;
    reader r = reader_of(val);
    uint8_t what = read_byte(&r);
    err unused;
    arena_init(&a, SIZE_MAX);
    if (!document_get(c->t, no, &a, &d) || !authz(c, "read", d.partner, &unused)) return;
    json_open_object(j);
    cell_id(j, "id", no);
    cell_text(j, "type", str_of(doc_type_name(d.type)));
    cell_text(j, "number", d.number);
    cell_count(j, "lines", read_varint(&r));
    cell_text(j, "outcome", what < ARRAY_LEN(outcomes) ? str_of(outcomes[what]) : STR(""));
    json_end_object(j);
}

bool cmd_upload_show(call *c, err *e) {
    AUTO(buf) sha = {0};
    upload u;
    key prefix = {.n = 0};
    TRY(named_upload(c, &u, e));
    TRY(authz(c, "read", u.partner, e));
    json *j = answer_show(c);
    put_upload(c, j, &u);
    hex_put(&sha, u.sha256, sizeof u.sha256);
    cell_text(j, "file_sha256", buf_str(&sha));
    cell_count(j, "batches", u.batches);
    cell_text(j, "reason", u.reason);
    json_key(j, "contents");
    json_open_array(j);
    key_u64(&prefix, u.no);
    AUTO(kv_cursor) walk = kv_from(c->t, TABLE_UPLOAD_DOCUMENT, key_str(&prefix), STR_NONE);
    while (kv_next(&walk)) put_document(c, j, get_be64(walk.key.p + 8), walk.val);
    json_end_array(j);
    answer_show_end(c);
    return true;
}

bool cmd_upload_withdraw(call *c, err *e) {
    upload u;
    AUTO(arena) a = {0};
    str reason = call_option(c, "reason");
    TRY(named_upload(c, &u, e));
    TRY(authz(c, "write", u.partner, e));
    if (str_trim(reason).n == 0 || reason.n > LIMIT_TEXT)
        return err_set(e, ERR_USAGE, "--reason: say why, in at most %d bytes", LIMIT_TEXT);
    arena_init(&a, (size_t)16 * 1024 * 1024);
    apply_result r = {.a = &a};
    Entry__Withdraw body = ENTRY__WITHDRAW__INIT;
    body.upload = u.no;
    body.reason = (char *)(uintptr_t)arena_str(c->a, reason).p;
    command_entry what = {KIND_WITHDRAW, c->now_ms, call_actor(c), &body.base};
    TRY(journal_append(c->t, &what, &r, NULL, e));
    answer_message(c, "upload %llu withdrawn: %llu lines taken out, %llu posted again", (unsigned long long)body.upload,
                   (unsigned long long)r.superseded, (unsigned long long)r.committed);
    return true;
}
