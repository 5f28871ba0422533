/* make_workbook ROWS FILE.xlsx LINES [shared] — a sales sheet of so many rows, LINES of them a document, written by another
 * library than the one that reads it: date, document number, code, name, unit, quantity, price, amount, customer. What it
 * sums up to goes to stdout. `shared`: texts are kept once for all cells, as Excel does; else they stand in the cells. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xlsxwriter.h>

static const char *const headers[] = {"单据日期", "单据编号", "商品编码", "商品名称", "单位",
                                      "数量",     "单价",     "金额",     "客户名称"};

int main(int argc, char **argv) {
    if (argc < 4) return 64;
    uint32_t rows = (uint32_t)strtoul(argv[1], NULL, 10), lines = (uint32_t)strtoul(argv[3], NULL, 10);
    lxw_workbook_options options = {.constant_memory = argc < 5};
    lxw_workbook *book = workbook_new_opt(argv[2], &options);
    lxw_worksheet *sheet = workbook_add_worksheet(book, "销售明细");
    lxw_format *date = workbook_add_format(book);
    format_set_num_format(date, "yyyy\"年\"m\"月\"d\"日\"");
    worksheet_write_string(sheet, 0, 0, "2026年6月销售明细", NULL);
    for (uint16_t c = 0; c < sizeof headers / sizeof *headers; c++)
        worksheet_write_string(sheet, 1, c, headers[c], NULL);
    int64_t quantity = 0, cents = 0;
    for (uint32_t i = 0; i < rows; i++) {
        char number[24], sku[24], name[48], customer[48];
        uint32_t sold = i % 97 + 1, price = 990 + i % 300 * 10;
        (void)snprintf(number, sizeof number, "XS2606%07u", i / lines);
        (void)snprintf(sku, sizeof sku, "69%011u", i * 7919 % 300);
        (void)snprintf(name, sizeof name, "浓香型白酒 52度 %u号", i * 7919 % 300);
        (void)snprintf(customer, sizeof customer, "杭州余杭%u便利店", i / lines % 300);
        worksheet_write_number(sheet, i + 2, 0, 46174 + i / 10000 % 30, date);
        worksheet_write_string(sheet, i + 2, 1, number, NULL);
        worksheet_write_string(sheet, i + 2, 2, sku, NULL);
        worksheet_write_string(sheet, i + 2, 3, name, NULL);
        worksheet_write_string(sheet, i + 2, 4, i % 3 ? "瓶" : "箱", NULL);
        worksheet_write_number(sheet, i + 2, 5, sold, NULL);
        worksheet_write_number(sheet, i + 2, 6, price / 100.0, NULL);
        worksheet_write_number(sheet, i + 2, 7, sold * price / 100.0, NULL);
        worksheet_write_string(sheet, i + 2, 8, customer, NULL);
        quantity += sold;
        cents += (int64_t)sold * price;
    }
    printf("{\"rows\":%u,\"quantity\":\"%lld\",\"amount\":\"%lld.%02d\"}\n", rows, (long long)quantity,
           (long long)(cents / 100), (int)(cents % 100));
    return workbook_close(book) == LXW_NO_ERROR ? 0 : 73;
}
