/* held — the command: what waits for a person, confirm it or drop it. */
#include "agent/commands.h"
#include "agent/held.h"
#include "agent/pushing.h"
#include "base/clock.h"
#include "base/csv_put.h"
#include "base/json.h"
#include <stdio.h>

enum { REPORT_BYTES = 1024 * 1024, TIMEOUT_MS = 30000 };

typedef struct listing {
    cli_form form;
    json json;
    buf out;
    const char *home_dir;
} listing;

static bool list_one(void *arg, const char *name, const char *path, err *e) {
    listing *l = arg;
    AUTO(buf) why = {0}, beside = {0};
    buf_printf(&beside, "%s.txt", path);
    if (!file_read(buf_z(&beside), REPORT_BYTES, &why, e) && e->code != ERR_NOT_FOUND) return false;
    if (l->form == FORM_JSON) {
        json_open_object(&l->json);
        json_key(&l->json, "file"), json_z(&l->json, name);
        json_key(&l->json, "report"), json_str(&l->json, buf_str(&why));
        json_end_object(&l->json);
        return true;
    }
    if (l->form == FORM_CSV) {
        csv_put(&l->out, str_of(name));
        buf_byte(&l->out, '\n');
        return true;
    }
    buf_printf(&l->out, "%s\n", name);
    buf_add(&l->out, buf_str(&why));
    return true;
}

static bool list(const call *c, err *e) {
    listing l = {.home_dir = c->home};
    TRY(cli_output(&c->words, &l.form, e));
    l.json = json_into(&l.out);
    if (l.form == FORM_JSON) json_open_array(&l.json);
    if (l.form == FORM_CSV) buf_addz(&l.out, "file\n");
    bool ok = held_each(c->home, list_one, &l, e);
    if (l.form == FORM_JSON) json_end_array(&l.json), buf_byte(&l.out, '\n');
    if (l.form == FORM_TABLE && l.out.n == 0) buf_addz(&l.out, "nothing is held\n");
    ok = ok && cli_print(buf_str(&l.out), e);
    buf_free(&l.out);
    return ok;
}

/* Sent as it was to be sent, whatever is doubted in it; spooled, it is archived. */
static bool confirm(const call *c, const char *name, int *status, err *e) {
    pushing p = {.call = c, .request.zh = cli_zh(&c->words)};
    AUTO(push_answer) a = {0};
    bool ok = cli_seconds(&c->words, "timeout", TIMEOUT_MS, &p.request.timeout_ms, e) &&
              held_request(c->home, name, &p.request, e) && pushing_work(&p, &a, e) && pushing_print(&a, c, e);
    push_request_free(&p.request);
    *status = a.status;
    return ok && (p.spooled == 0 || held_archive(c->home, name, wall_ms(), e));
}

bool command_held(const call *c, int *status, err *e) {
    static const char usage[] = "held wants: list, confirm FILE or drop FILE";
    size_t n = c->words.word_count;
    const char *verb = n ? c->words.words[0] : "list";
    *status = 0;
    if (strcmp(verb, "list") == 0 && n <= 1) return list(c, e);
    if (n != 2) return err_set(e, ERR_USAGE, "%s", usage);
    if (strcmp(verb, "confirm") == 0) return confirm(c, c->words.words[1], status, e);
    if (strcmp(verb, "drop") == 0) return held_drop(c->home, c->words.words[1], e);
    return err_set(e, ERR_USAGE, "%s", usage);
}
