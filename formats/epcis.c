#include "formats/epcis.h"

#include "formats/epcis_tree.h"
#include "proto/limits.h"
#include <stdio.h>

enode *enode_add(arena *a, enode *under, str ns, str name) {
    enode *n = arena_zalloc(a, sizeof *n);
    if (n == NULL) return NULL;
    n->ns = ns;
    n->name = name;
    if (under == NULL) return n;
    if (under->last) under->last->next = n;
    else
        under->first = n;
    under->last = n;
    return n;
}

const enode *enode_find(const enode *n, const char *name) {
    for (const enode *x = n->first; x; x = x->next)
        if (x->ns.n == 0 && str_is(x->name, name)) return x;
    return NULL;
}

str enode_text(const enode *n, const char *name) {
    const enode *x = enode_find(n, name);
    return x ? x->text : STR("");
}

str epcis_ns(str uri) {
    if (str_starts(uri, STR("urn:epcglobal:epcis")) || str_starts(uri, STR("https://ref.gs1.org/epcis")))
        return STR("");
    while (uri.n && strchr("/#:", uri.p[uri.n - 1])) uri.n--;
    return uri;
}

unsigned epcis_type_of(str name) {
    size_t colon = str_find(name, STR(":"));
    if (colon != SIZE_MAX) name = str_skip(name, colon + 1);
    for (unsigned t = EPCIS_OBJECT; t <= EPCIS_QUANTITY; t++)
        if (str_is(name, epcis_type_name((epcis_type)t))) return t;
    return 0;
}

static str plain_start(str bytes) {
    if (str_starts(bytes, STR("\xef\xbb\xbf"))) bytes = str_skip(bytes, 3);
    while (bytes.n && bytes.p[0] && strchr(" \t\r\n", bytes.p[0])) bytes = str_skip(bytes, 1);
    return bytes;
}

bool epcis_sniff(str bytes) {
    str s = plain_start(bytes);
    bool wide = str_starts(s, STR("\xff\xfe<")) || str_starts(s, str_from("\xfe\xff\0<", 4));
    return wide || (s.n && s.p[0] && strchr("<{[", s.p[0]));
}

bool epcis_named(str head) {
    static const char name[] = "epcis";
    size_t got = 0;
    if (!epcis_sniff(head)) return false;
    for (size_t i = 0; i < head.n && name[got]; i++) {
        char c = (char)(head.p[i] | ' ');
        if (head.p[i] == '\0') continue; /* the other half of a UTF-16 letter */
        got = c == name[got] ? got + 1 : (size_t)(c == name[0]);
    }
    return name[got] == '\0';
}

bool epcis_give(epcis_reader *r, const enode *n, unsigned type, err *e) {
    Entry__EpcisEvent x;
    epcis_fault why = {.column = "event", .hint = "cut it into several events"};
    if (++r->no > LIMIT_EVENTS) return err_set(e, ERR_DATA, "more than %d events; cut the file in two", LIMIT_EVENTS);
    arena_reset(&r->made);
    entry__epcis_event__init(&x);
    x.type = type;
    if (n == NULL) (void)snprintf(why.wanted, sizeof why.wanted, "an event of at most %d KiB", EVENT_TREE_BYTES / 1024);
    if (n && epcis_event_of(n, &r->made, &x, &why)) return r->take->event(r->take->arg, r->no, &x, e);
    why.event = r->no;
    r->take->fault(r->take->arg, &why);
    return true;
}

bool epcis_read(str bytes, const epcis_taker *take, err *e) {
    epcis_reader r = {.take = take};
    str s = plain_start(bytes);
    arena_init(&r.tree, EVENT_TREE_BYTES);
    arena_init(&r.made, (size_t)4 * EVENT_TREE_BYTES);
    bool json = s.n && (s.p[0] == '{' || s.p[0] == '[');
    bool ok = json ? epcis_read_json(&r, s, e) : epcis_read_xml(&r, bytes, e);
    arena_free(&r.tree);
    arena_free(&r.made);
    return ok;
}

/* What stands before a word of the core vocabulary. */
static str after_prefix(str s) {
    static const char *const prefixes[] = {
        "urn:epcglobal:cbv:bizstep:", "urn:epcglobal:cbv:disp:", "urn:epcglobal:cbv:btt:", "urn:epcglobal:cbv:sdt:",
        "urn:epcglobal:cbv:er:",      "https://gs1.org/voc/",    "http://gs1.org/voc/",    "gs1:"};
    static const char *const families[] = {"https://ref.gs1.org/cbv/", "http://ref.gs1.org/cbv/",
                                           "https://ns.gs1.org/cbv/", "cbv:"};
    for (size_t i = 0; i < ARRAY_LEN(prefixes); i++)
        if (str_starts(s, str_of(prefixes[i]))) return str_skip(s, strlen(prefixes[i]));
    for (size_t i = 0; i < ARRAY_LEN(families); i++) {
        if (!str_starts(s, str_of(families[i]))) continue;
        str rest = str_skip(s, strlen(families[i]));
        size_t dash = str_find(rest, STR("-"));
        return dash == SIZE_MAX ? rest : str_skip(rest, dash + 1);
    }
    return s;
}

str epcis_word(str s) {
    str word = after_prefix(str_trim(s));
    return word.n ? word : s;
}
