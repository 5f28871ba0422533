#include "daemon/trace/inspections.h"

#include "daemon/catalog/partner.h"
#include "daemon/catalog/region.h"
#include "daemon/catalog/users.h"
#include "daemon/store/keys.h"
#include "daemon/store/store.h"
#include "daemon/trace/cases.h"
#include "proto/limits.h"

#include <inttypes.h>

static const char *const states[] = {"", "open", "found", "not_found", "cancelled"};

const char *inspection_state_name(inspection_state s) {
    return states[s];
}

bool inspection_state_parse(str s, inspection_state *out) {
    for (*out = INSPECTION_OPEN; *out <= INSPECTION_CANCELLED; ++*out)
        if (str_is(s, states[*out])) return true;
    return false;
}

bool inspection_decode(uint64_t number, str val, inspection *out) {
    reader r = reader_of(val);
    *out = (inspection){.number = number, .entry = read_be64(&r)};
    out->done = read_be64(&r);
    out->time_ms = (int64_t)read_be64(&r);
    out->done_ms = (int64_t)read_be64(&r);
    out->state = (inspection_state)read_byte(&r);
    out->partner = read_be32(&r);
    out->region = read_be32(&r);
    out->due = (day_t)read_be32(&r);
    str *texts[] = {&out->person, &out->by, &out->place, &out->products, &out->case_id, &out->result, &out->codes};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) *texts[i] = read_text(&r);
    out->papers = read_varint(&r);
    if (out->papers > LIMIT_CASE_PAPERS) return false;
    out->paper = (const uint8_t *)read_bytes(&r, out->papers * DIGEST_SIZE).p;
    return !r.bad && out->state >= INSPECTION_OPEN && out->state <= INSPECTION_CANCELLED;
}

static key key_of(uint64_t number) {
    key k = {.n = 0};
    key_u64(&k, number);
    return k;
}

bool inspection_get(txn *t, uint64_t number, inspection *out) {
    key k = key_of(number);
    str val;
    return kv_get(t, TABLE_INSPECTION, key_str(&k), &val) && inspection_decode(number, val, out);
}

static void put(txn *t, const inspection *x) {
    AUTO(buf) b = {0};
    key k = key_of(x->number);
    buf_be64(&b, x->entry);
    buf_be64(&b, x->done);
    buf_be64(&b, (uint64_t)x->time_ms);
    buf_be64(&b, (uint64_t)x->done_ms);
    buf_byte(&b, (char)x->state);
    const uint32_t numbers[] = {x->partner, x->region, (uint32_t)x->due};
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) buf_be32(&b, numbers[i]);
    const str texts[] = {x->person, x->by, x->place, x->products, x->case_id, x->result, x->codes};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) buf_text(&b, texts[i]);
    buf_varint(&b, x->papers);
    if (x->papers) buf_add(&b, str_from(x->paper, x->papers * DIGEST_SIZE));
    kv_put(t, TABLE_INSPECTION, key_str(&k), buf_str(&b));
}

static bool sizes_ok(const Entry__Inspection *m, err *e) {
    bool ok = strlen(m->place) <= LIMIT_NAME && strlen(m->text) <= LIMIT_CASE_TEXT && m->n_paper <= LIMIT_CASE_PAPERS &&
              m->n_code <= LIMIT_CLAIM_CODES && strlen(m->products) <= LIMIT_NAME && strlen(m->person) <= LIMIT_ID;
    for (size_t i = 0; ok && i < m->n_code; i++) ok = strlen(m->code[i]) <= LIMIT_TEXT;
    for (size_t i = 0; ok && i < m->n_paper; i++) ok = m->paper[i].len == DIGEST_SIZE;
    return ok || err_set(e, ERR_DATA, "inspection: at most %d bytes of text, %d codes and %d files", LIMIT_CASE_TEXT,
                         LIMIT_CLAIM_CODES, LIMIT_CASE_PAPERS);
}

static bool plan(txn *t, const entry *en, const Entry__Inspection *m, apply_result *r, err *e) {
    partner p = {0};
    case_head c;
    user who;
    uint32_t region = region_by_code(t, str_of(m->region));
    if (m->partner[0] && !partner_by_id(t, str_of(m->partner), &p))
        return err_set(e, ERR_NOT_FOUND, "partner '%s': unknown", m->partner);
    if (m->case_id[0] && !case_get(t, str_of(m->case_id), &c))
        return err_set(e, ERR_NOT_FOUND, "no case '%s'", m->case_id);
    if (!user_get(t, str_of(m->person), &who) || who.disabled)
        return err_set(e, ERR_NOT_FOUND, "user '%s': unknown", m->person);
    if (region == 0) return err_set(e, ERR_NOT_FOUND, "region '%s': unknown", m->region);
    inspection x = {.number = store_next(t, "inspection"),
                    .entry = en->seq,
                    .time_ms = en->time_ms,
                    .state = INSPECTION_OPEN,
                    .partner = p.no,
                    .region = region,
                    .due = m->due,
                    .person = str_of(m->person),
                    .by = en->actor,
                    .place = str_of(m->place),
                    .products = str_of(m->products),
                    .case_id = str_of(m->case_id)};
    put(t, &x);
    r->number = x.number;
    return true;
}

static bool finish(txn *t, const entry *en, const Entry__Inspection *m, apply_result *r, err *e) {
    AUTO(buf) kept = {0};
    AUTO(buf) codes = {0};
    AUTO(buf) papers = {0};
    inspection x;
    str val;
    key k = key_of(m->number);
    if (!kv_get(t, TABLE_INSPECTION, key_str(&k), &val))
        return err_set(e, ERR_NOT_FOUND, "no inspection %" PRIu64, m->number);
    buf_add(&kept, val);
    if (!inspection_decode(m->number, buf_str(&kept), &x))
        return err_set(e, ERR_INTERNAL, "inspection %" PRIu64 " cannot be decoded", m->number);
    if (x.state != INSPECTION_OPEN)
        return err_set(e, ERR_CONFLICT, "inspection %" PRIu64 " is %s already", m->number, states[x.state]);
    for (size_t i = 0; i < m->n_paper; i++) {
        if (!kv_get(t, TABLE_PAPER, str_from(m->paper[i].data, DIGEST_SIZE), &val))
            return err_set(e, ERR_NOT_FOUND, "inspection %" PRIu64 ": a file it names was never sent", m->number);
        buf_add(&papers, str_from(m->paper[i].data, DIGEST_SIZE));
    }
    for (size_t i = 0; i < m->n_code; i++) buf_printf(&codes, "%s%s", i ? "\n" : "", m->code[i]);
    x.state = (inspection_state)m->act;
    x.done = en->seq;
    x.done_ms = en->time_ms;
    x.result = str_of(m->text);
    x.codes = buf_str(&codes);
    x.paper = (const uint8_t *)papers.p;
    x.papers = m->n_paper;
    put(t, &x);
    r->number = x.number;
    return true;
}

bool trace_inspection(txn *t, const entry *en, const Entry__Inspection *m, apply_result *r, err *e) {
    if (m->act < INSPECTION_OPEN || m->act > INSPECTION_CANCELLED || (m->act == INSPECTION_OPEN) != (m->number == 0))
        return err_set(e, ERR_DATA, "inspection: unknown act");
    TRY(sizes_ok(m, e));
    TRY(m->act == INSPECTION_OPEN ? plan(t, en, m, r, e) : finish(t, en, m, r, e));
    return txn_ok(t, e);
}

bool inspection_content(txn *t, uint32_t table, str stored_key, str val, buf *out) {
    inspection x;
    if (table != TABLE_INSPECTION || stored_key.n != 8 || !inspection_decode(get_be64(stored_key.p), val, &x))
        return false;
    const str texts[] = {partner_id(t, x.partner),
                         region_code(t, x.region),
                         x.person,
                         x.place,
                         x.products,
                         x.case_id,
                         x.result,
                         x.codes};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) buf_text(out, texts[i]);
    buf_byte(out, (char)x.state);
    buf_zigzag(out, x.due);
    return true;
}
