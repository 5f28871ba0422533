#include "daemon/service/guard.h"

#include <linux/tcp.h>
#include <string.h>
#include <sys/socket.h>

void guard_begin(guard *g, int fd, int64_t now_ms) {
    socklen_t n = sizeof g->peer;
    *g = (guard){.since_ms = now_ms};
    if (getpeername(fd, (struct sockaddr *)&g->peer, &n) != 0) memset(&g->peer, 0, sizeof g->peer);
}

void guard_delivered(guard *g, uint64_t bytes) {
    g->delivered += bytes + GUARD_FRAME_BYTES;
}

bool guard_within(const guard *g, uint64_t received, uint64_t granted, int64_t now_ms) {
    uint64_t age_s = (uint64_t)(now_ms - g->since_ms) / 1000;
    return received <= g->delivered + granted + LIMIT_GUARD_SLACK + age_s * GUARD_BYTES_SECOND;
}

bool guard_late(const guard *g, int64_t now_ms) {
    return !g->heard && now_ms - g->since_ms >= LIMIT_HANDSHAKE_MS;
}

static bool same_peer(const guard *g, int fd) {
    struct sockaddr_storage now = {0};
    socklen_t n = sizeof now;
    return getpeername(fd, (struct sockaddr *)&now, &n) == 0 && memcmp(&now, &g->peer, sizeof now) == 0;
}

bool guard_received(int fd, uint64_t *bytes) {
    struct tcp_info info = {0};
    socklen_t n = sizeof info;
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &n) != 0) return false;
    *bytes = info.tcpi_bytes_received;
    return true;
}

void guard_cut(const guard *g, int fd) {
    if (same_peer(g, fd)) (void)shutdown(fd, SHUT_RDWR);
}
