/* overview — the tiles of the first page: sell-in with its target and payments, final sell-out, days of stock, rebates accrued
 * against budget, open cases; each with what it is held against, its course, and what it rests on. */
#include "daemon/command/overview.h"

#include "daemon/catalog/product.h"
#include "daemon/catalog/settings.h"
#include "daemon/command/cases.h"
#include "daemon/command/cells.h"
#include "daemon/command/period.h"
#include "daemon/command/rebate.h"
#include "daemon/ledger/stock.h"
#include "daemon/rebate/accrual.h"
#include "daemon/store/keys.h"

enum { SPARK_DAYS = 14, SPARK_MOST = 31, RATE_DAYS = 28, MONTHS_A_YEAR = 12 };

typedef enum tile_unit { TILE_FIGURE, TILE_DAYS, TILE_COUNT } tile_unit;

typedef struct tile {
    const char *name, *en, *zh, *drill;
    tile_unit unit;
    int64_t value, before; /* figures; days in tenths; counts. NUM_NONE not known */
    int64_t target, attained;
    uint32_t with, without; /* partners with a target, and without */
    bool compares, partial; /* partial: some of it is in no figure (other currency, no price) */
    reach reach;            /* partners 0: our own books */
    int64_t spark[SPARK_MOST];
    size_t sparks;
} tile;

typedef struct board {
    call *c;
    figure_scope s;
    overview_period p;
    str label;
    span_kind spark_by;
    facts facts;
} board;

/* ---- course: by day up to a month, by week up to a quarter, else by month */

static span_kind spark_kind(const overview_period *p) {
    day_t n = p->at.whole.to - p->at.whole.from + 1;
    return n <= SPARK_MOST ? SPAN_DAY : n <= 7 * (SPARK_MOST - 2) ? SPAN_WEEK : SPAN_MONTH;
}

/* A day alone has no course: the days before it are shown. */
static day_span spark_span(const board *b) {
    day_span s = b->p.at.now;
    if (b->p.kind == SPAN_DAY) s.from = s.to - SPARK_DAYS + 1;
    return s;
}

/* The next bucket of the course from a day on. */
static day_span bucket_at(const board *b, day_t day, day_t last) {
    day_span s = span_at(&b->p.calendar, b->spark_by, day);
    return (day_span){day, s.to < last ? s.to : last};
}

static void put_course(const board *b, const figure_days *d, tile *t) {
    day_span all = spark_span(b);
    for (day_t day = all.from; day <= all.to && t->sparks < SPARK_MOST;) {
        day_span s = bucket_at(b, day, all.to);
        t->spark[t->sparks++] = figure_sum(d, s);
        day = s.to + 1;
    }
}

/* ---- goods and money */

static bool of_measure(board *b, figure_measure m, tile *t, err *e) {
    figure_days now, before;
    day_span span = spark_span(b);
    TRY(figure_read(b->c->t, &b->s, m, span, b->c->a, &now, e));
    TRY(figure_read(b->c->t, &b->s, m, b->p.at.before, b->c->a, &before, e));
    t->value = figure_sum(&now, b->p.at.now);
    t->before = before.any ? figure_sum(&before, b->p.at.before) : NUM_NONE;
    t->compares = true;
    t->partial = now.others || before.others;
    put_course(b, &now, t);
    return true;
}

static bool with_target(board *b, figure_measure m, tile *t, err *e) {
    targets x;
    TRY(of_measure(b, m, t, e) && overview_target(b->c, &b->s, m, &b->p, t->value, &x, &t->attained, e));
    t->target = x.target;
    t->with = x.with;
    t->without = x.without;
    return true;
}

static bool of_sell_in(board *b, tile *t, err *e) {
    return with_target(b, FIGURE_SELL_IN, t, e);
}

static bool of_payments(board *b, tile *t, err *e) {
    if (b->s.brand) return true; /* money is paid for no brand */
    return with_target(b, FIGURE_PAYMENTS, t, e);
}

/* The last day that is over: reports of today are still to come. */
static day_t last_over(const board *b) {
    return b->p.at.now.to < b->p.today ? b->p.at.now.to : b->p.today - 1;
}

static bool of_sell_out(board *b, tile *t, err *e) {
    reach_of(b->c->t, &b->s, TYPE_SALE, last_over(b), &t->reach);
    return with_target(b, FIGURE_SELL_OUT, t, e);
}

/* ---- days of stock: what partners should have, over what they finally sold a day of the last four weeks */

static bool has_partner(const figure_scope *s, uint32_t no) {
    for (size_t i = 0; i < s->partners; i++)
        if (s->partner[i] == no) return true;
    return !s->by_partner;
}

static bool has_province(board *b, uint32_t no) {
    uint32_t at = b->s.provinces ? region_at_level(b->c->t, partner_fact_of(&b->facts, no)->home, REGION_PROVINCE) : 0;
    for (size_t i = 0; i < b->s.provinces; i++)
        if (b->s.province[i] == at) return true;
    return b->s.provinces == 0;
}

static int64_t stock_at(board *b, day_t at) {
    AUTO(arena) a = {0};
    int64_t sum = NUM_NONE;
    arena_init(&a, SIZE_MAX);
    for (uint64_t no = 0; (no = stock_partner(b->c->t, (uint32_t)no, true)) != 0 && no < UINT32_MAX; no++) {
        stock s;
        if (!has_partner(&b->s, (uint32_t)no) || !has_province(b, (uint32_t)no)) continue;
        arena_reset(&a);
        stock_of(b->c->t, (uint32_t)no, at, &a, &s);
        for (size_t i = 0; i < s.levels; i++) {
            if (!s.level[i].counted) continue;
            if (b->s.brand && brand_no(b->c->t, product_fact_of(&b->facts, s.level[i].product)->brand) != b->s.brand)
                continue;
            if (sum == NUM_NONE) sum = 0;
            if (s.level[i].quantity > 0 && !add_i64(sum, s.level[i].quantity, &sum)) return NUM_NONE;
        }
    }
    return sum;
}

static bool days_at(board *b, day_t at, int64_t *out, err *e) {
    figure_scope goods = b->s;
    figure_days d;
    day_span four_weeks = {at - RATE_DAYS + 1, at};
    int64_t have = stock_at(b, at);
    goods.quantity = true;
    *out = NUM_NONE;
    TRY(figure_read(b->c->t, &goods, FIGURE_SELL_OUT, four_weeks, b->c->a, &d, e));
    int64_t sold = figure_sum(&d, four_weeks);
    if (have == NUM_NONE || sold <= 0) return true;
    if (!mul_div(have, 10 * RATE_DAYS, sold, out)) *out = NUM_NONE;
    return true;
}

static bool of_stock(board *b, tile *t, err *e) {
    t->unit = TILE_DAYS;
    t->compares = true;
    reach_of(b->c->t, &b->s, TYPE_STOCK, span_at(&b->p.calendar, SPAN_MONTH, last_over(b)).from, &t->reach);
    return days_at(b, last_over(b), &t->value, e) && days_at(b, b->p.at.before.to, &t->before, e);
}

/* ---- rebates: what is posted of the policies in effect, and the budgets of those that have one */

static bool of_rebates(board *b, tile *t, err *e) {
    AUTO(policies) all = {0};
    if (b->s.brand || b->s.quantity) return true;
    TRY(policies_in_force(b->c, STR_NONE, &all, e));
    t->value = 0;
    for (size_t i = 0; i < all.n; i++) {
        const policy *p = &all.v[i].policy;
        key prefix = {.n = 0};
        int64_t sum = 0;
        if (p->from > b->p.at.now.to || p->to < b->p.at.now.from) continue;
        key_textz(&prefix, p->name);
        for (AUTO(kv_cursor) w = kv_from(b->c->t, TABLE_ACCRUAL, key_str(&prefix), STR_NONE); kv_next(&w);) {
            accrual a;
            if (!accrual_decode(w.key, w.val, &a)) continue;
            if (!has_partner(&b->s, a.at.partner) || !has_province(b, a.at.partner)) continue;
            if (!add_i64(sum, accrual_posted(&a), &sum)) return err_set(e, ERR_DATA, "rebates are out of range");
        }
        if (!add_i64(t->value, sum, &t->value)) return err_set(e, ERR_DATA, "rebates are out of range");
        bool whole = !b->s.by_partner && b->s.provinces == 0; /* a budget is the whole policy's */
        if (p->budget == NUM_NONE || !whole) continue;
        if (t->target == NUM_NONE) t->target = t->attained = 0;
        if (!add_i64(t->target, p->budget, &t->target) || !add_i64(t->attained, sum, &t->attained))
            return err_set(e, ERR_DATA, "budgets are out of range");
    }
    return true;
}

/* ---- open cases */

static bool was_open(const board *b, const case_head *h, day_t at) {
    if (day_at(h->opened_ms, b->c->zone_min) > at) return false;
    return case_is_open(h->state) || day_at(h->since_ms, b->c->zone_min) > at;
}

static bool of_cases(board *b, tile *t, err *e) {
    day_span all = spark_span(b);
    (void)e;
    t->unit = TILE_COUNT;
    t->compares = true;
    t->value = t->before = 0;
    for (day_t day = all.from; day <= all.to && t->sparks < SPARK_MOST; day = bucket_at(b, day, all.to).to + 1)
        t->spark[t->sparks++] = 0;
    for (AUTO(kv_cursor) w = kv_from(b->c->t, TABLE_CASE, STR(""), STR_NONE); kv_next(&w);) {
        case_head h;
        size_t n = 0;
        if (!case_decode(w.key, w.val, &h) || !case_visible(b->c, &h)) continue;
        if (!has_partner(&b->s, h.partner) || !has_province(b, h.partner)) continue;
        t->value += was_open(b, &h, b->p.at.now.to);
        t->before += was_open(b, &h, b->p.at.before.to);
        for (day_t day = all.from; n < t->sparks; n++) {
            day_span s = bucket_at(b, day, all.to);
            t->spark[n] += was_open(b, &h, s.to);
            day = s.to + 1;
        }
    }
    return true;
}

/* ---- the tiles */

static const struct tile_row {
    const char *name, *en, *zh, *drill;
    bool (*fill)(board *b, tile *t, err *e);
} rows[] = {
    {"sell_in", "sell-in", "进货额", "trend --measure sell_in", of_sell_in},
    {"payments", "payments", "回款", "trend --measure payments", of_payments},
    {"sell_out", "final sell-out", "终端动销", "trend --measure sell_out", of_sell_out},
    {"stock_days", "days of stock in the channel", "渠道库存天数", "stock list", of_stock},
    {"rebates", "rebates accrued against budget", "返利计提／预算", "accrual list", of_rebates},
    {"cases", "open cases of diversion", "未结窜货案件", "case list --open", of_cases},
};

static void put_value(board *b, json *j, const char *name, int64_t v, const tile *t) {
    if (t->unit == TILE_FIGURE) {
        cell_figure(j, name, v, &b->s);
        return;
    }
    json_key(j, name);
    json_dec(j, v, t->unit == TILE_DAYS ? 1 : 0, 0);
}

static void put_spark(board *b, json *j, const tile *t) {
    char code[4];
    unsigned scale = b->s.quantity ? QUANTITY_SCALE : currency_scale(currency_text(b->s.currency, code));
    json_key(j, "spark");
    json_open_array(j);
    for (size_t i = 0; i < t->sparks; i++) json_dec(j, t->spark[i], t->unit == TILE_FIGURE ? scale : 0, 0);
    json_end_array(j);
    cell_text(j, "spark_by", t->sparks ? str_of(span_kind_name(b->spark_by)) : STR(""));
}

/* How much of the period has gone. */
static int64_t elapsed(const overview_period *p) {
    return share_ppm(p->at.now.to - p->at.now.from + 1, p->at.whole.to - p->at.whole.from + 1);
}

static void put_tile(board *b, const tile *t) {
    const compared *at = &b->p.at;
    json *j = answer_row(b->c);
    cell_text(j, "tile", str_of(t->name));
    cell_text(j, "what", str_of(call_flag(b->c, "zh") ? t->zh : t->en));
    put_value(b, j, "value", t->value, t);
    cell_text(j, "unit",
              t->unit == TILE_FIGURE ? figure_unit(b->c, &b->s)
              : t->unit == TILE_DAYS ? STR("days")
                                     : STR("cases"));
    put_value(b, j, "before", t->before, t);
    cell_share(j, "change", t->compares ? change_ppm(t->value, t->before) : NUM_NONE);
    cell_text(j, "compared", t->compares ? str_of(comparison_name(at->how)) : STR(""));
    cell_text(j, "period", b->p.label);
    put_day_cell(j, "from", at->now.from);
    put_day_cell(j, "to", at->now.to);
    put_day_cell(j, "before_from", at->before.from);
    put_day_cell(j, "before_to", at->before.to);
    put_value(b, j, "target", t->target, t);
    cell_share(j, "attainment", share_ppm(t->attained, t->target));
    cell_share(j, "targeted", share_ppm(t->with, (int64_t)t->with + t->without));
    cell_share(j, "elapsed", elapsed(&b->p));
    put_spark(b, j, t);
    cell_text(j, "scope", b->label);
    cell_time(j, "as_of", b->c->now_ms, b->c->zone_min);
    cell_share(j, "coverage", share_ppm(t->reach.reported, t->reach.partners));
    cell_count(j, "reported", t->reach.reported);
    cell_count(j, "partners", t->reach.partners);
    json_key(j, "partial"), json_bool(j, t->partial);
    cell_text(j, "drill", str_of(t->drill));
    answer_row_end(b->c);
}

static bool put_board(board *b, err *e) {
    for (size_t i = 0; i < ARRAY_LEN(rows) && !answer_failed(b->c); i++) {
        const struct tile_row *r = &rows[i];
        tile t = {.name = r->name, .en = r->en, .zh = r->zh, .drill = r->drill};
        t.value = t.before = t.target = t.attained = NUM_NONE;
        TRY(r->fill(b, &t, e));
        put_tile(b, &t);
    }
    return txn_ok(b->c->t, e);
}

/* ---- the same as a message of at most seven lines */

static void text_share(buf *b, const char *before, int64_t ppm, const char *after) {
    AUTO(buf) percent = {0};
    if (ppm == NUM_NONE) return;
    dec_put(&percent, ppm / 1000, 1, 0); /* a tenth of a per cent is fine enough */
    buf_printf(b, "%s%s %%%s", before, buf_z(&percent), after);
}

static void text_tile(board *b, const tile *t, bool zh, buf *out) {
    char code[4];
    unsigned scale = t->unit == TILE_DAYS    ? 1
                     : t->unit == TILE_COUNT ? 0
                                             : currency_scale(currency_text(b->s.currency, code));
    buf_printf(out, "%s%s", zh ? t->zh : t->en, zh ? "：" : ": ");
    if (t->value == NUM_NONE) {
        buf_addz(out, zh ? "暂无数据" : "not known");
        return;
    }
    dec_put(out, t->value, scale, scale);
    if (t->compares) text_share(out, zh ? "，较同期 " : ", change ", change_ppm(t->value, t->before), "");
    text_share(out, zh ? "，达成 " : ", of target ", share_ppm(t->attained, t->target), "");
    text_share(out, zh ? "（" : " (", share_ppm(t->reach.reported, t->reach.partners),
               zh ? " 的伙伴已上报）" : " of the partners reported)");
}

static void put_line(call *c, buf *line) {
    json *j = answer_row(c);
    cell_text(j, "text", buf_str(line));
    answer_row_end(c);
    buf_clear(line);
}

static bool put_message(board *b, err *e) {
    AUTO(buf) line = {0};
    bool zh = call_flag(b->c, "zh");
    buf_addz(&line, zh ? "渠道概况 " : "The channel, ");
    buf_printf(&line, "%.*s%s", STR_ARG(b->p.label), zh ? "，截至 " : ", until ");
    day_put(&line, b->p.at.now.to);
    text_share(&line, zh ? "（时间进度 " : " (", elapsed(&b->p), zh ? "）" : " of it)");
    put_line(b->c, &line);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        tile t = {.name = rows[i].name, .en = rows[i].en, .zh = rows[i].zh};
        t.value = t.before = t.target = t.attained = NUM_NONE;
        TRY(rows[i].fill(b, &t, e));
        text_tile(b, &t, zh, &line);
        put_line(b->c, &line);
    }
    return txn_ok(b->c->t, e);
}

typedef bool (*board_fn)(board *b, err *e);

static bool with_board(call *c, board_fn put, const char *const *columns, size_t n, err *e) {
    board b = {.c = c};
    TRY(overview_scope(c, &b.s, &b.label, e) && overview_period_of(c, &b.p, e));
    b.spark_by = spark_kind(&b.p);
    answer_list(c, columns, n);
    facts_init(&b.facts, c->t);
    bool ok = put(&b, e);
    facts_free(&b.facts);
    return ok;
}

bool cmd_overview_message(call *c, err *e) {
    static const char *const columns[] = {"text"};
    return with_board(c, put_message, columns, ARRAY_LEN(columns), e);
}

bool cmd_overview(call *c, err *e) {
    static const char *const columns[] = {
        "tile",  "what",        "value",     "unit",     "before",     "change",   "compared", "period", "from",
        "to",    "before_from", "before_to", "target",   "attainment", "targeted", "elapsed",  "spark",  "spark_by",
        "scope", "as_of",       "coverage",  "reported", "partners",   "partial",  "drill"};
    return with_board(c, put_board, columns, ARRAY_LEN(columns), e);
}
