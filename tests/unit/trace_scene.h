/* trace_scene — a small world for tests of the rules of diversion: three partners, one product, one thing in it. */
#ifndef TESTS_TRACE_SCENE_H
#define TESTS_TRACE_SCENE_H

#include "daemon/trace/judge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* A at home in Hangzhou, B in Nanjing, C in Jinan; each sells in its own province. P comes in cartons of 10. */
enum {
    A,
    B,
    C,
    PARTNERS,
    P = 0,
    HANGZHOU = 330100,
    NANJING = 320100,
    JINAN = 370100,
    DAY0 = 20000,
    DAYS_BACK = 60,
    ROWS = 512
};

/* One world, one thing in it: what fires a rule, and beside it what just does not. */
typedef struct scene {
    trace_line line[ROWS];
    trace_sighting seen[ROWS];
    trace_report report[1];
    trace_exemption exemption[1];
    size_t lines, sightings, reports, exemptions;
    stage stage; /* of P; 0: maturity */
    day_t days;  /* judged so long after DAY0; 0: 60 */
} scene;

static int32_t strongest; /* of the signals last asked for */

static inline size_t fired(const scene *s, trace_kind kind, uint32_t *flags) {
    const trace_stage stages[] = {{DAY_MIN, s->stage ? s->stage : STAGE_MATURITY}};
    const trace_partner partners[] = {
        {.id = STR("A"), .parent = TRACE_NONE, .kind = PARTNER_DISTRIBUTOR, .home = HANGZHOU},
        {.id = STR("B"), .parent = TRACE_NONE, .kind = PARTNER_DISTRIBUTOR, .home = NANJING},
        {.id = STR("C"), .parent = TRACE_NONE, .kind = PARTNER_DISTRIBUTOR, .home = JINAN}};
    const trace_product products[] = {
        {.sku = STR("P"), .brand = STR(""), .category = STR(""), .carton = 10000, .timeline = stages, .stages = 1}};
    const str customers[] = {STR("恒通商贸")};
    trace_territory territories[PARTNERS];
    for (uint32_t i = 0; i < PARTNERS; i++)
        territories[i] = (trace_territory){.partner = i,
                                           .region = trace_province(partners[i].home),
                                           .products = STR(""),
                                           .channels = STR(""),
                                           .from = DAY_MIN,
                                           .to = DAY_MAX};
    const trace_world w = {.partner = partners,
                           .product = products,
                           .customer = customers,
                           .territory = territories,
                           .exemption = s->exemption,
                           .line = s->line,
                           .sighting = s->seen,
                           .report = s->report,
                           .partners = PARTNERS,
                           .products = 1,
                           .customers = 1,
                           .territories = PARTNERS,
                           .exemptions = s->exemptions,
                           .lines = s->lines,
                           .sightings = s->sightings,
                           .reports = s->reports,
                           .zone = 480,
                           .as_of = DAY0 + (s->days ? s->days : 60)};
    AUTO(arena) a = {0};
    trace_rules r;
    trace_result out;
    size_t n = 0;
    arena_init(&a, SIZE_MAX);
    trace_rules_default(&r);
    trace_judge(&w, &r, &a, &out);
    *flags = 0;
    strongest = 0;
    for (size_t i = 0; i < out.signals; i++) {
        if (out.signal[i].kind != kind) continue;
        n++, *flags |= out.signal[i].flags;
        if (out.signal[i].strength > strongest) strongest = out.signal[i].strength;
    }
    return n;
}

static inline int64_t time_of(int hours) {
    return (int64_t)DAY0 * TRACE_DAY_MS + (int64_t)hours * 3600000;
}

static inline void sale(scene *s, uint32_t who, trace_region to, uint8_t source, int64_t fen) {
    s->line[s->lines] = (trace_line){.partner = who,
                                     .product = P,
                                     .counterparty = TRACE_NONE,
                                     .customer = TRACE_NONE,
                                     .day = DAY0 + (day_t)s->lines,
                                     .region = to,
                                     .source = source,
                                     .kind = FLOW_SELL_OUT,
                                     .quantity = 30000,
                                     .amount = fen,
                                     .floor = fen == NUM_NONE ? NUM_NONE : 1000000,
                                     .channel = STR(""),
                                     .document = STR("S")};
    s->lines++;
}

static inline trace_sighting *look(scene *s, trace_seen kind, trace_region at, int hours) {
    trace_sighting *x = &s->seen[s->sightings++];
    *x = (trace_sighting){.unit = 7,
                          .carton = 9,
                          .holder = A,
                          .by = TRACE_NONE,
                          .product = P,
                          .customer = TRACE_NONE,
                          .time = time_of(hours),
                          .region = at,
                          .source = REGION_STATED,
                          .kind = (uint8_t)kind,
                          .quantity = 1000,
                          .price = NUM_NONE,
                          .floor = NUM_NONE,
                          .code = STR("X"),
                          .channel = STR(""),
                          .document = STR(""),
                          .place = STR(""),
                          .moved = STR("")};
    return x;
}

static inline void check(const scene *s, trace_kind kind, size_t wanted, const char *what) {
    uint32_t flags;
    size_t n = fired(s, kind, &flags);
    if (n != wanted) fail_msg("%s: %zu signals of %s, wanted %zu", what, n, trace_kind_name(kind), wanted);
}

#endif
