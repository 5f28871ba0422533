/* case — the command: cases that this partner is asked about, its answers with text and files, and what it reports itself. */
#include "agent/ask.h"
#include "agent/commands.h"
#include "agent/papers.h"
#include <jansson.h>
#include <stdio.h>

enum { WORDS_MOST = 28 };

typedef struct question {
    const char *word[WORDS_MOST];
    size_t n;
    buf attached; /* digests of the files that went before */
} question;

static void add(question *q, const char *word) {
    if (q->n < WORDS_MOST) q->word[q->n++] = word;
}

static void add_option(const call *c, question *q, const char *flag, const char *name) {
    const char *value = cli_value(&c->words, name);
    if (value == NULL) return;
    add(q, flag);
    if (*value) add(q, value);
}

/* ---- files */

static bool send_files(const call *c, const home *h, size_t first, question *q, err *e) {
    for (size_t i = first; i < c->words.word_count; i++) TRY(paper_send(h, c->words.words[i], &q->attached, e));
    if (q->attached.n) add(q, "--attached"), add(q, buf_z(&q->attached));
    return true;
}

/* ---- what is asked */

static bool read_question(const call *c, const home *h, question *q, err *e) {
    static const struct {
        const char *flag, *name;
    } claim_options[] = {{"--region", "region"},   {"--codes", "codes"},   {"--sku", "sku"},
                         {"--place", "place"},     {"--date", "date"},     {"--price", "price"},
                         {"--accused", "accused"}, {"--online", "online"}, {"--text", "text"}};
    const char *const *w = c->words.words;
    size_t n = c->words.word_count;
    add(q, "case");
    if (n == 1 && strcmp(w[0], "list") == 0) return add(q, "list"), true;
    if (n == 1 && strcmp(w[0], "claims") == 0) return add(q, "claims"), true;
    if (n == 2 && strcmp(w[0], "show") == 0) return add(q, "show"), add(q, w[1]), true;
    if (n >= 2 && strcmp(w[0], "appeal") == 0) {
        add(q, "appeal"), add(q, w[1]);
        add_option(c, q, "--text", "text");
        return send_files(c, h, 2, q, e);
    }
    if (n >= 1 && strcmp(w[0], "claim") == 0) {
        add(q, "claim");
        for (size_t i = 0; i < ARRAY_LEN(claim_options); i++)
            add_option(c, q, claim_options[i].flag, claim_options[i].name);
        return send_files(c, h, 1, q, e);
    }
    return err_set(e, ERR_USAGE,
                   "case: wanted list, show ID, appeal ID [FILE…] --text T, claim [FILE…] --region R, or claims");
}

/* ---- one case for people to read */

static const char *text_of(const json_t *o, const char *name) {
    const char *s = json_string_value(json_object_get(o, name));
    return s ? s : "";
}

static void put_page(const json_t *page, bool zh, buf *out) {
    size_t i;
    const json_t *x;
    buf_printf(out, "%s  %s  %s %s\n", text_of(page, "id"), text_of(page, "state"), zh ? "到" : "to",
               text_of(page, "destination"));
    if (*text_of(page, "due"))
        buf_printf(out, zh ? "  %s 前：%s\n" : "  by %s: %s\n", text_of(page, "due"),
                   strcmp(text_of(page, "waits_for"), "partner") == 0 ? zh ? "请答复" : "your answer"
                   : zh                                               ? "厂家"
                                                                      : "the manufacturer");
    json_array_foreach(json_object_get(page, "signals"), i, x)
        buf_printf(out, "  %s  %s  %s\n", text_of(x, "time"), text_of(x, "kind"), text_of(x, "evidence"));
    json_array_foreach(json_object_get(page, "steps"), i, x)
        buf_printf(out, "  %s  %s → %s  %s %s\n", text_of(x, "time"), text_of(x, "act"), text_of(x, "state"),
                   text_of(x, "text"), text_of(x, "told"));
}

static bool render(const asked *a, const call *c, cli_form form, buf *out, err *e) {
    json_error_t why;
    str rest = buf_str(&a->rows), row;
    if (a->form != ASKED_SHOW || form != FORM_TABLE || !asked_row(&rest, &row)) return asked_render(a, form, out, e);
    json_t *page = json_loadb(row.p, row.n, 0, &why);
    if (page == NULL) return err_set(e, ERR_DATA, "the answer cannot be read: %s", why.text);
    put_page(page, cli_zh(&c->words), out);
    json_decref(page);
    return true;
}

bool command_case(const call *c, int *status, err *e) {
    AUTO(asked) a = {0};
    AUTO(buf) out = {0};
    question q = {.n = 0};
    home h;
    cli_form form;
    TRY(cli_output(&c->words, &form, e) && home_load(c->home, &h, e));
    bool ok = read_question(c, &h, &q, e) && ask(&h, q.word, q.n, ASK_TIMEOUT_MS, &a, e);
    home_close(&h);
    buf_free(&q.attached);
    TRY(ok && render(&a, c, form, &out, e));
    *status = a.status;
    return cli_print(buf_str(&out), e);
}
