/* totals — rows that state sums (小计, 合计, Total) are no data but a check of it: each measured column keeps its
 * running sums, a total row is compared with them. */
#ifndef FORMATS_TOTALS_H
#define FORMATS_TOTALS_H

#include "formats/header.h"

/* Sums of one column as the file states it, in the column's own scale. */
typedef struct tally {
    __int128 part, page, all; /* since the last 小计, since the last 合计, of the whole sheet */
    bool any;
} tally;

void tally_add(tally *t, int64_t v);

/** Does the stated total agree, within `slack`, with a sum it may mean? Else *nearest is the sum it should have been.
 *  A 累计 is of more than this file and always agrees. */
bool tally_agrees(const tally *t, total_word word, int64_t stated, int64_t slack, int64_t *nearest);
/** After a total row: what it closed starts again. */
void tally_close(tally *t, total_word word);

#endif
