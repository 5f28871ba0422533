/* restore — a new data folder from a backup, carried on by a followed journal, with a new db_epoch so that agents send
 * again what the backup has not seen. */
#ifndef DAEMON_RESTORE_H
#define DAEMON_RESTORE_H

#include "base/err.h"
#include <stdint.h>

typedef struct restore_order {
    const char *from;    /* backup folder */
    const char *journal; /* folder of `journal follow`, or NULL */
    const char *data;    /* must not hold data yet */
    uint64_t map_bytes;
} restore_order;

/** Restores and says on stdout what time it reached and which commands of people are missing. ERR_CONFLICT: the folder
 *  holds data. A failure leaves no data folder. */
MUST_USE bool restore_run(const restore_order *o, err *e);

#endif
