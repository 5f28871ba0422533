#include "daemon/command/call.h"

#include "proto/digest.h"
#include "proto/frame.h"
#include <stdlib.h>

enum {
    CALL_ARENA_BYTES = 256 * 1024 * 1024, /* a call's own work; imports of LIMIT_UPLOAD_BYTES fit */
    RESULT_BYTES = 64 * 1024,             /* rows kept for a retry; longer answers keep their head */
};

bool call_find(const call_request *r, const command **out, size_t *name_words, err *e) {
    if (r->word_count == 0) return err_set(e, ERR_USAGE, "no command given (channelctl help lists them)");
    if (r->word_count > LIMIT_ARGS) return err_set(e, ERR_USAGE, "more than %d words", LIMIT_ARGS);
    *out = command_find(r->words, r->word_count, name_words);
    if (*out != NULL) return true;
    return err_set(e, ERR_USAGE, "unknown command '%.*s' (channelctl help lists them)",
                   STR_ARG(str_take(r->words[0], 80)));
}

static bool files_came_along(const command *cmd, const call_args *args, const call_request *r, err *e) {
    if (args->files == r->file_count) return true;
    return err_set(e, ERR_USAGE, "%s: %zu files named, %zu sent", cmd->name, args->files, r->file_count);
}

/* What was asked, so that a request id used for something else is noticed. */
static void request_digest(const call_request *r, uint8_t out[static DIGEST_SIZE]) {
    buf all = {0};
    for (size_t i = 0; i < r->word_count; i++) buf_text(&all, r->words[i]);
    for (size_t i = 0; i < r->file_count; i++) {
        uint8_t d[DIGEST_SIZE];
        digest_of(r->files[i].bytes, d);
        buf_add(&all, str_from(d, sizeof d));
    }
    digest_of(buf_str(&all), out);
    buf_free(&all);
}

/* TABLE_REQUEST: id → time i64, digest 32, actor (varint length + text), packed admin.Response. */
static bool first_answer(call *c, const call_request *r, bool *found, err *e) {
    str kept;
    *found = kv_get(c->t, TABLE_REQUEST, r->request_id, &kept);
    if (!*found) return txn_ok(c->t, e);
    uint8_t digest[DIGEST_SIZE];
    request_digest(r, digest);
    reader in = reader_of(kept);
    (void)read_be64(&in);
    str was = read_bytes(&in, DIGEST_SIZE), who = read_text(&in);
    if (in.bad) return err_set(e, ERR_INTERNAL, "kept result of request '%.*s' cannot be read", STR_ARG(r->request_id));
    if (!str_eq(who, c->who.name)) return err_set(e, ERR_DENIED, "this request id is another user's");
    if (!str_eq(was, str_from(digest, sizeof digest)))
        return err_set(e, ERR_CONFLICT, "this request id was used for another call");
    bool more;
    return answer_unpack(str_from(in.p, (size_t)(in.end - in.p)), c->out, &more, e);
}

static void keep_answer(call *c, const call_request *r, const call_world *w) {
    uint8_t digest[DIGEST_SIZE];
    request_digest(r, digest);
    buf value = {0};
    buf_be64(&value, (uint64_t)w->now_ms);
    buf_add(&value, str_from(digest, sizeof digest));
    buf_text(&value, c->who.name);
    str rows = buf_str(&c->out->rows);
    call_out kept = *c->out;
    bool whole = !kept.secret && rows.n <= RESULT_BYTES && rows.n == c->out->bytes;
    if (!whole) { /* what is left says that it was done */
        kept.form = ANSWER_MESSAGE;
        kept.message = (buf){0};
        buf_addz(&kept.message,
                 kept.secret ? "done before; its secret was shown once" : "done before; the long answer is not kept");
    }
    answer_pack(&kept, NULL, w, whole ? rows : STR(""), false, &value);
    if (!whole) buf_free(&kept.message);
    kv_put(c->t, TABLE_REQUEST, r->request_id, buf_str(&value));
    buf_free(&value);
}

/* Did it change something? A note of who looked is no change. */
static bool changed_since(txn *t, uint64_t before) {
    uint64_t last;
    int64_t time_ms;
    uint8_t hash[DIGEST_SIZE];
    entry en;
    journal_head(t, &last, &time_ms, hash);
    for (uint64_t seq = before + 1; seq <= last; seq++)
        if (journal_get(t, seq, &en) && en.kind != KIND_ACCESS) return true;
    return false;
}

/* Whoever has no reader for it looks where it writes. */
static bool look_here(call *c, err *e) {
    c->looking = true;
    c->look_a = c->a;
    TRY(c->command->run(c, e));
    c->looking = false;
    return true;
}

static bool run_write(call *c, const call_request *r, const call_world *w, bool *unknown, err *e) {
    bool found = false;
    uint64_t before;
    int64_t time_ms;
    uint8_t hash[DIGEST_SIZE];
    if (r->request_id.n) TRY(first_answer(c, r, &found, e));
    if (found) return true;
    if (r->look && r->look->done) c->looked = r->look->found;
    else if (c->command->mode == COMMAND_JUDGE)
        TRY(look_here(c, e));
    journal_head(c->t, &before, &time_ms, hash);
    TRY(c->answered || c->command->run(c, e));
    if (c->out->status == 0 && changed_since(c->t, before)) answer_status(c, STATUS_CHANGED);
    if (r->request_id.n) keep_answer(c, r, w);
    TRY(txn_ok(c->t, e));
    *unknown = true;
    TRY(txn_commit(&c->t, e));
    *unknown = false;
    return true;
}

bool command_writes(const command *cmd) {
    return cmd->mode == COMMAND_WRITE || cmd->mode == COMMAND_JUDGE;
}

static bool begin_call(call *c, const call_request *r, const call_world *w, err *e) {
    size_t used;
    TRY(call_find(r, &c->command, &used, e));
    const command *cmd = c->command;
    if (cmd->run == NULL) return err_set(e, ERR_USAGE, "%s: runs in channelctl only", cmd->name);
    if (r->request_id.n > LIMIT_ID) return err_set(e, ERR_USAGE, "a request id has at most %d bytes", LIMIT_ID);
    TRY(args_parse(cmd->name, cmd->args, r->words + used, r->word_count - used, c->args, e));
    TRY(files_came_along(cmd, c->args, r, e));
    TRY(txn_begin(w->db, command_writes(cmd) && !c->looking ? TXN_WRITE : TXN_READ, &c->t, e));
    TRY(actor_of(c->t, &r->who, w->now_ms, c->a, &c->who, e));
    TRY(actor_may_call(&c->who, cmd, e));
    c->zone_min = call_zone(c->t);
    return true;
}

static bool run_call(call *c, const call_request *r, const call_world *w, bool *unknown, err *e) {
    TRY(begin_call(c, r, w, e));
    if (command_writes(c->command) && !c->looking) return run_write(c, r, w, unknown, e);
    if (c->command->mode == COMMAND_LOOP) txn_abort(&c->t); /* the loop opens its own */
    TRY(c->command->run(c, e));
    return c->t == NULL || txn_ok(c->t, e);
}

static bool run_with(const call_world *w, const call_request *r, bool looking, call_out *out, bool *unknown, err *e) {
    arena a;
    arena_init(&a, CALL_ARENA_BYTES);
    call_args *args = calloc(1, sizeof *args);
    ASSERT(args != NULL);
    call c = {.now_ms = w->now_ms,
              .a = &a,
              .look_a = r->look ? &r->look->a : NULL,
              .looking = looking,
              .data_dir = w->data_dir,
              .db = w->db,
              .facts = w->facts,
              .door = w->door,
              .args = args,
              .files = r->files,
              .out = out};
    *unknown = false;
    bool ok = run_call(&c, r, w, unknown, e);
    txn_abort(&c.t);
    if (looking) r->look->found = c.looked, r->look->done = ok, r->look->answered = c.answered;
    ok = ok && call_out_flush(out, e);
    free(args);
    arena_free(&a);
    return ok;
}

bool call_run(const call_world *w, const call_request *r, call_out *out, bool *unknown, err *e) {
    return run_with(w, r, false, out, unknown, e);
}

bool call_look_at(const call_world *w, const call_request *r, call_out *out, err *e) {
    bool unknown;
    arena_init(&r->look->a, SIZE_MAX); /* as large as what is judged */
    return run_with(w, r, true, out, &unknown, e);
}

void call_look_free(call_look *l) {
    arena_free(&l->a);
    *l = (call_look){.done = false};
}

str call_arg(const call *c, size_t n) {
    return n < c->args->positionals ? c->args->positional[n] : STR("");
}

size_t call_arg_count(const call *c) {
    return c->args->positionals;
}

str call_option(const call *c, const char *name) {
    bool given;
    return args_option(c->args, name, &given);
}

char *entry_text(call *c, str s) {
    return (char *)(uintptr_t)(s.n ? arena_str(c->a, s).p : "");
}

bool call_flag(const call *c, const char *name) {
    bool given;
    (void)args_option(c->args, name, &given);
    return given;
}

size_t call_file_count(const call *c) {
    return c->args->files;
}

attachment call_file(const call *c, size_t n) {
    ASSERT(n < c->args->files);
    return c->files[n];
}

bool call_day(const call *c, const char *option, day_t otherwise, day_t *out, err *e) {
    str s = call_option(c, option);
    *out = otherwise;
    if (s.p == NULL || day_parse(s, out)) return true;
    return err_set(e, ERR_USAGE, "%s: --%s '%.*s' is not a date (like 2026-01-31)", c->command->name, option,
                   STR_ARG(str_take(s, 40)));
}

str call_actor(const call *c) {
    char *p = arena_alloc(c->a, c->who.name.n + 5);
    memcpy(p, "user:", 5);
    memcpy(p + 5, c->who.name.p, c->who.name.n);
    return str_from(p, c->who.name.n + 5);
}

size_t call_forget_results(txn *t, int64_t now_ms, size_t max) {
    int64_t oldest = now_ms - (int64_t)LIMIT_REQUEST_DAYS * 86400000;
    str gone[256];
    char names[256][LIMIT_ID];
    size_t n = 0;
    kv_cursor c = kv_from(t, TABLE_REQUEST, STR(""), STR_NONE);
    while (n < max && n < ARRAY_LEN(gone) && kv_next(&c)) {
        reader in = reader_of(c.val);
        if ((int64_t)read_be64(&in) >= oldest && !in.bad) continue;
        memcpy(names[n], c.key.p, c.key.n);
        gone[n] = str_from(names[n], c.key.n);
        n++;
    }
    kv_end(&c);
    for (size_t i = 0; i < n; i++) (void)kv_del(t, TABLE_REQUEST, gone[i]);
    return n;
}
