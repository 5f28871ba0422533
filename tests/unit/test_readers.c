/* links: service formats */
#include "daemon/rebate/accrual.h"
#include "daemon/service/nightly.h"
#include "daemon/service/readers.h"
#include "proto/limits.h"
#include "tests/unit/books.h"

#include <poll.h>
#include <pthread.h>

/* Jobs that wait at a gate, so that the test decides when they are done. */
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static int order[LIMIT_CALLS + LIMIT_SNAPSHOTS], done;

static void wait_at_gate(job *j) {
    (void)j;
    (void)pthread_mutex_lock(&gate);
    (void)pthread_mutex_unlock(&gate);
}

static void note(struct service *s, job *j) {
    (void)s;
    order[done++] = *(int *)j->own;
}

static bool put(readers *r, bool slow, int *no) {
    job *j = job_new(1024);
    j->work = wait_at_gate;
    j->give = note;
    j->slow = slow;
    j->own = no;
    if (readers_ask(r, j)) return true;
    job_free(j);
    return false;
}

static void take_all(readers *r, struct service *s, int n) {
    for (int tries = 0; done < n && tries < 500; tries++) {
        struct pollfd p = {.fd = readers_fd(r), .events = POLLIN};
        (void)poll(&p, 1, 20);
        for (job *j; (j = readers_done(r)) != NULL; job_free(j)) j->give(s, j);
    }
}

static void what_is_slow_waits_apart_and_comes_back_in_order(void **state) {
    (void)state;
    readers *r;
    err e;
    int no[LIMIT_CALLS + LIMIT_SNAPSHOTS + 2];
    for (int i = 0; i < (int)ARRAY_LEN(no); i++) no[i] = i;
    assert_true(readers_start(1, &r, &e));
    done = 0;
    (void)pthread_mutex_lock(&gate);
    for (int i = 0; i < LIMIT_SNAPSHOTS; i++) assert_true(put(r, true, &no[i]));
    assert_false(put(r, true, &no[LIMIT_SNAPSHOTS]));
    assert_int_equal(readers_busy(r), LIMIT_SNAPSHOTS);
    (void)pthread_mutex_unlock(&gate);
    take_all(r, NULL, LIMIT_SNAPSHOTS);
    for (int i = 0; i < LIMIT_SNAPSHOTS; i++) assert_int_equal(order[i], i);
    done = 0;
    (void)pthread_mutex_lock(&gate);
    assert_true(put(r, true, &no[1]));
    for (int i = 0; i < LIMIT_CALLS; i++) assert_true(put(r, false, &no[i]));
    assert_false(put(r, false, &no[LIMIT_CALLS]));
    (void)pthread_mutex_unlock(&gate);
    take_all(r, NULL, LIMIT_CALLS + 1);
    assert_int_equal(done, LIMIT_CALLS + 1);
    assert_int_equal(readers_busy(r), 0);
    readers_stop(r);
}

static void at_once(job *j) {
    (void)j;
}

static void a_question_goes_on_while_a_slow_one_is_held(void **state) {
    (void)state;
    readers *r;
    err e;
    int slow = 1, quick = 2;
    assert_true(readers_start(1, &r, &e));
    done = 0;
    (void)pthread_mutex_lock(&gate);
    assert_true(put(r, true, &slow));
    job *j = job_new(1024);
    j->work = at_once;
    j->give = note;
    j->own = &quick;
    assert_true(readers_ask(r, j));
    take_all(r, NULL, 1);
    assert_int_equal(done, 1);
    assert_int_equal(order[0], quick);
    (void)pthread_mutex_unlock(&gate);
    take_all(r, NULL, 2);
    assert_int_equal(order[1], slow);
    readers_stop(r);
}

/* ---- the night, with the clock of the wall */

static void apply_policy(books *w, const char *name, const char *rate) {
    char yaml[512];
    err e = {0};
    Entry__Policy m = ENTRY__POLICY__INIT;
    (void)snprintf(yaml, sizeof yaml,
                   "metadata: {name: %s}\nspec:\n  effective: {from: 2026-01-01, to: 2026-12-31}\n  basis: sell_out\n"
                   "  period: quarter\n  stages: {any: {mechanism: flat, rate: \"%s\"}}\n",
                   name, rate);
    m.name = (char *)(uintptr_t)name;
    m.revision = 1;
    m.action = POLICY_APPLIED;
    m.yaml = yaml;
    if (!books_entry(w, KIND_POLICY, "user:anna", &m.base, NULL, &e)) fail_msg("%s", e.text);
}

static int64_t has_posted(books *w, const char *policy_name) {
    partner p;
    accrual a;
    txn *t = books_read(w);
    assert_true(partner_by_id(t, STR("D1"), &p));
    line_key at = {p.no, str_of(policy_name), STR("2026-Q2"), STAGE_ANY, STR("flat")};
    int64_t amount = accrual_get(t, &at, &a) ? accrual_posted(&a) : -1;
    txn_abort(&t);
    return amount;
}

static void the_night_posts_policy_by_policy(void **state) {
    (void)state;
    static service s;
    books w;
    err e;
    books_open(&w);
    books_fill(&w);
    (void)books_push_csv(&w, "D1", "type,number,date,sku,quantity,amount\nsale,X1,2026-06-03,P1,10,200.00\n");
    apply_policy(&w, "a", "1%");
    apply_policy(&w, "b", "10%");
    s = (service){.db = w.db};
    assert_true(readers_start(1, &s.readers, &e));
    nightly_accrue(&s, service_now(&s));
    for (int i = 0; i < 500 && readers_busy(s.readers); i++) {
        done = 0;
        take_all(s.readers, &s, 1);
        usleep(2000);
    }
    assert_int_equal(has_posted(&w, "a"), 200);
    assert_int_equal(has_posted(&w, "b"), 2000);
    readers_stop(s.readers);
    books_close(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_slow_waits_apart_and_comes_back_in_order),
        cmocka_unit_test(a_question_goes_on_while_a_slow_one_is_held),
        cmocka_unit_test(the_night_posts_policy_by_policy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
