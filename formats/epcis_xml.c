/* EPCIS as markup: expat, with namespaces; a document type is refused, so there are no entities. */
#include "formats/charset.h"
#include "formats/epcis_tree.h"
#include "proto/limits.h"
#include <expat.h>

enum { NS_MARK = '\x01', PIECE = 64 * 1024, DECLARATION = 200 };

typedef struct xml_in {
    epcis_reader *r;
    XML_Parser parser;
    enode *open[LIMIT_EPCIS_DEPTH + 1]; /* elements of the event that are open; [0] the event */
    int depth, inside;                  /* elements open in all, and in the event */
    unsigned type;
    bool full, known; /* known: it is of EPCIS by the name of its root, or has an event */
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
        x->known = x->known || (x->depth == 1 && str_starts(name, STR("EPCIS")));
        x->type = ns.n ? 0 : epcis_type_of(name);
        if (x->type == 0) return;
        arena_reset(&x->r->tree);
        x->full = false;
        x->known = true;
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

static bool give(xml_in *x, str piece, bool last, err *e) {
    enum XML_Status ok = XML_Parse(x->parser, piece.p, (int)piece.n, last);
    if (x->why.code != ERR_OK) return *e = x->why, false;
    return ok == XML_STATUS_OK ||
           err_set(e, ERR_DATA, "line %lu: %s", (unsigned long)XML_GetCurrentLineNumber(x->parser),
                   XML_ErrorString(XML_GetErrorCode(x->parser)));
}

/* `last`: nothing follows. */
static bool parse(xml_in *x, str bytes, bool last, err *e) {
    for (; bytes.n > PIECE; bytes = str_skip(bytes, PIECE)) TRY(give(x, str_take(bytes, PIECE), false, e));
    return give(x, bytes, last, e);
}

/* <?xml … encoding="GB18030"?>, GBK or GB2312: expat knows none of them. */
static bool says_chinese(str bytes) {
    char head[DECLARATION];
    size_t n = 0;
    for (size_t i = 0; i < bytes.n && n < sizeof head && bytes.p[i] != '>'; i++)
        if (bytes.p[i] != ' ') head[n++] = bytes.p[i] == '\'' ? '"' : (char)(bytes.p[i] | ' ');
    str s = str_from(head, n);
    return str_starts(s, STR("<?xml")) && str_has(s, STR("encoding=\"gb"));
}

static bool parse_chinese(xml_in *x, str bytes, err *e) {
    charset_stream s;
    charset kind;
    str piece;
    TRY(charset_detect(bytes, &kind, e));
    charset_open(&s, bytes, kind);
    bool ok = true;
    do ok = charset_next(&s, &piece, e) && parse(x, piece, piece.n == 0, e);
    while (ok && piece.n);
    charset_close(&s);
    return ok;
}

bool epcis_read_xml(epcis_reader *r, str bytes, err *e) {
    bool chinese = says_chinese(bytes);
    xml_in x = {.r = r, .parser = XML_ParserCreateNS(chinese ? "UTF-8" : NULL, NS_MARK)};
    ASSERT(x.parser != NULL);
    XML_SetUserData(x.parser, &x);
    XML_SetElementHandler(x.parser, begin, end);
    XML_SetCharacterDataHandler(x.parser, characters);
    XML_SetStartDoctypeDeclHandler(x.parser, doctype);
    bool ok = chinese ? parse_chinese(&x, bytes, e) : parse(&x, bytes, true, e);
    if (ok && !x.known) ok = err_set(e, ERR_DATA, "no EPCIS document, and no event in it");
    XML_ParserFree(x.parser);
    buf_free(&x.text);
    return ok;
}
