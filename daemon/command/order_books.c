/* Orders against what comes from outside in bulk: the ERP's answers, and documents of goods that name orders. */
#include "daemon/catalog/partner.h"
#include "daemon/command/cells.h"
#include "daemon/command/file_table.h"
#include "daemon/command/orders.h"
#include "daemon/command/problems.h"
#include "daemon/store/keys.h"

#include <inttypes.h>

/* ---- the ERP's answers: a number of its own, or a reason why it does not take the order */

enum { A_ORDER, A_NUMBER, A_REASON, A_COLUMNS };
static const file_column answer_columns[A_COLUMNS] = {
    [A_ORDER] = {"order|订单", true}, [A_NUMBER] = {"number|ERP单号", true}, [A_REASON] = {"reason|原因", false}};

typedef struct answers {
    call *c;
    str file;
    uint64_t changed, unchanged;
    problems p;
} answers;

static bool wrong(answers *w, const file_line *l, size_t at, str found, str wanted, const char *hint) {
    AUTO(buf) name = {0};
    str names = str_of(answer_columns[at].name), first;
    (void)str_split(&names, '|', &first);
    buf_add(&name, first);
    problems_add(&w->p, true, w->file, l->no, buf_z(&name), found, wanted, hint);
    return true;
}

static bool answered_so(const order *o, const Entry__OrderStep *m) {
    if (m->act == ORDER_DO_CANCEL) return o->state == ORDER_CANCELLED;
    return o->state >= ORDER_ACKNOWLEDGED && str_is(o->erp, m->document);
}

static bool take_answer(answers *w, const file_line *l, err *e) {
    Entry__OrderStep m = ENTRY__ORDER_STEP__INIT;
    order o;
    int64_t no = 0;
    bool exact = false;
    err why;
    str of = l->cell[A_ORDER], number = l->cell[A_NUMBER], reason = l->cell[A_REASON];
    if (!dec_parse(str_starts(of, STR("O")) ? str_skip(of, 1) : of, 0, &no, &exact) || !exact || no < 1 ||
        !order_get(w->c->t, (uint64_t)no, &o) || !authz(w->c, "write", o.partner, &why))
        return wrong(w, l, A_ORDER, of, STR("the number of an order"), "order list");
    if (number.n == 0 && reason.n == 0)
        return wrong(w, l, A_NUMBER, number, STR("the ERP's number, or a reason why it is not taken"), "");
    if (number.n > LIMIT_ID) return wrong(w, l, A_NUMBER, number, STR("at most 64 bytes"), "");
    if (reason.n > LIMIT_TEXT) return wrong(w, l, A_REASON, reason, STR("at most 256 bytes"), "");
    m.order = (uint64_t)no;
    m.act = number.n ? ORDER_DO_ACKNOWLEDGE : ORDER_DO_CANCEL;
    m.document = entry_text(w->c, number);
    m.reason = entry_text(w->c, reason);
    if (answered_so(&o, &m)) return w->unchanged++, true;
    if (order_append_step(w->c, &m, call_actor(w->c), &m.order, &why)) return w->changed++, true;
    if (why.code != ERR_CONFLICT) return *e = why, false;
    return wrong(w, l, A_ORDER, of, str_of(why.text), "order show");
}

static bool read_answers(answers *w, file_table *f, const attachment *file, err *e) {
    TRY(file_table_open(f, file, answer_columns, A_COLUMNS, e));
    for (;;) {
        file_line l = {.no = 0};
        if (file_table_next(f, &l, e)) {
            if (l.no == 0) return txn_ok(w->c->t, e);
            TRY(take_answer(w, &l, e));
            continue;
        }
        if (e->code != ERR_DATA || l.no == 0) return false;
        (void)wrong(w, &l, A_ORDER, STR(""), STR("cells under the columns of the first row"), "");
    }
}

bool cmd_order_answers(call *c, err *e) {
    AUTO(file_table) f = {0};
    attachment file = call_file(c, 0);
    answers w = {.c = c, .file = file.name};
    TRY(authz(c, "write", 0, e));
    problems_begin(&w.p);
    bool ok = read_answers(&w, &f, &file, e);
    if (ok) {
        json *j = answer_show(c);
        cell_count(j, "changed", w.changed);
        cell_count(j, "unchanged", w.unchanged);
        problems_answer(&w.p, c, j);
        answer_show_end(c);
    }
    problems_auto(&w.p);
    return ok;
}

/* ---- documents that name orders */

static void put_booked(call *c, const order *o, order_act act, str number, const char *wrong_so) {
    json *j = answer_row(c);
    cell_id(j, "order", o->number);
    cell_text(j, "partner", partner_id(c->t, o->partner));
    cell_text(j, "act", str_of(order_act_name(act)));
    cell_text(j, "number", number);
    cell_text(j, "state", str_of(order_state_name(o->state)));
    cell_text(j, "problem", str_of(wrong_so));
    answer_row_end(c);
}

static bool book_one(call *c, uint64_t number, order_act act, const order_deed *d, err *e) {
    AUTO(buf) said = {0};
    Entry__OrderStep m = ENTRY__ORDER_STEP__INIT;
    order o;
    err why = {.code = ERR_OK};
    if (!order_get(c->t, number, &o)) return txn_ok(c->t, e);
    m.order = number;
    m.act = act;
    m.document = (char *)(uintptr_t)d->number.p;
    TRY(order_deed_lines(c, &o, act, d, &m, &said, e));
    bool ok = m.n_line == 0 || order_append_step(c, &m, call_actor(c), &number, &why);
    if (!ok && why.code != ERR_CONFLICT) return *e = why, false;
    if (!ok) buf_printf(&said, "; %s", why.text);
    if (!order_get(c->t, number, &o)) return txn_ok(c->t, e);
    put_booked(c, &o, act, d->number, said.n ? buf_z(&said) + 2 : "");
    return txn_ok(c->t, e);
}

static bool book(call *c, uint64_t number, order_act act, err *e) {
    order_deed *d;
    order o;
    size_t n;
    if (!order_get(c->t, number, &o) || (act == ORDER_DO_RECEIVE && o.state != ORDER_SHIPPED)) return txn_ok(c->t, e);
    TRY(order_deeds(c, &o, act, &d, &n, e));
    for (size_t i = 0; i < n; i++) TRY(book_one(c, number, act, &d[i], e));
    return true;
}

bool cmd_order_match(call *c, err *e) {
    static const char *const columns[] = {"order", "partner", "act", "number", "state", "problem"};
    uint64_t *number = NULL;
    size_t n = 0, cap = 0;
    uint32_t only;
    key prefix = {.n = 0};
    err unused;
    TRY(option_partner(c, &only, e));
    if (only) key_u32(&prefix, only);
    for (AUTO(kv_cursor) w = kv_from(c->t, TABLE_ORDER, key_str(&prefix), STR_NONE); kv_next(&w);) {
        order o;
        if (!order_decode(w.key, w.val, &o) || !authz(c, "write", o.partner, &unused)) continue;
        if (o.state != ORDER_CONFIRMED && !order_holds(o.state)) continue;
        number = arena_grown(c->a, number, n, &cap, sizeof *number);
        number[n++] = o.number;
    }
    answer_list(c, columns, ARRAY_LEN(columns));
    for (size_t i = 0; i < n; i++) TRY(book(c, number[i], ORDER_DO_SHIP, e) && book(c, number[i], ORDER_DO_RECEIVE, e));
    return txn_ok(c->t, e);
}
