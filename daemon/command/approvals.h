/* approvals — four eyes for any command: what is at stake decides whether an entry is written or proposed. */
#ifndef COMMAND_APPROVALS_H
#define COMMAND_APPROVALS_H

#include "daemon/command/command.h"

typedef struct stake {
    const char *what;    /* for people: "wallet of D1: 1200.00 CNY, display fee" */
    const char *subject; /* a partner's id, a policy's name; "" */
    int64_t amount;      /* minor units; NUM_NONE: no money */
    uint32_t currency;
    unsigned roles; /* besides admin, who may let it through */
} stake;

/** Journal the entry as a proposal and answer with its number and who may approve it. */
MUST_USE bool command_propose(call *c, entry_kind kind, const ProtobufCMessage *body, const stake *s, err *e);

#endif
