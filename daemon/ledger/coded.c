#include "daemon/ledger/coded.h"

#include <stdlib.h>

coded *coded_of(apply_result *r) {
    if (r->coded) return r->coded;
    r->coded = calloc(1, sizeof *r->coded);
    ASSERT(r->coded != NULL);
    arena_init(&r->coded->a, SIZE_MAX);
    return r->coded;
}

void coded_free(apply_result *r) {
    if (r->coded == NULL) return;
    arena_free(&r->coded->a);
    free(r->coded);
    r->coded = NULL;
}
