/* http.c -- see http.h.
 *
 * The life of a request (libmicrohttpd 0.9.75):
 *   address_came   the request line stands: a struct call is taken from the free list, the raw address kept
 *   arrived        first call of the access handler, headers stand: body_max is asked; nothing is answered here, since
 *                  0.9.75 closes the connection after an answer on the first call -- except where that is wanted (413)
 *                  middle calls bring the body; the last (size 0) decodes the address and runs handle()
 *                  after a resume the same last call comes again: `ready` stands, the answer is sent
 *   completed      sent or broken: the call goes back to the free list */
#include "net/http.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/utf8.h"
#include "format/json.h"
#include "net/listen.h"
#include "net/patience.h"
#include "net/peer.h"
#include "net/press.h"
#include "net/strict.h"
#include <assert.h>
#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <strings.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum {
	FREE_MAX = 64,
	FREE_MAX_BYTES = 16 << 20, /* of all that lie in the free list */
	KEEP_BYTES = 256 << 10,    /* a larger buffer is not kept for the next request */
	GZIP_MIN_BYTES = 1024,
	SPARE_FILES = 256
};

struct call {
	struct http q; /* first: a struct http * is a struct call * */
	struct arena arena;
	struct buf body, zipped;
	struct MHD_Connection *connection;
	str raw; /* address as it came */
	size_t body_max;
	bool arrived, ready, refused;
	void (*work)(struct http *q);
	struct call *next;
};

struct http_server {
	struct http_config c;
	struct MHD_Daemon *daemon;
	int port;
	bool tls, loopback;
	pthread_mutex_t lock; /* free list, queue */
	pthread_cond_t some_work;
	struct call *free, *first, *last;
	int free_n, waiting_n, workers_n;
	size_t free_bytes;
	bool ending;
	pthread_t workers[64];
	struct presses *presses;
	struct patience *patience;
	struct peers proxies;
	atomic_int at_hand;   /* requests whose address has come */
	atomic_int suspended; /* of them, those whose answer somebody else makes */
	atomic_bool closing;
	atomic_size_t bodies; /* bytes of all bodies at hand */
	char *cert, *key;
};

static struct call *call_of(struct http *q)
{
	return (struct call *)(void *)q;
}

static void say(struct http_server *s, const struct http *q, const char *text)
{
	if (s->c.log)
		s->c.log(s->c.user, q, text);
}

/* ---- the free list ---- */

static size_t size_of(const struct call *c)
{
	return sizeof *c + c->arena.used_bytes + c->body.cap + c->zipped.cap + c->q.out.body.cap;
}

static struct call *call_take(struct http_server *s)
{
	pthread_mutex_lock(&s->lock);
	struct call *c = s->free;
	if (c) {
		s->free = c->next;
		s->free_n--;
		s->free_bytes -= size_of(c);
	}
	pthread_mutex_unlock(&s->lock);
	if (c == NULL)
		c = mem_resize(NULL, sizeof *c), memset(c, 0, sizeof *c);
	c->q.a = &c->arena;
	c->q.server = s;
	c->q.user = s->c.user;
	c->q.out.status = 200;
	c->q.out.type = "text/html; charset=utf-8";
	c->q.began_us = clock_mono_us();
	return c;
}

static void keep_small(struct buf *b, size_t max_bytes)
{
	if (b->cap > KEEP_BYTES)
		buf_done(b);
	else
		buf_clear(b);
	b->max_bytes = max_bytes;
}

static void call_free(struct call *c)
{
	arena_done(&c->arena);
	buf_done(&c->body);
	buf_done(&c->zipped);
	buf_done(&c->q.out.body);
	mem_resize(c, 0);
}

static void call_give(struct http_server *s, struct call *c)
{
	struct arena arena = c->arena;
	struct buf body = c->body, zipped = c->zipped, out = c->q.out.body;
	arena_reset(&arena);
	keep_small(&body, 0);
	keep_small(&zipped, 0);
	keep_small(&out, 0);
	*c = (struct call){.arena = arena, .body = body, .zipped = zipped, .q.out.body = out};
	pthread_mutex_lock(&s->lock);
	bool keep = s->free_n < FREE_MAX && s->free_bytes + size_of(c) <= FREE_MAX_BYTES;
	if (keep) {
		c->next = s->free;
		s->free = c;
		s->free_n++;
		s->free_bytes += size_of(c);
	}
	pthread_mutex_unlock(&s->lock);
	if (!keep)
		call_free(c);
}

/* ---- answers ---- */

const char *http_reason(int status)
{
	return MHD_get_reason_phrase_for((unsigned)status);
}

bool http_secure(const struct http *q)
{
	return q->server->tls || q->server->c.behind_tls;
}

void http_add(struct http *q, const char *name, const char *value)
{
	assert(q->out.headers_n < HTTP_OUT_HEADERS_MAX);
	for (const char *p = value; *p; p++)
		assert((unsigned char)*p >= 0x20 || *p == '\t'); /* no header splitting: callers encode */
	q->out.headers[q->out.headers_n++] = (struct pair){str_of(name), str_of(value)};
}

str http_header(const struct http *q, const char *name)
{
	const struct call *c = (const struct call *)(const void *)q;
	const char *v = MHD_lookup_connection_value(c->connection, MHD_HEADER_KIND, name);
	return v ? str_of(v) : (str){NULL, 0};
}

static const char *cookie_name(const struct http *q, const char *name)
{
	return http_secure(q) ? arena_printf(q->a, "__Host-%s", name) : name;
}

str http_cookie(const struct http *q, const char *name)
{
	return pairs_get(&q->cookies, cookie_name(q, name));
}

void http_cookie_set(struct http *q, const char *name, str value, int max_age_s)
{
	const char *age = max_age_s < 0 ? "" : arena_printf(q->a, "; Max-Age=%d", max_age_s);
	http_add(q, "Set-Cookie",
		arena_printf(q->a, "%s=%.*s; Path=/; HttpOnly; SameSite=Lax%s%s", cookie_name(q, name),
			STR_ARG(value), age, http_secure(q) ? "; Secure" : ""));
}

void http_redirect(struct http *q, const char *location)
{
	q->out.status = MHD_HTTP_SEE_OTHER;
	http_add(q, "Location", location);
}

void http_problem(struct http *q, int status, const char *title, const char *detail)
{
	struct json j;
	buf_clear(&q->out.body);
	json_init(&j, &q->out.body);
	json_object(&j);
	json_put_cstr(&j, "type", "about:blank");
	json_put_cstr(&j, "title", title);
	json_put_i64(&j, "status", status);
	json_put_cstr(&j, "detail", detail);
	json_object_end(&j);
	q->out.status = status;
	q->out.type = "application/problem+json";
}

enum rc http_form(const struct http *q, struct pairs *out, struct err *err)
{
	if (!str_starts(q->body_type, STR("application/x-www-form-urlencoded")))
		return FAIL(err, RC_INVALID, "the body is not a form");
	return form_query(q->a, q->body, out, err);
}

static void refuse(struct call *c, int status, const char *detail)
{
	struct http_server *s = c->q.server;
	c->q.out.status = status;
	c->ready = true;
	if (s->c.error_page)
		s->c.error_page(s->c.user, &c->q, detail);
	else
		http_problem(&c->q, status, http_reason(status), detail);
	c->q.out.status = status;
}

/* ---- answers on their way out ---- */

static bool takes_gzip(const struct http *q)
{
	str accepts = http_header(q, "Accept-Encoding");
	size_t at = str_find(accepts, STR("gzip"));
	return at != SIZE_MAX && !str_starts(str_from(accepts, at), STR("gzip;q=0"));
}

static bool worth_zipping(const struct http_answer *o)
{
	str type = str_of(o->type);
	return o->body.n >= GZIP_MIN_BYTES &&
	       (str_starts(type, STR("text/")) || str_find(type, STR("json")) != SIZE_MAX ||
		       str_starts(type, STR("image/svg")));
}

/* What every answer carries. frame-ancestors, nosniff and no-referrer besides the content policy. */
#define HTTP_CSP \
	"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src " \
	"'self'; " \
	"form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

static const struct {
	const char *name, *value;
} strict[] = {
	{"Content-Security-Policy", HTTP_CSP},
	{"X-Content-Type-Options", "nosniff"},
	{"Referrer-Policy", "same-origin"},
	{"Cross-Origin-Opener-Policy", "same-origin"},
	{"Cross-Origin-Resource-Policy", "same-origin"},
	{"Permissions-Policy", "camera=(), geolocation=(), microphone=()"},
};

/* May it be kept? Then under which tag. A cookie on its way to one reader is for nobody else. */
static const char *etag_of(const struct http *q)
{
	const struct http_answer *o = &q->out;
	if (o->keep_s <= 0 || o->status != MHD_HTTP_OK)
		return NULL;
	for (size_t i = 0; i < o->headers_n; i++)
		if (str_is(o->headers[i].name, "Set-Cookie"))
			return NULL;
	struct hash h = hash_sha256(o->fixed.n ? o->fixed : buf_str(&o->body));
	return arena_printf(q->a, "W/\"%.*s\"", STR_ARG(hex_str(q->a, h.b, 8)));
}

static void keeping(const struct http *q, struct MHD_Response *r, const char *etag, bool vary)
{
	if (vary || etag)
		MHD_add_response_header(
			r, "Vary", etag ? "Accept-Encoding, Accept-Language, Cookie" : "Accept-Encoding");
	const char *keep = q->out.immutable ? "public, max-age=31536000, immutable" : "no-store";
	if (etag) {
		keep = arena_printf(q->a, "public, max-age=%d", q->out.keep_s);
		MHD_add_response_header(r, "ETag", etag);
	}
	MHD_add_response_header(r, "Cache-Control", keep);
}

static enum MHD_Result answer(struct call *c)
{
	struct http *q = &c->q;
	struct http_answer *o = &q->out;
	bool vary = o->fixed_gzip.n > 0 || worth_zipping(o), gzip = vary && takes_gzip(q);
	if (!buf_ok(&o->body))
		refuse(c, MHD_HTTP_INTERNAL_SERVER_ERROR, tr("the answer is too large"));
	str bytes = o->fixed.n ? o->fixed : buf_str(&o->body);
	if (gzip && o->fixed_gzip.n) {
		bytes = o->fixed_gzip;
	} else if (gzip) {
		presses_zip(q->server->presses, &c->zipped, bytes);
		gzip = c->zipped.n > 0;
		bytes = gzip ? buf_str(&c->zipped) : bytes;
	}
	const char *etag = etag_of(q);
	if (etag && str_find(http_header(q, "If-None-Match"), str_of(etag)) != SIZE_MAX) {
		o->status = MHD_HTTP_NOT_MODIFIED;
		bytes = (str){NULL, 0};
		gzip = false;
	}
	struct MHD_Response *r =
		MHD_create_response_from_buffer(bytes.n, (void *)(uintptr_t)bytes.p, MHD_RESPMEM_PERSISTENT);
	if (r == NULL)
		return MHD_NO;
	if (bytes.n > 0)
		MHD_add_response_header(r, "Content-Type", o->type);
	if (gzip)
		MHD_add_response_header(r, "Content-Encoding", "gzip");
	keeping(q, r, etag, vary);
	if (atomic_load(&q->server->closing))
		MHD_add_response_header(r, "Connection", "close");
	for (size_t i = 0; i < sizeof strict / sizeof *strict; i++)
		MHD_add_response_header(r, strict[i].name, strict[i].value);
	if (http_secure(q))
		MHD_add_response_header(
			r, "Strict-Transport-Security", "max-age=31536000; includeSubDomains");
	for (size_t i = 0; i < o->headers_n; i++)
		MHD_add_response_header(r, o->headers[i].name.p, o->headers[i].value.p);
	enum MHD_Result done = MHD_queue_response(c->connection, (unsigned)o->status, r);
	MHD_destroy_response(r);
	return done;
}

/* ---- suspending ---- */

void http_later(struct http *q)
{
	atomic_fetch_add(&q->server->suspended, 1);
	MHD_suspend_connection(call_of(q)->connection);
}

void http_resume(struct http *q)
{
	struct http_server *s = q->server;
	call_of(q)->ready = true;
	MHD_resume_connection(call_of(q)->connection); /* from here on q may be gone */
	atomic_fetch_sub(&s->suspended, 1);
}

void http_work(struct http *q, void (*fn)(struct http *q))
{
	http_later(q);
	http_hand_on(q, fn);
}

void http_hand_on(struct http *q, void (*fn)(struct http *q))
{
	struct http_server *s = q->server;
	struct call *c = call_of(q);
	c->work = fn;
	c->next = NULL;
	pthread_mutex_lock(&s->lock);
	bool full = s->waiting_n >= HTTP_WAITING_MAX;
	if (!full) {
		if (s->last)
			s->last->next = c;
		else
			s->first = c;
		s->last = c;
		s->waiting_n++;
		pthread_cond_signal(&s->some_work);
	}
	pthread_mutex_unlock(&s->lock);
	if (full) {
		refuse(c, MHD_HTTP_SERVICE_UNAVAILABLE,
			tr("too many people are waiting; try again in a minute"));
		http_resume(q);
	}
}

static void *worker(void *arg)
{
	struct http_server *s = arg;
	for (;;) {
		pthread_mutex_lock(&s->lock);
		while (s->first == NULL && !s->ending)
			pthread_cond_wait(&s->some_work, &s->lock);
		struct call *c = s->first;
		if (c) {
			s->first = c->next;
			if (s->first == NULL)
				s->last = NULL;
			s->waiting_n--;
		}
		pthread_mutex_unlock(&s->lock);
		if (c == NULL)
			return NULL;
		c->work(&c->q);
		http_resume(&c->q);
	}
}

/* ---- requests ---- */

/* libmicrohttpd would decode %00 into an end of text; we decode ourselves. */
static size_t leave_as_is(void *user, struct MHD_Connection *c, char *text)
{
	(void)user;
	(void)c;
	return strlen(text);
}

static void *address_came(void *user, const char *uri, struct MHD_Connection *connection)
{
	struct http_server *s = user;
	struct call *c = call_take(s);
	c->connection = connection;
	c->raw = arena_str(&c->arena, str_of(uri));
	atomic_fetch_add(&s->at_hand, 1);
	return c;
}

static void completed(
	void *user, struct MHD_Connection *connection, void **state, enum MHD_RequestTerminationCode how)
{
	struct http_server *s = user;
	struct call *c = *state;
	(void)how;
	if (c == NULL)
		return;
	*state = NULL;
	if (c->arrived)
		say(s, &c->q, NULL);
	patience_answered(s->patience, connection);
	atomic_fetch_sub(&s->bodies, c->body.n);
	call_give(s, c);
	atomic_fetch_sub(&s->at_hand, 1);
}

static enum http_method method_of(const char *m)
{
	static const char *const names[] = {[HTTP_GET] = "GET",
		[HTTP_HEAD] = "HEAD",
		[HTTP_POST] = "POST",
		[HTTP_PUT] = "PUT",
		[HTTP_PATCH] = "PATCH",
		[HTTP_DELETE] = "DELETE"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(names[i], m) == 0)
			return (enum http_method)i;
	return HTTP_OTHER;
}

/* A path that means one thing only: nothing empty, no dots alone, no backslash. */
static bool path_is_plain(str path)
{
	if (path.n == 0 || path.p[0] != '/')
		return false;
	str rest = str_from(path, 1);
	while (rest.n > 0) {
		bool last = str_find_byte(rest, '/') == SIZE_MAX;
		str part = str_cut(rest, '/', &rest);
		if ((part.n == 0 && !last) || str_is(part, ".") || str_is(part, ".."))
			return false;
		if (str_find_byte(part, '\\') != SIZE_MAX)
			return false;
		for (size_t i = 0; i < part.n; i++)
			if ((unsigned char)part.p[i] < 0x20 || part.p[i] == 0x7f)
				return false;
	}
	return true;
}

/* A proxy may add a line of its own below those that came: together they are one list, in order. */
static enum MHD_Result forwarded_line(
	void *user, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct buf *b = user;
	(void)kind;
	if (value && strcasecmp(name, "X-Forwarded-For") == 0)
		buf_printf(b, "%s%s", b->n ? "," : "", value);
	return MHD_YES;
}

static void peer_address(struct call *c)
{
	const union MHD_ConnectionInfo *i =
		MHD_get_connection_info(c->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	const struct peers *proxies = &c->q.server->proxies;
	struct buf list = {0};
	if (proxies->n)
		MHD_get_connection_values(c->connection, MHD_HEADER_KIND, forwarded_line, &list);
	c->q.address = peer_of(&c->arena, proxies, i ? i->client_addr : NULL, buf_str(&list));
	buf_done(&list);
}

/* Headers stand: decode the address, ask how large a body may be. */
static void arrive(struct call *c, const char *method, const char *version)
{
	struct http *q = &c->q;
	struct err err;
	const char *why;
	str path = str_cut(c->raw, '?', &q->query_text);
	const char *type = MHD_lookup_connection_value(c->connection, MHD_HEADER_KIND, "Content-Type");
	const char *cookies = MHD_lookup_connection_value(c->connection, MHD_HEADER_KIND, "Cookie");
	const char *length = MHD_lookup_connection_value(c->connection, MHD_HEADER_KIND, "Content-Length");
	c->arrived = true;
	q->method = method_of(method);
	q->path = STR("/");
	q->body_type = str_of(type);
	peer_address(c);
	patience_asked(c->q.server->patience, c->connection);
	int status = strict_head(c->connection, c->raw, method, version, &why);
	if (status) { /* answered on the first call: the connection closes */
		refuse(c, status, tr(why));
		c->refused = true;
		return;
	}
	if (c->raw.n > HTTP_ADDRESS_MAX_BYTES) {
		refuse(c, MHD_HTTP_URI_TOO_LONG, tr("the address is too long"));
		return;
	}
	if (form_decode(q->a, path, false, &q->path, &err) != RC_OK || !path_is_plain(q->path) ||
		form_query(q->a, q->query_text, &q->query, &err) != RC_OK) {
		refuse(c, MHD_HTTP_BAD_REQUEST, tr("the address is broken"));
		return;
	}
	if (cookies)
		q->cookies = form_cookies(q->a, str_of(cookies));
	c->body_max = q->server->c.body_max ? q->server->c.body_max(q->user, q) : 0;
	buf_clear(&c->body);
	c->body.max_bytes = c->body_max ? c->body_max : 1;
	int64_t n = 0;
	if (length && (!str_i64(str_of(length), &n) || n < 0 || (uint64_t)n > c->body_max)) {
		refuse(c, MHD_HTTP_CONTENT_TOO_LARGE, tr("more was sent than this page takes"));
		c->refused =
			true; /* answered on the first call: the connection closes, the body is not read */
	}
}

/* A piece of the body; what passes a limit is refused, and the rest of it read past. */
static void body_came(struct http_server *s, struct call *c, str piece)
{
	if (c->ready)
		return;
	if (c->body_max == 0 || c->body.n + piece.n > c->body_max) {
		refuse(c, MHD_HTTP_CONTENT_TOO_LARGE, tr("more was sent than this page takes"));
	} else if (atomic_fetch_add(&s->bodies, piece.n) + piece.n > s->c.bodies_max_bytes) {
		atomic_fetch_sub(&s->bodies, piece.n);
		refuse(c, MHD_HTTP_SERVICE_UNAVAILABLE,
			tr("too many people are waiting; try again in a minute"));
	} else {
		buf_add(&c->body, piece);
	}
}

static bool too_slow(const struct call *c)
{
	int64_t s = (clock_mono_us() - c->q.began_us) / 1000000;
	return s > HTTP_ARRIVE_MAX_S + (int64_t)(c->body.n >> 14);
}

static enum MHD_Result access_came(void *user, struct MHD_Connection *connection, const char *url,
	const char *method, const char *version, const char *data, size_t *data_n, void **state)
{
	struct http_server *s = user;
	struct call *c = *state;
	(void)connection;
	(void)url;
	if (!c->arrived) {
		arrive(c, method, version);
		return c->refused ? answer(c) : MHD_YES;
	}
	if (*data_n > 0) {
		body_came(s, c, (str){data, *data_n});
		if (too_slow(c))
			return MHD_NO;
		*data_n = 0;
		return MHD_YES;
	}
	if (!c->ready && too_slow(c))
		refuse(c, MHD_HTTP_REQUEST_TIMEOUT, tr("the request took too long to arrive"));
	if (!c->ready && atomic_load(&s->closing))
		refuse(c, MHD_HTTP_SERVICE_UNAVAILABLE,
			tr("the server is being stopped; try again in a minute"));
	if (!c->ready) {
		c->q.body = buf_str(&c->body);
		if (s->c.handle(s->c.user, &c->q) == HTTP_SUSPENDED)
			return MHD_YES;
		c->ready = true;
	}
	return answer(c);
}

static void mhd_says(void *user, const char *format, va_list args) PRINTF_LIKE(2, 0);
static void mhd_says(void *user, const char *format, va_list args)
{
	char text[512];
	vsnprintf(text, sizeof text, format, args);
	text[strcspn(text, "\n")] = 0;
	say(user, NULL, text);
}

/* ---- opening and closing ---- */

static void server_free(struct http_server *s)
{
	for (struct call *c = s->free, *next; c; c = next) {
		next = c->next;
		call_free(c);
	}
	presses_free(s->presses);
	patience_free(s->patience);
	pthread_mutex_destroy(&s->lock);
	pthread_cond_destroy(&s->some_work);
	mem_resize(s->cert, 0);
	mem_resize(s->key, 0);
	mem_resize(s, 0);
}

static void workers_end(struct http_server *s)
{
	pthread_mutex_lock(&s->lock);
	s->ending = true;
	pthread_cond_broadcast(&s->some_work);
	pthread_mutex_unlock(&s->lock);
	for (int i = 0; i < s->workers_n; i++)
		pthread_join(s->workers[i], NULL);
	s->workers_n = 0;
}

/* As many as the system gives us descriptors for, less what files and databases need. */
static unsigned connections_max(void)
{
	struct rlimit files;
	if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < files.rlim_max) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur >= HTTP_CONNECTIONS_MAX + SPARE_FILES)
		return HTTP_CONNECTIONS_MAX;
	return files.rlim_cur > 2 * SPARE_FILES ? (unsigned)files.rlim_cur - SPARE_FILES : SPARE_FILES;
}

static struct MHD_Daemon *daemon_start(struct http_server *s, const struct listen_at *w, int threads)
{
	unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG |
			 (w->ip6 ? MHD_USE_IPv6 : 0) | (s->tls ? MHD_USE_TLS : 0);
	struct MHD_OptionItem tls[] = {{MHD_OPTION_HTTPS_MEM_KEY, 0, s->key},
		{MHD_OPTION_HTTPS_MEM_CERT, 0, s->cert},
		{MHD_OPTION_HTTPS_PRIORITIES, 0,
			(void *)(uintptr_t) "NORMAL:-VERS-TLS1.0:-VERS-TLS1.1:%SERVER_PRECEDENCE"},
		{MHD_OPTION_END, 0, NULL}};
	struct MHD_OptionItem none[] = {{MHD_OPTION_END, 0, NULL}};
	return MHD_start_daemon(flags, 0, NULL, NULL, access_came, s, MHD_OPTION_EXTERNAL_LOGGER, mhd_says, s,
		MHD_OPTION_SOCK_ADDR, &w->at, MHD_OPTION_THREAD_POOL_SIZE,
		threads > 1 ? (unsigned)threads : 0u, MHD_OPTION_CONNECTION_LIMIT, connections_max(),
		MHD_OPTION_PER_IP_CONNECTION_LIMIT, w->loopback ? 0u : (unsigned)HTTP_PER_ADDRESS_MAX,
		MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)HTTP_IDLE_MAX_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
		(size_t)HTTP_POOL_BYTES, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_LISTENING_ADDRESS_REUSE,
		1u, MHD_OPTION_UNESCAPE_CALLBACK, leave_as_is, NULL, MHD_OPTION_URI_LOG_CALLBACK,
		address_came, s, MHD_OPTION_NOTIFY_CONNECTION, patience_connection, s->patience,
		MHD_OPTION_NOTIFY_COMPLETED, completed, s, MHD_OPTION_ARRAY, s->tls ? tls : none,
		MHD_OPTION_END);
}

enum rc http_open(const struct http_config *config, struct http_server **out_server, struct err *err)
{
	struct listen_at w;
	if (!listen_parse(config->listen, &w))
		return FAIL(err, RC_INVALID, "“%s” is not an address to listen on, such as 127.0.0.1:8080",
			config->listen);
	struct peers proxies;
	TRY(peers_parse(config->proxies, &proxies, err));
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	int threads = config->threads ? config->threads : cores > 0 ? (int)cores : 1;
	int workers = config->workers ? config->workers : cores > 2 ? (int)cores : 2;
	struct http_server *s = mem_resize(NULL, sizeof *s);
	memset(s, 0, sizeof *s);
	s->c = *config;
	if (s->c.bodies_max_bytes == 0)
		s->c.bodies_max_bytes = HTTP_BODIES_MAX_BYTES;
	s->loopback = w.loopback;
	s->proxies = proxies;
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->some_work, NULL);
	s->presses = presses_new();
	s->patience = patience_new();
	if (config->cert_file) {
		enum rc rc = listen_file(config->cert_file, &s->cert, err);
		if (rc == RC_OK)
			rc = listen_file(config->key_file, &s->key, err);
		if (rc != RC_OK) {
			server_free(s);
			return rc;
		}
		s->tls = true;
	}
	for (int i = 0; i < workers && i < 64; i++)
		if (pthread_create(&s->workers[s->workers_n], NULL, worker, s) == 0)
			s->workers_n++;
	if (s->workers_n > 0)
		s->daemon = daemon_start(s, &w, threads);
	if (s->daemon == NULL) {
		workers_end(s);
		server_free(s);
		return FAIL(err, RC_IO,
			"the server cannot listen on %s: is the port taken, or a certificate broken?",
			config->listen);
	}
	const union MHD_DaemonInfo *info = MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_BIND_PORT);
	s->port = info ? info->port : 0;
	*out_server = s;
	return RC_OK;
}

int http_port(const struct http_server *s)
{
	return s->port;
}

void http_close(struct http_server *s)
{
	if (s == NULL)
		return;
	MHD_socket listening = MHD_quiesce_daemon(s->daemon);
	if (listening != MHD_INVALID_SOCKET)
		close(listening);
	/* A request counts as at hand before it looks at `closing`: either we wait for it, or it is refused. */
	atomic_store(&s->closing, true);
	for (int i = 0; i < HTTP_STOP_MAX_S * 100 && atomic_load(&s->at_hand) > 0; i++)
		clock_sleep_us(10000);
	/* libmicrohttpd ends the process when it is stopped over a suspended connection. */
	while (atomic_load(&s->suspended) > 0)
		clock_sleep_us(1000);
	workers_end(s);
	MHD_stop_daemon(s->daemon);
	server_free(s);
}
