/* Whom a request comes from: what a proxy of ours says is believed, what a stranger says is not. */
#include "net/peer.h"
#include "tests.h"
#include <arpa/inet.h>

static struct arena arena;

static int done(void **state)
{
	(void)state;
	arena_done(&arena);
	return 0;
}

static void is(const char *proxies, const char *from, const char *forwarded, const char *want)
{
	struct peers p;
	struct err err;
	struct sockaddr_in v4 = {.sin_family = AF_INET};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
	bool six = strchr(from, ':') != NULL;
	assert_ok(peers_parse(proxies, &p, &err), &err);
	assert_int_equal(inet_pton(six ? AF_INET6 : AF_INET, from, six ? (void *)&v6.sin6_addr : (void *)&v4.sin_addr), 1);
	str got = peer_of(&arena, &p, six ? (struct sockaddr *)&v6 : (struct sockaddr *)&v4, str_of(forwarded));
	if (!str_is(got, want))
		fail_msg("%s behind [%s], “%s”: %.*s, wanted %s", from, proxies, forwarded, STR_ARG(got), want);
}

static void a_stranger_is_not_believed(void **state)
{
	(void)state;
	is("", "203.0.113.7", "192.0.2.1", "203.0.113.7");
	is("127.0.0.1", "203.0.113.7", "192.0.2.1", "203.0.113.7");
	is("", "127.0.0.1", "192.0.2.1", "127.0.0.1");
}

static void a_proxy_of_ours_is(void **state)
{
	(void)state;
	is("127.0.0.1", "127.0.0.1", "203.0.113.7", "203.0.113.7");
	is("127.0.0.1", "127.0.0.1", "", "127.0.0.1");
	is("127.0.0.1, ::1", "::1", "203.0.113.7:4711", "203.0.113.7");
	is("::1", "::1", "[2001:db8:1:2:3:4:5:6]:443", "2001:db8:1:2::");
	is("10.0.0.2", "::ffff:10.0.0.2", "203.0.113.7", "203.0.113.7");
}

static void what_a_client_wrote_itself_stands_too_far_left(void **state)
{
	(void)state;
	is("127.0.0.1", "127.0.0.1", "192.0.2.1, 203.0.113.7", "203.0.113.7");
	is("127.0.0.1,10.0.0.2", "127.0.0.1", "192.0.2.1, 203.0.113.7, 10.0.0.2", "203.0.113.7");
	is("127.0.0.1", "127.0.0.1", "127.0.0.1, 203.0.113.7", "203.0.113.7");
	is("127.0.0.1", "127.0.0.1", "192.0.2.1, <script>", "127.0.0.1");
	is("127.0.0.1,10.0.0.2", "127.0.0.1", "nobody, 10.0.0.2", "10.0.0.2");
	is("127.0.0.1", "127.0.0.1", ",,,", "127.0.0.1");
}

static void an_ipv6_address_is_cut_to_its_network(void **state)
{
	(void)state;
	is("", "2001:db8:1:2:3:4:5:6", "", "2001:db8:1:2::");
	assert_int_equal(peer_of(&arena, &(struct peers){0}, NULL, STR("")).n, 0);
}

static void what_is_no_address_is_named(void **state)
{
	(void)state;
	struct peers p;
	struct err err;
	assert_int_equal(peers_parse("127.0.0.1,proxy.local", &p, &err), RC_INVALID);
	assert_non_null(strstr(err.text, "proxy.local"));
	assert_int_equal(peers_parse("1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,"
				     "1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1",
				 &p, &err),
		RC_INVALID);
	assert_ok(peers_parse(NULL, &p, &err), &err);
	assert_int_equal(p.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stranger_is_not_believed),
		cmocka_unit_test(a_proxy_of_ours_is),
		cmocka_unit_test(what_a_client_wrote_itself_stands_too_far_left),
		cmocka_unit_test(an_ipv6_address_is_cut_to_its_network),
		cmocka_unit_test(what_is_no_address_is_named),
	};
	return cmocka_run_group_tests(tests, NULL, done);
}
