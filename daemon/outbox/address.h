/* address — where a message may go. Whoever may name a target must not reach what only this machine or its network
 * reaches, however the address is spelt. A target is looked at when its name has become an address and before anything is
 * connected; what hooks.allow lists is let through.
 *
 * Sources: the special-purpose registries of IANA (RFC 6890 and its updates), RFC 6052 (NAT64), RFC 3056 (6to4). */
#ifndef OUTBOX_ADDRESS_H
#define OUTBOX_ADDRESS_H

#include "base/err.h"
#include "base/str.h"
#include "proto/limits.h"
#include <sys/socket.h>

typedef struct address { /* IPv6; IPv4 as ::ffff:a.b.c.d */
    uint8_t p[16];
} address;

/** Of what a socket would connect to; false: no internet address. A mapped or NAT64 address is the IPv4 address in it. */
bool address_of(const struct sockaddr *sa, socklen_t n, address *out);
/** "10.0.0.1", "fd00::1"; the one spelling of each. */
bool address_parse(str s, address *out);
/** Reached by everybody: not loopback, private, link-local, shared (CGNAT), multicast, reserved, nor a tunnel into those. */
bool address_is_public(const address *a);

/* What hooks.allow says: "10.1.0.0/16, fd00::/8, erp.intern". */
typedef struct allow_list {
    struct allow_row {
        address net;
        unsigned bits;
        char host[LIMIT_TEXT]; /* "" for a network */
    } row[LIMIT_HOOKS_ALLOW];
    size_t n;
} allow_list;

/** ERR_CONFIG names what is no network and no host name. */
MUST_USE bool allow_parse(str text, allow_list *out, err *e);
/** May this address be connected to for the target of that name? */
bool allow_address(const allow_list *l, str host, const address *a);
/** Is the host itself listed, or an address in a listed network? */
bool allow_host(const allow_list *l, str host);

#endif
