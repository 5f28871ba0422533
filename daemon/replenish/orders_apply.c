#include "daemon/replenish/order_work.h"

#include "daemon/catalog/partner.h"
#include "daemon/catalog/product.h"
#include "daemon/catalog/settings.h"
#include "daemon/ledger/wallet.h"
#include "daemon/replenish/suggestions.h"
#include "daemon/store/keys.h"
#include "daemon/store/store.h"
#include "proto/digest.h"
#include "proto/limits.h"

#include <inttypes.h>

static str text_kept(work *w, str s) {
    return s.n ? arena_str(w->a, s) : STR("");
}

bool work_refuse(const work *w, const char *why, err *e) {
    return err_set(e, ERR_CONFLICT, "order %" PRIu64 ": %s", w->o.number, why);
}

size_t work_line(const work *w, uint32_t product_no) {
    for (size_t i = 0; i < w->n; i++)
        if (w->line[i].product == product_no) return i;
    return SIZE_MAX;
}

/* Changing and offering may add a product; every other act is about lines that there are. */
static bool add_line(work *w, const Entry__OrderLine *l, uint32_t product_no) {
    order_line *more = ARENA_NEW(w->a, order_line, w->n + 1);
    int64_t *meant = ARENA_NEW(w->a, int64_t, w->n + 1), *damaged = ARENA_NEW(w->a, int64_t, w->n + 1);
    ASSERT(more != NULL && meant != NULL && damaged != NULL);
    for (size_t i = 0; i < w->n; i++) more[i] = w->line[i], meant[i] = w->meant[i], damaged[i] = w->damaged[i];
    more[w->n] = (order_line){.product = product_no, .price = l->priced ? l->price : NUM_NONE};
    w->line = more, w->meant = meant, w->damaged = damaged;
    w->meant[w->n] = NUM_NONE;
    w->n++;
    return true;
}

static bool read_lines(work *w, err *e) {
    bool changes = w->m->act == ORDER_DO_CHANGE || w->m->act == ORDER_DO_OFFER;
    w->meant = ARENA_NEW(w->a, int64_t, w->n + 1);
    w->damaged = ARENA_NEW(w->a, int64_t, w->n + 1);
    ASSERT(w->meant != NULL && w->damaged != NULL);
    for (size_t i = 0; i < w->n; i++) w->meant[i] = NUM_NONE, w->damaged[i] = 0;
    for (size_t i = 0; i < w->m->n_line; i++) {
        const Entry__OrderLine *l = w->m->line[i];
        product p;
        if (!product_by_sku(w->t, str_of(l->sku), &p))
            return err_set(e, ERR_NOT_FOUND, "product '%s': unknown", l->sku);
        if (l->quantity < 0 || l->quantity > LIMIT_QUANTITY || l->damaged < 0 || l->damaged > l->quantity)
            return err_set(e, ERR_DATA, "product '%s': a quantity from 0 on, damaged at most that", l->sku);
        size_t at = work_line(w, p.no);
        if (at == SIZE_MAX && changes && add_line(w, l, p.no)) at = w->n - 1;
        if (at == SIZE_MAX || w->meant[at] != NUM_NONE)
            return err_set(e, ERR_CONFLICT, "order %" PRIu64 ": product '%s' %s", w->o.number, l->sku,
                           at == SIZE_MAX ? "is not in it" : "is named twice");
        w->meant[at] = l->quantity;
        w->damaged[at] = l->damaged;
    }
    return true;
}

void work_put_lines(work *w) {
    for (size_t i = 0; i < w->n; i++) order_line_put(w->t, w->o.number, &w->line[i]);
}

/* ---- suggestions */

static void settle_suggestion(work *w, uint32_t product_no, standing_state to) {
    AUTO(buf) texts = {0};
    suggestion s;
    if (!suggestion_get(w->t, w->o.partner, product_no, &s)) return;
    if (s.standing.state != STANDING_OPEN && to != STANDING_NONE) return;
    size_t figures = s.figures.n;
    buf_add(&texts, s.figures);
    buf_add(&texts, s.before);
    s.figures = str_take(buf_str(&texts), figures);
    s.before = str_skip(buf_str(&texts), figures);
    s.standing.state = to;
    s.standing.silent_until = to == STANDING_REFUSED ? w->m->silent_until : 0;
    s.refused = to == STANDING_REFUSED ? str_of(w->m->reason) : STR("");
    s.order = 0;
    s.entry = w->en->seq;
    suggestion_put(w->t, &s);
}

/* Only some of the suggested lines: they become an order of their own. */
static void split(work *w) {
    uint64_t from = w->o.number;
    size_t kept = 0;
    w->o.number = store_next(w->t, "order");
    w->o.steps = 0;
    w->o.made_ms = w->en->time_ms;
    for (size_t i = 0; i < w->n; i++) {
        if (w->meant[i] == NUM_NONE) continue;
        order_line_drop(w->t, from, w->line[i].product);
        w->line[kept++] = w->line[i];
    }
    w->n = kept;
}

static bool do_confirm(work *w, err *e) {
    size_t meant = 0;
    if (w->m->wallet < 0) return err_set(e, ERR_DATA, "order %" PRIu64 ": an amount from 0 on", w->o.number);
    for (size_t i = 0; i < w->n; i++) {
        if (w->meant[i] == NUM_NONE && w->m->n_line) continue;
        if (w->meant[i] != NUM_NONE) w->line[i].quantity = w->meant[i];
        if (w->line[i].quantity == 0) return work_refuse(w, "a line of 0: refuse it instead", e);
        meant++;
    }
    if (meant < w->n) split(w);
    else
        order_standing_end(w->t, w->o.partner);
    for (size_t i = 0; i < w->n; i++) settle_suggestion(w, w->line[i].product, STANDING_NONE);
    w->o.placed_ms = w->en->time_ms;
    w->o.wallet = w->m->wallet;
    work_put_lines(w);
    return true;
}

static bool do_change(work *w, err *e) {
    if (w->m->n_line == 0) return work_refuse(w, "say what is to change", e);
    for (size_t i = 0; i < w->n; i++) {
        if (w->meant[i] == NUM_NONE) continue;
        if (w->line[i].offered) return work_refuse(w, "what is offered instead waits for the partner's word", e);
        if (w->meant[i] == 0 || w->meant[i] < w->line[i].shipped)
            return work_refuse(w, "a quantity above 0, and not below what was shipped", e);
        w->line[i].quantity = w->meant[i];
    }
    work_put_lines(w);
    return true;
}

static bool do_refuse(work *w, err *e) {
    size_t meant = 0;
    if (w->m->reason[0] == '\0') return work_refuse(w, "a reason is wanted", e);
    for (size_t i = 0; i < w->n; i++) meant += w->meant[i] != NUM_NONE;
    bool all = w->m->n_line == 0 || meant == w->n;
    for (size_t i = 0; i < w->n; i++) {
        if (!all && w->meant[i] == NUM_NONE) continue;
        settle_suggestion(w, w->line[i].product, STANDING_REFUSED);
        if (!all) order_line_drop(w->t, w->o.number, w->line[i].product);
    }
    if (all) order_standing_end(w->t, w->o.partner);
    else
        w->to = ORDER_SUGGESTED;
    return true;
}

/* ---- what an order holds */

static credit_key credit_of(const work *w) {
    return (credit_key){w->o.partner, w->o.company, w->o.currency};
}

/* What is not shipped yet, less what the rebate account paid. */
bool work_rest(const work *w, int64_t *out) {
    *out = 0;
    for (size_t i = 0; i < w->n; i++) {
        int64_t now = order_line_amount(&w->line[i], w->line[i].quantity - w->line[i].shipped, w->o.currency);
        if (now == NUM_NONE || !add_i64(*out, now, out)) return false;
    }
    return true;
}

void work_hold(work *w, bool holds) {
    const credit_key k = credit_of(w);
    int64_t rest = 0;
    for (size_t i = 0; i < w->n; i++)
        supply_hold(w->t, w->line[i].product, CREDIT_OPEN, w->o.number,
                    holds ? w->line[i].quantity - w->line[i].shipped : 0);
    if (!holds || !work_rest(w, &rest)) rest = 0;
    rest = rest > w->o.wallet_used ? rest - w->o.wallet_used : 0;
    credit_hold(w->t, &k, CREDIT_OPEN, w->o.number, rest);
}

static wallet_key wallet_of(const work *w) {
    return (wallet_key){w->o.partner, w->o.company, w->o.currency, WALLET_REBATE};
}

/* The rebate account covers `amount` of the order, or as much of it as it may, instead of what it covered. */
static bool cover(work *w, int64_t of, int64_t amount, err *e) {
    AUTO(buf) name = {0};
    const wallet_key k = wallet_of(w);
    day_t today = day_at(w->en->time_ms, w->zone_min);
    wallet_move back = {.amount = 0}, *used = NULL;
    int64_t usable = 0;
    size_t n = 0;
    if (amount == w->o.wallet_used) return true;
    order_reference(&name, w->o.number);
    TRY(wallet_unuse(w->t, &k, buf_str(&name), today, &back, e));
    if (back.amount) {
        TRY(wallet_check(w->t, &back, 1, today, e));
        wallet_post(w->t, w->en->seq, &back, 1);
    }
    if (amount) TRY(wallet_usable(w->t, &k, buf_str(&name), of, today, &usable, e));
    amount = amount < usable ? amount : usable;
    w->o.wallet_used = amount;
    if (amount == 0) return true;
    TRY(wallet_use(w->t, &k, buf_str(&name), of, amount, today, w->a, &used, &n, e));
    TRY(wallet_check(w->t, used, n, today, e));
    wallet_post(w->t, w->en->seq, used, n);
    return true;
}

bool work_check_line(const work *w, const order_line *l, err *e) {
    day_t from, to, today = day_at(w->en->time_ms, w->zone_min);
    str sku = product_sku(w->t, l->product);
    int64_t there = supply_free(w->t, l->product), rest = l->quantity - l->shipped,
            quota = quota_on(w->t, w->o.partner, l->product, today, &from, &to);
    if (there != NUM_NONE && rest > there)
        return err_set(e, ERR_CONFLICT, "order %" PRIu64 ": product '%.*s': %" PRId64 " ordered, %" PRId64 " free",
                       w->o.number, STR_ARG(sku), rest / 1000, there / 1000);
    if (quota == NUM_NONE) return true;
    const order_span span = {from, to, w->zone_min, false, w->o.number};
    int64_t taken = orders_in(w->t, w->o.partner, l->product, &span);
    return taken + l->quantity <= quota ||
           err_set(e, ERR_CONFLICT,
                   "order %" PRIu64 ": product '%.*s': %" PRId64 " of a quota of %" PRId64 " are ordered already",
                   w->o.number, STR_ARG(sku), taken / 1000, quota / 1000);
}

bool work_check_credit(const work *w, int64_t owed, err *e) {
    credit_figures f;
    const credit_key k = credit_of(w);
    credit_look(w->t, &k, w->en->time_ms, &f);
    if (!f.known) return true;
    if (f.stale) return work_refuse(w, "the figures of credit are too old (credit import)", e);
    if (f.overdue > 0) return work_refuse(w, "the partner has overdue debts", e);
    if (owed <= f.available) return true;
    AUTO(buf) b = {0};
    dec_put(&b, owed, 2, 2);
    buf_addz(&b, " needed, ");
    dec_put(&b, f.available, 2, 2);
    buf_addz(&b, " of the credit are free");
    return work_refuse(w, buf_z(&b), e);
}

/* Credit, overdue debts, quota and stock at once; then all of it is held. */
static bool do_approve(work *w, err *e) {
    AUTO(buf) name = {0};
    int64_t rest, usable = 0, pays = w->o.wallet_used;
    order_reference(&name, w->o.number);
    if (!work_rest(w, &rest)) return work_refuse(w, "a line has no price", e);
    for (size_t i = 0; i < w->n; i++) TRY(work_check_line(w, &w->line[i], e));
    if (w->o.wallet && pays == 0) {
        const wallet_key k = wallet_of(w);
        TRY(wallet_usable(w->t, &k, buf_str(&name), rest, day_at(w->en->time_ms, w->zone_min), &usable, e));
        pays = usable < w->o.wallet ? usable : w->o.wallet;
    }
    TRY(work_check_credit(w, rest > pays ? rest - pays : 0, e));
    TRY(cover(w, rest, pays, e));
    w->o.amount = order_amount(w->t, &w->o);
    w->o.approved_ms = w->en->time_ms;
    work_hold(w, true);
    return true;
}

static bool do_end(work *w, err *e) { /* cancel, close: what is held and not shipped is free again */
    int64_t shipped = 0, now;
    for (size_t i = 0; i < w->n; i++) {
        now = order_line_amount(&w->line[i], w->line[i].shipped, w->o.currency);
        if (now != NUM_NONE && !add_i64(shipped, now, &shipped))
            return work_refuse(w, "its amount leaves the range", e);
    }
    TRY(cover(w, shipped, w->o.wallet_used < shipped ? w->o.wallet_used : shipped, e));
    work_hold(w, false);
    for (size_t i = 0; i < w->n; i++) w->line[i].offered = 0; /* what was offered instead lapses */
    work_put_lines(w);
    return true;
}

static bool do_reopen(work *w, err *e) {
    int64_t rest = 0;
    for (size_t i = 0; i < w->n; i++) rest += w->line[i].quantity - w->line[i].shipped;
    if (rest == 0) return work_refuse(w, "all of it was shipped: nothing is left to be reopened", e);
    if (w->o.placed_ms == 0) w->o.placed_ms = w->en->time_ms; /* a refused suggestion */
    for (size_t i = 0; i < w->n; i++) settle_suggestion(w, w->line[i].product, STANDING_NONE);
    return true;
}

/* ---- on its way */

static bool do_send(work *w, err *e) {
    (void)e;
    if (w->m->document[0]) w->o.erp = str_of(w->m->document);
    return true;
}

/* What is shipped holds until the ERP's figures know of it. */
static bool do_ship(work *w, err *e) {
    const credit_key k = credit_of(w);
    int64_t before = credit_held(w->t, &k, CREDIT_OPEN, w->o.number), any = 0, ms = w->en->time_ms;
    for (size_t i = 0; i < w->n; i++) {
        order_line *l = &w->line[i];
        int64_t rest = l->quantity - l->shipped, now = w->meant[i] != NUM_NONE ? w->meant[i] : w->m->n_line ? 0 : rest;
        if (now > rest) return work_refuse(w, "more than was ordered", e);
        w->meant[i] = now;
        any += now;
    }
    if (any == 0) return work_refuse(w, "nothing is left to be shipped", e);
    for (size_t i = 0; i < w->n; i++) {
        order_line *l = &w->line[i];
        if (w->meant[i] == 0) continue;
        l->shipped += w->meant[i];
        l->shipped_ms = ms;
        supply_hold(w->t, l->product, ms, w->o.number, supply_held(w->t, l->product, ms, w->o.number) + w->meant[i]);
    }
    work_hold(w, true);
    int64_t gone = before - credit_held(w->t, &k, CREDIT_OPEN, w->o.number);
    credit_hold(w->t, &k, ms, w->o.number, credit_held(w->t, &k, ms, w->o.number) + gone);
    work_put_lines(w);
    return true;
}

static bool do_receive(work *w, err *e) {
    bool all = true;
    int64_t any = 0;
    day_t ordered = day_at(w->o.placed_ms, w->zone_min), today = day_at(w->en->time_ms, w->zone_min);
    for (size_t i = 0; i < w->n; i++) {
        order_line *l = &w->line[i];
        int64_t rest = l->shipped - l->received, now = w->meant[i] != NUM_NONE ? w->meant[i] : w->m->n_line ? 0 : rest;
        if (now > rest) return work_refuse(w, "more than was shipped", e);
        w->meant[i] = now;
        any += now;
        all = all && now == rest;
    }
    if (any == 0) return work_refuse(w, "nothing was received", e);
    for (size_t i = 0; i < w->n; i++) {
        order_line *l = &w->line[i];
        if (w->meant[i] == 0) continue;
        if (l->received == 0) lead_time_learn(w->t, w->o.partner, l->product, today - ordered);
        l->received += w->meant[i];
        l->damaged += w->damaged[i];
    }
    if (!all) w->to = ORDER_SHIPPED;
    work_put_lines(w);
    return true;
}

static bool do_cancel(work *w, err *e) {
    if (w->m->reason[0] == '\0') return work_refuse(w, "a reason is wanted", e);
    return do_end(w, e);
}

static bool do_tell(work *w, err *e) {
    return w->m->reason[0] || work_refuse(w, "a reason is wanted", e);
}

static bool (*const acts[ORDER_ACT_END])(work *w, err *e) = {
    [ORDER_DO_CONFIRM] = do_confirm,     [ORDER_DO_CHANGE] = do_change,
    [ORDER_DO_REFUSE] = do_refuse,       [ORDER_DO_APPROVE] = do_approve,
    [ORDER_DO_SEND] = do_send,           [ORDER_DO_ACKNOWLEDGE] = do_send,
    [ORDER_DO_SHIP] = do_ship,           [ORDER_DO_RECEIVE] = do_receive,
    [ORDER_DO_CLOSE] = do_end,           [ORDER_DO_CANCEL] = do_cancel,
    [ORDER_DO_REOPEN] = do_reopen,       [ORDER_DO_OFFER] = order_do_offer,
    [ORDER_DO_ACCEPT] = order_do_accept, [ORDER_DO_DECLINE] = order_do_decline,
    [ORDER_DO_SHORT] = do_tell,
};

static bool step_ok(const Entry__OrderStep *m, err *e) {
    bool ok = m->act >= ORDER_DO_CONFIRM && m->act < ORDER_ACT_END && m->act != ORDER_DO_ENTER &&
              strlen(m->reason) <= LIMIT_TEXT && strlen(m->document) <= LIMIT_ID && m->n_paper <= LIMIT_CASE_PAPERS &&
              m->n_code <= LIMIT_ENTRY_ROWS;
    for (size_t i = 0; ok && i < m->n_paper; i++) ok = m->paper[i].len == DIGEST_SIZE;
    for (size_t i = 0; ok && i < m->n_code; i++) ok = m->code[i].len && m->code[i].len <= LIMIT_CODE_KEY;
    return ok || err_set(e, ERR_DATA, "order: a known act, a reason of at most %d bytes, at most %d files", LIMIT_TEXT,
                         LIMIT_CASE_PAPERS);
}

/* A carton comes once. */
static bool codes_ok(const work *w, err *e) {
    for (size_t i = 0; i < w->m->n_code; i++)
        if (order_code_known(w->t, w->o.number, str_from(w->m->code[i].data, w->m->code[i].len)))
            return work_refuse(w, "a code was received before", e);
    return w->m->n_code == 0 || w->m->act == ORDER_DO_RECEIVE || work_refuse(w, "codes are scanned when it comes", e);
}

static void put_event(work *w) {
    AUTO(buf) photos = {0};
    order_event x = {
        .act = (order_act)w->m->act, .to = w->to, .reason = str_of(w->m->reason), .document = str_of(w->m->document)};
    for (size_t i = 0; i < w->m->n_paper; i++) buf_add(&photos, str_from(w->m->paper[i].data, DIGEST_SIZE));
    x.photos = buf_str(&photos);
    order_event_put(w->t, &w->o, w->en, &x);
    for (size_t i = 0; i < w->m->n_code; i++)
        order_code_put(w->t, &w->o, str_from(w->m->code[i].data, w->m->code[i].len));
}

bool replenish_order_step(txn *t, const entry *en, const Entry__OrderStep *m, apply_result *r, err *e) {
    AUTO(arena) a = {0};
    work w = {.t = t, .en = en, .m = m, .a = &a, .zone_min = (int)setting_number(t, SETTING_ZONE)};
    arena_init(&a, SIZE_MAX); /* bounded by the lines of an order and the credits of a wallet */
    TRY(step_ok(m, e));
    if (!order_get(t, m->order, &w.o)) return err_set(e, ERR_NOT_FOUND, "no order %" PRIu64, m->order);
    str *texts[] = {&w.o.company, &w.o.source, &w.o.reference, &w.o.deliver_to, &w.o.erp, &w.o.reason};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) *texts[i] = text_kept(&w, *texts[i]);
    if (!order_step_to(w.o.state, (order_act)m->act, &w.to))
        return err_set(e, ERR_CONFLICT, "order %" PRIu64 " is %s: %s does not fit", m->order,
                       order_state_name(w.o.state), order_act_name((order_act)m->act));
    w.n = order_lines_all(t, m->order, &a, &w.line);
    TRY(read_lines(&w, e) && codes_ok(&w, e));
    TRY(acts[m->act](&w, e));
    if (m->reason[0]) w.o.reason = str_of(m->reason);
    put_event(&w);
    order_put(t, &w.o);
    r->number = w.o.number;
    return txn_ok(t, e);
}

/* ---- entered in one step */

static bool entered_ok(txn *t, const Entry__Order *m, err *e) {
    product p;
    bool ok = m->n_line > 0 && m->source[0] && strlen(m->source) <= LIMIT_ID && strlen(m->reference) <= LIMIT_ID &&
              strlen(m->deliver_to) <= LIMIT_ID && strlen(m->reason) <= LIMIT_TEXT &&
              currency_ok(str_of(m->currency)) && catalog_id_ok(str_of(m->company));
    for (size_t i = 0; ok && i < m->n_line; i++) {
        const Entry__OrderLine *l = m->line[i];
        if (!product_by_sku(t, str_of(l->sku), &p)) return err_set(e, ERR_NOT_FOUND, "product '%s': unknown", l->sku);
        ok = l->quantity > 0 && l->quantity <= LIMIT_QUANTITY && l->price >= 0 && l->price <= LIMIT_AMOUNT;
        for (size_t k = 0; ok && k < i; k++) ok = strcmp(m->line[k]->sku, l->sku) != 0;
    }
    return ok || err_set(e, ERR_DATA, "order: a source, and each product once with a quantity above 0");
}

bool replenish_order(txn *t, const entry *en, const Entry__Order *m, apply_result *r, err *e) {
    partner p;
    product x;
    if (!partner_by_id(t, str_of(m->partner), &p))
        return err_set(e, ERR_NOT_FOUND, "partner '%s': unknown", m->partner);
    TRY(entered_ok(t, m, e));
    order o = {.number = store_next(t, "order"),
               .partner = p.no,
               .currency = currency_no(str_of(m->currency)),
               .made_ms = en->time_ms,
               .placed_ms = en->time_ms,
               .amount = NUM_NONE,
               .company = str_of(m->company),
               .source = str_of(m->source),
               .reference = str_of(m->reference),
               .deliver_to = str_of(m->deliver_to),
               .reason = str_of(m->reason)};
    for (size_t i = 0; i < m->n_line; i++) {
        const Entry__OrderLine *l = m->line[i];
        if (!product_by_sku(t, str_of(l->sku), &x)) continue;
        order_line_put(
            t, o.number,
            &(order_line){.product = x.no, .quantity = l->quantity, .price = l->priced ? l->price : NUM_NONE});
    }
    order_event_put(
        t, &o, en,
        &(order_event){.act = ORDER_DO_ENTER, .to = ORDER_CONFIRMED, .reason = o.reason, .document = o.reference});
    order_put(t, &o);
    r->number = o.number;
    return txn_ok(t, e);
}
