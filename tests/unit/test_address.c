/* links: outbox */
#include "base/buf.h"
#include "daemon/outbox/address.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

/* Which addresses everybody reaches: each range at its first and last address, and its neighbours. */
static const struct {
    const char *of;
    bool is_public;
} table[] = {
    {"0.0.0.0", false},
    {"0.255.255.255", false},
    {"1.0.0.0", true},
    {"9.255.255.255", true},
    {"10.0.0.0", false},
    {"10.255.255.255", false},
    {"11.0.0.0", true},
    {"100.63.255.255", true},
    {"100.64.0.0", false},
    {"100.100.100.200", false},
    {"100.127.255.255", false},
    {"100.128.0.0", true},
    {"126.255.255.255", true},
    {"127.0.0.0", false},
    {"127.0.0.1", false},
    {"127.255.255.255", false},
    {"128.0.0.0", true},
    {"168.63.129.16", false},
    {"168.63.129.17", true},
    {"169.253.255.255", true},
    {"169.254.0.0", false},
    {"169.254.169.254", false},
    {"169.255.0.0", true},
    {"172.15.255.255", true},
    {"172.16.0.0", false},
    {"172.31.255.255", false},
    {"172.32.0.0", true},
    {"191.255.255.255", true},
    {"192.0.0.0", false},
    {"192.0.0.255", false},
    {"192.0.1.0", true},
    {"192.0.2.1", false},
    {"192.88.99.1", false},
    {"192.167.255.255", true},
    {"192.168.0.0", false},
    {"192.168.255.255", false},
    {"192.169.0.0", true},
    {"198.17.255.255", true},
    {"198.18.0.0", false},
    {"198.19.255.255", false},
    {"198.20.0.0", true},
    {"198.51.100.7", false},
    {"203.0.113.7", false},
    {"223.255.255.255", true},
    {"224.0.0.0", false},
    {"239.255.255.255", false},
    {"240.0.0.0", false},
    {"255.255.255.255", false},
    {"8.8.8.8", true},
    {"::", false},
    {"::1", false},
    {"::7f00:1", false},
    {"::ffff:127.0.0.1", false},
    {"::ffff:8.8.8.8", true},
    {"64:ff9b::7f00:1", false},
    {"64:ff9b::808:808", true},
    {"64:ff9b:1::808:808", false},
    {"100::1", false},
    {"1fff::1", false},
    {"2001::1", false},
    {"2001:1ff::1", false},
    {"2001:200::1", true},
    {"2001:db8::1", false},
    {"2002:7f00:1::1", false},
    {"2400:3200::1", true},
    {"2606:4700::1111", true},
    {"3fff::1", false},
    {"4000::1", false},
    {"5f00::1", false},
    {"fc00::1", false},
    {"fdff::1", false},
    {"fe80::1", false},
    {"febf::1", false},
    {"fec0::1", false},
    {"ff02::1", false},
};

static bool from_socket(const char *z, address *out) {
    struct sockaddr_in in = {.sin_family = AF_INET};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
    if (inet_pton(AF_INET, z, &in.sin_addr) == 1) return address_of((const void *)&in, sizeof in, out);
    return inet_pton(AF_INET6, z, &in6.sin6_addr) == 1 && address_of((const void *)&in6, sizeof in6, out);
}

static void ranges(void **state) {
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        address parsed, connected;
        assert_true(address_parse(str_of(table[i].of), &parsed));
        assert_true(from_socket(table[i].of, &connected));
        assert_memory_equal(parsed.p, connected.p, sizeof parsed.p);
        if (address_is_public(&parsed) != table[i].is_public) fail_msg("%s", table[i].of);
    }
    static const char *const none[] = {"",           "127.1",     "1.2.3.4.5", "256.1.1.1",
                                       "0x7f000001", "localhost", "::g",       "1.2.3"};
    address a;
    for (size_t i = 0; i < ARRAY_LEN(none); i++)
        if (address_parse(str_of(none[i]), &a)) fail_msg("'%s' is an address", none[i]);
    struct sockaddr other = {.sa_family = AF_UNIX};
    assert_false(address_of(&other, sizeof other, &a));
}

static void allowed(void **state) {
    (void)state;
    allow_list l;
    err e = {0};
    if (!allow_parse(STR(" 10.1.0.0/16, fd00::/8 ,erp.intern,192.168.3.4,::1, "), &l, &e)) fail_msg("%s", e.text);
    assert_int_equal(l.n, 5);
    static const struct {
        const char *host, *of;
        bool may;
    } cases[] = {
        {"x", "10.1.0.0", true},
        {"x", "10.1.255.255", true},
        {"x", "10.2.0.0", false},
        {"x", "10.0.255.255", false},
        {"x", "fd12::1", true},
        {"x", "fc12::1", false},
        {"x", "192.168.3.4", true},
        {"x", "192.168.3.5", false},
        {"x", "::1", true},
        {"erp.intern", "127.0.0.1", true},
        {"ERP.Intern.", "10.9.9.9", true},
        {"erp.intern.evil.com", "10.9.9.9", false},
        {"x", "::ffff:10.1.2.3", true},
        {"x", "64:ff9b::a01:203", true},
        {"x", "8.8.8.8", true},
        {"x", "127.0.0.1", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        address a;
        assert_true(address_parse(str_of(cases[i].of), &a));
        if (allow_address(&l, str_of(cases[i].host), &a) != cases[i].may) fail_msg("%s %s", cases[i].host, cases[i].of);
    }
    assert_true(allow_host(&l, STR("[fd00::1]")));
    assert_true(allow_host(&l, STR("erp.intern")));
    assert_false(allow_host(&l, STR("10.2.0.1")));
    static const char *const bad[] = {"10.0.0.0/33", "10.0.0.0/-1", "fd00::/129", "10.0.0/8",
                                      "a b",         "-x",          "x_y",        "1.2.3.4/x"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        if (allow_parse(str_of(bad[i]), &l, &e)) fail_msg("'%s' is taken", bad[i]);
}

static void as_many_as_fit(void **state) {
    (void)state;
    AUTO(buf) b = {0};
    static allow_list l;
    err e = {0};
    for (int i = 0; i < LIMIT_HOOKS_ALLOW; i++) buf_printf(&b, "10.%d.0.0/16,", i);
    assert_true(allow_parse(buf_str(&b), &l, &e));
    assert_int_equal(l.n, LIMIT_HOOKS_ALLOW);
    buf_addz(&b, "one.more");
    assert_false(allow_parse(buf_str(&b), &l, &e));
    assert_int_equal(e.code, ERR_CONFIG);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranges),
        cmocka_unit_test(allowed),
        cmocka_unit_test(as_many_as_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
