#include "daemon/rebate/redemption.h"

#include "daemon/catalog/life.h"
#include "daemon/catalog/partner.h"
#include "daemon/store/keys.h"

#include <inttypes.h>

static const char *const states[] = {
#define X(state, no, name) [state] = name,
    REDEMPTION_STATES(X)
#undef X
};

static const char *const acts[] = {"request", "confirm", "issue", "refuse", "void", "export"};

/* The whole life of a payout: state × act → state, and by whom; finance confirms when the ERP brings it. */
static const life_step paper[] = {
    /* the partner has a word in it */
    {REDEMPTION_REQUESTED, REDEEM_CONFIRM, REDEMPTION_CONFIRMED, "partner_owner finance"},
    {REDEMPTION_REQUESTED, REDEEM_REFUSE, REDEMPTION_REFUSED, "partner_owner finance"},
    {REDEMPTION_CONFIRMED, REDEEM_EXPORT, REDEMPTION_CONFIRMED, "finance"},
    {REDEMPTION_CONFIRMED, REDEEM_ISSUE, REDEMPTION_ISSUED, "finance"},
    {REDEMPTION_CONFIRMED, REDEEM_REFUSE, REDEMPTION_REFUSED, "finance"},
    {REDEMPTION_ISSUED, REDEEM_VOID, REDEMPTION_VOIDED, "finance"},
};
static const life_step plain[] = {
    {REDEMPTION_REQUESTED, REDEEM_EXPORT, REDEMPTION_REQUESTED, "finance"},
    {REDEMPTION_REQUESTED, REDEEM_ISSUE, REDEMPTION_ISSUED, "finance"},
    {REDEMPTION_REQUESTED, REDEEM_REFUSE, REDEMPTION_REFUSED, "finance"},
    {REDEMPTION_ISSUED, REDEEM_VOID, REDEMPTION_VOIDED, "finance"},
};

static const life_step *life_of(payout_form form, size_t *n) {
    bool word = form == PAYOUT_CREDIT_NOTE || form == PAYOUT_EXPENSE;
    *n = word ? ARRAY_LEN(paper) : ARRAY_LEN(plain);
    return word ? paper : plain;
}

const char *redemption_state_name(redemption_state s) {
    return states[s];
}

bool redemption_state_parse(str s, redemption_state *out) {
    for (*out = REDEMPTION_REQUESTED; *out < REDEMPTION_STATE_END; ++*out)
        if (str_is(s, states[*out])) return true;
    return false;
}

const char *redemption_act_name(redemption_act a) {
    return acts[a];
}

bool redemption_form_parse(str s, payout_form *out) {
    for (*out = PAYOUT_CREDIT_NOTE; *out <= PAYOUT_EXPENSE; ++*out)
        if (str_is(s, policy_form_name(*out))) return *out != PAYOUT_OFFSET;
    return false;
}

bool redemption_step(payout_form form, redemption_state from, redemption_act act, redemption_state *to) {
    size_t n;
    const life_step *steps = life_of(form, &n);
    uint8_t next = life_to(steps, n, (uint8_t)from, (uint8_t)act);
    if (next) *to = (redemption_state)next;
    return next != 0;
}

bool redemption_may(payout_form form, redemption_state from, redemption_act act, uint32_t role) {
    size_t n;
    const life_step *steps = life_of(form, &n);
    return life_may(steps, n, (uint8_t)from, (uint8_t)act, role);
}

bool redemption_counts(redemption_state s) {
    return s == REDEMPTION_REQUESTED || s == REDEMPTION_CONFIRMED || s == REDEMPTION_ISSUED;
}

void redemption_reference(buf *out, uint64_t number) {
    buf_printf(out, "P%" PRIu64, number);
}

/* ---- records */

bool redemption_decode(str stored_key, str val, redemption *out) {
    reader k = reader_of(stored_key), r = reader_of(val);
    out->partner = read_be32(&k);
    out->number = read_be64(&k);
    out->entry = read_be64(&r);
    out->time_ms = (int64_t)read_be64(&r);
    out->state = (redemption_state)read_byte(&r);
    out->form = (payout_form)read_byte(&r);
    out->currency = read_be32(&r);
    out->amount = (int64_t)read_be64(&r);
    out->lines = read_be32(&r);
    out->batch = read_be64(&r);
    out->day = (day_t)read_be32(&r);
    str *texts[] = {&out->company, &out->by, &out->confirmation, &out->document, &out->reason, &out->life};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) *texts[i] = read_text(&r);
    return !k.bad && !r.bad && out->state >= REDEMPTION_REQUESTED && out->state < REDEMPTION_STATE_END &&
           out->form <= PAYOUT_EXPENSE;
}

bool redemption_get(txn *t, uint64_t number, redemption *out) {
    key no = {.n = 0}, k = {.n = 0};
    str val;
    key_u64(&no, number);
    if (!kv_get(t, TABLE_PAYOUT_NO, key_str(&no), &val) || val.n != 4) return false;
    key_u32(&k, get_be32(val.p));
    key_u64(&k, number);
    return kv_get(t, TABLE_PAYOUT, key_str(&k), &val) && redemption_decode(key_str(&k), val, out);
}

kv_cursor redemption_lines(txn *t, uint64_t number) {
    key k = {.n = 0};
    key_u64(&k, number);
    return kv_from(t, TABLE_PAYOUT_LINE, key_str(&k), STR_NONE);
}

bool redemption_line_decode(str val, redemption_line *out) {
    reader r = reader_of(val);
    *out = (redemption_line){.document = read_be64(&r)};
    out->day = (day_t)read_be32(&r);
    out->rate = read_be32(&r);
    out->quantity = read_be64(&r);
    out->price = (int64_t)read_be64(&r);
    out->amount = (int64_t)read_be64(&r);
    out->tax = (int64_t)read_be64(&r);
    out->number = read_text(&r);
    out->sku = read_text(&r);
    out->unit = read_text(&r);
    return !r.bad;
}

/* ---- invoices */

enum { CREDITS_BYTES = 256 * 1024 * 1024 };

static key invoice_key(uint64_t document, uint32_t rate) {
    key k = {.n = 0};
    key_u64(&k, document);
    key_u32(&k, rate);
    return k;
}

static void add_credits(txn *t, uint64_t number, credits *out) {
    redemption_line l;
    for (AUTO(kv_cursor) c = redemption_lines(t, number); kv_next(&c);) {
        bool made;
        if (!redemption_line_decode(c.val, &l)) continue;
        key k = invoice_key(l.document, l.rate);
        *map_at(&out->index, arena_str(&out->a, key_str(&k)), &made) += (uint64_t)l.amount;
    }
}

void credits_of(txn *t, uint32_t partner_no, credits *out) {
    redemption x;
    key k = {.n = 0};
    arena_init(&out->a, CREDITS_BYTES);
    key_u32(&k, partner_no);
    for (AUTO(kv_cursor) c = kv_from(t, TABLE_PAYOUT, key_str(&k), STR_NONE); kv_next(&c);)
        if (redemption_decode(c.key, c.val, &x) && x.form == PAYOUT_CREDIT_NOTE && redemption_counts(x.state))
            add_credits(t, x.number, out);
}

int64_t credits_get(const credits *c, uint64_t document, uint32_t rate) {
    key k = invoice_key(document, rate);
    const uint64_t *sum = map_find(&c->index, key_str(&k));
    return sum ? (int64_t)*sum : 0;
}

void credits_auto(credits *c) {
    map_free(&c->index);
    arena_free(&c->a);
}

bool redemption_content(txn *t, uint32_t table, str stored_key, str val, buf *out) {
    redemption x;
    if (table != TABLE_PAYOUT || !redemption_decode(stored_key, val, &x)) return false;
    buf_text(out, partner_id(t, x.partner));
    const str texts[] = {x.company, x.confirmation, x.document, x.reason};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) buf_text(out, texts[i]);
    buf_byte(out, (char)x.state);
    buf_byte(out, (char)x.form);
    buf_be32(out, x.currency);
    buf_zigzag(out, x.amount);
    return true;
}
