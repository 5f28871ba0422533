/* calc — pure functions of maths/ on standard input, so that planners can check the engine against a spreadsheet. */
#ifndef CHANNELCTL_CALC_H
#define CHANNELCTL_CALC_H

#include "tools/channelctl/client.h"

MUST_USE bool client_calc(client *c, err *e);

#endif
