/* Sheets as ERP programs export them: a title, headers in the program's own words, own codes and names, totals. */
#include "tools/sim/dialects.h"

const sheet_style style_plain = {.sale = "销售出库明细表",
                                 .receipt = "采购入库明细表",
                                 .stock = "库存盘点表",
                                 .total = "合计",
                                 .case_word = "件",
                                 .column = {{SHEET_DATE, "单据日期", "入库日期", "盘点日期"},
                                            {SHEET_NUMBER, "单据编号", "入库单号", "盘点单号"},
                                            {SHEET_PLACE, "门店", "供货方", "仓库"},
                                            {SHEET_CODE, "商品编码", NULL, NULL},
                                            {SHEET_NAME, "商品名称", NULL, NULL},
                                            {SHEET_UNIT, "单位", NULL, NULL},
                                            {SHEET_QUANTITY, "数量", "入库数量", "库存数量"},
                                            {SHEET_PRICE, "单价", NULL, NULL},
                                            {SHEET_AMOUNT, "金额", NULL, NULL}}};

const sheet_style style_guanjiapo = {.sale = "商品销售明细",
                                     .receipt = "商品进货明细",
                                     .stock = "库存状况表",
                                     .total = "合计",
                                     .case_word = "箱",
                                     .column = {{SHEET_NUMBER, "单据编号", NULL, NULL},
                                                {SHEET_DATE, "单据日期", NULL, NULL},
                                                {SHEET_PLACE, "门店名称", "供货单位", "仓库全名"},
                                                {SHEET_CODE, "商品编号", NULL, NULL},
                                                {SHEET_NAME, "商品全名", NULL, NULL},
                                                {SHEET_UNIT, "单位", NULL, NULL},
                                                {SHEET_QUANTITY, "数量", "进货数量", "库存数量"},
                                                {SHEET_PRICE, "单价", NULL, NULL},
                                                {SHEET_AMOUNT, "金额", NULL, NULL}}};

const sheet_style style_kingdee = {.store_codes = true,
                                   .case_word = "箱",
                                   .column = {{SHEET_DATE, "日期", "入库日期", "盘点日期"},
                                              {SHEET_NUMBER, "单据编号", NULL, NULL},
                                              {SHEET_PLACE, "门店编码", "供应商编码", "仓库编码"},
                                              {SHEET_CODE, "物料编码", NULL, NULL},
                                              {SHEET_NAME, "物料名称", NULL, NULL},
                                              {SHEET_UNIT, "单位", NULL, NULL},
                                              {SHEET_QUANTITY, "销售数量", "实收数量", "实盘数量"},
                                              {SHEET_PRICE, "含税单价", NULL, NULL},
                                              {SHEET_AMOUNT, "价税合计", NULL, NULL}}};

const sheet_style style_yonyou = {.sale = "销售出库单列表",
                                  .receipt = "采购入库单列表",
                                  .stock = "盘点单列表",
                                  .subtotals = true,
                                  .total = "总计",
                                  .case_word = "箱",
                                  .column = {{SHEET_NUMBER, "单据号", NULL, NULL},
                                             {SHEET_DATE, "单据日期", "入库日期", "盘点日期"},
                                             {SHEET_PLACE, "门店", "供应商", "仓库"},
                                             {SHEET_CODE, "存货编码", NULL, NULL},
                                             {SHEET_NAME, "存货名称", NULL, NULL},
                                             {SHEET_UNIT, "主计量单位", NULL, NULL},
                                             {SHEET_QUANTITY, "出库数量", "入库数量", "实盘数量"},
                                             {SHEET_PRICE, "含税单价", NULL, NULL},
                                             {SHEET_AMOUNT, "价税合计", NULL, NULL}}};

const sheet_style style_english = {.store_codes = true,
                                   .total = "Total",
                                   .case_word = "箱",
                                   .column = {{SHEET_TYPE, "Transaction Type", NULL, NULL},
                                              {SHEET_NUMBER, "Document No", NULL, NULL},
                                              {SHEET_DATE, "Date", NULL, NULL},
                                              {SHEET_PLACE, "Store Code", "Supplier", "Warehouse"},
                                              {SHEET_CODE, "Item Code", NULL, NULL},
                                              {SHEET_NAME, "Item Name", NULL, NULL},
                                              {SHEET_UNIT, "UOM", NULL, NULL},
                                              {SHEET_QUANTITY, "Qty", NULL, NULL},
                                              {SHEET_PRICE, "Price", NULL, NULL},
                                              {SHEET_AMOUNT, "Line Amount", NULL, NULL}}};

typedef struct sums {
    int64_t quantity, amount;
} sums;

static const char *by_type(doc_type type, const char *sale, const char *receipt, const char *stock) {
    const char *own = type == TYPE_RECEIPT ? receipt : type == TYPE_STOCK ? stock : sale;
    return own ? own : sale;
}

static const char *place_text(const sim_file *f, const sim_line *l) {
    const sim_place *p = place_of(f, l);
    if (p == NULL) return f->type == TYPE_RECEIPT ? "厂家" : f->type == TYPE_STOCK ? "总仓" : "";
    return f->dialect->style->store_codes || !p->known ? p->gln : p->name;
}

static void put_priced(const sim_file *f, bool stated, int64_t fen, sheet *s) {
    if (stated && f->type != TYPE_STOCK) sheet_money(s, fen);
    else
        sheet_blank(s, 1);
}

static void put_field(const sim_file *f, const sim_document *d, const sim_line *l, sheet_field field, sheet *s) {
    switch (field) {
    case SHEET_DATE: sheet_day(s, d->day); break;
    case SHEET_NUMBER: sheet_text(s, d->number); break;
    case SHEET_TYPE: sheet_text(s, doc_type_name(f->type)); break;
    case SHEET_PLACE: sheet_text(s, place_text(f, l)); break;
    case SHEET_CODE: sheet_text(s, own_code(f->w, f->partner, l->product)); break;
    case SHEET_NAME: sheet_text(s, own_name(f->w, l->product)); break;
    case SHEET_UNIT: sheet_text(s, l->cased ? f->dialect->style->case_word : product_of(f, l)->base_unit); break;
    case SHEET_QUANTITY: sheet_count(s, written_quantity(f, l)); break;
    case SHEET_PRICE: put_priced(f, !l->total, written_price(f, l), s); break;
    case SHEET_AMOUNT: put_priced(f, true, l->amount, s); break;
    case SHEET_END: break;
    }
}

static void put_header(const sim_file *f, sheet *s) {
    const sheet_style *style = f->dialect->style;
    const char *title = by_type(f->type, style->sale, style->receipt, style->stock);
    unsigned width = 0;
    while (style->column[width].field != SHEET_END) width++;
    if (title) {
        AUTO(buf) text = {0};
        buf_printf(&text, "%s%s", f->partner->name, title);
        sheet_wide(s, buf_z(&text), width);
        sheet_row(s);
    }
    for (const sheet_column *c = style->column; c->field != SHEET_END; c++)
        sheet_text(s, by_type(f->type, c->sale, c->receipt, c->stock));
}

static void put_sums(const sim_file *f, const char *word, const sums *t, sheet *s) {
    sheet_row(s);
    for (const sheet_column *c = f->dialect->style->column; c->field != SHEET_END; c++) {
        if (c == f->dialect->style->column) sheet_text(s, word);
        else if (c->field == SHEET_QUANTITY)
            sheet_count(s, t->quantity);
        else if (c->field == SHEET_AMOUNT)
            put_priced(f, true, t->amount, s);
        else
            sheet_blank(s, 1);
    }
}

static void put_document(const sim_file *f, const sim_telling *t, sums *all, sheet *s) {
    const sheet_style *style = f->dialect->style;
    sums part = {0};
    for (size_t i = 0; i < t->content->count; i++) {
        const sim_line *l = told_line(f, t, i);
        sheet_row(s);
        for (const sheet_column *c = style->column; c->field != SHEET_END; c++) put_field(f, t->doc, l, c->field, s);
        part.quantity += written_quantity(f, l);
        part.amount += l->amount;
    }
    if (style->subtotals) put_sums(f, "小计", &part, s);
    all->quantity += part.quantity;
    all->amount += part.amount;
}

bool write_sheet(const sim_file *f, buf *out, err *e) {
    AUTO(sheet) s = {0};
    sums all = {0};
    sheet_init(&s);
    put_header(f, &s);
    for (size_t k = 0; k < f->count; k++) put_document(f, &f->told[k], &all, &s);
    if (f->dialect->style->total) put_sums(f, f->dialect->style->total, &all, &s);
    return f->dialect->paper->write(&s, f->dialect->paper, out, e);
}
