/* forecast — client commands on forecasts of series from files. */
#ifndef CHANNELCTL_FORECAST_H
#define CHANNELCTL_FORECAST_H

#include "tools/channelctl/client.h"

MUST_USE bool client_forecast_backtest(client *c, err *e);

#endif
