/* custody_put — inside of custody: where moves stand. */
#ifndef TRACE_CUSTODY_PUT_H
#define TRACE_CUSTODY_PUT_H

#include "daemon/store/keys.h"
#include "daemon/trace/custody.h"

/** Of a code that lies under `home`, or (NULL) of the container `home` itself. */
key custody_prefix(uint32_t home, const code_key *k);
/** Under which home new moves of a code go: *own says that it is a container with rows of its own. */
uint32_t custody_home(const code_row *r, bool *own);
/** Writes a move of a named code and says where it stands. */
uint32_t custody_put(txn *t, const code_row *r, const custody_move *m);
/** Notes in `list` where a move stands; the list of a reference is kept, and everything of it taken out. */
void custody_remember(buf *list, uint32_t home, const custody_move *m, const code_key *k);
void custody_keep(txn *t, uint64_t ref, const buf *list);
void custody_take_out(txn *t, uint64_t ref);
/** A lot in an event: who it went to is looked up when it is asked for. */
void custody_event_lot(txn *t, const code_key *k, uint64_t ref, day_t day, bool there);

#endif
