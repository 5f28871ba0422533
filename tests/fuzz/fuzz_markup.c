/* links: formats */
#include "formats/formats.h"
#include "formats/markup.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    AUTO(docset) s = {0};
    source in = {.name = "fuzz.xls", .bytes = str_from(data, size)};
    err e = {0};
    docset_init(&s);
    (void)markup_format.sniff(in.bytes);
    bool ok = markup_format.read(&in, NULL, &s, &e);
    docset_finish(&s);
    ASSERT(ok || (e.code == ERR_DATA && e.text[0]));
    for (size_t i = 0; i < s.lines; i++) {
        doc_line l = docset_at(&s, i);
        ASSERT(l.number[N_ROW] > 0 && l.number[N_DATE] != NUM_NONE && l.number[N_SHEET] > 0);
    }
    return 0;
}
