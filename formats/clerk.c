#include "formats/clerk.h"

#include "base/str.h"
#include <stdlib.h>

/* English as the code says it, Chinese as a clerk reads it. */
static const struct {
    const char *en, *zh;
} rows[] = {
    /* wanted, by readers of tables */
    {"a date", "日期"},
    {"write the date as 2026-03-21", "日期写成 2026-03-21"},
    {"a date as in the other rows of this column", "和本列其他行一样的日期"},
    {"a date (a spreadsheet's serial number lies between 20000 and 80000)",
     "日期（表格的日期序号在 20000 到 80000 之间）"},
    {"a date whose order of day, month and year is clear", "能分清年、月、日的日期"},
    {"a whole date: this may be a month of a year or a day of a month", "完整的日期：这里分不清是年月还是月日"},
    {"a day of the calendar", "日历上有的日子"},
    {"say the order in the mapping: dates: d/m/y (or m/d/y, y/m/d)",
     "在映射里写明日期顺序：dates: d/m/y（或 m/d/y、y/m/d）"},
    {"correct the date, or say its order in the mapping: dates: d/m/y", "改正日期，或在映射里写明顺序：dates: d/m/y"},
    {"a number", "数字"},
    {"a number of a plausible size", "大小合理的数字"},
    {"a number with a decimal comma", "用逗号作小数点的数字"},
    {"a number of at most 3 decimals", "最多三位小数"},
    {"it was rounded", "已四舍五入"},
    {"no action needed", "不用处理"},
    {"a number whose decimal mark is clear: this column has both ',' and '.' as decimal mark",
     "小数点明确的数字：本列既有 ',' 又有 '.'"},
    {"all digits of the number: format the column as a number without exponent and export again",
     "完整的数字：把列设为数值（不用科学计数）后重新导出"},
    {"correct the number, or say in the mapping how numbers are written (decimal, scale)",
     "改正数字，或在映射里写明数字的写法（decimal、scale）"},
    {"a product code", "商品编码"},
    {"fill in the product", "填上商品编码"},
    {"a quantity or an amount", "数量或金额"},
    {"an amount", "金额"},
    {"fill in the number", "填上数字"},
    {"a type: sale, return, receipt, shipment, return_out, transfer, stock or payment",
     "单据类型：销售、退货、入库、发货、退厂、调拨、库存或付款"},
    {"say in the mapping what the word means: types: {word: sale}", "在映射里写明这个词的意思：types: {词: sale}"},
    {"a shorter text (at most 256 bytes)", "短一些的文字（最多 256 字节）"},
    {"shorten it, or leave the column out", "改短，或去掉这一列"},
    {"a text without control characters", "没有控制字符的文字"},
    {"export the file again", "重新导出文件"},
    {"a whole code: the spreadsheet made it a number and lost its digits", "完整的编码：表格把它变成了数字，丢了位数"},
    {"format the column as text before filling it and export again", "先把列设为文本再填，然后重新导出"},
    {"a value: the formula in this cell has no result", "数值：这个单元格的公式没有结果"},
    {"mend it, save the file in Excel or WPS, send it again", "改好，在 Excel 或 WPS 里保存后再发"},
    {"a currency of three letters", "三个字母的币种"},
    {"write CNY, USD …", "写 CNY、USD 等"},
    {"incl or excl", "incl 或 excl"},
    {"write incl (含税) or excl (不含税)", "写 incl（含税）或 excl（不含税）"},
    {"Y or N", "Y 或 N"},
    {"write Y for goods given free", "赠品写 Y"},
    {"cells of at most 32768 bytes", "单元格最多 32768 字节"},
    {"at most 512 columns", "最多 512 列"},
    {"no more cells than the header has names", "单元格不多于表头的列数"},
    {"put cells that contain the separator between quotes", "内容里有分隔符的单元格要加引号"},
    {"at most 65536 lines in one document", "一张单据最多 65536 行"},
    {"give documents numbers, or split the file by place", "给单据编号，或按门店拆分文件"},
    {"rows are missing or were changed by hand", "缺行，或有行被手工改过"},
    {"the rows count as they stand", "按现有各行计算"},
    {"a name beside the figures (they are not the sum of the rows)", "数字旁边要有名称（它不是各行的合计）"},
    {"fill in what they belong to, or remove the row", "填上是什么的数字，或删去这一行"},
    {"mend the sheet, or remove it if it is not meant to be sent", "改好这张表；不该发的就删掉"},
    {"a file that can be read", "能读的文件"},
    {"channel-agent check FILE shows how it is read", "用 channel-agent check 文件 看看是怎么读的"},
    {"the brands of the mapping", "映射里列出的品牌"},
    /* the centre */
    {"a product code of the catalogue", "厂家认识的商品编码"},
    {"add an alias or the product", "等厂家对上编码；编码写错了就改正"},
    {"the line then posts itself", "对上后自动入账，不用再发"},
    {"its check digit is wrong", "条码校验位不对，请核对"},
    {"a unit of the product", "这个商品有的单位"},
    {"add the unit to the product or an alias of kind unit", "等厂家加上这个单位；单位写错了就改正"},
    {"a partner", "厂家认识的往来单位"},
    {"add the partner or an alias of kind partner", "等厂家加上这个单位；名称写错了就改正"},
    {"a customer", "客户"},
    {"a place of sale below the reporter", "本单位下面的门店"},
    {"add the place as a partner or an alias", "等厂家加上这个门店；名称写错了就改正"},
    {"a region", "地区"},
    {"posted with region unknown", "已入账，地区不明"},
    {"add an alias of kind region", "等厂家对上地区"},
    {"a date from accept.oldest to tomorrow", "在收账期内、不晚于明天的日期"},
    {"correct the file, or the setting accept.oldest", "改正日期"},
    {"a line that can be posted", "能入账的行"},
    {"correct the file and send it again", "改正后再发"},
    {"quantity × unit_price", "数量 × 单价"},
    {"the amount holds", "以金额为准"},
    {"a whole number of thousandths of the base unit", "基本单位的千分之整数"},
    {"rounded to the nearest", "已四舍五入"},
    {"the lines sent before, or a number on each document", "以前发过的行，或每张单据有单号"},
    {"if both files stand, say no_number: add in the mapping", "两个文件都要算，就在映射里写 no_number: add"},
    {"the version that holds", "有效的版本"},
    {"a document with at most 64 different contents", "一张单据最多 64 个不同内容"},
    {"give the document a new number", "换一个单号"},
    {"the next part of the document", "单据的下一部分"},
    {"send the whole file again", "整个文件再发一次"},
    {"the agent's own partner or one below it", "本单位或下级单位"},
    {"the id of a partner", "单位编号"},
    {"a file that was taken whole", "整个都被接收的文件"},
    {"lines of it were refused, so nothing that is missing in it was reversed: mend it and push it again",
     "有行被退回，所以文件里没有的单据都没有冲销：改好后再发"},
    {"at most 8192 missing documents with 131072 lines", "最多缺 8192 张单据、131072 行"},
    {"more than that is missing in this file, so nothing was reversed: replace a shorter span",
     "文件里缺的太多，什么都没有冲销：把期间改短"},
    {"days without lines", "没有明细的日子"},
    {"that day has lines: they count, the nil report does not", "这一天有明细：以明细为准，零申报不算数"},
    {"withdraw the one that is wrong", "哪个错了就撤回哪个"},
    /* mending */
    {"a row of the sheet that was given out", "发出来的表里的行"},
    {"put new rows into a file of their own", "新的行请放进自己的文件"},
    {"each row once", "每行只出现一次"},
    {"remove one of the two", "删去其中一行"},
    /* doubts */
    {"usually", "平常是"},
    {"open days", "可报日期"},
    {"the file's month", "文件的月份"},
    {"this is", "本单位是"},
    {"before", "以前有"},
    {"check the quantity", "核对数量"},
    {"confirm if it was sold like that", "确实如此就确认"},
    {"check price and amount", "核对单价和金额"},
    {"confirm if they are right", "没错就确认"},
    {"check the unit: the figure fits another unit of the product (case for bottle)",
     "核对单位：这个数像是商品的另一个单位（箱当成了瓶）"},
    {"the day has not come yet: correct the date", "日子还没到：改正日期"},
    {"the period is closed at the centre: correct the date, or ask the manufacturer",
     "这个期间厂家已关账：改正日期，或问厂家"},
    {"the file speaks of another month: is it the right file, and are the dates right?",
     "文件说的是另一个月：文件拿对了吗，日期对吗？"},
    {"the title names another company: is it the right file?", "标题里是另一个单位：文件拿对了吗？"},
    {"most of what was sent before is missing: is the export complete?", "以前发过的少了一大半：导出完整吗？"},
    /* types of documents */
    {"sale", "销售"},
    {"return", "退货"},
    {"receipt", "入库"},
    {"shipment", "发货"},
    {"return_out", "退厂"},
    {"transfer", "调拨"},
    {"stock", "库存"},
    {"payment", "付款"},
};

/* The same with words of the file in them: each * stands for some, in the same order in both. */
static const struct {
    const char *en, *zh;
} forms[] = {
    {"title above the header: *", "表头上面的标题：*"},
    {"no type column: read as sale", "没有单据类型列：按销售读"},
    {"no type column: read as *, from '*'", "没有单据类型列：按 * 读，依据“*”"},
    {"no date column: all rows are of *, from '*'", "没有日期列：所有行都算 *，依据“*”"},
    {"no column of product codes: the names stand for them", "没有商品编码列：用商品名称代替"},
    {"* columns could be *: the first, '*', is read", "有 * 列都可能是 *：读第一列“*”"},
    {"column '*' is not read: its month is there already", "“*”列不读：这个月已经有了"},
    {"column '*' is not read: the amount stands on another tax basis", "“*”列不读：它的税基与金额不同"},
    {"column '*' is not read: * is taken from '*'", "“*”列不读：* 取自“*”"},
    {"amounts are read as multiples of *, from '*'", "金额乘以 * 读，依据“*”"},
    {"the mapping names brands, but no column says a row's brand: all rows are read",
     "映射里写了品牌，但文件里没有品牌列：所有行都读"},
    {"dates that are only a month are read as its last day", "只有年月的日期按当月最后一天读"},
    {"total without a name, compared with the rows", "没有名称的合计：已与各行核对"},
    {"repeated header", "重复的表头"},
    {"example row", "示例行"},
    {"another brand: stays here", "别的品牌：不发出"},
    {"left out by the mapping's skip", "按映射里的 skip 跳过"},
    {"total, compared with the rows", "合计行：已与各行核对"},
    /* EDI */
    {"an interchange that is no test", "正式（不是测试）的报文"},
    {"it was read", "已照读"},
    {"a mapping with edifact: {test: refuse} leaves such out", "映射里写 edifact: {test: refuse} 就不读"},
    {"*, as counted here", "*（按内容数出来的）"},
    {"reference *", "参考号 *"},
    {"what is there was read", "有的内容已照读"},
    {"ask the sender whether something is missing", "问发送方是否缺了内容"},
    {"ask the sender to mend the reference", "请发送方改正参考号"},
    {"the segment that closes what is open", "收尾的段"},
    {"the file may be cut off", "文件可能不完整"},
    {"PTD * (*) moves no goods", "PTD *（*）不动货，不读"},
    /* a whole file that cannot be read */
    {"*: no header row among the first * rows (row * reads: *); wanted columns for date, sku and quantity or amount; "
     "name "
     "them in a mapping",
     "*：前 * 行里没有表头（第 * 行是：*）；要有日期、商品编码、数量或金额这几列；名称不同就写在映射里"},
    {"*: the header in row * (*) has no column for: *; name it in a mapping",
     "*：第 * 行的表头（*）缺少：*；在映射里写明是哪一列"},
    {"*: none of * sheets can be read; the first reason: *", "*：* 张表都读不了；第一个原因：*"},
    {"*: neither UTF-8 nor GB18030: byte * is *; save the file as UTF-8 and send it again",
     "*：既不是 UTF-8 也不是 GB18030（第 * 个字节是 *）；另存为 UTF-8 再发"},
    {"no row of data below the header in row *", "第 * 行的表头下面没有数据"},
    {"the month column '*' has no year; wanted one in the header, the title or the mapping (year: *)",
     "月份列“*”没有年份；在表头、标题或映射里写明（year: *）"},
    {"*: segment *: * is not read here; wanted *", "*：第 * 段：这里不读 *；能读 *"},
    {"*: * is not read here; wanted *; export the sales lines as CSV", "*：这里不读 *；能读 *；请把销售明细导出为 CSV"},
};

static const struct {
    const char *name, *zh;
} columns[] = {
    {"sku", "商品编码"},
    {"unit", "单位"},
    {"currency", "币种"},
    {"customer", "客户"},
    {"place", "门店"},
    {"ship_to", "收货地区"},
    {"date", "日期"},
    {"quantity", "数量"},
    {"unit_price", "单价"},
    {"amount", "金额"},
    {"type", "单据类型"},
    {"number", "单号"},
    {"version", "版本"},
    {"partner", "单位"},
    {"batch", "批号"},
    {"reference", "来源单号"},
    {"counterparty", "往来单位"},
    {"title", "标题"},
    {"lines", "行数"},
};

static str whole_text(str en) {
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (str_is(en, rows[i].en)) return str_of(rows[i].zh);
    return STR_NONE;
}

static bool append(str s, char *room, size_t size, size_t *n) {
    if (*n + s.n >= size) return false;
    memcpy(room + *n, s.p, s.n);
    *n += s.n;
    return true;
}

enum { WORDS_OF_A_FORM = 4, CLAUSE_BYTES = 1024, FORM_LEAST = 16 };

/* Does the text have this form? What stands for each *: as little as goes, the last to the end of the text. */
static bool has_form(str text, str form, str word[static WORDS_OF_A_FORM]) {
    size_t n = 0;
    for (;;) {
        size_t star = str_find(form, STR("*"));
        str plain = star == SIZE_MAX ? form : str_take(form, star);
        if (!str_starts(text, plain)) return false;
        text = str_skip(text, plain.n);
        if (star == SIZE_MAX) return text.n == 0;
        form = str_skip(form, star + 1);
        size_t next = str_find(form, STR("*"));
        str after = next == SIZE_MAX ? form : str_take(form, next);
        if (after.n > text.n || n == WORDS_OF_A_FORM) return false;
        size_t at = next == SIZE_MAX ? text.n - after.n : str_find(text, after);
        if (at == SIZE_MAX) return false;
        word[n++] = str_take(text, at);
        text = str_skip(text, at);
    }
}

static str formed_text(str en, char *room, size_t size);

/* What stands for a * may be such a text itself: it is shorter each time. */
static bool say_form(str zh, const str *word, char *room, size_t size, size_t *n) {
    for (;; word++) {
        char piece[CLAUSE_BYTES];
        size_t star = str_find(zh, STR("*"));
        str named = star == SIZE_MAX ? STR("") : whole_text(*word);
        if (named.p == NULL && word->n > FORM_LEAST) named = formed_text(*word, piece, sizeof piece);
        if (!append(star == SIZE_MAX ? zh : str_take(zh, star), room, size, n)) return false;
        if (star == SIZE_MAX) return true;
        if (!append(named.p ? named : *word, room, size, n)) return false;
        zh = str_skip(zh, star + 1);
    }
}

static str formed_text(str en, char *room, size_t size) {
    str word[WORDS_OF_A_FORM];
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(forms); i++)
        if (has_form(en, str_of(forms[i].en), word))
            return say_form(str_of(forms[i].zh), word, room, size, &n) ? str_from(room, n) : STR_NONE;
    return STR_NONE;
}

str clerk_text(bool zh, str en, char *room, size_t size) {
    str all = zh ? whole_text(en) : en, rest = en;
    size_t n = 0;
    if (all.p) return all;
    all = formed_text(en, room, size);
    if (all.p) return all;
    while (rest.n) {
        size_t at = str_find(rest, STR("; "));
        char piece[CLAUSE_BYTES];
        str clause = at == SIZE_MAX ? rest : str_take(rest, at), said = whole_text(clause);
        if (said.p == NULL) said = formed_text(clause, piece, sizeof piece);
        rest = at == SIZE_MAX ? STR("") : str_skip(rest, at + 2);
        if (!append(said.p ? said : clause, room, size, &n) || (rest.n && !append(STR("；"), room, size, &n)))
            return en;
    }
    return str_from(room, n);
}

str clerk_column(bool zh, str name) {
    for (size_t i = 0; zh && i < ARRAY_LEN(columns); i++)
        if (str_is(name, columns[i].name)) return str_of(columns[i].zh);
    return name;
}

bool clerk_speaks_zh(void) {
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        const char *v = getenv(names[i]);
        if (v && v[0]) return str_starts(str_of(v), STR("zh"));
    }
    return false;
}

size_t clerk_rows(void) {
    return ARRAY_LEN(rows);
}

const char *clerk_row(size_t i, const char **zh) {
    *zh = rows[i].zh;
    return rows[i].en;
}
