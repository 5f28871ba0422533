/* books — the ledger and the catalogue as the engine's world: policy, periods → lines. What `rebate evaluate`, `policy
 * diff`, `policy simulate` and the accrual all call, so that they cannot differ.
 *
 *     AUTO(books) b = {0};
 *     TRY(books_open(t, today, &b, e));
 *     TRY(books_evaluate(&b, &policy, &(books_ask)BOOKS_ALL, &a, &r, e));
 *     for (rebate_line *l = r.lines.first; l; l = l->next) … b.world.partner[l->partner].id
 *
 * From where figures come:
 *   - months (flow_month) where all days of a month and product are alike; days (flow_day) where something cuts the
 *     month: the policy's ends, a change of stage, of the partner's attributes the scope filters by, a live date.
 *   - documents, where a line needs what only they know: which sale a return names (`reference`), the selling company
 *     (bases sell_in and payment), days to pay, the value at another price; verified quantities; and for traces.
 *   - flows at a place of sale stand at the partner that answers for it (ledger/facts.h, reporter).
 *   - a scope by tier, region or kind is judged on the day of the row (roll_up: self; else as things are now).
 *   - flows before a partner's live date are baselines only; an opening volume of the policy stands for the flows of its
 *     period up to its as_of day, and is paid like them.
 *   - only flows in the policy's currency; amounts are on the setting's tax basis. */
#ifndef REBATE_BOOKS_H
#define REBATE_BOOKS_H

#include "daemon/ledger/facts.h"
#include "daemon/rebate/evaluate.h"

typedef struct books {
    txn *t;
    arena a;
    facts facts;
    rebate_world world; /* partners, products, prices; partners in the order of ids */
    map skus;
    uint32_t *partner_no, *product_no; /* numbers in the catalogue, by index */
    uint32_t *partner_at, *product_at; /* index by number in the catalogue; REBATE_NONE */
    uint32_t partners_end, products_end;
    uint32_t currency;
    str company;   /* the default one */
    bool excl;     /* amounts are kept without VAT */
    bool openings; /* there are opening volumes at all */
    bool rebated;  /* there are lines that say that they were paid out of a rebate account */
    day_t today;
} books;

/** Texts are copied: they outlive writes to t. `today` says which attributes hold now. */
MUST_USE bool books_open(txn *t, day_t today, books *out, err *e);
/** The same with one partner alone, whatever the size of the channel: enough for what that partner earns by a policy that
 *  looks at nobody else (policy_is_alone). */
MUST_USE bool books_open_one(txn *t, day_t today, uint32_t partner_no, books *out, err *e);
bool policy_is_alone(const policy *p);
void books_auto(books *b);
/** Index of a partner's number, REBATE_NONE. */
uint32_t books_partner(const books *b, uint32_t no);

typedef struct books_ask {
    uint32_t partner;      /* who earns, number in the catalogue; 0: all */
    int32_t first, last;   /* periods of the policy's kind */
    day_t until;           /* flows after that day are not there yet */
    bool trace;            /* every line with its trace; sources are filled */
    const rebate_row *row; /* what is supposed beside the books, by partner of books.world */
    size_t rows;
    const rebate_count *count;
    size_t counts;
    /* NULL: lines are kept in the result. Else each is handed over as it is known, and gone afterwards; notes are not kept. */
    bool (*take)(void *arg, const rebate_line *line, err *e);
    void *arg;
} books_ask;
#define BOOKS_ALL                                                                                                      \
    { .first = INT32_MIN, .last = INT32_MAX, .until = DAY_MAX }

typedef struct books_source { /* where a trace element comes from, by its `no` */
    uint64_t document;        /* 0: no document (an opening volume, a count) */
    str number;
    uint32_t line; /* of the content, from 0 */
} books_source;

typedef struct books_result {
    rebate_result lines;
    books_source *source; /* with ask.trace */
    size_t sources;
    uint64_t foreign; /* flow sums in other currencies, left out */
} books_result;

/** Lines of the periods asked for, in order of partner, period, stage, mechanism; everything in `a`. ERR_DATA as
 *  rebate_evaluate(); or the policy wants amounts with VAT and the books keep them without. */
MUST_USE bool books_evaluate(books *b, const policy *p, const books_ask *ask, arena *a, books_result *out, err *e);

/** The same for n policies, each with its own ask (of the same partner and supposed rows); flows that several of them read
 *  alike are read once. out[i] is that of p[i]. */
MUST_USE bool books_evaluate_all(books *b, const policy *const *p, const books_ask *ask, size_t n, arena *a,
                                 books_result *out, err *e);

/** The rows of one partner's basis between two days, day by day, in `a`; partner of books.world. */
MUST_USE bool books_flows(books *b, const policy *p, uint32_t partner_at, day_t from, day_t to, arena *a,
                          rebate_row **out, size_t *n, err *e);

#endif
