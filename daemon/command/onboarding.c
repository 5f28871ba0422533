/* Commands about partners on their way in: partner onboard list, show, advance. */
#include "daemon/command/onboard.h"

#include "daemon/catalog/columns.h"
#include "daemon/catalog/partner.h"
#include "daemon/catalog/rows.h"
#include "daemon/catalog/settings.h"
#include "daemon/command/catalog.h"
#include "daemon/command/cells.h"
#include "proto/journal.pb-c.h"
#include "proto/limits.h"

static day_t today_of(const call *c) {
    return day_at(c->now_ms, c->zone_min);
}

/* Those that may send: who only sells on (a terminal, a retailer) is on no way unless it was invited. The manufacturer
 * has arrived. */
static bool on_a_way(const onboard *o) {
    if (o->kind == PARTNER_MANUFACTURER) return false;
    return o->kind == PARTNER_DISTRIBUTOR || o->kind == PARTNER_SUB_DISTRIBUTOR || o->reached_ms[ONBOARD_INVITED];
}

static void put_reached(call *c, json *j, const onboard *o, onboard_state s) {
    const char *name = onboard_state_name(s);
    if (s == ONBOARD_LIVE && o->decided.row && o->decided.live != DAY_MAX) put_day_cell(j, name, o->decided.live);
    else if (s != ONBOARD_LIVE && o->reached_ms[s])
        put_day_cell(j, name, day_at(o->reached_ms[s], c->zone_min));
    else
        cell_text(j, name, STR(""));
}

static const char *const way_columns[] = {
    "partner",       "name",           "state",  "invited", "enrolled",      "first_file",
    "mapped",        "opening_stock",  "live",   "mode",    "known_percent", "waiting_words",
    "waiting_lines", "waiting_amount", "waived", "missing", "note"};

static void put_way(call *c, json *j, const onboard *o) {
    AUTO(buf) missing = {0};
    int64_t share = onboard_share(o);
    onboard_state next = onboard_next(o, today_of(c));
    if (o->state != ONBOARD_LIVE && next < ONBOARD_STATE_COUNT)
        onboard_missing(c->t, o, next, c->now_ms, c->zone_min, &missing);
    cell_text(j, "partner", o->id);
    cell_text(j, "name", o->name);
    cell_text(j, "state", str_of(onboard_state_name(o->state)));
    for (onboard_state s = ONBOARD_INVITED; s < ONBOARD_STATE_COUNT; s++) put_reached(c, j, o, s);
    cell_text(j, "mode", o->decided.shadow ? STR("shadow") : STR("live"));
    json_key(j, "known_percent"), json_dec(j, share == NUM_NONE ? share : share / 1000, 1, 1);
    cell_count(j, "waiting_words", o->words);
    cell_count(j, "waiting_lines", o->waiting_lines);
    json_key(j, "waiting_amount"), json_dec(j, o->waiting, MICRO_SCALE, 2);
    cell_text(j, "waived", o->decided.skipped);
    cell_text(j, "missing", buf_str(&missing));
    cell_text(j, "note", o->decided.note);
}

bool cmd_onboard_list(call *c, err *e) {
    str state = call_option(c, "state");
    onboard_state wanted = ONBOARD_STATE_COUNT;
    onboard *o;
    err denied;
    if (state.p && !onboard_state_parse(state, &wanted))
        return err_set(e, ERR_USAGE,
                       "--state: '%.*s' is none of listed, invited, enrolled, first_file, mapped, opening_stock, live",
                       STR_ARG(str_take(state, 40)));
    answer_list(c, way_columns, ARRAY_LEN(way_columns));
    size_t n = onboard_all(c->t, 0, today_of(c), c->a, &o);
    for (size_t i = 0; i < n && !answer_failed(c); i++) {
        if (!on_a_way(&o[i]) || (state.p && o[i].state != wanted) || !authz(c, "read", o[i].no, &denied)) continue;
        put_way(c, answer_row(c), &o[i]);
        answer_row_end(c);
    }
    return true;
}

static bool way_of(call *c, str id, const char *verb, onboard *out, err *e) {
    partner p;
    onboard *o;
    if (!partner_by_id(c->t, id, &p) || p.ended)
        return err_set(e, ERR_NOT_FOUND, "partner '%.*s': unknown", STR_ARG(str_take(id, LIMIT_ID)));
    TRY(authz(c, verb, p.no, e));
    if (onboard_all(c->t, p.no, today_of(c), c->a, &o) != 1)
        return err_set(e, ERR_INTERNAL, "partner '%.*s': not found", STR_ARG(id));
    *out = *o;
    return true;
}

bool cmd_onboard_show(call *c, err *e) {
    onboard o;
    TRY(way_of(c, call_arg(c, 0), "read", &o, e));
    json *j = answer_show(c);
    put_way(c, j, &o);
    json_key(j, "steps");
    json_open_array(j);
    for (onboard_state s = ONBOARD_INVITED; s < ONBOARD_STATE_COUNT; s++) {
        AUTO(buf) missing = {0};
        bool counts = onboard_counts(&o, s, today_of(c));
        if (!counts) onboard_missing(c->t, &o, s, c->now_ms, c->zone_min, &missing);
        json_open_object(j);
        cell_text(j, "step", str_of(onboard_state_name(s)));
        cell_text(j, "state", o.waived >> s & 1 ? STR("waived") : counts ? STR("reached") : STR("missing"));
        put_reached(c, j, &o, s);
        cell_text(j, "missing", buf_str(&missing));
        json_end_object(j);
    }
    json_end_array(j);
    answer_show_end(c);
    return true;
}

/* ---- advance */

typedef struct advance {
    onboard_state to;
    day_t live; /* DAY_MAX: not given */
    str reason;
    Entry__Catalog entry;
    ProtobufCBinaryData row[LIMIT_ENTRY_ROWS];
} advance;

static bool read_advance(call *c, advance *w, err *e) {
    str to = call_option(c, "to");
    w->to = ONBOARD_LIVE;
    w->reason = call_option(c, "reason");
    if (to.p && (!onboard_state_parse(to, &w->to) || w->to == ONBOARD_LISTED))
        return err_set(e, ERR_USAGE,
                       "--to: '%.*s' is none of invited, enrolled, first_file, mapped, opening_stock, live",
                       STR_ARG(str_take(to, 40)));
    TRY(call_day(c, "live", DAY_MAX, &w->live, e));
    if (w->live != DAY_MAX && w->to != ONBOARD_LIVE) return err_set(e, ERR_USAGE, "--live goes with --to live only");
    if (w->reason.n > LIMIT_NAME) return err_set(e, ERR_USAGE, "--reason: at most %d bytes", LIMIT_NAME);
    if (w->reason.n && c->who.role != ROLE_ADMIN && c->who.role != ROLE_CHANNEL_MANAGER)
        return err_set(e, ERR_DENIED, "--reason: only a channel manager waives what is missing");
    if (call_flag(c, "all-ready") == (call_arg_count(c) > 0))
        return err_set(e, ERR_USAGE, "partner onboard advance: wants PARTNER…, or --all-ready");
    return true;
}

/* What is missing up to the target; false: nothing. */
static bool first_missing(call *c, const advance *w, const onboard *o, onboard_state *missing) {
    for (*missing = ONBOARD_INVITED; *missing <= w->to && *missing < ONBOARD_LIVE; ++*missing)
        if (!onboard_counts(o, *missing, today_of(c))) return true;
    return false;
}

static str waived(call *c, const advance *w, const onboard *o) {
    AUTO(buf) b = {0};
    buf_add(&b, o->decided.skipped);
    for (onboard_state s = ONBOARD_INVITED; s <= w->to && s < ONBOARD_LIVE; s++) {
        if (onboard_counts(o, s, today_of(c))) continue;
        if (b.n) buf_byte(&b, ';');
        buf_addz(&b, onboard_state_name(s));
    }
    return arena_str(c->a, buf_str(&b));
}

/* The partner's own row with what was decided; cells of a row of a partner above are not taken over. */
static void decide(call *c, advance *w, const onboard *o, day_t live) {
    AUTO(buf) day = {0};
    AUTO(buf) bytes = {0};
    catalog_row stored;
    str cells[CATALOG_COLUMNS_MAX] = {{0}}, id = o->id;
    bool own = catalog_get(c->t, CATALOG_ONBOARDING, &id, &stored) && !(stored.flags & ROW_ENDED);
    for (size_t i = 0; i < catalog_tables[CATALOG_ONBOARDING].column_count; i++)
        cells[i] = own ? stored.cell[i] : STR("");
    cells[ONBOARDING_PARTNER] = id;
    if (live != DAY_MAX) day_put(&day, live), cells[ONBOARDING_LIVE] = buf_str(&day);
    cells[ONBOARDING_SKIPPED] = waived(c, w, o);
    if (w->reason.n) cells[ONBOARDING_NOTE] = w->reason;
    catalog_cells_put(&bytes, CATALOG_ONBOARDING, cells);
    str kept = arena_str(c->a, buf_str(&bytes));
    w->row[w->entry.n_row++] = (ProtobufCBinaryData){kept.n, (uint8_t *)(uintptr_t)kept.p};
}

static void put_outcome(call *c, const onboard *o, const char *outcome, const char *state, day_t live, str missing) {
    json *j = answer_row(c);
    cell_text(j, "partner", o->id);
    cell_text(j, "outcome", str_of(outcome));
    cell_text(j, "state", str_of(state));
    if (live != DAY_MAX) put_day_cell(j, "live", live);
    else
        cell_text(j, "live", STR(""));
    cell_text(j, "missing", missing);
    answer_row_end(c);
}

/* One partner on. False: refused, and *why says what is missing. */
static bool advance_one(call *c, advance *w, const onboard *o, err *why) {
    AUTO(buf) text = {0};
    onboard_state missing;
    bool some = first_missing(c, w, o, &missing);
    day_t live = DAY_MAX, had = o->decided.row ? o->decided.live : DAY_MAX;
    if (some && w->reason.n == 0) {
        onboard_missing(c->t, o, missing, c->now_ms, c->zone_min, &text);
        put_outcome(c, o, "refused", onboard_state_name(o->state), had, buf_str(&text));
        return err_set(why, ERR_CONFLICT, "partner '%.*s' is %s; %s is missing: %.*s", STR_ARG(o->id),
                       onboard_state_name(o->state), onboard_state_name(missing), STR_ARG(buf_str(&text)));
    }
    if (w->to == ONBOARD_LIVE) live = w->live != DAY_MAX ? w->live : had != DAY_MAX ? had : today_of(c);
    bool same = !some && (live == had || w->to != ONBOARD_LIVE);
    if (!same) decide(c, w, o, live);
    const char *now =
        w->to == ONBOARD_LIVE && live > today_of(c) ? onboard_state_name(ONBOARD_OPENING) : onboard_state_name(w->to);
    put_outcome(c, o, same ? "unchanged" : "advanced", same ? onboard_state_name(o->state) : now,
                live != DAY_MAX ? live : had, STR(""));
    return true;
}

/* Everybody for whom only the decision is missing. */
static bool ready(call *c, const onboard *o) {
    err denied;
    bool decided = o->decided.row && o->decided.live != DAY_MAX;
    return on_a_way(o) && o->state == ONBOARD_OPENING && !decided && authz(c, "write", o->no, &denied);
}

static bool advance_ready(call *c, advance *w, err *e) {
    onboard *o;
    size_t n = onboard_all(c->t, 0, today_of(c), c->a, &o);
    for (size_t i = 0; i < n && w->entry.n_row < LIMIT_ENTRY_ROWS; i++) /* the rest by the next call */
        if (ready(c, &o[i])) TRY(advance_one(c, w, &o[i], e));
    return true;
}

static bool advance_named(call *c, advance *w, err *e) {
    size_t refused = 0;
    err why;
    for (size_t i = 0; i < call_arg_count(c); i++) {
        onboard o;
        TRY(way_of(c, call_arg(c, i), "write", &o, e));
        if (!advance_one(c, w, &o, &why)) refused++;
    }
    if (refused == call_arg_count(c)) return *e = why, false;
    if (refused) answer_status(c, err_exit_status(ERR_DIFFERS));
    return true;
}

bool cmd_onboard_advance(call *c, err *e) {
    static const char *const columns[] = {"partner", "outcome", "state", "live", "missing"};
    advance *w = ARENA_NEW(c->a, advance, 1);
    if (w == NULL) return err_set(e, ERR_INTERNAL, "out of memory");
    entry__catalog__init(&w->entry);
    TRY(read_advance(c, w, e));
    answer_list(c, columns, ARRAY_LEN(columns));
    TRY(call_flag(c, "all-ready") ? advance_ready(c, w, e) : advance_named(c, w, e));
    if (w->entry.n_row == 0) return true;
    w->entry.table = (char *)(uintptr_t)catalog_tables[CATALOG_ONBOARDING].name;
    w->entry.row = w->row;
    w->entry.source = (char *)(uintptr_t) "partner onboard advance";
    return command_append(c, KIND_CATALOG, &w->entry.base, e);
}
