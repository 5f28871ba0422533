#include "daemon/trace/cases.h"

#include "daemon/catalog/partner.h"
#include "daemon/catalog/region.h"
#include "daemon/store/store.h"
#include "proto/limits.h"

#include <math.h>

/* ---- heads */

int32_t case_score(int32_t of_signals, uint32_t not_found, const trace_rules *r) {
    double odds = 1 - (double)r->inspection_permille / 1000;
    double left = (double)of_signals + round(10 * log10(odds) * not_found);
    return left > 0 ? (int32_t)left : 0;
}

bool case_decode(str id, str val, case_head *out) {
    reader r = reader_of(val);
    *out = (case_head){.id = id, .partner = read_be32(&r)};
    out->destination = read_be32(&r);
    out->state = (case_state)read_byte(&r);
    out->released = read_byte(&r) != 0;
    out->proof = read_byte(&r) != 0;
    out->score = (int32_t)read_be32(&r);
    uint32_t *counts[] = {&out->families, &out->steps, &out->not_found, &out->currency, &out->schedule, &out->offence};
    for (size_t i = 0; i < ARRAY_LEN(counts); i++) *counts[i] = read_be32(&r);
    int64_t *wide[] = {&out->opened_ms, &out->since_ms, &out->first_event,  &out->last_event,
                       &out->quantity,  &out->penalty,  &out->compensation, &out->compensation_due};
    for (size_t i = 0; i < ARRAY_LEN(wide); i++) *wide[i] = (int64_t)read_be64(&r);
    out->opened = read_be64(&r);
    out->entry = read_be64(&r);
    day_t *days[] = {&out->answer_due, &out->own_due, &out->appeal_due, &out->no_exemptions, &out->upheld};
    for (size_t i = 0; i < ARRAY_LEN(days); i++) *days[i] = (day_t)read_be32(&r);
    str *texts[] = {&out->group, &out->assignee, &out->clause, &out->contract, &out->verdict};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) *texts[i] = read_text(&r);
    return !r.bad && out->state >= CASE_ALERT && out->state < CASE_STATE_END;
}

bool case_get(txn *t, str id, case_head *out) {
    str val;
    return id.n && id.n <= LIMIT_ID && kv_get(t, TABLE_CASE, id, &val) && case_decode(id, val, out);
}

void case_keep(case_head *c, arena *a) {
    str *texts[] = {&c->id, &c->group, &c->assignee, &c->clause, &c->contract, &c->verdict};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) *texts[i] = arena_str(a, *texts[i]);
}

key case_partner_key(uint32_t partner_no) {
    key k = {.n = 0};
    key_u32(&k, partner_no);
    return k;
}

void case_put(txn *t, const case_head *c) {
    AUTO(buf) b = {0};
    key k = case_partner_key(c->partner);
    buf_be32(&b, c->partner);
    buf_be32(&b, c->destination);
    buf_byte(&b, (char)c->state);
    buf_byte(&b, (char)c->released);
    buf_byte(&b, (char)c->proof);
    buf_be32(&b, (uint32_t)c->score);
    const uint32_t counts[] = {c->families, c->steps, c->not_found, c->currency, c->schedule, c->offence};
    for (size_t i = 0; i < ARRAY_LEN(counts); i++) buf_be32(&b, counts[i]);
    const int64_t wide[] = {c->opened_ms, c->since_ms, c->first_event,  c->last_event,
                            c->quantity,  c->penalty,  c->compensation, c->compensation_due};
    for (size_t i = 0; i < ARRAY_LEN(wide); i++) buf_be64(&b, (uint64_t)wide[i]);
    buf_be64(&b, c->opened);
    buf_be64(&b, c->entry);
    const day_t days[] = {c->answer_due, c->own_due, c->appeal_due, c->no_exemptions, c->upheld};
    for (size_t i = 0; i < ARRAY_LEN(days); i++) buf_be32(&b, (uint32_t)days[i]);
    const str texts[] = {c->group, c->assignee, c->clause, c->contract, c->verdict};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) buf_text(&b, texts[i]);
    key_text(&k, c->id);
    kv_put(t, TABLE_CASE_PARTNER, key_str(&k), STR(""));
    kv_put(t, TABLE_CASE, c->id, buf_str(&b));
}

str case_reference(str id, arena *a) {
    AUTO(buf) b = {0};
    buf_printf(&b, "case %.*s", STR_ARG(id));
    return arena_str(a, buf_str(&b));
}

str case_source(str id, arena *a) {
    AUTO(buf) b = {0};
    buf_printf(&b, "case/%.*s", STR_ARG(id));
    return arena_str(a, buf_str(&b));
}

day_t case_no_exemptions(txn *t, uint32_t partner_no, day_t *first) {
    key k = case_partner_key(partner_no);
    day_t last = DAY_MIN;
    case_head c;
    *first = DAY_MIN;
    for (AUTO(kv_cursor) w = kv_from(t, TABLE_CASE_PARTNER, key_str(&k), STR_NONE); kv_next(&w);)
        if (case_get(t, str_skip(w.key, k.n), &c) && c.no_exemptions > last) last = c.no_exemptions, *first = c.upheld;
    return last;
}

static day_t months_later(day_t d, unsigned months) {
    day_t first = month_first(month_of(d) + (int32_t)months);
    civil c = civil_of(first);
    unsigned last = days_in_month(c.year, c.month), day = civil_of(d).day;
    return first + (day_t)(day < last ? day : last) - 1;
}

uint32_t case_offences(txn *t, uint32_t partner_no, str other_than, day_t on, unsigned months) {
    key k = case_partner_key(partner_no);
    uint32_t n = 0;
    case_head c;
    for (AUTO(kv_cursor) w = kv_from(t, TABLE_CASE_PARTNER, key_str(&k), STR_NONE); kv_next(&w);) {
        str id = str_skip(w.key, k.n);
        if (str_eq(id, other_than) || !case_get(t, id, &c) || c.offence == 0) continue;
        n += months_later(c.upheld, months) > on;
    }
    return n;
}

/* ---- steps */

static key step_key(str id, uint32_t step) {
    key k = {.n = 0};
    key_textz(&k, id);
    if (step) key_u32(&k, step);
    return k;
}

void case_step_put(txn *t, str id, const case_step_record *s) {
    AUTO(buf) b = {0};
    key k = step_key(id, s->step);
    buf_byte(&b, (char)s->act);
    buf_byte(&b, (char)s->from);
    buf_byte(&b, (char)s->to);
    buf_byte(&b, (char)s->inward);
    buf_be64(&b, s->entry);
    buf_be64(&b, (uint64_t)s->time_ms);
    const str texts[] = {s->by, s->text, s->told};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) buf_text(&b, texts[i]);
    buf_varint(&b, s->papers);
    if (s->papers) buf_add(&b, str_from(s->paper, s->papers * DIGEST_SIZE));
    buf_varint(&b, s->moves);
    for (size_t i = 0; i < s->moves; i++) {
        const case_move *m = &s->move[i];
        buf_be32(&b, m->partner);
        buf_be32(&b, m->currency);
        buf_byte(&b, (char)m->account);
        buf_byte(&b, (char)m->cause);
        buf_be64(&b, (uint64_t)m->amount);
        buf_text(&b, m->company);
    }
    kv_put(t, TABLE_CASE_STEP, key_str(&k), buf_str(&b));
}

static bool read_move(reader *r, case_move *out) {
    *out = (case_move){.partner = read_be32(r)};
    out->currency = read_be32(r);
    out->account = read_byte(r);
    out->cause = read_byte(r);
    out->amount = (int64_t)read_be64(r);
    out->company = read_text(r);
    return !r->bad;
}

static bool read_step(str stored_key, str val, arena *a, case_step_record *out) {
    reader k = reader_of(stored_key), r = reader_of(arena_str(a, val));
    (void)read_textz(&k);
    *out = (case_step_record){.step = read_be32(&k)};
    out->act = (case_act)read_byte(&r);
    out->from = (case_state)read_byte(&r);
    out->to = (case_state)read_byte(&r);
    out->inward = read_byte(&r) != 0;
    out->entry = read_be64(&r);
    out->time_ms = (int64_t)read_be64(&r);
    str *texts[] = {&out->by, &out->text, &out->told};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) *texts[i] = read_text(&r);
    out->papers = read_varint(&r);
    if (out->papers > LIMIT_REPEATED) return false;
    out->paper = (const uint8_t *)read_bytes(&r, out->papers * DIGEST_SIZE).p;
    out->moves = read_varint(&r);
    if (r.bad || out->moves > LIMIT_ENTRY_ROWS) return false;
    out->move = ARENA_NEW(a, case_move, out->moves + 1);
    ASSERT(out->move != NULL);
    for (size_t i = 0; i < out->moves; i++)
        if (!read_move(&r, &out->move[i])) return false;
    return !k.bad && !r.bad;
}

size_t case_steps(txn *t, str id, arena *a, case_step_record **out) {
    key k = step_key(id, 0);
    size_t n = 0, cap = 0;
    *out = NULL;
    for (AUTO(kv_cursor) c = kv_from(t, TABLE_CASE_STEP, key_str(&k), STR_NONE); kv_next(&c);) {
        *out = arena_grown(a, *out, n, &cap, sizeof **out);
        n += read_step(c.key, c.val, a, &(*out)[n]);
    }
    return n;
}

/* ---- money */

static key money_key(str id, const case_move *m) {
    key k = step_key(id, 0);
    key_u32(&k, m->partner);
    key_textz(&k, m->company);
    key_u32(&k, m->currency);
    key_u8(&k, m->account);
    return k;
}

void case_money_add(txn *t, str id, const case_move *m) {
    uint8_t raw[8];
    str val;
    key k = money_key(id, m);
    int64_t sum = kv_get(t, TABLE_CASE_MONEY, key_str(&k), &val) && val.n == 8 ? (int64_t)get_be64(val.p) : 0;
    sum += m->amount; /* both within LIMIT_WALLET */
    put_be64(raw, (uint64_t)sum);
    if (sum) kv_put(t, TABLE_CASE_MONEY, key_str(&k), str_from(raw, sizeof raw));
    else
        (void)kv_del(t, TABLE_CASE_MONEY, key_str(&k));
}

size_t case_money(txn *t, str id, arena *a, case_move **out) {
    key k = step_key(id, 0);
    size_t n = 0, cap = 0;
    *out = NULL;
    for (AUTO(kv_cursor) c = kv_from(t, TABLE_CASE_MONEY, key_str(&k), STR_NONE); kv_next(&c);) {
        reader r = reader_of(str_skip(c.key, k.n));
        *out = arena_grown(a, *out, n, &cap, sizeof **out);
        case_move *m = &(*out)[n++];
        *m = (case_move){.partner = read_be32(&r)};
        m->company = arena_str(a, read_textz(&r));
        m->currency = read_be32(&r);
        m->account = read_byte(&r);
        m->amount = c.val.n == 8 ? (int64_t)get_be64(c.val.p) : 0;
    }
    return n;
}

/* ---- what records say */

static bool case_content(txn *t, str id, str val, buf *out) {
    case_head c;
    if (!case_decode(id, val, &c)) return false;
    buf_text(out, id);
    buf_text(out, partner_id(t, c.partner));
    buf_text(out, region_code(t, c.destination));
    const str texts[] = {c.group, c.assignee, c.clause, c.contract, c.verdict};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) buf_text(out, texts[i]);
    const int64_t figures[] = {c.state,      c.score,    c.families, c.not_found, c.first_event,
                               c.last_event, c.quantity, c.offence,  c.penalty,   c.compensation};
    for (size_t i = 0; i < ARRAY_LEN(figures); i++) buf_zigzag(out, figures[i]);
    return true;
}

bool cases_content(txn *t, uint32_t table, str stored_key, str val, buf *out) {
    switch (table) {
    case TABLE_CASE: return case_content(t, stored_key, val, out);
    case TABLE_SIGNAL: return signal_content(t, stored_key, val, out);
    default: return false;
    }
}
