/* users — what the commands about users and their tokens share. */
#ifndef COMMAND_USERS_H
#define COMMAND_USERS_H

#include "daemon/catalog/tokens.h"
#include "daemon/command/command.h"
#include "proto/digest.h"

enum { SECRET_BYTES = 32, SECRET_TEXT = 44 };

/** The user named: an admin's anybody, others' only themselves, and not by a token of narrow scope. */
MUST_USE bool option_user(call *c, str name, user *out, err *e);
/** A new secret of SECRET_BYTES as text (URL-safe base64), and the hash that is kept of it. */
void secret_text(char out[static SECRET_TEXT], uint8_t hash[static DIGEST_SIZE]);

#endif
