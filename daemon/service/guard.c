#include "daemon/service/guard.h"

#include <fcntl.h>
#include <linux/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

void guard_begin(guard *g, int fd, int64_t now_ms) {
    socklen_t n = sizeof g->peer;
    *g = (guard){.since_ms = now_ms, .taken_ms = now_ms};
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

/* Exactly what CURVE and ZMTP make of it: an estimate that is a byte too high would add up over the years. Heartbeats
 * and the handshake are left out, which only makes less of what is unread. */
void guard_said(guard *g, uint64_t n) {
    enum { CURVE_BYTES = 33, SHORT = 255, SHORT_HEAD = 2, LONG_HEAD = 9 };
    uint64_t box = n + CURVE_BYTES;
    g->said += box + (box > SHORT ? LONG_HEAD : SHORT_HEAD);
}

uint64_t guard_unread(const guard *g, uint64_t taken) {
    return g->said > taken ? g->said - taken : 0;
}

bool guard_stalled(guard *g, uint64_t taken, int64_t now_ms) {
    if (taken != g->taken || guard_unread(g, taken) <= LIMIT_UNREAD_BYTES) {
        g->taken = taken;
        g->taken_ms = now_ms;
    }
    return now_ms - g->taken_ms >= LIMIT_UNREAD_MS;
}

static bool same_peer(const guard *g, int fd) {
    struct sockaddr_storage now = {0};
    socklen_t n = sizeof now;
    return getpeername(fd, (struct sockaddr *)&now, &n) == 0 && memcmp(&now, &g->peer, sizeof now) == 0;
}

bool guard_counts(int fd, uint64_t *received, uint64_t *taken) {
    struct tcp_info info = {0};
    socklen_t n = sizeof info;
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &n) != 0) return false;
    *received = info.tcpi_bytes_received;
    *taken = info.tcpi_bytes_acked;
    return true;
}

uint64_t guard_memory(void) {
    char text[128];
    unsigned long long size, resident, shared;
    int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (fd >= 0) (void)close(fd);
    text[n > 0 ? n : 0] = '\0';
    if (sscanf(text, "%llu %llu %llu", &size, &resident, &shared) != 3 || resident < shared) return 0;
    return (resident - shared) * (uint64_t)sysconf(_SC_PAGESIZE);
}

void guard_cut(const guard *g, int fd) {
    if (same_peer(g, fd)) (void)shutdown(fd, SHUT_RDWR);
}
