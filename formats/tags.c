#include "formats/tags.h"

enum { NAME_ROOM = 16 };

static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool is_name(char c) {
    return (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9') || c == ':' || c == '-' || c == '_';
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static tag_kind kind_of(str name) {
    static const struct {
        str name;
        tag_kind kind;
    } kinds[] = {{{"td", 2}, TAG_CELL},   {{"tr", 2}, TAG_ROW},           {{"th", 2}, TAG_CELL},
                 {{"cell", 4}, TAG_CELL}, {{"row", 3}, TAG_ROW},          {{"data", 4}, TAG_DATA},
                 {{"br", 2}, TAG_BREAK},  {{"table", 5}, TAG_TABLE},      {{"worksheet", 9}, TAG_SHEET},
                 {{"html", 4}, TAG_PAGE}, {{"workbook", 8}, TAG_WORKBOOK}};
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (str_eq(name, kinds[i].name)) return kinds[i].kind;
    return TAG_OTHER;
}

/* Up to and with `close`, or to the end. */
static size_t behind(str s, size_t at, str close) {
    size_t found = str_find(str_skip(s, at), close);
    return found == SIZE_MAX ? s.n : at + found + close.n;
}

/* Comments, declarations, CDATA. */
static void declaration_at(str s, size_t at, tag *out) {
    static const str cdata = {"<![CDATA[", 9};
    str rest = str_skip(s, at);
    if (str_starts(rest, cdata)) {
        out->kind = TAG_CDATA;
        out->end = behind(s, at, STR("]]>"));
        size_t from = at + cdata.n, close = out->end >= from + 3 ? 3 : 0;
        out->attributes = str_from(s.p + from, out->end - from - close);
    } else {
        out->end = behind(s, at, str_starts(rest, STR("<!--")) ? STR("-->") : STR(">"));
    }
}

/* Behind the attributes; '>' inside a quoted value does not end the tag. */
static size_t attributes_end(str s, size_t i) {
    char quote = 0, before = 0;
    for (; i < s.n && (quote || s.p[i] != '>'); i++) {
        char c = s.p[i];
        if (quote) quote = c == quote ? 0 : quote;
        else if ((c == '"' || c == '\'') && before == '=')
            quote = c;
        if (!is_blank(c)) before = c;
    }
    return i;
}

bool tag_at(str s, size_t at, tag *out) {
    *out = (tag){0};
    size_t i = at + 1, n = 0;
    if (i < s.n && (s.p[i] == '!' || s.p[i] == '?')) return declaration_at(s, at, out), true;
    out->closing = i < s.n && s.p[i] == '/';
    if (out->closing) i++;
    char name[NAME_ROOM];
    bool any = false;
    for (; i < s.n && is_name(s.p[i]); i++) {
        any = true;
        if (s.p[i] == ':') n = 0;
        else if (n < NAME_ROOM)
            name[n++] = lower(s.p[i]);
    }
    if (!any) return false;
    out->kind = kind_of(str_from(name, n));
    size_t end = attributes_end(s, i);
    out->attributes = str_from(s.p + i, end - i);
    out->empty = end > i && s.p[end - 1] == '/';
    out->end = end < s.n ? end + 1 : s.n;
    return true;
}

bool tag_next(str s, size_t *at, tag *out) {
    while (*at < s.n) {
        const char *mark = memchr(s.p + *at, '<', s.n - *at);
        if (mark == NULL) break;
        *at = (size_t)(mark - s.p);
        bool is_tag = tag_at(s, *at, out);
        if (is_tag && out->kind != TAG_OTHER && out->kind != TAG_CDATA) return true;
        *at = is_tag ? out->end : *at + 1;
    }
    *at = s.n;
    return false;
}

str tag_attribute(const tag *t, str name) {
    str s = t->attributes;
    for (size_t i = 0; i + name.n < s.n; i++) {
        bool begins = i == 0 || !is_name(s.p[i - 1]) || s.p[i - 1] == ':';
        if (!begins || !str_ieq(str_from(s.p + i, name.n), name)) continue;
        size_t k = i + name.n;
        while (k < s.n && is_blank(s.p[k])) k++;
        if (k == s.n || s.p[k] != '=') continue;
        for (k++; k < s.n && is_blank(s.p[k]);) k++;
        char quote = k < s.n && (s.p[k] == '"' || s.p[k] == '\'') ? s.p[k] : 0;
        size_t from = quote ? k + 1 : k, to = from;
        while (to < s.n && (quote ? s.p[to] != quote : !is_blank(s.p[to]))) to++;
        return str_from(s.p + from, to - from);
    }
    return STR("");
}

unsigned tag_number(const tag *t, str name, unsigned otherwise) {
    str v = tag_attribute(t, name);
    unsigned n = 0;
    for (size_t i = 0; i < v.n && v.p[i] >= '0' && v.p[i] <= '9' && n < 100000; i++)
        n = n * 10 + (unsigned)(v.p[i] - '0');
    return v.n == 0 ? otherwise : n < 100000 ? n : 100000;
}

/* &#20013; and &#x4e2d; */
static size_t numeric_entity(str s, buf *out) {
    bool hex = s.n > 2 && lower(s.p[2]) == 'x';
    size_t first = hex ? 3 : 2, i = first;
    uint32_t cp = 0;
    for (; i < s.n && i < first + 7 && s.p[i] != ';'; i++) {
        char c = lower(s.p[i]);
        bool digit = c >= '0' && c <= '9', letter = hex && c >= 'a' && c <= 'f';
        if (!digit && !letter) return 0;
        cp = cp * (hex ? 16 : 10) + (uint32_t)(digit ? c - '0' : c - 'a' + 10);
    }
    bool whole = i > first && i < s.n && s.p[i] == ';';
    if (!whole || cp > 0x10ffff || (cp >= 0xd800 && cp < 0xe000)) return 0;
    char bytes[4];
    buf_add(out, str_from(bytes, utf8_put(cp < 0x20 ? ' ' : cp, bytes)));
    return i + 1;
}

size_t tag_entity(str s, buf *out) {
    static const struct {
        str name, text;
    } named[] = {{{"&nbsp;", 6}, {" ", 1}}, {{"&amp;", 5}, {"&", 1}},   {{"&lt;", 4}, {"<", 1}},
                 {{"&gt;", 4}, {">", 1}},   {{"&quot;", 6}, {"\"", 1}}, {{"&apos;", 6}, {"'", 1}},
                 {{"&yen;", 5}, {"¥", 2}}};
    for (size_t i = 0; i < ARRAY_LEN(named); i++) {
        if (!str_starts(s, named[i].name)) continue;
        buf_add(out, named[i].text);
        return named[i].name.n;
    }
    return str_starts(s, STR("&#")) ? numeric_entity(s, out) : 0;
}
