/* Commands about hooks: hook add, list, events, messages, test, remove. */
#include "daemon/outbox/hooks.h"

#include "base/num.h"
#include "daemon/catalog/partner.h"
#include "daemon/catalog/settings.h"
#include "daemon/command/catalog.h"
#include "daemon/command/cells.h"
#include "daemon/command/hook_events.h"
#include "daemon/outbox/form.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>

enum { HOUR_MIN = 60, TEST_ANSWER = 200 };

/* ---- hook add */

/* "90s", "15m", "1h"; at most a day. */
static bool read_digest(call *c, uint64_t *out, err *e) {
    static const struct {
        char unit;
        int64_t ms;
    } units[] = {{'s', 1000}, {'m', 60000}, {'h', 3600000}};
    str s = call_option(c, "digest");
    int64_t n = 0;
    *out = 0;
    if (s.p == NULL) return true;
    for (size_t i = 0; i < ARRAY_LEN(units) && s.n > 1 && *out == 0; i++)
        if (s.p[s.n - 1] == units[i].unit && dec_parse(str_take(s, s.n - 1), 0, &n, NULL) && n > 0 && n <= 86400)
            *out = (uint64_t)(n * units[i].ms);
    if (*out && *out <= UINT64_C(86400000)) return true;
    return err_set(e, ERR_USAGE, "--digest '%.*s': wanted a time of at most a day, like 15m or 1h",
                   STR_ARG(str_take(s, 40)));
}

static bool read_minute(str s, uint32_t *out) {
    int64_t hour, minute;
    if (s.n != 5 || s.p[2] != ':' || !dec_parse(str_take(s, 2), 0, &hour, NULL) ||
        !dec_parse(str_skip(s, 3), 0, &minute, NULL) || hour < 0 || hour > 23 || minute < 0 || minute > 59)
        return false;
    *out = (uint32_t)(hour * HOUR_MIN + minute);
    return true;
}

static bool read_quiet(call *c, Entry__Hook *m, err *e) {
    str s = call_option(c, "quiet");
    if (s.p == NULL) return true;
    if (s.n == 11 && s.p[5] == '-' && read_minute(str_take(s, 5), &m->quiet_from) &&
        read_minute(str_skip(s, 6), &m->quiet_to))
        return true;
    return err_set(e, ERR_USAGE, "--quiet '%.*s': wanted hours of the business day, like 22:00-08:00",
                   STR_ARG(str_take(s, 40)));
}

static bool mail_address_ok(str s) {
    size_t at = str_find(s, STR("@"));
    bool ok = at != SIZE_MAX && at > 0 && at + 1 < s.n && s.n <= LIMIT_TEXT;
    for (size_t i = 0; ok && i < s.n; i++) ok = s.p[i] > ' ' && s.p[i] < 0x7f && s.p[i] != '<' && s.p[i] != '>';
    return ok;
}

static bool read_mail(call *c, Entry__HookTarget *dest, err *e) {
    str to = call_option(c, "to"), from = call_option(c, "from"), rest = to, one;
    size_t n = 0;
    while (str_split(&rest, ',', &one))
        if (++n > LIMIT_HOOKS || !mail_address_ok(str_trim(one)))
            return err_set(e, ERR_USAGE, "--to: not a mail address");
    if (n == 0 || !mail_address_ok(from))
        return err_set(e, ERR_USAGE, "hook add: mail needs --to and --from with mail addresses");
    dest->to = entry_text(c, to);
    dest->from = entry_text(c, from);
    return true;
}

/* Of a generic hook it is made here when none is given, and shown once; a robot's is its own text. */
static bool read_secret(call *c, hook_form form, Entry__HookTarget *dest, buf *raw, bool *made, err *e) {
    str s = call_option(c, "secret");
    uint8_t fresh[32];
    *made = form == HOOK_GENERIC && s.p == NULL;
    if (s.n > LIMIT_HOOK_SECRET) return err_set(e, ERR_USAGE, "--secret: at most %d bytes", LIMIT_HOOK_SECRET);
    if (*made) {
        ASSERT(sodium_init() >= 0);
        randombytes_buf(fresh, sizeof fresh);
        buf_add(raw, str_from(fresh, sizeof fresh));
        sodium_memzero(fresh, sizeof fresh);
    } else if (form == HOOK_GENERIC) {
        if (!form_secret_parse(s, raw))
            return err_set(e, ERR_USAGE, "--secret: wanted whsec_ and base64 of %d to %d bytes", HOOK_KEY_MIN,
                           HOOK_KEY_MAX);
    } else if (s.p)
        buf_add(raw, s);
    dest->secret = (ProtobufCBinaryData){raw->n, (uint8_t *)raw->p};
    return true;
}

static bool read_form(call *c, const target *t, hook_form *out, err *e) {
    static const allow_list nothing = {.n = 0};
    const allow_list *allow = c->facts && c->facts->hooks ? c->facts->hooks->allow : &nothing;
    str s = call_option(c, "form");
    *out = target_form(t);
    if (s.p && !hook_form_parse(s, out))
        return err_set(e, ERR_USAGE, "--form: generic, wecom, dingtalk, feishu or mail");
    return target_fits(t, *out, allow, e);
}

static bool read_events(call *c, Entry__Hook *m, err *e) {
    AUTO(buf) list = {0};
    str rest = call_option(c, "events"), piece;
    if (rest.n > LIMIT_HOOK_EVENTS)
        return err_set(e, ERR_USAGE, "--events: at most %d bytes (case.* and * stand for many)", LIMIT_HOOK_EVENTS);
    while (str_split(&rest, ',', &piece)) buf_printf(&list, "%s%.*s", list.n ? "," : "", STR_ARG(str_trim(piece)));
    if (list.n == 0) return err_set(e, ERR_USAGE, "--events: hook events lists them");
    m->events = entry_text(c, buf_str(&list));
    return event_list_ok(str_of(m->events), e);
}

/* Who gives no name gets one: hook-1, hook-2 … */
static void name_it(call *c, Entry__Hook *m) {
    hook known;
    AUTO(buf) name = {0};
    str given = call_option(c, "name");
    if (given.p) buf_add(&name, given);
    for (unsigned i = 1; given.p == NULL && (name.n == 0 || hook_by_name(c->t, buf_str(&name), &known)); i++) {
        buf_clear(&name);
        buf_printf(&name, "hook-%u", i);
    }
    m->name = entry_text(c, buf_str(&name));
}

static bool read_words(call *c, Entry__Hook *m, err *e) {
    str language = call_option(c, "lang"), of = call_option(c, "partner");
    if (language.p && !str_is(language, "zh") && !str_is(language, "en"))
        return err_set(e, ERR_USAGE, "--lang: zh or en");
    m->english = language.p && str_is(language, "en");
    m->partner = entry_text(c, of.p ? of : STR(""));
    name_it(c, m);
    return read_events(c, m, e) && read_digest(c, &m->digest_ms, e) && read_quiet(c, m, e);
}

static void show_added(call *c, const Entry__Hook *m, const buf *raw, bool made) {
    AUTO(buf) secret = {0};
    bool group = hook_form_is_group((hook_form)m->form);
    bool link = c->facts && c->facts->hooks && c->facts->hooks->link.n;
    if (made) form_secret_put(buf_str(raw), &secret);
    answer_secret(c);
    json *j = answer_show(c);
    cell_text(j, "name", str_of(m->name));
    cell_text(j, "form", str_of(hook_form_name((hook_form)m->form)));
    cell_text(j, "host", str_of(m->host));
    cell_text(j, "events", str_of(m->events));
    cell_text(j, "secret", buf_str(&secret));
    cell_text(j, "note", group && !link ? STR("set hooks.link so that messages carry a link") : STR_NONE);
    answer_show_end(c);
    if (secret.n) sodium_memzero(secret.p, secret.n);
}

bool cmd_hook_add(call *c, err *e) {
    Entry__Hook m = ENTRY__HOOK__INIT;
    Entry__HookTarget to = ENTRY__HOOK_TARGET__INIT;
    AUTO(buf) raw = {0}, nonce = {0}, sealed = {0};
    target t;
    hook_form form;
    bool made;
    TRY(target_read(call_arg(c, 0), &t, e) && read_form(c, &t, &form, e) && read_words(c, &m, e));
    TRY(read_secret(c, form, &to, &raw, &made, e));
    if (form == HOOK_MAIL) TRY(read_mail(c, &to, e));
    to.url = entry_text(c, call_arg(c, 0));
    hook_seal(c->t, &to, &nonce, &sealed);
    m.form = form;
    m.host = t.host;
    m.nonce = (ProtobufCBinaryData){nonce.n, (uint8_t *)nonce.p};
    m.sealed = (ProtobufCBinaryData){sealed.n, (uint8_t *)sealed.p};
    TRY(command_append(c, KIND_HOOK, &m.base, e));
    show_added(c, &m, &raw, made);
    sodium_memzero(raw.p, raw.n);
    return true;
}

/* ---- reading */

static bool hook_of_call(call *c, hook *out, err *e) {
    str name = call_arg(c, 0);
    if (hook_by_name(c->t, name, out)) return true;
    return err_set(e, ERR_NOT_FOUND, "no hook '%.*s' (hook list)", STR_ARG(str_take(name, 60)));
}

static void cell_quiet(json *j, const hook *h) {
    char text[16] = "";
    if (h->quiet_from != h->quiet_to)
        (void)snprintf(text, sizeof text, "%02u:%02u-%02u:%02u", h->quiet_from / HOUR_MIN % 24,
                       h->quiet_from % HOUR_MIN, h->quiet_to / HOUR_MIN % 24, h->quiet_to % HOUR_MIN);
    cell_text(j, "quiet", str_of(text));
}

static void cell_when(json *j, const char *name, int64_t ms, int zone_min) {
    if (ms) cell_time(j, name, ms, zone_min);
    else
        cell_text(j, name, STR_NONE);
}

static const char *state_of(call *c, const hook_state *s) {
    if (str_is(setting_text(c->t, SETTING_MODE), "shadow")) return "shadow";
    if (s->error.n) return "failing";
    return s->delivered_ms ? "ok" : "new";
}

bool cmd_hook_list(call *c, err *e) {
    static const char *const columns[] = {"name",   "form",     "host",      "events",  "partner", "digest",
                                          "quiet",  "language", "state",     "waiting", "dead",    "sent",
                                          "failed", "dropped",  "delivered", "last",    "error",   "by"};
    answer_list(c, columns, ARRAY_LEN(columns));
    for (AUTO(kv_cursor) w = kv_from(c->t, TABLE_HOOK, STR(""), STR_NONE); kv_next(&w) && !answer_failed(c);) {
        hook h;
        hook_state s;
        if (!hook_decode(w.key, w.val, &h)) continue;
        hook_state_get(c->t, h.no, &s);
        json *j = answer_row(c);
        cell_text(j, "name", h.name);
        cell_text(j, "form", str_of(hook_form_name(h.form)));
        cell_text(j, "host", h.host);
        cell_text(j, "events", h.events);
        cell_text(j, "partner", h.partner);
        char digest[24] = "";
        if (h.digest_ms) (void)snprintf(digest, sizeof digest, "%" PRId64 "s", h.digest_ms / 1000);
        cell_text(j, "digest", str_of(digest));
        cell_quiet(j, &h);
        cell_text(j, "language", h.english ? STR("en") : STR("zh"));
        cell_text(j, "state", str_of(state_of(c, &s)));
        const uint64_t counts[] = {s.waiting, s.dead, s.sent, s.failed, s.dropped};
        for (size_t i = 0; i < ARRAY_LEN(counts); i++) cell_count(j, columns[9 + i], counts[i]);
        cell_when(j, "delivered", s.delivered_ms, c->zone_min);
        cell_when(j, "last", s.last_ms, c->zone_min);
        cell_text(j, "error", s.error);
        cell_text(j, "by", h.by);
        answer_row_end(c);
    }
    return txn_ok(c->t, e);
}

bool cmd_hook_events(call *c, err *e) {
    static const char *const columns[] = {"event"};
    (void)e;
    answer_list(c, columns, ARRAY_LEN(columns));
    for (event_type i = 0; i < EVENT_TEST; i++) {
        cell_text(answer_row(c), "event", str_of(event_name(i)));
        answer_row_end(c);
    }
    return true;
}

bool cmd_hook_messages(call *c, err *e) {
    static const char *const columns[] = {"id", "type", "time", "state", "tries", "next", "error", "text"};
    hook h;
    TRY(hook_of_call(c, &h, e));
    key k = queue_key(h.no);
    answer_list(c, columns, ARRAY_LEN(columns));
    for (AUTO(kv_cursor) w = kv_from(c->t, TABLE_OUTBOX, key_str(&k), STR_NONE); kv_next(&w) && !answer_failed(c);) {
        message m;
        if (!message_decode(w.key, w.val, &m) || (call_flag(c, "dead") && m.state != MESSAGE_DEAD)) continue;
        json *j = answer_row(c);
        cell_text(j, "id", m.id);
        cell_text(j, "type", m.type);
        cell_time(j, "time", m.time_ms, c->zone_min);
        cell_text(j, "state", m.state == MESSAGE_DEAD ? STR("dead") : STR("waiting"));
        cell_count(j, "tries", m.tries);
        cell_when(j, "next", m.state == MESSAGE_DEAD ? 0 : m.due_ms, c->zone_min);
        cell_text(j, "error", m.error);
        cell_text(j, "text", h.english ? m.en : m.zh);
        answer_row_end(c);
    }
    return txn_ok(c->t, e);
}

/* ---- hook remove, test */

bool cmd_hook_remove(call *c, err *e) {
    Entry__Hook m = ENTRY__HOOK__INIT;
    hook h;
    TRY(hook_of_call(c, &h, e));
    uint32_t no = h.no;
    m.name = entry_text(c, h.name);
    m.remove = true;
    TRY(command_append(c, KIND_HOOK, &m.base, e));
    queue_clear(c->t, no);
    answer_message(c, "hook '%s' is removed", m.name);
    return true;
}

static bool build_test(call *c, const hook *h, outbox_request *r, err *e) {
    Entry__HookTarget *to;
    message m;
    const hook_event v = {.type = EVENT_TEST, .subject = STR(""), .data = STR("{\"test\":true}")};
    AUTO(buf) id = {0};
    uint8_t once[8];
    ASSERT(sodium_init() >= 0);
    randombytes_buf(once, sizeof once);
    buf_addz(&id, "test_");
    hex_put(&id, once, sizeof once);
    TRY(hook_open(c->t, h, c->a, &to, e));
    hook_event_message(c->t, h, &v, 0, c->now_ms, c->a, &m);
    m.id = buf_str(&id);
    form_how how = {.wall_ms = c->facts->hooks->wall_ms(),
                    .zone_min = c->zone_min,
                    .link = c->facts->hooks->link,
                    .allow = c->facts->hooks->allow};
    return form_build(h, to, &m, &how, r, e);
}

static void show_test(call *c, str name, const verdict *v, const outbox_answer *a) {
    AUTO(buf) said = {0};
    for (size_t i = 0; i < a->body.n && i < TEST_ANSWER; i++) buf_byte(&said, a->body.p[i] < ' ' ? ' ' : a->body.p[i]);
    json *j = answer_show(c);
    cell_text(j, "hook", name);
    cell_text(j, "result", v->delivered ? STR("delivered") : STR("failed"));
    json_key(j, "status");
    if (a->status) json_int(j, a->status);
    else
        json_none(j);
    cell_text(j, "error", str_of(v->why));
    json_key(j, "took_ms"), json_int(j, a->took_ms);
    cell_text(j, "answer", buf_str(&said));
    answer_show_end(c);
    if (!v->delivered) answer_status(c, STATUS_DIFFERS);
}

/* Nothing is open while the receiver takes its time. */
bool cmd_hook_test(call *c, err *e) {
    AUTO(outbox_request) r = {.mail = false};
    outbox_answer a = {.status = 0};
    verdict v;
    hook h;
    TRY(hook_of_call(c, &h, e));
    if (c->facts == NULL || c->facts->hooks == NULL)
        return err_set(e, ERR_UNAVAILABLE, "hook test: no daemon answers there");
    if (str_is(setting_text(c->t, SETTING_MODE), "shadow"))
        return err_set(e, ERR_CONFLICT, "hook test: nothing is sent out while setting mode is shadow");
    TRY(build_test(c, &h, &r, e));
    str name = arena_str(c->a, h.name);
    hook_form form = h.form;
    txn_abort(&c->t);
    bool ok = c->facts->hooks->send(c->facts->hooks->service, &r, &a, e);
    if (ok) {
        form_judge(form, &a, &v);
        show_test(c, name, &v, &a);
    }
    buf_free(&a.body);
    return ok;
}
