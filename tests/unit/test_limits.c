/* links: command formats */
#include "daemon/command/storage.h"
#include "proto/limits.h"
#include "tests/unit/books.h"

#define HEAD "type,number,date,sku,quantity,amount\n"

/* The last day that is taken is LIMIT_AHEAD_DAYS after today, the first is accept.oldest. */
static void dates_at_the_edges(void **state) {
    (void)state;
    static const struct {
        const char *oldest;
        int ahead; /* days from today */
        bool taken;
    } cases[] = {
        {"2000-01-01", LIMIT_AHEAD_DAYS, true},
        {"2000-01-01", LIMIT_AHEAD_DAYS + 1, false},
        {"2026-06-30", 0, true},
        {"2026-06-30", -1, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        books w;
        AUTO(buf) csv = {0};
        books_open(&w);
        books_fill(&w);
        books_setting(&w, "accept.oldest", cases[i].oldest);
        day_t today = day_at(w.now_ms, 8 * 60);
        buf_addz(&csv, HEAD "sale,1,");
        day_put(&csv, today + cases[i].ahead);
        buf_addz(&csv, ",P1,2,4.00\n");
        apply_result r = books_push_bytes(&w, "D1", "edge.csv", buf_str(&csv));
        if ((r.committed == 1) != cases[i].taken || r.committed + r.quarantined != 1)
            fail_msg("%d days ahead, oldest %s: %zu committed", cases[i].ahead, cases[i].oldest, (size_t)r.committed);
        books_close(&w);
    }
}

/* Uploads stop when LIMIT_STORE_PERCENT of the map or of the disk is in use. */
static void storage_at_the_edges(void **state) {
    (void)state;
    enum { SIZE = 100000 };
    const uint64_t full = SIZE / 100 * LIMIT_STORE_PERCENT, free_at = SIZE / 100 * (100 - LIMIT_STORE_PERCENT);
    const struct {
        storage s;
        bool full;
    } cases[] = {
        {{.map_used = full - 1, .map_size = SIZE, .disk_free = SIZE, .disk_size = SIZE}, false},
        {{.map_used = full, .map_size = SIZE, .disk_free = SIZE, .disk_size = SIZE}, true},
        {{.map_used = 0, .map_size = SIZE, .disk_free = free_at, .disk_size = SIZE}, false},
        {{.map_used = 0, .map_size = SIZE, .disk_free = free_at - 1, .disk_size = SIZE}, true},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        if (storage_is_full(&cases[i].s) != cases[i].full) fail_msg("case %zu: wanted %d", i, cases[i].full);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dates_at_the_edges),
        cmocka_unit_test(storage_at_the_edges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
