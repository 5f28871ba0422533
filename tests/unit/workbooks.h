/* workbooks — workbooks made for tests, byte by byte: XLSX from its parts, XLS from its records; rows as one text. */
#ifndef TESTS_WORKBOOKS_H
#define TESTS_WORKBOOKS_H

#include "base/buf.h"
#include "formats/table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <zip.h>

#define UNUSED __attribute__((unused))

/* ---- XLSX ---- */

typedef struct part {
    const char *path, *text;
} part;

#define XML_HEAD "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>"
#define MAIN_NS  "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\""
#define RELS_NS  "xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\""
#define REL(id, type, target)                                                                                          \
    "<Relationship Id=\"" id "\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/" type     \
    "\" Target=\"" target "\"/>"
#define BOOK_RELS(rels)                                                                                                \
    { "xl/_rels/workbook.xml.rels", XML_HEAD "<Relationships>" rels "</Relationships>" }
#define BOOK(inside)                                                                                                   \
    { "xl/workbook.xml", XML_HEAD "<workbook " MAIN_NS " " RELS_NS ">" inside "</workbook>" }
#define SHEET(rows)                                                                                                    \
    { "xl/worksheets/sheet1.xml", XML_HEAD "<worksheet " MAIN_NS "><sheetData>" rows "</sheetData></worksheet>" }
#define ONE_SHEET "<sheets><sheet name=\"销售\" sheetId=\"1\" r:id=\"rId1\"/></sheets>"

/* The parts as an archive, packed; `password` NULL: not encrypted. */
UNUSED static void zip_parts(const part *parts, size_t n, const char *password, buf *out) {
    zip_error_t why;
    zip_error_init(&why);
    zip_source_t *target = zip_source_buffer_create(NULL, 0, 0, &why);
    assert_non_null(target);
    zip_source_keep(target);
    zip_t *z = zip_open_from_source(target, ZIP_TRUNCATE, &why);
    assert_non_null(z);
    for (size_t i = 0; i < n; i++) {
        zip_source_t *s = zip_source_buffer(z, parts[i].text, strlen(parts[i].text), 0);
        zip_int64_t at = zip_file_add(z, parts[i].path, s, ZIP_FL_ENC_UTF_8);
        assert_true(at >= 0);
        if (password) assert_int_equal(zip_file_set_encryption(z, (zip_uint64_t)at, ZIP_EM_AES_256, password), 0);
    }
    assert_int_equal(zip_close(z), 0);
    assert_int_equal(zip_source_open(target), 0);
    zip_source_seek(target, 0, SEEK_END);
    size_t size = (size_t)zip_source_tell(target);
    zip_source_seek(target, 0, SEEK_SET);
    buf_reserve(out, size);
    assert_int_equal(zip_source_read(target, out->p + out->n, size), size);
    out->n += size;
    zip_source_close(target);
    zip_source_free(target);
}

/* A workbook of one sheet without shared texts and styles. */
UNUSED static void one_sheet(const char *rows, buf *out) {
    AUTO(buf) xml = {0};
    buf_addz(&xml, XML_HEAD "<worksheet " MAIN_NS ">");
    buf_addz(&xml, rows);
    buf_addz(&xml, "</worksheet>");
    const part parts[] = {BOOK_RELS(REL("rId1", "worksheet", "worksheets/sheet1.xml")),
                          BOOK(ONE_SHEET),
                          {"xl/worksheets/sheet1.xml", buf_z(&xml)}};
    zip_parts(parts, ARRAY_LEN(parts), NULL, out);
}

/* ---- XLS ---- */

UNUSED static void put16(buf *b, unsigned v) {
    buf_byte(b, (char)(v & 255));
    buf_byte(b, (char)(v >> 8 & 255));
}

UNUSED static void put32(buf *b, uint32_t v) {
    put16(b, v & 0xffff);
    put16(b, v >> 16);
}

UNUSED static void put_double(buf *b, double v) {
    uint64_t bits;
    memcpy(&bits, &v, 8);
    put32(b, (uint32_t)bits);
    put32(b, (uint32_t)(bits >> 32));
}

UNUSED static void put_record(buf *b, unsigned id, const buf *body) {
    put16(b, id);
    put16(b, (unsigned)(body ? body->n : 0));
    if (body) buf_add(b, buf_str(body));
}

static void set32(buf *b, size_t at, uint32_t v) {
    for (size_t i = 0; i < 4; i++) b->p[at + i] = (char)(v >> 8 * i & 255);
}

static void put_entry(buf *b, const char *name, char type, uint32_t left, uint32_t child, uint32_t first,
                      uint32_t size) {
    size_t begin = b->n;
    for (const char *p = name; *p; p++) put16(b, (uint8_t)*p);
    while (b->n < begin + 128) buf_byte(b, 0);
    b->p[begin + 64] = (char)(2 * strlen(name) + 2);
    b->p[begin + 66] = type;
    set32(b, begin + 68, left);
    set32(b, begin + 72, 0xffffffff);
    set32(b, begin + 76, child);
    set32(b, begin + 116, first);
    set32(b, begin + 120, size);
}

/* One stream in a compound file of 512-byte sectors: 0 the table, 1 the directory, then the stream; a short stream as
 * it is asked for lies in small sectors, whose table is sector 2. At most 120 sectors. */
UNUSED static void put_compound(buf *out, const char *name, str stream, bool small) {
    static const uint32_t end = 0xfffffffe, unused = 0xffffffff;
    size_t begin = out->n, first = small ? 3 : 2, sectors = (stream.n + 511) / 512;
    uint32_t size = (uint32_t)stream.n;
    buf_add(out, str_from("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8));
    while (out->n < begin + 512) buf_byte(out, 0);
    out->p[begin + 24] = 0x3e;
    out->p[begin + 26] = 3;
    out->p[begin + 28] = (char)0xfe;
    out->p[begin + 29] = (char)0xff;
    out->p[begin + 30] = 9;
    out->p[begin + 32] = 6;
    set32(out, begin + 44, 1);
    set32(out, begin + 48, 1);
    set32(out, begin + 56, small ? 4096 : 1);
    set32(out, begin + 60, small ? 2 : end);
    set32(out, begin + 68, end);
    for (size_t i = 0; i < 109; i++) set32(out, begin + 76 + 4 * i, i == 0 ? 0 : unused);
    for (size_t i = 0; i < 128; i++) {
        bool last = i == first - 1 || i == first + sectors - 1 || i == 1;
        put32(out, i == 0 ? 0xfffffffd : i >= first + sectors ? unused : last ? end : (uint32_t)i + 1);
    }
    put_entry(out, "Root Entry", 5, unused, 1, small ? 3 : end, small ? size : 0);
    put_entry(out, name, 2, unused, unused, small ? 0 : 2, size);
    put_entry(out, "", 0, unused, unused, 0, 0);
    put_entry(out, "", 0, unused, unused, 0, 0);
    for (size_t i = 0; small && i < 128; i++)
        put32(out, i >= (stream.n + 63) / 64 ? unused : i == (stream.n + 63) / 64 - 1 ? end : (uint32_t)i + 1);
    buf_add(out, stream);
    while (out->n % 512) buf_byte(out, 0);
}

/* ---- rows ---- */

/* Every row as "NO:cell|cell", joined by blanks; false with the reason when reading fails. */
UNUSED static bool dump_rows(table_rows *rows, buf *out, err *e) {
    for (;;) {
        table_row row;
        TRY(rows->next(rows->self, &row, e));
        if (row.no == 0) return true;
        buf_printf(out, "%s%d:", out->n ? " " : "", (int)row.no);
        for (size_t i = 0; i < row.cells; i++) buf_printf(out, "%s%.*s", i ? "|" : "", STR_ARG(row.cell[i]));
    }
}

#endif
