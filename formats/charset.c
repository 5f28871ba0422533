#include "formats/charset.h"

#include <errno.h>
#include <iconv.h>

enum { PIECE = 64 * 1024, LOOK = 4096 };

static const struct {
    const char *name, *iconv;
    size_t mark;
} facts[CHARSET_COUNT] = {
#define X(id, name, iconv, mark) [id] = {name, iconv, mark},
    CHARSETS(X)
#undef X
};

const char *charset_name(charset c) {
    return facts[c].name;
}

/* Bytes of the letter at p, 0 when it is none of GB18030's forms. */
static size_t gb_length(const unsigned char *p, size_t n) {
    if (p[0] < 0x80) return 1;
    if (p[0] == 0x80 || p[0] == 0xff || n < 2) return 0;
    if (p[1] >= 0x40 && p[1] != 0x7f && p[1] != 0xff) return 2;
    bool four = n >= 4 && p[1] >= 0x30 && p[1] <= 0x39 && p[2] >= 0x81 && p[2] <= 0xfe && p[3] >= 0x30 && p[3] <= 0x39;
    return four ? 4 : 0;
}

/* Offset of the first byte that is not GB18030, or the length. */
static size_t gb_valid_until(str s) {
    const unsigned char *p = (const unsigned char *)s.p;
    for (size_t at = 0; at < s.n;) {
        size_t n = gb_length(p + at, s.n - at);
        if (n == 0) return at;
        at += n;
    }
    return s.n;
}

/* Separators, digits and line ends have a NUL as their high byte; letters with a NUL as their low byte (一) are rare.
 */
static bool utf16_by_pattern(str s, charset *out) {
    if (s.n % 2 != 0) return false;
    size_t nul[2] = {0, 0}, n = s.n < LOOK ? s.n : LOOK;
    for (size_t i = 0; i < n; i++) nul[i & 1] += s.p[i] == '\0';
    if (nul[0] + nul[1] < n / 16 || (nul[0] < 4 * nul[1] && nul[1] < 4 * nul[0])) return false;
    *out = nul[1] > nul[0] ? CHARSET_UTF16LE : CHARSET_UTF16BE;
    return true;
}

static bool refuse_nul(str bytes, const char *nul, err *e) {
    return err_set(
        e, ERR_DATA,
        "byte %zu is NUL, so this is not a text file; wanted UTF-8, GB18030 or UTF-16: export it as CSV again",
        (size_t)(nul - bytes.p) + 1);
}

bool charset_detect(str bytes, charset *out, err *e) {
    static const struct {
        str mark;
        charset kind;
    } marks[] = {
        {{"\xef\xbb\xbf", 3}, CHARSET_UTF8_BOM},
        {{"\xff\xfe", 2}, CHARSET_UTF16LE_BOM},
        {{"\xfe\xff", 2}, CHARSET_UTF16BE_BOM},
    };
    charset kind = CHARSET_COUNT;
    for (size_t i = 0; i < ARRAY_LEN(marks); i++)
        if (str_starts(bytes, marks[i].mark)) kind = marks[i].kind;
    if (kind == CHARSET_UTF16LE_BOM || kind == CHARSET_UTF16BE_BOM) return *out = kind, true;

    const char *nul = bytes.n ? memchr(bytes.p, '\0', bytes.n) : NULL;
    if (nul && kind == CHARSET_COUNT && utf16_by_pattern(bytes, out)) return true;
    if (nul) return refuse_nul(bytes, nul, e);
    if (utf8_valid(bytes)) return *out = kind == CHARSET_COUNT ? CHARSET_UTF8 : kind, true;

    size_t good = gb_valid_until(bytes);
    if (kind == CHARSET_COUNT && good == bytes.n) return *out = CHARSET_GB18030, true;
    return err_set(e, ERR_DATA,
                   "neither UTF-8 nor GB18030: byte %zu is 0x%02X%s; save the file as UTF-8 and send it again",
                   good + 1, good < bytes.n ? (unsigned char)bytes.p[good] : 0,
                   kind == CHARSET_COUNT ? "" : " in a file with the mark of UTF-8");
}

void charset_open(charset_stream *s, str bytes, charset kind) {
    *s = (charset_stream){.kind = kind, .all = bytes, .left = str_skip(bytes, facts[kind].mark)};
    if (facts[kind].iconv == NULL) return;
    iconv_t cd = iconv_open("UTF-8", facts[kind].iconv);
    ASSERT(cd != (iconv_t)-1); /* glibc always brings these */
    s->cd = cd;
    buf_reserve(&s->out, PIECE);
}

bool charset_next(charset_stream *s, str *piece, err *e) {
    if (s->cd == NULL) {
        *piece = s->left;
        s->left = str_skip(s->left, s->left.n);
        return true;
    }
    char *in = (char *)(uintptr_t)s->left.p, *out = s->out.p; /* iconv does not write to its input */
    size_t in_left = s->left.n, out_left = PIECE;
    if (in_left && iconv(s->cd, &in, &in_left, &out, &out_left) == (size_t)-1 && errno != E2BIG)
        return err_set(e, ERR_DATA, "byte %zu is not %s; the file is damaged: export it again", s->all.n - in_left + 1,
                       facts[s->kind].name);
    s->left = str_from(in, in_left);
    *piece = str_from(s->out.p, PIECE - out_left);
    const char *nul = piece->n ? memchr(piece->p, '\0', piece->n) : NULL;
    if (nul) return err_set(e, ERR_DATA, "the text contains NUL letters; wanted text: export the file as CSV again");
    return true;
}

void charset_rewind(charset_stream *s) {
    s->left = str_skip(s->all, facts[s->kind].mark);
    if (s->cd) (void)iconv(s->cd, NULL, NULL, NULL, NULL);
}

void charset_close(charset_stream *s) {
    if (s->cd) (void)iconv_close(s->cd);
    buf_free(&s->out);
    *s = (charset_stream){0};
}
