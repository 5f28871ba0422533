/* documents — client commands that read distributors' files themselves. */
#ifndef CHANNELCTL_DOCUMENTS_H
#define CHANNELCTL_DOCUMENTS_H

#include "tools/channelctl/client.h"

MUST_USE bool client_import_try(client *c, err *e);
MUST_USE bool client_document_import(client *c, err *e);

#endif
