/* links: formats */
#include "formats/formats.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Any bytes as a mapping; a mapping that parses must be usable on a small table. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const str table = STR("日期,商品编码,数量,金额\n2026-03-21,A,1,2\n3/4/2026,B,1.5,x\n");
    AUTO(mapping) m = {0};
    AUTO(docset) s = {0};
    err e;
    source in = {.name = "fuzz.csv", .bytes = table};
    docset_init(&s);
    if (!mapping_parse(str_from(data, size), STR("fuzz"), &m, &e)) return 0;
    if (csv_format.read(&in, &m, &s, &e)) docset_finish(&s);
    return 0;
}
