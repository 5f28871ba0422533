#include "formats/biff.h"

#include "formats/charset.h"
#include <errno.h>
#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>

enum { HEADER = 4, GB_CODEPAGE = 936, WESTERN = 1252, TEXT_MOST = 8 * LIMIT_CELL };

double biff_double(str s, size_t at) {
    uint64_t bits = (uint64_t)biff_u32(s, at + 4) << 32 | biff_u32(s, at);
    double v;
    memcpy(&v, &bits, sizeof v);
    return v;
}

bool biff_damaged(err *e) {
    return err_set(e, ERR_DATA, "the old Excel file is cut off or damaged; send it again, or save it as XLSX");
}

bool biff_record_at(const biff *b, size_t at, biff_record *out) {
    if (at > b->stream.n || b->stream.n - at < HEADER) return false;
    size_t n = biff_u16(b->stream, at + 2);
    if (b->stream.n - at - HEADER < n) return false;
    *out = (biff_record){(uint16_t)biff_u16(b->stream, at), str_from(b->stream.p + at + HEADER, n), at + HEADER + n};
    return true;
}

/* ---- texts ---- */

/* Bytes of a record and of the CONTINUE records behind it. */
typedef struct cursor {
    const biff *b;
    biff_record r;
    size_t at;
    bool bad;
} cursor;

/* Stand on a byte that is there. */
static bool more(cursor *c) {
    while (!c->bad && c->at >= c->r.body.n) {
        c->at = 0;
        c->bad = !biff_record_at(c->b, c->r.next, &c->r) || c->r.id != BIFF_CONTINUE;
    }
    return !c->bad;
}

static uint32_t take(cursor *c, size_t bytes) {
    uint32_t v = 0;
    for (size_t i = 0; i < bytes && more(c); i++) v |= (uint32_t)(uint8_t)c->r.body.p[c->at++] << 8 * i;
    return v;
}

static void pass(cursor *c, size_t bytes) {
    while (bytes > 0 && more(c)) {
        size_t here = c->r.body.n - c->at, n = bytes < here ? bytes : here;
        c->at += n;
        bytes -= n;
    }
}

/* Half of a pair that has lost its other half is shown as U+FFFD. */
static void add_letter(buf *out, uint32_t unit, uint32_t *high) {
    char bytes[4];
    uint32_t cp = unit;
    bool low = unit >= 0xdc00 && unit < 0xe000;
    if (low && *high) cp = 0x10000 + ((*high - 0xd800) << 10) + (unit - 0xdc00);
    else if (low || *high)
        buf_add(out, str_from(bytes, utf8_put(0xfffd, bytes)));
    *high = 0;
    if (unit >= 0xd800 && unit < 0xdc00) *high = unit;
    else if (!low || cp > 0xffff)
        buf_add(out, str_from(bytes, utf8_put(cp < 0x20 ? ' ' : cp, bytes)));
}

/* The letters run on into CONTINUE records, each of which says anew whether they have one byte or two. */
static void take_letters(cursor *c, size_t letters, bool wide, buf *out) {
    size_t begin = out->n;
    uint32_t high = 0;
    for (size_t i = 0; i < letters && !c->bad; i++) {
        if (c->at >= c->r.body.n) {
            if (!more(c)) return;
            wide = take(c, 1) & 1;
        }
        uint32_t unit = take(c, wide ? 2 : 1);
        if (out->n - begin <= TEXT_MOST) add_letter(out, unit, &high);
    }
    if (high) add_letter(out, ' ', &high);
}

static void take_unicode(cursor *c, size_t letters, buf *out) {
    uint32_t flags = take(c, 1);
    size_t runs = flags & 8 ? take(c, 2) : 0, further = flags & 4 ? take(c, 4) : 0;
    take_letters(c, letters, flags & 1, out);
    pass(c, 4 * runs);
    pass(c, further);
}

/* Western programs' default is what Chinese ones write, too, whatever the bytes are. */
static bool convert(unsigned codepage, str bytes, buf *out) {
    char name[16];
    if (codepage == GB_CODEPAGE) (void)snprintf(name, sizeof name, "GB18030");
    else
        (void)snprintf(name, sizeof name, "CP%u", codepage);
    iconv_t cd = iconv_open("UTF-8", name);
    if (cd == (iconv_t)-1) return false;
    size_t begin = out->n, left = bytes.n, room = 4 * bytes.n + 16;
    buf_reserve(out, room);
    char *in = (char *)(uintptr_t)bytes.p, *to = out->p + out->n; /* iconv does not write to its input */
    bool ok = iconv(cd, &in, &left, &to, &room) != (size_t)-1 && left == 0;
    (void)iconv_close(cd);
    out->n = ok ? (size_t)(to - out->p) : begin;
    return ok;
}

static void take_bytes(cursor *c, size_t n, buf *out) {
    AUTO(buf) bytes = {0};
    unsigned said = c->b->codepage;
    while (n > 0 && more(c)) {
        str here = str_take(str_skip(c->r.body, c->at), n);
        if (bytes.n <= TEXT_MOST) buf_add(&bytes, here);
        c->at += here.n;
        n -= here.n;
    }
    str s = buf_str(&bytes);
    bool western = said == 0 || said == WESTERN || said == 0x8001;
    unsigned first = western ? GB_CODEPAGE : said;
    if (s.n == 0 || convert(first, s, out) || convert(WESTERN, s, out)) return;
    for (size_t i = 0; i < s.n; i++) buf_byte(out, (uint8_t)s.p[i] < 0x80 ? s.p[i] : '?');
}

bool biff_text(const biff *b, const biff_record *r, size_t at, bool wide_count, buf *out, err *e) {
    cursor c = {.b = b, .r = *r, .at = at};
    size_t letters = take(&c, wide_count ? 2 : 1);
    if (b->v8) take_unicode(&c, letters, out);
    else
        take_bytes(&c, letters, out);
    return !c.bad || biff_damaged(e);
}

/* ---- globals ---- */

typedef struct globals {
    biff *b;
    struct {
        unsigned id;
        cell_style style;
    } * formats;
    size_t format_count, format_cap;
} globals;

static bool read_shared(globals *g, const biff_record *r, err *e) {
    cursor c = {.b = g->b, .r = *r, .at = 8};
    AUTO(buf) text = {0};
    uint32_t n = biff_u32(r->body, 4);
    if (r->body.n < 8) return biff_damaged(e);
    for (uint32_t i = 0; i < n; i++) {
        buf_clear(&text);
        take_unicode(&c, take(&c, 2), &text);
        if (c.bad) return biff_damaged(e);
        str kept = text.n > LIMIT_CELL ? str_from(text.p, LIMIT_CELL + 1) : buf_str(&text);
        if (!shared_texts_add(&g->b->shared, kept))
            return err_set(e, ERR_DATA, "holds more than %d MiB of texts; save it as CSV or split it",
                           LIMIT_SHARED_TEXT >> 20);
    }
    return true;
}

static bool read_sheet_name(globals *g, const biff_record *r, err *e) {
    AUTO(buf) name = {0};
    biff *b = g->b;
    if (r->body.n < 8) return biff_damaged(e);
    uint8_t visible = (uint8_t)r->body.p[4] & 3, kind = (uint8_t)r->body.p[5];
    if (kind != 0) return true; /* a chart or a macro sheet */
    TRY(biff_text(b, r, 6, false, &name, e));
    if (visible != 0) {
        if (b->hidden.n < LIMIT_TEXT)
            buf_printf(&b->hidden, "%s%.*s", b->hidden.n ? ", " : "", STR_ARG(buf_str(&name)));
        return true;
    }
    if (b->sheets == LIMIT_SHEETS)
        return err_set(e, ERR_DATA, "has more than %d sheets; split the workbook", LIMIT_SHEETS);
    b->sheet[b->sheets++] = (biff_sheet){arena_str(&b->names, buf_str(&name)), biff_u32(r->body, 0)};
    return true;
}

static bool read_format(globals *g, const biff_record *r, err *e) {
    AUTO(buf) code = {0};
    if (g->format_count == LIMIT_NUMBER_FORMATS) return biff_damaged(e);
    TRY(biff_text(g->b, r, 2, g->b->v8, &code, e));
    if (g->format_count == g->format_cap) {
        g->format_cap = g->format_cap ? 2 * g->format_cap : 32;
        g->formats = reallocarray(g->formats, g->format_cap, sizeof *g->formats);
        ASSERT(g->formats != NULL);
    }
    g->formats[g->format_count].id = biff_u16(r->body, 0);
    g->formats[g->format_count++].style = style_of_format(buf_str(&code));
    return true;
}

static bool read_style(globals *g, const biff_record *r, err *e) {
    biff *b = g->b;
    unsigned id = biff_u16(r->body, 2);
    if (b->styles == LIMIT_STYLES) return biff_damaged(e);
    if (b->styles % 256 == 0) {
        b->style = realloc(b->style, b->styles + 256);
        ASSERT(b->style != NULL);
    }
    cell_style style = style_of_builtin(id);
    for (size_t i = 0; i < g->format_count; i++)
        if (g->formats[i].id == id) style = g->formats[i].style;
    b->style[b->styles++] = style;
    return true;
}

static bool refuse_password(globals *g, const biff_record *r, err *e) {
    (void)g, (void)r;
    return err_set(e, ERR_DATA, "the workbook is protected by a password; save it without one");
}

static bool read_codepage(globals *g, const biff_record *r, err *e) {
    (void)e;
    g->b->codepage = biff_u16(r->body, 0);
    return true;
}

static bool read_epoch(globals *g, const biff_record *r, err *e) {
    (void)e;
    g->b->date1904 = biff_u16(r->body, 0) == 1;
    return true;
}

static bool read_global(globals *g, const biff_record *r, err *e) {
    static const struct {
        uint16_t id;
        bool (*read)(globals *g, const biff_record *r, err *e);
    } readers[] = {
        {BIFF_1904, read_epoch},        {BIFF_FILEPASS, refuse_password},
        {BIFF_CODEPAGE, read_codepage}, {BIFF_BOUNDSHEET, read_sheet_name},
        {BIFF_FORMAT, read_format},     {BIFF_XF, read_style},
        {BIFF_SST, read_shared},
    };
    for (size_t i = 0; i < ARRAY_LEN(readers); i++)
        if (readers[i].id == r->id) return readers[i].read(g, r, e);
    return true;
}

static bool read_globals(globals *g, err *e) {
    biff_record r;
    if (!biff_record_at(g->b, 0, &r) || r.id != BIFF_BOF)
        return err_set(e, ERR_DATA, "a workbook of Excel 4 or older, or damaged; save it as XLSX");
    g->b->v8 = biff_u16(r.body, 0) >= 0x0600;
    while (r.id != BIFF_EOF) {
        if (!biff_record_at(g->b, r.next, &r)) return biff_damaged(e);
        TRY(read_global(g, &r, e));
    }
    return true;
}

bool biff_open(biff *b, str stream, err *e) {
    *b = (biff){.stream = stream};
    arena_init(&b->names, (size_t)LIMIT_SHEETS * 2048);
    b->sheet = calloc(LIMIT_SHEETS, sizeof *b->sheet);
    ASSERT(b->sheet != NULL);
    globals g = {.b = b};
    bool ok = read_globals(&g, e);
    free(g.formats);
    return ok;
}

void biff_close(biff *b) {
    arena_free(&b->names);
    buf_free(&b->hidden);
    shared_texts_free(&b->shared);
    free(b->sheet);
    free(b->style);
    *b = (biff){0};
}
