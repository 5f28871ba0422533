/* links: formats */
#include "formats/formats.h"

/* Any bytes as a table, without a mapping and with one that uses column numbers; what is read must print. */
static void read_as(str bytes, const mapping *m) {
    AUTO(docset) s = {0};
    AUTO(buf) out = {0};
    err e;
    source in = {.name = "fuzz.csv", .bytes = bytes};
    docset_init(&s);
    if (!csv_format.read(&in, m, &s, &e)) return;
    docset_finish(&s);
    json j = json_into(&out);
    formats_try_json(&j, &s);
    formats_try_csv(&out, &s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    str bytes = str_from(data, size);
    AUTO(mapping) m = {0};
    err e;
    if (size == 0) return 0;
    read_as(bytes, NULL);
    if (mapping_parse(STR("columns: {date: 1, sku: 2, quantity: 3, amount: 4, gift: 5, codes: 6}\n"
                          "constants: {type: sale}\nskip: ['^x']\nnumber_scope: month\n"),
                      STR("fuzz"), &m, &e))
        read_as(bytes, &m);
    return 0;
}
