/* Codes mapped in bulk: quarantine list --group-by code, alias suggest. */
#include "daemon/command/mapping.h"

#include "daemon/catalog/partner.h"
#include "daemon/command/cells.h"
#include "daemon/command/suggest.h"

enum { MAPPING_BYTES = 1 << 30 };

typedef void (*put_fn)(call *c, const unmapped *u, const suggestion *s, size_t n);

static bool each_unmapped(call *c, put_fn put, err *e) {
    AUTO(arena) a = {0};
    AUTO(suggester) *s = NULL;
    unmapped *row;
    size_t rows;
    uint32_t only;
    TRY(option_partner(c, &only, e));
    TRY(authz(c, "read", only, e));
    arena_init(&a, MAPPING_BYTES);
    TRY(unmapped_collect(c->t, only, &a, &row, &rows, e));
    if (rows) s = suggester_new(c->t);
    for (size_t i = 0; i < rows && !answer_failed(c); i++) {
        suggestion found[SUGGESTIONS];
        put(c, &row[i], found, suggest(s, &row[i], &a, found));
    }
    return true;
}

static void put_amount(json *j, int64_t micro) {
    json_key(j, "amount");
    json_dec(j, micro, MICRO_SCALE, 2);
}

static void put_group(call *c, const unmapped *u, const suggestion *s, size_t n) {
    static const char *const names[SUGGESTIONS][2] = {
        {"suggestion_1", "why_1"}, {"suggestion_2", "why_2"}, {"suggestion_3", "why_3"}};
    json *j = answer_row(c);
    cell_text(j, "partner", partner_id(c->t, u->partner));
    cell_text(j, "code", u->code);
    cell_text(j, "name", u->name);
    cell_text(j, "spec", u->spec);
    cell_text(j, "unit", u->unit);
    cell_count(j, "lines", u->lines);
    put_amount(j, u->amount);
    put_day_cell(j, "first_date", u->first);
    for (size_t i = 0; i < SUGGESTIONS; i++) {
        cell_text(j, names[i][0], i < n ? s[i].id : STR(""));
        cell_text(j, names[i][1], i < n ? s[i].why : STR(""));
    }
    cell_text(j, "reason", str_of(waiting_name(u->reason)));
    answer_row_end(c);
}

bool quarantine_by_code(call *c, err *e) {
    static const char *const columns[] = {"partner",      "code",   "name",         "spec",         "unit",
                                          "lines",        "amount", "first_date",   "suggestion_1", "why_1",
                                          "suggestion_2", "why_2",  "suggestion_3", "why_3",        "reason"};
    answer_list(c, columns, ARRAY_LEN(columns));
    return each_unmapped(c, put_group, e);
}

/* The columns that `alias import` takes, then what is for the reader's eye. */
static void put_alias(call *c, const unmapped *u, const suggestion *s, size_t n) {
    AUTO(buf) others = {0};
    bool unit = u->reason == WAIT_UNIT, sure = n > 0 && s[0].sure;
    json *j = answer_row(c);
    cell_text(j, "owner", partner_id(c->t, u->partner));
    cell_text(j, "kind", unit ? STR("unit") : STR("product"));
    cell_text(j, "alias", unit ? u->unit : u->code);
    cell_text(j, "id", sure ? s[0].id : STR(""));
    cell_text(j, "unit", STR(""));
    cell_text(j, "factor", STR(""));
    cell_text(j, "from", STR(""));
    cell_text(j, "to", STR(""));
    cell_text(j, "name", u->name);
    cell_text(j, "spec", u->spec);
    cell_text(j, "their_unit", u->unit);
    cell_count(j, "lines", u->lines);
    put_amount(j, u->amount);
    cell_text(j, "why", sure ? s[0].why : STR(""));
    for (size_t i = sure; i < n; i++)
        buf_printf(&others, "%s%.*s: %.*s", others.n ? "; " : "", STR_ARG(s[i].id), STR_ARG(s[i].why));
    cell_text(j, "others", buf_str(&others));
    answer_row_end(c);
}

bool cmd_alias_suggest(call *c, err *e) {
    static const char *const columns[] = {"owner", "kind", "alias",      "id",    "unit",   "factor", "from",  "to",
                                          "name",  "spec", "their_unit", "lines", "amount", "why",    "others"};
    answer_list(c, columns, ARRAY_LEN(columns));
    return each_unmapped(c, put_alias, e);
}
