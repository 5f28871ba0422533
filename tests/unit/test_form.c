/* links: outbox */
#include "daemon/outbox/form.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

/* The reference vector of Standard Webhooks; the others by another implementation of HMAC. */
static void signatures(void **state) {
    (void)state;
    AUTO(buf) raw = {0};
    AUTO(buf) out = {0};
    AUTO(buf) again = {0};
    assert_true(form_secret_parse(STR("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), &raw));
    form_sign(buf_str(&raw), STR("msg_p5jXN8AQM9LWM0D4loKWxJek"), 1614265330, STR("{\"test\": 2432232314}"), &out);
    assert_string_equal(buf_z(&out), "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    form_secret_put(buf_str(&raw), &again);
    assert_string_equal(buf_z(&again), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    buf_clear(&out);
    form_sign_dingtalk(STR("SECabc"), INT64_C(1577262236757), &out);
    assert_string_equal(buf_z(&out), "I5TKCOTTj6fad4sJ4q9RsIffw0PAChVQZQGTdtRbNEQ=");
    buf_clear(&out);
    form_sign_feishu(STR("SECabc"), 1599360473, &out);
    assert_string_equal(buf_z(&out), "KjJCRpeZcpDq6nFA4wlSAm5ZsE3Y8HuB1O1Sgv2Y9xA=");
}

static void secrets(void **state) {
    (void)state;
    static const struct {
        size_t bytes;
        bool good;
    } cases[] = {{HOOK_KEY_MIN - 1, false}, {HOOK_KEY_MIN, true}, {HOOK_KEY_MAX, true}, {HOOK_KEY_MAX + 1, false}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(buf) text = {0};
        AUTO(buf) out = {0};
        char raw[HOOK_KEY_MAX + 1] = {0};
        form_secret_put(str_from(raw, cases[i].bytes), &text);
        assert_int_equal(form_secret_parse(buf_str(&text), &out), cases[i].good);
    }
    AUTO(buf) out = {0};
    assert_false(form_secret_parse(STR("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), &out));
    assert_false(form_secret_parse(STR("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS"), &out));
    assert_false(form_secret_parse(STR("whsec_"), &out));
}

static void build(hook_form form, const char *url, const char *secret, bool english, const char *link,
                  outbox_request *r) {
    static allow_list none;
    Entry__HookTarget to = ENTRY__HOOK_TARGET__INIT;
    hook h = {.form = form, .english = english};
    message m = {.time_ms = INT64_C(1782781200000),
                 .id = STR("evt_1"),
                 .type = STR("case.notified"),
                 .data = STR("{\"partner\":\"D1\",\"penalty\":\"100.00\"}"),
                 .zh = STR("案件 C-1：已通知"),
                 .en = STR("Case C-1: notice given"),
                 .path = STR("/cases/C-1")};
    form_how how = {INT64_C(1782781200000), 480, str_of(link), &none};
    err e = {0};
    to.url = (char *)(uintptr_t)url;
    to.secret = (ProtobufCBinaryData){strlen(secret), (uint8_t *)(uintptr_t)secret};
    to.to = (char *)(uintptr_t) "a@example.com, b@example.com";
    to.from = (char *)(uintptr_t) "c@example.com";
    *r = (outbox_request){.mail = false};
    if (!form_build(&h, &to, &m, &how, r, &e)) fail_msg("%s", e.text);
}

static void envelopes(void **state) {
    (void)state;
    AUTO(outbox_request) r = {.mail = false};
    AUTO(buf) sign = {0};
    build(HOOK_GENERIC, "https://erp.example.com/x?y=1", "0123456789abcdef01234567", false, "", &r);
    const char *body = "{\"id\":\"evt_1\",\"type\":\"case.notified\",\"time\":\"2026-06-30T09:00:00+08:00\","
                       "\"data\":{\"partner\":\"D1\",\"penalty\":\"100.00\"}}";
    assert_string_equal(buf_z(&r.body), body);
    assert_string_equal(r.host, "erp.example.com");
    assert_string_equal(buf_z(&r.url), "https://erp.example.com/x?y=1");
    buf_addz(&sign,
             "content-type: application/json\nwebhook-id: evt_1\nwebhook-timestamp: 1782781200\nwebhook-signature: ");
    form_sign(STR("0123456789abcdef01234567"), STR("evt_1"), 1782781200, str_of(body), &sign);
    buf_addz(&sign, "\n");
    assert_string_equal(buf_z(&r.headers), buf_z(&sign));
}

/* Only the words and the link: nothing of the data. */
static void groups(void **state) {
    (void)state;
    static const struct {
        hook_form form;
        const char *secret, *link;
        bool english;
        const char *body;
    } cases[] = {
        {HOOK_WECOM, "", "https://c.example.com", false,
         "{\"msgtype\":\"text\",\"text\":{\"content\":\"案件 C-1：已通知\\nhttps://c.example.com/cases/C-1\"}}"},
        {HOOK_WECOM, "", "", true, "{\"msgtype\":\"text\",\"text\":{\"content\":\"Case C-1: notice given\"}}"},
        {HOOK_DINGTALK, "SECabc", "", false, "{\"msgtype\":\"text\",\"text\":{\"content\":\"案件 C-1：已通知\"}}"},
        {HOOK_FEISHU, "", "", true, "{\"msg_type\":\"text\",\"content\":{\"text\":\"Case C-1: notice given\"}}"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(outbox_request) r = {.mail = false};
        build(cases[i].form, "https://robot.example.com/send?key=1", cases[i].secret, cases[i].english, cases[i].link,
              &r);
        assert_string_equal(buf_z(&r.body), cases[i].body);
    }
    AUTO(outbox_request) ding = {.mail = false};
    AUTO(outbox_request) feishu = {.mail = false};
    AUTO(buf) sign = {0};
    build(HOOK_DINGTALK, "https://oapi.dingtalk.com/robot/send?access_token=t", "SECabc", false, "", &ding);
    const char *signed_so = "https://oapi.dingtalk.com/robot/send?access_token=t&timestamp=1782781200000&sign=";
    assert_true(str_starts(buf_str(&ding.url), str_of(signed_so)));
    str coded = str_skip(buf_str(&ding.url), strlen(signed_so));
    assert_false(str_has(coded, STR("+")) || str_has(coded, STR("/")) || str_has(coded, STR("=")));
    build(HOOK_FEISHU, "https://open.feishu.cn/x", "SECabc", false, "", &feishu);
    buf_addz(&sign, "{\"timestamp\":\"1782781200\",\"sign\":\"");
    form_sign_feishu(STR("SECabc"), 1782781200, &sign);
    assert_true(str_starts(buf_str(&feishu.body), buf_str(&sign)));
}

static void mails(void **state) {
    (void)state;
    AUTO(outbox_request) r = {.mail = false};
    build(HOOK_MAIL, "smtps://mail.example.com", "", true, "https://c.example.com", &r);
    assert_true(r.mail && !r.trusted);
    assert_string_equal(buf_z(&r.to), "a@example.com\nb@example.com\n");
    assert_string_equal(buf_z(&r.body),
                        "Date: 30 Jun 2026 01:00:00 +0000\r\nFrom: <c@example.com>\r\n"
                        "To: a@example.com, b@example.com\r\nMessage-ID: <evt_1@example.com>\r\n"
                        "Subject: =?UTF-8?B?Q2FzZSBDLTE6IG5vdGljZSBnaXZlbg==?=\r\nMIME-Version: 1.0\r\n"
                        "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n"
                        "Auto-Submitted: auto-generated\r\n\r\n"
                        "Q2FzZSBDLTE6IG5vdGljZSBnaXZlbgpodHRwczovL2MuZXhhbXBsZS5jb20vY2FzZXMvQy0xCg==\r\n");
}

/* Of a target that nobody outside reaches, or of another way than the form's, nothing is built. */
static void targets(void **state) {
    (void)state;
    static const struct {
        const char *url;
        hook_form form; /* it is known for */
        hook_form asked;
        bool good;
    } cases[] = {
        {"https://erp.example.com", HOOK_GENERIC, HOOK_GENERIC, true},
        {"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=1", HOOK_WECOM, HOOK_WECOM, true},
        {"https://oapi.dingtalk.com/robot/send?access_token=1", HOOK_DINGTALK, HOOK_DINGTALK, true},
        {"https://open.feishu.cn/open-apis/bot/v2/hook/1", HOOK_FEISHU, HOOK_FEISHU, true},
        {"smtp://mail.example.com", HOOK_MAIL, HOOK_MAIL, true},
        {"smtp://mail.example.com", HOOK_MAIL, HOOK_GENERIC, false},
        {"https://erp.example.com", HOOK_GENERIC, HOOK_MAIL, false},
        {"http://0x7f.1/", HOOK_GENERIC, HOOK_GENERIC, false},
        {"http://2130706433/", HOOK_GENERIC, HOOK_GENERIC, false},
        {"http://[::1]/", HOOK_GENERIC, HOOK_GENERIC, false},
        {"http://user@10.0.0.1/", HOOK_GENERIC, HOOK_GENERIC, false},
    };
    static const char *const none[] = {"",        "erp",          "ftp://x/",   "file:///etc/passwd",
                                       "http://", "javascript:1", "http://a b/"};
    static const allow_list allow = {.n = 0};
    target t;
    err e = {0};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        if (!target_read(str_of(cases[i].url), &t, &e)) fail_msg("%s", e.text);
        assert_int_equal(target_form(&t), cases[i].form);
        if (target_fits(&t, cases[i].asked, &allow, &e) != cases[i].good) fail_msg("%s", cases[i].url);
    }
    for (size_t i = 0; i < ARRAY_LEN(none); i++)
        if (target_read(str_of(none[i]), &t, &e)) fail_msg("'%s' is a target", none[i]);
    AUTO(buf) url = {0};
    buf_addz(&url, "https://e.example.com/");
    while (url.n < LIMIT_HOOK_URL) buf_byte(&url, 'a');
    assert_true(target_read(buf_str(&url), &t, &e));
    buf_byte(&url, 'a');
    assert_false(target_read(buf_str(&url), &t, &e));
}

static void answers(void **state) {
    (void)state;
    static const struct {
        hook_form form;
        long status;
        const char *body, *error;
        int64_t retry_after_s;
        bool delivered, gone;
        int64_t wait_ms;
        const char *why;
    } cases[] = {
        {HOOK_GENERIC, 200, "anything", "", 0, true, false, 0, ""},
        {HOOK_GENERIC, 204, "", "", 0, true, false, 0, ""},
        {HOOK_GENERIC, 302, "", "", 0, false, false, 0, "HTTP 302: a redirect is not followed"},
        {HOOK_GENERIC, 410, "", "", 0, false, true, 0, "HTTP 410"},
        {HOOK_GENERIC, 429, "", "", 30, false, false, 30000, "HTTP 429"},
        {HOOK_GENERIC, 500, "", "", 0, false, false, 0, "HTTP 500"},
        {HOOK_GENERIC, 200, "", "timed out", 0, false, false, 0, "timed out"},
        {HOOK_MAIL, 250, "", "", 0, true, false, 0, ""},
        {HOOK_WECOM, 200, "{\"errcode\":0,\"errmsg\":\"ok\"}", "", 0, true, false, 0, NULL},
        {HOOK_WECOM, 200, "{\"errcode\":93000,\"errmsg\":\"invalid\"}", "", 0, false, false, 0,
         "errcode 93000: invalid"},
        {HOOK_WECOM, 200, "{\"errcode\":45009}", "", 0, false, false, 60000, "errcode 45009"},
        {HOOK_WECOM, 200, "<html>", "", 0, false, false, 0, "HTTP 200, but the answer names no errcode"},
        {HOOK_WECOM, 200, "{\"errcode\":\"0\"}", "", 0, false, false, 0, "HTTP 200, but the answer names no errcode"},
        {HOOK_WECOM, 500, "{\"errcode\":0}", "", 0, false, false, 0, "HTTP 500"},
        {HOOK_DINGTALK, 200, "{\"errcode\":130101}", "", 0, false, false, 600000, "errcode 130101"},
        {HOOK_FEISHU, 200, "{\"code\":0}", "", 0, true, false, 0, NULL},
        {HOOK_FEISHU, 200, "{\"StatusCode\":0}", "", 0, true, false, 0, NULL},
        {HOOK_FEISHU, 200, "{\"errcode\":0}", "", 0, false, false, 0, NULL},
        {HOOK_FEISHU, 200, "{\"code\":19021,\"msg\":\"sign match fail\"}", "", 0, false, false, 0,
         "code 19021: sign match fail"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        outbox_answer a = {.status = cases[i].status, .retry_after_s = cases[i].retry_after_s};
        verdict v;
        buf_addz(&a.body, cases[i].body);
        (void)snprintf(a.error, sizeof a.error, "%s", cases[i].error);
        form_judge(cases[i].form, &a, &v);
        if (v.delivered != cases[i].delivered || v.gone != cases[i].gone || v.wait_ms != cases[i].wait_ms)
            fail_msg("%zu: %s", i, v.why);
        if (cases[i].why) assert_string_equal(v.why, cases[i].why);
        buf_free(&a.body);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signatures), cmocka_unit_test(secrets), cmocka_unit_test(envelopes), cmocka_unit_test(groups),
        cmocka_unit_test(mails),      cmocka_unit_test(targets), cmocka_unit_test(answers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
