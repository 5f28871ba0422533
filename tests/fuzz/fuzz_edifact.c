/* links: formats proto base */
#include "formats/formats.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    for (int line_price = 0; line_price <= 1; line_price++) {
        AUTO(docset) s = {0};
        mapping m = {.edifact_price_line = line_price != 0, .edifact_refuse_test = line_price != 0};
        source in = {.name = "fuzz.edi", .bytes = str_from(data, size)};
        err e;
        docset_init(&s);
        bool ok = edifact_format.read(&in, &m, &s, &e);
        docset_finish(&s);
        ASSERT(ok || e.text[0]);
        for (size_t i = 0; i < s.lines; i++) {
            doc_line l = docset_at(&s, i);
            ASSERT(l.number[N_ROW] > 0 && l.number[N_DATE] != NUM_NONE);
            ASSERT(l.text[T_SKU] != WORD_NONE);
        }
    }
    return 0;
}
