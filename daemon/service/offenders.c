#include "daemon/service/offenders.h"

static offender *place_for(offenders *o, str user) {
    offender *soonest = &o->at[0];
    for (size_t i = 0; i < o->n; i++) {
        if (str_is(user, o->at[i].user)) return &o->at[i];
        if (o->at[i].until_ms < soonest->until_ms) soonest = &o->at[i];
    }
    return o->n < LIMIT_OFFENDERS ? &o->at[o->n++] : soonest;
}

void offenders_add(offenders *o, str user, int64_t now_ms) {
    if (user.n == 0 || user.n >= sizeof o->at[0].user) return;
    offender *p = place_for(o, user);
    (void)str_copy_z(user, p->user, sizeof p->user);
    p->until_ms = now_ms + LIMIT_OFFENCE_MS;
}

bool offenders_hold(const offenders *o, str user, int64_t now_ms) {
    for (size_t i = 0; i < o->n; i++)
        if (str_is(user, o->at[i].user)) return now_ms < o->at[i].until_ms;
    return false;
}
