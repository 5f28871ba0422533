#include "daemon/trace/tuning.h"

#include "base/buf.h"
#include "daemon/store/store.h"
#include "proto/limits.h"

static bool stored(txn *t, const char *name, str *val) {
    return kv_get(t, TABLE_TRACE_RULE, str_of(name), val) && val->n == 16;
}

void tuning_load(txn *t, trace_rules *out) {
    str val;
    trace_rules_default(out);
    for (size_t i = 0; i < trace_setting_count; i++)
        if (stored(t, trace_settings[i].name, &val))
            *(int64_t *)(void *)((char *)out + trace_settings[i].at) = (int64_t)get_be64(val.p + 8);
}

uint64_t tuning_entry(txn *t, const char *name) {
    str val;
    return stored(t, name, &val) ? get_be64(val.p) : 0;
}

static const trace_setting *setting_of(const char *name) {
    for (size_t i = 0; i < trace_setting_count; i++)
        if (strcmp(trace_settings[i].name, name) == 0) return &trace_settings[i];
    return NULL;
}

bool trace_tune(txn *t, const entry *en, const Entry__TraceRule *m, apply_result *r, err *e) {
    uint8_t raw[16];
    trace_rules rules;
    const trace_setting *s = setting_of(m->name);
    r->number = en->seq;
    if (strlen(m->reason) > LIMIT_TEXT) return err_set(e, ERR_USAGE, "reason: at most %d bytes", LIMIT_TEXT);
    if (s && m->value[0] == '\0') {
        (void)kv_del(t, TABLE_TRACE_RULE, str_of(m->name));
        return txn_ok(t, e);
    }
    trace_rules_default(&rules);
    TRY(trace_rules_set(&rules, str_of(m->name), str_of(m->value), e));
    put_be64(raw, en->seq);
    put_be64(raw + 8, (uint64_t)trace_rules_get(&rules, s));
    kv_put(t, TABLE_TRACE_RULE, str_of(m->name), str_from(raw, sizeof raw));
    return txn_ok(t, e);
}

bool tuning_content(txn *t, uint32_t table, str stored_key, str val, buf *out) {
    (void)t;
    if (table != TABLE_TRACE_RULE || val.n != 16) return false;
    buf_text(out, stored_key);
    buf_be64(out, get_be64(val.p + 8));
    return true;
}
