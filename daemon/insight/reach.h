/* reach — how much of the channel a figure rests on, cheaply: which share of the partners that report has reported until its
 * last day (daemon/ledger/duties.h weighs the periods owed; that is for `report coverage`). One look a partner. */
#ifndef INSIGHT_REACH_H
#define INSIGHT_REACH_H

#include "daemon/insight/figures.h"
#include "daemon/ledger/document.h"

typedef struct reach {
    uint32_t partners; /* that report, or owe reports */
    uint32_t reported; /* of them, those with lines, or that said "nothing", of that day or a later one */
} reach;

/** Of the partners listed, or of the provinces: until `until`. */
void reach_of(txn *t, const figure_scope *s, doc_type type, day_t until, reach *out);

#endif
