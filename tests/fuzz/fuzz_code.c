/* links: proto base */
#include "proto/code.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whatever is a code has one canonical text, and that text is the same code. The lines of the input are read as a code, and
 * the first three as a range. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    str rest = str_from(data, size), line[3] = {{"", 0}, {"", 0}, {"", 0}};
    code_read first, again;
    code_range r;
    code_key stored;
    AUTO(buf) text = {0};
    AUTO(buf) said = {0};
    err e = {0};
    for (size_t i = 0; i < ARRAY_LEN(line); i++) (void)str_split(&rest, '\n', &line[i]);
    if (code_range_parse(line[0], line[1], line[2], &r, &e)) {
        code_key last = code_at(&r.first, r.to);
        ASSERT(r.from <= r.to && str_eq(code_str(&last), code_str(&r.last)));
    }
    if (!code_parse(line[0], &first, &e)) {
        ASSERT(e.code == ERR_DATA && e.text[0]);
        return 0;
    }
    ASSERT(first.key.n > 0 && first.key.n <= LIMIT_CODE_KEY && code_key_of(code_str(&first.key), &stored));
    code_text(&first.key, &text);
    code_warn(&said, &first);
    ASSERT(text.n > 0 && (said.n > 0) == (first.warnings != 0));
    ASSERT(code_parse(buf_str(&text), &again, &e) && str_eq(code_str(&again.key), code_str(&first.key)));
    return 0;
}
