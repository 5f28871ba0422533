/* transfer — the command: slow stock that another partner could use, or that this one could have; its word on it. */
#include "agent/ask.h"
#include "agent/commands.h"
#include <errno.h>
#include <stdio.h>

enum { WORDS = 8 };

typedef struct question {
    const char *word[WORDS];
    size_t n;
} question;

static bool read_question(const call *c, question *q, err *e) {
    const char *const *w = c->words.words, *reason = cli_value(&c->words, "reason");
    size_t n = c->words.word_count;
    bool list = n == 1 && strcmp(w[0], "list") == 0, agree = n == 2 && strcmp(w[0], "agree") == 0,
         refuse = n == 2 && strcmp(w[0], "refuse") == 0;
    if (!list && !agree && !refuse)
        return err_set(e, ERR_USAGE, "transfer: wanted list, agree N or refuse N --reason T");
    if (refuse && reason == NULL) return err_set(e, ERR_USAGE, "transfer refuse: --reason");
    q->word[q->n++] = "transfer";
    for (size_t i = 0; i < n; i++) q->word[q->n++] = w[i];
    if (refuse) q->word[q->n++] = "--reason", q->word[q->n++] = reason;
    return true;
}

bool command_transfer(const call *c, int *status, err *e) {
    AUTO(asked) a = {0};
    AUTO(buf) out = {0};
    question q = {.n = 0};
    home h;
    cli_form form;
    TRY(cli_output(&c->words, &form, e) && read_question(c, &q, e) && home_load(c->home, &h, e));
    bool ok = ask(&h, q.word, q.n, ASK_TIMEOUT_MS, &a, e);
    home_close(&h);
    TRY(ok && asked_render(&a, form, &out, e));
    *status = a.status;
    (void)fwrite(out.p, 1, out.n, stdout);
    return fflush(stdout) == 0 || err_set(e, ERR_INTERNAL, "cannot write: %s", strerror(errno));
}
