#include "daemon/replenish/suggestions.h"

#include "daemon/catalog/partner.h"
#include "daemon/catalog/product.h"
#include "daemon/replenish/orders.h"
#include "daemon/store/keys.h"
#include "daemon/store/store.h"
#include "proto/limits.h"

#include <math.h>

/* ---- figures */

enum { FIGURES_VERSION = 1 };

typedef enum field_kind { FIELD_INT, FIELD_REAL, FIELD_LONG } field_kind;
#define AT(kind, member)                                                                                               \
    { kind, offsetof(replenish_suggestion, member) }
/* In the order in which they are stored; new ones at the end, with a new version. */
static const struct {
    field_kind kind;
    size_t at;
} fields[] = {
    AT(FIELD_INT, why),
    AT(FIELD_INT, class),
    AT(FIELD_INT, method),
    AT(FIELD_INT, kind),
    AT(FIELD_INT, service),
    AT(FIELD_INT, today),
    AT(FIELD_INT, lead_n),
    AT(FIELD_REAL, lead_mean),
    AT(FIELD_REAL, lead_sd),
    AT(FIELD_REAL, span),
    AT(FIELD_REAL, target),
    AT(FIELD_REAL, day_mean),
    AT(FIELD_REAL, span_demand),
    AT(FIELD_REAL, span_sd),
    AT(FIELD_REAL, error),
    AT(FIELD_LONG, safety_stock),
    AT(FIELD_LONG, reorder_point),
    AT(FIELD_LONG, order_up_to),
    AT(FIELD_LONG, position.on_hand),
    AT(FIELD_LONG, position.on_order),
    AT(FIELD_LONG, position.in_transit),
    AT(FIELD_LONG, position.back_orders),
    AT(FIELD_LONG, position.reserved),
    AT(FIELD_LONG, position_sum),
    AT(FIELD_LONG, need),
    AT(FIELD_LONG, quantity),
    AT(FIELD_LONG, pack),
};

static int64_t thousandths(double v) {
    if (!(fabs(v) < 1e12)) v = v > 0 ? 1e12 : -1e12;
    return llround(v * 1000);
}

void figures_put(const replenish_suggestion *s, buf *out) {
    buf_byte(out, FIGURES_VERSION);
    buf_byte(out, (char)((s->counted ? 1 : 0) | (s->position.unknown ? 2 : 0) | (s->position.wrong ? 4 : 0)));
    for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
        const void *p = (const char *)s + fields[i].at;
        int number = 0;
        double real = 0;
        int64_t large = 0;
        if (fields[i].kind == FIELD_INT) memcpy(&number, p, sizeof number), large = number;
        else if (fields[i].kind == FIELD_REAL)
            memcpy(&real, p, sizeof real), large = thousandths(real);
        else
            memcpy(&large, p, sizeof large);
        buf_zigzag(out, large);
    }
}
_Static_assert(sizeof(demand_class) == sizeof(int) && sizeof(day_t) == sizeof(int), "fields of one width");

bool figures_read(str bytes, replenish_suggestion *out) {
    reader r = reader_of(bytes);
    *out = (replenish_suggestion){0};
    if (read_byte(&r) != FIGURES_VERSION) return false;
    uint8_t flags = read_byte(&r);
    out->counted = flags & 1;
    out->position.unknown = (flags & 2) != 0;
    out->position.wrong = (flags & 4) != 0;
    for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
        void *p = (char *)out + fields[i].at;
        int64_t v = read_zigzag(&r);
        int number = (int)v;
        double real = (double)v / 1000;
        if (fields[i].kind == FIELD_INT) memcpy(p, &number, sizeof number);
        else if (fields[i].kind == FIELD_REAL)
            memcpy(p, &real, sizeof real);
        else
            memcpy(p, &v, sizeof v);
    }
    return !r.bad;
}

/* ---- records */

static key key_of(uint32_t partner_no, uint32_t product_no) {
    key k = {.n = 0};
    key_u32(&k, partner_no);
    key_u32(&k, product_no);
    return k;
}

bool suggestion_decode(str stored_key, str val, suggestion *out) {
    reader k = reader_of(stored_key), r = reader_of(val);
    *out = (suggestion){.partner = read_be32(&k)};
    out->product = read_be32(&k);
    out->standing.state = (standing_state)read_byte(&r);
    out->entry = read_be64(&r);
    out->order = read_be64(&r);
    out->standing.quantity = (int64_t)read_be64(&r);
    out->standing.silent_until = (day_t)read_be32(&r);
    str *texts[] = {&out->refused, &out->figures, &out->before};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) *texts[i] = read_text(&r);
    return !k.bad && !r.bad && out->standing.state <= STANDING_REFUSED;
}

bool suggestion_get(txn *t, uint32_t partner_no, uint32_t product_no, suggestion *out) {
    key k = key_of(partner_no, product_no);
    str val;
    return kv_get(t, TABLE_SUGGESTION, key_str(&k), &val) && suggestion_decode(key_str(&k), val, out);
}

void suggestion_put(txn *t, const suggestion *s) {
    AUTO(buf) b = {0};
    key k = key_of(s->partner, s->product);
    buf_byte(&b, (char)s->standing.state);
    buf_be64(&b, s->entry);
    buf_be64(&b, s->order);
    buf_be64(&b, (uint64_t)s->standing.quantity);
    buf_be32(&b, (uint32_t)s->standing.silent_until);
    const str texts[] = {s->refused, s->figures, s->before};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) buf_text(&b, texts[i]);
    kv_put(t, TABLE_SUGGESTION, key_str(&k), buf_str(&b));
}

/* ---- apply */

static bool row_ok(txn *t, const Entry__SuggestRow *m, uint32_t *partner_no, uint32_t *product_no, err *e) {
    partner p;
    product x;
    if (!partner_by_id(t, str_of(m->partner), &p))
        return err_set(e, ERR_NOT_FOUND, "partner '%s': unknown", m->partner);
    if (!product_by_sku(t, str_of(m->sku), &x)) return err_set(e, ERR_NOT_FOUND, "product '%s': unknown", m->sku);
    *partner_no = p.no;
    *product_no = x.no;
    return (m->step >= STEP_PROPOSE && m->step <= STEP_WITHDRAW && m->quantity >= 0 && m->quantity <= LIMIT_QUANTITY &&
            m->price >= 0 && m->price <= LIMIT_AMOUNT && m->figures.len <= LIMIT_TEXT) ||
           err_set(e, ERR_DATA, "plan: partner '%s', product '%s': not a suggestion", m->partner, m->sku);
}

static void take_row(txn *t, const entry *en, const Entry__SuggestRow *m, uint32_t partner_no, uint32_t product_no,
                     apply_result *r) {
    AUTO(buf) before = {0};
    suggestion s = {.order = 0}, old = {.entry = 0};
    bool known = suggestion_get(t, partner_no, product_no, &old);
    if (old.entry != m->was) return;
    if (known) buf_add(&before, old.figures);
    uint64_t stands_in = old.standing.state == STANDING_OPEN ? old.order : 0;
    s = (suggestion){.partner = partner_no, .product = product_no, .entry = en->seq, .refused = STR("")};
    s.figures = str_from(m->figures.data, m->figures.len);
    s.before = buf_str(&before);
    if (m->step == STEP_WITHDRAW) {
        if (stands_in) order_standing_drop(t, en, stands_in, product_no);
    } else {
        s.standing = (standing_one){STANDING_OPEN, m->quantity, 0};
        s.order = order_standing_put(t, en, partner_no, product_no, m->quantity, m->priced ? m->price : NUM_NONE);
    }
    suggestion_put(t, &s);
    r->lines++;
}

bool replenish_take(txn *t, const entry *en, const Entry__Suggest *m, apply_result *r, err *e) {
    uint32_t partner_no, product_no;
    for (size_t i = 0; i < m->n_row; i++) TRY(row_ok(t, m->row[i], &partner_no, &product_no, e));
    for (size_t i = 0; i < m->n_row; i++) {
        if (!row_ok(t, m->row[i], &partner_no, &product_no, e)) return false;
        take_row(t, en, m->row[i], partner_no, product_no, r);
    }
    return txn_ok(t, e);
}

bool suggestion_content(txn *t, uint32_t table, str stored_key, str val, buf *out) {
    suggestion s;
    if (table != TABLE_SUGGESTION || !suggestion_decode(stored_key, val, &s)) return false;
    const str texts[] = {partner_id(t, s.partner), product_sku(t, s.product), s.refused, s.figures, s.before};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) buf_text(out, texts[i]);
    buf_byte(out, (char)s.standing.state);
    buf_zigzag(out, s.standing.quantity);
    buf_zigzag(out, s.standing.silent_until);
    return true;
}
