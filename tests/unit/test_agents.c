/* links: catalog */
#include "catalog_fixture.h"
#include "daemon/catalog/agents.h"
#include "daemon/catalog/partner.h"
#include "proto/limits.h"

static int begin(void **state) {
    fixture *f = fixture_begin();
    *state = f;
    must(f, rows(f, "partner", "D1,,distributor|D2,,distributor|T1,,terminal,,D1"));
    return 0;
}

static int end(void **state) {
    return fixture_end(*state);
}

#define Z(text) ((char *)(uintptr_t)(text))

static uint8_t *key_made(uint8_t seed) {
    static uint8_t keys[256][AGENT_KEY_SIZE];
    memset(keys[seed], seed, AGENT_KEY_SIZE);
    return keys[seed];
}

static ProtobufCBinaryData key_data(uint8_t seed) {
    return (ProtobufCBinaryData){AGENT_KEY_SIZE, key_made(seed)};
}

static bool token(fixture *f, const char *partner_of, uint8_t seed, const char *replaces) {
    Entry__AgentToken m = ENTRY__AGENT_TOKEN__INIT;
    m.partner = Z(partner_of);
    m.key = key_data(seed);
    m.create_unknown = true;
    m.expires_ms = f->now_ms + 1000;
    m.replaces = Z(replaces);
    return apply(f, KIND_AGENT_TOKEN, &m);
}

static bool enrolled(fixture *f, const char *partner_of, uint8_t token_seed, uint8_t own_seed, const char *id) {
    Entry__AgentEnrolled m = ENTRY__AGENT_ENROLLED__INIT;
    m.partner = Z(partner_of);
    m.agent = Z(id);
    m.token_key = key_data(token_seed);
    m.public_key = key_data(own_seed);
    m.host = Z("pc-7");
    m.version = Z("0.1.0");
    return apply(f, KIND_AGENT_ENROLLED, &m);
}

static bool revoked(fixture *f, const char *id, bool held, bool released) {
    Entry__AgentRevoked m = ENTRY__AGENT_REVOKED__INIT;
    m.agent = Z(id);
    m.held = held;
    m.released = released;
    m.reason = Z("lost");
    return apply(f, KIND_AGENT_REVOKED, &m);
}

static agent_state state_of(fixture *f, const char *id) {
    agent a;
    assert_true(agent_get(f->t, str_of(id), &a));
    return a.state;
}

static void a_token_is_good_once(void **state) {
    fixture *f = *state;
    agent_token tok;
    agent a;
    assert_int_equal(agent_by_key(f->t, key_made(1), &tok, &a), KEY_UNKNOWN);
    must(f, token(f, "D1", 1, ""));
    assert_int_equal(agent_by_key(f->t, key_made(1), &tok, &a), KEY_TOKEN);
    assert_true(tok.create_unknown && tok.used_by.n == 0 && tok.expires_ms == f->now_ms + 1000);
    must(f, enrolled(f, "D1", 1, 2, "D1-1"));
    assert_int_equal(agent_by_key(f->t, key_made(2), &tok, &a), KEY_AGENT);
    assert_true(str_is(a.id, "D1-1") && a.state == AGENT_ACTIVE && a.create_unknown && str_is(a.host, "pc-7"));
    assert_true(str_is(partner_id(f->t, a.partner), "D1") && a.enrolled_ms == f->now_ms);
    assert_int_equal(agent_by_key(f->t, key_made(1), &tok, &a), KEY_TOKEN);
    assert_true(str_is(tok.used_by, "D1-1"));
    refused(f, enrolled(f, "D1", 1, 3, "D1-2"), ERR_CONFLICT, "was used by agent 'D1-1'");
    refused(f, token(f, "D1", 1, ""), ERR_CONFLICT, "known already");
    refused(f, token(f, "D1", 2, ""), ERR_CONFLICT, "known already");
}

static void an_enrolment_must_fit_its_token(void **state) {
    fixture *f = *state;
    must(f, token(f, "D1", 1, ""));
    refused(f, enrolled(f, "D1", 9, 2, "D1-1"), ERR_NOT_FOUND, "no such token");
    refused(f, enrolled(f, "D2", 1, 2, "D2-1"), ERR_DENIED, "another partner");
    refused(f, enrolled(f, "D9", 1, 2, "D9-1"), ERR_NOT_FOUND, "partner 'D9': unknown");
    refused(f, enrolled(f, "D1", 1, 1, "D1-1"), ERR_CONFLICT, "known already");
    refused(f, enrolled(f, "D1", 1, 2, ""), ERR_DATA, "malformed");
    f->now_ms += 1000;
    refused(f, enrolled(f, "D1", 1, 2, "D1-1"), ERR_CONFLICT, "expired");
    f->now_ms -= 1;
    must(f, enrolled(f, "D1", 1, 2, "D1-1"));
    must(f, token(f, "D1", 3, ""));
    refused(f, enrolled(f, "D1", 3, 4, "D1-1"), ERR_CONFLICT, "agent 'D1-1' exists");
    refused(f, enrolled(f, "D1", 3, 2, "D1-2"), ERR_CONFLICT, "known already");
    refused(f, token(f, "D9", 5, ""), ERR_NOT_FOUND, "partner 'D9': unknown");
    Entry__AgentToken m = ENTRY__AGENT_TOKEN__INIT;
    m.partner = Z("D1");
    m.key = (ProtobufCBinaryData){31, key_made(5)};
    refused(f, apply(f, KIND_AGENT_TOKEN, &m), ERR_DATA, "32 bytes");
}

static void another_agent_takes_its_place(void **state) {
    fixture *f = *state;
    must(f, token(f, "D1", 1, ""));
    must(f, enrolled(f, "D1", 1, 2, "D1-1"));
    refused(f, token(f, "D2", 3, "D1-1"), ERR_DATA, "of another partner, 'D1'");
    refused(f, token(f, "D1", 3, "D1-9"), ERR_NOT_FOUND, "agent 'D1-9'");
    must(f, token(f, "D1", 3, "D1-1"));
    assert_int_equal(state_of(f, "D1-1"), AGENT_ACTIVE);
    must(f, enrolled(f, "D1", 3, 4, "D1-2"));
    assert_int_equal(state_of(f, "D1-1"), AGENT_REPLACED);
    agent a;
    assert_true(agent_get(f->t, STR("D1-2"), &a) && str_is(a.replaces, "D1-1"));
    assert_true(agent_get(f->t, STR("D1-1"), &a) && str_is(a.why, "replaced by D1-2"));
    refused(f, token(f, "D1", 5, "D1-1"), ERR_CONFLICT, "replaced already");
    refused(f, revoked(f, "D1-1", false, false), ERR_CONFLICT, "replaced already");
}

static void states_follow_their_grid(void **state) {
    fixture *f = *state;
    must(f, token(f, "D1", 1, ""));
    must(f, enrolled(f, "D1", 1, 2, "D1-1"));
    refused(f, revoked(f, "D1-1", false, true), ERR_CONFLICT, "not held");
    must(f, revoked(f, "D1-1", true, false));
    assert_int_equal(state_of(f, "D1-1"), AGENT_HELD);
    must(f, revoked(f, "D1-1", false, true));
    assert_int_equal(state_of(f, "D1-1"), AGENT_ACTIVE);
    must(f, revoked(f, "D1-1", true, false));
    must(f, revoked(f, "D1-1", false, false));
    assert_int_equal(state_of(f, "D1-1"), AGENT_REVOKED);
    refused(f, revoked(f, "D1-1", false, true), ERR_CONFLICT, "revoked already");
    refused(f, revoked(f, "D1-9", false, false), ERR_NOT_FOUND, "unknown");
    assert_string_equal(agent_state_name(AGENT_HELD), "held");
}

static void a_partner_with_an_agent_reports(void **state) {
    fixture *f = *state;
    partner t1;
    agent a;
    AUTO(buf) id = {0};
    assert_true(partner_by_id(f->t, STR("T1"), &t1));
    assert_false(partner_reports(f->t, &t1));
    agent_next_id(f->t, t1.no, &id);
    assert_string_equal(buf_z(&id), "T1-1");
    must(f, token(f, "T1", 1, ""));
    must(f, enrolled(f, "T1", 1, 2, "T1-1"));
    assert_true(partner_reports(f->t, &t1));
    agent_next_id(f->t, t1.no, &id);
    assert_string_equal(buf_z(&id), "T1-2");
    assert_true(agent_of_partner(f->t, t1.no, 0, &a) && str_is(a.id, "T1-1"));
    assert_false(agent_of_partner(f->t, t1.no, 1, &a));
}

static void ids_of_agents_keep_to_their_limit(void **state) {
    fixture *f = *state;
    char row[LIMIT_ID + 32], name[LIMIT_ID + 1] = {0};
    partner p;
    AUTO(buf) id = {0};
    for (size_t i = 0; i + 3 <= LIMIT_ID; i += 3) memcpy(name + i, "店", 3);
    (void)snprintf(row, sizeof row, "%s,,distributor", name);
    must(f, rows(f, "partner", row));
    assert_true(partner_by_id(f->t, str_of(name), &p));
    agent_next_id(f->t, p.no, &id);
    assert_true(catalog_id_ok(buf_str(&id)));
}

static void contacts_come_back(void **state) {
    fixture *f = *state;
    contact in = {.heard_ms = 5,
                  .committed_ms = 4,
                  .epoch = UINT64_MAX,
                  .last_seq = 3,
                  .committed_seq = 2,
                  .waiting = 1,
                  .oldest_ms = 7,
                  .version = STR("0.1.0"),
                  .host = STR("pc")},
            out;
    assert_false(contact_get(f->t, STR("D1-1"), &out));
    contact_put(f->t, STR("D1-1"), &in);
    assert_true(contact_get(f->t, STR("D1-1"), &out));
    assert_true(out.heard_ms == 5 && out.committed_ms == 4 && out.epoch == UINT64_MAX && out.last_seq == 3);
    assert_true(out.committed_seq == 2 && out.waiting == 1 && out.oldest_ms == 7);
    assert_true(str_is(out.version, "0.1.0") && str_is(out.host, "pc"));
}

#define IN_STORE(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_STORE(a_token_is_good_once),
        IN_STORE(an_enrolment_must_fit_its_token),
        IN_STORE(another_agent_takes_its_place),
        IN_STORE(states_follow_their_grid),
        IN_STORE(a_partner_with_an_agent_reports),
        IN_STORE(ids_of_agents_keep_to_their_limit),
        IN_STORE(contacts_come_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
