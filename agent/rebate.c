/* rebate — the command: what the centre reckons that this partner earns, and why, in the reader's language. */
#include "agent/ask.h"
#include "agent/commands.h"
#include "base/file.h"
#include "proto/digest.h"
#include "proto/limits.h"
#include <jansson.h>

typedef struct question {
    const char *word[24];
    size_t n;
    buf digest; /* of a claim's file, hex */
} question;

static void add(question *q, const char *word) {
    q->word[q->n++] = word;
}

/* `statement` shows all or one; `confirm` and `dispute` are for one, or for lines of it. */
static bool ask_statement(const call *c, question *q) {
    const char *const *w = c->words.words, *line = cli_value(&c->words, "line"),
                      *reason = cli_value(&c->words, "reason");
    size_t n = c->words.word_count;
    bool shows = strcmp(w[0], "statement") == 0;
    if (n > 2 || (n == 1 && !shows)) return false;
    add(q, w[0]);
    if (shows) add(q, n == 2 ? "show" : "list");
    if (n == 2) add(q, w[1]);
    if (!shows && line) add(q, "--line"), add(q, line);
    if (!shows && reason) add(q, "--reason"), add(q, reason);
    return true;
}

/* The file stays here; its name and digest go along. */
static bool add_file(const char *path, question *q, err *e) {
    AUTO(buf) bytes = {0};
    uint8_t digest[DIGEST_SIZE];
    const char *slash = strrchr(path, '/');
    TRY(file_read(path, LIMIT_FILE_BYTES, &bytes, e));
    digest_of(buf_str(&bytes), digest);
    hex_put(&q->digest, digest, sizeof digest);
    add(q, "--file-name"), add(q, slash ? slash + 1 : path);
    add(q, "--digest"), add(q, buf_z(&q->digest));
    return true;
}

/* claim list, claim show N, claim withdraw N, claim POLICY --amount A … */
static bool ask_claim(const call *c, question *q, err *e) {
    static const char *const options[] = {"amount", "date", "what", "evidence", "sku", "reason"};
    const char *const *w = c->words.words, *file = cli_value(&c->words, "file");
    size_t n = c->words.word_count;
    bool lists = n == 2 && strcmp(w[1], "list") == 0;
    bool one = n == 3 && (strcmp(w[1], "show") == 0 || strcmp(w[1], "withdraw") == 0);
    if (!lists && !one && n != 2)
        return err_set(e, ERR_USAGE,
                       "rebate claim: wanted list, show N, withdraw N, or POLICY --amount A --evidence T");
    add(q, "claim");
    add(q, lists || one ? w[1] : "file");
    if (!lists) add(q, one ? w[2] : w[1]);
    for (size_t i = 0; i < ARRAY_LEN(options); i++) {
        const char *v = cli_value(&c->words, options[i]);
        static const char *const dashed[] = {"--amount", "--date", "--what", "--evidence", "--sku", "--reason"};
        if (v) add(q, dashed[i]), add(q, v);
    }
    return file == NULL || add_file(file, q, e);
}

static bool about_statements(const char *verb) {
    return strcmp(verb, "statement") == 0 || strcmp(verb, "confirm") == 0 || strcmp(verb, "dispute") == 0;
}

/* The partner's own name is put in: nobody explains another's. */
static bool read_question(const call *c, const home *h, question *q, err *e) {
    const char *const *w = c->words.words, *from = cli_value(&c->words, "from-row");
    size_t n = c->words.word_count;
    add(q, "rebate");
    if (n == 1 && strcmp(w[0], "list") == 0) add(q, "evaluate");
    else if (n == 1 && strcmp(w[0], "outlook") == 0)
        add(q, "outlook");
    else if (n == 3 && strcmp(w[0], "explain") == 0) {
        add(q, "explain");
        add(q, h->partner);
        add(q, w[1]);
        add(q, w[2]);
        if (from) add(q, "--from-row"), add(q, from);
    } else if (n > 1 && strcmp(w[0], "claim") == 0)
        return ask_claim(c, q, e);
    else if (n == 0 || !about_statements(w[0]) || !ask_statement(c, q))
        return err_set(e, ERR_USAGE,
                       "rebate: wanted list, outlook, explain POLICY PERIOD, statement [N], confirm N, dispute N, "
                       "or claim POLICY");
    return true;
}

/* ---- the page of an explanation */

static const char *text_of(const json_t *o, const char *name) {
    const char *s = json_string_value(json_object_get(o, name));
    return s ? s : "";
}

static void put_lines(const json_t *page, bool zh, buf *out) {
    size_t i;
    const json_t *l;
    json_array_foreach(json_object_get(page, "lines"), i, l) {
        const char *band = text_of(l, "band");
        buf_printf(out, "  %s %s%s%s  %s %s  → %s\n", text_of(l, "stage"), text_of(l, "mechanism"),
                   *band ? zh ? "，档 " : ", band " : "", band, zh ? "基数" : "basis", text_of(l, "basis_amount"),
                   text_of(l, "amount"));
    }
}

static void put_rows(const json_t *page, buf *out) {
    size_t i;
    const json_t *r;
    json_array_foreach(json_object_get(page, "rows"), i, r)
        buf_printf(out, "    %s  %s %s  %s  → %s\n", text_of(r, "date"), text_of(r, "document"), text_of(r, "sku"),
                   text_of(r, "basis"), text_of(r, "amount"));
}

static void put_waits(const json_t *page, bool zh, buf *out) {
    size_t i;
    const json_t *w;
    json_array_foreach(json_object_get(page, "waits"), i, w) {
        const char *releases = text_of(w, zh ? "zh" : "en");
        buf_printf(out, "  %s %s  %s%s%s\n", text_of(w, "sku"), text_of(w, "quantity"), text_of(w, "why"),
                   *releases ? zh ? "；" : "; " : "", releases);
    }
}

static void put_conditions(const json_t *page, bool zh, buf *out) {
    size_t i;
    const json_t *x;
    json_array_foreach(json_object_get(page, "conditions"), i, x) {
        if (json_is_true(json_object_get(x, "met"))) continue;
        bool lost = strcmp(text_of(x, "unmet"), "forfeit") == 0;
        buf_printf(out, "  %s%s: %s\n",
                   zh     ? lost ? "条件未满足，不予返利：" : "条件未满足，暂缓："
                   : lost ? "forfeited, "
                          : "held, ",
                   text_of(x, "condition"), text_of(x, "why"));
    }
}

/* Below the list: which uploads would release what. */
static bool put_hints(const home *h, bool zh, buf *out, err *e) {
    AUTO(asked) a = {0};
    TRY(ask(h, (const char *const[]){"rebate", "waits"}, 2, ASK_TIMEOUT_MS, &a, e));
    for (str rest = buf_str(&a.rows), row; asked_row(&rest, &row);) {
        json_error_t why;
        json_t *w = json_loadb(row.p, row.n, 0, &why);
        if (w && *text_of(w, zh ? "zh" : "en"))
            buf_printf(out, "%s %s %s: %s\n", text_of(w, "policy"), text_of(w, "period"), text_of(w, "sku"),
                       text_of(w, zh ? "zh" : "en"));
        json_decref(w);
    }
    return true;
}

static bool put_page(const asked *a, bool zh, buf *out, err *e) {
    json_error_t why;
    str rest = buf_str(&a->rows), row;
    if (!asked_row(&rest, &row)) return err_set(e, ERR_DATA, "the centre's answer is empty");
    json_t *page = json_loadb(row.p, row.n, 0, &why);
    if (page == NULL) return err_set(e, ERR_DATA, "the answer cannot be read: %s", why.text);
    buf_printf(out, "%s %s  %s %s  ¥%s\n", text_of(page, "policy"), text_of(page, "title"), zh ? "期间" : "period",
               text_of(page, "period"), text_of(page, "amount"));
    if (*text_of(page, "gap"))
        buf_printf(out, zh ? "  上报 %s，核实 %s，差 %s\n" : "  reported %s, verified %s, gap %s\n",
                   text_of(page, "reported"), text_of(page, "verified"), text_of(page, "gap"));
    put_lines(page, zh, out);
    put_rows(page, out);
    put_waits(page, zh, out);
    put_conditions(page, zh, out);
    if (*text_of(page, "next_row"))
        buf_printf(out, zh ? "还有：--from-row %s\n" : "more: --from-row %s\n", text_of(page, "next_row"));
    json_decref(page);
    return true;
}

bool command_rebate(const call *c, int *status, err *e) {
    AUTO(asked) a = {0};
    AUTO(buf) out = {0};
    question q = {.n = 0};
    home h;
    cli_form form;
    TRY(cli_output(&c->words, &form, e) && home_load(c->home, &h, e));
    bool zh = cli_zh(&c->words), table = form == FORM_TABLE;
    bool ok = read_question(c, &h, &q, e) && ask(&h, q.word, q.n, ASK_TIMEOUT_MS, &a, e);
    ok = ok && (a.form == ASKED_SHOW && table ? put_page(&a, zh, &out, e) : asked_render(&a, form, &out, e));
    if (ok && table && strcmp(q.word[1], "evaluate") == 0) ok = put_hints(&h, zh, &out, e);
    home_close(&h);
    buf_free(&q.digest);
    if (!ok) return false;
    *status = a.status;
    return cli_print(buf_str(&out), e);
}
