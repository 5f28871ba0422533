#include "tools/bench/load.h"

#include <stdio.h>

static const char *const regions[] = {"330106", "330110", "320102", "310115", "110105", "440106", "510104", "420106"};

void load_partner_id(unsigned partner, char out[static 16]) {
    (void)snprintf(out, 16, "D%04u", partner);
}

void load_sku(unsigned product, char out[static 16]) {
    (void)snprintf(out, 16, "P%04u", product);
}

const char *load_region(unsigned region) {
    return regions[region % ARRAY_LEN(regions)];
}

load_line load_at(const load_shape *s, uint64_t seed, unsigned partner, uint64_t n) {
    uint64_t document = n / s->document_lines;
    rng d = {seed ^ (uint64_t)partner << 40 ^ document * 0x9e3779b97f4a7c15u};
    day_t day = s->first_day + (day_t)(document * s->document_lines / s->day_lines);
    unsigned region = (unsigned)rng_below(&d, ARRAY_LEN(regions));
    rng r = {seed ^ (uint64_t)partner << 40 ^ (n + 1) * 0xbf58476d1ce4e5b9u};
    load_line line = {.partner = partner, .document = (unsigned)document, .region = region, .day = day};
    line.product = (unsigned)rng_below(&r, s->products);
    line.customer = (unsigned)rng_below(&r, s->customers);
    line.quantity = 1 + (int64_t)rng_below(&r, 48);
    line.amount = line.quantity * (100 + (int64_t)rng_below(&r, 9900));
    if (s->codes && n % 2 == 0)
        (void)snprintf(line.code, sizeof line.code, "21%04u%020llu", partner, (unsigned long long)(rng_next(&r) >> 8));
    return line;
}

void load_catalogue(const load_shape *s, buf *partners, buf *products) {
    char id[16];
    buf_addz(partners, "id,name,kind,tier,parent,region\n");
    for (unsigned p = 0; p < s->partners; p++) {
        load_partner_id(p, id);
        buf_printf(partners, "%s,经销商 %u,distributor,A,,%s\n", id, p, load_region(p));
    }
    buf_addz(products, "sku,gtin,name,brand,category,base_unit,units,list_price,floor_price,tax_rate\n");
    for (unsigned p = 0; p < s->products; p++) {
        load_sku(p, id);
        buf_printf(products, "%s,,商品 %u,品牌%u,品类%u,瓶,箱=24,10.00,8.00,13%%\n", id, p, p % 5, p % 20);
    }
}

static void set_text(docset *out, doc_line *line, line_text column, const char *text) {
    line->text[column] = words_add(&out->words, str_of(text));
}

void load_docset(const load_shape *s, uint64_t seed, unsigned partner, uint64_t first, uint64_t n, docset *out) {
    char text[32];
    for (uint64_t i = first; i < first + n; i++) {
        load_line l = load_at(s, seed, partner, i);
        doc_line *line = docset_line(out);
        line->number[N_ROW] = (int64_t)(i - first) + 2;
        line->number[N_DATE] = l.day;
        line->number[N_QUANTITY] = l.quantity * 1000;
        line->number[N_AMOUNT] = l.amount * 10000;
        load_sku(l.product, text);
        set_text(out, line, T_SKU, text);
        (void)snprintf(text, sizeof text, "C%04u", l.customer);
        set_text(out, line, T_CUSTOMER, text);
        set_text(out, line, T_SHIP_TO, load_region(l.region));
        if (l.code[0]) set_text(out, line, T_CODES, l.code);
        doc_head head = {.type = TYPE_SALE};
        for (size_t k = 0; k < DOC_TEXT_COUNT; k++) head.text[k] = WORD_NONE;
        head.text[D_TYPE] = words_add(&out->words, STR("sale"));
        (void)snprintf(text, sizeof text, "XS%08u", l.document);
        head.text[D_NUMBER] = words_add(&out->words, str_of(text));
        docset_place(out, &head, STR(""));
    }
    docset_finish(out);
}
