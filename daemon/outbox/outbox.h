/* outbox — messages for partners and what became of them: rows only. An agent fetches those of its partner; what else
 * sends (mail, robots) belongs to service and asks outbox_may_send() too.
 *
 * A message is known by (partner, day, kind, subject): posted again with the same words it is no news. Whether it may go
 * out is decided when it is posted, by the catalogue as it is then: going live later does not set old ones free, posting
 * them again does.
 *
 *   notice   partner u32, day i32, kind, 0, subject → number u64, entry u64, read u64, state u8, zh, en (varint lengths)
 */
#ifndef OUTBOX_OUTBOX_H
#define OUTBOX_OUTBOX_H

#include "base/calendar.h"
#include "daemon/store/apply.h"
#include "daemon/store/keys.h"

/* Numbers are stored. */
typedef enum notice_state {
    NOTICE_NEW = 1, /* waits for the partner's agent */
    NOTICE_READ,    /* the agent has it */
    NOTICE_SHADOW,  /* not sent: the partner, or everybody, is in shadow */
    NOTICE_HISTORY, /* not sent: about a day before the partner's live date */
} notice_state;
const char *notice_state_name(notice_state s); /* "new", "read", "suppressed_shadow", "suppressed_history" */

typedef struct notice {
    uint32_t partner;
    day_t day;            /* the business day it is about */
    str kind, subject;    /* "reminder", "sale 2026-06"; ids (catalog_id_ok) */
    str zh, en;           /* what it says, ≤ LIMIT_NOTICE bytes each */
    uint64_t number;      /* what it is called in lists; of the row */
    uint64_t entry, read; /* journal entries: that posted it last, that noted it as read (0: none) */
    notice_state state;
} notice;

/** May a message about a day go out to a partner? *why (may be NULL) is the state it gets. */
bool outbox_may_send(txn *t, uint32_t partner_no, day_t day, notice_state *why);

/** Keep a message; for appliers of journaled results (seq: their entry). Of `n` partner, day, kind, subject, zh, en count; its texts must
 *  not be borrowed from t. True when it is news (a new row, or other words than before): also when it is suppressed. */
bool outbox_post(txn *t, uint64_t seq, const notice *n);

/** Who has no journaled results of its own (a timer, a command) appends KIND_NOTICE (entry.Notices) instead: applied
 *  here with outbox_post(). ERR_DATA: malformed; ERR_NOT_FOUND: unknown partner. Also KIND_NOTICE_READ. */
MUST_USE bool outbox_apply(txn *t, const entry *en, apply_result *r, err *e);

/** A walk over the messages of a partner, oldest day first: kv_from(t, TABLE_NOTICE, outbox_key(no), STR_NONE). */
key outbox_key(uint32_t partner_no);
bool notice_decode(str stored_key, str val, notice *out); /* texts borrowed */

/** For `journal verify`, as in catalog/apply.h. */
bool outbox_content(txn *t, uint32_t table, str stored_key, str val, buf *out);

#endif
