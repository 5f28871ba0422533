/* Commands about signals and the rules that find them: signal list, rules, set, try. */
#include "daemon/catalog/partner.h"
#include "daemon/catalog/product.h"
#include "daemon/catalog/region.h"
#include "daemon/command/catalog.h"
#include "daemon/command/cells.h"
#include "daemon/command/judging.h"
#include "daemon/store/store.h"
#include "daemon/trace/case_row.h"
#include "daemon/trace/tuning.h"
#include "proto/limits.h"

#include <inttypes.h>

/* ---- list */

static void put_signal(call *c, const case_signal *s) {
    AUTO(buf) id = {0};
    json *j = answer_row(c);
    buf_printf(&id, "%016" PRIx64, s->key);
    cell_text(j, "id", buf_str(&id));
    cell_text(j, "kind", s->kind);
    cell_text(j, "partner", partner_id(c->t, s->partner));
    cell_text(j, "sku", s->product ? product_sku(c->t, s->product) : STR_NONE);
    cell_text(j, "destination", region_code(c->t, s->destination));
    cell_time(j, "time", s->time, c->zone_min);
    cell_time(j, "since", s->since, c->zone_min);
    json_key(j, "strength");
    json_dec(j, s->strength, 1, 1);
    cell_quantity(j, "quantity", s->quantity);
    cell_text(j, "case", s->of);
    cell_text(j, "evidence", evidence_line(s->evidence, c->a));
    answer_row_end(c);
}

bool cmd_signal_list(call *c, err *e) {
    static const char *const columns[] = {"id",    "kind",     "partner",  "sku",  "destination", "time",
                                          "since", "strength", "quantity", "case", "evidence"};
    str kind = call_option(c, "kind"), of = call_option(c, "case");
    uint32_t only;
    day_t from, to;
    trace_kind known;
    err unused;
    TRY(option_partner(c, &only, e));
    if (kind.p && !trace_kind_parse(kind, &known))
        return err_set(e, ERR_USAGE, "--kind: no kind of signal '%.*s' (signal rules)", STR_ARG(str_take(kind, 40)));
    TRY(call_day(c, "from", DAY_MIN, &from, e) && call_day(c, "to", DAY_MAX, &to, e));
    answer_list(c, columns, ARRAY_LEN(columns));
    for (AUTO(kv_cursor) w = kv_from(c->t, TABLE_SIGNAL, STR(""), STR_NONE); kv_next(&w) && !answer_failed(c);) {
        case_signal s;
        if (w.key.n != 8 || !signal_decode(get_be64(w.key.p), w.val, &s)) continue;
        day_t day = day_at(s.time, c->zone_min);
        if ((only && s.partner != only) || (kind.p && !str_eq(kind, s.kind)) || day < from || day > to) continue;
        if ((of.p && !str_eq(of, s.of)) || (call_flag(c, "loose") && s.of.n)) continue;
        if (authz(c, "read", s.partner, &unused)) put_signal(c, &s);
    }
    return txn_ok(c->t, e);
}

/* ---- rules */

bool cmd_signal_rules(call *c, err *e) {
    static const char *const columns[] = {"rule", "value", "preset", "least", "most", "help", "set_by"};
    trace_rules r;
    (void)e;
    tuning_load(c->t, &r);
    answer_list(c, columns, ARRAY_LEN(columns));
    for (size_t i = 0; i < trace_setting_count && !answer_failed(c); i++) {
        const trace_setting *s = &trace_settings[i];
        uint64_t entry_no = tuning_entry(c->t, s->name);
        entry en;
        json *j = answer_row(c);
        cell_text(j, "rule", str_of(s->name));
        json_key(j, "value"), json_int(j, trace_rules_get(&r, s));
        json_key(j, "preset"), json_int(j, s->preset);
        json_key(j, "least"), json_int(j, s->least);
        json_key(j, "most"), json_int(j, s->most);
        cell_text(j, "help", str_of(s->help));
        cell_text(j, "set_by", entry_no && journal_get(c->t, entry_no, &en) ? en.actor : STR_NONE);
        answer_row_end(c);
    }
    return true;
}

static bool try_value(str name, str value, err *e) {
    trace_rules r;
    trace_rules_default(&r);
    return trace_rules_set(&r, name, value, e);
}

bool cmd_signal_set(call *c, err *e) {
    Entry__TraceRule m = ENTRY__TRACE_RULE__INIT;
    str name = call_arg(c, 0), value = call_arg(c, 1), reason = call_option(c, "reason");
    bool preset = str_is(value, "preset");
    if (str_is(value, "on")) value = STR("1");
    if (str_is(value, "off")) value = STR("0");
    TRY(authz(c, "write", 0, e));
    if (!preset) TRY(try_value(name, value, e));
    if (reason.n > LIMIT_TEXT) return err_set(e, ERR_USAGE, "--reason: at most %d bytes", LIMIT_TEXT);
    m.name = (char *)(uintptr_t)arena_str(c->a, name).p;
    m.value = (char *)(uintptr_t)(preset ? "" : arena_str(c->a, value).p);
    m.reason = (char *)(uintptr_t)(reason.n ? arena_str(c->a, reason).p : "");
    TRY(command_append(c, KIND_TRACE_RULE, &m.base, e));
    answer_message(c, "%s: %s", m.name, preset ? "its preset" : m.value);
    return true;
}

/* ---- try: other rules, on the books as they are */

static bool read_rules(call *c, trace_rules *r, err *e) {
    str list = call_option(c, "rule"), piece;
    tuning_load(c->t, r);
    while (list.p && str_split(&list, ',', &piece)) {
        size_t at = str_find(piece, STR("="));
        if (at == SIZE_MAX)
            return err_set(e, ERR_USAGE, "--rule: wanted rule=value,rule=value, found '%.*s'",
                           STR_ARG(str_take(piece, 60)));
        TRY(trace_rules_set(r, str_trim(str_take(piece, at)), str_trim(str_skip(piece, at + 1)), e));
    }
    return true;
}

static void put_tried(call *c, const judged *g, const trace_case *x) {
    AUTO(buf) region = {0};
    case_row_signal *s = ARENA_NEW(c->a, case_row_signal, x->signals + 1);
    str *skus = ARENA_NEW(c->a, str, x->products + 1);
    ASSERT(s != NULL && skus != NULL);
    for (size_t i = 0; i < x->products; i++) skus[i] = g->feed.world.product[x->product[i]].sku;
    for (size_t i = 0; i < x->signals; i++) {
        const trace_signal *t = &g->result.signal[x->signal[i]];
        s[i] = (case_row_signal){trace_kind_name(t->kind), t->time, evidence_line(judged_evidence(t, c->a), c->a)};
    }
    if (x->destination) buf_printf(&region, "%06d", (int)x->destination);
    case_row row = {.id = x->id,
                    .partner = g->feed.world.partner[x->partner].id,
                    .destination = buf_str(&region),
                    .state = STR("alert"),
                    .skus = skus,
                    .sku_count = x->products,
                    .score = x->score,
                    .opened_ms = x->opened,
                    .first_event_ms = x->first_event,
                    .quantity = x->quantity,
                    .signal = s,
                    .signals = x->signals};
    case_row_put(answer_row(c), &row, c->zone_min);
    answer_row_end(c);
}

bool cmd_signal_try(call *c, err *e) {
    AUTO(judged) g = {.cases = {.n = 0}};
    trace_rules r;
    day_t from, to, today = day_at(c->now_ms, c->zone_min);
    err unused;
    TRY(call_day(c, "from", DAY_MIN, &from, e) && call_day(c, "to", today, &to, e));
    if (from > to) return err_set(e, ERR_USAGE, "--from lies after --to");
    TRY(read_rules(c, &r, e) && judge_books(c->t, &r, to, NULL, 0, &g, e));
    answer_list(c, case_row_columns, case_row_column_count);
    for (size_t i = 0; i < g.cases.n && !answer_failed(c); i++) {
        const trace_case *x = &g.cases.one[i];
        day_t opened = day_at(x->opened, c->zone_min);
        if (opened < from || opened > to) continue;
        if (authz(c, "read", g.feed.partner_no[x->partner], &unused)) put_tried(c, &g, x);
    }
    return true;
}
