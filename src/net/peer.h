/* peer.h -- whom a request comes from: the address of the connection, or, where a proxy of ours stands in front, the one
 * that the proxy tells.
 *
 * X-Forwarded-For is believed only from the peers that are configured (`serve --proxy`). Each proxy adds at the right end
 * whom it was reached by; so the list is read from the right, past our own proxies, and the first other address is it.
 * What a stranger writes there himself stands further left and is never reached. A broken entry ends the search: the
 * address is then the last good one. IPv6 is cut to its /64, what one household or host has for itself. Pure. */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include <netinet/in.h>
#include <sys/socket.h>

enum { PEERS_MAX = 16 };

struct peers {
	struct in6_addr at[PEERS_MAX]; /* IPv4 as mapped addresses */
	size_t n;
};

/* "127.0.0.1,10.0.0.2,::1"; NULL and "" are none. RC_INVALID names what is no address. */
MUST_USE enum rc peers_parse(const char *list, struct peers *out, struct err *err);
/* NULL for an address of neither family gives an empty text. forwarded: the header as it came, or empty. */
str peer_of(struct arena *a, const struct peers *proxies, const struct sockaddr *from, str forwarded);
