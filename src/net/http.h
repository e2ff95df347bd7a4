/* http.h -- the HTTP server: bytes in, request out, answer in, bytes out. libmicrohttpd (epoll, one thread a core) in
 * front of one function, config.handle. Knows no tables, no pages, no users.
 *
 * A request is read whole (headers <= HTTP_HEADER_MAX_BYTES, body <= what config.body_max allows), its address decoded,
 * its query and cookies split; then handle() runs once, on an epoll thread. It must not wait. It answers at once
 * (HTTP_ANSWERED), or hands the request on and answers later:
 *     http_work(q, fn)   fn runs on the pool of workers, may take its time, fills the answer (slow pages, password hashes)
 *     http_later(q)      somebody else will call http_resume(q) once the answer stands (the writer, after its commit),
 *                        or http_hand_on(q, fn): as http_work, for a request that waits already
 * Both suspend the connection; nothing but the arena and the answer may be touched by two threads at once.
 *
 * Every answer carries the strict headers of HTTP_CSP and its companions (http.c), and HSTS where the site is reached by
 * TLS. Answers are `Cache-Control: no-store` unless the answer says immutable or keep_s. Bodies of 1 KB and more are compressed for
 * those who take gzip (libdeflate level 1), unless they come with a compressed twin.
 *
 * Limits: connections, connections per address (not on loopback, where a proxy stands in front), idle seconds, seconds until a
 * head and until a request has come in whole (patience.h). What two programs could read differently is refused (strict.h).
 *
 * Memory has a bound. A request, its arena and its body buffers are recycled through a list of the server that keeps at most
 * 16 MB. A connection that has said nothing costs about 1 KB; one that has asked keeps HTTP_POOL_BYTES, and of those that wait
 * for their next request only the last HTTP_KEPT_MAX stay open (40 MB); one that sends its head slowly holds as much as it
 * sent, at most HTTP_POOL_BYTES, for HTTP_HEAD_MAX_S: 576 MB in the worst case that all HTTP_CONNECTIONS_MAX do so. Pools are
 * mapped, so that what a closed connection held is the system's again. Bodies at hand have HTTP_BODIES_MAX_BYTES together; one
 * that would pass it is answered 503. What else a server holds: the databases' caches, 16 MB of the writer's and 2 MB of each
 * thread's (engine_sqlite.c). bench/siege.py shows the curve.
 *
 * A stop: nothing new is accepted, a request that comes on a connection that stands is answered 503, those at hand finish;
 * heads and bodies that have not come whole after HTTP_STOP_MAX_S are cut off, answers that others make are waited for. */
#pragma once
#include "base/buf.h"
#include "net/form.h"

enum {
	HTTP_HEADER_MAX_BYTES = 16 << 10,
	HTTP_ADDRESS_MAX_BYTES = 4 << 10,
	/* libmicrohttpd's memory of a connection: headers in, headers out. Over 32 KB it maps them instead of malloc. */
	HTTP_POOL_BYTES = 36 << 10,
	HTTP_BODIES_MAX_BYTES = 256 << 20,
	HTTP_KEPT_MAX = 1000,
	HTTP_CONNECTIONS_MAX = 16000, /* fewer where the system gives fewer descriptors */
	HTTP_PER_ADDRESS_MAX = 100,
	HTTP_IDLE_MAX_S = 30,
	HTTP_HEAD_MAX_S = 10,   /* from the connection, or its last answer and idle time, to a whole head */
	HTTP_ARRIVE_MAX_S = 20, /* + 1 s for each 16 KB of body */
	HTTP_STOP_MAX_S = 10,
	HTTP_WAITING_MAX = 256, /* for a worker; over it the answer is 503 */
	HTTP_OUT_HEADERS_MAX = 12
};

enum http_method { HTTP_GET, HTTP_HEAD, HTTP_POST, HTTP_PUT, HTTP_PATCH, HTTP_DELETE, HTTP_OTHER };
enum http_result { HTTP_ANSWERED, HTTP_SUSPENDED };

struct http_server;

struct http_answer {
	int status;       /* 200 unless set */
	const char *type; /* text/html; charset=utf-8 unless set */
	struct buf body;
	str fixed, fixed_gzip; /* instead of body: bytes that outlive the server; gzip twin or empty */
	bool immutable;
	int keep_s; /* anybody may keep a good answer so long, then asks anew by its ETag (304); 0: no-store */
	struct pair headers[HTTP_OUT_HEADERS_MAX];
	size_t headers_n;
};

struct http {
	struct arena *a;
	enum http_method method;
	str path;       /* decoded, begins with '/', no "." or ".." component, no "//" */
	str query_text; /* as it came */
	struct pairs query, cookies;
	str body, body_type; /* of POST and the like; type as in the header */
	str address;         /* whom it comes from, as text: peer.h; IPv6 cut to its /64 */
	int64_t began_us;    /* monotonic, when the request line was read */
	struct http_answer out;
	struct http_server *server;
	void *user; /* config.user */
	void *mine; /* the handler's own, for http_work and http_later */
};

struct http_config {
	const char *listen;               /* "127.0.0.1:8080", "[::1]:8080"; port 0: any free one */
	const char *cert_file, *key_file; /* PEM; NULL: no TLS */
	bool behind_tls;         /* a proxy in front speaks TLS: HSTS and secure cookies as with our own */
	const char *proxies;     /* whose X-Forwarded-For is believed: "127.0.0.1,10.0.0.2"; NULL: nobody's */
	int threads, workers;    /* 0: as many as cores; 0: cores, at least 2 */
	size_t bodies_max_bytes; /* 0: HTTP_BODIES_MAX_BYTES */
	void *user;
	enum http_result (*handle)(void *user, struct http *q);
	/* How large the body of this request may be; 0 refuses any. Called before the body is read. */
	size_t (*body_max)(void *user, const struct http *q);
	/* Called after each answer and for trouble below requests (q NULL, text says what); from several threads. */
	void (*log)(void *user, const struct http *q, const char *text);
	/* Fill the page for an answer that the server gives by itself (400, 408, 413, 503); q->out.status is set. May be
	 * NULL: then application/problem+json. */
	void (*error_page)(void *user, struct http *q, const char *detail);
};

MUST_USE enum rc http_open(const struct http_config *c, struct http_server **out_server, struct err *err);
int http_port(const struct http_server *s);
bool http_is_loopback(const char *listen); /* 127.0.0.0/8, ::1 */
void http_close(struct http_server *s);    /* graceful: no new connections, requests at hand finish */

str http_header(const struct http *q, const char *name); /* {NULL,0} when absent */
/* The form of the body (urlencoded); RC_INVALID for another type. */
MUST_USE enum rc http_form(const struct http *q, struct pairs *out, struct err *err);

void http_work(struct http *q, void (*fn)(struct http *q));
void http_later(struct http *q);
void http_hand_on(struct http *q, void (*fn)(struct http *q));
void http_resume(struct http *q);

bool http_secure(const struct http *q);                             /* reached by TLS, ours or the proxy's */
void http_add(struct http *q, const char *name, const char *value); /* a header; value lives in the arena */
/* A session cookie: HttpOnly, SameSite=Lax, Path=/, Secure and __Host- where http_secure. max_age_s < 0: until the
 * browser closes; 0: forget it. */
void http_cookie_set(struct http *q, const char *name, str value, int max_age_s);
str http_cookie(const struct http *q, const char *name);  /* with the __Host- prefix where secure */
void http_redirect(struct http *q, const char *location); /* 303 */
/* RFC 9457: application/problem+json with type, title, status, detail. */
void http_problem(struct http *q, int status, const char *title, const char *detail);
const char *http_reason(int status); /* "Not Found" */
/* gzip of bytes at level 1..12 into b; for assets at start. */
void http_gzip(struct buf *b, str bytes, int level);
