/* Commands about reports of harmed partners (举报): case claim, case claims. */
#include "daemon/trace/claims.h"

#include "daemon/catalog/partner.h"
#include "daemon/catalog/product.h"
#include "daemon/catalog/region.h"
#include "daemon/command/cases.h"
#include "daemon/command/catalog.h"
#include "daemon/command/cells.h"
#include "daemon/command/period.h"
#include "daemon/store/store.h"
#include "proto/limits.h"

#include <inttypes.h>

static bool read_goods(call *c, Entry__Claim *m, err *e) {
    str sku = call_option(c, "sku"), accused = call_option(c, "accused"), paid = call_option(c, "price");
    day_t today = day_at(c->now_ms, c->zone_min);
    uint32_t region;
    bool exact;
    product_match found;
    TRY(call_day(c, "date", today, &m->day, e));
    if (m->day > today) return err_set(e, ERR_USAGE, "--date: a day that has come");
    uint32_t reporter = 0;
    TRY(option_partner(c, &reporter, e));
    if (!resolve_region(c->t, reporter, call_option(c, "region"), m->day, &region))
        return err_set(e, ERR_NOT_FOUND, "--region '%.*s': unknown", STR_ARG(str_take(call_option(c, "region"), 60)));
    m->region = entry_text(c, region_code(c->t, region));
    m->online = call_flag(c, "online");
    if (sku.p && !resolve_product(c->t, reporter, sku, ON_DAY(m->day), &found))
        return err_set(e, ERR_NOT_FOUND, "--sku '%.*s': unknown", STR_ARG(str_take(sku, 60)));
    if (sku.p) m->sku = entry_text(c, product_sku(c->t, found.no));
    if (accused.p) m->accused = entry_text(c, accused);
    m->priced = paid.p != NULL;
    if (m->priced && (!dec_parse(paid, MICRO_SCALE, &m->price, &exact) || !exact || m->price < 0))
        return err_set(e, ERR_USAGE, "--price: wanted a price like 79.00, found '%.*s'", STR_ARG(str_take(paid, 40)));
    return m->sku[0] || m->n_code || err_set(e, ERR_USAGE, "case claim: --codes, or at least --sku");
}

bool cmd_case_claim(call *c, err *e) {
    uint32_t reporter = 0;
    apply_result r = {.a = c->a};
    Entry__Claim m = ENTRY__CLAIM__INIT;
    TRY(option_partner(c, &reporter, e));
    if (reporter == 0) return err_set(e, ERR_USAGE, "case claim: --partner says who reports");
    TRY(authz(c, "write", reporter, e));
    m.partner = entry_text(c, partner_id(c->t, reporter));
    m.place = entry_text(c, str_take(call_option(c, "place"), LIMIT_NAME));
    TRY(case_codes(c, &m.code, &m.n_code, e) && read_goods(c, &m, e) && case_text(c, "text", false, &m.text, e));
    TRY(case_papers(c, &m.paper, &m.n_paper, e));
    command_entry what = {KIND_CLAIM, c->now_ms, call_actor(c), &m.base};
    TRY(journal_append(c->t, &what, &r, NULL, e));
    answer_message(c, "claim %" PRIu64 ": noted; who reports is told to nobody outside", r.number);
    return true;
}

/* What became of it, as the one who reported may know. */
static const char *outcome(call *c, const claim *x) {
    case_head h;
    if (x->of.n == 0 || !case_get(c->t, x->of, &h)) return "received";
    if (h.state == CASE_DISMISSED) return "dismissed";
    return h.upheld != DAY_MIN ? "upheld" : "under_review";
}

static void put_claim(call *c, const claim *x) {
    json *j = answer_row(c);
    cell_id(j, "id", x->number);
    cell_time(j, "time", x->time_ms, c->zone_min);
    cell_text(j, "partner", partner_id(c->t, x->reporter));
    put_day_cell(j, "date", x->day);
    cell_text(j, "region", region_code(c->t, x->region));
    cell_text(j, "place", x->place);
    cell_text(j, "sku", x->product ? product_sku(c->t, x->product) : STR_NONE);
    cell_text(j, "accused", partner_id(c->t, x->accused));
    json_key(j, "price");
    json_dec(j, x->price, MICRO_SCALE, 2);
    json_key(j, "online");
    json_bool(j, x->online);
    cell_text(j, "codes", x->codes);
    cell_text(j, "text", x->text);
    cell_count(j, "files", x->papers);
    cell_text(j, "state", str_of(outcome(c, x)));
    if (!case_outward(c)) cell_text(j, "case", x->of);
    answer_row_end(c);
}

bool cmd_case_claims(call *c, err *e) {
    static const char *const columns[] = {"id",    "time",   "partner", "date", "region", "place", "sku", "accused",
                                          "price", "online", "codes",   "text", "files",  "state", "case"};
    uint32_t only;
    err unused;
    TRY(option_partner(c, &only, e));
    if (only || by_partner(c)) TRY(authz(c, "read", only, e));
    answer_list(c, columns, ARRAY_LEN(columns) - case_outward(c));
    for (AUTO(kv_cursor) w = kv_from(c->t, TABLE_CLAIM, STR(""), STR_NONE); kv_next(&w) && !answer_failed(c);) {
        claim x;
        if (w.key.n != 8 || !claim_decode(get_be64(w.key.p), w.val, &x) || (only && x.reporter != only)) continue;
        if (authz(c, "read", x.reporter, &unused)) put_claim(c, &x);
    }
    return txn_ok(c->t, e);
}
