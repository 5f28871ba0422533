/* appliers — the parts of catalog_apply(), one a kind of entry; used inside the room only. */
#ifndef CATALOG_APPLIERS_H
#define CATALOG_APPLIERS_H

#include "daemon/catalog/settings.h"
#include "daemon/store/apply.h"
#include "proto/journal.pb-c.h"

/** Messages decoded into an arena need no unpack-free. */
ProtobufCAllocator arena_allocator(arena *a);

MUST_USE bool apply_rows(txn *t, const entry *en, const Entry__Catalog *m, arena *a, apply_result *r, err *e);
MUST_USE bool apply_setting(txn *t, const entry *en, const Entry__Setting *m, err *e);
MUST_USE bool apply_user(txn *t, const entry *en, const Entry__User *m, err *e);
MUST_USE bool apply_user_access(txn *t, const entry *en, const Entry__UserAccess *m, err *e);
MUST_USE bool apply_token(txn *t, const entry *en, const Entry__Token *m, err *e);
MUST_USE bool apply_agent_token(txn *t, const entry *en, const Entry__AgentToken *m, err *e);
MUST_USE bool apply_agent_enrolled(txn *t, const entry *en, const Entry__AgentEnrolled *m, err *e);
MUST_USE bool apply_agent_revoked(txn *t, const entry *en, const Entry__AgentRevoked *m, err *e);
MUST_USE bool apply_access(txn *t, const entry *en, const Entry__Access *m, err *e);
MUST_USE bool apply_person(txn *t, const entry *en, const Entry__Person *m, err *e);

#endif
