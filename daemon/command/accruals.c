#include "daemon/command/accruals.h"

#include "daemon/catalog/partner.h"
#include "daemon/catalog/settings.h"
#include "daemon/command/catalog.h"
#include "daemon/command/cells.h"
#include "daemon/command/rebate.h"
#include "daemon/rebate/closing.h"
#include "daemon/store/keys.h"
#include "proto/journal.pb-c.h"
#include "proto/limits.h"

enum { ACCRUE_BYTES = 1 << 30 };

static bool post_rows(txn *t, const accruing *how, const accrual_rows *rows, arena *a, accrued *out, err *e) {
    for (size_t from = 0, took; from < rows->n; from += took) {
        Entry__Accrual body;
        apply_result r = {.a = a};
        took = accrual_pack(t, rows->at + from, rows->n - from, a, &body);
        command_entry what = {KIND_ACCRUAL, how->now_ms, how->actor, &body.base};
        TRY(journal_append(t, &what, &r, NULL, e));
        out->entries++;
    }
    for (size_t i = 0; i < rows->n; i++) {
        AUTO(buf) own = {0};
        closing_label(&own, rows->at[i].at.policy, rows->at[i].at.period);
        out->late += !str_eq(buf_str(&own), rows->at[i].bearer);
        out->amount += rows->at[i].amount;
    }
    out->rows += rows->n;
    return true;
}

static day_t today_of(const accruing *how) {
    return day_at(how->now_ms, how->zone_min);
}

bool accrue_post(txn *t, const accruing *how, const accrual_look *l, accrued *out, err *e) {
    AUTO(arena) a = {0};
    accrual_rows rows = {.n = 0};
    arena_init(&a, ACCRUE_BYTES);
    return accrual_due(t, l, today_of(how), &a, &rows, e) && post_rows(t, how, &rows, &a, out, e);
}

static bool look_one(books *b, const accruing *how, const policy_revision *r, arena *a, accrual_look *out, err *e) {
    return accrual_look_at(b, r, &how->how, a, out, e) ||
           err_wrap(e, "policy '%.*s'", STR_ARG(str_take(r->name, LIMIT_ID)));
}

bool accrue_look(txn *t, const accruing *how, arena *a, accrual_looks *out, err *e) {
    AUTO(books) b = {0};
    policy_revision r;
    TRY(books_open(t, today_of(how), &b, e));
    for (str after = STR(""); policy_next(t, after, &r); after = r.name) {
        out->v = arena_grown(a, out->v, out->n, &out->cap, sizeof *out->v);
        TRY(look_one(&b, how, &r, a, &out->v[out->n++], e));
    }
    return txn_ok(t, e);
}

bool accrue_look_next(txn *t, const accruing *how, buf *after, bool *any, arena *a, accrual_look *out, err *e) {
    AUTO(books) b = {0};
    policy_revision r;
    *any = policy_next(t, buf_str(after), &r);
    if (!*any) return txn_ok(t, e);
    buf_clear(after);
    buf_add(after, r.name);
    return books_open(t, today_of(how), &b, e) && look_one(&b, how, &r, a, out, e);
}

static accruing of_call(call *c, const accrual_how *how) {
    return (accruing){c->now_ms, c->zone_min, call_actor(c), *how};
}

bool accrue_call_look(call *c, const accrual_how *how, err *e) {
    const accruing of = of_call(c, how);
    accrual_looks *l = ARENA_NEW(c->look_a, accrual_looks, 1);
    *l = (accrual_looks){.n = 0};
    c->looked = l;
    return accrue_look(c->t, &of, c->look_a, l, e);
}

bool accrue_call_post(call *c, const accrual_how *how, accrued *out, err *e) {
    const accruing of = of_call(c, how);
    const accrual_looks *l = c->looked;
    for (size_t i = 0; i < l->n; i++) TRY(accrue_post(c->t, &of, &l->v[i], out, e));
    return true;
}

static bool label_ok(const call *c, str label, err *e) {
    period_kind kind;
    str name;
    return closing_parse(label, &kind, NULL, &name) ||
           err_set(e, ERR_USAGE,
                   "%s: wanted a period like 2026-01, 2026-Q1, 2026-H1, 2026 or once/POLICY, found '%.*s'",
                   c->command->name, STR_ARG(str_take(label, LIMIT_ID)));
}

bool period_label(call *c, str *out, err *e) {
    *out = call_arg(c, 0);
    return label_ok(c, *out, e);
}

bool accrue_expected(txn *t) {
    return str_is(setting_text(t, SETTING_ACCRUE_ON), "expected");
}

static bool basis_option(call *c, bool *expected, err *e) {
    str on = call_option(c, "on");
    *expected = on.p ? str_is(on, "expected") : accrue_expected(c->t);
    return on.p == NULL || *expected || str_is(on, "actual") ||
           err_set(e, ERR_USAGE, "--on: wanted actual or expected, found '%.*s'", STR_ARG(str_take(on, 40)));
}

bool cmd_rebate_accrue(call *c, err *e) {
    accrued done = {.rows = 0};
    accrual_how how = {.label = call_option(c, "period")};
    if (how.label.p == NULL) how.label = STR("");
    else
        TRY(label_ok(c, how.label, e));
    TRY(basis_option(c, &how.expected, e) && authz(c, "write", 0, e));
    if (c->looking) return accrue_call_look(c, &how, e);
    TRY(accrue_call_post(c, &how, &done, e));
    json *j = answer_show(c);
    cell_count(j, "rows", done.rows);
    cell_count(j, "late", done.late);
    cell_count(j, "entries", done.entries);
    cell_fen(j, "amount", done.amount);
    cell_text(j, "on", how.expected ? STR("expected") : STR("actual"));
    answer_show_end(c);
    return true;
}

/* ---- accrual list */

/* What other periods bear of the line, and which. */
static int64_t late_of(const accrual *a, buf *bearers) {
    AUTO(buf) own = {0};
    reader r = reader_of(a->parts);
    int64_t amount, late = 0;
    closing_label(&own, a->at.policy, a->at.period);
    for (str bearer; accrual_part(&r, &bearer, &amount);) {
        if (str_eq(bearer, buf_str(&own))) continue;
        if (bearers->n) buf_byte(bearers, ';');
        buf_add(bearers, bearer);
        late += amount;
    }
    return late;
}

static void put_accrual(call *c, const accrual *a) {
    AUTO(buf) bearers = {0};
    json *j = answer_row(c);
    int64_t amount = accrual_posted(a), late = late_of(a, &bearers);
    cell_text(j, "partner", partner_id(c->t, a->at.partner));
    cell_text(j, "policy", a->at.policy);
    cell_text(j, "period", a->at.period);
    cell_text(j, "stage", str_of(policy_stage_name(a->at.stage)));
    cell_text(j, "mechanism", a->at.mechanism);
    cell_fen(j, "amount", amount);
    cell_fen(j, "late", late);
    cell_text(j, "late_in", buf_str(&bearers));
    cell_fen(j, "settled", a->settled);
    cell_fen(j, "open", amount - a->settled);
    cell_text(j, "on", a->expected ? STR("expected") : STR("actual"));
    json_key(j, "revision");
    json_uint(j, a->revision);
    cell_id(j, "entry", a->entry);
    answer_row_end(c);
}

bool cmd_accrual_list(call *c, err *e) {
    static const char *const columns[] = {"partner", "policy",  "period", "stage", "mechanism", "amount", "late",
                                          "late_in", "settled", "open",   "on",    "revision",  "entry"};
    key prefix = {.n = 0};
    uint32_t only;
    err unused;
    str name = call_option(c, "policy"), period = call_option(c, "period");
    TRY(option_partner(c, &only, e));
    if (only) TRY(authz(c, "read", only, e));
    if (name.n > LIMIT_ID) return err_set(e, ERR_USAGE, "--policy: at most %d bytes", LIMIT_ID);
    if (name.p) key_textz(&prefix, name);
    answer_list(c, columns, ARRAY_LEN(columns));
    for (AUTO(kv_cursor) w = kv_from(c->t, TABLE_ACCRUAL, key_str(&prefix), STR_NONE);
         kv_next(&w) && !answer_failed(c);) {
        accrual a;
        if (!accrual_decode(w.key, w.val, &a)) return err_set(e, ERR_INTERNAL, "accrual: a record cannot be decoded");
        if ((only && a.at.partner != only) || (period.p && !str_eq(period, a.at.period))) continue;
        if (authz(c, "read", a.at.partner, &unused)) put_accrual(c, &a);
    }
    return true;
}
