/* codes — unit codes, cartons and pallets: which are known, which container each lay in when, of which product and batch,
 * which are void or locked. A code is written once, with the number of its container; a range of serials is one row.
 *
 * Where a code lies is stated by lists of codes and by packing events, each since a time; statements are kept in the order of
 * those times, so that it does not matter which came first. A list of codes without a date speaks of ever, until the
 * manufacturer has said something else of that code before: then the code was repacked at the time of the entry.
 *
 *   body    flags u8, class varint (when HAS_CLASS), then one varint parent << 1 (the usual: since ever, by a list), or with
 *           HAS_HISTORY their count and (since zigzag, parent << 1 | out, reference) each, varints, by time
 *   code    key → body; of a code that contains others: flags IS_CONTAINER, its number varint
 *   container  number → key (length, bytes), body, how many times it was emptied and (time, reference) each, then what was ever
 *           put into it, prefixes shared: (shared, length, bytes, last value + 1 of a range or 0)
 * References: 0 a list of codes; top bit set: the event of that number. */
#ifndef TRACE_CODES_H
#define TRACE_CODES_H

#include "base/arena.h"
#include "daemon/store/apply.h"
#include "daemon/store/store.h"
#include "proto/code.h"
#include "proto/journal.pb-c.h"

#define CODE_EVER      INT64_MIN
#define CODE_EVENT_REF 0x8000000000000000U

typedef struct code_packing {
    int64_t since;   /* ms, CODE_EVER */
    uint32_t parent; /* container number */
    bool out;        /* taken out of it; else put into it */
    uint64_t ref;
} code_packing;

typedef struct code_body {
    bool known;  /* a list, or an event that made or packed it, named it */
    bool stated; /* made void or locked at some time: see code_state */
    bool class_by_event;
    uint32_t class_no; /* sku and batch, 0 none stated */
    uint32_t packings;
    code_packing packing[LIMIT_PACKED];
} code_body;

/* What is on file of one code. */
typedef struct code_row {
    code_key key;
    uint32_t container; /* its number when others were put into it, else 0 */
    bool ranged;        /* known as one of a range; then from … to are its values */
    uint64_t from, to;
    code_body body;
} code_row;

/** False: nobody ever named it (out->body is empty then). */
bool code_get(txn *t, const code_key *k, code_row *out);
bool container_get(txn *t, uint32_t no, code_row *out);
/** A row of TABLE_CODE_RANGE: from … to, key of its last. False: damaged. */
bool code_range_of(str stored_key, str val, code_row *out);
/** The number of a container, 0: nothing was ever put into that code. */
uint32_t container_no(txn *t, const code_key *k);
bool container_key(txn *t, uint32_t no, code_key *out);

/** Would a list that says this of a code (to: of a range the value of its last + 1, else 0) change nothing? parent n 0: it says
 *  no container. */
bool code_says_same(txn *t, const code_key *k, uint64_t to, const code_key *parent, str sku, str batch);

/* Where a code lay for a time; spans of one code follow one another. */
typedef struct code_span {
    uint32_t parent;
    int64_t from, until; /* ms, half open; CODE_EVER … INT64_MAX */
} code_span;
/** At most LIMIT_PACKED; returns how many. Times at which the container was emptied are in it. */
size_t code_spans(txn *t, const code_body *b, code_span out[static LIMIT_PACKED]);
/** The container that it lay in at that time, 0 none. */
uint32_t code_parent_at(txn *t, const code_body *b, int64_t time_ms);

/** The container that it lay in at that time, read in one go; false: none. */
bool code_around(txn *t, const code_body *b, int64_t time_ms, code_row *out);

/** Sku and batch of a class; "" when there are none. Borrowed. */
void code_class(txn *t, uint32_t no, str *sku, str *batch);
/** The code's own class, else that of the containers around it at that time. */
uint32_t code_class_at(txn *t, const code_row *r, int64_t time_ms);
/** The product of a class, else of a GTIN (0: none). */
uint32_t code_product_of(txn *t, uint32_t class_no, uint64_t gtin);
/** The product: by the class's sku, else by the GTIN (*at: of the code, or of a bare bar code). 0: unknown. */
uint32_t code_product(txn *t, const code_row *r, int64_t time_ms);

/* What was ever put into a container, in the order in which it came; a code put in twice stands twice. */
typedef struct contained {
    code_key key;
    uint64_t to; /* value of the last of a range + 1, else 0 */
} contained;
typedef struct contents {
    reader r;
    code_key last;
} contents;
contents container_contents(txn *t, uint32_t no);
bool contents_next(contents *c, contained *out);

/* ---- void and locked. Numbers are stored. */
typedef enum code_act { CODE_ACT_VOID = 1, CODE_ACT_LOCK, CODE_ACT_UNLOCK, CODE_ACT_RESTORE } code_act;
const char *code_act_name(code_act a); /* void, lock, unlock, restore */

typedef struct code_state {
    code_act act;
    int64_t time_ms;
    uint64_t ref; /* entry, or event with CODE_EVENT_REF */
    str reason, actor;
} code_state;
kv_cursor code_states(txn *t, const code_key *k);
bool code_state_decode(const kv_cursor *c, code_state *out);

typedef struct code_standing {
    bool is_void, locked;
    code_key by; /* the code or the container around it that was made so */
} code_standing;
/** Add what a row itself says of it, without what lies around it. */
void code_standing_add(txn *t, const code_row *r, int64_t time_ms, code_standing *out);
/** By its own states and those of the containers around it. */
void code_standing_at(txn *t, const code_row *r, int64_t time_ms, code_standing *out);

/* ---- entries. `number` of the result: new codes; committed: repacked or told more; duplicate: as they were. */
MUST_USE bool trace_codes(txn *t, const entry *en, const Entry__Codes *m, apply_result *r, err *e);
MUST_USE bool trace_code_state(txn *t, const entry *en, const Entry__CodeState *m, apply_result *r, err *e);

#endif
