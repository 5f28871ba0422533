/* persons — personal data, sealed under a key per person (libsodium secretbox). The journal and the view hold the
 * sealed bytes; the key is operational and forgotten by `person erase`: then nobody can read any copy.
 *
 *   person       id → entry u64, nonce 24, sealed bytes ("" after erase)
 *   person_key   id → 32 bytes */
#ifndef CATALOG_PERSONS_H
#define CATALOG_PERSONS_H

#include "base/buf.h"
#include "base/err.h"
#include "daemon/store/store.h"
#include "proto/journal.pb-c.h"

enum { PERSON_NONCE = 24, PERSON_KEY = 32 };

/** Seal under the person's key, which is made when there is none (a write transaction). Appends to nonce and sealed. */
void person_seal(txn *t, str id, const Entry__PersonData *data, buf *nonce, buf *sealed);
enum { PERSON_ID = 24 };
/** The id under which a person that is only known by a word (who scanned) is kept; *fresh: made now, nothing is sealed for it
 *  yet. That the word means this id is kept operationally and forgotten with the key (a write transaction). */
void person_known_as(txn *t, str word, char id[static PERSON_ID], bool *fresh);
/** The data of a person, packed protobuf appended to out. ERR_NOT_FOUND: unknown, or erased. */
MUST_USE bool person_open(txn *t, str id, buf *out, err *e);
/** Forget the key; true when there was one. */
bool person_forget(txn *t, str id);

#endif
