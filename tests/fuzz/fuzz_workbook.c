/* links: formats */
#include "formats/formats.h"
#include "proto/limits.h"

#include <zip.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct {
    const char *path, *text;
} parts[] = {
    {"xl/worksheets/sheet1.xml",
     "<worksheet><sheetData><row r=\"1\"><c t=\"s\"><v>0</v></c></row></sheetData></worksheet>"},
    {"xl/sharedStrings.xml", "<sst><si><t>日期</t></si><si><t>商品编码</t></si><si><t>数量</t></si></sst>"},
    {"xl/styles.xml", "<styleSheet><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/></cellXfs></styleSheet>"},
    {"xl/workbook.xml", "<workbook xmlns:r=\"r\"><sheets><sheet name=\"a\" r:id=\"r1\"/></sheets></workbook>"},
    {"xl/_rels/workbook.xml.rels",
     "<Relationships><Relationship Id=\"r1\" Type=\"/worksheet\" Target=\"worksheets/sheet1.xml\"/><Relationship "
     "Id=\"r2\" Type=\"/sharedStrings\" Target=\"sharedStrings.xml\"/><Relationship Id=\"r3\" Type=\"/styles\" "
     "Target=\"styles.xml\"/></Relationships>"},
    {"_rels/.rels", "<Relationships/>"},
};

/* The parts with one of them replaced, not packed, in memory that the source keeps. */
static zip_source_t *archive(size_t replaced, const uint8_t *data, size_t size) {
    zip_error_t why;
    zip_error_init(&why);
    zip_source_t *target = zip_source_buffer_create(NULL, 0, 0, &why);
    ASSERT(target != NULL);
    zip_source_keep(target);
    zip_t *z = zip_open_from_source(target, ZIP_TRUNCATE, &why);
    ASSERT(z != NULL);
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        str text = i == replaced ? str_from(data, size) : str_of(parts[i].text);
        zip_int64_t at = zip_file_add(z, parts[i].path, zip_source_buffer(z, text.p, text.n, 0), 0);
        ASSERT(at >= 0 && zip_set_file_compression(z, (zip_uint64_t)at, ZIP_CM_STORE, 0) == 0);
    }
    ASSERT(zip_close(z) == 0 && zip_source_open(target) == 0);
    return target;
}

static void read_bytes_of(str bytes) {
    AUTO(docset) s = {0};
    source in = {.name = "fuzz.xlsx", .bytes = bytes};
    err e = {0};
    docset_init(&s);
    bool ok = xlsx_format.read(&in, NULL, &s, &e);
    docset_finish(&s);
    ASSERT(ok || (e.code == ERR_DATA && e.text[0]));
    for (size_t i = 0; i < s.lines; i++) {
        doc_line l = docset_at(&s, i);
        ASSERT(l.number[N_ROW] > 0 && l.number[N_DATE] != NUM_NONE && l.number[N_SHEET] > 0);
    }
}

/* The first byte says which part is made of the rest; beyond the parts the rest is the archive itself. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    AUTO(buf) bytes = {0};
    if (size == 0) return 0;
    size_t which = data[0] % (ARRAY_LEN(parts) + 1);
    if (which == ARRAY_LEN(parts)) return read_bytes_of(str_from(data + 1, size - 1)), 0;
    zip_source_t *from = archive(which, data + 1, size - 1);
    (void)zip_source_seek(from, 0, SEEK_END);
    size_t n = (size_t)zip_source_tell(from);
    (void)zip_source_seek(from, 0, SEEK_SET);
    buf_reserve(&bytes, n);
    ASSERT(zip_source_read(from, bytes.p, n) == (zip_int64_t)n);
    zip_source_close(from);
    zip_source_free(from);
    read_bytes_of(str_from(bytes.p, n));
    return 0;
}
