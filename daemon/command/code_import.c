/* code import: lists and EPCIS, told apart by how the file begins. */
#include "daemon/command/code_import.h"

#include "daemon/catalog/catalog.h"
#include "daemon/catalog/partner.h"
#include "daemon/command/cases.h"
#include "daemon/command/cells.h"
#include "formats/epcis.h"
#include "proto/limits.h"

static bool import_all(call *c, str feed, int64_t at_ms, code_sums *s, err *e) {
    for (size_t i = 0; i < call_file_count(c); i++) {
        attachment file = call_file(c, i);
        if (epcis_sniff(file.bytes)) TRY(code_import_epcis(c, &file, feed, s, e));
        else
            TRY(code_import_list(c, &file, at_ms, s, e));
    }
    return true;
}

static void answer(call *c, code_sums *s) {
    json *j = answer_show(c);
    json_key(j, "rows"), json_uint(j, s->rows);
    json_key(j, "new"), json_uint(j, s->added);
    json_key(j, "changed"), json_uint(j, s->changed);
    json_key(j, "unchanged"), json_uint(j, s->unchanged);
    json_key(j, "events"), json_uint(j, s->events);
    json_key(j, "repeated"), json_uint(j, s->repeated);
    json_key(j, "refused"), json_uint(j, s->p.refused);
    json_key(j, "warnings"), json_uint(j, s->p.warned);
    problems_answer(&s->p, c, j);
    answer_show_end(c);
}

bool cmd_code_import(call *c, err *e) {
    code_sums s = {.rows = 0};
    partner p = {.no = 0};
    str feed = call_option(c, "partner"), date = call_option(c, "date");
    int64_t at_ms = 0;
    if (feed.p && !partner_by_id(c->t, feed, &p))
        return err_set(e, ERR_NOT_FOUND, "unknown partner '%.*s'", STR_ARG(str_take(feed, LIMIT_ID)));
    TRY(authz(c, "write", p.no, e));
    if (date.p && (!time_parse(date, c->zone_min, &at_ms) || at_ms == 0))
        return err_set(e, ERR_USAGE, "--date '%.*s': wanted a day or time like 2026-03-21",
                       STR_ARG(str_take(date, 40)));
    problems_begin(&s.p);
    bool ok = import_all(c, feed.p ? feed : STR(""), at_ms, &s, e);
    if (ok) answer(c, &s);
    problems_auto(&s.p);
    return ok;
}

/* Pieces wait until the last has come; lists of codes are the manufacturer's to state. */
bool cmd_code_push(call *c, err *e) {
    AUTO(buf) whole = {0};
    code_sums s = {.rows = 0};
    uint8_t digest[DIGEST_SIZE];
    attachment file = call_file(c, 0);
    uint32_t no = 0;
    TRY(option_partner(c, &no, e) && authz(c, "write", no, e));
    TRY(paper_piece_of_call(c, no, digest, &whole, e));
    if (whole.n && !epcis_sniff(buf_str(&whole)))
        return err_set(e, ERR_DATA, "%.*s: no EPCIS file", STR_ARG(str_take(file.name, LIMIT_FILE_NAME)));
    problems_begin(&s.p);
    attachment all = {.name = file.name, .bytes = buf_str(&whole)};
    bool ok = whole.n == 0 || code_import_epcis(c, &all, arena_str(c->a, partner_id(c->t, no)), &s, e);
    if (ok) answer(c, &s);
    problems_auto(&s.p);
    return ok;
}
