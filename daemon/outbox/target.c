#include "daemon/outbox/target.h"

#include <curl/curl.h>

static void curl_text_auto(char **p) {
    curl_free(*p);
}
typedef char *curl_text;

static const char *const schemes[] = {"http", "https", "smtp", "smtps"};

static bool take_part(CURLU *u, CURLUPart part, char *out, size_t size) {
    AUTO(curl_text) text = NULL;
    if (curl_url_get(u, part, &text, CURLU_URLDECODE) != CURLUE_OK || text == NULL) return false;
    size_t n = strlen(text);
    if (n == 0 || n >= size) return false;
    memcpy(out, text, n + 1);
    return true;
}

static bool scheme_ok(const char *scheme) {
    for (size_t i = 0; i < ARRAY_LEN(schemes); i++)
        if (strcmp(scheme, schemes[i]) == 0) return true;
    return false;
}

bool target_read(str url, target *out, err *e) {
    char z[LIMIT_HOOK_URL + 1];
    *out = (target){.scheme = ""};
    if (url.n == 0 || url.n > LIMIT_HOOK_URL || !utf8_valid(url) || !text_clean(url))
        return err_set(e, ERR_DATA, "target: wanted an address like https://erp.example.com/hook, at most %d bytes",
                       LIMIT_HOOK_URL);
    (void)str_copy_z(url, z, sizeof z);
    CURLU *u = curl_url();
    ASSERT(u != NULL);
    bool ok = curl_url_set(u, CURLUPART_URL, z, 0) == CURLUE_OK &&
              take_part(u, CURLUPART_SCHEME, out->scheme, sizeof out->scheme) && scheme_ok(out->scheme) &&
              take_part(u, CURLUPART_HOST, out->host, sizeof out->host);
    curl_url_cleanup(u);
    return ok || err_set(e, ERR_DATA, "target: wanted an address of http, https, smtp or smtps with a host");
}

hook_form target_form(const target *t) {
    static const struct {
        const char *host;
        hook_form form;
    } known[] = {{"qyapi.weixin.qq.com", HOOK_WECOM},
                 {"oapi.dingtalk.com", HOOK_DINGTALK},
                 {"open.feishu.cn", HOOK_FEISHU},
                 {"open.larksuite.com", HOOK_FEISHU}};
    if (str_starts(str_of(t->scheme), STR("smtp"))) return HOOK_MAIL;
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (str_ieq(str_of(t->host), str_of(known[i].host))) return known[i].form;
    return HOOK_GENERIC;
}

bool target_fits(const target *t, hook_form form, const allow_list *allow, err *e) {
    bool mail = str_starts(str_of(t->scheme), STR("smtp"));
    str host = str_of(t->host);
    address a;
    if (mail != (form == HOOK_MAIL))
        return err_set(e, ERR_DATA, "target: form %s does not go by %s", hook_form_name(form), t->scheme);
    if (allow_host(allow, host)) return true;
    if (str_starts(host, STR("[")) && str_ends(host, STR("]"))) host = str_take(str_skip(host, 1), host.n - 2);
    if (address_parse(host, &a) && !address_is_public(&a))
        return err_set(e, ERR_DATA, "target: %s is private: list it in hooks.allow of the configuration to permit it",
                       t->host);
    return true;
}
