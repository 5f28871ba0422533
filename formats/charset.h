/* charset — which letters a file is written in, and the same bytes as UTF-8. Order: byte order mark, strict UTF-8,
 * UTF-16 by the pattern of its NULs, GB18030 (which contains GBK and GB2312). A file that is none of them is refused,
 * never guessed at. */
#ifndef FORMATS_CHARSET_H
#define FORMATS_CHARSET_H

#include "base/buf.h"
#include "base/err.h"

/* enum, name as reported, name for iconv (NULL: nothing to convert), bytes of its mark */
#define CHARSETS(X)                                                                                                    \
    X(CHARSET_UTF8, "utf-8", NULL, 0)                                                                                  \
    X(CHARSET_UTF8_BOM, "utf-8-bom", NULL, 3)                                                                          \
    X(CHARSET_UTF16LE_BOM, "utf-16le", "UTF-16LE", 2)                                                                  \
    X(CHARSET_UTF16BE_BOM, "utf-16be", "UTF-16BE", 2)                                                                  \
    X(CHARSET_UTF16LE, "utf-16le", "UTF-16LE", 0)                                                                      \
    X(CHARSET_UTF16BE, "utf-16be", "UTF-16BE", 0)                                                                      \
    X(CHARSET_GB18030, "gb18030", "GB18030", 0)

typedef enum charset {
#define X(id, name, iconv, mark) id,
    CHARSETS(X)
#undef X
        CHARSET_COUNT
} charset;

const char *charset_name(charset c);

/** Decide by the whole file. ERR_DATA with the offset of the first byte that fits nowhere, or of the first NUL. */
MUST_USE bool charset_detect(str bytes, charset *out, err *e);

/* The file as UTF-8, piece by piece: memory does not grow with the file. */
typedef struct charset_stream {
    charset kind;
    str all, left; /* the file; what is not converted yet */
    void *cd;      /* iconv_t */
    buf out;
} charset_stream;

/** Begin at the first byte after the mark. `bytes` are borrowed until charset_close. */
void charset_open(charset_stream *s, str bytes, charset kind);
/** The next piece, whole letters only, valid until the next call; n 0 at the end. ERR_DATA names the offset. */
MUST_USE bool charset_next(charset_stream *s, str *piece, err *e);
void charset_rewind(charset_stream *s);
void charset_close(charset_stream *s);

#endif
