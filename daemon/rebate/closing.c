#include "daemon/rebate/closing.h"

#include "daemon/rebate/policies.h"
#include "daemon/store/keys.h"
#include "daemon/store/store.h"
#include "proto/limits.h"

static const str once_of = {"once/", 5};

void closing_label(buf *out, str of, str period) {
    if (str_is(period, "once")) buf_add(out, once_of), buf_add(out, of);
    else
        buf_add(out, period);
}

bool closing_parse(str label, period_kind *kind, int32_t *no, str *name) {
    int32_t unused;
    if (no == NULL) no = &unused;
    *name = STR("");
    for (*kind = PERIOD_MONTH; *kind < PERIOD_ONCE; ++*kind)
        if (period_parse(label, *kind, no)) return true;
    *no = 0;
    *name = str_skip(label, once_of.n);
    return str_starts(label, once_of) && name->n > 0 && name->n <= LIMIT_ID && memchr(label.p, 0, label.n) == NULL;
}

bool closing_days(txn *t, str label, day_t *first, day_t *last) {
    AUTO(policy) p = {0};
    policy_revision r;
    period_kind kind;
    int32_t no;
    str name;
    err unused;
    if (!closing_parse(label, &kind, &no, &name)) return false;
    *first = period_first(kind, no);
    *last = period_last(kind, no);
    if (kind != PERIOD_ONCE) return true;
    if (!policy_latest(t, name, &r) || !policy_open(&r, &p, &unused)) return false;
    *first = p.from;
    *last = p.to;
    return true;
}

bool closing_decode(str stored_key, str val, closing *out) {
    reader r = reader_of(val);
    out->label = stored_key;
    out->state = (closing_state)read_byte(&r);
    out->entry = read_be64(&r);
    out->time_ms = (int64_t)read_be64(&r);
    out->times = read_be32(&r);
    out->by = read_text(&r);
    out->reason = read_text(&r);
    return !r.bad && (out->state == CLOSING_OPEN || out->state == CLOSING_CLOSED);
}

bool closing_get(txn *t, str label, closing *out) {
    str val;
    return label.n > 0 && label.n <= CLOSING_LABEL && kv_get(t, TABLE_PERIOD, label, &val) &&
           closing_decode(label, val, out);
}

bool closing_is_closed(txn *t, str label) {
    closing c;
    return closing_get(t, label, &c) && c.state == CLOSING_CLOSED;
}

void closing_bearer(txn *t, str label, day_t today, buf *out) {
    period_kind kind;
    int32_t no;
    str name;
    buf_clear(out);
    buf_add(out, label);
    if (!closing_is_closed(t, label) || !closing_parse(label, &kind, &no, &name)) return;
    if (kind == PERIOD_ONCE) {
        kind = PERIOD_MONTH;
        no = period_of(kind, today) - 1;
    }
    do {
        buf_clear(out);
        period_put(out, kind, ++no);
    } while (closing_is_closed(t, buf_str(out)));
}

day_t closing_open_from(txn *t) {
    day_t open = DAY_MIN;
    for (AUTO(kv_cursor) c = kv_from(t, TABLE_PERIOD, STR(""), STR_NONE); kv_next(&c);) {
        closing one;
        period_kind kind;
        int32_t no;
        str of_policy;
        if (!closing_decode(c.key, c.val, &one) || one.state != CLOSING_CLOSED) continue;
        if (!closing_parse(one.label, &kind, &no, &of_policy) || kind == PERIOD_ONCE) continue;
        if (period_last(kind, no) >= open) open = period_last(kind, no) + 1;
    }
    return open;
}

bool rebate_period(txn *t, const entry *en, const Entry__Period *m, apply_result *r, err *e) {
    AUTO(buf) b = {0};
    closing before = {.state = CLOSING_OPEN};
    period_kind kind;
    str name, label = str_of(m->period);
    closing_state state = m->close ? CLOSING_CLOSED : CLOSING_OPEN;
    if (!closing_parse(label, &kind, NULL, &name) || strlen(m->reason) > LIMIT_TEXT)
        return err_set(e, ERR_DATA, "period '%.*s': no such period, or its reason has more than %d bytes",
                       STR_ARG(str_take(label, LIMIT_ID)), LIMIT_TEXT);
    (void)closing_get(t, label, &before);
    if (before.state == state)
        return err_set(e, ERR_CONFLICT, "period %.*s is %s already", STR_ARG(label), m->close ? "closed" : "open");
    buf_byte(&b, (char)state);
    buf_be64(&b, en->seq);
    buf_be64(&b, (uint64_t)en->time_ms);
    buf_be32(&b, before.times + (m->close ? 1 : 0));
    buf_text(&b, en->actor);
    buf_text(&b, str_of(m->reason));
    kv_put(t, TABLE_PERIOD, label, buf_str(&b));
    r->number = en->seq;
    return txn_ok(t, e);
}

bool closing_content(uint32_t table, str stored_key, str val, buf *out) {
    closing c;
    if (table != TABLE_PERIOD || !closing_decode(stored_key, val, &c)) return false;
    const str texts[] = {c.label, c.by, c.reason};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) buf_text(out, texts[i]);
    buf_byte(out, (char)c.state);
    return true;
}
