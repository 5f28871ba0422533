#include "proto/code.h"
#include "tools/bench/trace.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static uint64_t mix(uint64_t a, uint64_t b) {
    uint64_t x = a * UINT64_C(0x9e3779b97f4a7c15) + b;
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

trace_carton trace_carton_at(const trace_shape *s, uint64_t no) {
    uint64_t r = mix(s->seed, no);
    trace_carton c = {.product = (unsigned)(no % TRACE_PRODUCTS), .partner = (unsigned)(r % TRACE_PARTNERS)};
    c.shipped = day_of(2026, 1, 1) + (day_t)(r / 1000 % TRACE_DAYS);
    c.handed = c.shipped + 5;
    if (c.partner < TRACE_SUBS && no % 3 == 0) c.sub = TRACE_PARTNERS + c.partner;
    return c;
}

/* 982,451,653 is prime and no factor of 10^12: every unit gets another number. */
uint64_t trace_serial(uint64_t unit) {
    return (uint64_t)((unsigned __int128)unit * 982451653 % UINT64_C(1000000000000));
}

uint64_t trace_gtin(unsigned product) {
    char digits[16];
    (void)snprintf(digits, sizeof digits, "0690123%06u", product % 1000000);
    uint64_t last = (uint64_t)gs1_check_digit(str_of(digits)) - '0';
    return strtoull(digits, NULL, 10) * 10 + last;
}

void trace_code_text(unsigned product, uint64_t serial, char out[static 48]) {
    (void)snprintf(out, 48, "(01)%014" PRIu64 "(21)%012" PRIu64, trace_gtin(product), serial);
}

/* One in a hundred was never made, one in ten is sold by another, one in seven goes elsewhere. */
trace_sold trace_sold_at(const trace_shape *s, uint64_t no) {
    uint64_t r = mix(s->seed + 1, no), q = mix(s->seed + 2, no), units = s->cartons * TRACE_UNITS;
    uint64_t unit = r % 100 == 0 ? units + no : q % units;
    trace_carton c = trace_carton_at(s, unit < units ? unit / TRACE_UNITS : 0);
    trace_sold l = {.serial = trace_serial(unit), .product = c.product};
    l.day = c.shipped + 1 + (day_t)(r / 100 % 60);
    l.partner = c.sub && l.day >= c.handed ? c.sub : c.partner;
    if (r / 10000 % 10 == 0) l.partner = (unsigned)(q / 7 % TRACE_PARTNERS);
    unsigned home = l.partner < TRACE_PARTNERS ? l.partner : l.partner - TRACE_PARTNERS;
    l.province = r / 100000 % 7 == 0 ? (unsigned)(q / 11 % TRACE_PROVINCES) : home % TRACE_PROVINCES;
    return l;
}
