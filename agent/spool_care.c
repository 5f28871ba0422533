#include "agent/spool_inner.h"

#include "agent/usual.h"
#include "proto/digest.h"
#include <inttypes.h>
#include <sodium.h>

enum { PRUNE_AT_ONCE = 1000 };
static const int64_t day_ms = 24LL * 3600 * 1000;

/* ---- what the centre says */

static bool mark_acked(spool *s, uint64_t from, uint64_t to, int64_t acked_ms, err *e) {
    for (uint64_t seq = from; seq <= to; seq++) {
        batch_info i;
        if (!info_get(s->w, seq, &i)) {
            TRY(txn_ok(s->w, e));
            return err_set(e, ERR_INTERNAL, "spool: batch %" PRIu64 " is missing", seq);
        }
        i.acked_ms = acked_ms;
        info_put(s->w, seq, &i);
    }
    return txn_ok(s->w, e);
}

/* Bytes of all batches up to seq. */
static bool end_of(spool *s, uint64_t seq, uint64_t *end, err *e) {
    batch_info i;
    if (seq + 1 == s->now.first_seq) return *end = s->now.first_end, true;
    TRY(spool_batch(s, seq, &i, NULL, e));
    *end = i.end;
    return true;
}

/* The centre went back: what it forgot waits again, and so do the receipts. */
static bool unack(spool *s, uint64_t last_seq, err *e) {
    TRY(mark_acked(s, last_seq + 1, s->now.acked_seq, 0, e));
    seq_key k;
    for (uint64_t seq = last_seq + 1; seq <= s->now.acked_seq; seq++)
        (void)kv_del(s->w, TABLE_RECEIPT, key_of(seq, &k));
    if (s->now.receipts_to > last_seq) s->now.receipts_to = last_seq;
    return txn_ok(s->w, e);
}

bool spool_ack(spool *s, uint64_t last_seq, uint64_t db_epoch, str head, int64_t now_ms, err *e) {
    spool_state *now = &s->now;
    if (last_seq > now->last_seq || last_seq + 1 < now->first_seq)
        return err_set(e, ERR_CONFLICT,
                       "the centre speaks of batch %" PRIu64 ", the spool holds %" PRIu64 " to %" PRIu64, last_seq,
                       now->first_seq, now->last_seq);
    TRY(spool_writing(s, e));
    if (last_seq > now->acked_seq) {
        TRY(mark_acked(s, now->acked_seq + 1, last_seq, now_ms, e));
        now->commit_ms = now_ms;
    }
    if (last_seq < now->acked_seq) TRY(unack(s, last_seq, e));
    TRY(end_of(s, last_seq, &now->acked_end, e));
    now->acked_seq = last_seq;
    now->db_epoch = db_epoch;
    now->contact_ms = now_ms;
    if (head.n == sizeof now->head) memcpy(now->head, head.p, head.n);
    return true;
}

static void receipts_move_on(spool *s) {
    str bytes;
    seq_key k;
    while (s->now.receipts_to < s->now.acked_seq &&
           kv_get(s->w, TABLE_RECEIPT, key_of(s->now.receipts_to + 1, &k), &bytes))
        s->now.receipts_to++;
}

bool spool_receipt(spool *s, const Wire__Receipt *r, err *e) {
    if (r->seq < s->now.first_seq || r->seq > s->now.acked_seq) return true;
    AUTO(buf) b = {0};
    seq_key k;
    TRY(spool_writing(s, e));
    message_pack(&b, &r->base);
    kv_put(s->w, TABLE_RECEIPT, key_of(r->seq, &k), buf_str(&b));
    receipts_move_on(s);
    return txn_ok(s->w, e);
}

bool spool_no_receipts(spool *s, uint64_t seq, err *e) {
    TRY(spool_writing(s, e));
    ASSERT(seq <= s->now.acked_seq);
    if (seq > s->now.receipts_to) s->now.receipts_to = seq;
    receipts_move_on(s);
    return txn_ok(s->w, e);
}

bool spool_contact(spool *s, str partner, int64_t now_ms, err *e) {
    TRY(spool_writing(s, e));
    s->now.contact_ms = now_ms;
    if (partner.n) (void)str_copy_z(partner, s->now.partner, sizeof s->now.partner);
    return true;
}

bool spool_names(spool *s, const char *const *name, size_t n, err *e) {
    TRY(spool_writing(s, e));
    usual_names(s->w, name, n);
    return true;
}

bool spool_days(spool *s, int64_t ahead_ms, day_t oldest, err *e) {
    TRY(spool_writing(s, e));
    s->now.ahead_ms = ahead_ms;
    s->now.oldest = oldest;
    return true;
}

bool spool_set_trouble(spool *s, spool_trouble t, str text, err *e) {
    char kept[sizeof s->now.trouble_text];
    (void)str_copy_z(text, kept, sizeof kept);
    if (s->now.trouble == t && str_is(str_of(kept), s->now.trouble_text)) return true;
    TRY(spool_writing(s, e));
    s->now.trouble = t;
    memcpy(s->now.trouble_text, kept, sizeof kept);
    return true;
}

bool spool_close_upload(spool *s, uint64_t id, int64_t now_ms, err *e) {
    upload u;
    TRY(spool_upload(s, id, &u, e));
    TRY(spool_writing(s, e));
    u.closed_ms = now_ms;
    spool_upload_put(s->w, &u);
    return spool_flush(s, e);
}

/* ---- new numbers for everything kept */

typedef struct renumbering {
    uint64_t epoch, shift, end;
} renumbering;

static bool renumber_batch(spool *s, uint64_t seq, renumbering *k, err *e) {
    AUTO(buf) old = {0};
    AUTO(buf) made = {0};
    AUTO(arena) a = {0};
    batch_info i;
    seq_key key;
    TRY(spool_batch(s, seq, &i, &old, e));
    arena_init(&a, LIMIT_DECODE_BYTES);
    str payload = str_skip(buf_str(&old), FRAME_HEADER);
    Wire__Batch *b = (Wire__Batch *)message_unpack(&wire__batch__descriptor, payload, LIMIT_BATCH_LINES, &a, e);
    if (b == NULL) return err_wrap(e, "spool: batch %" PRIu64, seq);
    b->epoch = k->epoch;
    b->seq = seq - k->shift;
    /* Committed once and perhaps corrected since: it may not come back as the newest word. */
    if (i.acked_ms && b->file) {
        b->file->again = false;
        b->file->replace_id = b->file->replace_from = b->file->replace_to = 0;
    }
    frame_put_header(&made, FRAME_BATCH);
    message_pack(&made, &b->base);
    i.size = (uint32_t)(made.n - FRAME_HEADER);
    i.end = k->end += i.size;
    i.acked_ms = 0;
    digest_of(str_skip(buf_str(&made), FRAME_HEADER), i.digest);
    (void)kv_del(s->w, TABLE_FRAME, key_of(seq, &key));
    (void)kv_del(s->w, TABLE_INFO, key_of(seq, &key));
    (void)kv_del(s->w, TABLE_RECEIPT, key_of(seq, &key));
    kv_put(s->w, TABLE_FRAME, key_of(seq - k->shift, &key), buf_str(&made));
    info_put(s->w, seq - k->shift, &i);
    return txn_ok(s->w, e);
}

static void renumber_uploads(spool *s, uint64_t shift) {
    for (uint64_t id = 1; id <= s->now.last_upload; id++) {
        upload u;
        if (!spool_upload_get(s->w, id, &u)) continue;
        /* batches that were dropped already leave the range of their upload */
        u.first_seq = u.first_seq > shift ? u.first_seq - shift : 1;
        u.last_seq = u.last_seq > shift ? u.last_seq - shift : 0;
        spool_upload_put(s->w, &u);
    }
}

bool spool_new_epoch(spool *s, err *e) {
    TRY(spool_writing(s, e));
    spool_state next = s->now;
    renumbering k = {.shift = s->now.first_seq - 1};
    while (k.epoch == 0 || k.epoch == s->now.epoch) randombytes_buf(&k.epoch, sizeof k.epoch);
    for (uint64_t seq = s->now.first_seq; seq <= s->now.last_seq; seq++) TRY(renumber_batch(s, seq, &k, e));
    renumber_uploads(s, k.shift);
    next.epoch = k.epoch;
    next.last_seq = s->now.last_seq - k.shift;
    next.first_seq = 1;
    next.acked_seq = next.receipts_to = 0;
    next.first_end = next.acked_end = 0;
    next.last_end = k.end;
    s->now = next;
    return spool_flush(s, e);
}

/* ---- dropping what is old */

static void drop_batch(spool *s, uint64_t seq, const batch_info *i) {
    seq_key k;
    (void)kv_del(s->w, TABLE_FRAME, key_of(seq, &k));
    (void)kv_del(s->w, TABLE_INFO, key_of(seq, &k));
    (void)kv_del(s->w, TABLE_RECEIPT, key_of(seq, &k));
    s->now.first_seq = seq + 1;
    s->now.first_end = i->end;
    if (s->now.receipts_to < seq) s->now.receipts_to = seq;
}

static void drop_upload(spool *s, uint64_t id) {
    seq_key k;
    (void)kv_del(s->w, TABLE_UPLOAD, key_of(id, &k));
    (void)kv_del(s->w, TABLE_LOCAL, key_of(id, &k));
}

/* An upload goes whole: its batches stay until the last of them is old enough and its file is out of the inbox. */
static bool may_drop(spool *s, const batch_info *i, int64_t before_ms, upload *u) {
    batch_info last;
    if (i->acked_ms == 0 || i->acked_ms >= before_ms) return false;
    if (!spool_upload_get(s->w, i->upload, u)) return false;
    if (u->inbox && u->closed_ms == 0) return false;
    return info_get(s->w, u->last_seq, &last) && last.acked_ms != 0 && last.acked_ms < before_ms;
}

bool spool_prune(spool *s, int64_t now_ms, bool *more, err *e) {
    int64_t before_ms = now_ms - LIMIT_ACKED_DAYS * day_ms;
    batch_info oldest;
    *more = false;
    if (s->now.first_seq > s->now.acked_seq) return true;
    TRY(spool_batch(s, s->now.first_seq, &oldest, NULL, e));
    if (oldest.acked_ms >= before_ms) return true;
    TRY(spool_writing(s, e));
    for (unsigned n = 0; s->now.first_seq <= s->now.acked_seq; n++) {
        batch_info i;
        upload u;
        uint64_t seq = s->now.first_seq;
        if (!info_get(s->w, seq, &i) || !may_drop(s, &i, before_ms, &u)) break;
        if (n == PRUNE_AT_ONCE) {
            *more = true;
            break;
        }
        drop_batch(s, seq, &i);
        if (seq == u.last_seq) drop_upload(s, u.id);
    }
    TRY(txn_ok(s->w, e));
    return spool_flush(s, e);
}
