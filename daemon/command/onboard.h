/* onboard — a partner's way from the invitation to being live, worked out from what is in the books. Only decisions are
 * stored (catalog/onboarding.h): the live date, the mode, states waived with a reason. */
#ifndef COMMAND_ONBOARD_H
#define COMMAND_ONBOARD_H

#include "base/arena.h"
#include "daemon/catalog/catalog.h"
#include "daemon/catalog/onboarding.h"

/* enum, name. Each but the first counts when it is reached or waived; a partner's state is the last one up to which all
 * count, and live from its live date on whatever is missing. */
#define ONBOARD_STATES(X)                                                                                              \
    X(ONBOARD_LISTED, "listed")         /* in the catalogue */                                                         \
    X(ONBOARD_INVITED, "invited")       /* a token was made: the first */                                              \
    X(ONBOARD_ENROLLED, "enrolled")     /* its first agent */                                                          \
    X(ONBOARD_FIRST_FILE, "first_file") /* the first file that was accepted */                                         \
    X(ONBOARD_MAPPED, "mapped")         /* ONBOARD_MAPPED_SHARE of the amount is posted: day of the last own alias */  \
    X(ONBOARD_OPENING, "opening_stock") /* stock was counted or brought: the entry of the first */                     \
    X(ONBOARD_LIVE, "live")             /* the live date */

typedef enum onboard_state {
#define X(state, name) state,
    ONBOARD_STATES(X)
#undef X
        ONBOARD_STATE_COUNT
} onboard_state;
enum { ONBOARD_MAPPED_SHARE = 980000 }; /* ppm */

const char *onboard_state_name(onboard_state s);
bool onboard_state_parse(str s, onboard_state *out);

typedef struct onboard {
    uint32_t no;
    partner_kind kind;
    str id, name;
    onboarding decided;
    int64_t reached_ms[ONBOARD_STATE_COUNT]; /* 0: not reached; live: not used */
    unsigned waived;                         /* bits 1 << state */
    onboard_state state;
    bool looked;           /* at its books: what is posted, the first count */
    int64_t token_ends_ms; /* of the token that is good longest, 0: none was made */
    /* amounts as stated, micro units of whatever currency; lines */
    int64_t posted, waiting;
    uint64_t posted_lines, waiting_lines, words; /* words: different ones that wait */
} onboard;

/** Parts per million of the amount that is posted; by lines where no amount is stated; NUM_NONE: nothing came, or its
 *  books were not looked at. Amounts are those of what partners report themselves (not sell-in, not payments). */
int64_t onboard_share(const onboard *o);
/** Does the state count (reached or waived)? */
bool onboard_counts(const onboard *o, onboard_state s, day_t today);

/** The ways of all partners in the order of their ids, or of one (`only`); what is waited for is worked out for those
 *  that are not live yet, and for `only`. Everything in `a`. */
size_t onboard_all(txn *t, uint32_t only, day_t today, arena *a, onboard **out);

/** What stands in the way of the next state, and what to do; "" when live. */
void onboard_missing(txn *t, const onboard *o, onboard_state next, int64_t now_ms, int zone_min, buf *out);
/** The first state that does not count, ONBOARD_STATE_COUNT: none. */
onboard_state onboard_next(const onboard *o, day_t today);

#endif
