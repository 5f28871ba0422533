#include "formats/formats.h"

#include "formats/sheet.h"
#include "proto/digest.h"
#include "proto/limits.h"
#include <inttypes.h>

static const format *const format_rows[] = {&csv_format, &edifact_format, &x12_format,    &xlsx_format,
                                            &xls_format, &markup_format,  &foreign_format};

static const format *surest(str bytes) {
    const format *best = NULL;
    int most = 0;
    for (size_t i = 0; i < ARRAY_LEN(format_rows); i++) {
        int sure = format_rows[i]->sniff(bytes);
        if (sure <= most) continue;
        best = format_rows[i];
        most = sure;
    }
    return best;
}

static bool bounded(const source *in, err *e) {
    uint64_t size = source_size(in);
    if (size == 0) return err_set(e, ERR_DATA, "%s: the file is empty", in->name);
    if (size > LIMIT_FILE_BYTES)
        return err_set(e, ERR_DATA, "%s: %" PRIu64 " bytes, a file has at most %d; split it by month", in->name, size,
                       LIMIT_FILE_BYTES);
    return true;
}

bool formats_read(const source *in, const mapping *m, docset *out, err *e) {
    TRY(bounded(in, e));
    const format *f = surest(in->bytes);
    if (f == NULL) return err_set(e, ERR_DATA, "%s: no known format; wanted Excel, CSV, EDIFACT or X12", in->name);
    out->file_name = arena_str(&out->text, str_take(str_of(in->name), LIMIT_FILE_NAME));
    out->size = source_size(in);
    TRY(source_sha256(in, out->sha256, e));
    out->dialect = str_of(f->name);
    if (m) out->mapping = arena_str(&out->text, m->name);
    TRY(f->read(in, m, out, e) || err_wrap(e, "%s", in->name));
    docset_finish(out);
    return true;
}

bool sheets_visit(const source *in, sheets_fn fn, void *arg, err *e) {
    static const struct {
        const format *f;
        bool (*visit)(const source *in, sheets_fn fn, void *arg, err *e);
    } makes[] = {
        {&xlsx_format, xlsx_visit}, {&xls_format, xls_visit}, {&markup_format, markup_visit}, {&csv_format, csv_visit}};
    uint64_t size = source_size(in);
    const format *f = size && size <= LIMIT_FILE_BYTES ? surest(in->bytes) : NULL;
    for (size_t i = 0; i < ARRAY_LEN(makes); i++)
        if (makes[i].f == f) return makes[i].visit(in, fn, arg, e);
    return err_set(e, ERR_DATA, "the file is no table");
}

static bool top_of(void *arg, const sheet_source *from, err *e) {
    (void)e;
    sheets_top(from, arg);
    return true;
}

void formats_head(const source *in, buf *out) {
    err e;
    if (!sheets_visit(in, top_of, out, &e)) buf_clear(out);
}

void formats_top(const source *in, buf *out) {
    if (surest(in->bytes) != &csv_format) formats_head(in, out);
}
