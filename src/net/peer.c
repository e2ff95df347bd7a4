/* peer.c -- see peer.h. */
#include "net/peer.h"
#include <arpa/inet.h>
#include <string.h>

static bool parse(str text, struct in6_addr *out)
{
	char c[INET6_ADDRSTRLEN + 1];
	struct in_addr v4;
	if (text.n == 0 || text.n >= sizeof c)
		return false;
	memcpy(c, text.p, text.n);
	c[text.n] = 0;
	if (inet_pton(AF_INET, c, &v4) == 1) {
		memset(out, 0, sizeof *out);
		out->s6_addr[10] = out->s6_addr[11] = 0xff;
		memcpy(out->s6_addr + 12, &v4, 4);
		return true;
	}
	return inet_pton(AF_INET6, c, out) == 1;
}

enum rc peers_parse(const char *list, struct peers *out, struct err *err)
{
	str rest = str_of(list ? list : "");
	*out = (struct peers){0};
	while (rest.n > 0) {
		str one = str_trim(str_cut(rest, ',', &rest));
		if (out->n == PEERS_MAX)
			return FAIL(err, RC_INVALID, "at most %d proxies", (int)PEERS_MAX);
		if (!parse(one, &out->at[out->n]))
			return FAIL(err, RC_INVALID, "“%.*s” is no address of a proxy, such as 127.0.0.1",
				STR_ARG(str_head(one, 60)));
		out->n++;
	}
	return RC_OK;
}

static bool ours(const struct peers *p, const struct in6_addr *at)
{
	for (size_t i = 0; i < p->n; i++)
		if (memcmp(&p->at[i], at, sizeof *at) == 0)
			return true;
	return false;
}

static str text_of(struct arena *a, struct in6_addr at)
{
	char text[INET6_ADDRSTRLEN] = "";
	if (IN6_IS_ADDR_V4MAPPED(&at)) {
		inet_ntop(AF_INET, at.s6_addr + 12, text, sizeof text);
	} else {
		memset(at.s6_addr + 8, 0, 8);
		inet_ntop(AF_INET6, &at, text, sizeof text);
	}
	return arena_str(a, str_of(text));
}

/* The last entry of a list, cut off it. */
static str last(str *list)
{
	size_t n = list->n;
	while (n > 0 && list->p[n - 1] != ',')
		n--;
	str one = str_trim(str_from(*list, n));
	*list = str_head(*list, n ? n - 1 : 0);
	return one;
}

/* 203.0.113.7:4711, [2001:db8::1]:4711 and [2001:db8::1] too, as some proxies write them. */
static str without_port(str s)
{
	size_t end = str_find_byte(s, ']'), colon = str_find_byte(s, ':');
	if (s.n && s.p[0] == '[' && end != SIZE_MAX)
		return str_head(str_from(s, 1), end - 1);
	if (colon != SIZE_MAX && str_find_byte(str_from(s, colon + 1), ':') == SIZE_MAX)
		return str_head(s, colon);
	return s;
}

str peer_of(struct arena *a, const struct peers *proxies, const struct sockaddr *from, str forwarded)
{
	struct in6_addr at = {0}, next;
	if (from == NULL || (from->sa_family != AF_INET && from->sa_family != AF_INET6))
		return STR("");
	if (from->sa_family == AF_INET) {
		at.s6_addr[10] = at.s6_addr[11] = 0xff;
		memcpy(at.s6_addr + 12, &((const struct sockaddr_in *)(const void *)from)->sin_addr, 4);
	} else {
		at = ((const struct sockaddr_in6 *)(const void *)from)->sin6_addr;
	}
	while (forwarded.n > 0 && ours(proxies, &at)) {
		if (!parse(without_port(last(&forwarded)), &next))
			break;
		at = next;
	}
	return text_of(a, at);
}
