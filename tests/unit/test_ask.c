/* links: agentlib */
#include "link_stage.h"

#include "agent/ask.h"

/* A question that is turned by hand, against a centre whose every word is written here. */
typedef struct scene {
    centre c;
    asking *q;
    int64_t hand;
    bool done, ok;
    err e;
} scene;

static const char *const question[] = {"stock", "list", "--sku", "P1"};

static void scene_open(scene *g) {
    home h = {.lock_fd = -1, .secret = {9, 9, 9}};
    *g = (scene){.hand = 1000000, .ok = true};
    centre_open(&g->c);
    key_public(h.secret, h.public_key);
    memcpy(h.server, g->c.public_key, KEY_SIZE);
    memcpy(h.endpoint, g->c.endpoint, sizeof g->c.endpoint);
    SUCCEEDS(asking_new(g->c.zmq, &h, question, ARRAY_LEN(question), 5000, &g->q, e));
}

static void scene_close(scene *g) {
    asking_free(g->q);
    centre_close(&g->c);
}

static void play(scene *g) {
    if (g->ok && !g->done) g->ok = asking_turn(g->q, g->hand, &g->done, &g->e);
}

/* Turns until the centre has heard a question. */
static Wire__Ask *hears_ask(scene *g) {
    int64_t until = mono_ms() + PATIENCE_MS;
    while (!centre_hears(&g->c)) {
        play(g);
        if (mono_ms() > until) fail_msg("nothing was asked: %s", g->e.text);
        (void)usleep(500);
    }
    assert_int_equal(g->c.type, FRAME_ASK);
    void *m = NULL;
    SUCCEEDS((m = message_unpack(&wire__ask__descriptor, g->c.payload, LIMIT_REPEATED, &g->c.mem, e)) != NULL);
    return m;
}

static void until_it_ends(scene *g) {
    for (int64_t until = mono_ms() + PATIENCE_MS; g->ok && !g->done && mono_ms() < until; (void)usleep(500)) play(g);
}

static void says(scene *g, uint32_t id, const char *rows, bool more) {
    static char *columns[] = {(char *)(uintptr_t) "a", (char *)(uintptr_t) "b"};
    Wire__Answer m = WIRE__ANSWER__INIT;
    m.id = id;
    m.form = ASKED_LIST;
    m.column = columns;
    m.n_column = ARRAY_LEN(columns);
    m.data = (ProtobufCBinaryData){strlen(rows), (uint8_t *)(uintptr_t)rows};
    m.more = more;
    centre_says(&g->c, FRAME_ANSWER, &m.base);
}

static void refuses(scene *g, uint32_t id, err_code code, const char *text) {
    Wire__Answer m = WIRE__ANSWER__INIT;
    m.id = id;
    m.code = (char *)(uintptr_t)err_name(code);
    m.error = (char *)(uintptr_t)text;
    centre_says(&g->c, FRAME_ANSWER, &m.base);
}

static void an_answer_in_pieces_is_put_together(void **state) {
    (void)state;
    scene g;
    AUTO(asked) a = {0};
    AUTO(buf) text = {0};
    scene_open(&g);
    Wire__Ask *first = hears_ask(&g);
    assert_int_equal(first->n_word, ARRAY_LEN(question));
    assert_string_equal(first->word[3], "P1");
    says(&g, first->id + 7, "{\"of\":\"another\"}\n", false); /* not the one asked: left alone */
    says(&g, first->id, "{\"a\":1,\"b\"", true);
    Wire__Ask *next = hears_ask(&g);
    assert_int_equal(next->n_word, 0);
    assert_int_equal(next->id, first->id);
    assert_int_equal(next->from, strlen("{\"a\":1,\"b\""));
    says(&g, first->id, ":2}\n{\"a\":3,\"b\":4}\n", false);
    until_it_ends(&g);
    assert_true(g.ok && g.done);
    asking_take(g.q, &a);
    assert_int_equal(a.columns, 2);
    assert_string_equal(a.column[1].p, "b");
    asked_json(&a, &text);
    assert_string_equal(buf_z(&text), "[{\"a\":1,\"b\":2},\n{\"a\":3,\"b\":4}]\n");
    scene_close(&g);
}

static void many_questions_take_one_connection(void **state) {
    (void)state;
    scene g;
    scene_open(&g);
    AUTO(buf) peer = {0};
    char before[64] = "";
    for (int i = 0; i < 3; i++) {
        AUTO(asked) a = {0};
        char text[16];
        const char *const more[] = {"code", "push", text};
        (void)snprintf(text, sizeof text, "%d", i);
        if (i) SUCCEEDS(asking_next(g.q, more, ARRAY_LEN(more), e));
        if (i == 1) asking_attach(g.q, "f.xml", STR("piece"));
        g.done = false;
        Wire__Ask *m = hears_ask(&g);
        assert_string_equal(m->word[0], i ? "code" : "stock");
        assert_int_equal(m->data.len, i == 1 ? 5 : 0); /* a file goes with its own question only */
        assert_string_not_equal(m->request, before);
        (void)snprintf(before, sizeof before, "%s", m->request);
        str now = str_from(zmq_msg_data(&g.c.peer), zmq_msg_size(&g.c.peer));
        if (i == 0) buf_add(&peer, now);
        assert_true(str_eq(buf_str(&peer), now));
        says(&g, m->id, "{\"a\":1}\n", false);
        until_it_ends(&g);
        assert_true(g.ok && g.done);
        asking_take(g.q, &a);
        assert_int_equal(a.rows.n, 8);
    }
    scene_close(&g);
}

static void a_busy_centre_is_asked_again(void **state) {
    (void)state;
    scene g;
    scene_open(&g);
    uint32_t id = hears_ask(&g)->id;
    refuses(&g, id, ERR_RETRY, "too many");
    for (int i = 0; i < 100; i++, (void)usleep(500)) play(&g);
    assert_false(centre_hears(&g.c)); /* not before its time */
    g.hand += 2000;
    Wire__Ask *again = hears_ask(&g);
    assert_int_equal(again->n_word, ARRAY_LEN(question));
    assert_true(again->id != id);
    says(&g, again->id, "", false);
    until_it_ends(&g);
    assert_true(g.ok && g.done);
    scene_close(&g);
}

static void refusals_and_silence_have_their_code(void **state) {
    (void)state;
    scene g;
    scene_open(&g);
    refuses(&g, hears_ask(&g)->id, ERR_DENIED, "stock list: not permitted to 'D1-1'");
    until_it_ends(&g);
    assert_false(g.ok);
    assert_int_equal(g.e.code, ERR_DENIED);
    assert_string_equal(g.e.text, "stock list: not permitted to 'D1-1'");
    scene_close(&g);

    scene_open(&g);
    (void)hears_ask(&g);
    g.hand += 5000 - 1;
    play(&g);
    assert_true(g.ok);
    g.hand += 1;
    until_it_ends(&g);
    assert_false(g.ok);
    assert_int_equal(g.e.code, ERR_RETRY);
    scene_close(&g);
}

static void an_answer_without_end_is_refused(void **state) {
    (void)state;
    scene g;
    scene_open(&g);
    uint32_t id = hears_ask(&g)->id;
    says(&g, id, "", true); /* more, and nothing in it */
    until_it_ends(&g);
    assert_false(g.ok);
    assert_int_equal(g.e.code, ERR_DATA);
    scene_close(&g);
}

static void a_question_has_words(void **state) {
    (void)state;
    const char *many[LIMIT_ASK_WORDS + 1];
    home h = {.lock_fd = -1};
    asking *q;
    err e;
    for (size_t i = 0; i < ARRAY_LEN(many); i++) many[i] = "x";
    assert_false(asking_new(NULL, &h, many, 0, 1000, &q, &e));
    assert_int_equal(e.code, ERR_USAGE);
    assert_false(asking_new(NULL, &h, many, LIMIT_ASK_WORDS + 1, 1000, &q, &e));
    assert_true(asking_new(NULL, &h, many, LIMIT_ASK_WORDS, 1000, &q, &e));
    asking_free(q);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_in_pieces_is_put_together), cmocka_unit_test(many_questions_take_one_connection),
        cmocka_unit_test(a_busy_centre_is_asked_again),        cmocka_unit_test(refusals_and_silence_have_their_code),
        cmocka_unit_test(an_answer_without_end_is_refused),    cmocka_unit_test(a_question_has_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
