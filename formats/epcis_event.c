/* A tree as an event, and the hash that it is known by. */
#include "formats/epcis_tree.h"

#include "base/calendar.h"
#include "base/num.h"
#include "proto/code.h"
#include "proto/digest.h"
#include "proto/limits.h"
#include <stdio.h>
#include <stdlib.h>

enum { EPCIS_DIGEST = 16 };

typedef struct maker {
    const enode *n;
    arena *a;
    Entry__EpcisEvent *x;
    epcis_fault *why;
    buf lines; /* what the hash is over, each line closed by \n, collected unordered */
} maker;

static bool fault(maker *m, const char *column, str found, const char *wanted, const char *hint) {
    m->why->column = column;
    m->why->found = found;
    m->why->hint = hint;
    (void)str_copy_z(str_of(wanted), m->why->wanted, sizeof m->why->wanted);
    return false;
}

static char *z(maker *m, str s) {
    str kept = s.n ? arena_str(m->a, s) : STR("");
    return (char *)(uintptr_t)(kept.p ? kept.p : "");
}

static void line(maker *m, const char *name, str value) {
    if (value.n) buf_printf(&m->lines, "%s=%.*s\n", name, STR_ARG(value));
}

/* ---- values in one spelling */

static bool urn_or_link(str s) {
    return str_starts(s, STR("urn:epc:")) || str_starts(s, STR("http")) || str_starts(s, STR("(")) ||
           str_starts(s, STR("]"));
}

/* Keys of GS1 canonically, times as milliseconds, numbers without idle zeros, words of the vocabulary bare. */
static void put_value(buf *b, str s) {
    code_read c;
    err none;
    int64_t v;
    s = str_trim(s);
    if (urn_or_link(s) && code_parse(s, &c, &none)) return code_text(&c.key, b);
    if (s.n > 18 && s.p[4] == '-' && s.p[10] == 'T' && time_parse(s, 0, &v)) return buf_printf(b, "%lld", (long long)v);
    if (s.n && s.n < 19 && strchr("-.0123456789", s.p[0]) && str_has(s, STR(".")) && dec_parse(s, 9, &v, NULL))
        return dec_put(b, v, 9, 0);
    buf_add(b, epcis_word(s));
}

static str value_of(maker *m, str s) {
    AUTO(buf) b = {0};
    put_value(&b, s);
    str kept = b.n ? arena_str(m->a, buf_str(&b)) : STR("");
    return kept.p ? kept : STR("");
}

static str first_of(str a, str b) {
    return a.n ? a : b;
}

/* ---- codes */

static bool parse_code(maker *m, const char *column, str s, code_key *out) {
    code_read c;
    err e;
    if (!code_parse(s, &c, &e)) return fault(m, column, s, e.text, "correct the code, the event was left out");
    *out = c.key;
    return true;
}

static bool take_codes(maker *m, const char *list, const char *as, buf *keys, size_t *count) {
    const enode *l = enode_find(m->n, list);
    AUTO(buf) text = {0};
    for (const enode *i = l ? l->first : NULL; i; i = i->next) {
        code_key k;
        str s = first_of(i->text, enode_text(i, "id"));
        if (s.n == 0) continue;
        TRY(parse_code(m, list, s, &k));
        if (++*count > LIMIT_EVENT_CODES || keys->n + k.n + 1 > LIMIT_EVENT_BYTES)
            return fault(m, list, STR(""), "at most 8192 codes in one event", "cut it into several events");
        buf_text(keys, code_str(&k));
        buf_clear(&text);
        code_text(&k, &text);
        line(m, as, buf_str(&text));
    }
    return true;
}

static bool take_quantity(maker *m, const char *list, const char *as, const enode *i, Entry__EpcisQuantity *q) {
    code_key k;
    AUTO(buf) b = {0};
    str quantity = enode_text(i, "quantity");
    entry__epcis_quantity__init(q);
    TRY(parse_code(m, list, enode_text(i, "epcClass"), &k));
    q->code = (ProtobufCBinaryData){k.n, (uint8_t *)(uintptr_t)arena_str(m->a, code_str(&k)).p};
    q->unit = z(m, enode_text(i, "uom"));
    if (quantity.n && !dec_parse(quantity, QUANTITY_SCALE, &q->quantity, NULL))
        return fault(m, list, quantity, "a quantity", "correct the number, the event was left out");
    code_text(&k, &b);
    buf_byte(&b, ' ');
    put_value(&b, quantity);
    buf_printf(&b, " %s", q->unit);
    line(m, as, buf_str(&b));
    return true;
}

static bool take_quantities(maker *m, const char *list, const char *as) {
    const enode *l = enode_find(m->n, list);
    size_t n = 0;
    for (const enode *i = l ? l->first : NULL; i; i = i->next) n++;
    if (n == 0) return true;
    if (n + m->x->n_quantity > LIMIT_ENTRY_ROWS)
        return fault(m, list, STR(""), "at most 4096 quantities in one event", "cut it into several events");
    Entry__EpcisQuantity **q = ARENA_NEW(m->a, Entry__EpcisQuantity *, n + m->x->n_quantity);
    Entry__EpcisQuantity *one = ARENA_NEW(m->a, Entry__EpcisQuantity, n);
    if (q == NULL || one == NULL) return fault(m, list, STR(""), "a smaller event", "cut it into several events");
    if (m->x->n_quantity) memcpy(q, m->x->quantity, m->x->n_quantity * sizeof(Entry__EpcisQuantity *));
    m->x->quantity = q;
    for (const enode *i = l->first; i; i = i->next, one++) {
        TRY(take_quantity(m, list, as, i, one));
        q[m->x->n_quantity++] = one;
    }
    return true;
}

/* ---- parties, places, papers */

static bool take_parties(maker *m, const char *list, const char *item, Entry__EpcisParty ***out, size_t *count) {
    const enode *l = enode_find(m->n, list);
    *out = ARENA_NEW(m->a, Entry__EpcisParty *, LIMIT_EVENT_PARTIES);
    if (*out == NULL) return fault(m, list, STR(""), "a smaller event", "cut it into several events");
    for (const enode *i = l ? l->first : NULL; i; i = i->next) {
        AUTO(buf) b = {0};
        if (*count == LIMIT_EVENT_PARTIES)
            return fault(m, list, STR(""), "at most 32 of them in one event", "cut it into several events");
        Entry__EpcisParty *p = ARENA_NEW(m->a, Entry__EpcisParty, 1);
        if (p == NULL) return fault(m, list, STR(""), "a smaller event", "cut it into several events");
        entry__epcis_party__init(p);
        p->type = z(m, epcis_word(enode_text(i, "type")));
        p->id = z(m, value_of(m, first_of(enode_text(i, item), i->text)));
        buf_printf(&b, "%s %s", p->type, p->id);
        line(m, item, buf_str(&b));
        (*out)[(*count)++] = p;
    }
    return true;
}

static char *take_place(maker *m, const char *name) {
    const enode *n = enode_find(m->n, name);
    str s = n ? value_of(m, first_of(enode_text(n, "id"), n->text)) : STR("");
    line(m, name, s);
    return z(m, s);
}

/* ---- everything else, in an order of its own */

static int by_text(const void *x, const void *y) {
    return str_cmp(*(const str *)x, *(const str *)y);
}

/* The pieces of a text between marks, in order. */
static void put_sorted(str text, char mark, buf *out) {
    AUTO(arena) a = {0};
    size_t n = 0, cap = 0;
    str rest = text, piece, *list = NULL;
    arena_init(&a, SIZE_MAX);
    while (str_split(&rest, mark, &piece)) {
        if (piece.n == 0) continue;
        list = arena_grown(&a, list, n, &cap, sizeof *list);
        list[n++] = piece;
    }
    if (n > 1) qsort(list, n, sizeof *list, by_text);
    for (size_t i = 0; i < n; i++) {
        buf_add(out, list[i]);
        buf_byte(out, mark);
    }
}

/* {namespace}name=value[children], each child by its digest, so that their order does not matter; items of a list without
 * their name. */
static bool put_node(const enode *n, bool item, int depth, buf *out) {
    AUTO(buf) inner = {0};
    AUTO(buf) one = {0};
    uint8_t digest[DIGEST_SIZE];
    if (depth > LIMIT_EPCIS_DEPTH) return false;
    for (const enode *c = n->first; c; c = c->next) {
        if (c->text.n == 0 && c->first == NULL) continue; /* says nothing */
        buf_clear(&one);
        TRY(put_node(c, str_ends(n->name, STR("List")), depth + 1, &one));
        digest_of(buf_str(&one), digest);
        hex_put(&inner, digest, EPCIS_DIGEST);
        buf_byte(&inner, ';');
    }
    if (!item) buf_printf(out, "{%.*s}%.*s", STR_ARG(n->ns), STR_ARG(n->name));
    buf_byte(out, '=');
    put_value(out, n->text);
    buf_byte(out, '[');
    put_sorted(buf_str(&inner), ';', out);
    buf_byte(out, ']');
    return true;
}

static bool take_rest(maker *m) {
    static const char *const known[] = {"type",
                                        "eventTime",
                                        "recordTime",
                                        "eventTimeZoneOffset",
                                        "eventID",
                                        "errorDeclaration",
                                        "action",
                                        "bizStep",
                                        "disposition",
                                        "readPoint",
                                        "bizLocation",
                                        "epcList",
                                        "childEPCs",
                                        "inputEPCList",
                                        "outputEPCList",
                                        "quantityList",
                                        "parentID",
                                        "childQuantityList",
                                        "sourceList",
                                        "inputQuantityList",
                                        "outputQuantityList",
                                        "destinationList",
                                        "bizTransactionList",
                                        "epcClass",
                                        "quantity",
                                        "id"};
    for (const enode *c = m->n->first; c; c = c->next) {
        AUTO(buf) b = {0};
        bool is_known = false;
        for (size_t i = 0; c->ns.n == 0 && i < ARRAY_LEN(known); i++) is_known = is_known || str_is(c->name, known[i]);
        if (is_known || (c->text.n == 0 && c->first == NULL)) continue;
        if (!put_node(c, false, 0, &b)) return fault(m, "event", c->name, "less deeply nested fields", "flatten it");
        uint8_t digest[DIGEST_SIZE];
        AUTO(buf) hex = {0};
        digest_of(buf_str(&b), digest);
        hex_put(&hex, digest, EPCIS_DIGEST);
        line(m, "more", buf_str(&hex));
    }
    return true;
}

static str find_lot(const enode *n, int depth) {
    for (const enode *c = n->first; c && depth < 4; c = c->next) {
        str deeper = str_is(c->name, "lotNumber") ? c->text : find_lot(c, depth + 1);
        if (deeper.n) return deeper;
    }
    return STR("");
}

/* ---- the event */

static bool take_time(maker *m) {
    str time = enode_text(m->n, "eventTime"), zone = enode_text(m->n, "eventTimeZoneOffset");
    int minutes = 0;
    if (zone.n && !zone_parse(zone, &minutes))
        return fault(m, "eventTimeZoneOffset", zone, "an offset like +08:00", "correct it, the event was left out");
    m->x->zone_min = minutes;
    AUTO(buf) here = {0}; /* a time without zone is in the one that stands beside it */
    buf_add(&here, time);
    buf_add(&here, zone);
    bool read = time_parse(time, minutes, &m->x->time_ms) || time_parse(buf_str(&here), 0, &m->x->time_ms);
    if (!read || m->x->time_ms == 0)
        return fault(m, "eventTime", time, "a time like 2026-03-21T10:20:30.000+08:00",
                     "correct it, the event was left out");
    buf_printf(&m->lines, "time=%lld\nzone=%d\n", (long long)m->x->time_ms, minutes);
    return true;
}

static bool take_action(maker *m) {
    static const char *const names[] = {"", "ADD", "OBSERVE", "DELETE"};
    str s = enode_text(m->n, "action");
    for (uint32_t i = 1; i < ARRAY_LEN(names); i++)
        if (str_is(s, names[i])) m->x->action = i;
    bool needs = m->x->type != EPCIS_TRANSFORMATION && m->x->type != EPCIS_QUANTITY;
    if (m->x->action == 0 && (needs || s.n))
        return fault(m, "action", s, "ADD, OBSERVE or DELETE", "correct it, the event was left out");
    line(m, "action", s);
    return true;
}

static bool take_all_codes(maker *m) {
    AUTO(buf) keys = {0};
    code_key k;
    size_t n = 0;
    str parent = enode_text(m->n, "parentID");
    TRY(take_codes(m, "epcList", "epc", &keys, &n) && take_codes(m, "childEPCs", "child", &keys, &n));
    TRY(take_codes(m, "outputEPCList", "output", &keys, &n));
    m->x->code =
        (ProtobufCBinaryData){keys.n, (uint8_t *)(uintptr_t)(keys.n ? arena_str(m->a, buf_str(&keys)).p : NULL)};
    buf_clear(&keys);
    n = 0;
    TRY(take_codes(m, "inputEPCList", "input", &keys, &n)); /* what went into others is in the hash only */
    if (parent.n) {
        AUTO(buf) text = {0};
        TRY(parse_code(m, "parentID", parent, &k));
        m->x->parent = (ProtobufCBinaryData){k.n, (uint8_t *)(uintptr_t)arena_str(m->a, code_str(&k)).p};
        code_text(&k, &text);
        line(m, "parent", buf_str(&text));
    }
    if (m->x->type == EPCIS_AGGREGATION && m->x->action != EPCIS_OBSERVE && parent.n == 0)
        return fault(m, "parentID", parent, "the container",
                     "an AggregationEvent that packs or unpacks names its parentID");
    return take_quantities(m, "quantityList", "quantity") &&
           take_quantities(m, "childQuantityList", "child_quantity") &&
           take_quantities(m, "outputQuantityList", "output_quantity") &&
           take_quantities(m, "inputQuantityList", "input_quantity");
}

static bool take_class(maker *m) {
    if (m->x->type != EPCIS_QUANTITY) return true;
    m->x->quantity = ARENA_NEW(m->a, Entry__EpcisQuantity *, 1);
    Entry__EpcisQuantity *q = ARENA_NEW(m->a, Entry__EpcisQuantity, 1);
    if (m->x->quantity == NULL || q == NULL) return fault(m, "event", STR(""), "a smaller event", "cut it");
    TRY(take_quantity(m, "epcClass", "quantity", m->n, q));
    m->x->quantity[m->x->n_quantity++] = q;
    return true;
}

static bool take_event(maker *m) {
    Entry__EpcisEvent *x = m->x;
    const enode *wrong = enode_find(m->n, "errorDeclaration");
    line(m, "type", str_of(epcis_type_name((epcis_type)x->type)));
    TRY(take_time(m) && take_action(m) && take_all_codes(m) && take_class(m));
    x->id = z(m, enode_text(m->n, "eventID"));
    x->step = z(m, epcis_word(enode_text(m->n, "bizStep")));
    x->disposition = z(m, epcis_word(enode_text(m->n, "disposition")));
    line(m, "step", str_of(x->step));
    line(m, "disposition", str_of(x->disposition));
    x->read_point = take_place(m, "readPoint");
    x->location = take_place(m, "bizLocation");
    TRY(take_parties(m, "sourceList", "source", &x->source, &x->n_source));
    TRY(take_parties(m, "destinationList", "destination", &x->destination, &x->n_destination));
    TRY(take_parties(m, "bizTransactionList", "bizTransaction", &x->transaction, &x->n_transaction));
    const enode *ilmd = enode_find(m->n, "ilmd");
    x->lot = z(m, ilmd ? str_take(find_lot(ilmd, 0), LIMIT_LOT) : STR(""));
    x->error = wrong != NULL;
    x->reason = z(m, wrong ? str_take(epcis_word(enode_text(wrong, "reason")), LIMIT_NAME) : STR(""));
    return take_rest(m);
}

static bool text_ok(maker *m, const char *text) {
    str s = str_of(text);
    if (s.n <= LIMIT_CODE && text_clean(s) && utf8_valid(s)) return true;
    return fault(m, "event", str_take(s, 40), "texts of at most 1024 bytes without control characters", "correct it");
}

static bool parties_ok(maker *m, Entry__EpcisParty *const *list, size_t n) {
    for (size_t i = 0; i < n; i++) TRY(text_ok(m, list[i]->type) && text_ok(m, list[i]->id));
    return true;
}

/* Texts go into the journal: what is no plain text there is no event here. */
static bool texts_ok(maker *m) {
    const Entry__EpcisEvent *x = m->x;
    const char *const texts[] = {x->id, x->step, x->disposition, x->read_point, x->location, x->lot, x->reason};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) TRY(text_ok(m, texts[i]));
    for (size_t i = 0; i < x->n_quantity; i++) TRY(text_ok(m, x->quantity[i]->unit));
    TRY(parties_ok(m, x->source, x->n_source) && parties_ok(m, x->destination, x->n_destination) &&
        parties_ok(m, x->transaction, x->n_transaction));
    if (entry__epcis_event__get_packed_size(x) > 2 * LIMIT_EVENT_BYTES)
        return fault(m, "event", STR(""), "a smaller event", "cut it into several events");
    return true;
}

bool epcis_event_of(const enode *n, arena *a, Entry__EpcisEvent *out, epcis_fault *why) {
    maker m = {.n = n, .a = a, .x = out, .why = why};
    AUTO(buf) lines = {0};
    uint8_t *hash = arena_alloc(a, DIGEST_SIZE);
    bool ok = hash != NULL && take_event(&m) && texts_ok(&m);
    if (ok) put_sorted(buf_str(&m.lines), '\n', &lines);
    if (ok) sha256_of(buf_str(&lines), hash);
    out->hash = (ProtobufCBinaryData){DIGEST_SIZE, hash};
    buf_free(&m.lines);
    return ok;
}
