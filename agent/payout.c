/* payout — the command: what of this partner's rebates is on its way to it, and its word on credit notes and expenses. */
#include "agent/ask.h"
#include "agent/commands.h"

enum { WORDS = 32 };

typedef struct question {
    const char *word[WORDS];
    size_t n;
} question;

static const struct verb {
    const char *name, *option;
    size_t least, most; /* payouts named */
    bool asked;         /* the option must be given */
} verbs[] = {
    {"list", "state", 0, 0, false},
    {"show", NULL, 1, 1, false},
    {"confirm", "number", 1, 16, false},
    {"refuse", "reason", 1, 16, true},
};

static bool read_question(const call *c, question *q, err *e) {
    const char *const *w = c->words.words;
    size_t n = c->words.word_count;
    for (size_t i = 0; n && i < ARRAY_LEN(verbs); i++) {
        const struct verb *v = &verbs[i];
        const char *value = v->option ? cli_value(&c->words, v->option) : NULL;
        if (strcmp(w[0], v->name) != 0 || n - 1 < v->least || n - 1 > v->most) continue;
        if (v->asked && value == NULL) return err_set(e, ERR_USAGE, "payout %s: --%s", v->name, v->option);
        q->word[q->n++] = "payout";
        for (size_t k = 0; k < n; k++) q->word[q->n++] = w[k];
        static const char *const options[] = {"--state", "--number", "--reason"};
        for (size_t k = 0; value && k < ARRAY_LEN(options); k++)
            if (strcmp(options[k] + 2, v->option) == 0) q->word[q->n++] = options[k], q->word[q->n++] = value;
        return true;
    }
    return err_set(e, ERR_USAGE, "payout: wanted list, show N, confirm N … or refuse N … --reason T");
}

bool command_payout(const call *c, int *status, err *e) {
    question q = {.n = 0};
    return read_question(c, &q, e) && ask_and_print(c, q.word, q.n, ASK_TIMEOUT_MS, status, e);
}
