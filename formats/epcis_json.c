/* EPCIS in JSON-LD: a small reader that builds the tree of one event at a time and skips everything else. */
#include "formats/epcis_tree.h"
#include "proto/limits.h"

typedef struct prefix {
    str name, ns;
} prefix;

typedef struct json_in {
    epcis_reader *r;
    const char *p, *end, *begin;
    arena context; /* texts of prefixes */
    prefix prefix[EPCIS_PREFIXES];
    size_t prefixes;
    bool full; /* the event is larger than its arena */
} json_in;

static bool bad(const json_in *j, const char *what, err *e) {
    size_t line = 1;
    for (const char *p = j->begin; p < j->p; p++) line += *p == '\n';
    return err_set(e, ERR_DATA, "line %zu: %s", line, what);
}

static void blanks(json_in *j) {
    while (j->p < j->end && (*j->p == ' ' || *j->p == '\t' || *j->p == '\r' || *j->p == '\n')) j->p++;
}

static char peek(json_in *j) {
    blanks(j);
    return j->p < j->end ? *j->p : '\0';
}

static bool expect(json_in *j, char c, err *e) {
    char what[] = "wanted ' '";
    what[8] = c;
    if (peek(j) != c) return bad(j, what, e);
    j->p++;
    return true;
}

static bool hex4(json_in *j, uint32_t *out) {
    *out = 0;
    if (j->end - j->p < 4) return false;
    for (int i = 0; i < 4; i++) {
        char c = *j->p++;
        uint32_t d = c >= '0' && c <= '9'   ? (uint32_t)(c - '0')
                     : c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a') + 10
                     : c >= 'A' && c <= 'F' ? (uint32_t)(c - 'A') + 10
                                            : 99;
        if (d == 99) return false;
        *out = *out << 4 | d;
    }
    return true;
}

static bool escape(json_in *j, char *out, size_t *n) {
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    uint32_t cp, low;
    char c = j->p < j->end ? *j->p++ : '\0';
    const char *at = c ? strchr(from, c) : NULL;
    if (at) {
        out[(*n)++] = to[at - from];
        return true;
    }
    if (c != 'u' || !hex4(j, &cp)) return false;
    if (cp >= 0xd800 && cp < 0xdc00) {
        if (j->end - j->p < 2 || j->p[0] != '\\' || j->p[1] != 'u') return false;
        j->p += 2;
        if (!hex4(j, &low) || low < 0xdc00 || low > 0xdfff) return false;
        cp = 0x10000 + ((cp - 0xd800) << 10) + (low - 0xdc00);
    } else if (cp >= 0xdc00 && cp <= 0xdfff) {
        return false;
    }
    *n += utf8_put(cp, out + *n);
    return true;
}

/* A text; into `a` when it is not NULL. */
static bool text(json_in *j, arena *a, str *out, err *e) {
    TRY(expect(j, '"', e));
    const char *from = j->p;
    while (j->p < j->end && *j->p != '"') j->p += *j->p == '\\' ? 2 : 1;
    if (j->p >= j->end) return j->p = j->end, bad(j, "a text that does not end", e);
    const char *close = j->p;
    char *room = a ? arena_alloc(a, (size_t)(close - from) + 1) : NULL;
    size_t n = 0;
    *out = STR("");
    if (room == NULL) {
        j->full = j->full || a != NULL;
        j->p = close + 1;
        return true;
    }
    for (j->p = from; j->p < close;) {
        if (*j->p != '\\') room[n++] = *j->p++;
        else if (j->p++, !escape(j, room, &n))
            return bad(j, "an escape that is none", e);
    }
    j->p = close + 1;
    *out = str_from(room, n);
    return utf8_valid(*out) || bad(j, "a text that is no UTF-8", e);
}

/* A number, true, false, null as written; null is no text. */
static bool word(json_in *j, str *out, err *e) {
    const char *from = j->p;
    while (j->p < j->end &&
           (strchr("+-.", *j->p) || (*j->p >= '0' && *j->p <= '9') || (*j->p >= 'a' && *j->p <= 'z') || *j->p == 'E'))
        j->p++;
    *out = str_from(from, (size_t)(j->p - from));
    if (out->n == 0) return bad(j, "wanted a value", e);
    bool number = strchr("-0123456789", from[0]) != NULL;
    if (!number && !str_is(*out, "true") && !str_is(*out, "false") && !str_is(*out, "null"))
        return bad(j, "wanted a value", e);
    if (str_is(*out, "null")) *out = STR("");
    return true;
}

static bool skip(json_in *j, int depth, err *e) {
    str none;
    if (depth > LIMIT_EPCIS_DEPTH) return bad(j, "nested too deeply", e);
    char open = peek(j), close = open == '{' ? '}' : ']';
    if (open == '"') return text(j, NULL, &none, e);
    if (open != '{' && open != '[') return word(j, &none, e);
    j->p++;
    if (peek(j) == close) return j->p++, true;
    for (;;) {
        if (open == '{') TRY(text(j, NULL, &none, e) && expect(j, ':', e));
        TRY(skip(j, depth + 1, e));
        if (peek(j) == close) return j->p++, true;
        TRY(expect(j, ',', e));
    }
}

/* ---- names */

static void add_prefix(json_in *j, str name, str uri) {
    if (j->prefixes < EPCIS_PREFIXES && name.n && name.p[0] != '@')
        j->prefix[j->prefixes++] = (prefix){name, epcis_ns(uri)};
}

/* {"example": "https://…"}, in an array or alone; the context of the standard itself need not be known. */
static bool read_context(json_in *j, int depth, err *e) {
    str name, uri;
    char open = peek(j);
    if (depth > 4 || (open != '{' && open != '[')) return skip(j, depth, e);
    char close = open == '{' ? '}' : ']';
    j->p++;
    if (peek(j) == close) return j->p++, true;
    for (;;) {
        if (open == '[') TRY(read_context(j, depth + 1, e));
        else {
            TRY(text(j, &j->context, &name, e) && expect(j, ':', e));
            if (peek(j) == '"') {
                TRY(text(j, &j->context, &uri, e));
                add_prefix(j, name, uri);
            } else {
                TRY(skip(j, depth + 1, e));
            }
        }
        if (peek(j) == close) return j->p++, true;
        TRY(expect(j, ',', e));
    }
}

/* "example:myField" → its namespace and myField. A prefix nobody explained is its own namespace. */
static str resolve(const json_in *j, str *name) {
    size_t colon = str_find(*name, STR(":"));
    if (colon == SIZE_MAX || colon == 0) return STR("");
    str before = str_take(*name, colon);
    *name = str_skip(*name, colon + 1);
    for (size_t i = j->prefixes; i-- > 0;)
        if (str_eq(j->prefix[i].name, before)) return j->prefix[i].ns;
    return before;
}

/* ---- the tree of an event */

static bool build(json_in *j, enode *n, int depth, err *e);

static enode *child(json_in *j, enode *n, str name) {
    str ns = resolve(j, &name);
    enode *x = j->full ? NULL : enode_add(&j->r->tree, n, ns, name);
    j->full = j->full || x == NULL;
    return x;
}

static bool is_list(str name) {
    return str_ends(name, STR("List")) || str_is(name, "childEPCs");
}

static bool build_array(json_in *j, enode *n, str name, int depth, err *e) {
    bool list = is_list(name);
    enode *under = list ? child(j, n, name) : n;
    j->p++;
    if (peek(j) == ']') return j->p++, true;
    for (;;) {
        enode *x = under ? child(j, under, list ? STR("item") : name) : NULL;
        TRY(x ? build(j, x, depth + 1, e) : skip(j, depth + 1, e));
        if (peek(j) == ']') return j->p++, true;
        TRY(expect(j, ',', e));
    }
}

static bool build_member(json_in *j, enode *n, int depth, err *e) {
    str name;
    TRY(text(j, &j->r->tree, &name, e) && expect(j, ':', e));
    if (str_is(name, "@context")) return read_context(j, 0, e);
    if (name.n == 0 || name.p[0] == '_') return skip(j, depth + 1, e); /* a comment */
    if (name.p[0] == '@') name = str_skip(name, 1);
    if (str_is(name, "isA")) name = STR("type");
    if (peek(j) == '[') return build_array(j, n, name, depth, e);
    enode *x = child(j, n, name);
    if (x && is_list(name)) x = child(j, x, STR("item")); /* JSON-LD writes a list of one without brackets */
    return x ? build(j, x, depth + 1, e) : skip(j, depth + 1, e);
}

static bool build(json_in *j, enode *n, int depth, err *e) {
    if (depth > LIMIT_EPCIS_DEPTH) return bad(j, "nested too deeply", e);
    char open = peek(j);
    if (open == '"') return text(j, &j->r->tree, &n->text, e);
    if (open == '[') return build_array(j, n, STR("item"), depth, e);
    if (open != '{') return word(j, &n->text, e);
    j->p++;
    if (peek(j) == '}') return j->p++, true;
    for (;;) {
        TRY(build_member(j, n, depth, e));
        if (peek(j) == '}') return j->p++, true;
        TRY(expect(j, ',', e));
    }
}

static bool read_event(json_in *j, err *e) {
    size_t kept = j->prefixes;
    arena_reset(&j->r->tree);
    j->full = false;
    if (peek(j) != '{') return bad(j, "wanted an event", e);
    enode *n = enode_add(&j->r->tree, NULL, STR(""), STR(""));
    TRY(build(j, n, 0, e));
    j->prefixes = kept; /* an event's own context ends with it */
    unsigned type = epcis_type_of(enode_text(n, "type"));
    if (!j->full && type == 0) return bad(j, "an event without a type like ObjectEvent", e);
    return epcis_give(j->r, j->full ? NULL : n, type, e);
}

static bool read_events(json_in *j, err *e) {
    if (peek(j) != '[') return read_event(j, e);
    j->p++;
    if (peek(j) == ']') return j->p++, true;
    for (;;) {
        TRY(read_event(j, e));
        if (peek(j) == ']') return j->p++, true;
        TRY(expect(j, ',', e));
    }
}

/* The way to the events: epcisBody, eventList, or a query's results. *found: there were any. */
static bool read_body(json_in *j, int depth, bool context_only, bool *found, err *e) {
    static const char *const way[] = {"epcisBody", "queryResults", "resultsBody"};
    str name;
    if (peek(j) != '{' || depth > 4) return skip(j, depth, e);
    j->p++;
    if (peek(j) == '}') return j->p++, true;
    for (;;) {
        bool down = false;
        TRY(text(j, &j->context, &name, e) && expect(j, ':', e));
        for (size_t i = 0; i < ARRAY_LEN(way); i++) down = down || str_is(name, way[i]);
        bool events = str_is(name, "eventList") || (depth > 0 && str_is(name, "event"));
        *found = *found || events;
        if (context_only && str_is(name, "@context")) TRY(read_context(j, 0, e));
        else if (down)
            TRY(read_body(j, depth + 1, context_only, found, e));
        else if (events && !context_only)
            TRY(read_events(j, e));
        else
            TRY(skip(j, depth + 1, e));
        if (peek(j) == '}') return j->p++, true;
        TRY(expect(j, ',', e));
    }
}

static bool read_document(json_in *j, err *e) {
    bool found = false;
    if (peek(j) == '[') return read_events(j, e);
    TRY(read_body(j, 0, true, &found, e)); /* names are explained anywhere in the document */
    if (peek(j)) return bad(j, "something stands behind the document", e);
    j->p = j->begin;
    return found ? read_body(j, 0, false, &found, e) : read_event(j, e);
}

bool epcis_read_json(epcis_reader *r, str bytes, err *e) {
    json_in j = {.r = r, .p = bytes.p, .begin = bytes.p, .end = bytes.p + bytes.n};
    arena_init(&j.context, EVENT_TREE_BYTES);
    add_prefix(&j, STR("cbvmda"), STR("urn:epcglobal:cbv:mda"));
    add_prefix(&j, STR("cbv"), STR("https://ref.gs1.org/cbv"));
    add_prefix(&j, STR("gs1"), STR("https://gs1.org/voc"));
    add_prefix(&j, STR("epcis"), STR("urn:epcglobal:epcis"));
    bool ok = read_document(&j, e);
    arena_free(&j.context);
    return ok;
}
