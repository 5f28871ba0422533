/* statement — what becomes of rebates that are due. A statement is what one partner has from one selling company in a
 * settlement; its lines go their ways alone, so a disputed one is held while the rest goes on:
 *
 *     draft ── review ──▸ sent ── confirm, lapse ──▸ confirmed ── approve ──▸ approved ── pay ──▸ paid
 *                          │ ▴                          ▴
 *                   dispute▾ │reject                    │confirm (taken back)
 *                        disputed ──────────────────────┘ ── accept ──▸ withdrawn     (withdraw: from all but paid, disputed)
 *
 * Finance approves, a second person pays: who approved a line cannot pay it.
 *
 * A line that is withdrawn is not settled: what the books then say is due comes on a later statement. Paying posts to the
 * wallet, cause settlement, one move a statement and policy. Nobody changes an amount.
 *
 *   statement       partner u32, number u64 → entry u64, time i64, interim u8, currency u32, lines u32, then texts: period,
 *                   company
 *   statement_no    number u64 → partner u32
 *   statement_line  number u64, line u32 → state u8, amount i64, since i64, entry u64, revision u32, expires u32, own share
 *                   u32, stage u8, then texts: policy, period, mechanism, form, by, why, answer, life */
#ifndef REBATE_STATEMENT_H
#define REBATE_STATEMENT_H

#include "daemon/rebate/accrual.h"

/* enum, number (stored), name */
#define LINE_STATES(X)                                                                                                 \
    X(LINE_DRAFT, 1, "draft")                                                                                          \
    X(LINE_SENT, 2, "sent") /* to the partner: it confirms or disputes until the deadline */                           \
    X(LINE_CONFIRMED, 3, "confirmed")                                                                                  \
    X(LINE_DISPUTED, 4, "disputed")                                                                                    \
    X(LINE_PAID, 5, "paid")                                                                                            \
    X(LINE_WITHDRAWN, 6, "withdrawn")                                                                                  \
    X(LINE_APPROVED, 7, "approved") /* by finance: a second person pays */

typedef enum line_state {
#define X(state, no, name) state = no,
    LINE_STATES(X)
#undef X
        LINE_STATE_END
} line_state;

/* enum, number (stored), name */
#define STATEMENT_ACTS(X)                                                                                              \
    X(ACT_REVIEW, 1, "review")     /* the manager lets it out */                                                       \
    X(ACT_CONFIRM, 2, "confirm")   /* the partner agrees */                                                            \
    X(ACT_LAPSE, 3, "lapse")       /* the partner let the deadline pass */                                             \
    X(ACT_DISPUTE, 4, "dispute")   /* the partner does not agree */                                                    \
    X(ACT_REJECT, 5, "reject")     /* the line stands, the partner is asked again */                                   \
    X(ACT_ACCEPT, 6, "accept")     /* the partner is right: the line goes */                                           \
    X(ACT_WITHDRAW, 7, "withdraw") /* a mistake of our own */                                                          \
    X(ACT_PAY, 8, "pay")           /* the second person */                                                             \
    X(ACT_APPROVE, 9, "approve")   /* finance */

typedef enum statement_act {
#define X(act, no, name) act = no,
    STATEMENT_ACTS(X)
#undef X
        STATEMENT_ACT_END
} statement_act;

const char *line_state_name(line_state s);
bool line_state_parse(str s, line_state *out);
const char *statement_act_name(statement_act a);

/** Where a line in a state goes by an act; false: it does not. */
bool statement_step(line_state from, statement_act act, line_state *to);
/** May a role (a bit of catalog/users.h) do the act to a line in the state? The admin may do what any person may. */
bool statement_may(line_state from, statement_act act, uint32_t role);

typedef struct statement {
    uint64_t number, entry;
    int64_t time_ms;
    uint32_t partner, currency, lines;
    bool interim;
    str period, company; /* period as closing.h spells it */
} statement;

typedef struct statement_line {
    uint64_t statement;
    uint32_t line; /* from 1 */
    line_state state;
    int64_t amount;   /* minor units; below 0: taken back */
    int64_t since_ms; /* when it came into its state */
    uint64_t entry;   /* by which it did */
    uint32_t revision, expires_days;
    uint32_t own_share; /* of an order that it may not cover (ledger/wallet.h) */
    line_key at;
    str form;            /* of payout */
    str by, why, answer; /* who moved it last; the dispute, and what was said to it */
    str life;            /* every step of it, read with line_life_next() */
} statement_line;

typedef struct line_event {
    unsigned act; /* statement_act; 0: it was settled */
    int64_t time_ms;
    str by, reason;
} line_event;
/** The next event of a reader of statement_line.life, the oldest first; false: no more. */
bool line_life_next(reader *r, line_event *out);
const char *line_event_name(const line_event *v); /* "settle", or the act's name */
/** Append to `out` a life with one event more. */
void line_life_add(buf *out, str life, const line_event *v);

/* Texts are borrowed. */
bool statement_get(txn *t, uint64_t number, statement *out);
bool statement_decode(str stored_key, str val, statement *out);
bool statement_line_decode(str stored_key, str val, const statement *s, statement_line *out);
/** Walk lines: for (AUTO(kv_cursor) c = statement_lines(t, no); kv_next(&c);) … statement_line_decode(c.key, c.val, …) */
kv_cursor statement_lines(txn *t, uint64_t number);

/** Write a statement with its lines, all drafts; its number. For settlement.c. */
uint64_t statement_put(txn *t, const entry *en, statement *s, const statement_line *line, size_t n);

void statement_line_put(txn *t, const statement_line *l);

/** What paying these statements would come to now, and how many wallet moves that is. */
MUST_USE bool statement_payable(txn *t, const uint64_t *number, size_t n, int64_t *total, size_t *moves, err *e);

/** KIND_STEP. ERR_NOT_FOUND; ERR_CONFLICT: no line, or not the one named, can take it, or what is to be paid has
 *  changed; as wallet_check. ERR_DENIED: who approved a line would pay it. */
MUST_USE bool rebate_step(txn *t, const entry *en, const Entry__Step *m, apply_result *r, err *e);
bool statement_content(txn *t, uint32_t table, str stored_key, str val, buf *out);

#endif
