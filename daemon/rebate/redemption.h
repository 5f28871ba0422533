/* redemption — how money of a wallet leaves it beside orders (兑付): a payout of one form, asked for by finance, answered by
 * the ERP. While it is under way its amount is held; issued, it is taken from the wallet; refused, it is available again.
 *
 *     credit_note 票折   requested ── confirm (the buyer, 红字信息确认) ──▸ confirmed ── issue ──▸ issued
 *     expense 费用       requested ── confirm (the partner's invoice) ────▸ confirmed ── issue ──▸ issued
 *     cash 返现, goods 货返   requested ── issue ──▸ issued
 *     requested, confirmed ── refuse ──▸ refused;   issued ── void ──▸ voided (a second person: the money comes back)
 *
 * Money of form offset 冲抵 is used against orders (ledger/wallet.h) and has no payouts. A payout's lines never change.
 *
 *   payout       partner u32, number u64 → entry u64, time i64, state u8, form u8, currency u32, amount i64, lines u32, batch
 *                u64, day i32, then texts: company, by, confirmation, document, reason, life
 *   payout_no    number u64 → partner u32
 *   payout_line  number u64, line u32 → document u64, day i32, rate u32, quantity u64, price u64, amount i64, tax i64, then
 *                texts: number, sku, unit */
#ifndef REBATE_REDEMPTION_H
#define REBATE_REDEMPTION_H

#include "base/map.h"
#include "daemon/rebate/policy.h"
#include "daemon/store/apply.h"
#include "proto/journal.pb-c.h"

/* enum, number (stored), name */
#define REDEMPTION_STATES(X)                                                                                           \
    X(REDEMPTION_REQUESTED, 1, "requested")                                                                            \
    X(REDEMPTION_CONFIRMED, 2, "confirmed")                                                                            \
    X(REDEMPTION_ISSUED, 3, "issued")                                                                                  \
    X(REDEMPTION_REFUSED, 4, "refused")                                                                                \
    X(REDEMPTION_VOIDED, 5, "voided")

typedef enum redemption_state {
#define X(state, no, name) state = no,
    REDEMPTION_STATES(X)
#undef X
        REDEMPTION_STATE_END
} redemption_state;

/* Numbers are stored. */
typedef enum redemption_act {
    REDEEM_CONFIRM = 1,
    REDEEM_ISSUE,
    REDEEM_REFUSE,
    REDEEM_VOID,
    REDEEM_EXPORT, /* handed to the ERP in a batch; the state stays */
    REDEEM_END
} redemption_act;

const char *redemption_state_name(redemption_state s);
bool redemption_state_parse(str s, redemption_state *out);
const char *redemption_act_name(redemption_act a);
bool redemption_form_parse(str s, payout_form *out); /* of any form but offset */

typedef struct redemption {
    uint64_t number, entry, batch; /* batch 0: not exported */
    int64_t time_ms, amount;
    uint32_t partner, currency, lines;
    redemption_state state;
    payout_form form;
    day_t day; /* of the ERP's paper; DAY_MIN: none yet */
    str company, by;
    str confirmation;     /* number of the buyer's confirmation, or of the partner's invoice */
    str document, reason; /* number of the ERP's paper; why it was asked for, refused or voided */
    str life;             /* line_life_next() of statement.h, acts as above */
} redemption;

typedef struct redemption_line {
    uint64_t document; /* the invoice, 0 none */
    day_t day;         /* of it, or of the price */
    uint32_t rate;     /* VAT, ppm */
    uint64_t quantity; /* goods: whole units */
    int64_t price;     /* … minor units for one */
    int64_t amount, tax;
    int64_t credited; /* not stored: of the invoice and rate, when it was reckoned */
    str number, sku, unit;
} redemption_line;

/** Where a payout of a form goes by an act; false: it does not. */
bool redemption_step(payout_form form, redemption_state from, redemption_act act, redemption_state *to);
/** May a role (catalog/users.h) do that? The admin may all. */
bool redemption_may(payout_form form, redemption_state from, redemption_act act, uint32_t role);

/* Texts are borrowed. */
bool redemption_get(txn *t, uint64_t number, redemption *out);
bool redemption_decode(str stored_key, str val, redemption *out);
/** Walk lines: for (AUTO(kv_cursor) c = redemption_lines(t, no); kv_next(&c);) redemption_line_decode(c.val, …) */
kv_cursor redemption_lines(txn *t, uint64_t number);
bool redemption_line_decode(str val, redemption_line *out);

/** "P12": what moves and holds of the wallet call it. */
void redemption_reference(buf *out, uint64_t number);
/** Is its money out of reach: under way, or issued? */
bool redemption_counts(redemption_state s);
/* What payouts that count credit each invoice, at each rate. */
typedef struct credits {
    arena a;
    map index;
} credits;
void credits_of(txn *t, uint32_t partner_no, credits *out);
int64_t credits_get(const credits *c, uint64_t document, uint32_t rate);
void credits_auto(credits *c);
/** A payout's request as an entry's body, in `a`. */
void redemption_pack(txn *t, const redemption *r, const redemption_line *line, size_t n, arena *a, Entry__Payout *out);

/** KIND_PAYOUT: r->number is its number. ERR_CONFLICT: more than is available; an invoice was credited since. */
MUST_USE bool rebate_payout(txn *t, const entry *en, const Entry__Payout *m, apply_result *r, err *e);
/** KIND_PAYOUT_STEP: r->number is the batch of an export. ERR_CONFLICT: a payout cannot take it. */
MUST_USE bool rebate_payout_step(txn *t, const entry *en, const Entry__PayoutStep *m, apply_result *r, err *e);
bool redemption_content(txn *t, uint32_t table, str stored_key, str val, buf *out);

#endif
