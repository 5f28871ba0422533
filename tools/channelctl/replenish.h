/* replenish — client commands that plan orders from files, with the engine that the daemon calls. */
#ifndef CHANNELCTL_REPLENISH_H
#define CHANNELCTL_REPLENISH_H

#include "tools/channelctl/client.h"

MUST_USE bool client_replenish_try(client *c, err *e);
MUST_USE bool client_replenish_backtest(client *c, err *e);

#endif
