/* links: rebate */
#include "daemon/rebate/evaluate.h"
#include "daemon/rebate/lint.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROWS = 6 };

static void check_sums(const rebate_result *r) {
    for (const rebate_line *l = r->first; l; l = l->next) {
        int64_t sum = 0;
        for (size_t i = 0; i < l->traces; i++) sum += l->trace[i].amount;
        ASSERT(l->amount >= 0 && sum == l->amount);
    }
}

/* Any bytes as a policy; one that parses is linted and judged on a small world, and its traces add up. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    AUTO(policy) p = {0};
    AUTO(arena) room = {0};
    AUTO(map) skus = {0};
    rebate_stage timeline[] = {{day_of(2025, 1, 1), STAGE_INTRODUCTION}, {day_of(2026, 2, 15), STAGE_GROWTH}};
    rebate_product products[] = {{STR("P1"), STR("B"), STR("C"), timeline, 2, 3500000, 130000},
                                 {STR("P2"), STR(""), STR(""), timeline, 1, NUM_NONE, NUM_NONE}};
    rebate_partner partners[] = {{STR("D1"), STR("distributor"), STR("A"), STR("330100"), REBATE_NONE}};
    rebate_count counts[] = {{0, 0, day_of(2025, 12, 31), 9000}, {0, 0, day_of(2026, 3, 31), 4000}};
    rebate_row row[ROWS];
    static const flow_kind kinds[ROWS] = {FLOW_SELL_OUT, FLOW_SELL_IN,  FLOW_RETURN,
                                          FLOW_RECEIPT,  FLOW_SELL_OUT, FLOW_PAYMENT};
    for (uint32_t i = 0; i < ROWS; i++)
        row[i] = (rebate_row){.product = i % 2,
                              .document = REBATE_NONE,
                              .no = i + 2,
                              .day = day_of(2025, 11, 1) + (day_t)i * 40,
                              .kind = kinds[i],
                              .days_to_pay = (int32_t)i * 20,
                              .quantity = kinds[i] == FLOW_RETURN ? -1000 : 7000,
                              .amount = kinds[i] == FLOW_RETURN ? -999 : 12345,
                              .tax_rate = NUM_NONE};
    *map_at(&skus, STR("P1"), NULL) = 1;
    *map_at(&skus, STR("P2"), NULL) = 2;
    rebate_world w = {.partner = partners,
                      .product = products,
                      .row = row,
                      .count = counts,
                      .partners = 1,
                      .products = 2,
                      .rows = ROWS,
                      .counts = 2,
                      .skus = &skus,
                      .partners_known = true,
                      .products_known = true};
    rebate_result r;
    lint_result found;
    err e;
    if (!policy_parse(str_from(data, size), &p, &e)) return 0;
    arena_init(&room, 1 << 26);
    if (rebate_evaluate(&p, &w, (rebate_options){.trace = true}, &room, &r, &e)) check_sums(&r);
    (void)policy_lint(&p, &w, &room, &found, &e);
    return 0;
}
