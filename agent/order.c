/* order — the command: what this partner is proposed to order, its word on it, and what came. */
#include "agent/ask.h"
#include "agent/commands.h"
#include "agent/papers.h"

enum { WORDS = 32, OPTIONS = 5 };

typedef struct question {
    const char *word[WORDS];
    size_t n;
    buf photos, cartons; /* digests of the files that went before */
} question;

static const struct verb {
    const char *name;
    bool one;                    /* an order is named */
    bool files;                  /* photos may follow it */
    const char *option[OPTIONS]; /* as the centre spells them; the first of `wanted` must be given */
    const char *wanted;
} verbs[] = {
    {"list", false, false, {"--state"}, NULL},
    {"show", true, false, {NULL}, NULL},
    {"confirm", true, false, {"--sku", "--lines", "--wallet"}, NULL},
    {"change", true, false, {"--lines", "--reason"}, "--lines"},
    {"refuse", true, false, {"--reason", "--sku"}, "--reason"},
    {"receive", true, true, {"--lines", "--codes", "--document", "--damaged", "--number"}, NULL},
    {"close", true, false, {"--reason"}, NULL},
    {"cancel", true, false, {"--reason"}, "--reason"},
    {"reopen", true, false, {"--reason"}, NULL},
};

static void add(question *q, const char *option, const char *value) {
    q->word[q->n++] = option;
    q->word[q->n++] = value;
}

/* Photos, and the file of scanned cartons, go before the question that names them. */
static bool send_files(const call *c, const home *h, const struct verb *v, question *q, err *e) {
    const char *cartons = v->files ? cli_value(&c->words, "cartons") : NULL;
    for (size_t i = 2; i < c->words.word_count; i++) TRY(paper_send(h, c->words.words[i], &q->photos, e));
    if (q->photos.n) add(q, "--attached", buf_z(&q->photos));
    if (cartons == NULL) return true;
    TRY(paper_send(h, cartons, &q->cartons, e));
    add(q, "--cartons", buf_z(&q->cartons));
    return true;
}

static bool read_question(const call *c, const home *h, question *q, err *e) {
    const char *const *w = c->words.words;
    size_t n = c->words.word_count;
    for (size_t i = 0; n && i < ARRAY_LEN(verbs); i++) {
        const struct verb *v = &verbs[i];
        if (strcmp(w[0], v->name) != 0 || (v->files ? n < 2 : n != (v->one ? 2 : 1))) continue;
        q->word[q->n++] = "order";
        for (size_t k = 0; k < (v->one ? 2 : 1); k++) q->word[q->n++] = w[k];
        for (size_t k = 0; k < OPTIONS && v->option[k]; k++) {
            const char *value = cli_value(&c->words, v->option[k] + 2);
            if (value) add(q, v->option[k], value);
            else if (v->wanted && strcmp(v->option[k], v->wanted) == 0)
                return err_set(e, ERR_USAGE, "order %s: %s", v->name, v->wanted);
        }
        return send_files(c, h, v, q, e);
    }
    return err_set(
        e, ERR_USAGE,
        "order: wanted list, show N, confirm N, change N --lines SKU=QUANTITY, refuse N --reason T, receive N "
        "[PHOTO…], close N, cancel N --reason T or reopen N");
}

bool command_order(const call *c, int *status, err *e) {
    question q = {.n = 0};
    home h;
    TRY(home_load(c->home, &h, e));
    bool ok = read_question(c, &h, &q, e);
    home_close(&h);
    ok = ok && ask_and_print(c, q.word, q.n, ASK_TIMEOUT_MS, status, e);
    buf_free(&q.photos);
    buf_free(&q.cartons);
    return ok;
}
