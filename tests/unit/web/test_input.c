/* Addresses that come back out of a request: none leads off the site or breaks a header. */
#include "tests.h"
#include "web/route.h"

static void an_address_stays_on_the_site(void **state)
{
	(void)state;
	static const struct input in = {"next", INPUT_ADDRESS, 2000, false};
	static const char *const good[] = {
		"/", "/figures?org=37&period=2025", "/r/org/1#x", "/r/%E7%BB%84", "/r/组织"};
	static const char *const bad[] = {"//evil.example", "/\\evil.example", "/\t/evil.example", "\\/evil",
		"evil", "https://evil.example", "/x\r\nSet-Cookie: a=b", "/x\n", "/ x", "/x\x7f", "\t/x",
		"/x\\..\\y"};
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		assert_null(input_fault(&in, str_of(good[i])));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_non_null(input_fault(&in, str_of(bad[i])));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(an_address_stays_on_the_site)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
