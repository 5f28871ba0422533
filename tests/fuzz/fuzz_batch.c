/* links: proto */
#include "proto/batch.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static volatile uint64_t sink; /* keeps the reads */

/* Whatever decodes must be safe to read in every row, and its documents to digest. */
static void read_all(const batch *b) {
    AUTO(arena) scratch = {0};
    uint8_t digest[32];
    uint64_t sum = 0;
    arena_init(&scratch, SIZE_MAX);
    for (uint32_t row = 0; row < b->lines; row++) {
        for (size_t c = 0; c < LINE_TEXT_COUNT; c++) sum += str_hash(column_text(&b->line_text[c], row));
        for (size_t c = 0; c < LINE_NUMBER_COUNT; c++) sum += (uint64_t)column_number(b->line_number[c], row);
    }
    for (uint32_t d = 0; d < b->docs; d++) {
        for (size_t c = 0; c < DOC_TEXT_COUNT; c++) sum += str_hash(column_text(&b->doc_text[c], d));
        batch_document_digest(b, d, &scratch, digest);
        arena_reset(&scratch);
    }
    if (b->doc_first[b->docs] != b->lines) abort();
    sink = sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    AUTO(arena) a = {0};
    batch b;
    err e;
    arena_init(&a, LIMIT_DECODE_BYTES);
    if (batch_decode(str_from(data, size), &a, &b, &e)) read_all(&b);
    else if (e.code != ERR_DATA)
        abort();
    return 0;
}
