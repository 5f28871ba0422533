/* links: formats */
#include "formats/formats.h"
#include "formats/xls.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The workbook's stream with or without its container, whichever the bytes begin like. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    AUTO(docset) s = {0};
    source in = {.name = "fuzz.xls", .bytes = str_from(data, size)};
    err e = {0};
    docset_init(&s);
    bool ok = xls_format.read(&in, NULL, &s, &e);
    docset_finish(&s);
    ASSERT(ok || (e.code == ERR_DATA && e.text[0]));
    for (size_t i = 0; i < s.lines; i++) {
        doc_line l = docset_at(&s, i);
        ASSERT(l.number[N_ROW] > 0 && l.number[N_DATE] != NUM_NONE && l.number[N_SHEET] > 0);
    }
    return 0;
}
