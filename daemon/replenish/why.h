/* why — a suggestion in words: one sentence and one table, in English and Chinese. */
#ifndef REPLENISH_WHY_H
#define REPLENISH_WHY_H

#include "daemon/replenish/plan.h"

typedef enum language { LANGUAGE_EN, LANGUAGE_ZH, LANGUAGES } language;

/** One sentence: what to order and why it is this number: demand, lead time, safety, on hand, on the way, rounding. `notes`
 *  (may be NULL): what the history said beside its figures. */
void replenish_why(const replenish_suggestion *s, const demand_notes *notes, language l, buf *out);
/** What changed since the last suggestion, largest effect on the quantity first; empty when nothing did. */
void replenish_changed(const replenish_suggestion *before, const replenish_suggestion *now, language l, buf *out);

typedef struct why_row {
    const char *name;  /* "safety_stock" */
    const char *words; /* in the language asked for */
    int64_t value;     /* thousandths: of base units or days */
} why_row;
enum { WHY_ROWS = 16 };
/** The table, in the order of the reckoning. Returns how many rows. */
size_t replenish_table(const replenish_suggestion *s, language l, why_row row[static WHY_ROWS]);

#endif
