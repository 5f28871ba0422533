/* journal — the one door for writes. An entry is appended and applied in the same transaction; `apply` reads only its
 * entry and the views: no clock, no configuration, no float. Nothing below this room knows where entries come from.
 *
 *   hash = BLAKE2b-256(prev ‖ seq ‖ time_ms ‖ kind ‖ length of actor ‖ actor ‖ body), numbers big-endian
 */
#ifndef JOURNAL_JOURNAL_H
#define JOURNAL_JOURNAL_H

#include "daemon/store/apply.h"
#include "proto/digest.h"
#include "proto/kinds.h"
#include <protobuf-c/protobuf-c.h>

/** What is to be written. Time never runs backwards: an entry gets at least the time of the one before. */
typedef struct command_entry {
    entry_kind kind;
    int64_t now_ms;
    str actor; /* "user:anna", "agent:a1", "system" */
    const ProtobufCMessage *body;
} command_entry;

/** Append and apply. A refusal (*e, before the first put) leaves the transaction as it was and usable; a failure of
 *  LMDB sits in the transaction (txn_ok). *seq and *result may be NULL. */
MUST_USE bool journal_append(txn *t, const command_entry *c, apply_result *result, uint64_t *seq, err *e);

/** The same for a body that is packed already. */
MUST_USE bool journal_append_packed(txn *t, uint16_t kind, int64_t now_ms, str actor, str body, apply_result *result,
                                    err *e);

/** The first entry of a new journal; nothing when there is one. */
MUST_USE bool journal_genesis(txn *t, int64_t now_ms, err *e);

/** Apply a stored entry of this or another folder and append it as it is (replay). ERR_DIFFERS names the entry when it
 *  does not follow the last one here: number, chain, hash or time. */
MUST_USE bool journal_adopt(txn *t, const entry *en, apply_result *result, err *e);
/** The hash that an entry must have. */
void journal_hash(const entry *en, uint8_t out[static DIGEST_SIZE]);
/** Name of a kind in exports; "?" when unknown. */
const char *entry_kind_name(uint16_t kind);

/** Newest entry; zeros when empty. */
void journal_head(txn *t, uint64_t *seq, int64_t *time_ms, uint8_t hash[static DIGEST_SIZE]);
/** One stored entry, decoded (body borrowed). */
bool journal_get(txn *t, uint64_t seq, entry *out);

#endif
