/* The canonical CSV. */
#include "tools/sim/dialects.h"

static void put_line(const sim_file *f, const sim_telling *t, const sim_line *l, buf *out) {
    const sim_place *place = place_of(f, l);
    buf_printf(out, "%s,%s,%s,", doc_type_name(f->type), t->doc->number, t->corrects ? "2" : "");
    day_put(out, t->doc->day);
    buf_printf(out, ",%s,%s,%s,%s,%lld,%s,", f->type == TYPE_RECEIPT ? f->w->maker : "", place ? place->id : "",
               place ? place->district->code : "", product_of(f, l)->sku, (long long)written_quantity(f, l),
               l->cased ? "箱" : product_of(f, l)->base_unit);
    if (f->type == TYPE_STOCK) return buf_addz(out, ",,,\n");
    if (!l->total) put_money(out, written_price(f, l));
    buf_byte(out, ',');
    put_money(out, l->amount);
    buf_printf(out, ",CNY,%s\n", l->gift ? "Y" : "");
}

bool write_canonical(const sim_file *f, buf *out, err *e) {
    (void)e;
    buf_addz(out,
             "type,number,version,date,counterparty,place,ship_to,sku,quantity,unit,unit_price,amount,currency,gift\n");
    for (size_t k = 0; k < f->count; k++)
        for (size_t i = 0; i < f->told[k].content->count; i++)
            put_line(f, &f->told[k], told_line(f, &f->told[k], i), out);
    return true;
}
