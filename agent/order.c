/* order — the command: what this partner is proposed to order, its word on it, and what came. */
#include "agent/ask.h"
#include "agent/commands.h"

enum { WORDS = 32, OPTIONS = 4 };

typedef struct question {
    const char *word[WORDS];
    size_t n;
} question;

static const struct verb {
    const char *name;
    bool one;                    /* an order is named */
    const char *option[OPTIONS]; /* as the centre spells them; the first of `wanted` must be given */
    const char *wanted;
} verbs[] = {
    {"list", false, {"--state"}, NULL},
    {"show", true, {NULL}, NULL},
    {"confirm", true, {"--sku", "--lines", "--wallet"}, NULL},
    {"change", true, {"--lines", "--reason"}, "--lines"},
    {"refuse", true, {"--reason", "--sku"}, "--reason"},
    {"receive", true, {"--lines", "--damaged", "--number"}, NULL},
    {"cancel", true, {"--reason"}, "--reason"},
};

static bool read_question(const call *c, question *q, err *e) {
    const char *const *w = c->words.words;
    size_t n = c->words.word_count;
    for (size_t i = 0; n && i < ARRAY_LEN(verbs); i++) {
        const struct verb *v = &verbs[i];
        if (strcmp(w[0], v->name) != 0 || n != (v->one ? 2 : 1)) continue;
        q->word[q->n++] = "order";
        for (size_t k = 0; k < n; k++) q->word[q->n++] = w[k];
        for (size_t k = 0; k < OPTIONS && v->option[k]; k++) {
            const char *value = cli_value(&c->words, v->option[k] + 2);
            if (value) q->word[q->n++] = v->option[k], q->word[q->n++] = value;
            else if (v->wanted && strcmp(v->option[k], v->wanted) == 0)
                return err_set(e, ERR_USAGE, "order %s: %s", v->name, v->wanted);
        }
        return true;
    }
    return err_set(
        e, ERR_USAGE,
        "order: wanted list, show N, confirm N, change N --lines SKU=QUANTITY, refuse N --reason T, receive N "
        "or cancel N --reason T");
}

bool command_order(const call *c, int *status, err *e) {
    question q = {.n = 0};
    return read_question(c, &q, e) && ask_and_print(c, q.word, q.n, ASK_TIMEOUT_MS, status, e);
}
