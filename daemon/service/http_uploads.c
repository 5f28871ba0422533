#include "daemon/service/http_uploads.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "daemon/catalog/partner.h"
#include "daemon/service/admin.h"
#include "formats/doubt.h"
#include "formats/formats.h"
#include "proto/batch.h"
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { ID_TEXT = 17, READ_BYTES = 4096 };

/* One file that was read, until it is submitted. Its batches lie in a file without a name: length u32, frame, … */
typedef struct held {
    char id[ID_TEXT], user[LIMIT_ID + 1], partner[LIMIT_ID + 1];
    int64_t since_ms; /* monotonic */
    int fd;
    uint64_t size;
    buf summary, result; /* JSON; a result: it was submitted, asked again it is told again */
    bool busy;
    struct held *next;
} held;

struct http_upload {
    int fd; /* the body */
    bool full;
    const char *name;
    str partner;
    held *made;
    /* while it is submitted */
    held *from;
    uint64_t at, documents, sum[6];
    json_t *problems;
};

static const char *const sums[] = {"lines", "committed", "duplicate", "superseded", "quarantined", "refused"};

/* ---- the body */

void http_upload_begin(request *r) {
    if (r->method != HTTP_PUT) return;
    r->upload = ARENA_NEW(&r->a, http_upload, 1);
    r->upload->fd = open(r->h->s->dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (r->upload->fd < 0) http_problem(r, 507, "storage_full", "no room for the file", NULL);
}

void http_upload_take(request *r, str piece) {
    http_upload *u = r->upload;
    if (u == NULL || u->full || r->body_n > LIMIT_UPLOAD_BYTES) return;
    err unused;
    u->full = !file_write_fd(u->fd, piece, &unused);
}

static void held_free(held *x) {
    if (x == NULL) return;
    if (x->fd >= 0) (void)close(x->fd);
    buf_free(&x->summary);
    buf_free(&x->result);
    free(x);
}

void http_upload_drop(request *r) {
    http_upload *u = r->upload;
    if (u == NULL) return;
    if (u->fd > 0) (void)close(u->fd);
    held_free(u->made);
    json_decref(u->problems);
}

/* ---- reading, beside the loop */

static bool keep_batch(void *arg, uint64_t seq, str frame, size_t docs, size_t lines, err *e) {
    held *x = arg;
    uint8_t head[4];
    (void)seq, (void)docs, (void)lines;
    put_be32(head, (uint32_t)frame.n);
    x->size += sizeof head + frame.n;
    return file_write_fd(x->fd, str_from(head, sizeof head), e) && file_write_fd(x->fd, frame, e);
}

static void put_problems(json *j, const docset *s) {
    json_key(j, "problems");
    json_open_array(j);
    for (size_t i = 0; i < s->problem_count; i++) {
        const problem *p = &s->problems[i];
        json_open_object(j);
        json_key(j, "file"), json_str(j, p->file);
        json_key(j, "row"), json_uint(j, p->row);
        json_key(j, "column"), json_str(j, p->column);
        json_key(j, "found"), json_str(j, p->found);
        json_key(j, "wanted"), json_str(j, p->wanted);
        json_key(j, "hint"), json_str(j, p->hint);
        json_end_object(j);
    }
    json_end_array(j);
    json_key(j, "problems_total"), json_uint(j, s->problems_total);
    json_key(j, "skipped_total"), json_uint(j, s->skipped_total);
}

static void put_day(json *j, const char *key, day_t day, bool known) {
    AUTO(buf) text = {0};
    json_key(j, key);
    if (known) day_put(&text, day), json_str(j, buf_str(&text));
    else
        json_none(j);
}

/* What one looks at before it counts: how much, of which days, what is wrong. */
static void summarise(const request *r, held *x, const docset *s) {
    int64_t amount = 0;
    bool stated = false;
    day_t first = DAY_MAX, last = DAY_MIN;
    for (size_t i = 0; i < s->lines; i++) {
        doc_line l = docset_at(s, i);
        int64_t v = doubt_amount(&l);
        if (v == NUM_NONE || __builtin_add_overflow(amount, v, &amount)) continue;
        stated = true;
    }
    for (size_t i = 0; i < s->docs; i++) {
        if (s->doc[i].date < first) first = s->doc[i].date;
        if (s->doc[i].date > last) last = s->doc[i].date;
    }
    json j = json_into(&x->summary);
    json_open_object(&j);
    json_key(&j, "upload"), json_z(&j, x->id);
    json_key(&j, "name"), json_z(&j, r->upload->name);
    json_key(&j, "partner");
    if (x->partner[0]) json_z(&j, x->partner);
    else
        json_none(&j);
    json_key(&j, "dialect"), json_str(&j, s->dialect);
    json_key(&j, "documents"), json_uint(&j, s->docs);
    json_key(&j, "lines"), json_uint(&j, s->lines);
    json_key(&j, "refused"), json_uint(&j, s->refused);
    json_key(&j, "amount");
    if (stated) json_dec(&j, amount, MICRO_SCALE, 2);
    else
        json_none(&j);
    put_day(&j, "from", first, s->docs > 0);
    put_day(&j, "to", last, s->docs > 0);
    put_problems(&j, s);
    json_end_object(&j);
}

static bool read_file(request *r, held *x, err *e) {
    AUTO(docset) s = {0};
    AUTO(source_file) f = {0};
    char path[64];
    batch_cut how = {.first_seq = 1};
    docset_init(&s);
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", r->upload->fd);
    TRY(source_open(&f, path, r->upload->name, LIMIT_UPLOAD_BYTES, e));
    TRY(formats_read(&f.in, NULL, &s, e));
    randombytes_buf(&how.epoch, sizeof how.epoch);
    x->fd = open(r->h->s->dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (x->fd < 0) return err_set(e, ERR_FULL, "no room for what was read: %s", strerror(errno));
    TRY(batch_cut_docset(&s, &how, keep_batch, x, e));
    summarise(r, x, &s);
    return true;
}

static void work(job *j) {
    request *r = j->own;
    err e = {0};
    if (!read_file(r, r->upload->made, &e)) r->why = e;
}

/* ---- what is held */

static bool may_hold(http *h, const held *x, err *e) {
    size_t all = 0, own = 0;
    for (held *one = h->held; one; one = one->next, all++) own += strcmp(one->user, x->user) == 0;
    return (all < LIMIT_HELD && own < LIMIT_HELD_USER) ||
           err_set(e, ERR_CONFLICT, "%zu files wait to be submitted: submit or drop one first", own);
}

static void give(service *s, job *j) {
    request *r = j->own;
    http *h = s->http;
    http_upload *u = r->upload;
    err e = {0};
    r->job = NULL;
    (void)pthread_mutex_lock(&h->lock);
    if (r->why.code == ERR_OK && may_hold(h, u->made, &e)) {
        u->made->next = h->held;
        h->held = u->made;
        u->from = u->made;
        u->made = NULL;
    } else if (r->why.code == ERR_OK)
        r->why = e;
    (void)pthread_mutex_unlock(&h->lock);
    http_resume(r);
}

/* The caller's own of that id; with the lock held. */
static held **find_held(const request *r, str id) {
    for (held **at = &r->h->held; *at; at = &(*at)->next)
        if (str_is(id, (*at)->id) && str_is(r->actor.name, (*at)->user)) return at;
    return NULL;
}

static void nothing_there(request *r) {
    http_problem(r, 404, "not_found", "no file of yours waits under this id", "GET /api/v1/uploads lists them");
}

void http_uploads_second(http *h, int64_t now_ms) {
    (void)pthread_mutex_lock(&h->lock);
    for (held **at = &h->held; *at;) {
        held *x = *at;
        if (x->busy || now_ms - x->since_ms < LIMIT_HELD_MS) {
            at = &x->next;
            continue;
        }
        *at = x->next;
        held_free(x);
    }
    (void)pthread_mutex_unlock(&h->lock);
}

void http_uploads_free(http *h) {
    while (h->held) {
        held *x = h->held;
        h->held = x->next;
        held_free(x);
    }
}

/* ---- submitting: a batch a turn of the loop */

static bool next_frame(http_upload *u, buf *out, err *e) {
    uint8_t head[4];
    held *x = u->from;
    if (pread(x->fd, head, sizeof head, (off_t)u->at) != (ssize_t)sizeof head)
        return err_set(e, ERR_INTERNAL, "what was read of the file cannot be read back");
    uint32_t n = get_be32(head);
    buf_reserve(out, n);
    if (pread(x->fd, out->p, n, (off_t)u->at + 4) != (ssize_t)n)
        return err_set(e, ERR_INTERNAL, "what was read of the file cannot be read back");
    out->n = n;
    u->at += sizeof head + n;
    return true;
}

static void add_sums(http_upload *u, str row) {
    json_error_t why;
    json_t *o = json_loadb(row.p, row.n, 0, &why);
    u->documents += (uint64_t)json_integer_value(json_object_get(o, "documents"));
    for (size_t i = 0; i < ARRAY_LEN(sums); i++) u->sum[i] += (uint64_t)json_integer_value(json_object_get(o, sums[i]));
    if (u->problems == NULL) u->problems = json_array();
    if (json_array_size(u->problems) < LIMIT_SKIPPED)
        (void)json_array_extend(u->problems, json_object_get(o, "problems"));
    json_decref(o);
}

static bool submit_frame(service *s, request *r, err *e) {
    AUTO(buf) frame = {0};
    http_upload *u = r->upload;
    str word[] = {STR("document"), STR("submit"), STR("batch"), STR("--partner"), str_of(u->from->partner)};
    attachment file = {STR("batch"), {NULL, 0}};
    TRY(next_frame(u, &frame, e));
    TRY(admin_has_room(s, frame.n, e));
    file.bytes = buf_str(&frame);
    job *j = job_new(LIMIT_HELLO_BYTES);
    j->request = (call_request){.who = r->who,
                                .words = word,
                                .word_count = u->from->partner[0] ? ARRAY_LEN(word) : 3,
                                .files = &file,
                                .file_count = 1};
    service_facts(s, &j->facts);
    j->world = (call_world){s->db, s->dir, service_now(s), &j->facts, NULL};
    answer *a = admin_run(s, j, true);
    bool ok = !a->failed;
    if (ok) add_sums(u, buf_str(&a->rows));
    else
        *e = a->why;
    if (ok && a->rows.n == 0) {
        AUTO(buf) piece = {0};
        if (answer_piece(a, LIMIT_CHUNK_BYTES, &piece)) add_sums(u, buf_str(&piece));
    }
    answer_free(a);
    job_free(j);
    return ok;
}

static void put_result(http_upload *u) {
    json j = json_into(&u->from->result);
    json_open_object(&j);
    json_key(&j, "upload"), json_z(&j, u->from->id);
    json_key(&j, "documents"), json_uint(&j, u->documents);
    for (size_t i = 0; i < ARRAY_LEN(sums); i++) json_key(&j, sums[i]), json_uint(&j, u->sum[i]);
    char *problems = json_dumps(u->problems, 0);
    json_key(&j, "problems"), json_raw(&j, problems ? str_of(problems) : STR("[]"));
    free(problems);
    json_end_object(&j);
}

/* What is in, stays in, when a later batch fails: asked again, it goes on as duplicates. */
static void submit_some(service *s, request *r) {
    http_upload *u = r->upload;
    err e = {0};
    bool ok = submit_frame(s, r, &e), done = !ok || u->at >= u->from->size;
    if (!ok) r->why = e;
    if (!done) {
        http_again(r);
        return;
    }
    if (ok) put_result(u);
    (void)pthread_mutex_lock(&s->http->lock);
    u->from->busy = false;
    (void)pthread_mutex_unlock(&s->http->lock);
    http_resume(r);
}

static void send_result(request *r) {
    http_send_json(r, 200, buf_str(&r->upload->from->result));
}

static void submit(request *r, str id) {
    http *h = r->h;
    if (r->upload == NULL) r->upload = ARENA_NEW(&r->a, http_upload, 1);
    (void)pthread_mutex_lock(&h->lock);
    held **at = find_held(r, id);
    held *x = at ? *at : NULL;
    bool busy = false, done = x && x->result.n; /* batches of one user come in order: one file at a time */
    for (held *one = r->h->held; one; one = one->next) busy |= one->busy && str_is(r->actor.name, one->user);
    if (x && !done && !busy) x->busy = true;
    (void)pthread_mutex_unlock(&h->lock);
    r->upload->from = x;
    r->in_loop = submit_some;
    r->then = send_result;
    if (x == NULL) nothing_there(r);
    else if (busy)
        http_problem(r, 409, "conflict", "a file of yours is being submitted", NULL);
    else if (done)
        send_result(r);
    else
        http_to_loop(r);
}

/* ---- the requests */

static void read_then(request *r) {
    str hold = http_param_of(r, "hold");
    if (hold.p && str_is(hold, "false")) submit(r, str_of(r->upload->from->id));
    else
        http_send_json(r, 200, buf_str(&r->upload->from->summary));
}

/* May this user send for that partner? Partners send their own, named or not. */
static bool partner_right(request *r, const command *cmd, str *partner_id_out, err *e) {
    AUTO(txn) *t = NULL;
    partner p = {0};
    str named = http_param_of(r, "partner");
    if (named.n == 0 && r->actor.role & ROLES_PARTNER) named = r->actor.scope;
    TRY(txn_begin(r->h->s->db, TXN_READ, &t, e));
    if (named.n && !partner_by_id(t, named, &p)) return err_set(e, ERR_NOT_FOUND, "unknown partner");
    call c = {.command = cmd, .who = r->actor, .t = t, .a = &r->a};
    *partner_id_out = named;
    return authz(&c, "write", p.no, e);
}

static bool name_ok(str name) {
    return name.n && name.n <= LIMIT_FILE_NAME && utf8_valid(name) && text_clean(name) && !str_has(name, STR("/")) &&
           !str_has(name, STR("\\")) && name.p[0] != '.';
}

static bool prepare(request *r, const command *cmd, err *e) {
    http_upload *u = r->upload;
    str whose = STR("");
    uint8_t raw[(ID_TEXT - 1) / 2];
    TRY(http_read_query(r, e));
    for (size_t i = 0; i < r->params; i++)
        if (!str_is(r->param[i].name, "partner") && !str_is(r->param[i].name, "hold"))
            return err_set(e, ERR_USAGE, "unknown parameter '%.*s': wanted partner, hold",
                           STR_ARG(str_take(r->param[i].name, 40)));
    if (!name_ok(r->rest)) return err_set(e, ERR_USAGE, "the name of the file: wanted one like sales-2026-06.xlsx");
    if (u->full) return err_set(e, ERR_FULL, "no room for the file");
    TRY(partner_right(r, cmd, &whose, e));
    u->name = arena_str(&r->a, r->rest).p;
    u->made = calloc(1, sizeof *u->made);
    ASSERT(u->made != NULL);
    u->made->fd = -1;
    u->made->since_ms = mono_ms();
    randombytes_buf(raw, sizeof raw);
    (void)sodium_bin2hex(u->made->id, sizeof u->made->id, raw, sizeof raw);
    (void)str_copy_z(r->actor.name, u->made->user, sizeof u->made->user);
    (void)str_copy_z(whose, u->made->partner, sizeof u->made->partner);
    return true;
}

static void put(request *r, const command *cmd) {
    err e;
    if (r->body_n > LIMIT_UPLOAD_BYTES) {
        http_problem(r, 413, "too_large", "the file is too large", "a file has at most 64 MiB");
        return;
    }
    if (!prepare(r, cmd, &e)) {
        http_failure(r, &e);
        return;
    }
    r->then = read_then;
    r->job = job_new(LIMIT_HELLO_BYTES);
    r->job->own = r;
    r->job->work = work;
    r->job->give = give;
    r->job->slow = true;
    http_to_readers(r);
}

static void list(request *r) {
    AUTO(buf) text = {0};
    buf_byte(&text, '[');
    (void)pthread_mutex_lock(&r->h->lock);
    for (const held *x = r->h->held; x; x = x->next) {
        if (!str_is(r->actor.name, x->user) || x->result.n) continue;
        if (text.n > 1) buf_byte(&text, ',');
        buf_add(&text, buf_str(&x->summary));
    }
    (void)pthread_mutex_unlock(&r->h->lock);
    buf_byte(&text, ']');
    http_send_json(r, 200, buf_str(&text));
}

static void show(request *r, str id) {
    AUTO(buf) text = {0};
    (void)pthread_mutex_lock(&r->h->lock);
    held **at = find_held(r, id);
    if (at) buf_add(&text, buf_str(&(*at)->summary));
    (void)pthread_mutex_unlock(&r->h->lock);
    if (text.n) http_send_json(r, 200, buf_str(&text));
    else
        nothing_there(r);
}

static void drop(request *r, str id) {
    (void)pthread_mutex_lock(&r->h->lock);
    held **at = find_held(r, id), *x = at && !(*at)->busy ? *at : NULL;
    if (x) *at = x->next;
    (void)pthread_mutex_unlock(&r->h->lock);
    held_free(x);
    if (x) http_send_json(r, 200, STR("{\"message\":\"dropped\"}"));
    else
        nothing_there(r);
}

void http_uploads(request *r) {
    static const str said[] = {{"document", 8}, {"submit", 6}};
    size_t used;
    err e;
    const command *cmd = command_find(said, ARRAY_LEN(said), &used);
    bool submits = r->method == HTTP_POST && str_ends(r->rest, STR("/submit"));
    if (!actor_may_call(&r->actor, cmd, &e)) http_problem(r, 403, err_name(e.code), e.text, NULL);
    else if (r->method == HTTP_PUT)
        put(r, cmd);
    else if (submits)
        submit(r, str_take(r->rest, r->rest.n - 7));
    else if (r->method == HTTP_DELETE)
        drop(r, r->rest);
    else if (r->method == HTTP_POST)
        nothing_there(r);
    else if (r->rest.n == 0)
        list(r);
    else
        show(r, r->rest);
}

const char http_uploads_openapi[] =
    ",\"/uploads/\":{\"get\":{\"operationId\":\"uploads\",\"summary\":\"Files that were read and wait to be "
    "submitted.\","
    "\"responses\":{\"200\":{\"description\":\"What was read\",\"content\":{\"application/json\":{\"schema\":{\"type\":"
    "\"array\",\"items\":{\"type\":\"object\"}}}}},\"default\":{\"$ref\":\"#/components/responses/Problem\"}}}},"
    "\"/uploads/{name}\":{\"parameters\":[{\"name\":\"name\",\"in\":\"path\",\"required\":true,\"description\":"
    "\"PUT: the file's name; else the upload's id\",\"schema\":{\"type\":\"string\",\"maxLength\":255}}],"
    "\"put\":{\"operationId\":\"upload\",\"summary\":\"Read a file of documents; hold=false submits it at once.\","
    "\"parameters\":[{\"name\":\"partner\",\"in\":\"query\",\"schema\":{\"type\":\"string\"}},"
    "{\"name\":\"hold\",\"in\":\"query\",\"schema\":{\"type\":\"string\",\"enum\":[\"true\",\"false\"]}}],"
    "\"requestBody\":{\"content\":{\"application/octet-stream\":{}}},"
    "\"responses\":{\"200\":{\"description\":\"What was read, or what became of "
    "it\",\"content\":{\"application/json\":{"
    "\"schema\":{\"type\":\"object\"}}}},\"default\":{\"$ref\":\"#/components/responses/Problem\"}}},"
    "\"get\":{\"operationId\":\"upload_read\",\"summary\":\"What was read of a file that "
    "waits.\",\"responses\":{\"200\":{"
    "\"description\":\"What was read\",\"content\":{\"application/json\":{\"schema\":{\"type\":\"object\"}}}},"
    "\"default\":{\"$ref\":\"#/components/responses/Problem\"}}},"
    "\"delete\":{\"operationId\":\"upload_drop\",\"summary\":\"Forget a file that waits.\",\"responses\":{\"200\":{"
    "\"description\":\"Done\",\"content\":{\"application/json\":{\"schema\":{\"type\":\"object\"}}}},"
    "\"default\":{\"$ref\":\"#/components/responses/Problem\"}}}},"
    "\"/uploads/{name}/"
    "submit\":{\"parameters\":[{\"name\":\"name\",\"in\":\"path\",\"required\":true,\"schema\":{\"type\":"
    "\"string\"}}],\"post\":{\"operationId\":\"upload_submit\",\"summary\":\"Let a file that was read count.\","
    "\"responses\":{\"200\":{\"description\":\"What became of "
    "it\",\"content\":{\"application/json\":{\"schema\":{\"type\":"
    "\"object\"}}}},\"default\":{\"$ref\":\"#/components/responses/Problem\"}}}},"
    "\"/events\":{\"get\":{\"operationId\":\"events\",\"summary\":\"Says when something changed "
    "(SSE).\",\"responses\":{"
    "\"200\":{\"description\":\"change: {seq, kinds}; resync: ask anew\",\"content\":{\"text/event-stream\":{}}},"
    "\"default\":{\"$ref\":\"#/components/responses/Problem\"}}}}";
