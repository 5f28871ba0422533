/* policy — client commands on policy files: try one on figures from files, look for its weak places. */
#ifndef CHANNELCTL_POLICY_H
#define CHANNELCTL_POLICY_H

#include "tools/channelctl/client.h"

MUST_USE bool client_policy_try(client *c, err *e);
MUST_USE bool client_policy_lint(client *c, err *e);

#endif
