/* A nil report (零申报) in a file: a row whose product is the word itself, or that has the word and no product. Its date is
 * a day, a month or a span; it becomes a document of its own with a line a day. */
#include "formats/line.h"

bool line_is_nil(const line_reader *r, const table_row *row) {
    bool said = false;
    for (size_t i = 0; i < row->cells && !said; i++) said = nil_word(row->cell[i]);
    if (!said) return false;
    str sku = line_cell(r, row, FIELD_T_SKU), name = line_cell(r, row, FIELD_T_NAME);
    return (sku.n == 0 || nil_word(sku)) && (name.n == 0 || nil_word(name));
}

static bool read_part(const line_reader *r, str cell, day_t *first, day_t *last) {
    const char *wanted, *hint;
    bool month;
    if (!date_read(cell_clean(cell), &r->date_rule, last, &month, &wanted, &hint)) return false;
    *first = month ? month_first(month_of(*last)) : *last;
    return true;
}

/* 2026-07-31, 2026年7月, 2026-07-01..2026-07-31, 7/1/2026至7/31/2026. */
static bool read_span(const line_reader *r, str cell, day_t *from, day_t *to) {
    static const str marks[] = {{"..", 2}, {"~", 1}, {"～", 3}, {"至", 3}, {"到", 3}};
    day_t between;
    if (read_part(r, cell, from, to)) return true;
    for (size_t m = 0; m < ARRAY_LEN(marks); m++)
        for (size_t at = 1; at + marks[m].n < cell.n; at++)
            if (str_starts(str_skip(cell, at), marks[m]))
                return read_part(r, str_take(cell, at), from, &between) &&
                       read_part(r, str_skip(cell, at + marks[m].n), &between, to) && *from <= *to;
    return false;
}

static void add_day(line_reader *r, const table_row *row, const doc_head *head, str place, day_t day, str key) {
    doc_line *line = docset_line(r->out);
    line->number[N_DATE] = day;
    line->number[N_ROW] = (int64_t)row->no;
    if (r->sheet) line->number[N_SHEET] = r->sheet;
    if (place.n) line->text[T_PLACE] = words_add(&r->out->words, place);
    docset_place(r->out, head, key);
}

void line_take_nil(line_reader *r, const table_row *row) {
    row_facts x = {.row = row};
    doc_head head;
    AUTO(buf) key = {0};
    day_t from, to;
    str date = line_cell(r, row, FIELD_N_DATE), place = line_cell(r, row, FIELD_T_PLACE);
    uint32_t column = r->l->column[FIELD_N_DATE];
    for (size_t i = 0; i < LINE_NUMBER_COUNT; i++) x.number[i] = NUM_NONE;
    if (!row_type(r, &x) || !row_head(r, &x, &head)) return;
    if (!read_span(r, date, &from, &to))
        return line_refuse(r, row->no, column, date, "the day, month or span of which there was nothing",
                           "write 2026-07, or 2026-07-01..2026-07-31");
    if (to - from >= LIMIT_NIL_DAYS)
        return line_refuse(r, row->no, column, date, "at most 366 days", "send a nil report for each year");
    if (place.n > LIMIT_TEXT || !text_clean(place))
        return line_refuse(r, row->no, r->l->column[FIELD_T_PLACE], place, "a place (at most 256 bytes)",
                           "shorten it, or leave it empty");
    head.text[D_NUMBER] = head.text[D_VERSION] = WORD_NONE;
    head.flags = DOC_NIL;
    buf_be32(&key, (uint32_t)from);
    buf_text(&key, place);
    for (day_t day = from; day <= to; day++) add_day(r, row, &head, place, day, buf_str(&key));
}
