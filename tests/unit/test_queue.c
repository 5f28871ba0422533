/* links: command */
#include "daemon/command/hook_events.h"
#include "daemon/outbox/queue.h"
#include "proto/limits.h"
#include "tests/unit/catalog_fixture.h"

#include <inttypes.h>

/* Waits grow threefold up to the most, and are half to all of that. */
static void waits(void **state) {
    (void)state;
    static const struct {
        uint32_t tries;
        int64_t whole;
    } cases[] = {{1, 5000}, {2, 15000}, {3, 45000}, {7, 3645000}, {8, 10935000}, {9, 21600000}, {100, 21600000}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(retry_wait_ms(5000, 21600000, cases[i].tries, 0), cases[i].whole / 2);
        assert_int_equal(retry_wait_ms(5000, 21600000, cases[i].tries, 1023), cases[i].whole);
        for (uint32_t r = 0; r < 4096; r += 37) {
            int64_t w = retry_wait_ms(5000, 21600000, cases[i].tries, r);
            assert_true(w >= cases[i].whole / 2 && w <= cases[i].whole);
        }
    }
}

static message some(uint32_t hook_no, uint64_t seq, char *id, size_t size) {
    (void)snprintf(id, size, "evt_%" PRIu64, seq);
    return (message){.hook = hook_no,
                     .seq = seq,
                     .time_ms = (int64_t)seq * 1000,
                     .id = str_of(id),
                     .type = STR("case.alert"),
                     .data = STR("{\"case\":\"C-1\"}"),
                     .zh = STR("案件 C-1：新预警"),
                     .en = STR("Case C-1: a new alert"),
                     .path = STR("/cases/C-1"),
                     .error = STR("")};
}

static bool put_one(fixture *f, uint32_t hook_no, uint64_t seq) {
    char id[32];
    message m = some(hook_no, seq, id, sizeof id);
    return queue_put(f->t, &m);
}

static void counts(fixture *f, uint32_t hook_no, uint64_t waiting, uint64_t dead, uint64_t sent, uint64_t failed) {
    hook_state s;
    hook_state_get(f->t, hook_no, &s);
    assert_int_equal(s.waiting, waiting);
    assert_int_equal(s.dead, dead);
    assert_int_equal(s.sent, sent);
    assert_int_equal(s.failed, failed);
}

static void life_of_a_message(void **state) {
    (void)state;
    fixture *f = fixture_begin();
    message m;
    char id[32];
    attempt a = {.hook = 1, .seq = 7, .at_ms = 100, .next_ms = 5100, .tries = 2, .why = "HTTP 500"};
    assert_true(put_one(f, 1, 7));
    assert_false(put_one(f, 1, 7));
    assert_true(put_one(f, 2, 7));
    counts(f, 1, 1, 0, 0, 0);
    assert_true(queue_note(f->t, &a));
    assert_true(message_get(f->t, 1, 7, 0, &m));
    assert_true(m.tries == 1 && m.due_ms == 5100 && m.state == MESSAGE_WAITING && str_is(m.error, "HTTP 500"));
    assert_true(queue_note(f->t, &a));
    assert_true(message_get(f->t, 1, 7, 0, &m) && m.state == MESSAGE_DEAD);
    counts(f, 1, 0, 1, 0, 2);
    assert_false(queue_note(f->t, &a)); /* a dead letter has no attempts */
    m = some(1, 7, id, sizeof id);
    assert_true(queue_again(f->t, &m));
    counts(f, 1, 1, 0, 0, 2);
    a.gone = true;
    assert_true(queue_note(f->t, &a));
    counts(f, 1, 0, 1, 0, 3);
    assert_true(queue_put(f->t, &m));
    a.delivered = true;
    assert_true(queue_note(f->t, &a));
    assert_false(message_get(f->t, 1, 7, 0, &m));
    counts(f, 1, 0, 0, 1, 3);
    counts(f, 2, 1, 0, 0, 0);
    queue_clear(f->t, 2);
    counts(f, 2, 0, 0, 0, 0);
    assert_false(message_get(f->t, 2, 7, 0, &m));
    assert_int_equal(fixture_end(f), 0);
}

static void bounds(void **state) {
    (void)state;
    fixture *f = fixture_begin();
    hook_state s;
    message m;
    for (uint64_t i = 1; i <= LIMIT_HOOK_QUEUE; i++) assert_true(put_one(f, 1, i));
    assert_false(put_one(f, 1, LIMIT_HOOK_QUEUE + 1));
    hook_state_get(f->t, 1, &s);
    assert_true(s.waiting == LIMIT_HOOK_QUEUE && s.dropped == 1);
    for (uint64_t i = 1; i <= LIMIT_HOOK_DEAD + 1; i++) {
        attempt a = {.hook = 1, .seq = i, .gone = true, .tries = 9, .why = "HTTP 410"};
        assert_true(queue_note(f->t, &a));
        assert_int_equal(message_get(f->t, 1, 1, 0, &m), i <= LIMIT_HOOK_DEAD);
    }
    hook_state_get(f->t, 1, &s);
    assert_int_equal(s.dead, LIMIT_HOOK_DEAD);
    assert_true(message_get(f->t, 1, 2, 0, &m) && m.state == MESSAGE_DEAD);
    queue_clear(f->t, 1);
    assert_int_equal(kv_count(f->t, TABLE_OUTBOX), 0);
    assert_int_equal(fixture_end(f), 0);
}

/* Several fresh ones become one under an id of its own; one that was tried keeps its. */
static void several_into_one(void **state) {
    (void)state;
    fixture *f = fixture_begin();
    hook group = {.no = 1, .form = HOOK_WECOM}, slow = {.no = 2, .form = HOOK_GENERIC, .digest_ms = 60000};
    hook plain = {.no = 3, .form = HOOK_GENERIC};
    message m;
    attempt a = {.hook = 1, .seq = 1, .next_ms = 0, .tries = 9, .why = "x"};
    for (uint32_t h = 1; h <= 3; h++)
        for (uint64_t i = 1; i <= LIMIT_HOOK_DIGEST + 2; i++) assert_true(put_one(f, h, i));
    assert_true(queue_note(f->t, &a));
    assert_true(queue_merge_due(f->t, &group, 0, 0));
    assert_false(queue_merge_due(f->t, &slow, 0, 60999)); /* the first is of second 1 */
    assert_true(queue_merge_due(f->t, &slow, 0, 61000));
    assert_false(queue_merge_due(f->t, &plain, 0, INT64_MAX));
    assert_int_equal(queue_merge(f->t, &group, 0, STR("https://c")), LIMIT_HOOK_DIGEST);
    counts(f, 1, 3, 0, 0, 1);
    assert_true(message_get(f->t, 1, 1, 0, &m) && str_is(m.id, "evt_1"));
    assert_true(message_get(f->t, 1, 2, 0, &m) && str_is(m.id, "evt_2_100") && str_is(m.type, "digest"));
    assert_true(str_starts(m.zh, STR("100 条消息\n· 案件 C-1：新预警 https://c/cases/C-1\n")));
    assert_true(str_has(m.en, STR(" more")) && m.en.n <= LIMIT_HOOK_TEXT && m.zh.n <= LIMIT_HOOK_TEXT);
    assert_true(str_starts(m.data, STR("{\"events\":[{\"id\":\"evt_2\",\"type\":\"case.alert\"")));
    assert_false(queue_merge_due(f->t, &group, 0, 0)); /* one fresh one is left, and a digest stays what it is */
    assert_int_equal(fixture_end(f), 0);
}

static void asks_for(void **state) {
    (void)state;
    static const struct {
        const char *events, *type;
        bool wants;
    } cases[] = {{"*", "case.alert", true},
                 {"case.*", "case.alert", true},
                 {"case.*", "cases.alert", false},
                 {"case.alert", "case.alert", true},
                 {"case.alert", "case.alerts", false},
                 {"period.closed,case.*", "case.closed", true},
                 {"", "case.alert", false}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        hook h = {.events = str_of(cases[i].events)};
        assert_int_equal(hook_wants(&h, str_of(cases[i].type)), cases[i].wants);
    }
    static const struct {
        uint32_t from, to;
        unsigned minute;
        bool quiet;
    } hours[] = {{0, 0, 0, false},       {1320, 480, 1319, false}, {1320, 480, 1320, true}, {1320, 480, 0, true},
                 {1320, 480, 479, true}, {1320, 480, 480, false},  {60, 120, 59, false},    {60, 120, 60, true},
                 {60, 120, 119, true},   {60, 120, 120, false}};
    for (size_t i = 0; i < ARRAY_LEN(hours); i++) {
        hook h = {.quiet_from = hours[i].from, .quiet_to = hours[i].to};
        assert_int_equal(hook_is_quiet(&h, hours[i].minute), hours[i].quiet);
    }
    err e = {0};
    assert_true(event_list_ok(STR("case.*,statement.paid,*"), &e));
    assert_false(event_list_ok(STR("case.*,nothing"), &e));
    assert_false(event_list_ok(STR("hook.test"), &e));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waits),    cmocka_unit_test(life_of_a_message),
        cmocka_unit_test(bounds),   cmocka_unit_test(several_into_one),
        cmocka_unit_test(asks_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
