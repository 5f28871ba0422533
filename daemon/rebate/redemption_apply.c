/* Payouts as entries: asked for, and what became of them. Everything is looked at before anything is written. */
#include "base/num.h"
#include "daemon/catalog/partner.h"
#include "daemon/catalog/settings.h"
#include "daemon/ledger/wallet.h"
#include "daemon/outbox/outbox.h"
#include "daemon/rebate/redemption.h"
#include "daemon/rebate/statement.h"
#include "daemon/rebate/texts.h"
#include "daemon/store/keys.h"
#include "daemon/store/store.h"
#include "proto/limits.h"

#include <inttypes.h>

/* ---- packing */

void redemption_pack(txn *t, const redemption *r, const redemption_line *line, size_t n, arena *a, Entry__Payout *out) {
    AUTO(texts) d = {.a = a};
    char code[4];
    texts_init(&d, a);
    entry__payout__init(out);
    uint32_t **texts_of[] = {&out->number, &out->sku, &out->unit, &out->rate};
    int64_t **sums[] = {&out->line_amount, &out->tax, &out->credited};
    uint64_t **counts[] = {&out->document, &out->quantity, &out->price};
    for (size_t i = 0; i < ARRAY_LEN(texts_of); i++) *texts_of[i] = ARENA_NEW(a, uint32_t, n + 1);
    for (size_t i = 0; i < ARRAY_LEN(sums); i++) *sums[i] = ARENA_NEW(a, int64_t, n + 1);
    for (size_t i = 0; i < ARRAY_LEN(counts); i++) *counts[i] = ARENA_NEW(a, uint64_t, n + 1);
    out->day = ARENA_NEW(a, int32_t, n + 1);
    ASSERT(out->day != NULL && out->price != NULL);
    for (size_t i = 0; i < n; i++) {
        out->document[i] = line[i].document;
        out->day[i] = line[i].day;
        out->rate[i] = line[i].rate;
        out->number[i] = texts_add(&d, line[i].number);
        out->sku[i] = texts_add(&d, line[i].sku);
        out->unit[i] = texts_add(&d, line[i].unit);
        out->quantity[i] = line[i].quantity;
        out->price[i] = (uint64_t)line[i].price;
        out->line_amount[i] = line[i].amount;
        out->tax[i] = line[i].tax;
        out->credited[i] = line[i].credited;
    }
    out->n_document = out->n_day = out->n_rate = out->n_number = out->n_sku = out->n_unit = n;
    out->n_quantity = out->n_price = out->n_line_amount = out->n_tax = out->n_credited = n;
    out->partner = (char *)(uintptr_t)arena_str(a, partner_id(t, r->partner)).p;
    out->company = (char *)(uintptr_t)arena_str(a, r->company).p;
    out->currency = (char *)(uintptr_t)arena_str(a, currency_text(r->currency, code)).p;
    out->form = (char *)(uintptr_t)policy_form_name(r->form);
    out->amount = r->amount;
    out->reason = (char *)(uintptr_t)arena_str(a, r->reason.p ? r->reason : STR("")).p;
    out->text = d.v;
    out->n_text = d.n;
}

/* ---- asked for */

static bool columns_ok(const Entry__Payout *m, err *e) {
    const size_t same[] = {m->n_document, m->n_day,   m->n_rate, m->n_number,   m->n_sku,
                           m->n_unit,     m->n_price, m->n_tax,  m->n_quantity, m->n_credited};
    for (size_t i = 0; i < ARRAY_LEN(same); i++)
        if (same[i] != m->n_line_amount) return err_set(e, ERR_DATA, "payout: columns of different lengths");
    return m->n_line_amount > 0 || err_set(e, ERR_DATA, "payout: at least one line");
}

static bool head_of(txn *t, const Entry__Payout *m, redemption *out, err *e) {
    partner p;
    *out = (redemption){.amount = m->amount,
                        .lines = (uint32_t)m->n_line_amount,
                        .state = REDEMPTION_REQUESTED,
                        .day = DAY_MIN,
                        .company = str_of(m->company),
                        .reason = str_of(m->reason)};
    if (!partner_by_id(t, str_of(m->partner), &p))
        return txn_ok(t, e) && err_set(e, ERR_NOT_FOUND, "partner '%s': unknown", m->partner);
    out->partner = p.no;
    if (!redemption_form_parse(str_of(m->form), &out->form) || !currency_ok(str_of(m->currency)) || m->amount <= 0 ||
        m->amount > LIMIT_WALLET || out->company.n == 0 || out->company.n > LIMIT_ID || out->reason.n > LIMIT_TEXT)
        return err_set(e, ERR_DATA, "payout: a form, a company, a currency, an amount above 0");
    out->currency = currency_no(str_of(m->currency));
    return true;
}

static bool line_of(const Entry__Payout *m, size_t i, redemption_line *out, err *e) {
    *out = (redemption_line){.document = m->document[i],
                             .day = m->day[i],
                             .rate = m->rate[i],
                             .quantity = m->quantity[i],
                             .price = (int64_t)m->price[i],
                             .amount = m->line_amount[i],
                             .tax = m->tax[i],
                             .credited = m->credited[i],
                             .number = texts_at(m->text, m->n_text, m->number[i]),
                             .sku = texts_at(m->text, m->n_text, m->sku[i]),
                             .unit = texts_at(m->text, m->n_text, m->unit[i])};
    bool good = out->amount > 0 && out->amount <= m->amount && out->tax >= 0 && out->tax <= out->amount &&
                out->price >= 0 && out->number.n <= LIMIT_TEXT && out->sku.n <= LIMIT_ID && out->unit.n <= LIMIT_ID;
    return good || err_set(e, ERR_DATA, "payout: line %zu is none", i + 1);
}

static bool lines_ok(txn *t, const Entry__Payout *m, const redemption *r, err *e) {
    AUTO(credits) there = {0};
    redemption_line l;
    int64_t sum = 0;
    if (r->form == PAYOUT_CREDIT_NOTE) credits_of(t, r->partner, &there);
    for (size_t i = 0; i < m->n_line_amount; i++) {
        TRY(line_of(m, i, &l, e));
        sum += l.amount;
        if (r->form == PAYOUT_CREDIT_NOTE && (l.document == 0 || credits_get(&there, l.document, l.rate) != l.credited))
            return err_set(e, ERR_CONFLICT, "invoice %.*s was credited since: ask for the payout again",
                           STR_ARG(l.number));
    }
    return sum == m->amount || err_set(e, ERR_DATA, "payout: its lines do not add up to it");
}

static day_t today_of(txn *t, const entry *en) {
    return day_at(en->time_ms, (int)setting_number(t, SETTING_ZONE));
}

static wallet_key account_of(const redemption *r) {
    return (wallet_key){r->partner, r->company, r->currency, WALLET_REBATE};
}

static bool is_available(txn *t, const entry *en, const redemption *r, err *e) {
    wallet_figures f;
    wallet_key k = account_of(r);
    day_t today = today_of(t, en);
    wallet_look(t, &k, today, today, &f);
    return f.available >= r->amount || err_set(e, ERR_CONFLICT, "wallet of '%.*s': less than that is available",
                                               STR_ARG(partner_id(t, r->partner)));
}

static void put(txn *t, const redemption *r) {
    AUTO(buf) b = {0};
    key k = {.n = 0};
    key_u32(&k, r->partner);
    key_u64(&k, r->number);
    buf_be64(&b, r->entry);
    buf_be64(&b, (uint64_t)r->time_ms);
    buf_byte(&b, (char)r->state);
    buf_byte(&b, (char)r->form);
    buf_be32(&b, r->currency);
    buf_be64(&b, (uint64_t)r->amount);
    buf_be32(&b, r->lines);
    buf_be64(&b, r->batch);
    buf_be32(&b, (uint32_t)r->day);
    const str words_of[] = {r->company, r->by, r->confirmation, r->document, r->reason, r->life};
    for (size_t i = 0; i < ARRAY_LEN(words_of); i++) buf_text(&b, words_of[i]);
    kv_put(t, TABLE_PAYOUT, key_str(&k), buf_str(&b));
}

static void put_line(txn *t, uint64_t number, size_t no, const redemption_line *l) {
    AUTO(buf) b = {0};
    key k = {.n = 0};
    key_u64(&k, number);
    key_u32(&k, (uint32_t)no);
    buf_be64(&b, l->document);
    buf_be32(&b, (uint32_t)l->day);
    buf_be32(&b, l->rate);
    buf_be64(&b, l->quantity);
    buf_be64(&b, (uint64_t)l->price);
    buf_be64(&b, (uint64_t)l->amount);
    buf_be64(&b, (uint64_t)l->tax);
    const str words_of[] = {l->number, l->sku, l->unit};
    for (size_t i = 0; i < ARRAY_LEN(words_of); i++) buf_text(&b, words_of[i]);
    kv_put(t, TABLE_PAYOUT_LINE, key_str(&k), buf_str(&b));
}

static void hold(txn *t, uint64_t seq, const redemption *r, int64_t amount) {
    AUTO(buf) reference = {0};
    wallet_key k = account_of(r);
    redemption_reference(&reference, r->number);
    wallet_hold(t, seq, &k, buf_str(&reference), amount, str_of(policy_form_name(r->form)));
}

/* The partner's word is wanted. */
static void tell(txn *t, const entry *en, const redemption *r) {
    AUTO(buf) zh = {0};
    AUTO(buf) text = {0};
    AUTO(buf) subject = {0};
    AUTO(buf) sum = {0};
    bool credit = r->form == PAYOUT_CREDIT_NOTE;
    if (!credit && r->form != PAYOUT_EXPENSE) return;
    dec_put(&sum, r->amount, 2, 2);
    redemption_reference(&subject, r->number);
    buf_printf(&zh, credit ? "返利票折 %s：%s 元，请确认红字信息" : "返利费用 %s：%s 元，请开票并填报发票号",
               buf_z(&subject), buf_z(&sum));
    buf_printf(&text,
               credit ? "credit note %s of %s: please confirm it"
                      : "expense %s of %s: please tell the number of your invoice",
               buf_z(&subject), buf_z(&sum));
    (void)outbox_post(t, en->seq,
                      &(notice){.partner = r->partner,
                                .day = today_of(t, en),
                                .kind = STR("payout"),
                                .subject = buf_str(&subject),
                                .zh = buf_str(&zh),
                                .en = buf_str(&text)});
}

bool rebate_payout(txn *t, const entry *en, const Entry__Payout *m, apply_result *r, err *e) {
    AUTO(buf) life = {0};
    uint8_t raw[4];
    key no = {.n = 0};
    redemption x;
    redemption_line l;
    TRY(columns_ok(m, e) && head_of(t, m, &x, e) && lines_ok(t, m, &x, e) && is_available(t, en, &x, e));
    x.number = store_next(t, "payout");
    x.entry = en->seq;
    x.time_ms = en->time_ms;
    x.by = en->actor;
    line_life_add(&life, STR(""), &(line_event){0, en->time_ms, en->actor, x.reason});
    x.life = buf_str(&life);
    put(t, &x);
    key_u64(&no, x.number);
    put_be32(raw, x.partner);
    kv_put(t, TABLE_PAYOUT_NO, key_str(&no), str_from(raw, sizeof raw));
    for (size_t i = 0; i < m->n_line_amount; i++) {
        TRY(line_of(m, i, &l, e));
        put_line(t, x.number, i + 1, &l);
    }
    hold(t, en->seq, &x, x.amount);
    tell(t, en, &x);
    r->number = x.number;
    return txn_ok(t, e);
}

/* ---- what became of it */

static str text_at(char *const *v, size_t n, size_t i) {
    return i < n ? str_of(v[i]) : STR("");
}

static bool step_ok(txn *t, const Entry__PayoutStep *m, size_t i, err *e) {
    redemption x;
    redemption_state to;
    uint64_t number = m->payout[i];
    if (i && number <= m->payout[i - 1]) return err_set(e, ERR_DATA, "payouts are not in order");
    if (text_at(m->number, m->n_number, i).n > LIMIT_ID || text_at(m->reason, m->n_reason, i).n > LIMIT_TEXT)
        return err_set(e, ERR_DATA, "payout %" PRIu64 ": a number has at most %d, a reason %d bytes", number, LIMIT_ID,
                       LIMIT_TEXT);
    if (!redemption_get(t, number, &x)) return txn_ok(t, e) && err_set(e, ERR_NOT_FOUND, "no payout %" PRIu64, number);
    if (m->act == REDEEM_EXPORT && x.batch)
        return err_set(e, ERR_CONFLICT, "payout %" PRIu64 " is in batch %" PRIu64 " already", number, x.batch);
    return redemption_step(x.form, x.state, (redemption_act)m->act, &to) ||
           err_set(e, ERR_CONFLICT, "payout %" PRIu64 " (%s) is %s: it cannot take %s", number,
                   policy_form_name(x.form), redemption_state_name(x.state),
                   redemption_act_name((redemption_act)m->act));
}

/* Out of the wallet, or back into it. It was held: that the wallet may be overdrawn by now does not undo what the ERP has
 * done. */
static void move_money(txn *t, const entry *en, const redemption *x, bool back) {
    AUTO(buf) reference = {0};
    AUTO(buf) note = {0};
    redemption_reference(&reference, x->number);
    buf_printf(&note, "%s %.*s", policy_form_name(x->form), STR_ARG(x->document));
    wallet_post(t, en->seq,
                &(wallet_move){.at = account_of(x),
                               .cause = back ? CAUSE_REVERSAL : CAUSE_PAYOUT,
                               .amount = back ? x->amount : -x->amount,
                               .day = today_of(t, en),
                               .expires = DAY_MAX,
                               .reference = buf_str(&reference),
                               .note = str_trim(buf_str(&note))},
                1);
}

static void take_step(txn *t, const entry *en, const Entry__PayoutStep *m, size_t i, uint64_t batch) {
    AUTO(buf) life = {0};
    AUTO(buf) kept = {0};
    redemption x;
    redemption_act act = (redemption_act)m->act;
    key k = {.n = 0};
    str val, number = text_at(m->number, m->n_number, i), reason = text_at(m->reason, m->n_reason, i);
    if (!redemption_get(t, m->payout[i], &x)) return;
    key_u32(&k, x.partner);
    key_u64(&k, x.number);
    if (!kv_get(t, TABLE_PAYOUT, key_str(&k), &val)) return;
    buf_add(&kept, val); /* what follows writes: borrowed bytes would not last */
    if (!redemption_decode(key_str(&k), buf_str(&kept), &x)) return;
    (void)redemption_step(x.form, x.state, act, &x.state);
    if (act == REDEEM_CONFIRM && number.n) x.confirmation = number;
    if (act == REDEEM_ISSUE) x.document = number, x.day = i < m->n_day ? m->day[i] : DAY_MIN;
    if (act == REDEEM_EXPORT) x.batch = batch;
    if (act == REDEEM_REFUSE || act == REDEEM_VOID) x.reason = reason;
    line_life_add(&life, x.life, &(line_event){m->act, en->time_ms, en->actor, number.n ? number : reason});
    x.life = buf_str(&life);
    if (act == REDEEM_ISSUE || act == REDEEM_REFUSE) hold(t, en->seq, &x, 0);
    if (act == REDEEM_ISSUE || act == REDEEM_VOID) move_money(t, en, &x, act == REDEEM_VOID);
    x.entry = en->seq;
    put(t, &x);
}

bool rebate_payout_step(txn *t, const entry *en, const Entry__PayoutStep *m, apply_result *r, err *e) {
    if (m->act < REDEEM_CONFIRM || m->act >= REDEEM_END || m->n_payout == 0)
        return err_set(e, ERR_DATA, "payout.step: a known act, and payouts");
    for (size_t i = 0; i < m->n_payout; i++) TRY(step_ok(t, m, i, e));
    uint64_t batch = m->act == REDEEM_EXPORT ? store_next(t, "payout_batch") : 0;
    for (size_t i = 0; i < m->n_payout; i++) take_step(t, en, m, i, batch);
    r->number = batch ? batch : m->n_payout;
    return txn_ok(t, e);
}
