/* notices — the command: messages of the centre for this partner, in the reader's language. */
#include "agent/ask.h"
#include "agent/commands.h"
#include <jansson.h>

static void put_member(const json_t *row, const char *name, const char *after, buf *out) {
    const char *text = json_string_value(json_object_get(row, name));
    if (text && *text) buf_addz(out, text), buf_addz(out, after);
}

/* "2026-07-05  六月销售未报 …": the day it is about, then what it says. */
static bool put_notice(str line, bool zh, buf *out, err *e) {
    json_error_t why;
    json_t *row = json_loadb(line.p, line.n, 0, &why);
    if (row == NULL) return err_set(e, ERR_DATA, "a row of the answer cannot be read: %s", why.text);
    const char *text = json_string_value(json_object_get(row, zh ? "zh" : "en"));
    put_member(row, "day", "  ", out);
    put_member(row, text && *text ? zh ? "zh" : "en" : zh ? "en" : "zh", "\n", out);
    json_decref(row);
    return true;
}

static bool put_notices(const asked *a, bool zh, buf *out, err *e) {
    size_t n = 0;
    for (str rest = buf_str(&a->rows), row; asked_row(&rest, &row); n++) TRY(put_notice(row, zh, out, e));
    if (n == 0) buf_addz(out, zh ? "没有消息\n" : "no messages\n");
    return true;
}

bool command_notices(const call *c, int *status, err *e) {
    AUTO(asked) a = {0};
    AUTO(buf) out = {0};
    home h;
    cli_form form;
    const char *const words[] = {"notice", "list", "--all"};
    TRY(cli_output(&c->words, &form, e));
    if (form == FORM_CSV) return err_set(e, ERR_USAGE, "notices: -o table or json");
    TRY(home_load(c->home, &h, e));
    size_t n = cli_value(&c->words, "all") ? 3 : 2;
    bool ok = ask(&h, words, n, ASK_TIMEOUT_MS, &a, e);
    home_close(&h);
    if (ok && form == FORM_JSON) asked_json(&a, &out);
    else if (ok)
        ok = put_notices(&a, cli_zh(&c->words), &out, e);
    if (!ok) return false;
    *status = a.status;
    return cli_print(buf_str(&out), e);
}
