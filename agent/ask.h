/* ask — a question to the centre in the partner's name: a command, mostly one that reads, spelled as for channelctl ("stock", "list",
 * "--sku", "P1"). It goes over a connection of its own and touches neither spool nor lock, so it works beside `run` and
 * beside a push. The centre answers with what is the partner's and with nothing else.
 *
 *     AUTO(asked) a = {0};
 *     TRY(ask(&home, (const char *const[]){"duty", "list"}, 2, ASK_TIMEOUT_MS, &a, e));
 *     for (str rest = buf_str(&a.rows), row; asked_row(&rest, &row);) … // an object of JSON
 *
 * A loop that must not wait holds an `asking` and turns it when its sockets or its time say so. */
#ifndef AGENT_ASK_H
#define AGENT_ASK_H

#include "agent/home.h"
#include "base/arena.h"
#include "base/buf.h"

enum { ASK_TIMEOUT_MS = 30000 };

typedef enum asked_form { ASKED_MESSAGE, ASKED_LIST, ASKED_SHOW } asked_form; /* as answer_form of the centre */

typedef struct asked {
    asked_form form;
    int status;  /* exit status that goes with the answer */
    str message; /* of a command that only does something; in `text` */
    str *column; /* of a list; NUL-terminated, in `text` */
    size_t columns;
    buf rows; /* objects of JSON, each on a line: the rows of a list, or the one thing shown */
    arena text;
} asked;

void asked_auto(asked *a);
/** The next row without its line end; false: that was all. */
bool asked_row(str *rest, str *row);
/** As `channelctl -o json` prints it. */
void asked_json(const asked *a, buf *out);

/** Ask and wait; timeout_ms counts from the last that was heard. ERR_DENIED: not this partner's, or the agent is shut
 *  out; ERR_UNAVAILABLE: nobody answers; ERR_RETRY: the centre has too many questions; else what the command says. */
MUST_USE bool ask(const home *h, const char *const *words, size_t n, int64_t timeout_ms, asked *out, err *e);

/* Questions one after the other over one connection; begin with {.home = h, .timeout_ms = …}. */
typedef struct ask_series {
    const home *home;
    int64_t timeout_ms;
    void *zmq;
    struct asking *q; /* NULL: nothing was asked yet */
} ask_series;
void ask_series_auto(ask_series *s);
/** As ask(). With a file, or a piece of one, for a command that wants one (name NULL: none); ≤ LIMIT_PAPER_PIECE bytes. */
MUST_USE bool ask_on(ask_series *s, const char *const *words, size_t n, const char *name, str bytes, asked *out,
                     err *e);

typedef struct asking asking;
/** Nothing is sent yet. zmq outlives it; the words are copied. ERR_USAGE: more than may be asked at once. */
MUST_USE bool asking_new(void *zmq, const home *h, const char *const *words, size_t n, int64_t timeout_ms, asking **out,
                         err *e);
void asking_free(asking *q);
/** Another question over its connection, once the one before is answered. ERR_USAGE as above. */
MUST_USE bool asking_next(asking *q, const char *const *words, size_t n, err *e);
/** A file that goes with it; copied. */
void asking_attach(asking *q, const char *name, str bytes);
/** All that is to be done now. *done: the answer is there; give it on with asking_take(). False: *e is the answer. */
MUST_USE bool asking_turn(asking *q, int64_t mono_ms, bool *done, err *e);
/** When it wants to be turned at the latest (mono), and the sockets to poll for reading (0–2). */
int64_t asking_due(const asking *q);
size_t asking_sockets(const asking *q, void *out[static 2]);
/** The answer becomes the caller's. */
void asking_take(asking *q, asked *out);

#endif
