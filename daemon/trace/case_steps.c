/* What somebody did in a case: looked at whole, then written, money and all, in one entry. */
#include "daemon/catalog/partner.h"
#include "daemon/catalog/product.h"
#include "daemon/catalog/settings.h"
#include "daemon/ledger/hold.h"
#include "daemon/ledger/wallet.h"
#include "daemon/outbox/outbox.h"
#include "daemon/store/store.h"
#include "daemon/trace/cases.h"
#include "proto/limits.h"

enum { STEP_BYTES = 16 * 1024 * 1024 };

typedef struct stepping {
    txn *t;
    const entry *en;
    const Entry__CaseStep *m;
    arena a;
    case_head head;
    case_state from, to;
    case_act act;
    day_t today;
    str reference;
    wallet_move *move; /* as posted */
    case_move *kept;   /* the same, as the case keeps them */
    size_t moves;
    wallet_key *hold_at;
    str source; /* of what is held of its goods */
    hold *good;
    size_t goods;
    notice *note;
} stepping;

static void stepping_auto(stepping *w) {
    arena_free(&w->a);
}

/* ---- may it be done now? */

static bool late(const stepping *w, err *e) {
    AUTO(buf) day = {0};
    if (w->from != CASE_UPHELD && w->from != CASE_PENALISED) return true;
    if (w->today <= w->head.appeal_due) return true;
    day_put(&day, w->head.appeal_due);
    return err_set(e, ERR_CONFLICT, "case %.*s: its verdict could be appealed until %s", STR_ARG(w->head.id),
                   buf_z(&day));
}

static bool early(const stepping *w, day_t due, const char *what, err *e) {
    AUTO(buf) day = {0};
    if (w->today > due) return true;
    day_put(&day, due);
    return err_set(e, ERR_CONFLICT, "case %.*s: %s until %s", STR_ARG(w->head.id), what, buf_z(&day));
}

static bool timely(const stepping *w, err *e) {
    if (w->act == DO_APPEAL) return late(w, e);
    if (w->act == DO_UPHOLD && w->from == CASE_NOTIFIED)
        return early(w, w->head.answer_due, "the partner may still answer,", e);
    if (w->act == DO_CLOSE && w->from == CASE_PENALISED)
        return early(w, w->head.appeal_due, "its verdict can be appealed", e);
    return true;
}

static bool texts_ok(const Entry__CaseStep *m, err *e) {
    bool ok = strlen(m->text) <= LIMIT_CASE_TEXT && strlen(m->told) <= LIMIT_CASE_TEXT &&
              strlen(m->assignee) <= LIMIT_ID && strlen(m->clause) <= LIMIT_ID && strlen(m->contract) <= LIMIT_ID &&
              m->n_paper <= LIMIT_CASE_PAPERS;
    for (size_t i = 0; ok && i < m->n_paper; i++) ok = m->paper[i].len == DIGEST_SIZE;
    return ok ||
           err_set(e, ERR_DATA, "case: at most %d bytes of text and %d files", LIMIT_CASE_TEXT, LIMIT_CASE_PAPERS);
}

static bool papers_known(const stepping *w, err *e) {
    str val;
    for (size_t i = 0; i < w->m->n_paper; i++)
        if (!kv_get(w->t, TABLE_PAPER, str_from(w->m->paper[i].data, DIGEST_SIZE), &val))
            return err_set(e, ERR_NOT_FOUND, "case %s: a file it names was never sent", w->m->id);
    return true;
}

/* ---- money */

static void keep_move(const wallet_move *x, case_move *out) {
    *out = (case_move){.partner = x->at.partner,
                       .currency = x->at.currency,
                       .company = x->at.company,
                       .account = (uint8_t)x->at.account,
                       .cause = (uint8_t)x->cause,
                       .amount = x->amount};
}

/* Everything the case has moved, the other way. */
static void reverse(stepping *w) {
    case_move *net;
    size_t n = case_money(w->t, w->head.id, &w->a, &net);
    w->move = ARENA_NEW(&w->a, wallet_move, n + 1);
    ASSERT(w->move != NULL);
    for (size_t i = 0; i < n; i++)
        w->move[w->moves++] = (wallet_move){.at = {net[i].partner, net[i].company, net[i].currency, net[i].account},
                                            .cause = CAUSE_REVERSAL,
                                            .amount = -net[i].amount,
                                            .day = w->today,
                                            .expires = DAY_MAX,
                                            .reference = w->reference,
                                            .note = w->reference};
}

static bool read_moves(stepping *w, err *e) {
    const Entry__CaseStep *m = w->m;
    if (w->act == DO_DISMISS || w->act == DO_COVER) reverse(w);
    else {
        bool pays = w->act == DO_PENALISE || w->act == DO_COMPENSATE;
        if (m->n_move && !pays) return err_set(e, ERR_DATA, "case %s: %s moves no money", m->id, case_act_name(w->act));
        w->move = ARENA_NEW(&w->a, wallet_move, m->n_move + 1);
        ASSERT(w->move != NULL);
        for (size_t i = 0; i < m->n_move; i++) {
            TRY(wallet_move_read(w->t, m->move[i], &w->move[i], e));
            w->move[i].day = w->today;
            w->move[i].reference = w->move[i].note = w->reference;
        }
        w->moves = m->n_move;
    }
    TRY(wallet_check(w->t, w->move, w->moves, w->today, e));
    w->kept = ARENA_NEW(&w->a, case_move, w->moves + 1);
    ASSERT(w->kept != NULL);
    for (size_t i = 0; i < w->moves; i++) {
        w->move[i].at.company = arena_str(&w->a, w->move[i].at.company);
        keep_move(&w->move[i], &w->kept[i]);
    }
    return true;
}

static bool read_holds(stepping *w, err *e) {
    const Entry__CaseStep *m = w->m;
    if (m->n_hold && w->act != DO_NOTIFY) return err_set(e, ERR_DATA, "case %s: only a notice holds money", m->id);
    w->hold_at = ARENA_NEW(&w->a, wallet_key, m->n_hold + 1);
    ASSERT(w->hold_at != NULL);
    for (size_t i = 0; i < m->n_hold; i++) {
        const Entry__CaseHold *h = m->hold[i];
        w->hold_at[i] = (wallet_key){w->head.partner, str_of(h->company), currency_no(str_of(h->currency)), h->account};
        if (h->account < WALLET_REBATE || h->account > WALLET_DEPOSIT || w->hold_at[i].currency == 0)
            return err_set(e, ERR_DATA, "case %s: unknown account of a hold", m->id);
        TRY(wallet_hold_check(&w->hold_at[i], w->reference, h->amount, e));
    }
    return true;
}

/* Goods of an open case earn nothing for certain, of an upheld one nothing; of a dismissed one it is as if nothing had been. */
static bool read_goods(stepping *w, err *e) {
    const Entry__CaseStep *m = w->m;
    if (m->n_goods && w->act != DO_NOTIFY && w->act != DO_UPHOLD)
        return err_set(e, ERR_DATA, "case %s: %s is not about goods", m->id, case_act_name(w->act));
    w->good = ARENA_NEW(&w->a, hold, m->n_goods + 1);
    ASSERT(w->good != NULL);
    for (size_t i = 0; i < m->n_goods; i++) {
        product of;
        if (!product_by_sku(w->t, str_of(m->goods[i]->sku), &of))
            return err_set(e, ERR_NOT_FOUND, "product '%s': unknown", m->goods[i]->sku);
        w->good[w->goods++] = (hold){.partner = w->head.partner,
                                     .source = w->source,
                                     .line = (uint32_t)i + 1,
                                     .state = w->act == DO_UPHOLD ? HOLD_UPHELD : HOLD_OPEN,
                                     .product = of.no,
                                     .document = STR(""),
                                     .quantity = m->goods[i]->quantity,
                                     .amount = NUM_NONE,
                                     .from = m->goods[i]->from,
                                     .until = m->goods[i]->until,
                                     .why = w->reference};
    }
    return w->goods == 0 || hold_check(w->good, w->goods, e);
}

/* An appeal opens again what was decided. */
static void reopen_goods(stepping *w) {
    hold *all;
    size_t n = holds_of(w->t, w->head.partner, &w->a, &all), own = 0;
    for (size_t i = 0; i < n; i++) {
        if (!str_eq(all[i].source, w->source)) continue;
        all[own] = all[i];
        all[own++].state = HOLD_OPEN;
    }
    if (own) hold_put(w->t, w->en->seq, w->head.partner, w->source, all, own);
}

static void put_goods(stepping *w) {
    bool warned = w->act == DO_PENALISE && w->m->schedule == 0;
    bool frees = warned || w->act == DO_DISMISS || w->act == DO_COVER || w->act == DO_RELEASE;
    if (w->goods || frees) hold_put(w->t, w->en->seq, w->head.partner, w->source, w->good, w->goods);
    else if (w->act == DO_APPEAL && w->from != CASE_NOTIFIED)
        reopen_goods(w);
}

static void put_money(stepping *w) {
    wallet_post(w->t, w->en->seq, w->move, w->moves);
    for (size_t i = 0; i < w->moves; i++) case_money_add(w->t, w->head.id, &w->kept[i]);
    bool frees = w->act == DO_DISMISS || w->act == DO_COVER || w->act == DO_PENALISE || w->act == DO_RELEASE ||
                 w->act == DO_CLOSE;
    if (frees) wallet_release(w->t, w->head.partner, w->reference);
    for (size_t i = 0; i < w->m->n_hold; i++)
        wallet_hold(w->t, w->en->seq, &w->hold_at[i], w->reference, w->m->hold[i]->amount, w->reference);
}

static void sum_money(stepping *w) {
    case_move *net;
    size_t n = case_money(w->t, w->head.id, &w->a, &net);
    w->head.penalty = w->head.compensation = 0;
    for (size_t i = 0; i < n; i++) {
        if (net[i].partner == w->head.partner) w->head.penalty -= net[i].amount;
        else
            w->head.compensation += net[i].amount;
        w->head.currency = net[i].currency;
    }
}

/* ---- the head as it becomes */

static void forget_verdict(case_head *h) {
    h->upheld = h->no_exemptions = DAY_MIN;
    h->schedule = h->offence = 0;
    h->compensation_due = 0;
    h->clause = h->contract = STR("");
}

static void move_head(stepping *w) {
    case_head *h = &w->head;
    const Entry__CaseStep *m = w->m;
    if (h->state != w->to) h->since_ms = w->en->time_ms;
    h->state = w->to;
    h->entry = w->en->seq;
    switch (w->act) {
    case DO_ASSIGN: h->assignee = str_of(m->assignee); break;
    case DO_NOTIFY:
        h->released = true;
        h->answer_due = m->due;
        h->own_due = m->own_due;
        break;
    case DO_APPEAL: h->own_due = m->own_due; break;
    case DO_UPHOLD:
        h->upheld = w->today;
        h->verdict = str_of(m->text);
        h->own_due = m->own_due;
        h->appeal_due = m->appeal_due;
        break;
    case DO_DISMISS:
    case DO_COVER:
        forget_verdict(h);
        h->verdict = str_of(m->text);
        h->own_due = h->appeal_due = DAY_MAX;
        break;
    case DO_PENALISE:
        h->schedule = m->schedule;
        h->offence = m->offence;
        h->clause = str_of(m->clause);
        h->contract = str_of(m->contract);
        h->no_exemptions = m->no_exemptions ? m->no_exemptions : DAY_MIN;
        h->compensation_due = m->compensation;
        if (m->currency[0]) h->currency = currency_no(str_of(m->currency));
        h->own_due = DAY_MAX;
        break;
    case DO_RELEASE: h->own_due = DAY_MAX; break;
    case DO_REOPEN: h->answer_due = h->own_due = h->appeal_due = DAY_MAX; break;
    case DO_INSPECT: h->not_found += m->not_found ? 1U : 0U; break;
    default: break;
    }
}

/* What stays in the house: what we say among ourselves, who was harmed, and all of an alert. */
static bool is_inward(const stepping *w) {
    static const case_act own[] = {DO_ASSIGN, DO_COMMENT, DO_COMPENSATE, DO_INSPECT};
    for (size_t i = 0; i < ARRAY_LEN(own); i++)
        if (w->act == own[i]) return true;
    return w->from == CASE_ALERT && w->act != DO_NOTIFY && !w->head.released;
}

static void put_step(stepping *w) {
    const Entry__CaseStep *m = w->m;
    uint8_t *paper = arena_alloc(&w->a, m->n_paper * DIGEST_SIZE + 1);
    ASSERT(paper != NULL);
    for (size_t i = 0; i < m->n_paper; i++) memcpy(paper + i * DIGEST_SIZE, m->paper[i].data, DIGEST_SIZE);
    const case_step_record s = {.step = ++w->head.steps,
                                .act = w->act,
                                .from = w->from,
                                .to = w->to,
                                .entry = w->en->seq,
                                .time_ms = w->en->time_ms,
                                .inward = is_inward(w),
                                .by = w->en->actor,
                                .text = str_of(m->text),
                                .told = str_of(m->told),
                                .paper = paper,
                                .papers = m->n_paper,
                                .move = w->kept,
                                .moves = w->moves};
    case_step_put(w->t, w->head.id, &s);
}

static bool read_notices(stepping *w, err *e) {
    const Entry__CaseStep *m = w->m;
    w->note = ARENA_NEW(&w->a, notice, m->n_notice + 1);
    ASSERT(w->note != NULL);
    for (size_t i = 0; i < m->n_notice; i++) {
        const Entry__Notice *n = m->notice[i];
        partner p;
        if (!partner_by_id(w->t, str_of(n->partner), &p))
            return err_set(e, ERR_NOT_FOUND, "partner '%s': unknown", n->partner);
        w->note[i] = (notice){.partner = p.no,
                              .day = w->today,
                              .kind = str_of(n->kind),
                              .subject = str_of(n->subject),
                              .zh = str_of(n->zh),
                              .en = str_of(n->en)};
        if (!catalog_id_ok(w->note[i].kind) || !catalog_id_ok(w->note[i].subject) || w->note[i].zh.n > LIMIT_NOTICE ||
            w->note[i].en.n > LIMIT_NOTICE)
            return err_set(e, ERR_DATA, "case %s: a notice is malformed", m->id);
    }
    return true;
}

bool trace_case_step(txn *t, const entry *en, const Entry__CaseStep *m, apply_result *r, err *e) {
    AUTO(stepping) w = {.t = t, .en = en, .m = m, .act = (case_act)m->act};
    arena_init(&w.a, STEP_BYTES);
    if (m->act <= DO_GATHER || m->act >= CASE_ACT_END) return err_set(e, ERR_DATA, "case %s: unknown act", m->id);
    if (!case_get(t, str_of(m->id), &w.head))
        return txn_ok(t, e) && err_set(e, ERR_NOT_FOUND, "no case '%.*s'", STR_ARG(str_take(str_of(m->id), LIMIT_ID)));
    case_keep(&w.head, &w.a);
    w.from = w.head.state;
    w.today = day_at(en->time_ms, (int)setting_number(t, SETTING_ZONE));
    w.reference = case_reference(w.head.id, &w.a);
    w.source = case_source(w.head.id, &w.a);
    if (!case_step(w.from, w.act, &w.to))
        return err_set(e, ERR_CONFLICT, "case %s is %s: it cannot be changed by %s", m->id, case_state_name(w.from),
                       case_act_name(w.act));
    TRY(texts_ok(m, e) && timely(&w, e) && papers_known(&w, e) && read_notices(&w, e));
    TRY(read_holds(&w, e) && read_goods(&w, e) && read_moves(&w, e) && txn_ok(t, e));
    put_money(&w);
    put_goods(&w);
    sum_money(&w);
    move_head(&w);
    put_step(&w);
    case_put(t, &w.head);
    for (size_t i = 0; i < m->n_notice; i++) (void)outbox_post(t, en->seq, &w.note[i]);
    r->number = w.head.steps;
    return txn_ok(t, e);
}
