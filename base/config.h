/* config — a configuration is a table of keys (config_key rows) and a plain struct they fill. Files are `key: value`
 * lines; # starts a comment. A file is parsed whole and checked whole before anything changes; every failure names file
 * and line. The same table prints the annotated default file.
 *
 *   duration  250ms, 30s, 5m, 2h, 7d        → int64_t milliseconds
 *   size      4096, 64KiB, 16MiB, 256GiB    → int64_t bytes
 *   count     whole number                  → int64_t
 *   bool      yes | no                      → bool
 *   choice    one of key.choices "a|b|c"    → int64_t, its place from 0
 *   text      up to the end of the line     → char[], NUL-terminated
 *   endpoint  HOST:PORT or tcp://HOST:PORT  → char[]; port 0 = any free one
 */
#ifndef BASE_CONFIG_H
#define BASE_CONFIG_H

#include "base/buf.h"
#include "base/err.h"

typedef enum config_type {
    CONFIG_DURATION,
    CONFIG_SIZE,
    CONFIG_COUNT,
    CONFIG_BOOL,
    CONFIG_CHOICE,
    CONFIG_TEXT,
    CONFIG_ENDPOINT,
} config_type;

typedef struct config_key {
    const char *name;
    config_type type;
    size_t at, size;    /* CONFIG_AT(struct, field) */
    const char *preset; /* default, as written in a file */
    int64_t min, max;   /* of the stored value; texts: bytes */
    const char *choices;
    bool reload; /* a running program takes a new value on SIGHUP */
    const char *help;
} config_key;

#define CONFIG_AT(type, field) offsetof(type, field), sizeof(((type *)0)->field)

typedef struct config_schema {
    const config_key *keys;
    size_t count;
} config_schema;

enum { CONFIG_FILE_BYTES = 64 * 1024 };

/** Fill `out` with every key's default. */
void config_presets(const config_schema *s, void *out);
/** Apply a file's text. ERR_CONFIG "FILE:LINE: …"; `out` may then be half filled: parse into a fresh struct and swap.
 */
MUST_USE bool config_parse(const config_schema *s, str text, const char *file, void *out, err *e);
/** Apply one "key=value" of the command line. */
MUST_USE bool config_set(const config_schema *s, str assignment, void *out, err *e);
/** Refuses when a key that needs a restart differs; names it. */
MUST_USE bool config_may_reload(const config_schema *s, const void *old, const void *new, err *e);
/** Every key with default, bounds, unit and help, in the form of a file; values as in `values`. */
void config_print(const config_schema *s, const void *values, buf *out);

#endif
