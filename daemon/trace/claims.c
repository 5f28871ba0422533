#include "daemon/trace/claims.h"

#include "daemon/catalog/partner.h"
#include "daemon/catalog/product.h"
#include "daemon/catalog/region.h"
#include "daemon/store/keys.h"
#include "daemon/store/store.h"
#include "proto/limits.h"

#include <inttypes.h>

bool claim_decode(uint64_t number, str val, claim *out) {
    reader r = reader_of(val);
    *out = (claim){.number = number, .entry = read_be64(&r)};
    out->time_ms = (int64_t)read_be64(&r);
    uint32_t *numbers[] = {&out->reporter, &out->accused, &out->product, &out->region};
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) *numbers[i] = read_be32(&r);
    out->day = (day_t)read_be32(&r);
    out->price = (int64_t)read_be64(&r);
    out->online = read_byte(&r) != 0;
    str *texts[] = {&out->place, &out->text, &out->codes, &out->of};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) *texts[i] = read_text(&r);
    out->papers = read_varint(&r);
    if (out->papers > LIMIT_CASE_PAPERS) return false;
    out->paper = (const uint8_t *)read_bytes(&r, out->papers * DIGEST_SIZE).p;
    return !r.bad;
}

bool claim_get(txn *t, uint64_t number, claim *out) {
    key k = {.n = 0};
    str val;
    key_u64(&k, number);
    return kv_get(t, TABLE_CLAIM, key_str(&k), &val) && claim_decode(number, val, out);
}

static bool sizes_ok(const Entry__Claim *m, err *e) {
    bool ok = strlen(m->place) <= LIMIT_NAME && strlen(m->text) <= LIMIT_CASE_TEXT && m->n_paper <= LIMIT_CASE_PAPERS &&
              m->n_code <= LIMIT_CLAIM_CODES && (!m->priced || m->price >= 0);
    for (size_t i = 0; ok && i < m->n_code; i++) ok = strlen(m->code[i]) <= LIMIT_TEXT;
    for (size_t i = 0; ok && i < m->n_paper; i++) ok = m->paper[i].len == DIGEST_SIZE;
    return ok || err_set(e, ERR_DATA, "claim: at most %d bytes of text, %d codes and %d files", LIMIT_CASE_TEXT,
                         LIMIT_CLAIM_CODES, LIMIT_CASE_PAPERS);
}

static bool look_up(txn *t, const Entry__Claim *m, claim *out, err *e) {
    partner who, accused = {0};
    product of = {0};
    str val;
    if (!partner_by_id(t, str_of(m->partner), &who))
        return err_set(e, ERR_NOT_FOUND, "partner '%s': unknown", m->partner);
    if (m->accused[0] && !partner_by_id(t, str_of(m->accused), &accused))
        return err_set(e, ERR_NOT_FOUND, "partner '%s': unknown", m->accused);
    if (m->sku[0] && !product_by_sku(t, str_of(m->sku), &of))
        return err_set(e, ERR_NOT_FOUND, "product '%s': unknown", m->sku);
    uint32_t region = region_by_code(t, str_of(m->region));
    if (region == 0) return err_set(e, ERR_NOT_FOUND, "region '%s': unknown", m->region);
    for (size_t i = 0; i < m->n_paper; i++)
        if (!kv_get(t, TABLE_PAPER, str_from(m->paper[i].data, DIGEST_SIZE), &val))
            return err_set(e, ERR_NOT_FOUND, "claim: a file it names was never sent");
    out->reporter = who.no;
    out->accused = accused.no;
    out->product = of.no;
    out->region = region;
    return txn_ok(t, e);
}

static void put(txn *t, const claim *x) {
    AUTO(buf) b = {0};
    key k = {.n = 0};
    key_u64(&k, x->number);
    buf_be64(&b, x->entry);
    buf_be64(&b, (uint64_t)x->time_ms);
    const uint32_t numbers[] = {x->reporter, x->accused, x->product, x->region, (uint32_t)x->day};
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) buf_be32(&b, numbers[i]);
    buf_be64(&b, (uint64_t)x->price);
    buf_byte(&b, (char)x->online);
    const str texts[] = {x->place, x->text, x->codes, x->of};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) buf_text(&b, texts[i]);
    buf_varint(&b, x->papers);
    if (x->papers) buf_add(&b, str_from(x->paper, x->papers * DIGEST_SIZE));
    kv_put(t, TABLE_CLAIM, key_str(&k), buf_str(&b));
}

bool trace_claim(txn *t, const entry *en, const Entry__Claim *m, apply_result *r, err *e) {
    AUTO(buf) codes = {0};
    AUTO(buf) papers = {0};
    claim x = {.entry = en->seq, .time_ms = en->time_ms, .day = m->day, .online = m->online, .of = STR("")};
    TRY(sizes_ok(m, e) && look_up(t, m, &x, e));
    for (size_t i = 0; i < m->n_code; i++) buf_printf(&codes, "%s%s", i ? "\n" : "", m->code[i]);
    for (size_t i = 0; i < m->n_paper; i++) buf_add(&papers, str_from(m->paper[i].data, DIGEST_SIZE));
    x.number = store_next(t, "claim");
    x.price = m->priced ? m->price : NUM_NONE;
    x.place = str_of(m->place);
    x.text = str_of(m->text);
    x.codes = buf_str(&codes);
    x.paper = (const uint8_t *)papers.p;
    x.papers = m->n_paper;
    put(t, &x);
    r->number = x.number;
    return txn_ok(t, e);
}

/* ---- and what becomes of them */

enum { CLAIM_BYTES = 1024 * 1024 };

str claim_reference(uint64_t number, arena *a) {
    AUTO(buf) b = {0};
    buf_printf(&b, "claim %" PRIu64, number);
    return arena_str(a, buf_str(&b));
}

void claim_joins(txn *t, str reference, str id) {
    AUTO(arena) a = {0};
    int64_t number;
    bool exact;
    claim x;
    size_t at = str_find(reference, STR("claim "));
    if (at == SIZE_MAX) return;
    str digits = str_skip(reference, at + strlen("claim "));
    for (size_t i = 0; i < digits.n; i++)
        if (digits.p[i] < '0' || digits.p[i] > '9') digits = str_take(digits, i);
    if (!dec_parse(digits, 0, &number, &exact) || number <= 0) return;
    if (!claim_get(t, (uint64_t)number, &x) || str_eq(x.of, id)) return;
    arena_init(&a, CLAIM_BYTES);
    str *texts[] = {&x.place, &x.text, &x.codes};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) *texts[i] = arena_str(&a, *texts[i]);
    x.paper = (const uint8_t *)arena_str(&a, str_from(x.paper, x.papers * DIGEST_SIZE)).p;
    x.of = id;
    put(t, &x);
}

size_t case_reporters(txn *t, str id, arena *a, uint32_t **out) {
    size_t n = 0, cap = 0;
    *out = NULL;
    for (AUTO(kv_cursor) c = kv_from(t, TABLE_CLAIM, STR(""), STR_NONE); kv_next(&c);) {
        claim x;
        size_t at = 0;
        if (c.key.n != 8 || !claim_decode(get_be64(c.key.p), c.val, &x) || !str_eq(x.of, id)) continue;
        while (at < n && (*out)[at] != x.reporter) at++;
        if (at < n) continue;
        *out = arena_grown(a, *out, n, &cap, sizeof **out);
        (*out)[n++] = x.reporter;
    }
    return n;
}

bool claim_content(txn *t, uint32_t table, str stored_key, str val, buf *out) {
    claim x;
    if (table != TABLE_CLAIM || stored_key.n != 8 || !claim_decode(get_be64(stored_key.p), val, &x)) return false;
    const str texts[] = {partner_id(t, x.reporter),
                         partner_id(t, x.accused),
                         x.product ? product_sku(t, x.product) : STR(""),
                         region_code(t, x.region),
                         x.place,
                         x.text,
                         x.codes};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) buf_text(out, texts[i]);
    buf_zigzag(out, x.day);
    buf_zigzag(out, x.price);
    if (x.papers) buf_add(out, str_from(x.paper, x.papers * DIGEST_SIZE));
    return true;
}
