/* json — a streaming JSON writer into a buf. Commas and escapes are its business; nesting ≤ 32. Text is expected to be
 * UTF-8; bytes that are not are written as U+FFFD. Names keep clear of jansson's, which some programs link too. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/buf.h"

typedef struct json {
    buf *out;
    uint32_t started; /* one bit a level: something was written there */
    unsigned depth;
    bool keyed; /* a key waits for its value */
} json;

json json_into(buf *out);
void json_open_object(json *j);
void json_open_array(json *j);
void json_end_object(json *j);
void json_end_array(json *j);
void json_key(json *j, const char *key);
void json_str(json *j, str s);
void json_z(json *j, const char *z); /* NULL writes null */
void json_int(json *j, int64_t v);
void json_uint(json *j, uint64_t v);
void json_bool(json *j, bool v);
void json_none(json *j);
/** A number as a decimal string, e.g. "1100.00"; NUM_NONE writes null. */
void json_dec(json *j, int64_t v, unsigned scale, unsigned min_decimals);
/** Bytes that are JSON already. */
void json_raw(json *j, str s);

#endif
