/* transfer list, agree, refuse: what both sides say to a transfer, and what follows once both agreed. */
#include "daemon/replenish/transfers.h"

#include "daemon/catalog/columns.h"
#include "daemon/catalog/partner.h"
#include "daemon/catalog/product.h"
#include "daemon/catalog/region.h"
#include "daemon/catalog/rows.h"
#include "daemon/catalog/settings.h"
#include "daemon/catalog/territory.h"
#include "daemon/command/catalog.h"
#include "daemon/command/cells.h"
#include "daemon/command/period.h"
#include "daemon/ledger/flow.h"
#include "daemon/store/keys.h"
#include "daemon/store/store.h"
#include "proto/limits.h"

#include <inttypes.h>

enum { TERRITORIES = 16 };

/* ---- list */

/* The taker hears of it when the giver agreed; the giver hears who it is when both did. */
static bool hears(const transfer *x, uint32_t partner_no) {
    if (partner_no == 0 || x->giver == partner_no) return true;
    return x->taker == partner_no && x->offered != DAY_MIN;
}

/* What the giver passed on of it since, as its documents say. */
static int64_t moved(call *c, const transfer *x, int32_t days) {
    key prefix = {.n = 0}, start;
    int64_t sum = 0;
    if (x->state != TRANSFER_AGREED) return NUM_NONE;
    key_u32(&prefix, x->giver);
    start = prefix;
    key_day(&start, x->decided);
    for (AUTO(kv_cursor) w = kv_from(c->t, TABLE_FLOW_DAY, key_str(&prefix), key_str(&start)); kv_next(&w);) {
        flow_day_key k = flow_day_parse(w.key);
        if (k.day > x->decided + days) break;
        if (k.product != x->product || k.kind != FLOW_TRANSFER) continue;
        for (size_t i = 0; i < flow_sum_count(w.val); i++)
            if (flow_sum_at(w.val, i).quantity < 0) (void)sub_i64(sum, flow_sum_at(w.val, i).quantity, &sum);
    }
    return sum;
}

static void cell_cover(json *j, const char *name, bool shown, int32_t days) {
    if (!shown || days < 0) cell_text(j, name, STR_NONE);
    else
        cell_count(j, name, (uint64_t)days);
}

static void cell_day(json *j, const char *name, day_t day) {
    if (day == DAY_MIN) cell_text(j, name, STR_NONE);
    else
        put_day_cell(j, name, day);
}

static void put_side(buf *out, bool zh, const char *whose, int64_t have, int32_t cover) {
    buf_addz(out, whose);
    buf_addz(out, zh ? "库存" : " has "), dec_put(out, have, QUANTITY_SCALE, 0);
    if (cover < 0) buf_addz(out, zh ? "，无销售" : " and sells none");
    else
        buf_printf(out, zh ? "，可销%d天" : ", for %d days", (int)cover);
}

/* What the reader may know of it, in a sentence. */
static void put_why(call *c, json *j, const transfer *x, bool giver, bool taker) {
    AUTO(buf) b = {0};
    bool zh = call_flag(c, "zh");
    str id[] = {partner_id(c->t, x->giver), partner_id(c->t, x->taker)};
    AUTO(buf) name = {0};
    if (giver) {
        buf_add(&name, id[0]);
        put_side(&b, zh, buf_z(&name), x->giver_stock, x->giver_cover);
    }
    if (giver && taker) buf_addz(&b, zh ? "；" : "; ");
    buf_clear(&name);
    if (taker) {
        buf_add(&name, id[1]);
        put_side(&b, zh, buf_z(&name), x->taker_stock, x->taker_cover);
    }
    if (!taker) buf_addz(&b, zh ? "；另一家伙伴可用" : "; another partner could use ");
    if (!giver) buf_addz(&b, zh ? "；可得" : "; there is to be had ");
    if (!taker || !giver) dec_put(&b, x->quantity, QUANTITY_SCALE, 0);
    buf_addz(&b, zh ? "。" : ".");
    cell_text(j, "why", buf_str(&b));
}

static void put_transfer(call *c, const transfer *x, uint32_t asker, int32_t days) {
    product of;
    bool giver = asker == 0 || asker == x->giver, taker = asker == 0 || asker == x->taker;
    if (!product_by_no(c->t, x->product, &of)) return;
    json *j = answer_row(c);
    cell_id(j, "transfer", x->number);
    cell_text(j, "state", str_of(transfer_state_name(x->state)));
    cell_text(j, "sku", of.sku);
    cell_text(j, "name", of.name);
    cell_quantity(j, "quantity", x->quantity);
    cell_text(j, "unit", of.base_unit);
    cell_text(j, "giver", partner_id(c->t, x->giver));
    cell_text(j, "taker", taker || x->state == TRANSFER_AGREED ? partner_id(c->t, x->taker) : STR_NONE);
    cell_quantity(j, "giver_stock", giver ? x->giver_stock : NUM_NONE);
    cell_cover(j, "giver_cover_days", giver, x->giver_cover);
    cell_quantity(j, "taker_stock", taker ? x->taker_stock : NUM_NONE);
    cell_cover(j, "taker_cover_days", taker, x->taker_cover);
    cell_day(j, "proposed", x->proposed);
    cell_day(j, "offered", x->offered);
    cell_day(j, "decided", x->decided);
    cell_quantity(j, "moved", moved(c, x, days));
    cell_text(j, "reason", x->reason);
    put_why(c, j, x, giver, taker);
    answer_row_end(c);
}

bool cmd_transfer_list(call *c, err *e) {
    static const char *const columns[] = {"transfer",    "state",
                                          "sku",         "name",
                                          "quantity",    "unit",
                                          "giver",       "taker",
                                          "giver_stock", "giver_cover_days",
                                          "taker_stock", "taker_cover_days",
                                          "proposed",    "offered",
                                          "decided",     "moved",
                                          "reason",      "why"};
    str state = call_option(c, "state");
    transfer_state wanted = TRANSFER_PROPOSED;
    uint32_t only;
    err unused;
    int32_t days = (int32_t)setting_number(c->t, SETTING_TRANSFER_SILENCE);
    TRY(option_partner(c, &only, e) && (only == 0 || authz(c, "read", only, e)));
    if (state.p && !transfer_state_parse(state, &wanted))
        return err_set(e, ERR_USAGE, "--state: proposed, offered, agreed or refused");
    answer_list(c, columns, ARRAY_LEN(columns));
    for (AUTO(kv_cursor) w = kv_from(c->t, TABLE_TRANSFER, STR(""), STR_NONE); kv_next(&w) && !answer_failed(c);) {
        transfer x;
        if (!transfer_decode(w.key, w.val, &x) || (state.p && x.state != wanted)) continue;
        if (only && x.giver != only && x.taker != only) continue;
        if (by_partner(c) && !hears(&x, only)) continue;
        if (only == 0 && !authz(c, "read", x.giver, &unused) && !authz(c, "read", x.taker, &unused)) continue;
        put_transfer(c, &x, by_partner(c) ? only : 0, days);
    }
    return txn_ok(c->t, e);
}

/* ---- their word */

static bool transfer_of_call(call *c, uint32_t partner_no, transfer *out, err *e) {
    str s = call_arg(c, 0);
    int64_t n = 0;
    bool exact = false;
    if (str_starts(s, STR("T"))) s = str_skip(s, 1);
    if (!dec_parse(s, 0, &n, &exact) || !exact || n < 1)
        return err_set(e, ERR_USAGE, "'%.*s' is no number of a transfer (transfer list)", STR_ARG(str_take(s, 40)));
    bool found = transfer_get(c->t, (uint64_t)n, out) && (out->giver == partner_no || out->taker == partner_no);
    if (found && (!by_partner(c) || hears(out, partner_no))) return true;
    return err_set(e, ERR_NOT_FOUND, "no transfer %" PRId64 " of '%.*s'", n, STR_ARG(partner_id(c->t, partner_no)));
}

static bool tell(call *c, uint32_t partner_no, const transfer *x, const char *zh, const char *en, err *e) {
    AUTO(buf) in_zh = {0};
    AUTO(buf) in_en = {0};
    AUTO(buf) subject = {0};
    Entry__Notice n = ENTRY__NOTICE__INIT, *list[] = {&n};
    Entry__Notices body = ENTRY__NOTICES__INIT;
    transfer_reference(&subject, x->number);
    buf_printf(&in_zh, "调拨 %s：%s", buf_z(&subject), zh);
    buf_printf(&in_en, "Transfer %s: %s", buf_z(&subject), en);
    n.partner = entry_text(c, partner_id(c->t, partner_no));
    n.kind = entry_text(c, STR("transfer"));
    n.subject = entry_text(c, buf_str(&subject));
    n.day = day_at(c->now_ms, c->zone_min);
    n.zh = entry_text(c, buf_str(&in_zh));
    n.en = entry_text(c, buf_str(&in_en));
    body.notice = list;
    body.n_notice = 1;
    return command_append(c, KIND_NOTICE, &body.base, e);
}

/* A row of the exemption: the giver's goods may be found and sold there for a while. */
static void exempt_row(call *c, const transfer *x, str region, Entry__Catalog *m) {
    AUTO(buf) from = {0};
    AUTO(buf) to = {0};
    AUTO(buf) reference = {0};
    AUTO(buf) quantity = {0};
    AUTO(buf) row = {0};
    str cells[CATALOG_COLUMNS_MAX];
    day_t today = day_at(c->now_ms, c->zone_min);
    for (size_t i = 0; i < CATALOG_COLUMNS_MAX; i++) cells[i] = STR("");
    day_put(&from, today);
    day_put(&to, today + (day_t)setting_number(c->t, SETTING_TRANSFER_SILENCE));
    transfer_reference(&reference, x->number);
    dec_put(&quantity, x->quantity, QUANTITY_SCALE, 0);
    cells[EXEMPTION_PARTNER] = partner_id(c->t, x->giver);
    cells[EXEMPTION_REGION] = region;
    cells[EXEMPTION_PRODUCTS] = product_sku(c->t, x->product);
    cells[EXEMPTION_FROM] = buf_str(&from);
    cells[EXEMPTION_TO] = buf_str(&to);
    cells[EXEMPTION_REFERENCE] = buf_str(&reference);
    cells[EXEMPTION_QUANTITY] = buf_str(&quantity);
    cells[EXEMPTION_DECISION] = STR("granted");
    cells[EXEMPTION_REASON] = STR("transfer that both agreed to");
    catalog_cells_put(&row, CATALOG_EXEMPTION, cells);
    str kept = arena_str(c->a, buf_str(&row));
    m->row[m->n_row++] = (ProtobufCBinaryData){kept.n, (uint8_t *)(uintptr_t)kept.p};
}

/* Where the taker may sell it, by its own rows or those above it; without any, at its home. */
static bool exempt(call *c, const transfer *x, err *e) {
    Entry__Catalog m = ENTRY__CATALOG__INIT;
    ProtobufCBinaryData room[TERRITORIES];
    uint32_t chain[PARTNER_DEPTH_MAX];
    product of;
    partner taker;
    if (!product_by_no(c->t, x->product, &of) || !partner_by_no(c->t, x->taker, &taker))
        return err_set(e, ERR_INTERNAL, "transfer %" PRIu64 ": its product or partner is not there", x->number);
    m.row = room;
    m.table = entry_text(c, STR("exemption"));
    m.source = entry_text(c, STR("transfer"));
    size_t n = partner_chain(c->t, x->taker, chain);
    for (size_t i = 0; i < n && m.n_row == 0; i++) {
        territory rows[TERRITORIES];
        size_t found = territory_of(c->t, chain[i], day_at(c->now_ms, c->zone_min), rows, TERRITORIES);
        for (size_t k = 0; k < found && m.n_row < TERRITORIES; k++)
            if (territory_has_product(rows[k].products, &of)) exempt_row(c, x, region_code(c->t, rows[k].region), &m);
    }
    if (m.n_row == 0 && taker.region) exempt_row(c, x, region_code(c->t, taker.region), &m);
    return m.n_row == 0 || command_append(c, KIND_CATALOG, &m.base, e);
}

static bool follow(call *c, const transfer *x, bool refused, err *e) {
    if (x->state == TRANSFER_OFFERED)
        return tell(c, x->taker, x, "另一家伙伴有货可让与贵司，请答复",
                    "another partner would let you have goods: agree or refuse", e);
    if (refused) {
        TRY(tell(c, x->giver, x, "已被拒绝，不再进行", "refused; nothing moves", e));
        return x->offered == DAY_MIN || tell(c, x->taker, x, "已被拒绝，不再进行", "refused; nothing moves", e);
    }
    return exempt(c, x, e) && tell(c, x->giver, x, "双方同意，可以发货", "both agreed: it may go", e) &&
           tell(c, x->taker, x, "双方同意，货将发出", "both agreed: the goods will come", e);
}

static bool say(call *c, bool refuse, err *e) {
    Entry__TransferStep m = ENTRY__TRANSFER_STEP__INIT;
    transfer x;
    uint32_t partner_no;
    str reason = call_option(c, "reason");
    TRY(option_partner(c, &partner_no, e));
    if (partner_no == 0) return err_set(e, ERR_USAGE, "%s: --partner says whose word it is", c->command->name);
    TRY(authz(c, "write", partner_no, e) && transfer_of_call(c, partner_no, &x, e));
    if (reason.n > LIMIT_TEXT) return err_set(e, ERR_USAGE, "--reason: at most %d bytes", LIMIT_TEXT);
    m.transfer = x.number;
    m.taker = x.taker == partner_no;
    m.refuse = refuse;
    m.reason = entry_text(c, reason);
    m.day = day_at(c->now_ms, c->zone_min);
    TRY(command_append(c, KIND_TRANSFER_STEP, &m.base, e));
    if (!transfer_get(c->t, x.number, &x)) return err_set(e, ERR_INTERNAL, "transfer %" PRIu64 ": not there", x.number);
    transfer kept = x;
    TRY(follow(c, &kept, refuse, e));
    answer_message(c, "transfer %" PRIu64 ": %s%s", kept.number, transfer_state_name(kept.state),
                   kept.state == TRANSFER_OFFERED  ? ", the other side is asked"
                   : kept.state == TRANSFER_AGREED ? ", exempt from diversion where the taker may sell it"
                                                   : "");
    return txn_ok(c->t, e);
}

bool cmd_transfer_agree(call *c, err *e) {
    return say(c, false, e);
}

bool cmd_transfer_refuse(call *c, err *e) {
    return say(c, true, e);
}
