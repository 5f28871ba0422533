#include "tools/channelctl/documents.h"

#include "base/file.h"
#include "formats/formats.h"
#include "proto/batch.h"
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { FRAMES_A_CALL = 200, BYTES_A_CALL = 32 * 1024 * 1024 };

/* ---- reading */

static bool load_mapping(const client *c, mapping *m, bool *given, err *e) {
    str name = args_option(c->args, "mapping", given);
    char path[PATH_SIZE];
    if (!*given) return true;
    if (name.n >= sizeof path) return err_set(e, ERR_USAGE, "--mapping: path too long");
    return mapping_load(str_copy_z(name, path, sizeof path), m, e);
}

static bool read_documents(client *c, str name, docset *out, err *e) {
    AUTO(buf) bytes = {0};
    char file[LIMIT_FILE_NAME + 1];
    mapping m;
    bool mapped;
    TRY(load_mapping(c, &m, &mapped, e));
    source in = {.name = str_copy_z(str_is(name, "-") ? STR("stdin") : base_name(name), file, sizeof file)};
    bool ok = client_read_file(name, &bytes, e);
    in.bytes = buf_str(&bytes);
    ok = ok && formats_read(&in, mapped ? &m : NULL, out, e);
    if (mapped) mapping_free(&m);
    return ok;
}

bool client_import_try(client *c, err *e) {
    AUTO(docset) s = {0};
    AUTO(buf) out = {0};
    docset_init(&s);
    TRY(read_documents(c, c->args->positional[0], &s, e));
    if (c->as == RENDER_CSV) {
        formats_try_csv(&out, &s);
    } else {
        json j = json_into(&out);
        formats_try_json(&j, &s);
        buf_byte(&out, '\n');
    }
    if (s.problems_total) c->status = err_exit_status(ERR_DIFFERS);
    FILE *to = c->output ? fopen(c->output, "wb") : stdout;
    bool ok = to && fwrite(out.p, 1, out.n, to) == out.n && fflush(to) == 0;
    if (to && to != stdout) (void)fclose(to);
    return ok || err_set(e, ERR_INTERNAL, "cannot write");
}

/* ---- importing: batches as an agent would send them, submitted by a person */

typedef struct import {
    client *c;
    buf frame[FRAMES_A_CALL];
    attachment file[FRAMES_A_CALL];
    size_t frames, bytes;
    uint64_t files, documents;
    json_t *sum, *problems;
} import;

static const char *const sums[] = {"lines", "committed", "duplicate", "superseded", "quarantined", "refused"};

static bool take_head(void *arg, const call_out *head, err *e) {
    (void)arg, (void)head, (void)e;
    return true;
}

/* The daemon's answer to one submit: one object; added up. */
static bool take_rows(void *arg, str bytes, err *e) {
    import *im = arg;
    if (bytes.n == 0) return true;
    json_error_t why;
    json_t *o = json_loadb(bytes.p, bytes.n, 0, &why);
    if (o == NULL) return err_set(e, ERR_INTERNAL, "the answer cannot be read: %s", why.text);
    for (size_t i = 0; i < ARRAY_LEN(sums); i++) {
        json_int_t before = json_integer_value(json_object_get(im->sum, sums[i]));
        json_int_t more = json_integer_value(json_object_get(o, sums[i]));
        (void)json_object_set_new(im->sum, sums[i], json_integer(before + more));
    }
    (void)json_array_extend(im->problems, json_object_get(o, "problems"));
    json_decref(o);
    return true;
}

static bool submit(import *im, err *e) {
    str word[LIMIT_ARGS] = {STR("document"), STR("submit")};
    size_t n = 2;
    bool given;
    if (im->frames == 0) return true;
    str partner_id = args_option(im->c->args, "partner", &given);
    if (given) word[n++] = STR("--partner"), word[n++] = partner_id;
    for (size_t i = 0; i < im->frames; i++) {
        im->file[i] = (attachment){STR("batch"), buf_str(&im->frame[i])};
        word[n++] = STR("batch");
    }
    answer_sink sink = {take_head, take_rows, im};
    int status;
    bool ok = remote_call(im->c, word, n, (call_file_list){im->file, im->frames}, &sink, &status, e);
    for (size_t i = 0; i < im->frames; i++) buf_free(&im->frame[i]);
    im->frames = im->bytes = 0;
    return ok;
}

static bool take_batch(void *arg, uint64_t seq, str frame, size_t docs, size_t lines, err *e) {
    import *im = arg;
    (void)seq, (void)lines;
    if (im->frames == FRAMES_A_CALL || im->bytes + frame.n > BYTES_A_CALL) TRY(submit(im, e));
    buf *b = &im->frame[im->frames++];
    *b = (buf){0};
    buf_add(b, frame);
    im->bytes += frame.n;
    im->documents += docs;
    return true;
}

static void add_local_problems(import *im, const docset *s) {
    for (size_t i = 0; i < s->problem_count; i++) {
        const problem *p = &s->problems[i];
        json_t *o = json_object();
        (void)json_object_set_new(o, "file", json_stringn(p->file.p, p->file.n));
        (void)json_object_set_new(o, "row", json_integer((json_int_t)p->row));
        (void)json_object_set_new(o, "column", json_stringn(p->column.p, p->column.n));
        (void)json_object_set_new(o, "found", json_stringn(p->found.p, p->found.n));
        (void)json_object_set_new(o, "wanted", json_stringn(p->wanted.p, p->wanted.n));
        (void)json_object_set_new(o, "hint", json_stringn(p->hint.p, p->hint.n));
        (void)json_array_append_new(im->problems, o);
    }
    json_int_t lines = json_integer_value(json_object_get(im->sum, "lines"));
    json_int_t refused = json_integer_value(json_object_get(im->sum, "refused"));
    (void)json_object_set_new(im->sum, "lines", json_integer(lines + (json_int_t)s->refused));
    (void)json_object_set_new(im->sum, "refused", json_integer(refused + (json_int_t)s->refused));
}

static bool import_file(import *im, str name, err *e) {
    AUTO(docset) s = {0};
    batch_cut how = {.first_seq = 1};
    docset_init(&s);
    (void)args_option(im->c->args, "again", &how.again);
    while (how.epoch == 0) ASSERT(getrandom(&how.epoch, sizeof how.epoch, 0) == (ssize_t)sizeof how.epoch);
    TRY(read_documents(im->c, name, &s, e));
    TRY(batch_cut_docset(&s, &how, take_batch, im, e) && submit(im, e));
    add_local_problems(im, &s);
    im->files++;
    return true;
}

static bool show_import(import *im, err *e) {
    (void)json_object_set_new(im->sum, "files", json_integer((json_int_t)im->files));
    (void)json_object_set_new(im->sum, "documents", json_integer((json_int_t)im->documents));
    (void)json_object_set(im->sum, "problems", im->problems);
    json_int_t kept_back = json_integer_value(json_object_get(im->sum, "quarantined")) +
                           json_integer_value(json_object_get(im->sum, "refused"));
    json_int_t done = json_integer_value(json_object_get(im->sum, "committed")) +
                      json_integer_value(json_object_get(im->sum, "superseded"));
    im->c->status = kept_back ? err_exit_status(ERR_DIFFERS) : done ? STATUS_CHANGED : 0;
    char *text = json_dumps(im->sum, 0);
    ASSERT(text != NULL);
    bool ok = client_show(im->c, str_of(text), e);
    free(text);
    return ok;
}

bool client_document_import(client *c, err *e) {
    import *im = calloc(1, sizeof *im);
    ASSERT(im != NULL);
    im->c = c;
    im->sum = json_object();
    im->problems = json_array();
    (void)json_object_set_new(im->sum, "files", json_integer(0));
    (void)json_object_set_new(im->sum, "documents", json_integer(0));
    for (size_t i = 0; i < ARRAY_LEN(sums); i++) (void)json_object_set_new(im->sum, sums[i], json_integer(0));
    bool ok = true;
    for (size_t i = 0; ok && i < c->args->positionals; i++) {
        str name = c->args->positional[i];
        ok = import_file(im, name, e) || (err_wrap(e, "%.*s", STR_ARG(str_take(base_name(name), 80))), false);
    }
    ok = ok && show_import(im, e);
    for (size_t i = 0; i < im->frames; i++) buf_free(&im->frame[i]);
    json_decref(im->sum);
    json_decref(im->problems);
    free(im);
    return ok;
}
