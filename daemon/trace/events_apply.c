/* EPCIS events, applied: what each does to codes and custody, and how that is taken back. */
#include "base/calendar.h"
#include "daemon/catalog/partner.h"
#include "daemon/store/keys.h"
#include "daemon/trace/codes_put.h"
#include "daemon/trace/custody_put.h"
#include "daemon/trace/events.h"
#include "proto/frame.h"

enum {
    IS_SEEN = 1,
    IS_ERROR = 2,
    BY_MANUFACTURER = 4,
    WRITER_BYTES = 64 * 1024 * 1024,
    EVENT_BYTES = 8 * LIMIT_EVENT_BYTES
};

typedef struct doer {
    txn *t;
    code_writer *w;
    const Entry__EpcisEvent *e;
    uint64_t ref;
    bool undo;
    day_t day;
    uint32_t line;
    buf list; /* where its moves stand */
} doer;

static move_kind move_of_step(str step) {
    static const struct {
        const char *step;
        move_kind kind;
    } steps[] = {{"shipping", MOVE_SHIPPED},    {"receiving", MOVE_RECEIVED}, {"accepting", MOVE_RECEIVED},
                 {"retail_selling", MOVE_SOLD}, {"dispensing", MOVE_SOLD},    {"returning", MOVE_SENT_BACK}};
    for (size_t i = 0; i < ARRAY_LEN(steps); i++)
        if (str_is(step, steps[i].step)) return steps[i].kind;
    return MOVE_OBSERVED;
}

static void put_move(doer *d, const code_key *k) {
    custody_move m = {.kind = move_of_step(str_of(d->e->step)), .day = d->day, .ref = d->ref, .line = d->line++};
    code_row r;
    (void)code_get(d->t, k, &r);
    uint32_t home = custody_put(d->t, &r, &m);
    custody_remember(&d->list, home, &m, k);
}

static uint32_t lot_class(doer *d) {
    str lot = str_of(d->e->lot);
    return lot.n && lot.n <= LIMIT_LOT ? code_writer_class(d->w, STR(""), lot) : 0;
}

static void make(doer *d, const code_key *k) {
    code_word said = {.class_no = lot_class(d), .ref = d->ref};
    if (!d->undo) (void)code_writer_say(d->w, k, &said);
}

static void end(doer *d, const code_key *k) {
    code_state s = {CODE_ACT_VOID, d->e->time_ms, d->ref, str_of(d->e->step), STR("epcis")};
    if (d->undo) code_writer_unstate(d->w, k, d->ref);
    else
        code_writer_state(d->w, k, &s);
}

/* Into or out of the parent. */
static void pack(doer *d, const code_key *k, uint32_t parent) {
    code_word said = {.parent = parent,
                      .class_no = lot_class(d),
                      .out = d->e->action == EPCIS_DELETE,
                      .dated = true,
                      .since = d->e->time_ms,
                      .ref = d->ref};
    if (d->undo) code_writer_unsay(d->w, k, d->ref);
    else
        (void)code_writer_say(d->w, k, &said);
}

static void pack_all(doer *d, const code_key *parent_key) {
    code_key k;
    uint32_t parent = code_writer_container(d->w, parent_key);
    bool all = d->e->code.len == 0 && d->e->n_quantity == 0;
    if (d->e->action == EPCIS_DELETE && all) {
        if (d->undo) code_writer_unempty(d->w, parent, d->ref);
        else
            code_writer_emptied(d->w, parent, d->e->time_ms, d->ref);
    }
    for (reader r = reader_of(str_from(d->e->code.data, d->e->code.len)); !reader_done(&r);)
        if (code_key_of(read_text(&r), &k) && !str_eq(code_str(&k), code_str(parent_key))) pack(d, &k, parent);
}

/* A commissioning of very many codes leaves no line for each: that they are known says it. */
static bool leaves_moves(const Entry__EpcisEvent *e) {
    if (e->type == EPCIS_AGGREGATION && e->action != EPCIS_OBSERVE)
        return move_of_step(str_of(e->step)) != MOVE_OBSERVED;
    return true;
}

static void do_codes(doer *d) {
    code_key k;
    for (reader r = reader_of(str_from(d->e->code.data, d->e->code.len)); !reader_done(&r);) {
        if (!code_key_of(read_text(&r), &k)) return;
        bool makes = d->e->action == EPCIS_ADD || d->e->type == EPCIS_TRANSFORMATION;
        if (d->e->type == EPCIS_OBJECT || d->e->type == EPCIS_TRANSFORMATION) {
            if (makes) make(d, &k);
            if (d->e->action == EPCIS_DELETE) end(d, &k);
        }
        if (!d->undo && leaves_moves(d->e)) put_move(d, &k);
    }
}

static void do_event(doer *d) {
    code_key parent;
    bool has_parent = code_key_of(str_from(d->e->parent.data, d->e->parent.len), &parent);
    if (d->undo) custody_take_out(d->t, d->ref);
    if (d->e->type == EPCIS_AGGREGATION && has_parent && d->e->action != EPCIS_OBSERVE) pack_all(d, &parent);
    if (has_parent && !d->undo && leaves_moves(d->e)) put_move(d, &parent);
    do_codes(d);
    for (size_t i = 0; i < d->e->n_quantity; i++) {
        code_key k;
        const ProtobufCBinaryData *b = &d->e->quantity[i]->code;
        bool lot = code_key_of(str_from(b->data, b->len), &k) && code_kind_of(&k) == CODE_LOT;
        if (lot && move_of_step(str_of(d->e->step)) == MOVE_SHIPPED)
            custody_event_lot(d->t, &k, d->ref, d->day, !d->undo);
    }
    if (!d->undo) custody_keep(d->t, d->ref, &d->list);
}

static void run(txn *t, code_writer *w, const trace_event *x, bool undo) {
    doer d = {.t = t, .w = w, .e = x->e, .ref = x->no | CODE_EVENT_REF, .undo = undo};
    d.day = day_at(x->e->time_ms, x->e->zone_min);
    do_event(&d);
    buf_free(&d.list);
}

/* ---- the record */

static void put_event(txn *t, const trace_event *x) {
    AUTO(buf) b = {0};
    key k = {.n = 0};
    buf_be64(&b, x->no);
    buf_byte(&b,
             (char)((x->seen ? IS_SEEN : 0) | (x->error ? IS_ERROR : 0) | (x->by_manufacturer ? BY_MANUFACTURER : 0)));
    buf_text(&b, x->feed);
    message_pack(&b, &x->e->base);
    kv_put(t, TABLE_EVENT, str_from(x->key, EVENT_KEY), buf_str(&b));
    key_u64(&k, x->no);
    kv_put(t, TABLE_EVENT_NO, key_str(&k), str_from(x->key, EVENT_KEY));
}

/* Feeds in the order of their names, each once. */
static void add_feed(trace_event *x, str who, arena *a) {
    AUTO(buf) b = {0};
    str rest = x->feed, one;
    size_t n = 0;
    bool put = who.n == 0;
    if (who.n == 0) x->by_manufacturer = true;
    while (str_split(&rest, ';', &one)) {
        if (one.n == 0) continue;
        int order = str_cmp(one, who);
        if (order == 0) put = true;
        if (order > 0 && !put) buf_printf(&b, "%s%.*s", b.n ? ";" : "", STR_ARG(who)), put = true;
        buf_printf(&b, "%s%.*s", b.n ? ";" : "", STR_ARG(one));
        if (++n == EVENT_FEEDS) return;
    }
    if (!put) buf_printf(&b, "%s%.*s", b.n ? ";" : "", STR_ARG(who));
    x->feed = arena_str(a, buf_str(&b));
}

static bool check(const Entry__EpcisEvent *e, err *e_out) {
    code_key k;
    bool ok = e->hash.len >= EVENT_KEY && e->type >= EPCIS_OBJECT && e->type <= EPCIS_QUANTITY &&
              e->action <= EPCIS_DELETE && e->code.len <= LIMIT_EVENT_BYTES && e->zone_min > -1440 &&
              e->zone_min < 1440;
    size_t n = 0;
    for (reader r = reader_of(str_from(e->code.data, e->code.len)); ok && !reader_done(&r); n++)
        ok = code_key_of(read_text(&r), &k) && n < LIMIT_EVENT_CODES;
    return ok || err_set(e_out, ERR_DATA, "an event that cannot be read");
}

static bool take(txn *t, code_writer *w, const Entry__EpcisEvent *said, str feed, apply_result *r, err *e) {
    AUTO(arena) a = {0};
    uint8_t id[EVENT_KEY];
    trace_event x;
    arena_init(&a, 4 * EVENT_BYTES);
    TRY(check(said, e));
    memcpy(id, said->hash.data, EVENT_KEY);
    bool known = event_by_key(t, id, &a, &x);
    TRY(txn_ok(t, e));
    if (!known) {
        x = (trace_event){.no = store_next(t, "event"), .e = said, .feed = STR("")};
        memcpy(x.key, id, EVENT_KEY);
    }
    bool held = known && event_holds(&x), fresh = said->error ? !x.error : !x.seen;
    str before = x.feed;
    bool maker = x.by_manufacturer;
    if (said->error) x.error = true;
    else
        x.seen = true;
    add_feed(&x, feed, &a);
    if (fresh || !str_eq(before, x.feed) || maker != x.by_manufacturer) put_event(t, &x);
    if (event_holds(&x) != held) run(t, w, &x, held);
    if (fresh) r->number++;
    else
        r->duplicate++;
    return true;
}

bool trace_events(txn *t, const entry *en, const Entry__Events *m, apply_result *r, err *e) {
    AUTO(arena) a = {0};
    AUTO(code_writer) w = {0};
    partner p;
    (void)en;
    arena_init(&a, WRITER_BYTES);
    code_writer_begin(&w, t, &a);
    if (m->partner[0] && !partner_by_id(t, str_of(m->partner), &p))
        return err_set(e, ERR_NOT_FOUND, "unknown partner '%s'", m->partner);
    for (size_t i = 0; i < m->n_event; i++) TRY(take(t, &w, m->event[i], str_of(m->partner), r, e));
    code_writer_flush(&w);
    return txn_ok(t, e);
}
