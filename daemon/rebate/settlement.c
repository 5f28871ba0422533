#include "daemon/rebate/settlement.h"

#include "daemon/ledger/hold.h"
#include "daemon/ledger/members.h"
#include "daemon/ledger/stock.h"
#include "daemon/ledger/wallet.h"
#include "daemon/rebate/closing.h"
#include "daemon/store/keys.h"
#include "daemon/store/store.h"
#include "maths/share.h"
#include "proto/limits.h"

#include <stdlib.h>

enum { POLICIES_MAX = 4096 };

typedef struct terms { /* a policy as it is in force */
    policy p;
    uint32_t revision;
    bool withdrawn;
} terms;

typedef struct item { /* a line of which closed periods bear something */
    line_key at;
    uint32_t policy; /* of terms */
    int64_t borne, settled;
    bool asked;   /* the period that is settled bears a part */
    bool carried; /* its period waits below minimum_payout */
} item;

typedef struct work {
    txn *t;
    arena *a;
    str label;
    bool interim;
    terms *terms;
    size_t policies;
    item *item;
    size_t n, cap;
    due_rows *out;
    facts facts;
} work;

static bool load_policies(work *w, err *e) {
    policy_revision r = {.name = STR("")};
    w->terms = ARENA_NEW(w->a, terms, POLICIES_MAX);
    ASSERT(w->terms != NULL);
    while (policy_next(w->t, r.name, &r)) {
        if (w->policies == POLICIES_MAX) return err_set(e, ERR_DATA, "more than %d policies", POLICIES_MAX);
        terms *x = &w->terms[w->policies];
        TRY(policy_open(&r, &x->p, e));
        x->revision = r.revision;
        x->withdrawn = r.action == POLICY_WITHDRAWN;
        w->policies++;
        r.name = x->p.name;
    }
    return txn_ok(w->t, e);
}

/* ---- what is borne */

static bool counts(const work *w, str label) {
    return closing_is_closed(w->t, label) || (w->interim && str_eq(label, w->label));
}

static void add_item(work *w, const item *it) {
    w->item = arena_grown(w->a, w->item, w->n, &w->cap, sizeof *w->item);
    item *to = &w->item[w->n++];
    *to = *it;
    to->at.policy = w->terms[it->policy].p.name;
    to->at.period = arena_str(w->a, it->at.period);
    to->at.mechanism = arena_str(w->a, it->at.mechanism);
}

static void take_line(work *w, uint32_t no, const accrual *a) {
    AUTO(buf) own = {0};
    item it = {.at = a->at, .policy = no, .settled = a->settled};
    reader r = reader_of(a->parts);
    int64_t amount;
    closing_label(&own, a->at.policy, a->at.period);
    if (!counts(w, buf_str(&own))) return;
    it.asked = str_eq(buf_str(&own), w->label);
    for (str bearer; accrual_part(&r, &bearer, &amount);) {
        it.asked = it.asked || str_eq(bearer, w->label);
        if (counts(w, bearer)) it.borne += amount;
    }
    add_item(w, &it);
}

static bool take_lines(work *w, err *e) {
    for (uint32_t i = 0; i < w->policies; i++) {
        key prefix = {.n = 0};
        key_textz(&prefix, w->terms[i].p.name);
        for (AUTO(kv_cursor) c = kv_from(w->t, TABLE_ACCRUAL, key_str(&prefix), STR_NONE); kv_next(&c);) {
            accrual a;
            if (!accrual_decode(c.key, c.val, &a))
                return err_set(e, ERR_INTERNAL, "accrual: a record cannot be decoded");
            take_line(w, i, &a);
        }
    }
    return txn_ok(w->t, e);
}

static int by_group(const void *x, const void *y) {
    const item *a = x, *b = y;
    int d = (a->at.partner > b->at.partner) - (a->at.partner < b->at.partner);
    if (d == 0) d = str_cmp(a->at.period, b->at.period);
    if (d == 0) d = (a->policy > b->policy) - (a->policy < b->policy);
    if (d == 0) d = (a->at.stage > b->at.stage) - (a->at.stage < b->at.stage);
    return d ? d : str_cmp(a->at.mechanism, b->at.mechanism);
}

/* ---- what is due of one partner and period */

typedef struct part { /* one policy's lines */
    const terms *x;
    const item *item;
    size_t n;
    int64_t earned, pays;
    int64_t carried; /* earned, and waits below minimum_payout */
    const char *held, *forfeited;
} part;

static bool settle_groups(part *v, size_t n, arena *a, err *e) {
    overlap_due *due = ARENA_NEW(a, overlap_due, n);
    size_t *at = ARENA_NEW(a, size_t, n);
    ASSERT(due != NULL && at != NULL);
    for (size_t i = 0; i < n; i++) {
        str group = v[i].x->p.overlap_group;
        size_t many = 0;
        bool first = group.n > 0;
        for (size_t k = 0; k < n && first; k++) {
            if (!str_eq(v[k].x->p.overlap_group, group)) continue;
            first = k >= i;
            at[many] = k;
            due[many++] = (overlap_due){.policy = &v[k].x->p, .due = v[k].earned};
        }
        if (!first) continue;
        TRY(overlap_settle(due, many, e));
        for (size_t k = 0; k < many; k++) v[at[k]].pays = due[k].pays;
    }
    return true;
}

void standing_read(facts *f, uint32_t partner_no, arena *a, standing *out) {
    uint32_t *member;
    day_t *day = NULL;
    size_t cap = 0, members = members_of(f, partner_no, a, &member);
    *out = (standing){.open_case = STR("")};
    for (size_t m = 0; m < members; m++) {
        stock_count *count;
        size_t n = stock_counts(f->t, member[m], a, &count);
        if (out->open_case.n == 0 && hold_is_open(f->t, member[m], &out->open_case))
            out->open_case = arena_str(a, out->open_case);
        for (size_t i = 0; i < n; i++) {
            if (out->counts && day[out->counts - 1] == count[i].day) continue;
            day = arena_grown(a, day, out->counts, &cap, sizeof *day);
            day[out->counts++] = count[i].day;
        }
    }
    out->counted = day;
    if (out->open_case.n == 0 && wallet_is_held(f->t, partner_no, STR("case"))) out->open_case = STR("a case");
}

day_t settlement_end(const policy *p, str period) {
    int32_t no = 0;
    if (p->period == PERIOD_ONCE || !period_parse(period, p->period, &no)) return p->to;
    day_t last = period_last(p->period, no);
    return last < p->to ? last : p->to;
}

static void judge(work *w, const standing *s, part *v) {
    AUTO(buf) why = {0};
    const condition *unmet;
    day_t end = settlement_end(&v->x->p, v->item->at.period);
    standing_verdict verdict = conditions_judge(&v->x->p, s, end, &unmet);
    if (verdict == STANDING_PAYS) return;
    condition_why(unmet, s, end, &why);
    *(verdict == STANDING_HELD ? &v->held : &v->forfeited) = arena_str(w->a, buf_str(&why)).p;
}

static void put_row(work *w, const part *v, const item *it, int64_t amount, due_state state) {
    const policy *p = &v->x->p;
    due_rows *out = w->out;
    out->at = arena_grown(w->a, out->at, out->n, &out->cap, sizeof *out->at);
    out->at[out->n++] = (due_row){.at = it->at,
                                  .revision = v->x->revision,
                                  .company = arena_str(w->a, p->company),
                                  .form = p->payout,
                                  .expires_days = p->expires_days == NUM_NONE ? 0 : (uint32_t)p->expires_days,
                                  .own_share = (uint32_t)(pow10_i64(RATE_SCALE) - p->use_limit),
                                  .amount = amount,
                                  .held = state == DUE_SETTLED ? NULL
                                          : state == DUE_HELD  ? v->held
                                                               : v->forfeited,
                                  .state = state};
    out->at[out->n - 1].at.policy = arena_str(w->a, it->at.policy);
}

static bool share_over(work *w, const part *v, int64_t sum, int64_t *share, err *e) {
    wide *weight = ARENA_NEW(w->a, wide, v->n);
    ASSERT(weight != NULL);
    for (size_t i = 0; i < v->n; i++) weight[i] = v->item[i].borne;
    return sum == 0 || share_out(sum, weight, v->n, share, w->a) ||
           err_set(e, ERR_DATA, "policy '%.*s': a payout that cannot be shared over its lines", STR_ARG(v->x->p.name));
}

static const char *carried_why(work *w, const part *v) {
    AUTO(buf) why = {0};
    buf_addz(&why, "below the minimum payout of ");
    dec_put(&why, v->x->p.minimum_payout, 2, 2);
    buf_addz(&why, ": carried on");
    return arena_str(w->a, buf_str(&why)).p;
}

/* What is paid, over the lines by what each earned; a hold keeps back what would be paid, not what is taken back. What is
 * forfeited or carried on stands beside it, for people. */
static bool share_lines(work *w, part *v, err *e) {
    int64_t *share = ARENA_NEW(w->a, int64_t, v->n);
    bool lost = v->forfeited || v->carried;
    int64_t due = lost ? 0 : v->pays;
    ASSERT(share != NULL);
    for (size_t i = 0; i < v->n; i++) due -= v->item[i].settled;
    if (due <= 0) v->held = NULL;
    if (v->carried) v->forfeited = carried_why(w, v);
    TRY(share_over(w, v, v->carried ? v->carried : v->pays, share, e));
    for (size_t i = 0; i < v->n; i++) {
        int64_t change = (lost ? 0 : share[i]) - v->item[i].settled;
        if (lost && share[i]) put_row(w, v, &v->item[i], share[i], v->carried ? DUE_CARRIED : DUE_FORFEITED);
        if (change) put_row(w, v, &v->item[i], change, v->held ? DUE_HELD : DUE_SETTLED);
    }
    return true;
}

static bool settle_partner(work *w, const item *it, size_t n, err *e) {
    part *v = ARENA_NEW(w->a, part, n);
    size_t many = 0;
    ASSERT(v != NULL);
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || it[i].policy != it[i - 1].policy)
            v[many++] = (part){.x = &w->terms[it[i].policy], .item = &it[i]};
        part *p = &v[many - 1];
        p->n++;
        if (!add_i64(p->earned, it[i].borne, &p->earned)) return err_set(e, ERR_DATA, "a sum of rebates is too large");
    }
    standing s;
    standing_read(&w->facts, it->at.partner, w->a, &s);
    for (size_t i = 0; i < many; i++) {
        if (v[i].earned < 0) v[i].earned = 0; /* its rest is borne by a period that is still open */
        if (v[i].item->carried) v[i].carried = v[i].earned, v[i].earned = 0;
        v[i].pays = v[i].earned;
    }
    TRY(settle_groups(v, many, w->a, e));
    for (size_t i = 0; i < many; i++) {
        if (!mul_div(v[i].pays, v[i].x->p.payout_share, pow10_i64(RATE_SCALE), &v[i].pays))
            return err_set(e, ERR_DATA, "a sum of rebates is too large");
        judge(w, &s, &v[i]);
        TRY(share_lines(w, &v[i], e));
    }
    return true;
}

/* ---- minimum_payout */

static int by_policy(const void *x, const void *y) {
    const item *a = x, *b = y;
    if (a->policy != b->policy) return a->policy < b->policy ? -1 : 1;
    if (a->at.partner != b->at.partner) return a->at.partner < b->at.partner ? -1 : 1;
    return str_cmp(a->at.period, b->at.period);
}

/* The items of one partner and policy, by period: those since the last that came to the minimum together wait. Where one
 * of them is asked for all are looked at, as others may be due with it. */
static void carry(item *it, size_t n, int64_t minimum) {
    wide pot = 0;
    size_t waits = 0;
    bool asked = false;
    for (size_t from = 0, to; from < n; from = to) {
        wide earned = 0;
        for (to = from; to < n && str_eq(it[to].at.period, it[from].at.period); to++) {
            earned += it[to].borne;
            asked = asked || it[to].asked;
        }
        if (earned > 0) pot += earned;
        if (pot < minimum) continue;
        pot = 0;
        waits = to;
    }
    for (size_t i = 0; i < n; i++) it[i].carried = i >= waits, it[i].asked = asked;
}

static void carry_all(work *w) {
    if (w->n) qsort(w->item, w->n, sizeof *w->item, by_policy);
    for (size_t from = 0, to; from < w->n; from = to) {
        const policy *p = &w->terms[w->item[from].policy].p;
        for (to = from; to < w->n && w->item[to].policy == w->item[from].policy &&
                        w->item[to].at.partner == w->item[from].at.partner;)
            to++;
        if (p->minimum_payout != NUM_NONE) carry(&w->item[from], to - from, p->minimum_payout);
    }
}

static bool settle_all(work *w, err *e) {
    carry_all(w);
    if (w->n) qsort(w->item, w->n, sizeof *w->item, by_group);
    for (size_t from = 0, to; from < w->n; from = to) {
        bool asked = false;
        for (to = from; to < w->n && w->item[to].at.partner == w->item[from].at.partner &&
                        str_eq(w->item[to].at.period, w->item[from].at.period);
             to++)
            asked = asked || w->item[to].asked;
        if (asked) TRY(settle_partner(w, &w->item[from], to - from, e));
    }
    return true;
}

static int by_statement(const void *x, const void *y) {
    const due_row *a = x, *b = y;
    int d = (a->at.partner > b->at.partner) - (a->at.partner < b->at.partner);
    if (d == 0) d = str_cmp(a->company, b->company);
    if (d == 0) d = str_cmp(a->at.policy, b->at.policy);
    if (d == 0) d = str_cmp(a->at.period, b->at.period);
    if (d == 0) d = (a->at.stage > b->at.stage) - (a->at.stage < b->at.stage);
    return d ? d : str_cmp(a->at.mechanism, b->at.mechanism);
}

bool settlement_due(txn *t, str label, bool interim, arena *a, due_rows *out, err *e) {
    work w = {.t = t, .a = a, .label = label, .interim = interim, .out = out};
    *out = (due_rows){.n = 0};
    if (!interim && !closing_is_closed(t, label))
        return err_set(e, ERR_CONFLICT, "period %.*s is open: close it first, or settle it --interim", STR_ARG(label));
    facts_init(&w.facts, t);
    bool ok = load_policies(&w, e) && take_lines(&w, e) && settle_all(&w, e);
    for (size_t i = 0; i < w.policies; i++) policy_free(&w.terms[i].p);
    facts_free(&w.facts);
    if (ok && out->n) qsort(out->at, out->n, sizeof *out->at, by_statement);
    return ok;
}
