/* cases — what is known of each case of diversion: its head, its signals, and every step that was taken in it. A case is
 * made by a judgement (KIND_SIGNALS: results of the engine) and moved on by people and the clock (KIND_CASE_STEP); the life
 * is in case_life.h. Money moves and holds are posted in the entry of the step.
 *
 *   case          id → record
 *   case_partner  partner u32, id → ""
 *   signal        key u64 → record; of no case: id ""
 *   case_signal   id, 0, time i64, key u64 → ""
 *   case_step     id, 0, step u32 → record
 *   case_money    id, 0, partner u32, company, 0, currency u32, account u8 → posted i64: what the case has moved, net
 *
 * Times are milliseconds, days business days, quantities thousandths, amounts minor units of `currency`. */
#ifndef TRACE_CASES_H
#define TRACE_CASES_H

#include "base/arena.h"
#include "base/calendar.h"
#include "base/num.h"
#include "daemon/store/apply.h"
#include "daemon/store/keys.h"
#include "daemon/trace/case_life.h"
#include "daemon/trace/rules.h"
#include "proto/digest.h"
#include "proto/journal.pb-c.h"

typedef struct case_head {
    str id;
    uint32_t partner, destination; /* accused; province, 0 not known */
    case_state state;
    bool released; /* its notice was let out: the accused may see it */
    bool proof;
    int32_t score;                       /* decibans, of its signals; case_score() is what it comes to */
    uint32_t families, steps, not_found; /* not_found: inspections that found nothing */
    int64_t opened_ms, since_ms;         /* entry times: of the judgement that completed it; of its state */
    int64_t first_event, last_event;
    int64_t quantity;
    uint64_t opened, entry;                         /* journal entries: that opened it, that changed it last */
    day_t answer_due;                               /* the partner's; DAY_MAX none */
    day_t own_due;                                  /* the manufacturer's */
    day_t appeal_due;                               /* last day on which a verdict can be appealed */
    day_t no_exemptions;                            /* last day without exemptions, by its penalty; DAY_MIN none */
    uint32_t currency, schedule, offence;           /* of its penalty: revision, 1 for the first offence; 0 none */
    int64_t penalty, compensation;                  /* posted, net of reversals */
    int64_t compensation_due;                       /* to the harmed, by the schedule */
    day_t upheld;                                   /* day of the last verdict that upheld it; DAY_MIN none */
    str group, assignee, clause, contract, verdict; /* verdict: why, as given */
} case_head;

bool case_get(txn *t, str id, case_head *out); /* texts borrowed */
bool case_decode(str id, str val, case_head *out);
void case_put(txn *t, const case_head *c);
/** What a case comes to, in decibans, not below 0: its signals less its inspections in vain. Of goods that are there an inspection
 *  finds `inspection_permille`; it finds none where there are none. So each search in vain multiplies the odds of diversion by
 *  1 − that share (Bayes), which is 10·log₁₀ of it in decibans; they are independent and add up, rounded once. */
int32_t case_score(int32_t of_signals, uint32_t not_found, const trace_rules *r);
/** Cases of a partner: kv_from(t, TABLE_CASE_PARTNER, case_partner_key(no), STR_NONE), the id is what follows. */
key case_partner_key(uint32_t partner_no);

typedef struct case_signal {
    uint64_t key;
    str of; /* case id, "" none */
    str kind;
    uint32_t partner, product, destination; /* 0: none */
    int64_t time, since;
    int32_t strength;
    uint32_t flags;
    int64_t quantity;
    uint64_t entry; /* that told it first */
    str evidence;   /* references, a line each */
} case_signal;

bool signal_get(txn *t, uint64_t number, case_signal *out); /* texts borrowed */
bool signal_decode(uint64_t number, str val, case_signal *out);
void signal_put(txn *t, const case_signal *s);
/** Has it no signal any more: was all that it rested on taken back? */
bool case_is_empty(txn *t, str id);
/** Signals of a case by time; in `a`. */
size_t case_signals(txn *t, str id, arena *a, case_signal **out);

typedef struct case_move { /* of money, by a step */
    uint32_t partner, currency;
    str company;
    uint8_t account, cause; /* ledger/wallet.h */
    int64_t amount;
} case_move;

typedef struct case_step_record {
    uint32_t step; /* from 1 */
    case_act act;
    case_state from, to;
    uint64_t entry;
    int64_t time_ms;
    bool inward;          /* not for the accused to see */
    str by, text, told;   /* told: what it says of itself: clause, offence, how an amount came about */
    const uint8_t *paper; /* digests of files, DIGEST_SIZE each */
    size_t papers;
    case_move *move;
    size_t moves;
} case_step_record;

/* What judgements learned from the books as a whole. */
typedef struct learned_row {
    int64_t value;
    uint64_t seen, of;
} learned_row;
bool learned_get(txn *t, str what, uint32_t from, uint32_t to, learned_row *out);

/* Inside the room: writing them. */
void case_step_put(txn *t, str id, const case_step_record *s);
void case_money_add(txn *t, str id, const case_move *m);
bool signal_content(txn *t, str stored_key, str val, buf *out);

/** Steps of a case in order; in `a`, texts copied. */
size_t case_steps(txn *t, str id, arena *a, case_step_record **out);

/** What the case has moved, net, account by account; in `a`. */
size_t case_money(txn *t, str id, arena *a, case_move **out);

/** Reference under which a case posts and holds: "case C-…". */
str case_reference(str id, arena *a);
/** Source of what is held of its goods (ledger/hold.h): "case/C-…". */
str case_source(str id, arena *a);
/** The last day without exemptions, by the penalty of a case, and the first of them; DAY_MIN: no penalty says so. */
day_t case_no_exemptions(txn *t, uint32_t partner_no, day_t *first);
/** Offences of the partner that were upheld, on a signed contract, less than `months` before a day; this case is left out. */
uint32_t case_offences(txn *t, uint32_t partner_no, str other_than, day_t on, unsigned months);

/** The texts of a head in `a`: they no longer die with the next write. */
void case_keep(case_head *c, arena *a);

/** KIND_SIGNALS: r->number is how many cases were opened. */
MUST_USE bool trace_signals(txn *t, const entry *en, const Entry__Signals *m, apply_result *r, err *e);
/** KIND_CASE_STEP. ERR_NOT_FOUND, ERR_CONFLICT (the state does not take the act; too early, too late). */
MUST_USE bool trace_case_step(txn *t, const entry *en, const Entry__CaseStep *m, apply_result *r, err *e);

/** For `journal verify`, as in ledger/content.h. */
bool cases_content(txn *t, uint32_t table, str stored_key, str val, buf *out);

#endif
