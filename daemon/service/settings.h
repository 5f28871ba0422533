/* settings — the daemon's configuration file: only what this machine needs. What changes results is a journaled setting
 * (catalog/settings.h). */
#ifndef SERVICE_SETTINGS_H
#define SERVICE_SETTINGS_H

#include "base/config.h"

#define LISTEN_HTTP     "127.0.0.1:7480" /* unless it is said otherwise */
#define LISTEN_HTTP_ANY "127.0.0.1:0"

typedef struct daemon_config {
    char listen_agents[128], listen_http[128];
    int64_t map_bytes, readers, log_level;
    int64_t agent_late_ms, backup_late_ms;
    char http_certificate[512], http_key[512];
    int64_t http_connections, http_per_address, http_slow_ms;
    char hooks_allow[1024], hooks_link[512];
    int64_t hooks_timeout_ms, hooks_retry_ms, hooks_retry_most_ms, hooks_tries;
} daemon_config;

extern const config_schema daemon_schema;

/** Defaults, then the file (NULL: none), then the --set assignments. */
MUST_USE bool daemon_config_load(const char *file, const char *const *sets, size_t set_count, daemon_config *out,
                                 err *e);

#endif
