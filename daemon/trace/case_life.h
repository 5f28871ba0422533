/* case_life — the life of a case of diversion (窜货案件): which act leads from which state to which, and whose it is.
 *
 *     alert ── notify ─▸ notified ── appeal ─▸ appealed ── uphold ─▸ upheld ── penalise ─▸ penalised ── close ─▸ closed
 *       │                   │ └── uphold (unanswered) ──────▸│   ▴          │ ◂── appeal ─────┘                    │
 *       └── dismiss ────────┴── dismiss ───────────────▸ dismissed ── close ─▸ closed        reopen: back to alert ┘
 *
 * Every verdict (uphold, dismiss) is one person's proposal and another's approval; neither is the manager of the accused's
 * region or of the destination. Nothing is heard of a case outside of the house before a person released its notice. */
#ifndef TRACE_CASE_LIFE_H
#define TRACE_CASE_LIFE_H

#include "base/str.h"

/* enum, number (stored), name */
#define CASE_STATES(X)                                                                                                 \
    X(CASE_ALERT, 1, "alert")                                                                                          \
    X(CASE_NOTIFIED, 2, "notified") /* the partner is asked, until its answer is due */                                \
    X(CASE_APPEALED, 3, "appealed") /* it answered: the manufacturer's turn, until its own deadline */                 \
    X(CASE_UPHELD, 4, "upheld")                                                                                        \
    X(CASE_DISMISSED, 5, "dismissed")                                                                                  \
    X(CASE_PENALISED, 6, "penalised")                                                                                  \
    X(CASE_CLOSED, 7, "closed")

typedef enum case_state {
#define X(state, no, name) state = no,
    CASE_STATES(X)
#undef X
        CASE_STATE_END
} case_state;

/* enum, number (stored), name */
#define CASE_ACTS(X)                                                                                                   \
    X(DO_OPEN, 1, "open")       /* signals gathered */                                                                 \
    X(DO_GATHER, 2, "gather")   /* further signals */                                                                  \
    X(DO_ASSIGN, 3, "assign")   /* to a person */                                                                      \
    X(DO_COMMENT, 4, "comment") /* among ourselves */                                                                  \
    X(DO_NOTIFY, 5, "notify")   /* a person lets the notice out */                                                     \
    X(DO_APPEAL, 6, "appeal")   /* the partner answers */                                                              \
    X(DO_UPHOLD, 7, "uphold")                                                                                          \
    X(DO_DISMISS, 8, "dismiss")                                                                                        \
    X(DO_PENALISE, 9, "penalise") /* by the schedule; without a signed contract a warning */                           \
    X(DO_COMPENSATE, 10, "compensate")                                                                                 \
    X(DO_CLOSE, 11, "close")                                                                                           \
    X(DO_REOPEN, 12, "reopen")                                                                                         \
    X(DO_COVER, 13, "cover")     /* an exemption granted late covers it */                                             \
    X(DO_RELEASE, 14, "release") /* the manufacturer missed its deadline: what is held is free */                      \
    X(DO_INSPECT, 15, "inspect") /* an inspection said what it found */

typedef enum case_act {
#define X(act, no, name) act = no,
    CASE_ACTS(X)
#undef X
        CASE_ACT_END
} case_act;

const char *case_state_name(case_state s);
bool case_state_parse(str s, case_state *out);
const char *case_act_name(case_act a);

/** Where an act leads from a state; false: it does not. */
bool case_step(case_state from, case_act act, case_state *to);
/** May a role (a bit of catalog/users.h) do the act in the state? The admin may do what any person may; what the clock or an
 *  engine does is nobody's. */
bool case_may(case_state from, case_act act, uint32_t role);
/** Not decided for good: still open towards the partner. */
static inline bool case_is_open(case_state s) {
    return s != CASE_DISMISSED && s != CASE_CLOSED;
}

#endif
