#include "daemon/trace/case_life.h"

#include "daemon/catalog/life.h"

static const char *const states[] = {
#define X(state, no, name) [state] = name,
    CASE_STATES(X)
#undef X
};

static const char *const acts[] = {
#define X(act, no, name) [act] = name,
    CASE_ACTS(X)
#undef X
};

#define HANDLERS "channel_manager account_manager inspector finance"
#define JUDGES   "channel_manager finance"
#define KEEPS(from, act, roles)                                                                                        \
    { from, act, from, roles }
#define ANY_STATE(act, roles)                                                                                          \
    KEEPS(CASE_ALERT, act, roles), KEEPS(CASE_NOTIFIED, act, roles), KEEPS(CASE_APPEALED, act, roles),                 \
        KEEPS(CASE_UPHELD, act, roles), KEEPS(CASE_DISMISSED, act, roles), KEEPS(CASE_PENALISED, act, roles),          \
        KEEPS(CASE_CLOSED, act, roles)

/* The whole life of a case: state × act → state, and by whom. "" nobody: the clock or the engine does it. */
static const life_step steps[] = {
    KEEPS(CASE_ALERT, DO_GATHER, ""),
    KEEPS(CASE_ALERT, DO_ASSIGN, "channel_manager"),
    KEEPS(CASE_NOTIFIED, DO_ASSIGN, "channel_manager"),
    KEEPS(CASE_APPEALED, DO_ASSIGN, "channel_manager"),
    KEEPS(CASE_UPHELD, DO_ASSIGN, "channel_manager"),
    KEEPS(CASE_PENALISED, DO_ASSIGN, "channel_manager"),
    ANY_STATE(DO_COMMENT, HANDLERS),
    ANY_STATE(DO_INSPECT, ""),
    {CASE_ALERT, DO_NOTIFY, CASE_NOTIFIED, "channel_manager account_manager"},
    {CASE_NOTIFIED, DO_APPEAL, CASE_APPEALED, "partner_owner"},
    {CASE_APPEALED, DO_APPEAL, CASE_APPEALED, "partner_owner"},
    {CASE_UPHELD, DO_APPEAL, CASE_APPEALED, "partner_owner"},
    {CASE_PENALISED, DO_APPEAL, CASE_APPEALED, "partner_owner"},
    {CASE_NOTIFIED, DO_UPHOLD, CASE_UPHELD, JUDGES},
    {CASE_APPEALED, DO_UPHOLD, CASE_UPHELD, JUDGES},
    {CASE_ALERT, DO_DISMISS, CASE_DISMISSED, JUDGES},
    {CASE_NOTIFIED, DO_DISMISS, CASE_DISMISSED, JUDGES},
    {CASE_APPEALED, DO_DISMISS, CASE_DISMISSED, JUDGES},
    {CASE_UPHELD, DO_PENALISE, CASE_PENALISED, JUDGES},
    {CASE_PENALISED, DO_COMPENSATE, CASE_PENALISED, JUDGES},
    {CASE_PENALISED, DO_CLOSE, CASE_CLOSED, "channel_manager"},
    {CASE_DISMISSED, DO_CLOSE, CASE_CLOSED, "channel_manager"},
    {CASE_DISMISSED, DO_REOPEN, CASE_ALERT, "channel_manager"},
    {CASE_CLOSED, DO_REOPEN, CASE_ALERT, "channel_manager"},
    {CASE_ALERT, DO_COVER, CASE_DISMISSED, ""},
    {CASE_NOTIFIED, DO_COVER, CASE_DISMISSED, ""},
    {CASE_APPEALED, DO_COVER, CASE_DISMISSED, ""},
    {CASE_UPHELD, DO_COVER, CASE_DISMISSED, ""},
    {CASE_PENALISED, DO_COVER, CASE_DISMISSED, ""},
    KEEPS(CASE_NOTIFIED, DO_RELEASE, ""),
    KEEPS(CASE_APPEALED, DO_RELEASE, ""),
    KEEPS(CASE_UPHELD, DO_RELEASE, ""),
};

const char *case_state_name(case_state s) {
    return states[s];
}

bool case_state_parse(str s, case_state *out) {
    for (*out = CASE_ALERT; *out < CASE_STATE_END; ++*out)
        if (str_is(s, states[*out])) return true;
    return false;
}

const char *case_act_name(case_act a) {
    return acts[a];
}

bool case_step(case_state from, case_act act, case_state *to) {
    uint8_t next = life_to(steps, ARRAY_LEN(steps), (uint8_t)from, (uint8_t)act);
    if (next) *to = (case_state)next;
    return next != 0;
}

bool case_may(case_state from, case_act act, uint32_t role) {
    return life_may(steps, ARRAY_LEN(steps), (uint8_t)from, (uint8_t)act, role);
}
