/* Commands about declared cross-region sales (异地报备): exemption request, approve, refuse, list, import. */
#include "daemon/catalog/cell.h"
#include "daemon/catalog/columns.h"
#include "daemon/catalog/exemption.h"
#include "daemon/catalog/partner.h"
#include "daemon/catalog/region.h"
#include "daemon/catalog/rows.h"
#include "daemon/command/cases.h"
#include "daemon/command/catalog.h"
#include "daemon/command/cells.h"
#include "daemon/command/period.h"
#include "daemon/ledger/exempted.h"
#include "proto/journal.pb-c.h"
#include "proto/limits.h"

#include <inttypes.h>

enum { ROWS_AT_ONCE = 256 };

/* ---- asking */

/* A penalty may have taken the right away for a while. */
static bool not_lost(call *c, uint32_t partner_no, err *e) {
    AUTO(buf) day = {0};
    day_t first, last = case_no_exemptions(c->t, partner_no, &first);
    if (last < day_at(c->now_ms, c->zone_min)) return true;
    day_put(&day, last);
    return err_set(e, ERR_CONFLICT, "exemptions: '%.*s' has none until %s, by the penalty of a case",
                   STR_ARG(partner_id(c->t, partner_no)), buf_z(&day));
}

static bool fill_request(call *c, str *cells, import *in, err *e) {
    static const struct {
        const char *option;
        size_t column;
    } of_option[] = {
        {"products", EXEMPTION_PRODUCTS},   {"from", EXEMPTION_FROM},         {"to", EXEMPTION_TO},
        {"reference", EXEMPTION_REFERENCE}, {"customer", EXEMPTION_CUSTOMER}, {"quantity", EXEMPTION_QUANTITY},
        {"reason", EXEMPTION_REASON}};
    uint32_t partner_no = 0;
    TRY(option_partner(c, &partner_no, e));
    if (partner_no == 0) return err_set(e, ERR_USAGE, "exemption request: --partner says whose it is");
    TRY(authz(c, "write", partner_no, e) && not_lost(c, partner_no, e));
    for (size_t i = 0; i < ARRAY_LEN(of_option); i++) {
        str value = call_option(c, of_option[i].option);
        if (value.p) cells[of_option[i].column] = value;
    }
    for (size_t i = 0; i < catalog_tables[CATALOG_EXEMPTION].column_count; i++) in->given[i] = true;
    cells[EXEMPTION_PARTNER] = arena_str(c->a, partner_id(c->t, partner_no));
    cells[EXEMPTION_REGION] = call_arg(c, 0);
    cells[EXEMPTION_DECISION] = STR("requested");
    return true;
}

/* Who states no reference of its own gets one: the number of the entry. */
static str next_reference(call *c) {
    AUTO(buf) b = {0};
    uint64_t seq;
    int64_t time_ms;
    uint8_t hash[DIGEST_SIZE];
    journal_head(c->t, &seq, &time_ms, hash);
    buf_printf(&b, "Q%" PRIu64, seq + 1);
    return arena_str(c->a, buf_str(&b));
}

/* What is granted is not asked for again: its row would lose the grant. */
static bool not_granted(call *c, const str *cells, err *e) {
    str canonical[CATALOG_COLUMNS_MAX], key_cells[CATALOG_COLUMNS_MAX], wanted;
    uint32_t region = 0;
    catalog_row row;
    exemption x;
    for (size_t i = 0; i < catalog_tables[CATALOG_EXEMPTION].column_count; i++) {
        canonical[i] = str_trim(cells[i]);
        const catalog_column *column = &catalog_tables[CATALOG_EXEMPTION].columns[i];
        if (canonical[i].n && !cell_canonical(column, canonical[i], c->a, &canonical[i], &wanted)) return true;
    }
    if (!region_find(c->t, canonical[EXEMPTION_REGION], 0, day_at(c->now_ms, c->zone_min), &region)) return true;
    canonical[EXEMPTION_REGION] = region_code(c->t, region);
    catalog_key_cells(CATALOG_EXEMPTION, canonical, key_cells);
    if (!catalog_key_fits(CATALOG_EXEMPTION, key_cells, catalog_key_count(CATALOG_EXEMPTION))) return true;
    if (!catalog_get(c->t, CATALOG_EXEMPTION, key_cells, &row) || row.flags & ROW_ENDED) return true;
    exemption_read(c->t, &row, &x);
    return x.state != EXEMPTION_GRANTED ||
           err_set(e, ERR_CONFLICT, "exemption '%.*s' is granted already", STR_ARG(x.reference));
}

bool cmd_exemption_request(call *c, err *e) {
    AUTO(import) in = {.table = CATALOG_EXEMPTION};
    take_how how = {.name = "exemption", .source = STR("request"), .quiet = true};
    str *cells = import_row(&in, 0);
    TRY(fill_request(c, cells, &in, e));
    if (cells[EXEMPTION_REFERENCE].n == 0) cells[EXEMPTION_REFERENCE] = next_reference(c);
    TRY(not_granted(c, cells, e) && catalog_take(c, &in, 1, &how, c->a, e));
    answer_message(c, "exemption '%.*s' of %.*s: asked for", STR_ARG(cells[EXEMPTION_REFERENCE]),
                   STR_ARG(cells[EXEMPTION_PARTNER]));
    return true;
}

/* ---- deciding */

static void add_row(import *in, const catalog_row *row, const char *state, str reason, arena *a) {
    str *cells = import_row(in, 0);
    for (size_t i = 0; i < catalog_tables[CATALOG_EXEMPTION].column_count; i++)
        cells[i] = row->cell[i].n ? arena_str(a, row->cell[i]) : STR("");
    cells[EXEMPTION_DECISION] = str_of(state);
    if (reason.n) cells[EXEMPTION_REASON] = reason;
}

/* Every row that bears the reference and waits for this decision. */
static bool pick_rows(call *c, str id, str reference, bool grant, import *in, err *e) {
    catalog_row row;
    exemption x;
    bool any = false;
    AUTO(catalog_walk) w = catalog_rows(c->t, CATALOG_EXEMPTION, &id, 1);
    while (catalog_next(&w, &row)) {
        exemption_read(c->t, &row, &x);
        if (!str_eq(x.reference, reference)) continue;
        any = true;
        bool decided = x.state == EXEMPTION_GRANTED || (!grant && x.state == EXEMPTION_REFUSED);
        if (decided) continue;
        if (in->rows == ROWS_AT_ONCE) return err_set(e, ERR_DATA, "at most %d rows of one reference", ROWS_AT_ONCE);
        add_row(in, &row, grant ? "granted" : "refused", call_option(c, "reason"), c->a);
    }
    if (!any)
        return err_set(e, ERR_NOT_FOUND, "exemption '%.*s' of '%.*s': unknown", STR_ARG(str_take(reference, LIMIT_ID)),
                       STR_ARG(str_take(id, LIMIT_ID)));
    return in->rows > 0 || err_set(e, ERR_CONFLICT, "exemption '%.*s': decided already", STR_ARG(reference));
}

static bool tell(call *c, str id, str reference, bool grant, err *e) {
    AUTO(buf) zh = {0};
    AUTO(buf) en = {0};
    Entry__Notice n = ENTRY__NOTICE__INIT, *list[] = {&n};
    Entry__Notices body = ENTRY__NOTICES__INIT;
    str reason = call_option(c, "reason");
    buf_printf(&zh, "异地报备 %.*s %s", STR_ARG(reference), grant ? "已批准" : "未批准");
    buf_printf(&en, "Declared cross-region sale %.*s: %s", STR_ARG(reference), grant ? "granted" : "not granted");
    if (reason.n) buf_printf(&zh, "：%.*s", STR_ARG(reason)), buf_printf(&en, ": %.*s", STR_ARG(reason));
    n.partner = (char *)(uintptr_t)arena_str(c->a, id).p;
    n.kind = (char *)(uintptr_t) "exemption";
    n.subject = (char *)(uintptr_t)arena_str(c->a, reference).p;
    n.day = day_at(c->now_ms, c->zone_min);
    n.zh = (char *)(uintptr_t)buf_z(&zh);
    n.en = (char *)(uintptr_t)buf_z(&en);
    body.notice = list;
    body.n_notice = 1;
    return command_append(c, KIND_NOTICE, &body.base, e);
}

/* Cases that the new grants cover; those that rest on more than one can see here are looked at by the next judgement. */
static bool cover_cases(call *c, size_t *n, err *e) {
    return cases_cover(c->t, c->now_ms, call_actor(c), c->a, n, e);
}

static bool decide(call *c, bool grant, err *e) {
    AUTO(import) in = {.table = CATALOG_EXEMPTION};
    size_t covered = 0;
    take_how how = {.name = "exemption", .source = STR("decision"), .quiet = true};
    str id = call_arg(c, 0), reference = call_arg(c, 1), reason = call_option(c, "reason");
    if (reason.n > LIMIT_NAME || (!grant && reason.n == 0))
        return err_set(e, ERR_USAGE, "--reason: say why, in at most %d bytes", LIMIT_NAME);
    for (size_t i = 0; i < catalog_tables[CATALOG_EXEMPTION].column_count; i++) in.given[i] = true;
    partner whose;
    if (grant && partner_by_id(c->t, id, &whose)) TRY(not_lost(c, whose.no, e));
    TRY(pick_rows(c, id, reference, grant, &in, e) && catalog_take(c, &in, 1, &how, c->a, e));
    TRY(tell(c, id, reference, grant, e));
    if (grant) TRY(cover_cases(c, &covered, e));
    answer_message(c, "exemption '%.*s' of %.*s: %s", STR_ARG(reference), STR_ARG(id), grant ? "granted" : "refused");
    if (covered) answer_message(c, "; %zu cases dismissed", covered);
    return true;
}

bool cmd_exemption_approve(call *c, err *e) {
    return decide(c, true, e);
}

bool cmd_exemption_refuse(call *c, err *e) {
    return decide(c, false, e);
}

/* A file of exemptions is a file of grants unless it says otherwise. */
bool cmd_exemption_import(call *c, err *e) {
    AUTO(arena) a = {0};
    AUTO(import) in = {.rows = 0};
    attachment file = call_file(c, 0);
    take_how how = {.name = "exemption", .source = file.name};
    arena_init(&a, IMPORT_BYTES);
    TRY(import_read(CATALOG_EXEMPTION, &file, &a, &in, e));
    size_t columns = catalog_tables[CATALOG_EXEMPTION].column_count;
    for (size_t i = 0; !in.given[EXEMPTION_DECISION] && i < in.rows; i++)
        in.cells[i * columns + EXEMPTION_DECISION] = STR("granted");
    in.given[EXEMPTION_DECISION] = true;
    size_t covered;
    return catalog_take(c, &in, 1, &how, &a, e) && cover_cases(c, &covered, e);
}

/* ---- looking */

static void put_exemption(call *c, facts *f, const exemption *x) {
    uint64_t lines;
    int64_t used = exempted_quantity(f, x, &lines), left = NUM_NONE;
    day_t today = day_at(c->now_ms, c->zone_min);
    const char *state = exemption_state_name(x->state);
    if (x->state == EXEMPTION_GRANTED && today > x->to) state = "lapsed";
    if (x->quantity != NUM_NONE) left = used < x->quantity ? x->quantity - used : 0;
    json *j = answer_row(c);
    cell_text(j, "partner", x->partner);
    cell_text(j, "region", region_code(c->t, x->region));
    cell_text(j, "products", x->products);
    put_day_cell(j, "from", x->from);
    put_day_cell(j, "to", x->to);
    cell_text(j, "reference", x->reference);
    cell_text(j, "customer", x->customer);
    cell_quantity(j, "quantity", x->quantity);
    cell_text(j, "state", str_of(state));
    cell_text(j, "reason", x->reason);
    cell_quantity(j, "used", used);
    cell_quantity(j, "left", left);
    cell_count(j, "line_count", lines);
    answer_row_end(c);
}

bool cmd_exemption_list(call *c, err *e) {
    static const char *const columns[] = {"partner",  "region", "products", "from", "to",   "reference", "customer",
                                          "quantity", "state",  "reason",   "used", "left", "line_count"};
    AUTO(facts) f = {0};
    uint32_t only;
    catalog_row row;
    exemption x;
    err unused;
    partner p;
    TRY(option_partner(c, &only, e));
    if (only || by_partner(c)) TRY(authz(c, "read", only, e));
    facts_init(&f, c->t);
    answer_list(c, columns, ARRAY_LEN(columns));
    str id = partner_id(c->t, only), state = call_option(c, "state");
    AUTO(catalog_walk) w = catalog_rows(c->t, CATALOG_EXEMPTION, &id, only ? 1 : 0);
    while (!answer_failed(c) && catalog_next(&w, &row)) {
        exemption_read(c->t, &row, &x);
        if (!partner_by_id(c->t, x.partner, &p) || !authz(c, "read", p.no, &unused)) continue;
        if (state.p && !str_is(state, exemption_state_name(x.state))) continue;
        put_exemption(c, &f, &x);
    }
    return txn_ok(c->t, e);
}
