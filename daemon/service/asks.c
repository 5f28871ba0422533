#include "daemon/service/asks.h"

#include "base/clock.h"
#include "base/log.h"
#include "daemon/service/admin.h"
#include "daemon/service/agents.h"
#include "daemon/service/readers.h"
#include <stdlib.h>

static open_ask *find_open(asks *all, const peer *k) {
    for (size_t i = 0; i < all->n; i++)
        if (str_eq(str_of(all->at[i].user), peer_user(k))) return &all->at[i];
    return NULL;
}

static void drop_open(asks *all, open_ask *o) {
    answer_free(o->answer);
    *o = all->at[--all->n];
}

void asks_free(asks *all) {
    while (all->n) drop_open(all, &all->at[0]);
}

static char *text_of(const char *z) {
    return (char *)(uintptr_t)z;
}

/* ---- answering */

static void say_failure(service *s, peer *k, uint32_t id, const err *why) {
    Wire__Answer m = WIRE__ANSWER__INIT;
    char text[3 * sizeof why->text];
    m.id = id;
    m.status = (uint32_t)err_exit_status(why->code);
    m.code = text_of(err_name(why->code));
    m.error = text_of(why->text);
    log_event(LOG_LEVEL_INFO, "ask.refused", "agent=%s why=%s", k->user,
              log_quote(str_of(why->text), text, sizeof text));
    peer_say(s, k, FRAME_ANSWER, &m.base);
}

/* Of the first piece only. */
static void put_head(const answer *a, Wire__Answer *m, char *columns[LIMIT_REPEATED]) {
    for (size_t i = 0; i < a->head.columns; i++) columns[i] = text_of(a->head.column[i].p);
    m->form = (uint32_t)a->head.form;
    m->n_column = a->head.columns;
    m->column = columns;
    m->status = (uint32_t)a->head.status;
    m->message = text_of(buf_z((buf *)(uintptr_t)&a->head.message));
}

/* False: it was the last one. */
static bool say_piece(service *s, peer *k, open_ask *o) {
    AUTO(buf) piece = {0};
    char *columns[LIMIT_REPEATED];
    Wire__Answer m = WIRE__ANSWER__INIT;
    answer *a = o->answer;
    bool first = a->sent == 0;
    if (a->failed || !answer_piece(a, LIMIT_ASK_PIECE, &piece)) {
        say_failure(s, k, o->id, &a->why);
        return false;
    }
    m.id = o->id;
    m.data = (ProtobufCBinaryData){piece.n, (uint8_t *)piece.p};
    m.more = a->sent < a->size;
    if (first) put_head(a, &m, columns);
    peer_say(s, k, FRAME_ANSWER, &m.base);
    o->touched_ms = mono_ms();
    return m.more;
}

/* A reader has the answer; its asker may be gone by now. */
static void give(service *s, job *j) {
    open_ask *o = NULL;
    for (size_t i = 0; i < s->asks.n && o == NULL; i++)
        if (s->asks.at[i].no == j->asker.no && s->asks.at[i].id == j->asker.id) o = &s->asks.at[i];
    if (o == NULL) return;
    peer *k = peers_at(&s->peers, o->fd, o->no);
    o->answer = j->answer;
    j->answer = NULL;
    if (k == NULL || !say_piece(s, k, o)) drop_open(&s->asks, o);
}

/* ---- asking */

static void read_words(job *j, const Wire__Ask *m, str user) {
    str *word = arena_alloc(&j->a, m->n_word * sizeof *word);
    ASSERT(word != NULL);
    for (size_t i = 0; i < m->n_word; i++) word[i] = arena_str(&j->a, str_of(m->word[i]));
    j->request.words = word;
    j->request.word_count = m->n_word;
    j->request.who.agent = arena_str(&j->a, user);
    j->request.request_id = arena_str(&j->a, str_of(m->request));
    if (m->data.len == 0) return;
    attachment *file = arena_alloc(&j->a, sizeof *file);
    ASSERT(file != NULL);
    *file = (attachment){arena_str(&j->a, str_of(m->file)), arena_str(&j->a, str_from(m->data.data, m->data.len))};
    j->request.files = file;
    j->request.file_count = 1;
}

static bool may_ask(service *s, peer *k, const Wire__Ask *m, err *e) {
    uint64_t received, taken;
    open_ask *before = find_open(&s->asks, k);
    if (m->n_word > LIMIT_ASK_WORDS) return err_set(e, ERR_USAGE, "a question has at most %d words", LIMIT_ASK_WORDS);
    if (before && before->answer == NULL)
        return err_set(e, ERR_RETRY, "another question of this agent is under way: try again");
    if (before) drop_open(&s->asks, before);
    if (guard_counts(k->fd, &received, &taken) && guard_unread(&k->guard, taken) > LIMIT_UNREAD_ASK)
        return err_set(e, ERR_RETRY, "what was answered before is not fetched yet: try again");
    return s->asks.n < LIMIT_ASKS || err_set(e, ERR_RETRY, "too many questions at once: try again");
}

/* What reads goes to a reader, who gives it back later; what writes is done here and now, in *done. */
static bool hand_over(service *s, job *j, answer **done, err *e) {
    const command *cmd;
    size_t used;
    *done = NULL;
    TRY(call_find(&j->request, &cmd, &used, e));
    if (cmd->mode == COMMAND_READ || cmd->mode == COMMAND_SNAPSHOT) /* of one partner: short */
        return readers_ask(s->readers, j) || err_set(e, ERR_RETRY, "too many questions at once: try again");
    if (cmd->mode != COMMAND_WRITE || !(cmd->roles & ROLE_PARTNER_OWNER))
        return err_set(e, ERR_DENIED, "%s: nothing that an agent may do", cmd->name);
    if (j->request.request_id.n == 0)
        return err_set(e, ERR_USAGE, "%s: a command that writes bears a request id", cmd->name);
    TRY(admin_has_room(s, LIMIT_HELLO_BYTES, e));
    *done = admin_run(s, j, true);
    return true;
}

static void begin(service *s, peer *k, const Wire__Ask *m) {
    err e;
    if (!may_ask(s, k, m, &e)) {
        say_failure(s, k, m->id, &e);
        return;
    }
    job *j = job_new((size_t)16 * LIMIT_HELLO_BYTES);
    read_words(j, m, peer_user(k));
    service_facts(s, &j->facts);
    j->world = (call_world){s->db, s->dir, service_now(s), &j->facts, NULL};
    j->answer_max = LIMIT_ASK_ANSWER;
    j->give = give;
    j->asker.no = k->no;
    j->asker.id = m->id;
    answer *done;
    if (!hand_over(s, j, &done, &e)) {
        job_free(j);
        say_failure(s, k, m->id, &e);
        return;
    }
    if (done) job_free(j);
    open_ask *o = &s->asks.at[s->asks.n++];
    *o = (open_ask){.fd = k->fd, .no = k->no, .id = m->id, .touched_ms = mono_ms(), .answer = done};
    memcpy(o->user, k->user, sizeof o->user);
    if (done && !say_piece(s, k, o)) drop_open(&s->asks, o);
}

void asks_take(service *s, peer *k, const Wire__Ask *m) {
    if (m->n_word) {
        begin(s, k, m);
        return;
    }
    open_ask *o = find_open(&s->asks, k);
    err e;
    if (o == NULL || o->no != k->no || o->id != m->id || o->answer == NULL || o->answer->sent != m->from) {
        err_set(&e, ERR_RETRY, "this answer is not kept any more: ask again");
        say_failure(s, k, m->id, &e);
    } else if (!say_piece(s, k, o))
        drop_open(&s->asks, o);
}

void asks_second(service *s, int64_t now_ms) {
    for (size_t i = s->asks.n; i-- > 0;) {
        open_ask *o = &s->asks.at[i];
        if (o->answer == NULL) continue; /* the reader comes back with it */
        bool gone = peers_at(&s->peers, o->fd, o->no) == NULL;
        if (gone || now_ms - o->touched_ms > LIMIT_ASK_IDLE_MS) drop_open(&s->asks, o);
    }
}
