/* links: formats */
#include "tests/unit/readings.h"

#include "proto/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* What was read, in one text: lines, then "?row column found" of problems, then "~row why" of skipped rows. */
static const char *summary(const docset *s, buf *out) {
    AUTO(buf) line = {0};
    buf_clear(out);
    for (size_t i = 0; i < s->lines; i++) buf_printf(out, "%s\n", line_text_of(s, i, &line));
    for (size_t d = 0; d < s->docs; d++)
        if (s->doc[d].flags & DOC_CANCEL)
            buf_printf(out, "cancel %s\n", words_get(&s->words, s->doc[d].text[D_NUMBER]).p);
    for (size_t i = 0; i < s->problem_count; i++)
        buf_printf(out, "?%d %s %s\n", (int)s->problems[i].row, s->problems[i].column.p, s->problems[i].found.p);
    for (size_t i = 0; i < s->skipped_count; i++)
        buf_printf(out, "~%d %s\n", (int)s->skipped[i].row, s->skipped[i].why.p);
    return buf_z(out);
}

static void reads(const char *file, const char *yaml, const char *text, const char *wanted) {
    AUTO(docset) s = {0};
    AUTO(buf) got = {0};
    err e;
    docset_init(&s);
    if (!read_file_text(file, str_of(text), yaml, &s, &e)) fail_msg("%s: %s", text, e.text);
    assert_string_equal(summary(&s, &got), wanted);
}

static void refuses(const char *yaml, const char *text, const char *says) {
    AUTO(docset) s = {0};
    err e;
    docset_init(&s);
    if (read_file_text("f.csv", str_of(text), yaml, &s, &e)) fail_msg("%s: was read", text);
    assert_int_equal(e.code, ERR_DATA);
    if (!strstr(e.text, says)) fail_msg("'%s' lacks '%s'", e.text, says);
}

static void canonical(void **state) {
    (void)state;
    AUTO(docset) s = {0};
    err e;
    docset_init(&s);
    bool ok = read_file_text(
        "a.csv",
        STR("type,number,line,date,sku,quantity,unit,unit_price,amount,currency,customer,place,ship_to,counterparty,"
            "reference,batch,codes,version,company,gift,reason,tax_rate,tax_basis,discount,channel\n"
            "sale,N1,1,2026-03-21,A,10,箱,2.5,25,CNY,C1,P1,440000,,R,B,U1;U2,3,main,N,x,0.13,incl,1.5,shop\n"
            "sale,N1,2,2026-03-22,A,10,箱,2.5,,,,,,,,,,3,,,,13%,excl,,\n"
            "payment,N2,1,2026-03-22,,,,,100,CNY,,,,,,,,,,,,,,,\n"),
        NULL, &s, &e);
    if (!ok) fail_msg("%s", e.text);
    assert_int_equal(s.problems_total, 0);
    assert_int_equal(s.docs, 2);
    assert_int_equal(s.lines, 3);
    assert_true(str_is(s.mapping, "canonical"));
    assert_true(str_is(s.charset, "utf-8"));
    assert_true(str_is(s.dialect, "csv"));
    static const struct {
        line_text column;
        const char *word;
    } texts[] = {{T_LINE, "1"},      {T_SKU, "A"},          {T_UNIT, "箱"},        {T_CURRENCY, "CNY"},
                 {T_CUSTOMER, "C1"}, {T_PLACE, "P1"},       {T_SHIP_TO, "440000"}, {T_REFERENCE, "R"},
                 {T_BATCH, "B"},     {T_CODES, "U1;U2"},    {T_COMPANY, "main"},   {T_GIFT, "N"},
                 {T_REASON, "x"},    {T_TAX_BASIS, "incl"}, {T_CHANNEL, "shop"}};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) assert_true(str_is(line_word(&s, 0, texts[i].column), texts[i].word));
    assert_int_equal(docset_at(&s, 0).number[N_UNIT_PRICE], 2500000);
    assert_int_equal(docset_at(&s, 0).number[N_TAX_RATE], 130000);
    assert_int_equal(docset_at(&s, 1).number[N_TAX_RATE], 130000);
    assert_int_equal(docset_at(&s, 0).number[N_DISCOUNT], 1500000);
    assert_int_equal(docset_at(&s, 1).number[N_ROW], 3);
    assert_int_equal(docset_at(&s, 1).number[N_AMOUNT], NUM_NONE);
    assert_true(str_is(words_get(&s.words, s.doc[0].text[D_VERSION]), "3"));
    assert_int_equal(s.doc[0].date, day_of(2026, 3, 21));
}

static void any_order_and_only_four_columns(void **state) {
    (void)state;
    reads("a.csv", NULL, "quantity;sku;date;type\n27,5;A;2026-03-21;sale\n1,000;B;2026-03-21;return\n",
          "sale - 2026-03-21 A 27.5 -\nreturn - 2026-03-21 B 1 -\n");
}

static void chinese_exports(void **state) {
    (void)state;
    reads("a.csv", NULL,
          "XX公司销售出库明细表,,,,\n日期:2026年3月,,,,\n\n单据编号,单据日期,商品编码,数量,金额\n"
          "X1,2026年3月21日,S1,\"1,234\",￥1234.50元\nX1,2026/3/21,S2,２,３．５\n小计,,,1236,1238\n"
          "单据编号,单据日期,商品编码,数量,金额\nX2,20260322,S1,(3),-3\n小计,,,-3,-3\n合计,,,1233,1235\n制表人：张三,,,"
          ",审核：\n",
          "sale X1 2026-03-21 S1 1234 1234.5\nsale X1 2026-03-21 S2 2 3.5\nsale X2 2026-03-22 S1 -3 -3\n"
          "~0 no type column: read as sale, from 'XX公司销售出库明细表'\n"
          "~1 title above the header: XX公司销售出库明细表\n~2 title above the header: 日期:2026年3月\n"
          "~7 subtotal, compared with the rows\n~8 repeated header\n~10 subtotal, compared with the rows\n"
          "~11 total, compared with the rows\n~12 footer\n");
}

static void totals_that_differ_are_reported(void **state) {
    (void)state;
    reads("a.csv", NULL,
          "日期,商品编码,数量\n2026-03-21,A,5\n2026-03-21,B,6\n华东小计,,12\n2026-03-22,A,1\n合 计,,12\n累计,,900\n",
          "sale - 2026-03-21 A 5 -\nsale - 2026-03-21 B 6 -\nsale - 2026-03-22 A 1 -\n?4 数量 12\n"
          "~0 no type column: read as sale\n~4 subtotal, compared with the rows\n~6 total, compared with the rows\n"
          "~7 running total\n");
    reads(
        "a.csv", NULL, "date,sku,quantity\n2026-03-21,A,5\nTotal:,,6\n",
        "sale - 2026-03-21 A 5 -\n?3 quantity 6\n~0 no type column: read as sale\n~3 total, compared with the rows\n");
    reads("a.csv", NULL, "date,sku,quantity,customer\n2026-03-21,A,5,合计商贸\n2026-03-21,A,6,合计\n",
          "sale - 2026-03-21 A 5 -\nsale - 2026-03-21 A 6 -\n~0 no type column: read as sale\n");
}

static void types(void **state) {
    (void)state;
    reads("a.csv", NULL,
          "单据类型,日期,商品编码,数量,金额\n销售出库,2026-03-21,A,1,\n销售退货,2026-03-21,A,1,\n采购入库,2026-03-21,A,"
          "1,\n"
          "采购退货,2026-03-21,A,1,\n调拨单,2026-03-21,A,1,\n库存盘点,2026-03-21,A,1,\n收款,2026-03-21,,,5\n"
          "发货,2026-03-21,A,1,\nreturn_out,2026-03-21,A,1,\n其他出库,2026-03-21,A,1,\n,2026-03-21,A,1,\n",
          "sale - 2026-03-21 A 1 -\nreturn - 2026-03-21 A 1 -\nreceipt - 2026-03-21 A 1 -\n"
          "return_out - 2026-03-21 A 1 -\nreturn_out - 2026-03-21 A 1 -\ntransfer - 2026-03-21 A 1 -\n"
          "stock - 2026-03-21 A 1 -\npayment - 2026-03-21 - - 5\nshipment - 2026-03-21 A 1 -\n"
          "?11 单据类型 其他出库\n?12 单据类型 \n");
    reads("a.csv", "types: {其他出库: sale}\n", "单据类型,日期,商品编码,数量\n 其他出库 ,2026-03-21,A,1\n",
          "sale - 2026-03-21 A 1 -\n");
    reads("a.csv", "constants: {type: stock}\n", "日期,商品编码,销售数量\n2026-03-21,A,1\n",
          "stock - 2026-03-21 A 1 -\n");
}

static void types_from_words(void **state) {
    (void)state;
    static const struct {
        const char *file, *text;
        doc_type type;
    } cases[] = {
        {"a.csv", "日期,商品编码,入库数量\n2026-03-21,A,1\n", TYPE_RECEIPT},
        {"a.csv", "日期,商品编码,库存数量\n2026-03-21,A,1\n", TYPE_STOCK},
        {"a.csv", "日期,商品编码,结存\n2026-03-21,A,1\n", TYPE_STOCK},
        {"a.csv", "出库日期,商品编码,数量\n2026-03-21,A,1\n", TYPE_SALE},
        {"a.csv", "采购入库单\n日期,商品编码,数量\n2026-03-21,A,1\n", TYPE_RECEIPT},
        {"库存表.csv", "日期,商品编码,数量\n2026-03-21,A,1\n", TYPE_STOCK},
        {"stock_20260321.csv", "date,sku,quantity\n2026-03-21,A,1\n", TYPE_STOCK},
        {"进销存.csv", "date,sku,quantity\n2026-03-21,A,1\n", TYPE_SALE},
        {"a.csv", "date,sku,quantity\n2026-03-21,A,1\n", TYPE_SALE},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(docset) s = {0};
        err e;
        docset_init(&s);
        assert_true(read_file_text(cases[i].file, str_of(cases[i].text), NULL, &s, &e));
        if (s.doc[0].type != cases[i].type) fail_msg("case %zu: %s", i, doc_type_name(s.doc[0].type));
        assert_int_equal(s.skipped[0].row, 0);
        assert_non_null(strstr(s.skipped[0].why.p, "no type column: read as"));
    }
}

static void wide_months(void **state) {
    (void)state;
    reads("2026.csv", NULL, "商品编码,1月,2月,12月\nA,1,,3\nB,4,5,6\n合计,5,5,9\n",
          "sale - 2026-01-31 A 1 -\nsale - 2026-01-31 B 4 -\nsale - 2026-12-31 A 3 -\nsale - 2026-12-31 B 6 -\n"
          "sale - 2026-02-28 B 5 -\n~0 no type column: read as sale\n~4 total, compared with the rows\n");
    reads(
        "a.csv", NULL, "2024年销售额(万元)\n产品编码,一月,二月\nA,1.5,2\n",
        "sale - 2024-01-31 A - 15000\nsale - 2024-02-29 A - 20000\n"
        "~1 amounts are read as multiples of 10000, from '2024年销售额(万元)'\n"
        "~0 no type column: read as sale, from '2024年销售额(万元)'\n~1 title above the header: 2024年销售额(万元)\n");
    reads("a.csv", "year: 2025\n", "sku,Jan,Feb\nA,1,x\n",
          "sale - 2025-01-31 A 1 -\n?2 Feb x\n~0 no type column: read as sale\n");
    reads("a.csv", NULL, "sku,2025年12月数量,2025年12月金额,2026-01\nA,1,10,2\n",
          "sale - 2025-12-31 A 1 10\nsale - 2026-01-31 A 2 -\n~0 no type column: read as sale\n");
    refuses(NULL, "商品编码,1月,2月\nA,1,2\n", "'1月' has no year");
    refuses(NULL, "2025年和2026年对比\n商品编码,1月,2月\nA,1,2\n", "has no year");
}

static void headers_in_brackets(void **state) {
    (void)state;
    AUTO(docset) s = {0};
    err e;
    docset_init(&s);
    assert_true(read_file_text("a.csv", STR("日期,商品编码,数量（箱）,不含税金额(万元),税率(%)\n2026-3-1,A,2,1.5,13\n"),
                               NULL, &s, &e));
    assert_true(str_is(line_word(&s, 0, T_UNIT), "箱"));
    assert_true(str_is(line_word(&s, 0, T_TAX_BASIS), "excl"));
    assert_int_equal(docset_at(&s, 0).number[N_AMOUNT], 15000000000);
    assert_int_equal(docset_at(&s, 0).number[N_TAX_RATE], 130000);
}

static void a_day_above_the_header(void **state) {
    (void)state;
    reads("a.csv", NULL, "库存盘点表\n盘点日期：2026年3月31日,,\n商品编号,库存数量\nA,5\n",
          "stock - 2026-03-31 A 5 -\n~0 no type column: read as stock, from '库存盘点表'\n"
          "~0 no date column: all rows are of 2026-03-31, from '盘点日期：2026年3月31日'\n"
          "~1 title above the header: 库存盘点表\n~2 title above the header: 盘点日期：2026年3月31日\n");
    reads("stock_20260331.csv", NULL, "sku,quantity\nA,5\n",
          "stock - 2026-03-31 A 5 -\n~0 no type column: read as stock, from 'stock_20260331.csv'\n"
          "~0 no date column: all rows are of 2026-03-31, from 'stock_20260331.csv'\n");
    refuses(NULL, "2026-03-01至2026-03-31\nsku,quantity\nA,5\n", "has no column for: date");
    refuses(NULL, "打印日期：2026-03-31\nsku,quantity\nA,5\n", "has no column for: date");
}

static void units_of_amounts_above_the_header(void **state) {
    (void)state;
    static const char *const text = "单位：万元,,,\n日期,商品编码,数量,销售额,单价\n2026-03-21,A,1000,1.5,15\n";
    static const struct {
        const char *yaml;
        int64_t amount;
    } cases[] = {{NULL, 15000000000}, {"scale: {amount: 1}\n", 1500000}, {"scale: {amount: 1000}\n", 1500000000}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(docset) s = {0};
        err e;
        docset_init(&s);
        assert_true(read_file_text("f.csv", str_of(text), cases[i].yaml, &s, &e));
        assert_int_equal(docset_at(&s, 0).number[N_AMOUNT], cases[i].amount);
        assert_int_equal(docset_at(&s, 0).number[N_UNIT_PRICE], 15000000);
        assert_int_equal(docset_at(&s, 0).number[N_QUANTITY], 1000000);
    }
}

static void one_column_wins(void **state) {
    (void)state;
    reads("a.csv", NULL, "日期,商品编码,数量,数量\n2026-03-21,A,1,9\n",
          "sale - 2026-03-21 A 1 -\n~1 column '数量' is not read: quantity is taken from '数量'\n"
          "~0 no type column: read as sale\n");
    reads("a.csv", NULL, "日期,条码,商品编码,数量\n2026-03-21,69,A,1\n",
          "sale - 2026-03-21 A 1 -\n~1 column '条码' is not read: sku is taken from '商品编码'\n"
          "~0 no type column: read as sale\n");
    reads("a.csv", NULL, "日期,商品名称,数量\n2026-03-21,洗发水,1\n",
          "sale - 2026-03-21 洗发水 1 -\n~0 no column of product codes: the names stand for them\n"
          "~0 no type column: read as sale\n");
    refuses(NULL, "日期,商品编码,入库数量,出库数量\n2026-03-21,A,1,2\n", "several quantities ('入库数量', '出库数量')");
}

static void refused_rows(void **state) {
    (void)state;
    static const struct {
        const char *row, *column;
    } cases[] = {
        {"sale,1,2026-13-01,A,1,", "date"},
        {"sale,1,3/4/2026,A,1,", "date"},
        {"sale,1,Mar-24,A,1,", "date"},
        {"sale,1,,A,1,", "date"},
        {"sale,1,2026-03-21,,1,", "sku"},
        {"sale,1,2026-03-21,6.9E+12,1,", "sku"},
        {"sale,1.2E+15,2026-03-21,A,1,", "number"},
        {"sale,1,2026-03-21,A,x,", "quantity"},
        {"sale,1,2026-03-21,A,,", "quantity"},
        {"sale,1,2026-03-21,A,1,y", "amount"},
        {"sale,1,2026-03-21,A,1000000000001,", "quantity"},
        {"sale,1,2026-03-21,A,1,1000000000001", "amount"},
        {"payment,1,2026-03-21,A,1,", "amount"},
        {"selling,1,2026-03-21,A,1,", "type"},
        {"sale,1,2026-03-21,A,1,2,3", ""},
        {"sale,1,2026-03-21,A\x01,1,", "sku"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(docset) s = {0};
        AUTO(buf) text = {0};
        err e;
        docset_init(&s);
        buf_printf(&text, "type,number,date,sku,quantity,amount\nsale,N,2026-03-21,A,1,\n%s\n", cases[i].row);
        assert_true(read_file_text("f.csv", buf_str(&text), NULL, &s, &e));
        if (s.problem_count != 1 || s.refused != 1 || s.lines != 1) fail_msg("'%s' was read", cases[i].row);
        if (!str_is(s.problems[0].column, cases[i].column)) fail_msg("'%s': %s", cases[i].row, s.problems[0].column.p);
        assert_int_equal(s.problems[0].row, 3);
        assert_true(str_is(s.problems[0].file, "f.csv"));
        assert_true(s.problems[0].wanted.n > 0 && s.problems[0].hint.n > 0);
    }
}

static void gifts(void **state) {
    (void)state;
    static const struct {
        const char *row, *gift;
    } cases[] = {
        {"销售,商品,1,,Y,", "Y"},      {"销售,商品,1,5,是,", "Y"},  {"销售,商品,1,0,N,", "N"},
        {"销售,商品,1,0,,", "Y"},      {"销售,商品,1,5,,", ""},     {"销售,赠品杯,1,,,", "Y"},
        {"销售,买一赠一装,1,5,,", ""}, {"销售,商品,1,,,搭赠", "Y"}, {"赠品出库,商品,1,5,,", "Y"},
        {"退货,商品,1,0,,", ""},       {"销售,商品,0,0,,", ""},     {"入库,商品,1,0,,", "Y"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(docset) s = {0};
        AUTO(buf) text = {0};
        err e;
        docset_init(&s);
        buf_printf(&text, "日期,sku,单据类型,商品名称,数量,金额,赠品,原因\n2026-03-21,A,%s\n", cases[i].row);
        assert_true(read_file_text("f.csv", buf_str(&text), NULL, &s, &e));
        assert_int_equal(s.lines, 1);
        if (!str_is(line_word(&s, 0, T_GIFT), cases[i].gift)) fail_msg("'%s'", cases[i].row);
    }
}

static void what_a_rebate_paid_says_so(void **state) {
    (void)state;
    reads("f.csv", NULL,
          "日期,sku,数量,金额,返利抵扣\n2026-03-21,A,1,5,maybe\n2026-03-21,B,1,5,否\n2026-03-22,A,1,5,\n",
          "sale - 2026-03-21 B 1 5\nsale - 2026-03-22 A 1 5\n?2 返利抵扣 maybe\n~0 no type column: read as sale\n");
    AUTO(docset) s = {0};
    err e;
    docset_init(&s);
    assert_true(read_file_text("f.csv", STR("date,sku,type,quantity,amount,paid_by_rebate\n2026-03-21,A,sale,1,5,是\n"),
                               NULL, &s, &e));
    assert_true(str_is(line_word(&s, 0, T_PAID_BY_REBATE), "Y"));
}

static void documents(void **state) {
    (void)state;
    static const struct {
        const char *yaml, *rows;
        size_t docs;
    } cases[] = {
        {NULL, "sale,N1,2026-03-21,A,1,\nsale,N1,2026-04-21,A,1,\n", 1},
        {NULL, "sale,N1,2026-03-21,A,1,\nsale,N2,2026-03-21,A,1,\n", 2},
        {NULL, "sale,N1,2026-03-21,A,1,\nreturn,N1,2026-03-21,A,1,\n", 2},
        {NULL, "sale,,2026-03-21,A,1,\nsale,,2026-03-21,B,1,\n", 1},
        {NULL, "sale,,2026-03-21,A,1,\nsale,,2026-03-22,A,1,\n", 2},
        {NULL, "sale,,2026-03-21,A,1,P1\nsale,,2026-03-21,A,1,P2\n", 2},
        {NULL, "sale,N1,2026-03-21,A,1,P1\nsale,N1,2026-03-21,A,1,P2\n", 1},
        {"number_scope: year\n", "sale,N1,2025-12-31,A,1,\nsale,N1,2026-01-01,A,1,\n", 2},
        {"number_scope: year\n", "sale,N1,2026-02-01,A,1,\nsale,N1,2026-01-01,A,1,\n", 1},
        {"number_scope: month\n", "sale,N1,2026-02-01,A,1,\nsale,N1,2026-01-01,A,1,\n", 2},
        {"number_scope: day\n", "sale,N1,2026-02-01,A,1,\nsale,N1,2026-02-02,A,1,\n", 2},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(docset) s = {0};
        AUTO(buf) text = {0};
        err e;
        docset_init(&s);
        buf_printf(&text, "type,number,date,sku,quantity,place\n%s", cases[i].rows);
        assert_true(read_file_text("f.csv", buf_str(&text), cases[i].yaml, &s, &e));
        assert_int_equal(s.lines, 2);
        if (s.docs != cases[i].docs) fail_msg("case %zu: %zu documents", i, s.docs);
    }
}

static void flags_and_stream(void **state) {
    (void)state;
    AUTO(docset) s = {0};
    err e;
    docset_init(&s);
    assert_true(read_file_text("f.csv",
                               STR("type,number,date,sku,quantity\nsale,N1,2026-03-21,A,1\nsale,,2026-03-21,A,1\n"),
                               "no_number: add\nnumber_scope: day\nstream: north\n", &s, &e));
    assert_int_equal(s.doc[0].flags, DOC_SCOPE_DAY);
    assert_int_equal(s.doc[1].flags, DOC_ADD);
    assert_true(str_is(words_get(&s.words, s.doc[0].text[D_STREAM]), "north"));
    assert_true(str_is(s.mapping, "test"));
}

static void cancellations(void **state) {
    (void)state;
    reads("a.csv", NULL,
          "type,number,version,date,sku,quantity,amount\nsale,N1,2,2026-03-21,,,\nsale,N2,,2026-03-21,,,\n"
          "sale,N3,1,2026-03-21,A,1,\n",
          "sale N3 2026-03-21 A 1 -\ncancel N1\n?3 sku \n");
}

static void mappings_choose_columns(void **state) {
    (void)state;
    reads("a.csv", "columns: {date: D, sku: [nope, ' s （x） '], quantity: Q}\nconstants: {type: sale}\n",
          "q,d,S(X),商品编码\n1,2026-03-21,A,B\n", "sale - 2026-03-21 A 1 -\n");
    reads("a.csv", "columns: {date: 2, sku: 3, quantity: 1}\nconstants: {type: sale}\n",
          "Title,,\nAnzahl,Tag,Ware\n1,2026-03-21,A\n2,2026-03-21,B\n",
          "sale - 2026-03-21 A 1 -\nsale - 2026-03-21 B 2 -\n~1 a single cell: title or note\n"
          "~2 above the first row of data\n");
    reads("a.csv",
          "columns: {date: 日期, sku: 商品编码, amount: 金额}\nconstants: {type: sale}\nscale: {amount: 10000}\n",
          "日期,商品编码,金额(万元),金额\n2026-03-21,A,1,2\n", "sale - 2026-03-21 A - 20000\n");
    reads("a.csv", "skip: ['^x', '备注']\nconstants: {type: sale}\n",
          "date,sku,quantity\nx,A,1\n2026-03-21,A,1\n2026-03-21,备注,1\n",
          "sale - 2026-03-21 A 1 -\n~2 left out by the mapping's skip\n~4 left out by the mapping's skip\n");
    reads("a.csv", "dates: m/d/y\nconstants: {type: sale}\ndecimal: ','\n", "date;sku;quantity\n3/4/2026;A;1,000\n",
          "sale - 2026-03-04 A 1 -\n");
    refuses("columns: {date: D, sku: SKU, quantity: [Q, Qty]}\n", "D,Item,N\n2026-03-21,A,1\n",
            "row 1 lacks what the mapping names: 'SKU', 'Q' or 'Qty'; found: D, Item, N");
    refuses("columns: {date: 1, sku: 2, quantity: 9}\n", "2026-03-21,A,1\n",
            "wants column 9 for quantity, but the rows have 3");
    refuses("columns: {date: D, sku: S}\n", "D,S,Q\n2026-03-21,A,1\n", "has no column for: quantity or amount");
}

static void constants_stand_in(void **state) {
    (void)state;
    AUTO(docset) s = {0};
    err e;
    docset_init(&s);
    assert_true(read_file_text("f.csv", STR("date,sku,currency,codes\n2026-03-21,A,,X1\n2026-03-21,A,USD,X2，X3\n"),
                               "constants: {type: sale, quantity: 1, tax_rate: 13%, currency: CNY, channel: shop}\n",
                               &s, &e));
    assert_int_equal(s.lines, 2);
    assert_int_equal(docset_at(&s, 0).number[N_QUANTITY], 1000);
    assert_int_equal(docset_at(&s, 0).number[N_TAX_RATE], 130000);
    assert_true(str_is(line_word(&s, 0, T_CURRENCY), "CNY"));
    assert_true(str_is(line_word(&s, 1, T_CURRENCY), "USD"));
    assert_true(str_is(line_word(&s, 1, T_CODES), "X2;X3"));
    assert_true(str_is(line_word(&s, 1, T_CHANNEL), "shop"));
}

static void files_are_bounded(void **state) {
    (void)state;
    char *zero = calloc(1, LIMIT_FILE_BYTES);
    assert_non_null(zero);
    for (size_t more = 0; more <= 1; more++) {
        AUTO(docset) s = {0};
        err e;
        docset_init(&s);
        assert_false(read_file_text("f.csv", str_from(zero, (size_t)LIMIT_FILE_BYTES + more), NULL, &s, &e));
        assert_non_null(strstr(e.text, more ? "a file has at most 268435456" : "byte 1 is NUL"));
    }
    free(zero);
}

static void dropped_columns_do_not_leave(void **state) {
    (void)state;
    AUTO(docset) s = {0};
    err e;
    docset_init(&s);
    assert_true(read_file_text("f.csv", STR("type,date,sku,quantity,customer,备注\nsale,2026-03-21,A,1,C1,secret\n"),
                               "privacy: {customer: drop}\n", &s, &e));
    assert_int_equal(line_word(&s, 0, T_CUSTOMER).n, 0);
    for (uint32_t i = 0; i < s.words.n; i++) {
        assert_false(str_has(words_get(&s.words, i), STR("C1")));
        assert_false(str_has(words_get(&s.words, i), STR("secret")));
    }
}

static void files_that_say_nothing(void **state) {
    (void)state;
    refuses(NULL, "", "the file is empty");
    refuses(NULL, "\n\n", "no rows");
    refuses(NULL, "a,b,c\n1,2,3\n",
            "no header row among the first 30 rows (row 1 reads: a, b, c); wanted columns for date");
    refuses(NULL, "日期,客户\n2026-03-21,C\n", "row 1 (日期, 客户) has no column for: sku, quantity or amount");
    refuses(NULL, "date,sku,quantity\n", "no row of data below the header in row 1");
    refuses(NULL, "%PDF-1.4 sales", "a PDF document");
}

static void title_rows_are_bounded(void **state) {
    (void)state;
    for (int rows = LIMIT_TITLE_ROWS - 1; rows <= LIMIT_TITLE_ROWS; rows++) {
        AUTO(docset) s = {0};
        AUTO(buf) text = {0};
        err e;
        docset_init(&s);
        for (int i = 0; i < rows; i++) buf_addz(&text, "title\n");
        buf_addz(&text, "date,sku,quantity\n2026-03-21,A,1\n");
        assert_int_equal(read_file_text("f.csv", buf_str(&text), NULL, &s, &e), rows < LIMIT_TITLE_ROWS);
    }
}

static void words_are_bounded(void **state) {
    (void)state;
    static const struct {
        size_t name, codes;
        bool ok;
    } cases[] = {{LIMIT_TEXT, LIMIT_CODES, true}, {LIMIT_TEXT + 1, 1, false}, {1, LIMIT_CODES + 1, false}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(docset) s = {0};
        AUTO(buf) text = {0};
        err e;
        docset_init(&s);
        buf_addz(&text, "type,date,sku,quantity,name,codes\nsale,2026-03-21,A,1,");
        for (size_t k = 0; k < cases[i].name; k++) buf_byte(&text, 'n');
        buf_byte(&text, ',');
        for (size_t k = 0; k < cases[i].codes; k++) buf_byte(&text, 'c');
        assert_true(read_file_text("f.csv", buf_str(&text), NULL, &s, &e));
        assert_int_equal(s.lines, cases[i].ok);
        assert_int_equal(s.refused, !cases[i].ok);
    }
}

static void documents_are_bounded(void **state) {
    (void)state;
    AUTO(docset) s = {0};
    AUTO(buf) text = {0};
    err e;
    docset_init(&s);
    buf_addz(&text, "type,date,sku,quantity\n");
    for (int i = 0; i < LIMIT_DOCUMENT_LINES + 1; i++) buf_addz(&text, "sale,2026-03-21,A,1\n");
    assert_true(read_file_text("f.csv", buf_str(&text), NULL, &s, &e));
    assert_int_equal(s.docs, 1);
    assert_int_equal(s.doc[0].lines, LIMIT_DOCUMENT_LINES);
    assert_int_equal(s.refused, 1);
}

static void problems_are_counted_beyond_what_is_kept(void **state) {
    (void)state;
    AUTO(docset) s = {0};
    AUTO(buf) text = {0};
    err e;
    docset_init(&s);
    buf_addz(&text, "type,date,sku,quantity\nsale,2026-03-21,A,1\n");
    for (int i = 0; i < LIMIT_SKIPPED + 5; i++) buf_addz(&text, "sale,x,A,1\n");
    assert_true(read_file_text("f.csv", buf_str(&text), NULL, &s, &e));
    assert_int_equal(s.problem_count, LIMIT_SKIPPED);
    assert_int_equal(s.problems_total, LIMIT_SKIPPED + 5);
    assert_int_equal(s.refused, LIMIT_SKIPPED + 5);
}

/* What `import try -o csv` prints is a canonical file of the same content. */
static void the_csv_of_a_try_reads_the_same(void **state) {
    (void)state;
    AUTO(docset) a, b;
    AUTO(buf) text = {0}, again = {0};
    err e;
    docset_init(&a);
    docset_init(&b);
    bool ok =
        read_file_text("a.csv",
                       STR("type,number,version,date,sku,quantity,unit_price,amount,customer,codes,gift,tax_rate,name\n"
                           "sale,N1,2,2026-03-21,A,1.5,2.123456,3.18,\"Li, \"\"Wu\"\"\",U1;U2,Y,13%,杯\n"
                           "return,,,2026-03-22,\"B\nC\",-2,,,,,,,\nsale,N9,4,2026-03-23,,,,,,,,,\n"),
                       NULL, &a, &e);
    assert_true(ok);
    formats_try_csv(&text, &a);
    assert_true(str_starts(buf_str(&text), STR("partner,type,number,line,date,sku,")));
    if (!read_file_text("a.csv", buf_str(&text), NULL, &b, &e)) fail_msg("%s", e.text);
    assert_int_equal(b.docs, 3);
    for (size_t d = 0; d < a.docs; d++) {
        uint8_t x[32], y[32];
        docset_digest(&a, d, x);
        docset_digest(&b, d, y);
        assert_memory_equal(x, y, 32);
    }
    formats_try_csv(&again, &b);
    assert_true(str_eq(buf_str(&text), buf_str(&again)));
}

static void the_json_of_a_try(void **state) {
    (void)state;
    AUTO(docset) s = {0};
    AUTO(buf) out = {0};
    err e;
    docset_init(&s);
    assert_true(read_file_text("a.csv", STR("date,sku,quantity\n2026-03-21,A,1\nx,A,1\n"), NULL, &s, &e));
    json j = json_into(&out);
    formats_try_json(&j, &s);
    assert_non_null(
        strstr(buf_z(&out), "{\"charset\":\"utf-8\",\"dialect\":\"csv\",\"mapping\":\"canonical\",\"documents\":[{"));
    assert_non_null(strstr(buf_z(&out), "\"skipped\":[{\"row\":0,\"why\":\"no type column: read as sale\"}]"));
    assert_non_null(
        strstr(buf_z(&out), "\"problems\":[{\"file\":\"a.csv\",\"row\":3,\"column\":\"date\",\"found\":\"x\","));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(canonical),
        cmocka_unit_test(any_order_and_only_four_columns),
        cmocka_unit_test(chinese_exports),
        cmocka_unit_test(totals_that_differ_are_reported),
        cmocka_unit_test(types),
        cmocka_unit_test(types_from_words),
        cmocka_unit_test(wide_months),
        cmocka_unit_test(headers_in_brackets),
        cmocka_unit_test(a_day_above_the_header),
        cmocka_unit_test(units_of_amounts_above_the_header),
        cmocka_unit_test(one_column_wins),
        cmocka_unit_test(refused_rows),
        cmocka_unit_test(gifts),
        cmocka_unit_test(what_a_rebate_paid_says_so),
        cmocka_unit_test(documents),
        cmocka_unit_test(flags_and_stream),
        cmocka_unit_test(cancellations),
        cmocka_unit_test(mappings_choose_columns),
        cmocka_unit_test(constants_stand_in),
        cmocka_unit_test(files_are_bounded),
        cmocka_unit_test(dropped_columns_do_not_leave),
        cmocka_unit_test(files_that_say_nothing),
        cmocka_unit_test(title_rows_are_bounded),
        cmocka_unit_test(words_are_bounded),
        cmocka_unit_test(documents_are_bounded),
        cmocka_unit_test(problems_are_counted_beyond_what_is_kept),
        cmocka_unit_test(the_csv_of_a_try_reads_the_same),
        cmocka_unit_test(the_json_of_a_try),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
