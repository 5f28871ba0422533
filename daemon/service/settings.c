#include "daemon/service/settings.h"

#include "base/file.h"

#define AT(field) CONFIG_AT(daemon_config, field)
#define MIB       (INT64_C(1) << 20)
#define TIB       (INT64_C(1) << 40)
#define DAY       (INT64_C(86400) * 1000)

static const config_key keys[] = {
    {"listen.agents", CONFIG_ENDPOINT, AT(listen_agents), "tcp://0.0.0.0:7400", 1, 120, NULL, false,
     "Where agents connect (ZeroMQ with CURVE). Port 0 takes a free one; DIR/ports.json says which."},
    {"listen.http", CONFIG_ENDPOINT, AT(listen_http), LISTEN_HTTP, 1, 120, NULL, false,
     "Where the dashboard listens. Port 0, and the default where it is taken, gives a free one; DIR/ports.json says "
     "which."},
    {"http.certificate", CONFIG_TEXT, AT(http_certificate), "", 0, 500, NULL, false,
     "A file with the certificate and those above it (PEM): then the dashboard speaks HTTPS only."},
    {"http.key", CONFIG_TEXT, AT(http_key), "", 0, 500, NULL, false, "The file with the certificate's key (PEM)."},
    {"http.connections", CONFIG_COUNT, AT(http_connections), "2048", 16, 60000, NULL, false,
     "Browsers and programs connected at once; further ones wait to be let in."},
    {"http.per_address", CONFIG_COUNT, AT(http_per_address), "256", 4, 60000, NULL, false,
     "Of them from one address. Behind a proxy, which is one address, as many as in all."},
    {"http.slow", CONFIG_DURATION, AT(http_slow_ms), "20s", 100, 600000, NULL, false,
     "A request must be whole after that time, and one must follow the other; uploads have thirty times as long."},
    {"store.map_size", CONFIG_SIZE, AT(map_bytes), "256GiB", MIB, 16 * TIB, NULL, false,
     "Greatest size of the data file; it is sparse and grows as needed. Uploads stop at 95 % of it."},
    {"readers.threads", CONFIG_COUNT, AT(readers), "2", 1, 16, NULL, false,
     "Threads that answer questions beside the uploads."},
    {"log.level", CONFIG_CHOICE, AT(log_level), "info", 0, 0, "error|warn|info|debug", true,
     "The least important events that are logged."},
    {"agents.late", CONFIG_DURATION, AT(agent_late_ms), "26h", 1000, 366 * DAY, NULL, true,
     "An agent that waits longer than that for a commit, or was silent so long, is shown red."},
    {"backup.late", CONFIG_DURATION, AT(backup_late_ms), "7d", 1000, 366 * DAY, NULL, true,
     "A last backup older than that is shown red."},
    {"hooks.allow", CONFIG_TEXT, AT(hooks_allow), "", 0, 1000, NULL, false,
     "Private targets that hooks may reach: networks and host names, like 10.1.0.0/16, erp.intern."},
    {"hooks.link", CONFIG_TEXT, AT(hooks_link), "", 0, 200, NULL, false,
     "Where people reach the dashboard, like https://channel.example.com; links in messages begin so."},
    {"hooks.timeout", CONFIG_DURATION, AT(hooks_timeout_ms), "10s", 100, 60000, NULL, false,
     "A receiver has so long to be reached and to answer."},
    {"hooks.retry", CONFIG_DURATION, AT(hooks_retry_ms), "5s", 10, DAY, NULL, true,
     "The first wait before a message is sent again; each further one is three times as long, half of it at random."},
    {"hooks.retry_most", CONFIG_DURATION, AT(hooks_retry_most_ms), "6h", 10, 7 * DAY, NULL, true,
     "The longest of these waits."},
    {"hooks.tries", CONFIG_COUNT, AT(hooks_tries), "12", 1, 100, NULL, true,
     "After so many attempts a message is a dead letter (`hook replay` sends it again)."},
};

const config_schema daemon_schema = {keys, ARRAY_LEN(keys)};

bool daemon_config_load(const char *file, const char *const *sets, size_t set_count, daemon_config *out, err *e) {
    daemon_config fresh = {0};
    config_presets(&daemon_schema, &fresh);
    if (file != NULL) {
        AUTO(buf) text = {0};
        err why;
        if (!file_read(file, CONFIG_FILE_BYTES, &text, &why)) return err_set(e, ERR_CONFIG, "%s", why.text);
        TRY(config_parse(&daemon_schema, buf_str(&text), file, &fresh, e));
    }
    for (size_t i = 0; i < set_count; i++) TRY(config_set(&daemon_schema, str_of(sets[i]), &fresh, e));
    *out = fresh;
    return true;
}
