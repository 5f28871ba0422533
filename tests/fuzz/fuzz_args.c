/* links: proto; compiles: daemon/command/args.c */
#include "daemon/command/args.h"

/* The first line is the syntax's number, the rest are words, one a line. Whatever was accepted names only what was
 * sent. */
static const char *const syntaxes[] = {
    "",
    "<sku> [--partner ID] [--date D]",
    "<FILE\xe2\x80\xa6> [--mapping FILE.yaml] [--final|--onward]",
    "[id] --reason TEXT [--level province|city|county]",
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0) return 0;
    str rest = str_from(data + 1, size - 1), words[LIMIT_ARGS + 8];
    size_t n = 0;
    while (n < ARRAY_LEN(words) && str_split(&rest, '\n', &words[n])) n++;
    call_args a;
    err e;
    if (!args_parse("fuzz", syntaxes[data[0] % ARRAY_LEN(syntaxes)], words, n, &a, &e)) {
        ASSERT(e.code == ERR_USAGE && e.text[0] != '\0');
        return 0;
    }
    ASSERT(a.positionals + a.options <= n && a.files <= n);
    return 0;
}
