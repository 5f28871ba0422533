#include "formats/yaml.h"

#include "base/num.h"

#include <stdio.h>
#include <stdlib.h>
#include <yaml.h>

typedef struct loader {
    yaml_parser_t parser;
    arena *room;
    size_t nodes;
    err *e;
} loader;

static unsigned line_of(yaml_mark_t mark) {
    return (unsigned)mark.line + 1;
}

static bool next_event(loader *l, yaml_event_t *event) {
    if (yaml_parser_parse(&l->parser, event)) return true;
    return err_set(l->e, ERR_CONFIG, "line %u: %s%s%s", line_of(l->parser.problem_mark),
                   l->parser.problem ? l->parser.problem : "not YAML", l->parser.context ? ", " : "",
                   l->parser.context ? l->parser.context : "");
}

static bool node_new(loader *l, const yaml_event_t *event, node_kind kind, node **out) {
    unsigned line = line_of(event->start_mark);
    if (++l->nodes > YAML_NODES) return err_set(l->e, ERR_CONFIG, "line %u: more than %d values", line, YAML_NODES);
    node *n = ARENA_NEW(l->room, node, 1);
    if (n == NULL) return err_set(l->e, ERR_CONFIG, "line %u: the file is too large", line);
    *n = (node){.kind = kind, .line = line};
    *out = n;
    return true;
}

static bool text_node(loader *l, const yaml_event_t *event, node **out) {
    TRY(node_new(l, event, NODE_TEXT, out));
    str text = str_from(event->data.scalar.value, event->data.scalar.length);
    (*out)->text = arena_str(l->room, text);
    (*out)->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    bool plain = event->data.scalar.anchor == NULL && event->data.scalar.tag == NULL;
    return (plain && (*out)->text.p && text_clean(text)) ||
           err_set(l->e, ERR_CONFIG, "line %u: anchors, tags and control characters are not used here", (*out)->line);
}

static bool read_node(loader *l, const yaml_event_t *event, unsigned depth, node **out);

static void append(node *parent, node **last, node *child) {
    if (*last) (*last)->next = child;
    else
        parent->first = child;
    *last = child;
    parent->count++;
}

static const node *entry_of(const node *map, str key) {
    for (const node *n = map->first; n; n = n->next)
        if (str_eq(n->key, key)) return n;
    return NULL;
}

/* The children up to the end of the list or map; a map's children bear their keys. */
static bool read_children(loader *l, node *parent, unsigned depth) {
    node *last = NULL;
    str key = STR_NONE;
    unsigned key_line = 0;
    bool ok = true, done = false;
    while (ok && !done) {
        yaml_event_t event;
        node *child = NULL;
        if (!next_event(l, &event)) return false;
        done = event.type == YAML_SEQUENCE_END_EVENT || event.type == YAML_MAPPING_END_EVENT;
        if (!done && parent->kind == NODE_MAP && key.p == NULL) {
            key_line = line_of(event.start_mark);
            ok = (event.type == YAML_SCALAR_EVENT && text_node(l, &event, &child)) ||
                 err_set(l->e, ERR_CONFIG, "line %u: a key must be a word", key_line);
            if (ok) key = child->text;
            if (ok && entry_of(parent, key))
                ok = err_set(l->e, ERR_CONFIG, "line %u: '%.*s' is given twice", key_line, STR_ARG(key));
        } else if (!done) {
            ok = read_node(l, &event, depth + 1, &child);
            if (ok) {
                child->key = key;
                append(parent, &last, child);
                key = STR_NONE;
            }
        }
        yaml_event_delete(&event);
    }
    return ok;
}

static bool read_node(loader *l, const yaml_event_t *event, unsigned depth, node **out) {
    unsigned line = line_of(event->start_mark);
    if (depth > YAML_DEPTH) return err_set(l->e, ERR_CONFIG, "line %u: nested deeper than %d", line, YAML_DEPTH);
    switch (event->type) {
    case YAML_SCALAR_EVENT: return text_node(l, event, out);
    case YAML_SEQUENCE_START_EVENT: TRY(node_new(l, event, NODE_LIST, out)); break;
    case YAML_MAPPING_START_EVENT: TRY(node_new(l, event, NODE_MAP, out)); break;
    default: return err_set(l->e, ERR_CONFIG, "line %u: aliases are not used here", line);
    }
    return read_children(l, *out, depth);
}

static bool read_stream(loader *l, const node **root) {
    static const node empty = {.kind = NODE_MAP, .line = 1};
    *root = NULL;
    for (bool done = false; !done;) {
        yaml_event_t event;
        node *n = NULL;
        bool ok = true;
        TRY(next_event(l, &event));
        switch (event.type) {
        case YAML_STREAM_END_EVENT: done = true; break;
        case YAML_STREAM_START_EVENT:
        case YAML_DOCUMENT_END_EVENT: break;
        case YAML_DOCUMENT_START_EVENT:
            ok = *root == NULL || err_set(l->e, ERR_CONFIG, "line %u: one document a file", line_of(event.start_mark));
            break;
        default:
            ok = read_node(l, &event, 0, &n);
            if (ok) *root = n;
        }
        yaml_event_delete(&event);
        TRY(ok);
    }
    if (*root == NULL || ((*root)->kind == NODE_TEXT && (*root)->text.n == 0)) *root = &empty;
    return true;
}

bool yaml_read(str yaml, arena *room, const node **root, err *e) {
    loader l = {.room = room, .e = e};
    if (!utf8_valid(yaml)) return err_set(e, ERR_CONFIG, "line 1: not UTF-8");
    if (!yaml_parser_initialize(&l.parser)) return err_set(e, ERR_INTERNAL, "out of memory");
    yaml_parser_set_encoding(&l.parser, YAML_UTF8_ENCODING);
    if (str_starts(yaml, STR("\xEF\xBB\xBF"))) yaml = str_skip(yaml, 3); /* libyaml looks for a mark only unasked */
    yaml_parser_set_input_string(&l.parser, (const unsigned char *)(yaml.p ? yaml.p : ""), yaml.n);
    bool ok = read_stream(&l, root);
    yaml_parser_delete(&l.parser);
    return ok;
}

const node *node_get(const node *map, const char *key) {
    return map && map->kind == NODE_MAP ? entry_of(map, str_of(key)) : NULL;
}

bool node_keys(const node *map, const char *const *keys, size_t n, const char *what, err *e) {
    TRY(node_is(map, NODE_MAP, what, e));
    for (const node *entry = map->first; entry; entry = entry->next) {
        bool known = false;
        for (size_t i = 0; i < n && !known; i++) known = str_is(entry->key, keys[i]);
        if (known) continue;
        AUTO(buf) list = {0};
        for (size_t i = 0; i < n; i++) buf_printf(&list, "%s%s", i ? ", " : "", keys[i]);
        return err_set(e, ERR_CONFIG, "line %u: unknown key '%.*s' in %s; known are %s", entry->line,
                       STR_ARG(entry->key), what, buf_z(&list));
    }
    return true;
}

bool node_is(const node *v, node_kind kind, const char *what, err *e) {
    static const char *const kinds[] = {"one value", "a list", "a map of key: value"};
    if (v->kind == kind) return true;
    return err_set(e, ERR_CONFIG, "line %u: %s is %s, wanted %s", v->line, what, kinds[v->kind], kinds[kind]);
}

bool node_wanted(const node *v, const char *what, const char *wanted, err *e) {
    if (v->kind != NODE_TEXT) return err_set(e, ERR_CONFIG, "line %u: %s wants %s", v->line, what, wanted);
    return err_set(e, ERR_CONFIG, "line %u: %s is '%.*s', wanted %s", v->line, what, STR_ARG(v->text), wanted);
}

bool node_int(const node *v, const char *what, int64_t min, int64_t max, int64_t *out, err *e) {
    bool exact;
    if (v->kind == NODE_TEXT && dec_parse(v->text, 0, out, &exact) && exact && *out >= min && *out <= max) return true;
    char wanted[80];
    (void)snprintf(wanted, sizeof wanted, "a whole number from %lld to %lld", (long long)min, (long long)max);
    return node_wanted(v, what, wanted, e);
}

bool node_number(const node *v, const char *what, unsigned decimals, int64_t min, int64_t *out, err *e) {
    bool exact;
    if (v->kind == NODE_TEXT && dec_parse(v->text, decimals, out, &exact) && exact && *out >= min) return true;
    char wanted[96];
    (void)snprintf(wanted, sizeof wanted, "a number%s with at most %u decimals",
                   min > 0    ? " above 0"
                   : min == 0 ? " not below 0"
                              : "",
                   decimals);
    return node_wanted(v, what, wanted, e);
}

bool node_day(const node *v, const char *what, day_t *out, err *e) {
    return (v->kind == NODE_TEXT && day_parse(v->text, out)) || node_wanted(v, what, "a day like 2026-01-31", e);
}

bool node_bool(const node *v, const char *what, bool *out, err *e) {
    *out = v->kind == NODE_TEXT && str_is(v->text, "true");
    return *out || (v->kind == NODE_TEXT && str_is(v->text, "false")) || node_wanted(v, what, "true or false", e);
}

bool node_choice(const node *v, const char *what, const char *const *words, unsigned *out, err *e) {
    char wanted[160] = "";
    for (unsigned i = 0; words[i]; i++) {
        if (v->kind == NODE_TEXT && str_is(v->text, words[i])) return *out = i, true;
        size_t n = strlen(wanted);
        (void)snprintf(wanted + n, sizeof wanted - n, "%s%s", n == 0 ? "" : words[i + 1] ? ", " : " or ", words[i]);
    }
    return node_wanted(v, what, wanted, e);
}

bool node_real(const node *v, const char *what, double min, double max, double *out, err *e) {
    char text[40], *end, wanted[80];
    if (v->kind == NODE_TEXT && v->text.n && v->text.n < sizeof text) {
        *out = strtod(str_copy_z(v->text, text, sizeof text), &end);
        if (*end == '\0' && *out >= min && *out <= max) return true;
    }
    (void)snprintf(wanted, sizeof wanted, "a number from %g to %g", min, max);
    return node_wanted(v, what, wanted, e);
}

bool node_null(const node *v) {
    return v == NULL || (v->kind == NODE_TEXT && !v->quoted && (str_is(v->text, "null") || str_is(v->text, "~")));
}
