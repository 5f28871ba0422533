#include "agent/push.h"

#include "agent/held.h"
#include <inttypes.h>
#include <stdlib.h>

enum { PROBLEMS_SHOWN = 10 };

typedef enum push_end { END_NONE, END_JUDGED, END_TIMEOUT, END_STOPPED } push_end;

struct push_job {
    push_request what;
    push_spooled_fn spooled;
    void *arg;
    size_t next;     /* file to take */
    uint64_t *taken; /* uploads */
    size_t takens;
    err_code worst; /* of files that were not taken */
    size_t unreadable;
    result sum;
    uint64_t progress; /* a number that moves whenever the centre moves us on */
    int64_t moved_ms;  /* when it last did; 0: the wait has not begun */
    push_end end;
    char why[256];
};

push_job *push_job_new(push_request *r, push_spooled_fn spooled, void *arg) {
    push_job *j = calloc(1, sizeof *j);
    ASSERT(j != NULL);
    j->what = *r;
    *r = (push_request){0};
    j->taken = calloc(j->what.files + 1, sizeof *j->taken);
    ASSERT(j->taken != NULL);
    j->spooled = spooled;
    j->arg = arg;
    result_init(&j->sum);
    j->sum.files = j->what.files;
    j->sum.zh = j->what.zh;
    return j;
}

void push_request_free(push_request *r) {
    for (size_t i = 0; i < r->files; i++) free(r->file[i]);
    free(r->file);
    free(r->mapping);
    *r = (push_request){0};
}

void push_job_free(push_job *j) {
    if (j == NULL) return;
    push_request_free(&j->what);
    result_auto(&j->sum);
    free(j->taken);
    free(j);
}

void push_answer_auto(push_answer *a) {
    buf_free(&a->json);
    buf_free(&a->human);
    buf_free(&a->note);
}

/* What concerns one file only leaves the others alone. */
static bool take_next(push_job *j, const home *h, spool *s, int64_t wall_ms, err *e) {
    const char *file = j->what.file[j->next++];
    bool held = false;
    AUTO(doubts) found = {0};
    submission sub = {.path = file,
                      .mapping = j->what.mapping,
                      .again = j->what.again,
                      .now_ms = wall_ms,
                      .replaces = j->what.replaces,
                      .replace_from = j->what.replace_from,
                      .replace_to = j->what.replace_to,
                      .hold = j->what.hold,
                      .doubts = &found,
                      .held = &held};
    upload u;
    char title[LIMIT_FILE_NAME + 1];
    doubts_init(&found);
    file_title(file, title, sizeof title);
    if (submit_file(h, s, &sub, &u, e)) {
        result_add_doubts(&j->sum, title, &found);
        if (held) return held_keep(h, &sub, &found, e) && (j->sum.held++, true);
        j->taken[j->takens++] = u.id;
        j->unreadable += u.lines == 0 && u.refused > 0;
        if (j->spooled) j->spooled(j->arg, file, u.sha256);
        return true;
    }
    if (e->code == ERR_INTERNAL) return false;
    result_add_failure(&j->sum, title, e);
    if (e->code == ERR_DATA || e->code == ERR_DENIED) j->unreadable++;
    else
        j->worst = e->code;
    return true;
}

static bool judged(const push_job *j, spool *s, bool *done, err *e) {
    const spool_state *now = spool_now(s);
    *done = j->takens == 0 && (j->what.files > 0 || now->receipts_to == now->last_seq);
    if (j->takens == 0) return true;
    upload last;
    TRY(spool_upload(s, j->taken[j->takens - 1], &last, e)); /* batches are judged in order: the last stands for all */
    *done = upload_done(&last, now);
    return true;
}

static void wait_ends(push_job *j, push_end end, const char *why) {
    j->end = end;
    (void)str_copy_z(str_of(why), j->why, sizeof j->why);
}

bool push_job_turn(push_job *j, const home *h, spool *s, const uplink *l, int64_t mono_ms, int64_t wall_ms, bool *done,
                   err *e) {
    const spool_state *now = spool_now(s);
    bool all = false;
    *done = false;
    if (j->next < j->what.files) return take_next(j, h, s, wall_ms, e);
    TRY(judged(j, s, &all, e));
    uint64_t progress = now->acked_seq + now->receipts_to + now->epoch;
    if (j->moved_ms == 0 || progress != j->progress) j->moved_ms = mono_ms;
    j->progress = progress;
    if (all) wait_ends(j, END_JUDGED, "");
    else if (link_now(l) == LINK_REFUSED || link_now(l) == LINK_HELD)
        wait_ends(j, END_STOPPED, link_trouble(l));
    else if (mono_ms - j->moved_ms >= j->what.timeout_ms)
        wait_ends(j, END_TIMEOUT, link_trouble(l));
    *done = j->end != END_NONE;
    return true;
}

/* A nil report of days that have lines: taken, but it says what is not so. */
static bool contradicted(const result *r) {
    for (size_t i = 0; i < r->problems; i++)
        if (str_is(r->problem[i].wanted, "days without lines")) return true;
    return false;
}

static int status_of(const push_job *j, bool held) {
    const result *r = &j->sum;
    if (j->end == END_STOPPED || held) return err_exit_status(ERR_DENIED);
    if (j->end == END_TIMEOUT) return err_exit_status(ERR_RETRY);
    if (j->worst) return err_exit_status(j->worst);
    if (j->what.files && j->unreadable == j->what.files) return err_exit_status(ERR_DATA);
    bool differs = j->unreadable || r->quarantined || r->refused || r->held || contradicted(r);
    return err_exit_status(differs ? ERR_DIFFERS : ERR_OK);
}

static void next_step(const push_job *j, spool *s, bool held, buf *out) {
    const spool_state *now = spool_now(s);
    if (j->end == END_TIMEOUT)
        buf_printf(out,
                   "next: safe in the spool, the centre was not reached%s%s; %" PRIu64
                   " batches go with the next push or run\n",
                   j->why[0] ? ": " : "", j->why, now->last_seq - now->acked_seq);
    if (j->end == END_STOPPED || held)
        buf_printf(out, "next: the centre stopped this agent: %s; what is spooled stays safe — call the manufacturer\n",
                   j->why[0] ? j->why : "a batch is held");
}

bool push_job_answer(push_job *j, spool *s, push_answer *out, err *e) {
    bool held = false;
    for (size_t i = 0; i < j->takens; i++) {
        upload u;
        upload_sum sum;
        TRY(spool_upload(s, j->taken[i], &u, e));
        TRY(result_add(&j->sum, s, &u, e));
        TRY(spool_sum(s, &u, &sum, NULL, NULL, e));
        held |= sum.held;
    }
    json w = json_into(&out->json);
    result_json(&w, &j->sum);
    result_text(&out->human, &j->sum, PROBLEMS_SHOWN);
    result_doubts_text(&out->note, &j->sum, PROBLEMS_SHOWN);
    next_step(j, s, held, &out->note);
    out->status = status_of(j, held);
    return true;
}
