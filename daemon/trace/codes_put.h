/* codes_put — what one entry does to codes: containers it touches are open in memory until the end, so that a carton's
 * record is written once however many codes go into it. Every read between begin and flush goes through here. */
#ifndef TRACE_CODES_PUT_H
#define TRACE_CODES_PUT_H

#include "base/map.h"
#include "daemon/trace/codes_body.h"

typedef struct open_container open_container;

typedef struct code_writer {
    txn *t;
    arena *a;
    map index; /* container number → 1 + position */
    open_container **open;
    size_t opens, cap;
} code_writer;

void code_writer_begin(code_writer *w, txn *t, arena *a);
void code_writer_flush(code_writer *w);
void code_writer_auto(code_writer *w);

typedef enum code_change { CODE_NEW, CODE_CHANGED, CODE_SAME, CODE_REFUSED } code_change;

/* What is said of a code, or of a range of them. */
typedef struct code_word {
    uint32_t parent;   /* container, 0: nothing is said of it */
    uint32_t class_no; /* 0: nothing is said of it */
    bool out;          /* taken out of the parent */
    bool dated;        /* since `since`; else since ever, or since now where the manufacturer said otherwise before */
    int64_t since, now;
    uint64_t ref;
} code_word;

/** The container's number, made when it has none. */
uint32_t code_writer_container(code_writer *w, const code_key *k);
/** CODE_REFUSED: it was packed LIMIT_PACKED times already, or its container is full. */
code_change code_writer_say(code_writer *w, const code_key *k, const code_word *said);
/** The same of every code of a range. CODE_REFUSED also: more than LIMIT_RANGES ranges lie in it. */
code_change code_writer_say_range(code_writer *w, const code_key *first, uint64_t to, const code_word *said);
/** Everything in it was taken out. */
void code_writer_emptied(code_writer *w, uint32_t container, int64_t time_ms, uint64_t ref);
/** Take back what an event said of a code (container 0: emptied ones are taken back with code_writer_unempty). */
void code_writer_unsay(code_writer *w, const code_key *k, uint64_t ref);
void code_writer_unempty(code_writer *w, uint32_t container, uint64_t ref);
/** Make void, lock … at a time. */
void code_writer_state(code_writer *w, const code_key *k, const code_state *s);
void code_writer_unstate(code_writer *w, const code_key *k, uint64_t ref);
/** The number of a class, made when it is new; both texts "": 0. */
uint32_t code_writer_class(code_writer *w, str sku, str batch);

#endif
