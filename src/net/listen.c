/* listen.c -- see listen.h. */
#include "net/listen.h"
#include "base/buf.h"
#include "net/http.h"
#include <arpa/inet.h>
#include <stdio.h>

bool listen_parse(const char *listen, struct listen_at *out)
{
	struct sockaddr_in *in = (struct sockaddr_in *)(void *)&out->at;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)(void *)&out->at;
	char host[64];
	const char *colon = strrchr(listen, ':');
	int64_t port;
	*out = (struct listen_at){0};
	if (colon == NULL || !str_i64(str_of(colon + 1), &port) || port < 0 || port > 65535)
		return false;
	str h = {listen, (size_t)(colon - listen)};
	if (str_starts(h, STR("[")) && str_ends(h, STR("]")))
		h = (str){h.p + 1, h.n - 2};
	if (str_is(h, "localhost"))
		h = STR("127.0.0.1");
	if (h.n == 0 || h.n >= sizeof host)
		return false;
	memcpy(host, h.p, h.n);
	host[h.n] = 0;
	if (inet_pton(AF_INET, host, &in->sin_addr) == 1) {
		in->sin_family = AF_INET;
		in->sin_port = htons((uint16_t)port);
		out->loopback = ntohl(in->sin_addr.s_addr) >> 24 == 127;
		return true;
	}
	memset(&out->at, 0, sizeof out->at);
	if (inet_pton(AF_INET6, host, &in6->sin6_addr) != 1)
		return false;
	in6->sin6_family = AF_INET6;
	in6->sin6_port = htons((uint16_t)port);
	out->ip6 = true;
	out->loopback = IN6_IS_ADDR_LOOPBACK(&in6->sin6_addr);
	return true;
}

bool http_is_loopback(const char *listen)
{
	struct listen_at w;
	return listen_parse(listen, &w) && w.loopback;
}

enum rc listen_file(const char *path, char **out, struct err *err)
{
	FILE *f = fopen(path, "rb");
	if (f == NULL)
		return FAIL(err, RC_INVALID, "%s cannot be opened", path);
	struct buf b;
	char piece[4096];
	buf_init(&b, 1 << 20);
	for (size_t n; (n = fread(piece, 1, sizeof piece, f)) > 0;)
		buf_add(&b, (str){piece, n});
	bool bad = ferror(f) || !buf_ok(&b);
	fclose(f);
	if (bad || b.n == 0) {
		buf_done(&b);
		return FAIL(err, RC_INVALID, "%s cannot be read", path);
	}
	*out = b.p;
	return RC_OK;
}
