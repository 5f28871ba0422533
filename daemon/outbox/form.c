#include "daemon/outbox/form.h"

#include <inttypes.h>
#include <jansson.h>
#include <sodium.h>
#include <stdio.h>

enum { MAC = crypto_auth_hmacsha256_BYTES, BASE64_LINE = 57, ROBOT_PAUSE_MS = 60000, DINGTALK_PAUSE_MS = 600000 };

void outbox_request_free(outbox_request *r) {
    buf *all[] = {&r->url, &r->headers, &r->body, &r->from, &r->to};
    for (size_t i = 0; i < ARRAY_LEN(all); i++) buf_free(all[i]);
}

void outbox_request_auto(outbox_request *r) {
    outbox_request_free(r);
}

/* ---- signatures */

static void put_base64(str bytes, buf *out) {
    size_t room = sodium_base64_ENCODED_LEN(bytes.n, sodium_base64_VARIANT_ORIGINAL);
    buf_reserve(out, room);
    (void)sodium_bin2base64(out->p + out->n, room, (const uint8_t *)bytes.p, bytes.n, sodium_base64_VARIANT_ORIGINAL);
    out->n += room - 1; /* without its NUL */
}

static void put_mac(str secret, const str *part, size_t n, buf *out) {
    crypto_auth_hmacsha256_state st;
    uint8_t mac[MAC];
    (void)crypto_auth_hmacsha256_init(&st, (const uint8_t *)secret.p, secret.n);
    for (size_t i = 0; i < n; i++) (void)crypto_auth_hmacsha256_update(&st, (const uint8_t *)part[i].p, part[i].n);
    (void)crypto_auth_hmacsha256_final(&st, mac);
    put_base64(str_from(mac, sizeof mac), out);
}

void form_sign(str secret, str id, int64_t timestamp_s, str body, buf *out) {
    char middle[32];
    (void)snprintf(middle, sizeof middle, ".%" PRId64 ".", timestamp_s);
    const str part[] = {id, str_of(middle), body};
    buf_addz(out, "v1,");
    put_mac(secret, part, ARRAY_LEN(part), out);
}

void form_sign_dingtalk(str secret, int64_t timestamp_ms, buf *out) {
    AUTO(buf) text = {0};
    buf_printf(&text, "%" PRId64 "\n%.*s", timestamp_ms, STR_ARG(secret));
    str whole = buf_str(&text);
    put_mac(secret, &whole, 1, out);
}

void form_sign_feishu(str secret, int64_t timestamp_s, buf *out) {
    AUTO(buf) text = {0};
    buf_printf(&text, "%" PRId64 "\n%.*s", timestamp_s, STR_ARG(secret));
    put_mac(buf_str(&text), NULL, 0, out);
}

bool form_secret_parse(str text, buf *out) {
    uint8_t raw[HOOK_KEY_MAX + 1];
    size_t n = 0;
    const char *end;
    if (!str_starts(text, STR("whsec_"))) return false;
    str coded = str_skip(text, 6);
    if (sodium_base642bin(raw, sizeof raw, coded.p, coded.n, NULL, &n, &end, sodium_base64_VARIANT_ORIGINAL) != 0 ||
        end != coded.p + coded.n || n < HOOK_KEY_MIN || n > HOOK_KEY_MAX)
        return false;
    buf_add(out, str_from(raw, n));
    sodium_memzero(raw, sizeof raw);
    return true;
}

void form_secret_put(str raw, buf *out) {
    buf_addz(out, "whsec_");
    put_base64(raw, out);
}

/* ---- bodies */

static void put_envelope(const message *m, int zone_min, buf *out) {
    AUTO(buf) when = {0};
    time_put(&when, m->time_ms, zone_min);
    json j = json_into(out);
    json_open_object(&j);
    json_key(&j, "id"), json_str(&j, m->id);
    json_key(&j, "type"), json_str(&j, m->type);
    json_key(&j, "time"), json_str(&j, buf_str(&when));
    json_key(&j, "data"), json_raw(&j, m->data);
    json_end_object(&j);
}

static void build_generic(const Entry__HookTarget *dest, const message *m, const form_how *how, outbox_request *r) {
    AUTO(buf) sign = {0};
    int64_t now_s = how->wall_ms / 1000;
    put_envelope(m, how->zone_min, &r->body);
    form_sign(str_from(dest->secret.data, dest->secret.len), m->id, now_s, buf_str(&r->body), &sign);
    buf_printf(&r->headers,
               "content-type: application/json\nwebhook-id: %.*s\nwebhook-timestamp: %" PRId64
               "\nwebhook-signature: %s\n",
               STR_ARG(m->id), now_s, buf_z(&sign));
}

/* {"msgtype":"text","text":{"content":"…"}} and Feishu's way of it. */
static void put_text(bool feishu, str text, str sign, int64_t now_s, buf *out) {
    char when[24];
    (void)snprintf(when, sizeof when, "%" PRId64, now_s);
    json j = json_into(out);
    json_open_object(&j);
    if (sign.n) json_key(&j, "timestamp"), json_z(&j, when);
    if (sign.n) json_key(&j, "sign"), json_str(&j, sign);
    json_key(&j, feishu ? "msg_type" : "msgtype"), json_z(&j, "text");
    json_key(&j, feishu ? "content" : "text");
    json_open_object(&j);
    json_key(&j, feishu ? "text" : "content"), json_str(&j, text);
    json_end_object(&j);
    json_end_object(&j);
}

/* The sign of DingTalk stands in the address. */
static void sign_address(str secret, int64_t wall_ms, buf *url) {
    AUTO(buf) sign = {0};
    form_sign_dingtalk(secret, wall_ms, &sign);
    buf_printf(url, "%ctimestamp=%" PRId64 "&sign=", str_has(buf_str(url), STR("?")) ? '&' : '?', wall_ms);
    for (size_t i = 0; i < sign.n; i++) {
        char c = sign.p[i];
        if (c == '+' || c == '/' || c == '=') buf_printf(url, "%%%02X", (unsigned)c);
        else
            buf_byte(url, c);
    }
}

static void build_robot(const hook *h, const Entry__HookTarget *dest, const message *m, const form_how *how,
                        outbox_request *r) {
    AUTO(buf) text = {0}, sign = {0};
    str secret = str_from(dest->secret.data, dest->secret.len);
    bool feishu = h->form == HOOK_FEISHU;
    message_text(m, h->english, how->link, &text);
    if (feishu && secret.n) form_sign_feishu(secret, how->wall_ms / 1000, &sign);
    if (h->form == HOOK_DINGTALK && secret.n) sign_address(secret, how->wall_ms, &r->url);
    put_text(feishu, buf_str(&text), buf_str(&sign), how->wall_ms / 1000, &r->body);
    buf_addz(&r->headers, "content-type: application/json\n");
}

static void put_base64_lines(str text, buf *out) {
    for (; text.n; text = str_skip(text, BASE64_LINE)) {
        put_base64(str_take(text, BASE64_LINE), out);
        buf_addz(out, "\r\n");
    }
}

/* The first line is the subject; how much of it a mail's head takes. */
static str subject_of(str text) {
    enum { SUBJECT = 42 };
    size_t end = str_find(text, STR("\n"));
    str line = str_take(text, end == SIZE_MAX ? text.n : end);
    if (line.n <= SUBJECT) return line;
    line.n = SUBJECT;
    while (line.n && !utf8_valid(line)) line.n--;
    return line;
}

/* RFC 5322 asks for its own way of writing a day: "Tue, 30 Jun 2026 09:00:00 +0000". */
static void put_mail_date(int64_t wall_ms, buf *out) {
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    AUTO(buf) text = {0};
    int year, month, day, hour, minute, second;
    time_put(&text, wall_ms, 0);
    int n = sscanf(buf_z(&text), "%d-%d-%dT%d:%d:%d", &year, &month, &day, &hour, &minute, &second);
    ASSERT(n == 6);
    buf_printf(out, "%d %s %04d %02d:%02d:%02d +0000", day, months[month - 1], year, hour, minute, second);
}

static void build_mail(const hook *h, const Entry__HookTarget *dest, const message *m, const form_how *how,
                       outbox_request *r) {
    AUTO(buf) text = {0}, date = {0}, subject = {0};
    str to = str_of(dest->to), one, from = str_of(dest->from);
    message_text(m, h->english, how->link, &text);
    buf_addz(&text, "\n");
    put_mail_date(how->wall_ms, &date);
    put_base64(subject_of(buf_str(&text)), &subject);
    while (str_split(&to, ',', &one)) buf_printf(&r->to, "%.*s\n", STR_ARG(str_trim(one)));
    buf_add(&r->from, from);
    size_t at = str_find(from, STR("@"));
    buf_printf(&r->body,
               "Date: %s\r\nFrom: <%.*s>\r\nTo: %s\r\nMessage-ID: <%.*s%.*s>\r\nSubject: =?UTF-8?B?%s?=\r\n"
               "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n"
               "Auto-Submitted: auto-generated\r\n\r\n",
               buf_z(&date), STR_ARG(from), dest->to, STR_ARG(m->id),
               STR_ARG(at == SIZE_MAX ? STR("@channeld") : str_skip(from, at)), buf_z(&subject));
    put_base64_lines(buf_str(&text), &r->body);
    r->mail = true;
}

bool form_build(const hook *h, const Entry__HookTarget *dest, const message *m, const form_how *how,
                outbox_request *out, err *e) {
    struct target t;
    TRY(target_read(str_of(dest->url), &t, e) && target_fits(&t, h->form, how->allow, e));
    (void)str_copy_z(str_of(t.host), out->host, sizeof out->host);
    out->trusted = allow_host(how->allow, str_of(t.host));
    buf_addz(&out->url, dest->url);
    if (h->form == HOOK_GENERIC) build_generic(dest, m, how, out);
    else if (h->form == HOOK_MAIL)
        build_mail(h, dest, m, how, out);
    else
        build_robot(h, dest, m, how, out);
    return true;
}

/* ---- answers */

/* The number that a robot's answer names its outcome by; false: it names none. */
static bool robot_code(hook_form form, str body, int64_t *code, char *text, size_t size) {
    static const char *const names[] = {"errcode", "code", "StatusCode"};
    static const char *const texts[] = {"errmsg", "msg", "StatusMessage"};
    json_t *root = json_loadb(body.p ? body.p : "", body.n, 0, NULL);
    bool found = false;
    size_t first = form == HOOK_FEISHU ? 1 : 0, end = form == HOOK_FEISHU ? 3 : 1;
    for (size_t i = first; i < end && !found; i++) {
        const json_t *v = json_object_get(root, names[i]);
        const char *said = json_string_value(json_object_get(root, texts[i]));
        found = json_is_integer(v);
        *code = json_integer_value(v);
        if (found)
            (void)snprintf(text, size, "%s %" PRId64 "%s%.160s", names[i], *code, said ? ": " : "", said ? said : "");
    }
    json_decref(root);
    for (char *p = text; found && *p; p++)
        if ((unsigned char)*p < ' ' || *p == 0x7f) *p = ' ';
    return found;
}

/* Too many messages in a minute. */
static int64_t pause_of(hook_form form, int64_t code) {
    static const struct {
        hook_form form;
        int64_t code, pause_ms;
    } rows[] = {{HOOK_WECOM, 45009, ROBOT_PAUSE_MS},
                {HOOK_DINGTALK, 130101, DINGTALK_PAUSE_MS},
                {HOOK_DINGTALK, 410100, DINGTALK_PAUSE_MS},
                {HOOK_FEISHU, 11232, ROBOT_PAUSE_MS},
                {HOOK_FEISHU, 9499, ROBOT_PAUSE_MS}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (rows[i].form == form && rows[i].code == code) return rows[i].pause_ms;
    return 0;
}

static void judge_robot(hook_form form, const outbox_answer *a, verdict *out) {
    int64_t code = 0;
    if (!robot_code(form, buf_str(&a->body), &code, out->why, sizeof out->why)) {
        (void)snprintf(out->why, sizeof out->why, "HTTP %ld, but the answer names no errcode", a->status);
        return;
    }
    out->delivered = code == 0;
    if (code) out->wait_ms = pause_of(form, code);
}

void form_judge(hook_form form, const outbox_answer *a, verdict *out) {
    *out = (verdict){.delivered = false};
    out->wait_ms = a->retry_after_s * 1000;
    if (a->error[0]) {
        (void)snprintf(out->why, sizeof out->why, "%s", a->error);
        return;
    }
    bool good = a->status >= 200 && a->status < 300;
    if (good && (form == HOOK_GENERIC || form == HOOK_MAIL)) out->delivered = true;
    else if (good)
        judge_robot(form, a, out);
    else {
        bool moved = a->status >= 300 && a->status < 400;
        (void)snprintf(out->why, sizeof out->why, "HTTP %ld%s", a->status, moved ? ": a redirect is not followed" : "");
        out->gone = a->status == 410;
    }
}
