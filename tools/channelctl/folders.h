/* folders — client commands that work on the daemon's folder from a second process, while it runs or not. */
#ifndef CHANNELCTL_FOLDERS_H
#define CHANNELCTL_FOLDERS_H

#include "tools/channelctl/client.h"

MUST_USE bool client_journal_verify(client *c, err *e);
MUST_USE bool client_journal_export(client *c, err *e);
MUST_USE bool client_journal_follow(client *c, err *e);
MUST_USE bool client_backup(client *c, err *e);

#endif
