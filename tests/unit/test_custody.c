/* links: trace */
#include "daemon/trace/custody.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { A = 1, B = 2, C = 3, MOVES = 6 };

static custody_move move_of(move_kind kind, uint32_t from, uint32_t to, uint32_t by, day_t day) {
    return (custody_move){.kind = kind, .from = from, .to = to, .by = by, .day = day};
}

/* Who has it after one move, when `holder` had it before: 0 nobody, or a customer. */
static void who_has_it_after_each_move(void **state) {
    (void)state;
    static const struct {
        move_kind kind;
        uint32_t from, to, holder, after;
    } rows[] = {
        {MOVE_SHIPPED, 0, A, 0, A},     {MOVE_SHIPPED, 0, A, B, A},
        {MOVE_SHIPPED, 0, 0, B, B},     {MOVE_TRANSFERRED, A, B, A, B},
        {MOVE_TRANSFERRED, A, 0, A, A}, {MOVE_SOLD, A, B, A, B},
        {MOVE_SOLD, A, 0, A, A}, /* to a customer: it stays the holder who answers for it */
        {MOVE_RECEIVED, A, B, A, B},    {MOVE_RECEIVED, A, B, 0, B},
        {MOVE_RECEIVED, A, B, C, C}, /* from one who did not have it: a sighting */
        {MOVE_RECEIVED, 0, B, A, A},    {MOVE_RECEIVED, 0, B, 0, 0},
        {MOVE_RETURNED, B, A, B, A},    {MOVE_RETURNED, 0, A, B, B},
        {MOVE_SENT_BACK, A, 0, A, 0},   {MOVE_SENT_BACK, B, A, B, A},
        {MOVE_COUNTED, 0, 0, A, A},     {MOVE_COUNTED, 0, B, A, A},
        {MOVE_OBSERVED, 0, B, A, A},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        custody_move m = move_of(rows[i].kind, rows[i].from, rows[i].to, rows[i].to, 1);
        uint32_t after = custody_after(&m, rows[i].holder);
        if (after != rows[i].after) fail_msg("row %zu: %u, wanted %u", i, after, rows[i].after);
    }
}

static uint32_t walk(const custody_move *m, size_t n) {
    uint32_t holder = 0;
    for (size_t i = 0; i < n; i++) holder = custody_after(&m[i], holder);
    return holder;
}

/* Every order of arrival of n moves gives the same order and holder. */
static void permute(custody_move *m, size_t at, size_t n, const custody_move *wanted) {
    if (at == n) {
        custody_move sorted[MOVES];
        memcpy(sorted, m, n * sizeof *m);
        custody_order(sorted, n);
        for (size_t i = 0; i < n; i++)
            if (sorted[i].ref != wanted[i].ref)
                fail_msg("move %zu is %d, wanted %d", i, (int)sorted[i].ref, (int)wanted[i].ref);
        return;
    }
    for (size_t i = at; i < n; i++) {
        custody_move kept = m[at];
        m[at] = m[i], m[i] = kept;
        permute(m, at + 1, n, wanted);
        m[i] = m[at], m[at] = kept;
    }
}

static void check_order(const custody_move *wanted, size_t n, uint32_t holder) {
    custody_move m[MOVES], named[MOVES];
    for (size_t i = 0; i < n; i++) {
        named[i] = wanted[i];
        named[i].ref = i + 1;
        named[i].identity[0] = (uint8_t)(n - i); /* the order of documents' identities says the opposite */
    }
    memcpy(m, named, n * sizeof *m);
    permute(m, 0, n, named);
    assert_int_equal(walk(named, n), holder);
}

static void moves_of_one_day_follow_the_goods(void **state) {
    (void)state;
    const custody_move chain[] = {move_of(MOVE_SHIPPED, 0, B, B, 5), move_of(MOVE_SOLD, B, A, B, 5),
                                  move_of(MOVE_SOLD, A, C, A, 5), move_of(MOVE_RETURNED, C, A, A, 5)};
    const custody_move days[] = {move_of(MOVE_SHIPPED, 0, A, A, 4), move_of(MOVE_TRANSFERRED, A, C, A, 5),
                                 move_of(MOVE_SHIPPED, 0, B, B, 6)};
    check_order(chain, ARRAY_LEN(chain), A);
    check_order(days, ARRAY_LEN(days), B);
}

static void events_keep_their_times(void **state) {
    (void)state;
    custody_move timed[] = {move_of(MOVE_TRANSFERRED, B, C, B, 5), move_of(MOVE_SHIPPED, 0, B, B, 5),
                            move_of(MOVE_RECEIVED, B, C, C, 5)};
    for (size_t i = 0; i < ARRAY_LEN(timed); i++) timed[i].timed = true, timed[i].time_ms = (int64_t)(100 + i);
    /* the transfer comes first by its time although it does not fit: an event does not come before an earlier one */
    check_order(timed, ARRAY_LEN(timed), C);
}

static void kinds_have_their_words(void **state) {
    (void)state;
    static const char *const words[] = {"shipped",  "received",  "transferred", "sold",
                                        "returned", "sent_back", "counted",     "observed"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        assert_string_equal(move_kind_name((move_kind)(MOVE_SHIPPED + i)), words[i]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_has_it_after_each_move),
        cmocka_unit_test(moves_of_one_day_follow_the_goods),
        cmocka_unit_test(events_keep_their_times),
        cmocka_unit_test(kinds_have_their_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
