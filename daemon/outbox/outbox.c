#include "daemon/outbox/outbox.h"

#include "daemon/catalog/onboarding.h"
#include "daemon/catalog/partner.h"
#include "daemon/store/store.h"
#include "proto/frame.h"
#include "proto/journal.pb-c.h"
#include "proto/kinds.h"
#include "proto/limits.h"
#include <inttypes.h>

enum { BODY_BYTES = 64 * 1024 * 1024 }; /* LIMIT_ENTRY_ROWS messages, decoded */

const char *notice_state_name(notice_state s) {
    static const char *const names[] = {"", "new", "read", "suppressed_shadow", "suppressed_history"};
    return names[s];
}

bool outbox_may_send(txn *t, uint32_t partner_no, day_t day, notice_state *why) {
    onboarding o;
    onboarding_of(t, partner_no, &o);
    notice_state s = day < o.live ? NOTICE_HISTORY : o.shadow ? NOTICE_SHADOW : NOTICE_NEW;
    if (why) *why = s;
    return s == NOTICE_NEW;
}

key outbox_key(uint32_t partner_no) {
    key k = {.n = 0};
    key_u32(&k, partner_no);
    return k;
}

static key notice_key(const notice *n) {
    key k = outbox_key(n->partner);
    key_day(&k, n->day);
    key_textz(&k, n->kind);
    key_text(&k, n->subject);
    return k;
}

bool notice_decode(str stored_key, str val, notice *out) {
    reader k = reader_of(stored_key), r = reader_of(val);
    *out = (notice){.partner = read_be32(&k)};
    out->day = read_day(&k);
    out->kind = read_textz(&k);
    out->subject = str_from(k.p, (size_t)(k.end - k.p));
    out->number = read_be64(&r);
    out->entry = read_be64(&r);
    out->read = read_be64(&r);
    out->state = (notice_state)read_byte(&r);
    out->zh = read_text(&r);
    out->en = read_text(&r);
    return !k.bad && !r.bad && out->state >= NOTICE_NEW && out->state <= NOTICE_HISTORY;
}

/* Texts of `n` may be borrowed from t: the record is built before it is put. */
static void put(txn *t, const notice *n) {
    AUTO(buf) b = {0};
    key k = notice_key(n);
    buf_be64(&b, n->number);
    buf_be64(&b, n->entry);
    buf_be64(&b, n->read);
    buf_byte(&b, (char)n->state);
    buf_text(&b, n->zh);
    buf_text(&b, n->en);
    kv_put(t, TABLE_NOTICE, key_str(&k), buf_str(&b));
}

bool outbox_post(txn *t, uint64_t seq, const notice *n) {
    notice old, now = *n;
    str val;
    key k = notice_key(n);
    bool there = kv_get(t, TABLE_NOTICE, key_str(&k), &val) && notice_decode(key_str(&k), val, &old);
    bool same = there && str_eq(old.zh, n->zh) && str_eq(old.en, n->en);
    (void)outbox_may_send(t, n->partner, n->day, &now.state);
    if (same && (old.state == now.state || old.state == NOTICE_READ)) return false;
    now.number = there ? old.number : store_next(t, "notice");
    now.entry = seq;
    now.read = 0;
    put(t, &now);
    return true;
}

static bool check_post(txn *t, const Entry__Notice *m, notice *out, err *e) {
    partner p;
    if (!partner_by_id(t, str_of(m->partner), &p))
        return err_set(e, ERR_NOT_FOUND, "partner '%s': unknown", m->partner);
    *out = (notice){.partner = p.no,
                    .day = m->day,
                    .kind = str_of(m->kind),
                    .subject = str_of(m->subject),
                    .zh = str_of(m->zh),
                    .en = str_of(m->en)};
    if (!catalog_id_ok(out->kind) || !catalog_id_ok(out->subject) || m->day < DAY_MIN || m->day > DAY_MAX)
        return err_set(e, ERR_DATA, "notice for '%s': kind, subject or day is malformed", m->partner);
    if (out->zh.n > LIMIT_NOTICE || out->en.n > LIMIT_NOTICE)
        return err_set(e, ERR_DATA, "notice for '%s': at most %d bytes of text", m->partner, LIMIT_NOTICE);
    return true;
}

static bool apply_posts(txn *t, const entry *en, const Entry__Notices *m, arena *a, apply_result *r, err *e) {
    notice *n = ARENA_NEW(a, notice, m->n_notice + 1);
    for (size_t i = 0; i < m->n_notice; i++) TRY(check_post(t, m->notice[i], &n[i], e));
    TRY(txn_ok(t, e));
    for (size_t i = 0; i < m->n_notice; i++) r->committed += outbox_post(t, en->seq, &n[i]);
    r->lines = m->n_notice;
    r->duplicate = r->lines - r->committed;
    return true;
}

static bool asked_for(const Entry__NoticesRead *m, uint64_t number) {
    for (size_t i = 0; i < m->n_number; i++)
        if (m->number[i] == number) return true;
    return m->n_number == 0;
}

/* Those that wait, in memory of their own: a put ends the walk. */
static size_t waiting_notices(txn *t, uint32_t partner_no, const Entry__NoticesRead *m, arena *a, notice **out) {
    key k = outbox_key(partner_no);
    size_t n = 0;
    for (int fill = 0; fill < 2; fill++) {
        if (fill) *out = ARENA_NEW(a, notice, n + 1);
        n = 0;
        for (kv_cursor c = kv_from(t, TABLE_NOTICE, key_str(&k), STR_NONE); kv_next(&c);) {
            notice x;
            if (!notice_decode(c.key, c.val, &x) || x.state != NOTICE_NEW || !asked_for(m, x.number)) continue;
            if (fill) (void)notice_decode(arena_str(a, c.key), arena_str(a, c.val), &(*out)[n]);
            n++;
        }
    }
    return n;
}

static bool apply_read(txn *t, const entry *en, const Entry__NoticesRead *m, arena *a, apply_result *r, err *e) {
    partner p;
    notice *n;
    if (!partner_by_id(t, str_of(m->partner), &p))
        return err_set(e, ERR_NOT_FOUND, "partner '%s': unknown", m->partner);
    r->committed = waiting_notices(t, p.no, m, a, &n);
    TRY(txn_ok(t, e));
    for (size_t i = 0; i < r->committed; i++) {
        n[i].state = NOTICE_READ;
        n[i].read = en->seq;
        put(t, &n[i]);
    }
    return true;
}

bool outbox_apply(txn *t, const entry *en, apply_result *r, err *e) {
    AUTO(arena) a = {0};
    const void *body;
    arena_init(&a, BODY_BYTES);
    if (en->kind == KIND_NOTICE) {
        body = message_unpack(&entry__notices__descriptor, en->body, LIMIT_ENTRY_ROWS, &a, e);
        return body && apply_posts(t, en, body, &a, r, e);
    }
    body = message_unpack(&entry__notices_read__descriptor, en->body, LIMIT_ENTRY_ROWS, &a, e);
    return body && apply_read(t, en, body, &a, r, e);
}

bool outbox_content(txn *t, uint32_t table, str stored_key, str val, buf *out) {
    notice n;
    if (table != TABLE_NOTICE || !notice_decode(stored_key, val, &n)) return false;
    buf_text(out, partner_id(t, n.partner));
    buf_zigzag(out, n.day);
    buf_text(out, n.kind);
    buf_text(out, n.subject);
    buf_byte(out, (char)n.state);
    buf_text(out, n.zh);
    buf_text(out, n.en);
    return true;
}
