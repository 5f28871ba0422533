/* nil — 零申报: that there was nothing of a type in a span is said by a file with one row, and goes the way of files. */
#include "agent/pushing.h"
#include "base/file.h"
#include "proto/columns.h"
#include "proto/limits.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TIMEOUT_MS = 30000 };

typedef struct nil_report {
    doc_type type;
    day_t from, to;
    str place;
} nil_report;

static bool read_day_word(const cli *w, const char *name, day_t *out, err *e) {
    const char *text = cli_value(w, name);
    if (text == NULL) return err_set(e, ERR_USAGE, "nil wants --%s DAY (like 2026-07-01)", name);
    return day_parse(str_of(text), out) || err_set(e, ERR_USAGE, "--%s: '%s' is no day like 2026-07-01", name, text);
}

static bool read_words(const call *c, nil_report *n, err *e) {
    const char *type = cli_value(&c->words, "type"), *place = cli_value(&c->words, "place");
    n->place = place ? str_of(place) : STR("");
    if (type == NULL || !doc_type_parse(str_of(type), &n->type))
        return err_set(e, ERR_USAGE, "nil wants --type sale, stock, receipt or payment%s%s", type ? ", not " : "",
                       type ? type : "");
    TRY(read_day_word(&c->words, "from", &n->from, e) && read_day_word(&c->words, "to", &n->to, e));
    if (n->from > n->to) return err_set(e, ERR_USAGE, "--from lies after --to");
    if (n->to - n->from >= LIMIT_NIL_DAYS)
        return err_set(e, ERR_USAGE, "a nil report covers at most %d days: send one a year", LIMIT_NIL_DAYS);
    if (n->place.n > LIMIT_TEXT || memchr(n->place.p, '"', n->place.n))
        return err_set(e, ERR_USAGE, "--place: at most %d bytes, without quotes", LIMIT_TEXT);
    return true;
}

static void put_span(const nil_report *n, buf *out) {
    day_put(out, n->from);
    buf_addz(out, "..");
    day_put(out, n->to);
}

/* The file as it stands at the centre: its name says what it is. */
static bool write_file(const call *c, const nil_report *n, buf *path, err *e) {
    AUTO(buf) text = {0};
    buf_printf(path, "%s/nil-%s-", c->home, doc_type_name(n->type));
    put_span(n, path);
    buf_addz(path, ".csv");
    buf_printf(&text, "type,date,place,sku,quantity\n%s,", doc_type_name(n->type));
    put_span(n, &text);
    buf_printf(&text, ",\"%.*s\",nil,\n", STR_ARG(n->place));
    return file_write(buf_z(path), buf_str(&text), 0600, e);
}

static bool push(const call *c, const char *path, int *status, err *e) {
    AUTO(push_answer) a = {0};
    pushing p = {.call = c};
    char *file[] = {realpath(path, NULL)};
    if (file[0] == NULL) return err_set(e, ERR_INTERNAL, "%s: it went away", path);
    p.request.file = calloc(1, sizeof *p.request.file);
    ASSERT(p.request.file != NULL);
    p.request.file[0] = file[0];
    p.request.files = 1;
    p.request.zh = cli_zh(&c->words);
    bool ok = cli_seconds(&c->words, "timeout", TIMEOUT_MS, &p.request.timeout_ms, e) && pushing_work(&p, &a, e) &&
              pushing_print(&a, c, e);
    push_request_free(&p.request);
    *status = a.status;
    return ok;
}

bool command_nil(const call *c, int *status, err *e) {
    AUTO(buf) path = {0};
    nil_report n;
    cli_form form;
    TRY(cli_output(&c->words, &form, e));
    TRY(read_words(c, &n, e));
    TRY(write_file(c, &n, &path, e));
    bool ok = push(c, buf_z(&path), status, e);
    (void)unlink(buf_z(&path));
    return ok;
}
