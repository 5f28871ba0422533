/* codes_body — inside of codes: records as bytes. */
#ifndef TRACE_CODES_BODY_H
#define TRACE_CODES_BODY_H

#include "daemon/trace/codes.h"

/** Of the row of a container: only its number, everything else stands with the container. */
void code_container_encode(uint32_t no, buf *out);
void code_body_encode(const code_body *b, buf *out);
/** Reads a body or the number of a container (*no, else 0). */
bool code_body_decode(reader *r, code_body *out, uint32_t *no);

/* A container's record but for what was put into it. */
typedef struct container_head {
    code_key key;
    code_body body;
    struct emptied {
        int64_t time_ms;
        uint64_t ref;
    } emptied[LIMIT_PACKED];
    uint32_t emptieds;
} container_head;
void container_head_encode(const container_head *h, buf *out);
/** What is left of *r afterwards is what was put in. */
bool container_head_decode(reader *r, container_head *out);
bool container_head_get(txn *t, uint32_t no, container_head *out, str *put_in);

/** The range that has the key, as a row; false: none. */
bool code_range_get(txn *t, const code_key *k, code_row *out);

void contained_put(buf *out, const code_key *before, const contained *x);

#endif
