/* The server over a real socket on loopback: what programs and browsers send, and what attackers do. */
#include "net/http.h"
#include "tests.h"
#include <arpa/inet.h>
#include <libdeflate.h>
#include <pthread.h>
#include <sys/socket.h>

static struct arena arena;
static struct err err;
static struct http_server *server;

static void slowly(struct http *q)
{
	buf_puts(&q->out.body, "slow and well");
}

static void *from_elsewhere(void *arg)
{
	struct http *q = arg;
	usleep(20000);
	buf_puts(&q->out.body, "from elsewhere");
	http_resume(q);
	return NULL;
}

static enum http_result handle(void *user, struct http *q)
{
	struct err e;
	(void)user;
	if (str_is(q->path, "/work")) {
		http_work(q, slowly);
		return HTTP_SUSPENDED;
	}
	if (str_is(q->path, "/later")) {
		pthread_t t;
		http_later(q);
		pthread_create(&t, NULL, from_elsewhere, q);
		pthread_detach(t);
		return HTTP_SUSPENDED;
	}
	if (str_is(q->path, "/big"))
		for (int i = 0; i < 1000; i++)
			buf_puts(&q->out.body, "0123456789");
	else if (str_is(q->path, "/form")) {
		struct pairs p;
		if (http_form(q, &p, &e) == RC_OK)
			buf_printf(&q->out.body, "a=%.*s", STR_ARG(pairs_get(&p, "a")));
		else
			http_problem(q, 415, "type", e.text);
	} else if (str_is(q->path, "/cookie")) {
		http_cookie_set(q, "sid", STR("abc"), -1);
		buf_printf(&q->out.body, "had %.*s", STR_ARG(http_cookie(q, "sid")));
	} else {
		buf_printf(&q->out.body, "path %.*s a=%.*s", STR_ARG(q->path),
			STR_ARG(pairs_get(&q->query, "a")));
	}
	return HTTP_ANSWERED;
}

static size_t body_max(void *user, const struct http *q)
{
	(void)user;
	return q->method == HTTP_POST ? 1000 : 0;
}

static int start(void **state)
{
	(void)state;
	struct http_config c = {.listen = "127.0.0.1:0",
		.threads = 2,
		.workers = 2,
		.bodies_max_bytes = 2000,
		.handle = handle,
		.body_max = body_max};
	return http_open(&c, &server, &err) == RC_OK ? 0 : -1;
}

static int stop(void **state)
{
	(void)state;
	http_close(server);
	arena_done(&arena);
	return 0;
}

static int dial(void)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)http_port(server))};
	inet_pton(AF_INET, "127.0.0.1", &at.sin_addr);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof at), 0);
	struct timeval wait = {.tv_sec = 5};
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
	return fd;
}

/* One answer: headers up to the empty line, then Content-Length bytes. Empty where the server hung up. */
static str receive(int fd)
{
	char *text = arena_alloc(&arena, 1 << 16);
	size_t n = 0, want = SIZE_MAX;
	while (n < want && n < (1 << 16) - 1) {
		ssize_t got = recv(fd, text + n, (1 << 16) - 1 - n, 0);
		if (got <= 0)
			break;
		n += (size_t)got;
		size_t end = str_find((str){text, n}, STR("\r\n\r\n"));
		const char *length = strstr(text, "Content-Length: ");
		if (end != SIZE_MAX && length)
			want = end + 4 + strtoul(length + 16, NULL, 10);
	}
	return (str){text, n};
}

static str ask_on(int fd, const char *request)
{
	assert_int_equal(send(fd, request, strlen(request), MSG_NOSIGNAL), strlen(request));
	return receive(fd);
}

static str ask(const char *request)
{
	int fd = dial();
	str answer = ask_on(fd, request);
	close(fd);
	return answer;
}

static bool holds(str s, const char *what)
{
	return str_find(s, str_of(what)) != SIZE_MAX;
}

#define GET(path) "GET " path " HTTP/1.1\r\nHost: x\r\n\r\n"

static void a_connection_serves_many_requests(void **state)
{
	(void)state;
	int fd = dial();
	for (int i = 0; i < 5; i++) {
		str s = ask_on(fd, GET("/r/%E9%9D%92?a=1%202"));
		assert_true(str_starts(s, STR("HTTP/1.1 200")));
		assert_true(holds(s, "path /r/青 a=1 2"));
		assert_false(holds(s, "Connection: close"));
	}
	close(fd);
}

static void every_answer_carries_the_strict_headers(void **state)
{
	(void)state;
	static const char *const asked[] = {GET("/"), GET("/%00"), GET("/a//b"),
		"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n"};
	for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
		str s = ask(asked[i]);
		assert_true(holds(s, "Content-Security-Policy: default-src 'none'"));
		assert_true(holds(s, "X-Content-Type-Options: nosniff"));
		assert_true(holds(s, "Cache-Control: no-store"));
		assert_false(holds(s, "Strict-Transport-Security")); /* plain on loopback */
	}
}

static void slow_work_and_answers_from_elsewhere_arrive(void **state)
{
	(void)state;
	int fd = dial();
	for (int i = 0; i < 3; i++) {
		assert_true(holds(ask_on(fd, GET("/work")), "slow and well"));
		assert_true(holds(ask_on(fd, GET("/later")), "from elsewhere"));
	}
	close(fd);
}

static void many_connections_at_once(void **state)
{
	(void)state;
	int fds[40];
	for (int i = 0; i < 40; i++) {
		fds[i] = dial();
		const char *r = i % 2 ? GET("/work") : GET("/big");
		assert_int_equal(send(fds[i], r, strlen(r), MSG_NOSIGNAL), strlen(r));
	}
	for (int i = 0; i < 40; i++) {
		assert_true(str_starts(receive(fds[i]), STR("HTTP/1.1 200")));
		close(fds[i]);
	}
}

static void broken_requests_are_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {GET("/a/../b"), GET("/./a"), GET("/a//b"), GET("/%00"), GET("/%ff"),
		GET("/%2"), GET("/?a=%zz"), GET("/a%5cb"), GET("/a%0ab")};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (!str_starts(ask(bad[i]), STR("HTTP/1.1 400")))
			fail_msg("%s", bad[i]);
}

/* Framing that a proxy and we could read differently: refused or the connection ends, never a second request. */
static void smuggling_gets_no_second_answer(void **state)
{
	(void)state;
	static const char *const tricks[] = {
		"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: "
		"chunked\r\n\r\n0\r\n\r\n" GET("/second"),
		"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 40\r\n\r\nabc" GET(
			"/second"),
		"GET / HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n" GET("/second"),
		"GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n" GET("/second")};
	for (size_t i = 0; i < sizeof tricks / sizeof *tricks; i++) {
		int fd = dial();
		str first = ask_on(fd, tricks[i]);
		if (str_starts(first, STR("HTTP/1.1 200")) && holds(receive(fd), "/second"))
			fail_msg("trick %zu got two answers", i);
		close(fd);
	}
}

static void large_things_are_refused(void **state)
{
	(void)state;
	char *long_path = arena_alloc(&arena, 9000);
	memset(long_path, 'a', 8000);
	str s = ask(arena_printf(&arena, "GET /%s HTTP/1.1\r\nHost: x\r\n\r\n", long_path));
	assert_true(str_starts(s, STR("HTTP/1.1 414")));
	char *header = arena_alloc(&arena, 70000);
	memset(header, 'b', 60000);
	s = ask(arena_printf(&arena, "GET / HTTP/1.1\r\nHost: x\r\nX: %s\r\n\r\n", header));
	assert_false(str_starts(s, STR("HTTP/1.1 200")));
	assert_true(str_starts(
		ask("POST /form HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n"), STR("HTTP/1.1 413")));
	s = ask("POST /form HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\na=b\r\n0\r\n\r\n");
	assert_true(str_starts(s, STR("HTTP/1.1 411"))); /* no chunks, none of their tricks (strict.h) */
}

/* Whoever waits for the rest of a body holds its bytes: together they have a bound, and others are told so. */
static void bodies_at_hand_have_a_bound_together(void **state)
{
	(void)state;
	static const char begun[] = "POST /form HTTP/1.1\r\nHost: x\r\nContent-Type: "
				    "application/x-www-form-urlencoded\r\nContent-Length: 900\r\n\r\n";
	char body[901];
	int fds[2];
	memset(body, 'a', 900);
	body[900] = 0;
	body[1] = '=';
	str whole = arena_fmt(&arena, "%s%s", begun, body);
	for (int i = 0; i < 2; i++) { /* all but the last byte */
		fds[i] = dial();
		assert_int_equal(send(fds[i], whole.p, whole.n - 1, MSG_NOSIGNAL), whole.n - 1);
	}
	usleep(50000);
	assert_true(str_starts(ask(whole.p), STR("HTTP/1.1 503")));
	for (int i = 0; i < 2; i++) {
		assert_true(str_starts(ask_on(fds[i], "a"), STR("HTTP/1.1 200")));
		close(fds[i]);
	}
	for (int i = 0; i < 20; i++) /* what was held is given back */
		assert_true(str_starts(ask(whole.p), STR("HTTP/1.1 200")));
}

static size_t own_memory_kb(void)
{
	FILE *f = fopen("/proc/self/status", "r");
	char line[256];
	size_t kb = 0;
	while (fgets(line, sizeof line, f))
		if (sscanf(line, "RssAnon: %zu", &kb) == 1)
			break;
	fclose(f);
	return kb;
}

/* Two and a half times as many as may stay: the first are shut, the last stand, and memory is that of those that stand. */
static void of_those_that_wait_for_their_next_request_only_the_last_stay(void **state)
{
	(void)state;
	enum { N = HTTP_KEPT_MAX * 5 / 2 };
	int fds[N];
	char byte;
	size_t before = own_memory_kb();
	for (int i = 0; i < N; i++) {
		fds[i] = dial();
		assert_true(str_starts(ask_on(fds[i], GET("/")), STR("HTTP/1.1 200")));
		arena_reset(&arena);
	}
	usleep(20000);
	size_t grown = own_memory_kb() - before;
	/* An answer is on its way before the thread notes that it is: those of the other threads may come in between. */
	for (int i = 0; i < N - HTTP_KEPT_MAX - 8; i++)
		if (recv(fds[i], &byte, 1, 0) != 0)
			fail_msg("connection %d of %d stands", i, N);
	for (int i = N - HTTP_KEPT_MAX / 2; i < N; i++)
		assert_true(str_starts(ask_on(fds[i], GET("/work")), STR("HTTP/1.1 200")));
	for (int i = 0; i < N; i++)
		close(fds[i]);
#if !defined(__SANITIZE_ADDRESS__) /* its memory is many times ours */
	if (grown > (size_t)HTTP_KEPT_MAX * (HTTP_POOL_BYTES + 4096) >> 10)
		fail_msg("%zu KB for %d connections", grown, N);
#else
	(void)grown;
#endif
}

/* ---- a stop while people ask ---- */

static _Atomic bool hammering;

static void *hammer(void *arg)
{
	static const char *const requests[] = {GET("/work"), GET("/later")};
	const struct sockaddr_in *at = arg;
	char text[4096];
	while (hammering) {
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		struct timeval wait = {.tv_sec = 2};
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
		bool ok = connect(fd, (const struct sockaddr *)at, sizeof *at) == 0;
		for (int i = 0; ok; i++) {
			const char *r = requests[i % 7 == 0];
			ok = send(fd, r, strlen(r), MSG_NOSIGNAL) > 0 && recv(fd, text, sizeof text, 0) > 0;
		}
		close(fd);
		if (!ok)
			usleep(200);
	}
	return NULL;
}

static void a_stop_is_good_whatever_comes_meanwhile(void **state)
{
	(void)state;
	enum { STOPS = 20, THREADS = 6 };
	for (int i = 0; i < STOPS; i++) {
		pthread_t threads[THREADS];
		struct http_server *s;
		struct http_config c = {.listen = "127.0.0.1:0",
			.threads = 2,
			.workers = 2,
			.handle = handle,
			.body_max = body_max};
		assert_int_equal(http_open(&c, &s, &err), RC_OK);
		struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)http_port(s))};
		inet_pton(AF_INET, "127.0.0.1", &at.sin_addr);
		hammering = true;
		for (int k = 0; k < THREADS; k++)
			pthread_create(&threads[k], NULL, hammer, &at);
		usleep(10000);
		http_close(s);
		hammering = false;
		for (int k = 0; k < THREADS; k++)
			pthread_join(threads[k], NULL);
	}
}

static void a_form_is_read_and_cookies_come_back(void **state)
{
	(void)state;
	str s = ask("POST /form HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
		    "Content-Length: 13\r\n\r\na=%E9%9D%92+1");
	assert_true(holds(s, "a=青 1"));
	s = ask("POST /form HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 1\r\n\r\na");
	assert_true(str_starts(s, STR("HTTP/1.1 415")) && holds(s, "application/problem+json"));
	s = ask("GET /cookie HTTP/1.1\r\nHost: x\r\nCookie: a=b; sid=xyz\r\n\r\n");
	assert_true(holds(s, "had xyz"));
	assert_true(holds(s, "Set-Cookie: sid=abc; Path=/; HttpOnly; SameSite=Lax"));
}

static void gzip_for_those_who_take_it(void **state)
{
	(void)state;
	str s = ask("GET /big HTTP/1.1\r\nHost: x\r\nAccept-Encoding: br, gzip\r\n\r\n");
	assert_true(holds(s, "Content-Encoding: gzip") && holds(s, "Vary: Accept-Encoding"));
	str body = str_from(s, str_find(s, STR("\r\n\r\n")) + 4);
	char plain[10001];
	size_t n = 0;
	struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
	assert_int_equal(
		libdeflate_gzip_decompress(d, body.p, body.n, plain, sizeof plain, &n), LIBDEFLATE_SUCCESS);
	libdeflate_free_decompressor(d);
	assert_int_equal(n, 10000);
	assert_true(body.n < 1000);
	assert_false(holds(ask(GET("/big")), "Content-Encoding"));
	assert_true(holds(
		ask("HEAD /big HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"), "Content-Length: 10000"));
}

static void addresses_to_listen_on(void **state)
{
	(void)state;
	struct http_server *other = NULL;
	assert_true(http_is_loopback("127.0.0.1:80") && http_is_loopback("[::1]:80") &&
		    http_is_loopback("localhost:1"));
	assert_false(http_is_loopback("0.0.0.0:80") || http_is_loopback("[::]:80") ||
		     http_is_loopback("192.168.1.1:80"));
	struct http_config c = {.listen = "nowhere", .handle = handle};
	assert_int_equal(http_open(&c, &other, &err), RC_INVALID);
	c.listen = arena_printf(&arena, "127.0.0.1:%d", http_port(server));
	c.cert_file = c.key_file = "/nonexistent";
	assert_int_equal(http_open(&c, &other, &err), RC_INVALID);
	assert_null(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_connection_serves_many_requests),
		cmocka_unit_test(every_answer_carries_the_strict_headers),
		cmocka_unit_test(slow_work_and_answers_from_elsewhere_arrive),
		cmocka_unit_test(many_connections_at_once),
		cmocka_unit_test(broken_requests_are_refused),
		cmocka_unit_test(smuggling_gets_no_second_answer),
		cmocka_unit_test(large_things_are_refused),
		cmocka_unit_test(bodies_at_hand_have_a_bound_together),
		cmocka_unit_test(of_those_that_wait_for_their_next_request_only_the_last_stay),
		cmocka_unit_test(a_stop_is_good_whatever_comes_meanwhile),
		cmocka_unit_test(a_form_is_read_and_cookies_come_back),
		cmocka_unit_test(gzip_for_those_who_take_it),
		cmocka_unit_test(addresses_to_listen_on),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
