#include "formats/header.h"

#include "formats/value.h"

#define NO_TYPE DOC_TYPE_COUNT
#define INCL    TAX_INCL
#define EXCL    TAX_EXCL

/* Names of columns, as header_key() makes them, between blanks. */
static const struct {
    field f;
    unsigned rank;
    tax_word tax;
    doc_type type;
    const char *names;
} aliases[] = {
    {FIELD_N_DATE, 1, 0, NO_TYPE,
     " 日期 单据日期 开单日期 业务日期 订单日期 交易日期 发生日期 下单日期 统计日期 数据日期 开票日期 发货日期 "
     "送货日期 "
     "配送日期 fdate ddate sentdate billdate invoicedate orderdate documentdate docdate postingdate transactiondate "},
    {FIELD_N_DATE, 1, 0, TYPE_SALE, " 销售日期 销售时间 出库日期 出库时间 零售日期 saledate salesdate "},
    {FIELD_N_DATE, 1, 0, TYPE_RECEIPT, " 入库日期 入库时间 采购日期 进货日期 收货日期 到货日期 receiptdate "},
    {FIELD_N_DATE, 1, 0, TYPE_STOCK, " 盘点日期 库存日期 结存日期 stockdate "},
    {FIELD_N_DATE, 1, 0, TYPE_PAYMENT, " 收款日期 回款日期 付款日期 paymentdate "},
    {FIELD_N_DATE, 2, 0, NO_TYPE, " 制单日期 记账日期 过账日期 结算日期 下单时间 业务时间 创建日期 "},
    {FIELD_N_DATE, 3, 0, NO_TYPE, " 时间 月份 年月 期间 day month period "},
    {FIELD_D_NUMBER, 1, 0, NO_TYPE,
     " 单据编号 单据号 单据号码 单据编码 单号 订单编号 订单号 出库单号 出库单编号 销售单号 销售订单号 发货单号 "
     "送货单号 "
     "入库单号 采购单号 盘点单号 调拨单号 收款单号 退货单号 小票号 fbillno csocode cdlcode sentno billno invoiceno "
     "invoicenumber orderno ordernumber orderid documentno documentnumber docno number "},
    {FIELD_D_NUMBER, 2, 0, NO_TYPE, " 流水号 发票号 发票号码 凭证号 ccode voucherno "},
    {FIELD_T_LINE, 1, 0, NO_TYPE, " 行号 分录号 分录行号 lineno linenumber "},
    {FIELD_T_SKU, 1, 0, NO_TYPE,
     " 商品编码 商品编号 商品代码 存货编码 存货代码 存货编号 物料编码 物料代码 物料编号 物料号 产品编码 产品代码 "
     "产品编号 "
     "货品编码 货品编号 货品代码 品号 货号 药品编码 药品编号 sku编码 sku码 sku编号 fmaterialid cinvcode productcode "
     "itemcode itemno itemnumber productid productno materialcode materialno article articleno partno partnumber "
     "goodscode "},
    {FIELD_T_SKU, 2, 0, NO_TYPE,
     " 条码 条形码 商品条码 国际条码 产品条码 69码 barcode ean ean13 gtin upc 款号 material "},
    {FIELD_T_SKU, 3, 0, NO_TYPE, " 项目编码 规格编码 fnumber "},
    {FIELD_T_NAME, 1, 0, NO_TYPE,
     " 商品名称 商品名 商品全名 存货名称 物料名称 产品名称 产品名 货品名称 品名 药品名称 cinvname fmaterialname "
     "productname itemname goodsname "},
    {FIELD_T_NAME, 2, 0, NO_TYPE, " 通用名 itemdescription description "},
    {FIELD_T_NAME, 3, 0, NO_TYPE, " 商品 产品 货品 物料 存货 product item goods "},
    {FIELD_T_SPEC, 1, 0, NO_TYPE, " 规格 规格型号 型号规格 包装规格 商品规格 产品规格 存货规格 cinvstd specification "},
    {FIELD_T_SPEC, 2, 0, NO_TYPE, " 型号 model "},
    {FIELD_N_QUANTITY, 1, 0, NO_TYPE, " 数量 实发数量 发货数量 订单数量 订单量 fqty frealqty iquantity sentnum qty "},
    {FIELD_N_QUANTITY, 1, 0, TYPE_SALE,
     " 销售数量 销量 销售量 出库数量 出库量 零售数量 salesqty soldqty unitssold quantitysold salesquantity "},
    {FIELD_N_QUANTITY, 1, 0, TYPE_RECEIPT,
     " 入库数量 入库量 进货数量 采购数量 收货数量 实收数量 receivedqty purchaseqty "},
    {FIELD_N_QUANTITY, 1, 0, TYPE_STOCK,
     " 库存数量 库存量 库存 结存数量 结存 期末数量 期末库存 盘点数量 实盘数量 现存量 stockqty onhand onhandqty stock "
     "inventory "},
    {FIELD_N_QUANTITY, 1, 0, TYPE_RETURN, " 退货数量 returnqty "},
    {FIELD_N_QUANTITY, 1, 0, TYPE_TRANSFER, " 调拨数量 transferqty "},
    {FIELD_N_QUANTITY, 3, 0, NO_TYPE, " 基本数量 主数量 订货数量 件数 orderqty "},
    {FIELD_N_QUANTITY, 3, 0, TYPE_STOCK, " 可用量 可用库存 "},
    {FIELD_T_UNIT, 1, 0, NO_TYPE,
     " 单位 计量单位 销售单位 库存单位 主计量单位 包装单位 uom funitid ccomunitname unitofmeasure "},
    {FIELD_T_UNIT, 2, 0, NO_TYPE, " 基本单位 "},
    {FIELD_N_UNIT_PRICE, 1, INCL, NO_TYPE, " 含税单价 单价含税 ftaxprice itaxunitprice "},
    {FIELD_N_UNIT_PRICE, 2, EXCL, NO_TYPE, " 不含税单价 无税单价 未税单价 fprice iunitprice netprice "},
    {FIELD_N_UNIT_PRICE, 1, 0, NO_TYPE, " 单价 成交价 折后单价 实际单价 实际售价 price "},
    {FIELD_N_UNIT_PRICE, 1, 0, TYPE_SALE, " 销售单价 销售价 售价 "},
    {FIELD_N_UNIT_PRICE, 1, 0, TYPE_RECEIPT, " 采购单价 采购价 进价 进货价 进货单价 "},
    {FIELD_N_AMOUNT, 1, INCL, NO_TYPE, " 价税合计 含税金额 金额含税 fallamount isum grossamount "},
    {FIELD_N_AMOUNT, 2, EXCL, NO_TYPE, " 不含税金额 无税金额 未税金额 税前金额 famount imoney netamount "},
    {FIELD_N_AMOUNT, 1, 0, NO_TYPE,
     " 金额 总金额 总额 总价 成交金额 折后金额 优惠后金额 订单金额 totalamount linetotal lineamount "},
    {FIELD_N_AMOUNT, 1, 0, TYPE_SALE, " 销售金额 销售额 出库金额 营业额 salesamount salesvalue "},
    {FIELD_N_AMOUNT, 1, 0, TYPE_RECEIPT, " 入库金额 进货金额 采购金额 purchaseamount "},
    {FIELD_N_AMOUNT, 1, 0, TYPE_STOCK, " 库存金额 结存金额 期末金额 stockvalue "},
    {FIELD_N_AMOUNT, 1, 0, TYPE_PAYMENT, " 收款金额 回款金额 付款金额 paymentamount "},
    {FIELD_N_AMOUNT, 2, 0, NO_TYPE, " 应收金额 实收金额 合计金额 小计金额 revenue "},
    {FIELD_N_AMOUNT, 3, 0, NO_TYPE, " 实付金额 收入 total sales "},
    {FIELD_T_CURRENCY, 1, 0, NO_TYPE, " 币种 币别 货币 currencycode cexchname "},
    {FIELD_T_CUSTOMER, 1, 0, NO_TYPE,
     " 客户编码 客户代码 客户编号 往来单位编码 终端编码 购货单位编码 fcustomerid fcustid ccuscode cmcode customercode "
     "customerid customerno customernumber "},
    {FIELD_T_CUSTOMER, 2, 0, NO_TYPE,
     " 客户 客户名称 客户全称 客户简称 往来单位 往来单位名称 往来单位全名 购货单位 购货单位名称 购买方 购方名称 终端 "
     "终端名称 "
     "下游客户 下游客户名称 医院名称 药店名称 ccusname ccusabbname customername soldto buyer "},
    {FIELD_T_CUSTOMER, 3, 0, NO_TYPE, " 收货单位 收货客户 client "},
    {FIELD_T_CUSTOMER_KIND, 1, 0, NO_TYPE,
     " 客户类型 客户类别 客户性质 终端类型 门店类型 店铺类型 customertype customerkind "},
    {FIELD_T_CUSTOMER_REGION, 1, 0, NO_TYPE, " 客户区县 客户所在地 客户所属区域 所在区县 所属区县 区县 "},
    {FIELD_T_PHONE, 1, 0, NO_TYPE,
     " 电话 手机 手机号 手机号码 联系电话 联系手机 联系方式 客户电话 收货电话 收货人电话 电话号码 tel telephone mobile "
     "phonenumber phoneno mobileno "},
    {FIELD_BRAND, 1, 0, NO_TYPE, " 品牌 商品品牌 产品品牌 品牌名称 brandname "},
    {FIELD_T_PLACE, 1, 0, NO_TYPE,
     " 门店编码 门店代码 门店编号 店号 店铺编码 网点编码 storecode storeid shopcode storeno "},
    {FIELD_T_PLACE, 2, 0, NO_TYPE, " 门店 门店名称 店铺 店铺名称 网点 网点名称 store storename shop outlet "},
    {FIELD_T_SHIP_TO, 1, 0, NO_TYPE,
     " 收货地区 送达地区 收货地址 送货地址 配送地址 收货省市 目的地 shipto deliveryaddress "},
    {FIELD_T_SHIP_TO, 2, 0, NO_TYPE, " 地区 区域 销售区域 销售地区 客户地区 客户地址 "},
    {FIELD_T_SHIP_TO, 3, 0, NO_TYPE, " 城市 省份 地址 region city province address "},
    {FIELD_T_COUNTERPARTY, 1, 0, NO_TYPE, " 调入单位 调入方 对方单位 收货经销商 "},
    {FIELD_T_REFERENCE, 1, 0, NO_TYPE,
     " 原单号 原单据编号 来源单号 来源单据号 源单编号 关联单号 对应单号 厂家单号 厂家发货单号 供应商单号 供货单号 "
     "上游单号 refno referenceno originalno "},
    {FIELD_T_BATCH, 1, 0, NO_TYPE, " 批号 批次 批次号 生产批号 flot cbatch lot lotno lotnumber batchno batchnumber "},
    {FIELD_T_CODES, 1, 0, NO_TYPE,
     " 箱码 瓶码 序列号 串码 唯一码 追溯码 防伪码 物流码 监管码 电子监管码 一物一码 sn serialno serialnumber serial "},
    {FIELD_D_VERSION, 1, 0, NO_TYPE, " 版本 版本号 revision "},
    {FIELD_T_COMPANY, 1, 0, NO_TYPE, " 开票主体 开票公司 结算主体 销售公司 "},
    {FIELD_T_GIFT, 1, 0, NO_TYPE, " 赠品 是否赠品 搭赠 是否搭赠 isgift fisfree "},
    {FIELD_T_PAID_BY_REBATE, 1, 0, NO_TYPE, " 返利支付 是否返利支付 返利抵扣 是否返利抵扣 返利抵付 paidbyrebate "},
    {FIELD_T_REASON, 1, 0, NO_TYPE, " 原因 退货原因 调整原因 差异原因 异常原因 破损原因 残损原因 returnreason "},
    {FIELD_N_TAX_RATE, 1, 0, NO_TYPE, " 税率 税率% 增值税率 fentrytaxrate itaxrate vat vatrate "},
    {FIELD_T_TAX_BASIS, 1, 0, NO_TYPE, " 是否含税 含税 价格含税 fisincludedtax "},
    {FIELD_N_DISCOUNT, 1, 0, NO_TYPE, " 折扣额 折扣金额 优惠金额 discountamount "},
    {FIELD_T_CHANNEL, 1, 0, NO_TYPE, " 渠道 销售渠道 渠道类型 "},
    {FIELD_D_TYPE, 1, 0, NO_TYPE,
     " 单据类型 业务类型 单据类别 交易类型 出入库类型 收发类别 billtype documenttype transactiontype cbustype "
     "fbilltypeid "},
    {FIELD_D_TYPE, 2, 0, NO_TYPE, " 单据名称 销售类型 出库类型 入库类型 "},
    {FIELD_D_TYPE, 3, 0, NO_TYPE, " 类型 类别 "},
};

/* What stands in brackets behind a name. */
static const struct {
    const char *words;
    tax_word tax;
    int64_t factor;
    bool unit;
} brackets[] = {
    {" 含税 incl inclvat ", TAX_INCL, 1, false},
    {" 不含税 未税 无税 excl exclvat ", TAX_EXCL, 1, false},
    {" 元 人民币 rmb 折后 % ", TAX_UNSAID, 1, false},
    {" 万 万元 ", TAX_UNSAID, 10000, false},
    {" 千元 ", TAX_UNSAID, 1000, false},
    {" 百万 百万元 ", TAX_UNSAID, 1000000, false},
    {" 亿 亿元 ", TAX_UNSAID, 100000000, false},
    {" 箱 件 盒 瓶 包 袋 支 个 桶 罐 听 提 条 套 台 只 双 片 板 公斤 千克 kg 吨 升 l pcs ", TAX_UNSAID, 1, true},
};

str header_key(str name, bool drop_marks, char out[static HEADER_KEY]) {
    if (name.n == 0) return str_from(out, 0);
    const char *p = name.p, *end = p + name.n;
    size_t n = 0;
    while (p < end && n + 4 <= HEADER_KEY) {
        uint32_t cp = half_width(utf8_next(&p, end));
        if (cp == 0x3010 || cp == 0x3014) cp = '(';
        if (cp == 0x3011 || cp == 0x3015) cp = ')';
        if (cp <= ' ' || cp == 0xfeff || (drop_marks && cp < 0x80 && strchr("_.:*#-", (int)cp))) continue;
        if (cp >= 'A' && cp <= 'Z') cp += 32;
        n += utf8_put(cp, out + n);
    }
    return str_from(out, n);
}

/* Is `key` one of the names between blanks? */
static bool listed(const char *names, str key) {
    char wanted[HEADER_KEY + 2];
    if (key.n == 0) return false;
    wanted[0] = ' ';
    memcpy(wanted + 1, key.p, key.n);
    wanted[key.n + 1] = ' ';
    return str_has(str_of(names), str_from(wanted, key.n + 2));
}

static bool search_name(str key, header_word *out) {
    for (field f = 0; f < FIELD_COUNT; f++) {
        char canonical[HEADER_KEY];
        if (f == FIELD_N_ROW || f == FIELD_N_SHEET) continue;
        if (!str_eq(key, header_key(str_of(field_name(f)), true, canonical))) continue;
        *out = (header_word){.f = f, .type = NO_TYPE, .factor = 1};
        return true;
    }
    for (size_t i = 0; i < ARRAY_LEN(aliases); i++) {
        if (!listed(aliases[i].names, key)) continue;
        *out = (header_word){aliases[i].f, aliases[i].rank, aliases[i].tax, aliases[i].type, 1, STR_NONE, STR_NONE};
        return true;
    }
    return false;
}

/* What was searched for before: the files of one sender have one header, and a cell is asked about many times. */
static bool find_name(str key, header_word *out) {
    static _Thread_local struct {
        char text[HEADER_KEY];
        size_t n; /* 0: nothing is kept here */
        bool found;
        header_word word;
    } memo[256];
    size_t at = str_hash(key) % ARRAY_LEN(memo);
    if (key.n == 0 || key.n > HEADER_KEY) return false;
    if (!str_eq(key, str_from(memo[at].text, memo[at].n))) {
        memo[at].found = search_name(key, &memo[at].word);
        memcpy(memo[at].text, key.p, memo[at].n = key.n);
    }
    if (memo[at].found) *out = memo[at].word;
    return memo[at].found;
}

/* The text inside the last brackets of the cell as it stands there, for a unit or currency. */
static str inside_brackets(str cell) {
    static const str open[] = {{"(", 1}, {"\xef\xbc\x88", 3}}, close[] = {{")", 1}, {"\xef\xbc\x89", 3}};
    for (size_t i = 0; i < ARRAY_LEN(open); i++) {
        size_t at = str_find(cell, open[i]);
        if (at == SIZE_MAX) continue;
        str rest = str_skip(cell, at + open[i].n);
        size_t end = str_find(rest, close[i]);
        if (end != SIZE_MAX) return str_trim(str_take(rest, end));
    }
    return STR_NONE;
}

static bool apply_brackets(str inside, str cell, header_word *out) {
    for (size_t i = 0; i < ARRAY_LEN(brackets); i++) {
        if (!listed(brackets[i].words, inside)) continue;
        if (brackets[i].unit && out->f != FIELD_N_QUANTITY) return false;
        if (brackets[i].unit) out->unit = inside_brackets(cell);
        if (brackets[i].tax) out->tax = brackets[i].tax;
        out->factor = brackets[i].factor;
        return true;
    }
    str written = inside_brackets(cell);
    if (!currency_ok(written) || (out->f != FIELD_N_AMOUNT && out->f != FIELD_N_UNIT_PRICE)) return false;
    out->currency = written;
    return true;
}

bool header_find(str cell, header_word *out) {
    char text[HEADER_KEY];
    str key = header_key(cell, true, text);
    if (key.n == 0 || cell.n >= HEADER_KEY) return false;
    if (find_name(key, out)) return true;
    size_t open = str_find(key, STR("("));
    if (key.p[key.n - 1] == ')' && open != SIZE_MAX && open > 0)
        return find_name(str_take(key, open), out) &&
               apply_brackets(str_from(key.p + open + 1, key.n - open - 2), cell, out);
    static const struct {
        str tail;
        int64_t factor;
    } tails[] = {{{"万元", 6}, 10000}, {{"元", 3}, 1}};
    for (size_t i = 0; i < ARRAY_LEN(tails); i++) {
        if (!str_ends(key, tails[i].tail) || !find_name(str_take(key, key.n - tails[i].tail.n), out)) continue;
        out->factor = tails[i].factor;
        return true;
    }
    return false;
}

void header_traits(str cell, field f, header_word *out) {
    char text[HEADER_KEY];
    str key = header_key(cell, true, text);
    *out = (header_word){.f = f, .type = NO_TYPE, .factor = 1};
    size_t open = str_find(key, STR("("));
    header_word known;
    if (header_find(cell, &known) && known.f == f) *out = known;
    else if (key.n && key.p[key.n - 1] == ')' && open != SIZE_MAX)
        (void)apply_brackets(str_from(key.p + open + 1, key.n - open - 2), cell, out);
}

/* ---- months ---- */

static unsigned digits_at(str s, size_t *n) {
    unsigned v = 0;
    for (*n = 0; *n < s.n && *n < 6 && s.p[*n] >= '0' && s.p[*n] <= '9'; ++*n) v = v * 10 + (unsigned)(s.p[*n] - '0');
    return v;
}

static unsigned chinese_month(str *s) {
    static const char *const names[] = {"十二", "十一", "十", "九", "八", "七", "六", "五", "四", "三", "二", "一"};
    for (unsigned i = 0; i < ARRAY_LEN(names); i++) {
        str name = str_of(names[i]);
        if (!str_starts(*s, name) || !str_starts(str_skip(*s, name.n), STR("月"))) continue;
        *s = str_skip(*s, name.n);
        return 12 - i;
    }
    return 0;
}

/* jan, march2026, mar26 (marks are dropped already) */
static bool english_month(str key, header_month *out) {
    size_t letters = 0, n;
    while (letters < key.n && key.p[letters] >= 'a' && key.p[letters] <= 'z') letters++;
    out->month = month_word(str_take(key, letters));
    str rest = str_skip(key, letters);
    unsigned year = digits_at(rest, &n);
    if (out->month == 0 || n != rest.n || (n != 0 && n != 2 && n != 4)) return false;
    out->year = n == 0 ? 0 : (int)(n == 2 ? 2000 + year : year);
    return true;
}

/* 2026年 2026/ (marks are dropped: 202603) */
static bool year_before(str *s, int *year) {
    size_t n;
    unsigned v = digits_at(*s, &n);
    if (n == 6) { /* 202603 */
        *year = (int)(v / 100);
        *s = str_skip(*s, 4);
        return true;
    }
    if (n == 5) { /* 2026-3 without its mark */
        *year = (int)(v / 10);
        *s = str_skip(*s, 4);
        return true;
    }
    str rest = str_skip(*s, n);
    bool mark = str_starts(rest, STR("年")) || str_starts(rest, STR("/"));
    if (!mark || (n != 4 && n != 2)) return false;
    *year = (int)(n == 2 ? 2000 + v : v);
    *s = str_skip(rest, rest.p[0] == '/' ? 1 : 3);
    return true;
}

bool header_month_find(str cell, header_month *out) {
    char text[HEADER_KEY];
    str key = header_key(cell, true, text), s = key;
    *out = (header_month){.f = FIELD_COUNT, .factor = 1};
    if (cell.n >= HEADER_KEY || key.n == 0) return false;
    if (english_month(key, out)) return true;
    bool dated = year_before(&s, &out->year);
    size_t n = 0;
    out->month = chinese_month(&s);
    if (out->month == 0) {
        out->month = digits_at(s, &n);
        if (n == 0 || n > 2) return false;
        s = str_skip(s, n);
    }
    bool named = str_starts(s, STR("月"));
    if (named) s = str_skip(s, str_starts(s, STR("月份")) ? 6 : 3);
    if (out->month < 1 || out->month > 12 || (!named && (!dated || s.n))) return false;
    if (dated && (out->year < 1990 || out->year > 2199)) return false;
    if (s.n == 0) return true;
    if (s.n > 2 && s.p[0] == '(' && s.p[s.n - 1] == ')') s = str_from(s.p + 1, s.n - 2);
    header_word word;
    if (!header_find(s, &word) || (word.f != FIELD_N_QUANTITY && word.f != FIELD_N_AMOUNT)) return false;
    out->f = word.f;
    out->factor = word.factor;
    return true;
}
