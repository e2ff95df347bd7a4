/* outbound.c -- see outbound.h. */
#include "net/outbound.h"
#include "base/buf.h"
#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void prepare(void)
{
	curl_global_init(CURL_GLOBAL_DEFAULT);
}

/* The host of scheme://host[:port][/path]; empty when there is none, or a user stands before it. */
static str host_of(const char *url)
{
	size_t at = str_find(str_of(url), STR("://"));
	str rest = at == SIZE_MAX ? (str){0} : str_from(str_of(url), at + 3), path;
	str host = str_cut(rest, '/', &path);
	if (str_find_byte(host, '@') != SIZE_MAX)
		return (str){0};
	if (str_starts(host, STR("["))) {
		size_t end = str_find_byte(host, ']');
		return end == SIZE_MAX ? (str){0} : (str){host.p + 1, end - 1};
	}
	str port;
	return str_cut(host, ':', &port);
}

static bool is_here(const char *url)
{
	str h = host_of(url);
	return str_is(h, "localhost") || str_starts(h, STR("127.")) || str_is(h, "::1");
}

bool outbound_may(const char *url, bool mail)
{
	str u = str_of(url);
	if (host_of(url).n == 0 || u.n > 500)
		return false;
	for (size_t i = 0; i < u.n; i++)
		if ((unsigned char)u.p[i] <= 0x20 || (unsigned char)u.p[i] >= 0x7f)
			return false;
	if (mail)
		return str_starts(u, STR("smtps://")) || str_starts(u, STR("smtp://"));
	return str_starts(u, STR("https://")) || (str_starts(u, STR("http://")) && is_here(url));
}

static bool leads_astray(const struct sockaddr *at)
{
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)(const void *)at;
	uint32_t a;
	if (at->sa_family == AF_INET) {
		a = ntohl(((const struct sockaddr_in *)(const void *)at)->sin_addr.s_addr);
	} else if (at->sa_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&six->sin6_addr)) {
		memcpy(&a, six->sin6_addr.s6_addr + 12, sizeof a);
		a = ntohl(a);
	} else {
		return at->sa_family != AF_INET6 || IN6_IS_ADDR_LOOPBACK(&six->sin6_addr) ||
		       IN6_IS_ADDR_UNSPECIFIED(&six->sin6_addr) || IN6_IS_ADDR_LINKLOCAL(&six->sin6_addr) ||
		       IN6_IS_ADDR_MULTICAST(&six->sin6_addr);
	}
	return a >> 24 == 127 || a >> 24 == 0 || a >> 16 == 0xA9FE || a >> 28 >= 14;
}

/* Asked by libcurl for each address that the name leads to. */
static curl_socket_t open_socket(void *user, curlsocktype purpose, struct curl_sockaddr *at)
{
	(void)purpose;
	const char *configured = user;
	char text[INET6_ADDRSTRLEN] = "";
	const void *raw =
		at->family == AF_INET
			? (const void *)&((const struct sockaddr_in *)(const void *)&at->addr)->sin_addr
			: (const void *)&((const struct sockaddr_in6 *)(const void *)&at->addr)->sin6_addr;
	inet_ntop(at->family, raw, text, sizeof text);
	bool named = str_is(host_of(configured), text) || str_is(host_of(configured), "localhost");
	if (leads_astray(&at->addr) && !named)
		return CURL_SOCKET_BAD;
	return socket(at->family, at->socktype | SOCK_CLOEXEC, at->protocol);
}

struct answer {
	size_t bytes;
};

static size_t drop(char *p, size_t size, size_t n, void *user)
{
	(void)p;
	struct answer *x = user;
	x->bytes += size * n;
	return x->bytes > OUTBOUND_ANSWER_MAX_BYTES ? 0 : size * n;
}

static CURL *begin(const char *configured, const char *url, struct answer *x)
{
	pthread_once(&once, prepare);
	CURL *c = curl_easy_init();
	if (c == NULL)
		return NULL;
	curl_easy_setopt(c, CURLOPT_URL, url);
	curl_easy_setopt(
		c, CURLOPT_PROTOCOLS_STR, is_here(configured) ? "https,http,smtps,smtp" : "https,smtps,smtp");
	curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(c, CURLOPT_PROXY, ""); /* nor what the environment says */
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_TIMEOUT, (long)OUTBOUND_SECONDS_MAX);
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, 10L);
	curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(c, CURLOPT_OPENSOCKETDATA, (void *)(uintptr_t)configured);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, drop);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, x);
	curl_easy_setopt(c, CURLOPT_USERAGENT, "qinghe/" QINGHE_VERSION);
	return c;
}

static enum rc perform(CURL *c, bool http, struct err *err)
{
	long status = 0;
	CURLcode code = c ? curl_easy_perform(c) : CURLE_FAILED_INIT;
	if (code == CURLE_OK)
		curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
	if (code != CURLE_OK)
		return FAIL(err, RC_IO, "the message could not be handed over: %s", curl_easy_strerror(code));
	if (http && (status < 200 || status > 299))
		return FAIL(err, RC_IO, "the message could not be handed over: the other side answered %ld",
			status);
	return RC_OK;
}

/* Nothing that ends a header line or names another host. */
static bool plain(str s, const char *also_not)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] <= 0x20 || s.p[i] == 0x7f || strchr(also_not, s.p[i]))
			return false;
	return s.n > 0;
}

enum rc outbound_post(struct arena *a, const char *base, str path, str body, str id, struct err *err)
{
	struct answer x = {0};
	if (!outbound_may(base, false) || !plain(path, "@\\\"<>#") || path.p[0] != '/' ||
		str_starts(path, STR("//")) || str_find(path, STR("..")) != SIZE_MAX || !plain(id, ""))
		return FAIL(err, RC_INVALID, "this is no address that messages may go to");
	str b = str_of(base);
	while (str_ends(b, STR("/")))
		b.n--;
	CURL *c = begin(base, arena_printf(a, "%.*s%.*s", STR_ARG(b), STR_ARG(path)), &x);
	struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
	headers = curl_slist_append(headers, arena_printf(a, "Idempotency-Key: %.*s", STR_ARG(id)));
	if (c) {
		curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers);
		curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE, (long)body.n);
		curl_easy_setopt(c, CURLOPT_POSTFIELDS, body.p ? body.p : "");
	}
	enum rc rc = perform(c, true, err);
	curl_slist_free_all(headers);
	curl_easy_cleanup(c);
	return rc;
}

struct letter {
	str rest;
};

static size_t feed(char *to, size_t size, size_t n, void *user)
{
	struct letter *l = user;
	size_t take = l->rest.n < size * n ? l->rest.n : size * n;
	if (take)
		memcpy(to, l->rest.p, take);
	l->rest = str_from(l->rest, take);
	return take;
}

static void base64(struct buf *b, str s)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	for (size_t i = 0; i < s.n; i += 3) {
		size_t left = s.n - i < 3 ? s.n - i : 3;
		uint32_t v = 0;
		for (size_t k = 0; k < 3; k++)
			v = v << 8 | (k < left ? (unsigned char)s.p[i + k] : 0);
		for (size_t k = 0; k < 4; k++)
			buf_putc(b, k <= left ? digits[v >> (18 - 6 * k) & 63] : '=');
		if (i % 57 == 54)
			buf_puts(b, "\r\n");
	}
}

enum rc outbound_mail(struct arena *a, const char *server, const char *from, str to, str subject, str body,
	str id, struct err *err)
{
	struct answer x = {0};
	struct buf text;
	if (!outbound_may(server, true) || !plain(to, "<>\",;\\") || !plain(str_of(from), "<>\",;\\") ||
		str_find_byte(to, '@') == SIZE_MAX || !plain(id, "<>@"))
		return FAIL(err, RC_INVALID, "this is no address that messages may go to");
	buf_init(&text, 1 << 20);
	buf_printf(&text, "From: <%s>\r\nTo: <%.*s>\r\nMessage-ID: <%.*s@qinghe>\r\nSubject: =?UTF-8?B?",
		from, STR_ARG(to), STR_ARG(id));
	base64(&text, str_head(subject, 45)); /* one encoded word */
	buf_puts(&text, "?=\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\n"
			"Content-Transfer-Encoding: base64\r\n\r\n");
	base64(&text, body);
	buf_puts(&text, "\r\n");
	struct letter letter = {buf_str(&text)};
	CURL *c = begin(server, server, &x);
	struct curl_slist *whom = curl_slist_append(NULL, arena_cstr(a, to));
	if (c) {
		curl_easy_setopt(c, CURLOPT_MAIL_FROM, from);
		curl_easy_setopt(c, CURLOPT_MAIL_RCPT, whom);
		curl_easy_setopt(c, CURLOPT_UPLOAD, 1L);
		curl_easy_setopt(c, CURLOPT_READFUNCTION, feed);
		curl_easy_setopt(c, CURLOPT_READDATA, &letter);
		/* from outside this machine never in the clear */
		curl_easy_setopt(
			c, CURLOPT_USE_SSL, (long)(is_here(server) ? CURLUSESSL_TRY : CURLUSESSL_ALL));
	}
	enum rc rc = perform(c, false, err);
	curl_slist_free_all(whom);
	curl_easy_cleanup(c);
	buf_done(&text);
	return rc;
}
