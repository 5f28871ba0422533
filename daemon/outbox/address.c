#include "daemon/outbox/address.h"

#include "base/num.h"
#include <arpa/inet.h>
#include <netinet/in.h>

enum { V4_BITS = 96 };

static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

typedef struct net {
    const char *of;
    unsigned bits;
} net;

/* Not for everybody. */
static const net closed4[] = {
    {"0.0.0.0", 8},       {"10.0.0.0", 8},     {"100.64.0.0", 10},  {"127.0.0.0", 8},     {"168.63.129.16", 32},
    {"169.254.0.0", 16},  {"172.16.0.0", 12},  {"192.0.0.0", 24},   {"192.0.2.0", 24},    {"192.31.196.0", 24},
    {"192.52.193.0", 24}, {"192.88.99.0", 24}, {"192.168.0.0", 16}, {"192.175.48.0", 24}, {"198.18.0.0", 15},
    {"198.51.100.0", 24}, {"203.0.113.0", 24}, {"224.0.0.0", 4},    {"240.0.0.0", 4},
};

/* Within 2000::/3, which alone is given out; 2002::/16 and 2001::/32 carry IPv4 addresses of their own. */
static const net closed6[] = {
    {"2001::", 23}, {"2001:db8::", 32}, {"2002::", 16}, {"2620:4f:8000::", 48}, {"3fff::", 20},
};

static bool parse4(const char *z, address *out) {
    memcpy(out->p, mapped, sizeof mapped);
    return inet_pton(AF_INET, z, out->p + sizeof mapped) == 1;
}

static bool is_mapped(const address *a) {
    return memcmp(a->p, mapped, sizeof mapped) == 0;
}

static bool within(const address *a, const address *of, unsigned bits) {
    unsigned whole = bits / 8, rest = bits % 8;
    if (memcmp(a->p, of->p, whole) != 0) return false;
    return rest == 0 || (a->p[whole] ^ of->p[whole]) >> (8 - rest) == 0;
}

static bool within_any(const address *a, const net *n, size_t count, bool v4) {
    for (size_t i = 0; i < count; i++) {
        address of;
        bool ok = v4 ? parse4(n[i].of, &of) : inet_pton(AF_INET6, n[i].of, of.p) == 1;
        ASSERT(ok);
        if (within(a, &of, n[i].bits + (v4 ? V4_BITS : 0))) return true;
    }
    return false;
}

/* 64:ff9b::/96 leads to the IPv4 address in its end. */
static void unwrap(address *a) {
    static const uint8_t nat64[12] = {0, 0x64, 0xff, 0x9b};
    if (memcmp(a->p, nat64, sizeof nat64) == 0) memcpy(a->p, mapped, sizeof mapped);
}

bool address_of(const struct sockaddr *sa, socklen_t n, address *out) {
    if (sa->sa_family == AF_INET && n >= sizeof(struct sockaddr_in)) {
        struct sockaddr_in in;
        memcpy(&in, sa, sizeof in);
        memcpy(out->p, mapped, sizeof mapped);
        memcpy(out->p + sizeof mapped, &in.sin_addr, 4);
        return true;
    }
    if (sa->sa_family != AF_INET6 || n < sizeof(struct sockaddr_in6)) return false;
    struct sockaddr_in6 in6;
    memcpy(&in6, sa, sizeof in6);
    memcpy(out->p, &in6.sin6_addr, sizeof out->p);
    unwrap(out);
    return true;
}

bool address_parse(str s, address *out) {
    char z[INET6_ADDRSTRLEN + 1];
    if (s.n == 0 || s.n >= sizeof z) return false;
    (void)str_copy_z(s, z, sizeof z);
    if (parse4(z, out)) return true;
    if (inet_pton(AF_INET6, z, out->p) != 1) return false;
    unwrap(out);
    return true;
}

bool address_is_public(const address *a) {
    if (is_mapped(a)) return !within_any(a, closed4, ARRAY_LEN(closed4), true);
    return a->p[0] >> 5 == 1 && !within_any(a, closed6, ARRAY_LEN(closed6), false);
}

/* ---- hooks.allow */

static bool host_name_ok(str s) {
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool ok = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
        if (!ok) return false;
    }
    return s.n > 0 && s.n < LIMIT_TEXT && s.p[0] != '.' && s.p[0] != '-';
}

/* "10.1.0.0/16"; an address alone is all its bits. */
static bool parse_net(str s, struct allow_row *out) {
    size_t slash = str_find(s, STR("/"));
    int64_t bits = 128;
    if (!address_parse(str_take(s, slash == SIZE_MAX ? s.n : slash), &out->net)) return false;
    bool v4 = is_mapped(&out->net);
    if (slash != SIZE_MAX && !dec_parse(str_skip(s, slash + 1), 0, &bits, NULL)) return false;
    if (slash != SIZE_MAX && v4) bits += V4_BITS;
    out->bits = (unsigned)bits;
    return bits >= (v4 ? V4_BITS : 0) && bits <= 128;
}

bool allow_parse(str text, allow_list *out, err *e) {
    str piece;
    *out = (allow_list){.n = 0};
    while (str_split(&text, ',', &piece)) {
        struct allow_row row = {.bits = 0};
        piece = str_trim(piece);
        if (piece.n == 0) continue;
        bool digits = str_has(piece, STR(":")) || str_has(piece, STR("/"));
        bool known = parse_net(piece, &row);
        if (!known && (digits || !host_name_ok(piece)))
            return err_set(e, ERR_CONFIG, "hooks.allow: '%.*s' is no network (10.1.0.0/16, fd00::/8) and no host name",
                           STR_ARG(str_take(piece, 60)));
        if (!known) (void)str_copy_z(piece, row.host, sizeof row.host);
        if (out->n == LIMIT_HOOKS_ALLOW)
            return err_set(e, ERR_CONFIG, "hooks.allow: more than %d entries", LIMIT_HOOKS_ALLOW);
        out->row[out->n++] = row;
    }
    return true;
}

static bool listed(const allow_list *l, const address *a) {
    for (size_t i = 0; i < l->n; i++)
        if (l->row[i].host[0] == '\0' && within(a, &l->row[i].net, l->row[i].bits)) return true;
    return false;
}

static bool listed_name(const allow_list *l, str host) {
    if (str_ends(host, STR("."))) host.n--;
    for (size_t i = 0; i < l->n; i++)
        if (l->row[i].host[0] && str_ieq(str_of(l->row[i].host), host)) return true;
    return false;
}

bool allow_address(const allow_list *l, str host, const address *a) {
    return address_is_public(a) || listed(l, a) || listed_name(l, host);
}

bool allow_host(const allow_list *l, str host) {
    address a;
    if (str_starts(host, STR("[")) && str_ends(host, STR("]"))) host = str_take(str_skip(host, 1), host.n - 2);
    return listed_name(l, host) || (address_parse(host, &a) && listed(l, &a));
}
