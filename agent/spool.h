/* spool — what leaves a home, kept from before "accepted" until the centre has committed it, and LIMIT_ACKED_DAYS
 * beyond, so that a centre restored from an older backup can ask for it again. One LMDB folder, one writing process;
 * others may look on read-only.
 *
 * A batch is named (epoch, seq): epoch random, made with the spool; seq gapless from 1. A file is spooled whole or not
 * at all. Nothing that was not acknowledged is ever dropped: a full spool takes no new file.
 * A commit that fails leaves its outcome unknown: the caller stops the process and starts again. */
#ifndef AGENT_SPOOL_H
#define AGENT_SPOOL_H

#include "proto/batch.h"
#include "proto/docset.h"
#include "proto/frame.h"
#include "proto/limits.h"
#include "proto/wire.pb-c.h"

typedef struct spool spool;

typedef struct spool_options {
    uint64_t quota; /* bytes of batches kept */
    bool read_only;
} spool_options;

/* What stands in the way of this home's batches, as the centre said it. */
typedef enum spool_trouble { TROUBLE_NONE, TROUBLE_HELD, TROUBLE_REFUSED } spool_trouble;

typedef struct spool_state {
    uint64_t epoch;
    uint64_t first_seq;            /* oldest batch kept; last_seq + 1: none */
    uint64_t last_seq, acked_seq;  /* 0: none yet */
    uint64_t receipts_to;          /* every batch up to here has its receipt */
    uint64_t first_end, acked_end; /* bytes of all batches before first_seq, up to acked_seq, */
    uint64_t last_end;             /* up to last_seq, since the epoch began */
    uint64_t db_epoch;             /* of the centre when it last spoke, 0: never */
    uint64_t last_upload;          /* ids of uploads count from 1 */
    int64_t contact_ms, commit_ms; /* wall clock: heard from the centre, heard of a commit; 0: never */
    uint8_t head[32];              /* chain head of the last ack: a witness of the centre's journal */
    spool_trouble trouble;
    char trouble_text[256];
    char partner[LIMIT_ID + 1]; /* who the centre says we are */
    int64_t ahead_ms;           /* how far its simulated clock is ahead of ours; 0: it is not simulated */
    day_t oldest;               /* days before it are closed there */
} spool_state;

typedef struct batch_info {
    uint64_t upload;
    int64_t spooled_ms, acked_ms; /* acked_ms 0: not yet */
    uint64_t end;                 /* bytes of all batches up to this one, since the epoch began */
    uint32_t size;                /* what counts against a grant: the frame without its header */
    uint32_t lines;
    uint8_t digest[32];
} batch_info;

/* One file that was spooled. */
typedef struct upload {
    uint64_t id, first_seq, last_seq;
    int64_t spooled_ms;
    int64_t closed_ms; /* inbox files: archived and reported; 0: not yet */
    bool again, inbox;
    replace_span replace;
    uint64_t origin;                 /* the upload whose rows it mends, 0: none */
    str titles;                      /* given to spool_add: the first rows of the file; not kept */
    uint64_t size, documents, lines; /* lines that became part of a document */
    uint64_t refused;                /* rows the reader here refused */
    uint8_t sha256[32];
    char name[LIMIT_FILE_NAME + 1], dialect[65], charset[33], mapping[LIMIT_ID + 1];
} upload;

/* What became of an upload, summed over its receipts and the rows refused here. */
typedef struct upload_sum {
    uint64_t batches, receipts; /* equal: the centre has judged all of it */
    uint64_t committed, duplicate, superseded, quarantined, refused, problems;
    uint64_t reversed_documents, reversed_lines;
    bool held; /* one of its batches waits for a person at the centre */
} upload_sum;

/** Open DIR, created when absent (never when read_only: ERR_NOT_FOUND). */
MUST_USE bool spool_open(const char *dir, const spool_options *o, spool **out, err *e);
void spool_close(spool *s);
/** As of the last change through this handle; a read-only handle sees the moment it was opened. */
const spool_state *spool_now(const spool *s);

/** Take a finished docset: its batches, the upload and its local problems in one commit. `how` gives again, inbox,
 *  spooled_ms, replace, origin and titles; the rest of *out is filled in. ERR_FULL: over quota, nothing taken. */
MUST_USE bool spool_add(spool *s, const docset *d, const upload *how, upload *out, err *e);

/** Append the whole frame of a batch, ready to be sent, to out (may be NULL) and its facts to *info. */
MUST_USE bool spool_batch(spool *s, uint64_t seq, batch_info *info, buf *out, err *e);

/* A batch read back. */
typedef struct spooled_batch {
    batch b;
    arena a; /* of b; also for what is made of it */
    buf frame;
} spooled_batch;
void spooled_batch_auto(spooled_batch *x);
MUST_USE bool spool_decode(spool *s, uint64_t seq, spooled_batch *out, err *e);

/** The centre's state: batches up to last_seq are committed. A smaller number than before un-acknowledges (a restored
 *  backup). Durable after spool_flush(). */
MUST_USE bool spool_ack(spool *s, uint64_t last_seq, uint64_t db_epoch, str head, int64_t now_ms, err *e);
MUST_USE bool spool_receipt(spool *s, const Wire__Receipt *r, err *e);
/** The centre does not have the receipts up to `seq` any more: wait for them no longer. */
MUST_USE bool spool_no_receipts(spool *s, uint64_t seq, err *e);
/** Heard from the centre at now_ms; partner empty: unchanged. */
MUST_USE bool spool_contact(spool *s, str partner, int64_t now_ms, err *e);
/** What the partner is called, its own name first. */
MUST_USE bool spool_names(spool *s, const char *const *name, size_t n, err *e);
/** What the centre said of its days. */
MUST_USE bool spool_days(spool *s, int64_t ahead_ms, day_t oldest, err *e);
MUST_USE bool spool_set_trouble(spool *s, spool_trouble t, str text, err *e);
/** Commit what the six calls above changed, if anything. */
MUST_USE bool spool_flush(spool *s, err *e);

/** Everything kept gets new numbers under a new random epoch and counts as not acknowledged: the centre knows more of
 *  this epoch than the spool does (the spool was rolled back), or asks for batches no longer kept. Content that is
 *  there already comes back as duplicate. */
MUST_USE bool spool_new_epoch(spool *s, err *e);

/** Drop what was acknowledged more than LIMIT_ACKED_DAYS before now_ms; at most 1,000 batches a call, *more says so. */
MUST_USE bool spool_prune(spool *s, int64_t now_ms, bool *more, err *e);

/** ERR_NOT_FOUND: no such upload, or dropped already. */
MUST_USE bool spool_upload(spool *s, uint64_t id, upload *out, err *e);
/** Walk uploads, oldest first. fn returns false to stop. */
typedef bool (*spool_upload_fn)(void *arg, const upload *u);
MUST_USE bool spool_uploads(spool *s, spool_upload_fn fn, void *arg, err *e);
/** An inbox file is archived and reported. */
MUST_USE bool spool_close_upload(spool *s, uint64_t id, int64_t now_ms, err *e);
/** Every batch of it has its receipt. */
bool upload_done(const upload *u, const spool_state *now);
/** Sum the receipts; fn (may be NULL) gets each problem kept, those found here first. Texts are borrowed for the call.
 */
typedef void (*spool_problem_fn)(void *arg, const problem *p);
MUST_USE bool spool_sum(spool *s, const upload *u, upload_sum *out, spool_problem_fn fn, void *arg, err *e);

/** The receipts of an upload so far, that of the reader here first (seq 0). */
typedef void (*spool_receipt_fn)(void *arg, const Wire__Receipt *r);
MUST_USE bool spool_receipts(spool *s, const upload *u, spool_receipt_fn fn, void *arg, err *e);

/** When the oldest batch not yet acknowledged was spooled, 0: none. */
MUST_USE bool spool_oldest(spool *s, int64_t *ms, err *e);

#endif
