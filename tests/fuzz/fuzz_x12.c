/* links: formats proto base */
#include "formats/formats.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    AUTO(docset) s = {0};
    source in = {.name = "fuzz.x12", .bytes = str_from(data, size)};
    err e = {0};
    docset_init(&s);
    bool ok = x12_format.read(&in, NULL, &s, &e);
    docset_finish(&s);
    ASSERT(ok || e.text[0]);
    for (size_t i = 0; i < s.lines; i++) {
        doc_line l = docset_at(&s, i);
        ASSERT(l.number[N_ROW] > 0 && l.number[N_DATE] != NUM_NONE);
        ASSERT(l.text[T_SKU] != WORD_NONE && l.number[N_QUANTITY] != NUM_NONE);
    }
    return 0;
}
