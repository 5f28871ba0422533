/* recall — what words meant when they were looked up before: a reporter sends the same ones in every batch. Kept in the
 * writer's memory (kv_memory), made of the tables of the catalogue and of the settings: a write to one of them forgets
 * all of it. Only what is known is kept, so nothing has to be forgotten when a word is learnt below the catalogue. */
#ifndef LEDGER_RECALL_H
#define LEDGER_RECALL_H

#include "daemon/catalog/catalog.h"
#include "daemon/store/keys.h"

typedef struct recall recall;

/** Of this write transaction's database; valid until the entry is put. */
recall *recall_of(txn *t);
/** The value kept for a word on on->day; on->from … to become the days it is good for. NULL: none. */
const void *recall_find(const recall *r, const key *word, business_day *on);
/** Keep a copy of a value for the days on->from … to. Full, or a word without bytes: nothing happens. */
void recall_keep(recall *r, const key *word, const business_day *on, const void *value, size_t size);

#endif
