/* document — one thing that a partner reported, and every content of it that was ever seen.
 *
 * Identity: 16 bytes of BLAKE2b over type, stream, number and the period the number is unique in; without a number over
 * type, stream, place as sent and business day (and the content's digest where a second content of that day adds up).
 *
 * A content is (digest, version). It is listed once; sent again it is a duplicate, unless it was pushed with `again`,
 * or the upload that brought it was withdrawn: then it is listed afresh, at its new place in the partner's own order.
 */
#ifndef LEDGER_DOCUMENT_H
#define LEDGER_DOCUMENT_H

#include "base/arena.h"
#include "base/calendar.h"
#include "daemon/store/keys.h"
#include "kv/kv.h"
#include "proto/columns.h"
#include "proto/digest.h"
#include "proto/limits.h"

enum { IDENTITY_SIZE = 16 };

/* Where a content (or a part of it) stands: a document of the batch of a journal entry. */
typedef struct content_ref {
    uint64_t entry;
    uint32_t doc;
} content_ref;

typedef struct content {
    uint8_t digest[DIGEST_SIZE];
    str version;     /* as stated, "" not stated */
    uint64_t upload; /* that brought it */
    uint32_t lines;  /* 0: a cancellation */
    bool withdrawn;  /* with its upload */
    content_ref *ref;
    uint32_t refs; /* parts; the last one's place is the content's place in the partner's own order */
} content;

typedef struct document {
    uint64_t no;      /* 0: not numbered yet */
    uint32_t partner; /* who reports */
    uint8_t identity[IDENTITY_SIZE];
    doc_type type;
    uint32_t flags; /* doc_flag: scope of the number, DOC_ADD, DOC_NIL */
    str stream, number, place;
    day_t date; /* of the first content seen; with DOC_SCOPE_* or without a number part of the identity */
    content *content;
    uint32_t contents;
    uint32_t posted; /* whose lines are posted: 1 + index; 0: none */
    struct {         /* a content that travels in parts, until it is whole */
        uint64_t upload;
        str version;
        uint32_t lines, parts;
        content_ref *ref;
        uint32_t refs;
    } pending; /* parts 0: none */
} document;

/** Of two stated versions: text in which runs of digits compare as numbers; not stated is the lowest. */
int version_cmp(str a, str b);

/** Index of the content that holds, -1 none: of those not withdrawn the greatest version, then the last submitted. */
int document_holds(const document *d);

/** The identity of a document as its head states it. `digest` counts only with DOC_ADD and no number. */
void document_identify(const document *d, const uint8_t digest[static DIGEST_SIZE], uint8_t out[static IDENTITY_SIZE]);

/* Stored form (document_no). Texts and arrays live in `a`. */
void document_encode(const document *d, buf *out);
bool document_decode(uint64_t no, str stored, arena *a, document *out);

/** By number; false when there is none. A record that cannot be read makes the transaction fail. */
bool document_get(txn *t, uint64_t no, arena *a, document *out);
/** Number of the document with this reporter, number and identity, 0 none. */
uint64_t document_find(txn *t, const document *d);
/** Numbers follow one another at their partner, so documents that come together stand together. */
key document_key(const document *d);

#endif
