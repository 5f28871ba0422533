/* poison — the file DIR/work names the batch in work, so that one which brings the daemon down twice is found again and
 * put unread into DIR/poison/ instead. The file is mapped: noting costs no system call, and what is noted survives the
 * process (not the machine, which needs no surviving: a power loss is nobody's batch).
 * An unclean end counts against the batch when a fatal signal came while it was in work, or when it had been in work
 * for more than LIMIT_WORK_MS, which a small thread notes. */
#ifndef SERVICE_POISON_H
#define SERVICE_POISON_H

#include "base/err.h"
#include "base/str.h"
#include "proto/digest.h"

typedef struct poison poison;

/** Open DIR/work, make DIR/poison/, judge how the last run ended, take the fatal signals, start the thread. */
MUST_USE bool poison_open(const char *dir, poison **out, err *e);
void poison_close(poison *p);

/** A batch is taken up; and done with, whatever became of it. */
void poison_begin(poison *p, str agent, uint64_t epoch, uint64_t seq, const uint8_t digest[static DIGEST_SIZE]);
void poison_end(poison *p);

/** Has this very batch brought the daemon down LIMIT_WORK_ENDS times? */
bool poison_suspects(const poison *p, str agent, uint64_t epoch, uint64_t seq,
                     const uint8_t digest[static DIGEST_SIZE]);
/** Keep its bytes in DIR/poison/AGENT-EPOCH-SEQ.batch, synced. */
MUST_USE bool poison_keep(poison *p, str agent, uint64_t epoch, uint64_t seq, str frame, err *e);

#endif
