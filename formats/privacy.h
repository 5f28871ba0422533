/* privacy — what of a customer leaves the house. A field goes by its rule: the mapping's, else by default the phone as a
 * hash, an address as far as its county, everything else that is read as it stands. What is not mapped is never read at
 * all: a contact person, cost, margin.
 *
 *   send     as it stands
 *   county   an address without its street: what stands before the first word of a street, up to the last 省 市 区 县 州 旗
 *            盟 in it, else the province it begins with, else nothing. Codes and names without a street stay whole
 *   hash     "h:" and 32 hex digits: BLAKE2b of field name, ':' and normalised text, keyed with the deployment's privacy
 *            key; normalised: half-width, lower case, without blanks; a phone: its digits, without 86 before eleven others
 *   drop     nothing */
#ifndef FORMATS_PRIVACY_H
#define FORMATS_PRIVACY_H

#include "base/buf.h"
#include "formats/mapping.h"

enum { PRIVACY_KEY_SIZE = 32 };

/** The rule that holds for a field; m may be NULL. Never PRIVACY_DEFAULT. */
privacy_rule privacy_of(const mapping *m, field f);
/** May the field be cut or hashed? Others are needed as they stand, or not at all. */
bool privacy_changes(field f);
/** What leaves of a text: borrowed from it or from `room`; "" nothing. key NULL: what is to be hashed is dropped. */
str privacy_apply(privacy_rule rule, field f, str text, const uint8_t *key, buf *room);

#endif
