/* EPCIS as markup: expat, with namespaces; a document type is refused, so there are no entities. */
#include "formats/epcis_tree.h"
#include "proto/limits.h"
#include <expat.h>

enum { NS_MARK = '\x01', PIECE = 64 * 1024 };

typedef struct xml_in {
    epcis_reader *r;
    XML_Parser parser;
    enode *open[LIMIT_EPCIS_DEPTH + 1]; /* elements of the event that are open; [0] the event */
    int depth, inside;                  /* elements open in all, and in the event */
    unsigned type;
    bool full;
    buf text;
    err why;
} xml_in;

static void stop(xml_in *x, const char *what) {
    if (x->why.code == ERR_OK)
        err_set(&x->why, ERR_DATA, "line %lu: %s", (unsigned long)XML_GetCurrentLineNumber(x->parser), what);
    (void)XML_StopParser(x->parser, XML_FALSE);
}

static str split_name(const XML_Char *name, str *ns) {
    str s = str_of(name);
    size_t mark = str_find(s, STR("\x01"));
    *ns = mark == SIZE_MAX ? STR("") : epcis_ns(str_take(s, mark));
    return mark == SIZE_MAX ? s : str_skip(s, mark + 1);
}

static enode *add(xml_in *x, enode *under, str ns, str name) {
    arena *a = &x->r->tree;
    str kept_ns = ns.n ? arena_str(a, ns) : STR(""), kept = arena_str(a, name);
    enode *n = kept.p && kept_ns.p ? enode_add(a, under, kept_ns, kept) : NULL;
    x->full = x->full || n == NULL;
    return n;
}

static void add_attributes(xml_in *x, enode *n, const XML_Char **attribute) {
    for (; n && *attribute; attribute += 2) {
        str ns, name = split_name(attribute[0], &ns);
        if (str_starts(ns, STR("http://www.w3.org/"))) continue;
        enode *a = add(x, n, ns, name);
        if (a) a->text = arena_str(&x->r->tree, str_trim(str_of(attribute[1])));
        x->full = x->full || (a && a->text.p == NULL);
    }
}

/* Elements that only carry newer ones: their children are the event's. */
static bool carries(str ns, str name) {
    return ns.n == 0 && (str_is(name, "extension") || str_is(name, "baseExtension"));
}

static void XMLCALL begin(void *arg, const XML_Char *full_name, const XML_Char **attribute) {
    xml_in *x = arg;
    str ns, name = split_name(full_name, &ns);
    if (++x->depth > LIMIT_EPCIS_DEPTH) {
        stop(x, "nested too deeply");
        return;
    }
    buf_clear(&x->text);
    if (x->inside == 0) {
        x->type = ns.n ? 0 : epcis_type_of(name);
        if (x->type == 0) return;
        arena_reset(&x->r->tree);
        x->full = false;
        x->open[x->inside++] = add(x, NULL, ns, name);
        return;
    }
    enode *under = x->open[x->inside - 1], *n = under;
    if (under && !carries(ns, name)) {
        n = add(x, under, ns, name);
        add_attributes(x, n, attribute);
    }
    x->open[x->inside++] = n;
}

static void XMLCALL end(void *arg, const XML_Char *full_name) {
    xml_in *x = arg;
    str ns, name = split_name(full_name, &ns);
    x->depth--;
    if (x->inside == 0) return;
    enode *n = x->open[--x->inside];
    str s = str_trim(buf_str(&x->text));
    if (n && s.n && !carries(ns, name)) {
        n->text = arena_str(&x->r->tree, s);
        x->full = x->full || n->text.p == NULL;
    }
    buf_clear(&x->text);
    if (x->inside) return;
    if (!epcis_give(x->r, x->full ? NULL : n, x->type, &x->why)) (void)XML_StopParser(x->parser, XML_FALSE);
}

static void XMLCALL characters(void *arg, const XML_Char *s, int n) {
    xml_in *x = arg;
    if (x->inside && x->text.n + (size_t)n <= LIMIT_EVENT_BYTES) buf_add(&x->text, str_from(s, (size_t)n));
}

static void XMLCALL doctype(void *arg, const XML_Char *name, const XML_Char *system, const XML_Char *public,
                            int internal) {
    (void)name, (void)system, (void)public, (void)internal;
    stop(arg, "a document type (DTD) is not read; take it out, EPCIS has none");
}

static bool parse(xml_in *x, str bytes, err *e) {
    for (size_t at = 0; at <= bytes.n;) {
        size_t n = bytes.n - at < PIECE ? bytes.n - at : PIECE;
        bool last = at + n == bytes.n;
        enum XML_Status ok = XML_Parse(x->parser, bytes.p + at, (int)n, last);
        if (x->why.code != ERR_OK) return *e = x->why, false;
        if (ok != XML_STATUS_OK)
            return err_set(e, ERR_DATA, "line %lu: %s", (unsigned long)XML_GetCurrentLineNumber(x->parser),
                           XML_ErrorString(XML_GetErrorCode(x->parser)));
        if (last) return true;
        at += n;
    }
    return true;
}

bool epcis_read_xml(epcis_reader *r, str bytes, err *e) {
    xml_in x = {.r = r, .parser = XML_ParserCreateNS(NULL, NS_MARK)};
    ASSERT(x.parser != NULL);
    XML_SetUserData(x.parser, &x);
    XML_SetElementHandler(x.parser, begin, end);
    XML_SetCharacterDataHandler(x.parser, characters);
    XML_SetStartDoctypeDeclHandler(x.parser, doctype);
    bool ok = parse(&x, bytes, e);
    XML_ParserFree(x.parser);
    buf_free(&x.text);
    return ok;
}
