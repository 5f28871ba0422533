/* partner — the tree of partners, beyond catalog.h. */
#ifndef CATALOG_PARTNER_H
#define CATALOG_PARTNER_H

#include "daemon/catalog/catalog.h"

enum { PARTNER_DEPTH_MAX = 16 }; /* levels of parents */

const char *partner_kind_name(partner_kind k);
/** Itself, its parent, the parent's parent …; returns how many (0: no such partner). */
size_t partner_chain(txn *t, uint32_t no, uint32_t out[static PARTNER_DEPTH_MAX]);
/** Is `no` the partner `ancestor` or somewhere below it? */
bool partner_within(txn *t, uint32_t no, uint32_t ancestor);
/** The id of a number, "" when there is none. Borrowed. */
str partner_id(txn *t, uint32_t no);
/** The one partner of kind manufacturer that stands first in the order of ids; false: none. */
bool partner_manufacturer(txn *t, partner *out);
/** Partners with that exact name (an ended one does not count), at most `max`; returns how many. */
size_t partner_by_name(txn *t, str name, uint32_t *out, size_t max);

#endif
