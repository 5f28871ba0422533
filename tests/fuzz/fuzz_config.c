/* links: base */
#include "base/config.h"

typedef struct sample {
    char listen[64], note[16];
    int64_t grace_ms, map_bytes, threads, level;
    bool quiet;
} sample;

static const config_key keys[] = {
    {"listen", CONFIG_ENDPOINT, CONFIG_AT(sample, listen), "tcp://127.0.0.1:7400", 1, 63, NULL, false, "Address."},
    {"note", CONFIG_TEXT, CONFIG_AT(sample, note), "", 0, 8, NULL, true, "A note."},
    {"grace", CONFIG_DURATION, CONFIG_AT(sample, grace_ms), "30s", 1000, 3600000, NULL, true, "Silence allowed."},
    {"map", CONFIG_SIZE, CONFIG_AT(sample, map_bytes), "16MiB", 1 << 20, 1 << 30, NULL, false, "Map size."},
    {"threads", CONFIG_COUNT, CONFIG_AT(sample, threads), "2", 1, 16, NULL, false, "Readers."},
    {"level", CONFIG_CHOICE, CONFIG_AT(sample, level), "info", 0, 0, "error|warn|info", true, "Log level."},
    {"quiet", CONFIG_BOOL, CONFIG_AT(sample, quiet), "no", 0, 0, NULL, true, "Say less."},
};
static const config_schema schema = {keys, ARRAY_LEN(keys)};

/* What was accepted is within its bounds, and printed it reads back as the same. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    sample s, back;
    err e;
    config_presets(&schema, &s);
    if (!config_parse(&schema, str_from(data, size), "fuzz", &s, &e)) return 0;
    ASSERT(s.grace_ms >= 1000 && s.grace_ms <= 3600000 && s.threads >= 1 && s.threads <= 16);
    buf out = {0};
    config_print(&schema, &s, &out);
    config_presets(&schema, &back);
    ASSERT(config_parse(&schema, buf_str(&out), "printed", &back, &e));
    ASSERT(config_may_reload(&schema, &s, &back, &e) && s.grace_ms == back.grace_ms);
    buf_free(&out);
    return 0;
}
