/* boot — the daemon's parts brought up in order, and taken down in the mirror of it. */
#ifndef DAEMON_BOOT_H
#define DAEMON_BOOT_H

#include "daemon/service/service.h"

/** Start, run until told to stop, take down. False: what failed. */
MUST_USE bool daemon_run(service *s, err *e);

#endif
