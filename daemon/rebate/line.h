/* line — one rebate line from its facts to fen, and what a policy does to all lines of a partner and period. Inside the
 * room. */
#ifndef REBATE_LINE_H
#define REBATE_LINE_H

#include "daemon/rebate/parts.h"

typedef struct open_line { /* a line and what its trace is made from */
    rebate_line *line;
    line_facts facts;
    payout pay;
} open_line;

/** Settle a line: reckon exactly, round once. The line's earned, amount, band, basis and `none` are filled. */
MUST_USE bool line_settle(open_line *l, err *e);
/** cap, floor, guarantee, minimum_payout on the lines of one partner and period; what changes is shared over them. */
MUST_USE bool lines_bound(partner_work *w, open_line *l, size_t n, err *e);
/** The line's amount over its parts, by what each earned exactly. The trace lives in w->keep. */
MUST_USE bool line_trace(partner_work *w, open_line *l, err *e);

#endif
