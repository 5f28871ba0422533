/* rebate — what the commands about policies and rebates share. */
#ifndef COMMAND_REBATE_H
#define COMMAND_REBATE_H

#include "daemon/command/command.h"
#include "daemon/rebate/books.h"
#include "daemon/rebate/policies.h"

enum { FEN_SCALE = 2 };

/* Policies in force, parsed. */
typedef struct in_force {
    policy_revision revision;
    policy policy;
} in_force;
typedef struct policies {
    in_force *v;
    size_t n;
} policies;
/** All that are not withdrawn, by name, or the one that is called so (ERR_NOT_FOUND). */
MUST_USE bool policies_in_force(call *c, str only, policies *out, err *e);
void policies_auto(policies *p);

/** The last revision, a withdrawal too. ERR_NOT_FOUND. */
MUST_USE bool policy_of_call(call *c, str name, policy_revision *out, err *e);
/** books_open() as of the call's day. */
MUST_USE bool books_of_call(call *c, books *out, err *e);

/** --period as a label of this policy's kind into ask->first, ask->last; false: it is one of another kind. No --period:
 *  all. ERR_USAGE is for who finds that no policy took it. */
bool period_asked(call *c, const policy *p, books_ask *ask);
/** --partner, --period and --policy of a question about rebates: whose, which policies in force, the books. */
MUST_USE bool rebates_asked(call *c, books_ask *whose, policies *all, books *b, err *e);

/** For people: ¥8,420 or ¥12,300.50. */
void yuan_put(buf *out, int64_t fen);
void cell_fen(json *j, const char *name, int64_t v);
void cell_period(json *j, const char *name, const policy *p, int32_t period);
/** The cells of one line, as `policy try` writes them, without trace. */
void line_cells(json *j, const books *b, const policy *p, const rebate_line *l);
extern const char *const line_columns[];
extern const size_t line_column_count;

/* ---- what waits for a count (verified_sell_out): rebate_waits.c */
int64_t lines_sum(const books_result *r);
/** What a count would release of a product that bears out all that was reported; `whose` is of one partner and period, which
 *  pay `now` as things stand. */
MUST_USE bool release_of(books *b, const policy *p, const books_ask *whose, uint32_t item, int64_t now, int64_t *out,
                         err *e);
/** "补 3 月盘点可释放 ¥8,420", and in English. */
void release_say(const policy *p, int32_t period, const rebate_note *w, int64_t fen, buf *zh, buf *en);
/** Which counts are missing: "closing", "opening, closing", "later count". */
str release_missing(const rebate_note *w);

/* ---- money, partner by partner: what two policies pay on the same books */
typedef struct money_row {
    uint32_t partner; /* of books.world */
    int32_t period;
    int64_t before, after;
} money_row;
typedef struct money {
    money_row *v;
    size_t n;
    int64_t before, after, moved; /* sums; moved: of what changes, whatever its sign */
} money;
/** Either policy may be NULL: it pays nothing. Rows where something is paid, by partner and period of `after` (of
 *  `before` when that is NULL or their kinds differ: then one row a partner, period 0). */
MUST_USE bool money_compare(books *b, const policy *before, const policy *after, const books_ask *ask, arena *a,
                            money *out, err *e);
/** Is the row's period one that can be named? */
bool money_by_period(const policy *before, const policy *after);

#endif
