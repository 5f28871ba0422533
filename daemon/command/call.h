/* call — how service and channelctl run a command: a request in, an answer out. Handlers see command.h only.
 * An answer's rows leave in pieces of ≤ LIMIT_CHUNK_BYTES through a sink while the handler still runs; its head
 * (columns, message, status, error) is complete when the call has returned. */
#ifndef COMMAND_CALL_H
#define COMMAND_CALL_H

#include "daemon/command/args.h"
#include "daemon/command/command.h"

typedef enum answer_form { ANSWER_MESSAGE, ANSWER_LIST, ANSWER_SHOW } answer_form;

typedef struct call_out {
    arena text; /* of the columns */
    answer_form form;
    str column[LIMIT_REPEATED]; /* NUL-terminated */
    size_t columns;
    buf message;
    buf rows;                  /* whole lines, not handed on yet */
    size_t row_at;             /* where the row being written begins */
    uint64_t row_count, bytes; /* rows in all, their bytes */
    int status;
    bool secret; /* rows are not kept */
    buf opened;  /* of a reader: whose customers it shows; actor, command, then partner and number of each (opened.c) */
    int64_t time_ms; /* of an answer received: entry time, and whether it is simulated */
    bool simulated;
    bool (*sink)(void *arg, str rows, err *e); /* NULL: everything stays in `rows` */
    void *arg;
    bool failed; /* the sink refused; nothing more is written */
    err why;
} call_out;

void call_out_init(call_out *o);
void call_out_free(call_out *o);
void call_out_auto(call_out *o);
/** Hand on what is left in `rows`. */
MUST_USE bool call_out_flush(call_out *o, err *e);

/* Who may be meant by a request. */
typedef struct caller {
    str token;       /* "" none */
    bool local_user; /* no token: the UNIX user of the connection is root or the daemon's own */
    str local_name;  /* its name, for the journal: "root" */
    str agent;       /* the agent whose key it is: acts for its partner, and for nobody else */
    str user;        /* who has signed in, as the service knows from the session */
} caller;

/* What a COMMAND_JUDGE found while it looked. */
typedef struct call_look {
    arena a;
    void *found;
    bool done, answered;
} call_look;
void call_look_free(call_look *l);

typedef struct call_request {
    caller who;
    const str *words; /* the command's name and what follows */
    size_t word_count;
    const attachment *files;
    size_t file_count;
    str request_id;  /* "" none; only writes keep their answers */
    call_look *look; /* of call_look_at(); NULL or not done: a COMMAND_JUDGE looks in its write transaction */
} call_request;

typedef struct call_world {
    kv *db;
    const char *data_dir;
    int64_t now_ms;
    const daemon_facts *facts;
    const loop_door *door;
} call_world;

/** The command a request names and where it runs. ERR_USAGE: no such command. */
MUST_USE bool call_find(const call_request *r, const command **out, size_t *name_words, err *e);

/** Run a request: arguments, authority, transaction, handler, commit. On false *e says why and nothing was written;
 *  for a write ERR_INTERNAL with *unknown set means that a commit failed: the caller must stop, since the outcome is
 *  unknown. With a request id the first answer of a write is kept in the same transaction and given again. */
MUST_USE bool call_run(const call_world *w, const call_request *r, call_out *out, bool *unknown, err *e);

/** The first half of a COMMAND_JUDGE, in a reader's transaction; r->look takes what it found. On false *e says why, and
 *  the second half is not called; nor is it with r->look->answered: then `out` is the answer. */
MUST_USE bool call_look_at(const call_world *w, const call_request *r, call_out *out, err *e);

/** Journal whose customers a reader's answer shows; nothing when it shows none. Before the answer is given: on false it is
 *  not. *unknown as call_run(). */
MUST_USE bool call_note_opened(const call_world *w, call_out *o, bool *unknown, err *e);

/** The answer (or the failure) as a packed admin.Response with a first piece of rows; the other pieces follow alone. */
void answer_pack(const call_out *o, const err *failure, const call_world *w, str rows, bool more, buf *out);
/** A packed response (a first or a later piece) added to an answer. False: it was a failure, told in *e. */
MUST_USE bool answer_unpack(str bytes, call_out *out, bool *more, err *e);

/** Business zone by setting time.zone, minutes east of UTC. */
int call_zone(txn *t);
/** Forget results kept longer than LIMIT_REQUEST_DAYS before now, at most `max` of them; how many went. */
size_t call_forget_results(txn *t, int64_t now_ms, size_t max);

/** The actor of a caller: the agent's partner, the session's or token's user, or the local admin. ERR_DENIED: none of them. */
MUST_USE bool actor_of(txn *t, const caller *who, int64_t now_ms, arena *a, actor *out, err *e);

#endif
