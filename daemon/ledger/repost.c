#include "daemon/ledger/repost.h"

#include "base/map.h"
#include "daemon/ledger/ledger.h"
#include "daemon/ledger/posting.h"
#include "daemon/store/keys.h"
#include "daemon/store/store.h"
#include "proto/limits.h"

enum { PREFIX_MAX = 64 }; /* of a walk; the rest is compared here */

static key list_key(waiting_reason reason, str word) {
    key k = {.n = 0};
    key_u8(&k, (uint8_t)reason);
    if (word.p) key_textz(&k, word);
    return k;
}

static kv_cursor walk_waiting(txn *t, str prefix, str from) {
    return kv_from(t, TABLE_WAITING, str_take(prefix, PREFIX_MAX), str_cmp(from, prefix) > 0 ? from : prefix);
}

bool repost_queue(txn *t, waiting_reason reason, str word) {
    key k = list_key(reason, word);
    kv_cursor c = walk_waiting(t, key_str(&k), STR(""));
    bool waits = kv_next(&c) && str_starts(c.key, key_str(&k));
    kv_end(&c);
    if (waits) kv_put(t, TABLE_LEARNT, key_str(&k), STR(""));
    return waits;
}

static void queue_word(void *arg, waiting_reason reason, str word) {
    (void)repost_queue(arg, reason, word);
}

void ledger_learn(txn *t, const entry *en) {
    catalog_learnt(en, queue_word, t);
}

/* Documents being collected. */
typedef struct bunch {
    txn *t;
    arena *a;
    uint64_t *document;
    size_t documents, cap;
    uint64_t lines;
    map known; /* document numbers, 8 bytes */
    bool full;
} bunch;

/* False: it does not fit any more. A document longer than an entry goes alone. */
static bool collect(bunch *b, uint64_t document, uint64_t lines) {
    uint8_t raw[8];
    put_be64(raw, document);
    if (map_find(&b->known, str_from(raw, sizeof raw))) return true;
    if (b->documents && b->lines + lines > LIMIT_ENTRY_ROWS) return !(b->full = true);
    *map_at(&b->known, arena_str(b->a, str_from(raw, sizeof raw)), NULL) = 1;
    b->document = arena_grown(b->a, b->document, b->documents, &b->cap, sizeof *b->document);
    b->document[b->documents++] = document;
    b->lines += lines ? lines : 1;
    return true;
}

/* Documents of a reporter that have lines of one customer, from the document key *at on. True: all were seen. */
static bool collect_customer(bunch *b, uint32_t partner_no, str word, buf *at) {
    key by = {.n = 0}, prefix = {.n = 0};
    str val;
    key_u32(&by, partner_no);
    key_text(&by, word);
    if (!kv_get(b->t, TABLE_CUSTOMER, key_str(&by), &val) || val.n != 4) return true;
    uint32_t customer = get_be32(val.p);
    key_u32(&prefix, partner_no);
    kv_cursor c = kv_from(b->t, TABLE_DOCUMENT, key_str(&prefix), buf_str(at));
    while (kv_next(&c)) {
        key k = {.n = 0};
        key_bytes(&k, c.val.p, c.val.n);
        if (kv_get(b->t, TABLE_POSTING, key_str(&k), &val) && posting_has_customer(val, customer) &&
            !collect(b, get_be64(c.val.p), posting_lines(val)))
            break;
        buf_clear(at);
        buf_add(at, c.key);
        buf_byte(at, 0); /* go on behind it */
    }
    kv_end(&c);
    if (!b->full) buf_clear(at);
    return !b->full;
}

/* Where a row of the list stands: the waiting row to look at next, then the place within a customer's documents. */
typedef struct progress {
    buf row, within;
} progress;

static void progress_free(progress *p) {
    buf_free(&p->row);
    buf_free(&p->within);
}

static void collect_row(bunch *b, str row, str val, progress *p) {
    reader r = reader_of(str_skip(row, 1));
    str word = read_textz(&r);
    uint32_t partner_no = read_be32(&r);
    uint64_t document = read_be64(&r);
    bool whole = true;
    if (r.bad) return;
    if (document) {
        reader v = reader_of(val);
        (void)read_varint(&v);
        whole = collect(b, document, read_varint(&v));
    } else {
        whole = collect_customer(b, partner_no, word, &p->within);
    }
    buf_clear(&p->row);
    buf_add(&p->row, row);
    if (whole) buf_byte(&p->row, 0);
}

/* All that waits for one row of the list. True: it is worked off. */
static bool collect_word(bunch *b, str prefix, progress *p) {
    kv_cursor c = walk_waiting(b->t, prefix, buf_str(&p->row));
    while (!b->full && kv_next(&c) && str_starts(c.key, prefix)) collect_row(b, c.key, c.val, p);
    kv_end(&c);
    return !b->full;
}

static void keep_progress(txn *t, str list_row, const progress *p) {
    AUTO(buf) v = {0};
    buf_text(&v, buf_str(&p->row));
    buf_text(&v, buf_str(&p->within));
    kv_put(t, TABLE_LEARNT, list_row, buf_str(&v));
}

/* The first row of the list; false when it is empty. */
static bool first_of_list(txn *t, key *row, progress *p) {
    kv_cursor c = kv_from(t, TABLE_LEARNT, STR(""), STR_NONE);
    bool found = kv_next(&c);
    if (found) {
        reader r = reader_of(c.val);
        *row = (key){.n = 0};
        key_bytes(row, c.key.p, c.key.n);
        if (c.val.n) {
            buf_add(&p->row, read_text(&r));
            buf_add(&p->within, read_text(&r));
        }
    }
    kv_end(&c);
    return found;
}

bool repost_pending(txn *t, arena *a, Entry__Repost *out) {
    bunch b = {.t = t, .a = a};
    key row;
    entry__repost__init(out);
    while (!b.full) {
        progress p = {.row = {0}};
        bool any = first_of_list(t, &row, &p);
        if (any && collect_word(&b, key_str(&row), &p)) (void)kv_del(t, TABLE_LEARNT, key_str(&row));
        else if (any)
            keep_progress(t, key_str(&row), &p);
        progress_free(&p);
        if (!any || !txn_ok(t, NULL)) break;
    }
    map_free(&b.known);
    out->why = (char *)(uintptr_t) "learnt";
    out->document = b.document;
    out->n_document = b.documents;
    return b.documents > 0;
}
