/* push — the command: give the files to the agent that runs in this home, or do the work here. */
#include "agent/branch.h"
#include "agent/feed.h"
#include "agent/held.h"
#include "agent/pushing.h"
#include "base/clock.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { TIMEOUT_MS = 30000, LOCK_POLL_MS = 20, TURN_MAX_MS = 100 };

/* One write a line: whoever reads along sees whole lines. */
static void announce(void *arg, const char *file, const uint8_t sha256[static 32]) {
    pushing *p = arg;
    AUTO(buf) line = {0};
    const char *word = file;
    p->spooled++;
    if (!p->announce) return;
    for (size_t i = 0; i < p->call->words.word_count; i++)
        if (strcmp(p->whole[i], file) == 0) word = p->call->words.words[i];
    buf_printf(&line, "spooled %s ", word);
    for (int i = 0; i < 32; i++) buf_printf(&line, "%02x", sha256[i]);
    buf_byte(&line, '\n');
    (void)!write(STDERR_FILENO, line.p, line.n);
}

/* All files must be there before any is taken. */
static bool collect(const call *c, pushing *p, err *e) {
    const char *mapping = cli_value(&c->words, "mapping");
    p->request.file = calloc(c->words.word_count + 1, sizeof *p->request.file);
    p->whole = calloc(c->words.word_count + 1, sizeof *p->whole);
    ASSERT(p->request.file != NULL && p->whole != NULL);
    for (size_t i = 0; i < c->words.word_count; i++) {
        char *whole = realpath(c->words.words[i], NULL);
        if (whole == NULL)
            return err_set(e, ERR_NOT_FOUND, "%s: %s (no file was taken)", c->words.words[i], strerror(errno));
        p->request.file[p->request.files++] = whole;
        p->whole[i] = strdup(whole);
        ASSERT(p->whole[i] != NULL);
    }
    if (mapping && (p->request.mapping = realpath(mapping, NULL)) == NULL)
        return err_set(e, ERR_NOT_FOUND, "%s: %s (no file was taken)", mapping, strerror(errno));
    p->request.again = cli_value(&c->words, "again") != NULL;
    p->announce = cli_value(&c->words, "announce") != NULL;
    p->request.hold = cli_value(&c->words, "hold") != NULL;
    p->request.zh = cli_zh(&c->words);
    const char *span = cli_value(&c->words, "replace-period");
    p->request.replaces = span != NULL;
    if (span) TRY(span_parse(span, &p->request.replace_from, &p->request.replace_to, e));
    return cli_seconds(&c->words, "timeout", TIMEOUT_MS, &p->request.timeout_ms, e);
}

static bool work(branch *b, push_job *j, push_answer *out, err *e) {
    zmq_pollitem_t items[BRANCH_POLLS];
    for (bool done = false; !done;) {
        int64_t mono = mono_ms(), wall = wall_ms();
        TRY(branch_turn(b, mono, wall, e));
        TRY(push_job_turn(j, &b->home, b->spool, b->link, mono, wall, &done, e));
        size_t n = branch_polls(b, items);
        bool more = done || branch_due(b) <= mono_ms();
        if (zmq_poll(items, (int)n, more ? 0 : TURN_MAX_MS) < 0 && zmq_errno() != EINTR)
            return err_set(e, ERR_INTERNAL, "poll: %s", zmq_strerror(zmq_errno()));
    }
    return push_job_answer(j, b->spool, out, e);
}

static bool push_alone(pushing *p, push_answer *out, err *e) {
    branch b;
    void *zmq = zmq_ctx_new();
    ASSERT(zmq != NULL);
    bool ok = branch_open(p->call->home, zmq, false, &b, e);
    if (ok) {
        push_job *j = push_job_new(&p->request, announce, p);
        ok = work(&b, j, out, e);
        push_job_free(j);
        p->reached = ok && link_now(b.link) == LINK_READY;
        branch_close(&b);
    }
    (void)zmq_ctx_term(zmq);
    return ok;
}

/* Here when nobody works in the home; by the running agent when there is one; else wait for another push to end. */
bool pushing_work(pushing *p, push_answer *out, err *e) {
    int64_t until = mono_ms() + p->request.timeout_ms;
    for (;;) {
        bool nobody = false;
        if (push_alone(p, out, e)) return true;
        if (e->code != ERR_CONFLICT) return false;
        if (handover_push(p->call->home, &p->request, announce, p, out, &nobody, e)) return true;
        if (!nobody) return false;
        if (mono_ms() >= until)
            return err_set(e, ERR_RETRY, "%s: another push works in this home; no file was taken: try again",
                           p->call->home);
        (void)usleep(LOCK_POLL_MS * 1000);
    }
}

bool pushing_print(const push_answer *a, const call *c, err *e) {
    cli_form form;
    TRY(cli_output(&c->words, &form, e));
    if (a->note.n) (void)fwrite(a->note.p, 1, a->note.n, stderr);
    if (form != FORM_JSON) return cli_print(buf_str(&a->human), e);
    return cli_print(buf_str(&a->json), e) && cli_print(STR("\n"), e);
}

/* Sightings and events go another way than documents; both at once would have two answers. */
static bool split_feeds(const call *c, bool *feeds, err *e) {
    size_t n = 0;
    for (size_t i = 0; i < c->words.word_count; i++) n += feed_is_file(c->words.words[i]);
    *feeds = n > 0;
    return n == 0 || n == c->words.word_count ||
           err_set(e, ERR_USAGE,
                   "sightings or events, and documents: push them one after the other (no file was taken)");
}

/* What is known of the products' units is for the doubts of the next file: done when this one is, and not waited for
 * when the centre is slow. A running agent does it by itself. */
static void know_packs(const char *home_dir) {
    home h;
    err ignored;
    if (!home_load(home_dir, &h, &ignored)) return;
    if (packs_due(&h, wall_ms())) (void)!packs_ask(&h, &ignored);
    home_close(&h);
}

bool command_push(const call *c, int *status, err *e) {
    bool feeds;
    TRY(split_feeds(c, &feeds, e));
    if (feeds) return feed_push(c, status, e);
    pushing p = {.call = c};
    AUTO(push_answer) a = {0};
    cli_form form;
    bool ok =
        cli_output(&c->words, &form, e) && collect(c, &p, e) && pushing_work(&p, &a, e) && pushing_print(&a, c, e);
    push_request_free(&p.request);
    for (size_t i = 0; p.whole && i < c->words.word_count; i++) free(p.whole[i]);
    free(p.whole);
    *status = a.status;
    if (ok && p.reached) know_packs(c->home);
    return ok;
}
