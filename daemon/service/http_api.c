/* Commands by HTTP: /api/v1/order/list is `order list`. Questions are GET (POST when they bring a file), the rest POST;
 * arguments are parameters of the query or members of a JSON body, named as in the command's syntax. */
#include "daemon/service/http_api.h"
#include "daemon/catalog/partner.h"
#include "daemon/command/args.h"
#include "daemon/service/admin.h"
#include "daemon/service/http_view.h"
#include "proto/digest.h"
#include <sodium.h>
#include <stdio.h>

typedef struct asking {
    const command *cmd;
    list_view view;
} asking;

/* ---- which command */

bool api_has_file(const command *cmd) {
    str rest = str_of(cmd->args);
    for (arg_spec spec; args_spec_next(&rest, &spec);)
        if (spec.file) return true;
    return false;
}

http_method api_method(const command *cmd) {
    bool reads = cmd->mode == COMMAND_READ || cmd->mode == COMMAND_SNAPSHOT;
    return reads && !api_has_file(cmd) ? HTTP_GET : HTTP_POST;
}

static const command *find_command(str path) {
    str word[LIMIT_NESTING], rest = path;
    size_t n = 0, used;
    while (n < ARRAY_LEN(word) && str_split(&rest, '/', &word[n])) n++;
    const command *cmd = n ? command_find(word, n, &used) : NULL;
    return cmd && used == n && rest.n == 0 && cmd->run ? cmd : NULL;
}

/* ---- its words: options first, in the form --name=value, then -- and the positionals */

typedef struct wording {
    request *r;
    str *word;
    size_t n;
    attachment *file;
    size_t files;
} wording;

static bool add_word(wording *w, str word, err *e) {
    if (w->n == LIMIT_ARGS) return err_set(e, ERR_USAGE, "more than %d words", LIMIT_ARGS);
    w->word[w->n++] = word;
    return true;
}

static bool take_file(wording *w, const http_param *p, bool wanted, err *e) {
    if (p->is_file != wanted)
        return err_set(e, ERR_USAGE, "'%.*s': wanted %s", STR_ARG(str_take(p->name, 40)),
                       wanted ? "a file: {\"name\": …, \"text\" or \"base64\": …}" : "a text");
    if (wanted) w->file[w->files++] = (attachment){p->value, p->file};
    return true;
}

static bool add_flag(wording *w, const http_param *p, str word, err *e) {
    if (str_is(p->value, "false") || str_is(p->value, "0")) return true;
    if (p->value.n == 0 || str_is(p->value, "true") || str_is(p->value, "1")) return add_word(w, word, e);
    return err_set(e, ERR_USAGE, "'%.*s': wanted true or false", STR_ARG(str_take(p->name, 40)));
}

static bool add_option(wording *w, const arg_spec *spec, const http_param *p, err *e) {
    AUTO(buf) text = {0};
    buf_printf(&text, "%s%.*s", spec->name.n == 1 ? "-" : "--", STR_ARG(spec->name));
    TRY(take_file(w, p, spec->file, e));
    if (spec->value.n == 0) return add_flag(w, p, arena_str(&w->r->a, buf_str(&text)), e);
    buf_byte(&text, '=');
    buf_add(&text, p->value);
    return add_word(w, arena_str(&w->r->a, buf_str(&text)), e);
}

static bool add_named(wording *w, const arg_spec *spec, err *e) {
    char name[64];
    str called = http_param_name(spec, name);
    for (size_t i = 0; i < w->r->params; i++) {
        const http_param *p = &w->r->param[i];
        if (!str_eq(p->name, called)) continue;
        if (spec->option) TRY(add_option(w, spec, p, e));
        else
            TRY(take_file(w, p, spec->file, e) && add_word(w, p->value, e));
    }
    return true;
}

static bool all_known(const request *r, const command *cmd, err *e) {
    for (size_t i = 0; i < r->params; i++) {
        str rest = str_of(cmd->args);
        bool known = r->method == HTTP_GET ? view_takes(r->param[i].name) : str_is(r->param[i].name, "o");
        for (arg_spec spec; !known && args_spec_next(&rest, &spec);) {
            char name[64];
            known = str_eq(http_param_name(&spec, name), r->param[i].name);
        }
        if (!known)
            return err_set(e, ERR_USAGE, "%s: unknown parameter '%.*s' (usage: %s)", cmd->name,
                           STR_ARG(str_take(r->param[i].name, 40)), cmd->args);
    }
    return true;
}

static bool build_words(request *r, const command *cmd, call_request *out, err *e) {
    wording w = {.r = r,
                 .word = arena_alloc(&r->a, LIMIT_ARGS * sizeof(str)),
                 .file = arena_alloc(&r->a, LIMIT_HTTP_PARAMS * sizeof(attachment))};
    str name = str_of(cmd->name), piece;
    TRY(all_known(r, cmd, e));
    while (str_split(&name, ' ', &piece)) TRY(add_word(&w, piece, e));
    for (int options = 1; options >= 0; options--) {
        str rest = str_of(cmd->args);
        if (!options) TRY(add_word(&w, STR("--"), e));
        for (arg_spec spec; args_spec_next(&rest, &spec);)
            if (spec.option == (bool)options) TRY(add_named(&w, &spec, e));
    }
    out->words = w.word;
    out->word_count = w.n;
    out->files = w.file;
    out->file_count = w.files;
    return true;
}

/* ---- its answer */

static void send_file(request *r, answer *rows, const char *type) {
    struct MHD_Response *response = MHD_create_response_from_fd64(rows->size, dup(rows->fd));
    ASSERT(response != NULL);
    http_header(r, response, "Content-Type", type);
    http_send(r, 200, response);
}

static void put_headers(request *r, const answer *a, const asking *q, uint64_t total, uint64_t sent, str body) {
    char text[300];
    uint8_t hash[DIGEST_SIZE];
    struct MHD_Response *to = r->response;
    if (a->head.form == ANSWER_LIST) {
        (void)snprintf(text, sizeof text, "%llu", (unsigned long long)total);
        http_header(r, to, "X-Total-Count", text);
        (void)snprintf(text, sizeof text, "%llu", (unsigned long long)sent);
        http_header(r, to, "X-Row-Count", text);
    }
    if (body.p) {
        sha256_of(body, hash);
        (void)sodium_bin2hex(text, sizeof text, hash, sizeof hash);
        http_header(r, to, "X-Content-SHA256", text);
    }
    (void)snprintf(text, sizeof text, "%d", a->head.status == STATUS_CHANGED ? 0 : a->head.status);
    http_header(r, to, "X-Exit-Status", text);
    if (a->head.form == ANSWER_LIST && a->head.message.n && text_clean(buf_str(&a->head.message)) &&
        !str_has(buf_str(&a->head.message), STR("\n"))) {
        (void)str_copy_z(buf_str(&a->head.message), text, sizeof text);
        http_header(r, to, "X-Note", text);
    }
    if (q->view.form == VIEW_JSON) return;
    AUTO(buf) name = {0};
    for (const char *c = q->cmd->name; *c; c++) buf_byte(&name, *c == ' ' ? '-' : *c);
    (void)snprintf(text, sizeof text, "attachment; filename=\"%s.%s\"", buf_z(&name),
                   q->view.form == VIEW_CSV ? "csv" : "xlsx");
    http_header(r, to, "Content-Disposition", text);
}

static void send_message(request *r, answer *a, const asking *q) {
    AUTO(buf) text = {0};
    json j = json_into(&text);
    json_open_object(&j);
    json_key(&j, "message"), json_str(&j, buf_str(&a->head.message));
    json_end_object(&j);
    http_send_json(r, 200, buf_str(&text));
    put_headers(r, a, q, 0, 0, STR_NONE);
}

static void send_rows(request *r, answer *a, const asking *q) {
    static const char *const types[] = {[VIEW_JSON] = "application/json; charset=utf-8",
                                        [VIEW_CSV] = "text/csv; charset=utf-8",
                                        [VIEW_XLSX] =
                                            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"};
    uint64_t total = 0, sent = 0;
    err e = {0};
    answer *out = answer_new(&a->world);
    if (!view_render(a, &q->view, out, &total, &sent, &e)) http_failure(r, &e);
    else if (out->fd >= 0) {
        send_file(r, out, types[q->view.form]);
        put_headers(r, a, q, total, sent, STR_NONE);
    } else {
        http_send_text(r, 200, types[q->view.form], buf_str(&out->rows));
        put_headers(r, a, q, total, sent, buf_str(&out->rows));
    }
    answer_free(out);
}

static void send_answer(request *r) {
    const asking *q = r->own;
    answer *a = r->job->answer;
    if (a->failed) http_failure(r, &a->why);
    else if (a->head.form == ANSWER_MESSAGE)
        send_message(r, a, q);
    else
        send_rows(r, a, q);
}

/* ---- running it */

static void note_in_loop(service *s, request *r) {
    admin_note_opened(s, r->job);
    http_resume(r);
}

static void write_in_loop(service *s, request *r) {
    const asking *q = r->own;
    job *j = r->job;
    size_t bytes = r->body.n;
    err e;
    j->world.now_ms = service_now(s);
    service_facts(s, &j->facts);
    j->world.door = business_door(s);
    if (q->cmd->mode != COMMAND_LOOP && !admin_has_room(s, bytes, &e)) r->why = e;
    else
        j->answer = admin_run(s, j, q->cmd->mode != COMMAND_LOOP);
    http_resume(r);
}

/* A reader is done with what takes long: the answer, or what is to be written. */
static void give(service *s, job *j) {
    request *r = j->own;
    if (j->answer) {
        admin_note_opened(s, j);
        http_resume(r);
    } else
        write_in_loop(s, r);
}

static void run_here(request *r) {
    job *j = r->job;
    bool unknown;
    j->answer = answer_new(&j->world);
    j->answer->failed = !call_run(&j->world, &j->request, &j->answer->head, &unknown, &j->answer->why);
    if (!j->answer->failed && j->answer->head.opened.n) {
        r->in_loop = note_in_loop;
        http_to_loop(r);
    } else
        send_answer(r);
}

static void start(request *r, const command *cmd) {
    job *j = r->job;
    r->then = send_answer;
    if (cmd->mode == COMMAND_READ) run_here(r);
    else if (cmd->mode == COMMAND_WRITE || cmd->mode == COMMAND_LOOP) {
        r->in_loop = write_in_loop;
        http_to_loop(r);
    } else {
        j->give = give;
        j->own = r;
        j->kept = true;
        j->slow = admin_is_slow(cmd, &j->request);
        if (cmd->mode == COMMAND_JUDGE) j->request.look = &j->look;
        http_to_readers(r);
    }
}

/* A user's key is the user's own: two users may think of the same. */
static bool read_key(request *r, err *e) {
    const char *key = MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, "Idempotency-Key");
    uint8_t hash[DIGEST_SIZE];
    char text[2 * DIGEST_SIZE + 1];
    if (key == NULL || r->method == HTTP_GET) return true;
    if (strlen(key) > LIMIT_ID || key[0] == '\0')
        return err_set(e, ERR_USAGE, "Idempotency-Key: wanted 1 to %d bytes", LIMIT_ID);
    str parts[] = {r->actor.name, STR("\n"), str_of(key)};
    digest_of_parts(parts, ARRAY_LEN(parts), hash);
    (void)sodium_bin2hex(text, sizeof text, hash, sizeof hash);
    r->key = arena_str(&r->a, str_take(str_of(text), LIMIT_ID));
    return true;
}

static bool is_json(const request *r) {
    const char *type = MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_TYPE);
    return type && str_starts(str_of(type), STR("application/json"));
}

/* A partner that names another asks for nothing that is there, whatever the command makes of it. */
static bool own_partners(request *r, const command *cmd, err *e) {
    AUTO(txn) *t = NULL;
    partner p;
    if (!(r->actor.role & ROLES_PARTNER)) return true;
    TRY(txn_begin(r->h->s->db, TXN_READ, &t, e));
    call c = {.command = cmd, .who = r->actor, .t = t, .a = &r->a};
    for (size_t i = 0; i < r->params; i++) {
        if (!str_is(r->param[i].name, "partner")) continue;
        if (!partner_by_id(t, r->param[i].value, &p)) return err_set(e, ERR_NOT_FOUND, "unknown partner");
        TRY(authz(&c, "read", p.no, e));
    }
    return true;
}

static bool prepare(request *r, asking *q, err *e) {
    job *j = r->job = job_new(LIMIT_HELLO_BYTES);
    TRY(r->method == HTTP_GET ? http_read_query(r, e) : http_read_body(r, e));
    TRY(view_read(r, &q->view, e));
    TRY(build_words(r, q->cmd, &j->request, e));
    TRY(own_partners(r, q->cmd, e));
    TRY(read_key(r, e));
    j->request.who = r->who;
    j->request.request_id = r->key;
    http_facts(r->h, &j->facts);
    j->world = (call_world){r->h->s->db, r->h->s->dir, clock_now(&r->h->s->clock), &j->facts, NULL};
    return true;
}

void http_command(request *r) {
    asking *q = ARENA_NEW(&r->a, asking, 1);
    err e = {0};
    q->cmd = find_command(r->rest);
    r->own = q;
    if (q->cmd == NULL) {
        http_problem(r, 404, "not_found", "no such command", "/api/openapi.json lists the paths");
        return;
    }
    if (api_method(q->cmd) != r->method) {
        http_problem(r, 405, "usage", api_method(q->cmd) == HTTP_GET ? "this is asked by GET" : "this is sent by POST",
                     NULL);
        return;
    }
    if (r->body.n && !is_json(r)) {
        http_problem(r, 415, "usage", "the body is no JSON", NULL);
        return;
    }
    if (!actor_may_call(&r->actor, q->cmd, &e)) http_problem(r, 403, err_name(e.code), e.text, NULL);
    else if (!prepare(r, q, &e))
        http_failure(r, &e);
    else
        start(r, q->cmd);
}
