#include "daemon/trace/rules.h"

#include "base/num.h"
#include <stdio.h>

static const struct {
    const char *name, *help;
    trace_family family;
} kinds[SIGNAL_KIND_COUNT] = {
#define X(kind, name, family, help) [kind] = {name, help, family},
    TRACE_KINDS(X)
#undef X
};

const char *trace_kind_name(trace_kind k) {
    return kinds[k].name;
}

const char *trace_kind_help(trace_kind k) {
    return kinds[k].help;
}

trace_family trace_kind_family(trace_kind k) {
    return kinds[k].family;
}

bool trace_kind_parse(str s, trace_kind *out) {
    for (trace_kind k = 0; k < SIGNAL_KIND_COUNT; k++)
        if (str_is(s, kinds[k].name)) return *out = k, true;
    return false;
}

const trace_setting trace_settings[] = {
#define X(kind, name, family, help) {name, offsetof(trace_rules, on) + (kind) * sizeof(int64_t), 1, 0, 1, help},
    TRACE_KINDS(X)
#undef X
#define X(name, preset, least, most, help) {#name, offsetof(trace_rules, name), preset, least, most, help},
        TRACE_SETTINGS(X)
#undef X
};
const size_t trace_setting_count = ARRAY_LEN(trace_settings);

static int64_t *place(trace_rules *r, const trace_setting *s) {
    return (int64_t *)(void *)((char *)r + s->at);
}

void trace_rules_default(trace_rules *out) {
    for (size_t i = 0; i < trace_setting_count; i++) *place(out, &trace_settings[i]) = trace_settings[i].preset;
}

int64_t trace_rules_get(const trace_rules *r, const trace_setting *s) {
    return *(const int64_t *)(const void *)((const char *)r + s->at);
}

bool trace_rules_set(trace_rules *r, str name, str value, err *e) {
    int64_t v;
    bool exact;
    for (size_t i = 0; i < trace_setting_count; i++) {
        const trace_setting *s = &trace_settings[i];
        if (!str_is(name, s->name)) continue;
        if (dec_parse(value, 0, &v, &exact) && exact && v >= s->least && v <= s->most) return *place(r, s) = v, true;
        return err_set(e, ERR_USAGE, "rule %s is '%.*s', wanted a whole number from %lld to %lld", s->name,
                       STR_ARG(str_take(value, 40)), (long long)s->least, (long long)s->most);
    }
    return err_set(e, ERR_USAGE, "no rule is called '%.*s' (docs/diversion.md lists them)",
                   STR_ARG(str_take(name, 60)));
}
