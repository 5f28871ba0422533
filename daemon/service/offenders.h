/* offenders — keys whose connection had to be cut for what it did: they are not let in for LIMIT_OFFENCE_MS. Known in memory
 * only; a restart forgives. Time is an argument. */
#ifndef SERVICE_OFFENDERS_H
#define SERVICE_OFFENDERS_H

#include "base/str.h"
#include "proto/limits.h"

typedef struct offender {
    char user[96]; /* as the ZAP handler names it */
    int64_t until_ms;
} offender;

typedef struct offenders {
    offender at[LIMIT_OFFENDERS];
    size_t n;
} offenders;

/** From now on. When all places are taken, the one that would be let in next makes room. */
void offenders_add(offenders *o, str user, int64_t now_ms);
bool offenders_hold(const offenders *o, str user, int64_t now_ms);

#endif
