/* code_import — files of codes: lists (CSV, XLSX) and EPCIS. */
#ifndef COMMAND_CODE_IMPORT_H
#define COMMAND_CODE_IMPORT_H

#include "daemon/command/problems.h"

typedef struct code_sums {
    uint64_t rows, added, changed, unchanged; /* of lists */
    uint64_t events, repeated;                /* of EPCIS: new ones, and those known already */
    problems p;
} code_sums;

MUST_USE bool code_import_list(call *c, const attachment *file, int64_t at_ms, code_sums *s, err *e);
MUST_USE bool code_import_epcis(call *c, const attachment *file, str feed, code_sums *s, err *e);

#endif
