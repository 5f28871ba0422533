#include "daemon/replenish/why.h"

#include <math.h>
#include <stdlib.h>

/* ---- pieces */

static void put_quantity(buf *out, int64_t v) {
    dec_put(out, v, QUANTITY_SCALE, 0);
}

/* Three significant digits: what is estimated is not stated to the thousandth. */
static void put_estimate(buf *out, double v) {
    buf_printf(out, fabs(v) >= 100 ? "%.0f" : "%.3g", v);
}

static void put_days(buf *out, double v) {
    buf_printf(out, "%.4g", v);
}

static const char *const classes[LANGUAGES][5] = {{"no", "smooth", "erratic", "intermittent", "lumpy"},
                                                  {"无", "平稳", "波动", "间断", "块状"}};

static const struct {
    unsigned bit;
    const char *words[LANGUAGES];
} reasons[] = {
    {WHY_NEW, {"it has little history of its own", "自身历史很短"}},
    {WHY_UNKNOWN_STOCK, {"no stock was ever counted and 0 is taken", "从未盘点，库存按0计"}},
    {WHY_WRONG_STOCK, {"its books make less than no stock and 0 is taken", "账面库存为负，按0计"}},
    {WHY_NO_DEMAND, {"nothing is expected to be sold", "预计不会有销售"}},
    {WHY_NOT_TODAY, {"today is no order day", "今天不是订货日"}},
    {WHY_ABOVE, {"the position is enough", "可用库存足够"}},
    {WHY_SHELF, {"more would not be sold within its shelf life", "更多的货在保质期内卖不完"}},
    {WHY_RUN_DOWN, {"it is cut to what will still be sold before it goes", "退市前只补还能卖掉的数量"}},
    {WHY_MOQ, {"it is raised to the least order", "按最小订货量补足"}},
    {WHY_PACK, {"it is rounded to packs", "按整箱取整"}},
    {WHY_PALLET, {"it is rounded to pallets", "按整托取整"}},
    {WHY_MAX, {"it is cut to the most of one order", "受单次上限限制"}},
    {WHY_TRIAL, {"it is cut to the trial plan", "不超过试销计划"}},
    {WHY_BUDGET, {"it is cut to the budget", "受预算限制"}},
};

static void put_reasons(const replenish_suggestion *s, language l, buf *out) {
    for (size_t i = 0; i < ARRAY_LEN(reasons); i++)
        if (s->why & reasons[i].bit) buf_addz(out, l == LANGUAGE_ZH ? "；" : "; "), buf_addz(out, reasons[i].words[l]);
}

static void put_notes(const demand_notes *n, language l, buf *out) {
    bool zh = l == LANGUAGE_ZH;
    if (n == NULL) return;
    if (n->out)
        buf_printf(out, zh ? "；缺货%u天不计为无需求" : "; %u days out of stock do not count as days without demand",
                   n->out);
    if (n->promoted) buf_printf(out, zh ? "；促销%u天" : "; %u promoted days", n->promoted);
    if (n->bulks) buf_printf(out, zh ? "；一次性大单%u笔已剔除" : "; %u one-off sales are left out", n->bulks);
}

/* ---- the sentence */

static int64_t on_the_way(const replenish_position *p) {
    replenish_position way = {.on_order = p->on_order, .in_transit = p->in_transit};
    return replenish_position_sum(&way);
}

static int64_t owed(const replenish_position *p) {
    replenish_position out = {.on_order = p->back_orders, .in_transit = p->reserved};
    return replenish_position_sum(&out);
}

static void put_position(const replenish_suggestion *s, language l, buf *out) {
    bool zh = l == LANGUAGE_ZH;
    buf_addz(out, zh ? "；现有" : "; "), put_quantity(out, s->position.on_hand);
    buf_addz(out, zh ? "，在途" : " on hand, "), put_quantity(out, on_the_way(&s->position));
    if (!zh) buf_addz(out, " on the way");
    if (owed(&s->position)) {
        buf_addz(out, zh ? "，欠交和预留" : ", "), put_quantity(out, owed(&s->position));
        if (!zh) buf_addz(out, " owed or reserved");
    }
}

static void put_demand(const replenish_suggestion *s, language l, buf *out) {
    bool zh = l == LANGUAGE_ZH;
    buf_addz(out, zh ? "预计日均" : "about "), put_estimate(out, s->day_mean);
    buf_addz(out, zh ? "" : " a day");
    if (s->error >= 0) buf_addz(out, "±"), put_estimate(out, s->error);
    buf_printf(out, zh ? "（%s，%s）" : " (%s, %s)", classes[l][s->class], forecast_method_name(s->method));
    buf_addz(out, zh ? "，" : " for "), put_days(out, s->span);
    buf_addz(out, zh ? "天内（交期" : " days (lead time "), put_days(out, s->lead_mean);
    if (s->lead_sd > 0) buf_addz(out, "±"), put_days(out, s->lead_sd);
    if (s->lead_n) buf_printf(out, zh ? "，%u次收货得出" : " from %u receipts", s->lead_n);
    if (s->span > s->lead_mean) buf_addz(out, zh ? "，订货间隔" : ", review "), put_days(out, s->span - s->lead_mean);
    buf_addz(out, zh ? "天）需求" : ") make "), put_estimate(out, s->span_demand);
}

static void put_levels(const replenish_suggestion *s, language l, buf *out) {
    bool zh = l == LANGUAGE_ZH;
    buf_addz(out, zh ? "；安全库存" : "; safety "), put_quantity(out, s->safety_stock);
    if (s->kind != STOCK_MIN_MAX) {
        buf_printf(out, zh ? "（%s%.4g%%）" : " for a %s of %.4g %%",
                   s->service == SERVICE_CYCLE ? (zh ? "周期服务水平" : "cycle service")
                                               : (zh ? "满足率" : "fill rate"),
                   s->target * 100);
    }
    if (s->kind != STOCK_ORDER_UP_TO && s->kind != STOCK_BASE)
        buf_addz(out, zh ? "，订货点" : ", order at "), put_quantity(out, s->reorder_point);
    if (s->kind != STOCK_R_Q) buf_addz(out, zh ? "，补至" : ", up to "), put_quantity(out, s->order_up_to);
}

void replenish_why(const replenish_suggestion *s, const demand_notes *notes, language l, buf *out) {
    bool zh = l == LANGUAGE_ZH;
    if (s->quantity > 0) buf_addz(out, zh ? "建议订货" : "Order "), put_quantity(out, s->quantity);
    else
        buf_addz(out, zh ? "不订货" : "Order nothing");
    if (s->pack > 0 && s->quantity > 0 && s->quantity % s->pack == 0)
        buf_printf(out, zh ? "（%lld箱）" : " (%lld packs)", (long long)(s->quantity / s->pack));
    buf_addz(out, zh ? "：" : ": ");
    put_demand(s, l, out);
    if (!(s->why & WHY_NO_DEMAND)) put_levels(s, l, out);
    put_position(s, l, out);
    put_reasons(s, l, out);
    put_notes(notes, l, out);
    buf_addz(out, zh ? "。" : ".");
}

/* ---- the table */

static int64_t milli(double v) {
    return fabs(v) < 1e15 ? llround(v * 1000) : NUM_NONE;
}

size_t replenish_table(const replenish_suggestion *s, language l, why_row row[static WHY_ROWS]) {
    const struct {
        const char *name, *words[LANGUAGES];
        int64_t value;
    } all[] = {
        {"day_demand", {"demand a day", "日均需求"}, milli(s->day_mean)},
        {"day_error", {"error of the forecast a day", "日预测误差"}, s->error < 0 ? NUM_NONE : milli(s->error)},
        {"lead_time", {"lead time, days", "交期（天）"}, milli(s->lead_mean)},
        {"lead_time_sd", {"its deviation, days", "交期偏差（天）"}, milli(s->lead_sd)},
        {"span", {"days an order must last", "覆盖天数"}, milli(s->span)},
        {"span_demand", {"demand over them", "覆盖期需求"}, milli(s->span_demand)},
        {"safety_stock", {"safety stock", "安全库存"}, s->safety_stock},
        {"reorder_point", {"order at", "订货点"}, s->reorder_point},
        {"order_up_to", {"order up to", "补至"}, s->order_up_to},
        {"on_hand", {"on hand", "现有库存"}, s->position.unknown ? NUM_NONE : s->position.on_hand},
        {"on_the_way", {"on the way", "在途"}, on_the_way(&s->position)},
        {"owed", {"owed or reserved", "欠交和预留"}, owed(&s->position)},
        {"position", {"position", "可用库存"}, s->position_sum},
        {"need", {"needed before rounding", "取整前需求"}, s->need},
        {"quantity", {"to order", "建议订货"}, s->quantity},
    };
    _Static_assert(sizeof all / sizeof all[0] <= WHY_ROWS, "the table holds every row");
    for (size_t i = 0; i < ARRAY_LEN(all); i++) row[i] = (why_row){all[i].name, all[i].words[l], all[i].value};
    return ARRAY_LEN(all);
}

/* ---- what changed */

typedef struct effect {
    const char *words;
    int64_t before, now, by; /* by: on the quantity before rounding */
} effect;

static int by_size(const void *a, const void *b) {
    int64_t x = llabs(((const effect *)a)->by), y = llabs(((const effect *)b)->by);
    return x > y ? -1 : x < y;
}

void replenish_changed(const replenish_suggestion *before, const replenish_suggestion *now, language l, buf *out) {
    bool zh = l == LANGUAGE_ZH;
    const replenish_position *was = &before->position, *is = &now->position;
    int64_t demand = milli(now->span_demand) - milli(before->span_demand);
    int64_t lead = milli((now->lead_mean - before->lead_mean) * now->day_mean);
    effect e[] = {
        {zh ? "覆盖期需求" : "demand over the span", milli(before->span_demand), milli(now->span_demand),
         demand - lead},
        {zh ? "交期" : "lead time", milli(before->lead_mean), milli(now->lead_mean), lead},
        {zh ? "安全库存" : "safety stock", before->safety_stock, now->safety_stock,
         now->safety_stock - before->safety_stock},
        {zh ? "现有库存" : "on hand", was->on_hand, is->on_hand, was->on_hand - is->on_hand},
        {zh ? "在途" : "on the way", on_the_way(was), on_the_way(is), on_the_way(was) - on_the_way(is)},
        {zh ? "欠交和预留" : "owed or reserved", owed(was), owed(is), owed(is) - owed(was)},
    };
    bool any = false;
    qsort(e, ARRAY_LEN(e), sizeof *e, by_size);
    for (size_t i = 0; i < ARRAY_LEN(e); i++) {
        if (e[i].by == 0) continue;
        if (any) buf_addz(out, zh ? "，" : ", ");
        any = true;
        buf_printf(out, zh ? "%s由" : "%s from ", e[i].words), put_quantity(out, e[i].before);
        buf_addz(out, zh ? "变为" : " to "), put_quantity(out, e[i].now);
    }
}
