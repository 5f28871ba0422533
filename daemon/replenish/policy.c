#include "daemon/replenish/policy.h"

#include "proto/limits.h"
#include <stddef.h>

static const char *const names[] = {
#define X(id, name) name,
    STOCK_POLICIES(X)
#undef X
        NULL};

const char *stock_policy_name(stock_policy p) {
    return names[p];
}

enum { KEYS_MOST = 64 };
#define COST_MOST 1e12

replenish_policy replenish_policy_usual(void) {
    return (replenish_policy){.kind = STOCK_ORDER_UP_TO,
                              .service = SERVICE_CYCLE,
                              .target = 0.95,
                              .lead_mean = 7,
                              .review = 7,
                              .max = NUM_NONE,
                              .order_quantity = NUM_NONE,
                              .min_level = NUM_NONE,
                              .max_level = NUM_NONE,
                              .demand = {.bucket = BUCKET_WEEK}};
}

/* ---- one function a key */

static bool read_kind(replenish_policy *p, const node *v, err *e) {
    unsigned at = 0;
    TRY(node_choice(v, "policy", names, &at, e));
    p->kind = (stock_policy)at;
    return true;
}

static bool read_trigger(replenish_policy *p, const node *v, err *e) {
    static const char *const options[] = {"at", "below", NULL};
    unsigned at = 0;
    TRY(node_choice(v, "trigger", options, &at, e));
    p->trigger = (order_trigger)at;
    return true;
}

static bool read_rounding(replenish_policy *p, const node *v, err *e) {
    static const char *const options[] = {"up", "down", "nearest", NULL};
    unsigned at = 0;
    TRY(node_choice(v, "rounding", options, &at, e));
    p->rounding = (order_rounding)at;
    return true;
}

static bool read_review(replenish_policy *p, const node *v, err *e) {
    return node_real(v, "review", 0, LIMIT_LEAD_DAYS, &p->review, e);
}

static bool read_lead_time(replenish_policy *p, const node *v, err *e) {
    static const char *const keys[] = {"mean", "sd"};
    if (v->kind == NODE_TEXT) return p->lead_sd = 0, node_real(v, "lead_time", 0, LIMIT_LEAD_DAYS, &p->lead_mean, e);
    TRY(node_is(v, NODE_MAP, "lead_time", e) && node_keys(v, keys, ARRAY_LEN(keys), "lead_time", e));
    const node *mean = node_get(v, "mean"), *sd = node_get(v, "sd");
    if (mean == NULL) return err_set(e, ERR_CONFIG, "line %u: lead_time wants mean, in days", v->line);
    p->lead_sd = 0;
    return node_real(mean, "lead_time.mean", 0, LIMIT_LEAD_DAYS, &p->lead_mean, e) &&
           (sd == NULL || node_real(sd, "lead_time.sd", 0, LIMIT_LEAD_DAYS, &p->lead_sd, e));
}

static bool read_service(replenish_policy *p, const node *v, err *e) {
    static const char *const keys[] = {"cycle", "fill"};
    TRY(node_is(v, NODE_MAP, "service", e) && node_keys(v, keys, ARRAY_LEN(keys), "service", e));
    const node *cycle = node_get(v, "cycle"), *fill = node_get(v, "fill");
    if ((cycle == NULL) == (fill == NULL))
        return err_set(e, ERR_CONFIG, "line %u: service wants one of cycle and fill", v->line);
    p->service = cycle ? SERVICE_CYCLE : SERVICE_FILL;
    TRY(node_real(cycle ? cycle : fill, "service", 0, 1, &p->target, e));
    return (p->target > 0 && p->target < 1) ||
           node_wanted(cycle ? cycle : fill, "service", "a share between 0 and 1, like 0.95", e);
}

/* A quantity of base units. */
static bool read_quantity(const node *v, const char *what, int64_t otherwise, int64_t *out, err *e) {
    if (node_null(v)) return *out = otherwise, true;
    return node_number(v, what, QUANTITY_SCALE, 0, out, e);
}

typedef struct quantity_key {
    const char *name;
    int64_t otherwise; /* of null */
    size_t at;
} quantity_key;

static const quantity_key quantities[] = {
    {"pack", 0, offsetof(replenish_policy, pack)},
    {"pallet", 0, offsetof(replenish_policy, pallet)},
    {"moq", 0, offsetof(replenish_policy, moq)},
    {"max", NUM_NONE, offsetof(replenish_policy, max)},
    {"order_quantity", NUM_NONE, offsetof(replenish_policy, order_quantity)},
    {"min_level", NUM_NONE, offsetof(replenish_policy, min_level)},
    {"max_level", NUM_NONE, offsetof(replenish_policy, max_level)},
};

static bool read_order_cost(replenish_policy *p, const node *v, err *e) {
    return node_real(v, "order_cost", 0, COST_MOST, &p->order_cost, e);
}

static bool read_holding_cost(replenish_policy *p, const node *v, err *e) {
    return node_real(v, "holding_cost", 0, COST_MOST, &p->holding_cost, e);
}

static bool read_shelf_life(replenish_policy *p, const node *v, err *e) {
    if (node_null(v)) return p->shelf_days = 0, true;
    return node_real(v, "shelf_life", 1, LIMIT_SHELF_DAYS, &p->shelf_days, e);
}

static bool read_order_days(replenish_policy *p, const node *v, err *e) {
    static const char *const days[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun", NULL};
    TRY(node_is(v, NODE_LIST, "order_days", e));
    p->order_days = 0;
    for (const node *d = v->first; d; d = d->next) {
        unsigned at = 0;
        TRY(node_choice(d, "order_days", days, &at, e));
        p->order_days |= 1U << at;
    }
    return true;
}

static bool read_safety_below_zero(replenish_policy *p, const node *v, err *e) {
    return node_bool(v, "safety_below_zero", &p->safety_below_zero, e);
}

static bool read_shape(replenish_policy *p, const node *v, err *e) {
    static const char *const options[] = {"auto", "normal", "count", NULL};
    unsigned at = 0;
    TRY(node_choice(v, "distribution", options, &at, e));
    p->shape = (demand_shape)at;
    return true;
}

static bool read_bucket(replenish_policy *p, const node *v, err *e) {
    static const char *const options[] = {"day", "week", "month", NULL};
    unsigned at = 0;
    TRY(node_choice(v, "bucket", options, &at, e));
    p->demand.bucket = (bucket_kind)at;
    return true;
}

static bool read_promotions(replenish_policy *p, const node *v, err *e) {
    static const char *const options[] = {"exclude", "count", NULL};
    unsigned at = 0;
    TRY(node_choice(v, "promotions", options, &at, e));
    p->demand.promotions_count = at == 1;
    return true;
}

static const struct {
    const char *name;
    bool (*read)(replenish_policy *p, const node *v, err *e);
} keys[] = {
    {"policy", read_kind},
    {"trigger", read_trigger},
    {"rounding", read_rounding},
    {"review", read_review},
    {"lead_time", read_lead_time},
    {"service", read_service},
    {"order_cost", read_order_cost},
    {"holding_cost", read_holding_cost},
    {"shelf_life", read_shelf_life},
    {"order_days", read_order_days},
    {"safety_below_zero", read_safety_below_zero},
    {"distribution", read_shape},
    {"bucket", read_bucket},
    {"promotions", read_promotions},
};

static bool check(const node *map, const replenish_policy *p, err *e) {
    if (p->min_level != NUM_NONE && p->max_level != NUM_NONE && p->max_level < p->min_level)
        return err_set(e, ERR_CONFIG, "line %u: max_level lies below min_level", map->line);
    if (p->pack > 0 && p->pallet % p->pack != 0)
        return err_set(e, ERR_CONFIG, "line %u: pallet is no multiple of pack", map->line);
    return true;
}

bool replenish_policy_read(const node *map, const char *const *also, size_t n, replenish_policy *out, err *e) {
    const char *known[KEYS_MOST];
    size_t count = 0;
    TRY(node_is(map, NODE_MAP, "a replenishment policy", e));
    ASSERT(ARRAY_LEN(keys) + ARRAY_LEN(quantities) + n <= KEYS_MOST);
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) known[count++] = keys[i].name;
    for (size_t i = 0; i < ARRAY_LEN(quantities); i++) known[count++] = quantities[i].name;
    for (size_t i = 0; i < n; i++) known[count++] = also[i];
    TRY(node_keys(map, known, count, "a replenishment policy", e));
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        const node *v = node_get(map, keys[i].name);
        if (v) TRY(keys[i].read(out, v, e));
    }
    for (size_t i = 0; i < ARRAY_LEN(quantities); i++) {
        const quantity_key *q = &quantities[i];
        const node *v = node_get(map, q->name);
        if (v) TRY(read_quantity(v, q->name, q->otherwise, (int64_t *)(void *)((char *)out + q->at), e));
    }
    return check(map, out, e);
}
