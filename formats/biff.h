/* biff — the records of an old Excel workbook (BIFF5 and BIFF8) and what it says once for all cells: sheets, texts,
 * styles, letters. Every length is checked against the bytes that are there. */
#ifndef FORMATS_BIFF_H
#define FORMATS_BIFF_H

#include "formats/cell_style.h"
#include "formats/sheet.h"

enum {
    BIFF_FORMULA = 0x0006,
    BIFF_EOF = 0x000a,
    BIFF_1904 = 0x0022,
    BIFF_FILEPASS = 0x002f,
    BIFF_CONTINUE = 0x003c,
    BIFF_CODEPAGE = 0x0042,
    BIFF_BOUNDSHEET = 0x0085,
    BIFF_MULRK = 0x00bd,
    BIFF_RSTRING = 0x00d6,
    BIFF_XF = 0x00e0,
    BIFF_MERGEDCELLS = 0x00e5,
    BIFF_SST = 0x00fc,
    BIFF_LABELSST = 0x00fd,
    BIFF_NUMBER = 0x0203,
    BIFF_LABEL = 0x0204,
    BIFF_BOOLERR = 0x0205,
    BIFF_STRING = 0x0207,
    BIFF_RK = 0x027e,
    BIFF_FORMAT = 0x041e,
    BIFF_BOF = 0x0809,
};

typedef struct biff_record {
    uint16_t id;
    str body;
    size_t next; /* where the following record begins */
} biff_record;

typedef struct biff_sheet {
    str name; /* in biff.names */
    size_t at;
} biff_sheet;

typedef struct biff {
    str stream;
    bool v8;
    bool date1904;
    unsigned codepage; /* 0: not said */
    arena names;
    biff_sheet *sheet; /* the visible ones, in order */
    size_t sheets;
    buf hidden; /* names of the others, for a note */
    shared_texts shared;
    cell_style *style; /* by number of the cell's format */
    size_t styles;
} biff;

static inline uint32_t biff_u16(str s, size_t at) {
    return at + 2 <= s.n ? (uint32_t)((uint8_t)s.p[at] | (uint8_t)s.p[at + 1] << 8) : 0;
}
static inline uint32_t biff_u32(str s, size_t at) {
    return biff_u16(s, at) | biff_u16(s, at + 2) << 16;
}
double biff_double(str s, size_t at);

/** The record at a place; false when none whole one stands there. */
bool biff_record_at(const biff *b, size_t at, biff_record *out);
bool biff_damaged(err *e);

/** Append the text that begins `at` bytes into a record, of letters counted in one byte (`wide_count` false) or two; it
 *  may run on into CONTINUE records. */
MUST_USE bool biff_text(const biff *b, const biff_record *r, size_t at, bool wide_count, buf *out, err *e);

/** Read the workbook's globals. `stream` is borrowed until biff_close, which is due also after a failure. */
MUST_USE bool biff_open(biff *b, str stream, err *e);
void biff_close(biff *b);

#endif
