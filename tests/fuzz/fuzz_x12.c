/* links: formats proto base */
#include "formats/formats.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    AUTO(docset) s = {0};
    source in = {"fuzz.x12", str_from(data, size)};
    err e = {0};
    docset_init(&s);
    bool ok = x12_format.read(&in, NULL, &s, &e);
    docset_finish(&s);
    ASSERT(ok || e.text[0]);
    for (size_t i = 0; i < s.lines; i++) {
        ASSERT(s.line[i].number[N_ROW] > 0 && s.line[i].number[N_DATE] != NUM_NONE);
        ASSERT(s.line[i].text[T_SKU] != WORD_NONE && s.line[i].number[N_QUANTITY] != NUM_NONE);
    }
    return 0;
}
