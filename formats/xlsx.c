#include "formats/sheet.h"
#include "formats/workbook.h"

typedef struct reading {
    workbook *w;
    size_t next;
} reading;

static bool next_sheet(void *self, table_rows *rows, bool *more, err *e) {
    reading *r = self;
    *more = r->next < workbook_sheets(r->w);
    return !*more || workbook_rows(r->w, r->next++, rows, e);
}

static int sniff(str bytes) {
    return str_starts(bytes, STR("PK\3\4")) || str_starts(bytes, STR("PK\5\6")) ? 90 : 0;
}

static bool read_xlsx(const source *in, const mapping *m, docset *out, err *e) {
    AUTO(workbook) *w = NULL;
    TRY(workbook_open(in, &w, e));
    out->charset = STR("utf-8");
    if (workbook_hidden(w).n) sheets_note_hidden(out, workbook_hidden(w));
    reading r = {.w = w};
    return sheets_read(&(sheet_source){&r, next_sheet}, in, m, out, e);
}

bool xlsx_visit(const source *in, sheets_fn fn, void *arg, err *e) {
    AUTO(workbook) *w = NULL;
    TRY(workbook_open(in, &w, e));
    reading r = {.w = w};
    return fn(arg, &(sheet_source){&r, next_sheet}, e);
}

const format xlsx_format = {"xlsx", sniff, read_xlsx};
