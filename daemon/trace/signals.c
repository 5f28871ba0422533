/* Signals as a judgement found them, and the cases they make. */
#include "daemon/catalog/partner.h"
#include "daemon/catalog/product.h"
#include "daemon/catalog/region.h"
#include "daemon/store/store.h"
#include "daemon/trace/cases.h"
#include "daemon/trace/claims.h"
#include "proto/limits.h"

enum { APPLY_BYTES = 64 * 1024 * 1024 };

static key signal_key(uint64_t number) {
    key k = {.n = 0};
    key_u64(&k, number);
    return k;
}

static key index_key(const case_signal *s) {
    key k = {.n = 0};
    key_textz(&k, s->of);
    key_u64(&k, (uint64_t)s->time ^ 1ULL << 63);
    key_u64(&k, s->key);
    return k;
}

bool signal_decode(uint64_t number, str val, case_signal *out) {
    reader r = reader_of(val);
    *out = (case_signal){.key = number, .partner = read_be32(&r)};
    out->product = read_be32(&r);
    out->destination = read_be32(&r);
    out->flags = read_be32(&r);
    out->strength = (int32_t)read_be32(&r);
    out->time = (int64_t)read_be64(&r);
    out->since = (int64_t)read_be64(&r);
    out->quantity = (int64_t)read_be64(&r);
    out->entry = read_be64(&r);
    out->of = read_text(&r);
    out->kind = read_text(&r);
    out->evidence = read_text(&r);
    return !r.bad;
}

bool signal_get(txn *t, uint64_t number, case_signal *out) {
    key k = signal_key(number);
    str val;
    return kv_get(t, TABLE_SIGNAL, key_str(&k), &val) && signal_decode(number, val, out);
}

void signal_put(txn *t, const case_signal *s) {
    AUTO(buf) b = {0};
    key k = signal_key(s->key), index = index_key(s);
    const uint32_t heads[] = {s->partner, s->product, s->destination, s->flags, (uint32_t)s->strength};
    for (size_t i = 0; i < ARRAY_LEN(heads); i++) buf_be32(&b, heads[i]);
    const int64_t wide[] = {s->time, s->since, s->quantity, (int64_t)s->entry};
    for (size_t i = 0; i < ARRAY_LEN(wide); i++) buf_be64(&b, (uint64_t)wide[i]);
    const str texts[] = {s->of, s->kind, s->evidence};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) buf_text(&b, texts[i]);
    kv_put(t, TABLE_SIGNAL, key_str(&k), buf_str(&b));
    if (s->of.n) kv_put(t, TABLE_CASE_SIGNAL, key_str(&index), STR(""));
}

bool case_is_empty(txn *t, str id) {
    key k = {.n = 0};
    key_textz(&k, id);
    AUTO(kv_cursor) c = kv_from(t, TABLE_CASE_SIGNAL, key_str(&k), STR_NONE);
    return !kv_next(&c);
}

size_t case_signals(txn *t, str id, arena *a, case_signal **out) {
    key k = {.n = 0};
    size_t n = 0, cap = 0;
    key_textz(&k, id);
    *out = NULL;
    for (AUTO(kv_cursor) c = kv_from(t, TABLE_CASE_SIGNAL, key_str(&k), STR_NONE); kv_next(&c);) {
        case_signal s;
        if (c.key.n != k.n + 16 || !signal_get(t, get_be64(c.key.p + k.n + 8), &s)) continue;
        s.of = id;
        s.kind = arena_str(a, s.kind);
        s.evidence = arena_str(a, s.evidence);
        *out = arena_grown(a, *out, n, &cap, sizeof **out);
        (*out)[n++] = s;
    }
    return n;
}

bool signal_content(txn *t, str stored_key, str val, buf *out) {
    case_signal s;
    if (stored_key.n != 8 || !signal_decode(get_be64(stored_key.p), val, &s)) return false;
    buf_be64(out, s.key);
    buf_text(out, partner_id(t, s.partner));
    buf_text(out, s.product ? product_sku(t, s.product) : STR(""));
    buf_text(out, region_code(t, s.destination));
    const str texts[] = {s.of, s.kind, s.evidence};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) buf_text(out, texts[i]);
    const int64_t figures[] = {s.flags, s.strength, s.time, s.since, s.quantity};
    for (size_t i = 0; i < ARRAY_LEN(figures); i++) buf_zigzag(out, figures[i]);
    return true;
}

/* ---- applying a judgement: looked at whole, then written */

typedef struct taking {
    txn *t;
    const entry *en;
    arena a;
    case_head *head; /* of each case found, as it will be */
    bool *opens, *takes;
    case_signal *signal;
} taking;

static void taking_auto(taking *w) {
    arena_free(&w->a);
}

static bool id_ok(const char *id) {
    return catalog_id_ok(str_of(id));
}

/* What a case decided or let out says stays as it was told; only alerts take further evidence. */
static bool read_found(taking *w, const Entry__CaseFound *m, size_t i, err *e) {
    case_head *h = &w->head[i];
    partner p;
    uint32_t region = m->destination[0] ? region_by_code(w->t, str_of(m->destination)) : 0;
    if (!id_ok(m->id) || strlen(m->group) > LIMIT_NAME || (m->destination[0] && region == 0))
        return err_set(e, ERR_DATA, "signals: case '%s': id, group or destination is malformed", m->id);
    if (!partner_by_id(w->t, str_of(m->partner), &p))
        return err_set(e, ERR_NOT_FOUND, "partner '%s': unknown", m->partner);
    w->opens[i] = !case_get(w->t, str_of(m->id), h);
    if (w->opens[i])
        *h = (case_head){.id = str_of(m->id),
                         .partner = p.no,
                         .destination = region,
                         .state = CASE_ALERT,
                         .opened = w->en->seq,
                         .opened_ms = w->en->time_ms,
                         .since_ms = w->en->time_ms,
                         .answer_due = DAY_MAX,
                         .own_due = DAY_MAX,
                         .appeal_due = DAY_MAX,
                         .no_exemptions = DAY_MIN,
                         .upheld = DAY_MIN,
                         .group = str_of(m->group)};
    bool again = h->state == CASE_DISMISSED && case_is_empty(w->t, h->id); /* it stands again */
    if (again) {
        h->state = CASE_ALERT;
        h->since_ms = w->en->time_ms;
        h->verdict = STR("");
    }
    w->opens[i] = w->opens[i] || again;
    w->takes[i] = h->state == CASE_ALERT;
    if (!w->takes[i]) return true;
    case_keep(h, &w->a);
    h->score = m->score;
    h->families = m->families;
    h->proof = m->proof;
    h->first_event = m->first_event;
    h->last_event = m->last_event;
    h->quantity = m->quantity;
    return true;
}

static bool read_signal(taking *w, const Entry__Signals *all, size_t i, err *e) {
    const Entry__SignalFound *m = all->signal[i];
    AUTO(buf) b = {0};
    partner p = {0};
    product of = {0};
    uint32_t region = m->destination[0] ? region_by_code(w->t, str_of(m->destination)) : 0;
    if (m->of > all->n_found || !id_ok(m->kind) || m->n_evidence > LIMIT_SIGNAL_EVIDENCE ||
        (m->destination[0] && region == 0))
        return err_set(e, ERR_DATA, "signals: row %zu is no signal", i + 1);
    if (m->partner[0] && !partner_by_id(w->t, str_of(m->partner), &p))
        return err_set(e, ERR_NOT_FOUND, "partner '%s': unknown", m->partner);
    if (m->sku[0] && !product_by_sku(w->t, str_of(m->sku), &of))
        return err_set(e, ERR_NOT_FOUND, "product '%s': unknown", m->sku);
    for (size_t k = 0; k < m->n_evidence; k++) {
        if (k) buf_byte(&b, '\n');
        buf_addz(&b, m->evidence[k]);
    }
    w->signal[i] = (case_signal){.key = m->key,
                                 .of = m->of ? str_of(all->found[m->of - 1]->id) : STR(""),
                                 .kind = str_of(m->kind),
                                 .partner = p.no,
                                 .product = of.no,
                                 .destination = region,
                                 .time = m->time,
                                 .since = m->since,
                                 .strength = m->strength,
                                 .flags = m->flags,
                                 .quantity = m->quantity,
                                 .entry = w->en->seq,
                                 .evidence = arena_str(&w->a, buf_str(&b))};
    return true;
}

static bool read_all(taking *w, const Entry__Signals *m, err *e) {
    size_t rows = m->n_found + m->n_signal + m->n_learned + m->n_gone + m->n_vanished;
    if (rows == 0 || rows > LIMIT_ENTRY_ROWS)
        return err_set(e, ERR_DATA, "signals: from 1 to %d rows in one entry", LIMIT_ENTRY_ROWS);
    w->head = ARENA_NEW(&w->a, case_head, m->n_found + 1);
    w->opens = ARENA_NEW(&w->a, bool, m->n_found + 1);
    w->takes = ARENA_NEW(&w->a, bool, m->n_found + 1);
    w->signal = ARENA_NEW(&w->a, case_signal, m->n_signal + 1);
    ASSERT(w->head != NULL && w->opens != NULL && w->takes != NULL && w->signal != NULL);
    for (size_t i = 0; i < m->n_found; i++) TRY(read_found(w, m->found[i], i, e));
    for (size_t i = 0; i < m->n_signal; i++) TRY(read_signal(w, m, i, e));
    return txn_ok(w->t, e);
}

/* A signal told before keeps the entry that told it first; of a case already let out it keeps everything. */
static bool put_signal(taking *w, const Entry__Signals *m, size_t i) {
    case_signal *s = &w->signal[i], old;
    uint32_t of = m->signal[i]->of;
    if (of && !w->takes[of - 1]) return false;
    bool there = signal_get(w->t, s->key, &old);
    if (there && old.of.n && !str_eq(old.of, s->of)) return false; /* evidence of another case */
    bool joins = of && !(there && old.of.n);
    if (there) s->entry = old.entry;
    if (there && old.of.n) {
        key before = index_key(&old);
        (void)kv_del(w->t, TABLE_CASE_SIGNAL, key_str(&before));
    }
    signal_put(w->t, s);
    str rest = s->evidence, line;
    while (of && str_split(&rest, '\n', &line)) claim_joins(w->t, line, s->of);
    return joins;
}

static void put_gone(txn *t, uint64_t number) {
    case_signal s;
    case_head c;
    key k = signal_key(number);
    if (!signal_get(t, number, &s)) return;
    bool kept = s.of.n && case_get(t, s.of, &c) && c.state != CASE_ALERT;
    if (kept) return;
    key index = index_key(&s);
    if (s.of.n) (void)kv_del(t, TABLE_CASE_SIGNAL, key_str(&index));
    (void)kv_del(t, TABLE_SIGNAL, key_str(&k));
}

static key learned_key(str what, uint32_t from, uint32_t to) {
    key k = {.n = 0};
    key_textz(&k, str_take(what, LIMIT_ID));
    key_u32(&k, from);
    key_u32(&k, to);
    return k;
}

bool learned_get(txn *t, str what, uint32_t from, uint32_t to, learned_row *out) {
    str val;
    key k = learned_key(what, from, to);
    if (!kv_get(t, TABLE_LEARNED, key_str(&k), &val) || val.n != 24) return false;
    *out = (learned_row){(int64_t)get_be64(val.p), get_be64(val.p + 8), get_be64(val.p + 16)};
    return true;
}

static void put_learned(txn *t, const Entry__Learned *m) {
    uint8_t raw[24];
    key k = learned_key(str_of(m->what), region_by_code(t, str_of(m->from)), region_by_code(t, str_of(m->to)));
    put_be64(raw, (uint64_t)m->value);
    put_be64(raw + 8, m->seen);
    put_be64(raw + 16, m->of);
    kv_put(t, TABLE_LEARNED, key_str(&k), str_from(raw, sizeof raw));
}

static void note_step(taking *w, case_head *h, case_act act, case_state from, const char *told) {
    const case_step_record s = {.step = ++h->steps,
                                .act = act,
                                .from = from,
                                .to = h->state,
                                .entry = w->en->seq,
                                .time_ms = w->en->time_ms,
                                .inward = true,
                                .by = w->en->actor,
                                .text = STR(""),
                                .told = str_of(told)};
    h->entry = w->en->seq;
    case_step_put(w->t, h->id, &s);
    case_put(w->t, h);
}

/* What is left of its signals is of no case any more. */
static void put_vanished(taking *w, const char *id) {
    case_head h;
    case_signal *s;
    if (!case_get(w->t, str_of(id), &h) || h.state != CASE_ALERT) return;
    case_keep(&h, &w->a);
    size_t n = case_signals(w->t, h.id, &w->a, &s);
    for (size_t i = 0; i < n; i++) {
        key index = index_key(&s[i]);
        (void)kv_del(w->t, TABLE_CASE_SIGNAL, key_str(&index));
        s[i].of = STR("");
        signal_put(w->t, &s[i]);
    }
    h.state = CASE_DISMISSED;
    h.since_ms = w->en->time_ms;
    h.verdict = STR("what it rested on no longer stands");
    note_step(w, &h, DO_COVER, CASE_ALERT, "what it rested on no longer stands");
}

bool trace_signals(txn *t, const entry *en, const Entry__Signals *m, apply_result *r, err *e) {
    AUTO(taking) w = {.t = t, .en = en};
    arena_init(&w.a, APPLY_BYTES);
    TRY(read_all(&w, m, e));
    uint32_t *joined = ARENA_NEW(&w.a, uint32_t, m->n_found + 1);
    ASSERT(joined != NULL);
    for (size_t i = 0; i < m->n_signal; i++)
        if (put_signal(&w, m, i)) joined[m->signal[i]->of - 1]++;
    for (size_t i = 0; i < m->n_gone; i++) put_gone(t, m->gone[i]);
    r->number = 0;
    for (size_t i = 0; i < m->n_found; i++) {
        if (!w.takes[i]) continue;
        r->number += w.opens[i];
        if (w.opens[i]) note_step(&w, &w.head[i], DO_OPEN, CASE_ALERT, "");
        else if (joined[i])
            note_step(&w, &w.head[i], DO_GATHER, CASE_ALERT, "");
        else
            case_put(t, &w.head[i]);
    }
    for (size_t i = 0; i < m->n_vanished; i++) put_vanished(&w, m->vanished[i]);
    for (size_t i = 0; i < m->n_learned; i++) put_learned(t, m->learned[i]);
    return txn_ok(t, e);
}
