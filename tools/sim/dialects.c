#include "tools/sim/dialects.h"
#include "base/num.h"

#define SALES    (1u << TYPE_SALE)
#define COUNTS   (1u << TYPE_STOCK)
#define GOODS_IN (1u << TYPE_RECEIPT)

const sim_dialect sim_dialects[] = {
    {"canonical", "csv", SALES | COUNTS | GOODS_IN, false, true, write_canonical},
    {"gb18030", "csv", SALES | COUNTS | GOODS_IN, true, false, write_gb18030},
    {"slsrpt", "edi", SALES | COUNTS, false, true, write_slsrpt},
    {"slsrpt-items", "edi", SALES | COUNTS, false, true, write_slsrpt_items},
};
const size_t sim_dialect_count = ARRAY_LEN(sim_dialects);

const sim_dialect *sim_dialect_of(str name) {
    for (size_t i = 0; i < sim_dialect_count; i++)
        if (str_is(name, sim_dialects[i].name)) return &sim_dialects[i];
    return NULL;
}

int64_t written_quantity(const sim_file *f, const sim_line *l) {
    return l->cased ? l->quantity / product_of(f, l)->case_size : l->quantity;
}

int64_t written_price(const sim_file *f, const sim_line *l) {
    return l->cased ? l->price * product_of(f, l)->case_size : l->price;
}

void put_money(buf *b, int64_t fen) {
    dec_put(b, fen, 2, 2);
}

void put_cell(buf *b, str cell, bool last) {
    bool quoted = memchr(cell.p, ',', cell.n) || memchr(cell.p, '"', cell.n);
    if (quoted) buf_byte(b, '"');
    for (size_t i = 0; i < cell.n; i++) {
        if (cell.p[i] == '"') buf_byte(b, '"');
        buf_byte(b, cell.p[i]);
    }
    if (quoted) buf_byte(b, '"');
    buf_addz(b, last ? "\n" : ",");
}
