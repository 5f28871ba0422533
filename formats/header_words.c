#include "formats/header.h"

#include "formats/value.h"

typedef struct type_list {
    doc_type type; /* DOC_TYPE_COUNT: the words name no type we post */
    const char *words;
} type_list;

/* Cells of a type column, the first list that has a word in it wins: what is special stands before what is general. */
static const type_list cell_words[] = {
    {DOC_TYPE_COUNT, "其他出库 其它出库 其他入库 其它入库 报损 报溢 盘盈 盘亏 领料 领用 组装 拆卸 生产"},
    {TYPE_RETURN_OUT, "采购退 进货退 购进退 退厂 退供应商 退货出库 returntovendor returntosupplier purchasereturn"},
    {TYPE_RETURN, "退货 退回 退库 销退 return refund"},
    {TYPE_TRANSFER, "调拨 移库 transfer"},
    {TYPE_STOCK, "库存 结存 盘点 stock inventory"},
    {TYPE_RECEIPT, "采购 入库 进货 购进 收货 receipt purchase"},
    {TYPE_PAYMENT, "收款 回款 付款 payment"},
    {TYPE_SALE, "销售 出库 零售 批发 动销 销货 团购 车销 赠品 搭赠 sale sold"},
    {TYPE_SHIPMENT, "发货 shipment"},
};

/* Titles and file names. 进销存 and 出入库 name two things at once, so they name none. */
static const type_list title_words[] = {
    {DOC_TYPE_COUNT, "进销存 出入库"},
    {TYPE_RETURN_OUT, "采购退 进货退 退厂 退供应商"},
    {TYPE_RETURN, "销售退"},
    {TYPE_SALE, "销售 销量 动销 零售 流向 出库 sales sellout sell-out sell_out sale"},
    {TYPE_STOCK, "库存 结存 盘点 stock inventory"},
    {TYPE_RECEIPT, "入库 采购 进货 receipt purchase"},
    {TYPE_RETURN, "退货 return"},
    {TYPE_TRANSFER, "调拨 transfer"},
    {TYPE_PAYMENT, "收款 回款 payment"},
};

static bool has_word(str text, const char *list) {
    str rest = str_of(list);
    for (str word; str_split(&rest, ' ', &word);)
        if (str_has(text, word)) return true;
    return false;
}

static bool starts_with_word(str text, const char *list) {
    str rest = str_of(list);
    for (str word; str_split(&rest, ' ', &word);)
        if (str_starts(text, word)) return true;
    return false;
}

static bool find_type(str key, const type_list *lists, size_t n, doc_type *out) {
    for (size_t i = 0; i < n; i++) {
        if (!has_word(key, lists[i].words)) continue;
        if (lists[i].type == DOC_TYPE_COUNT) return false;
        *out = lists[i].type;
        return true;
    }
    return false;
}

bool title_type(str text, doc_type *out) {
    char key[HEADER_KEY];
    return find_type(header_key(text, false, key), title_words, ARRAY_LEN(title_words), out);
}

bool title_is_amount(str text) {
    char key[HEADER_KEY];
    return has_word(header_key(text, false, key), "金额 销售额 营业额 万元 amount revenue");
}

int64_t title_factor(str text) {
    static const struct {
        str word;
        int64_t factor;
    } units[] = {{{"百万元", 9}, 1000000}, {{"万元", 6}, 10000}, {{"千元", 6}, 1000}, {{"亿元", 6}, 100000000}};
    for (size_t i = 0; i < ARRAY_LEN(units); i++)
        if (str_has(text, units[i].word)) return units[i].factor;
    return 1;
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

int title_year(str text) {
    int found = 0;
    for (size_t i = 0; i + 4 <= text.n; i++) {
        if ((i > 0 && is_digit(text.p[i - 1])) || !is_digit(text.p[i])) continue;
        size_t n = 0;
        int v = 0;
        while (i + n < text.n && n < 9 && is_digit(text.p[i + n])) n++;
        for (size_t k = i; k < i + 4 && k < text.n && is_digit(text.p[k]); k++) v = v * 10 + (text.p[k] - '0');
        bool year = (n == 4 || n == 6 || n == 8) && v >= 1990 && v < 2200;
        if (year && found && found != v) return 0;
        if (year) found = v;
    }
    return found;
}

/* The length of a day written at the start of s (2026-03-31, 2026年3月31日, 20260331), else 0. */
static size_t day_at_start(str s, day_t *out) {
    static const date_rule rule = {.order = DATE_YMD};
    const char *wanted, *hint;
    bool month_only;
    for (size_t n = 17; n >= 8; n--) { /* the longest first: 2026年12月31日 has 17 bytes */
        if (n > s.n || !utf8_valid(str_take(s, n)) || (n < s.n && is_digit(s.p[n]))) continue;
        if (date_read(str_take(s, n), &rule, out, &month_only, &wanted, &hint) && !month_only) return n;
    }
    return 0;
}

bool title_day(str text, day_t *out) {
    bool found = false;
    if (has_word(text, "打印 制表 导出 生成")) return false;
    for (size_t i = 0; i < text.n; i++) {
        day_t day;
        if (!is_digit(text.p[i]) || (i > 0 && is_digit(text.p[i - 1]))) continue;
        size_t n = day_at_start(str_skip(text, i), &day);
        if (n == 0) continue;
        if (found && day != *out) return false;
        *out = day;
        found = true;
        i += n - 1;
    }
    return found;
}

bool gift_word(str text) {
    return str_has(text, STR("赠"));
}

bool type_word(str cell, doc_type *out, bool *gift) {
    char text[HEADER_KEY];
    str key = header_key(cell, false, text);
    *gift = gift_word(key);
    if (doc_type_parse(key, out)) return true;
    return key.n > 0 && find_type(key, cell_words, ARRAY_LEN(cell_words), out);
}

total_word total_of(str cell) {
    static const struct {
        total_word what;
        const char *words;
    } lists[] = {
        {TOTAL_RUNNING, "累计 本年累计 本月累计"},
        {TOTAL_SUB, "小计 本页合计 本页小计 页小计 subtotal sub-total"},
        {TOTAL_GRAND, "合计 总计 共计 总合计 grandtotal total"},
    };
    if (cell.n == 0 || cell.n > 60) return TOTAL_NONE;
    char text[HEADER_KEY];
    str key = header_key(cell, false, text);
    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        str rest = str_of(lists[i].words);
        for (str word; str_split(&rest, ' ', &word);) {
            str after = str_skip(key, word.n);
            bool alone = str_starts(key, word) && (after.n == 0 || strchr(":(0123456789", after.p[0]));
            bool of_group = word.p[0] & 0x80 && str_ends(key, word); /* 华东小计 */
            if (alone || of_group) return lists[i].what;
        }
    }
    return TOTAL_NONE;
}

bool nil_word(str cell) {
    static const char *const known[] = {"nil", "零申报", "零报告", "0申报"};
    str s = str_trim(cell);
    for (size_t i = 0; s.n <= 12 && i < ARRAY_LEN(known); i++)
        if (str_ieq(s, str_of(known[i]))) return true;
    return false;
}

bool footer_word(str cell) {
    char text[HEADER_KEY];
    str key = header_key(cell, false, text);
    return starts_with_word(key,
                            "制表 制单 审核 复核 打印 经办 主管 负责人 会计 出纳 仓管 保管 签字 签收 盖章 备注: 说明: "
                            "注: 填表 统计人 导出 数据来源 第 共 page printed preparedby approvedby");
}
