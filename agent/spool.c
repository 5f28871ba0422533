#include "agent/spool_inner.h"

#include "agent/mend.h"
#include "agent/usual.h"
#include "base/file.h"
#include "proto/batch.h"
#include "proto/digest.h"
#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>

static const char *const table_names[SPOOL_TABLE_COUNT] = {
#define X(table, name) name,
    SPOOL_TABLES(X)
#undef X
};

/* LMDB copies what it changes: twice the quota is room enough for every state in between. */
enum { MAP_SPARE = 256 * 1024 * 1024, LEARN_AT_ONCE = 16384 };

bool spool_writing(spool *s, err *e) {
    return s->w != NULL || txn_begin(s->db, TXN_WRITE, &s->w, e);
}

txn *spool_reading(spool *s, txn **own, err *e) {
    if (s->w) return s->w;
    return txn_begin(s->db, TXN_READ, own, e) ? *own : NULL;
}

bool spool_flush(spool *s, err *e) {
    if (s->w == NULL) return true;
    state_put(s->w, &s->now);
    return txn_commit(&s->w, e) || err_wrap(e, "spool");
}

static bool first_state(spool *s, err *e) {
    s->now = (spool_state){.first_seq = 1};
    while (s->now.epoch == 0) randombytes_buf(&s->now.epoch, sizeof s->now.epoch);
    TRY(spool_writing(s, e));
    return spool_flush(s, e);
}

static bool load_state(spool *s, bool read_only, err *e) {
    AUTO(txn) *t = NULL;
    str bytes;
    TRY(txn_begin(s->db, TXN_READ, &t, e));
    if (kv_get(t, TABLE_STATE, STR("state"), &bytes))
        return state_parse(bytes, &s->now) || err_set(e, ERR_INTERNAL, "spool: its state is damaged");
    TRY(txn_ok(t, e));
    if (read_only) return err_set(e, ERR_NOT_FOUND, "the spool is empty");
    txn_abort(&t);
    return first_state(s, e);
}

/* ---- what a file teaches ----
 * Of very many documents it is written in pieces: pages that one commit changes are held in memory until it is done. The
 * upload that is not learnt to its end stands in the state table under this key. */

#define LEARNING STR("learning")

static bool learn_from(spool *s, const docset *d, uint64_t id, size_t from, err *e) {
    while (from < d->docs) {
        AUTO(txn) *t = NULL;
        size_t to = d->docs - from > LEARN_AT_ONCE ? from + LEARN_AT_ONCE : d->docs;
        TRY(txn_begin(s->db, TXN_WRITE, &t, e));
        usual_learn(t, d, id, from, to);
        if (to == d->docs) (void)kv_del(t, TABLE_STATE, LEARNING);
        TRY(txn_commit(&t, e) || err_wrap(e, "spool"));
        from = to;
    }
    return true;
}

/* The upload that is to be learnt, as 0 when there is none. */
static bool learning(spool *s, uint64_t *id, upload *u, bool *kept, err *e) {
    AUTO(txn) *own = NULL;
    txn *t = spool_reading(s, &own, e);
    str no;
    if (t == NULL) return false;
    *id = kv_get(t, TABLE_STATE, LEARNING, &no) && no.n == 8 ? get_be64(no.p) : 0;
    *kept = *id && spool_upload_get(t, *id, u);
    return txn_ok(t, e);
}

/* The process ended while it learnt: from what was spooled. An upload that was dropped since teaches nothing more. */
static bool learn_the_rest(spool *s, err *e) {
    AUTO(docset) d = {0};
    uint64_t id;
    upload u;
    bool kept;
    TRY(learning(s, &id, &u, &kept, e));
    if (id == 0) return true;
    docset_init(&d);
    if (kept) return mend_docset_of(s, &u, &d, e) && learn_from(s, &d, id, 0, e);
    TRY(spool_writing(s, e));
    (void)kv_del(s->w, TABLE_STATE, LEARNING);
    return spool_flush(s, e);
}

bool spool_open(const char *dir, const spool_options *o, spool **out, err *e) {
    if (!o->read_only) TRY(file_mkdirs(dir, 0700, e));
    spool *s = calloc(1, sizeof *s);
    ASSERT(s != NULL);
    s->quota = o->quota;
    kv_options how = {.tables = table_names,
                      .table_count = SPOOL_TABLE_COUNT,
                      .map_size = o->read_only ? 0 : 2 * o->quota + MAP_SPARE,
                      .read_only = o->read_only};
    int gone; /* onlookers that were killed must not hold old pages */
    if (kv_open(dir, &how, &s->db, e) && load_state(s, o->read_only, e) &&
        (o->read_only || (kv_reader_check(s->db, &gone, e) && learn_the_rest(s, e)))) {
        *out = s;
        return true;
    }
    spool_close(s);
    return false;
}

void spool_close(spool *s) {
    if (s == NULL) return;
    txn_abort(&s->w);
    kv_close(s->db);
    free(s);
}

const spool_state *spool_now(const spool *s) {
    return &s->now;
}

/* ---- taking a file */

typedef struct taking {
    txn *t;
    spool_state next;
    const upload *u;
    uint64_t quota;
} taking;

static bool over_quota(const taking *k, err *e) {
    return err_set(e, ERR_FULL,
                   "the spool is full (%" PRIu64 " of %" PRIu64 " MiB kept, %" PRIu64
                   " batches wait for the centre): the file was not taken; try again when the centre has committed",
                   (k->next.last_end - k->next.first_end) >> 20, k->quota >> 20, k->next.last_seq - k->next.acked_seq);
}

static bool take_batch(void *arg, uint64_t seq, str payload, size_t docs, size_t lines, err *e) {
    taking *k = arg;
    (void)docs;
    ASSERT(seq == k->next.last_seq + 1);
    batch_info i = {
        .upload = k->u->id, .spooled_ms = k->u->spooled_ms, .size = (uint32_t)payload.n, .lines = (uint32_t)lines};
    i.end = k->next.last_end + i.size;
    if (i.end - k->next.first_end > k->quota) return over_quota(k, e);
    digest_of(payload, i.digest);
    AUTO(buf) frame = {0};
    seq_key key;
    frame_put_header(&frame, FRAME_BATCH);
    buf_add(&frame, payload);
    kv_append(k->t, TABLE_FRAME, key_of(seq, &key), buf_str(&frame));
    info_put(k->t, seq, &i);
    k->next.last_seq = seq;
    k->next.last_end = i.end;
    return txn_ok(k->t, e);
}

/* Kept in the form of a receipt: problems found here and at the centre read alike. */
static void put_local(txn *t, const docset *d, uint64_t id) {
    size_t n = d->problem_count;
    Wire__Problem *p = calloc(n + 1, sizeof *p);
    Wire__Problem **list = calloc(n + 1, sizeof *list);
    ASSERT(p != NULL && list != NULL);
    AUTO(arena) texts = {0};
    arena_init(&texts, SIZE_MAX);
    for (size_t i = 0; i < n; i++) {
        const problem *from = &d->problems[i];
        wire__problem__init(&p[i]);
        p[i].row = from->row;
        p[i].sheet = from->sheet;
        p[i].refused = from->refused;
        p[i].column = (char *)(uintptr_t)arena_str(&texts, from->column).p;
        p[i].found = (char *)(uintptr_t)arena_str(&texts, from->found).p;
        p[i].wanted = (char *)(uintptr_t)arena_str(&texts, from->wanted).p;
        p[i].hint = (char *)(uintptr_t)arena_str(&texts, from->hint).p;
        list[i] = &p[i];
    }
    Wire__Receipt r = WIRE__RECEIPT__INIT;
    r.refused = d->refused;
    r.problem_count = d->problems_total;
    r.problem = list;
    r.n_problem = n;
    AUTO(buf) b = {0};
    seq_key k;
    message_pack(&b, &r.base);
    kv_put(t, TABLE_LOCAL, key_of(id, &k), buf_str(&b));
    free(p);
    free(list);
}

static upload upload_of(const docset *d, const upload *how, const spool_state *now) {
    upload u = {.id = now->last_upload + 1,
                .first_seq = now->last_seq + 1,
                .spooled_ms = how->spooled_ms,
                .again = how->again,
                .inbox = how->inbox,
                .replace = how->replace,
                .origin = how->origin,
                .size = d->size,
                .documents = d->docs,
                .lines = d->lines,
                .refused = d->refused};
    memcpy(u.sha256, d->sha256, sizeof u.sha256);
    (void)str_copy_z(d->file_name, u.name, sizeof u.name);
    (void)str_copy_z(d->dialect, u.dialect, sizeof u.dialect);
    (void)str_copy_z(d->charset, u.charset, sizeof u.charset);
    (void)str_copy_z(d->mapping, u.mapping, sizeof u.mapping);
    return u;
}

bool spool_add(spool *s, const docset *d, const upload *how, upload *out, err *e) {
    TRY(spool_flush(s, e));
    AUTO(txn) *t = NULL;
    TRY(txn_begin(s->db, TXN_WRITE, &t, e));
    upload u = upload_of(d, how, &s->now);
    taking k = {.t = t, .next = s->now, .u = &u, .quota = s->quota};
    batch_cut cut = {.epoch = s->now.epoch, .first_seq = u.first_seq, .again = how->again, .replace = how->replace};
    TRY(batch_cut_docset(d, &cut, take_batch, &k, e));
    ASSERT(k.next.last_seq >= u.first_seq);
    u.last_seq = k.next.last_seq;
    k.next.last_upload = u.id;
    spool_upload_put(t, &u);
    if (d->problem_count || d->refused) put_local(t, d, u.id);
    size_t learnt = d->docs > LEARN_AT_ONCE ? LEARN_AT_ONCE : d->docs;
    usual_learn(t, d, u.id, 0, learnt);
    usual_take(t, how->titles, day_at(how->spooled_ms + s->now.ahead_ms, 0));
    seq_key id;
    if (learnt < d->docs) kv_put(t, TABLE_STATE, LEARNING, key_of(u.id, &id));
    state_put(t, &k.next);
    TRY(txn_commit(&t, e) || err_wrap(e, "spool"));
    s->now = k.next;
    *out = u;
    return learn_from(s, d, u.id, learnt, e) || e->code == ERR_FULL; /* no room: when it is opened again */
}

/* ---- reading */

bool spool_batch(spool *s, uint64_t seq, batch_info *info, buf *out, err *e) {
    AUTO(txn) *own = NULL;
    txn *t = spool_reading(s, &own, e);
    if (t == NULL) return false;
    str frame;
    seq_key k;
    bool there = info_get(t, seq, info) && (out == NULL || kv_get(t, TABLE_FRAME, key_of(seq, &k), &frame));
    TRY(txn_ok(t, e));
    if (!there) return err_set(e, ERR_NOT_FOUND, "spool: no batch %" PRIu64, seq);
    if (out == NULL) return true;
    uint8_t digest[DIGEST_SIZE];
    digest_of(str_skip(frame, FRAME_HEADER), digest);
    if (memcmp(digest, info->digest, sizeof digest) != 0)
        return err_set(e, ERR_INTERNAL, "spool: batch %" PRIu64 " is damaged on disk", seq);
    buf_add(out, frame);
    return true;
}

void spooled_batch_auto(spooled_batch *x) {
    arena_free(&x->a);
    buf_free(&x->frame);
}

bool spool_decode(spool *s, uint64_t seq, spooled_batch *out, err *e) {
    batch_info info;
    *out = (spooled_batch){0};
    arena_init(&out->a, 2 * LIMIT_DECODE_BYTES);
    TRY(spool_batch(s, seq, &info, &out->frame, e));
    return batch_decode(str_skip(buf_str(&out->frame), FRAME_HEADER), &out->a, &out->b, e);
}

bool spool_oldest(spool *s, int64_t *ms, err *e) {
    *ms = 0;
    if (s->now.acked_seq == s->now.last_seq) return true;
    batch_info i;
    TRY(spool_batch(s, s->now.acked_seq + 1, &i, NULL, e));
    *ms = i.spooled_ms;
    return true;
}

bool spool_upload(spool *s, uint64_t id, upload *out, err *e) {
    AUTO(txn) *own = NULL;
    txn *t = spool_reading(s, &own, e);
    if (t == NULL) return false;
    bool there = spool_upload_get(t, id, out);
    TRY(txn_ok(t, e));
    return there || err_set(e, ERR_NOT_FOUND, "no upload %" PRIu64 " in this home's spool", id);
}

bool spool_uploads(spool *s, spool_upload_fn fn, void *arg, err *e) {
    AUTO(txn) *own = NULL;
    txn *t = spool_reading(s, &own, e);
    if (t == NULL) return false;
    bool go_on = true;
    upload u;
    kv_cursor c = kv_from(t, TABLE_UPLOAD, STR(""), STR_NONE);
    while (go_on && kv_next(&c)) {
        if (!upload_parse(c.val, &u)) {
            kv_end(&c);
            return err_set(e, ERR_INTERNAL, "spool: an upload is damaged");
        }
        go_on = fn(arg, &u);
    }
    kv_end(&c);
    return txn_ok(t, e);
}

bool upload_done(const upload *u, const spool_state *now) {
    return u->last_seq <= now->receipts_to;
}

static void each_problem(const Wire__Receipt *r, const upload *u, spool_problem_fn fn, void *arg) {
    for (size_t i = 0; i < r->n_problem; i++) {
        const Wire__Problem *p = r->problem[i];
        problem found = {.file = str_of(u->name),
                         .sheet = p->sheet,
                         .row = p->row,
                         .column = str_of(p->column),
                         .found = str_of(p->found),
                         .wanted = str_of(p->wanted),
                         .hint = str_of(p->hint),
                         .refused = p->refused};
        fn(arg, &found);
    }
}

static void add_receipt(upload_sum *sum, const Wire__Receipt *r) {
    sum->committed += r->committed;
    sum->duplicate += r->duplicate;
    sum->superseded += r->superseded;
    sum->quarantined += r->quarantined;
    sum->refused += r->refused;
    sum->reversed_documents += r->reversed_documents;
    sum->reversed_lines += r->reversed_lines;
    sum->problems += r->problem_count > r->n_problem ? r->problem_count : r->n_problem;
    if (r->status == RECEIPT_HELD) sum->held = true;
}

typedef struct summing {
    txn *t;
    const upload *u;
    upload_sum *out;
    spool_problem_fn fn;
    spool_receipt_fn each;
    void *arg;
} summing;

/* *there false: no such record. */
static bool sum_record(const summing *k, kv_table table, uint64_t no, bool *there, err *e) {
    str bytes;
    seq_key key;
    *there = kv_get(k->t, table, key_of(no, &key), &bytes);
    if (!*there) return txn_ok(k->t, e);
    AUTO(arena) a = {0};
    arena_init(&a, LIMIT_DECODE_BYTES);
    Wire__Receipt *r = (Wire__Receipt *)message_unpack(&wire__receipt__descriptor, bytes, LIMIT_SKIPPED, &a, e);
    if (r == NULL) return err_wrap(e, "spool: receipt %" PRIu64, no);
    batch_info i;
    /* refused as a whole: the centre could not count what it could not read */
    if (r->status != RECEIPT_ACCEPTED && info_get(k->t, no, &i)) r->refused = i.lines;
    add_receipt(k->out, r);
    if (k->fn) each_problem(r, k->u, k->fn, k->arg);
    if (k->each) k->each(k->arg, r);
    return true;
}

static bool sum_all(spool *s, summing *k, err *e) {
    AUTO(txn) *own = NULL;
    bool there;
    k->t = spool_reading(s, &own, e);
    if (k->t == NULL) return false;
    *k->out = (upload_sum){.batches = k->u->last_seq - k->u->first_seq + 1};
    TRY(sum_record(k, TABLE_LOCAL, k->u->id, &there, e));
    for (uint64_t seq = k->u->first_seq; seq <= k->u->last_seq; seq++) {
        TRY(sum_record(k, TABLE_RECEIPT, seq, &there, e));
        k->out->receipts += there || seq <= s->now.receipts_to;
    }
    return true;
}

bool spool_sum(spool *s, const upload *u, upload_sum *out, spool_problem_fn fn, void *arg, err *e) {
    summing k = {.u = u, .out = out, .fn = fn, .arg = arg};
    return sum_all(s, &k, e);
}

bool spool_receipts(spool *s, const upload *u, spool_receipt_fn fn, void *arg, err *e) {
    upload_sum sum;
    summing k = {.u = u, .out = &sum, .each = fn, .arg = arg};
    return sum_all(s, &k, e);
}
