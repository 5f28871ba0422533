/* transfers — slow stock of one partner that another could use. Both agree before anything moves, the giver first: until it
 * has, the other hears nothing of what stands there.
 *
 *     proposed ── giver agrees ──▸ offered ── taker agrees ──▸ agreed
 *        └─ giver refuses ──▸ refused ◂── either refuses ──┘
 *
 *   transfer   transfer u64 → giver, taker, product u32, quantity i64, state u8, entry u64, days i32 (proposed, offered,
 *              decided), stock i64 and cover i32 of the giver, of the taker, then texts: by giver, by taker, reason */
#ifndef REPLENISH_TRANSFERS_H
#define REPLENISH_TRANSFERS_H

#include "base/calendar.h"
#include "daemon/store/apply.h"
#include "proto/journal.pb-c.h"

/* enum, number (stored), name */
#define TRANSFER_STATES(X)                                                                                             \
    X(TRANSFER_PROPOSED, 1, "proposed")                                                                                \
    X(TRANSFER_OFFERED, 2, "offered")                                                                                  \
    X(TRANSFER_AGREED, 3, "agreed")                                                                                    \
    X(TRANSFER_REFUSED, 4, "refused")
typedef enum transfer_state {
#define X(state, no, name) state = no,
    TRANSFER_STATES(X)
#undef X
        TRANSFER_STATE_END
} transfer_state;

typedef enum transfer_act {
    TRANSFER_GIVER_AGREES = 1,
    TRANSFER_TAKER_AGREES,
    TRANSFER_GIVER_REFUSES,
    TRANSFER_TAKER_REFUSES,
    TRANSFER_ACT_END
} transfer_act;

const char *transfer_state_name(transfer_state s);
bool transfer_state_parse(str s, transfer_state *out);
/** False: the act does not fit the state. */
bool transfer_step_to(transfer_state from, transfer_act act, transfer_state *to);

typedef struct transfer {
    uint64_t number, entry;
    uint32_t giver, taker, product;
    int64_t quantity;
    transfer_state state;
    day_t proposed, offered, decided; /* DAY_MIN: not yet */
    int64_t giver_stock, taker_stock;
    int32_t giver_cover, taker_cover; /* days; -1: for ever */
    str by_giver, by_taker, reason;
} transfer;
/* Texts are borrowed. */
bool transfer_get(txn *t, uint64_t number, transfer *out);
bool transfer_decode(str stored_key, str val, transfer *out);
/** "T12": what its exemption is called. */
void transfer_reference(buf *out, uint64_t number);

/** KIND_TRANSFER; r->number: the first, r->lines how many. */
MUST_USE bool replenish_transfer(txn *t, const entry *en, const Entry__Transfers *m, apply_result *r, err *e);
/** KIND_TRANSFER_STEP. ERR_CONFLICT: not in that state. */
MUST_USE bool replenish_transfer_step(txn *t, const entry *en, const Entry__TransferStep *m, apply_result *r, err *e);
bool transfer_content(txn *t, uint32_t table, str stored_key, str val, buf *out);

#endif
