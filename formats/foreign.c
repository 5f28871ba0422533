/* Files that are certainly something else: one clear line instead of a guess at columns. A kind that becomes readable
 * gets its own format and leaves this table. */
#include "formats/formats.h"

static const struct foreign_row {
    const char *begins;
    size_t length; /* of `begins`, which may hold NUL */
    const char *what, *hint;
} foreign_rows[] = {
    {"EDI_DC40", 8, "an SAP IDoc", "export the sales lines as CSV"},
    {"MIME-Version:", 13, "a web archive (MHTML)", "save it as XLSX"},
    {"\x09\x00\x04\x00", 4, "a workbook of Excel 2", "save it as XLSX"},
    {"\x09\x02\x06\x00", 4, "a workbook of Excel 3", "save it as XLSX"},
    {"\x09\x04\x06\x00", 4, "a workbook of Excel 4", "save it as XLSX"},
    {"%PDF", 4, "a PDF document", "export the sales lines as CSV"},
    {"\x1f\x8b", 2, "a gzip archive", "unpack it first"},
    {"<", 1, "XML or HTML", "export the sales lines as CSV"},
    {"{", 1, "JSON", "export the sales lines as CSV"},
};

static bool matches(const struct foreign_row *row, str s) {
    return str_starts(s, str_from(row->begins, row->length));
}

static const struct foreign_row *foreign_row_of(str bytes) {
    str head = str_take(bytes, 512), text = str_trim(head);
    for (size_t i = 0; i < ARRAY_LEN(foreign_rows); i++)
        if (matches(&foreign_rows[i], text) || matches(&foreign_rows[i], head)) return &foreign_rows[i];
    return NULL;
}

static int foreign_sniff(str bytes) {
    return foreign_row_of(bytes) ? 80 : 0;
}

static bool foreign_read(const source *in, const mapping *m, docset *out, err *e) {
    (void)m, (void)out;
    const struct foreign_row *row = foreign_row_of(in->bytes);
    return err_set(e, ERR_DATA, "%s is not read here; wanted Excel, CSV, EDIFACT or X12; %s", row->what, row->hint);
}

const format foreign_format = {"foreign", foreign_sniff, foreign_read};
