/* files — which files each partner sends: a file a period and type in its dialect, some of them twice, corrections
 * after or before what they correct. Names sort in the order in which the partner sends them. */
#ifndef SIM_FILES_H
#define SIM_FILES_H

#include "base/err.h"
#include "tools/sim/dialects.h"

typedef struct sim_plan {
    const sim_dialect **dialect; /* a partner's is [index % dialects] */
    size_t dialects;
    int64_t duplicates; /* per cent of files written twice, under another name */
    size_t *files;      /* a partner: written, doubles included */
    size_t doubles;
} sim_plan;

static inline const sim_dialect *dialect_of(const sim_plan *plan, const sim_partner *p) {
    return plan->dialect[p->index % plan->dialects];
}

/** dir/partners/ID/… for every partner. Counts into plan. */
MUST_USE bool files_write(world *w, sim_plan *plan, const char *dir, err *e);
/** A new file, not synced: a world is made again rather than recovered. */
MUST_USE bool file_put(const char *dir, const char *name, str bytes, err *e);

#endif
