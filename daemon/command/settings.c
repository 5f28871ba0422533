#include "daemon/catalog/settings.h"

#include "daemon/command/catalog.h"
#include "proto/journal.pb-c.h"
#include "proto/limits.h"

bool command_append(call *c, entry_kind kind, const ProtobufCMessage *body, err *e) {
    apply_result result = {.a = c->a};
    const command_entry entry_to_write = {.kind = kind, .now_ms = c->now_ms, .actor = call_actor(c), .body = body};
    return journal_append(c->t, &entry_to_write, &result, NULL, e);
}

static bool setting_of(call *c, setting_id *id, err *e) {
    str name = call_arg(c, 0);
    if (setting_parse(name, id)) return true;
    return err_set(e, ERR_NOT_FOUND, "setting '%.*s': unknown (channelctl setting list shows all)",
                   STR_ARG(str_take(name, 60)));
}

static void put_setting(call *c, json *j, setting_id id) {
    const setting_fact *f = &setting_facts[id];
    json_key(j, "name");
    json_z(j, f->name);
    json_key(j, "value");
    json_str(j, setting_text(c->t, id));
    json_key(j, "default");
    json_z(j, f->otherwise);
    json_key(j, "choices");
    json_z(j, f->choices[0] ? f->choices : NULL);
    json_key(j, "unit");
    json_z(j, f->unit[0] ? f->unit : NULL);
    json_key(j, "entry");
    if (setting_entry(c->t, id)) json_uint(j, setting_entry(c->t, id));
    else
        json_none(j);
    json_key(j, "help");
    json_z(j, f->help);
}

bool cmd_setting_list(call *c, err *e) {
    static const char *const columns[] = {"name", "value", "default", "choices", "unit", "entry", "help"};
    (void)e;
    answer_list(c, columns, ARRAY_LEN(columns));
    for (setting_id id = 0; id < SETTING_COUNT; id++) {
        put_setting(c, answer_row(c), id);
        answer_row_end(c);
    }
    return true;
}

bool cmd_setting_get(call *c, err *e) {
    setting_id id;
    TRY(setting_of(c, &id, e));
    put_setting(c, answer_show(c), id);
    answer_show_end(c);
    return true;
}

bool cmd_setting_set(call *c, err *e) {
    AUTO(buf) canonical = {0};
    Entry__Setting m = ENTRY__SETTING__INIT;
    setting_id id;
    int64_t number;
    str reason = call_option(c, "reason");
    TRY(authz(c, "write", 0, e));
    TRY(setting_of(c, &id, e));
    TRY(setting_check(id, call_arg(c, 1), &canonical, &number, e));
    if (reason.n > LIMIT_NAME) return err_set(e, ERR_USAGE, "--reason: at most %d bytes", LIMIT_NAME);
    if (str_eq(setting_text(c->t, id), buf_str(&canonical))) {
        answer_message(c, "%s is %s already", setting_facts[id].name, buf_z(&canonical));
        return true;
    }
    m.name = (char *)(uintptr_t)setting_facts[id].name;
    m.value = (char *)(uintptr_t)buf_z(&canonical);
    m.reason = (char *)(uintptr_t)(reason.n ? arena_str(c->a, reason).p : "");
    TRY(command_append(c, KIND_SETTING, &m.base, e));
    answer_message(c, "%s is %s", setting_facts[id].name, buf_z(&canonical));
    return true;
}
