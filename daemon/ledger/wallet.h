/* wallet — what a partner has with one of the manufacturer's companies: its rebates (返利账户) and, apart from them, its
 * deposit (保证金). Append-only and double entry: each move changes the partner's account and, the other way, the
 * company's side of its cause; all accounts of a company and currency add up to 0.
 *
 *   wallet        partner u32, company, 0, currency u32, account u8       posted i64, moves u64, of them expiring u64
 *                 0u32, company, 0, currency u32, 0x80 + cause            the company's side: posted i64, moves u64, 0u64
 *   wallet_move   key of the account, entry u64, n u32                    cause u8, amount i64, day i32, expires i32, own
 *                                                                         share u32, reference, note, paper (texts)
 *   wallet_hold   key of the account, reference                           amount i64, entry u64, why
 *
 * Amounts are minor units. A balance is the opening (ledger/opening.h, rebate account) and the moves dated after it.
 * Credits that expire are used before others, the soonest first; a reversal gives its credits back what the reversed
 * move took from them. What is held stays in the balance and is not available.
 *
 * Own share. A policy may say that its money covers at most so much of one order (use_limit_per_order): the rest of the
 * order, its own share, is to be paid otherwise. Of money with the same or a larger own share an order is covered by no
 * more than 1 − that share; moves of cause `order` say of which credits they are. */
#ifndef LEDGER_WALLET_H
#define LEDGER_WALLET_H

#include "base/arena.h"
#include "base/calendar.h"
#include "daemon/store/apply.h"
#include "proto/journal.pb-c.h"

/* Numbers are stored. */
typedef enum wallet_account { WALLET_REBATE = 1, WALLET_DEPOSIT } wallet_account;

/* enum, number, name, may it leave the account below 0 */
#define WALLET_CAUSES(X)                                                                                               \
    X(CAUSE_SETTLEMENT, 1, "settlement", true)     /* rebates due, or taken back after a return */                     \
    X(CAUSE_ADJUSTMENT, 2, "adjustment", false)    /* a person's correction */                                         \
    X(CAUSE_PAYOUT, 3, "payout", false)            /* paid: credit note, cash, goods */                                \
    X(CAUSE_ORDER, 4, "order", false)              /* used against an order */                                         \
    X(CAUSE_EXPIRY, 5, "expiry", false)            /* not used in time */                                              \
    X(CAUSE_PENALTY, 6, "penalty", true)           /* a case's verdict */                                              \
    X(CAUSE_COMPENSATION, 7, "compensation", true) /* to the harmed partner */                                         \
    X(CAUSE_REVERSAL, 8, "reversal", true)         /* of a move before, to the fen */                                  \
    X(CAUSE_TRANSFER, 9, "transfer", false)        /* between rebates and deposit */

typedef enum wallet_cause {
#define X(cause, no, name, below) cause = no,
    WALLET_CAUSES(X)
#undef X
        WALLET_CAUSE_END
} wallet_cause;

const char *wallet_account_name(wallet_account a); /* "rebate", "deposit" */
bool wallet_account_parse(str s, wallet_account *out);
const char *wallet_cause_name(wallet_cause c);

typedef struct wallet_key {
    uint32_t partner;
    str company;
    uint32_t currency;
    wallet_account account;
} wallet_key;

typedef struct wallet_move {
    wallet_key at;
    wallet_cause cause;
    int64_t amount;      /* + to the partner */
    day_t day;           /* business day */
    day_t expires;       /* last day on which a credit can be used; DAY_MAX: never */
    uint32_t own_share;  /* ppm of an order that a credit may not cover; of a use: of which credits it is */
    str reference, note; /* what it is about: an order, a settlement; and in words */
    str paper;           /* name of a paper that goes with it, "" none */
    uint64_t entry;      /* when read */
    uint32_t n;          /* position in its entry */
} wallet_move;

/** A move as an entry tells it; texts are borrowed from the message. ERR_NOT_FOUND: unknown partner. */
MUST_USE bool wallet_move_read(txn *t, const Entry__WalletMove *m, wallet_move *out, err *e);
/** May these be posted together? ERR_DATA: no amount, unknown cause, sums that do not fit; ERR_CONFLICT: more than is
 *  available. Reads only. */
MUST_USE bool wallet_check(txn *t, const wallet_move *m, size_t n, day_t today, err *e);
/** Post what wallet_check() passed. An entry may post more than once. */
void wallet_post(txn *t, uint64_t seq, const wallet_move *m, size_t n);

/** Hold an amount for something named (a case, an order); 0 ends it, another amount replaces. */
MUST_USE bool wallet_hold_check(const wallet_key *k, str reference, int64_t amount, err *e);
void wallet_hold(txn *t, uint64_t seq, const wallet_key *k, str reference, int64_t amount, str why);
/** End every hold of a partner under a reference. */
void wallet_release(txn *t, uint32_t partner_no, str reference);
/** What is held of an account under a reference. */
int64_t wallet_held_for(txn *t, const wallet_key *k, str reference);

typedef struct wallet_figures {
    int64_t balance, held, available; /* available = balance − held, not below 0 */
    int64_t expiring;                 /* of the balance, lost unless used by `until` */
    day_t next_expiry;                /* DAY_MAX: nothing expires */
    int64_t expired;                  /* of the balance, past its last day and not posted as expiry yet */
} wallet_figures;
/** As of `today`; expiring counts what expires on or before `until`. */
void wallet_look(txn *t, const wallet_key *k, day_t today, day_t until, wallet_figures *out);

/* ---- against orders. `order` names one, the same words at each call; it is not called like a settlement or a payout
 * (S or P and a number). Callers post the moves in their own entry, with wallet_check() and wallet_post(). */

/** How much of an order of `order_amount` the account may cover, as of `today`, beyond what it covers of it already. */
MUST_USE bool wallet_usable(txn *t, const wallet_key *k, str order, int64_t order_amount, day_t today, int64_t *out,
                            err *e);
/** The moves that cover `amount` of it, in `a`: one for each own share. ERR_CONFLICT: more than wallet_usable(). */
MUST_USE bool wallet_use(txn *t, const wallet_key *k, str order, int64_t order_amount, int64_t amount, day_t today,
                         arena *a, wallet_move **out, size_t *n, err *e);
/** The move that gives back all that an order is covered by (it is cancelled); amount 0: nothing is. */
MUST_USE bool wallet_unuse(txn *t, const wallet_key *k, str order, day_t today, wallet_move *out, err *e);

/** Does the partner have a hold on any account whose reference begins so? ("case": a case is open) */
bool wallet_is_held(txn *t, uint32_t partner_no, str reference);
/** Accounts of a partner (0: of all) in key order; in `a`. Openings without a move are accounts too. */
size_t wallet_accounts(txn *t, uint32_t partner_no, arena *a, wallet_key **out);
/** Moves of an account, oldest entry first; in `a`, texts copied. */
size_t wallet_moves(txn *t, const wallet_key *k, arena *a, wallet_move **out);
/** The account's opening: amount and its day; 0 and DAY_MIN when there is none. */
int64_t wallet_opening(txn *t, const wallet_key *k, day_t *as_of);
/** The entry that takes out what was not used in time, as of `today`, of at most LIMIT_ENTRY_ROWS accounts; in `a`. False:
 *  nothing is due. */
bool wallet_expiry(txn *t, day_t today, arena *a, Entry__Wallet *out);

/** What an account or a hold says, for `journal verify` (ledger/content.h). */
bool wallet_content(txn *t, str stored_key, str val, buf *out);

/** KIND_WALLET. ERR_DATA, ERR_NOT_FOUND (partner), ERR_CONFLICT: as wallet_check. */
MUST_USE bool ledger_wallet(txn *t, const entry *en, const Entry__Wallet *m, apply_result *r, err *e);

#endif
