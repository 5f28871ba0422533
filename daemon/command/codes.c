/* Commands about codes: code show, list, check, void, lock, unlock, restore. */
#include "daemon/command/codes.h"

#include "daemon/catalog/partner.h"
#include "daemon/catalog/product.h"
#include "daemon/command/catalog.h"
#include "daemon/command/cells.h"
#include "daemon/ledger/document.h"
#include "daemon/store/keys.h"
#include "daemon/trace/custody.h"
#include "daemon/trace/events.h"
#include <inttypes.h>

enum { SHOWN_CONTENTS = 1000, SCRATCH_BYTES = 64 * 1024 * 1024 };

bool code_of(str spelled, code_read *out, err *e) {
    return code_parse(spelled, out, e) || err_wrap(e, "'%.*s'", STR_ARG(str_take(spelled, 60)));
}

void cell_code(json *j, const char *name, const code_key *k) {
    AUTO(buf) b = {0};
    if (k->n) code_text(k, &b);
    cell_text(j, name, buf_str(&b));
}

void cell_container(call *c, json *j, const char *name, uint32_t no) {
    code_key k = {.n = 0};
    (void)container_key(c->t, no, &k);
    cell_code(j, name, &k);
}

/* By its number; one without by "#" and its id. */
void cell_document(call *c, json *j, const char *name, uint64_t ref) {
    AUTO(arena) a = {0};
    AUTO(buf) b = {0};
    document d;
    trace_event x;
    arena_init(&a, SCRATCH_BYTES);
    if (ref & CODE_EVENT_REF) {
        if (event_get(c->t, ref, &a, &x)) buf_addz(&b, x.e->id);
        if (b.n == 0) buf_printf(&b, "event %" PRIu64, ref & ~CODE_EVENT_REF);
    } else if (ref && document_get(c->t, ref, &a, &d)) {
        buf_add(&b, d.number);
        if (b.n == 0) buf_printf(&b, "#%" PRIu64, ref);
    }
    cell_text(j, name, buf_str(&b));
}

static const char *standing_name(const code_row *r, const code_standing *s) {
    if (s->is_void) return "void";
    if (s->locked) return "locked";
    return r->body.known ? "known" : "unknown";
}

static void put_contents(call *c, json *j, uint32_t no) {
    contents in = container_contents(c->t, no);
    contained x;
    size_t n = 0;
    json_key(j, "contents");
    json_open_array(j);
    while (n < SHOWN_CONTENTS && contents_next(&in, &x)) {
        code_row r;
        if (!code_get(c->t, &x.key, &r) || code_parent_at(c->t, &r.body, c->now_ms) != no) continue;
        code_key to = x.to ? code_at(&x.key, x.to - 1) : (code_key){.n = 0};
        json_open_object(j);
        cell_code(j, "code", &x.key);
        cell_code(j, "to", &to);
        json_end_object(j);
        n++;
    }
    json_end_array(j);
}

static void put_what(call *c, json *j, const custody *x) {
    str sku, batch;
    code_class(c->t, x->class_no, &sku, &batch);
    if (x->product) sku = product_sku(c->t, x->product);
    cell_text(j, "sku", sku);
    cell_text(j, "batch", batch);
}

bool cmd_code_show(call *c, err *e) {
    code_read k;
    custody x;
    AUTO(buf) said = {0};
    AUTO(buf) text = {0};
    TRY(authz(c, "read", 0, e) && code_of(call_arg(c, 0), &k, e));
    custody_at(c->t, &k.key, c->now_ms, 0, c->a, &x);
    uint64_t gtin = code_gtin(&k.key);
    json *j = answer_show(c);
    cell_code(j, "code", &k.key);
    cell_text(j, "kind", str_of(code_kind_name(code_kind_of(&k.key))));
    if (gtin) buf_printf(&text, "%014" PRIu64, gtin);
    cell_text(j, "gtin", buf_str(&text));
    buf_clear(&text);
    code_serial(&k.key, &text);
    cell_text(j, "serial", buf_str(&text));
    cell_text(j, "state", str_of(standing_name(&x.row, &x.standing)));
    cell_code(j, "state_of", &x.standing.by);
    put_what(c, j, &x);
    cell_container(c, j, "container", code_parent_at(c->t, &x.row.body, c->now_ms));
    cell_container(c, j, "outermost", x.outer);
    cell_text(j, "holder", partner_id(c->t, x.holder));
    cell_document(c, j, "moved_by", x.moved);
    code_warn(&said, &k);
    cell_text(j, "warning", buf_str(&said));
    put_contents(c, j, x.row.container);
    answer_show_end(c);
    return txn_ok(c->t, e);
}

/* ---- code check */

bool cmd_code_check(call *c, err *e) {
    static const char *const columns[] = {"given", "code", "kind", "gtin", "serial", "lot", "check_digit", "problem"};
    answer_list(c, columns, ARRAY_LEN(columns));
    for (size_t i = 0; i < call_arg_count(c); i++) {
        code_read k = {.warnings = 0};
        err why = {.code = ERR_OK};
        AUTO(buf) gtin = {0};
        AUTO(buf) serial = {0};
        AUTO(buf) said = {0};
        bool ok = code_parse(call_arg(c, i), &k, &why);
        if (ok) code_warn(&said, &k), code_serial(&k.key, &serial);
        else
            buf_addz(&said, why.text), k.key.n = 0, answer_status(c, STATUS_DIFFERS);
        if (ok && code_gtin(&k.key)) buf_printf(&gtin, "%014" PRIu64, code_gtin(&k.key));
        json *j = answer_row(c);
        cell_text(j, "given", call_arg(c, i));
        cell_code(j, "code", &k.key);
        cell_text(j, "kind", ok ? str_of(code_kind_name(code_kind_of(&k.key))) : STR(""));
        cell_text(j, "gtin", buf_str(&gtin));
        cell_text(j, "serial", buf_str(&serial));
        cell_text(j, "lot", str_of(k.lot));
        cell_text(j, "check_digit",
                  !ok || k.check == 0             ? STR("")
                  : k.warnings & CODE_CHECK_DIGIT ? STR("wrong")
                                                  : STR("right"));
        cell_text(j, "problem", buf_str(&said));
        answer_row_end(c);
    }
    (void)e;
    return true;
}

/* ---- code list */

typedef struct lister {
    call *c;
    str sku, state;
} lister;

static void list_row(lister *l, const code_row *r, const code_key *first, const code_key *to, uint64_t units) {
    call *c = l->c;
    code_standing s;
    str sku, batch;
    code_standing_at(c->t, r, c->now_ms, &s);
    const char *state = standing_name(r, &s);
    if (l->state.p && !str_is(l->state, state)) return;
    code_class(c->t, code_class_at(c->t, r, c->now_ms), &sku, &batch);
    uint32_t no = code_product(c->t, r, c->now_ms);
    if (no) sku = product_sku(c->t, no);
    if (l->sku.p && !str_eq(l->sku, sku)) return;
    json *j = answer_row(c);
    cell_code(j, "code", first);
    cell_code(j, "to", to);
    cell_text(j, "kind", str_of(code_kind_name(code_kind_of(first))));
    cell_count(j, "units", units);
    cell_text(j, "state", str_of(state));
    cell_text(j, "sku", sku);
    cell_text(j, "batch", batch);
    cell_container(c, j, "container", code_parent_at(c->t, &r->body, c->now_ms));
    answer_row_end(c);
}

static void list_one(lister *l, const code_key *k) {
    code_row r;
    (void)code_get(l->c->t, k, &r);
    list_row(l, &r, k, &(code_key){.n = 0}, 1);
}

static void list_range(lister *l, code_row *r) {
    code_key first = code_at(&r->key, r->from), last = code_at(&r->key, r->to);
    r->key = first;
    list_row(l, r, &first, &last, r->to - r->from + 1);
}

static void list_container(lister *l, uint32_t no) {
    contents in = container_contents(l->c->t, no);
    contained x;
    while (!answer_failed(l->c) && contents_next(&in, &x)) {
        code_row r;
        if (!code_get(l->c->t, &x.key, &r) || code_parent_at(l->c->t, &r.body, l->c->now_ms) != no) continue;
        if (x.to) list_range(l, &r);
        else
            list_one(l, &x.key);
    }
}

static void list_all(lister *l) {
    code_row r;
    code_key k;
    for (AUTO(kv_cursor) c = kv_from(l->c->t, TABLE_CODE, STR(""), STR_NONE); kv_next(&c) && !answer_failed(l->c);)
        if (code_key_of(c.key, &k)) list_one(l, &k);
    for (AUTO(kv_cursor) c = kv_from(l->c->t, TABLE_CODE_RANGE, STR(""), STR_NONE);
         kv_next(&c) && !answer_failed(l->c);)
        if (code_range_of(c.key, c.val, &r)) list_range(l, &r);
}

bool cmd_code_list(call *c, err *e) {
    static const char *const columns[] = {"code", "to", "kind", "units", "state", "sku", "batch", "container"};
    lister l = {.c = c, .sku = call_option(c, "sku"), .state = call_option(c, "state")};
    str in = call_option(c, "container");
    code_read k = {.warnings = 0};
    TRY(authz(c, "read", 0, e));
    if (l.state.p && !str_is(l.state, "known") && !str_is(l.state, "void") && !str_is(l.state, "locked") &&
        !str_is(l.state, "unknown"))
        return err_set(e, ERR_USAGE, "--state: known, void, locked or unknown");
    if (in.p) TRY(code_of(in, &k, e));
    answer_list(c, columns, ARRAY_LEN(columns));
    if (in.p) list_container(&l, container_no(c->t, &k.key));
    else
        list_all(&l);
    return txn_ok(c->t, e);
}

/* ---- void, locked */

static bool act(call *c, code_act what, const char *done, err *e) {
    AUTO(buf) keys = {0};
    Entry__CodeState m = ENTRY__CODE_STATE__INIT;
    code_read k;
    str reason = call_option(c, "reason");
    TRY(authz(c, "write", 0, e));
    for (size_t i = 0; i < call_arg_count(c); i++) {
        TRY(code_of(call_arg(c, i), &k, e));
        code_kind kind = code_kind_of(&k.key);
        if (kind == CODE_LOT || kind == CODE_CLASS)
            return err_set(e, ERR_DATA, "'%.*s' names many codes: name units or containers",
                           STR_ARG(str_take(call_arg(c, i), 60)));
        buf_text(&keys, code_str(&k.key));
    }
    m.act = what;
    m.code = (ProtobufCBinaryData){keys.n, (uint8_t *)keys.p};
    m.reason = (char *)(uintptr_t)(reason.n ? arena_str(c->a, str_take(reason, LIMIT_NAME)).p : "");
    TRY(command_append(c, KIND_CODE_STATE, &m.base, e));
    answer_message(c, "%zu code%s %s", call_arg_count(c), call_arg_count(c) == 1 ? "" : "s", done);
    return true;
}

bool cmd_code_void(call *c, err *e) {
    return act(c, CODE_ACT_VOID, "void, with all that lies in them", e);
}

bool cmd_code_lock(call *c, err *e) {
    return act(c, CODE_ACT_LOCK, "locked, with all that lies in them", e);
}

bool cmd_code_unlock(call *c, err *e) {
    return act(c, CODE_ACT_UNLOCK, "unlocked", e);
}

bool cmd_code_restore(call *c, err *e) {
    return act(c, CODE_ACT_RESTORE, "valid again", e);
}
