/* Whose customers an answer shows. A reader cannot write: what it showed stands in its answer's head, and the loop journals
 * it before the answer is given. */
#include "base/map.h"
#include "daemon/catalog/partner.h"
#include "daemon/command/call.h"
#include "daemon/command/customers.h"
#include "daemon/store/keys.h"
#include "proto/journal.pb-c.h"

bool call_opened(call *c, str partner_text, uint64_t customers, err *e) {
    buf *b = &c->out->opened;
    if (customers == 0 || (c->who.role & ROLES_PARTNER)) return true;
    if (c->facts == NULL)
        return err_set(e, ERR_DENIED,
                       "%s: customers of a partner are shown by the running centre only, which notes who looked",
                       c->command->name);
    if (b->n == 0) {
        buf_text(b, call_actor(c));
        buf_text(b, str_of(c->command->name));
    }
    buf_text(b, partner_text);
    buf_varint(b, customers);
    return true;
}

bool call_note_opened(const call_world *w, call_out *o, bool *unknown, err *e) {
    AUTO(txn) *t = NULL;
    AUTO(arena) a = {0};
    reader r = reader_of(buf_str(&o->opened));
    *unknown = false;
    if (o->opened.n == 0) return true;
    arena_init(&a, SIZE_MAX); /* the answer's own bounds */
    TRY(txn_begin(w->db, TXN_WRITE, &t, e));
    str actor_text = arena_str(&a, read_text(&r));
    str what = arena_str(&a, read_text(&r));
    while (!reader_done(&r) && !r.bad) {
        Entry__Access body = ENTRY__ACCESS__INIT;
        apply_result result = {.a = &a};
        body.partner = (char *)(uintptr_t)arena_str(&a, read_text(&r)).p;
        body.what = (char *)(uintptr_t)what.p;
        body.rows = read_varint(&r);
        const command_entry entry_to_write = {
            .kind = KIND_ACCESS, .now_ms = w->now_ms, .actor = actor_text, .body = &body.base};
        TRY(journal_append(t, &entry_to_write, &result, NULL, e));
    }
    TRY(txn_ok(t, e));
    *unknown = true;
    TRY(txn_commit(&t, e));
    *unknown = false;
    buf_clear(&o->opened);
    return true;
}

/* ---- customers that a figure names one by one */

void customers_shown_auto(customers_shown *s) {
    map_free(&s->seen);
    arena_free(&s->a);
}

void customers_shown_init(customers_shown *s, call *c) {
    *s = (customers_shown){.c = c};
    arena_init(&s->a, SIZE_MAX);
}

void customers_shown_add(void *shown, uint32_t customer_no) {
    customers_shown *s = shown;
    key k = {.n = 0};
    uint8_t raw[4];
    str owner;
    put_be32(raw, customer_no);
    if (map_find(&s->seen, str_from(raw, sizeof raw))) return;
    (void)map_at(&s->seen, arena_str(&s->a, str_from(raw, sizeof raw)), NULL);
    key_u32(&k, customer_no);
    if (!kv_get(s->c->t, TABLE_CUSTOMER_NO, key_str(&k), &owner) || owner.n < 4) return;
    uint32_t no = get_be32(owner.p);
    size_t i = 0;
    while (i < s->owners && s->owner[i].partner != no) i++;
    if (i == s->owners) {
        s->owner = arena_grown(&s->a, s->owner, s->owners, &s->cap, sizeof *s->owner);
        s->owner[s->owners++] = (struct customers_owner){no, 0};
    }
    s->owner[i].customers++;
}

bool customers_shown_note(customers_shown *s, err *e) {
    for (size_t i = 0; i < s->owners; i++) {
        str id = arena_str(&s->a, partner_id(s->c->t, s->owner[i].partner));
        TRY(call_opened(s->c, id, s->owner[i].customers, e));
    }
    return true;
}
