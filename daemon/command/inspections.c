/* Commands about inspections (稽查): inspection add, list, show, result, cancel. */
#include "daemon/trace/inspections.h"

#include "base/num.h"
#include "daemon/catalog/partner.h"
#include "daemon/catalog/region.h"
#include "daemon/command/cases.h"
#include "daemon/command/catalog.h"
#include "daemon/command/cells.h"
#include "daemon/command/codes.h"
#include "daemon/store/store.h"
#include "proto/limits.h"
#include "proto/scan.h"

#include <inttypes.h>

/* ---- a task */

/* Of a case: its partner, its destination and its goods, unless said otherwise. */
static bool from_case(call *c, Entry__Inspection *m, err *e) {
    AUTO(buf) goods = {0};
    case_head h;
    case_signal *s;
    str id = call_option(c, "case"), *skus;
    if (id.p == NULL) return true;
    TRY(case_of_call(c, id, &h, e));
    m->case_id = entry_text(c, h.id);
    m->partner = entry_text(c, partner_id(c->t, h.partner));
    if (h.destination) m->region = entry_text(c, region_code(c->t, h.destination));
    size_t signals = case_signals(c->t, h.id, c->a, &s), n = case_products(c, s, signals, &skus);
    for (size_t i = 0; i < n && goods.n + skus[i].n < LIMIT_NAME; i++)
        buf_printf(&goods, "%s%.*s", i ? ";" : "", STR_ARG(skus[i]));
    m->products = entry_text(c, buf_str(&goods));
    return true;
}

static bool read_task(call *c, Entry__Inspection *m, err *e) {
    str region = call_option(c, "region"), partner_text = call_option(c, "partner"),
        products = call_option(c, "products");
    day_t today = day_at(c->now_ms, c->zone_min);
    uint32_t no;
    TRY(from_case(c, m, e));
    if (region.p && !resolve_region(c->t, 0, region, today, &no))
        return err_set(e, ERR_NOT_FOUND, "--region '%.*s': unknown", STR_ARG(str_take(region, 60)));
    if (region.p) m->region = entry_text(c, region_code(c->t, no));
    if (m->region[0] == '\0') return err_set(e, ERR_USAGE, "inspection add: --region, or --case that has one");
    if (partner_text.p) m->partner = entry_text(c, partner_text);
    if (products.p) m->products = entry_text(c, products);
    m->person = entry_text(c, call_option(c, "person"));
    m->place = entry_text(c, call_option(c, "place"));
    TRY(call_day(c, "due", today, &m->due, e));
    return m->due >= today || err_set(e, ERR_USAGE, "--due: a day that is not over");
}

bool cmd_inspection_add(call *c, err *e) {
    Entry__Inspection m = ENTRY__INSPECTION__INIT;
    apply_result r = {.a = c->a};
    m.act = INSPECTION_OPEN;
    TRY(read_task(c, &m, e));
    command_entry what = {KIND_INSPECTION, c->now_ms, call_actor(c), &m.base};
    TRY(journal_append(c->t, &what, &r, NULL, e));
    answer_message(c, "inspection %" PRIu64 ": %s goes to %s", r.number, m.person, m.region);
    return true;
}

/* ---- reading */

static bool inspection_of_call(call *c, inspection *out, err *e) {
    int64_t number = 0;
    str s = call_arg(c, 0);
    bool ok = dec_parse(s, 0, &number, NULL) && number > 0;
    if (ok && inspection_get(c->t, (uint64_t)number, out)) return true;
    return err_set(e, ERR_NOT_FOUND, "no inspection '%.*s' (inspection list)", STR_ARG(str_take(s, 40)));
}

static void put_inspection(call *c, json *j, const inspection *x) {
    day_t today = day_at(c->now_ms, c->zone_min);
    cell_id(j, "id", x->number);
    cell_text(j, "state", str_of(inspection_state_name(x->state)));
    cell_text(j, "person", x->person);
    cell_text(j, "region", region_code(c->t, x->region));
    cell_text(j, "place", x->place);
    cell_text(j, "products", x->products);
    put_day_cell(j, "due", x->due);
    json_key(j, "overdue");
    json_bool(j, x->state == INSPECTION_OPEN && today > x->due);
    cell_text(j, "case", x->case_id);
    cell_text(j, "partner", partner_id(c->t, x->partner));
    cell_text(j, "by", x->by);
    cell_time(j, "time", x->time_ms, c->zone_min);
    if (x->done) cell_time(j, "done", x->done_ms, c->zone_min);
    else
        cell_text(j, "done", STR_NONE);
    cell_text(j, "result", x->result);
    cell_text(j, "codes", x->codes);
    cell_count(j, "files", x->papers);
}

bool cmd_inspection_list(call *c, err *e) {
    static const char *const columns[] = {"id",   "state",   "person", "region",  "place", "products",
                                          "due",  "overdue", "case",   "partner", "by",    "time",
                                          "done", "result",  "codes",  "files"};
    str state = call_option(c, "state"), of = call_option(c, "case");
    inspection_state wanted = INSPECTION_OPEN;
    if (state.p && !inspection_state_parse(state, &wanted))
        return err_set(e, ERR_USAGE, "--state: open, found, not_found or cancelled");
    answer_list(c, columns, ARRAY_LEN(columns));
    for (AUTO(kv_cursor) w = kv_from(c->t, TABLE_INSPECTION, STR(""), STR_NONE); kv_next(&w) && !answer_failed(c);) {
        inspection x;
        if (w.key.n != 8 || !inspection_decode(get_be64(w.key.p), w.val, &x)) continue;
        if ((state.p && x.state != wanted) || (of.p && !str_eq(x.case_id, of))) continue;
        if (call_flag(c, "mine") && !str_eq(x.person, c->who.name)) continue;
        put_inspection(c, answer_row(c), &x);
        answer_row_end(c);
    }
    return txn_ok(c->t, e);
}

bool cmd_inspection_show(call *c, err *e) {
    inspection x;
    TRY(inspection_of_call(c, &x, e));
    json *j = answer_show(c);
    put_inspection(c, j, &x);
    answer_show_end(c);
    return true;
}

/* ---- what came of it */

/* The case learns of it: a search in vain speaks for the accused. */
static bool tell_case(call *c, const inspection *x, bool found, str text, err *e) {
    AUTO(buf) told = {0};
    case_head h;
    if (x->case_id.n == 0 || !case_get(c->t, x->case_id, &h)) return txn_ok(c->t, e);
    case_keep(&h, c->a);
    Entry__CaseStep m = case_step_body(&h, DO_INSPECT);
    buf_printf(&told, "inspection %" PRIu64 ": %s%s%.*s", x->number, found ? "found" : "nothing was found",
               text.n ? ", " : "", STR_ARG(text));
    m.told = entry_text(c, str_take(buf_str(&told), LIMIT_CASE_TEXT));
    m.not_found = !found;
    return command_append(c, KIND_CASE_STEP, &m.base, e);
}

/* The codes that were read there are sightings like any other, of kind inspector. */
static bool note_codes(call *c, const inspection *x, char *const *code, size_t n, err *e) {
    AUTO(buf) file = {0};
    Entry__Scans m = ENTRY__SCANS__INIT;
    apply_result r = {.a = c->a};
    Entry__Scan *scan = ARENA_NEW(c->a, Entry__Scan, n + 1);
    m.scan = ARENA_NEW(c->a, Entry__Scan *, n + 1);
    ASSERT(scan != NULL && m.scan != NULL);
    if (n == 0) return true;
    for (size_t i = 0; i < n; i++) {
        code_read k;
        TRY(code_of(str_of(code[i]), &k, e));
        entry__scan__init(&scan[i]);
        scan[i].time_ms = c->now_ms;
        scan[i].code = (ProtobufCBinaryData){k.key.n, (uint8_t *)entry_text(c, code_str(&k.key))};
        scan[i].kind = SCAN_INSPECTOR;
        scan[i].region = entry_text(c, region_code(c->t, x->region));
        scan[i].place = entry_text(c, x->place);
        scan[i].price = NUM_NONE;
        m.scan[m.n_scan++] = &scan[i];
    }
    buf_printf(&file, "inspection %" PRIu64, x->number);
    m.file = entry_text(c, buf_str(&file));
    command_entry what = {KIND_SCANS, c->now_ms, call_actor(c), &m.base};
    return journal_append(c->t, &what, &r, NULL, e);
}

bool cmd_inspection_result(call *c, err *e) {
    inspection x;
    Entry__Inspection m = ENTRY__INSPECTION__INIT;
    bool found = call_flag(c, "found");
    if (found == call_flag(c, "not-found")) return err_set(e, ERR_USAGE, "inspection result: --found or --not-found");
    TRY(inspection_of_call(c, &x, e));
    bool whose = str_eq(x.person, c->who.name) || c->who.role & (ROLE_ADMIN | ROLE_CHANNEL_MANAGER);
    if (!whose) return err_set(e, ERR_DENIED, "inspection %" PRIu64 " is %.*s's to do", x.number, STR_ARG(x.person));
    x.case_id = arena_str(c->a, x.case_id);
    x.place = arena_str(c->a, x.place);
    m.number = x.number;
    m.act = found ? INSPECTION_FOUND : INSPECTION_NOT_FOUND;
    TRY(case_text(c, "text", false, &m.text, e) && case_codes(c, &m.code, &m.n_code, e) &&
        case_papers(c, &m.paper, &m.n_paper, e));
    TRY(command_append(c, KIND_INSPECTION, &m.base, e) && note_codes(c, &x, m.code, m.n_code, e));
    TRY(tell_case(c, &x, found, str_of(m.text), e));
    answer_message(c, "inspection %" PRIu64 ": %s", x.number, found ? "found" : "not found");
    return true;
}

bool cmd_inspection_cancel(call *c, err *e) {
    inspection x;
    Entry__Inspection m = ENTRY__INSPECTION__INIT;
    TRY(inspection_of_call(c, &x, e));
    m.number = x.number;
    m.act = INSPECTION_CANCELLED;
    TRY(case_text(c, "reason", false, &m.text, e) && command_append(c, KIND_INSPECTION, &m.base, e));
    answer_message(c, "inspection %" PRIu64 ": cancelled", m.number);
    return true;
}
