/* Commands about claims of activities: rebate claim file, list, show, approve, refuse, withdraw. */
#include "daemon/catalog/partner.h"
#include "daemon/catalog/product.h"
#include "daemon/catalog/users.h"
#include "daemon/command/catalog.h"
#include "daemon/command/cells.h"
#include "daemon/command/rebate.h"
#include "daemon/rebate/activity_claim.h"
#include "proto/digest.h"
#include "proto/limits.h"

#include <inttypes.h>

static const char *const columns[] = {"claim",  "partner",  "policy",   "date",  "sku",        "what",
                                      "amount", "state",    "approved", "left",  "decided_by", "filed",
                                      "reason", "evidence", "file",     "digest"};

static void put_claim(call *c, json *j, const activity_claim *x) {
    AUTO(buf) hex = {0};
    int64_t left;
    err unused;
    bool bound = activity_left(c->t, x, &left, &unused);
    hex_put(&hex, (const uint8_t *)x->digest.p, x->digest.n);
    cell_id(j, "claim", x->number);
    cell_text(j, "partner", partner_id(c->t, x->partner));
    cell_text(j, "policy", x->policy);
    put_day_cell(j, "date", x->day);
    cell_text(j, "sku", x->product ? product_sku(c->t, x->product) : STR_NONE);
    cell_text(j, "what", x->what);
    cell_fen(j, "amount", x->amount);
    cell_text(j, "state", str_of(activity_state_name(x->state)));
    cell_fen(j, "approved", x->state == ACTIVITY_APPROVED ? x->approved : NUM_NONE);
    cell_fen(j, "left", bound ? left : NUM_NONE);
    cell_text(j, "decided_by", x->decided_by);
    cell_time(j, "filed", x->time_ms, c->zone_min);
    cell_text(j, "reason", x->reason);
    cell_text(j, "evidence", x->evidence);
    cell_text(j, "file", x->file);
    cell_text(j, "digest", buf_str(&hex));
}

bool cmd_activity_list(call *c, err *e) {
    uint32_t only;
    activity_claim *all;
    activity_state wanted = ACTIVITY_STATE_END;
    err unused;
    str state = call_option(c, "state");
    TRY(option_partner(c, &only, e));
    if (only) TRY(authz(c, "read", only, e));
    if (state.p && !activity_state_parse(state, &wanted))
        return err_set(e, ERR_USAGE, "--state: wanted filed, approved, refused or withdrawn, found '%.*s'",
                       STR_ARG(str_take(state, 40)));
    size_t n = activity_claims(c->t, only, c->a, &all);
    answer_list(c, columns, ARRAY_LEN(columns));
    for (size_t i = 0; i < n && !answer_failed(c); i++) {
        if ((state.p && all[i].state != wanted) || !authz(c, "read", all[i].partner, &unused)) continue;
        put_claim(c, answer_row(c), &all[i]);
        answer_row_end(c);
    }
    return true;
}

static bool claim_of_call(call *c, const char *verb, activity_claim *out, err *e) {
    int64_t no;
    bool exact;
    str s = call_arg(c, 0);
    if (!dec_parse(s, 0, &no, &exact) || !exact || no < 1)
        return err_set(e, ERR_USAGE, "'%.*s' is no number of a claim (rebate claim list)",
                       STR_ARG(str_take(s, LIMIT_ID)));
    if (!activity_claim_get(c->t, (uint64_t)no, out))
        return authz(c, verb, 0, e) && err_set(e, ERR_NOT_FOUND, "no claim %" PRId64, no);
    return authz(c, verb, out->partner, e);
}

bool cmd_activity_show(call *c, err *e) {
    activity_claim x;
    TRY(claim_of_call(c, "read", &x, e));
    put_claim(c, answer_show(c), &x);
    answer_show_end(c);
    return true;
}

/* ---- filing */

static bool amount_option(call *c, bool needed, int64_t *out, err *e) {
    bool exact;
    str s = call_option(c, "amount");
    *out = 0;
    if (s.p == NULL && !needed) return true;
    return (dec_parse(s, FEN_SCALE, out, &exact) && exact && *out > 0) ||
           err_set(e, ERR_USAGE, "--amount: wanted an amount above 0 like 1200.50, found '%.*s'",
                   STR_ARG(str_take(s, 40)));
}

/* A file that was sent along, or what its owner says that its digest is. */
static bool digest_of_call(call *c, Entry__Activity *body, uint8_t digest[static DIGEST_SIZE], err *e) {
    str hex = call_option(c, "digest");
    body->file = entry_text(c, call_option(c, "file-name"));
    if (call_file_count(c)) {
        attachment paper = call_file(c, 0);
        digest_of(paper.bytes, digest);
        body->file = entry_text(c, paper.name);
    } else if (hex.p == NULL) {
        return true;
    } else if (!hex_parse(hex, digest, DIGEST_SIZE)) {
        return err_set(e, ERR_USAGE, "--digest: wanted the BLAKE2b-256 of a file, %d hex digits", 2 * DIGEST_SIZE);
    }
    body->digest = (ProtobufCBinaryData){DIGEST_SIZE, digest};
    return true;
}

/* The partner that files: its own agent or user, or who of the staff does it for it. */
static bool filing_partner(call *c, str *out, err *e) {
    partner p;
    *out = call_option(c, "partner");
    if (out->p == NULL) *out = c->who.scope;
    if (out->n == 0 || !partner_by_id(c->t, *out, &p))
        return err_set(e, ERR_USAGE, "--partner: whose claim is it? '%.*s' is no partner",
                       STR_ARG(str_take(*out, LIMIT_ID)));
    return authz(c, "write", p.no, e);
}

bool cmd_activity_file(call *c, err *e) {
    Entry__Activity body = ENTRY__ACTIVITY__INIT;
    uint8_t digest[DIGEST_SIZE];
    str who;
    day_t day, today = day_at(c->now_ms, c->zone_min);
    TRY(filing_partner(c, &who, e) && amount_option(c, true, &body.amount, e) && digest_of_call(c, &body, digest, e));
    TRY(call_day(c, "date", today, &day, e));
    body.partner = entry_text(c, who);
    body.policy = entry_text(c, call_arg(c, 0));
    body.day = day;
    body.product = entry_text(c, call_option(c, "sku"));
    body.what = entry_text(c, call_option(c, "what"));
    body.evidence = entry_text(c, call_option(c, "evidence"));
    TRY(command_append(c, KIND_ACTIVITY, &body.base, e));
    answer_message(c, "the claim is filed; a manager looks at it (rebate claim list)");
    return true;
}

static bool step(call *c, activity_act act, const char *verb, err *e) {
    Entry__ActivityStep body = ENTRY__ACTIVITY_STEP__INIT;
    activity_claim x;
    str reason = call_option(c, "reason");
    TRY(claim_of_call(c, verb, &x, e));
    TRY(act != ACTIVITY_APPROVE || amount_option(c, false, &body.amount, e));
    if (reason.n == 0 || reason.n > LIMIT_TEXT)
        return err_set(e, ERR_USAGE, "--reason: say why, in at most %d bytes", LIMIT_TEXT);
    body.claim = x.number;
    body.act = act;
    body.reason = entry_text(c, reason);
    return command_append(c, KIND_ACTIVITY_STEP, &body.base, e);
}

bool cmd_activity_approve(call *c, err *e) {
    return step(c, ACTIVITY_APPROVE, "write", e);
}

bool cmd_activity_refuse(call *c, err *e) {
    return step(c, ACTIVITY_REFUSE, "write", e);
}

bool cmd_activity_withdraw(call *c, err *e) {
    return step(c, ACTIVITY_WITHDRAW, "write", e);
}
