/* The canonical CSV, and what a Chinese sales program exports: GB18030, a title row, own codes and names, amounts with
 * thousands marks, a total at the end. */
#include "tools/sim/dialects.h"
#include <iconv.h>

static const sim_place *place_of(const sim_file *f, const sim_line *l) {
    return l->place == NO_PLACE ? NULL : &f->partner->place[l->place];
}

static const char *unit_of(const sim_file *f, const sim_line *l, const char *case_word) {
    return l->cased ? case_word : product_of(f, l)->base_unit;
}

/* --- canonical --- */

static void put_canonical_line(const sim_file *f, const sim_telling *t, const sim_line *l, buf *out) {
    const sim_place *place = place_of(f, l);
    buf_printf(out, "%s,%s,%s,", doc_type_name(f->type), t->doc->number, t->corrects ? "2" : "");
    day_put(out, t->doc->day);
    buf_printf(out, ",%s,%s,%s,%s,%lld,%s,", f->type == TYPE_RECEIPT ? f->w->maker : "", place ? place->id : "",
               place ? place->district->code : "", product_of(f, l)->sku, (long long)written_quantity(f, l),
               unit_of(f, l, "箱"));
    if (f->type != TYPE_STOCK) {
        put_money(out, written_price(f, l));
        buf_byte(out, ',');
        put_money(out, line_amount(l));
        buf_addz(out, ",CNY,");
    } else {
        buf_addz(out, ",,,");
    }
    buf_addz(out, l->gift ? "Y\n" : "\n");
}

void write_canonical(const sim_file *f, buf *out) {
    buf_addz(out,
             "type,number,version,date,counterparty,place,ship_to,sku,quantity,unit,unit_price,amount,currency,gift\n");
    for (size_t k = 0; k < f->count; k++)
        for (size_t i = 0; i < f->told[k].content->count; i++)
            put_canonical_line(f, &f->told[k], told_line(f, &f->told[k], i), out);
}

/* --- GB18030 --- */

static const struct gb_words {
    doc_type type;
    const char *title, *header;
} gb_words[] = {
    {TYPE_SALE, "销售出库明细表", "单据日期,单据编号,门店,商品编码,商品名称,单位,数量,单价,金额"},
    {TYPE_RECEIPT, "采购入库明细表", "入库日期,入库单号,供货方,商品编码,商品名称,单位,入库数量,单价,金额"},
    {TYPE_STOCK, "库存盘点表", "盘点日期,盘点单号,仓库,商品编码,商品名称,单位,库存数量,单价,金额"},
};

static void put_thousands(buf *out, int64_t fen, bool last) {
    AUTO(buf) plain = {0}, marked = {0};
    put_money(&plain, fen);
    size_t whole = plain.n - 3;
    for (size_t i = 0; i < plain.n; i++) {
        if (i > 0 && i < whole && plain.p[i - 1] != '-' && (whole - i) % 3 == 0) buf_byte(&marked, ',');
        buf_byte(&marked, plain.p[i]);
    }
    put_cell(out, buf_str(&marked), last);
}

static void put_gb_line(const sim_file *f, const sim_document *d, const sim_line *l, buf *out) {
    const sim_place *place = place_of(f, l);
    civil c = civil_of(d->day);
    const char *where = place ? place->known ? place->name : place->gln : f->type == TYPE_RECEIPT ? "厂家" : "总仓";
    buf_printf(out, "%d/%u/%u,%s,%s,%s,%s,%s,%lld,", c.year, c.month, c.day, d->number, where,
               own_code(f->w, f->partner, l->product), own_name(f->w, l->product), unit_of(f, l, "件"),
               (long long)written_quantity(f, l));
    if (f->type == TYPE_STOCK) {
        buf_addz(out, ",\n");
        return;
    }
    put_thousands(out, written_price(f, l), false);
    put_thousands(out, line_amount(l), true);
}

static void to_gb18030(str text, buf *out) {
    iconv_t cd = iconv_open("GB18030", "UTF-8");
    ASSERT(cd != (iconv_t)-1);
    char *in = (char *)(uintptr_t)text.p;
    size_t left = text.n, room = 4 * text.n + 16;
    buf_reserve(out, room);
    char *to = out->p + out->n;
    ASSERT(iconv(cd, &in, &left, &to, &room) != (size_t)-1 && left == 0); /* our own text: every letter has a code */
    out->n = (size_t)(to - out->p);
    iconv_close(cd);
}

void write_gb18030(const sim_file *f, buf *out) {
    AUTO(buf) text = {0};
    const struct gb_words *words = gb_words;
    int64_t quantity = 0, amount = 0;
    while (words->type != f->type) words++;
    buf_printf(&text, "%s%s,,,,,,,,\n%s\n", f->partner->name, words->title, words->header);
    for (size_t k = 0; k < f->count; k++) {
        for (size_t i = 0; i < f->told[k].content->count; i++) {
            const sim_line *l = told_line(f, &f->told[k], i);
            put_gb_line(f, f->told[k].doc, l, &text);
            quantity += written_quantity(f, l);
            amount += line_amount(l);
        }
    }
    buf_printf(&text, "合计,,,,,,%lld,,", (long long)quantity);
    if (f->type == TYPE_STOCK) {
        buf_byte(&text, '\n');
    } else {
        put_thousands(&text, amount, true);
    }
    to_gb18030(buf_str(&text), out);
}
