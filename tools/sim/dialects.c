#include "tools/sim/dialects.h"
#include "base/num.h"

#define SALES    (1u << TYPE_SALE)
#define COUNTS   (1u << TYPE_STOCK)
#define GOODS_IN (1u << TYPE_RECEIPT)
#define ALL      (SALES | COUNTS | GOODS_IN)

static const sheet_paper gb_csv = {.write = paper_csv,
                                   .separator = ',',
                                   .decimal = '.',
                                   .thousands = true,
                                   .day = "%d/%u/%u",
                                   .letters = LETTERS_GB18030};
static const sheet_paper marked_csv = {
    .write = paper_csv, .separator = ',', .decimal = '.', .day = "%04d-%02u-%02u", .letters = LETTERS_UTF8_MARK};
static const sheet_paper bracket_csv = {.write = paper_csv,
                                        .separator = ',',
                                        .decimal = '.',
                                        .thousands = true,
                                        .brackets = true,
                                        .day = "%04d%02u%02u",
                                        .letters = LETTERS_GB18030};
static const sheet_paper tab_text = {.write = paper_csv, .separator = '\t', .decimal = '.', .day = "%04d-%02u-%02u"};
static const sheet_paper semicolon_csv = {
    .write = paper_csv, .separator = ';', .decimal = ',', .thousands = true, .day = "%04d-%02u-%02u"};
static const sheet_paper unicode_text = {
    .write = paper_csv, .separator = '\t', .decimal = '.', .day = "%d年%u月%u日", .letters = LETTERS_UTF16};
static const sheet_paper web_page = {.write = paper_html, .decimal = '.', .thousands = true, .day = "%04d-%02u-%02u"};
static const sheet_paper workbook = {.write = paper_xlsx};

const sim_dialect sim_dialects[] = {
    {"canonical", "csv", ALL, A_DAY, .versions = true, .write = write_canonical},
    {"gb18030", "csv", ALL, A_MONTH, .write = write_sheet, .style = &style_plain, .paper = &gb_csv},
    {"guanjiapo", "csv", ALL, A_MONTH, .write = write_sheet, .style = &style_guanjiapo, .paper = &marked_csv},
    {"kingdee", "csv", ALL, A_DAY, .write = write_sheet, .style = &style_kingdee, .paper = &gb_csv},
    {"yonyou", "csv", ALL, A_MONTH, .write = write_sheet, .style = &style_yonyou, .paper = &bracket_csv},
    {"months", "csv", SALES, A_YEAR, .totals_only = true, .write = write_months, .paper = &gb_csv},
    {"matrix", "xlsx", SALES, A_YEAR, .totals_only = true, .write = write_matrix, .paper = &workbook},
    {"tab", "txt", ALL, A_DAY, .write = write_sheet, .style = &style_english, .paper = &tab_text},
    {"semicolon", "csv", ALL, A_MONTH, .write = write_sheet, .style = &style_english, .paper = &semicolon_csv},
    {"utf16", "txt", ALL, A_MONTH, .write = write_sheet, .style = &style_kingdee, .paper = &unicode_text},
    {"xlsx", "xlsx", ALL, A_MONTH, .write = write_sheet, .style = &style_yonyou, .paper = &workbook},
    {"html", "xls", ALL, A_MONTH, .write = write_sheet, .style = &style_guanjiapo, .paper = &web_page},
    {"slsrpt", "edi", SALES | COUNTS, A_DAY, .versions = true, .write = write_slsrpt},
    {"slsrpt-items", "edi", SALES | COUNTS, A_DAY, .versions = true, .write = write_slsrpt_items},
    {"867", "x12", SALES, A_DAY, .versions = true, .write = write_867},
    {"852", "x12", SALES | COUNTS, A_DAY, .unnumbered = true, .write = write_852},
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
