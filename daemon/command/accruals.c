#include "daemon/command/accruals.h"

#include "daemon/catalog/partner.h"
#include "daemon/command/catalog.h"
#include "daemon/command/cells.h"
#include "daemon/command/rebate.h"
#include "daemon/rebate/closing.h"
#include "daemon/store/keys.h"
#include "proto/journal.pb-c.h"
#include "proto/limits.h"

enum { ACCRUE_BYTES = 1 << 30 };

static bool post_rows(const accruing *how, const accrual_rows *rows, arena *a, accrued *out, err *e) {
    for (size_t from = 0, took; from < rows->n; from += took) {
        Entry__Accrual body;
        apply_result r = {.a = a};
        took = accrual_pack(how->t, rows->at + from, rows->n - from, a, &body);
        command_entry what = {KIND_ACCRUAL, how->now_ms, how->actor, &body.base};
        TRY(journal_append(how->t, &what, &r, NULL, e));
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

static bool accrue_one(const accruing *how, books *b, const policy_revision *r, accrued *out, err *e) {
    AUTO(arena) a = {0};
    accrual_rows rows = {.n = 0};
    arena_init(&a, ACCRUE_BYTES);
    return accrual_due(b, r, how->label, &a, &rows, e) && post_rows(how, &rows, &a, out, e);
}

bool accrue_all(const accruing *how, accrued *out, err *e) {
    AUTO(books) b = {0};
    AUTO(buf) name = {0};
    policy_revision r;
    TRY(books_open(how->t, day_at(how->now_ms, how->zone_min), &b, e));
    while (policy_next(how->t, buf_str(&name), &r)) {
        buf_clear(&name);
        buf_add(&name, r.name);
        if (!accrue_one(how, &b, &r, out, e)) return err_wrap(e, "policy '%s'", buf_z(&name));
    }
    return txn_ok(how->t, e);
}

bool accrue_next(const accruing *how, buf *after, bool *any, accrued *out, err *e) {
    AUTO(books) b = {0};
    policy_revision r;
    *any = policy_next(how->t, buf_str(after), &r);
    if (!*any) return txn_ok(how->t, e);
    buf_clear(after);
    buf_add(after, r.name);
    TRY(books_open(how->t, day_at(how->now_ms, how->zone_min), &b, e));
    return accrue_one(how, &b, &r, out, e) || err_wrap(e, "policy '%s'", buf_z(after));
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

bool cmd_rebate_accrue(call *c, err *e) {
    accrued done = {.rows = 0};
    str label = call_option(c, "period");
    if (label.p == NULL) label = STR("");
    else
        TRY(label_ok(c, label, e));
    TRY(authz(c, "write", 0, e));
    TRY(accrue_all(&(accruing){c->t, c->now_ms, c->zone_min, call_actor(c), label}, &done, e));
    json *j = answer_show(c);
    cell_count(j, "rows", done.rows);
    cell_count(j, "late", done.late);
    cell_count(j, "entries", done.entries);
    cell_fen(j, "amount", done.amount);
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
    json_key(j, "revision");
    json_uint(j, a->revision);
    cell_id(j, "entry", a->entry);
    answer_row_end(c);
}

bool cmd_accrual_list(call *c, err *e) {
    static const char *const columns[] = {"partner", "policy",  "period",  "stage", "mechanism", "amount",
                                          "late",    "late_in", "settled", "open",  "revision",  "entry"};
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
