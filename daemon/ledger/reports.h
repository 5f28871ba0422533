/* reports — what a partner reported of each day, by type: lines that are posted or wait, and days of which it said that
 * there was nothing (零申报). Kept for the types that a duty can ask for (report_asked). Of a reporter, not of the place
 * where lines stand: what a branch files for its shop is the branch's report.
 *
 *   report_day  reporter u32, type u8, nil u8, day i32, document u64
 *             → upload u64, lines, waiting (varints), then currency u32, amount i64 of what is posted, by currency
 *
 * `upload` is the first that stands and brought the document (of a nil report: its content): when the day came to be
 * known. */
#ifndef LEDGER_REPORTS_H
#define LEDGER_REPORTS_H

#include "daemon/ledger/document.h"
#include "daemon/ledger/posting.h"

typedef struct report_row {
    day_t day;
    uint64_t document, upload;
    uint32_t lines, waiting; /* waiting: of the lines, how many are in quarantine */
    str sums;                /* borrowed */
} report_row;

bool report_asked(doc_type type);

/** Rows of a reporter and type from a day on, in the order of days: report_next() until false or beyond the last day
 *  wanted; then kv_end(). */
kv_cursor report_rows(txn *t, uint32_t reporter, doc_type type, bool nil, day_t from);
bool report_next(kv_cursor *c, report_row *out);

/** What is posted in a currency, minor units; *other is set when there are amounts in another. */
int64_t report_amount(const report_row *row, uint32_t currency, bool *other);

/** Add what a document's posting says, or take it out; for put.c. */
void reports_put(txn *t, const document *d, const posting *p, bool there, buf *scratch);

#endif
