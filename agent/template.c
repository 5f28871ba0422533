/* template — writes the fill-in sheet of a type of document. */
#include "agent/template.h"

#include "agent/commands.h"
#include "agent/report.h"
#include "base/clock.h"
#include "base/file.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
#include <xlsxwriter.h>

enum { ROWS_TO_FILL = 5000, TITLE = 0, HEADER = 1, EXAMPLE = 2, FIRST = 3 };

typedef enum cell_kind { KIND_DAY, KIND_CODE, KIND_SKU, KIND_UNIT, KIND_TEXT, KIND_NUMBER } cell_kind;

typedef struct column {
    const char *types; /* s sale, k stock, r receipt: which sheets have it */
    const char *header;
    cell_kind kind;
    bool wanted; /* must be filled in */
    const char *note, *example;
} column;

static const column columns[] = {
    {"skr", "日期", KIND_DAY, true, "业务日期，写成 2026-03-21。库存填盘点日期。", NULL},
    {"s r", "单据编号", KIND_CODE, false, "本单位的单号；同一张单的各行写同一个单号。没有可不填。", "XS0001"},
    {"skr", "商品编码", KIND_SKU, true, "本单位自己的商品编码，可从下拉列表选；见“产品”表。", NULL},
    {"skr", "商品名称", KIND_TEXT, false, "便于核对，可不填。", NULL},
    {"skr", "规格", KIND_TEXT, false, "便于核对，可不填。", NULL},
    {"skr", "数量", KIND_NUMBER, true, "退货写负数。", "12"},
    {"skr", "单位", KIND_UNIT, true, "数量所用的单位：瓶、箱……箱和瓶不要混。", NULL},
    {"s r", "单价", KIND_NUMBER, false, "含税单价；填了金额可不填。", "10"},
    {"s r", "金额", KIND_NUMBER, false, "含税金额；填了单价可不填。", "120"},
    {"s", "客户名称", KIND_TEXT, false, "卖给了谁：门店、终端或下级客户的名称。", "某某便利店"},
    {"s", "收货地区", KIND_TEXT, false, "货送到哪里：省市区或地址。", "浙江省杭州市余杭区"},
    {"skr", "批号", KIND_CODE, false, "包装上的生产批号，没有可不填。", "20260101"},
    {"  r", "来源单号", KIND_CODE, false, "厂家的发货单号，便于对账。", "FH0001"},
    {"skr", "备注", KIND_TEXT, false, "随便写什么，不会读取；写着“示例”的行会跳过。", "示例"},
};

static const struct {
    doc_type type;
    char letter;
    const char *sheet, *title;
} sheets[] = {
    {TYPE_SALE, 's', "销售", "销售填报表：一行一个商品，从第 4 行填起"},
    {TYPE_STOCK, 'k', "库存", "库存填报表：一行一个商品的结存，从第 4 行填起"},
    {TYPE_RECEIPT, 'r', "入库", "入库填报表：一行一个商品，从第 4 行填起"},
};

static const char *const instructions[] = {
    "怎么填",
    "1. 只填第一张表，从第 4 行起；表头（第 2 行）不要改名，可以删去不用的列。",
    "2. 第 3 行是示例，备注写着“示例”的行不会读取，删不删都行。",
    "3. 编码、单号、批号列已设为文本：不要改成数字，否则长编码会变成 1.23E+15，丢了数字，整行退回。",
    "4. 日期写成 2026-03-21；数量和单位要配套，退货写负数。",
    "5. 存成 XLSX 后放进 inbox 文件夹，或用 channel-agent push 发送；发之前可以先 channel-agent check 看一遍。",
};

typedef struct writing {
    lxw_workbook *book;
    lxw_worksheet *sheet;
    lxw_format *title, *head, *must, *text, *day, *number, *example;
    const products *p;
    size_t codes, units; /* rows of the product sheet below its header, rows of units beside them */
    char day_text[16];
} writing;

static lxw_format *add_format(writing *w, const char *number_format) {
    lxw_format *f = workbook_add_format(w->book);
    if (number_format) format_set_num_format(f, number_format);
    return f;
}

static void add_formats(writing *w) {
    w->title = add_format(w, NULL);
    format_set_bold(w->title);
    format_set_font_size(w->title, 14);
    w->head = add_format(w, NULL);
    w->must = add_format(w, NULL);
    format_set_bold(w->must);
    for (int i = 0; i < 2; i++) {
        lxw_format *f = i ? w->must : w->head;
        format_set_bg_color(f, i ? 0xFFE699 : 0xDDEBF7);
        format_set_border(f, LXW_BORDER_THIN);
    }
    w->text = add_format(w, "@");
    w->day = add_format(w, "yyyy-mm-dd");
    w->number = add_format(w, "General");
    w->example = add_format(w, "@");
    format_set_italic(w->example);
    format_set_font_color(w->example, 0x808080);
}

static const char *z(const writing *w, uint32_t word, char *room, size_t size) {
    return str_copy_z(products_word(w->p, word), room, size);
}

/* ---- the product sheet: what the lists are chosen from ---- */

static void write_products(writing *w) {
    static const char *const names[] = {"商品编码", "商品名称", "规格", "单位"};
    lxw_worksheet *s = workbook_add_worksheet(w->book, "产品");
    AUTO(map) units = {0};
    char room[LIMIT_TEXT + 1];
    for (uint16_t c = 0; c < ARRAY_LEN(names); c++) worksheet_write_string(s, 0, c, names[c], w->head);
    worksheet_write_string(s, 0, 5, "可选单位", w->head);
    worksheet_set_column(s, 0, 5, 18, w->text);
    for (size_t i = 0; i < w->p->n; i++) {
        const uint32_t cells[] = {w->p->one[i].sku, w->p->one[i].name, w->p->one[i].spec, w->p->one[i].unit};
        lxw_row_t row = (lxw_row_t)++w->codes;
        for (uint16_t c = 0; c < ARRAY_LEN(cells); c++)
            if (cells[c] != WORD_NONE) worksheet_write_string(s, row, c, z(w, cells[c], room, sizeof room), w->text);
        bool fresh = false;
        if (cells[3] != WORD_NONE) (void)map_at(&units, products_word(w->p, cells[3]), &fresh);
        if (fresh) worksheet_write_string(s, (lxw_row_t)++w->units, 5, room, w->text);
    }
}

static void write_instructions(writing *w) {
    lxw_worksheet *s = workbook_add_worksheet(w->book, "说明");
    worksheet_set_column(s, 0, 0, 110, NULL);
    for (uint32_t i = 0; i < ARRAY_LEN(instructions); i++)
        worksheet_write_string(s, i, 0, instructions[i], i == 0 ? w->title : NULL);
}

/* ---- the sheet to fill in ---- */

#ifndef __has_feature
#define __has_feature(x) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
/* For sanitised builds only: libxlsxwriter 1.1.4 keeps the formula of a list until the process ends. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) {
    return "leak:lxw_strdup\n";
}
const char *__lsan_default_options(void);
const char *__lsan_default_options(void) {
    return "print_suppressions=0";
}
#endif

static void choose_from(writing *w, uint16_t c, char list_column, size_t n) {
    char range[64];
    if (n == 0) return;
    (void)snprintf(range, sizeof range, "=产品!$%c$2:$%c$%zu", list_column, list_column, n + 1);
    lxw_data_validation rule = {.validate = LXW_VALIDATION_TYPE_LIST_FORMULA,
                                .value_formula = range,
                                .error_type = LXW_VALIDATION_ERROR_TYPE_WARNING,
                                .error_title = "不在列表里",
                                .error_message = "列表里没有；新的商品或单位可以照填。"};
    worksheet_data_validation_range(w->sheet, EXAMPLE, c, FIRST + ROWS_TO_FILL, c, &rule);
}

static const char *example_of(const writing *w, const column *k, char *room, size_t size) {
    const product *p = w->p->n ? &w->p->one[0] : NULL;
    if (k->kind == KIND_DAY) return w->day_text;
    if (k->kind == KIND_SKU) return p ? z(w, p->sku, room, size) : "6901234567892";
    if (k->kind == KIND_UNIT) return p && p->unit != WORD_NONE ? z(w, p->unit, room, size) : "瓶";
    if (strcmp(k->header, "商品名称") == 0) return p ? z(w, p->name, room, size) : "某某商品";
    if (strcmp(k->header, "规格") == 0) return p ? z(w, p->spec, room, size) : "500ml";
    return k->example;
}

static void write_column(writing *w, uint16_t c, const column *k) {
    char room[LIMIT_TEXT + 1];
    lxw_format *cells = k->kind == KIND_DAY ? w->day : k->kind == KIND_NUMBER ? w->number : w->text;
    lxw_comment_options note = {.visible = LXW_COMMENT_DISPLAY_HIDDEN, .width = 240};
    worksheet_set_column(w->sheet, c, c, k->kind == KIND_NUMBER || k->kind == KIND_UNIT ? 10 : 18, cells);
    worksheet_write_string(w->sheet, HEADER, c, k->header, k->wanted ? w->must : w->head);
    worksheet_write_comment_opt(w->sheet, HEADER, c, k->note, &note);
    worksheet_write_string(w->sheet, EXAMPLE, c, example_of(w, k, room, sizeof room), w->example);
    if (k->kind == KIND_SKU) choose_from(w, c, 'A', w->codes);
    if (k->kind == KIND_UNIT) choose_from(w, c, 'F', w->units);
}

static void write_sheet(writing *w, size_t of) {
    uint16_t c = 0;
    worksheet_write_string(w->sheet, TITLE, 0, sheets[of].title, w->title);
    for (size_t i = 0; i < ARRAY_LEN(columns); i++)
        if (strchr(columns[i].types, sheets[of].letter)) write_column(w, c++, &columns[i]);
    worksheet_freeze_panes(w->sheet, FIRST, 0);
}

/* The library says more than a line when it cannot. */
static bool may_write(const char *path, err *e) {
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    if (fd < 0) return err_set(e, ERR_INTERNAL, "%s cannot be written: %s", path, strerror(errno));
    (void)close(fd);
    return true;
}

bool template_write(const char *path, doc_type type, const products *p, day_t example, err *e) {
    size_t of = 0;
    AUTO(buf) day = {0};
    while (of < ARRAY_LEN(sheets) && sheets[of].type != type) of++;
    if (of == ARRAY_LEN(sheets)) return err_set(e, ERR_USAGE, "a template is of type sale, stock or receipt");
    TRY(may_write(path, e));
    writing w = {.p = p, .book = workbook_new(path)};
    if (w.book == NULL) return err_set(e, ERR_INTERNAL, "%s cannot be written", path);
    day_put(&day, example);
    (void)str_copy_z(buf_str(&day), w.day_text, sizeof w.day_text);
    add_formats(&w);
    w.sheet = workbook_add_worksheet(w.book, sheets[of].sheet);
    write_products(&w);
    write_instructions(&w);
    write_sheet(&w, of);
    lxw_error why = workbook_close(w.book);
    return why == LXW_NO_ERROR || err_set(e, ERR_INTERNAL, "%s cannot be written: %s", path, lxw_strerror(why));
}

/* ---- the command ---- */

/* Without an answer the sheet is as good as before, only without codes to choose from. */
static void ask_centre(const char *dir, products *p) {
    home h;
    err why;
    if (!home_load(dir, &h, &why)) return;
    if (!products_of_centre(p, &h, false, &why))
        (void)fprintf(stderr, "channel-agent: the centre names no products: %s\n", why.text);
    home_close(&h);
}

/* *asked: nothing was known here, so the centre was. Its list is not kept: it may be another tomorrow. */
static bool collect(const call *c, products *p, bool *asked, err *e) {
    const char *file = cli_value(&c->words, "products");
    if (c->home) TRY(products_of_home(p, c->home, e));
    if (file) TRY(products_load(p, file, e));
    *asked = c->home && p->n == 0;
    if (*asked) ask_centre(c->home, p);
    return c->home == NULL || *asked || products_keep(p, c->home, e);
}

bool command_template(const call *c, int *status, err *e) {
    AUTO(products) p = {0};
    bool asked;
    doc_type type;
    const char *kind = cli_value(&c->words, "type"), *path = cli_value(&c->words, "output");
    *status = 0;
    if (path == NULL || c->words.word_count > 0) return err_set(e, ERR_USAGE, "template wants -o FILE.xlsx");
    if (!doc_type_parse(str_of(kind ? kind : "sale"), &type))
        return err_set(e, ERR_USAGE, "--type %s: wanted sale, stock or receipt", kind);
    products_init(&p);
    TRY(collect(c, &p, &asked, e));
    int64_t now = wall_ms();
    TRY(template_write(path, type, &p, day_at(now, local_zone(now)), e));
    printf("%s: %zu product codes%s\n", path, p.n,
           p.n == 0 ? "; none was sent yet: --products FILE.csv names them (sku,name,spec,unit)"
           : asked  ? ", as the centre knows them: none was sent yet"
                    : "");
    return true;
}
